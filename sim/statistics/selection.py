"""The best of several policies: the fully sequential procedure KN, one replication at a time.

All policies meet the same demand. After a first stage, a policy is dropped as soon as its mean falls behind another's
by more than what chance explains; the rest go on. With probability at least `confidence` the one that is left is the
best, or within the indifference of it, if the figures of a replication are normal; they may depend on each other
(common random numbers) and differ in variance.

Source: Kim & Nelson (2001), ACM Transactions on Modeling and Computer Simulation 11(3):251-273, with c = 1: the
continuation region is a triangle, and eta = ((2 alpha / (k - 1)) ** (-2 / (n0 - 1)) - 1) / 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from restock.sim.errors import require

BLOCK = 64  # replications that are fetched at a time; screening is one by one whatever it is
Sample = Callable[[Sequence[str], int, int], Mapping[str, np.ndarray]]


class Elimination(NamedTuple):
    """A policy that was dropped: after how many replications, and which policy it fell behind most."""

    policy: str
    replications: int
    behind: str


@dataclass(frozen=True)
class Selection:
    """What came of it; `best` is None where the largest number of replications allowed did not decide."""

    best: str | None
    remaining: tuple[str, ...]
    eliminated: tuple[Elimination, ...]
    replications: int  # after which it was decided, or given up
    longest: int  # replications after which it would have been decided at the latest
    means: Mapping[str, float]  # of each policy, over the replications that were screened


def continuation(first_stage: int, policies: int, confidence: float) -> float:
    """h**2 of KN: how far a sum of differences may run, in units of variance / indifference.

    >>> round(continuation(10, 2, 0.95), 3)
    6.013
    """
    eta = ((2 * (1 - confidence) / (policies - 1)) ** (-2 / (first_stage - 1)) - 1) / 2
    return 2 * eta * (first_stage - 1)


def select(
    sample: Sample, policies: Sequence[str], first_stage: int, indifference: float, confidence: float = 0.95,
    better: str = "lower", most: int = 10_000, block: int = BLOCK,
) -> Selection:  # fmt: skip
    """Find the best policy.

    Parameters
    ----------
    sample : function (policies, first, last) -> mapping of policy to ndarray (last - first,)
        The figure of replications first <= r < last; only of policies still in the race.
    first_stage : replications from which variances are taken, at least 2
    indifference : difference in the figure that is worth detecting, above 0
    better : 'lower' or 'higher'
    most : replications after which it is given up

    >>> rng = np.random.default_rng(1)
    >>> cost = {"lean": 10.0, "rich": 12.0}
    >>> def sample(race, first, last):
    ...     return {policy: rng.normal(cost[policy], 1, last - first) for policy in race}
    >>> found = select(sample, ["lean", "rich"], first_stage=10, indifference=1.0)
    >>> found.best, found.eliminated
    ('lean', (Elimination(policy='rich', replications=10, behind='lean'),))
    """
    _check(policies, first_stage, indifference, confidence, most)
    sign, names = 1.0 if better == "higher" else -1.0, list(policies)
    drawn = sample(names, 0, first_stage)
    values = sign * np.stack([np.asarray(drawn[name], float) for name in names])
    variance = np.stack([(row - values).var(axis=1, ddof=1) for row in values])
    reach = continuation(first_stage, len(names), confidence) * variance / indifference**2
    longest = max(first_stage, int(np.floor(reach.max())) + 1)
    race, r, dropped = list(range(len(names))), first_stage, []
    while True:
        behind, r = _next_behind(values[race], reach[np.ix_(race, race)], indifference, r)
        dropped += [Elimination(names[race[k]], r, names[race[rival]]) for k, rival in behind.items()]
        race = [i for k, i in enumerate(race) if k not in behind]
        if len(race) == 1 or r > reach[np.ix_(race, race)].max() or r >= most:
            break
        r += 1
        if r > values.shape[1]:
            first, last = values.shape[1], min(most, (values.shape[1] // block + 1) * block)
            drawn = sample([names[i] for i in race], first, last)
            more = np.full((len(names), last - first), np.nan)
            more[race] = [sign * np.asarray(drawn[names[i]], float) for i in race]
            values = np.concatenate([values, more], axis=1)
    if len(race) > 1 and r > reach[np.ix_(race, race)].max():  # equal in every replication that could tell them apart
        winner = max(race, key=lambda i: values[i, :r].sum())
        dropped += [Elimination(names[i], r, names[winner]) for i in race if i != winner]
        race = [winner]
    ended = dict.fromkeys(names, r) | {gone.policy: gone.replications for gone in dropped}
    means = {name: float(sign * values[i, : ended[name]].mean()) for i, name in enumerate(names)}
    remaining = tuple(names[i] for i in race)
    return Selection(remaining[0] if len(race) == 1 else None, remaining, tuple(dropped), r, longest, means)


def _next_behind(values: np.ndarray, reach: np.ndarray, indifference: float, r: int) -> tuple[dict[int, int], int]:
    """The first screening from replication r on that drops anyone: who, behind whom, and when; else the last one.

    values (policies, replications), larger is better; reach = h**2 S**2 / indifference**2 of each pair. A policy stays
    while its sum over r replications lies at most indifference / 2 * (reach - r) below any other's.
    """
    counts = np.arange(r, values.shape[1] + 1)
    sums = np.cumsum(values, axis=1)[:, counts - 1]
    allowed = np.maximum(0.0, indifference / 2 * (reach[:, :, None] - counts))
    lead = sums[:, None] - sums[None, :] + allowed
    behind = (lead < -1e-12 * np.abs(sums).max()).any(axis=1)
    found = np.flatnonzero(behind.any(axis=0))
    if not len(found):
        return {}, values.shape[1]
    at = found[0]
    return {int(k): int(np.argmin(lead[k, :, at])) for k in np.flatnonzero(behind[:, at])}, int(counts[at])


def _check(policies: Sequence[str], first_stage: int, indifference: float, confidence: float, most: int) -> None:
    require(len(policies) >= 2, f"a selection needs at least two policies, got {len(policies)}")
    require(first_stage >= 2, f"the first stage of a selection needs at least 2 replications, got {first_stage}")
    require(indifference > 0, f"the indifference of a selection must be above 0, got {indifference}")
    good = 0.5 < confidence < 1
    require(good, f"the confidence of a selection must lie between 0.5 and 1, got {confidence:g}")
    require(most >= first_stage, f"most replications ({most}) must not lie below the first stage ({first_stage})")
