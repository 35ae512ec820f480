"""Claims, run: every arm at every x on the same draws, and the figures that the checks look at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.claim_file import Claim, Words, claim_of, key_of, question_of
from experiments.settings import ClaimSettings, Settings, plain, register, settings_of
from sim.claims import Figures, Judged, X, judge, verdict
from sim.errors import InputError, require
from sim.measures import MEASURES

if TYPE_CHECKING:
    import pandas as pd

    from sim.simulate import Prepared
    from sim.statistics.estimates import Estimate

OF_THE_RUN = ("policy", "claim", "executor", "threads", "baseline", "replications", "seed")  # the world has none of it
COLUMNS = ["claim", "arm", "x", "measure", "estimate", "low", "high", "half_width", "unit", "replications"]
Place = tuple[str, X | None]


@dataclass(frozen=True)
class Answer:
    """A claim with what came of it: figures at each place, those along each arm's settings, and what was found."""

    claim: Claim
    base: Settings
    figures: Figures
    along: dict[Place, list[dict[str, Estimate]]]
    judged: tuple[Judged, ...]
    overrides: Words

    @property
    def word(self) -> str:
        return verdict(self.judged)


@contextmanager
def composing(own: Path | None) -> Iterator[Callable[[Sequence[str]], Settings]]:
    """Settings from words, as the command composes them; complaints are one line."""
    from hydra import compose, initialize_config_module
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    from experiments import interrupt
    from experiments.messages import one_line

    first = [f"hydra.searchpath=[file://{own.absolute()}]"] if own is not None else []

    def settings(words: Sequence[str]) -> Settings:
        try:
            return settings_of(compose("config", overrides=[*first, *words]))
        except (HydraException, OmegaConfBaseException) as error:
            interrupt.check()
            raise InputError(one_line(error, lambda: _names(words))) from None
        except YAMLError as error:
            raise InputError(f"cannot read a file of settings: {' '.join(str(error).split())}") from None

    def _names(words: Sequence[str]) -> list[str]:
        chosen = [w for w in words if key_of(w) in ("policy", "claim@_global_", "scenario", "executor")]
        of_claims = [f"claim.{f.name}" for f in fields(ClaimSettings)]
        for attempt in (chosen, []):
            try:
                return [*_dotted(compose("config", overrides=[*first, *attempt])), *of_claims]
            except (HydraException, OmegaConfBaseException):
                continue
        return []

    with initialize_config_module(version_base="1.3", config_module="conf"):
        yield settings


def _dotted(config: Any, prefix: str = "") -> list[str]:
    out = []
    for key, value in config.items():
        out += [f"{prefix}{key}", *(_dotted(value, f"{prefix}{key}.") if hasattr(value, "items") else [])]
    return out


def read_claim(name: str, overrides: Sequence[str], own: Path | None = None) -> tuple[Claim, Settings]:
    """The claim and the settings that its arms share."""
    question = question_of(name, own)
    register([])
    with composing(own) as settings:
        base = settings([f"claim@_global_={name}", *(w for w in overrides if not key_of(w).startswith("policy."))])
    require(base.claim is not None, f"'{name}' says no claim: its file needs claim: {{says: ..., arms: ...}}")
    assert base.claim is not None
    claim = claim_of(name, question, base.claim)
    require(base.replications >= 2, f"a claim needs replications of at least 2, got {base.replications}")
    varied = {key for arm in claim.arms.values() for key in arm.keys()}
    varied |= {key_of(word) for words in claim.at.values() for word in words}
    for word in overrides:
        given = f"{key_of(word)} is what claim '{name}' compares: leave it out"
        require(key_of(word) not in varied | {"policy", "claim@_global_"}, given)
    return claim, base


def answer(
    name: str, overrides: Sequence[str], own: Path | None = None, progress: Callable[[float], None] = lambda share: None
) -> Answer:
    """Run a claim's arms and judge it."""
    from experiments.jobs import chosen_executor

    claim, base = read_claim(name, overrides, own)
    places = [(label, x) for label, arm in claim.arms.items() for x in claim.xs
              if not arm.theory and claim.shown(label, x)]  # fmt: skip
    with composing(own) as compose, chosen_executor(base) as executor:
        runs = _Runs(claim, tuple(overrides), compose, executor)
        along: dict[Place, list[dict[str, Estimate]]] = {}
        for k, (label, x) in enumerate(places):
            words = claim.words(label, x)
            along[label, x] = [runs.figures((*words, *each)) for each in claim.arms[label].along or ((),)]
            progress((k + 1) / len(places))
        found = dict(_figures(claim, runs, along))

    def figure(measure: str, label: str, x: X | None) -> Estimate | None:
        return found.get((label, x), {}).get(measure)

    figures = Figures(tuple(claim.arms), claim.xs, figure)
    return Answer(claim, base, figures, along, judge(claim.checks, figures, claim.measure), tuple(overrides))


