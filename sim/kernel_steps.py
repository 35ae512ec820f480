"""What features do in the kernel, and in which order: the one list of steps at the named points of a day and a week.

A step is a part of the kernel (`sim.jit.part`) of one feature, or shared by several; it stands in a module of the
feature and takes what it wants, by name, of what its point offers. A written kernel calls the steps in use where the
parts of the plain day say `steps_at(point, ...)`, and of those at `one_step_at` the first whose feature the run has.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.kernel_features import EXTRA_COLUMNS


class Step(NamedTuple):
    """A step, and the features any of which needs it; none: it is the plain day's own."""

    part: str
    features: tuple[str, ...]


def _of(features: str | tuple[str, ...], *parts: str) -> list[Step]:
    return [Step(part, (features,) if isinstance(features, str) else features) for part in parts]


STEPS: dict[str, list[Step]] = {
    # a block of lanes is filled: before its cells are
    "load": [
        *_of(EXTRA_COLUMNS, "clear_extra"),
        *_of("records", "load_records"),
        *_of("late_records", "load_past"),
        *_of("wrong_scans", "load_scans"),
        *_of("returns", "load_returns"),
        *_of("shelf_life", "load_shelves"),
        *_of("seasons", "load_seasons"),
        *_of("cost_flow", "load_costs"),
        *_of("memory", "load_memory"),
        *_of("levels_by_day", "load_level_rows"),
    ],
    # the first day of a week: prices, then the demand of its days, then what could be lost on them
    "before demand": _of("seasons", "set_prices"),
    "demand": [*_of("seasons", "demand_at_price"), *_of((), "demand_of_laws")],
    "after demand": _of("seasons", "end_of_season"),
    "week's start": _of("records", "week_losses"),
    # a day, in its order
    "morning": [
        *_of("late_records", "note_receipts"),
        *_of(("wrong_scans", "shelf_life"), "note_arrivals"),
        *_of("wrong_scans", "note_sales"),
        *_of("cost_flow", "cost_arrivals"),
    ],
    "before trading": [*_of("cost_flow", "cost_before_sales"), *_of(("returns", "seasons"), "note_served")],
    "after trading": _of("cost_flow", "cost_sales"),
    "closing": [
        *_of(("returns", "seasons"), "note_handed"),
        *_of("seasons", "sell_marked_down"),
        *_of("returns", "returns_of_day"),
        *_of("cost_flow", "cost_before_losses"),
        *_of("records", "shrinkage"),
        *_of("wrong_scans", "wrong_scans"),
        *_of("seasons", "clearance"),
        *_of("shelf_life", "expiry"),
        *_of("cost_flow", "cost_losses"),
        *_of("records", "look_at_records", "counting"),
    ],
    "before shipping": _of("cost_flow", "cost_before_shipping"),
    "after shipping": [*_of("cost_flow", "cost_shipments"), *_of("memory", "note_orders_below")],
    "before review": [
        *_of("late_records", "post"),
        *_of("levels_by_day", "levels_of_today"),
        *_of("memory", "evening_lesson"),
    ],
    "review": [
        *_of("late_records", "review_of_late_record"),
        *_of("records", "review_of_record"),
        *_of((), "review_of_stock"),
    ],
    "after review": _of("memory", "note_sales_learnt"),
    "order": _of("seasons", "buying_window"),
    # the last day of a week
    "week's end": [*_of("cost_flow", "settle_week"), *_of("records", "sum_up_records")],
    "sums": _of(EXTRA_COLUMNS, "add_extra"),
    # as measuring starts, and at the end
    "opening state": [*_of("records", "opening_record"), *_of("cost_flow", "opening_values")],
    "closing state": [*_of("records", "closing_record"), *_of("cost_flow", "closing_values")],
}
