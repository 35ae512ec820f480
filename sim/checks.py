"""A part of the model from its written form: settings by name, checked; and the checks that parts share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from inspect import get_annotations
from numbers import Integral, Real
from typing import Any

from restock.sim.errors import InputError, require, unknown

LARGEST_NUMBER = 10**9  # of any setting: figures made of it stay finite, and are still exact to a part in a million
LARGEST_WHOLE = 2**63  # of a number of units, days, or a seed
WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text"}


def part_of(kind: type, given: Any, where: str) -> Any:
    """The part itself, or one made of a mapping that has no setting the part does not know.

    >>> from restock.sim.features.returns.settings import Returns
    >>> part_of(Returns, {"share": 0.1}, "of returns of item 'shoes'").share
    0.1
    """
    if isinstance(given, kind):
        return given
    allowed = setting_names(kind)
    check_keys(given, allowed, where)
    try:
        return getattr(kind, "with_settings", kind)(**given)
    except InputError as error:
        raise InputError(f"{error}, {where}") from None
    except TypeError:
        raise InputError(f"settings {where} leave out what has no default; they are: {', '.join(allowed)}") from None


def setting_names(kind: Any) -> list[str]:
    """What may be said of a part: its fields, unless it knows better."""
    return list(kind.setting_names()) if hasattr(kind, "setting_names") else [f.name for f in fields(kind)]


def check_keys(given: Mapping[str, Any], allowed: Any, where: str) -> None:
    """Settings are a mapping, and every key of it is one of those allowed."""
    check_mapping(f"settings {where}", given)
    for key in given:
        if key not in allowed:
            raise unknown("setting", key, allowed, where)


def check_mapping(what: str, given: Any) -> Mapping[str, Any]:
    """What is given, which is a mapping with text for keys."""
    require(isinstance(given, Mapping), f"{what} must be a mapping, got {shown(given)}")
    for key in given:
        require(isinstance(key, str), f"{what}: the name {shown(key)} is no text; write it in quotes, '{key}'")
    return given


def check_share(name: str, value: Any) -> None:
    """A share is a number between 0 and 1."""
    good = isinstance(value, (int, float)) and 0 <= value <= 1
    require(good, f"{name} must be a share between 0 and 1, got {value}")


def is_finite_number(value: Any) -> bool:
    """Whether it is a number, not true or false, and neither infinite nor nan; of whole numbers of any length.

    >>> is_finite_number(10**400), is_finite_number(0.5), is_finite_number(float("nan")), is_finite_number(True)
    (True, True, False, False)
    """
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and (isinstance(value, int) or math.isfinite(value))


def check_categories(what: str, named: Mapping[str, Any], categories: set[str]) -> None:
    """Every category named is one that items have."""
    for category in named:
        if category not in categories:
            raise unknown("category", category, categories, f"of {what}")


def check_fields(part: Any, before: str = "", after: str = "", most: int = LARGEST_NUMBER) -> None:
    """Every field holds what its annotation says: text, true or false, a number up to `most` in size, a list of any.

    A whole number written as 7.0 becomes 7. `before` and `after` stand beside the field's name in messages.

    >>> from restock.sim.model.network import Item
    >>> Item("milk", pack=6.0).pack
    6
    """
    for name, kinds in _plain_fields(type(part)):  # type: ignore[arg-type]
        value = getattr(part, name)
        if _as_annotated(value, kinds, most):
            continue
        fits = fitting(f"{before}{name}{after}", value, kinds, most)
        if fits is not value:
            object.__setattr__(part, name, fits)


def _as_annotated(value: Any, kinds: tuple[str, ...], most: int) -> bool:
    """Whether the value is as `fitting` would leave it; told at once for nearly all of some ten thousand parts.

    >>> _as_annotated(0.5, ("float",), 1), _as_annotated(7.0, ("int",), 9), _as_annotated(float("nan"), ("float",), 9)
    (True, False, False)
    """
    kind = type(value)
    if kind is float or kind is int:
        return (kind.__name__ in kinds or "float" in kinds) and -most <= value <= most
    return kind is str and "str" in kinds


def check_written(kind: Any, given: Mapping[str, Any], before: str = "", after: str = "") -> dict[str, Any]:
    """The same of settings before a part is made of them, or a function called with them."""
    known = dict(_plain_fields(kind))
    return {
        name: fitting(f"{before}{name}{after}", value, known[name]) if name in known else value
        for name, value in given.items()
    }


def fitting(where: str, value: Any, kinds: tuple[str, ...], most: int = LARGEST_NUMBER) -> Any:
    """The value as one of the kinds of `WORDS`, of `None`, or of a list of them, such as `tuple[str, ...]`.

    >>> fitting("policy.buffer.target", "high", ("float",))
    Traceback (most recent call last):
    ...
    restock.sim.errors.InputError: policy.buffer.target must be a number, got 'high'
    """
    if value is None and "None" in kinds:
        return value
    if kinds[0].startswith("Mapping["):
        require(value is None or isinstance(value, Mapping), f"{where} must be a mapping, got {shown(value)}")
        return value
    if kinds[0].startswith("tuple["):
        inner = kinds[0][len("tuple[") :].split(",")[0].rstrip("]")
        if isinstance(value, str) and inner == "str":
            return (value,)
        listed = isinstance(value, (list, tuple)) or (hasattr(value, "tolist") and hasattr(value, "__len__"))
        require(listed, f"{where} must be a list, got {shown(value)}")
        return tuple(
            each if _as_annotated(each, (inner,), most) else fitting(f"{where}, entry {k},", each, (inner,), most)
            for k, each in enumerate(value, start=1)
        )
    if "bool" in kinds and hasattr(value, "dtype") and value.dtype.kind == "b":
        return bool(value)
    number = isinstance(value, Real) and not isinstance(value, bool)
    if number and ("int" in kinds or "float" in kinds):
        if isinstance(value, Integral) or math.isfinite(value):
            bound = most if "float" in kinds or most < LARGEST_NUMBER else LARGEST_WHOLE
            require(bool(value <= bound), f"{where} must not exceed {bound}, got {_written(value)}")
            require(bool(value >= -bound), f"{where} must not be below {-bound}, got {_written(value)}")
            if "float" in kinds:
                return value
            if isinstance(value, Integral) or float(value).is_integer():
                return value if type(value) is int else int(value)
    elif ("bool" in kinds and isinstance(value, bool)) or ("str" in kinds and isinstance(value, str)):
        return value
    words = " or ".join(WORDS[name] for name in WORDS if name in kinds)
    hint = "; write it in quotes" if "str" in kinds and number else ""
    null = " or null" if "None" in kinds else ""
    raise InputError(f"{where} must be {words}{null}, got {shown(value)}{hint}")


def _written(number: Real) -> str:
    return str(number) if isinstance(number, Integral) and abs(int(number)) < LARGEST_WHOLE else f"{float(number):g}"


def shown(value: Any) -> str:
    """A value as it would be written.

    >>> shown(None), shown("abc"), shown(True)
    ('null', "'abc'", 'true')
    """
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)


@lru_cache
def _plain_fields(kind: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The fields, or a function's parameters, whose annotations can be checked, with the kinds that these allow."""
    out = []
    named = {each.name: each.type for each in fields(kind)} if is_dataclass(kind) else get_annotations(kind)
    for name, annotation in named.items():
        written = str(getattr(annotation, "__name__", annotation))
        if written.startswith("Optional["):
            written = f"{written[len('Optional[') : -1]} | None"
        kinds = tuple(part.strip() for part in written.split("|"))
        inner = written[len("tuple[") :].split(",")[0].rstrip("]") if written.startswith("tuple[") else ""
        if (
            inner in WORDS
            or written.startswith("Mapping[")
            or (set(kinds) <= {*WORDS, "None"} and set(kinds) & set(WORDS))
        ):
            out.append((name, kinds))
    return tuple(out)
