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

from sim.errors import require

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
    sign = 1.0 if better == "higher" else -1.0
    names = list(policies)
    drawn = sample(names, 0, first_stage)
    values = sign * np.stack([np.asarray(drawn[name], float) for name in names])
    h_squared = continuation(first_stage, len(names), confidence)
    variance = np.stack([(row - values).var(axis=1, ddof=1) for row in values])
    reach = h_squared * variance / indifference**2  # N + 1 > reach: nothing is open between two policies any more
    longest = max(first_stage, int(np.floor(reach.max())) + 1)
    race, r, dropped = list(range(len(names))), first_stage, []
    while True:
        counts = np.arange(r, values.shape[1] + 1)
        sums = np.cumsum(values[race], axis=1)[:, counts - 1]
        open_by = np.maximum(0.0, indifference / 2 * (reach[np.ix_(race, race)][:, :, None] - counts))
        lead = sums[:, None] - sums[None, :] + open_by  # times the count: below 0, the first has fallen behind
        behind = (lead < -1e-12 * np.abs(sums).max()).any(axis=1)
        found = np.flatnonzero(behind.any(axis=0))
        if len(found):
            at = found[0]
            for k in np.flatnonzero(behind[:, at]):
                rival = names[race[int(np.argmin(lead[k, :, at]))]]
                dropped.append(Elimination(names[race[k]], int(counts[at]), rival))
            race = [i for k, i in enumerate(race) if not behind[k, at]]
            r = int(counts[at])
        else:
            r = values.shape[1]
        over = r > reach[np.ix_(race, race)].max()
        if len(race) == 1 or over or r >= most:
            break
        r += 1
        if r > values.shape[1]:
            last = min(most, (values.shape[1] // block + 1) * block)
            more = np.full((len(names), last - values.shape[1]), np.nan)
            drawn = sample([names[i] for i in race], values.shape[1], last)
            for i in race:
                more[i] = sign * np.asarray(drawn[names[i]], float)
            values = np.concatenate([values, more], axis=1)
    if len(race) > 1 and over:  # equal, to the last replication that could tell them apart
        sums = values[race, :r].sum(axis=1)
        winner = race[int(np.argmax(sums))]
        dropped += [Elimination(names[i], r, names[winner]) for i in race if i != winner]
        race = [winner]
    ended = dict.fromkeys(names, r) | {gone.policy: gone.replications for gone in dropped}
    means = {name: float(sign * values[i, : ended[name]].mean()) for i, name in enumerate(names)}
    remaining = tuple(names[i] for i in race)
    return Selection(remaining[0] if len(race) == 1 else None, remaining, tuple(dropped), r, longest, means)


def _check(policies: Sequence[str], first_stage: int, indifference: float, confidence: float, most: int) -> None:
    require(len(policies) >= 2, f"a selection needs at least two policies, got {len(policies)}")
    require(first_stage >= 2, f"the first stage of a selection needs at least 2 replications, got {first_stage}")
    require(indifference > 0, f"the indifference of a selection must be above 0, got {indifference}")
    good = 0.5 < confidence < 1
    require(good, f"the confidence of a selection must lie between 0.5 and 1, got {confidence:g}")
    require(most >= first_stage, f"most replications ({most}) must not lie below the first stage ({first_stage})")
