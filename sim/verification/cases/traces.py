"""Runs without chance, day by day: TRACE-sS, TRACE-DC, TRACE-RETURNS, FREEZE-DET."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.model.network import Lane, Site
from restock.sim.probability.laws import Constant
from restock.sim.verification.cases.worlds import replayed
from restock.sim.verification.judging import Case, Check, MakePolicy, Number

if TYPE_CHECKING:
    from restock.sim.engines.events.engine import Run
    from restock.sim.model.scenario import Scenario
    from restock.sim.planning.policy import Policy
    from restock.sim.planning.prepared import Prepared


def played(scenario: Scenario, policy: Policy, rates: dict[int, float] | None = None) -> tuple[Run, Number]:
    """The event engine's run with its log, and in how many ledger entries and daily figures the kernel differs.

    `rates`: mean demand that a case states for a site, in place of that of the days replayed.
    """
    from restock.sim.planning.prepared import Prepared

    prepared = Prepared(scenario)
    for site, rate in (rates or {}).items():
        prepared.world.daily_rate[0, site] = rate
    return walked(prepared, policy)


def walked(prepared: Prepared, policy: Policy) -> tuple[Run, Number]:
    """The same of a scenario that is prepared."""
    from restock.sim.engines.events.engine import Run
    from restock.sim.run.shards import run_kernel

    plan = prepared.plan(policy)
    run = Run(prepared, plan, 1, 0, log=True).run()
    kernel = run_kernel(prepared, plan, 1, 1, series=True)
    differ = (kernel.ledger[0] != run.ledger).sum() + (kernel.series[:, 0] != run.series).sum()
    return run, Number("entries in which the engines differ", 0, 0, float(differ))


def column(run: Run, site: str, name: str, first: int, days: int) -> list[int]:
    """A figure of a site on the days from `first` on. In what was on order, the evening's own order is left out."""
    if name in ("lost", "shipped to"):
        of = {entry.day: entry.quantity for entry in run.log or [] if entry.site == site and entry.what == name}
        return [of.get(day, 0) for day in range(first, first + days)]
    mine = [day for day in run.daily if day.site == site][first : first + days]
    if name == "on order before the evening":
        return [day.on_order - day.ordered for day in mine]
    return [getattr(day, name.replace(" ", "_")) for day in mine]


def off(what: str, printed: list[int], got: list[int]) -> Number:
    """The number of days that differ, which must be none."""
    return Number(f"{what}: days that differ", 0, 0, float(sum(a != b for a, b in zip(printed, got, strict=True))))


DEMAND = [6, 3, 7, 0, 9, 4, 8, 2, 5, 6, 12, 3, 4, 4]
SHARES = {"A": (3, 1.0, 1), "B": (2, 1.0, 0), "C": (3, 0.0, 1)}  # lead time here, backorder share, days put first
TRACES = {  # convention: columns by day
    "A": {
        "received": [0, 0, 0, 0, 0, 21, 0, 0, 0, 21, 0, 0, 0, 25],
        "ordered": [0, 0, 0, 21, 0, 0, 0, 21, 0, 0, 0, 25, 0, 0],
        "filled": [6, 3, 7, 0, 4, 4, 8, 2, 2, 6, 12, 0, 0, 4],
        "on hand": [14, 11, 4, 4, 0, 12, 4, 2, 0, 12, 0, 0, 0, 14],
        "backorders": [0, 0, 0, 0, 5, 0, 0, 0, 3, 0, 0, 3, 7, 0],
        "lost": [0] * 14,
        "on order": [0, 0, 0, 21, 21, 0, 0, 21, 21, 0, 0, 25, 25, 0],
    },
    "B": {
        "received": [0, 0, 0, 0, 21, 0, 0, 0, 21, 0, 0, 0, 25, 0],
        "ordered": [0, 0, 21, 0, 0, 0, 21, 0, 0, 0, 25, 0, 0, 0],
        "filled": [6, 3, 7, 0, 9, 4, 8, 2, 5, 6, 12, 0, 4, 4],
        "on hand": [14, 11, 4, 4, 16, 12, 4, 2, 18, 12, 0, 0, 18, 14],
        "backorders": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0],
        "lost": [0] * 14,
        "on order": [0, 0, 21, 21, 0, 0, 21, 21, 0, 0, 25, 25, 0, 0],
    },
    "C": {
        "received": [0, 0, 0, 0, 0, 21, 0, 0, 0, 16, 0, 0, 0, 25],
        "ordered": [0, 0, 0, 21, 0, 0, 0, 16, 0, 0, 0, 25, 0, 0],
        "filled": [6, 3, 7, 0, 4, 4, 8, 2, 5, 6, 12, 0, 0, 4],
        "on hand": [14, 11, 4, 4, 0, 17, 9, 7, 2, 12, 0, 0, 0, 21],
        "backorders": [0] * 14,
        "lost": [0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 3, 4, 0],
        "on order": [0, 0, 0, 21, 21, 0, 0, 16, 16, 0, 0, 25, 25, 0],
    },
}
SUMMARY = {  # fill rate, mean on hand, mean backorders, units ordered, orders, units lost
    "A": (0.794521, 5.5, 1.285714, 67, 3, 0),
    "B": (0.958904, 9.214286, 0.214286, 67, 3, 0),
    "C": (0.835616, 7.214286, 0.0, 62, 3, 12),
}


