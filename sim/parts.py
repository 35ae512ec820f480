"""A part of the model from its written form: settings by name, checked; and the checks that parts share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sim.errors import InputError, require, unknown


def part_of(kind: type, given: Any, where: str) -> Any:
    """The part itself, or one made of a mapping that has no setting the part does not know.

    >>> from sim.returns import Returns
    >>> part_of(Returns, {"share": 0.1}, "of returns of item 'shoes'").share
    0.1
    """
    if isinstance(given, kind):
        return given
    require(isinstance(given, Mapping), f"settings {where} must be a mapping, got {given!r}")
    allowed = [f.name for f in fields(kind)]
    check_keys(given, allowed, where)
    try:
        return kind(**given)
    except InputError as error:
        raise InputError(f"{error}, {where}") from None
    except TypeError:
        raise InputError(f"settings {where} leave out what has no default; they are: {', '.join(allowed)}") from None


def check_keys(given: Mapping[str, Any], allowed: Any, where: str) -> None:
    """Every key is one of those allowed."""
    for key in given:
        if key not in allowed:
            raise unknown("setting", key, allowed, where)


def check_share(name: str, value: Any) -> None:
    """A share is a number between 0 and 1."""
    good = isinstance(value, (int, float)) and math.isfinite(value) and 0 <= value <= 1
    require(good, f"{name} must be a share between 0 and 1, got {value}")


def check_categories(what: str, named: Mapping[str, Any], categories: set[str]) -> None:
    """Every category named is one that items have."""
    for category in named:
        if category not in categories:
            raise unknown("category", category, categories, f"of {what}")
