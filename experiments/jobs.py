"""The jobs that Hydra starts: compare, run, trace, project and others, alone or as one of a sweep."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from restock.experiments.claiming import claimed
from restock.experiments.comparison_folder import report_of, write
from restock.experiments.run_folder import now, shown_path
from restock.experiments.settings import Settings, settings_of
from restock.sim.errors import InputError, require
from restock.sim.run.executors import Executor, executor_of

DAILY = 8  # replications behind the figures of each day: they tell as much as all, and take less memory
MOST_BY_CLASS = 100  # sites up to which classes are told apart at each of them
AS_SET, SIMULATING = 0.3, "simulating"  # share of the time, about, that policies as they are set take beside all points
SEVERAL = ("compare", "backtest", "optimize")  # commands that take several policies
ELSEWHERE = {
    "advise": "advice.command.advise_policy",
    "backtest": "backtesting.backtest_policies",
    "project": "projecting.project_policy",
}
"""Commands with a module of their own, and what performs them."""
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


def day(config: DictConfig) -> float | None:
    """The days of one cell, stepped through."""
    return _start("day", config)


def optimize(config: DictConfig) -> float | None:
    """The best settings of one policy, or of several."""
    return _start("optimize", config)


def backtest(config: DictConfig) -> float | None:
    """Laws of the first part of a record, judged by the rest."""
    return _start("backtest", config)


def project(config: DictConfig) -> float | None:
    """From today's state forward."""
    return _start("project", config)


def advise(config: DictConfig) -> float | None:
    """What each improvement is worth."""
    return _start("advise", config)


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
        from restock.experiments.optimizing import optimize_policies

        return optimize_policies(settings, about, folder, report, show)
    if about["command"] in ELSEWHERE:
        module, _, function = ELSEWHERE[about["command"]].rpartition(".")
        of_command = getattr(import_module(f"restock.experiments.{module}"), function)
        return of_command(settings, policies, about, folder, report, show)
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
        if about["command"] == "day":
            from restock.experiments.day_by_day.terminal import step_through

            progress("preparing", 0.0)
            prepared = Prepared(build_scenario(settings))
            progress("done", 1.0)
            return step_through(prepared, policies, settings, about, folder)
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
            outages = outages_in(comparison, executor) if report else None
        progress("reporting", 1.0)
        about["seconds"] = round(time.perf_counter() - started, 1)
        said = report_of(comparison, settings, about["overrides"], outages)
    with shown_first(said.text, report):
        write(comparison, said, settings, about, folder)
    return measures_of(comparison)


def part(progress: Progress, start: float, share: float) -> Progress:
    """Progress of a part of the job, told as progress of the whole."""
    from restock.sim.results.extending import part_of

    return lambda words, done: part_of(partial(progress, words), start, share)(done)


def outages_in(comparison: Any, executor: Executor) -> Any:
    """What outages do under each policy, a table; None where no supplier is ever down."""
    outcomes = list(comparison.outcomes.values())
    if not outcomes[0].prepared.world.features.supply_risk.holds:
        return None
    from restock.sim.features.supply_risk.outage_study import has_outages, outage_table

    return outage_table(outcomes, executor) if has_outages(outcomes[0].prepared) else None


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

    levels = [*MOST_LEVELS, *(["cell"] if settings.exceptions or settings.for_erp else [])]
    levels += ["site_class"] if 1 < len(prepared.scenario.sites) <= MOST_BY_CLASS else []
    found = compare_policies(
        prepared, policies, settings.replications, settings.seed, settings.baseline,
        progress=lambda share: progress(SIMULATING, share), adjusted=settings.statistics.control_variate, until=until,
        simultaneous=settings.statistics.simultaneous, executor=executor,
        levels=levels, series=min(settings.replications, DAILY),
    )  # fmt: skip
    if settings.uncertainty.inputs == "none":
        return found
    from restock.experiments.redrawing import with_redrawn_records

    return with_redrawn_records(found, policies, settings, executor, progress)


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
