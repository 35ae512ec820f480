"""Which of several is best, and which others are not told apart from it: what a title may say, and no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.sim.errors import require
from restock.sim.measures.measures import MEASURES

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.study.compare import Comparison

Shown = Callable[[str, Any, Any], bool]
"""(measure, one, other): whether one is shown to be better than the other."""


def by_pairs(comparison: Comparison, measures: Sequence[str], **judged: Any) -> Shown:
    """By the paired differences of a comparison; `judged` as in `Comparison.differences`.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import lean_and_rich
    >>> comparison = lean_and_rich(BaseStock)
    >>> shown = by_pairs(comparison, ["fill_rate"])
    >>> shown("fill_rate", "rich", "lean"), shown("fill_rate", "lean", "rich")
    (True, False)
    """
    better: set[tuple[str, str, str]] = set()
    for label in comparison.outcomes if len(comparison.outcomes) > 1 else ():
        found = comparison.differences(label, measures=measures, **judged)
        found = found[found["verdict"] == "better"]
        better |= set(zip(found["measure"], found["policy"], found["baseline"], strict=True))
    return lambda measure, one, other: (measure, one, other) in better


def by_intervals(table: pd.DataFrame, key: str = "policy") -> Shown:
    """By the intervals of a tidy table, as of independent runs: each figure's own, joined by root of squares.

    Runs that met the same demand differ by less noise than that: what is shown here is shown by pairs, too.

    >>> import pandas as pd
    >>> rows = {"measure": "total_cost", "policy": list("abc"), "estimate": [9.0, 5.0, 5.5], "half_width": 0.5}
    >>> shown = by_intervals(pd.DataFrame(rows))
    >>> shown("total_cost", "b", "a"), shown("total_cost", "b", "c")
    (True, False)
    """

    def shown(measure: str, one: Any, other: Any) -> bool:
        rows = table[table["measure"] == measure].set_index(key)[["estimate", "half_width"]].astype(float)
        gain = rows["estimate"][one] - rows["estimate"][other]
        gain = -gain if MEASURES[measure].better == "lower" else gain
        return bool(gain > np.hypot(*rows["half_width"][[one, other]]))  # False without intervals

    return shown


def leaders(rows: pd.DataFrame, shown: Shown, key: str = "policy") -> list[Any]:
    """The best of a measure's rows by its estimate, then those that are not shown to be worse, as listed.

    >>> import pandas as pd
    >>> rows = pd.DataFrame({"measure": "total_cost", "policy": list("abc"), "estimate": [9.0, 5.0, 6.0]})
    >>> leaders(rows, lambda measure, one, other: other == "a")
    ['b', 'c']
    """
    require(len(rows) > 0, "there is nothing to choose the best from")
    measure = str(rows["measure"].iloc[0])
    values = rows.set_index(key)["estimate"].astype(float)
    best = values.idxmin() if MEASURES[measure].better == "lower" else values.idxmax()
    return [best, *(name for name in values.index if name != best and not shown(measure, best, name))]
