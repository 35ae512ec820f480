"""uncertainty.inputs=bootstrap: a comparison run again with laws fitted to redrawn records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from restock.experiments.settings import Settings
from restock.sim.errors import InputError, require, unknown

if TYPE_CHECKING:
    from restock.sim.planning.policy import Policy
    from restock.sim.planning.prepared import Prepared
    from restock.sim.study.compare import Comparison

INPUTS = ("none", "bootstrap")
WHAT = "uncertainty.inputs=bootstrap"
LEAST = 8  # weeks of record


def check_uncertainty(settings: Settings) -> None:
    """Refuse what redrawn records do not go with, before anything is simulated."""
    asked = settings.uncertainty
    if asked.inputs not in INPUTS:
        raise unknown("uncertainty.inputs", asked.inputs, INPUTS)
    if asked.inputs == "none":
        return
    kind = settings.scenario.get("kind")
    require(kind == "erp", f"{WHAT} needs a record, and a scenario of kind {kind} has none; leave it at none")
    replayed = settings.demand.source == "replay"
    require(not replayed, f"{WHAT} with demand.source=replay: recorded days are played as they were; use fitted")
    sharp = settings.precision.relative is not None or settings.precision.difference is not None
    for wrong, name in ((sharp, "precision"), (settings.selection.measure is not None, "selection")):
        require(not wrong, f"{WHAT} with {name}, which goes by the simulation's chance alone; leave one of them out")
    adjusted = settings.statistics.control_variate
    require(not adjusted, f"{WHAT} with statistics.control_variate=true: choose one of them")
    many, each = settings.replications, asked.replications
    require(
        many >= each, f"uncertainty.replications ({each}) are the first of replications ({many}): it must not be more"
    )


def with_redrawn_records(
    comparison: Comparison, policies: dict[str, Policy], settings: Settings, executor: Any,
    progress: Callable[[str, float], None],
) -> Comparison:  # fmt: skip
    """The comparison with intervals that hold what the record leaves open, too."""
    from restock.experiments.scenarios import build_scenario, read_export
    from restock.sim.calibration.weeks.redrawn import redrawn
    from restock.sim.calibration.weeks.span import span_of
    from restock.sim.planning.prepared import Prepared
    from restock.sim.study.redrawn_records import with_redrawn

    asked, done = settings.uncertainty, 0
    record = read_export(settings, WHAT)
    span = span_of(record, WHAT)
    require(span.weeks >= LEAST, f"{WHAT} needs a record of at least {LEAST} weeks, got {span.weeks}")

    def worlds() -> Iterator[Prepared]:
        for number in range(asked.resamples):
            try:
                yield Prepared(build_scenario(settings, (), redrawn(record, settings.seed, number)))
            except InputError as error:
                raise InputError(f"resample {number} of the record: {error}") from error

    def one_more() -> None:
        nonlocal done
        done += 1
        progress(f"record {done} of {asked.resamples} redrawn", done / asked.resamples)

    return with_redrawn(comparison, policies, worlds(), span.weeks, asked.replications, executor, one_more)
