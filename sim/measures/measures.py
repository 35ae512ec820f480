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
The labour of counting, and the premium of a second source, are part of total cost and not of distortion. Record
accuracy, phantom stock and freezes count cell-days of all sites: the record in the books against the stock at the
end of the day, whenever the policy sees it.
The turnover of a DC counts what it ships, at cost; that of the chain what customers buy. Costs are standard costs (the
item's `unit_cost`), but in the measures that end in `_fifo`, `_lifo` and `_average`: these take what goods cost when
they came in, in the order in which that flow lets them go.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

import numpy as np

from restock.sim.measures.facts import FACT, FACTS, MONEY, facts, facts_of, money
from restock.sim.model.books import DAYS_OF_YEAR, Measure, average, per_year
from restock.sim.model.feature import all_books

__all__ = ["FACTS", "MEASURES", "MONEY", "denominators", "facts", "measure_values", "money", "numerators"]


def _of_sales(words: str, *facts: str) -> Measure:
    return Measure(words, "% of sales", facts, ("sales_revenue",), 100.0, "lower")


_THROUGHPUT, _STOCK = ("cogs", "shipped_at_cost"), ("inventory_value_days",)
_SHORT = ("lost_margin", "goodwill", "backorder_cost")
_WASTED = ("write_off", "*losses")
_DISTORTION = ("overstock_carrying", *_WASTED)
_ORDERING, _TRANSPORT = ("ordering", "*ordering"), ("transport", "*transport")
_TOTAL = ("carrying", *_ORDERING, *_TRANSPORT, *_SHORT, *_WASTED, "counting", "*costs")
_MARGIN = ("gross_margin", "*revenue", "*margin")
_OFF = ("all_cell_days",)
_ASKED, _FILLED = ("demand", "*asked"), ("filled", "*filled")

MEASURES: dict[str, Measure] = {
    "fill_rate": Measure("units served at once / units asked for", "share", _FILLED, _ASKED, better="higher"),
    "fill_rate_value": Measure("the same at price", "share", ("filled_value", "*filled_value"),
                               ("demand_value", "*asked_value"), better="higher"),
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
    "distortion_cost": per_year("stockout + overstock + write-off + markdown + clearance cost (margin basis)", *_SHORT,
                                 *_DISTORTION),
    "stockout_cost": per_year("lost margin + goodwill + customers waiting", *_SHORT),
    "overstock_cost": per_year("carrying cost of overstock", "overstock_carrying"),
    "write_off_cost": per_year("units lost unseen, at cost", "write_off"),
    "distortion_pct_of_sales": _of_sales("distortion cost (margin basis)", *_SHORT, *_DISTORTION),
    "distortion_cost_retail": per_year("units lost at price + overstock + ... as above (retail basis)",
                                        "lost_retail", *_DISTORTION),
    "distortion_pct_of_sales_retail": _of_sales("distortion cost (retail basis)", "lost_retail", *_DISTORTION),
    "lost_sales_retail": per_year("units lost at price", "lost_retail"),
    "total_cost": per_year("carrying + ordering + transport + stockout + write-off + markdown + clearance + counting",
                            *_TOTAL),
    "total_cost_pct_of_sales": _of_sales("total cost", *_TOTAL),
    "carrying_cost": per_year("cost of carrying all stock", "carrying"),
    "ordering_cost": per_year("cost of order lines", *_ORDERING),
    "transport_cost": per_year("cost of units received", *_TRANSPORT),
    "count_cost": per_year("cost of counting", "counting"),
    "sales_revenue": per_year("units sold at the price paid", "sales_revenue", better="higher"),
    "cogs": per_year("units sold and not brought back, at cost", "cogs", better=""),
    "gross_margin": per_year("net sales - cost of goods sold + margin of clearance", *_MARGIN, better="higher"),
    "average_on_hand": average("stock at the end of a day", "on_hand_days", "units"),
    "average_inventory_value": average("stock at cost at the end of a day", "inventory_value_days", "money"),
    "average_overstock_value": average("overstock at cost at the end of a day", "overstock_value_days", "money"),
    "average_backorders": average("units customers wait for at the end of a day", "backorder_days", "units"),
    "lost_units": per_year("units lost", "lost", unit="units/year"),
    "units_asked": per_year("units asked for", *_ASKED, unit="units/year", better=""),
    "record_accuracy": Measure("cell-days that end with the record equal to the stock", "share", ("record_exact_days",),
                               _OFF, better="higher"),
    "phantom_stock_rate": Measure("cell-days that end with no stock and a record above 0", "share", ("phantom_days",),
                                  _OFF, better="lower"),
    "freeze_rate": Measure("the same, with nothing on order either", "share", ("freeze_days",), _OFF, better="lower"),
    "shrinkage_pct_of_sales": _of_sales("units lost unseen, at price", "shrunk_retail"),
    "counts_per_year": per_year("counts of an item at a site", "counts", unit="counts/year", better=""),
    "orders_per_year": per_year("order lines placed", "orders", unit="orders/year"),
    "orders_per_day": average("order lines placed a day, by all sites", "orders", "orders/day"),
}  # fmt: skip
NEEDED = dict.fromkeys(MEASURES, "")
"""What a run must have for a measure to have something to say, by measure; '' where every run has it."""
for _books in all_books():
    MEASURES |= _books.measures
    NEEDED |= dict.fromkeys(_books.measures, _books.needs)
_ADDED = {f"*{what}": tuple(name for books in all_books() for name in getattr(books, what))
          for what in ("asked", "filled", "asked_value", "filled_value", "revenue", "margin", "losses", "ordering",
                       "transport", "costs")}  # fmt: skip
for _name, _measure in MEASURES.items():
    _facts, _of = ([fact for name in names for fact in _ADDED.get(name, (name,))]
                   for names in (_measure.numerator, _measure.denominator))  # fmt: skip
    MEASURES[_name] = _measure._replace(numerator=tuple(_facts), denominator=tuple(_of))
MEASURE = {name: k for k, name in enumerate(MEASURES)}


def measures_of(features: Container[str] = ()) -> list[str]:
    """The measures that a run with these features has something to say of.

    A cost whose first part is always there is one of them, whether or not its other parts are.

    >>> "fill_rate" in measures_of(), "waste_rate" in measures_of(), "waste_rate" in measures_of({"shelf_life"})
    (True, False, True)
    """
    return [name for name, needs in NEEDED.items() if not needs or needs in features]


def numerators(
    sums: np.ndarray, features: Container[str] | None = None, names: Iterable[str] | None = None
) -> np.ndarray:
    """Scaled numerator of every measure, or of those named: sums (..., FACTS) -> (..., MEASURES).

    With `features`: of the measures of these alone, and from the facts of these (`measures_of`, `facts.facts_of`).

    >>> sums = np.zeros(len(FACT))
    >>> sums[FACT["filled"]], sums[FACT["demand"]] = 8.0, 10.0
    >>> numerators(sums, names=["fill_rate"]), denominators(sums, days=7, names=["fill_rate"])
    (array([8.]), array([10.]))
    """
    measures, fact = _told(features, names)
    return np.stack([measure.scale * _sum(sums, measure.numerator, fact) for measure in measures], axis=-1)


def denominators(
    sums: np.ndarray, days: int, features: Container[str] | None = None, names: Iterable[str] | None = None
) -> np.ndarray:
    """Denominator of every measure, or of those named; for those that have none, years or days measured, or 1.

    >>> denominators(np.zeros(len(FACT)), days=28, names=["average_on_hand", "total_cost"])
    array([28.        ,  0.07671233])
    """
    out, lengths = [], {"year": days / DAYS_OF_YEAR, "day": float(days), "run": 1.0}
    measures, fact = _told(features, names)
    for measure in measures:
        length = np.full(sums.shape[:-1], lengths[measure.per])
        out.append(_sum(sums, measure.denominator, fact) if measure.denominator else length)
    return np.stack(out, axis=-1)


def _told(features: Container[str] | None, names: Iterable[str] | None) -> tuple[Sequence[Measure], dict[str, int]]:
    """The measures, and where in the sums each fact stands."""
    if features is None:
        return [MEASURES[name] for name in names or MEASURES], FACT
    return [MEASURES[name] for name in measures_of(features)], {name: k for k, name in enumerate(facts_of(features))}


def measure_values(sums: np.ndarray, days: int) -> dict[str, np.ndarray]:
    """Every measure of summed facts (..., FACTS); nan where it is undefined (nothing asked for, nothing in stock)."""
    top, bottom = numerators(sums), denominators(sums, days)
    values = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)
    return {name: values[..., k] for k, name in enumerate(MEASURES)}


def _sum(sums: np.ndarray, names: Iterable[str], fact: dict[str, int]) -> np.ndarray:
    """The sum of some facts; those that are left out of the sums are 0."""
    first, *rest = (sums[..., fact[name]] for name in names if name in fact)
    return sum(rest, first)
