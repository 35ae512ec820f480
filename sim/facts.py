"""Facts: what the ledger of a cell means in units, days and money; they add up over cells.

Every measure (see `sim.measures`) is a ratio of two sums of facts, never a mean of ratios. There are two views:

- a group's *own* books (a cell, a site, a tier): the demand of a DC is what the sites below order;
- the *chain* (all sites together, a category, a class, an item): demand and service are those of cells where
  customers ask; orders, where they are compared with demand, those placed with outside suppliers; stock and costs
  those of all sites. The fill rate of a DC therefore shows at tier and site level only.

Where a site serves both customers and other sites, its service covers both. Units lost unseen are written off at cost
on the day they are lost, whether or not a count has found it; units brought back are refunded at the full price, and
leave the cost of goods sold: their cost is in stock again, or written off. Units cleared at the end of a season are not
sold: they lose what they cost beyond what they bring. Expediting joins the facts when it is modelled. Stock on its way
between two sites is on hand nowhere and bears no carrying cost.

Cost is the item's `unit_cost`, a standard cost, whatever becomes of it later. What goods cost under FIFO, LIFO and
moving average, where unit costs change, are facts of their own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.features.unit_costs.settings import PER_MONEY
from sim.ledger import BASE, COST_FLOWS, NAMES, named
from sim.scenario import Scenario

DAYS_OF_YEAR = 365
DERIVED = ("days", "sold", "demand_variance", "order_variance", "net_sold", "paid", "scrapped")
"""Columns made from the ledger's: days measured; units handed to customers (filled + backorders served - shipped: what
a DC ships is not sold); variance of a week's demand and of a week's orders; units sold and not brought back; units
sold, each counted at the share of its price that was paid; units brought back that did not go back on the shelf."""
COLUMN = {name: k for k, name in enumerate((*NAMES, *DERIVED))}

IN_CHAIN = ("all", "customers", "outside", "none")
"""All cells; those where customers ask; those that outside suppliers deliver to; none."""


class Fact(NamedTuple):
    """Something that adds up over cells: a column of the ledger times a weight of its item or lane (`item_weights`)."""

    words: str
    column: str
    weight: str
    in_chain: str = "all"  # which cells count in the chain's view: see IN_CHAIN


def _units(column: str, in_chain: str = "all", words: str = "") -> Fact:
    return Fact(words or column.replace("_", " "), column, "unit", in_chain)


FACTS: dict[str, Fact] = {
    "demand": _units("demand", "customers"),
    "filled": _units("filled", "customers"),
    "demand_value": Fact("demand at price", "demand", "price", "customers"),
    "filled_value": Fact("units filled at price", "filled", "price", "customers"),
    "demand_days": _units("demand_days", "customers"),
    "stockout_days": _units("stockout_days", "customers"),
    "ready_days": _units("ready_days", "customers"),
    "cycles": _units("cycles", "customers"),
    "cycles_in_stock": _units("cycles_in_stock", "customers"),
    "cell_days": _units("days", "customers", "days of all cells"),
    "all_cell_days": _units("days", words="days of all cells, DCs included"),
    "record_exact_days": _units("record_exact_days"),
    "record_error_days": _units("record_error_days"),
    "phantom_days": _units("phantom_days"),
    "freeze_days": _units("freeze_days"),
    "counts": _units("counts"),
    "demand_variance": _units("demand_variance", "customers", "variance of a week's demand, summed over cells"),
    "order_variance": _units("order_variance", "outside", "variance of a week's orders, summed over cells"),
    "lost": _units("lost"),
    "ordered": _units("ordered"),
    "received": _units("received"),
    "orders": _units("orders"),
    "on_hand_days": _units("on_hand_days"),
    "backorder_days": _units("backorder_days"),
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
    "lost_retail": Fact("units lost at price", "lost", "price"),
    "write_off": Fact("units lost unseen, at cost", "shrunk", "cost"),
    "shrunk_retail": Fact("units lost unseen, at price", "shrunk", "price"),
    "counting": Fact("cost of counting", "counts", "counting"),
}
BASE_FACTS = len(FACTS)
FACTS |= {
    "forecast_days": _units("forecast_days", "customers"),
    "forecast_demand": _units("forecast_demand", "customers"),
    "forecast_error": _units("forecast_error", "customers"),
    "forecast_abs_error": _units("forecast_abs_error", "customers"),
    "naive_abs_error": _units("naive_abs_error", "customers"),
    "sold": _units("sold"),
    "returned": _units("returned"),
    "refunds": Fact("units brought back, at price", "returned", "price"),
    "net_revenue": Fact("units sold and not brought back, at price", "net_sold", "price"),
    "price_reductions": Fact("what markdowns took off the price of units sold, as a negative number",
                             "markdown_points", "point_off"),
    "returns_write_off": Fact("units brought back and not fit for the shelf, at cost", "scrapped", "cost"),
    "marked_down": _units("marked_down", words="units sold at a reduced price"),
    "markdown_loss": Fact("what markdowns took off the price of units sold", "markdown_points", "point"),
    "cleared": _units("cleared", words="units cleared at the end of a season"),
    "clearance_revenue": Fact("what cleared units brought", "cleared", "clearance"),
    "clearance_margin": Fact("what cleared units brought - cost", "cleared", "clearance_gain"),
    "clearance_loss": Fact("cost of cleared units beyond what they brought, not below 0", "cleared", "clearance_loss"),
    "expired_units": _units("expired", words="units thrown away at the end of their shelf life"),
    "expired": Fact("units thrown away at the end of their shelf life, at cost", "expired", "cost"),
    "received_to_sell": _units("received", "customers", "units received where customers ask"),
}  # fmt: skip
for _flow, _words in COST_FLOWS.items():
    FACTS |= {
        f"cogs_{_flow}": Fact(f"units sold at cost, {_words}", f"cogs_{_flow}", "costed"),
        f"less_cogs_{_flow}": Fact("the same, taken away", f"cogs_{_flow}", "less_costed"),
        f"shipped_value_{_flow}": Fact(
            f"units shipped to sites below at cost, {_words}", f"shipped_value_{_flow}", "costed", "none"
        ),
        f"value_days_{_flow}": Fact(f"stock at cost, {_words}, summed over days", f"value_days_{_flow}", "costed"),
        f"closing_value_{_flow}": Fact(f"stock at cost at the end, {_words}", f"closing_value_{_flow}", "costed"),
    }
"""The facts after the first BASE_FACTS are of columns that few ledgers have (`ledger.EXTRA`), and 0 elsewhere."""
FACT = {name: k for k, name in enumerate(FACTS)}
MONEY = ("sales_revenue", "cogs", "carrying", "overstock_carrying", "inventory_value_days", "ordering", "transport",
         "lost_margin", "goodwill", "backorder_cost", "lost_retail", "write_off", "shrunk_retail", "counting",
         "refunds", "returns_write_off", "markdown_loss", "clearance_revenue", "clearance_loss", "expired")  # fmt: skip
OF_ITEM = ("unit", "price", "cost", "gain", "margin", "carrying", "goodwill", "waiting", "counting", "point",
           "point_off", "clearance", "clearance_gain", "clearance_loss", "costed", "less_costed")  # fmt: skip
OF_LANE = ("ordering", "transport")
WEIGHTS = (*OF_ITEM, *OF_LANE)


def item_weights(scenario: Scenario) -> np.ndarray:
    """What a unit (or a day) in each column is worth, by item: float64 (OF_ITEM, items).

    A unit lost costs its margin, never less than 0 (to lose the sale of a loss-maker is not a gain), plus goodwill.
    """
    costs = scenario.costs
    price = np.array([item.unit_price for item in scenario.items])
    cost = np.array([item.unit_cost for item in scenario.items])
    seasons = [scenario.feature("selling_seasons").of_item(item) for item in scenario.items]
    clearance = price * [0.0 if season is None else season.clearance_price for season in seasons]
    of_item = {
        "unit": np.ones_like(price),
        "price": price,
        "cost": cost,
        "gain": price - cost,
        "margin": np.maximum(price - cost, 0),
        "carrying": cost * costs.carrying_rate / DAYS_OF_YEAR,
        "goodwill": costs.goodwill_share * price,
        "waiting": costs.backorder_cost_per_day * price,
        "counting": np.full_like(price, costs.count_cost),
        "costed": np.full_like(price, 1 / PER_MONEY),
        "less_costed": np.full_like(price, -1 / PER_MONEY),
        "point": price / 100,
        "point_off": -price / 100,
        "clearance": clearance,
        "clearance_gain": clearance - cost,
        "clearance_loss": np.maximum(cost - clearance, 0),
    }
    return np.stack([of_item[name] for name in OF_ITEM])


def lane_weights(scenario: Scenario) -> np.ndarray:
    """What an order, and a unit received, costs on each lane: float64 (OF_LANE, lanes)."""
    ordering = [lane.ordering_cost for lane in scenario.lanes]
    return np.array([ordering, [lane.transport_cost_per_unit for lane in scenario.lanes]], float)


def chain_cells(scenario: Scenario) -> np.ndarray:
    """Which cells count in the chain's view, for each of IN_CHAIN: bool (IN_CHAIN, items, sites)."""
    outside = scenario.stocked & (scenario.parent < 0)
    return np.stack([scenario.stocked, scenario.demand.asked, outside, np.zeros_like(outside)])


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


