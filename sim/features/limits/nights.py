"""Limits night by night, of one replication: what was to move, what moved, and whether the limit bound.

The kernel keeps sums over a run, by item. What happened on a night is read off the event engine as it runs.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.sim.engines.events.engine import Run
from restock.sim.features.limits.arrays import NONE
from restock.sim.planning.policy import View

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.engines.events.stock import Stock
    from restock.sim.planning.policy import Plan
    from restock.sim.planning.prepared import Prepared

MOVED, LEFT = "moved", "left"
WORDS = {"shipped to": MOVED, "left behind": LEFT, "left at the supplier": LEFT}  # of the log
WEEK = 7
LONGEST = 24  # characters of a name
SAID = {"supplier": "{} ships", "handling": "{} handles", "trucks": "trucks to {}", "space": "space of {}",
        "budget": "budget {}"}  # fmt: skip
TIMES = {"budget": "of its periods"}  # on which a limit bound, where these are not nights
COLUMNS = ("day", "kind", "limit", "asked", "moved", "capacity", "bound", "waited", "trucks", "truck_capacity")


class CountedRun(Run):
    """A replication in the event engine that adds up, night by night, what passes each limit.

    Its log holds one item alone where `only` is the number of one: that of a large chain would not fit into memory.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop()
    >>> run = CountedRun(shop, shop.plan(BaseStock(base_stock_level=20)), seed=1, replication=0, only=1).run()
    >>> {entry.item for entry in run.log}, len(limit_nights(run))  # nothing is limited
    ({'bread'}, 0)
    """

    def __init__(self, prepared: Prepared, plan: Plan, seed: int, replication: int, only: int | None = None) -> None:
        self.only = only
        self.of_orders: list[tuple[int, str, str, int, int, int]] = []  # limits on what is ordered, as they were noted
        self.volumes: Counter[tuple[int, int, int, str]] = Counter()  # by day, site, supplier's limit (-1: none), what
        super().__init__(prepared, plan, seed, replication, log=True)

    def note(self, day: int, phase: str, n: int, i: int, what: str, quantity: int, always: bool | None = None) -> None:
        if what in WORDS:
            of = self.prepared.world.features.limits
            self.volumes[day, n, int(of.supplier[i, n]), WORDS[what]] += quantity * int(of.volume[i])
        if self.only in (None, i):
            super().note(day, phase, n, i, what, quantity, always)

    def note_limit(self, day: int, kind: str, name: str, asked: int, moved: int, capacity: int) -> None:
        self.of_orders.append((day, kind, name, asked, moved, capacity))

    def note_review(self, day: int, n: int, i: int, view: View, asked: int, ordered: int) -> None:
        if self.only in (None, i):
            super().note_review(day, n, i, view, asked, ordered)

    def note_state(self, day: int, n: int, i: int, stock: Stock, seen: int) -> None:
        if self.only in (None, i):
            super().note_state(day, n, i, stock, seen)


def limit_nights(run: CountedRun) -> pd.DataFrame:
    """Each limit on each night, the warm-up included: what was to move, and what did, in volumes.

    Columns day (0: the warm-up starts), kind ('supplier', 'handling', 'trucks', 'space' or 'budget'), limit (the
    supplier, the site that handles or has the space, the site that trucks go to, or the budget's name), asked, moved,
    capacity (of trucks: of all that may leave; 0 on a day without), bound (more was asked for than the capacity, of
    what left at all), waited (something was to move, and nothing did), trucks that left, and the truck_capacity of
    each. A lane without trucks has no row. Of space, asked and moved are what is there with tonight's orders, as asked
    for and as placed. Of a budget they are money of a whole period, on its last day, asked with what the evening that
    went without most did.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.features.limits.settings import Limits
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop(features=(Limits(suppliers={"supplier": {"capacity": 9}}),))
    >>> run = CountedRun(shop, shop.plan(BaseStock(base_stock_level=20)), seed=1, replication=0).run()
    >>> found = limit_nights(run)
    >>> len(found), int(found["moved"].max()), bool((found["asked"] > 9)[found["bound"]].all())
    (28, 9, True)
    """
    import pandas as pd

    of, scenario = run.prepared.world.features.limits, run.prepared.scenario
    suppliers = list(scenario.feature("limits").suppliers)
    sites, rows = [site.name for site in scenario.sites], []
    of_orders: dict[int, list[tuple[str, str, int, int, int]]] = {}
    for day, *noted in run.of_orders:
        of_orders.setdefault(day, []).append(tuple(noted))  # type: ignore[arg-type]
    by_supplier: Counter[tuple[int, int, str]] = Counter()
    for (day, _, k, what), volumes in run.volumes.items():
        by_supplier[day, k, what] += volumes
    for day in range(run.prepared.world.opening_state.first_day, run.until):
        for k, name in enumerate(suppliers):
            moved, left = (by_supplier[day, k, what] for what in (MOVED, LEFT))
            rows.append(_row(day, "supplier", name, moved + left, moved, int(of.capacity[k])))
        for n, name in enumerate(sites):
            if not of.limited[n]:
                continue
            lanes = [(c, *(run.volumes[day, c, -1, what] for what in (MOVED, LEFT))) for c in run.sites[n].below]
            if of.handling[n] < NONE:
                leaving = [(moved, left) for _, moved, left in lanes if moved]
                moved, left = (sum(each) for each in zip(*leaving, strict=True)) if leaving else (0, 0)
                rows.append(_row(day, "handling", name, moved + left, moved, int(of.handling[n])))
            for c, moved, left in lanes:
                size = int(of.truck_capacity[c])
                if size:
                    leaves = int(of.truck_days[c]) >> (day % 7) & 1
                    room = int(of.room[c]) if leaves else 0
                    rows.append(_row(day, "trucks", sites[c], moved + left, moved, room, size))
        rows += [_row(day, *noted) for noted in of_orders.get(day, ())]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(day: int, kind: str, name: str, asked: int, moved: int, capacity: int, truck: int = 0) -> tuple[Any, ...]:
    trucks = -(-moved // truck) if truck else 0
    return (day, kind, name, asked, moved, capacity, 0 < moved and asked > capacity, moved == 0 < asked, trucks, truck)


def limit_weeks(nights: pd.DataFrame, warm_up: int = 0) -> pd.DataFrame:
    """Each limit in each measured week: week (from 1), kind, limit, used, nights, bound.

    `nights` is the table of `limit_nights`. used: of what the limit allows on nights with something to move, the
    share that moved; nan where there was no such night. bound: nights on which more was asked for than it allows.

    >>> import pandas as pd
    >>> rows = [(day, "handling", "dc", asked, min(asked, 10), 10, asked > 10, False, 0, 0)
    ...         for day, asked in enumerate([5, 12, 0, 0, 0, 0, 0, 8])]
    >>> limit_weeks(pd.DataFrame(rows, columns=list(COLUMNS)))[["week", "used", "nights", "bound"]].values.tolist()
    [[1.0, 0.75, 2.0, 1.0], [2.0, 0.8, 1.0, 0.0]]
    """
    mine = nights[nights["day"] >= warm_up]
    busy = (mine["asked"] > 0) & (mine["capacity"] > 0)
    sums = (
        mine.assign(week=(mine["day"] - warm_up) // WEEK + 1, nights=busy, moved=mine["moved"] * busy,
                    capacity=mine["capacity"] * busy)
        .groupby(["kind", "limit", "week"], sort=False)[["moved", "capacity", "nights", "bound"]].sum().reset_index()
    )  # fmt: skip
    used = np.divide(sums["moved"], sums["capacity"], out=np.full(len(sums), np.nan), where=sums["capacity"] > 0)
    return sums.assign(used=used)[["week", "kind", "limit", "used", "nights", "bound"]]


def limit_totals(nights: pd.DataFrame, warm_up: int = 0) -> pd.DataFrame:
    """Each limit over all measured nights: kind, limit, used, bound_share, truck_fill, waited_share.

    Shares are of the nights with something to move; truck_fill is of the room of the trucks that left, nan of others.

    >>> import pandas as pd
    >>> rows = [(day, "trucks", "shop", asked, min(asked, 10), 10, asked > 10, False, -(-min(asked, 10) // 5), 5)
    ...         for day, asked in enumerate([6, 12, 0])]
    >>> limit_totals(pd.DataFrame(rows, columns=list(COLUMNS))).iloc[0, 2:5].tolist()
    [0.8, 0.5, 0.8]
    """
    mine = nights[nights["day"] >= warm_up]
    busy = mine["asked"] > 0
    sums = (
        mine.assign(nights=busy, open=mine["capacity"] * busy, room=mine["trucks"] * mine["truck_capacity"])
        .groupby(["kind", "limit"], sort=False)[["moved", "open", "nights", "bound", "waited", "room"]].sum()
    )  # fmt: skip
    share = {name: sums[top] / sums[under].where(sums[under] > 0) for name, top, under in (
        ("used", "moved", "open"), ("bound_share", "bound", "nights"), ("truck_fill", "moved", "room"),
        ("waited_share", "waited", "nights"),
    )}  # fmt: skip
    return sums.assign(**share)[list(share)].reset_index()


def called(kind: str, name: str) -> str:
    """What a limit is called; of a long name the start and the end, where numbers stand.

    >>> called("trucks", "store_07"), called("trucks", "a store with quite a long name 07")
    ('trucks to store_07', 'trucks to a store with…ong name 07')
    """
    half = LONGEST // 2
    return SAID[kind].format(name if len(name) <= LONGEST else f"{name[:half]}…{name[1 - half :]}")


def words_of(nights: pd.DataFrame, warm_up: int = 0) -> str:
    """Which limit bound most often, in words.

    >>> import pandas as pd
    >>> rows = [(day, "handling", "dc", asked, min(asked, 10), 10, asked > 10, False, 0, 0)
    ...         for day, asked in enumerate([5, 12, 9, 11])]
    >>> words_of(pd.DataFrame(rows, columns=list(COLUMNS)))
    'dc handles: it bound on 50% of nights'
    """
    totals = limit_totals(nights, warm_up)
    often = totals[totals["bound_share"] > 0]
    if often.empty:
        return "no limit bound on any night"
    row = often.loc[often["bound_share"].idxmax()]
    share = 100 * row["bound_share"]
    often_in_words = f"{share:.0f}%" if share >= 10 else f"{share:.2g}%"
    said = f"{called(row['kind'], row['limit'])}: it bound on {often_in_words} {TIMES.get(row['kind'], 'of nights')}"
    if len(totals) == 1:
        return said
    return f"{said}, most often of {len(totals)} limits; {len(totals) - len(often)} never did"
