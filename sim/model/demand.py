"""Demand of every cell: a law with seasons, or a recorded history played again."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from restock.sim.checks import check_fields, check_share
from restock.sim.errors import InputError, require, unknown
from restock.sim.probability.laws import LARGEST, Law
from restock.sim.probability.two_moments import two_moment_law
from restock.sim.read_only import read_only

SOURCES = ("fitted", "replay", "bootstrap")
CORRELATED = ("item", "all")
NOT_OPEN = -1  # in place of receipts: a day on which nobody could have come


@dataclass(frozen=True)
class Season:
    """How demand swings: a factor for each weekday (Monday first) and each month (January first).

    Factors are rounded to 0.01, and a day's factor is the product of the two, rounded again.

    >>> weekend = Season(weekday=(1.0,) * 5 + (1.5, 1.2))
    >>> weekend.factors(datetime.date(2024, 1, 5), days=3).tolist()  # from a Friday on
    [1.0, 1.5, 1.2]
    """

    weekday: tuple[float, ...] = (1.0,) * 7
    month: tuple[float, ...] = (1.0,) * 12

    def __post_init__(self) -> None:
        check_fields(self, after=" of a season")
        for name, count in (("weekday", 7), ("month", 12)):
            given = tuple(round(float(x), 2) for x in getattr(self, name))
            require(len(given) == count, f"{name} factors of a season must be {count} numbers, got {len(given)}")
            good = all(math.isfinite(x) and x >= 0 for x in given) and sum(given) > 0
            require(good, f"{name} factors of a season must be numbers not below 0, got {list(given)}")
            object.__setattr__(self, name, given)

    def factors(self, start: datetime.date, days: int) -> np.ndarray:
        """The factor of each day from `start` on."""
        dates = [start + datetime.timedelta(days=n) for n in range(days)]
        return np.round([self.weekday[d.weekday()] * self.month[d.month - 1] for d in dates], 2)


@dataclass(frozen=True)
class History:
    """Recorded units per day, for the cells that have any; of all customers, or of a sample of their receipts.

    Parameters
    ----------
    units : ndarray of int, shape (cells, days)
    row_of : ndarray of int, shape (items, sites)
        Row of `units` for each cell, -1 where nothing was recorded.
    start : date
        The first recorded day.
    receipts : ndarray of int, shape (cells, days), or None
        Receipts that the units came on, `NOT_OPEN` where nobody could have come; None: one for each unit.
    sample_share : float
        Share of all receipts that is on record. Below 1 a day is played as what was recorded and a draw of what was
        not, given what was (`probability.unseen`).

    >>> week = History(np.array([[3, 0, 2, 4, 5, 9, 6]]), np.array([[0]]), datetime.date(2024, 1, 1))
    >>> week.weeks, week.scaled(1.5).units.tolist()
    (1, [[5, 0, 3, 6, 7, 14, 9]])
    """

    units: np.ndarray
    row_of: np.ndarray
    start: datetime.date
    receipts: np.ndarray | None = None
    sample_share: float = 1.0

    def __post_init__(self) -> None:
        check_fields(self, after=" of a history")
        require(0 < self.sample_share <= 1, f"sample_share of a history must lie in (0, 1], got {self.sample_share}")
        units = np.asarray(self.units)
        require(units.ndim == 2 and units.shape[1] >= 7, f"a history needs at least 7 days, got shape {units.shape}")
        whole = bool(np.all(np.isfinite(units)) and np.all(units >= 0) and np.all(units == np.floor(units)))
        require(whole, "recorded units must be whole numbers not below 0")
        require(int(units.max(initial=0)) <= LARGEST, f"recorded units of one day must not exceed {LARGEST}")
        object.__setattr__(self, "units", read_only(units.astype(np.int32)))
        object.__setattr__(self, "row_of", read_only(self.row_of))
        if self.receipts is not None:
            receipts = np.asarray(self.receipts)
            alike = receipts.shape == units.shape and receipts.dtype.kind in "iu"
            require(alike, "recorded receipts must be whole numbers, one for each of the recorded units")
            good = (receipts <= units) & ((receipts >= 0) | ((receipts == NOT_OPEN) & (units == 0)))
            require(bool(good.all()), "recorded receipts must be from 0 to the units of their day, or "
                    f"{NOT_OPEN} where nobody could have come")  # fmt: skip
            object.__setattr__(self, "receipts", read_only(receipts.astype(np.int32)))

    @property
    def weeks(self) -> int:
        """Whole weeks on record."""
        return self.units.shape[1] // 7

    def scaled(self, scale: float) -> History:
        """Every cell's cumulative units times `scale`, rounded: totals keep their proportion, days stay whole.

        Of a sample: as large a part less of all customers as these are more, so that recorded days stay as they are.
        """
        if self.sample_share < min(scale, 1.0):
            return replace(self, sample_share=self.sample_share / scale)
        total = np.floor(np.cumsum(self.units, axis=1) * (scale / self.sample_share) + 0.5)
        return History(np.diff(total, axis=1, prepend=0.0), self.row_of, self.start)


@dataclass(frozen=True)
class Demand:
    """What customers ask for, per cell (item x site).

    Parameters
    ----------
    laws : tuple of Law
        Laws of one day's demand.
    law_of : ndarray of int, shape (items, sites)
        Which law each cell has; -1 where no customer asks.
    seasons : tuple of Season; season_of : ndarray of int, shape (items, sites)
        Seasons and which one each cell follows.
    history : History or None
    source : 'fitted', 'replay' or 'bootstrap'
        Draw from the laws, play the recorded days again as they were, or draw whole recorded weeks (the same
        week for every cell, so that what moved together still does).
    bootstrap_window : int or None
        A drawn week lies at most so many weeks from the one it stands for; None: any recorded week.
    scale, cv_factor : float
        Multiply the mean, and the coefficient of variation, of every cell's demand.
    correlation : float
        Of the normal scores of a day's demand at two sites, from 0 to 1; each site keeps its law
        (`probability.copula`). Of laws: recorded days have what moved together in them.
    correlated : 'item' or 'all'
        Whether sites move together item by item, or with all items at once.

    >>> from restock.sim.probability.laws import Poisson
    >>> demand = Demand((Poisson(4.0),), np.array([[0, -1]]), scale=1.5)  # one item, two sites
    >>> demand.asked.tolist(), demand.day_laws
    ([[True, False]], (Poisson(mean=6.0),))
    """

    laws: tuple[Law, ...]
    law_of: np.ndarray
    seasons: tuple[Season, ...] = field(default_factory=lambda: (Season(),))
    season_of: np.ndarray = None  # type: ignore[assignment]  # None: the first season everywhere
    history: History | None = None
    source: str = "fitted"
    bootstrap_window: int | None = None
    scale: float = 1.0
    cv_factor: float = 1.0
    correlation: float = 0.0
    correlated: str = "item"

    def __post_init__(self) -> None:
        law_of = np.ascontiguousarray(self.law_of, dtype=np.int32)
        object.__setattr__(self, "law_of", read_only(law_of))
        season_of = np.zeros_like(law_of) if self.season_of is None else self.season_of
        object.__setattr__(self, "season_of", read_only(np.ascontiguousarray(season_of, dtype=np.int32)))
        check_fields(self, "demand.")
        if self.source not in SOURCES:
            raise unknown("demand source", self.source, SOURCES)
        for name in ("scale", "cv_factor"):
            value = getattr(self, name)
            good = isinstance(value, (int, float)) and math.isfinite(value) and value > 0
            require(good, f"demand.{name} must be a number above 0, got {value}")
        check_share("demand.correlation", self.correlation)
        if self.correlated not in CORRELATED:
            raise unknown("demand.correlated", self.correlated, CORRELATED)
        if self.source != "fitted":
            require(self.history is not None, f"demand.source={self.source} needs a recorded history; use fitted")
            given = f"demand.source={self.source} with cv_factor={self.cv_factor}"
            require(self.cv_factor == 1, f"{given}: a recorded history keeps its own variation; use fitted")
        window = self.bootstrap_window
        good = window is None or (isinstance(window, int) and window >= 0)
        require(good, f"demand.bootstrap_window must be a whole number of weeks not below 0, got {window}")

    @property
    def asked(self) -> np.ndarray:
        """Cells where customers ask, shape (items, sites)."""
        if self.source == "fitted" or self.history is None:
            return self.law_of >= 0
        return self.history.row_of >= 0

    def of_items(self, items: np.ndarray) -> Demand:
        """The demand for these items alone, in their order.

        >>> from restock.sim.planning.example import one_shop
        >>> demand = one_shop().scenario.demand
        >>> demand.law_of.tolist(), demand.of_items(np.array([1])).law_of.tolist()
        ([[0], [1]], [[1]])
        """
        history = self.history and replace(self.history, row_of=self.history.row_of[items])
        return replace(self, law_of=self.law_of[items], season_of=self.season_of[items], history=history)

    @property
    def together(self) -> bool:
        """Whether demand of sites moves together: of laws, since recorded days have what moved together in them."""
        return self.correlation > 0 and self.source == "fitted"

    @cached_property
    def day_laws(self) -> tuple[Law, ...]:
        """The laws with scale and cv_factor applied."""
        return self._moved(self.laws)

    def holds(self, law: Law) -> bool:
        """Whether a law with scale and cv_factor applied stays within the values that are held."""
        try:
            self._moved((law,))
        except InputError:
            return False
        return True

    def _moved(self, of: Sequence[Law]) -> tuple[Law, ...]:
        from restock.sim.probability.many_laws import work_out  # takes numba, which is slow to import

        said = f"demand.scale={self.scale:g}, demand.cv_factor={self.cv_factor:g}"
        try:
            laws = [law if self.scale == 1 else law.scaled(self.scale) for law in of]
            if self.cv_factor != 1:
                work_out(laws)
                laws = [_more_variable(law, self.cv_factor) for law in laws]
            work_out(laws)
            for law in laws:
                law.pmf()  # one that cannot be held says so
        except InputError as error:
            raise InputError(f"{said}: {error}") from None
        return tuple(laws)

    def recorded(self) -> History | None:
        """The history with scale applied."""
        if self.history is None or self.scale == 1:
            return self.history
        return self.history.scaled(self.scale)


def _more_variable(law: Law, factor: float) -> Law:
    """A law of the same mean whose coefficient of variation is multiplied; one of mean 0 stays as it is."""
    mean, variance = law.moments
    return two_moment_law(mean, variance * factor**2) if mean > 0 else law
