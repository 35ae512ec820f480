"""restock advise: every single improvement on the same demand, ranked by what it is worth; then the best in pairs."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restock.experiments.advice.arms import AS_IT_IS, KEPT, Arms, arms_of, improvement_of
from restock.experiments.advice.changes import exclude
from restock.experiments.advice.improvements import Improvement, improvements
from restock.experiments.settings import Settings
from restock.sim.errors import InputError, require
from restock.sim.planning.policy import Policy

if TYPE_CHECKING:
    from restock.sim.study.advice.judging import Judged
    from restock.sim.study.advice.pairs import Pair
    from restock.sim.study.advice.running import Trials

FIXED = {
    "precision": "advise.precision says when an improvement is told sharply enough",
    "selection": "advise.precision says when an improvement is told sharply enough",
    "service": "improvements are judged in money, lost sales included, not at equal service",
    "statistics.control_variate": "improvements are compared in pairs, on the same demand",
    "statistics.simultaneous": "verdicts are corrected for the number of improvements",
}
SINGLES = 0.7  # of the time, about, that improvements one at a time take beside those in pairs


@dataclass(frozen=True, eq=False)
class Advice:
    """Everything that an advice is made of."""

    improvements: dict[str, Improvement]
    arms: Arms
    policy: str
    trials: Trials
    judged: list[Judged]  # each improvement in the way that gains more
    others: list[Judged]  # and in the other way, where there are two
    pairs: list[Pair]
    best: list[str]


def advise_policy(
    settings: Settings, policies: dict[str, Policy], about: dict[str, Any], folder: Path, report: bool, show: bool
) -> list[dict[str, Any]]:
    """Try, rank, pair, report and write; no rows: advice is no job of a sweep."""
    from restock.experiments.advice.advice_words import report_lines
    from restock.experiments.advice.advice_writing import write
    from restock.experiments.dotted import own_folders
    from restock.experiments.jobs import bar, chosen_executor, shown_first

    started = time.perf_counter()
    with bar(show) as progress, chosen_executor(settings) as executor:
        progress("reading the scenario", 0.0)
        found = advise(settings, next(iter(policies)), about["overrides"], own_folders(sys.argv), executor, progress)
        about["seconds"] = round(time.perf_counter() - started, 1)
        text = "\n".join(report_lines(found, settings, about))
    with shown_first(text, report):
        write(found, text, settings, about, folder)
    return []


def advise(
    settings: Settings, policy: str, words: Sequence[str], own: Sequence[Path], executor: Any, progress: Any
) -> Advice:
    """Run the chain as it is, each improvement, and the best in pairs."""
    from restock.experiments.jobs import part
    from restock.experiments.scenarios import build_scenario, keys_of
    from restock.sim.engines.ledgers import check_seed
    from restock.sim.planning.prepared import Prepared
    from restock.sim.run.memory_needed import check_room
    from restock.sim.study.advice.judging import best_ways, judge
    from restock.sim.study.advice.running import Stopping, try_each

    check_seed(settings.seed)
    for key in keys_of(words):
        for name, why in FIXED.items():
            if key == name or key.startswith(f"{name}."):
                raise InputError(f"restock advise takes no {key}: {why}")
    many = settings.replications
    require(many >= 2, f"restock advise needs replications of at least 2, got {many}: intervals are of differences")
    asked = settings.advise
    found = {each.name: each for each in improvements(asked.improvements, own, asked.prices, asked.years)}
    prepared = Prepared(build_scenario(settings, words))
    progress("preparing", 0.0)
    check_room(prepared, min(asked.replications, many), 1)
    arms = arms_of(list(found.values()), settings, prepared, executor)
    stopping = Stopping(min(asked.replications, many), many, asked.precision)
    prices = {name: each.price for name, each in found.items() if each.price is not None}
    prices |= {name: prices[improvement_of(name)] for name in arms.made if improvement_of(name) in prices}
    trials = try_each(arms.run, AS_IT_IS, list(arms.made), stopping, prices,
                      part(progress, 0.0, SINGLES if asked.best > 1 else 1.0))  # fmt: skip
    each_way = judge(trials, prepared.scenario.assumed, settings.statistics.correction)
    judged, others = best_ways(each_way, improvement_of)
    best, pairs = _pairs(asked.best, found, arms, trials, judged, part(progress, SINGLES, 1 - SINGLES))
    progress("reporting", 1.0)
    return Advice(found, arms, policy, trials, judged, others, pairs, best)


def _pairs(
    many: int, found: dict[str, Improvement], arms: Arms, trials: Trials, judged: list[Judged], progress: Any
) -> tuple[list[str], list[Pair]]:
    """The best improvements that do not exclude each other, two at a time and all together."""
    from restock.sim.study.advice.pairs import BESIDE, best_of, groups_of, judge_groups
    from restock.sim.study.advice.running import try_each

    def excludes(one: str, other: str) -> bool:
        return exclude(found[improvement_of(one)].change, found[improvement_of(other)].change)

    best = best_of(judged, many, excludes)
    groups = groups_of(best) if len(best) > 1 else []
    prices = {}
    for names in groups:
        changes = [found[improvement_of(name)].change for name in names]
        arms.add(BESIDE.join(names), changes, [name.endswith(KEPT) for name in names])
        prices[BESIDE.join(names)] = sum(trials.prices.get(name, 0.0) for name in names)
    there = [name for name in map(BESIDE.join, groups) if name in arms.made]
    if not there:
        return best, []
    largest = max(each.gain.value for each in judged)
    together = try_each(arms.run, AS_IT_IS, there, trials.stopping, prices, progress, trials.base, largest)
    arms.left_out.update(together.refused)
    return best, judge_groups(groups, trials, together)
