"""Laws held within the values that a simulation holds, on the highest factor of their season."""

from __future__ import annotations

import pandas as pd

from restock.sim.calibration.report import Report
from restock.sim.calibration.windows import named
from restock.sim.errors import InputError
from restock.sim.model.demand import Season
from restock.sim.probability.laws import LARGEST, Law, NegativeBinomial, Poisson, RoundedGamma

STEPS = 0.7  # by which a law's dispersion is cut until its tail is held


def tamed(laws: list[Law], cells: pd.DataFrame, seasons: dict[str, Season], report: Report) -> list[Law]:
    """Laws whose tail would pass the largest value held on the highest factor of their season have their spread cut.

    A law that is not held with any spread is refused, by item and place.
    """
    highest = {place: max(season.weekday) * max(season.month) for place, season in seasons.items()}
    of_cell = cells["location"].map(highest).to_numpy(dtype=float)
    held: dict[tuple[Law, float], Law | None] = {}
    out, cut = [], []
    for k, (law, factor) in enumerate(zip(laws, of_cell, strict=True)):
        key = law, round(factor, 2)
        if key not in held:
            held[key] = _within(law, round(factor, 2))
        found = held[key]
        name = f"{cells['sku'].iloc[k]} at {cells['location'].iloc[k]}"
        if found is None:
            raise InputError(
                f"demand of {name}, {factor:g} times its mean on its busiest day, is beyond the {LARGEST:,} of a day "
                "that a simulation holds; count the item in lots: counted_in in items.csv, 10 or 100 in its row"
            )
        if found is not law:
            before, after = (_moments(each)[1] ** 0.5 for each in (law, found))
            cut.append(f"{name} (from {before:,.0f} to {after:,.0f})")  # fmt: skip
        out.append(found)
    report.add(
        "assumed",
        "cells whose standard deviation is cut, so that the busiest day's demand stays within the values that a "
        f"simulation holds: {len(cut):,}: {named(cut)}",
        len(cut),
    )
    return out


def _within(law: Law, factor: float) -> Law | None:
    """The law itself, or one of the same mean and less spread, that can be multiplied by its highest factor."""
    if _fits(law, factor):
        return law
    mean, spread = _moments(law)
    dispersion = law.dispersion if isinstance(law, NegativeBinomial) else spread / mean**2
    while dispersion > 1e-3:
        dispersion *= STEPS
        narrower = NegativeBinomial(mean, float(f"{dispersion:.2g}"))
        if _fits(narrower, factor):
            return narrower
    return Poisson(mean) if _fits(Poisson(mean), factor) else None


def _fits(law: Law, factor: float) -> bool:
    mean = float(getattr(law, "mean", 0.0)) * max(factor, 1.0) if isinstance(law, (NegativeBinomial, Poisson)) else 0.0
    spread = mean * (1 + mean * getattr(law, "dispersion", 0.0))
    if mean and mean + 24 * spread**0.5 + 24 * spread / mean + 40 < LARGEST:
        return True  # by far: nothing needs to be worked out
    try:
        for each in (1.0, factor):
            (law if each == 1 else law.scaled(each)).pmf()
    except InputError:
        return False
    return True


def _moments(law: Law) -> tuple[float, float]:
    """Mean and variance, of laws that are not held, too."""
    if isinstance(law, NegativeBinomial):
        return law.mean, law.mean * (1 + law.mean * law.dispersion)
    return (law.mean, law.standard_deviation**2) if isinstance(law, RoundedGamma) else law.moments
