"""Facts: what the ledger of a cell means in units, days and money; they add up over cells.

Every measure (see `measures`) is a ratio of two sums of facts, never a mean of ratios. There are two views:

- a group's *own* books (a cell, a site, a tier): the demand of a DC is what the sites below order;
- the *chain* (all sites together, a category, a class, an item): demand and service are those of cells where
  customers ask, and of channels that a DC serves; orders, where they are compared with demand, those placed with
  outside suppliers; stock and costs those of all sites. The fill rate of a DC therefore shows at tier and site level
  only.

Where a site serves both customers and other sites, its service covers both. Units lost unseen are written off at cost
on the day they are lost, whether or not a count has found it; units brought back are refunded at the full price, and
leave the cost of goods sold: their cost is in stock again, or written off. Units cleared at the end of a season are not
sold: they lose what they cost beyond what they bring. Stock on its way between two sites is on hand nowhere and
bears no carrying cost.

Cost is the item's `unit_cost`, a standard cost, whatever becomes of it later. What goods cost under FIFO, LIFO and
moving average, where unit costs change, are facts of their own.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

import numpy as np

from restock.sim.measures.ledger import NAMES, named
from restock.sim.model.books import DAYS_OF_YEAR, Fact, times, units
from restock.sim.model.feature import all_books
from restock.sim.model.scenario import Scenario
from restock.sim.model.streams.streams import asked_by_streams_alone

TERMS: dict[str, dict[str, float]] = {
    "sold": {"filled": 1, "backorders_served": 1, "shipped": -1},
    "net_sold": {"filled": 1, "backorders_served": 1, "shipped": -1},
    "paid": {"filled": 1, "backorders_served": 1, "shipped": -1},
}
"""Columns that are sums of the ledger's, each over a divisor: units handed to customers (what a DC ships is not sold);
those of them that were not brought back; and each counted at the share of its price that was paid."""
for _books in all_books():
    for _column, _terms in _books.terms.items():
        TERMS[_column] = TERMS.get(_column, {}) | dict(_terms)
DERIVED = ("days", "demand_variance", "order_variance", *TERMS)
"""Columns made from the ledger's: days measured; variance of a week's demand and of a week's orders; and `TERMS`."""
COLUMN = {name: k for k, name in enumerate((*NAMES, *DERIVED))}

IN_CHAIN = ("all", "customers", "outside", "none", "channels")
"""All cells; those where customers ask by laws of their own; those that outside suppliers deliver to; none; those where
customers ask by channels alone, at which what the sites below order is demand of the site, and not of the chain."""
OF_CHAIN_ALONE = IN_CHAIN.index("channels")  # in their own books these units are in the site's demand already

_VARIANCE = "variance of a week's {}, summed over cells"
FACTS: dict[str, Fact] = {
    "demand": units("demand", "customers"),
    "filled": units("filled", "customers"),
    "demand_value": Fact("demand at price", "demand", "price", "customers"),
    "filled_value": Fact("units filled at price", "filled", "price", "customers"),
    "demand_days": times("demand_days", "customers"),
    "stockout_days": times("stockout_days", "customers"),
    "ready_days": times("ready_days", "customers"),
    "cycles": times("cycles", "customers"),
    "cycles_in_stock": times("cycles_in_stock", "customers"),
    "cell_days": times("days", "customers", "days of all cells"),
    "all_cell_days": times("days", words="days of all cells, DCs included"),
    "record_exact_days": times("record_exact_days"),
    "record_error_days": times("record_error_days"),
    "phantom_days": times("phantom_days"),
    "freeze_days": times("freeze_days"),
    "counts": times("counts"),
    "demand_variance": Fact(_VARIANCE.format("demand"), "demand_variance", "unit_squared", "customers"),
    "order_variance": Fact(_VARIANCE.format("orders"), "order_variance", "unit_squared", "outside"),
    "lost": units("lost"),
    "ordered": units("ordered"),
    "received": units("received"),
    "orders": times("orders"),
    "on_hand_days": units("on_hand_days"),
    "backorder_days": units("backorder_days"),
    "sales_revenue": Fact("units sold at the price paid", "paid", "price"),
    "cogs": Fact("units sold and not brought back, at cost", "net_sold", "cost"),
    "gross_margin": Fact("units sold and not brought back, at price - cost", "net_sold", "gain"),
    "shipped_at_cost": Fact("units shipped to sites below, at cost", "shipped", "cost", "none"),
    "inventory_value_days": Fact("stock at cost, summed over days", "on_hand_days", "cost"),
    "overstock_value_days": Fact("overstock at cost, summed over days", "overstock_days", "cost"),
    "carrying": Fact("cost of carrying stock", "on_hand_days", "carrying"),
    "overstock_carrying": Fact("cost of carrying overstock", "overstock_days", "carrying"),
    "ordering": Fact("cost of ordering", "orders", "ordering"),
    "transport": Fact("cost of transport", "received", "transport"),
    "lost_margin": Fact("units lost at margin, not below 0", "lost", "margin"),
    "goodwill": Fact("goodwill lost with lost units", "lost", "goodwill"),
    "backorder_cost": Fact("cost of customers waiting", "backorder_days", "waiting"),
    "waiting_retail": Fact("units waiting at price, summed over days", "backorder_days", "price"),
    "lost_retail": Fact("units lost at price", "lost", "price"),
    "write_off": Fact("units lost unseen, at cost", "shrunk", "cost"),
    "shrunk_retail": Fact("units lost unseen, at price", "shrunk", "price"),
    "counting": Fact("cost of counting", "counts", "counting"),
    "received_to_sell": units("received", "customers", "units received where customers ask"),
    "sold": units("sold"),
    "net_revenue": Fact("units sold and not brought back, at price", "net_sold", "price"),
}
NEEDS = dict.fromkeys(FACTS, "")
"""What a run must have for a fact to be other than 0, by fact; '' where every run has it."""
for _books in all_books():
    FACTS |= _books.facts
    NEEDS |= dict.fromkeys(_books.facts, _books.needs)