def _figures(
    claim: Claim, runs: _Runs, along: dict[Place, list[dict[str, Estimate]]]
) -> Iterator[tuple[Place, dict[str, Estimate]]]:
    """The figures of each place: as simulated, or at equal service, or by theory."""
    from sim.claim_theory import THEORY
    from sim.statistics.estimates import known, where

    for place, points in along.items():
        if claim.equal_at is None:
            yield place, points[0]
            continue
        service, target = claim.equal_at
        reached = [point[service] for point in points]
        there = {name: where(reached, target, [point[name] for point in points]) for name in points[0]}
        yield place, {name: figure for name, figure in there.items() if figure is not None}
    for label, arm in claim.arms.items():
        if arm.theory:
            assert claim.equal_at is not None
            for x in claim.xs:
                world = runs.world((*claim.words(arm.like, x), *claim.arms[arm.like].along[0]))
                values = THEORY[arm.theory](world.known, *claim.equal_at)
                yield (label, x), {name: known(value) for name, value in values.items()}


class _Runs:
    """Runs of one claim, each made once; worlds are built once for all policies that meet in them."""

    def __init__(self, claim: Claim, overrides: Words, compose: Callable[[Sequence[str]], Settings], executor: Any):
        self.claim, self.compose, self.executor = claim, compose, executor
        self.overrides = [word for word in overrides if not key_of(word).startswith("policy.")]
        self.of_policies = [word for word in overrides if key_of(word).startswith("policy.")]
        self.done: dict[Words, dict[str, Estimate]] = {}
        self.worlds: dict[str, Prepared] = {}

    def settings(self, words: Words) -> Settings:
        """Settings of a run: what the user sets for a policy goes to the runs of that policy."""
        first = [f"claim@_global_={self.claim.name}", *self.overrides]
        found = self.compose([*first, *words])
        mine = [word for word in self.of_policies if key_of(word).split(".")[1] in found.policy]
        return self.compose([*first, *mine, *words]) if mine else found

    def world(self, words: Words) -> Prepared:
        """The world that the words describe."""
        return self._world(self.settings(words))

    def _world(self, settings: Settings) -> Prepared:
        from experiments.scenarios import build_scenario
        from sim.simulate import Prepared

        kept = {key: value for key, value in plain(settings).items() if key not in OF_THE_RUN}
        key = json.dumps(kept, sort_keys=True, default=str)
        if key not in self.worlds:
            self.worlds[key] = Prepared(build_scenario(settings))
        return self.worlds[key]

    def figures(self, words: Words) -> dict[str, Estimate]:
        """Every measure of the chain."""
        if words not in self.done:
            self.done[words] = self._run(words)
        return self.done[words]

    def _run(self, words: Words) -> dict[str, Estimate]:
        from experiments.chosen import chosen_policies
        from sim.statistics.estimates import estimated
        from sim.study import evaluate

        settings = self.settings(words)
        policies = chosen_policies(settings.policy)
        many = f"an arm of claim '{self.claim.name}' takes one policy, got {', '.join(policies)}"
        require(len(policies) == 1, f"{many}; give policy=NAME in its words, or override /policy in its file")
        ((label, policy),) = policies.items()
        outcome = evaluate(self._world(settings), policy, settings.replications, settings.seed, levels=("chain",),
                           label=label, executor=self.executor)  # fmt: skip
        x, y = (part[:, 0] for part in outcome.pairs("chain"))
        with np.errstate(all="ignore"):
            return {name: estimated(x[:, k], y[:, k]) for k, name in enumerate(MEASURES)}


def table_of(found: Answer) -> pd.DataFrame:
    """A row for each arm, x and measure, with its interval; by theory, without one."""
    import pandas as pd

    rows = []
    for label in found.claim.arms:
        for x in found.claim.xs:
            for measure in found.claim.measures:
                figure = found.figures.of(measure, label, x)
                if figure is not None:
                    rows.append(_row(found, label, x, measure, figure))
    return pd.DataFrame(rows, columns=COLUMNS)


def along_table(found: Answer) -> pd.DataFrame:
    """The same for every point along each arm's settings, where arms are compared at equal service."""
    import pandas as pd

    assert found.claim.equal_at is not None
    names = dict.fromkeys([found.claim.equal_at[0], *found.claim.measures])
    return pd.DataFrame([
        _row(found, label, x, measure, point[measure]) | {"point": k, "words": " ".join(words)}
        for (label, x), points in found.along.items()
        for k, (point, words) in enumerate(zip(points, found.claim.arms[label].along, strict=True))
        for measure in names
    ])  # fmt: skip


def _row(found: Answer, label: str, x: X | None, measure: str, figure: Estimate) -> dict[str, Any]:
    interval = figure.interval()
    simulated = not found.claim.arms[label].theory
    return {
        "claim": found.claim.name,
        "arm": label,
        "x": x,
        "measure": measure,
        **{name: float(value) for name, value in interval._asdict().items()},
        "unit": MEASURES[measure].unit,
        "replications": found.base.replications if simulated else 0,
    }
