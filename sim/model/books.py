"""What is written down of a run, and what it means: columns of the ledger, facts made of them, measures made of facts.

What every run has stands in `measures.ledger`, `measures.facts` and `measures.measures`. A feature brings `Books` of
its own, which these three put behind it in the order of the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

DAYS_OF_YEAR = 365


class Fact(NamedTuple):
    """Something that adds up over cells: a column of the ledger times a weight of its item or lane.

    >>> lost = Fact("units lost at price", "lost", "price")
    >>> lost.in_chain  # which cells count
    'all'
    """

    words: str
    column: str
    weight: str
    in_chain: str = "all"  # which cells count in the chain's view: see `measures.facts.IN_CHAIN`


def units(column: str, in_chain: str = "all", words: str = "") -> Fact:
    """A column of units, in units of the trade (`Item.counted_in`).

    >>> units("lost")
    Fact(words='lost', column='lost', weight='unit', in_chain='all')
    """
    return Fact(words or column.replace("_", " "), column, "unit", in_chain)


def times(column: str, in_chain: str = "all", words: str = "") -> Fact:
    """A column of days, orders or other occasions, as it is.

    >>> times("orders")
    Fact(words='orders', column='orders', weight='once', in_chain='all')
    """
    return Fact(words or column.replace("_", " "), column, "once", in_chain)


class Measure(NamedTuple):
    """scale x sum of facts / sum of facts; without a denominator: per year, per day, or (`per='run'`) in all.

    '*revenue', '*margin', '*losses' and so on in a numerator stand for all facts that features add (see `Books`).

    >>> fill_rate = Measure("units served at once / units asked for", "share", ("filled",), ("demand",))
    >>> fill_rate.scale, Measure("units lost", "units/year", ("lost",)).per
    (1.0, 'year')
    """

    words: str
    unit: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...] = ()
    scale: float = 1.0
    better: str = ""  # 'higher', 'lower', or '' where neither is
    per: str = "year"


def per_year(words: str, *facts: str, unit: str = "money/year", better: str = "lower") -> Measure:
    """A sum of facts a year.

    >>> lost = per_year("units lost", "lost", unit="units/year")
    >>> lost.numerator, lost.denominator, lost.per
    (('lost',), (), 'year')
    """
    return Measure(words, unit, facts, better=better)


def average(words: str, fact: str, unit: str, better: str = "lower") -> Measure:
    """A fact a day.

    >>> average("units on hand", "on_hand_days", "units").per
    'day'
    """
    return Measure(words, unit, (fact,), better=better, per="day")


def no_weights(scenario: Any, price: np.ndarray, cost: np.ndarray) -> dict[str, np.ndarray]:
    """Columns are worth what they are worth in other books."""
    return {}


@dataclass(frozen=True)
class Books:
    """What a feature, or a part of it, writes down where a run has it.

    Parameters
    ----------
    needs : str
        The name by which a run says that it has it (see `engines.ledgers.features_of`): elsewhere its columns are 0.
    columns : mapping of column to words
        Columns of the ledger.
    terms : mapping of column to (mapping of column of the ledger to divisor)
        Columns made of others, or what is added to those that there are: sums of columns, each over its divisor.
    weight_names, weights
        What a unit of a column may be worth, by item: the names, and a function of (scenario, prices, unit costs).
    facts, measures : mappings by name
        Facts are of columns of these books, so that they are 0 where a run has none of it.
    asked, filled, asked_value, filled_value : names of facts
        What joins what customers ask for, and are served at once; both at price.
    revenue, margin, losses, ordering, transport, costs : names of facts
        What joins net sales (below 0: taken off), gross margin, the costs of distortion (on both bases) and in all, the
        costs of ordering and of transport, and total cost alone.
    money : names of facts
        Those that are money of their own.

    >>> books = Books("theft", {"stolen": "units stolen"}, facts={"stolen": units("stolen")},
    ...               measures={"stolen_units": per_year("units stolen", "stolen", unit="units/year")})
    >>> books.needs, books.facts["stolen"].column, books.money
    ('theft', 'stolen', ())
    """

    needs: str
    columns: Mapping[str, str]
    terms: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    weight_names: tuple[str, ...] = ()
    weights: Callable[[Any, np.ndarray, np.ndarray], dict[str, np.ndarray]] = no_weights
    facts: Mapping[str, Fact] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    asked_value: tuple[str, ...] = ()
    filled_value: tuple[str, ...] = ()
    revenue: tuple[str, ...] = ()
    margin: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    ordering: tuple[str, ...] = ()
    transport: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    money: tuple[str, ...] = ()


FORECASTS = Books(
    "forecasts",
    {
        "forecast_days": "days of which demand was forecast the evening before, but the first",
        "forecast_demand": "units asked for on these days",
        "forecast_error": "sum over these of forecast less demand, in thousandths of a unit",
        "forecast_abs_error": "sum over these of the same without its sign, in thousandths of a unit",
        "naive_abs_error": "sum over these of how far demand was from that of the day before, in thousandths of a unit",
    },
    facts={
        "forecast_days": times("forecast_days", "customers"),
        "forecast_demand": units("forecast_demand", "customers"),
        "forecast_error": units("forecast_error", "customers"),
        "forecast_abs_error": units("forecast_abs_error", "customers"),
        "naive_abs_error": units("naive_abs_error", "customers"),
    },
    measures={
        "forecast_mad": Measure("how far forecasts for the next day were off, on average", "units",
                                ("forecast_abs_error",), ("forecast_days",), 1e-3, "lower"),
        "forecast_bias": Measure("forecast for the next day - demand, on average", "units", ("forecast_error",),
                                 ("forecast_days",), 1e-3),
        "forecast_wape": Measure("the errors without sign / units asked for", "share", ("forecast_abs_error",),
                                 ("forecast_demand",), 1e-3, "lower"),
        "forecast_mase": Measure("the errors without sign / those of yesterday's demand as forecast", "ratio",
                                 ("forecast_abs_error",), ("naive_abs_error",), better="lower"),
    },
)  # fmt: skip
"""What is written down of a policy that forecasts."""
