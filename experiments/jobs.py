"""The jobs that Hydra starts: compare, run, trace, optimize, project and backtest, alone or as one of a sweep."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from restock.experiments.claiming import claimed
from restock.experiments.run_folder import now, shown_path, whole_or_nothing, write_settings, write_table
from restock.experiments.settings import Settings, plain, settings_of
from restock.sim.errors import InputError, require
from restock.sim.run.executors import Executor, executor_of

TABLES = ("chain", "tier", "site", "category", "class", "policy_class", "item")
DAILY = 8  # replications behind the figures of each day: they tell as much as all, and take less memory
DIFFERENCES = ("chain", "tier", "site", "category", "class")
AS_SET, SIMULATING = 0.3, "simulating"  # share of the time, about, that policies as they are set take beside all points
SEVERAL = ("compare", "backtest")  # commands that take several policies
Rows = list[dict[str, Any]]
Progress = Callable[[str, float], None]
failures: list[Exception] = []  # of the job that this process ran alone


def compare(config: DictConfig) -> float | None:
    """Policies side by side."""
    return _start("compare", config)


def run(config: DictConfig) -> float | None:
    """One policy."""
    return _start("run", config)


def trace(config: DictConfig) -> float | None:
    """One replication, day by day."""
    return _start("trace", config)


def optimize(config: DictConfig) -> float | None:
    """The best settings of one policy."""
    return _start("optimize", config)


def backtest(config: DictConfig) -> float | None:
    """Laws of the first part of a record, judged by the rest."""
    return _start("backtest", config)


def project(config: DictConfig) -> float | None:
    """From today's state forward."""
    return _start("project", config)


def _start(command: str, config: DictConfig) -> float | None:
    """Run the job in a folder of its own; the distortion cost of the first policy is what a search may minimise."""
    from restock.experiments.sweep import RunFolder, one_of_many

    of = HydraConfig.get()
    about = {
        "command": command,
        "overrides": list(of.overrides.task),
        "choices": {k: str(v) for k, v in of.runtime.choices.items() if "/" not in k and v is not None},
        "started": now(),
    }
    if of.mode == RunMode.MULTIRUN:
        rows = one_of_many(config, about, Path(of.sweep.dir), Path(of.runtime.output_dir))
        return rows[0]["measures"].get("distortion_cost") if rows else None
    try:
        with claimed(RunFolder.asked) as folder:
            rows = perform(settings_of(config), about, folder, report=True, show=True)
            print(f"\nWritten to {shown_path(folder)}")
    except Exception as error:
        failures.append(error)  # raised again by the command: Hydra would print its own words first
        return None
    return rows[0]["measures"].get("distortion_cost") if rows else None


def perform(settings: Settings, about: dict[str, Any], folder: Path, report: bool, show: bool) -> Rows:
    """Run the job, print its report and write its folder; rows: the chain's measures of each policy."""
    from restock.experiments.chosen import chosen_policies, points_along

    policies = chosen_policies(settings.policy)
    if about["command"] not in SEVERAL and len(policies) > 1:
        raise InputError(
            f"restock {about['command']} takes one policy, got {len(policies)} ({', '.join(policies)}); "
            "choose one with policy=..., or use restock compare"
        )
    alone = about["command"] in ("compare", "run") or settings.uncertainty.inputs == "none"
    require(alone, f"uncertainty.inputs goes with restock compare and run; restock {about['command']} takes none")
    if about["command"] == "optimize":
        from restock.experiments.optimizing import optimize_policy

        return optimize_policy(settings, about, folder, report, show)
    if about["command"] == "backtest":
        from restock.experiments.backtesting import backtest_policies

        return backtest_policies(settings, policies, about, folder, report, show)
    if about["command"] == "project":
        from restock.experiments.projecting import project_policy

        return project_policy(settings, policies, about, folder, report, show)
    started = time.perf_counter()
    with bar(show) as progress:
        progress("reading the scenario", 0.0)
        from restock.experiments.scenarios import build_scenario
        from restock.experiments.stopping import check_statistics, stopping_rule
        from restock.sim.engines.ledgers import check_seed
        from restock.sim.planning.prepared import Prepared
        from restock.sim.run.memory_needed import check_room

        check_seed(settings.seed)
        until = stopping_rule(settings)
        beside = about["command"] == "compare" and report  # a sweep has its own table
        along = points_along(settings.policy) if beside else {}
        if about["command"] == "trace":
            from restock.experiments.tracing import trace_cell

            prepared = Prepared(build_scenario(settings))
            progress("preparing", 0.0)
            return trace_cell(prepared, policies, settings, about, folder, report)
        with chosen_executor(settings) as executor:
            prepared = Prepared(build_scenario(settings, about["overrides"]))
            progress("preparing", 0.0)
            check_statistics(settings, prepared)
            check_room(prepared, settings.replications, len(policies))
            share = AS_SET if along and settings.service.fill_rates != [] else 1.0
            comparison = simulated(prepared, policies, settings, executor, until, part(progress, 0.0, share))
            if along:
                from restock.experiments.equal_service_runs import at_equal_service

                rest = partial(part(progress, share, 1.0 - share), SIMULATING)
                found = at_equal_service(along, prepared, settings, about["overrides"], executor, rest)
                comparison = replace(comparison, along=found)
        progress("reporting", 1.0)
        about["seconds"] = round(time.perf_counter() - started, 1)
        said = report_of(comparison, settings, about["overrides"])
    with shown_first(said.text, report):
        write(comparison, said, settings, about, folder)
    return measures_of(comparison)


def part(progress: Progress, start: float, share: float) -> Progress:
    """Progress of a part of the job, told as progress of the whole."""
    from restock.sim.results.extending import part_of

    return lambda words, done: part_of(partial(progress, words), start, share)(done)


