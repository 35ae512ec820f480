"""Reorder points: RQ-small, ROP-formula, ZF1991, SS-L3, POSITION-TABLE."""

from __future__ import annotations

from restock.sim.probability.laws import Law, Poisson
from restock.sim.theory import min_max, reorder_point
from restock.sim.verification.cases.worlds import BACKORDERS, FILL, ON_HAND, one_store, per_day, share
from restock.sim.verification.judging import Case, Check, MakePolicy, Number, Run

RQ = {  # (r, Q): on hand, backorders, fill rate, alpha, orders a day, cost
    (3, 5): (3.105433, 0.105433, 0.866633, 0.647232, 0.3, 107.923581),
    (8, 12): (11.500166, 0.000166, 0.999559, 0.996197, 0.125, 242.528164),
}
AT_ARRIVAL = "formula only: an order arrives within the day"
RARE = 0.1  # narrow enough for the few units that wait at high service: a tenth of them


def at_day_ends(
    found: reorder_point.LotService, lot: int, at: str, printed: tuple[float, ...],
    cost: tuple[float, float, float] | None = None, days_in_one: int = 1,
) -> tuple[tuple[Number, ...], Number]:  # fmt: skip
    """Numbers of continuous review that the ends of days show, and the one they do not.

    Poisson demand and a lead time of whole days: at the end of each day, the position and net stock of continuous
    review in lots are those of evening orders in lots. A customer comes at a random moment, so the fill rate is the
    share of time with stock on hand (Poisson arrivals see time averages). `days_in_one`: days of the run in one of the
    case.
    """
    on_hand, waiting, fill, alpha, orders, *_ = printed
    numbers = [
        Number(at + "mean on hand", on_hand, found.mean_on_hand, ON_HAND),
        Number(at + "mean backorders", waiting, found.mean_backorders, BACKORDERS,
               narrow=(RARE if waiting < 0.01 else 0.01) * waiting),
        Number(at + "fill rate", fill, found.fill_rate, share("ready_days"), True),
        Number(at + "orders a day", orders, found.orders_per_day,
               per_day({"ordered": days_in_one / lot})),
    ]  # fmt: skip
    if cost is not None:
        weights = {"ordered": cost[0] / lot, "on_hand_days": cost[1], "backorder_days": cost[2]}
        numbers.append(Number(at + "cost a day", printed[5], found.cost, per_day(weights)))
    return tuple(numbers), Number(at + "cycle service level", alpha, found.cycle_service_level)


def in_lots(law: Law, lead_time: int, low: int, lot: int) -> Run:
    settings = {"name": "reorder_point", "lots": True, "reorder_point": low, "order_quantity": lot}
    return Run(one_store(law, lead_time, low + lot), settings)


