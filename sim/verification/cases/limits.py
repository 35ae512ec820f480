"""Limits that items share: CAPACITY-TWO, TRUCK-MIN, TRACE-CAPACITY, and the rounding of ALLOCATION-WHOLE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from restock.sim.model.demand import Demand, History
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario, scenario_of
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.theory import capacity
from restock.sim.verification.cases.traces import off, walked
from restock.sim.verification.cases.worlds import BACKORDERS, DAYS, WARM_UP, per_day, share
from restock.sim.verification.judging import Case, Check, MakePolicy, Number, Run

ROOM = (25, 70)  # units left behind after which the printed laws are cut off
IN_ORDER = {  # volumes, capacity: of A and of B owed, nothing owed, on hand, backorders, fill rate
    ((1, 2), 8): (
        (0.005422, 0.996114, 6.994979, 0.000401, 0.999866),
        (4.729498, 0.265957, 3.022104, 1.751601, 0.726947),
    ),
    ((1, 1), 6): (
        (0.059814, 0.961794, 6.940871, 0.000685, 0.999772),
        (1.467192, 0.569789, 4.731796, 0.198988, 0.942599),
    ),
}
ANY_RULE = (1.527005, 0.567164)  # volumes 1, capacity 6: units owed of both, nights after which nothing is
TWINS = (0.57812, 1.15624, 0.615565)  # Poisson(2) each, capacity 5: owed of each, of both; nothing owed
WHAT = ("owed", "nothing owed", "on hand", "backorders", "fill rate")
LEFT = "left_at_supplier"


def two_items(means: tuple[float, float], levels: tuple[int, int], volumes: tuple[int, int], limits: Any) -> Scenario:
    """Each item at a store of its own, from one supplier, so that figures by site are those by item."""
    items = [
        Item.with_settings(name, backorder_share=1.0, volume=volume) for name, volume in zip("AB", volumes, strict=True)
    ]
    demand = {("A", "a"): Poisson(means[0]), ("B", "b"): Poisson(means[1])}
    lanes = [Lane("supplier", name, Constant(1)) for name in "ab"]
    scenario = scenario_of("two", items, [Site("a"), Site("b")], lanes, demand, days=DAYS, warm_up=WARM_UP,
                           opening_stock=np.diag(levels))  # fmt: skip
    return scenario.having(limits)


def capacity_two(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """What a supplier cannot ship tonight is carried, once; the first listed, or each in proportion."""
    from restock.sim.features.limits.settings import Limits
    from restock.sim.verification.cases.rules import LevelsBySite

    checks = []
    for (volumes, room), printed in list(IN_ORDER.items())[quick:]:
        first, second, _ = capacity.shared_in_order((Poisson(3.0), Poisson(2.0)), (10, 8), volumes, room, ROOM)
        estimates = {site: (per_day(f"{LEFT}@{site}"), None, per_day(f"on_hand_days@{site}"),
                            per_day(f"backorder_days@{site}"), share(f"filled@{site}", f"demand@{site}"))
                     for site in "ab"}  # fmt: skip
        numbers = tuple(
            Number(f"capacity {room}, volume {volume}, {name}: {what}", value, theory, estimate, what == "fill rate",
                   0.05 * theory if what == "backorders" and theory < 0.01 else None)
            for name, volume, values, found in zip("AB", volumes, printed, (first, second), strict=True)
            for what, value, theory, estimate in zip(WHAT, values, found, estimates[name.lower()], strict=True)
        )  # fmt: skip
        limits = Limits(suppliers={"supplier": {"capacity": room, "share": "priority"}})
        checks.append(
            Check(numbers, Run(two_items((3.0, 2.0), (10, 8), volumes, limits), LevelsBySite(level_of=(10, 8))))
        )
    one, other, nothing = capacity.shared_in_order((Poisson(3.0), Poisson(2.0)), (10, 8), (1, 1), 6, ROOM)
    numbers = (Number("any rule, capacity 6: owed of both", ANY_RULE[0], one.owed + other.owed, per_day(LEFT)),
               Number("any rule, capacity 6: nothing owed", ANY_RULE[1], nothing))  # fmt: skip
    limits = Limits(suppliers={"supplier": {"capacity": 6, "share": "neediest"}})
    checks.append(Check(numbers, Run(two_items((3.0, 2.0), (10, 8), (1, 1), limits), LevelsBySite(level_of=(10, 8)))))
    one, other, nothing = capacity.shared_in_order((Poisson(2.0), Poisson(2.0)), (8, 8), (1, 1), 5, ROOM)
    both = one.owed + other.owed
    numbers = (Number("twins, capacity 5: owed of each", TWINS[0], both / 2, per_day(f"{LEFT}@b")),
               Number("twins, capacity 5: owed of both", TWINS[1], both, per_day(LEFT)),
               Number("twins, capacity 5: nothing owed", TWINS[2], nothing))  # fmt: skip
    limits = Limits(suppliers={"supplier": {"capacity": 5}})
    checks.append(Check(numbers, Run(two_items((2.0, 2.0), (8, 8), (1, 1), limits), LevelsBySite(level_of=(8, 8)))))
    return checks


TRUCKS = {  # minimum, wait: trucks, sent for waiting, load, left behind, on hand, backorders, fill rate
    (6, 2): (0.345847, 0.39255, 5.782907, 1.661357, 4.36756, 0.028918, 0.985541),
    (6, 4): (0.291086, 0.047654, 6.870829, 2.049882, 3.99419, 0.044072, 0.977964),
    (4, 1): (0.50219, 0.367161, 3.982557, 0.786016, 5.217662, 0.003677, 0.998161),
    (1, 0): (0.864665, 0.0, 2.313035, 0.0, 6.000294, 0.000294, 0.999853),
}
OF_TRUCKS = ("trucks a day", "share sent for waiting", "mean load", "left behind", "on hand", "backorders", "fill rate")


def truck_min(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Less than the minimum waits, from the first night on which something is left behind."""
    from restock.sim.features.limits.settings import Limits
    from restock.sim.verification.cases.rules import LevelsBySite

    estimates = (per_day({"trucks": 1e-3}), None, share_of_trucks, per_day("left_behind"),
                 per_day("on_hand_days@store"), BACKORDERS, share("filled@store", "demand@store"))  # fmt: skip
    checks = []
    for (minimum, wait), printed in list(TRUCKS.items())[:: 1 + quick]:
        found = capacity.truck(Poisson(2.0), 8, minimum, wait)
        numbers = tuple(
            Number(f"minimum {minimum}, wait {wait}: {what}", value, theory, estimate, what[:4] in ("shar", "fill"),
                   0.05 * theory if what == "backorders" else None)
            for what, value, theory, estimate in zip(OF_TRUCKS, printed, found, estimates, strict=True)
        )  # fmt: skip
        limits = Limits(trucks={"dc": {"capacity": 1000, "minimum": minimum, "wait": wait}})
        checks.append(Check(numbers, Run(_behind_a_dc().having(limits), LevelsBySite(level_of=(0, 8)))))
    return checks