def measures_of(comparison: Any) -> Rows:
    """The chain's measures of each policy."""
    measures = [outcome.table("chain").set_index("measure") for outcome in comparison.outcomes.values()]
    return [
        {
            "policy": label,
            "replications": comparison.outcomes[label].replications,
            "selected": comparison.selection and label == comparison.selection.best,
            "measures": {
                name + end: _number(value)
                for name, row in table.iterrows()
                for end, value in (("", row["estimate"]), ("_low", row["low"]), ("_high", row["high"]))
            },
        }
        for label, table in zip(comparison.outcomes, measures, strict=True)
    ]


def chosen_executor(settings: Settings) -> Executor:
    """The executor that the settings choose; `threads` is short for the number of its workers."""
    chosen = asdict(settings.executor)
    if settings.threads is not None:
        chosen["workers"] = settings.threads
    return executor_of(**chosen)


def simulated(
    prepared: Any, policies: dict[str, Any], settings: Settings, executor: Executor, until: Any, progress: Progress
) -> Any:
    """The comparison, with the daily figures of the first replications of each policy."""
    from restock.sim.results.extending import MOST_LEVELS
    from restock.sim.study.compare import compare as compare_policies

    found = compare_policies(
        prepared, policies, settings.replications, settings.seed, settings.baseline,
        progress=lambda share: progress(SIMULATING, share), adjusted=settings.statistics.control_variate, until=until,
        simultaneous=settings.statistics.simultaneous, executor=executor,
        levels=(*MOST_LEVELS, "cell") if settings.exceptions or settings.for_erp else MOST_LEVELS,
        series=min(settings.replications, DAILY),
    )  # fmt: skip
    if settings.uncertainty.inputs == "none":
        return found
    from restock.experiments.redrawing import with_redrawn_records

    return with_redrawn_records(found, policies, settings, executor, progress)


class Report(NamedTuple):
    """The report of a comparison, and tables that it is made from."""

    text: str
    costed: Any
    exceptions: Any


def report_of(comparison: Any, settings: Settings, words: Sequence[str]) -> Report:
    """What a comparison says on the screen; `words` are those of the command line."""
    from restock.experiments.scenarios import policy_lines
    from restock.sim.features.unit_costs.table import cost_flow_lines, cost_flow_table
    from restock.sim.model.assumed import default_lines
    from restock.sim.results.exception_report import exception_lines, exception_table
    from restock.sim.results.steady_state import ENOUGH
    from restock.sim.study.summary_table import manager_table, unsteady_policies

    first = next(iter(comparison.outcomes.values()))
    defaults = [*default_lines(first.prepared.scenario), *policy_lines(settings, words)]
    assumptions = [*first.prepared.scenario.assumptions, *defaults]
    costed = exceptions = None
    above: list[str] = []
    if comparison.along is not None:
        from restock.experiments.equal_service_words import equal_service_lines

        unsteady = unsteady_policies(comparison)
        above = [*equal_service_lines(comparison.along, marked=unsteady), "", "As they are set:", ""]
    lines = [manager_table(comparison, **judged(settings), above=above)]
    if first.prepared.world.features.unit_costs.used:
        costed = cost_flow_table(comparison.outcomes.values())
        lines += ["", *cost_flow_lines(costed)]
    if settings.exceptions:
        exceptions = exception_table(comparison.outcomes.values(), settings.exceptions)
        lines += ["", *exception_lines(exceptions)]
    if settings.for_erp:
        from restock.experiments.levels_out import moving

        lines += ["", *said] if (said := moving(comparison.outcomes.values())) else []
    if first.prepared.scenario.horizon >= ENOUGH:
        lines += ["", first.warm_up_line()]
    if assumptions:
        lines += ["", "Assumed, not known:", *(f"- {line}" for line in assumptions)]
    return Report("\n".join(lines), costed, exceptions)


def judged(settings: Settings) -> dict[str, Any]:
    """How verdicts are come to."""
    return {"correction": settings.statistics.correction, "simultaneous": settings.statistics.simultaneous}


@contextmanager
def shown_first(text: str, report: bool) -> Iterator[None]:
    """Print the report, then do the rest: an answer need not wait for its files, nor files for who reads it."""
    failed = None
    try:
        if report:
            print(text, flush=True)
    except OSError as error:
        failed = error
    yield
    if failed is not None:
        raise failed


def write(comparison: Any, report: Report, settings: Settings, about: dict[str, Any], folder: Path) -> None:
    """Write the run folder: settings and report, tables, then figures."""
    import pandas as pd

    from restock.sim.results.bad_years import risk_table
    from restock.sim.study.sensitivity import depends_on
    from restock.sim.study.summary_table import unsteady_policies
    from restock.sim.study.variance_reduction import variance_reduction_table

    first = next(iter(comparison.outcomes.values()))
    with whole_or_nothing(folder) as place:
        write_settings(place, plain(settings), about)
        (place / "report.txt").write_text(report.text + "\n", encoding="utf-8", newline="\n")
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
        if report.exceptions is not None:
            write_table(report.exceptions, tables, "exceptions")
        if settings.for_erp:
            from restock.experiments.levels_out import level_table, write_levels

            write_levels(level_table(comparison.outcomes.values()), tables)
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


def _number(value: Any) -> float | None:
    return None if value != value else float(value)


@contextmanager
def bar(show: bool) -> Iterator[Callable[[str, float], None]]:
    """A progress bar on stderr, for terminals only."""
    from tqdm import tqdm

    shape = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}"
    with tqdm(total=1.0, disable=None if show else True, file=sys.stderr, bar_format=shape, leave=False) as line:

        def progress(words: str, share: float) -> None:
            line.set_description_str(words, refresh=False)
            line.n = share
            line.refresh()

        yield progress
