"""Hydra's complaints, said in one line: what was given, what is allowed, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from sim.errors import unknown

KINDS = {"Integer": "a whole number", "Float": "a number", "Boolean": "true or false", "String": "text"}


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
        return str(unknown(group.rsplit("/", 1)[-1], path[len(group) + 1 :], options.split()))
    if found := re.search(r"Value '(.*)' of type '\w+' could not be converted to (\w+)(?:\n\s*full_key: (\S+))?", text):
        value, kind, key = found.groups()
        key = key or next(iter(re.findall(r"Error merging override (\S+?)=", text)), "a setting")
        return f"{key} must be {KINDS.get(kind, kind)}, got '{value}'"
    if found := re.search(r"Value '(.*)' is not a valid bool.*\n\s*full_key: (\S+)", text):
        return f"{found[2]} must be {KINDS['Boolean']}, got '{found[1]}'"
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
    near_parent, _, last = key.rpartition(".")
    siblings = [name for name in known if name.rpartition(".")[0] == near_parent]
    if near_parent and siblings:
        return str(unknown("setting", last, [name.rpartition(".")[2] for name in siblings], f"of {near_parent}"))
    top = sorted({name.split(".")[0] for name in known})
    if not near_parent:
        in_groups = [name for name in known if name.rpartition(".")[2] == last]
        if in_groups:
            return f"setting '{key}' is unknown; did you mean '{in_groups[0]}'? choose from: {', '.join(top)}"
    return str(unknown("setting", key, top))


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
