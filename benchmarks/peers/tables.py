"""The comparison as markdown tables."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from benchmarks.peers.compare import Result


def agreement_table(results: Iterable[Result]) -> str:
    """Markdown: a line for each measure."""
    lines = [*_head("peer", "model", "measure", "peer's", "restock's", "exact", "verdict")]
    for result in results:
        head = f"| {result.peer} | {result.model.name} |"
        if result.absent:
            lines.append(f"{head} - | - | - | - | {result.absent} |")
        for row in result.agreements:
            exact = "-" if np.isnan(row.exact) else _digits(row.exact, row.exact)
            lines.append(f"{head} {row.measure} | {_spread(*row.theirs)} | {_spread(*row.ours)} | {exact} | "
                         f"{row.verdict} |")  # fmt: skip
    return "\n".join(lines)


def speed_table(results: Iterable[Result]) -> str:
    """Markdown: a line for each model, peer and number of threads."""
    each = ("peer ns a cell-day", "restock ns, many replications", "ratio")
    work = ("threads", "replications x days x cells", "peer s", "restock s", "ratio")
    lines = [*_head("peer", "version", "model", *work, *each)]
    for result in results:
        for s in result.speeds:
            size = f"{s.replications:,} x {result.model.periods:,} x {result.model.cells}"
            lines.append(
                f"| {result.peer} | {result.version} | {result.model.name} | {s.threads} | {size} | {s.theirs:.3f} | "
                f"{s.ours:.4f} | {_round(s.same_work)} | {_round(1e9 * s.theirs_a_cell_day)} | "
                f"{1e9 * s.ours_a_cell_day:.1f} | {_round(s.much_work)} |"
            )
    return "\n".join(lines)


def _head(*names: str) -> tuple[str, str]:
    return "| " + " | ".join(names) + " |", "| " + " | ".join("---" for _ in names) + " |"


def _round(value: float) -> str:
    """Two or three figures.

    >>> _round(23456.7), _round(234.0), _round(1.834)
    ('23,500', '234', '1.8')
    """
    if value >= 1000:
        value = float(f"{value:.3g}")
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}"


def _digits(value: float, scale: float) -> str:
    """As many decimals as a value of this size bears."""
    return f"{value:.4f}" if abs(scale) < 1 else f"{value:.3f}" if abs(scale) < 100 else f"{value:.1f}"


def _spread(mean: float, half: float) -> str:
    return f"{_digits(mean, mean)} ± {_digits(half, mean)}"
