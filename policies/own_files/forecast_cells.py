"""A company's forecasts as those of the items and sites of a scenario, on its calendar."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from restock.policies.own_files.forecast_file import Rows, rows_of
from restock.sim.errors import InputError, require
from restock.sim.model.scenario_rows import cell_of
from restock.sim.planning.knowledge import Knowledge

BETWEEN = ("/", "|", ":", ",", ";", "_", "-", " at ", " ")  # what may stand between an item and a site in unique_id


@dataclass(frozen=True)
class Forecasts:
    """Forecasts of cells, sorted by cell, cutoff and day; in units as items are counted, days as the run counts them.

    Parameters
    ----------
    file : str
    item, site : ndarray of int, shape (cells,)
        The cells that have forecasts.
    cell, as_of, first, last : ndarray of int, shape (rows,)
        Of each row: which of these it is of; the day that has to be posted before it is at hand; the days it holds for.
        Day 0 is the first one simulated.
    mean : ndarray, shape (rows,)
        Units a day.
    deviation : ndarray, shape (rows,), or None
        Standard deviation of a day; None: the file has no quantiles.
    said : tuple of str
        How the file was read.
    """

    file: str
    item: np.ndarray
    site: np.ndarray
    cell: np.ndarray
    as_of: np.ndarray
    first: np.ndarray
    last: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray | None
    said: tuple[str, ...]


def forecasts_of(file: str, model: str | None, bucket: str | None, known: Knowledge) -> Forecasts:
    """The forecasts of a file for a scenario: every cell that customers ask at has some, in time and to the end."""
    rows = rows_of(file, model, bucket)
    found, cell = np.unique(_cells(rows, known)[rows.name_of], return_inverse=True)
    item, site = np.unravel_index(found, known.stocked.shape)
    order = np.lexsort((rows.line, rows.first, rows.as_of, cell))
    _check_rows(rows, order, cell, item, site, known)
    unit = np.array([each.counted_in for each in known.scenario.items])[item][cell]
    start = (known.scenario.start - datetime.date(1970, 1, 1)).days
    out = Forecasts(
        file, item, site, cell[order], rows.as_of[order] - start, rows.first[order] - start, rows.last[order] - start,
        (rows.mean / unit)[order], None if rows.deviation is None else (rows.deviation / unit)[order], rows.said,
    )  # fmt: skip
    _check_cover(out, known)
    return out


def date_of(day: int, known: Knowledge) -> str:
    """The date of a day of the run, 0 the first one simulated."""
    return (known.scenario.start + datetime.timedelta(days=int(day))).isoformat()


def _cells(rows: Rows, known: Knowledge) -> np.ndarray:
    """The place of each name's cell among items x sites."""
    scenario = known.scenario
    items = {item.name: i for i, item in enumerate(scenario.items)}
    sites = {site.name: n for n, site in enumerate(scenario.sites)}
    asked = np.flatnonzero(scenario.demand.asked.any(axis=0))
    _, first_row = np.unique(rows.name_of, return_index=True)
    out = np.empty(len(rows.names), np.int64)
    for k, words in enumerate(rows.names):
        where = rows.where(first_row[k])
        if len(words) == 2:
            i, n = cell_of(dict(zip(("item", "site"), words, strict=True)), items, sites, where)
        else:
            i, n = _pair(words[0], items, sites, asked, f"in {where}")
        item, site = scenario.items[i].name, scenario.sites[n].name
        require(bool(known.stocked[i, n]), f"item '{item}' is not stocked at site '{site}', in {where}")
        out[k] = i * len(sites) + n
    return out


