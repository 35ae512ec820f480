"""Tables as CSV: the text is pandas' own."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from restock.sim.csv_text import csv_bytes

NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-1e6, 1e6),
    st.integers(-(10**17), 10**17).map(float),
    st.sampled_from([0.0, -0.0, 1e-4, 9.999e-5, 1e15, 1e16, 999999999999999.9, 1e22, 5e-324, 123456789.125, 0.1 + 0.2]),
)
WORDS = st.one_of(st.none(), st.text(max_size=6), st.sampled_from(['a"b', "a,b", "a\nb", "a\rb", "", " ", "é", "#1"]))


@given(st.data(), st.integers(0, 12))
def test_the_text_of_a_table_is_that_of_pandas(data, rows):
    def column(values, dtype):
        return pd.Series(data.draw(st.lists(values, min_size=rows, max_size=rows)), dtype=dtype)

    frame = pd.DataFrame({
        "word": column(WORDS, object),
        'a "name", quoted': column(NUMBERS, np.float64),
        "whole": column(st.integers(-(2**63), 2**63 - 1), np.int64),
        "sure": column(st.booleans(), bool),
        "date": column(st.dates(date(1800, 1, 1), date(2200, 1, 1)), "datetime64[ns]"),
    })  # fmt: skip
    assert csv_bytes(frame) == frame.to_csv(index=False, lineterminator="\n").encode()


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"only": ["", None, "a"]}),
        pd.DataFrame({"mixed": [1, "a", None], "b": [1, 2, 3]}),
        pd.DataFrame({"time": pd.to_datetime(["2024-01-01 10:00", "2024-01-02 00:00"]), "b": [1, 2]}),
        pd.DataFrame({"missing": pd.array([1, None], dtype="Int64"), "b": [1, 2]}),
        pd.DataFrame({"small": np.array([0.1, 1e-7], np.float32), "b": [1, 2]}),
        pd.DataFrame({"a": [1], "b": [2]}).iloc[:0],
    ],
)
def test_so_is_that_of_tables_of_other_kinds(frame):
    assert csv_bytes(frame) == frame.to_csv(index=False, lineterminator="\n").encode()
