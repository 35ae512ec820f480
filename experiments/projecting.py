"""restock project: from today's state forward, under one policy."""

from __future__ import annotations

import dataclasses
import datetime
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restock.experiments.assumed_words import assumed_lines
from restock.experiments.settings import Settings, plain
from restock.sim.errors import InputError, require

if TYPE_CHECKING:
    from restock.sim.model.scenario import Scenario
    from restock.sim.planning.policy import Policy
    from restock.sim.study.projection.projection import Projection

WEEKS = 8  # where nothing is said
FIXED = {
    "days": "the weeks projected are measured: set weeks",
    "precision.relative": "replications says how many futures are drawn",
    "precision.difference": "replications says how many futures are drawn",
    "selection.measure": "replications says how many futures are drawn",
}
LEAST = 20  # futures
PAGE = 40  # lines
SHARES = ("chance", "chance_low", "chance_high", "chance_of_delivery", "chance_in_all")
NAMES = ("item", "site", "class")
FREEZE = {"at_risk": "D2", "excess": "D2", "orders": "E2"}


def project_policy(
    settings: Settings, policies: dict[str, Policy], about: dict[str, Any], folder: Path, report: bool, show: bool
) -> list[dict[str, Any]]:
    """Project, report and write. No rows: weeks from one state say nothing of the year that sweeps compare."""
    from restock.experiments.jobs import bar, chosen_executor, shown_first
    from restock.sim.study.projection.projection import project

    check(settings, about["overrides"])
    if settings.backtest:
        from restock.experiments.chances import judge_chances

        return judge_chances(settings, policies, about, folder, report, show)
    started = time.perf_counter()
    ((label, policy),) = policies.items()
    with bar(show) as progress, chosen_executor(settings) as executor:
        progress("reading the scenario", 0.0)
        scenario, state = scenario_of_today(settings, about["overrides"], policy, progress)
        from restock.sim.planning.prepared import Prepared

        prepared = Prepared(scenario)
        progress("projecting", 0.0)
        found = project(prepared, prepared.plan(policy), label, settings.replications, settings.seed, executor,
                        lambda share: progress("projecting", share))  # fmt: skip
        about["seconds"] = round(time.perf_counter() - started, 1)
        text = "\n".join(report_lines(found, state, settings, about["overrides"]))
    with shown_first(on_a_page(text), report):
        write(found, text, settings, about, folder)
    return []


def check(settings: Settings, words: Sequence[str]) -> None:
    """Refuse settings that a projection has no use for, before anything is simulated."""
    from restock.experiments.scenarios import keys_of
    from restock.sim.engines.ledgers import check_seed

    check_seed(settings.seed)
    for name in keys_of(words):
        if name in FIXED:
            raise InputError(f"restock project takes no {name}: {FIXED[name]}")
    least = (
        f"replications must be at least {LEAST} for a projection: each is a future, and chances are shares of them; "
    )
    require(settings.replications >= LEAST, f"{least}got {settings.replications}")


def scenario_of_today(
    settings: Settings, words: Sequence[str], policy: Policy, progress: Callable[[str, float], None]
) -> tuple[Scenario, str]:
    """The scenario, its weeks projected from today's state; and where that state comes from, in words."""
    from restock.experiments.scenarios import build_scenario
    from restock.sim.model.opening.opening_state import OpeningState

    days = 7 * (settings.weeks or WEEKS)
    scenario = build_scenario(dataclasses.replace(settings, days=days), words)
    if isinstance(scenario.opening, OpeningState):
        asked = settings.warm_up if any(word.startswith("warm_up=") for word in words) else None
        require(not asked, "restock project starts from the scenario's own state: it takes no warm_up")
        given = tuple(name for name in scenario.assumed if name != "warm_up")
        return dataclasses.replace(scenario, warm_up=0, assumed=given), "the scenario's own stock and open orders"
    return played_up_to_today(scenario, policy, settings.seed, progress)


def played_up_to_today(
    scenario: Scenario, policy: Policy, seed: int, progress: Callable[[str, float], None]
) -> tuple[Scenario, str]:
    """A scenario that has no state of its own, with the state in which one run of its warm-up ends.

    Today is the day after the record, where there is one.
    """
    from restock.sim.engines.events.final_state import state_of_run
    from restock.sim.planning.prepared import Prepared

    days = scenario.warm_up
    require(
        days > 0,
        "restock project starts from today's state: give stock.csv with the export (docs/export.md), or a warm_up of "
        "whole weeks that is played up to today",
    )
    if scenario.recorded_days:
        start = scenario.start + datetime.timedelta(days=scenario.recorded_days - days)
        scenario = dataclasses.replace(scenario, start=start)
    progress("playing up to today", 0.0)
    prepared = Prepared(scenario)
    state = state_of_run(prepared, prepared.plan(policy), seed, 1, days)
    told = f"none is recorded: that in which a run of {days} days under this policy ends (replication 0)"
    return dataclasses.replace(scenario, opening=state), told


def report_lines(found: Projection, state: str, settings: Settings, words: Sequence[str]) -> list[str]:
    """What a projection says on the screen."""
    from restock.sim.study.projection.lines import in_weeks, projection_lines

    scenario = found.prepared.scenario
    last = found.today + datetime.timedelta(days=7 * found.weeks - 1)
    lines = [
        f"{scenario.name}: policy '{found.label}' from {found.today} to {last}, {in_weeks(found.weeks)}; "
        f"{found.futures} futures, seed {found.seed}",
        f"Today's state: {state}.",
        "",
        *projection_lines(found),
        "",
        "±: half-width of a 95% interval over futures. They hold the draws' chance only: weeks good or bad for whole "
        "places are not in the laws, so that",
        "fans of sums are too narrow (docs/backtest.md). Whether chances of cells come true: restock project "
        "backtest=true (docs/project.md)",
    ]
    return [*lines, *assumed_lines(scenario, settings, words)]


def on_a_page(text: str) -> str:
    """The report in as many lines as a page has: of what is assumed, the rest is in report.txt.

    >>> on_a_page("\\n".join(map(str, range(50)))).splitlines()[-1]
    '... and 11 more lines of what is assumed, in report.txt'
    """
    lines = text.splitlines()
    if len(lines) <= PAGE:
        return text
    left = len(lines) - PAGE + 1
    return "\n".join([*lines[: PAGE - 1], f"... and {left} more lines of what is assumed, in report.txt"])


def write(found: Projection, text: str, settings: Settings, about: dict[str, Any], folder: Path) -> None:
    """Write the run folder: settings and report, tables, then the figure."""
    from restock.experiments.run_folder import whole_or_nothing, write_figure, write_settings, write_table
    from restock.experiments.sheets import SHARE, write_for_sheets

    with whole_or_nothing(folder, text) as place:
        said = about | {"today": found.today.isoformat(), "weeks": found.weeks}
        write_settings(place, plain(settings), said, text)
        tables = place / "tables"
        tables.mkdir()
        write_table(found.fan.assign(date=found.fan["date"].astype(str)), tables, "fan")
        for name, freeze in FREEZE.items():
            table = getattr(found, name).round(4)
            names = [*NAMES, *(["source"] if "source" in table else [])]
            write_for_sheets(table, tables, name, names, dict.fromkeys(SHARES, SHARE), freeze)
        if settings.figures:
            from restock.sim.figures.projection import fan

            (place / "figures").mkdir()
            title = f"{found.prepared.scenario.name}, policy {found.label}: stock and service from {found.today} on"
            write_figure(fan(found.fan, title), place / "figures", "fan")
