"""A claim as its file says it: what is claimed, which arms are compared, and what is checked.

A file of conf/claim opens with the question. Beside `claim` it holds the settings of the world that all arms share, as
an experiment does. An arm is written as the words that a command line would have:

    claim:
      says: the claim
      equal: what is held equal between the arms, and why
      measure: fill_rate
      also: [total_cost]                          further measures of the table
      axis: days that the record is late          what x is, where the worlds differ along an axis
      at: {0: records.lag=0, 2: records.lag=2}    x: words of all arms
      arms:
        lean: policy=just_in_time                 label: words
        rich: {words: policy=buffer, at: {2: policy.buffer.target=0.99}}          words of its own at some x
        theory: {theory: safety_stock, like: rich}                                by a formula, in the world of an arm
        by_value: {words: policy=buffer, reads: {fill_rate: fill_rate_value}}     the same run, by another measure
        at_dc: {words: policy=buffer, tier: dc}                                   the same run, by the books of a tier
      against: lean                               the figure shows changes against this arm, paired
      equal_at: {fill_rate: 0.97}                 figures are those at this service; each arm moves `along` settings
      checks: [...]                               what must hold: see `study.claims.Check`
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from restock.experiments.settings import ClaimSettings
from restock.sim.checks import check_keys
from restock.sim.errors import require, unknown
from restock.sim.measures.measures import MEASURES
from restock.sim.study.claims import Check, X, check_of

Words = tuple[str, ...]
FOLDER = "--config-dir"  # names a folder of the user's own
THEORIES = ("safety_stock",)


@dataclass(frozen=True)
class Arm:
    """A policy in a world: words for all x and for some, and words for each point along which its service is moved."""

    words: Words = ()
    at: Mapping[X, Words] | None = None
    along: tuple[Words, ...] = ()
    theory: str = ""
    like: str = ""
    reads: Mapping[str, str] | None = None
    tier: str = ""

    def keys(self) -> set[str]:
        """Names of the settings that it sets."""
        words = [*self.words, *(word for each in (self.at or {}).values() for word in each)]
        words += [word for each in self.along for word in each]
        return {key_of(word) for word in words}


@dataclass(frozen=True)
class Claim:
    """A claim, read and checked."""

    name: str
    question: str
    says: str
    equal: str
    measure: str
    also: tuple[str, ...]
    axis: str
    against: str
    at: Mapping[X, Words]
    arms: Mapping[str, Arm]
    equal_at: tuple[str, float] | None
    checks: tuple[Check, ...]

    @property
    def xs(self) -> tuple[X | None, ...]:
        """Values of the axis; (None,) where there is none."""
        own = [x for arm in self.arms.values() for x in arm.at or ()]
        return tuple(dict.fromkeys([*self.at, *own])) or (None,)

    @property
    def measures(self) -> tuple[str, ...]:
        """The measure, the further ones, and those that checks name."""
        asked = [check.measure for check in self.checks if check.measure]
        return tuple(dict.fromkeys([self.measure, *self.also, *asked]))

    @property
    def tiers(self) -> tuple[str, ...]:
        """The tiers whose own books some arm reads."""
        return tuple(dict.fromkeys(arm.tier for arm in self.arms.values() if arm.tier))

    def looked_at(self) -> set[str]:
        """Every measure that its numbers and checks are made of."""
        read = {name for arm in self.arms.values() for pair in (arm.reads or {}).items() for name in pair}
        return {*self.measures, *read, *([self.equal_at[0]] if self.equal_at else [])}

    def words(self, label: str, x: X | None) -> Words:
        """Words of an arm at x, but for those along which it is moved."""
        arm = self.arms[label]
        common = () if x is None else self.at.get(x, ())
        own = () if x is None else (arm.at or {}).get(x, ())
        return (*common, *arm.words, *own)

    def shown(self, label: str, x: X | None) -> bool:
        """Whether the arm has a figure at x: an arm with words of its own for some x has none elsewhere."""
        arm = self.arms[label]
        return x is None or x in self.at or not arm.at or x in arm.at


def key_of(word: str) -> str:
    """The name that a word sets.

    >>> key_of("+scenario.items.milk.count_class=C")
    'scenario.items.milk.count_class'
    """
    return word.partition("=")[0].lstrip("+~")


def claim_of(name: str, question: str, settings: ClaimSettings) -> Claim:
    """Read and check what a file says."""
    where = f"of claim '{name}'"
    for key in ("says", "equal"):
        require(bool(getattr(settings, key)), f"claim.{key} {where} must be a sentence")
    read = [name for given in settings.arms.values() if isinstance(given, Mapping)
            for pair in (given.get("reads") or {}).items() for name in pair]  # fmt: skip
    for measure in (settings.measure, *settings.also, *settings.equal_at, *read):
        if measure not in MEASURES:
            raise unknown("measure", measure, MEASURES, where)
    require(len(settings.equal_at) <= 1, f"claim.equal_at {where} names one measure, got {len(settings.equal_at)}")
    require(
        bool(settings.arms) and bool(settings.checks), f"claim.arms and claim.checks {where} name at least one each"
    )
    equal_at = next(iter(settings.equal_at.items()), None)
    arms = {label: _arm(label, given, where) for label, given in settings.arms.items()}
    for label, arm in arms.items():
        said = f"claim.arms.{label} {where}"
        if arm.theory:
            if arm.theory not in THEORIES:
                raise unknown("theory", arm.theory, THEORIES, f"of {said}")
            if arm.like not in arms or arms[arm.like].theory:
                raise unknown("arm", arm.like, [name for name, each in arms.items() if not each.theory], f"of {said}")
            require(equal_at is not None, f"{said}: a theory needs claim.equal_at, the service that it is for")
        elif equal_at is not None:
            require(len(arm.along) >= 2, f"{said}: claim.equal_at needs along, two settings of it or more")
        else:
            require(not arm.along, f"{said}: along goes with claim.equal_at")
    if settings.against:
        if settings.against not in arms:
            raise unknown("arm", settings.against, arms, f"of claim.against {where}")
        along_x = bool(settings.at) or any(arm.at for arm in arms.values())
        require(along_x, f"claim.against {where} goes with an axis, along which changes are drawn")
    checks = tuple(check_of(each, lambda given: _check_keys(given, where)) for each in settings.checks)
    return Claim(name, question, one_line(settings.says), one_line(settings.equal), settings.measure,
                 tuple(settings.also), settings.axis, settings.against,
                 {x: split(words) for x, words in settings.at.items()}, arms,
                 equal_at, checks)  # fmt: skip


def _check_keys(given: Any, where: str) -> None:
    require(isinstance(given, Mapping) and "says" in given, f"claim.checks {where}: each needs says, the sentence")
    check_keys(given, [f.name for f in fields(Check)], f"of check '{given['says']}' {where}")


def _arm(label: str, given: Any, where: str) -> Arm:
    """An arm from its words, or from the mapping that holds them."""
    if not isinstance(given, Mapping):
        return Arm(split(given))
    check_keys(given, [f.name for f in fields(Arm)], f"of claim.arms.{label} {where}")
    at = given.get("at")
    return Arm(
        split(given.get("words")),
        {x: split(words) for x, words in at.items()} if at else None,
        tuple(split(words) for words in given.get("along", ())),
        given.get("theory", ""),
        given.get("like", ""),
        given.get("reads"),
        given.get("tier", ""),
    )


def split(words: Any) -> Words:
    """Words as the command line would split them, or as a list gives them."""
    return tuple(words) if isinstance(words, (list, tuple)) else tuple(str(words or "").split())


def one_line(text: str) -> str:
    """A paragraph as one line."""
    return " ".join(text.split())


def claim_names(own: Path | None = None) -> list[str]:
    """Names of the claims shipped, and of those in a folder of the user's own."""
    return sorted({path.name[:-5] for place in _places(own) for path in place.iterdir() if path.name.endswith(".yaml")})


def question_of(name: str, own: Path | None = None) -> str:
    """The first line of a claim's file."""
    for place in _places(own):
        path = place.joinpath(f"{name}.yaml")
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines()
            return lines[0].lstrip("# ").strip() if lines else ""
    raise unknown("claim", name, claim_names(own))


def _places(own: Path | None) -> list[Any]:
    places: list[Any] = [files("restock.conf").joinpath("claim")]
    return [*places, own / "claim"] if own is not None and (own / "claim").is_dir() else places