FACT = {name: k for k, name in enumerate(FACTS)}
MONEY = ("sales_revenue", "cogs", "carrying", "overstock_carrying", "inventory_value_days", "ordering", "transport",
         "lost_margin", "goodwill", "backorder_cost", "lost_retail", "write_off", "shrunk_retail", "counting",
         *(name for _books in all_books() for name in _books.money))  # fmt: skip
OF_ITEM = ("unit", "unit_squared", "once", "price", "cost", "gain", "margin", "carrying", "goodwill", "waiting",
           "counting", *(name for _books in all_books() for name in _books.weight_names))  # fmt: skip
OF_LANE = ("ordering", "transport")
WEIGHTS = (*OF_ITEM, *OF_LANE)


def facts_of(features: Container[str]) -> list[str]:
    """The facts that are not 0 by definition in a run that has these features.

    >>> "demand" in facts_of(()), "expired" in facts_of(()), "expired" in facts_of({"shelf_life"})
    (True, False, True)
    """
    return [name for name, needs in NEEDS.items() if not needs or needs in features]


def item_weights(scenario: Scenario) -> np.ndarray:
    """What a unit (or a day) in each column is worth, by item: float64 (OF_ITEM, items).

    A unit lost costs its margin, never less than 0 (to lose the sale of a loss-maker is not a gain), plus goodwill.

    >>> from restock.sim.planning.example import one_shop
    >>> item_weights(one_shop().scenario)[OF_ITEM.index("margin")].tolist()  # 1.50 - 1.00, and 3.00 - 2.00
    [0.5, 1.0]
    """
    costs = scenario.costs
    price = np.array([item.unit_price for item in scenario.items])
    cost = np.array([item.unit_cost for item in scenario.items])
    unit = np.array([item.counted_in for item in scenario.items])
    of_item = {
        "unit": unit,
        "unit_squared": unit**2,
        "once": np.ones_like(price),
        "price": price,
        "cost": cost,
        "gain": price - cost,
        "margin": np.maximum(price - cost, 0),
        "carrying": cost * costs.carrying_rate / DAYS_OF_YEAR,
        "goodwill": costs.goodwill_share * price,
        "waiting": costs.backorder_cost_per_day * price,
        "counting": np.full_like(price, costs.count_cost),
    }
    for books in all_books():
        of_item |= books.weights(scenario, price, cost)
    return np.stack([of_item[name] for name in OF_ITEM])


def lane_weights(scenario: Scenario) -> np.ndarray:
    """What an order, and a unit received, costs on each lane: float64 (OF_LANE, lanes).

    >>> from restock.sim.planning.example import one_shop
    >>> lane_weights(one_shop().scenario).tolist()
    [[1.0], [0.0]]
    """
    ordering = [lane.ordering_cost for lane in scenario.lanes]
    return np.array([ordering, [lane.transport_cost_per_unit for lane in scenario.lanes]], float)


