"""Suppliers and lanes that fail, in the event engine."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.sim.engines.events.draws import day_indices
from restock.sim.engines.events.opening import which_state
from restock.sim.engines.events.site_steps import SiteSteps
from restock.sim.engines.events.stock import Stock
from restock.sim.features.supply_risk.nights import two_states
from restock.sim.features.supply_risk.settings import FILL, LANE_STATE, SUPPLIER_STATE, WINDOW, YIELD
from restock.sim.probability.guide_tables import quantiles
from restock.sim.probability.keyed_draws import LEAD_TIME, draw

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess


class RiskSteps(SiteSteps):
    """One site whose suppliers, or whose lanes, may fail."""

    def __init__(self, site: SiteProcess) -> None:
        super().__init__(site)
        self.of = self.world.features.supply_risk
        self.outside = bool(self.of.holds) and self.world.parent[self.n] < 0
        self.bad = {i: Counter[int]() for i in site.items}  # units that will be turned away, by the day they come
        self.last_arrival = dict.fromkeys(site.items, 0)
        if self.of.opening_bad.size:  # a run goes on
            first, r = self.world.opening_state.first_day, which_state(self.run)
            for i in site.items:
                units = self.of.opening_bad[i, self.n, r].tolist()
                self.bad[i].update({day: units[day % len(units)] for day in range(first, first + len(units))})
                self.last_arrival[i] = int(self.of.opening_last[i, self.n, r])

    @cached_property
    def nights(self) -> dict[int, np.ndarray]:
        """By supplier, whether it is down by its own chance on each night, from the first of the run."""
        of, out = self.of, {}
        for i in self.site.items:
            k = int(of.supplier[i, self.n])
            if k not in out:
                out[k] = self._states(i, (int(of.supplier_key[k]), 0, SUPPLIER_STATE), (of.fails[k], of.recovers[k]),
                                      of.opening_down)  # fmt: skip
        return out

    @cached_property
    def jams(self) -> dict[int, np.ndarray]:
        """By lane, whether it is congested on each night, from the first of the run."""
        of, out = self.of, {}
        for i in self.site.items:
            way = int(of.way[i, self.n])
            if way not in out:
                name = (int(self.world.site_key[self.n]), int(of.source_key[way]), LANE_STATE)
                out[way] = self._states(i, name, (of.begins[way], of.ends[way]), of.opening_congested)
        return out

    def _states(self, i: int, name: tuple[int, int, int], chances: tuple[int, int], opening: np.ndarray) -> np.ndarray:
        """The state of each night, from the first of the run, of what has these keys; that of the last night before."""
        first = self.world.opening_state.first_day
        days = np.arange(first, self.world.horizon)
        before = int(opening[i, self.n, which_state(self.run)]) if opening.size else 0
        uniform = draw(self.draws.seed, self.draws.replication, *name, day_indices(days))
        return two_states(uniform, int(chances[0]), int(chances[1]), first, before)

    def state(self, day: int, i: int) -> int:
        """1: the item's supplier is down by its own chance on a night."""
        return int(self.nights[int(self.of.supplier[i, self.n])][day - self.world.opening_state.first_day])

    def congested(self, day: int, i: int) -> int:
        """1: the lane that brings the item is congested on a night."""
        return int(self.jams[int(self.of.way[i, self.n])][day - self.world.opening_state.first_day])

    def down(self, day: int, i: int) -> bool:
        """Whether the item's supplier is down on a night, by its own chance or by an event."""
        return bool(self.state(day, i) or self.of.scheduled[self.of.supplier[i, self.n], day])

    def kept(self, day: int, i: int) -> dict[str, Any]:
        """The states of supplier and lane on the last night, and what is under way. What a supplier holds is owed."""
        out: dict[str, Any] = {"supplier_down": self.state(day - 1, i) if self.outside else 0}
        if self.of.terms:
            bad = np.zeros(self.of.slots, np.int64)
            for due, units in self.bad[i].items():
                bad[due % self.of.slots] += units
            out |= {"lane_congested": self.congested(day - 1, i), "last_arrival": self.last_arrival[i],
                    "bad_coming": bad}  # fmt: skip
        return out

    def is_taken(self, day: int, i: int) -> bool:
        """A supplier that refuses takes no orders while it is down."""
        refuses = self.outside and self.of.refuses[self.of.supplier[i, self.n]]
        return not (refuses and self.down(day, i))

    def reached(self, day: int) -> bool:
        """Nothing is sent to this site while the lane to it is closed."""
        return not (self.of.closes and self.of.site_closed[self.n, day])

    def sends(self, day: int, i: int, stock: Stock, ordered: int) -> int:
        """What the supplier owes leaves, tonight's order included, unless it is down or the lane is closed."""
        if not self.outside:
            return ordered
        stock.owed += ordered
        leaves, down = 0, self.down(day, i)
        if not (down or self.of.closed[self.of.way[i, self.n], day]):
            rest = ordered - self._filled(day, i, ordered)
            leaves = stock.owed - rest
            stock.owed = rest
            if rest and self.of.fill_cancels[self.of.supplier[i, self.n]]:
                stock.cancel(rest)
                self.note(day, i, "cancelled", rest, "evening")
        stock.book["held_days"] += stock.owed
        stock.book["supplier_down_nights"] += down
        stock.book["supplier_nights"] += 1
        self.note(day, i, "held by the supplier", stock.owed, "evening")
        return leaves

    def arrives(self, day: int, i: int, shipment: int, arrival: int) -> int:
        """After the lead time of the lane's state; on a delivery day, or where it is missed on the next; in order."""
        if not self.of.at_terms[i, self.n]:
            return arrival
        way = int(self.of.way[i, self.n])
        if self.congested(day, i):
            index = day_indices(np.array([day])) if self.world.lead_by_day else np.array([2 * shipment])
            draws = self.draws.uniform(i, self.n, LEAD_TIME, index)
            arrival = day + int(quantiles(self.world.tables, self.of.congested_table[way], draws)[0])
        k = int(self.of.supplier[i, self.n])
        arrival = self._window(way, int(self.of.nth[k, self.of.worked[k, day] + arrival - day]))
        if self.of.missed[way]:
            key, source = int(self.world.site_key[self.n]), int(self.of.source_key[way])
            index = day_indices(np.array([arrival]))
            u = int(draw(self.draws.seed, self.draws.replication, key, source, WINDOW, index)[0])
            if u < self.of.missed[way]:
                arrival = self._window(way, arrival + 1)
        if self.of.in_order[way]:
            self.last_arrival[i] = arrival = max(arrival, self.last_arrival[i])
        return arrival

    def _window(self, way: int, day: int) -> int:
        """The first day from a day on on which goods come."""
        return int(self.of.next_day[way, day])

    def good(self, i: int, shipment: int, quantity: int, arrival: int) -> int:
        """Of a shipment, the units that are good; the others will be turned away."""
        units = self._part(i, YIELD, shipment, quantity, self.of.good_points, self.of.good_shares,
                           int(self.of.good_of[i, self.n]))  # fmt: skip
        self.bad[i][arrival] += quantity - units
        return units

    def arrived(self, day: int, i: int, stock: Stock) -> None:
        """Bad units are off the order, and never received."""
        bad = self.bad[i].pop(day, 0)
        stock.reject(bad)
        self.note(day, i, "rejected", bad, "morning")

    def _filled(self, day: int, i: int, ordered: int) -> int:
        """What of tonight's order is shipped with it."""
        law = int(self.of.supplier[i, self.n])
        return self._part(i, FILL, day, ordered, self.of.fill_points, self.of.fill_shares, law)

    def _part(
        self, i: int, purpose: int, number: int, units: int, points: np.ndarray, shares: np.ndarray, law: int
    ) -> int:
        """A share of some units by a law: one half of a draw says which, the other rounds it."""
        which, rounds = self.draws.uniform(i, self.n, purpose, np.array([2 * number, 2 * number + 1])).tolist()
        return (units * int(shares[law, np.searchsorted(points[law], which, side="right")]) + rounds) >> 32
