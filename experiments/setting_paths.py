"""Settings by their dotted paths: looked up, and put in their places."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from restock.sim.errors import unknown


def setting_at(settings: Any, path: str, of: str = "") -> Any:
    """The value at a dotted path of nested mappings and lists; `of` says in a message where the path is written.

    >>> setting_at({"policy": {"abc": {"cutoffs": [0.8, 0.95]}}}, "policy.abc.cutoffs.1")
    0.95
    """
    so_far = ""
    for part in path.split("."):
        known = list(settings) if isinstance(settings, Mapping) else []
        known = [str(k) for k in range(len(settings))] if isinstance(settings, (list, tuple)) else known
        if part not in known:
            raise unknown("setting", part, known, of or (f"of {so_far}" if so_far else f"({path})"))
        settings = settings[int(part) if isinstance(settings, (list, tuple)) else part]
        so_far = f"{so_far}.{part}".lstrip(".")
    return settings


def with_values(policy: Mapping[str, Any], values: Mapping[str, Any], of: str = "") -> dict[str, Any]:
    """The policies' settings with some values, by paths such as policy.buffer.target, put in their places.

    >>> with_values({"buffer": {"target": 0.9}}, {"policy.buffer.target": 0.95})
    {'buffer': {'target': 0.95}}
    """
    out = {"policy": copy.deepcopy(dict(policy))}
    for path, value in values.items():
        parent, _, last = path.rpartition(".")
        place = setting_at(out, parent, of)
        if not isinstance(place, dict):  # a place in a list must be there; nothing is inside a single value
            setting_at(place, last, of)
        place[int(last) if isinstance(place, list) else last] = value
    return out["policy"]
