"""What features do in the kernel, and in which order: their steps at the named points (`engines.points`).

A step is a part of the kernel (`compiling.marks.part`) of one feature, or shared by several; it stands in a module
of the
feature and takes what it wants, by name, of what its point offers. A written kernel calls the steps in use where the
parts of the plain day say `steps_at(point, ...)`, and of those at `one_step_at` the first whose feature the run has.
"""

from __future__ import annotations

from typing import NamedTuple

from restock.sim.engines.points import POINTS
from restock.sim.engines.writer.features import EXTRA_COLUMNS
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.model.feature import feature_kinds


class Step(NamedTuple):
    """A step, and the features any of which needs it; none: it is the plain day's own."""

    part: str
    features: tuple[str, ...]


LANES: dict[str, Lanes] = {name: lanes for kind in feature_kinds() for name, lanes in kind().lanes().items()}
LANES |= {
    "levels_by_day": Lanes("engines.kernel.learning", {"load": ("load_level_rows",), "learnt": ("levels_of_today",)}),
    "memory": Lanes(
        "engines.kernel.learning",
        {"load": ("load_memory",), "brought_back": ("note_restocked",), "shipped": ("note_orders_below",),
         "learnt": ("evening_lesson",), "reviewed": ("note_sales_learnt",)},
    ),
    "moves_together": Lanes(
        "engines.kernel.week",
        {"load": ("load_factor",), "week_begins": ("draw_factor",), "drawn": ("follow_factor",)},
    ),
    "echelon": Lanes("engines.kernel.learning", {"learnt": ("position_of_those_below",)}),
}  # fmt: skip
"""Features in the kernel, in their order, and what plans bring."""
FLOWS = {
    "came": {"taken_in": "note_arrivals"},
    "handed": {"before_trading": "note_served", "sold": "note_handed"},
}
"""Flows of the day that are kept where a feature reads them, and the steps that keep them."""
OF_COLUMNS = {"load": "clear_extra", "summed": "add_extra"}
PLAIN = {"demand": "demand_of_laws", "view": "view_of_stock", "review": "review_of_stock",
         "usual_review": "review_of_stock", "sales_seen": "sales_seen_at_once"}  # fmt: skip
"""What is done at points at which one step is taken, where no feature takes it."""


def _steps_of(point: str) -> list[Step]:
    """The steps at a point: shared ones first. Of points for one step, the plain day's is last, and of a feature's
    parts the later ones, which say more, come before the others."""
    shared = [Step(OF_COLUMNS[point], EXTRA_COLUMNS)] if point in OF_COLUMNS else []
    for flow, steps in FLOWS.items():
        readers = tuple(name for name, lanes in LANES.items() if flow in lanes.reads)
        shared += [Step(steps[point], readers)] if point in steps and readers else []
    own = [Step(part, (name,)) for name, lanes in LANES.items() for part in lanes.steps.get(point, ())]
    return [*own[::-1], Step(PLAIN[point], ())] if point in PLAIN else shared + own


STEPS: dict[str, list[Step]] = {point: _steps_of(point) for point in POINTS if point not in ("day_ends", "asked_first")}
