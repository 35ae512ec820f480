"""Forecast files for tests: written from a record, as a company's system would have made them at each cutoff."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

import numpy as np
import pandas as pd

DAY = datetime.timedelta(days=1)


def seasonal_naive(
    units: dict[str, np.ndarray], start: datetime.date, cutoffs: Iterable[int], horizon: int, weeks: int = 4
) -> pd.DataFrame:
    """Each weekday's mean over the last weeks before a cutoff, with the 10 and 90% quantiles of a normal around it.

    Parameters
    ----------
    units : unique_id -> recorded units of each day from `start` on
    cutoffs : days on record that a forecast knows of, the last of them each; 6 is the seventh day
    """
    rows = []
    for name, record in units.items():
        for cutoff in cutoffs:
            past = record[: cutoff + 1][-7 * weeks :].astype(float)
            weekday = (np.arange(cutoff + 1)[-7 * weeks :]) % 7
            spread = past.std()
            for step in range(1, horizon + 1):
                same = past[weekday == (cutoff + step) % 7]
                mean = same.mean() if len(same) else past.mean()
                rows.append((name, start + (cutoff + step) * DAY, start + cutoff * DAY, mean, mean - 1.2816 * spread,
                             mean + 1.2816 * spread))  # fmt: skip
    columns = ["unique_id", "ds", "cutoff", "mean", "mean-lo-80", "mean-hi-80"]
    return pd.DataFrame(rows, columns=columns)
