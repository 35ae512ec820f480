"""What intervals hold, in words: the simulation's chance, and where records were redrawn that of the record, apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from restock.sim.measures.measures import MEASURE, MEASURES
from restock.sim.results.text import aligned
from restock.sim.statistics.intervals import t_quantile
from restock.sim.statistics.two_parts import of_records_alone

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.study.compare import Comparison

SHOWN = ("fill_rate", "average_inventory_value", "distortion_cost", "total_cost")


def parts_table(comparison: Comparison, confidence: float = 0.95) -> pd.DataFrame:
    """A row for each policy and measure of the chain: the interval and its two parts, said apart.

    Columns: policy, measure, estimate, simulation, record, both (half-widths), share (of the variance that is the
    record's), shift (mean of the resamples less the figure of the record itself), unit, resamples.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import redrawn_twice
    >>> found = parts_table(redrawn_twice(BaseStock)).set_index(["policy", "measure"]).loc[("rich", "total_cost")]
    >>> bool(found["both"] >= found["simulation"])
    True
    """
    import pandas as pd

    rows = []
    for label, outcome in comparison.outcomes.items():
        assert outcome.redrawn is not None
        spread = outcome.redrawn.spread("chain")
        assert spread is not None
        alone, together = outcome.simulated("chain", confidence), outcome.interval("chain", confidence)
        error = alone.half_width / t_quantile(confidence, outcome.replications - 1)
        record = of_records_alone(spread, confidence)
        with np.errstate(invalid="ignore"):
            share = spread.variance / (spread.variance + error**2)
        rows += [{
            "policy": label, "measure": name, "estimate": alone.estimate[0, k], "simulation": alone.half_width[0, k],
            "record": record[0, k], "both": together.half_width[0, k], "share": share[0, k],
            "shift": spread.shift[0, k], "unit": MEASURES[name].unit, "resamples": spread.resamples,
        } for name, k in ((name, MEASURE[name]) for name in outcome.measures)]  # fmt: skip
    return pd.DataFrame(rows)


def parts_lines(comparison: Comparison, confidence: float = 0.95) -> list[str]:
    """The two parts of the main figures' intervals, one line a policy and measure."""
    table, rows, before = parts_table(comparison, confidence), [], ""
    rows.append(["half-widths", "", "simulation", "record", "both", "shift of refitting"])
    for row in table[table["measure"].isin(SHOWN)].itertuples():
        share = MEASURES[row.measure].unit == "share"

        def write(value: float, share: bool = share, sign: str = "") -> str:
            if share:
                return f"{100 * value:{sign}.2f}"
            return f"{value:{sign},.0f}" if abs(value) >= 100 or value == 0 else f"{value:{sign},.2f}"

        name = row.measure.replace("average_inventory_value", "stock at cost").replace("_", " ")
        rows.append(["" if row.policy == before else row.policy, name + (" (%-points)" if share else ""),
                     *map(write, (row.simulation, row.record, row.both)), write(row.shift, sign="+")])  # fmt: skip
        before = row.policy
    return aligned(rows, left=(0, 1))


def interval_lines(comparison: Comparison, confidence: float = 0.95) -> list[str]:
    """What ± holds, and what it does not.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import lean_and_rich
    >>> for line in interval_lines(lean_and_rich(BaseStock)):
    ...     print(line)
    ± half-width of a 95% interval over replications.
    ± holds the simulation's chance only: laws are taken as they are given.
    """
    first = next(iter(comparison.outcomes.values()))
    demand, weeks = first.prepared.scenario.demand, first.prepared.scenario.recorded_days // 7
    if first.redrawn is not None:
        return [
            f"± half-width of a {confidence:.0%} interval that holds two parts: the simulation's chance "
            f"({first.replications} replications), and that of the record of {first.redrawn.weeks} weeks "
            f"({first.redrawn.resamples} resamples)."
        ]
    adds = "" if demand.source == "replay" else "; uncertainty.inputs=bootstrap adds it"
    left_out = f", not that of the record of {weeks} weeks{adds}." if weeks else ": laws are taken as they are given."
    return [
        f"± half-width of a {confidence:.0%} interval over replications.",
        f"± holds the simulation's chance only{left_out}",
    ]
