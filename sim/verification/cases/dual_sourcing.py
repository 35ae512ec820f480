"""Two sources: DUAL-INDEX. Demand 0 to 4, regular lead time 3, express 1, in restock's day."""

from __future__ import annotations

import numpy as np

from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario, scenario_of
from restock.sim.probability.laws import Constant, Empirical, Law, Poisson
from restock.sim.theory import base_stock, dual_sourcing
from restock.sim.verification.cases.worlds import BACKORDERS, DAYS, FILL, ON_HAND, WARM_UP, one_store, per_day
from restock.sim.verification.judging import Case, Check, MakePolicy, Number, Run

UNIFORM = Empirical((0, 1, 2, 3, 4), (1, 1, 1, 1, 1))
HOLDING, WAITING = 5.0, 495.0
PUBLISHED = {  # premium: optimal cost; dual index (S_e, S_r, cost); base surge (base, S_e, cost)
    5: (16.769802, (4, 7, 17.022059), (1, 4, 16.903047)),
    10: (19.733333, (4, 8, 20.125313), (1, 4, 21.903047)),
    20: (23.071429, (4, 9, 23.337662), (1, 4, 31.903047)),
}
EXPRESSED = per_day("expedited")


def two_sources(law: Law) -> Scenario:
    """One item at one store, unmet demand waits; the second source is the quicker one."""
    from restock.sim.features.second_source.settings import Sourcing  # takes numba, which is slow to import

    lanes = [Lane("far", "store", Constant(3)), Lane.with_settings("near", "store", Constant(1), premium=1.0)]
    item = Item("item", supplier="far", backorder_share=1.0)
    return scenario_of(
        "two sources", [item], [Site("store")], lanes, {("item", "store"): law}, days=DAYS, warm_up=WARM_UP,
        opening_stock=np.array([[8]]), features=(Sourcing("policy", "near"),),
    )  # fmt: skip


def dual_index(quick: bool, make_policy: MakePolicy) -> list[Check]:
    checks = []
    for premium, (optimum, (lower, higher, cost), (base, surge_level, surge_cost)) in PUBLISHED.items():
        at = f"premium {premium}: "
        found = dual_sourcing.best_dual_index(UNIFORM, 1, 3, premium, HOLDING, WAITING)
        of_surge = dual_sourcing.base_surge_service(UNIFORM, surge_level, base, 1)
        least = dual_sourcing.best_two_source_cost(UNIFORM, premium, HOLDING, WAITING)
        numbers = (
            Number(at + "cost of the best policy", optimum, least),
            Number(at + "best express level", lower, found[0]),
            Number(at + "best level", higher, found[1]),
        )
        checks.append(Check(numbers, verdict="formula only: dynamic programming and search"))
        a_day = per_day({"on_hand_days": HOLDING, "backorder_days": WAITING, "expedited": premium})
        index = {"name": "dual_index", "express_base_stock_level": lower, "base_stock_level": higher}
        best = Number(at + "dual index, cost a day", cost, found[2], a_day)
        checks.append(Check((best,), Run(two_sources(UNIFORM), index)))
        surge = {"name": "tailored_base_surge", "express_base_stock_level": surge_level, "order_a_day": base}
        at_surge = Number(at + "base surge, cost a day", surge_cost, of_surge.cost(premium, HOLDING, WAITING), a_day)
        checks.append(Check((at_surge,), Run(two_sources(UNIFORM), surge)))
        all_express = {"name": "dual_index", "express_base_stock_level": 4, "base_stock_level": 4}
        alone = dual_sourcing.dual_index_service(UNIFORM, 4, 4, 1, 3).cost(premium, HOLDING, WAITING)
        number = Number(at + "all expressed, cost a day", 2.0 * premium + 10.0, alone, a_day)
        checks.append(Check((number,), Run(two_sources(UNIFORM), all_express)))
    service = base_stock.base_stock_service(UNIFORM, 11, 3)
    stock = per_day({"on_hand_days": HOLDING, "backorder_days": WAITING})
    cost = HOLDING * service.mean_on_hand + WAITING * service.mean_backorders
    number = Number("nothing expressed: cost a day", 29.0, cost, stock)
    checks.append(Check((number,), Run(one_store(UNIFORM, 3, 11), {"name": "base_stock", "base_stock_level": 11})))
    for law, lower, higher, printed in (
        (Poisson(3.0), 5, 10, (0.863072, 2.818996, 0.092852, 0.969049)),
        (UNIFORM, 4, 9, (0.277922, 3.555844, 0.0, 1.0)),
    ):
        at = f"S_e = {lower}, S_r = {higher}: "
        theory = dual_sourcing.dual_index_service(law, lower, higher, 1, 3)
        figures = (
            Number(at + "units expressed a day", printed[0], theory.expressed, EXPRESSED),
            Number(at + "mean on hand", printed[1], theory.mean_on_hand, ON_HAND),
            Number(at + "mean backorders", printed[2], theory.mean_backorders, BACKORDERS, narrow=0.002),
            Number(at + "fill rate", printed[3], theory.fill_rate, FILL, True),
        )
        index = {"name": "dual_index", "express_base_stock_level": lower, "base_stock_level": higher}
        checks.append(Check(figures, Run(two_sources(law), index)))
    return checks


CASES = (
    Case(
        "DUAL-INDEX",
        "Veeraraghavan & Scheller-Wolf (2008), Operations Research 56(4); base surge: Allon & Van Mieghem (2010)",
        1e-5, dual_index,
    ),
)  # fmt: skip