def columns_and_weights() -> np.ndarray:
    """The facts as numbers: int64 rows of (column, weight)."""
    return np.array([(COLUMN[fact.column], WEIGHTS.index(fact.weight)) for fact in FACTS.values()], np.int64)


def facts(ledger: np.ndarray, scenario: Scenario, i0: int = 0, i1: int | None = None) -> np.ndarray:
    """Facts of every cell, by its own books: ledger (..., items i0..i1, sites, columns) -> float64 (..., FACTS).

    This is the definition, a cell at a time; `sim.rollup` sums the same facts without keeping them.
    """
    of = {name: column.astype(float) for name, column in named(ledger).items()}
    over, divisor = variance_constants(scenario.days)
    of["days"] = np.full(ledger.shape[:-1], float(scenario.days))
    of["sold"] = of["filled"] + of["backorders_served"] - of["shipped"]
    of["demand_variance"] = (of["demand_squared"] - over * of["demand"] ** 2) / divisor
    of["order_variance"] = (of["ordered_squared"] - over * of["ordered"] ** 2) / divisor
    of["net_sold"] = of["sold"] - of["returned"]
    of["paid"] = of["sold"] - of["markdown_points"] / 100
    of["scrapped"] = of["returned"] - of["restocked"]
    of_item, of_lane = item_weights(scenario)[:, i0:i1, None], lane_weights(scenario)[:, scenario.lane_of[i0:i1]]
    weights = dict(zip(WEIGHTS, [*of_item, *of_lane], strict=True))
    stocked = scenario.stocked[i0:i1]
    out = np.stack([stocked * weights[fact.weight] * of[fact.column] for fact in FACTS.values()], axis=-1)
    if ledger.shape[-1] == BASE:
        out[..., BASE_FACTS:] = 0
    return out


def money(ledger: np.ndarray, scenario: Scenario, i0: int = 0, i1: int | None = None) -> np.ndarray:
    """Money of every cell over the days measured (not yet per year): float64 (..., MONEY)."""
    return facts(ledger, scenario, i0, i1)[..., [FACT[name] for name in MONEY]]
