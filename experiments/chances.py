"""restock project backtest=true: chances of a stockout told at a cut of the record, held against the weeks after it."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from restock.experiments.assumed_words import assumed_lines
from restock.experiments.projecting import WEEKS
from restock.experiments.settings import Settings, plain

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.calibration.weeks.held_out import HeldOut
    from restock.sim.planning.policy import Policy
    from restock.sim.study.projection.projection import Projection

WHAT = "restock project backtest=true"


class Judged(NamedTuple):
    """What was told at the cut, what happened, and where the state at the cut comes from."""

    held_out: HeldOut
    told: Projection
    cells: pd.DataFrame
    state: str


def judge_chances(
    settings: Settings, policies: dict[str, Policy], about: dict[str, Any], folder: Path, report: bool, show: bool
) -> list[dict[str, Any]]:
    """Cut, fit, project, play what was recorded, report and write; no rows."""
    from restock.experiments.jobs import bar, chosen_executor, shown_first

    started = time.perf_counter()
    ((label, policy),) = policies.items()
    with bar(show) as progress, chosen_executor(settings) as executor:
        found = judge(settings, label, policy, about["overrides"], executor, progress)
        about["seconds"] = round(time.perf_counter() - started, 1)
        text = "\n".join(report_lines(found, settings, about["overrides"]))
    with shown_first(text, report):
        write(found, text, settings, about, folder)
    return []


def judge(settings: Settings, label: str, policy: Policy, words: Sequence[str], executor: Any, progress: Any) -> Judged:
    """Chances told by laws fitted to the weeks before the cut, and what the recorded weeks after it did, both from the
    same state under the same policy."""
    from restock.experiments.backtesting import scenario_before
    from restock.experiments.scenarios import read_export
    from restock.sim.calibration.weeks.held_out import hold_out
    from restock.sim.engines.events.final_state import state_of_run
    from restock.sim.planning.prepared import Prepared
    from restock.sim.study.backtest.policies import playing
    from restock.sim.study.projection.projection import project
    from restock.sim.study.projection.reliability import judged

    progress("reading the record", 0.0)
    held_out = hold_out(read_export(settings, WHAT), settings.weeks or WEEKS, WHAT)
    progress("fitting", 0.0)
    scenario = scenario_before(held_out, settings, words, with_state=True)
    prepared = Prepared(scenario)
    history = held_out.history(scenario, scenario.warm_up)
    state = "recorded stock and open orders"
    if scenario.opening is None:
        progress("playing up to the cut", 0.0)
        state = f"that in which the {scenario.warm_up} recorded days before it end under this policy"
        at_cut = state_of_run(playing(prepared, history), prepared.plan(policy), settings.seed, 1, scenario.warm_up)
        prepared = Prepared(dataclasses.replace(scenario, opening=at_cut))
    plan = prepared.plan(policy)
    told = project(prepared, plan, label, settings.replications, settings.seed, executor,
                   lambda share: progress("projecting", 0.9 * share))  # fmt: skip
    happened = project(playing(prepared, history), plan, label, 1, settings.seed + 1, executor,
                       lambda share: progress("playing the record", 0.9 + 0.1 * share))  # fmt: skip
    return Judged(held_out, told, judged(told, happened), state)


def report_lines(found: Judged, settings: Settings, words: Sequence[str]) -> list[str]:
    """What the back-test of chances says on the screen."""
    from restock.sim.study.projection.lines import in_weeks
    from restock.sim.study.projection.reliability import by_tenths, chance_lines, counted, scores

    scenario, told, held_out = found.told.prepared.scenario, found.told, found.held_out
    many = counted(found.cells)
    lines = [
        f"{scenario.name}: chances told on {held_out.cut} for {in_weeks(held_out.weeks)}, laws fitted to the "
        f"{held_out.fitted_days} days before; policy '{told.label}', {told.futures} futures, seed {told.seed}",
        f"State at the cut: {found.state}. Held against the recorded weeks, played from it: {many['cells']:,} cells at "
        f"{many['places']:,} places.",
    ]
    if settings.scenario.get("sample_share", 1.0) != 1:
        share = settings.scenario["sample_share"]
        lines.append(
            f"The record is judged as it is: a sample of {share:.1%} of customers, whose own purchases are told."
        )
    lines += ["", *chance_lines(by_tenths(found.cells), scores(found.cells)), ""]
    lines.append("Skill: 0 is no better than telling every cell the share that happened, 1 is certainty. One past, one "
                 "draw of lead times: weeks good or bad for whole places are one observation.")  # fmt: skip
    return [*lines, *assumed_lines(scenario, settings, words)]


def write(found: Judged, text: str, settings: Settings, about: dict[str, Any], folder: Path) -> None:
    """Write the run folder: settings and report, tables, then the figure."""
    from restock.experiments.run_folder import whole_or_nothing, write_figure, write_settings, write_table
    from restock.sim.study.projection.reliability import EVENTS, by_tenths, scores

    tenths = by_tenths(found.cells)
    with whole_or_nothing(folder, text) as place:
        said = about | {"cut": str(found.held_out.cut), "weeks": found.held_out.weeks}
        write_settings(place, plain(settings), said, text)
        tables = place / "tables"
        tables.mkdir()
        for name, table in (("reliability", tenths), ("scores", scores(found.cells)), ("cells", found.cells)):
            write_table(table, tables, name)
        if settings.figures:
            from restock.sim.figures.projection import reliability

            (place / "figures").mkdir()
            title = f"{found.told.prepared.scenario.name}: chances told on {found.held_out.cut}, and what happened"
            write_figure(reliability(tenths, EVENTS, title), place / "figures", "reliability")