def _pair(
    word: str, items: Mapping[str, int], sites: Mapping[str, int], asked: np.ndarray, where: str
) -> tuple[int, int]:
    """The item and site that a unique_id names; the item alone where customers ask at one site only."""
    found = {(items[word], int(asked[0]))} if word in items and len(asked) == 1 else set()
    for mark in BETWEEN:
        at = word.find(mark)
        while at >= 0:
            left, right = word[:at].strip(), word[at + len(mark) :].strip()
            if left in items and right in sites:
                found.add((items[left], sites[right]))
            if left in sites and right in items:
                found.add((items[right], sites[left]))
            at = word.find(mark, at + 1)
    if not found:
        example = f"{next(iter(items))}/{next(iter(sites))}"
        raise InputError(f"unique_id '{word}' {where} is unknown: no item and site of the scenario, such as "
                         f"'{example}'; columns item and site may say them apart")  # fmt: skip
    require(len(found) == 1, f"unique_id '{word}' {where} may be {len(found)} cells: say them in columns item and site")
    return found.pop()


def _check_rows(
    rows: Rows, order: np.ndarray, cell: np.ndarray, item: np.ndarray, site: np.ndarray, known: Knowledge
) -> None:
    """No day is forecast twice as of one cutoff, and none between two is left out."""
    before, after = order[:-1], order[1:]
    together = (cell[before] == cell[after]) & (rows.as_of[before] == rows.as_of[after])
    wrong = together & (rows.first[after] != rows.last[before] + 1)
    if not wrong.any():
        return
    k = int(np.argmax(wrong))
    one, other = before[k], after[k]
    name = known.cell(item[cell[one]], site[cell[one]])[4:]
    day = np.datetime64(int(rows.last[one]), "D")
    if rows.first[other] <= rows.last[one]:
        raise InputError(f"{rows.where(other)}: {name} has a forecast of {day} as of the same cutoff already, in row "
                         f"{rows.line[one]}")  # fmt: skip
    raise InputError(f"{rows.where(other)}: {name} has no forecast of {day + 1} as of this cutoff, but of days before "
                     "and after it")  # fmt: skip


def _check_cover(found: Forecasts, known: Knowledge) -> None:
    """Every cell with customers has forecasts, at hand on the first measured day and to the last one."""
    scenario, lag = known.scenario, known.scenario.feature("records").lag
    has = np.zeros(known.stocked.shape, bool)
    has[found.item, found.site] = True
    _none_of(found, scenario.demand.asked & ~has, known, "have no forecasts")
    begin = np.full(known.stocked.shape, -(10**9))
    end = np.full(known.stocked.shape, 10**9)
    each = np.flatnonzero(np.diff(found.cell, prepend=-1))
    begin[found.item, found.site] = found.as_of[each] + lag
    at_hand = found.as_of + lag < scenario.horizon
    last = np.full(len(found.item), found.last.min())
    np.maximum.at(last, found.cell[at_hand], found.last[at_hand])
    end[found.item, found.site] = last
    first_day, last_day = (date_of(day, known) for day in (scenario.warm_up, scenario.horizon - 1))
    late = begin > scenario.warm_up
    posted = f", {lag} days after its cutoff as the books are late" if lag else ""
    at = f"on {date_of(int(begin[late].min()), known)}{posted}" if late.any() else ""
    _none_of(
        found, late, known, f"have no forecast at hand on {first_day}, the first day measured; the earliest is {at}"
    )
    short = end < scenario.horizon - 1
    days = int(end[short].min()) + 1 - scenario.warm_up if short.any() else 0
    until = f"; days={days} ends with them" if days > 0 else ""
    _none_of(found, short, known, f"have forecasts to {date_of(int(end[short].min()), known) if short.any() else ''} "
                                  f"only, and the run goes on to {last_day}{until}")  # fmt: skip


def _none_of(found: Forecasts, wrong: np.ndarray, known: Knowledge, words: str) -> None:
    if wrong.any():
        i, n = (int(x) for x in np.argwhere(wrong)[0])
        raise InputError(f"{found.file}: {int(wrong.sum()):,} cells {words}; the first of them: {known.cell(i, n)[4:]}")
