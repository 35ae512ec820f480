"""Joint orders: JOINT-PERIODIC."""

from __future__ import annotations

import numpy as np

from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario, scenario_of
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.theory.joint_orders import JointOrders, best_levels, joint_orders
from restock.sim.verification.cases.worlds import per_day
from restock.sim.verification.judging import Case, Check, MakePolicy, Number, Run

DAYS, WARM_UP = 84 * 42, 84 * 2  # whole cycles of all reviews
MEANS, LEAD_TIME = (6.0, 3.0, 1.0), 2
MAJOR, MINOR, HOLDING, WAITING = 40.0, (4.0, 4.0, 2.0), 0.5, 10.0
PRINTED = {  # days between reviews: levels; joint orders, lines, on hand, backorders, cost a day
    1: ((18, 11, 5), 0.999955, (0.997521, 0.950213, 0.632121), (6.082099, 5.034714, 3.022488),
        (0.082099, 0.034714, 0.022488), 57.516019),
    2: ((25, 14, 6), 0.5, (0.499997, 0.498761, 0.432332), (10.057005, 6.543147, 3.528313),
        (0.057005, 0.043147, 0.028313), 36.208585),
    3: ((31, 17, 7), 0.333333, (0.333333, 0.333292, 0.316738), (13.067803, 8.051556, 4.034448),
        (0.067803, 0.051556, 0.034448), 30.748285),
    4: ((38, 21, 8), 0.25, (0.25, 0.249998, 0.245421), (17.0533, 10.535353, 4.54033),
        (0.0533, 0.035353, 0.04033), 29.845165),
    7: ((57, 31, 12), 0.142857, (0.142857, 0.142857, 0.142727), (27.055029, 16.034375, 7.028191),
        (0.055029, 0.034375, 0.028191), 33.37733),
}  # fmt: skip
BEST = {  # days between reviews: levels of least cost, and that cost
    1: ((18, 10, 5), 57.463539), 2: ((24, 13, 6), 35.977317), 3: ((29, 16, 7), 30.472694), 4: ((35, 19, 8), 29.011338),
    5: ((41, 22, 9), 29.183525), 6: ((47, 25, 10), 30.168242), 7: ((52, 28, 11), 31.58565),
    8: ((58, 30, 12), 33.274718), 9: ((64, 33, 13), 35.156372), 10: ((69, 36, 14), 37.156596),
}  # fmt: skip


def joint_periodic(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """The major cost is paid once on evenings on which something is ordered, and on no other.

    In two days and more all but one evening in some 10**8 has an order: how many there are is left to the formula, and
    stands in the cost.
    """
    from restock.sim.features.limits.settings import Limits
    from restock.sim.verification.cases.rules import LevelsByCell

    laws, checks = tuple(Poisson(mean) for mean in MEANS), []
    for review, (levels, orders, lines, on_hand, waiting, cost) in list(PRINTED.items())[quick :: 1 + 2 * quick]:
        found = joint_orders(laws, levels, LEAD_TIME, review)
        total, of_lines = found.cost(MAJOR, MINOR, HOLDING, WAITING), sum(np.multiply(MINOR, found.lines))
        where = f"every {review} days"
        checks.append(Check((
            Number(f"{where}: cost", cost, total),
            *((Number(f"{where}: joint orders", orders, found.orders),) if review > 1 else ()),
            *(Number(f"{where}, item {i}: {what}", value, theory)
              for i in range(3) for what, value, theory in _of_item(found, i, lines, on_hand, waiting)),
        )))  # fmt: skip
        all_lines, all_there = sum(found.lines), sum(each.mean_on_hand for each in found.items)
        all_waiting = sum(each.mean_backorders for each in found.items)
        estimates = per_day({"joint_cost": 1e-3, "on_hand_days": HOLDING, "backorder_days": WAITING})
        printed = cost - float(sum(np.multiply(MINOR, lines)))
        checks.append(Check((
            *((Number(f"{where}: joint orders", orders, found.orders, per_day({"joint_orders": 1e-3}), True),)
              if review == 1 else ()),
            Number(f"{where}: lines", sum(lines), all_lines, per_day("orders")),
            Number(f"{where}: on hand", sum(on_hand), all_there, per_day("on_hand_days")),
            Number(f"{where}: backorders", sum(waiting), all_waiting, per_day("backorder_days"),
                   narrow=0.05 * all_waiting),
            Number(f"{where}: cost but for lines", printed, total - of_lines, estimates),
        ), Run(three_items(levels).having(Limits(joint={"store": {"supplier": {"joint_cost": MAJOR}}})),
               LevelsByCell(level_of=tuple((level,) for level in levels), review_of=(review,) * 3))))  # fmt: skip
    for review, (printed_levels, cost) in list(BEST.items())[:: 1 + 3 * quick]:
        best = best_levels(laws, LEAD_TIME, review, HOLDING, WAITING)
        least = joint_orders(laws, best, LEAD_TIME, review).cost(MAJOR, MINOR, HOLDING, WAITING)
        of_levels = (Number(f"every {review} days, best level of item {i}", value, theory)
                     for i, (value, theory) in enumerate(zip(printed_levels, best, strict=True)))  # fmt: skip
        checks.append(Check((Number(f"every {review} days, best levels: cost", cost, least), *of_levels)))
    return checks


def _of_item(found: JointOrders, i: int, *printed: tuple[float, ...]) -> list[tuple[str, float, float]]:
    theory = (found.lines[i], found.items[i].mean_on_hand, found.items[i].mean_backorders)
    return [(what, value[i], each)
            for what, value, each in zip(("lines", "on hand", "backorders"), printed, theory, strict=True)]  # fmt: skip


def three_items(levels: tuple[int, ...]) -> Scenario:
    """Three items of one supplier at one store; unmet demand waits."""
    items = [Item(name, backorder_share=1.0) for name in "ABC"]
    demand = {(item.name, "store"): Poisson(mean) for item, mean in zip(items, MEANS, strict=True)}
    return scenario_of("joint", items, [Site("store")], [Lane("supplier", "store", Constant(LEAD_TIME))], demand,
                       days=DAYS, warm_up=WARM_UP, opening_stock=np.array([[level] for level in levels]))  # fmt: skip


CASES = (Case("JOINT-PERIODIC", "Atkins & Iyogun (1988): periodic (R, S), exact for Poisson", 1e-5, joint_periodic),)
