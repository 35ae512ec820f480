"""Events that change demand for some days: promotions, trends, level shifts, volatility spikes.

Each is a factor on every day of the cells it names: events that meet multiply. Days are dates, or numbers counted from
the first measured day (0), so that a longer warm-up moves nothing; days before it are negative.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from restock.sim.checks import LARGEST_NUMBER, fitting
from restock.sim.errors import require, unknown

if TYPE_CHECKING:
    from restock.sim.model.network import Item
    from restock.sim.model.scenario import Scenario

Day = datetime.date | int
MOST_FACTOR = 1_000_000  # on mean demand, of one event
SINGULAR = {"items": "item", "categories": "category", "sites": "site"}


class Effect(NamedTuple):
    """What an event does to some cells: factors on the mean and on the coefficient of variation, by day."""

    items: np.ndarray  # bool (items,)
    sites: np.ndarray  # bool (sites,)
    mean: np.ndarray  # float64 (days,)
    cv: np.ndarray  # float64 (days,)
    planned: bool  # known in advance


@dataclass(frozen=True, kw_only=True)
class Event:
    """From when on, and where: all items unless `items` or `categories` (or both) name some; all sites unless named.

    Parameters
    ----------
    start : date, or day number from the first measured day
    items, categories, sites : tuples of names
    """

    kind: ClassVar[str] = "event"
    planned: ClassVar[bool] = False
    of_demand: ClassVar[bool] = True

    start: Day = 0
    items: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("items", "categories", "sites"):
            named = () if getattr(self, name) is None else getattr(self, name)
            object.__setattr__(self, name, fitting(f"{self.kind}: {name}", named, ("tuple[str, ...]",)))
        object.__setattr__(self, "start", self._day("start", self.start))

    def touches(self, item: Item) -> bool:
        """Whether the event is about this item."""
        return not (self.items or self.categories) or item.name in self.items or item.category in self.categories

    def factors(self, scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
        """Factors on mean and coefficient of variation, by day of the horizon."""
        raise TypeError(f"{type(self).__name__} does not say its factors")

    def effects(self, scenario: Scenario) -> list[Effect]:
        """What the event does, to which cells."""
        sites = np.array([not self.sites or site.name in self.sites for site in scenario.sites])
        items = np.array([self.touches(item) for item in scenario.items])
        return [Effect(items, sites, *self.factors(scenario), self.planned)]

    def check(self, scenario: Scenario, where: str) -> None:
        """Every name is one that the scenario has, and some of the event's days are days of the run."""
        first, lasts = day_of(self.start, scenario), self.days_in_all()
        there = first < scenario.horizon and (lasts is None or first + lasts > 0)
        last = scenario.start + datetime.timedelta(days=scenario.horizon - 1)
        allowed = f"not before day {1 - lasts - scenario.warm_up}, " if lasts else ""
        allowed += f"not after day {scenario.days - 1} ({last})"
        require(there, f"{self.kind}: start must leave days in the run: {allowed}, got {self.start}, {where}")
        known = {
            "items": {item.name for item in scenario.items},
            "categories": {item.category for item in scenario.items},
            "sites": {site.name for site in scenario.sites},
        }
        for field_name, names in known.items():
            for name in getattr(self, field_name):
                if name not in names:
                    raise unknown(SINGULAR[field_name], name, names, where)

    def days_in_all(self) -> int | None:
        """How many days it changes from its start on; None: for ever, or again and again."""
        return None

    def _day(self, name: str, given: Any) -> Day:
        """A date or a day number."""
        if isinstance(given, str):
            try:
                return datetime.date.fromisoformat(given)
            except ValueError:
                given = f"'{given}'"
        good = isinstance(given, (datetime.date, int)) and not isinstance(given, (bool, datetime.datetime))
        kinds = "a date (YYYY-MM-DD) or a day number counted from the first measured day"
        require(good, f"{self.kind}: {name} must be {kinds}, got {given}")
        return given

    def _whole(self, least: int, **settings: Any) -> None:
        for name, value in settings.items():
            good = isinstance(value, int) and not isinstance(value, bool) and value >= least
            require(good, f"{self.kind}: {name} must be a whole number not below {least}, got {value}")

    def _number(self, above: float | None = None, least: float | None = None, **settings: Any) -> None:
        for name, value in settings.items():
            good = isinstance(value, (int, float)) and not isinstance(value, bool) and value == value
            good = good and (above is None or value > above) and (least is None or value >= least)
            said = f"above {above:g}" if above is not None else f"not below {least:g}"
            require(good, f"{self.kind}: {name} must be a number {said}, got {value}")
            require(value <= LARGEST_NUMBER, f"{self.kind}: {name} must not exceed {LARGEST_NUMBER}, got {value:g}")

    def _repeats(self, every: Any, lasts: int) -> None:
        """What comes again leaves room for itself."""
        good = isinstance(every, int) and not isinstance(every, bool) and (every == 0 or every >= lasts)
        require(good, f"{self.kind}: every must be 0 (once) or a whole number not below {lasts}, the days it lasts, "
                      f"got {every}")  # fmt: skip

    def _starts(self, every: int, scenario: Scenario) -> range:
        """The days of the run on which the event starts."""
        first = day_of(self.start, scenario)
        return range(first, scenario.horizon, every) if every else range(first, first + 1)


