"""One period, one lot, one pooled stock: NV-poisson, EOQ, EPPEN, TRANSFER-1P."""

from __future__ import annotations

import numpy as np

from sim.laws import Poisson, RoundedNormal
from sim.theory import lot_size, newsvendor, pooling
from sim.verify import Case, Check, Estimate, Facts, MakePolicy, Number, Run
from sim.verify_cases.worlds import FILL, one_store, per_day, share


def nv_poisson(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Each day starts with the base-stock level: a newsvendor, unmet demand lost."""
    law = Poisson(6.0)
    best, five = newsvendor.newsvendor(law, 1, 4), newsvendor.newsvendor(law, 1, 4, quantity=5)
    cost, in_stock = per_day({"on_hand_days": 1, "lost": 4}), share("stockout_days", less=True)
    numbers = (
        Number("best quantity", 8, best.quantity),
        Number("cost of the best quantity", 3.570107, best.cost, cost),
        Number("cycle service level (alpha)", 0.847237, best.cycle_service_level, in_stock, True),
        Number("fill rate (beta)", 0.947663, best.fill_rate, FILL, True),
    )
    return [
        Check(numbers, Run(one_store(law, 1, 8, 0.0), {"name": "base_stock", "base_stock_level": 8})),
        Check((Number("cost of quantity 5", 6.590296, five.cost, cost),),
              Run(one_store(law, 1, 5, 0.0), {"name": "base_stock", "base_stock_level": 5})),
    ]  # fmt: skip


def eoq(quick: bool, make_policy: MakePolicy) -> list[Check]:
    lot = lot_size.economic_order_quantity(8.0, 0.225, 1300.0)
    waiting = lot_size.economic_order_quantity_with_backorders(8.0, 0.225, 1300.0, 5.0)
    double = lot_size.lot_cost(2 * lot.order_quantity, 8.0, 0.225, 1300.0)
    numbers = (
        Number("order quantity", 304.04678, lot.order_quantity),
        Number("cost a year", 68.410526, lot.cost),
        Number("orders a year", 4.275658, lot.orders),
        Number("cost of twice the quantity", 85.513157, double),
        Number("order quantity, backorders", 310.812555, waiting.order_quantity),
        Number("share backordered", 0.043062, waiting.share_backordered),
        Number("cost a year, backorders", 66.921364, waiting.cost),
    )
    return [Check(numbers, verdict="formula only: continuous, even demand")]


EPPEN = {  # stores: separate cost and safety stock; for correlation 0 and 0.3 the pooled cost, ratio and safety stock
    1: (52.6495, 38.4465, (52.6495, 1.0, 38.4465), (52.6495, 1.0, 38.4465)),
    4: (210.598, 153.7862, (105.299, 0.5, 76.8931), (145.1447, 0.6892, 105.9898)),
    9: (473.8455, 346.0189, (157.9485, 0.3333, 115.3396), (291.2426, 0.6146, 212.6758)),
    16: (842.392, 615.1448, (210.598, 0.25, 153.7862), (493.8961, 0.5863, 360.6606)),
    30: (1579.485, 1153.3964, (288.3732, 0.1826, 210.5804), (898.1332, 0.5686, 655.849)),
}


def tenths(weights: dict[str, float]) -> Estimate:
    """Costs of a run whose unit is a tenth."""
    return per_day({name: weight / 10 for name, weight in weights.items()})


def total_variance(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
    """Variance of the demand of all stores together, in whole units."""
    days = facts["days"]
    return (facts["total_demand_squared"] - facts["demand"] ** 2 / days) / 100, days - 1


def eppen(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Stock is held in tenths of a unit, so that rounding does not show."""
    checks = []
    cost = tenths({"on_hand_days": 1, "lost": 9})
    for n in (4,) if quick else EPPEN:
        apart, alone, printed, correlated = EPPEN[n]
        for correlation, (together, ratio, safety) in ((0.0, printed), (0.3, correlated)):
            found = pooling.pooled(n, 100, 30, 1, 9, correlation)
            at = f"{n} stores, correlation {correlation}: "
            formulas = (
                Number(at + "pooled / separate cost", ratio, found.ratio),
                Number(at + "pooled safety stock", safety, found.pooled_safety_stock),
            )
            if correlation:
                pooled_cost = Number(at + "pooled cost", together, found.pooled_cost)
                checks.append(Check((pooled_cost, *formulas), verdict="formula only: needs correlated demand"))
                continue
            level = round(10 * (100 + found.separate_safety_stock / n))
            pool = round(10 * (100 * n + found.pooled_safety_stock))
            checks += [
                Check((*formulas, Number(at + "separate safety stock", alone, found.separate_safety_stock))),
                Check((Number(at + "separate cost", apart, found.separate_cost, cost),
                       Number(at + "variance of all demand", None, 900.0 * n, total_variance)),
                      Run(one_store(RoundedNormal(1000, 300), 1, level, 0.0, stores=n, days=364),
                          {"name": "base_stock", "base_stock_level": level})),
                Check((Number(at + "pooled cost", together, found.pooled_cost, cost),),
                      Run(one_store(RoundedNormal(1000 * n, 300 * n**0.5), 1, pool, 0.0),
                          {"name": "base_stock", "base_stock_level": pool})),
            ]  # fmt: skip
    return checks


TRANSFERS = {  # (mean demand, stock) of two stores: transfers both ways, short and left without and with, fill rates
    ((20, 22), (20, 22)): (0.458911, 0.458911, 1.958993, 1.041171, 5.958993, 5.041171, 0.951025, 0.973971),
    ((20, 26), (20, 18)): (2.058754, 0.043745, 3.14367, 1.041171, 7.14367, 5.041171, 0.921408, 0.973971),
    ((20, 24), (12, 14)): (0.42324, 0.239038, 1.117517, 0.455239, 7.117517, 6.455239, 0.965078, 0.985774),
}


def transfer(quick: bool, make_policy: MakePolicy) -> list[Check]:
    numbers = []
    for ((mean, stock), (other_mean, other_stock)), printed in TRANSFERS.items():
        found = pooling.transfers(Poisson(float(mean)), Poisson(float(other_mean)), stock, other_stock)
        for name, value, theory in zip(found._fields, printed, found, strict=True):
            numbers.append(Number(f"stock {stock} and {other_stock}: {name.replace('_', ' ')}", value, theory))
    return [Check(tuple(numbers), verdict="formula only: needs transfers between stores")]


CASES = (
    Case("NV-poisson", "Snyder & Shen (2019), example 4.7 without fixed cost", 1e-5, nv_poisson),
    Case("EOQ", "Harris (1913); Snyder & Shen (2019), examples 3.1 and 3.8", 1e-5, eoq),
    Case("EPPEN", "Eppen (1979), Management Science 25(5)", 6e-5, eppen),
    Case("TRANSFER-1P", "Robinson (1990); Rudi, Kapur & Pyke (2001)", 1e-5, transfer),
)
