"""Definitions and identities: SS-formula, ABC, IDENTITIES, COUNT-LOAD, FIFO-LIFO, DISTORTION, FIELD-FIGURES."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from restock.sim.features.records.settings import Records
from restock.sim.features.returns.settings import Returns
from restock.sim.features.unit_costs.settings import PER_MONEY, UnitCosts
from restock.sim.model.network import Costs, Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.probability.laws import Constant, Empirical, Poisson
from restock.sim.theory import cost_flow, safety_stock
from restock.sim.verification.cases.traces import played
from restock.sim.verification.cases.worlds import one_store, replayed, share, unchecked
from restock.sim.verification.judging import Case, Check, Facts, MakePolicy, Number, Run


def ss_formula(quick: bool, make_policy: MakePolicy) -> list[Check]:
    z = 1.6449
    rows = {  # printed standard deviation, safety stock, level
        "demand only": ((12.0, 19.7388, 99.7388), safety_stock.safety_stock(20, 6, 4, z)),
        "with lead time": ((32.310989, 53.148346, 133.148346), safety_stock.safety_stock(20, 6, 4, z, 1.5)),
        "periodic review": ((36.0, 59.2164, 279.2164), safety_stock.safety_stock(20, 6, 4, z, 1.5, 7)),
    }
    numbers = [
        Number(f"{at}: {name.replace('_', ' ')}", value, theory)
        for at, (printed, found) in rows.items()
        for name, value, theory in zip(found._fields, printed, found, strict=True)
    ]
    deviation = safety_stock.forecast_error_deviation(5, 4)
    numbers += [Number("forecast error: standard deviation", 12.5, deviation),
                Number("forecast error: safety stock", 20.56125, z * deviation)]  # fmt: skip
    return [Check(tuple(numbers))]


ITEMS = {  # annual units, unit cost
    "s1": (120, 50.0), "s2": (900, 6.0), "s3": (40, 90.0), "s4": (2500, 1.0), "s5": (300, 8.0), "s6": (60, 25.0),
    "s7": (1500, 0.6), "s8": (20, 30.0), "s9": (200, 2.0), "s10": (10, 20.0),
}  # fmt: skip
BY_VALUE = {"included": "AAAAABBBCC", "excluded": "AAAABBBCCC"}
BY_VELOCITY = "CACABCACBC"
BY_BOTH = ("AC", "AA", "AC", "AA", "AB", "BC", "BA", "BC", "CB", "CC")
VALUES = (6000.0, 5400.0, 3600.0, 2500.0, 2400.0, 1500.0, 900.0, 600.0, 400.0, 200.0)


def abc(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """The item that crosses a cut-off may belong to the class above it or not: both conventions."""
    from restock.sim.model.abc_classes import abc_classes, value_order

    names = list(ITEMS)
    units = np.array([units for units, _ in ITEMS.values()], dtype=float)
    value = units * [cost for _, cost in ITEMS.values()]
    numbers = [
        Number("total value", 23500, 23500, float(value.sum())),
        Number("values of a year that differ", 0, 0, float((value != VALUES).sum())),
        Number(
            "by value: places in the order that differ", 0, 0, float((value_order(value, names) != range(10)).sum())
        ),
    ]
    for crossing, expected in BY_VALUE.items():
        found = abc_classes(value, (0.8, 0.95), crossing, names)
        numbers.append(_otherwise(f"by value, crossing item {crossing}", expected, found))
    by_velocity = abc_classes(units, (0.8, 0.95), "included", names)
    numbers.append(_otherwise("by velocity", BY_VELOCITY, by_velocity))
    both = np.char.add(abc_classes(value, (0.8, 0.95), "included", names), by_velocity)
    return [Check((*numbers, _otherwise("by value and velocity", BY_BOTH, both)))]


def _otherwise(what: str, expected: Sequence[str], found: np.ndarray) -> Number:
    return Number(f"{what}: items classed otherwise", 0, 0, float((found != list(expected)).sum()))


RETURN_SHARE, RESALABLE = 0.2, 0.5


def identities(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Conservation, cell by cell, in a DC with two stores; Little's law with lead times that cross."""
    lead = Empirical((1, 2, 6), (2, 2, 1))
    little = Run(one_store(Poisson(5.0), lead, 30), {"name": "base_stock", "base_stock_level": 30})
    scenario = one_store(Poisson(5.0), lead, 14, backorder_share=0.0)
    supply = Number("ordered / sold, unmet demand lost", None, 1.0, _ordered_for_sold)
    time_on_order = Number("mean on order / order rate (mean lead time)", None, (1 * 2 + 2 * 2 + 6) / 5,
                           share("on_order_days", "ordered"))  # fmt: skip
    lossy = one_store(Poisson(5.0), lead, 14, backorder_share=0.0)
    item = lossy.items[0].having(returns=Returns(RETURN_SHARE, lead, RESALABLE), shrinkage=Poisson(0.2))
    lossy = lossy.having(Records(full_count_every=7), items=(item,))
    with_returns = Number("ordered / needed, with returns and shrinkage", None, 1.0, _ordered_for_needed)
    return [
        Check(tuple(_balances(make_policy))),
        Check((with_returns,), Run(lossy, {"name": "base_stock", "base_stock_level": 14})),
        Check((time_on_order,), little),
        Check((supply,), Run(scenario, {"name": "base_stock", "base_stock_level": 14})),
    ]


