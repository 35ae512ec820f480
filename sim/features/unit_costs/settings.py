"""Unit costs that change: what a unit costs on the day on which it is received.

`Item.unit_cost` is the cost on day 0. From then on it follows yearly inflation, steps on given days, and, item by item
and replication by replication, a walk that goes up or down once a month. Prices stay as they are.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from restock.sim.checks import check_fields, is_finite_number
from restock.sim.errors import InputError, require
from restock.sim.features.unit_costs.measures import COSTED, PER_MONEY
from restock.sim.model.books import Books
from restock.sim.model.feature import Feature

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.engines.events.site_steps import SiteSteps
    from restock.sim.engines.writer.lane_features import Lanes
    from restock.sim.features.unit_costs.arrays import CostArrays
    from restock.sim.model.feature import Making
    from restock.sim.model.network import Item

MOST_COST = 1_000_000  # money: sums of costs over units and days then stay within 64 bits
DAYS_OF_YEAR = 365


def cost_steps(steps: Mapping[Any, float], start: datetime.date) -> dict[int, float]:
    """Steps by day: keys are days, or dates, which are counted from `start`.

    >>> cost_steps({"2024-01-31": 1.1, 90: 0.95}, datetime.date(2024, 1, 1))
    {30: 1.1, 90: 0.95}
    """
    out: dict[int, float] = {}
    for when, factor in steps.items():
        day = step_day(when, start)
        out[day] = out.get(day, 1.0) * factor
    return out


def named_steps(steps: Any) -> Any:
    """Steps with days and dates as text, which files hold; what is no mapping is left to `check_unit_costs`.

    >>> named_steps({200: 0.9, datetime.date(2024, 3, 1): 1.05})
    {'200': 0.9, '2024-03-01': 1.05}
    """
    return {str(when): factor for when, factor in steps.items()} if isinstance(steps, Mapping) else steps or {}


def step_day(when: Any, start: datetime.date) -> int:
    """The day that a step names, as a number or as a date."""
    text = str(when)
    if text.isdecimal():
        return int(text)
    try:
        return (datetime.date.fromisoformat(text) - start).days
    except ValueError:
        raise InputError(
            "costs.cost_steps must name days (0, 1, ...) or dates (YYYY-MM-DD), "
            f"such as {{2024-03-01: 1.05}}; got '{text}'"
        ) from None


@dataclass(frozen=True)
class UnitCosts(Feature):
    """How unit costs change, and whether what goods cost is followed from receipt to sale.

    Parameters
    ----------
    cost_flow : bool
        True: what goods cost is followed from receipt to sale, under FIFO, LIFO and moving average. So it is where one
        of the settings below makes unit costs change.
    inflation : float
        A year's rise of unit costs, compounded daily from day 0.
    cost_steps : mapping of day or date to factor
        By what unit costs are multiplied from then on. Steps up to day 0 are in the items' unit cost.
    volatility : float
        Share by which the unit cost of an item goes up or down at the start of each month, with equal chance.

    >>> UnitCosts().follows_cost, UnitCosts(inflation=0.03).follows_cost
    (False, True)
    """

    name: ClassVar[str] = "unit_costs"
    group: ClassVar[str] = "costs"
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {"cost_flow": ("used",)}
    not_of_items: ClassVar[tuple[str, ...]] = ("trend", "month")
    books: ClassVar[tuple[Books, ...]] = (COSTED,)

    cost_flow: bool = False
    inflation: float = 0.0
    cost_steps: Mapping[Any, float] = field(default_factory=dict)
    volatility: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "cost_steps", named_steps(self.cost_steps))
        check_unit_costs(self)
        check_fields(self, "costs.")

    @property
    def follows_cost(self) -> bool:
        """Whether what goods cost is followed from receipt to sale."""
        return self.cost_flow or self.inflation != 0 or len(self.cost_steps) > 0 or self.volatility > 0

    def arrays(self, making: Making) -> CostArrays:
        from restock.sim.features.unit_costs.arrays import cost_arrays

        return cost_arrays(self, making)

    def dearest_unit(self, arrays: CostArrays) -> float:
        """The highest that a unit cost can rise to, in ten-thousandths of money."""
        first = float(arrays.first_cost.max(initial=0.0)) if arrays.used else 0.0
        return first * most_rise(arrays.trend, arrays.month, self.volatility)

    def lanes(self) -> dict[str, Lanes]:
        from restock.sim.features.unit_costs.lanes import LANES

        return LANES

    def at_site(self, site: SiteProcess) -> SiteSteps | None:
        from restock.sim.features.unit_costs.steps import CostSteps

        return CostSteps(site) if site.run.prepared.world.features.unit_costs.used else None


def check_unit_costs(costs: UnitCosts) -> None:
    """How unit costs change is possible."""
    good = is_finite_number(costs.inflation) and -1 < costs.inflation <= 10
    require(good, f"costs.inflation must be a share a year above -1 and not above 10, got {costs.inflation}")
    good = is_finite_number(costs.volatility) and 0 <= costs.volatility < 1
    require(good, f"costs.volatility must be a share from 0 to below 1, got {costs.volatility}")
    require(isinstance(costs.cost_flow, bool), f"costs.cost_flow must be true or false, got {costs.cost_flow}")
    good = isinstance(costs.cost_steps, Mapping)
    require(good, f"costs.cost_steps must map days to factors, such as {{2024-03-01: 1.05}}, got {costs.cost_steps}")
    for when, factor in costs.cost_steps.items():
        step_day(when, datetime.date(2024, 1, 1))
        good = is_finite_number(factor) and factor > 0
        require(good, f"costs.cost_steps: the factor of {when} must be above 0, got {factor}")


def cost_trend(costs: UnitCosts, start: datetime.date, horizon: int) -> np.ndarray:
    """Unit cost of each day relative to day 0, before the monthly walk: float64 (days,).

    Inflation is compounded daily, a year being 365 days. Steps up to day 0 are in the unit cost already.

    >>> cost_trend(UnitCosts(inflation=0.1), datetime.date(2024, 1, 1), 366)[[0, 365]].round(4).tolist()
    [1.0, 1.1]
    >>> cost_trend(UnitCosts(cost_steps={1: 1.5}), datetime.date(2024, 1, 1), 3).tolist()
    [1.0, 1.5, 1.5]
    """
    days = np.arange(horizon)
    out = (1.0 + costs.inflation) ** (days / DAYS_OF_YEAR)
    for day, factor in sorted(cost_steps(costs.cost_steps, start).items()):
        if day > 0:
            out[day:] *= factor
    return out


def cost_months(start: datetime.date, horizon: int) -> np.ndarray:
    """Calendar months begun since day 0, by day: int32 (days,).

    >>> cost_months(datetime.date(2024, 1, 30), 4).tolist()
    [0, 0, 1, 1]
    """
    first = np.datetime64(start, "M")
    return ((np.datetime64(start, "D") + np.arange(horizon)).astype("datetime64[M]") - first).astype(np.int32)


def most_rise(trend: np.ndarray, month: np.ndarray, volatility: float) -> float:
    """The most that a unit cost can become, relative to day 0."""
    return float((trend * (1.0 + volatility) ** month).max(initial=0.0))


def first_costs(items: tuple[Item, ...], trend: np.ndarray, month: np.ndarray, volatility: float) -> np.ndarray:
    """Unit cost of each item on day 0, in ten-thousandths: float64 (items,). One that could rise too far is refused."""
    out = np.array([item.unit_cost * PER_MONEY for item in items])
    most = most_rise(trend, month, volatility)
    for item, cost in zip(items, out.tolist(), strict=True):
        require(
            cost * most <= MOST_COST * PER_MONEY,
            f"the unit cost of item '{item.name}' could rise to {cost / PER_MONEY * most:,.0f}; "
            f"with cost flow the most is {MOST_COST:,}",
        )
    return out
