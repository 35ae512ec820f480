"""What is chosen on a page: policies, moved settings and the seed; as a link, and as the same command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from restock.experiments.workshop.sliders import Slider, Value
from restock.sim.errors import InputError, require, unknown

MOST_OF_A_LINK = 4000  # characters
MOST_SEED = 2**31 - 1
PINNED = "pinned."  # before the settings of what is pinned, in a link


@dataclass(frozen=True)
class Choice:
    """Policies side by side, settings that are moved from where they started, and the seed.

    >>> choice = Choice(("buffer",), {"demand.cv_factor": 1.5})
    >>> choice.moved("demand.cv_factor", 2.0).values, choice.moved("demand.cv_factor", None).values
    ({'demand.cv_factor': 2.0}, {})
    """

    policies: tuple[str, ...]
    values: Mapping[str, Value]
    seed: int = 1

    def moved(self, setting: str, value: Value | None) -> Choice:
        """With a setting elsewhere; None: where it started."""
        others = {name: each for name, each in self.values.items() if name != setting}
        return replace(self, values=others if value is None else others | {setting: value})


class Offer:
    """What a page offers: policies by their labels, and the sliders there are; it reads what a browser sends.

    Only names and numbers of this offer come out of it; everything else is refused in one line.
    """

    def __init__(self, start: Choice, policies: Mapping[str, str], sliders: list[Slider]) -> None:
        self.start, self.policies = start, dict(policies)
        self.sliders = {slider.setting: slider for slider in sliders}

    def slider(self, setting: str) -> Slider:
        """The slider of a setting."""
        if setting not in self.sliders:
            raise unknown("setting", str(setting)[:60], self.sliders, "of this page")
        return self.sliders[setting]

    def moved(self, choice: Choice, setting: str, given: str | Value) -> Choice:
        """The choice with a setting elsewhere."""
        slider = self.slider(setting)
        value = slider.read(given)
        return choice.moved(setting, None if value == slider.start else value)

    def with_policies(self, choice: Choice, labels: list[str]) -> Choice:
        """The choice with these policies, in the order in which they are offered; one at least."""
        for label in labels:
            if label not in self.policies:
                raise unknown("policy", str(label)[:60], self.policies)
        require(len(labels) > 0, "choose at least one policy")
        return replace(choice, policies=tuple(label for label in self.policies if label in labels))

    def with_seed(self, choice: Choice, given: str | int) -> Choice:
        """The choice with another seed."""
        text = str(given)
        allowed = f"seed must be a whole number from 0 to {MOST_SEED}, got '{text[:20]}'"
        require(text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= MOST_SEED, allowed)
        return replace(choice, seed=int(text))

    def link(self, choice: Choice, pinned: Choice | None = None) -> str:
        """The query of a link that opens with all of it."""
        words = self._words(choice, "") + ([] if pinned is None else self._words(pinned, PINNED))
        return urlencode(words, safe=",")

    def _words(self, choice: Choice, before: str) -> list[tuple[str, str]]:
        """Policies, seed, and what is moved; what is not stands where the scenario has it."""
        out = [("policies", ",".join(choice.policies)), ("seed", str(choice.seed))]
        moved = [(name, repr(choice.values[name])) for name in self.sliders if name in choice.values]
        return [(before + name, value) for name, value in [*out, *moved]]

    def read(self, query: str) -> tuple[Choice, Choice | None]:
        """The choice, and the pinned one where there is one, that a link's query says."""
        require(len(query) <= MOST_OF_A_LINK, f"a link must not exceed {MOST_OF_A_LINK} characters, got {len(query)}")
        try:
            pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=200)
        except ValueError:
            raise InputError("a link holds settings as name=value, joined by &") from None
        names = [name for name, _ in pairs]
        for name in names:
            require(names.count(name) == 1, f"{name[:60]} is given twice in the link")
        there = {name: value for name, value in pairs if not name.startswith(PINNED)}
        pinned = {name.removeprefix(PINNED): value for name, value in pairs if name.startswith(PINNED)}
        return self._choice(there), self._choice(pinned) if pinned else None

    def _choice(self, words: Mapping[str, str]) -> Choice:
        choice = self.start
        for name, value in words.items():
            if name == "policies":
                choice = self.with_policies(choice, value.split(","))
            elif name == "seed":
                choice = self.with_seed(choice, value)
            else:
                choice = self.moved(choice, name, value)
        return choice

    def words(self, choice: Choice) -> list[str]:
        """The choice as words of a command line, after those that the page was opened with.

        Settings of policies that are not shown are left out: there they name nothing.
        """
        shown = [name for name in self.sliders if name in choice.values and _is_shown(name, choice.policies)]
        moved = [f"{name}={self.sliders[name].written(choice.values[name])}" for name in shown]
        return [f"policy=[{','.join(choice.policies)}]", *moved, f"seed={choice.seed}"]


def _is_shown(setting: str, policies: tuple[str, ...]) -> bool:
    return not setting.startswith("policy.") or setting.split(".")[1] in policies


def in_words(offer: Offer, choice: Choice) -> str:
    """What is moved, in words: 'Variation of demand 1.5×; buffer: Service target 98%'."""
    said = []
    for name, slider in offer.sliders.items():
        if name in choice.values and _is_shown(name, choice.policies):
            of = f"{slider.group}: " if name.startswith("policy.") else ""
            said.append(f"{of}{slider.name} {slider.shown(choice.values[name])}")
    return "; ".join(said) or "as the scenario has it"
