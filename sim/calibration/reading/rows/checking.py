"""Checks across rows and tables: names that have a row, places in a tree, repeated rows, days far from all others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from restock.sim.calibration.reading.declared import Declared
from restock.sim.calibration.reading.faults import Faults
from restock.sim.calibration.reading.form import KEYS, KINDS
from restock.sim.calibration.reading.rows.repeats import are_tickets, is_by_ticket, later_ones, loaded_twice, row_keys
from restock.sim.calibration.reading.values import Raw, same_but_for
from restock.sim.calibration.reading.words import looked_up, of_rows, words_of

GAP = 366  # days between the record and a day that is a slip, at least
FEW = 0.001  # share of rows that such days have, at most


def check_names(tables, bad, aside, name: str, files: dict[str, str], faults: Faults) -> None:
    """Every sku and location has its row in items and locations; nothing is sold at a supplier."""
    table, usable = tables[name], ~bad["locations"]
    kinds = tables["locations"][usable].drop_duplicates("location").set_index("location")["kind"].astype("str")
    kinds.index = kinds.index.astype("str")
    skus = pd.Index(tables["items"]["sku"][~bad["items"]].astype("str"))
    strange = np.zeros(len(table), bool)
    for column, known, file in (("sku", skus, files["items"]), ("location", kinds.index, files["locations"])):
        words = words_of(table[column])
        unknown = (~words.isin(known) & (words != "")).to_numpy()
        near = {word: same_but_for(word, known) for word in words[unknown]}
        hinted = words.map(lambda word, near=near: near.get(word) is not None).to_numpy(dtype=bool)
        for mask, problem in (
            (unknown & ~hinted, f"has no good row in {file}"),
            (unknown & hinted, _hint(near, file)),
        ):
            faults.add(
                "error", files[name], of_rows(table[column], mask) & ~aside[name], column, table[column], problem
            )
        strange |= of_rows(table[column], unknown)
    supplier = (looked_up(table["location"], kinds) == "supplier").to_numpy()
    faults.add("error", files[name], supplier, "location", table["location"], "is a supplier, neither a store nor a dc")
    bad[name] |= strange | supplier


def _hint(near: dict[str, str | None], file: str) -> str:
    word, known = next(((word, known) for word, known in near.items() if known), ("", ""))
    if str(known).lstrip("0") == word.lstrip("0"):
        why = "zeros in front lost in a spreadsheet? export it as text"
    elif word.endswith(".0") or ".0" in word:
        why = "a number with a point: export it as text"
    else:
        why = "upper and lower case differ"
    return f"has no good row in {file}, though '{known}' has for '{word}': {why}"


def check_locations(table: pd.DataFrame, bad: np.ndarray, file: str, faults: Faults) -> None:
    """Kinds are known, served_by names a location, and following it never comes back."""
    kind, served = table["kind"].astype("str"), table["served_by"].astype("str")
    strange = ~kind.isin(KINDS).to_numpy() & (kind != "").to_numpy() & ~bad
    faults.add("error", file, strange, "kind", kind, f"must be one of {', '.join(KINDS)}")
    bad |= strange
    location = table["location"].astype("str")
    astray = ~served.isin([*location[~bad], ""]).to_numpy()
    faults.add("error", file, astray, "served_by", served, "has no good row in this file")
    served = served.where(~astray, "")
    table["served_by"] = served
    parent, done = dict(zip(location, served, strict=True)), set()
    for start in parent:
        path = [start]
        while path[-1] not in done and parent.get(path[-1]):
            path.append(parent[path[-1]])
            if path[-1] in path[:-1]:
                loop = " -> ".join(path[path.index(path[-1]) :])
                faults.whole_file("error", file, f"served_by leads in a loop: {loop}")
                break
        done |= set(path)


def check_repeats(
    raw: Raw, table: pd.DataFrame, bad: np.ndarray, declared: Declared, faults: Faults
) -> tuple[np.ndarray, bool]:
    """Rows that say again what an earlier row says; and whether rows of sales are tickets, of which none do."""
    key = [column for column in KEYS[raw.name] if column in table]
    nothing = np.zeros(len(table), bool)
    if not key:
        return nothing, False
    twice = later_ones(row_keys(table, key), ~bad)
    if not twice.any():
        return nothing, False
    if raw.name != "sales":
        faults.add("error", raw.file, twice, ", ".join(key), _joined(table, key, twice), "appears a second time")
        return twice, False
    by_ticket = is_by_ticket(raw.header)
    again = loaded_twice(table, ~bad) if declared.bucket is None and not by_ticket else nothing
    if again.any():
        problem = "has every row of the day again: loaded twice? bucket=ticket adds them up"
        faults.add("error", raw.file, again, "date", _as_written(table["date"][again]), problem)
        return again, False
    if are_tickets(twice, by_ticket, declared.bucket):
        return nothing, True
    hint = "" if declared.bucket == "day" else "; bucket=ticket adds such rows up"
    faults.add("error", raw.file, twice, ", ".join(key), _joined(table, key, twice), f"appears a second time{hint}")
    return twice, False


def _joined(table: pd.DataFrame, key: list[str], rows: np.ndarray) -> pd.Series:
    """The key of some rows, as it is written."""
    return table[key][rows].apply(_as_written).agg(", ".join, axis=1)


def _as_written(column: pd.Series) -> pd.Series:
    return column.dt.strftime("%Y-%m-%d") if column.dtype.kind == "M" else column.astype("str")


def lone_days(sales: pd.DataFrame, bad: np.ndarray, file: str, faults: Faults) -> np.ndarray:
    """Rows of a few days that lie far from all others: a year mistyped would be the record's end."""
    day = sales["date"].to_numpy().astype("datetime64[D]")
    days, rows = np.unique(day[~bad & ~np.isnat(day)], return_counts=True)
    cuts = np.flatnonzero(np.diff(days).astype(int) > GAP) + 1
    if not len(cuts):
        return np.zeros(len(sales), bool)
    starts = np.concatenate([[0], cuts])
    number = np.add.reduceat(rows, starts)
    main = int(number.argmax())
    first, last = days[starts[main]], days[[*cuts, len(days)][main] - 1]
    away = np.maximum((first - day).astype(int), (day - last).astype(int))
    few = np.isin(day, days[np.repeat(number <= max(1, FEW * rows.sum()), np.diff([*starts, len(days)]))])
    alone = ~bad & few & (away > max(GAP, (last - first).astype(int) / 2))
    text = sales["date"][alone].dt.strftime("%Y-%m-%d")
    faults.add("error", file, alone, "date", text, f"lies far from all others ({first} to {last}): a slip?")
    return alone
