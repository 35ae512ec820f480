"""What a comparison says, and the folder that it leaves: report, tables, figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from restock.experiments.assumed_words import assumed_lines
from restock.experiments.run_folder import whole_or_nothing, write_settings, write_table
from restock.experiments.settings import Settings, plain

TABLES = ("chain", "tier", "site", "category", "class", "policy_class", "site_class", "item")
DIFFERENCES = ("chain", "tier", "site", "category", "class")


class Report(NamedTuple):
    """The report of a comparison, and tables that it is made from."""

    text: str
    costed: Any
    exceptions: Any
    outages: Any = None
    channels: Any = None


def report_of(comparison: Any, settings: Settings, words: Sequence[str], outages: Any = None) -> Report:
    """What a comparison says on the screen; `words` are those of the command line, `outages` a table or None."""
    from restock.sim.features.unit_costs.table import cost_flow_lines, cost_flow_table
    from restock.sim.results.exception_report import exception_lines, exception_table
    from restock.sim.results.steady_state import ENOUGH
    from restock.sim.study.summary_table import manager_table, unsteady_policies

    first = next(iter(comparison.outcomes.values()))
    found = [f"policy {label}: {note}" for label, outcome in comparison.outcomes.items() for note in outcome.plan.notes]
    costed = exceptions = channels = None
    above: list[str] = []
    if comparison.along is not None:
        from restock.experiments.equal_service_words import equal_service_lines

        unsteady = unsteady_policies(comparison)
        above = [*equal_service_lines(comparison.along, marked=unsteady), "", "As they are set:", ""]
    lines = [manager_table(comparison, **judged(settings), above=above)]
    if first.prepared.world.features.unit_costs.used:
        costed = cost_flow_table(comparison.outcomes.values())
        lines += ["", *cost_flow_lines(costed)]
    if first.prepared.world.features.channels.used:
        from restock.sim.features.channels.table import channel_lines, channel_table

        channels = channel_table(comparison.outcomes.values())
        lines += ["", *channel_lines(channels)]
    if outages is not None:
        from restock.sim.features.supply_risk.outage_study import outage_lines

        lines += ["", *outage_lines(outages)]
    if settings.exceptions:
        exceptions = exception_table(comparison.outcomes.values(), settings.exceptions)
        lines += ["", *exception_lines(exceptions)]
    if settings.for_erp:
        from restock.experiments.levels_out import moving

        lines += ["", *said] if (said := moving(comparison.outcomes.values())) else []
    if first.prepared.scenario.horizon >= ENOUGH:
        lines += ["", first.warm_up_line()]
    lines += assumed_lines(first.prepared.scenario, settings, words, found)
    return Report("\n".join(lines), costed, exceptions, outages, channels)


def judged(settings: Settings) -> dict[str, Any]:
    """How verdicts are come to."""
    return {"correction": settings.statistics.correction, "simultaneous": settings.statistics.simultaneous}


def write(comparison: Any, report: Report, settings: Settings, about: dict[str, Any], folder: Path) -> None:
    """Write the run folder: settings and report, tables, then figures."""
    import pandas as pd

    from restock.sim.results.bad_years import risk_table
    from restock.sim.study.sensitivity import depends_on
    from restock.sim.study.summary_table import unsteady_policies
    from restock.sim.study.variance_reduction import variance_reduction_table

    first = next(iter(comparison.outcomes.values()))
    with whole_or_nothing(folder) as place:
        write_settings(place, plain(settings), about, report.text)
        tables, figures = place / "tables", place / "figures"
        tables.mkdir()
        for level in TABLES:
            having = [o for o in comparison.outcomes.values() if level in o.rollup.groupings]
            if having:
                write_table(pd.concat([o.table(level) for o in having], ignore_index=True), tables, level)
        if len(comparison.outcomes) > 1 and settings.replications > 1:
            found = [comparison.differences(level=level, **judged(settings)) for level in DIFFERENCES]
            unsteady = [*unsteady_policies(comparison)]
            for level, rows in zip(DIFFERENCES, found, strict=True):
                after = rows.columns.get_loc("verdict") + 1
                rows.insert(after, "depends_on", depends_on(comparison, rows, level=level))
                steady = ~rows["policy"].isin(unsteady) & (comparison.baseline not in unsteady)
                rows.insert(after + 1, "steady_state", steady)
            write_table(pd.concat(found, ignore_index=True), tables, "differences")
        if settings.replications > 1:
            write_table(risk_table(comparison.outcomes.values()), tables, "risk")
            write_table(variance_reduction_table(comparison), tables, "variance_reduction")
        if first.redrawn is not None:
            from restock.sim.study.redrawn_lines import parts_table

            write_table(parts_table(comparison), tables, "interval_parts")
        if report.costed is not None:
            write_table(report.costed, tables, "cost_flow")
        if report.outages is not None:
            write_table(report.outages, tables, "outages")
        if report.channels is not None:
            write_table(report.channels, tables, "channels")
        if report.exceptions is not None:
            write_table(report.exceptions, tables, "exceptions")
        if settings.for_erp:
            from restock.experiments.levels_out import level_table, write_levels

            write_levels(level_table(comparison.outcomes.values()), tables)
        if any(o.plan.placement for o in comparison.outcomes.values()):
            from restock.experiments.placement_out import placement_table

            write_table(placement_table(comparison.outcomes.values()), tables, "placement")
        if comparison.along is not None:
            write_table(comparison.along.table(), tables, "equal_service")
            write_table(comparison.along.points(), tables, "curves")
        if comparison.selection is not None:
            table = comparison.until.table(comparison.selection, list(comparison.outcomes))
            write_table(table, tables, "selection")
        days = [o.over_time().assign(policy=label) for label, o in comparison.outcomes.items()]
        counted = pd.concat(days, ignore_index=True)
        write_table(counted.assign(day=counted["day"] - first.prepared.scenario.warm_up), tables, "days")
        if settings.figures:
            from restock.experiments.figures import draw

            figures.mkdir()
            draw(comparison, report.costed, figures, judged(settings))
