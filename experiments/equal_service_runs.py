"""Policies at equal service, as `restock compare` runs them: curves in the scenario, and on its record played again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from restock.experiments.settings import Settings
from restock.sim.errors import InputError
from restock.sim.run.executors import Executor

if TYPE_CHECKING:
    from restock.sim.planning.prepared import Prepared
    from restock.sim.study.equal_service import EqualService, Point

REPLAYED = 8  # most replications on the record played again: it says whether a verdict turns, not by how much
SHARE = 0.8  # of the time, about, that the curves in the scenario itself take


def at_equal_service(
    along: Mapping[str, Sequence[Point]],
    prepared: Prepared,
    settings: Settings,
    words: Sequence[str],
    executor: Executor,
    progress: Callable[[float], None],
) -> EqualService | None:
    """The curves of all policies that have something to move, and what they say; None where nothing is asked."""
    from restock.sim.results.extending import part_of
    from restock.sim.study.equal_service import EqualService, along_service, chosen_levels

    if settings.service.fill_rates == [] or not along:
        return None
    again = replayed(prepared, settings, words) if settings.service.replay else None
    share = 1.0 if again is None else SHARE
    curves = along_service(prepared, along, settings.service.replications, settings.seed, executor=executor,
                           progress=part_of(progress, 0.0, share))  # fmt: skip
    there = [] if again is None else along_service(
        again, along, min(REPLAYED, settings.service.replications), settings.seed, executor=executor,
        progress=part_of(progress, share, 1 - share))  # fmt: skip
    levels = chosen_levels(curves) if settings.service.fill_rates is None else tuple(settings.service.fill_rates)
    return EqualService(tuple(curves), levels, tuple(there), settings.statistics.correction)


def replayed(prepared: Prepared, settings: Settings, words: Sequence[str]) -> Prepared | None:
    """The same scenario with its record played again; None where it has none, or where demand is not as fitted."""
    from restock.experiments.scenarios import build_scenario
    from restock.sim.planning.prepared import Prepared as Preparing

    demand = prepared.scenario.demand
    recorded = demand.history is not None or settings.scenario.get("kind") == "erp"
    if demand.source != "fitted" or demand.cv_factor != 1 or not recorded:
        return None
    there = dataclasses.replace(settings, demand=dataclasses.replace(settings.demand, source="replay"))
    try:
        return Preparing(build_scenario(there, words))
    except InputError:  # orders of stores are no record of a day's demand
        return None
