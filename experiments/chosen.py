"""Policies from settings: one object for each name under `policy`, and those along which its service moves.

along: [{target: 0.5}, {target: 0.8}, {target: 0.95}]                   three points of one setting
along: [{tiers.A.target: 0.9, tiers.B.target: 0.8}, {tiers.A.target: ...}]   points of two settings, moved together
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from restock.experiments.setting_paths import with_values
from restock.policies.catalogue import find_policy, make_policy
from restock.sim.checks import check_written, shown
from restock.sim.errors import InputError, require, unknown
from restock.sim.planning.policy import Policy

if TYPE_CHECKING:
    from restock.sim.study.equal_service import Point

ALONG = "along"  # beside the fields of a policy's class


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
        if key not in (*names, "name", ALONG):
            raise unknown("setting", key, [*names, ALONG], f"of {at}")
    own = {str(key): value for key, value in settings.items() if key != ALONG}
    fits = check_written(kind, own, before=f"{at}.")
    try:
        return make_policy(fits)
    except InputError as error:
        raise InputError(f"{at}: {error}") from None


def points_along(policies: dict[str, Any]) -> dict[str, list[Point]]:
    """Label -> the policy at each value along which its service moves; without policies that have none.

    >>> points = points_along({"buffer": {"name": "buffer", "along": [{"target": 0.5}, {"target": 0.9}]}})
    >>> [point.words for point in points["buffer"]]
    ['target 0.5', 'target 0.9']
    """
    return {label: _points(label, settings) for label, settings in policies.items() if settings.get(ALONG) is not None}


def _points(label: str, settings: dict[str, Any]) -> list[Point]:
    from restock.sim.study.equal_service import Point

    at, given = f"policy.{label}.{ALONG}", settings[ALONG]
    form = "two or more values of a setting, or of several together, such as [{target: 0.5}, {target: 0.9}]"
    good = isinstance(given, (list, tuple)) and len(given) >= 2 and all(isinstance(p, Mapping) and p for p in given)
    require(good, f"{at} must be {form}; got {shown(given)}")
    names = list(given[0])
    points = []
    for k, moved in enumerate(given, start=1):
        alike = list(moved) == names
        require(alike, f"{at}: every value moves the same settings ({', '.join(map(str, names))}), value {k} moves "
                       f"{', '.join(map(str, moved))}")  # fmt: skip
        try:
            points.append(Point(_in_words(moved), _made(label, _moved(label, settings, moved))))
        except InputError as error:
            raise InputError(f"{error} (value {k} of {at})") from None
    return points


def _in_words(moved: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
                     for name, value in moved.items())  # fmt: skip


def _moved(label: str, settings: dict[str, Any], moved: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a policy with some of them moved; names such as tiers.A.target go down into them."""
    for name, value in moved.items():
        at = f"of policy.{label}.{ALONG}.{name}"
        settings = with_values({label: settings}, {f"policy.{label}.{name}": value}, at)[label]
    return settings
