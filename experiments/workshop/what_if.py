"""What if: the scenario of a workshop, read once, and answers to each choice from the lab; no page, no browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from restock.experiments.chosen import chosen_policies, points_along
from restock.experiments.claim_file import key_of
from restock.experiments.claim_runs import composing
from restock.experiments.dotted import own_folders
from restock.experiments.jobs import chosen_executor
from restock.experiments.listing import described
from restock.experiments.scenarios import as_described, as_set
from restock.experiments.setting_paths import with_values
from restock.experiments.settings import Settings, plain, register, settings_from
from restock.experiments.stopping import stopping_rule
from restock.experiments.workshop.allocation_sliders import allocation_sliders
from restock.experiments.workshop.choice import Choice, Offer
from restock.experiments.workshop.limit_sliders import limit_sliders
from restock.experiments.workshop.sliders import policy_sliders, world_sliders
from restock.sim.errors import InputError, require
from restock.sim.model.scenario import Scenario
from restock.sim.planning.prepared import Prepared
from restock.sim.results.outcome import Outcome
from restock.sim.study.compare import Comparison
from restock.sim.study.lab.kept import Kept
from restock.sim.study.lab.lab import Answer, Asked, Lab, Question

NOT_OFFERED = ("levels", "predictive_from_file", "beer_game_benchmark")
"""Policies that read a file, which no browser names, or are of one game."""
SHOWN = ("just_in_time_with_cover", "buffer", "abc_tiered")  # at first
REPLICATIONS = 64
Point = list[float]  # stock at cost, and what is not served at once, in %
LEAST_UNSERVED = 1e-5  # share: a logarithmic scale has no 0, what is less is drawn here
CURVES, BYTES_OF_POINT = 4 * 2**20, 200  # memory for the points of curves that were drawn; of one of them
NOT_OF_THE_WORLD = ("policy", "seed", "replications", "figures")
DESCRIBED = "scenario."  # settings by which a scenario is described, and not those of a run of it
ONLY_COSTS = ("costs.carrying_rate", "costs.goodwill_share", "costs.backorder_cost_per_day", "costs.count_cost")


class WhatIf:
    """A scenario with its policies and sliders, and a lab that answers.

    Parameters
    ----------
    words : list of str
        Settings as on the command line; `policy=` says which policies are shown at first.

    Raises InputError where they are refused, or ask for what a page cannot do.

    >>> what_if = WhatIf(["scenario=one_store", "policy=buffer", "replications=8", "days=28", "warm_up=0"])
    >>> choice = what_if.offer.moved(what_if.offer.start, "policy.buffer.target", "0.99")
    >>> what_if.command(choice)
    'restock compare scenario=one_store days=28 warm_up=0 policy=[buffer] policy.buffer.target=0.99 seed=1 \
replications=8 service.fill_rates=[]'
    >>> list(what_if.whole(choice).outcomes)
    ['buffer']
    """

    def __init__(self, words: Sequence[str], lab: Lab | None = None) -> None:
        several = [word for word in words if word in ("-m", "--multirun")]
        require(not several, "restock workshop shows one scenario: it goes without -m")
        folders = own_folders(words)
        self._flags = [word for k, word in enumerate(words) if _is_flag(word) or (k and _is_flag(words[k - 1]))]
        given = [word for word in words if word not in self._flags]
        chosen = [word for word in given if key_of(word) == "policy"]
        asked = _names(chosen[-1]) if chosen else list(SHOWN)
        offered = [*asked, *(name for name in described("policy") if name not in (*asked, *NOT_OFFERED))]
        self._words = [word for word in given if key_of(word) not in NOT_OF_THE_WORLD]
        choosing = [word for word in given if word not in chosen] + [f"policy=[{','.join(offered)}]"]
        register([*words, *choosing], folders)
        with composing(folders[0] if folders else None) as compose:
            found = compose(choosing)
        good = len(found.policy) == len(offered)
        require(good, f"policy: every file must bring one policy of its own, got {', '.join(found.policy)}")
        self.names = dict(zip(found.policy, offered, strict=True))
        alone = stopping_rule(found) is None and found.uncertainty.inputs == "none"
        require(alone, "restock workshop takes no precision, no selection and no uncertainty.inputs: leave them out")
        inside = found.executor.name in ("threads", "serial")
        require(inside, f"restock workshop runs in this process: executor=threads or serial, got {found.executor.name}")
        self.lab = lab or Lab(executor=chosen_executor(found))
        self.replications = found.replications if _sets(words, "replications") else REPLICATIONS
        self._base, self._curves = plain(found), Kept(CURVES)
        try:
            self.described = as_described(found)
            self.scenario = as_set(self.described, found, self._words)
        except OSError as error:
            raise InputError(f"cannot read '{error.filename}': {error.strerror}") from error
        of_folder = found.scenario["kind"] == "folder"
        sliders = world_sliders(self.scenario, of_folder) + ([] if of_folder else limit_sliders(self.scenario))
        sliders += allocation_sliders(self.scenario, found.scenario)
        sliders += [each for label, settings in found.policy.items() for each in policy_sliders(label, settings)]
        words_of = {label: described("policy").get(name, "") for label, name in self.names.items()}
        start = Choice(tuple(label for label, name in self.names.items() if name in asked), {}, found.seed)
        self.offer = Offer(start, words_of, sliders)

    def settings_of(self, choice: Choice) -> Settings:
        """The settings of a run of the choice, as the same command resolves them."""
        values = {name: self.offer.slider(name).held(value) for name, value in choice.values.items()}
        world = {name: value for name, value in values.items() if not name.startswith("policy.")}
        of_policies = {name: value for name, value in values.items() if name.startswith("policy.")}
        moved = with_values(self._base["policy"], of_policies)
        changed = _put(self._base, world) | {
            "policy": {label: moved[label] for label in choice.policies},
            "seed": choice.seed,
            "replications": self.replications,
            "baseline": None,
        }
        return settings_from(changed)

    def question(self, choice: Choice) -> Question:
        """What the lab is asked."""
        settings = self.settings_of(choice)
        policies = chosen_policies(settings.policy)
        asked = {label: Asked(choice_key(settings.policy[label]), policy)
                 for label, policy in policies.items()}  # fmt: skip
        world = tuple(sorted((n, v) for n, v in choice.values.items() if not n.startswith("policy.")))
        arrays = tuple((name, value) for name, value in world if name not in ONLY_COSTS)
        words = self.words(choice)
        return Question(
            world, lambda: Prepared(self._scenario(choice, settings, words)), asked, choice.seed, self.replications,
            arrays,
        )  # fmt: skip

    def _scenario(self, choice: Choice, settings: Settings, words: Sequence[str]) -> Scenario:
        """The scenario of a choice, described anew where that is what moved."""
        anew = any(name.startswith(DESCRIBED) for name in choice.values)
        return as_set(as_described(settings) if anew else self.described, settings, words)

    def words(self, choice: Choice) -> list[str]:
        """The choice as words of the command line, those included that the page was opened with."""
        return [*self._words, *self.offer.words(choice)]

    def prepared(self, choice: Choice) -> Prepared:
        """The scenario of the choice, the one that answers to it come from."""
        return self.lab.prepared(self.question(choice))

    def answers(
        self, choice: Choice, void: Callable[[], bool] = lambda: False, first: str | None = None
    ) -> Iterator[Answer]:
        """Answers with more and more replications (`sim.study.lab`); `first` names a policy."""
        return self.lab.answers(self.question(choice), void, first)

    def whole(self, choice: Choice) -> Comparison:
        """The last answer."""
        return self.lab.whole(self.question(choice))

    def curves(self, choice: Choice, void: Callable[[], bool] = lambda: False) -> Iterator[tuple[str, list[Point]]]:
        """What each policy gives along the values that its service moves along, one policy after another.

        Settings and replications are those of `restock compare` at equal service (tables/curves). A policy that has
        nothing to move along, or refuses a value, has no curve.
        """
        settings, question = self.settings_of(choice), self.question(choice)
        for label, alone in settings.policy.items():
            key = (question.world, question.seed, label, choice_key(alone))
            found = self._curves.get(key)
            if found is None:
                if void() or (found := self._curve(question, label, alone, void)) is None:
                    continue
                self._curves.put(key, found, BYTES_OF_POINT * len(found))
            if found:
                yield label, found

    def _curve(
        self, question: Question, label: str, alone: dict[str, Any], void: Callable[[], bool]
    ) -> list[Point] | None:
        """The points of one policy; None where it was not finished."""
        try:
            points = points_along({label: alone}).get(label, [])
            if not points:
                return []
            asked = {point.words: Asked(choice_key(asdict(point.policy)), point.policy) for point in points}
            many = self._base["service"]["replications"]
            found = list(self.lab.answers(replace(question, policies=asked, replications=many), void, whole=True))
        except InputError:
            return []
        return [point_of(outcome) for outcome in found[0].comparison.outcomes.values()] if found else None

    def command(self, choice: Choice) -> str:
        """The same thing as a command line, which prints the same numbers."""
        policies = f"policy=[{','.join(self.names[label] for label in choice.policies)}]"
        words = [word for word in self.offer.words(choice) if not word.startswith("policy=")]
        return " ".join([
            "restock compare", *self._flags, *map(_quoted, self._words), policies, *map(_quoted, words),
            f"replications={self.replications}", "service.fill_rates=[]",
        ])  # fmt: skip


def point_of(outcome: Outcome) -> Point:
    """Stock at cost, and what is not served at once, in %.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import lean_and_rich
    >>> point_of(lean_and_rich(BaseStock).outcomes["rich"])
    [38.02, 0.0557]
    """
    unserved = max(1 - outcome.value("fill_rate")[0], LEAST_UNSERVED)
    return [round(outcome.value("average_inventory_value")[0], 2), round(100 * unserved, 4)]


def choice_key(settings: Mapping[str, Any]) -> str:
    """The settings of a policy as one word, which names what is made of them."""
    return json.dumps(settings, sort_keys=True, default=str)


def _is_flag(word: str) -> bool:
    return word in ("--config-dir", "-cd")


def _names(word: str) -> list[str]:
    return [name.strip() for name in word.partition("=")[2].strip("[]").split(",")]


def _sets(words: Sequence[str], setting: str) -> bool:
    return any(key_of(word) == setting for word in words)


def _put(tree: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """The mapping with values at dotted paths; what is not on their way stays the same object.

    >>> _put({"demand": {"scale": 1, "cv_factor": 1}, "days": 7}, {"demand.scale": 2})
    {'demand': {'scale': 2, 'cv_factor': 1}, 'days': 7}
    """
    out = dict(tree)
    for path, value in values.items():
        group, _, name = path.partition(".")
        out[group] = value if not name else _put(out[group], {name: value})
    return out


def _quoted(word: str) -> str:
    """A word as a shell takes it."""
    return f"'{word}'" if any(sign in word for sign in ' {}$*?;|&<>()"') else word
