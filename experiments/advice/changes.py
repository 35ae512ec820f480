"""What an improvement changes, by the names of settings; relative changes are to what the chain has now.

    change:
      records.lag: 0                                  a setting of the scenario: this value
      lead_time_factor: {times: 0.8}                  so many times what it is; of a list or a mapping, each number
      shelf_life.by_category: {plus: 1}               so much more than it is
      policy.target: {misses: 0.5}                    a share: so many times what is missing to 1
      policy.tiers.A.target: {misses: 0.5}            of items of class A; a policy without classes is given them
      policy.name: predictive                         the same settings with another rule, as far as it has them
      policy: {name: abc_tiered}                      another policy

`policy.SETTING` is a setting of the policy, or of each of its tiers where it has tiers.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from restock.experiments.setting_paths import setting_at
from restock.policies.catalogue import find_policy
from restock.sim.checks import shown
from restock.sim.errors import require, unknown
from restock.sim.model.scenario import Scenario

CHANGES = {
    "times": lambda value, by: value * by,
    "plus": lambda value, by: value + by,
    "misses": lambda value, by: 1 - (1 - value) * by,
}
TIERED = "abc_tiered"
CLASSES = ("A", "B", "C")
Plain = dict[str, Any]


class DoesNotApply(Exception):
    """An improvement has nothing to change here; the words say why."""


def changed_settings(settings: Plain, scenario: Scenario, changes: Mapping[str, Any]) -> Plain:
    """The settings of a run, as nested mappings, with the changes made; `scenario` has what settings leave open.

    Raises DoesNotApply where a change finds nothing to change, InputError where a name is unknown.

    >>> from restock.sim.planning.example import one_shop
    >>> from restock.experiments.settings import Settings, plain
    >>> before = plain(Settings(policy={"buffer": {"name": "buffer", "target": 0.9}}))
    >>> after = changed_settings(before, one_shop().scenario, {"policy.target": {"misses": 0.5}})
    >>> after["policy"], before["policy"]["buffer"]["target"]
    ({'buffer': {'name': 'buffer', 'target': 0.95}}, 0.9)
    """
    out = copy.deepcopy(settings)
    changed = False
    for path, change in changes.items():
        if of_policy(path):
            before = {label: _bare(policy) for label, policy in out["policy"].items()}
            out["policy"] = _policy(before, path.removeprefix("policy").lstrip("."), change)
            changed |= out["policy"] != before
        else:
            changed |= _setting(out, scenario, path, change)
    if not changed:
        raise DoesNotApply(f"{' and '.join(changes)} {'are' if len(changes) > 1 else 'is'} so already")
    return out


def is_relative(changes: Mapping[str, Any]) -> bool:
    """Whether something is changed by what it is now, and so may come out where nobody put it.

    >>> is_relative({"policy.target": {"misses": 2}}), is_relative({"records.lag": 9})
    (True, False)
    """
    return any(isinstance(change, Mapping) and bool(set(change) & set(CHANGES)) for change in changes.values())


def of_policy(path: str) -> bool:
    """Whether a setting is the policy's.

    >>> of_policy("policy.target"), of_policy("records.lag")
    (True, False)
    """
    return path.partition(".")[0] == "policy"


def exclude(changes: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two improvements exclude each other: both change one setting, or one changes the policy of the other.

    >>> exclude({"policy": {"name": "abc_tiered"}}, {"policy.target": 0.9}), exclude({"records.lag": 0}, {"seed": 1})
    (True, False)
    >>> exclude({"policy.tiers.A.target": 0.9}, {"policy.target": 0.9})
    True
    """
    return any(_same(one, two) for one in changes for two in other)


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    ours, theirs = one.split("."), other.split(".")
    if ours[0] != "policy" or theirs[0] != "policy":
        return False
    if "policy" in (one, other) or "policy.name" in (one, other):  # the whole rule
        return True
    classes = {path[2] for path in (ours, theirs) if path[1:2] == ["tiers"]}
    return ours[-1] == theirs[-1] and len(classes) < 2


def _setting(out: Plain, scenario: Scenario, path: str, change: Any) -> bool:
    """Change a setting of the scenario or the run in its place; whether it is another than before."""
    parent, _, last = path.rpartition(".")
    place = setting_at(out, parent) if parent else out
    if not isinstance(place, dict) or last not in place:
        raise unknown("setting", last, place if isinstance(place, dict) else [], f"of {parent}" if parent else "")
    now = place[last]
    if now is None:
        now = _in_scenario(scenario, parent, last)
    place[last] = new = _changed(now, change, path)
    return bool(new != now)


def _in_scenario(scenario: Scenario, group: str, name: str) -> Any:
    """The value that a scenario has where the settings leave it open."""
    if not group:
        return getattr(scenario, name, None)
    for part in scenario.settings(group):
        if hasattr(part, name):
            value = getattr(part, name)
            return list(value) if isinstance(value, tuple) else value
    return None


