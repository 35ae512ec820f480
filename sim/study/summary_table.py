"""The table that a manager understands: what each policy gives, what it costs, and whether it differs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
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
        figure = partial(written_figure, outcome, confidence=confidence)
        rows.append([
            label, figure("fill_rate", percent, spread=True), figure("stockout_rate", percent),
            figure("average_inventory_value", money), figure("turnover", "{:.1f}".format),
            figure("distortion_cost", money, spread=True),
            figure("stockout_cost", money), figure("overstock_cost", money),
            figure("distortion_pct_of_sales", "{:.2f}".format), figure("total_cost", money, spread=True),
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


def written_figure(
    outcome: Outcome, measure: str, write: Callable[[float], str], spread: bool = False, confidence: float = 0.95
) -> str:
    """A figure of the chain as the table writes it; `spread` with the half-width of its interval.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import lean_and_rich
    >>> rich = lean_and_rich(BaseStock).outcomes["rich"]
    >>> written_figure(rich, "fill_rate", percent), written_figure(rich, "total_cost", money)
    ('99.94', '727')
    """
    estimate, low, high = outcome.value(measure, confidence=confidence)
    text = "-" if np.isnan(estimate) else write(estimate)
    half = (high - low) / 2
    least = "<0.01" if write is percent and 0 < half < 5e-5 else ""
    return text if not spread or np.isnan(high) else f"{text} ± {least or write(half)}"


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
        marked = bool({row.policy, comparison.baseline} & {*unsteady})
        verdict = written_verdict(row.verdict, depends, marked)
        text = written_difference(row.measure, row.difference, row.half_width)
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


def written_difference(measure: str, difference: float, half_width: float) -> str:
    """A paired difference as the table writes it.

    >>> written_difference("fill_rate", 0.1357, 0.0001), written_difference("total_cost", -64008.2, 403.6)
    ('+13.57 ± 0.01 %-points', '-64,008 ± 404')
    """
    write = _points if measure == "fill_rate" else _signed
    spread = write(half_width).lstrip("+")
    return f"{write(difference)} ± {spread}{' %-points' if measure == 'fill_rate' else ''}"


def written_verdict(verdict: str, depends: str, unsteady: bool) -> str:
    """A verdict as the table writes it, with what it depends on.

    >>> written_verdict("better", "ordering cost: turns when it is doubled", False)
    'better, but depends on ordering cost: turns when it is doubled'
    """
    mark = f" {UNSTEADY}" if unsteady else ""
    return f"{verdict}{mark}" + (f", but depends on {depends}" if depends else "")


def percent(share: float) -> str:
    """A share as tables write it, without the sign.

    >>> percent(0.99815)
    '99.81'
    """
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
