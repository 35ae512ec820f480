"""The table that a manager understands: what each policy gives, what it costs, and whether it differs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.results.bad_years import risk_lines, risk_table
from restock.sim.results.steady_state import no_steady_state
from restock.sim.results.text import aligned
from restock.sim.study.best_policy import Best
from restock.sim.study.redrawn_lines import interval_lines, parts_lines
from restock.sim.study.sensitivity import depends_on
from restock.sim.study.variance_reduction import control_line

if TYPE_CHECKING:
    from restock.sim.results.outcome import Outcome
    from restock.sim.study.compare import Comparison

HEAD = (
    "policy|fill rate|stockout|stock at|turns|distortion|of it|of it|% of|total cost",
    "|%|rate %|cost|a year|cost a year|stockout|overstock|sales|a year",
)
COMPARED = ("fill_rate", "distortion_cost", "total_cost")
UNSTEADY = "(no steady state)"
WORDS = {"fill_rate": "fill rate", "distortion_cost": "distortion cost", "total_cost": "total cost"}


CORRECTED = {
    "holm": "Holm's correction for the number of policies compared",
    "bonferroni": "Bonferroni's correction for the number of policies compared",
    "none": "not corrected for the number of policies compared",
}


def manager_table(
    comparison: Comparison,
    confidence: float = 0.95,
    correction: str = "holm",
    simultaneous: bool = False,
    above: Sequence[str] = (),
) -> str:
    """Plain text: one line a policy, intervals as +/-, and the differences to the baseline below.

    `correction` and `simultaneous` are those of `Comparison.differences`; lines of `above` stand before the table.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import lean_and_rich
    >>> comparison = lean_and_rich(BaseStock)
    >>> print(manager_table(comparison).splitlines()[0])
    shop: 2 items, 1 sites, 28 days after 7 days of warm-up, 8 replication(s), seed 1
    """
    first = next(iter(comparison.outcomes.values()))
    scenario = first.prepared.scenario
    rows = [line.split("|") for line in HEAD]
    for label, outcome in comparison.outcomes.items():

        def figure(
            measure: str, write: Callable[[float], str], spread: bool = False, outcome: Outcome = outcome
        ) -> str:
            estimate, low, high = outcome.value(measure, confidence=confidence)
            text = "-" if np.isnan(estimate) else write(estimate)
            half = (high - low) / 2
            least = "<0.01" if write is _percent and 0 < half < 5e-5 else ""
            return text if not spread or np.isnan(high) else f"{text} ± {least or write(half)}"

        rows.append([
            label, figure("fill_rate", _percent, True), figure("stockout_rate", _percent),
            figure("average_inventory_value", money), figure("turnover", "{:.1f}".format),
            figure("distortion_cost", money, True), figure("stockout_cost", money), figure("overstock_cost", money),
            figure("distortion_pct_of_sales", "{:.2f}".format), figure("total_cost", money, True),
        ])  # fmt: skip
    lines = [
        f"{scenario.name}: {len(scenario.items)} items, {len(scenario.sites)} sites, {scenario.days} days after "
        f"{scenario.warm_up} days of warm-up, {_counts(comparison)} replication(s), seed {first.seed}",
        "",
    ]
    unsteady = unsteady_policies(comparison)
    lines += [*_warning(unsteady), *above, *aligned(rows), ""]
    if first.replications == 1:
        lines.append("One replication: no intervals, and no difference can be shown; run more.")
    else:
        lines += interval_lines(comparison, confidence)
    lines.append("Distortion cost on the margin basis: lost margin, goodwill and waiting; carrying cost of overstock.")
    if len(comparison.outcomes) > 1 and first.replications > 1:
        lines += ["", *_differences(comparison, confidence, correction, simultaneous, unsteady)]
    if first.redrawn is not None:
        lines += ["", *parts_lines(comparison, confidence)]
    if first.replications > 1:
        table = risk_table(comparison.outcomes.values(), confidence=confidence)
        lines += ["", *aligned(risk_lines(table))]
    lines += _about_the_run(comparison)
    return "\n".join(lines)


def unsteady_policies(comparison: Comparison) -> dict[str, str]:
    """Policies without a steady state, and why; none where no daily series were kept.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import lean_and_rich
    >>> unsteady_policies(lean_and_rich(BaseStock))
    {}
    """
    each = {label: no_steady_state(outcome) for label, outcome in comparison.outcomes.items()}
    return {label: why for label, why in each.items() if why}


def _warning(unsteady: Mapping[str, str]) -> list[str]:
    """What stands above the figures where policies are not in a steady state."""
    if not unsteady:
        return []
    said = [f"No steady state under '{label}': {why}." for label, why in unsteady.items()]
    return [
        *said,
        f"What is marked {UNSTEADY} holds for these days, from this opening stock; try a longer warm_up.",
        "",
    ]


def _counts(comparison: Comparison) -> str:
    counts = [outcome.replications for outcome in comparison.outcomes.values()]
    return f"{counts[0]}" if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"


def _about_the_run(comparison: Comparison) -> list[str]:
    """Whether what was asked for was reached, and what demand as a control gains."""
    said = [comparison.reached.line()] if comparison.reached else []
    if comparison.selection is not None and isinstance(comparison.until, Best):
        said += [comparison.until.line(comparison.selection), *_best_rests_on(comparison, comparison.until.measure)]
    said.append(control_line(comparison, COMPARED))
    kept = [line for line in said if line]
    return ["", *kept] if kept else []


def _best_rests_on(comparison: Comparison, measure: str) -> list[str]:
    """The assumed costs with which another policy would be the best: half or twice as high, with the same levels."""
    assert comparison.selection is not None
    best = comparison.selection.best
    if best is None:
        return []
    against_it = replace(comparison, baseline=best)
    frame = against_it.differences(measures=(measure,))
    on = depends_on(against_it, frame)
    return [
        f"But whether '{row.policy}' is worse depends on {d}."
        for row, d in zip(frame.itertuples(), on, strict=True)
        if d
    ]


def _differences(
    comparison: Comparison, confidence: float, correction: str, simultaneous: bool, unsteady: Collection[str]
) -> list[str]:
    frame = comparison.differences(
        measures=COMPARED, confidence=confidence, correction=correction, simultaneous=simultaneous
    )
    rows = [["policy", "measure", f"less '{comparison.baseline}'", "verdict"]]
    before, on = None, depends_on(comparison, frame)
    for row, depends in zip(frame.itertuples(), on, strict=True):
        write = _points if row.measure == "fill_rate" else _signed
        spread = write(row.half_width).lstrip("+")
        text = f"{write(row.difference)} ± {spread}{' %-points' if row.measure == 'fill_rate' else ''}"
        mark = f" {UNSTEADY}" if {row.policy, comparison.baseline} & {*unsteady} else ""
        verdict = f"{row.verdict}{mark}" + (f", but depends on {depends}" if depends else "")
        rows.append(["" if row.policy == before else row.policy, WORDS[row.measure], text, verdict])
        before = row.policy
    found = frame["variance_reduction"].replace(np.inf, np.nan).dropna()
    lines = aligned(rows, left=(0, 1, 3))
    if len(found):
        lines += ["", f"Same demand for all policies: pairing cuts the variance of these differences by a factor of "
                      f"{found.min():.1f} to {found.max():.1f}."]  # fmt: skip
    if any(on):
        lines.append("Depends: each assumed cost was halved and doubled, with the same stock levels.")
    at_once = f"; the intervals of each measure hold all at once with {confidence:.0%}" if simultaneous else ""
    lines.append(f"Verdicts: paired t-tests, {CORRECTED[correction]}{at_once}.")
    return lines


def _percent(share: float) -> str:
    return f"{100 * share:.2f}"


def _points(share: float) -> str:
    return f"{100 * share:+.2f}"


def money(amount: float) -> str:
    """A sum as tables write it.

    >>> money(1234.5), money(12.345), money(0)
    ('1,234', '12.35', '0')
    """
    return f"{amount:,.0f}" if abs(amount) >= 100 or amount == 0 else f"{amount:,.2f}"


def _signed(amount: float) -> str:
    return ("+" if amount > 0 else "") + money(amount)
