"""From today's state forward: stock and service by class week by week, cells at risk, stock too many, and orders."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from restock.sim import statistics
from restock.sim.errors import require
from restock.sim.model.abc_classes import CLASSES, usage_classes
from restock.sim.planning.policy import Plan
from restock.sim.planning.prepared import Prepared
from restock.sim.run.executors import Executor
from restock.sim.run.item_days import each_item
from restock.sim.study.projection.cells import WEEK, CellsOfItem, OfItem, Spread
from restock.sim.study.projection.tonight import orders_now, todays_units

if TYPE_CHECKING:
    import pandas as pd

BANDS = {"low_90": 0.05, "low_50": 0.25, "median": 0.5, "high_50": 0.75, "high_90": 0.95}
STOCK, SERVICE = "stock_at_cost", "fill_rate"
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Projection:
    """A policy from today's state on, in many futures.

    Parameters
    ----------
    items : list of OfItem, those that are stocked somewhere
    now : ndarray of int, shape (items, sites)
        What the policy would order on today's state.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.model.opening.opening_state import OpeningState
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop(days=14, opening=OpeningState(np.array([[12], [1]])))
    >>> found = project(shop, shop.plan(BaseStock(base_stock_level=20)), "lean", 16, seed=1)
    >>> found.at_risk["item"].tolist()[0], found.orders[["item", "now"]].values.tolist()
    ('bread', [['milk', 8.0], ['bread', 19.0]])
    """

    prepared: Prepared
    plan: Plan
    label: str
    futures: int
    seed: int
    items: list[OfItem]
    now: np.ndarray

    @property
    def weeks(self) -> int:
        """Weeks projected."""
        world = self.prepared.world
        return (world.horizon - world.warm_up) // WEEK

    @property
    def today(self) -> datetime.date:
        """The first day."""
        scenario = self.prepared.scenario
        return scenario.start + datetime.timedelta(days=scenario.warm_up)

    @cached_property
    def classes(self) -> np.ndarray:
        """ABC class of each item, by usage value."""
        return usage_classes(self.prepared.scenario, self.prepared.world.daily_rate)

    @cached_property
    def fan(self) -> pd.DataFrame:
        """Stock at cost at the end of each week (week 0: today), and the fill rate of each week, by class and in all.

        Columns: measure, class, week, date (first day; of stock the last), low_90, low_50, median, high_50, high_90:
        quantiles of the futures, that 90% and 50% of them lie between.
        """
        import pandas as pd

        rows = []
        for name in (*[each for each in CLASSES if (self.classes == each).any()], "all"):
            stock, asked, met = self.of_class(name)
            for week in range(self.weeks + 1):
                last = self.today + datetime.timedelta(days=week * WEEK - 1)
                rows.append({"measure": STOCK, "class": name, "week": week, "date": last} | bands(stock[week]))
            for week in range(self.weeks):
                first = self.today + datetime.timedelta(days=week * WEEK)
                some = asked[week] > 0
                share = met[week][some] / asked[week][some]
                row = {"measure": SERVICE, "class": name, "week": week + 1, "date": first}
                rows.append(row | bands(share if len(share) else np.array([np.nan])))
        return pd.DataFrame(rows)

    def of_class(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Stock at cost (weeks and today, futures); units asked for and met at once (weeks, futures), of a class."""
        scenario = self.prepared.scenario
        shape = self.weeks, self.futures
        stock, asked, met = (np.zeros(shape) for _ in range(3))
        at_start = 0.0
        on_hand = todays_units(self.prepared.world, "on_hand").sum(axis=1)
        for of in self.items:
            if name in ("all", self.classes[of.item]):
                item = scenario.items[of.item]
                stock += of.stock * item.unit_cost
                asked += of.asked * item.counted_in
                met += of.met * item.counted_in
                at_start += float(on_hand[of.item]) * item.unit_cost
        return np.concatenate([np.full((1, self.futures), at_start), stock]), asked, met

    @cached_property
    def at_risk(self) -> pd.DataFrame:
        """Cells that may be short before their next delivery, most money at risk first.

        Columns: item, site, class, on_hand, on_order; chance of a shortage before the next delivery (chance_low,
        chance_high: its interval over futures); days_to_delivery on average, and chance_of_delivery within the
        weeks projected; lost_units until then and money_at_risk, margin and goodwill, with their intervals (nan where
        a site serves others: what it lacks they may sell from stock); chance_in_all of being short in these weeks.
        """
        import pandas as pd

        cells, rows = self.cells(), self.of_cells("short_before")
        frame = pd.DataFrame(cells | {"chance": rows / self.futures})
        low, high = statistics.share_interval(rows, self.futures, CONFIDENCE)
        frame = frame.assign(chance_low=low, chance_high=high)
        until, delivered = self._spread("until_delivery"), self.of_cells("delivered")
        frame = frame.assign(days_to_delivery=until.mean, chance_of_delivery=delivered / self.futures)
        buys, unit, money = lowest(self.prepared)[self._n], self._units(), self._worth()
        frame = frame.assign(**_interval("lost_units", self._spread("lost_before"), np.where(buys, unit, np.nan)))
        frame = frame.assign(**_interval("money_at_risk", self._spread("lost_before"), np.where(buys, money, np.nan)))
        frame = frame.assign(chance_in_all=self.of_cells("short") / self.futures)
        frame = frame[frame["chance"] > 0]
        order = np.lexsort((-frame["chance"], -frame["money_at_risk"].fillna(0)))
        return frame.iloc[order].reset_index(drop=True)

    @cached_property
    def excess(self) -> pd.DataFrame:
        """Stock of today that the weeks projected will not sell, most money first.

        Columns: item, site, class, on_hand, on_order; demand of these weeks (of the sites below, too); days_of_cover of
        what is on hand; excess_units and excess_money (at cost) of what is on hand, with their intervals; the same of
        what is on hand and on order (in_all).
        """
        import pandas as pd

        unit, cost = self._units(), self.cost()
        demand = self._spread("demand").mean
        days = self.weeks * WEEK
        cover = np.divide(self.of_today("on_hand") * days, demand, out=np.full(len(demand), np.inf), where=demand > 0)
        frame = pd.DataFrame(self.cells() | {"demand": demand * unit, "days_of_cover": cover})
        for name, field in (("excess", "left"), ("excess_in_all", "left_in_all")):
            for what, worth in (("units", unit), ("money", cost)):
                frame = frame.assign(**_interval(f"{name}_{what}", self._spread(field), worth))
        frame = frame[(frame["excess_units"] > 0) | (frame["excess_in_all_units"] > 0)]
        order = np.lexsort((-frame["excess_in_all_money"], -frame["excess_money"]))
        return frame.iloc[order].reset_index(drop=True)

    @cached_property
    def orders(self) -> pd.DataFrame:
        """What the policy orders: cells that order something, by where it comes from.

        Columns: source, site, item, class; now: on today's state as it stands, before today's customers; tonight, and
        week_1, week_2, ...: mean over futures, and low and high between which 80% of them lie. Week 1 begins today.
        """
        import pandas as pd

        scenario, unit = self.prepared.scenario, self._units()
        lanes = scenario.lane_of[self._i, self._n]
        cells = self.cells()
        frame = pd.DataFrame({
            "source": [scenario.lanes[lane].source for lane in lanes],
            **{name: cells[name] for name in ("site", "item", "class")},
            "now": self.now[self._i, self._n] * unit,
        })  # fmt: skip
        found = self._spread("ordered")
        for k, name in enumerate(["tonight", *(f"week_{week + 1}" for week in range(self.weeks))]):
            frame[name] = found.mean[:, k] * unit
            frame[f"{name}_low"], frame[f"{name}_high"] = found.low[:, k] * unit, found.high[:, k] * unit
        some = (frame["now"] > 0) | (found.mean > 0).any(axis=1)
        return frame[some].reset_index(drop=True)

    @cached_property
    def bought(self) -> np.ndarray:
        """Orders on suppliers at cost: tonight's, then those of each week; (1 + weeks, futures)."""
        items = self.prepared.scenario.items
        return np.asarray(sum(of.bought * items[of.item].unit_cost for of in self.items))

    @cached_property
    def _place(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each cell: where its item stands among `items`, the item, the site."""
        stocked = self.prepared.world.stocked
        found = [(k, of.item, n) for k, of in enumerate(self.items) for n in np.flatnonzero(stocked[of.item])]
        k, i, n = np.array(found, np.int64).reshape(-1, 3).T
        return k, i, n

    @property
    def _i(self) -> np.ndarray:
        return self._place[1]

    @property
    def _n(self) -> np.ndarray:
        return self._place[2]

    def of_cells(self, name: str) -> np.ndarray:
        """An array of each item, site by site, as one value of each cell."""
        k, _, n = self._place
        return np.stack([getattr(of, name) for of in self.items])[k, n]

    def _spread(self, name: str) -> Spread:
        k, _, n = self._place
        parts = zip(*(getattr(of, name) for of in self.items), strict=True)
        return Spread(*(np.stack(part)[k, n] for part in parts))

    def of_today(self, name: str) -> np.ndarray:
        """A figure of today's state of each cell, as items are counted."""
        return todays_units(self.prepared.world, name)[self._i, self._n]

    def _units(self) -> np.ndarray:
        return np.array([item.counted_in for item in self.prepared.scenario.items])[self._i]

    def cost(self) -> np.ndarray:
        """What a unit of each cell costs."""
        return np.array([item.unit_cost for item in self.prepared.scenario.items])[self._i]

    def _worth(self) -> np.ndarray:
        """Margin and goodwill of a unit not met at once, of the share of customers who do not wait."""
        goodwill = self.prepared.scenario.costs.goodwill_share
        of = [(item.unit_price * (1 + goodwill) - item.unit_cost) * (1 - item.backorder_share)
              for item in self.prepared.scenario.items]  # fmt: skip
        return np.array(of)[self._i]

    def cells(self) -> dict[str, np.ndarray]:
        """Item, site and class of each cell, its units on hand and on order today."""
        scenario, unit = self.prepared.scenario, self._units()
        return {
            "item": np.array([item.name for item in scenario.items], dtype=object)[self._i],
            "site": np.array([site.name for site in scenario.sites], dtype=object)[self._n],
            "class": self.classes[self._i].astype(object),
            "on_hand": self.of_today("on_hand") * unit,
            "on_order": self.of_today("on_order") * unit,
        }


def project(
    prepared: Prepared, plan: Plan, label: str, futures: int, seed: int, executor: Executor | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> Projection:  # fmt: skip
    """A policy from a scenario's opening state on; its measured days are those projected.

    Parameters
    ----------
    prepared : Prepared
        A scenario with a state; measuring starts on the day of it.
    futures : int
        Replications: the same draws as any run takes.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.model.opening.opening_state import OpeningState
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop(days=14, opening=OpeningState(np.array([[90], [1]])))
    >>> found = project(shop, shop.plan(BaseStock(base_stock_level=20)), "lean", 16, seed=1)
    >>> found.excess[["item", "excess_units"]].round(1).values.tolist()
    [['milk', 19.4]]
    """
    world = prepared.world
    words = "a projection tells orders by where they come from, and takes no second source; give sourcing.rule=single"
    require(not world.features.second_source.used, words)
    on_hand, on_order = (todays_units(world, name) for name in ("on_hand", "on_order"))
    t = statistics.t_quantile(CONFIDENCE, futures - 1)
    reduce = CellsOfItem(on_hand, on_order, lowest(prepared), prepared.scenario.parent < 0, t)
    items = list(each_item(prepared, plan, seed, futures, reduce, executor or Executor(), progress))
    return Projection(prepared, plan, label, futures, seed, items, orders_now(prepared, plan, seed))


def lowest(prepared: Prepared) -> np.ndarray:
    """Sites that serve no others, bool (sites,)."""
    return np.asarray(prepared.scenario.tier == 0)


def bands(futures: np.ndarray) -> dict[str, float]:
    """Quantiles of the futures by their names.

    >>> bands(np.arange(101.0))["high_90"]
    95.0
    """
    return dict(zip(BANDS, np.quantile(futures, list(BANDS.values())).tolist(), strict=True))


def _interval(name: str, spread: Spread, worth: np.ndarray) -> dict[str, np.ndarray]:
    """A mean and its interval, not below 0, times what a unit is worth."""
    low = np.maximum(spread.mean - spread.error, 0.0) * worth
    return {name: spread.mean * worth, f"{name}_low": low, f"{name}_high": (spread.mean + spread.error) * worth}
