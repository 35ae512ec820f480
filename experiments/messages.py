"""Hydra's complaints, said in one line: what was given, what is allowed, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any

from restock.sim.errors import unknown

KINDS = {"Integer": "a whole number", "Float": "a number", "Boolean": "true or false", "String": "text"}
EXTRAS = {"joblib": "parallel", "submitit_slurm": "slurm", "submitit_local": "slurm"}  # launchers that are optional
OF_POLICIES = "settings of a policy are policy.NAME.SETTING=..."


def one_line(error: BaseException, known: Callable[[], Iterable[str]]) -> str:
    """The message of an error raised while settings were put together; `known` lists the settings there are."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    text = "\n".join(str(cause) for cause in causes)
    if found := re.search(r"Could not find '([\w./-]+)'\s*\n\s*Available options in '([\w/]+)':\n((?:\t.*\n?)*)", text):
        path, group, options = found.groups()
        if group == "hydra/launcher" and path[len(group) + 1 :] in EXTRAS:
            name = path[len(group) + 1 :]
            return f"hydra/launcher={name} needs an optional package: pip install 'restock[{EXTRAS[name]}]'"
        return str(unknown(group.rsplit("/", 1)[-1], path[len(group) + 1 :], options.split()))
    if found := re.search(r"Value '(.*)' of type '\w+' could not be converted to (\w+)(?:\n\s*full_key: (\S+))?", text):
        value, kind, key = found.groups()
        key = key or next(iter(re.findall(r"Error merging override (\S+?)=", text)), "a setting")
        if value == "{}":
            return f"{key} is a single value, and has no settings of its own"
        return f"{key} must be {KINDS.get(kind, kind)}, got '{value}'"
    if found := re.search(r"Value '(.*)' is not a valid bool.*\n\s*full_key: (\S+)", text):
        return f"{found[2]} must be {KINDS['Boolean']}, got '{found[1]}'"
    if found := re.search(r"Error merging override (\S+?)=(.*)\n.*is not a subclass of \w+Settings", text):
        inside = [name for name in known() if name.rpartition(".")[0] == found[1]]
        return f"{found[1]} is a group of settings, not one value, got '{found[2]}'; set {', '.join(inside)}"
    if found := re.search(r"Error merging override \+?(\S+?)=(.*)\nKey .* is incompatible with \(str\)", text):
        return f"{found[1]} takes names, got {found[2]}; a name that is a number is put in quotes in a file ('7': 0.2)"
    if found := re.search(r"Could not override '([\w./@-]+)'", text):
        return _unknown_setting(found[1], known())
    if found := re.search(r"Key '([\w.-]+)' (?:is )?not in '?\w+'?\n\s*full_key: (\S+)", text):
        return _unknown_setting(found[2], known())
    if found := re.search(r"Could not append to config\. An item is already at '([\w.]+)'", text):
        return f"'{found[1]}' is a setting already: write {found[1]}=... without the plus sign"
    if "OverrideParse" in type(error).__name__:
        return f"cannot read the settings given ({str(error).splitlines()[0]}); write them as name=value, no spaces"
    lines = [line.strip() for cause in causes for line in str(cause).splitlines()[:1] if line.strip()]
    return lines[0] + (f" ({lines[-1]})" if len(lines) > 1 and lines[-1] != lines[0] else "")


def _unknown_setting(key: str, known: Iterable[str]) -> str:
    known = [name for name in known if not name.startswith("hydra")]
    if key in known:  # known to some of the choices, but not where it was set
        part = ".".join(key.split(".")[:2])
        return f"{key} cannot be set: {part} is not part of every choice made; leave the setting out, or choose {part}"
    parts, groups = key.split("."), set(known)
    depth = next((k for k in range(len(parts) - 1, 0, -1) if ".".join(parts[:k]) in groups), 0)
    parent, wrong = ".".join(parts[:depth]), parts[depth]
    inside = parent and parent + "."
    siblings = sorted({name[len(inside) :].split(".")[0] for name in known if name.startswith(inside)} - {""})
    if parent and not siblings:
        if _takes_entries(parent):
            return f"setting '{key}' is unknown: {parent} takes entries; to add one, write +{key}=..."
        return f"setting '{key}' is unknown: {parent} is a single value, and has no settings of its own"
    meant = _meant(key[len(inside) :], siblings, inside, known)
    if meant:
        given = f"'{wrong}' of {parent}" if parent and parent != "policy" else f"'{key}'"
        rest = OF_POLICIES if parent == "policy" else f"choose from: {', '.join(siblings)}"
        return f"setting {given} is unknown; did you mean '{meant}'? {rest}"
    if parent == "policy":
        return _unknown_policy(key, wrong, siblings)
    words = str(unknown("setting", wrong, siblings, parent and "of " + parent))
    from_file = parent.startswith(("scenario.", "policy.")) and "did you mean" not in words
    return words + (f"; what its file leaves out is added by +{key}=..." if from_file else "")


