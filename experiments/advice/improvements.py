"""Improvements as their files say them: conf/improvement/NAME.yaml, and those of a folder of the user's own.

A file opens with a sentence that says what is done. Beside it:

    change: {records.lag: 0}            what it changes: see `changes`
    needs: lag                          where it has anything to improve: names of `conditions.NEEDS`, or none
    price: 5000                         money a year; or {a_year: 2000, once: 15000}
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from restock.experiments.advice.conditions import NEEDS
from restock.experiments.listing import files_of
from restock.sim.checks import check_keys, shown
from restock.sim.errors import require, unknown
from restock.sim.yaml_file import read_yaml

CLASSES = ("a", "b", "c", "abc", "xyz")  # of items, in the names of improvements


@dataclass(frozen=True)
class Improvement:
    """One thing that could be done better."""

    name: str
    says: str
    change: Mapping[str, Any]
    needs: tuple[str, ...] = ()
    price: float | None = None  # money a year, with what is paid once spread


def improvements(asked: Sequence[str] | None, own: Sequence[Path], prices: Mapping[str, Any], years: float
                 ) -> list[Improvement]:  # fmt: skip
    """The improvements asked for, or all, with the prices that the user gives in place of those of the files.

    >>> found = improvements(["no_lag"], (), {"no_lag": {"a_year": 100, "once": 5000}}, years=5)
    >>> [(each.name, each.price) for each in found]
    [('no_lag', 1100.0)]
    """
    paths = files_of("improvement", own)
    for name in asked or ():
        if name not in paths:
            raise unknown("improvement", name, paths, "of advise.improvements")
    for name in prices:
        if name not in paths:
            raise unknown("improvement", name, paths, "of advise.prices")
    chosen = list(dict.fromkeys(asked)) if asked is not None else sorted(paths)
    require(bool(chosen), "advise.improvements must name at least one, or be null for all")
    return [_read(name, paths[name], prices.get(name), years) for name in chosen]


def _read(name: str, path: Path, price: Any, years: float) -> Improvement:
    where = f"of improvement '{name}'"
    content = read_yaml(path)
    text = path.read_text(encoding="utf-8")
    check_keys(content, ("change", "needs", "price"), where)
    change = content.get("change") or {}
    good = isinstance(change, dict) and len(change) > 0 and all(isinstance(key, str) for key in change)
    require(good, f"change {where} must be settings with their values, such as {{records.lag: 0}}, got {shown(change)}")
    needs = content.get("needs") or ()
    needs = (needs,) if isinstance(needs, str) else tuple(needs)
    for need in needs:
        if need not in NEEDS:
            raise unknown("need", need, NEEDS, where)
    first = text.splitlines()[0].lstrip("# ").strip() if text.startswith("#") else ""
    require(bool(first), f"improvement '{name}' must begin with a line of comment that says what is done")
    given = content.get("price") if price is None else price
    return Improvement(name, first, change, needs, price_a_year(given, years, f"the price {where}"))


def price_a_year(price: Any, years: float, what: str) -> float | None:
    """A price as money a year; what is paid once is spread evenly over so many years.

    >>> price_a_year({"once": 5000}, 5, "it"), price_a_year(300, 5, "it"), price_a_year(None, 5, "it")
    (1000.0, 300.0, None)
    """
    if price is None:
        return None
    parts = dict(price) if isinstance(price, Mapping) else {"a_year": price}
    check_keys(parts, ("a_year", "once"), f"of {what}")
    require(bool(parts), f"{what} must be money a year, or {{a_year: 2000, once: 15000}}, got {shown(price)}")
    for name, value in parts.items():
        good = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        require(good, f"{what} must be a number ({name}), got {shown(value)}")
    return float(parts.get("a_year", 0.0) + parts.get("once", 0.0) / years)


def titled(name: str) -> str:
    """An improvement's name as it is read, classes in capitals; of a pair, both.

    >>> titled("no_lag + abc_tiers"), titled("a_targets_up")
    ('no lag + ABC tiers', 'A targets up')
    """
    return " ".join(word.upper() if word in CLASSES else word for word in name.replace("_", " ").split(" "))
