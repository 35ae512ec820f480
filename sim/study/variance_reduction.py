"""What the two ways of saving replications have gained: common demand for all policies, and demand as a control."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from restock.sim import statistics
from restock.sim.measures.measures import MEASURES
from restock.sim.results.outcome import measure_number

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.study.compare import Comparison


def variance_reduction_table(comparison: Comparison, confidence: float = 0.95) -> pd.DataFrame:
    """The chain's figures and differences, plain and adjusted for realised demand; one row for each and measure.

    `baseline` is empty for a policy's own figure. `by_pairing`: variance of a difference, had the policies met
    independent demand, over its variance as it is. `by_control`: variance of the plain figure over that of the one
    adjusted (loss factor included: below 1 where demand explains nothing); nan where demand is no control.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import lean_and_rich
    >>> comparison = lean_and_rich(BaseStock)
    >>> table = variance_reduction_table(comparison)
    >>> table[table["measure"] == "fill_rate"][["policy", "baseline"]].values.tolist()
    [['lean', ''], ['rich', ''], ['rich', 'lean']]
    """
    import pandas as pd

    names, base = list(MEASURES), comparison.outcomes[comparison.baseline]
    frames = []
    for outcome in comparison.outcomes.values():
        for other in (None, base) if outcome is not base else (None,):
            n = min(outcome.replications, other.replications if other else outcome.replications)
            (x, y), control = (part[:n, 0] for part in outcome.pairs("chain")), outcome.control
            z, pairing = statistics.ratio(x, y)[1], np.full(len(names), np.nan)
            control = None if control is None else control[:n]
            if other is None:
                plain = statistics.interval(x, y, confidence)
                adjusted = statistics.interval(x, y, confidence, control)
                values = (plain.estimate, plain.half_width, adjusted.estimate, adjusted.half_width)
            else:
                other_x, other_y = (part[:n, 0] for part in other.pairs("chain"))
                paired = statistics.paired_difference(x, other_x, y, other_y, confidence)
                better = statistics.paired_difference(x, other_x, y, other_y, confidence, control)
                z = z - statistics.ratio(other_x, other_y)[1]
                values = (paired.difference, paired.half_width, better.difference, better.half_width)
                pairing = paired.variance_reduction
            nothing = np.full(len(names), np.nan)
            frames.append(pd.DataFrame({
                "policy": outcome.label,
                "baseline": other.label if other else "",
                "measure": names,
                "estimate": values[0],
                "half_width": values[1],
                "by_pairing": pairing,
                "adjusted_estimate": nothing if control is None else values[2],
                "adjusted_half_width": nothing if control is None else values[3],
                "by_control": nothing if control is None else statistics.adjust(z, control).variance_reduction,
                "unit": [MEASURES[name].unit for name in names],
                "replications": n,
            }))  # fmt: skip
    table = pd.concat(frames, ignore_index=True)
    return table[table["measure"].isin(base.measures)].reset_index(drop=True)


def control_line(comparison: Comparison, measures: tuple[str, ...]) -> str:
    """What adjusting for realised demand gains, or would gain, for the policies' own figures.

    '' where demand is no control, or ten replications are not there to tell.
    """
    outcomes = list(comparison.outcomes.values())
    columns = [measure_number(name) for name in measures]
    gains = []
    for outcome in outcomes:
        if outcome.control is not None and outcome.replications >= statistics.LEAST:
            x, y = (part[:, 0, columns] for part in outcome.pairs("chain"))
            gains.append(statistics.adjust(statistics.ratio(x, y)[1], outcome.control).variance_reduction)
    found = np.array(gains)
    if not np.isfinite(found).any():
        return ""
    low, high = (f"{edge:.1f}" for edge in (found[np.isfinite(found)].min(), found[np.isfinite(found)].max()))
    by = f"a factor of {low}" if low == high else f"a factor of {low} to {high}"
    if outcomes[0].adjusted:
        return f"The chain's figures are adjusted for realised demand, which cuts their variance by {by}."
    return f"Adjusting for realised demand would cut the variance by {by} (statistics.control_variate=true)."
