"""Pages of docs/ that are read off the code: measures, and settings with their defaults.

`python -m restock.experiments.pages` (`make pages`) writes them; a test fails where they are not current.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from importlib.resources import files
from pathlib import Path

import yaml

from restock.experiments.listing import described
from restock.sim.checks import setting_names
from restock.sim.measures.facts import FACTS
from restock.sim.measures.measures import MEASURES
from restock.sim.model.books import Measure
from restock.sim.model.network import Item, Lane, Site

PER = {"year": "per year", "day": "per day", "run": "in all"}
SKIPPED = ("defaults", "hydra", "claim")
GROUPS = ("policy", "executor")
SHAPES = ("scenario/regional_chain", "scenario/grocery")  # one of each kind that has settings of its own


def pages() -> dict[str, str]:
    """Name in docs/ -> text.

    >>> sorted(pages())
    ['measures.md', 'settings.md']
    """
    return {"measures.md": measures_page(), "settings.md": settings_page()}


def measures_page() -> str:
    """Every measure: meaning, unit, the sums that it is made of, its better side."""
    lines = ["# Measures", "", "Written by `make pages` from `sim/measures` and the features; "
             "[in words](measures_in_words.md) are those that need some.",
             "A measure is a ratio of two sums of facts over cells and days, times a factor, or a sum per year (365 "
             "days) or day; never a mean of ratios.",
             "Of a group (tier, site, class, category, item) the same sums run over its cells. Intervals: "
             "[statistics](statistics.md).", "",
             "| measure | is | unit | sums | better |", "| --- | --- | --- | --- | --- |"]  # fmt: skip
    lines += [f"| `{name}` | {m.words} | {m.unit} | {_formula(m)} | {m.better or 'neither'} |"
              for name, m in MEASURES.items()]  # fmt: skip
    lines += ["", "## Facts", "", "| fact | is | of the chain, over |", "| --- | --- | --- |"]
    lines += [f"| `{name}` | {fact.words} | {_over(fact.in_chain)} |" for name, fact in FACTS.items()]
    return "\n".join(lines) + "\n"


def _formula(measure: Measure) -> str:
    """The sums of a measure.

    >>> _formula(MEASURES["cycle_service_level"])
    '`cycles_in_stock` / `cycles`'
    """
    above = " + ".join(f"`{name}`" for name in measure.numerator)
    if not measure.denominator:
        return f"{above}, {PER[measure.per]}"
    below = " + ".join(f"`{name}`" for name in measure.denominator)
    over = f"({below})" if len(measure.denominator) > 1 else below
    scaled = "" if measure.scale == 1 else f"{measure.scale:g} x "
    return f"{scaled}{f'({above})' if len(measure.numerator) > 1 else above} / {over}"


def _over(chain: str) -> str:
    """The cells that a fact of the chain is of.

    >>> _over("outside")
    'cells that outside suppliers deliver to'
    """
    return {"all": "all cells", "customers": "cells where customers ask", "none": "no cells",
            "channels": "cells where channels alone ask",
            "outside": "cells that outside suppliers deliver to"}[chain]  # fmt: skip


def settings_page() -> str:
    """Every setting of conf/: its default and what its file says of it."""
    conf = files("restock.conf")
    lines = ["# Settings", "", "Written by `make pages` from conf/. A setting is changed on the command line "
             "(`seed=7`, `records.lag=2`), in a file of `conf/experiment`, or from Python",
             "(`restock.load(\"one_store\", seed=7)`). What is wrong is refused in one line that says what is "
             "allowed.", "",
             "## Of every run", "", *_table(conf.joinpath("config.yaml").read_text(encoding="utf-8"))]  # fmt: skip
    of_groups = [f"{group}/{name}" for group in GROUPS for name in described(group)]
    for path in (*SHAPES, *of_groups):
        group, name = path.split("/")
        text = conf.joinpath(group, f"{name}.yaml").read_text(encoding="utf-8")
        lines += ["", f"## `{group}={name}`", "", described(group)[name], ""]
        lines += _table(text, {"policy": f"policy.{name}.", "scenario": ""}.get(group, f"{group}."))
    lines += [
        "",
        "## Of an item, a site, a lane",
        "",
        "`scenario.items.NAME.SETTING`, `scenario.sites.NAME.SETTING`, "
        "`scenario.lanes.DESTINATION.SOURCE.SETTING` of a written scenario; columns of the tables of a folder.",
        "",
    ]
    for kind in (Item, Site, Lane):
        lines += _part(kind)
    return "\n".join(lines) + "\n"


def _part(kind: type) -> list[str]:
    """The settings of a part of the chain, with what its docstring says of them."""
    said = _parameters(kind)
    default = {f.name: f.default for f in fields(kind) if f.default is not MISSING}  # type: ignore[arg-type]
    own = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    rows = []
    for name in setting_names(kind):
        words = said.get(name, "") if name in own else "in the place of what the scenario says: [features](features.md)"
        rows.append(f"| `{name}` | {_shown(_plain(default.get(name)))} | {words} |")
    return [f"### {kind.__name__}", "", "| setting | default | |", "| --- | --- | --- |", *rows, ""]


def _plain(value: object) -> str:
    """A default, short; '' where there is none.

    >>> _plain(None), _plain(("mon", "tue")), _plain(1)
    ('', 'mon, tue', '1')
    """
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _parameters(kind: type) -> dict[str, str]:
    """Name -> words of the parameters that a docstring explains.

    >>> _parameters(Item)["pack"]
    'Orders are rounded up to whole packs (unless the lane breaks packs).'
    """
    out: dict[str, str] = {}
    names: list[str] = []
    for line in (inspect.getdoc(kind) or "").partition("----------")[2].splitlines():
        if match := re.match(r"([a-z_, ]+) : ", line):
            names = [name.strip() for name in match[1].split(",")]
        elif line.startswith("    "):
            out |= {name: f"{out.get(name, '')} {line.strip()}".strip() for name in names}
        elif line.strip():
            names = []
    return out


def _table(text: str, under: str = "") -> list[str]:
    """Settings of a file with defaults and comments, as a table."""
    rows = [f"| `{under}{key}` | {_shown(value)} | {words} |" for key, value, words in _settings(text)]
    return ["| setting | default | |", "| --- | --- | --- |", *rows]


def _shown(value: str) -> str:
    return f"`{value}`" if value else ""


def _settings(text: str) -> Iterator[tuple[str, str, str]]:
    r"""(key, value, comment) of each setting of a YAML file, a comment with the lines that go on below it.

    >>> list(_settings("a: 1   # one\nb:     # group\n  c: x  # of it\n         # and more\n"))
    [('a', '1', 'one'), ('b', '', 'group'), ('b.c', 'x', 'of it and more')]
    """
    found: list[list[str]] = []
    parents: list[tuple[int, str]] = []
    skipped = None
    for line in text.splitlines():
        if match := re.match(r"( *)([A-Za-z_]\w*):(?: (.*?))?(?:\s+# (.*))?$", line):
            indent, key = len(match[1]), match[2]
            if skipped is not None and indent > skipped:
                continue
            skipped = indent if key in SKIPPED else None
            if skipped is None:
                parents = [parent for parent in parents if parent[0] < indent] + [(indent, key)]
                name = ".".join(name for _, name in parents)
                found.append([name, (match[3] or "").strip(), (match[4] or "").strip()])
        elif (more := re.match(r" {9,}#(.*)$", line)) and found and skipped is None:
            found[-1][2] += " " + more[1].strip()
        elif line.strip() and not line.lstrip().startswith(("#", "-")) and found and skipped is None:
            found[-1][1] += " " + line.split(" # ")[0].strip()
    for name, value, words in found:
        yield name, _one_value(value), words.replace("|", r"\|").strip()


def _one_value(value: str) -> str:
    """A value as it stands, if it is one; of a long table its beginning."""
    try:
        yaml.safe_load(value)
    except yaml.YAMLError:
        value = value.strip()
    value = value.replace("|", r"\|").strip()
    return value if len(value) <= 60 else value[:57] + "..."


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (Path("docs") / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