def _changed(value: Any, change: Any, path: str) -> Any:
    """A value, given or relative to what it was; whole numbers stay whole, and above 0 where they were."""
    if not (isinstance(change, Mapping) and set(change) & set(CHANGES)):
        return copy.deepcopy(change)
    require(len(change) == 1, f"{path} takes one of {', '.join(CHANGES)}, got {shown(change)}")
    ((how, by),) = change.items()
    number = isinstance(by, (int, float)) and not isinstance(by, bool)
    require(number, f"{path}: {how} takes a number, got {shown(by)}")
    return _each(value, how, by)


def _each(value: Any, how: str, by: float) -> Any:
    if isinstance(value, Mapping):
        return {key: _each(each, how, by) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_each(each, how, by) for each in value]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value  # nothing is there, or no number
    new = CHANGES[how](value, by)
    if isinstance(value, int):
        return max(1, math.floor(new + 1e-9)) if value > 0 else value
    return round(new, 12)


def _policy(policy: Plain, path: str, change: Any) -> Plain:
    """The one policy, label -> settings, changed."""
    ((label, now),) = policy.items()
    if not path:
        require(isinstance(change, Mapping) and "name" in change, f"policy must have a name, got {shown(change)}")
        new = {**copy.deepcopy(dict(change))}
        if now["name"] == new["name"] and all(now.get(key) == value for key, value in new.items()):
            raise DoesNotApply(f"the policy is {new['name']} already")
        return {_label(new["name"]): new}
    first, *rest = path.split(".")
    if first == "tiers" and len(rest) == 2:
        tiered = now if now["name"] == TIERED else _in_tiers(now)
        tier, name = rest
        if tier not in tiered["tiers"]:
            raise DoesNotApply(f"policy '{label}' has no tier {tier}")
        tiers = {**tiered["tiers"], tier: _one(tiered["tiers"][tier], name, change, label)}
        return {_label(TIERED): {**tiered, "tiers": tiers}}
    require(not rest, f"policy.{path} must be policy.SETTING or policy.tiers.CLASS.SETTING")
    if now["name"] == TIERED and first not in ("classify_by", "cutoffs"):
        return {label: {**now, "tiers": {tier: _one(of, first, change, label) for tier, of in now["tiers"].items()}}}
    return {(_label(change) if first == "name" else label): _one(now, first, change, label)}


def _in_tiers(policy: Plain) -> Plain:
    """The same policy for A, B and C items."""
    return {"name": TIERED, "classify_by": "value", "cutoffs": [0.8, 0.95], "tiers": dict.fromkeys(CLASSES, policy)}


def _bare(policy: Plain) -> Plain:
    """A policy's settings without those along which restock compare moves it."""
    return {key: copy.deepcopy(value) for key, value in policy.items() if key != "along"}


def _one(policy: Plain, name: str, change: Any, label: str) -> Plain:
    """A policy, or a tier's, with a setting changed; with another name, the settings that the other has, too."""
    if name == "name":
        if change == policy["name"]:
            raise DoesNotApply(f"the policy is {change} already")
        known = [f.name for f in fields(find_policy(str(change)))]
        return {"name": change} | {key: value for key, value in policy.items() if key in known}
    usual = {f.name: f.default for f in fields(find_policy(policy["name"]))}
    if name not in usual:
        raise DoesNotApply(f"policy '{label}' has no setting {name}")
    return policy | {name: _changed(policy.get(name, usual[name]), change, f"policy.{name}")}


def _label(name: str) -> str:
    """The label of a policy that is named, such as cover_days of my_rules.CoverDays."""
    return name.rsplit(".", 1)[-1].lower() if "." in name else name


def words_of(before: Plain, after: Plain) -> list[str]:
    """The words of a command line that make the one of the other: what runs the improvement alone.

    >>> words_of({"records": {"lag": 1}, "seed": 1}, {"records": {"lag": 0}, "seed": 1})
    ['records.lag=0']
    """
    out = []
    if before.get("policy") != after.get("policy"):
        ((label, new),) = after["policy"].items()
        out.append(f"policy={label if '.' not in new['name'] else new['name']}")
        own = {key: value for key, value in new.items() if key not in ("name", "along")}
        out += [f"++policy.{label}.{key}={_written(value)}" for key, value in own.items()]
    return out + [f"{path}={_written(value)}" for path, value in _differing(before, after)]


def _differing(before: Plain, after: Plain, path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in after.items():
        here = f"{path}{key}"
        if here == "policy" or before.get(key) == value:
            continue
        if isinstance(value, dict) and isinstance(before.get(key), dict) and not path:
            yield from _differing(before[key], value, f"{here}.")
        else:
            yield (f"++{here}" if isinstance(value, dict) else here), value


def _written(value: Any) -> str:
    """A value as Hydra reads it on a command line.

    >>> _written({"SALAD BAR": 3, "days": [1, 2.5]}), _written(True), _written(None)
    ('{SALAD BAR:3,days:[1,2.5]}', 'true', 'null')
    """
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{_written(each)}" for key, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_written(each) for each in value) + "]"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return str(value)