def trace(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """(s, S) = (10, 25): A orders before it sells; B sells before it orders (restock's day); C is A with sales lost.

    The order that A and C place in the morning is placed the night before here, so a day without demand comes first.
    """
    numbers = []
    for convention, (lead_time, waits, shift) in SHARES.items():
        lanes = [Lane("supplier", "store", Constant(lead_time))]
        scenario = replayed([[0] * shift + DEMAND], [Site("store")], lanes, [0], [20], waits)
        policy = make_policy({"name": "reorder_point", "reorder_point": 10, "order_up_to_level": 25})
        run, differ = played(scenario, policy)
        got = {
            name: column(run, "store", "on order before the evening" if name == "on order" and shift else name,
                         0 if name == "ordered" else shift, 14)
            for name in TRACES[convention]
        }  # fmt: skip
        at = f"convention {convention}, "
        numbers += [off(at + name, printed, got[name]) for name, printed in TRACES[convention].items()]
        by_hand, found = summed(TRACES[convention]), summed(got)
        numbers += [
            Number(at + name, printed, by_hand[name], found[name])
            for name, printed in zip(found, SUMMARY[convention], strict=True)
        ]
        numbers.append(replace(differ, quantity=at + differ.quantity))
    return [Check(tuple(numbers))]


def summed(columns: dict[str, list[int]]) -> dict[str, float]:
    """The summary of a trace."""
    orders = np.array(columns["ordered"])
    return {
        "fill rate": sum(columns["filled"]) / sum(DEMAND),
        "mean on hand": float(np.mean(columns["on hand"])),
        "mean backorders": float(np.mean(columns["backorders"])),
        "units ordered": float(orders.sum()),
        "orders": float((orders > 0).sum()),
        "units lost": float(sum(columns["lost"])),
    }


RETURNED = {  # what the case prints, by day; every 4th unit sold on a day comes back after 3 days
    "demand": DEMAND,
    "received": [0, 0, 6, 3, 6, 0, 8, 4, 6, 1, 3, 6, 11, 2],
    "returned": [0, 0, 0, 1, 0, 1, 0, 2, 1, 2, 0, 1, 1, 3],
    "ordered": [0, 6, 3, 6, 0, 8, 4, 6, 1, 3, 6, 11, 2, 1],
    "filled": DEMAND,
    "on hand": [12, 9, 8, 12, 9, 6, 6, 10, 12, 9, 0, 4, 12, 13],
    "backorders": [0] * 14,
    "lost": [0] * 14,
    "on order": [0, 6, 3, 6, 0, 8, 4, 6, 1, 3, 6, 11, 2, 1],
}
IN_RETURNED = (1.0, 8.714286, 0.0, 57, 12, 0)  # as in SUMMARY
UNITS_RETURNED = 12


def trace_returns(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Base stock 18, which orders before it sells: here the evening before, as in convention A of TRACE-sS.

    There units come back in the morning before the order, here at the closing of the day before: after 2 days, and the
    stock that the case prints for the end of a day is that before the evening's returns.
    """
    from restock.sim.features.returns.settings import Returns

    scenario = replayed([[0, *DEMAND]], [Site("store")], [Lane("supplier", "store", Constant(2))], [0], [18], 1.0)
    item = scenario.items[0].having(returns=Returns(0.25, Constant(2), rounding="down"))
    policy = make_policy({"name": "base_stock", "base_stock_level": 18})
    run, differ = played(replace(scenario, items=(item,)), policy)
    came_back = column(run, "store", "restocked", 0, 15)
    columns, before = {"on order": "on order before the evening"}, ("returned", "ordered")
    got = {name: column(run, "store", columns.get(name, name), int(name not in before), 14) for name in RETURNED}
    got["on hand"] = [at_end - back for at_end, back in zip(got["on hand"], came_back[1:], strict=True)]
    by_hand, found = summed(RETURNED), summed(got)
    return [Check((
        *(off(name, printed, got[name]) for name, printed in RETURNED.items()),
        *(Number(name, printed, by_hand[name], found[name])
          for name, printed in zip(found, IN_RETURNED, strict=True)),
        Number("units returned", UNITS_RETURNED, float(sum(RETURNED["returned"])), float(sum(got["returned"]))),
        differ,
    ))]  # fmt: skip


DC_DEMAND = [[4, 5, 3, 6, 4, 7, 2, 5, 6, 3, 4, 5], [6, 8, 7, 5, 9, 6, 8, 7, 6, 10, 5, 7]]
DC_ORDERS = [20, 0, 0, 23, 0, 0, 34, 0, 0, 29, 0, 0]
STORE_ORDERS = {"a": [0, 4, 5, 3, 6, 4, 7, 1, 5, 5, 0, 4], "b": [0, 6, 8, 7, 5, 9, 6, 3, 7, 6, 0, 5]}
SHIPPED = {"a": [0, 4, 3, 5, 4, 0, 10, 0, 0, 14, 0, 0], "b": [0, 6, 7, 8, 3, 0, 13, 0, 0, 20, 0, 0]}
STORE_END = {"a": [10, 5, 6, 3, 4, 1, 0, 5, 0, 0, 10, 5], "b": [14, 6, 5, 7, 6, 3, 0, 6, 0, 0, 15, 8]}
DC_END = [20, 10, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0]


DC_OWES = {"a": [0, 0, 2, 0, 2, 6, 3, 4, 9, 0, 0, 4], "b": [0, 0, 1, 0, 2, 11, 4, 7, 14, 0, 0, 5]}
STORE_SOLD = {"a": [4, 5, 3, 6, 4, 7, 1, 5, 5, 0, 4, 5], "b": [6, 8, 7, 5, 9, 6, 3, 7, 6, 0, 5, 7]}


def trace_dc(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """A DC and two stores, fair share, partial shipments; hand-checkable.

    There all order before the day's demand, the DC before the stores: here the DC's order moves to the evening before
    (lead time 3 + 1), the stores' too (1 + 1), and demand starts two days later.
    """
    from restock.sim.verification.cases.rules import LevelsBySite

    sites = [Site("dc", "dc", allocation="fair_share"), Site("a", served_by="dc"), Site("b", served_by="dc")]
    lanes = [Lane("supplier", "dc", Constant(4)), Lane("dc", "a", Constant(2)), Lane("dc", "b", Constant(2))]
    demand = [[0, 0, *row] for row in DC_DEMAND]
    scenario = replayed(demand, sites, lanes, [-1, 0, 1], [20, 14, 20], 0.0)
    policy = LevelsBySite(level_of=(40, 14, 20), review_of=(3, 1, 1))
    run, differ = played(scenario, policy, rates={1: 4.5, 2: 7.0})
    numbers = [
        off("orders of the DC", DC_ORDERS, column(run, "dc", "ordered", 0, 12)),
        off("stock of the DC", DC_END, column(run, "dc", "on_hand", 1, 12)),
        off("units the DC owes", np.sum([*DC_OWES.values()], axis=0).tolist(), column(run, "dc", "backorders", 1, 12)),
    ]
    for s in "ab":
        on_order, shipped = column(run, s, "on_order", 1, 12), np.cumsum(column(run, s, "shipped to", 1, 12))
        received = np.cumsum(column(run, s, "received", 1, 12))
        owed = (np.array(on_order) - (shipped - received)).tolist()  # on order and not on its way
        numbers += [
            off(f"orders of store {s}", STORE_ORDERS[s], column(run, s, "ordered", 1, 12)),
            off(f"shipments to store {s}", SHIPPED[s], column(run, s, "shipped to", 1, 12)),
            off(f"units owed to store {s}", DC_OWES[s], owed),
            off(f"sales of store {s}", STORE_SOLD[s], column(run, s, "filled", 2, 12)),
            off(f"stock of store {s}", STORE_END[s], column(run, s, "on_hand", 2, 12)),
        ]
    lost = [sum(column(run, s, "lost", 2, 12)) for s in "ab"]
    asked, sold = np.sum(DC_DEMAND), sum(sum(column(run, s, "filled", 2, 12)) for s in "ab")
    by_hand = float(np.sum([*STORE_SOLD.values()]) / asked)
    numbers += [
        Number("units lost at store a", 5, 5, float(lost[0])),
        Number("units lost at store b", 15, 15, float(lost[1])),
        Number("fill rate", 0.855072, by_hand, float(sold / asked)),
        differ,
    ]
    return [Check(tuple(numbers))]


FREEZE = {  # days between counts, 0: never: what 364 days print, by quantity
    "no shrinkage": (1.0, 3640, 0, 0, 60, None, None, 35.0, 0, 0, 20, 20),
    "never counted": (0.075549, 275, 3365, 25, 4, 16, 29, 1.923077, 339, 0, 25, 0),
    "counted every 91 days": (0.302198, 1100, 2540, 100, 19, 16, 29, 7.692308, 264, 100, 0, 0),
    "counted every 28 days": (0.884615, 3220, 420, 293, 58, 16, 53, 22.717033, 71, 293, 27, 27),
    "counted every 7 days": (0.983516, 3580, 60, 326, 65, 49, None, 26.041209, 38, 326, 54, 54),
}
IN_FREEZE = ("fill rate", "units sold", "units lost", "units shrunk", "orders", "first day short", "first day frozen",
             "mean on hand", "days ending at zero", "units written off", "record at the end",
             "stock at the end")  # fmt: skip
NO_DAY = -1.0  # printed as none


def freeze(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """(s, Q) = (20, 60), 10 a day, textbook lead time 1, one unit a day lost unseen, counts of everything."""
    from restock.sim.features.records.settings import Records

    lanes = [Lane("supplier", "store", Constant(2))]
    settings = {"name": "reorder_point", "lots": True, "reorder_point": 20, "order_quantity": 60}
    numbers = []
    for name, printed in FREEZE.items():
        scenario = replayed([[10] * 364], [Site("store")], lanes, [0], [60], 0.0)
        if name != "no shrinkage":
            item = scenario.items[0].having(shrinkage=Constant(1))
            every = int(name.split()[2]) if "every" in name else 0
            scenario = scenario.having(Records(full_count_every=every), items=(item,))
        run, differ = played(scenario, make_policy(settings))
        for quantity, value, got in zip(IN_FREEZE, printed, _freeze_figures(run), strict=True):
            value = NO_DAY if value is None else value
            whole = round(value * 364) / 364 if quantity == "mean on hand" else value  # print is cut to six places
            whole = round(value * 3640) / 3640 if quantity == "fill rate" else whole
            numbers.append(Number(f"{name}: {quantity}", value, whole, got))
        numbers.append(replace(differ, quantity=f"{name}: {differ.quantity}"))
    return [Check(tuple(numbers))]


def _freeze_figures(run: Run) -> list[float]:
    """In the order of `IN_FREEZE`; days count from 0."""
    from restock.sim.measures.ledger import named

    book = {name: int(value) for name, value in named(run.ledger[0, 0]).items()}
    short = [day.day for day in run.daily if day.filled < day.demand]
    frozen = [day.day for day in run.daily if day.on_hand == 0 and day.record > 20 and day.on_order == 0]
    # the order of the last evening belongs to the morning after the case ends
    orders = sum(quantity > 0 for quantity in column(run, "store", "ordered", 0, 363))
    return [
        book["filled"] / 3640, book["filled"], book["lost"], book["shrunk"], orders, min(short, default=NO_DAY),
        min(frozen, default=NO_DAY), book["on_hand_days"] / 364, 364 - book["ready_days"], book["written_off"],
        book["closing_record"], book["closing_on_hand"],
    ]  # fmt: skip


CASES = (
    Case("FREEZE-DET", "mechanism of Kang & Gershwin (2005), IIE Transactions 37", 5e-7, freeze),
    Case("TRACE-sS", "hand-checkable", 5e-7, trace),
    Case("TRACE-RETURNS", "hand-checkable", 5e-7, trace_returns),
    Case("TRACE-DC", "hand-checkable", 5e-7, trace_dc),
)  # fmt: skip
