"""Checks of what a formula is given: one line that says what was given and what is allowed."""

from __future__ import annotations

import math

import numpy as np

from restock.sim.errors import require


def above_zero(**numbers: float) -> None:
    """Numbers that must be above 0.

    >>> above_zero(holding_cost=-1)
    Traceback (most recent call last):
    restock.sim.errors.InputError: holding_cost must be a number above 0, got -1
    """
    for name, value in numbers.items():
        require(_finite(value) and value > 0, f"{name} must be a number above 0, got {value}")


def not_below_zero(**numbers: float) -> None:
    """Numbers that must not be below 0."""
    for name, value in numbers.items():
        require(_finite(value) and value >= 0, f"{name} must be a number not below 0, got {value}")


def finite(**numbers: float) -> None:
    """Numbers of any sign."""
    for name, value in numbers.items():
        require(_finite(value), f"{name} must be a number, got {value}")


def whole(least: int | None = None, **numbers: float) -> None:
    """Whole numbers, not below `least` if there is one.

    >>> whole(1, lead_time=0.5)
    Traceback (most recent call last):
    restock.sim.errors.InputError: lead_time must be a whole number not below 1, got 0.5
    """
    allowed = "a whole number" if least is None else f"a whole number not below {least}"
    for name, value in numbers.items():
        good = _finite(value) and float(value).is_integer() and (least is None or value >= least)
        require(good, f"{name} must be {allowed}, got {value}")


def levels(whole_only: bool = False, **given: float | np.ndarray) -> np.ndarray:
    """One number, or an array of them, as an array of floats (or of whole numbers)."""
    ((name, value),) = given.items()
    try:
        x = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        x = np.full(1, np.nan)
    kind = "a whole number" if whole_only else "a number"
    good = bool(np.all(np.isfinite(x)) and (not whole_only or np.all(x == np.floor(x))))
    require(good, f"{name} must be {kind}, got {value}")
    return x.astype(np.int64) if whole_only else x


def share(**numbers: float) -> None:
    """Shares strictly between 0 and 1."""
    for name, value in numbers.items():
        require(_finite(value) and 0 < value < 1, f"{name} must lie between 0 and 1, got {value}")


def _finite(value: float) -> bool:
    try:
        return not isinstance(value, bool) and math.isfinite(value)
    except TypeError:
        return False
