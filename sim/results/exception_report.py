"""Cells out of alignment, ranked by what they cost a year: excess stock, shortages, stock that only the record has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.measures.facts import DAYS_OF_YEAR
from restock.sim.results.outcome import Outcome, measure_number
from restock.sim.results.text import aligned

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("excess", "stockout", "phantom_stock")
COLUMNS = ["policy", "rank", "kind", "item", "site", "days", "units", "money", "low", "high"]
HEAD = ["policy", "rank", "what", "item", "site", "days", "units", "money a year"]
MEANING = (
    "excess: units above the overstock level, days of demand that they would cover, cost of carrying them\n"
    "stockout: days a year on which demand was short, units lost, lost margin, goodwill and waiting\n"
    "phantom stock: days a year that end with stock on record and none on the shelf, and their part of the stockout's"
)


def exception_table(outcomes: Iterable[Outcome], most: int, confidence: float = 0.95) -> pd.DataFrame:
    """The `most` dearest of each policy: policy, rank, kind, item, site, days, units, money a year and its interval.

    - excess: units above the cell's overstock level at the end of a day, on average; the days of mean demand that they
      would cover; the cost of carrying them.
    - stockout: days a year on which demand was short; units lost a year; lost margin, goodwill and waiting.
    - phantom_stock: days a year that end with nothing on the shelf and a record above 0; of the stockout's units and
      money, the share that these days are of all that end empty. It is part of the stockout's.

    Means over replications, of each cell's own books; outcomes need the level 'cell'.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> levels, lean = ("chain", "cell"), BaseStock(base_stock_level=10)
    >>> outcome = evaluate(one_shop(warm_up=7), lean, replications=8, seed=1, levels=levels)
    >>> exception_table([outcome], most=1)[["kind", "item", "site"]].values.tolist()
    [['stockout', 'milk', 'store']]
    """
    import pandas as pd

    frames = []
    for outcome in outcomes:
        found = pd.concat([_kind(outcome, kind, confidence) for kind in KINDS], ignore_index=True)
        found = found[found["money"] > 0].sort_values("money", ascending=False, kind="stable").head(most)
        frames.append(found.assign(policy=outcome.label, rank=np.arange(1, len(found) + 1)))
    return pd.concat(frames, ignore_index=True)[COLUMNS]


def exception_lines(table: pd.DataFrame) -> list[str]:
    """The table as lines of a report, and what its columns mean.

    >>> import pandas as pd
    >>> row = ("lean", 1, "excess", "milk", "store", 3.0, 12.0, 40.0, 38.0, 42.0)
    >>> exception_lines(pd.DataFrame([row], columns=COLUMNS))[2].split()
    ['lean', '1', 'excess', 'milk', 'store', '3.0', '12.0', '40', '±', '2']
    """
    if not len(table):
        return ["Exceptions: no cell has excess stock, is ever short, or has stock that only the record knows."]
    rows, before = [HEAD], None
    for row in table.itertuples():
        spread = "" if np.isnan(row.high) else f" ± {(row.high - row.low) / 2:,.0f}"
        rows.append(["" if row.policy == before else row.policy, str(row.rank), row.kind.replace("_", " "), row.item,
                     row.site, f"{row.days:,.1f}", f"{row.units:,.1f}", f"{row.money:,.0f}{spread}"])  # fmt: skip
        before = row.policy
    return ["Exceptions: what costs most at single items and sites.", *aligned(rows, left=(0, 2, 3, 4)), MEANING]


def _kind(outcome: Outcome, kind: str, confidence: float) -> pd.DataFrame:
    """One kind of exception at every cell."""
    import pandas as pd

    scenario, found = outcome.prepared.scenario, outcome.interval("cell", confidence)
    i, n = np.nonzero(scenario.stocked)

    def figure(measure: str, part: str = "estimate") -> np.ndarray:
        values: np.ndarray = getattr(found, part)[:, measure_number(measure)]
        return values

    if kind == "excess":
        cost = np.array([item.unit_cost for item in scenario.items])[i]
        units = np.divide(figure("average_overstock_value"), cost, out=np.zeros(len(i)), where=cost > 0)
        rate = outcome.prepared.world.daily_rate[i, n]
        days = np.divide(units, rate, out=np.full(len(i), np.inf), where=rate > 0)
        money = [figure("overstock_cost", part) for part in ("estimate", "low", "high")]
    elif kind == "stockout":
        days, units = DAYS_OF_YEAR * figure("stockout_rate"), figure("lost_units")
        money = [figure("stockout_cost", part) for part in ("estimate", "low", "high")]
    else:
        days, empty = DAYS_OF_YEAR * figure("phantom_stock_rate"), 1 - figure("ready_rate")
        share = np.divide(figure("phantom_stock_rate"), empty, out=np.zeros(len(i)), where=empty > 0)
        units = share * figure("lost_units")
        money = [share * figure("stockout_cost", part) for part in ("estimate", "low", "high")]
    return pd.DataFrame({
        "kind": kind,
        "item": np.array([item.name for item in scenario.items], dtype=object)[i],
        "site": np.array([site.name for site in scenario.sites], dtype=object)[n],
        "days": days, "units": units, "money": money[0], "low": money[1], "high": money[2],
    })  # fmt: skip
