"""Checks of what a formula is given: one line that says what was given and what is allowed."""

from __future__ import annotations

import math

from sim.errors import require


def above_zero(**numbers: float) -> None:
    """Numbers that must be above 0.

    >>> above_zero(holding_cost=-1)
    Traceback (most recent call last):
    sim.errors.InputError: holding_cost must be a number above 0, got -1
    """
    for name, value in numbers.items():
        require(_finite(value) and value > 0, f"{name} must be a number above 0, got {value}")


def not_below_zero(**numbers: float) -> None:
    """Numbers that must not be below 0."""
    for name, value in numbers.items():
        require(_finite(value) and value >= 0, f"{name} must be a number not below 0, got {value}")


def whole(least: int, **numbers: float) -> None:
    """Whole numbers not below `least`."""
    for name, value in numbers.items():
        good = _finite(value) and float(value).is_integer() and value >= least
        require(good, f"{name} must be a whole number not below {least}, got {value}")


def share(**numbers: float) -> None:
    """Shares strictly between 0 and 1."""
    for name, value in numbers.items():
        require(_finite(value) and 0 < value < 1, f"{name} must lie between 0 and 1, got {value}")


def _finite(value: float) -> bool:
    try:
        return not isinstance(value, bool) and math.isfinite(value)
    except TypeError:
        return False
