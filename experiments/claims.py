"""Claims, run: every arm at every x on the same draws, and the figures that the checks look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restock.experiments.claim_file import Claim, Words, claim_of, key_of, question_of
from restock.experiments.claim_runs import Cost, Runs, composing
from restock.experiments.settings import Settings, register
from restock.sim.errors import require
from restock.sim.measures.measures import MEASURES
from restock.sim.model.assumed import COSTS
from restock.sim.study.claims import Figures, Judged, X, judge, rests_on, verdict
from restock.sim.study.sensitivity import CHANGES

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.statistics.estimates import Estimate

COLUMNS = ["claim", "arm", "x", "measure", "estimate", "low", "high", "half_width", "unit", "replications"]
Place = tuple[str, X | None]
DONE = {factor: word for word, factor in CHANGES.items()}


@dataclass(frozen=True)
class Answer:
    """A claim with what came of it: figures at each place, those along each arm's settings, and what was found."""

    claim: Claim
    base: Settings
    figures: Figures
    along: dict[Place, list[dict[str, Estimate]]]
    judged: tuple[Judged, ...]
    overrides: Words
    own: Path | None = None  # the user's configuration folder
    rests_on: tuple[str, ...] = ()  # for each check, the assumed costs with which its word turns, or ''

    @property
    def word(self) -> str:
        return verdict(self.judged)


def read_claim(name: str, overrides: Sequence[str], own: Path | None = None) -> tuple[Claim, Settings]:
    """The claim and the settings that its arms share."""
    question = question_of(name, own)
    register([f"claim={name}"], [own] if own else [])
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
    register([word for arm in claim.arms.values() for word in arm.words])  # policies by a dotted path
    return claim, base


def answer(
    name: str, overrides: Sequence[str], own: Path | None = None, progress: Callable[[float], None] = lambda share: None
) -> Answer:
    """Run a claim's arms and judge it."""
    from restock.experiments.jobs import chosen_executor

    claim, base = read_claim(name, overrides, own)
    places = [(label, x) for label, arm in claim.arms.items() for x in claim.xs
              if not arm.theory and claim.shown(label, x)]  # fmt: skip
    with composing(own) as compose, chosen_executor(base) as executor:
        runs = Runs(claim, tuple(overrides), compose, executor)
        along = _along(claim, runs, places, progress=progress)
        runs.check_policies()
        figures = _looked_up(claim, runs, along)
        judged = judge(claim.checks, figures, claim.measure)
        otherwise = {}
        for cost in runs.assumed_costs():
            changed = _looked_up(claim, runs, _along(claim, runs, places, cost))
            otherwise[COSTS[cost[0]][0], DONE[cost[1]]] = judge(claim.checks, changed, claim.measure)
    return Answer(claim, base, figures, along, judged, tuple(overrides), own, rests_on(judged, otherwise))


def _along(
    claim: Claim, runs: Runs, places: Sequence[Place], cost: Cost | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> dict[Place, list[dict[str, Estimate]]]:  # fmt: skip
    """The figures along each arm's settings, at each place; with a cost, as they would be if it were another."""
    out: dict[Place, list[dict[str, Estimate]]] = {}
    for k, (label, x) in enumerate(places):
        arm = claim.arms[label]
        points = [runs.figures((*claim.words(label, x), *each), cost, arm.tier) for each in arm.along or ((),)]
        reads = arm.reads or {}
        out[label, x] = [point | {name: point[other] for name, other in reads.items()} for point in points]
        progress((k + 1) / len(places))
    return out


def _looked_up(claim: Claim, runs: Runs, along: dict[Place, list[dict[str, Estimate]]]) -> Figures:
    found = dict(_figures(claim, runs, along))

    def figure(measure: str, label: str, x: X | None) -> Estimate | None:
        return found.get((label, x), {}).get(measure)

    return Figures(tuple(claim.arms), claim.xs, figure)


def _figures(
    claim: Claim, runs: Runs, along: dict[Place, list[dict[str, Estimate]]]
) -> Iterator[tuple[Place, dict[str, Estimate]]]:
    """The figures of each place: as simulated, or at equal service, or by theory."""
    from restock.experiments.claim_theory import THEORY
    from restock.sim.results.at_service import OF_SHORT, at_service
    from restock.sim.statistics.estimates import known

    for place, points in along.items():
        if claim.equal_at is None:
            yield place, points[0]
            continue
        service, target = claim.equal_at
        names = [name for name in points[0] if not name.endswith(OF_SHORT)]
        there = {name: at_service(points, service, target, name) for name in names}
        yield place, {name: figure for name, figure in there.items() if figure is not None}
    for label, arm in claim.arms.items():
        if arm.theory:
            assert claim.equal_at is not None
            for x in claim.xs:
                world = runs.world((*claim.words(arm.like, x), *claim.arms[arm.like].along[0]))
                values = THEORY[arm.theory](world.known, *claim.equal_at)
                yield (label, x), {name: known(value) for name, value in values.items()}


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