def _ordered_for_sold(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
    return facts["ordered"], facts["demand"] - facts["lost"]


def _ordered_for_needed(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
    sold = facts["demand"] - facts["lost"]
    return facts["ordered"], sold * (1 - RETURN_SHARE * RESALABLE) + facts["shrunk"]


def _balances(make_policy: MakePolicy) -> list[Number]:
    from restock.sim.measures.facts import FACT, MONEY, facts
    from restock.sim.measures.ledger import named
    from restock.sim.planning.prepared import Prepared
    from restock.sim.run.shards import run_kernel

    sites = [Site("dc", "dc"), Site("a", served_by="dc"), Site("b", served_by="dc")]
    lanes = [Lane("supplier", "dc", Empirical((1, 3, 5), (1, 1, 1)))]
    lanes += [Lane("dc", name, Empirical((1, 2), (1, 1))) for name in "ab"]
    items = [Item.with_settings("brought back", backorder_share=0.5, returns=Returns(0.2, Constant(3), 0.7)),
             Item.with_settings("thrown away", backorder_share=0.5, shelf_life=4)]  # fmt: skip
    demand = {(item.name, name): Poisson(4.0) for item in items for name in "ab"}
    stock = np.array([[60, 20, 20]] * len(items))
    prepared = Prepared(scenario_of("flows", items, sites, lanes, demand, days=364, opening_stock=stock))
    books = []
    for level in (18, 22):
        plan = prepared.plan(make_policy({"name": "base_stock", "base_stock_level": level}))
        ledger = run_kernel(prepared, plan, seed=20, replications=64).ledger
        books.append(named(ledger))
    b = books[0]
    sold = b["filled"] + b["backorders_served"] - b["shipped"]
    wait = b["demand"] - b["filled"] - b["lost"] - b["refused"]
    change = {name: b[f"closing_{name}"] - b[f"opening_{name}"] for name in ("on_hand", "on_order", "backorders")}
    fill = b["filled"] / b["demand"]
    together = b["filled"].sum(axis=-1) / b["demand"].sum(axis=-1)
    outside = np.maximum(0, fill.min(axis=-1) - together) + np.maximum(0, together - fill.max(axis=-1))
    paid = facts(ledger, prepared.scenario)[..., [FACT[name] for name in MONEY]]
    residuals = {
        "unit balance": b["received"] + b["restocked"] - change["on_hand"] - sold - b["shipped"] - b["expired"],
        "backlog": wait - b["backorders_served"] - change["backorders"],
        "on order": b["ordered"] - b["received"] - b["cancelled"] - change["on_order"],
        "inventory position": b["ordered"] - b["cancelled"] - (b["demand"] - b["lost"] - b["refused"])
        + b["restocked"] - b["expired"] - change["on_hand"] - change["on_order"] + change["backorders"],
        "orders of the stores, asked of the DC": b["demand"][..., 0]
        - (b["ordered"] - b["cancelled"])[..., 1:].sum(axis=-1),
        "shipped, received and on its way": b["shipped"][..., 0] - b["received"][..., 1:].sum(axis=-1)
        - change["on_order"][..., 1:].sum(axis=-1) + change["backorders"][..., 0],
        "same demand under two policies": books[1]["demand"][..., 1:] - b["demand"][..., 1:],
        # whoever waits does so at the end of one day at least: gamma never exceeds beta
        "waiting less than it must": np.minimum(0, b["backorder_days"] - wait)[..., 1:],
        "fill rate of all sites outside those of each": outside,
        "costs below 0": np.minimum(0, paid),
    }  # fmt: skip
    return [Number(f"{name}: off", 0, 0, float(np.abs(r).sum())) for name, r in residuals.items()]


COUNTED = {"A": (200, 30), "B": (300, 90), "C": (500, 360)}  # class: items, days between counts in a year of 360
VALUE = {"A": 0.8, "B": 0.15, "C": 0.05}  # of the year's usage


def count_load(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Counts of a chain of 30 stores, in a year of 360 days, which monthly, quarterly and yearly counts divide.

    The event engine counts one store, and must agree with the kernel on all its books; a quick look takes an item in
    a hundred.
    """
    as_planned = _counts(make_policy, 30)
    per_store = as_planned[:, 0].sum()
    wrong = _counts(make_policy, 30, counted_as={"A": "C"}).sum()
    part = 100 if quick else 1
    of_both = _counts(make_policy, 1, part=part, both=True)
    numbers = [
        Number("counts a year and store", 4100, 200 * 12 + 300 * 4 + 500, float(per_store)),
        Number("counts a working day and store", 16.4, 4100 / 250, float(per_store / 250)),
        Number("counts a year of 30 stores", 123000, 30 * 4100, float(as_planned.sum())),
        Number("the same, A items counted as C", 57000, 30 * 1900, float(wrong)),
        Number("counts a year of one store, in both engines", None, 4100 / part, float(of_both.sum())),
    ]
    return [Check(tuple(numbers))]


def _counts(make_policy: MakePolicy, stores: int, counted_as: dict[str, str] | None = None, part: int = 1,
            both: bool = False) -> np.ndarray:  # fmt: skip
    """Counts of a year, (items, sites); -1 everywhere where two engines differ."""
    from restock.sim.engines.events.engine import run_events
    from restock.sim.measures.ledger import NAMES
    from restock.sim.planning.prepared import Prepared
    from restock.sim.run.shards import run_kernel

    items, names = [], [f"store_{k}" for k in range(stores)]
    for name, (many, _) in COUNTED.items():
        for k in range(many // part):
            as_class = (counted_as or {}).get(name)
            cost = VALUE[name] / many
            item = Item(f"{name}_{k}", unit_cost=cost, unit_price=2 * cost)
            items.append(item.having(count_class=as_class))
    demand = {(item.name, name): Constant(1) for item in items for name in names}
    records = Records(count_every=tuple(days for _, days in COUNTED.values()))
    lanes = [Lane("supplier", name) for name in names]
    sites = [Site(name) for name in names]
    scenario = scenario_of("counts", items, sites, lanes, demand, days=360, features=(records,))
    prepared = Prepared(scenario)
    plan = prepared.plan(make_policy({"name": "base_stock", "base_stock_level": 5}))
    ledger = run_kernel(prepared, plan, 1, 1).ledger
    if both and (run_events(prepared, plan, 1, 1).ledger != ledger).any():
        return np.full((len(items), stores), -1)
    counts: np.ndarray = ledger[0, :, :, NAMES.index("counts")]
    return counts


LEDGER = [  # demand, sold, unit price, unit cost, units above the cover wanted; sold at a reduced price, percent off
    (100, 92, 12.0, 7.0, 0, 0, 0), (60, 60, 30.0, 18.0, 25, 10, 50), (40, 30, 50.0, 30.0, 0, 0, 0),
]  # fmt: skip


def distortion(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """The month's stock is held for a year, so that days are whole; its carrying cost is then a twelfth."""
    from restock.sim.measures.facts import DAYS_OF_YEAR, FACTS, facts
    from restock.sim.measures.ledger import COUNT, NAMES

    items = [Item(f"sku_{k}", unit_price=price, unit_cost=cost) for k, (_, _, price, cost, *_) in enumerate(LEDGER)]
    demand = {(item.name, "store"): Constant(1) for item in items}
    scenario = scenario_of("month", items, [Site("store")], [Lane("supplier", "store")], demand,
                           costs=Costs(carrying_rate=0.25), days=DAYS_OF_YEAR)  # fmt: skip
    ledger = np.zeros((len(items), 1, COUNT), np.int64)
    for row, (asked, sold, _, _, above, reduced, percent) in zip(ledger[:, 0], LEDGER, strict=True):
        row[[NAMES.index("demand"), NAMES.index("filled"), NAMES.index("lost")]] = asked, sold, asked - sold
        row[NAMES.index("overstock_days")] = above * DAYS_OF_YEAR
        row[[NAMES.index("marked_down"), NAMES.index("markdown_points")]] = reduced, reduced * percent
    total = dict(zip(FACTS, facts(ledger, scenario).sum(axis=(0, 1)).tolist(), strict=True))
    found = {
        "sales": (4254.0, total["sales_revenue"]),
        "markdown loss": (150.0, total["markdown_loss"]),
        "lost sales at price": (596.0, total["lost_retail"]),
        "lost margin": (240.0, total["lost_margin"]),
        "overstock at cost": (450.0, total["overstock_value_days"] / DAYS_OF_YEAR),
        "carrying cost of overstock, a month": (9.375, total["overstock_carrying"] / 12),
        "fill rate, units": (0.91, total["filled"] / total["demand"]),
        "fill rate, value": (0.8808, total["filled_value"] / total["demand_value"]),
    }
    both = total["overstock_carrying"] / 12 + total["markdown_loss"]
    retail = total["lost_retail"] + both
    found |= {
        "distortion, retail basis": (755.375, retail),
        "distortion, margin basis": (399.375, total["lost_margin"] + both),
    }
    numbers = [Number(name, printed, printed, float(value)) for name, (printed, value) in found.items()]
    of_sales = Number("distortion of sales, retail basis", 0.177568, 755.375 / 4254, retail / total["sales_revenue"])
    return [Check((*numbers, of_sales))]


def field_figures(quick: bool, make_policy: MakePolicy) -> list[Check]:
    return [unchecked("all 9 numbers", "formula only: figures from the field, nothing to compute")]


PRICE, LOT = 20.0, 100
COST, SOLD = (10.0, 11.0, 13.0), (60, 70, 80)  # of a unit of each day's lot; units sold each day
MOVES = [move for cost, units in zip(COST, SOLD, strict=True) for move in ((LOT, cost), (-units, cost))]
PRINTED = {  # COGS, ending inventory, gross margin, turnover, days of inventory, GMROI
    "fifo": (2230.0, 1170.0, 1970.0, 2.0553, 177.5897, 1.8157),
    "lifo": (2410.0, 990.0, 1790.0, 2.4221, 150.695, 1.799),
    "average": (2314.7059, 1085.2941, 1885.2941, 2.22, 164.4123, 1.8082),
    "lifo, periodic": (2500.0, 900.0, 1700.0, 2.6316, 138.7, 1.7895),
}


def fifo_lifo(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """A lot a day, each dearer than the last: one run gives all three perpetual flows.

    The case takes average inventory as half of opening plus ending, and calls its three days a year. Books are kept in
    ten-thousandths of money, so what is compared is rounded to thousandths. Periodic LIFO costs sales with purchases
    that had not been made yet: no run does that.
    """
    numbers, (books, differ) = [], _bought_and_sold()
    revenue = books["filled"] * PRICE
    for flow, printed in PRINTED.items():
        if flow in cost_flow.FLOWS:
            theory = cost_flow.perpetual(MOVES, flow)
            cogs, ending, opening = (books[f"{name}_{flow}"] / PER_MONEY for name in
                                     ("cogs", "closing_value", "opening_value"))  # fmt: skip
            found = cost_flow.ratios(cost_flow.Costing(cogs, ending), revenue, opening)
            estimates: Sequence[float | None] = [round(value, 3) for value in found]
        else:
            theory, estimates = cost_flow.periodic_lifo(MOVES), [None] * len(printed)
        expected = cost_flow.ratios(theory, sum(SOLD) * PRICE, LOT * COST[0])
        numbers += [
            Number(f"{flow}: {name.replace('_', ' ')}", value, round(formula, 3), estimate)
            for name, value, formula, estimate in zip(expected._fields, printed, expected, estimates, strict=True)
        ]
    return [Check((*numbers, differ))]


def _bought_and_sold() -> tuple[dict[str, float], Number]:
    """The books of a store that gets a lot each morning after the first, and whether both engines keep the same."""
    from restock.sim.measures.ledger import NAMES
    from restock.sim.planning.policy import Policy

    class ALotAtNight(Policy):
        def levels(self, known):  # type: ignore[no-untyped-def]
            return {"lot": LOT}

        @staticmethod
        def rule(view, levels):  # type: ignore[no-untyped-def]
            return levels.lot

    steps = {day: COST[day] / COST[day - 1] for day in (1, 2)}
    plain = replayed([SOLD], [Site("store")], [Lane("supplier", "store")], [0], [LOT], 0.0)
    item = replace(plain.items[0], unit_cost=COST[0], unit_price=PRICE)
    run, differ = played(plain.having(UnitCosts(cost_steps=steps), items=(item,)), ALotAtNight())
    return dict(zip(NAMES, run.ledger[0, 0].tolist(), strict=False)), differ


CASES = (
    Case("SS-formula", "Silver, Pyke & Thomas (2017), sections 6.7 and 6.10", 1e-3, ss_formula),
    Case("ABC", "Pareto practice: A 80%, B 15%, C 5% of annual value", 0.0, abc),
    Case("IDENTITIES", "conservation laws; Little (1961)", 0.0, identities),
    Case("COUNT-LOAD", "practice: monthly, quarterly, yearly counts", 0.0, count_load),
    Case("FIFO-LIFO", "IAS 2 and US GAAP cost flow", 1e-3, fifo_lifo),
    Case("DISTORTION", "IHL Group: out-of-stocks + overstocks", 5e-5, distortion),
    Case("FIELD-FIGURES", "IHL Group (2025); DeHoratius & Raman (2008); Sterman (1989)", 0.0, field_figures),
)
