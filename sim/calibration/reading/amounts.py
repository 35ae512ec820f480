"""Numbers as people write them: decimal commas, separators of thousands, currency signs, brackets for less than zero.

One convention per file, from all its different words: `1.234,50` shows one, `1,234` alone does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

CURRENCY = (
    r"(?:[$€£¥₹₽₺₩฿]|(?:USD|EUR|GBP|CHF|CAD|AUD|JPY|INR|SEK|NOK|DKK|PLN|CZK|HUF|BRL|R\$|US\$|zł|Kč|kr\.?|Rs\.?|Fr\.?))"
)
AT_THE_ENDS = re.compile(rf"^(-?)\s*{CURRENCY}\s*|\s*{CURRENCY}$", re.IGNORECASE)
SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f'’]")
POINTS = re.compile(r"-?\d{1,3}\.\d{3}")  # what may be thousands where points do not mark decimals


class Ambiguous(Exception):
    """A word that may be two numbers, with nothing in the file to decide."""


def plain(words: pd.Series) -> pd.Series:
    """Words without currency, brackets, spaces, and with an ordinary minus: digits, points and commas are left."""
    out = words.astype("str").str.strip().str.replace("−", "-", regex=False).str.removeprefix("'")
    bracketed = out.str.fullmatch(r"\(.*\)")
    out = out.where(~bracketed, "-" + out.str.slice(1, -1))
    out = out.str.replace(AT_THE_ENDS, r"\1", regex=True)
    behind = out.str.fullmatch(r"[\d.,\s]+-")
    out = out.where(~behind, "-" + out.str.removesuffix("-"))
    grouped = out.str.fullmatch(r"[-+]?\d{1,3}(?:[\s\u00a0\u2007\u2009\u202f'’]\d{3})+(?:[.,]\d*)?")
    tight = out.str.replace(SPACES, "", regex=True)
    return out.where(~(grouped | (tight == out)), tight)


def decimal_mark(columns: Iterable[pd.Series], separator: str, told: str | None = None) -> str:
    """The mark before the decimals in a file, from the different words of its columns of numbers.

    What is told decides where the words leave a choice: of an export, one file may be written otherwise.

    >>> decimal_mark([pd.Series(["1.234,50", "7"])], ";"), decimal_mark([pd.Series(["1,234", "7.5"])], ",")
    (',', '.')
    """
    words = pd.concat([pd.Series([], dtype="str"), *columns], ignore_index=True)
    marked = words[words.str.contains("[.,]", regex=True)]
    if marked.empty:
        return told or "."
    both = marked.str.contains(",", regex=False) & marked.str.contains(".", regex=False)
    last = marked.where(both, "").str.replace(r"[^.,]", "", regex=True).str.slice(-1)
    sure = {mark: int((last == mark).sum()) for mark in ".,"}
    for mark, other in ((".", ","), (",", ".")):
        single = marked[~both & (marked.str.count(re.escape(mark)) == 1)]
        several = marked[~both & (marked.str.count(re.escape(mark)) > 1)]
        grouped = single.str.fullmatch(rf"[-+]?[1-9]\d{{0,2}}{re.escape(mark)}\d{{3}}")
        sure[mark] += int((~grouped & single.str.fullmatch(rf"[-+]?\d*{re.escape(mark)}\d*")).sum())
        sure[other] += int(several.str.fullmatch(rf"[-+]?\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+").sum())
    if told and (bool(sure["."]) == bool(sure[","])):
        return told
    if sure["."] or sure[","]:
        return max(sure, key=lambda mark: sure[mark])
    commas = marked[marked.str.contains(",", regex=False)]
    if len(commas):
        raise Ambiguous(commas.iloc[0])
    if separator == ";" and marked.str.fullmatch(POINTS).any():
        raise Ambiguous(marked[marked.str.fullmatch(POINTS)].iloc[0])
    return "."


def numbers(words: pd.Series, mark: str) -> np.ndarray:
    """Finite numbers, nan where a word is none.

    >>> numbers(pd.Series(["1.234,5", "7", "x"]), ",")
    array([1234.5,    7. ,    nan])
    """
    other = "," if mark == "." else "."
    m, o = re.escape(mark), re.escape(other)
    form = rf"[-+]?(?:\d+|\d{{1,3}}(?:{o}\d{{3}})+)?(?:{m}\d*)?(?:[eE][-+]?\d+)?"
    good = words.str.fullmatch(form) & words.str.contains(r"\d", regex=True)
    text = words.where(good, "").str.replace(other, "", regex=False).str.replace(mark, ".", regex=False)
    out = pd.to_numeric(text, errors="coerce").to_numpy(dtype=float, na_value=np.nan).copy()
    out[~np.isfinite(out)] = np.nan
    return out
