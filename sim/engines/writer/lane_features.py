"""What a feature is in the kernel: rows of a block, and steps at the points of a day and a week."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from restock.sim.engines.kernel.rows import Row

if TYPE_CHECKING:
    from restock.sim.model.arrays import World


def no_sizes(arrays: Any, world: World) -> dict[str, int]:
    """Rows are as large as others."""
    return {}


@dataclass(frozen=True)
class Lanes:
    """A feature, or a part of one, in the kernel.

    Parameters
    ----------
    module : str
        Where its parts stand (`compiling.marks.part`), below `sim`.
    steps : mapping of point (`steps.POINTS`) to names of parts
    rows : mapping of name to Row
    reads : names of flows (`steps.FLOWS`)
        What it reads of a day's flows, which are kept where somebody does.
    sizes : function of (the feature's arrays, world)
        How many there are of each word of its own in which shapes of rows are said; 0 where a run has it not.
    """

    module: str
    steps: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, Row] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    sizes: Callable[[Any, World], dict[str, int]] = no_sizes
