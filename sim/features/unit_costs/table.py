"""What the flow of cost changes: the same goods under FIFO, LIFO and average cost, as a table and in the report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from restock.sim import statistics
from restock.sim.features.unit_costs.measures import COST_FLOWS, OF_COST_FLOW
from restock.sim.measures.measures import MEASURES
from restock.sim.results.outcome import Outcome, measure_number

if TYPE_CHECKING:
    import pandas as pd

BASE_FLOW = "fifo"
SHOWN = ("turnover", "gmroi", "cogs", "ending_inventory")
COLUMNS = ["policy", "measure", "flow", "estimate", "low", "high", "half_width", "unit", "replications"]


def cost_flow_table(outcomes: Iterable[Outcome], confidence: float = 0.95) -> pd.DataFrame:
    """Tidy, of the chain: policy, measure, flow ('fifo', 'lifo', 'average'; 'lifo - fifo', 'average - fifo'), estimate,
    low, high, half_width, unit, replications.

    Differences are paired: in each replication the flows price the same goods, so they are far surer than the figures.
    """
    import pandas as pd

    rows = []
    for outcome in outcomes:
        found, (top, bottom) = outcome.interval(confidence=confidence), outcome.pairs("chain")
        control = outcome.control if outcome.adjusted else None
        for measure in OF_COST_FLOW:
            column = {flow: measure_number(f"{measure}_{flow}") for flow in COST_FLOWS}
            about = {"policy": outcome.label, "measure": measure, "unit": MEASURES[f"{measure}_{BASE_FLOW}"].unit,
                     "replications": outcome.replications}  # fmt: skip
            for flow, k in column.items():
                rows.append({**about, "flow": flow, "estimate": found.estimate[0, k], "low": found.low[0, k],
                             "high": found.high[0, k], "half_width": found.half_width[0, k]})  # fmt: skip
            for flow in (flow for flow in COST_FLOWS if flow != BASE_FLOW):
                (x, y), (base_x, base_y) = ((top[:, 0, k], bottom[:, 0, k]) for k in (column[flow], column[BASE_FLOW]))
                less = statistics.paired_difference(x, base_x, y, base_y, confidence, control)
                rows.append({**about, "flow": f"{flow} - {BASE_FLOW}", "estimate": float(less.difference),
                             "low": float(less.low), "high": float(less.high),
                             "half_width": float(less.half_width)})  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def cost_flow_lines(table: pd.DataFrame) -> list[str]:
    """Lines of a report: what FIFO shows, and what LIFO adds to it, with its interval."""
    lines = ["Under FIFO, and what LIFO adds to it (same goods, same sales):"]
    for policy, mine in table.groupby("policy", sort=False):
        of = mine.set_index(["measure", "flow"])
        parts = []
        for measure in SHOWN:
            base, less = of.loc[(measure, BASE_FLOW)], of.loc[(measure, f"lifo - {BASE_FLOW}")]
            half = f" ± {_short(less['half_width'])}" if less["half_width"] == less["half_width"] else ""
            sign = "+" if less["estimate"] >= 0 else ""
            parts.append(f"{measure.replace('_', ' ')} {_short(base['estimate'], 4)} "
                         f"{sign}{_short(less['estimate'])}{half}")  # fmt: skip
        lines.append(f"- {policy}: {'; '.join(parts)}")
    return lines


def _short(value: float, digits: int = 2) -> str:
    """A number in so many digits; from a thousand on, whole."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.{digits}g}"
