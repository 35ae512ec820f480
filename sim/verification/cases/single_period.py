"""One period, one lot, one pooled stock: NV-poisson, EOQ, EPPEN, TRANSFER-1P."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from restock.sim.features.transfers.settings import Transfers
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario, scenario_of
from restock.sim.probability.laws import Constant, Law, Poisson, RoundedNormal
from restock.sim.theory import lot_size, newsvendor, pooling
from restock.sim.verification.cases.worlds import DAYS, FILL, ON_HAND, WARM_UP, one_store, per_day, share
from restock.sim.verification.judging import Case, Check, Facts, MakePolicy, Number, Run


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
    """The best lots by formula; lots of whole units also by a run."""
    lot = lot_size.economic_order_quantity(*EOQ)
    waiting = lot_size.economic_order_quantity_with_backorders(*EOQ, 5.0)
    numbers = (
        Number("order quantity", 304.04678, lot.order_quantity),
        Number("cost a year", 68.410526, lot.cost),
        Number("orders a year", 4.275658, lot.orders),
        Number("cost of twice the quantity", 85.513157, lot_size.lot_cost(2 * lot.order_quantity, *EOQ)),
        Number("order quantity, backorders", 310.812555, waiting.order_quantity),
        Number("share backordered", 0.043062, waiting.share_backordered),
        Number("cost a year, backorders", 66.921364, waiting.cost),
    )
    best = Check(numbers, verdict="formula only: lots of fractional units; whole ones follow")
    return [best, *(_whole_lot(quantity, most) for quantity, most in ((304, 0), (608, 0), (311, 13)))]


EOQ = (8.0, 0.225, 1300.0)  # ordering cost, holding cost of a unit for a year, units a year


def _whole_lot(quantity: int, most_waiting: int) -> Check:
    """One unit a day, a day being 1/1300 of a year. Within a day stock falls evenly: what is sold from stock was there
    for half the day, what starts to wait waits for half of it.
    """
    cycles = 12

    def money(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
        held = facts["on_hand_days"] + facts["filled"] / 2
        waited = facts["backorder_days"] - (facts["demand"] - facts["filled"]) / 2
        return 1300 * 8.0 * facts["orders"] + 0.225 * held + 5.0 * waited, facts["days"]

    at = f"lots of {quantity}{f', {most_waiting} waiting at most' if most_waiting else ''}: "
    cost = lot_size.lot_cost_with_backorders(quantity, most_waiting, *EOQ, 5.0)
    numbers = [
        Number(at + "cost a year", None, cost, money),
        Number(at + "orders a year", None, 1300 / quantity, per_day({"orders": 1300})),
    ]
    if most_waiting:
        numbers.append(Number(at + "share backordered", None, most_waiting / quantity, share("stockout_days")))
    lots = {"name": "reorder_point", "lots": True, "reorder_point": -most_waiting, "order_quantity": quantity}
    scenario = one_store(Constant(1), 1, quantity - most_waiting, days=cycles * quantity, warm_up=0)
    return Check(tuple(numbers), Run(scenario, lots))


EPPEN = {  # stores: separate cost and safety stock; for correlation 0 and 0.3 the pooled cost, ratio and safety stock
    1: (52.6495, 38.4465, (52.6495, 1.0, 38.4465), (52.6495, 1.0, 38.4465)),
    4: (210.598, 153.7862, (105.299, 0.5, 76.8931), (145.1447, 0.6892, 105.9898)),
    9: (473.8455, 346.0189, (157.9485, 0.3333, 115.3396), (291.2426, 0.6146, 212.6758)),
    16: (842.392, 615.1448, (210.598, 0.25, 153.7862), (493.8961, 0.5863, 360.6606)),
    30: (1579.485, 1153.3964, (288.3732, 0.1826, 210.5804), (898.1332, 0.5686, 655.849)),
}


PARTS = 5  # a run counts fifths of a unit, so that rounding does not show


def total_variance(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
    """Variance of the demand of all stores together, in whole units."""
    days = facts["days"]
    return (facts["total_demand_squared"] - facts["demand"] ** 2 / days) / PARTS**2, days - 1


CORRELATION = 0.3


def stores_as_one(stores: int, pool: int) -> Run:
    """Correlated stores that serve each other's customers at once: their stocks, `pool` in all, are one."""
    from restock.sim.verification.cases.rules import LevelsBySite

    levels = [pool // stores + (k < pool % stores) for k in range(stores)]
    apart = one_store(RoundedNormal(PARTS * 100, PARTS * 30), 1, 0, 0.0, stores=stores, days=364)
    region = Transfers({"all": [site.name for site in apart.sites]}, at_once=True)
    demand = replace(apart.demand, correlation=CORRELATION)
    together = apart.having(region, demand=demand, opening_stock=np.array([levels]))
    return Run(together, LevelsBySite(level_of=tuple(levels)))


def eppen(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """One pooled stock, given the law of the sum; and where demand is correlated, stores that help each other, too."""
    checks = []
    cost = per_day({"on_hand_days": 1 / PARTS, "lost": 9 / PARTS})
    for n in (4,) if quick else EPPEN:
        apart, alone, printed, correlated = EPPEN[n]
        for correlation, (together, ratio, safety) in ((0.0, printed), (CORRELATION, correlated)):
            found = pooling.pooled(n, 100, 30, 1, 9, correlation)
            at = f"{n} stores, correlation {correlation}: "
            pool = round(PARTS * (100 * n + found.pooled_safety_stock))
            deviation = 30 * (n * (1 + (n - 1) * correlation)) ** 0.5
            checks += [
                Check((Number(at + "pooled / separate cost", ratio, found.ratio),
                       Number(at + "pooled safety stock", safety, found.pooled_safety_stock))),
                Check((Number(at + "pooled cost", together, found.pooled_cost, cost),),
                      Run(one_store(RoundedNormal(PARTS * 100 * n, PARTS * deviation), 1, pool, 0.0),
                          {"name": "base_stock", "base_stock_level": pool})),
            ]  # fmt: skip
        if n > 1:
            at = f"{n} stores that help each other, correlation {CORRELATION}: "
            checks.append(Check((Number(at + "cost", correlated[0], found.pooled_cost, cost),
                                 Number(at + "variance of all demand", None, deviation**2, total_variance)),
                                stores_as_one(n, pool)))  # fmt: skip
        level = round(PARTS * (100 + found.separate_safety_stock / n))
        at = f"{n} stores apart: "
        safety_stock = Number(at + "safety stock", alone, found.separate_safety_stock)
        checks += [
            Check((safety_stock,)),
            Check((Number(at + "cost", apart, found.separate_cost, cost),
                   Number(at + "variance of all demand", None, 900.0 * n, total_variance)),
                  Run(one_store(RoundedNormal(PARTS * 100, PARTS * 30), 1, level, 0.0, stores=n, days=364),
                      {"name": "base_stock", "base_stock_level": level})),
        ]  # fmt: skip
    return checks


TRANSFERS = {  # (mean demand, stock) of two stores: transfers both ways, short and left without and with, fill rates
    ((20, 22), (20, 22)): (0.458911, 0.458911, 1.958993, 1.041171, 5.958993, 5.041171, 0.951025, 0.973971),
    ((20, 26), (20, 18)): (2.058754, 0.043745, 3.14367, 1.041171, 7.14367, 5.041171, 0.921408, 0.973971),
    ((20, 24), (12, 14)): (0.42324, 0.239038, 1.117517, 0.455239, 7.117517, 6.455239, 0.965078, 0.985774),
}


def transfer(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Stock is restored every day. With transfers, what is short and left of both is that of one stock for both; and it
    is what two stores come to that send each other goods at once."""
    from restock.sim.verification.cases.rules import LevelsBySite

    checks = []
    for ((mean, stock), (other_mean, other_stock)), printed in list(TRANSFERS.items())[2 * quick :]:
        laws, levels = (Poisson(float(mean)), Poisson(float(other_mean))), (stock, other_stock)
        found = pooling.transfers(*laws, *levels)
        at = f"stock {stock} and {other_stock}: "
        of = {
            name: (at + name.replace("_", " "), value, theory)
            for name, value, theory in zip(found._fields, printed, found, strict=True)
        }
        one = Poisson(float(mean + other_mean))
        for word, scenario, policy in (
            ("without", two_stores(laws, levels), LevelsBySite(level_of=levels)),
            ("with", one_store(one, 1, sum(levels), 0.0), LevelsBySite(level_of=(sum(levels),))),
        ):
            numbers = (
                Number(*of[f"short_{word}"], per_day("lost")),
                Number(*of[f"left_{word}"], ON_HAND),
                Number(*of[f"fill_{word}"], FILL, True),
            )
            checks.append(Check(numbers, Run(scenario, policy)))
        helped = (
            Number(*of["first_to_second"], per_day("transferred_out@first")),
            Number(*of["second_to_first"], per_day("transferred_out@second")),
            Number(*of["short_with"], per_day("lost")),
            Number(*of["left_with"], ON_HAND),
            Number(*of["fill_with"], FILL, True),
        )
        helping = two_stores(laws, levels).having(Transfers({"both": ["first", "second"]}, at_once=True))
        checks.append(Check(helped, Run(helping, LevelsBySite(level_of=levels))))
    return checks


def two_stores(laws: tuple[Law, Law], levels: tuple[int, int]) -> Scenario:
    sites = [Site("first"), Site("second")]
    demand = {("item", site.name): law for site, law in zip(sites, laws, strict=True)}
    lanes = [Lane("supplier", site.name) for site in sites]
    return scenario_of("two stores", [Item("item")], sites, lanes, demand, days=DAYS, warm_up=WARM_UP,
                       opening_stock=np.array([levels]))  # fmt: skip


CASES = (
    Case("NV-poisson", "Snyder & Shen (2019), example 4.7 without fixed cost", 1e-5, nv_poisson),
    Case("EOQ", "Harris (1913); Snyder & Shen (2019), examples 3.1 and 3.8", 1e-5, eoq),
    Case("EPPEN", "Eppen (1979), Management Science 25(5)", 6e-5, eppen),
    Case("TRANSFER-1P", "Robinson (1990); Rudi, Kapur & Pyke (2001)", 1e-5, transfer),
)
