"""Forecasts that a policy makes in the evening, from recorded demand: small updates of a cell's memory.

A method keeps a level (mean demand per day) and, some of them, a trend or factors of weekdays. Where postings cover
several days, each is taken as the average of them. Recorded demand leaves out what was lost, so forecasts fall where
shelves are empty (Wecker 1978, Management Science 24(10)); corrected, a day that ends with nothing on record counts as
the forecast, or as what was recorded if that is more: it was at least that (Nahmias 1994, Naval Research Logistics 41).
To leave such days out instead would keep the quiet days only.
"""

from __future__ import annotations

import math
from typing import Any

METHODS = ("moving_average", "exponential", "trend", "weekday", "croston", "sba", "tsb", "oracle")
MOVING_AVERAGE, EXPONENTIAL, TREND_METHOD, WEEKDAY, CROSTON, SBA, TSB, ORACLE = range(8)

# Slots of a cell's memory. Settings that are fractions lie in it, too.
(FORECAST, LEVEL, TREND, SQUARED_ERROR, POSTED_EXTRA, METHOD, ALPHA, BETA, ERROR_SHARE, CORRECTED, LAG, COVER_DAYS,
 LEAD_VARIANCE, ORDER_DAYS, SAFETY_FACTOR, LOW, HIGH, NEXT_PLAN, SHORT_SHARE, GAIN, OF_METHOD) = range(21)  # fmt: skip
FACTORS = OF_METHOD  # weekday: seven factors, that of day 0 first
SIZE, INTERVAL, ELAPSED = OF_METHOD, OF_METHOD + 1, OF_METHOD + 2  # croston, sba: units, days between, days since
CHANCE = OF_METHOD + 1  # tsb: probability of a day with demand
PLACE, FIRST = OF_METHOD, OF_METHOD + 1  # moving_average: which day is the oldest; from here on, the days


def learn_demand(memory: Any, seen: Any, factor: float) -> None:
    """Take in what was posted; `factor` is what is known to have raised demand on these days, on average."""
    if factor < 0.01:
        return
    rate = seen.demand / seen.days / factor
    for k in range(seen.days):
        day = seen.day - int(memory[LAG]) - seen.days + 1 + k
        expected = one_day(memory, day, 1.0)
        demand = rate
        if memory[CORRECTED] > 0.0 and seen.record <= 0:
            demand = max(rate, expected)
        error = demand - expected
        memory[SQUARED_ERROR] += memory[ERROR_SHARE] * (error * error * seen.days - memory[SQUARED_ERROR])
        update(memory, demand, day)


def update(memory: Any, demand: float, day: int) -> None:
    """One day's demand moves the level, by the method of the cell."""
    method = memory[METHOD]
    if method == MOVING_AVERAGE:
        move_average(memory, demand)
    elif method == EXPONENTIAL:
        memory[LEVEL] += memory[ALPHA] * (demand - memory[LEVEL])
    elif method == TREND_METHOD:
        smooth_with_trend(memory, demand)
    elif method == WEEKDAY:
        smooth_with_weekdays(memory, demand, day)
    elif method == TSB:
        smooth_chance_and_size(memory, demand)
    elif method != ORACLE:
        smooth_size_and_interval(memory, demand)


def one_day(memory: Any, day: int, steps: float) -> float:
    """Forecast of a day that lies so many days after the last one posted."""
    forecast = memory[LEVEL] + steps * memory[TREND]
    if memory[METHOD] == WEEKDAY:
        forecast *= memory[FACTORS + day % 7]
    return max(0.0, forecast)


def ahead(memory: Any, day: int, days: float) -> float:
    """Forecast of the demand of the `days` days (a whole number or not) after `day`."""
    if memory[METHOD] != WEEKDAY and memory[TREND] == 0.0:
        return days * max(0.0, memory[LEVEL])
    whole = math.floor(days)
    total = 0.0
    for k in range(1, whole + 1):
        total += one_day(memory, day + k, memory[LAG] + k)
    return total + (days - whole) * one_day(memory, day + whole + 1, memory[LAG] + whole + 1)


def move_average(memory: Any, demand: float) -> None:
    """The mean of the last days, as many as there is room for."""
    window = len(memory) - FIRST
    place = int(memory[PLACE])
    memory[LEVEL] += (demand - memory[FIRST + place]) / window
    memory[FIRST + place] = demand
    memory[PLACE] = (place + 1) % window


def smooth_with_trend(memory: Any, demand: float) -> None:
    """Exponential smoothing of level and trend (Holt 1957)."""
    before = memory[LEVEL]
    memory[LEVEL] = memory[ALPHA] * demand + (1.0 - memory[ALPHA]) * (before + memory[TREND])
    memory[TREND] += memory[BETA] * (memory[LEVEL] - before - memory[TREND])


def smooth_with_weekdays(memory: Any, demand: float, day: int) -> None:
    """Exponential smoothing of the level and of factors of the weekdays (Winters 1960, without trend)."""
    before, slot = memory[LEVEL], FACTORS + day % 7
    factor = memory[slot]
    if factor > 0.01:
        memory[LEVEL] += memory[ALPHA] * (demand / factor - before)
    if before > 0.01:
        memory[slot] += memory[BETA] * (demand / before - factor)


def smooth_size_and_interval(memory: Any, demand: float) -> None:
    """Size of a demand and days between two, smoothed when there is one (Croston 1972); their quotient is the level.

    The quotient is too high on average; 'sba' takes off a share alpha / 2 (Syntetos & Boylan 2005).
    """
    if demand > 0.0:
        memory[SIZE] += memory[ALPHA] * (demand - memory[SIZE])
        memory[INTERVAL] += memory[ALPHA] * (memory[ELAPSED] - memory[INTERVAL])
        memory[ELAPSED] = 1.0
        level = memory[SIZE] / memory[INTERVAL]
        memory[LEVEL] = level * (1.0 - memory[ALPHA] / 2.0) if memory[METHOD] == SBA else level
    else:
        memory[ELAPSED] += 1.0


def smooth_chance_and_size(memory: Any, demand: float) -> None:
    """Chance of a demand, smoothed every day, and its size, when there is one (Teunter, Syntetos & Babai 2011)."""
    if demand > 0.0:
        memory[SIZE] += memory[ALPHA] * (demand - memory[SIZE])
        memory[CHANCE] += memory[BETA] * (1.0 - memory[CHANCE])
    else:
        memory[CHANCE] -= memory[BETA] * memory[CHANCE]
    memory[LEVEL] = memory[CHANCE] * memory[SIZE]


def reorder_point(memory: Any, day: int, factor: float) -> float:
    """Forecast over the protection interval plus safety stock, units; `factor` is what is known to raise demand then.

    Variance = days x squared error of a day's forecast x factor + (demand per day)**2 x variance of the lead time.
    """
    mean = ahead(memory, day, memory[COVER_DAYS]) * factor
    daily = mean / memory[COVER_DAYS]
    variance = memory[COVER_DAYS] * memory[SQUARED_ERROR] * factor + daily * daily * memory[LEAD_VARIANCE]
    return mean + memory[SAFETY_FACTOR] * math.sqrt(variance)


def lot(memory: Any) -> float:
    """What an order brings, units."""
    return memory[ORDER_DAYS] * max(0.0, memory[LEVEL])
