"""What a search may set: ranges and choices of named settings, as a grid, a neighbourhood or a space to draw from.

A point is a mapping from a setting's name to its *coordinate*: the number itself, the place in the list of choices, or
the distance above another setting. `Space.values` turns a point into settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from math import isclose, log, prod
from typing import Any

from restock.sim.checks import check_fields, is_finite_number
from restock.sim.errors import InputError, require, unknown

Point = dict[str, Any]
WORDS = ("low", "high", "step", "log", "choices", "above")


@dataclass(frozen=True)
class Parameter:
    """One setting that a search varies.

    Parameters
    ----------
    name : str
    low, high : int or float
        Both ends count. Whole numbers, if these and the step are written as whole numbers.
    step : int or float, optional
        Values are low, low + step, ...; None: every whole number, or every number.
    log : bool
        Equal ratios are equally likely at first, not equal differences; goes without a step.
    choices : tuple
        The values themselves, in place of a range.
    above : str, optional
        Name of another setting: low, high and step are then the distance above its value.

    >>> Parameter("order_days", 1.0, 2.0, 0.25).all_coordinates()
    [1.0, 1.25, 1.5, 1.75, 2.0]
    """

    name: str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    log: bool = False
    choices: tuple[Any, ...] = ()
    above: str | None = None

    def __post_init__(self) -> None:
        check_fields(self, f"{self.name}: ")
        if self.choices:
            alone = self.low is None and self.high is None and self.step is None and not self.log and not self.above
            require(alone, f"{self.name}: choices go without low, high, step, log and above")
            return
        for word in ("low", "high"):
            value = getattr(self, word)
            require(is_finite_number(value), f"{self.name}: {word} must be a number, got {value}; or give choices")
        assert self.low is not None and self.high is not None
        require(self.low <= self.high, f"{self.name}: low ({self.low}) must not be above high ({self.high})")
        good = self.step is None or (is_finite_number(self.step) and self.step > 0)
        require(good, f"{self.name}: step must be a number above 0, got {self.step}")
        if self.log:
            require(self.low > 0, f"{self.name}: log needs low above 0, got {self.low}")
            require(self.step is None, f"{self.name}: log goes without a step, got {self.step}")

    @property
    def whole(self) -> bool:
        """Whether its values are whole numbers by nature."""
        return all(isinstance(x, int) for x in (self.low, self.high, 1 if self.step is None else self.step))

    @property
    def grid_step(self) -> float | None:
        """Distance between neighbouring values; None where there is none."""
        return 1 if self.whole and self.step is None else self.step

    def all_coordinates(self) -> list[Any]:
        """All coordinates, lowest first; only where there are finitely many."""
        if self.choices:
            return list(range(len(self.choices)))
        assert self.low is not None and self.grid_step is not None
        return [tidy(self.low + k * self.grid_step) for k in range(self.count())]

    def count(self) -> int:
        """How many values there are; 0: not finitely many."""
        if self.choices:
            return len(self.choices)
        assert self.low is not None and self.high is not None
        return 0 if self.grid_step is None else int((self.high - self.low) / self.grid_step + 1e-9) + 1

    def place(self, coordinate: Any) -> float:
        """Where in its range a coordinate lies, from 0 to 1."""
        if self.choices:
            return coordinate / max(1, len(self.choices) - 1)
        assert self.low is not None and self.high is not None
        low, high, at = (
            (log(v) for v in (self.low, self.high, coordinate)) if self.log else (self.low, self.high, coordinate)
        )
        return (at - low) / ((high - low) or 1)

    @property
    def last(self) -> float:
        """The highest value: the last step that does not pass `high`."""
        assert self.low is not None and self.high is not None
        return self.high if self.grid_step is None else tidy(self.low + (self.count() - 1) * self.grid_step)

    def moved(self, coordinate: Any, share: float) -> Any:
        """The coordinate moved by a share of the range (at least by one step), kept inside."""
        if self.choices:
            return min(max(coordinate + (1 if share > 0 else -1), 0), len(self.choices) - 1)
        assert self.low is not None and self.high is not None
        if self.log:
            new = coordinate * (self.high / self.low) ** share
            new = (
                (round(new) if abs(new - coordinate) >= 1 else coordinate + (share > 0) * 2 - 1) if self.whole else new
            )
        elif self.grid_step is None:
            new = coordinate + share * (self.high - self.low)
        else:
            steps = max(1, round(abs(share) * (self.high - self.low) / self.grid_step))
            new = coordinate + steps * self.grid_step * (1 if share > 0 else -1)
        return tidy(min(max(new, self.low), self.last))


@dataclass(frozen=True)
class Space:
    """All settings that a search varies."""

    parameters: tuple[Parameter, ...]

    def __post_init__(self) -> None:
        names = [p.name for p in self.parameters]
        require(len(names) > 0, "a search needs at least one setting to vary")
        for p in self.parameters:
            if p.above is not None and p.above not in names:
                raise unknown("above", p.above, names, f"of {p.name}")
            if p.above is not None and self._named(p.above).above is not None:
                raise InputError(f"{p.name}: above must name a setting with a range of its own, not {p.above}")

    def _named(self, name: str) -> Parameter:
        return next(p for p in self.parameters if p.name == name)

    def size(self) -> int:
        """How many points there are; 0: not finitely many."""
        return prod(p.count() for p in self.parameters)

    def fits(self, trials: int) -> bool:
        """Whether so many trials go through all of it."""
        return 0 < self.size() <= trials

    def grid(self) -> Iterator[Point]:
        """All points."""
        for coordinates in product(*(p.all_coordinates() for p in self.parameters)):
            yield dict(zip((p.name for p in self.parameters), coordinates, strict=True))

    def values(self, point: Point) -> dict[str, Any]:
        """The settings of a point.

        >>> low, high = Parameter("s", 0, 20), Parameter("S", 1, 40, above="s")
        >>> Space((low, high)).values({"s": 6, "S": 34})
        {'s': 6, 'S': 40}
        """
        out = {p.name: p.choices[point[p.name]] if p.choices else point[p.name] for p in self.parameters}
        return out | {p.name: tidy(out[p.above] + out[p.name]) for p in self.parameters if p.above}

    def middle(self) -> Point:
        """The point in the middle of all ranges.

        >>> Space((Parameter("s", 0, 20), Parameter("kind", choices=("a", "b", "c")))).middle()
        {'s': 10, 'kind': 1}
        """
        return {p.name: len(p.choices) // 2 if p.choices else p.moved(p.low, 0.5) for p in self.parameters}

    def point(self, values: Mapping[str, Any]) -> Point | None:
        """The point of given settings; None if they are not in the space."""
        out: Point = {}
        for p in self.parameters:
            value = values.get(p.name)
            if p.choices:
                if value not in p.choices:
                    return None
                out[p.name] = p.choices.index(value)
                continue
            base = values.get(p.above) if p.above else 0
            if not (is_finite_number(value) and is_finite_number(base)):
                return None
            assert value is not None and base is not None and p.low is not None and p.high is not None
            off = tidy(value - base)
            if p.grid_step:
                nearest = tidy(p.low + round((off - p.low) / p.grid_step) * p.grid_step)
                if not isclose(off, nearest, rel_tol=1e-9, abs_tol=1e-9):
                    return None
                off = nearest
            if not p.low <= off <= p.last:
                return None
            out[p.name] = int(off) if p.whole else float(off)
        return out

    def apart(self, one: Point, other: Point) -> float:
        """The largest distance of two points along one setting, as a share of its range."""
        return max(abs(p.place(one[p.name]) - p.place(other[p.name])) for p in self.parameters)

    def neighbours(self, point: Point, share: float) -> Iterator[Point]:
        """Points one move away: each setting up and down by a share of its range, then two settings at a time."""
        moves = [(p, s) for p in self.parameters for s in (share, -share)]
        for p, s in moves:
            yield point | {p.name: p.moved(point[p.name], s)}
        for (p, s), (q, t) in combinations(moves, 2):
            if p is not q:
                yield point | {p.name: p.moved(point[p.name], s), q.name: q.moved(point[q.name], t)}


def parameter(name: str, given: Any) -> Parameter:
    """A parameter as a configuration file writes it: a mapping of low, high, ..., or a list of choices.

    >>> parameter("review_period", [1, 7]).choices
    (1, 7)
    """
    if isinstance(given, (list, tuple)):
        given = {"choices": given}
    require(isinstance(given, Mapping), f"{name} must be a range such as {{low: 1, high: 9}} or a list, got {given}")
    for word in given:
        if word not in WORDS:
            raise unknown("word", str(word), WORDS, f"of {name}")
    known = {word: value for word, value in given.items() if value is not None}
    if "choices" in known:
        good = isinstance(known["choices"], (list, tuple)) and len(known["choices"]) > 0
        require(good, f"{name}: choices must be a list of at least one value, got {known['choices']}")
        known["choices"] = tuple(known["choices"])
    return Parameter(name, **known)


def tidy(value: Any) -> Any:
    """Without the dust of sums of decimals: 0.1 + 0.2 is 0.3."""
    return round(value, 10) if isinstance(value, float) else value
