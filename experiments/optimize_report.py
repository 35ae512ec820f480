"""What restock optimize writes: report, tables of trials, finalists and frontier, the figure, the winner's file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import hypot
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from restock.experiments.numbers_in_words import interval_in_words, shown_value
from restock.experiments.resuming import TRIALS, write_trials
from restock.experiments.run_folder import shown_path, whole_or_nothing, write_figure, write_settings, write_table
from restock.experiments.setting_paths import with_values
from restock.experiments.settings import Settings, plain
from restock.sim.figures import frontier
from restock.sim.figures.style import in_words
from restock.sim.measures.measures import MEASURES
from restock.sim.model.scenario import Scenario
from restock.sim.results.text import aligned, capital_first
from restock.sim.study.compare import Comparison
from restock.sim.study.searching.candidates import Goal, Trial, class_and_measure, value_of
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
    read: int = 0  # of the trials, those that an earlier run made
    choice: Choice | None = None
    each: Mapping[str, Choice] = field(default_factory=dict)  # the best of each policy, the winner's first
    without: Mapping[str, str] = field(default_factory=dict)  # policies that have none, and why
    comparison: Comparison | None = None
    why: str = ""


def write(found: Found, settings: Settings, about: dict[str, Any], folder: Path) -> str:
    """Write the run folder; returns the report."""
    trials = trial_table(found)
    report = "\n".join([*report_lines(found), *_next(found, folder)])
    with whole_or_nothing(folder, report) as place:
        write_settings(place, plain(settings), about, report)
        write_trials(found.trials, place / TRIALS)
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
            for policy, choice in found.each.items():
                write_best(found, policy, choice, settings, place)
    return report


def trial_table(found: Found) -> pd.DataFrame:
    """A row for each trial: whose and how, whether it is feasible, its settings, every measure with its interval.

    `on_frontier`: no other trial of its policy is better on both measures of the frontier.
    """
    goal, rows = found.task.goal, []
    for trial in found.trials:
        row: dict[str, Any] = {"trial": trial.number, "policy": trial.policy, "how": trial.how}
        row["feasible"] = trial.feasible(goal)
        row |= {"violation": None if trial.refused else max(trial.violation(goal), 0.0), "on_frontier": False}
        row |= {name: _cell(value) for name, value in trial.values.items()}
        for name in (*MEASURES, *(name for name in goal.measures if name not in MEASURES)):
            row |= dict(zip((name, name + "_low", name + "_high"), trial.interval(name), strict=True))
        rows.append(row | {"refused": trial.refused})
    table = pd.DataFrame(rows)
    x, y = found.task.frontier
    for _, mine in table.groupby("policy", sort=False):
        on = efficient(mine[x].to_numpy(), mine[y].to_numpy(), MEASURES[x].better, MEASURES[y].better)
        table.loc[mine.index, "on_frontier"] = on
    return table


def _cell(value: Any) -> Any:
    """A value that a column can hold."""
    return value if value is None or isinstance(value, (int, float, str)) else str(value)


def figure(found: Found, trials: pd.DataFrame) -> Any:
    """The trials of each policy and their efficient frontiers, the settings to beat and the winner, or each best."""
    x, y = found.task.frontier
    marked = {}
    if found.comparison is not None:
        marked = {label: {m: o.value(m) for m in (x, y)} for label, o in found.comparison.outcomes.items()}
    constraints = [(c.measure, c.at_least, c.bound) for c in found.task.goal.constraints]
    title, note = f"{in_words(y)} against {in_words(x)}", f"{found.scenario.name}, {whose(found)}"
    if found.choice is not None and found.comparison is not None:
        at = {label: [shown_value(m, values[m][0]) for m in (x, y)] for label, values in marked.items()}
        best = next(iter(found.each)) if not found.task.alone else "winner"
        title = f"{in_words(x)} {at[best][0]} at {in_words(y)} {at[best][1]}"
        title += "" if found.task.alone else f", by {best}"
        title += f", from {at['start'][0]} at {at['start'][1]}" if "start" in at else ""
        note += f"; 95% intervals, {found.comparison.outcomes[best].replications} fresh replications"
    return frontier.frontier(trials, x, y, constraints, marked, capital_first(title), note)


def whose(found: Found) -> str:
    """Whose settings were searched, in words."""
    policies = found.task.policies
    return policies[0] if found.task.alone else f"{len(policies)} policies"


def write_best(found: Found, policy: str, choice: Choice, settings: Settings, place: Path) -> None:
    """conf/policy/POLICY_best.yaml: the best settings of a policy, to be run by their name."""
    import yaml

    best = with_values({policy: settings.policy[policy]}, choice.winner.searched.values)[policy]
    name = f"{policy}_best"
    words = f"{goal_in_words(found)}; {found.scenario.name}, seed {settings.seed}"
    text = f"# @package policy.{name}\n# {words}.\n" + yaml.safe_dump(best, sort_keys=False, allow_unicode=True)
    file = place / "conf" / "policy" / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")


def report_lines(found: Found) -> list[str]:
    """The report, as it is printed."""
    task, trials = found.task, found.trials
    first, last = task.searched
    feasible = sum(trial.feasible(task.goal) for trial in trials)
    refused = sum(bool(trial.refused) for trial in trials)
    many = sum(len(space.parameters) for space in task.spaces.values() if space is not None)
    of = f"policy {task.policies[0]}" if task.alone else f"policies {', '.join(task.policies)}"
    lines = [
        f"{goal_in_words(found)}: {of} in {found.scenario.name}",
        f"{len(trials)} trials of {many} settings, {last - first} replications each, the same "
        f"for all: {feasible} meet the constraints{f', {refused} were refused by the policy' if refused else ''}",
        *([f"{found.read} of the trials were read from the run that was gone on with."] if found.read else []),
        "",
    ]
    if found.choice is None or found.comparison is None:
        done = sorted((t for t in trials if not t.refused), key=lambda t: t.rank(task.goal))
        nearest = f"The best of them, on the search's replications only: trial {done[0].number}" if done else ""
        if done and not task.alone:
            nearest += f", policy {done[0].policy}"
        return [*lines, f"No winner: {found.why}.", *([nearest, "", *_settings(found, done[0])] if done else [])]
    if task.alone:
        lines += _best_lines(found, found.choice)
    else:
        lines += best_of_each_lines(found)
    first, last = task.fresh
    lines += [f"On {last - first} fresh replications, met neither in the search nor in the finals:", ""]
    lines += [manager_table(found.comparison), ""]
    for policy, choice in found.each.items():
        lines += [f"{'' if task.alone else f'{policy}: '}{line}" for line in _met(task.goal, choice)]
    return [*lines, optimism(found), "", *_finals(found)]


def _best_lines(found: Found, choice: Choice) -> list[str]:
    """The best settings of a policy, beside those to beat."""
    best = choice.winner.searched
    said = ["Nothing that was found beats the settings as they were.", ""] if best.how == "start" else []
    if found.task.spaces[best.policy] is None:
        return ["Nothing of it is varied.", ""]
    return [*said, *_settings(found, best), *_at_an_end(found, best), ""]


def best_of_each_lines(found: Found) -> list[str]:
    """How the trials were shared out, the best of each policy in the finals, and its settings."""
    goal = found.task.goal
    names = [name.replace("_", " ") for name in goal.measures]
    rows = [["policy", "trials", "feasible", *names, ""]]
    for policy in [*found.each, *found.without]:
        mine = [trial for trial in found.trials if trial.policy == policy]
        row = [policy, str(len(mine)), str(sum(trial.feasible(goal) for trial in mine))]
        if policy in found.each:
            fresh = found.each[policy].fresh
            row += [_in_words(m, *value_of(fresh, m)) for m in goal.measures]
            rows.append([*row, "winner" if policy == next(iter(found.each)) else ""])
        else:
            rows.append([*row, *("-" for _ in names), "none holds"])
    lines = ["The best of each policy, on fresh replications:", *aligned(rows, left=(0, len(rows[0]) - 1))]
    lines += [*(f"{policy}: {why}." for policy, why in found.without.items()), ""]
    for policy, choice in found.each.items():
        lines += [f"{policy}, trial {choice.winner.searched.number}:", *_best_lines(found, choice)]
    return lines


def _met(goal: Goal, choice: Choice) -> list[str]:
    """For each constraint, whether it is met on fresh replications, and by how much."""
    lines = []
    for c in goal.constraints:
        estimate, low, high = value_of(choice.fresh, c.measure)
        clear = (low if c.at_least else -high) >= (c.bound if c.at_least else -c.bound)
        said = "met, by more than its interval" if clear else "met, by less than its interval"
        lines.append(f"{c}: {_in_words(c.measure, estimate, low, high)}, {said}")
    return lines


def goal_in_words(found: Found) -> str:
    """Such as: Lowest total cost with fill_rate >= 0.97."""
    goal = found.task.goal
    within = " and ".join(str(c) for c in goal.constraints)
    most = "Highest" if goal.sign < 0 else "Lowest"
    return f"{most} {goal.objective.replace('_', ' ')}{f' with {within}' if within else ''}"


def _settings(found: Found, best: Trial) -> list[str]:
    task = found.task
    won = "winner" if found.choice and task.alone else "best"
    space, rows = task.spaces[best.policy], [["setting", "start", won, "searched"]]
    if space is None:
        return []
    for p in space.parameters:
        if p.choices:
            searched = ", ".join(str(value) for value in p.choices)
        else:
            searched = f"{p.low} to {p.high}" + (f" above {p.above.split('.', 2)[-1]}" if p.above else "")
        rows.append([p.name, str(task.starts[best.policy][p.name]), str(best.values[p.name]), searched])
    return aligned(rows, left=(0, 3))


def _at_an_end(found: Found, winner: Trial) -> list[str]:
    """Ranges at whose end the winner lies."""
    space = found.task.spaces[winner.policy]
    assert space is not None
    point = space.point(winner.values) or {}
    names = [p.name for p in space.parameters
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
    several = not found.task.alone
    rows = [["trial", *(["policy"] if several else []), *(m.replace("_", " ") for m in goal.measures), "feasible",
             "less the winner", ""]]  # fmt: skip
    for _, row in finalist_table(choice, goal).iterrows():
        less = interval_in_words(goal.objective, row["less_winner"], row["less_winner_low"], row["less_winner_high"])
        rows.append([
            str(row["trial"]), *([row["policy"]] if several else []),
            *(_in_words(m, row[m], row[m + "_low"], row[m + "_high"]) for m in goal.measures),
            "yes" if row["feasible"] else "no", "" if row["winner"] else less,
            "winner" if row["winner"] else row["verdict"],
        ])  # fmt: skip
    feasible = sum(trial.feasible(goal) for trial in found.trials)
    lines = [
        f"Screening: {choice.survivors} of {feasible} trials are not shown to be worse than the best of the search.",
        f"Finals, on {last - first} other replications:",
        *aligned(rows, left=(1, len(rows[0]) - 1) if several else (len(rows[0]) - 1,)),
    ]
    for passed in choice.passed_over:
        of = f" of policy {passed.searched.policy}" if several else ""
        said = "was better, but missed a constraint on the fresh replications."
        lines.append(f"Trial {passed.searched.number}{of} {said}")
    return lines


def _in_words(name: str, estimate: float, low: float, high: float) -> str:
    """An estimate of a measure of the chain, or of a class, with its half-width."""
    return interval_in_words(class_and_measure(name)[1], estimate, low, high)


def _next(found: Found, folder: Path) -> list[str]:
    """The command that runs the winner beside the settings it beat, or the best of each policy."""
    if found.choice is None:
        return []
    conf = f"restock compare --config-dir {shown_path(folder)}/conf"
    if found.task.alone:
        of = found.task.policies[0]
        return ["", f"The winner by its name, with tables and figures of its own: {conf} policy=[{of},{of}_best]"]
    names = ",".join(f"{policy}_best" for policy in found.each)
    return ["", f"The best of each by its name, with tables and figures of its own: {conf} policy=[{names}]"]
