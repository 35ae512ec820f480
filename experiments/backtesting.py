"""restock backtest: laws fitted to the first part of a record, judged by the rest of it, and a policy with them."""

from __future__ import annotations

import dataclasses
import datetime
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from restock.experiments.assumed_words import assumed_lines
from restock.experiments.settings import Settings, plain
from restock.sim.errors import InputError, require

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.calibration.weeks.held_out import HeldOut
    from restock.sim.model.scenario import Scenario
    from restock.sim.planning.policy import Policy
    from restock.sim.planning.prepared import Prepared
    from restock.sim.study.backtest.policies import PolicyTest
    from restock.sim.study.backtest.prediction import Prediction

BANDS = {"chain": "the chain's week", "place": "a place's week", "item": "an item, all weeks"}
CONTEXT = 26  # weeks before those held out that the figure shows
FIXED = {
    "days": "the weeks held out are measured: set weeks",
    "precision.relative": "replications says how many futures are drawn",
    "precision.difference": "replications says how many futures are drawn",
    "selection.measure": "replications says how many futures are drawn",
}


class Backtest(NamedTuple):
    """What was held out, and what came of it."""

    held_out: HeldOut
    prepared: Prepared
    prediction: Prediction
    tests: list[PolicyTest]
    record_before: pd.DataFrame  # the chain's recorded weeks before the cut: date, recorded
    unforeseen: tuple[int, float]  # cells, and share of units, that no law predicts


def backtest_policies(
    settings: Settings, policies: dict[str, Policy], about: dict[str, Any], folder: Path, report: bool, show: bool
) -> list[dict[str, Any]]:
    """Fit, predict, play, report and write; rows: the chain's measures of each policy in the predicted futures."""
    from restock.experiments.jobs import bar, chosen_executor, measures_of, shown_first
    from restock.sim.study.compare import Comparison

    started = time.perf_counter()
    with bar(show) as progress, chosen_executor(settings) as executor:
        found = backtest(settings, policies, about["overrides"], executor, progress)
        about["seconds"] = round(time.perf_counter() - started, 1)
        text = "\n".join(report_lines(found, settings, about["overrides"]))
    with shown_first(text, report):
        write(found, text, settings, about, folder)
    outcomes = {test.predicted.label: test.predicted for test in found.tests}
    return measures_of(Comparison(outcomes, next(iter(outcomes))))


def backtest(
    settings: Settings, policies: Mapping[str, Policy], words: Sequence[str], executor: Any, progress: Any
) -> Backtest:
    """Cut the record, fit laws to its first part, predict the rest, and run the policies in both."""
    from restock.experiments.scenarios import keys_of, read_export
    from restock.sim.calibration.weeks.held_out import hold_out
    from restock.sim.engines.ledgers import check_seed
    from restock.sim.planning.prepared import Prepared
    from restock.sim.run.memory_needed import check_room
    from restock.sim.study.backtest.policies import policies_judged
    from restock.sim.study.backtest.prediction import predict

    check_seed(settings.seed)
    for name in keys_of(words):
        if name in FIXED:
            raise InputError(f"restock backtest takes no {name}: {FIXED[name]}")
    least = "replications must be at least 20 for a back-test: each is a future, and intervals are between them; got"
    require(settings.replications >= 20, f"{least} {settings.replications}")
    source = settings.demand.source
    require(source != "replay", "restock backtest with demand.source=replay predicts nothing; use fitted or bootstrap")
    progress("reading the record", 0.0)
    held_out = hold_out(read_export(settings, "restock backtest"), settings.weeks)
    progress("fitting", 0.0)
    scenario = scenario_before(held_out, settings, words)
    prepared = Prepared(scenario)
    changed = prepared.world.features.selling_seasons.used
    require(not changed, "restock backtest judges demand as laws draw it; selling_seasons changes it: leave them out")
    check_room(prepared, settings.replications, 2 * len(policies))
    history = held_out.history(scenario, scenario.warm_up)
    prediction = predict(prepared, history, settings.replications, settings.seed,
                         lambda share: progress("predicting", 0.5 * share))  # fmt: skip
    tests = policies_judged(prepared, history, policies, settings.replications, settings.seed, executor,
                            lambda share: progress("playing", 0.5 + 0.5 * share))  # fmt: skip
    return Backtest(held_out, prepared, prediction, tests, weeks_before(held_out, scenario),
                    held_out.unforeseen(scenario))  # fmt: skip


