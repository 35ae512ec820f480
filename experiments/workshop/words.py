"""What a page says of an answer: the figures of `restock compare`, written as it writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from restock.sim import statistics
from restock.sim.results.steady_state import no_steady_state
from restock.sim.study.compare import Comparison, verdicts
from restock.sim.study.sensitivity import depends_on
from restock.sim.study.summary_table import (
    COMPARED,
    WORDS,
    money,
    percent,
    unsteady_policies,
    written_difference,
    written_figure,
    written_verdict,
)


class Card(NamedTuple):
    """A policy's figures, each with its name."""

    policy: str
    figures: tuple[tuple[str, str], ...]
    replications: str
    warning: str


class Row(NamedTuple):
    """A paired difference of the pinned choice and the present one."""

    policy: str
    measure: str
    before: str
    after: str
    difference: str
    verdict: str


def cards(comparison: Comparison, asked: int) -> list[Card]:
    """A card for each policy; `asked` replications are to come.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import lean_and_rich
    >>> lean, rich = cards(lean_and_rich(BaseStock), asked=64)
    >>> rich.figures[0], rich.replications
    (('fill rate', '99.94 ± 0.13%'), 'Costs a year; 8 of 64 replications.')
    """
    out = []
    for label, outcome in comparison.outcomes.items():
        share = written_figure(outcome, "distortion_pct_of_sales", "{:.2f}".format)
        figures = (
            ("fill rate", written_figure(outcome, "fill_rate", percent, spread=True) + "%"),
            ("stock at cost", written_figure(outcome, "average_inventory_value", money, spread=True)),
            ("total cost", written_figure(outcome, "total_cost", money, spread=True)),
            ("distortion cost", written_figure(outcome, "distortion_cost", money, spread=True)),
            ("share of sales", f"{share}%"),
        )
        many = outcome.replications
        said = f"Costs a year; {many} {'' if many == asked else f'of {asked} '}replications."
        out.append(Card(label, figures, said, no_steady_state(outcome)))
    return out


def sentence(comparison: Comparison) -> str:
    """The answer in a sentence, for who listens: fill rate and total cost of each policy.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import lean_and_rich
    >>> sentence(lean_and_rich(BaseStock))
    'lean: 89.08% served at once, total cost 888 a year; rich: 99.94% served at once, total cost 727 a year.'
    """
    said = [
        f"{label}: {written_figure(outcome, 'fill_rate', percent)}% served at once, "
        f"total cost {written_figure(outcome, 'total_cost', money)} a year"
        for label, outcome in comparison.outcomes.items()
    ]
    return "; ".join(said) + "."


def differences(before: Comparison, after: Comparison) -> list[Row]:
    """The present choice less the pinned one, policy by policy, paired by replication.

    Verdicts are those of paired t-tests with Holm's correction for the number of policies in both.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import lean_and_rich
    >>> comparison = lean_and_rich(BaseStock)
    >>> sorted({row.difference for row in differences(comparison, comparison)})
    ['+0.00 ± 0.00 %-points', '0 ± 0']
    """
    sides = (("A", before), ("B", after))
    both = [label for label in after.outcomes if label in before.outcomes]
    pairs = {
        label: Comparison({side: replace(each.outcomes[label], label=side) for side, each in sides}, "A")
        for label in both
    }
    found = {label: pair.differences(measures=COMPARED) for label, pair in pairs.items()}
    if not both:
        return []
    p_values = np.stack([frame["p_value"].to_numpy(dtype=float) for frame in found.values()])
    corrected = statistics.adjusted(p_values, "holm")
    unsteady = {*unsteady_policies(before), *unsteady_policies(after)}
    rows = []
    for label, adjusted in zip(both, corrected, strict=True):
        frame = found[label]
        better = np.array([_BETTER[measure] for measure in frame["measure"]])
        frame["verdict"] = verdicts(frame["difference"].to_numpy(dtype=float), adjusted, better, 0.05)
        on = depends_on(pairs[label], frame)
        for row, depends in zip(frame.itertuples(), on, strict=True):
            write = percent if row.measure == "fill_rate" else money
            sign = "%" if row.measure == "fill_rate" else ""
            was, now = (
                written_figure(each.outcomes[label], str(row.measure), write, spread=True) + sign
                for each in (before, after)
            )
            rows.append(Row(
                label, WORDS[str(row.measure)], was, now,
                written_difference(str(row.measure), float(row.difference), float(row.half_width)),
                written_verdict(str(row.verdict), depends, label in unsteady),
            ))  # fmt: skip
    return rows


_BETTER: Mapping[str, str] = {"fill_rate": "higher", "distortion_cost": "lower", "total_cost": "lower"}
