"""Pages of the reference that are read off docstrings: policies, and laws of demand."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from restock.experiments.listing import described
from restock.policies.catalogue import find_policy, policy_names
from restock.sim.probability.laws import LAWS


def reference_pages() -> dict[str, str]:
    """Name -> text.

    >>> sorted(reference_pages())
    ['laws_reference.md', 'policies_reference.md']
    """
    return {"policies_reference.md": policies_page(), "laws_reference.md": laws_page()}


def policies_page() -> str:
    """Every policy: what it does, its settings, its source."""
    said = described("policy")
    lines = ["# Policies", "", "Read off the policies' own words. `policy=NAME` chooses one, "
             "`policy.NAME.SETTING=value` sets it; defaults are in [settings](settings.md).", ""]  # fmt: skip
    for name in policy_names():
        lines += [f"## {name}", "", said.get(name, ""), "", *_in_markdown(find_policy(name)), ""]
    others = [name for name in said if name not in policy_names()]
    lines += ["## Ready settings", "", *(f"- `policy={name}`: {said[name]}" for name in others), ""]
    return "\n".join(lines)


def laws_page() -> str:
    """Every law of demand or of a lead time."""
    lines = ["# Laws", "", "A law is written `{law: NAME, PARAMETER: value}`: a day's demand in units, or a lead time "
             "in days.", ""]  # fmt: skip
    for name, law in LAWS.items():
        lines += [f"## {name}", "", *_in_markdown(law), ""]
    return "\n".join(lines)


def _in_markdown(kind: Any) -> Iterable[str]:
    """A docstring as Markdown: prose as it stands, parameters as a list, examples as code."""
    text = inspect.getdoc(kind) or ""
    out: list[str] = []
    parameters = code = False
    for line in text.splitlines():
        if line == "Parameters":
            parameters = True
            continue
        if set(line) == {"-"}:
            continue
        example = line.startswith((">>>", "..."))
        if example and not code:
            out += ["", "```"]
            code = True
        if code and not line:
            out.append("```")
            code = False
        if parameters and not line:
            parameters = False
        if code:
            out.append(line)
        elif parameters and line and not line.startswith(" "):
            names, _, what = line.partition(" : ")
            out.append(f"- `{names}` ({what.strip()})" if what else f"- `{names}`")
        else:
            out.append(f"  {line.strip()}" if parameters else line)
    return [*out, "```"] if code else out