def share_of_trucks(facts: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Volumes for each truck."""
    return facts["truck_load"], facts["trucks"] / 1000


def _behind_a_dc() -> Scenario:
    sites = [Site("dc", "dc"), Site("store", served_by="dc")]
    lanes = [Lane("supplier", "dc"), Lane("dc", "store", Constant(1))]
    return scenario_of("truck", [Item("item", backorder_share=1.0)], sites, lanes, {("item", "store"): Poisson(2.0)},
                       days=DAYS, warm_up=WARM_UP, opening_stock=np.array([[10**6, 8]]))  # fmt: skip


ASKED = {
    "A": [[5, 7, 2, 9, 4, 6, 3, 8], [4, 1, 6, 3, 5, 2, 7, 4]],
    "B": [[2, 3, 1, 4, 2, 0, 5, 1], [1, 2, 3, 0, 4, 2, 1, 3]],
}
SHIPPED = {
    "A": [[5, 6, 2, 6, 5, 6, 4, 5], [4, 1, 5, 4, 3, 3, 5, 4]],
    "B": [[2, 2, 2, 2, 2, 1, 3, 2], [1, 2, 3, 0, 2, 3, 1, 2]],
}
NET = {
    "A": [[7, 5, 9, 2, 4, 3, 6, 2], [7, 10, 5, 7, 6, 7, 3, 4]],
    "B": [[4, 3, 4, 2, 2, 4, 0, 2], [5, 4, 3, 6, 2, 2, 4, 2]],
}
OWED = {
    "A": [[0, 1, 1, 4, 3, 3, 2, 5], [0, 0, 1, 0, 2, 1, 3, 3]],
    "B": [[0, 1, 0, 2, 2, 1, 3, 2], [0, 0, 0, 0, 2, 1, 1, 2]],
}


def trace_capacity(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Two items, two stores, trucks, and a DC that can handle so much a night."""
    from restock.sim.features.limits.settings import Limits
    from restock.sim.planning.prepared import Prepared
    from restock.sim.verification.cases.rules import LevelsByCell

    stores, days = ("one", "two"), 8
    units = np.array([row + [0] * (-days % 7) for name in "AB" for row in ASKED[name]])
    cells = np.array([[-1, 0, 1], [-1, 2, 3]])
    replay = Demand(
        (Constant(1),), np.minimum(cells, 0), history=History(units, cells, Scenario.start), source="replay"
    )
    items = tuple(Item.with_settings(name, backorder_share=1.0, volume=v) for name, v in (("A", 1), ("B", 2)))
    sites = (Site("dc", "dc"), *(Site(name, served_by="dc") for name in stores))
    lanes = (Lane("supplier", "dc"), *(Lane("dc", name, Constant(1)) for name in stores))
    opening = np.array([[10**6, 12, 11], [10**6, 6, 6]])
    scenario = Scenario("trace", items, sites, lanes, replay, days=days, opening_stock=opening)
    limits = Limits(sites={"dc": {"handling": 18}}, trucks={"dc": {"capacity": 11}})
    run, differ = walked(Prepared(scenario.having(limits)), LevelsByCell(level_of=((0, 12, 11), (0, 6, 6))))
    numbers = []
    for name in "AB":
        for k, store in enumerate(stores):
            mine = [day for day in run.daily if (day.site, day.item) == (store, name)]
            left = {e.day: e.quantity for e in run.log or [] if (e.site, e.item, e.what) == (store, name, "shipped to")}
            behind = {
                e.day: e.quantity for e in run.log or [] if (e.site, e.item, e.what) == (store, name, "left behind")
            }
            found = {
                "shipped": (SHIPPED, [left.get(day, 0) for day in range(days)]),
                "net stock": (NET, [day.on_hand - day.backorders for day in mine]),
                "owed": (OWED, [behind.get(day, 0) for day in range(days)]),
            }
            numbers += [
                off(f"{what} of {name} at {store}", printed[name][k], got) for what, (printed, got) in found.items()
            ]
    books = [run.sites[1 + k].stock[i].book for i in range(2) for k in range(2)]
    filled = sum(book["filled"] for book in books) / sum(book["demand"] for book in books)
    return [Check((*numbers, Number("fill rate", 1.0, 1.0, filled), differ))]


def cumulative_rounding() -> Check:
    """Cumulative rounding: each part within a unit of its share, and their sum the room."""
    from restock.sim.features.limits.granting import PROPORTIONAL, Request, grant, parts_of_room

    orders = (12, 10, 8, 6)
    found = {
        "24 units, turn 0": ([8, 6, 6, 4], parts_of_room(orders, 24, 0)),
        "24 units, turn 20": ([8, 7, 5, 4], parts_of_room(orders, 24, 20)),
        "volumes 1, 2, 1, 3, room 30": (
            [6, 5, 4, 3],
            grant([Request(*each) for each in zip(orders, (1, 2, 1, 3), strict=True)], 30, PROPORTIONAL, 0),
        ),
    }
    return Check(tuple(off(what, printed, got) for what, (printed, got) in found.items()))


CASES = (
    Case("CAPACITY-TWO", "Tayur (1993); Glasserman & Tayur (1994), in two dimensions", 1e-5, capacity_two),
    Case("TRUCK-MIN", "Cetinkaya & Lee (2000): time or quantity; Markov chain", 1e-5, truck_min),
    Case("TRACE-CAPACITY", "Trucks and handling, hand-checkable", 1e-6, trace_capacity),
)