def scenario_before(held_out: HeldOut, settings: Settings, words: Sequence[str], with_state: bool = False) -> Scenario:
    """The scenario fitted to the first part of the record, whose measured days are the weeks held out.

    `with_state`: it opens with the state of the cut, where the record has that, and its measured days begin at once.

    The record is taken as it is, whatever share of all customers it has: what was recorded is what is predicted.
    """
    from restock.experiments.scenarios import build_scenario

    description = {key: value for key, value in settings.scenario.items() if key != "sample_share"}
    days = 7 * held_out.weeks
    asked = dataclasses.replace(settings, scenario=description, days=days)
    scenario = build_scenario(asked, words, held_out.before)
    if with_state and scenario.opening is not None and scenario.start == held_out.cut:
        return dataclasses.replace(scenario, warm_up=0)
    require(
        scenario.warm_up <= held_out.fitted_days,
        f"warm_up is {scenario.warm_up} days, and the record has {held_out.fitted_days} before the weeks held out, "
        "which are played in it; take fewer",
    )
    start = held_out.cut - datetime.timedelta(days=scenario.warm_up)
    return dataclasses.replace(scenario, start=start, opening=None)  # a state at the cut is not that of the warm-up


def weeks_before(held_out: HeldOut, scenario: Scenario) -> pd.DataFrame:
    """The chain's recorded weeks before those held out: date, recorded (units of cells that have laws)."""
    import numpy as np
    import pandas as pd

    weeks = min(CONTEXT, held_out.fitted_days // 7)
    history = held_out.history(scenario, 7 * weeks)
    unit = np.array([item.counted_in for item in scenario.items])[np.argwhere(history.row_of >= 0)[:, 0]]
    units = (history.units[:, : 7 * weeks] * unit[:, None]).sum(axis=0).reshape(weeks, 7).sum(axis=1)
    dates = pd.date_range(history.start, periods=weeks, freq="7D").strftime("%Y-%m-%d")
    return pd.DataFrame({"date": dates, "recorded": units})


def report_lines(found: Backtest, settings: Settings, words: Sequence[str]) -> list[str]:
    """What a back-test says on the screen."""
    from restock.sim.study.backtest.lines import all_policies, demand_lines, policy_lines, reasons

    held_out, scenario = found.held_out, found.prepared.scenario
    first = held_out.cut - datetime.timedelta(days=held_out.fitted_days)
    last = held_out.cut + datetime.timedelta(days=7 * held_out.weeks - 1)
    drawn = "recorded weeks drawn again" if settings.demand.source == "bootstrap" else "laws"
    lines = [
        f"{scenario.name}: {drawn}, fitted to {first} to {held_out.cut - datetime.timedelta(days=1)} "
        f"({held_out.fitted_days} days), judged by the {held_out.weeks} weeks from {held_out.cut} to {last}; "
        f"{found.prediction.futures} futures, seed {settings.seed}",
    ]
    if settings.scenario.get("sample_share", 1.0) != 1:
        lines.append(
            f"The record is judged as it is: a sample of {settings.scenario['sample_share']:.1%} of customers, whose "
            "own purchases are predicted (scenario.sample_share is left aside)."
        )
    lines += ["", *demand_lines(found.prediction), ""]
    lines += [
        "in 80%, in 95%: the share of what was recorded that lies in the intervals of the futures; right laws have",
        "exactly 80 and 95, of slow items too (docs/backtest.md). recorded, forecast: units, mean of a period.",
    ]
    said = reasons(found.prediction, found.unforeseen)
    lines += ["", "What the errors show:", *(f"- {line}" for line in said)] if said else []
    lines += ["", *policy_lines(all_policies(found.tests)), ""]
    lines.append(
        f"Stock levels of the laws throughout, from the same opening stock and {scenario.warm_up} days of warm-up, "
        "drawn or as recorded."
    )
    return [*lines, *assumed_lines(scenario, settings, words)]


def write(found: Backtest, text: str, settings: Settings, about: dict[str, Any], folder: Path) -> None:
    """Write the run folder: settings and report, tables, then figures."""
    import pandas as pd

    from restock.experiments.run_folder import whole_or_nothing, write_figure, write_settings, write_table
    from restock.sim.study.backtest.lines import all_policies

    start = found.held_out.cut.isoformat()
    bands = {name: found.prediction.bands(words, start) for name, words in BANDS.items()}
    with whole_or_nothing(folder) as place:
        write_settings(place, plain(settings), about | {"cut": start, "weeks": found.held_out.weeks}, text)
        tables, figures = place / "tables", place / "figures"
        tables.mkdir()
        write_table(found.prediction.coverage, tables, "coverage")
        write_table(found.prediction.transform, tables, "transform")
        write_table(pd.concat(bands.values(), ignore_index=True), tables, "bands")
        write_table(all_policies(found.tests), tables, "policies")
        if settings.figures:
            from restock.sim.figures.backtest import coverage, weeks

            name = found.prepared.scenario.name
            figures.mkdir()
            write_figure(coverage(found.prediction.coverage, f"{name}: how much of the record the intervals hold"),
                         figures, "coverage")  # fmt: skip
            write_figure(weeks(bands["chain"], found.record_before, f"{name}: weeks predicted and recorded"),
                         figures, "weeks")  # fmt: skip
