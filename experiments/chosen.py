"""Policies from settings: one object for each name under `policy`."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from policies.catalogue import find_policy, make_policy
from sim.errors import InputError, require, unknown
from sim.policy import Policy

WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text"}


def chosen_policies(policies: dict[str, Any]) -> dict[str, Policy]:
    """Label -> policy, in the order given; errors name the setting, such as policy.buffer.target."""
    return {label: _made(label, settings) for label, settings in policies.items()}


def _made(label: str, settings: dict[str, Any]) -> Policy:
    at = f"policy.{label}"
    require("name" in settings, f"{at}.name must say which policy it is, such as name: buffer")
    kind = find_policy(settings["name"])
    types = {field.name: str(getattr(field.type, "__name__", field.type)) for field in fields(kind)}
    for key, value in settings.items():
        if key == "name":
            continue
        if key not in types:
            raise unknown("setting", key, types, f"of {at}")
        _check_type(f"{at}.{key}", value, types[key])
    try:
        return make_policy(settings)
    except InputError as error:
        raise InputError(f"{at}: {error}") from None


def _check_type(where: str, value: Any, annotation: str) -> None:
    """Refuse a value that is not of the field's type; types that are not plain are left to the policy."""
    parts = {part.strip() for part in annotation.split("|")}
    known = parts & set(WORDS)
    if parts - set(WORDS) - {"None"} or not known:
        return
    good = (value is None and "None" in parts) or any(
        (name == "bool" and isinstance(value, bool))
        or (name == "int" and isinstance(value, int) and not isinstance(value, bool))
        or (name == "float" and isinstance(value, (int, float)) and not isinstance(value, bool))
        or (name == "str" and isinstance(value, str))
        for name in known
    )
    words = " or ".join(WORDS[name] for name in WORDS if name in known)
    shown = "null" if value is None else f"'{value}'" if isinstance(value, str) else value
    require(good, f"{where} must be {words}{' or null' if 'None' in parts else ''}, got {shown}")