def chain_cells(scenario: Scenario) -> np.ndarray:
    """Which cells count in the chain's view, for each of IN_CHAIN: bool (IN_CHAIN, items, sites).

    >>> from restock.sim.planning.example import one_shop
    >>> chain_cells(one_shop().scenario)[IN_CHAIN.index("outside")].tolist()  # a supplier brings both
    [[True], [True]]
    """
    outside = scenario.stocked & (scenario.parent < 0)
    return np.stack([scenario.stocked, scenario.demand.asked, outside, np.zeros_like(outside),
                     asked_by_streams_alone(scenario)])  # fmt: skip


def variance_constants(days: int) -> tuple[float, float]:
    """(a, b): the variance of a week's figure x is (sum of x**2 - a (sum of x)**2) / b; b is nan below two weeks.

    The last week may be short. With w whole weeks and k days over, and days that are independent with mean m:
    E[sum of x**2] = V days / 7 + m**2 (49 w + k**2), which gives an estimate without bias; for k = 0 it is the sample
    variance.

    >>> variance_constants(28)
    (0.25, 3.0)
    """
    over = (49 * (days // 7) + (days % 7) ** 2) / days**2
    return over, days / 7 * (1 - over) if days >= 14 else np.nan


def columns_and_weights(names: Iterable[str]) -> np.ndarray:
    """Facts as numbers: int64 rows of (column, weight, cells of the chain).

    >>> column, weight, cells = columns_and_weights(["lost_margin"])[0]
    >>> NAMES[column], WEIGHTS[weight], IN_CHAIN[cells]
    ('lost', 'margin', 'all')
    """
    found = [FACTS[name] for name in names]
    return np.array([(COLUMN[f.column], WEIGHTS.index(f.weight), IN_CHAIN.index(f.in_chain)) for f in found], np.int64)


def terms() -> tuple[np.ndarray, np.ndarray]:
    """The terms of `TERMS` as numbers: int64 rows of (column, column of the ledger), and the divisor of each.

    >>> rows, divisor = terms()
    >>> [NAMES[of] for column, of in rows if column == COLUMN["sold"]]
    ['filled', 'backorders_served', 'shipped']
    """
    rows = [(COLUMN[name], COLUMN[of], divisor) for name, parts in TERMS.items() for of, divisor in parts.items()]
    return np.array([row[:2] for row in rows], np.int64), np.array([row[2] for row in rows], float)


def facts(ledger: np.ndarray, scenario: Scenario, i0: int = 0, i1: int | None = None) -> np.ndarray:
    """Facts of every cell, by its own books: ledger (..., items i0..i1, sites, columns) -> float64 (..., FACTS).

    This is the definition, a cell at a time; `results.rollup` sums the same facts without keeping them.

    >>> from restock.sim.planning.example import one_shop
    >>> ledger = np.zeros((2, 1, len(NAMES)), np.int64)
    >>> ledger[..., NAMES.index("lost")] = 4
    >>> facts(ledger, one_shop().scenario)[..., FACT["lost_margin"]].tolist()
    [[2.0], [4.0]]
    """
    of = {name: column.astype(float) for name, column in named(ledger).items()}
    over, divisor = variance_constants(scenario.days)
    of["days"] = np.full(ledger.shape[:-1], float(scenario.days))
    of["demand_variance"] = (of["demand_squared"] - over * of["demand"] ** 2) / divisor
    of["order_variance"] = (of["ordered_squared"] - over * of["ordered"] ** 2) / divisor
    for name, parts in TERMS.items():
        of[name] = sum((of[column] / each for column, each in parts.items()), np.zeros(ledger.shape[:-1]))
    of_item, of_lane = item_weights(scenario)[:, i0:i1, None], lane_weights(scenario)[:, scenario.lane_of[i0:i1]]
    weights = dict(zip(WEIGHTS, [*of_item, *of_lane], strict=True))
    stocked = scenario.stocked[i0:i1]
    counts = [fact.in_chain != IN_CHAIN[OF_CHAIN_ALONE] for fact in FACTS.values()]
    return np.stack([stocked * weights[fact.weight] * of[fact.column] * own
                     for fact, own in zip(FACTS.values(), counts, strict=True)], axis=-1)  # fmt: skip


def money(ledger: np.ndarray, scenario: Scenario, i0: int = 0, i1: int | None = None) -> np.ndarray:
    """Money of every cell over the days measured (not yet per year): float64 (..., MONEY)."""
    return facts(ledger, scenario, i0, i1)[..., [FACT[name] for name in MONEY]]
