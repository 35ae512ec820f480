"""Policies from settings: one object for each name under `policy`."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from restock.policies.catalogue import find_policy, make_policy
from restock.sim.checks import check_written, shown
from restock.sim.errors import InputError, require, unknown
from restock.sim.planning.policy import Policy


def chosen_policies(policies: dict[str, Any]) -> dict[str, Policy]:
    """Label -> policy, in the order given; errors name the setting, such as policy.buffer.target."""
    return {label: _made(label, settings) for label, settings in policies.items()}


def _made(label: str, settings: dict[str, Any]) -> Policy:
    at = f"policy.{label}"
    good = isinstance(settings.get("name"), str)
    require(good, f"{at}.name must say which policy it is, such as name: buffer; got {shown(settings.get('name'))}")
    kind = find_policy(settings["name"])
    names = [field.name for field in fields(kind)]
    for key in settings:
        if key not in (*names, "name"):
            raise unknown("setting", key, names, f"of {at}")
    fits = check_written(kind, {str(key): value for key, value in settings.items()}, before=f"{at}.")
    try:
        return make_policy(fits)
    except InputError as error:
        raise InputError(f"{at}: {error}") from None
