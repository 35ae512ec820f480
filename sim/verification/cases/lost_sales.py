"""Lost sales: ERLANG-B, CONST-ORDER, ZIPKIN2008, CAPPED-VALLEYS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restock.sim.probability.laws import Geometric, Poisson
from restock.sim.theory import best_lost_sales, lost_sales, one_for_one
from restock.sim.verification.cases.worlds import FILL, ON_HAND, one_store, per_day
from restock.sim.verification.judging import Case, Check, MakePolicy, Number, Run

if TYPE_CHECKING:
    from restock.sim.planning.policy import Policy

ERLANG = {  # S: fill rate, mean on hand, orders a day; 2 a day, mean lead time 3
    4: (0.530435, 0.817391, 1.06087),
    6: (0.735078, 1.589534, 1.470155),
    8: (0.878124, 2.731255, 1.756248),
    10: (0.956858, 4.258851, 1.913716),
}


def erlang(quick: bool, make_policy: MakePolicy) -> list[Check]:
    numbers = []
    for level, printed in ERLANG.items():
        found = one_for_one.one_for_one_lost_sales(2.0, 3.0, level)
        for name, value, theory in zip(found._fields, printed, found, strict=True):
            numbers.append(Number(f"S = {level}: {name.replace('_', ' ')}", value, theory))
    return [Check(tuple(numbers), verdict="formula only: what is lost hangs on the hour")]


def constant_order(quick: bool, make_policy: MakePolicy) -> list[Check]:
    from restock.sim.verification.cases.rules import ConstantOrder

    found = lost_sales.constant_order_service(Poisson(5.0), 4)
    numbers = (
        Number("mean on hand", 1.274794, found.mean_on_hand, ON_HAND),
        Number("fill rate", 0.8, found.fill_rate, FILL, True),
        Number("cost a day, p = 4", 5.274794, found.cost(1, 4), per_day({"on_hand_days": 1, "lost": 4})),
        Number("cost a day, p = 9", 10.274794, found.cost(1, 9), per_day({"on_hand_days": 1, "lost": 9})),
    )
    return [Check(numbers, Run(one_store(Poisson(5.0), 3, 4, 0.0), ConstantOrder(order_quantity=4)))]


ZIPKIN = {  # (penalty p, textbook lead time): best cost; S, cap, cost, fill rate, on hand of three policies
    (4, 1): (4.0407, (13, None, 4.3895, 0.9537, 3.4632), (12, None, 4.1628, 0.9279, 2.7209),
             (12, 6, 4.0654, 0.9241, 2.5468)),
    (4, 2): (4.3953, (18, None, 4.9434, 0.9445, 3.8329), (16, None, 4.6386, 0.896, 2.5594),
             (17, 5, 4.4057, 0.8994, 2.3931)),
    (4, 3): (4.5987, (24, None, 5.7714, 0.9557, 4.8857), (20, None, 4.975, 0.8756, 2.4875),
             (21, 5, 4.6308, 0.8863, 2.3571)),
    (4, 4): (4.7285, (29, None, 6.1363, 0.9525, 5.1868), (25, None, 5.1978, 0.8845, 2.8876),
             (26, 5, 4.7978, 0.8919, 2.6362)),
    (9, 1): (5.4382, (14, None, 5.5575, 0.9717, 4.2832), (13, None, 5.5475, 0.9537, 3.4632),
             (14, 6, 5.4812, 0.9624, 3.7894)),
    (9, 2): (6.0936, (20, None, 6.554, 0.9741, 5.3885), (19, None, 6.3163, 0.9614, 4.5791),
             (19, 6, 6.1191, 0.9558, 4.1288)),
    (9, 3): (6.5314, (26, None, 7.4721, 0.9774, 6.453), (23, None, 6.864, 0.9406, 4.1889),
             (24, 6, 6.6164, 0.9517, 4.4424)),
    (9, 4): (6.8359, (32, None, 8.3718, 0.9804, 7.4899), (28, None, 7.2709, 0.939, 4.5253),
             (29, 5, 6.9123, 0.9285, 3.6945)),
}  # fmt: skip


def zipkin(quick: bool, make_policy: MakePolicy) -> list[Check]:
    from restock.sim.verification.cases.rules import CappedBaseStock

    checks, law = [], Poisson(5.0)
    for penalty, lead_time in ((4, 1), (9, 2)) if quick else ZIPKIN:
        best, *policies = ZIPKIN[penalty, lead_time]
        at = f"p = {penalty}, L = {lead_time}: "
        found_best = best_lost_sales.best_lost_sales_cost(law, lead_time + 1, 1, penalty)
        levels = (best_lost_sales.standard_level(law, lead_time + 1, 1, penalty),
                  best_lost_sales.best_lost_sales_level(law, lead_time + 1, 1, penalty)[0])  # fmt: skip
        capped = best_lost_sales.best_capped_level(law, lead_time + 1, 1, penalty)
        numbers = (
            Number(at + "cost of the best policy", best, found_best),
            Number(at + "standard base-stock level", policies[0][0], levels[0]),
            Number(at + "best base-stock level", policies[1][0], levels[1]),
            Number(at + "best level with a cap", policies[2][0], capped[0]),
            Number(at + "best cap", policies[2][1], capped[1]),
        )
        checks.append(Check(numbers, verdict="formula only: dynamic programming and search"))
        cost = per_day({"on_hand_days": 1, "lost": penalty})
        for level, cap, printed_cost, fill, on_hand in policies:
            found = lost_sales.lost_sales_service(law, level, lead_time + 1, cap)
            which = at + f"S = {level}{f', cap {cap}' if cap else ''}: "
            simulated = (
                Number(which + "cost a day", printed_cost, found.cost(1, penalty), cost),
                Number(which + "fill rate", fill, found.fill_rate, FILL, True),
                Number(which + "mean on hand", on_hand, found.mean_on_hand, ON_HAND),
            )
            policy: Policy | dict[str, object] = {"name": "base_stock", "base_stock_level": level}
            if cap:
                policy = CappedBaseStock(base_stock_level=level, largest_order=cap)
            checks.append(Check(simulated, Run(one_store(law, lead_time + 1, level, 0.0), policy)))
    return checks


VALLEYS = {(23, 11): 19.31390, (22, 13): 19.31241}  # (S, cap): cost; each the best of the caps around it


def valleys(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """The cost of the best level for each cap rises after cap 11, and falls again: the best cap is 13."""
    from restock.sim.verification.cases.rules import CappedBaseStock

    law, lead_time, penalty = Geometric(5.0), 2, 19
    level, cap, cost = best_lost_sales.best_capped_level(law, lead_time, 1, penalty)
    best = Number("best level with a cap", 22, level), Number("best cap", 13, cap)
    numbers = (*best, Number("its cost", 19.31241, cost))
    checks = [Check(numbers, verdict="formula only: search")]
    for (level, cap), printed in VALLEYS.items():
        found = lost_sales.lost_sales_service(law, level, lead_time, cap)
        per = per_day({"on_hand_days": 1, "lost": penalty})
        number = Number(f"S = {level}, cap {cap}: cost a day", printed, found.cost(1, penalty), per)
        policy = CappedBaseStock(base_stock_level=level, largest_order=cap)
        checks.append(Check((number,), Run(one_store(law, lead_time, level, 0.0), policy)))
    return checks


CASES = (
    Case("ERLANG-B", "Karush (1957), Operations Research 5(5)", 1e-5, erlang),
    Case("CONST-ORDER", "Reiman (2004); Zipkin (2008), table 3", 1e-5, constant_order),
    Case("ZIPKIN2008", "Zipkin (2008), Operations Research 56(5), tables 3-4; Xin (2021)", 6e-3, zipkin),
    Case("CAPPED-VALLEYS", "Xin (2021), Operations Research 69(1); costs worked out over all caps", 1e-5, valleys),
)
