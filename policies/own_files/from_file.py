"""Predictive by a company's forecasts: their sums are levels by day, and the spread they leave open is learnt."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.policies.own_files.forecast_cells import Forecasts, date_of, forecasts_of
from restock.policies.own_files.forecast_levels import Ahead, days_ahead
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.levels import LARGEST_LEVEL, ByDay, Level, checked_levels, whole_numbers
from restock.sim.planning.policy import Memory, Plan
from restock.sim.read_only import read_only

if TYPE_CHECKING:
    from restock.policies.predictive import Predictive

# Slots of a cell's memory. Settings that are fractions lie in it, too.
(FORECAST, SQUARED_ERROR, POSTED, PARTS, ERROR_SHARE, CORRECTED, COVER_DAYS, LEAD_VARIANCE, SAFETY_FACTOR,
 SLOTS) = range(10)  # fmt: skip
FINEST = (1000, 100, 10, 1)  # parts of a unit in which levels are written: the finest that holds the largest
LEARNT = -1  # in place of a spread: that of the errors so far


def plan_from_file(policy: Predictive, start: dict[int, Any], known: Knowledge) -> Plan:
    """The plan of `Predictive` with a file; `start` has what a memory begins with beside the forecasts.

    (s, S): s is the sum of the forecasts of the protection interval and safety stock for the spread that the file's
    quantiles give it, or else that of the errors met so far; S lies the forecasts of `order_days` more days above it.
    """
    assert policy.file is not None
    found = forecasts_of(policy.file, policy.model, policy.bucket, known)
    ahead = days_ahead(found, known, policy.review_period, policy.order_days)
    parts, levels = levels_by_day(ahead, known)
    memory = np.zeros((*known.stocked.shape, SLOTS))
    memory[..., PARTS] = 1.0
    memory[ahead.item, ahead.site, PARTS] = parts
    memory[ahead.item, ahead.site, FORECAST] = ahead.tomorrow[:, 0]
    for slot, value in start.items():
        memory[..., slot] = value
    name, shape = policy.name, known.stocked.shape
    period = whole_numbers(policy.review_period, "review_period", name, known, least=1)
    return Plan(
        name, (order_up_to_forecast,), (checked_levels(levels, name, known),), read_only(np.zeros(shape, np.int32)),
        period, memories=(Memory(learn_errors, read_only(memory), FORECAST),), notes=notes(found, ahead, known),
    )  # fmt: skip


def order_up_to_forecast(view: Any, levels: Any, memory: Any) -> int:
    """At or below the reorder point, up to it and a lot more."""
    mean = levels.ahead_parts / memory[PARTS]
    if levels.deviation_parts >= 0:
        deviation = levels.deviation_parts / memory[PARTS]
    else:
        daily = mean / memory[COVER_DAYS]
        deviation = math.sqrt(memory[COVER_DAYS] * memory[SQUARED_ERROR] + daily * daily * memory[LEAD_VARIANCE])
    low = math.ceil(mean + memory[SAFETY_FACTOR] * deviation - 1e-9)
    if view.inventory_position <= low:
        return max(0, low + levels.lot - view.inventory_position)
    return 0


def learn_errors(seen: Any, levels: Any, memory: Any) -> None:
    """How far the forecasts of the days posted were off, and the forecast of tomorrow."""
    posted = levels.posted_parts / memory[PARTS]
    expected = (posted - memory[POSTED]) / seen.days
    memory[POSTED] = posted
    demand = seen.demand / seen.days
    if memory[CORRECTED] > 0.0 and seen.record <= 0:
        demand = max(demand, expected)
    error = demand - expected
    for _ in range(seen.days):  # a posting of several days counts as so many days of its average
        memory[SQUARED_ERROR] += memory[ERROR_SHARE] * (error * error * seen.days - memory[SQUARED_ERROR])
    memory[FORECAST] = levels.tomorrow_parts / memory[PARTS]


def levels_by_day(ahead: Ahead, known: Knowledge) -> tuple[np.ndarray, dict[str, Level]]:
    """Parts of a unit that each cell is written in, and the levels: whole numbers of parts, lots whole units."""
    cells = known.stocked.shape
    lag, horizon = known.scenario.feature("records").lag, known.scenario.horizon
    posted = np.zeros((len(ahead.item), horizon))  # on each evening, of all days that are posted by then
    posted[:, lag:] = np.cumsum(ahead.tomorrow[:, : horizon - lag], axis=1)
    largest = np.maximum(posted.max(axis=1, initial=0.0), ahead.cover.max(axis=1, initial=0.0))
    deviation = None
    if ahead.variance is not None:
        cover = ahead.cover_days[:, None]
        lead = known.lead_time_variance[ahead.item, ahead.site][:, None]
        deviation = np.sqrt(ahead.variance + (ahead.cover / cover) ** 2 * lead)
        largest = np.maximum(largest, deviation.max(axis=1, initial=0.0))
    fits = largest[:, None] * np.array(FINEST) < LARGEST_LEVEL - 1
    parts = np.where(fits.any(axis=1), np.array(FINEST)[np.argmax(fits, axis=1)], FINEST[-1])[:, None]
    row_of = np.zeros(cells, np.int64)
    row_of[ahead.item, ahead.site] = np.arange(len(ahead.item))

    def by_day(values: np.ndarray) -> ByDay:
        return ByDay(np.floor(values * parts + 0.5), row_of)

    spread: Level = np.full(cells, LEARNT)
    if deviation is not None:
        of_file = by_day(deviation[:, 1:])
        spread = ByDay(np.where(ahead.has_spread[:, None], of_file.values, LEARNT), row_of)
    return parts[:, 0], {
        "posted_parts": by_day(posted),
        "tomorrow_parts": by_day(ahead.tomorrow[:, 1:]),
        "ahead_parts": by_day(ahead.cover[:, 1:]),
        "deviation_parts": spread,
        "lot": ByDay(np.ceil(ahead.lot[:, 1:] - 1e-9), row_of),
    }


def notes(found: Forecasts, ahead: Ahead, known: Knowledge) -> tuple[str, ...]:
    """What was found in the file, and what was assumed where it says nothing."""
    lag = known.scenario.feature("records").lag
    each = np.flatnonzero(np.diff(found.cell, prepend=-1))
    first = found.as_of[each] + lag
    said = list(found.said)
    if (first > 0).any():
        said.append(f"{found.file}: before a cell's first forecast ({date_of(int(first.min()), known)} on), in the "
                    "warm-up, a day is as demand is known on average")  # fmt: skip
    if ahead.carried > 0:
        said.append(f"{found.file}: {100 * ahead.carried:.1f}% of the days lay beyond the rows at hand the evening "
                    "before; the last week of these was carried on")  # fmt: skip
    if not ahead.has_spread.all():
        which = "at sites without rows of their own" if ahead.has_spread.any() else "for it has no quantiles"
        said.append(f"{found.file}: the spread is that of the errors met in the run, {which}")
    return tuple(said)
