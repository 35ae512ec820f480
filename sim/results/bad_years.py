"""Bad years: quantiles and tail means of the distortion cost over replications, as a table and as lines of a report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from restock.sim import statistics
from restock.sim.measures.measures import MEASURES
from restock.sim.results.outcome import Outcome, measure_number

if TYPE_CHECKING:
    import pandas as pd

MEASURE = "distortion_cost"
QUANTILES, TAILS = (0.5, 0.9, 0.95), (0.9, 0.95)
WORSE = 0.05  # share by which a bad year differs from a middling one, to be worth a figure
SHOWN = 0.9  # in reports and figures: 64 replications say little about the worst 5%


def each_replication(outcome: Outcome, measure: str = MEASURE) -> np.ndarray:
    """The chain's measure in each replication, (replications,); nan where it is undefined.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> each_replication(evaluate(one_shop(), BaseStock(base_stock_level=10), replications=8, seed=1)).shape
    (8,)
    """
    top, bottom = (part[:, 0, measure_number(measure)] for part in outcome.pairs("chain"))
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)


def risk_table(outcomes: Iterable[Outcome], measure: str = MEASURE, confidence: float = 0.95) -> pd.DataFrame:
    """Tidy: policy, measure, statistic (quantile or cvar), share, estimate, low, high, unit, replications, note.

    A quantile is what a share of years stay below; CVaR the mean of those beyond it. For a measure of which more is
    better, the bad years are the low ones: shares then count from the best. `note` says what an interval still needs.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> table = risk_table([evaluate(one_shop(), BaseStock(base_stock_level=10), replications=8, seed=1, label="lean")])
    >>> table[["policy", "statistic", "share", "note"]].values[1].tolist()
    ['lean', 'quantile', 0.9, 'an interval needs 29 replications']
    """
    import pandas as pd

    sign = -1.0 if MEASURES[measure].better == "higher" else 1.0
    rows = []
    for outcome in outcomes:
        values = sign * each_replication(outcome, measure)
        values = values[~np.isnan(values)]
        figures = [("quantile", share, statistics.quantile, statistics.replications_for_quantile(share, confidence))
                   for share in QUANTILES]  # fmt: skip
        figures += [("cvar", share, statistics.tail_mean, statistics.replications_for_tail_mean(share))
                    for share in TAILS]  # fmt: skip
        for name, share, method, needed in figures if len(values) else ():
            found = method(values, share, confidence)
            ends = sorted((sign * float(found.low), sign * float(found.high)))
            rows.append({
                "policy": outcome.label, "measure": measure, "statistic": name, "share": share,
                "estimate": sign * float(found.estimate), "low": ends[0], "high": ends[1],
                "unit": MEASURES[measure].unit, "replications": len(values),
                "note": "" if len(values) >= needed else f"an interval needs {needed} replications",
            })  # fmt: skip
    columns = ["policy", "measure", "statistic", "share", "estimate", "low", "high", "unit", "replications", "note"]
    return pd.DataFrame(rows, columns=columns)


def differing_years(table: pd.DataFrame) -> list[str]:
    """Policies whose bad years are worse than a middling one: by 5% at least, and by more than noise.

    That is, what 90% of years stay below lies that far from the median, and the intervals of both keep apart.

    >>> import pandas as pd
    >>> rows = {"policy": "lean", "statistic": "quantile", "share": [0.5, 0.9], "estimate": [100.0, 120.0],
    ...         "low": [98.0, 115.0], "high": [102.0, 125.0]}
    >>> differing_years(pd.DataFrame(rows)), differing_years(pd.DataFrame(rows | {"high": [116.0, 125.0]}))
    (['lean'], [])
    """
    found = []
    for policy, rows in table[table["statistic"] == "quantile"].groupby("policy", sort=False):
        middle, bad = (rows[rows["share"] == share].iloc[0] for share in (0.5, SHOWN))
        far = abs(bad["estimate"] - middle["estimate"]) >= WORSE * abs(middle["estimate"])
        if far and (bad["low"] > middle["high"] or bad["high"] < middle["low"]):  # False without intervals
            found.append(str(policy))
    return found


def risk_lines(table: pd.DataFrame) -> list[list[str]]:
    """Rows of text, one for each policy: median, quantile and mean of the worst, with their intervals.

    `table` is that of `risk_table`, of one measure.

    >>> import pandas as pd
    >>> of = {"policy": "lean", "measure": "total_cost", "statistic": ["quantile", "quantile", "cvar"],
    ...       "share": [0.5, 0.9, 0.9], "estimate": [500, 600, 650], "low": [490, 590, 630], "high": [510, 620, 670]}
    >>> risk_lines(pd.DataFrame(of))[1]
    ['lean', '500 (490 to 510)', '600 (590 to 620)', '650 (630 to 670)']
    """
    shown = (("quantile", 0.5), ("quantile", SHOWN), ("cvar", SHOWN))
    name = str(table["measure"].iloc[0]).replace("_", " ")
    rows = [
        [name, "median of replications", f"{SHOWN:.0%} of them stay below", f"mean of the worst {1 - SHOWN:.0%} (CVaR)"]
    ]
    for policy, mine in table.groupby("policy", sort=False):
        cells = [str(policy)]
        for statistic, share in shown:
            row = mine[(mine["statistic"] == statistic) & (mine["share"] == share)].iloc[0]
            cells.append(f"{_money(row['estimate'])} {_between(row['low'], row['high'])}")
        rows.append(cells)
    return rows


def _between(low: float, high: float) -> str:
    return "(too few replications)" if np.isnan(low) else f"({_money(low)} to {_money(high)})"


def _money(amount: float) -> str:
    return f"{amount:,.0f}" if abs(amount) >= 100 or amount == 0 else f"{amount:,.2f}"
