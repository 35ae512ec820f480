"""Improvements, tried one at a time on the same draws, until what each is worth is told sharply enough.

The rule: an improvement is settled when the half-width of its paired 95% interval, in money a year, is at most a share
(`Stopping.precision`) of the largest gain, or of its own gain or loss. The others go on with twice as many
replications, and so on to the most. Intervals are those of a fixed number, looked at after each doubling only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from restock.sim.errors import InputError, require
from restock.sim.results.outcome import Outcome
from restock.sim.statistics.estimates import Estimate, known
from restock.sim.study.advice.tried import MONEY, Tried, less, tried

Run = Callable[[str, int, int], Outcome]
"""(name, first, last): simulates an improvement over replications first <= r < last; `InputError`: it cannot be."""


@dataclass(frozen=True)
class Stopping:
    """When to stop: replications of each at first, the most of any, and the share of the largest gain.

    >>> Stopping(16, 64, 0.1).words()
    '10% of the largest gain, or of its own'
    """

    first: int = 16
    most: int = 64
    precision: float = 0.1

    def __post_init__(self) -> None:
        require(2 <= self.first <= self.most, f"replications must grow from 2 or more, got {self.first} to {self.most}")
        require(0 < self.precision < 1, f"precision must lie between 0 and 1, got {self.precision}")

    def words(self) -> str:
        """How narrow an interval is asked for."""
        return f"{100 * self.precision:g}% of the largest gain, or of its own"


@dataclass(frozen=True, eq=False)
class Trials:
    """The chain as it is, and with each improvement; what could not be run, and why; what was not settled.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.advice.example import trials_of
    >>> trials = trials_of(BaseStock)
    >>> trials.gain("leaner").value < 0 < trials.gain("richer").value
    True
    """

    base: Tried
    arms: Mapping[str, Tried]
    prices: Mapping[str, float]  # money a year, of those that have one
    refused: Mapping[str, str]
    stopping: Stopping
    unsettled: tuple[str, ...]

    def saving(self, name: str) -> Estimate:
        """What total cost a year falls by, before the price."""
        return less(self.base, self.arms[name], MONEY)

    def gain(self, name: str) -> Estimate:
        """The saving less the price, money a year."""
        return self.saving(name) - known(self.prices.get(name, 0.0))

    def of_first(self, replications: int) -> Trials:
        """The same over the first replications of each."""
        return replace(self, base=self.base.first(replications),
                       arms={name: arm.first(replications) for name, arm in self.arms.items()})  # fmt: skip


def try_each(
    run: Run, base: str, names: Sequence[str], stopping: Stopping, prices: Mapping[str, float] | None = None,
    progress: Callable[[str, float], None] = lambda name, share: None, known_base: Tried | None = None,
    largest: float = 0.0,
) -> Trials:  # fmt: skip
    """Run the chain as it is (by the name `base`) and each improvement, by the rule of `Stopping`.

    `known_base` has the chain as it is, where that was run before; `largest` is a gain known before.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.advice.example import trials_of
    >>> trials = trials_of(BaseStock, first=4, most=64, precision=0.15)
    >>> {name: arm.replications for name, arm in trials.arms.items()}
    {'richer': 16, 'much richer': 32, 'leaner': 4}
    """
    made: dict[str, Tried] = {} if known_base is None else {base: known_base}
    refused: dict[str, str] = {}
    last, going = stopping.first, [*names]
    while True:
        for k, name in enumerate([base, *going]):
            progress(name, k / (len(going) + 1))
            try:
                _extend(made, run, name, last)
                _check_demand(made[name], made[base])
            except InputError as error:
                if name == base:
                    raise
                refused[name] = str(error)
        arms = {name: made[name] for name in names if name in made and name not in refused}
        found = Trials(made[base], arms, dict(prices or {}), refused, stopping, ())
        going = _unsettled(found, largest)
        if not going or last >= stopping.most:
            return replace(found, unsettled=tuple(going))
        last = min(2 * last, stopping.most)


def _extend(made: dict[str, Tried], run: Run, name: str, last: int) -> None:
    """Make what is missing to `last` replications."""
    before = made.get(name)
    first = 0 if before is None else before.replications
    if first < last:
        made[name] = tried(run(name, first, last), before)


def _check_demand(arm: Tried, base: Tried) -> None:
    """Total cost judges what is done with a demand; where that is another, it does not say what the change brings."""
    more = less(arm, base, "units_asked").value
    share = more / base.estimate("units_asked").value if more else 0.0
    require(more == 0, f"it changes what customers ask for ({share:+.2%} units), which total cost does not judge")


def _unsettled(found: Trials, largest: float) -> list[str]:
    """Improvements whose interval is wide beside the largest gain, and beside their own."""
    gains = {name: found.gain(name) for name in found.arms}
    top = max([largest, *(gain.value for gain in gains.values())])
    wide = found.stopping.precision
    return [
        name for name, gain in gains.items()
        if not float(gain.interval().half_width) <= wide * max(top, abs(gain.value))
    ]  # fmt: skip
