"""What a planner knows of a scenario: means and variances, lead-time records, costs; never the draws to come."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from restock.sim.model.arrays import World
from restock.sim.model.bounds import lead_tables
from restock.sim.model.distinct import distinct
from restock.sim.model.scenario import Scenario
from restock.sim.model.streams.streams import customers_ask
from restock.sim.model.streams.tables import recorded_variance, with_below
from restock.sim.planning.day_profiles import Profiles, day_profiles
from restock.sim.probability.law import Law
from restock.sim.read_only import read_only


@dataclass(frozen=True)
class Knowledge:
    """Arrays over cells, shape (items, sites); zero where an item is not stocked.

    `demand_mean` and `demand_variance` are per day, with the season and without events, which a planner adds by
    `factor_by_day` if he knows of them. For a site that serves others they are the sums over the
    sites below (independent, or correlated as `demand.correlation` says): what customers ask, not the lumpier orders
    that carry it up.

    >>> from restock.sim.planning.example import one_shop
    >>> known = one_shop().known
    >>> known.demand_mean.round(6).tolist(), known.lead_time_mean.tolist(), known.protection_interval(7).tolist()
    ([[5.0], [3.0]], [[2.0], [2.0]], [[8.0], [8.0]])
    """

    scenario: Scenario
    world: World

    def cell(self, i: int, n: int) -> str:
        """Words for a cell in a message."""
        return f"for item '{self.scenario.items[i].name}' at site '{self.scenario.sites[n].name}'"

    @property
    def stocked(self) -> np.ndarray:
        """Cells that exist, bool."""
        return self.scenario.stocked

    @property
    def tier(self) -> np.ndarray:
        """0 for sites that serve no other, 1 above them, ...; shape (sites,)."""
        return self.scenario.tier

    @property
    def demand_mean(self) -> np.ndarray:
        """Units per day."""
        return self.world.daily_rate

    @cached_property
    def demand_variance(self) -> np.ndarray:
        """Variance of one day's demand, swings of the season included."""
        world, demand = self.world, self.scenario.demand
        if demand.source == "fitted":
            out = world.own_variance
        else:
            played = slice(0, world.history_weeks * 7)
            by_day, drawn = world.history[:, played], 0.0
            if world.unseen.size:  # a record that is a sample: beside what swings by day, what is drawn of each
                drawn = world.table_variance[world.unseen[:, played]].mean(axis=1)
                by_day = by_day + world.table_mean[world.unseen[:, played]]
            per_row = by_day.var(axis=1) + drawn
            whole = np.where(world.history_row >= 0, per_row[world.history_row], 0.0)
            out = recorded_variance(self.scenario, whole)
        total = with_below(self.scenario, out)
        if demand.together:  # the deviations of sites that move as one add up, where independent variances do
            total = total + demand.correlation * (with_below(self.scenario, np.sqrt(out)) ** 2 - total)
        return read_only(total)

    @cached_property
    def asked(self) -> np.ndarray:
        """Cells at which customers ask, at the site or by a channel that it serves, bool."""
        return read_only(customers_ask(self.scenario))

    @property
    def profile_of(self) -> np.ndarray:
        """Row of `factor_by_day` and `promotion_by_day` that each cell follows; int32 (items, sites)."""
        return self._profiles.row_of

    @property
    def factor_by_day(self) -> np.ndarray:
        """Mean demand of each day of the run as a multiple of `demand_mean`, events included; (profiles, days).

        Mean demand of a cell on day t is demand_mean * factor_by_day[profile_of, t] (as declared).
        """
        return self._profiles.factor

    @property
    def promotion_by_day(self) -> np.ndarray:
        """The part of that factor that promotions make up, which are known in advance: 1 without; (profiles, days)."""
        return self._profiles.promotion

    @cached_property
    def _profiles(self) -> Profiles:
        return read_only(day_profiles(self.scenario, self.demand_mean))

    @property
    def lead_time_mean(self) -> np.ndarray:
        """Days from an evening's order to the morning it arrives, when the source has stock; days off counted in."""
        return read_only(np.where(self.stocked, self._lead_time(0, self.world.table_mean), 0.0))

    @property
    def lead_time_variance(self) -> np.ndarray:
        """Variance of the lead time, days squared."""
        return read_only(np.where(self.stocked, self._lead_time(1, self.world.table_variance), 0.0))

    def lead_time_within(self, share: float) -> np.ndarray:
        """Whole days within which so large a share of lead times lies, 1: all of them; int64 (items, sites).

        Where suppliers rest on some days, it is longer in proportion to the mean, rounded up.

        >>> from restock.sim.planning.example import one_shop
        >>> one_shop().known.lead_time_within(0.95).tolist()
        [[2], [2]]
        """
        laws: list[Law] = []

        def number(law: Law) -> int:
            laws.append(law)
            return len(laws) - 1

        law_of = lead_tables(self.scenario, number)
        within = np.array([_within(law, share) for law in laws])[law_of]
        if self.world.features.supply_risk.planned_lead.size:
            mean = np.array([law.moments[0] for law in laws])[law_of]
            within = np.ceil(within * self.lead_time_mean / mean - 1e-9)
        return read_only(np.where(self.stocked, within, 0).astype(np.int64))

    def _lead_time(self, moment: int, of_table: np.ndarray) -> np.ndarray:
        planned = self.world.features.supply_risk.planned_lead
        return planned[..., moment] if planned.size else of_table[self.world.lead_table]

    def protection_interval(self, review_period: np.ndarray | int) -> np.ndarray:
        """Days of demand that a level must cover on average: longest time between reviews - 1 + mean lead time."""
        return self.longest_review(review_period) - 1 + self.lead_time_mean

    def longest_review(self, review_period: np.ndarray | int) -> np.ndarray:
        """Most days between two reviews, given the period and the days on which the lane takes orders."""
        period = np.broadcast_to(np.asarray(review_period, dtype=np.int64), self.stocked.shape)
        pairs, place = distinct(period * 128 + self.world.order_days)
        longest = np.array([_longest_gap(pair // 128, pair % 128) for pair in pairs.tolist()], np.int32)
        return np.where(self.stocked, longest[place], 0)

    @cached_property
    def unit_cost(self) -> np.ndarray:
        """Money for a unit, shape (items, 1)."""
        return read_only(np.array([item.unit_cost for item in self.scenario.items])[:, None])

    @property
    def shelf_life(self) -> np.ndarray:
        """Days that a unit keeps after it came to a store, 0 for ever; shape (items, 1)."""
        return read_only(self.world.features.shelf_life.life[:, None])

    @property
    def express_lead_time(self) -> np.ndarray:
        """Days from an express order to the morning it arrives; 0 for cells of which a policy is asked for none."""
        found = self.world.features.second_source.lead_time
        return read_only(np.zeros(self.stocked.shape, np.int32)) if not found.size else found

    @property
    def express_premium(self) -> np.ndarray:
        """Money that a unit costs more at the second source, transport included; 0 where there is none."""
        of = self.world.features.second_source
        shape = self.stocked.shape
        return read_only((of.premium + of.per_unit) / 1e6 if of.used else np.zeros(shape))

    @property
    def express_ordering_cost(self) -> np.ndarray:
        """Money for an order line at the second source; of the cell's lane where there is none."""
        of = self.world.features.second_source
        return read_only(self.ordering_cost + of.per_line / 1e6) if of.used else self.ordering_cost

    @cached_property
    def ordering_cost(self) -> np.ndarray:
        """Money for an order line on the cell's lane."""
        per_lane = np.array([lane.ordering_cost for lane in self.scenario.lanes])
        return read_only(np.where(self.stocked, per_lane[self.scenario.lane_of], 0.0))


def _within(law: Law, share: float) -> int:
    """The least value that so large a share of draws does not exceed."""
    at_most = np.cumsum(law.pmf())
    return int((at_most >= share * at_most[-1] - 1e-12).argmax())


def _longest_gap(period: int, open_days: int) -> int:
    """Longest time between reviews that fall due every `period` days and wait for an open day."""
    if open_days == 0 or open_days == 127:
        return period
    last, wait, longest = None, 0, 0
    for day in range(7 * period + 28):
        if wait <= 0 and open_days >> (day % 7) & 1:
            longest = longest if last is None else max(longest, day - last)
            last, wait = day, period
        wait -= 1
    return longest