def not_its_own(error: Exception, words: Iterable[str], known: Callable[[], Iterable[str]]) -> str:
    """The message where OmegaConf complains by other errors than its own; '' where it does not.

    It does where a setting is given inside one that is null, and of whole numbers that no float holds.

    >>> not_its_own(AssertionError("Unexpected type for root: NoneType"), ["+claim.x=2"], lambda: ["claim"])
    "setting 'claim.x' is unknown: nothing is set in claim here, and nothing can be added to it"
    """
    if isinstance(error, OverflowError):
        found = re.search(r"full_key: (\S+)", str(error))
        return f"{found[1]} is a number with too many digits" if found else ""
    if "Unexpected type" not in str(error):
        return ""
    names = set(known())
    for word in words:
        key = word.partition("=")[0].lstrip("+~")
        parts = key.split(".")
        parent = next((".".join(parts[:k]) for k in range(len(parts) - 1, 0, -1) if ".".join(parts[:k]) in names), "")
        if parent and not any(name.startswith(parent + ".") for name in names):
            return f"setting '{key}' is unknown: nothing is set in {parent} here, and nothing can be added to it"
    return "a setting was given inside one that is null"


def _meant(rest: str, siblings: list[str], inside: str, known: list[str]) -> str:
    """The setting in another place that a key may mean: the same name further in, or a name near it anywhere."""
    further_in = [name for name in known if name.startswith(inside) and name.endswith("." + rest)]
    if further_in or get_close_matches(rest.split(".")[0], siblings):
        return further_in[0] if further_in else ""
    last = {name.rpartition(".")[2]: name for name in reversed(known)}
    near = get_close_matches(rest, last, n=1)
    return last[near[0]] if near else ""


def _unknown_policy(key: str, label: str, chosen: list[str]) -> str:
    """A key under `policy` that begins with no policy chosen."""
    from restock.policies.catalogue import policy_names

    if label in policy_names():
        return f"{key} cannot be set: policy '{label}' is not among those chosen ({', '.join(chosen)}); add policy=..."
    return f"{unknown('policy', label, chosen, f'in {key}')}; {OF_POLICIES}"


def _takes_entries(name: str) -> bool:
    """Whether a setting is a mapping with keys of the user's own.

    >>> _takes_entries("shrinkage.by_category"), _takes_entries("shrinkage"), _takes_entries("days")
    (True, False, False)
    """
    from restock.experiments.settings import Settings

    kind: Any = Settings
    for part in name.split("."):
        found = {f.name: f.default_factory for f in fields(kind)} if is_dataclass(kind) else {}
        kind = found.get(part)
    return kind is dict


def names_of(config: Any, prefix: str = "") -> list[str]:
    """Names of all settings of a configuration, groups included.

    >>> names_of({"days": 7, "demand": {"scale": 1.0}})
    ['days', 'demand', 'demand.scale']
    """
    out = []
    for key, value in config.items():
        name = f"{prefix}{key}"
        out += [name, *(names_of(value, name + ".") if hasattr(value, "items") else [])]
    return out


def no_policy(label: str, given: Any) -> str:
    """Words for a value where the settings of a policy belong.

    >>> no_policy("reorder_point", 18)
    'policy.reorder_point is a policy, not one of its settings: did you mean policy.reorder_point.reorder_point=18?'
    """
    from restock.policies.catalogue import find_policy, policy_names

    if label not in policy_names():
        return (
            f"policy.{label} is not a policy, got {given!r}; settings of a policy are policy.NAME.SETTING=..., and the "
            "file of a policy begins with '# @package policy.NAME'"
        )
    names = [f.name for f in fields(find_policy(label))]
    if label in names:
        meant = f"did you mean policy.{label}.{label}={given}?"
    else:
        meant = f"set policy.{label}.SETTING={given}, SETTING one of: {', '.join(names)}"
    return f"policy.{label} is a policy, not one of its settings: {meant}"
