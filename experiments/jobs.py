"""The jobs that Hydra starts: compare, run, trace and optimize, alone or as one of a sweep."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from experiments.claiming import claimed
from experiments.run_folder import now, shown_path, whole_or_nothing, write_settings, write_table
from experiments.settings import Settings, plain, settings_of
from sim.errors import InputError
from sim.executors import Executor, executor_of

TABLES = ("chain", "tier", "site", "category", "class", "policy_class", "item")
DAILY = 8  # replications behind the figures of each day
DIFFERENCES = ("chain", "tier", "site", "category", "class")
ENOUGH = 70  # days from which a warm-up can be suggested
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


def _start(command: str, config: DictConfig) -> float | None:
    """Run the job in a folder of its own; the distortion cost of the first policy is what a search may minimise."""
    from experiments.sweep import RunFolder, one_of_many

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
    from experiments.chosen import chosen_policies

    policies = chosen_policies(settings.policy)
    if about["command"] != "compare" and len(policies) > 1:
        raise InputError(
            f"restock {about['command']} takes one policy, got {len(policies)} ({', '.join(policies)}); "
            "choose one with policy=..., or use restock compare"
        )
    if about["command"] == "optimize":
        from experiments.optimizing import optimize_policy

        return optimize_policy(settings, about, folder, report, show)
    started = time.perf_counter()
    with bar(show) as progress:
        progress("reading the scenario", 0.0)
        from experiments.scenarios import build_scenario
        from experiments.stopping import check_statistics, stopping_rule
        from sim.room import check_room
        from sim.simulate import Prepared, check_seed

        check_seed(settings.seed)
        until = stopping_rule(settings)
        if about["command"] == "trace":
            from experiments.tracing import trace_cell

            prepared = Prepared(build_scenario(settings))
            progress("preparing", 0.0)
            return trace_cell(prepared, policies, settings, about, folder, report)
        with chosen_executor(settings) as executor:
            prepared = Prepared(build_scenario(settings, about["overrides"]))
            progress("preparing", 0.0)
            check_statistics(settings, prepared)
            check_room(prepared, settings.replications, len(policies))
            comparison, daily = simulated(prepared, policies, settings, executor, until, progress)
        progress("writing", 1.0)
        about["seconds"] = round(time.perf_counter() - started, 1)
        text = written(comparison, daily, settings, about, folder)
    if report:
        print(text)
    return measures_of(comparison)


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
) -> tuple[Any, dict[str, Any]]:
    """The comparison, and the daily figures of each policy."""
    from sim.growing import MOST_LEVELS
    from sim.study import compare as compare_policies
    from sim.study import evaluate

    comparison = compare_policies(
        prepared, policies, settings.replications, settings.seed, settings.baseline,
        progress=lambda share: progress("simulating", share), adjusted=settings.statistics.control_variate, until=until,
        simultaneous=settings.statistics.simultaneous, executor=executor,
        levels=(*MOST_LEVELS, "cell") if settings.exceptions else MOST_LEVELS,
    )  # fmt: skip
    few = min(settings.replications, DAILY)  # day by day, a few replications tell as much and take less time
    daily = {
        label: evaluate(prepared, outcome.plan, few, settings.seed, series=True, levels=("chain",), executor=executor)
        for label, outcome in comparison.outcomes.items()
    }
    return comparison, daily


def written(comparison: Any, daily: dict[str, Any], settings: Settings, about: dict[str, Any], folder: Path) -> str:
    """Write the run folder; returns the report."""
    import pandas as pd

    from experiments.figures import draw
    from experiments.scenarios import policy_lines
    from sim.assumed import default_lines
    from sim.exceptions import exception_lines, exception_table
    from sim.features.unit_costs.table import cost_flow_lines, cost_flow_table
    from sim.risk_table import risk_table
    from sim.sensitivity import depends_on
    from sim.summary import manager_table
    from sim.variance_reduction import variance_reduction_table

    first = next(iter(comparison.outcomes.values()))
    defaults = [*default_lines(first.prepared.scenario), *policy_lines(settings, about["overrides"])]
    assumptions = [*first.prepared.scenario.assumptions, *defaults]
    judged: dict[str, Any] = {
        "correction": settings.statistics.correction,
        "simultaneous": settings.statistics.simultaneous,
    }
    lines = [manager_table(comparison, **judged)]
    costed = cost_flow_table(comparison.outcomes.values()) if first.prepared.world.features.unit_costs.used else None
    if costed is not None:
        lines += ["", *cost_flow_lines(costed)]
    if settings.exceptions:
        exceptions = exception_table(comparison.outcomes.values(), settings.exceptions)
        lines += ["", *exception_lines(exceptions)]
    if first.prepared.scenario.horizon >= ENOUGH:
        lines += ["", next(iter(daily.values())).warm_up_line()]
    if assumptions:
        lines += ["", "Assumed, not known:", *(f"- {line}" for line in assumptions)]
    report = "\n".join(lines)
    with whole_or_nothing(folder, report) as place:
        write_settings(place, plain(settings), about)
        (place / "report.txt").write_text(report + "\n", encoding="utf-8", newline="\n")
        tables, figures = place / "tables", place / "figures"
        tables.mkdir()
        figures.mkdir()
        for level in TABLES:
            having = [o for o in comparison.outcomes.values() if level in o.rollup.groupings]
            if having:
                write_table(pd.concat([o.table(level) for o in having], ignore_index=True), tables, level)
        if len(comparison.outcomes) > 1 and settings.replications > 1:
            found = [comparison.differences(level=level, **judged) for level in DIFFERENCES]
            for level, rows in zip(DIFFERENCES, found, strict=True):
                rows.insert(
                    rows.columns.get_loc("verdict") + 1, "depends_on", depends_on(comparison, rows, level=level)
                )
            write_table(pd.concat(found, ignore_index=True), tables, "differences")
        if settings.replications > 1:
            write_table(risk_table(comparison.outcomes.values()), tables, "risk")
            write_table(variance_reduction_table(comparison), tables, "variance_reduction")
        if costed is not None:
            from sim.features.unit_costs.figure import cost_flow

            write_table(costed, tables, "cost_flow")
            cost_flow(costed).savefig(figures / "cost_flow.png")
        if settings.exceptions:
            write_table(exceptions, tables, "exceptions")
        if comparison.selection is not None:
            table = comparison.until.table(comparison.selection, list(comparison.outcomes))
            write_table(table, tables, "selection")
        days = pd.concat([o.over_time().assign(policy=label) for label, o in daily.items()], ignore_index=True)
        write_table(days.assign(day=days["day"] - first.prepared.scenario.warm_up), tables, "days")
        draw(comparison, daily, figures, judged)
    return report


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
