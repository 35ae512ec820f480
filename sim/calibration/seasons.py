"""How demand swings over the week and the year, by place: from days of evidence, pooled where they are few."""

from __future__ import annotations

import numpy as np
import pandas as pd

from restock.sim.calibration.bucket_rows import days_since
from restock.sim.calibration.fitting import factors
from restock.sim.calibration.reading.words import looked_up
from restock.sim.calibration.report import Report
from restock.sim.calibration.windows import Window, named
from restock.sim.model.demand import Season

LEAST_EVIDENCE = {"weekday": 28, "month": 120}  # days that bear a place's own factors

GIANT = 10  # times a place's usual day: what a day has beyond that says nothing of its weekday


def fit_seasons(
    sales: pd.DataFrame,
    places: dict[str, Window],
    first: pd.Timestamp,
    length: int,
    no_rhythm: bool,
    months: bool,
    report: Report,
    bucket: str = "day",
) -> tuple[dict[str, Season], dict[str, float]]:
    """Weekday (and month) factors per location, and the mean of their squares."""
    names = sorted(places)
    flat = {place: Season() for place in names}, dict.fromkeys(names, 1.0)
    if no_rhythm:
        report.add(
            "not fitted",
            "weekday and month factors (all 1): orders follow a delivery schedule, "
            "and buckets must be 1 day or whole weeks",
        )
        return flat
    span = pd.date_range(first, periods=length)
    open_days = np.stack([places[name].open(length) for name in names])
    place = looked_up(sales["location"], pd.Series(range(len(names)), names)).to_numpy()
    day = days_since(sales["date"], first)
    by_day = np.bincount(place.astype(np.int64) * length + day, sales["units"], len(names) * length)
    by_day = by_day.reshape(len(names), length) * open_days
    by_day = np.minimum(by_day, GIANT * _usual_day(by_day)[:, None])
    evidence = days_of_evidence(by_day)
    found = {}
    for name, size, of_day in (("weekday", 7, span.day_of_week), ("month", 12, span.month - 1)):
        if name == "month" and (not months or length < 365):
            report.add(
                "not fitted",
                "month factors: they need a year of record" if months else "month factors: not asked for (months=True)",
            )
            found[name] = np.ones((len(names), 12))
            continue
        if name == "weekday" and bucket != "day":
            report.add("not fitted", f"weekday factors (all 1): a row covers a {bucket}")
            found[name] = np.ones((len(names), 7))
            continue
        parts = [of_day == k for k in range(size)]
        units = np.stack([by_day[:, part].sum(axis=1) for part in parts], axis=1)
        days = np.stack([open_days[:, part].sum(axis=1) for part in parts], axis=1)
        found[name], pooled = factors(units, days, evidence, LEAST_EVIDENCE[name])
        report.add(
            "fitted",
            f"{name} factors, locations: {len(names) - int(pooled.sum()):,}; "
            f"from {found[name].min():.2f} to {found[name].max():.2f}; "
            "the swing they bring is taken out of the fitted spread",
        )
        those = [place for place, few in zip(names, pooled, strict=True) if few]
        report.add(
            "not fitted",
            f"{name} factors of locations whose sales rest on fewer than {LEAST_EVIDENCE[name]} days: {len(those):,}; "
            f"those of the others together: {named(those)}",
            len(those),
        )
    seasons = {place: Season(tuple(found["weekday"][n]), tuple(found["month"][n])) for n, place in enumerate(names)}
    square = (found["weekday"] ** 2).mean(axis=1) * (found["month"] ** 2).mean(axis=1)
    return seasons, dict(zip(names, square.tolist(), strict=True))


def _usual_day(by_day: np.ndarray) -> np.ndarray:
    """The median of the days with sales, by place."""
    return np.array([np.median(days[days > 0]) if (days > 0).any() else 0.0 for days in by_day])


def days_of_evidence(units: np.ndarray) -> np.ndarray:
    """How many even days would tell as much: (sum)^2 / sum of squares, over days (the last axis).

    Five hundred units of one order are one day of evidence.
    Source: Kish (1965), Survey Sampling: effective sample size.

    >>> days_of_evidence(np.array([[3.0, 3.0, 0.0, 3.0], [500.0, 0.0, 0.0, 0.0]]))
    array([3., 1.])
    """
    total, squares = units.sum(axis=-1), (units.astype(float) ** 2).sum(axis=-1)
    return np.divide(total**2, squares, out=np.zeros(total.shape), where=squares > 0)
