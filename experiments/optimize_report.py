"""What restock optimize writes: report, tables of trials, finalists and frontier, the figure, the winner's file."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from restock.experiments.numbers_in_words import interval_in_words, shown_value
from restock.experiments.run_folder import shown_path, whole_or_nothing, write_figure, write_settings, write_table
from restock.experiments.settings import Settings, plain
from restock.sim.figures import frontier
from restock.sim.figures.style import in_words
from restock.sim.measures.measures import MEASURES
from restock.sim.model.scenario import Scenario
from restock.sim.results.text import aligned
from restock.sim.study.searching.candidates import Trial
from restock.sim.study.compare import Comparison
from restock.sim.study.searching.finalists import Choice, efficient, finalist_table
from restock.sim.study.summary_table import manager_table

if TYPE_CHECKING:
    from restock.experiments.optimizing import Task


@dataclass(frozen=True)
class Found:
    """What came of a search; without a choice, `why` says why there is none."""

    task: Task
    scenario: Scenario
    trials: tuple[Trial, ...]
    choice: Choice | None = None
    comparison: Comparison | None = None
    why: str = ""


def write(found: Found, settings: Settings, about: dict[str, Any], folder: Path) -> str:
    """Write the run folder; returns the report."""
    trials = trial_table(found)
    report = "\n".join([*report_lines(found), *_next(found, folder)])
    with whole_or_nothing(folder, report) as place:
        write_settings(place, plain(settings), about)
        (place / "report.txt").write_text(report + "\n", encoding="utf-8", newline="\n")
        for name in ("tables", "figures")[: 1 + settings.figures]:
            (place / name).mkdir()
        write_table(trials, place / "tables", "trials")
        if trials["on_frontier"].any():
            write_table(trials[trials["on_frontier"]], place / "tables", "frontier")
            if settings.figures:
                write_figure(figure(found, trials), place / "figures", "frontier")
        if found.choice is not None and found.comparison is not None:
            write_table(finalist_table(found.choice, found.task.goal), place / "tables", "finalists")
            write_table(found.comparison.table("chain"), place / "tables", "chain")
            if len(found.comparison.outcomes) > 1:
                write_table(found.comparison.differences(), place / "tables", "differences")
            write_winner(found, settings, place)
    return report


def trial_table(found: Found) -> pd.DataFrame:
    """A row for each trial: how it was found, its settings, whether it is feasible, every measure with its interval."""
    goal, rows = found.task.goal, []
    for trial in found.trials:
        row: dict[str, Any] = {"trial": trial.number, "how": trial.how, "feasible": trial.feasible(goal)}
        row |= {"violation": None if trial.refused else max(trial.violation(goal), 0.0), "on_frontier": False}
        row |= {name: _cell(value) for name, value in trial.values.items()}
        for name in MEASURES:
            row |= dict(zip((name, name + "_low", name + "_high"), trial.interval(name), strict=True))
        rows.append(row | {"refused": trial.refused})
    table = pd.DataFrame(rows)
    x, y = found.task.frontier
    table["on_frontier"] = efficient(table[x].to_numpy(), table[y].to_numpy(), MEASURES[x].better, MEASURES[y].better)
    return table


def _cell(value: Any) -> Any:
    """A value that a column can hold."""
    return value if value is None or isinstance(value, (int, float, str)) else str(value)


def figure(found: Found, trials: pd.DataFrame) -> Any:
    """The trials and their efficient frontier, the settings to beat and the winner on it."""
    x, y = found.task.frontier
    marked = {}
    if found.comparison is not None:
        marked = {label: {m: o.value(m) for m in (x, y)} for label, o in found.comparison.outcomes.items()}
    bounds = {c.measure: c.bound for c in found.task.goal.constraints}
    title, note = f"{in_words(y)} against {in_words(x)}", f"{found.scenario.name}, {found.task.policy}"
    if found.choice is not None and found.comparison is not None:
        at = {label: [shown_value(m, values[m][0]) for m in (x, y)] for label, values in marked.items()}
        title = f"{in_words(x)} {at['winner'][0]} at {in_words(y)} {at['winner'][1]}"
        title += f", from {at['start'][0]} at {at['start'][1]}" if "start" in at else ""
        note += f"; 95% intervals, {found.comparison.outcomes['winner'].replications} fresh replications"
    title = title[0].upper() + title[1:]
    return frontier.frontier(trials, x, y, bounds, marked, title, note)


def write_winner(found: Found, settings: Settings, place: Path) -> None:
    """conf/policy/POLICY_best.yaml: the winner, to be run by its name."""
    import yaml

    from restock.experiments.optimizing import with_values

    assert found.choice is not None
    best = with_values(settings.policy, found.choice.winner.searched.values)[found.task.policy]
    name = f"{found.task.policy}_best"
    words = f"{goal_in_words(found)}; {found.scenario.name}, seed {settings.seed}"
    text = f"# @package policy.{name}\n# {words}.\n" + yaml.safe_dump(best, sort_keys=False, allow_unicode=True)
    file = place / "conf" / "policy" / f"{name}.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8", newline="\n")


def report_lines(found: Found) -> list[str]:
    """The report, as it is printed."""
    task, trials = found.task, found.trials
    first, last = task.searched
    feasible = sum(trial.feasible(task.goal) for trial in trials)
    refused = sum(bool(trial.refused) for trial in trials)
    lines = [
        f"{goal_in_words(found)}: policy {task.policy} in {found.scenario.name}",
        f"{len(trials)} trials of {len(task.space.parameters)} settings, {last - first} replications each, the same "
        f"for all: {feasible} meet the constraints{f', {refused} were refused by the policy' if refused else ''}",
        "",
    ]
    if found.choice is None or found.comparison is None:
        done = sorted((t for t in trials if not t.refused), key=lambda t: t.rank(task.goal))
        nearest = f"The best of them, on the search's replications only: trial {done[0].number}" if done else ""
        return [*lines, f"No winner: {found.why}.", *([nearest, "", *_settings(found, done[0])] if done else [])]
    choice, winner = found.choice, found.choice.winner.searched
    if winner.how == "start":
        lines += ["Nothing that was found beats the settings as they were.", ""]
    lines += [*_settings(found, winner), *_at_an_end(found, winner), ""]
    first, last = task.fresh
    lines += [f"On {last - first} fresh replications, met neither in the search nor in the finals:", ""]
    lines += [manager_table(found.comparison), ""]
    for c in task.goal.constraints:
        estimate, low, high = choice.fresh.value(c.measure)
        clear = (low if c.at_least else -high) >= (c.bound if c.at_least else -c.bound)
        said = "met, by more than its interval" if clear else "met, by less than its interval"
        lines.append(f"{c}: {interval_in_words(c.measure, estimate, low, high)}, {said}")
    return [*lines, optimism(found), "", *_finals(found)]


def goal_in_words(found: Found) -> str:
    """Such as: Lowest total cost with fill_rate >= 0.97."""
    goal = found.task.goal
    within = " and ".join(str(c) for c in goal.constraints)
    most = "Highest" if goal.sign < 0 else "Lowest"
    return f"{most} {goal.objective.replace('_', ' ')}{f' with {within}' if within else ''}"


def _settings(found: Found, best: Trial) -> list[str]:
    task, rows = found.task, [["setting", "start", "winner" if found.choice else "best", "searched"]]
    for p in task.space.parameters:
        if p.choices:
            searched = ", ".join(str(value) for value in p.choices)
        else:
            searched = f"{p.low} to {p.high}" + (f" above {p.above.split('.', 2)[-1]}" if p.above else "")
        rows.append([p.name, str(task.start[p.name]), str(best.values[p.name]), searched])
    return aligned(rows, left=(0, 3))


def _at_an_end(found: Found, winner: Trial) -> list[str]:
    """Ranges at whose end the winner lies."""
    point = found.task.space.point(winner.values) or {}
    names = [p.name for p in found.task.space.parameters
             if not p.choices and p.low != p.last and point.get(p.name) in (p.low, p.last)]  # fmt: skip
    return [f"At an end of its range, beyond which there may be better: {', '.join(names)}"] if names else []


def optimism(found: Found) -> str:
    """How much better the winner looked in the search than it is."""
    assert found.choice is not None
    goal, winner = found.task.goal, found.choice.winner.searched
    (said, low, high), (true, true_low, true_high) = (
        winner.interval(goal.objective),
        found.choice.fresh.value(goal.objective),
    )
    gap, half = goal.sign * (true - said), hypot(high - said, true_high - true)
    write = lambda e, lo, hi: interval_in_words(goal.objective, e, lo, hi)  # noqa: E731
    words = f"Search said {goal.objective.replace('_', ' ')} {write(said, low, high)}"
    return (
        f"{words}, fresh replications {write(true, true_low, true_high)}: optimism {write(gap, gap - half, gap + half)}"
    )


def _finals(found: Found) -> list[str]:
    choice, goal = found.choice, found.task.goal
    assert choice is not None
    first, last = found.task.finals
    rows = [["trial", *(m.replace("_", " ") for m in goal.measures), "feasible", "less the winner", ""]]
    for _, row in finalist_table(choice, goal).iterrows():
        less = interval_in_words(goal.objective, row["less_winner"], row["less_winner_low"], row["less_winner_high"])
        rows.append([
            str(row["trial"]),
            *(interval_in_words(m, row[m], row[m + "_low"], row[m + "_high"]) for m in goal.measures),
            "yes" if row["feasible"] else "no", "" if row["winner"] else less,
            "winner" if row["winner"] else row["verdict"],
        ])  # fmt: skip
    feasible = sum(trial.feasible(goal) for trial in found.trials)
    lines = [
        f"Screening: {choice.survivors} of {feasible} trials are not shown to be worse than the best of the search.",
        f"Finals, on {last - first} other replications:",
        *aligned(rows, left=(len(rows[0]) - 1,)),
    ]
    for passed in choice.passed_over:
        lines.append(f"Trial {passed.searched.number} was better, but missed a constraint on the fresh replications.")
    return lines


def _next(found: Found, folder: Path) -> list[str]:
    """The command that runs the winner beside the settings it beat."""
    if found.choice is None:
        return []
    of = found.task.policy
    words = f"restock compare --config-dir {shown_path(folder)}/conf policy=[{of},{of}_best]"
    return ["", f"The winner by its name, with tables and figures of its own: {words}"]
