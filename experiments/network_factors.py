"""Settings that change a whole network at once: its lead times, their spread, the days of its orders, its packs.

They change the laws, lanes and items of a scenario before any engine sees them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from restock.experiments.settings import Settings
from restock.sim.errors import InputError
from restock.sim.model.network import Item, Lane
from restock.sim.model.scenario import Scenario
from restock.sim.probability.laws import Empirical, Law, stretch


def changed_network(scenario: Scenario, settings: Settings) -> dict[str, Any]:
    """The fields of the scenario that these settings change."""
    out: dict[str, Any] = {}
    for name, change in (("lead_time_factor", longer), ("lead_time_cv_factor", varied)):
        factor = getattr(settings, name)
        if factor != 1:
            out["lanes"] = _lead_times(out.get("lanes", scenario.lanes), change, factor, f"{name}={factor:g}")
    if settings.order_days is not None:
        days = tuple(settings.order_days)
        out["lanes"] = tuple(replace(lane, order_days=days) for lane in out.get("lanes", scenario.lanes))
    if settings.pack_factor != 1:
        out["items"] = tuple(with_packs(item, settings.pack_factor) for item in scenario.items)
    return out


def _lead_times(
    lanes: Sequence[Lane], change: Callable[[Law, float], Law], factor: float, given: str
) -> tuple[Lane, ...]:
    try:
        return tuple(_changed(lane, change, factor) for lane in lanes)
    except InputError as error:
        raise InputError(f"{given}: {error}") from None


def _changed(lane: Lane, change: Callable[[Law, float], Law], factor: float) -> Lane:
    """The lane with its lead times changed, those of congested nights too."""
    jam = lane.own.get("congestion")
    if jam is not None:
        lane = lane.having(congestion=replace(jam, lead_time=change(jam.lead_time, factor)))
    by_item = {name: change(law, factor) for name, law in lane.lead_time_by_item.items()}
    return replace(lane, lead_time=change(lane.lead_time, factor), lead_time_by_item=by_item)


def longer(lead_time: Law, factor: float) -> Law:
    """A lead time with every value multiplied by `factor`, and never below 1 day.

    >>> from restock.sim.probability.laws import Constant
    >>> longer(Constant(2), 1.5)
    Empirical(values=(3,), weights=(1.0,))
    """
    p = stretch(lead_time, factor).pmf().copy()
    if p[0] > 0:
        p[1] += p[0]
        p[0] = 0.0
    return _of(p)


def varied(lead_time: Law, factor: float) -> Law:
    """A lead time of the same mean, with every value's distance from the mean multiplied by `factor`.

    Each value is shared between the two whole days around it, so that the mean is exact: no lead time is steadier than
    whole days allow (one of 1.25 days is 1 day, one time in four 2). Above 1, values that would fall below 1 day are 1
    day, and the mean rises.

    >>> varied(Empirical((2, 6), (1, 1)), 0.5)
    Empirical(values=(3, 5), weights=(0.5, 0.5))
    >>> varied(Empirical((1, 2), (3, 1)), 0.0)
    Empirical(values=(1, 2), weights=(0.75, 0.25))
    """
    p = lead_time.pmf()
    mean = lead_time.moments[0]
    target = np.maximum(1.0, np.round(mean + factor * (np.arange(len(p)) - mean), 9))
    out = np.zeros(math.floor(target[-1]) + 2)
    low = np.floor(target).astype(int)
    np.add.at(out, low, p * (1 - (target - low)))
    np.add.at(out, low + 1, p * (target - low))
    return _of(out)


def with_packs(item: Item, factor: float) -> Item:
    """The item with its case pack multiplied by `factor`, rounded to whole units, and never below 1.

    >>> with_packs(Item("milk", pack=12), 0.5).pack, with_packs(Item("egg", pack=1), 0.5).pack
    (6, 1)
    """
    return replace(item, pack=max(1, math.floor(item.pack * factor + 0.5)))


def _of(p: np.ndarray) -> Empirical:
    """The law with these probabilities of 0, 1, 2, ... days."""
    kept = p.nonzero()[0]
    return Empirical(tuple(int(k) for k in kept), tuple(float(w) for w in p[kept]))
