"""What a kernel is written for: the features that a run has, and what is so where it has one not.

A kernel written for some features serves every run that has no others: those it has are asked for as it runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from restock.sim.model.feature import all_books, parts_in_use, parts_of_features

if TYPE_CHECKING:
    from restock.sim.engines.kernel.shard import PlanArrays
    from restock.sim.model.arrays import World

Features = tuple[str, ...]

OF_PLANS: dict[str, tuple[str, ...]] = {
    "levels_by_day": ("len(b.level_rows) > 0",),
    "memory": ("len(b.lessons) > 0",),
    "echelon": ("plan.echelon_level >= 0",),
}
"""What policies bring: levels that change by day, what they remember, and rules that read an echelon's position."""
OF_DEMAND: dict[str, tuple[str, ...]] = {"moves_together": ("world.together",)}
"""What demand brings: that of stores may move together."""
OF_STATES: dict[str, tuple[str, ...]] = {
    "opening": ("world.opening_state.used",),
    "resumed": ("world.opening_state.resumed",),
}
"""What a run opens with: a state, which may be that of a run that goes on."""
WITHOUT_FEATURE: dict[str, tuple[str, ...]] = parts_of_features(of_kernels=True) | OF_PLANS | OF_DEMAND | OF_STATES
"""Conditions of the kernel's parts that never hold in a run without the feature."""
_BOOKS = {books.needs for books in all_books()}
EXTRA_COLUMNS = tuple(feature for feature in WITHOUT_FEATURE if feature in _BOOKS or feature == "memory")
"""Features whose runs may have the columns of `measures.ledger.EXTRA`."""
ALL: Features = tuple(WITHOUT_FEATURE)


def kernel_features(world: World, plan: PlanArrays) -> Features:
    """The features of a run, in the order of `ALL`."""
    has = parts_in_use(world)
    has |= {"memory"} if plan.memory.shape[2] else set()
    has |= {"levels_by_day"} if len(plan.by_day_levels) else set()
    has |= {"echelon"} if plan.echelon_level >= 0 else set()
    has |= {"moves_together"} if world.together else set()
    has |= {"opening"} if world.opening_state.used else set()
    has |= {"resumed"} if world.opening_state.resumed else set()
    return tuple(feature for feature in ALL if feature in has)


def always_so(features: Iterable[str]) -> set[str]:
    """Conditions that hold in all runs with a kernel for these features: that blocks are those of gangs."""
    return {"b.together"} if "limits" in features else set()


def never_so(features: Iterable[str]) -> set[str]:
    """Conditions that never hold in runs without other features than these."""
    absent = set(ALL) - set(features)
    out = {condition for feature in absent for condition in WITHOUT_FEATURE[feature]}
    if absent.issuperset(EXTRA_COLUMNS):
        out.add("len(b.extra) > 0")
    if "limits" in absent:
        out.add("b.together")
    return out


def condition(features: Iterable[str]) -> str:
    """Python for: the run has one of these features; '' for none.

    >>> condition(("returns", "seasons"))
    'world.features.returns.used or world.features.selling_seasons.used'
    """
    return " or ".join(each for feature in features for each in WITHOUT_FEATURE[feature])
