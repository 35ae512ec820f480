"""Settings of the statistics, checked: when to stop, how to judge, and whether to adjust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restock.experiments.settings import Settings
from restock.sim.errors import InputError, require, unknown

if TYPE_CHECKING:
    from restock.sim.planning.prepared import Prepared
    from restock.sim.study.best_policy import Best
    from restock.sim.study.precision import Precision


def stopping_rule(settings: Settings) -> Precision | Best | None:
    """When to stop, where it is not after `replications`."""
    from restock.sim.study.best_policy import Best
    from restock.sim.study.precision import Precision

    precision, selection, most = settings.precision, settings.selection, settings.most_replications
    sharp = precision.relative is not None or precision.difference is not None
    if not sharp and selection.measure is None:
        return None
    given = f"most_replications ({most}) must not lie below replications ({settings.replications})"
    require(most >= settings.replications, given)
    if sharp:
        return _named("precision", Precision, precision.measure, precision.relative, precision.difference, most)
    assert selection.indifference is not None
    return _named("selection", Best, selection.measure, selection.indifference, selection.confidence, most)


def _named(group, kind, measure, *rest):  # type: ignore[no-untyped-def]
    """The rule; an unknown measure is an error of the setting that names it."""
    from restock.sim.measures.measures import MEASURES

    if measure not in MEASURES:
        raise unknown(f"{group}.measure", measure, MEASURES)
    return kind(measure, *rest)


def check_statistics(settings: Settings, prepared: Prepared) -> None:
    """Refuse a correction that is not known, a control where there is none, and redrawn records without a record."""
    from restock.experiments.redrawing import check_uncertainty
    from restock.sim.results.expected_demand import no_control
    from restock.sim.statistics import CORRECTIONS

    check_uncertainty(settings)
    if settings.statistics.correction not in CORRECTIONS:
        raise unknown("statistics.correction", settings.statistics.correction, CORRECTIONS)
    why = no_control(prepared) if settings.statistics.control_variate else ""
    if why:
        raise InputError(f"statistics.control_variate=true: there is no control here, {why}; leave it false")
