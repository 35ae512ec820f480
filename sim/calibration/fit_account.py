"""Fitted demand held against the record: what each step between the two left out or changed, by item and place.

Units recorded = units fitted (mean of the law x days observed) + what the steps took. So no step loses units unseen.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from restock.sim.calibration.report import Report, Worth
from restock.sim.calibration.windows import named

REASONS = {
    "counting": "counted in whole things",
    "outliers": "giant days and cancelled orders",
    "outside": "rows outside declared dates",
    "short": "observed for less than a bucket",
    "censored": "demand behind empty shelves",
    "law": "means rounded to three digits",
}
NOT_SIMULATED = "not_simulated"  # of what is fitted
BEYOND = 0.05  # share of the recorded units from which on a place is named
WORST = 10


@dataclass
class FitAccount:
    """Units of each (sku, location) as the steps leave them, one after the other; `recorded` first.

    >>> cells = pd.MultiIndex.from_tuples([("tea", "shop")], names=["sku", "location"])
    >>> account = FitAccount(pd.Series([100.0], cells))
    >>> account.step("outliers", pd.Series([90.0], cells))
    >>> found = account.cells(pd.Series([91.0], cells), pd.Series([True], cells))
    >>> found[["fitted", "outliers", "law"]].iloc[0].to_dict()
    {'fitted': 91.0, 'outliers': -10.0, 'law': 1.0}
    """

    recorded: pd.Series
    changes: dict[str, pd.Series] = field(default_factory=dict)
    left: pd.Series | None = None

    def step(self, reason: str, left: pd.Series) -> None:
        """A step left so many units of each cell; cells that are no more have none."""
        left = left.reindex(self.recorded.index, fill_value=0.0)
        change = left - (self.recorded if self.left is None else self.left)
        self.changes[reason] = self.changes[reason] + change if reason in self.changes else change
        self.left = left

    def cells(self, fitted: pd.Series, simulated: pd.Series) -> pd.DataFrame:
        """Recorded and fitted units of each cell, what each reason changed, and what the scenario leaves out."""
        self.step("law", fitted)
        out = pd.DataFrame({"recorded": self.recorded, "fitted": self.left})
        nothing = pd.Series(0.0, self.recorded.index)
        for reason in REASONS:
            out[reason] = self.changes.get(reason, nothing)
        kept = simulated.reindex(out.index, fill_value=True).to_numpy(dtype=bool)
        return out.assign(**{NOT_SIMULATED: np.where(kept, 0.0, out["fitted"])})


def by_item_and_place(cells: pd.DataFrame, price: pd.Series) -> pd.DataFrame:
    """A row for each item and each place: units recorded and fitted, their difference, its share and its money, the
    largest reason, and the units of each reason; money nan where no price is known. Largest differences first.

    Parameters
    ----------
    cells : DataFrame of `FitAccount.cells`
    price : Series, by sku
        Money of a unit.
    """
    values = cells.assign(money=_money(cells, price))
    worth = cells[list(REASONS)].mul(_prices(cells, price), axis=0)
    parts = []
    for by, level in (("place", "location"), ("item", "sku")):
        sums, in_money = (each.groupby(level=level, sort=False).sum(min_count=1) for each in (values, worth))
        sums = sums.rename_axis("name").reset_index()
        parts.append(_with_reason(sums, in_money.to_numpy()).assign(by=by))
    out = pd.concat(parts, ignore_index=True)
    front = ["by", "name", "recorded", "fitted", "difference", "share", "money", "reason"]
    out = out[[*front, *REASONS, NOT_SIMULATED]]
    weight = out["money"].fillna(0).abs() if out["money"].notna().any() else out["difference"].abs()
    return out.iloc[np.lexsort((-weight, out["by"] == "item"))].reset_index(drop=True)


def say_fit(cells: pd.DataFrame, table: pd.DataFrame, worth: Worth, report: Report) -> None:
    """Lines: in all, by reason, places and items beyond 5%, and the cells and places that differ most."""
    section = "fitted against recorded"
    recorded, fitted = cells["recorded"].sum(), cells["fitted"].sum()
    report.add(
        section,
        f"{fitted:,.0f} units fitted (mean x days observed), {recorded:,.0f} recorded: {_share(fitted, recorded):+.1%}",
    )
    for reason, words in REASONS.items():
        units = cells[reason]
        money = float((units * _prices(cells, worth.price)).sum())
        number = int((units.abs() >= 0.5).sum())
        report.add(section, f"{words}: {_signed(worth, units.sum(), money)}, cells: {number:,}", number)
    for by, those in table.groupby("by", sort=False):
        far = those[(those["share"].abs() > BEYOND) & (those["difference"].abs() >= 0.5)]
        told = [f"{row.name_} ({row.share:+.1%}: {row.reason})" for row in _rows(far)]
        words = "; ".join(told) if by == "place" else named(told)
        many = f"{len(far):,} of {len(those):,}: {words}" if told else f"none of {len(those):,}"
        report.add(section, f"{by}s beyond {BEYOND:.0%}: {many}")
    single = _with_reason(cells.assign(money=_money(cells, worth.price)).reset_index())
    single["name"] = single["sku"] + " at " + single["location"]
    single = single.iloc[np.argsort(-_weight(single), kind="stable")]
    for what, those in (("places", table[table["by"] == "place"]), ("cells", single)):
        worst = those[those["difference"].abs() >= 0.5].head(WORST)
        told = [f"{row.name_} ({_difference(row)}: {row.reason})" for row in _rows(worst)]
        report.add(section, f"{what} that differ most, by money: " + "; ".join(told), len(told))


def _difference(row) -> str:
    money = "" if row.money != row.money else f", {row.money:+,.0f} in money"
    return f"{row.difference:+,.0f} units{money}"


def _rows(table: pd.DataFrame):
    return table.rename(columns={"name": "name_"}).itertuples()


def _with_reason(sums: pd.DataFrame, in_money: np.ndarray | None = None) -> pd.DataFrame:
    """Difference, its share of what is recorded, and the words of the largest reason, in money where that is known."""
    reasons = list(REASONS)
    weights = sums[reasons].to_numpy()
    if in_money is not None:
        weights = np.where(np.isnan(in_money).any(axis=1, keepdims=True), weights, in_money)
    largest = np.abs(weights).argmax(axis=1)
    difference = sums["fitted"] - sums["recorded"]
    share = difference / sums["recorded"].where(sums["recorded"] > 0)
    words = np.where(difference.abs() >= 0.5, np.array([REASONS[name] for name in reasons])[largest], "")
    return sums.assign(difference=difference, share=share, reason=words)


def _weight(sums: pd.DataFrame) -> np.ndarray:
    known = sums["money"].notna().any()
    return (sums["money"].fillna(0) if known else sums["difference"]).abs().to_numpy()


def _prices(cells: pd.DataFrame, price: pd.Series) -> np.ndarray:
    return price.reindex(cells.index.get_level_values("sku")).to_numpy(dtype=float)


def _money(cells: pd.DataFrame, price: pd.Series) -> np.ndarray:
    return (cells["fitted"] - cells["recorded"]).to_numpy() * _prices(cells, price)


def _share(fitted: float, recorded: float) -> float:
    return fitted / recorded - 1 if recorded else 0.0


def _signed(worth: Worth, units: float, money: float) -> str:
    """Units and money, which may be more or fewer."""
    words = f"{units:+,.0f} units ({units / worth.units if worth.units else 0:+.1%})"
    return words + (f" and {money:+,.0f} in money ({money / worth.money:+.1%})" if worth.money else "")
