"""Measures: what a planner reads, each a ratio of two sums of facts, or a sum per year (365 days).

`stockout_rate` counts cell-days: days on which a cell's demand was short, of all its days (days on which nothing was
asked for are in stock). `bullwhip_ratio` compares weeks: per cell, the variance of a week's orders and of a week's
demand over the weeks measured, each summed over the cells of the group; for a tier or site this is one stage, for
the chain it is orders to outside suppliers over customers' demand, as if cells were independent.
Distortion cost has two bases. *Margin* (decides): lost margin, goodwill and waiting; carrying cost of stock above the
cell's overstock level; what was written off at cost (units lost unseen, brought back and not fit for the shelf, or
expired); what markdowns took off the price of units sold; what cleared units cost beyond what they brought. *Retail*
(comparable with the IHL Group's figures): units lost at price in place of the first part. The stock that is too much is
a value, not a cost per year: `average_overstock_value`.
The labour of counting is part of total cost and not of distortion. Record accuracy, phantom stock and freezes count
cell-days of all sites: the record in the books against the stock at the end of the day, whenever the policy sees it.
The turnover of a DC counts what it ships, at cost; that of the chain what customers buy. Costs are standard costs (the
item's `unit_cost`), but in the measures that end in `_fifo`, `_lifo` and `_average`: these take what goods cost when
they came in, in the order in which that flow lets them go.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import NamedTuple

import numpy as np

from sim.facts import BASE_FACTS, DAYS_OF_YEAR, FACT, FACTS, MONEY, facts, money
from sim.ledger import COST_FLOWS, FEATURES

__all__ = ["FACTS", "MEASURES", "MONEY", "denominators", "facts", "measure_values", "money", "numerators"]


class Measure(NamedTuple):
    """scale x sum of facts / sum of facts; without a denominator: per year, per day, or (`per='run'`) in all."""

    words: str
    unit: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...] = ()
    scale: float = 1.0
    better: str = ""  # 'higher', 'lower', or '' where neither is
    per: str = "year"


def _per_year(words: str, *facts: str, unit: str = "money/year", better: str = "lower") -> Measure:
    return Measure(words, unit, facts, better=better)


def _average(words: str, fact: str, unit: str, better: str = "lower") -> Measure:
    return Measure(words, unit, (fact,), better=better, per="day")


def _of_sales(words: str, *facts: str) -> Measure:
    return Measure(words, "% of sales", facts, ("sales_revenue",), 100.0, "lower")


_THROUGHPUT, _STOCK = ("cogs", "shipped_at_cost"), ("inventory_value_days",)
_SHORT = ("lost_margin", "goodwill", "backorder_cost")
_WASTED = ("write_off", "returns_write_off", "expired", "markdown_loss", "clearance_loss")
_DISTORTION = ("overstock_carrying", *_WASTED)
_TOTAL = ("carrying", "ordering", "transport", *_SHORT, *_WASTED, "counting")
_MARGIN = ("gross_margin", "price_reductions", "clearance_margin")
_OFF = ("all_cell_days",)

MEASURES: dict[str, Measure] = {
    "fill_rate": Measure("units served at once / units asked for", "share", ("filled",), ("demand",), better="higher"),
    "fill_rate_value": Measure("the same at price", "share", ("filled_value",), ("demand_value",), better="higher"),
    "cycle_service_level": Measure(
        "replenishment cycles without shortage", "share", ("cycles_in_stock",), ("cycles",), better="higher"
    ),
    "ready_rate": Measure("cell-days that end with stock", "share", ("ready_days",), ("cell_days",), better="higher"),
    "stockout_rate": Measure(
        "share of cell-days on which demand was short", "share", ("stockout_days",), ("cell_days",), better="lower"
    ),
    "turnover": Measure("cost of goods sold a year / average stock at cost", "times/year", _THROUGHPUT, _STOCK,
                        DAYS_OF_YEAR, "higher"),
    "days_of_supply": Measure("average stock at cost / cost of goods sold a day", "days", _STOCK, _THROUGHPUT),
    "carrying_cost_pct": Measure("carrying cost a year / average stock at cost", "%/year", ("carrying",), _STOCK,
                                 100.0 * DAYS_OF_YEAR, "lower"),
    "gmroi": Measure("gross margin a year / average stock at cost", "money/money", _MARGIN, _STOCK,
                     DAYS_OF_YEAR, "higher"),
    "bullwhip_ratio": Measure("variance of a week's orders / of a week's demand", "ratio", ("order_variance",),
                              ("demand_variance",), better="lower"),
    "distortion_cost": _per_year("stockout + overstock + write-off + markdown + clearance cost (margin basis)", *_SHORT,
                                 *_DISTORTION),
    "stockout_cost": _per_year("lost margin + goodwill + customers waiting", *_SHORT),
    "overstock_cost": _per_year("carrying cost of overstock", "overstock_carrying"),
    "write_off_cost": _per_year("units lost unseen, at cost", "write_off"),
    "distortion_pct_of_sales": _of_sales("distortion cost (margin basis)", *_SHORT, *_DISTORTION),
    "distortion_cost_retail": _per_year("units lost at price + overstock + ... as above (retail basis)",
                                        "lost_retail", *_DISTORTION),
    "distortion_pct_of_sales_retail": _of_sales("distortion cost (retail basis)", "lost_retail", *_DISTORTION),
    "lost_sales_retail": _per_year("units lost at price", "lost_retail"),
    "total_cost": _per_year("carrying + ordering + transport + stockout + write-off + markdown + clearance + counting",
                            *_TOTAL),
    "total_cost_pct_of_sales": _of_sales("total cost", *_TOTAL),
    "carrying_cost": _per_year("cost of carrying all stock", "carrying"),
    "ordering_cost": _per_year("cost of order lines", "ordering"),
    "transport_cost": _per_year("cost of units received", "transport"),
    "count_cost": _per_year("cost of counting", "counting"),
    "sales_revenue": _per_year("units sold at the price paid", "sales_revenue", better="higher"),
    "cogs": _per_year("units sold and not brought back, at cost", "cogs", better=""),
    "gross_margin": _per_year("net sales - cost of goods sold + margin of clearance", *_MARGIN, better="higher"),
    "average_on_hand": _average("stock at the end of a day", "on_hand_days", "units"),
    "average_inventory_value": _average("stock at cost at the end of a day", "inventory_value_days", "money"),
    "average_overstock_value": _average("overstock at cost at the end of a day", "overstock_value_days", "money"),
    "average_backorders": _average("units customers wait for at the end of a day", "backorder_days", "units"),
    "lost_units": _per_year("units lost", "lost", unit="units/year"),
    "units_asked": _per_year("units asked for", "demand", unit="units/year", better=""),
    "record_accuracy": Measure("cell-days that end with the record equal to the stock", "share", ("record_exact_days",),
                               _OFF, better="higher"),
    "phantom_stock_rate": Measure("cell-days that end with no stock and a record above 0", "share", ("phantom_days",),
                                  _OFF, better="lower"),
    "freeze_rate": Measure("the same, with nothing on order either", "share", ("freeze_days",), _OFF, better="lower"),
    "shrinkage_pct_of_sales": _of_sales("units lost unseen, at price", "shrunk_retail"),
    "counts_per_year": _per_year("counts of an item at a site", "counts", unit="counts/year", better=""),
    "orders_per_year": _per_year("order lines placed", "orders", unit="orders/year"),
}  # fmt: skip
BASE_MEASURES = len(MEASURES)
MEASURES |= {
    "forecast_mad": Measure("how far forecasts for the next day were off, on average", "units", ("forecast_abs_error",),
                            ("forecast_days",), 1e-3, "lower"),
    "forecast_bias": Measure("forecast for the next day - demand, on average", "units", ("forecast_error",),
                             ("forecast_days",), 1e-3),
    "forecast_wape": Measure("the errors without sign / units asked for", "share", ("forecast_abs_error",),
                             ("forecast_demand",), 1e-3, "lower"),
    "forecast_mase": Measure("the errors without sign / those of yesterday's demand as forecast", "ratio",
                             ("forecast_abs_error",), ("naive_abs_error",), better="lower"),
    "return_rate": Measure("units brought back / units sold", "share", ("returned",), ("sold",), better=""),
    "net_sales": _per_year("units sold at the price paid - refunds", "net_revenue", "price_reductions",
                           better="higher"),
    "refunds": _per_year("units brought back, at price", "refunds"),
    "marked_down_share": Measure("units sold at a reduced price / units sold", "share", ("marked_down",), ("sold",)),
    "markdown_cost": _per_year("what markdowns took off the price of units sold", "markdown_loss"),
    "cleared_units": _per_year("units cleared at the end of a season", "cleared", unit="units/year"),
    "clearance_revenue": _per_year("what cleared units brought", "clearance_revenue", better=""),
    "clearance_cost": _per_year("cost of cleared units beyond what they brought", "clearance_loss"),
    "waste_rate": Measure("units thrown away at the end of their shelf life / units received where customers ask",
                          "share", ("expired_units",), ("received_to_sell",), better="lower"),
    "waste_cost": _per_year("units thrown away at the end of their shelf life, at cost", "expired"),
    "returns_write_off_cost": _per_year("units brought back and not fit for the shelf, at cost", "returns_write_off"),
}  # fmt: skip
OF_COST_FLOW: dict[str, Measure] = {}
"""Measures that each flow of cost has, by the name that they share: they end in `_fifo`, `_lifo` or `_average`."""
for _flow, _words in COST_FLOWS.items():
    _sold, _margin = (f"cogs_{_flow}",), (f"less_cogs_{_flow}", "net_revenue", "price_reductions")
    _out, _days = (*_sold, f"shipped_value_{_flow}"), (f"value_days_{_flow}",)
    _of_flow = {
        "cogs": _per_year(f"units sold at cost, {_words}", *_sold, better=""),
        "gross_margin": _per_year(f"units sold at price - cost, {_words}", *_margin, better="higher"),
        "turnover": Measure(f"cost of goods sold a year / average stock at cost, {_words}", "times/year", _out, _days,
                            DAYS_OF_YEAR, "higher"),
        "gmroi": Measure(f"gross margin a year / average stock at cost, {_words}", "money/money", _margin, _days,
                         DAYS_OF_YEAR, "higher"),
        "average_inventory_value": _average(f"stock at cost at the end of a day, {_words}", _days[0], "money"),
        "ending_inventory": Measure(f"stock at cost at the end, {_words}", "money", (f"closing_value_{_flow}",),
                                    per="run"),
    }  # fmt: skip
    OF_COST_FLOW |= {name: measure._replace(words=measure.words.removesuffix(f", {_words}"))
                     for name, measure in _of_flow.items()}  # fmt: skip
    MEASURES |= {f"{name}_{_flow}": measure for name, measure in _of_flow.items()}
"""The measures added last are of facts that few ledgers have (see `sim.facts.BASE_FACTS`)."""
FEATURE_OF = {column: feature for feature, columns in FEATURES.items() for column in columns}
FEATURE_OF |= {"net_sold": "returns", "scrapped": "returns"}  # columns made of a feature's (see `sim.facts.DERIVED`)


def measures_of(features: Container[str] = ()) -> list[str]:
    """The measures that a run with these features (of `ledger.FEATURES`) has something to say of.

    A cost whose first part is always there is one of them, whether or not its other parts are.

    >>> "fill_rate" in measures_of(), "waste_rate" in measures_of(), "waste_rate" in measures_of({"shelf_life"})
    (True, False, True)
    """
    out = []
    for name, measure in MEASURES.items():
        needed = {_feature(fact) for fact in (*measure.numerator[:1], *measure.denominator)} - {""}
        if all(feature in features for feature in needed):
            out.append(name)
    return out


def _feature(fact: str) -> str:
    """The feature without which a fact is always 0; '' where there is none."""
    return "" if FACT[fact] < BASE_FACTS else FEATURE_OF.get(FACTS[fact].column, "")


def numerators(sums: np.ndarray) -> np.ndarray:
    """Scaled numerator of every measure: sums (..., FACTS) -> (..., MEASURES), or BASE_FACTS -> BASE_MEASURES."""
    return np.stack([measure.scale * _sum(sums, measure.numerator) for measure in _told_by(sums)], axis=-1)


def denominators(sums: np.ndarray, days: int) -> np.ndarray:
    """Denominator of every measure; for those that have none, years or days measured, or 1."""
    out, lengths = [], {"year": days / DAYS_OF_YEAR, "day": float(days), "run": 1.0}
    for measure in _told_by(sums):
        length = lengths[measure.per]
        out.append(_sum(sums, measure.denominator) if measure.denominator else np.full(sums.shape[:-1], length))
    return np.stack(out, axis=-1)


def measure_values(sums: np.ndarray, days: int) -> dict[str, np.ndarray]:
    """Every measure of summed facts (..., FACTS); nan where it is undefined (nothing asked for, nothing in stock)."""
    top, bottom = numerators(sums), denominators(sums, days)
    values = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)
    return {name: values[..., k] for k, name in enumerate(MEASURES)}


def _sum(sums: np.ndarray, names: Iterable[str]) -> np.ndarray:
    first, *rest = (sums[..., FACT[name]] for name in names if FACT[name] < sums.shape[-1])
    return sum(rest, first)


def _told_by(sums: np.ndarray) -> list[Measure]:
    """The measures that so many facts can tell."""
    return list(MEASURES.values())[: BASE_MEASURES if sums.shape[-1] == BASE_FACTS else None]