@dataclass(frozen=True, kw_only=True)
class Promotion(Event):
    """Some days of higher demand, known in advance; a dip after them; and what it takes from other items meanwhile.

    Parameters
    ----------
    days : int
        How long it lasts.
    uplift : float
        Factor on mean demand while it lasts (3: three times as much).
    dip, dip_days : float, int
        Factor on mean demand for so many days after it: customers have stocked up.
    cannibalises : mapping of item or category to factor
        Factor on mean demand of other items at the same sites while it lasts. An item's own factor takes the place of
        its category's; the promoted items themselves are spared.
    every : int
        It comes again after so many days; 0: once.

    >>> Promotion(start="2024-05-06", days=7, uplift=3.0, categories="dairy", dip=0.8, dip_days=7).start
    datetime.date(2024, 5, 6)
    """

    kind: ClassVar[str] = "promotion"
    planned: ClassVar[bool] = True

    days: int
    uplift: float
    dip: float = 1.0
    dip_days: int = 0
    cannibalises: Mapping[str, float] = field(default_factory=dict)
    every: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        good = isinstance(self.cannibalises or {}, Mapping)
        require(good, f"{self.kind}: cannibalises must be a mapping, got {self.cannibalises!r:.60}")
        object.__setattr__(self, "cannibalises", {str(k): x for k, x in (self.cannibalises or {}).items()})
        self._whole(1, days=self.days)
        self._whole(0, dip_days=self.dip_days)
        self._number(least=0, uplift=self.uplift, dip=self.dip)
        for name, factor in self.cannibalises.items():
            self._number(least=0, **{f"cannibalises.{name}": factor})
            require(name not in self.items, f"{self.kind}: cannibalises names '{name}', which is promoted")
        everything = not (self.items or self.categories)
        nothing_left = f"{self.kind}: cannibalises needs items or categories; all items are promoted"
        require(not (everything and self.cannibalises), nothing_left)
        self._repeats(self.every, self.days + self.dip_days)

    def factors(self, scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
        mean = np.ones(scenario.horizon)
        for first in self._starts(self.every, scenario):
            _on(mean, first, self.days, self.uplift)
            _on(mean, first + self.days, self.dip_days, self.dip)
        return mean, np.ones(scenario.horizon)

    def days_in_all(self) -> int | None:
        return None if self.every else self.days + self.dip_days

    def taken_from(self, item: Item) -> float | None:
        """The factor on another item's demand meanwhile; None where there is none."""
        if self.touches(item):
            return None
        return self.cannibalises.get(item.name, self.cannibalises.get(item.category))

    def beside(self, factor: float) -> Promotion:
        """What an item that is taken from sees of the promotion."""
        alone: dict[str, Any] = {"items": (), "categories": (), "cannibalises": {}}
        return replace(self, uplift=factor, dip=1.0, dip_days=0, **alone)

    def effects(self, scenario: Scenario) -> list[Effect]:
        (own,) = super().effects(scenario)
        taken = [self.taken_from(item) for item in scenario.items] if self.cannibalises else []
        out = [own]
        for factor in dict.fromkeys(taken):
            if factor is not None:
                mean, _ = self.beside(factor).factors(scenario)
                out.append(own._replace(items=np.array([mine == factor for mine in taken]), mean=mean))
        return out

    def check(self, scenario: Scenario, where: str) -> None:
        super().check(scenario, where)
        known = {item.name for item in scenario.items} | {item.category for item in scenario.items}
        for name in self.cannibalises:
            if name not in known:
                raise unknown("item or category", name, known, f"of cannibalises {where}")


@dataclass(frozen=True, kw_only=True)
class Trend(Event):
    """Demand that grows or shrinks by a share a year, day by day, from `start` (factor 1) on.

    Parameters
    ----------
    per_year : float
        0.1: a tenth more after 365 days, compounded; negative: less.
    end : date, day number or None
        The last day of the trend; the factor stays as it is then. None: to the end of the run.
    step : float
        The factor moves in steps of so much: each step needs tables of its own.
    """

    kind: ClassVar[str] = "trend"

    per_year: float
    end: Day | None = None
    step: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        self._number(above=-1, per_year=self.per_year)
        self._number(least=0.01, step=self.step)
        if self.end is not None:
            object.__setattr__(self, "end", self._day("end", self.end))

    def factors(self, scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
        first = day_of(self.start, scenario)
        last = scenario.horizon if self.end is None else day_of(self.end, scenario)
        days = np.clip(np.arange(scenario.horizon), first, max(first, last)) - first
        most = max(0.0, days.max() / 365 * math.log1p(self.per_year))
        require(most <= math.log(MOST_FACTOR), f"{self.kind}: per_year={self.per_year:g} makes demand more than "
                f"{MOST_FACTOR:,} times as high within the run")  # fmt: skip
        factor = (1 + self.per_year) ** (days / 365)
        return np.round(factor / self.step) * self.step, np.ones(scenario.horizon)


@dataclass(frozen=True, kw_only=True)
class LevelShift(Event):
    """Demand that changes at once, and stays: a competitor opens, a road is closed.

    Parameters
    ----------
    factor : float
        Factor on mean demand.
    days : int or None
        How long it stays; None: to the end of the run.
    """

    kind: ClassVar[str] = "level_shift"

    factor: float
    days: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._number(least=0, factor=self.factor)
        if self.days is not None:
            self._whole(1, days=self.days)

    def days_in_all(self) -> int | None:
        return self.days

    def factors(self, scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
        mean, first = np.ones(scenario.horizon), day_of(self.start, scenario)
        _on(mean, first, scenario.horizon + abs(first) if self.days is None else self.days, self.factor)
        return mean, np.ones(scenario.horizon)


@dataclass(frozen=True, kw_only=True)
class VolatilitySpike(Event):
    """Some days on which demand is as high as ever on average, and more (or less) variable.

    Parameters
    ----------
    days : int
        How long it lasts.
    cv_factor : float
        Factor on the coefficient of variation of a day's demand.
    every : int
        It comes again after so many days; 0: once.
    """

    kind: ClassVar[str] = "volatility_spike"

    days: int
    cv_factor: float
    every: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._whole(1, days=self.days)
        self._number(above=0, cv_factor=self.cv_factor)
        self._repeats(self.every, self.days)

    def days_in_all(self) -> int | None:
        return None if self.every else self.days

    def factors(self, scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
        cv = np.ones(scenario.horizon)
        for first in self._starts(self.every, scenario):
            _on(cv, first, self.days, self.cv_factor)
        return np.ones(scenario.horizon), cv


def day_of(day: Day, scenario: Scenario) -> int:
    """The day of the run (0: the first of the warm-up) on which a date or a measured day falls.

    >>> from restock.sim.planning.example import one_shop
    >>> day_of(3, one_shop(warm_up=7).scenario)
    10
    """
    return scenario.warm_up + day if isinstance(day, int) else (day - scenario.start).days


def _on(factors: np.ndarray, first: int, days: int, factor: float) -> None:
    """Set the factor of some days, as far as they lie in the horizon."""
    factors[max(0, first) : max(0, first + days)] = factor
