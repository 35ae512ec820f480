"""A part of the model from its written form: settings by name, checked."""

from __future__ import annotations

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
    for key in given:
        if key not in allowed:
            raise unknown("setting", key, allowed, where)
    try:
        return kind(**given)
    except InputError as error:
        raise InputError(f"{error}, {where}") from None
    except TypeError:
        raise InputError(f"settings {where} leave out what has no default; they are: {', '.join(allowed)}") from None