def rq_small(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Continuous review, seen at the ends of days (see `at_day_ends`)."""
    checks, costs = [], (100, 20, 150)
    for (low, lot), printed in list(RQ.items())[: 2 - quick]:
        found = reorder_point.continuous_service(1.5, 2, low, lot, *costs)
        numbers, alpha = at_day_ends(found, lot, f"r = {low}, Q = {lot}: ", printed, cost=costs)
        checks += [Check(numbers, in_lots(Poisson(1.5), 2, low, lot)), Check((alpha,), verdict=AT_ARRIVAL)]
    low, lot, cost = reorder_point.best_continuous_lot(1.5, 2, *costs)
    best = (Number("best r", 3, low), Number("best Q", 5, lot), Number("cost of the best", 107.923581, cost))
    return [*checks, Check(best)]


ROP = {  # z: reorder point, on hand, backorders, fill rate, alpha, orders a day; 10 a day, 2.5 days, Q = 40
    0: (25, 20.639712, 0.139712, 0.950298, 0.552921, 0.25),
    1.2816: (31, 26.515138, 0.015138, 0.992121, 0.899932, 0.25),
    1.6449: (33, 28.50617, 0.00617, 0.996409, 0.95022, 0.25),
    2.3263: (37, 32.500808, 0.000808, 0.999425, 0.990789, 0.25),
}


def rop_formula(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """As RQ-small; a day of the run is half a day of the case, so that the lead time is whole: 5 days."""
    from restock.sim.theory.safety_stock import safety_stock

    checks = []
    for z, (level, *printed) in ROP.items():
        at = f"z = {z}: "
        chosen = Number(at + "reorder point", level, round(safety_stock(10, 10**0.5, 2.5, z).level))
        found = reorder_point.continuous_service(10, 2.5, level, 40)
        numbers, alpha = at_day_ends(found, 40, at, tuple(printed), days_in_one=2)
        checks += [Check((chosen,)), Check((alpha,), verdict=AT_ARRIVAL)]
        if not quick or z == 0:
            checks += [Check(numbers, in_lots(Poisson(5.0), 5, level, 40))]
    return checks


ZF = {  # mean demand: best s, S and cost; K = 64, h = 1, p = 9, textbook lead time 0
    10: (6, 40, 35.0216), 15: (10, 49, 42.6978), 20: (14, 62, 49.173), 21: (15, 65, 50.406), 22: (16, 68, 51.6323),
    23: (17, 52, 52.7567), 24: (18, 54, 53.5179), 25: (19, 56, 54.2622), 30: (23, 66, 57.8189), 35: (28, 77, 61.2155),
    40: (33, 87, 64.5118), 45: (37, 97, 67.776), 50: (42, 108, 70.9752), 51: (43, 110, 71.6109), 52: (44, 112, 72.2461),
    55: (47, 118, 74.1487), 59: (51, 126, 76.6791), 60: (52, 129, 77.3059), 61: (52, 131, 77.9287),
    63: (54, 73, 78.2868), 64: (55, 74, 78.4023), 65: (56, 75, 78.5182), 70: (62, 81, 79.0375), 75: (67, 86, 79.5538),
}  # fmt: skip


def zheng_federgruen(quick: bool, make_policy: MakePolicy) -> list[Check]:
    checks = []
    cost = per_day({"orders": 64, "on_hand_days": 1, "backorder_days": 9})
    for mean in (10, 21, 63) if quick else ZF:
        law, (low, high, printed) = Poisson(float(mean)), ZF[mean]
        best = min_max.best_min_max(law, 1, 64, 1, 9)
        numbers = (
            Number(f"mean {mean}: best reorder point (s)", low, best.reorder_point),
            Number(f"mean {mean}: best order-up-to level (S)", high, best.order_up_to_level),
            Number(f"mean {mean}: cost of the best", printed, best.cost, cost),
        )
        policy = {"name": "reorder_point", "reorder_point": low, "order_up_to_level": high}
        checks.append(Check(numbers, Run(one_store(law, 1, high), policy)))
    return checks


SS = {  # (s, S): orders a day, order size, on hand, backorders, fill rate, position after ordering, cost
    (20, 40): (0.222223, 22.499906, 11.844148, 0.195954, 0.963467, 31.648194, 20.274428),
    (17, 33): (0.270259, 18.500789, 7.242985, 0.617261, 0.89132, 26.625724, 20.906098),
    (24, 36): (0.344953, 14.494719, 11.657118, 0.062335, 0.987889, 31.594783, 22.566729),
    (19, 37): (0.243904, 20.499858, 9.940021, 0.301725, 0.944642, 29.638296, 19.972669),  # the best
}


def ss_l3(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """K = 30, h = 1, p = 9, Poisson(5), textbook lead time 3."""
    law = Poisson(5.0)
    best = min_max.best_min_max(law, 4, 30, 1, 9)
    checks = [Check((Number("best reorder point (s)", 19, best.reorder_point),
                     Number("best order-up-to level (S)", 37, best.order_up_to_level)))]  # fmt: skip
    position = per_day({"on_hand_days": 1, "on_order_days": 1, "backorder_days": -1})  # after the evening's order
    cost = per_day({"orders": 30, "on_hand_days": 1, "backorder_days": 9})
    for (low, high), (orders, size, on_hand, backorders, fill, after, printed_cost) in list(SS.items())[3 * quick :]:
        found = min_max.min_max(law, low, high, 4, 30, 1, 9)
        at = f"s = {low}, S = {high}: "
        numbers = (
            Number(at + "orders a day", orders, found.orders_per_day, share("orders")),
            Number(at + "order size", size, found.mean_order, share("ordered", "orders")),
            Number(at + "mean on hand", on_hand, found.mean_on_hand, ON_HAND),
            Number(at + "mean backorders", backorders, found.mean_backorders, BACKORDERS),
            Number(at + "fill rate (beta)", fill, found.fill_rate, FILL, True),
            Number(at + "position after ordering", after, found.mean_position, position),
            Number(at + "cost a day", printed_cost, found.cost, cost),
        )
        policy = {"name": "reorder_point", "reorder_point": low, "order_up_to_level": high}
        checks.append(Check(numbers, Run(one_store(law, 4, high), policy)))
    return checks


POSITIONS = [  # due in, on hand, due out: position, replenish; reorder point 75
    ((0, 100, 0), 100, False), ((100, 0, 0), 100, False), ((0, 0, 75), -75, True), ((100, 0, 75), 25, True),
    ((100, 25, 0), 125, False), ((50, 0, 0), 50, True),
]  # fmt: skip


def position_table(quick: bool, make_policy: MakePolicy) -> list[Check]:
    from types import SimpleNamespace

    from restock.sim.engines.events.stock import Stock

    rule = type(make_policy({"name": "reorder_point"})).rule
    levels = SimpleNamespace(reorder_point=75, order_up_to_level=200)
    wrong_positions = wrong_decisions = 0
    for (due_in, on_hand, due_out), position, replenish in POSITIONS:
        stock = Stock(on_hand, on_hand, overstock_level=1000, on_order=due_in, waiting=due_out)
        view = stock.view(stock.posted, 0, 0)
        wrong_positions += view.inventory_position != position
        wrong_decisions += (rule(view, levels) > 0) != replenish
    return [Check((Number("rows with another position", 0, 0, float(wrong_positions)),
                   Number("rows with another decision", 0, 0, float(wrong_decisions))))]  # fmt: skip


CASES = (
    Case("RQ-small", "Hadley & Whitin (1963); Snyder & Shen (2019), example 5.8", 1e-5, rq_small),
    Case("ROP-formula", "exact evaluation as in RQ-small", 1e-5, rop_formula),
    Case("ZF1991", "Zheng & Federgruen (1991), Operations Research 39(4), table 1", 5e-4, zheng_federgruen),
    Case("SS-L3", "Zheng & Federgruen (1991); position chain", 1e-5, ss_l3),
    Case("POSITION-TABLE", "Supply Chain Guru help, page Inventory Policies", 0.0, position_table),
)
