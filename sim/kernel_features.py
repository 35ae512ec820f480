"""What a kernel is written for: the features that a run has, and what is so where it has one not.

A kernel written for some features serves every run that has no others: those it has are asked for as it runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.shard import PlanArrays
    from sim.world import World

Features = tuple[str, ...]

WITHOUT_FEATURE: dict[str, tuple[str, ...]] = {
    "records": ("world.records",),
    "late_records": ("world.delayed",),
    "wrong_scans": ("world.sales_misscanned > 0", "world.receipts_misscanned > 0"),
    "returns": ("world.goods.returns",),
    "shelf_life": ("world.goods.shelf",),
    "seasons": ("world.goods.seasons",),
    "cost_flow": ("world.cost_flow",),
    "memory": ("len(b.lessons) > 0",),
    "levels_by_day": ("len(b.level_rows) > 0",),
}
"""Conditions of the kernel's parts that never hold in a run without the feature."""
EXTRA_COLUMNS = ("wrong_scans", "returns", "shelf_life", "seasons", "cost_flow", "memory")
"""Features whose runs may have the columns of `sim.ledger.EXTRA`."""
WITH_EXTRA_COLUMNS = "len(b.extra) > 0"
ALL: Features = tuple(WITHOUT_FEATURE)


def kernel_features(world: World, plan: PlanArrays) -> Features:
    """The features of a run, in the order of `ALL`."""
    has = {
        "records": world.records,
        "late_records": world.delayed,
        "wrong_scans": world.sales_misscanned or world.receipts_misscanned,
        "returns": world.goods.returns,
        "shelf_life": world.goods.shelf,
        "seasons": world.goods.seasons,
        "cost_flow": world.cost_flow,
        "memory": plan.memory.shape[2],
        "levels_by_day": len(plan.by_day_levels),
    }
    return tuple(feature for feature in ALL if has[feature])


def never_so(features: Iterable[str]) -> set[str]:
    """Conditions that never hold in runs without other features than these."""
    absent = set(ALL) - set(features)
    out = {condition for feature in absent for condition in WITHOUT_FEATURE[feature]}
    if absent.issuperset(EXTRA_COLUMNS):
        out.add(WITH_EXTRA_COLUMNS)
    return out


def condition(features: Iterable[str]) -> str:
    """Python for: the run has one of these features; '' for none.

    >>> condition(("returns", "seasons"))
    'world.goods.returns or world.goods.seasons'
    """
    if features == EXTRA_COLUMNS:
        return WITH_EXTRA_COLUMNS
    return " or ".join(each for feature in features for each in WITHOUT_FEATURE[feature])
