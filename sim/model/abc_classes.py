"""ABC classes: the few items that carry most of the value, and the many that carry little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.errors import require, unknown

if TYPE_CHECKING:
    from restock.sim.model.scenario import Scenario

CLASSES = ("A", "B", "C")
CROSSING = ("included", "excluded")


def abc_classes(
    values: np.ndarray, cutoffs: tuple[float, float] = (0.8, 0.95), crossing: str = "included",
    names: Sequence[str] | None = None,
) -> np.ndarray:  # fmt: skip
    """Class of each item by its share of the whole value, largest first: array of 'A', 'B', 'C'.

    Parameters
    ----------
    values : ndarray, shape (items,)
        Usage value (units a year x unit cost), or units a year for classes by velocity.
    cutoffs : cumulative shares at which class A and class B end.
    crossing : 'included' or 'excluded'
        Whether the item that carries the sum over a cutoff still belongs to the class. Both are in use.
    names : ties in value are broken by name; by position when there are no names.

    Source: Silver, Pyke & Thomas (2017), section 2.4 (distribution by value).

    >>> abc_classes(np.array([5.0, 70.0, 20.0, 5.0]))
    array(['B', 'A', 'A', 'C'], dtype='<U1')
    """
    if crossing not in CROSSING:
        raise unknown("crossing", crossing, CROSSING, "of ABC classes")
    low, high = cutoffs
    require(0 < low < high < 1, f"cutoffs of ABC classes must rise between 0 and 1, got {low} and {high}")
    values = np.asarray(values, dtype=float)
    good = bool(np.all(np.isfinite(values)) and np.all(values >= 0))
    require(good, "values of ABC classes must be numbers not below 0")
    order = value_order(values, names)
    total = values.sum()
    share = values[order] / total if total > 0 else np.ones(len(values))
    after = np.cumsum(share)
    ends = np.array([[low], [high]])  # 1e-12: a sum that meets a cutoff to the last digit ends the class
    beyond = after - share >= ends - 1e-12 if crossing == "included" else after > ends + 1e-12
    out = np.empty(len(values), dtype="<U1")
    out[order] = np.array(CLASSES)[beyond.sum(axis=0)]
    return out


def value_order(values: np.ndarray, names: Sequence[str] | None = None) -> np.ndarray:
    """Positions of the items, largest value first, ties by name.

    >>> value_order(np.array([5.0, 70.0, 5.0]), names=["tea", "milk", "jam"]).tolist()
    [1, 2, 0]
    """
    ties = (
        np.arange(len(values)) if names is None else np.argsort(np.argsort(np.array(names, dtype=str), kind="stable"))
    )
    return np.lexsort((ties, -np.asarray(values, dtype=float)))


def usage_classes(scenario: Scenario, daily_rate: np.ndarray) -> np.ndarray:
    """ABC class of each item by usage value: what customers ask for a day (items, sites), at cost.

    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop()  # milk: 5 a day at 1.00, bread: 3 a day at 2.00, which is more than half of the value
    >>> usage_classes(shop.scenario, shop.world.daily_rate).tolist()
    ['A', 'A']
    """
    asked = np.where(scenario.demand.asked & (scenario.tier == 0), daily_rate, 0.0).sum(axis=1)
    value = asked * np.array([item.unit_cost for item in scenario.items])
    return abc_classes(value, names=[item.name for item in scenario.items])
