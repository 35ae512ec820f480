"""What a calibration says about itself: read, fitted, not fitted, dropped, assumed, in units and in money."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from restock.sim.calibration.reading.rows.lost import prices_of
from restock.sim.calibration.reading.words import looked_up

SECTIONS = ("read", "fitted", "fitted against recorded", "not fitted", "not simulated", "dropped", "assumed")


@dataclass
class Report:
    """Lines under headings (`SECTIONS`), and the figures behind them."""

    sections: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in SECTIONS})
    figures: dict[str, Any] = field(default_factory=dict)

    def add(self, section: str, line: str, count: float = 1) -> None:
        """Add a line unless it reports nothing."""
        if count:
            self.sections[section].append(line)

    def with_assumed(self, lines: list[str]) -> Report:
        """The same, with more that is assumed: what nothing calibrated and the scenario takes by default."""
        return Report(self.sections | {"assumed": [*self.sections["assumed"], *lines]}, self.figures)

    def lines(self) -> list[str]:
        out = []
        for name, lines in self.sections.items():
            out += [f"{name}:"] + [f"  - {line}" for line in lines or ["nothing"]]
        return out

    def __str__(self) -> str:
        return "\n".join(self.lines())


@dataclass(frozen=True)
class Worth:
    """Money of a unit of each item, units that its things hold, and units and money of the whole record.

    >>> worth = Worth(pd.Series({"tea": 2.5}), pd.Series({"tea": 1.0}), units=400.0, money=1000.0)
    >>> worth.of(np.array(["tea", "tea"]), np.array([3, 1]))
    '4 units (1.0%) and 10 in money (1.0%)'
    """

    price: pd.Series
    unit: pd.Series
    units: float
    money: float

    def counted(self, unit: pd.Series) -> Worth:
        """The same for rows that are counted in other things."""
        return replace(self, unit=unit)

    def of(self, sku: pd.Series | np.ndarray, things: np.ndarray) -> str:
        """Units and money of so many things of each item, and their share of the record."""
        sku = pd.Series(sku)
        units = np.asarray(things, float) * looked_up(sku, self.unit).to_numpy(dtype=float)
        return self.said(units.sum(), np.nansum(units * looked_up(sku, self.price).to_numpy(dtype=float)))

    def said(self, units: float, money: float) -> str:
        """Units, and money where any item has a price, with their shares of the record."""
        words = f"{units:,.0f} units ({units / self.units if self.units else 0:.1%})"
        return words + (f" and {money:,.0f} in money ({money / self.money:.1%})" if self.money else "")


def worth_of(erp, unit: pd.Series) -> Worth:
    """What the rows of an export are worth; `unit` are the units that an item's things hold."""
    price = prices_of(erp.items, erp.sales)
    units = erp.sales.groupby("sku", observed=True)["units"].sum().astype(float)
    units.index = units.index.astype("str")
    return Worth(price, unit, float(units.sum()), float((units * price.reindex(units.index)).sum()))
