"""A record whose weeks are drawn anew: what another record of as many weeks might have shown.

Whole weeks are drawn with replacement, the same for all places and items, so that what moved together in a week still
does (weather, pay day, a promotion everywhere). Drawn weeks are laid out in their order: an item that came in autumn is
still new in the autumn of the redrawn record, and the days on which it is observed are those of the weeks drawn since.
Weeks are taken as independent of each other: a swing that lasts for months is in the interval only as far as single
weeks show it.

Source: Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 8 (blocks as the unit that is drawn).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from restock.sim.calibration.export import Erp
from restock.sim.calibration.weeks.span import WEEK, Span, span_of

WHERE = "uncertainty.inputs=bootstrap"


def draw_weeks(weeks: int, seed: int, resample: int) -> np.ndarray:
    """The weeks of one redrawn record, in their order: as many as there are, with replacement.

    >>> draw_weeks(5, seed=1, resample=0).tolist() == draw_weeks(5, seed=1, resample=0).tolist()
    True
    """
    random = np.random.default_rng([seed, resample])
    return np.sort(random.integers(0, weeks, weeks))


def redrawn(erp: Erp, seed: int, resample: int) -> Erp:
    """The record with its weeks drawn anew, as an export of its own.

    Days before the first whole week stay. Stock goes with its days, but for that of the last one, which is today's
    state. Receipts go with the week of their order; those ordered outside the record
    stay as they are. Declared dates move to where their weeks are.

    >>> from restock.sim.calibration.weeks.example import small_record
    >>> again = redrawn(small_record(weeks=10), seed=1, resample=0)
    >>> int(again.sales["units"].sum()), int(small_record(weeks=10).sales["units"].sum())  # each week sold the same
    (1120, 1120)
    """
    span = span_of(erp, WHERE)
    drawn = draw_weeks(span.weeks, seed, resample)
    sales = _laid_out(erp.sales, "date", ("date",), span, drawn)
    receipts = erp.receipts
    if receipts is not None:
        dates = tuple(name for name in receipts if receipts[name].dtype.kind == "M")
        receipts = _laid_out(receipts, "order_date", dates, span, drawn)
    items, locations = (_moved(table, span, drawn) for table in (erp.items, erp.locations))
    stock = None if erp.stock is None else _stock_laid_out(erp.stock, span, drawn)
    return replace(erp, sales=sales, receipts=receipts, items=items, locations=locations, stock=stock)


def _stock_laid_out(stock: pd.DataFrame, span: Span, drawn: np.ndarray) -> pd.DataFrame:
    """Recorded stock goes with its weeks, so that empty shelves stay beside their sales; today's stays what it is."""
    cell = ["location", "sku"]
    if not stock.duplicated(cell).any():
        return stock  # no history, but one record of each cell
    now = stock[stock["date"] == stock["date"].max()]
    moved = pd.concat([_laid_out(stock, "date", ("date",), span, drawn), now], ignore_index=True)
    return moved.drop_duplicates([*cell, "date"], keep="last").reset_index(drop=True)


def _laid_out(table: pd.DataFrame, by: str, dates: tuple[str, ...], span: Span, drawn: np.ndarray) -> pd.DataFrame:
    """Rows of the drawn weeks, once for each time that a week was drawn, their dates moved to where it stands now."""
    day = (table[by].to_numpy().astype("datetime64[D]") - span.first).astype(int) - span.before
    week = np.where((day >= 0) & (day < WEEK * span.weeks), day // WEEK, -1)
    order = np.argsort(week, kind="stable")
    low = np.searchsorted(week[order], np.arange(span.weeks))
    high = np.searchsorted(week[order], np.arange(span.weeks), side="right")
    outside = np.flatnonzero(week < 0)
    rows = np.concatenate([outside, *(order[low[k] : high[k]] for k in drawn)])
    shift = np.repeat(WEEK * (np.arange(len(drawn)) - drawn), (high - low)[drawn])
    moved = pd.to_timedelta(np.concatenate([np.zeros(len(outside), int), shift]), unit="D")
    out = table.iloc[rows].reset_index(drop=True)
    return out.assign(**{name: (out[name] + moved).astype(table[name].dtype) for name in dates})


def _moved(table: pd.DataFrame, span: Span, drawn: np.ndarray) -> pd.DataFrame:
    """Declared dates of a table: a beginning goes before the first drawn week not before its own, an end likewise."""
    changed = {}
    for name, ends in (("from", False), ("list_date", False), ("to", True)):
        if name in table and table[name].notna().any():
            given = table[name]
            day = (given.to_numpy().astype("datetime64[D]") - span.first).astype(float) - span.before
            day = np.where(given.isna(), np.nan, day)
            inside = (day >= 0) & (day < WEEK * span.weeks)
            week = np.where(inside, np.nan_to_num(day) // WEEK, 0).astype(int)
            at = np.searchsorted(drawn, week, "right") - 1 if ends else np.searchsorted(drawn, week)
            there = inside & (at >= 0) & (at < len(drawn)) & (drawn[np.clip(at, 0, len(drawn) - 1)] == week)
            of_day = np.where(there, np.nan_to_num(day) % WEEK, WEEK - 1 if ends else 0)
            shift = np.where(inside, WEEK * at + of_day - np.nan_to_num(day), 0)
            changed[name] = (given + pd.to_timedelta(shift, unit="D")).astype(given.dtype)
    return table.assign(**changed) if changed else table
