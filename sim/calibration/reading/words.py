"""Columns of text by their different words: what is worked out once a word holds for every row that has it."""

from __future__ import annotations

import numpy as np
import pandas as pd


def as_words(column: pd.Series) -> pd.Series:
    """The column as categories of stripped text, '' where nothing is."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        text = column.astype("str") if not pd.api.types.is_bool_dtype(column) else column.map({True: "1", False: "0"})
        column = text.astype("category")
    if (column.cat.codes < 0).any():
        column = column.cat.add_categories([""]).fillna("") if "" not in column.cat.categories else column.fillna("")
    return recoded(column, words_of(column).str.strip())


def words_of(column: pd.Series) -> pd.Series:
    """The different words of a column."""
    return pd.Series(column.cat.categories, dtype="str").reset_index(drop=True)


def of_rows(column: pd.Series, values: np.ndarray) -> np.ndarray:
    """A value of each word as a value of each row."""
    return np.asarray(values)[column.cat.codes.to_numpy()] if len(values) else np.asarray(values)[:0]


def recoded(column: pd.Series, words: pd.Series) -> pd.Series:
    """The column with other words in place of its own; words that became the same are one."""
    code, different = pd.factorize(words)
    if len(different) == len(words):
        made = column.cat.rename_categories(pd.Index(words, dtype="str"))
        return made
    codes = code[column.cat.codes.to_numpy()] if len(words) else column.cat.codes.to_numpy()
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(different, dtype="str")), index=column.index)


def constant(word: str, index: pd.Index) -> pd.Series:
    """The same word in every row."""
    return pd.Series(pd.Categorical.from_codes(np.zeros(len(index), np.int8), [word]), index=index)


def looked_up(column: pd.Series, table: pd.Series) -> pd.Series:
    """What a table has of each row's word; rows keep their index. `Series.map` does the same, row by row.

    Of categories `Series.map` gives categories or values, as the values happen to be; this gives numbers as values and
    text as categories.
    """
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column.map(table)
    found, code = table.reindex(column.cat.categories), column.cat.codes.to_numpy()
    if found.dtype != table.dtype and found.isna().any():  # words that no row has make whole numbers fractions
        used = np.bincount(code[code >= 0], minlength=len(found)) > 0
        if found[used].notna().all():
            found = found.where(used, table.iloc[0]).astype(table.dtype)
    if found.dtype.kind in "biufmM":
        return pd.Series(found.to_numpy()[code], index=column.index, name=column.name)
    words, different = pd.factorize(found)
    return pd.Series(
        pd.Categorical.from_codes(words[code], pd.Index(different, dtype="str"), validate=False),
        index=column.index, name=column.name,
    )  # fmt: skip
