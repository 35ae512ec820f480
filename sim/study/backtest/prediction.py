"""Demand predicted by the laws of a scenario, held against what was recorded, as a planner adds it up.

Futures are the replications of a run: the draws that the engines take, from the laws as they are simulated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.model.abc_classes import usage_classes
from restock.sim.model.demand import History
from restock.sim.planning.prepared import Prepared
from restock.sim.results.weekly_demand import weekly_demand
from restock.sim.study.backtest.ranks import LEVELS, Ranks

if TYPE_CHECKING:
    import pandas as pd

MONTH = 4  # weeks
KEPT = ("item", "place", "chain")  # sums of which every future is kept: bands are drawn of them


@dataclass(frozen=True)
class View:
    """A sum that planners look at: of which series, over how many weeks (None: all that were held out)."""

    words: str
    of: str
    weeks: int | None


VIEWS = (
    View("a cell's week", "cell", 1),
    View(f"a cell's {MONTH} weeks", "cell", MONTH),
    View("a cell, all weeks", "cell", None),
    View("an item's week", "item", 1),
    View("an item, all weeks", "item", None),
    View("a place's week", "place", 1),
    View("a place, all weeks", "place", None),
    View("the chain's week", "chain", 1),
    View("the chain, all weeks", "chain", None),
)
GROUPED = {"cell": ("class", "place"), "item": ("class",), "place": ("place",), "chain": ()}


@dataclass(frozen=True)
class Series:
    """Which series each cell belongs to, their names, and the groups that each series is reported in."""

    code: np.ndarray
    names: tuple[str, ...]
    groups: dict[str, np.ndarray]


@dataclass
class Judged:
    """One view: where the recorded numbers stand among the futures; the futures, where they are kept."""

    view: View
    series: Series
    ranks: Ranks
    futures: list[np.ndarray] = field(default_factory=list)


@dataclass(frozen=True)
class Prediction:
    """All views of the weeks held out.

    >>> from restock.sim.study.backtest.example import recorded_shop
    >>> prediction = predict(*recorded_shop(), replications=20, seed=1)
    >>> [view.view.words for view in prediction.judged][:3]
    ["a cell's week", 'a cell, all weeks', "an item's week"]
    """

    judged: tuple[Judged, ...]
    weeks: int
    futures: int

    def view(self, words: str) -> Judged:
        """One view by its words."""
        return next(each for each in self.judged if each.view.words == words)

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """A row for each view and group: how much of what was recorded lies in the intervals, and how far off it is.

        Columns: sum, by (all, class, place), group, observations, in_80, in_95 (shares, see `ranks`), whole_80,
        whole_95 (intervals of whole units), recorded, forecast (units, per period), bias (forecast less recorded),
        bias_share (of recorded), spread (mean squared error / variance of the futures: 1 where laws are right), level
        (the part of the squared error that is the same in all periods).
        """
        import pandas as pd

        rows = []
        for each in self.judged:
            groups = {"all": np.full(len(each.series.names), "all", dtype=object)} | each.series.groups
            for by, names in groups.items():
                for group in sorted(set(names)):
                    rows.append({"sum": each.view.words, "by": by, "group": group} | _row(each.ranks, names == group))
        return pd.DataFrame(rows)

    @cached_property
    def transform(self) -> pd.DataFrame:
        """The probability integral transform of each view and class: sum, group, tenth (from, to), share."""
        import pandas as pd

        rows = []
        for each in self.judged:
            classes = each.series.groups.get("class", np.array([], dtype=object))
            for group in ("all", *sorted(set(classes))):
                chosen = np.flatnonzero(classes == group) if group != "all" else slice(None)
                for k, share in enumerate(each.ranks.histogram(chosen)):
                    rows.append({"sum": each.view.words, "group": group, "from": k / 10, "to": (k + 1) / 10,
                                 "share": share})  # fmt: skip
        return pd.DataFrame(rows)

    def bands(self, words: str, start: str) -> pd.DataFrame:
        """Each period of a view whose futures are kept: series, date, recorded, forecast, and the intervals' ends."""
        import pandas as pd

        each = self.view(words)
        series, periods = each.ranks.recorded.shape
        frame = pd.DataFrame({
            "sum": words,
            "series": np.repeat(np.array(each.series.names, dtype=object), periods),
            "date": np.tile(pd.date_range(start, periods=periods, freq="7D").strftime("%Y-%m-%d"), series),
            "weeks": each.view.weeks or self.weeks,
            "recorded": each.ranks.recorded.ravel(),
            "forecast": each.ranks.mean.ravel(),
        })  # fmt: skip
        drawn = np.stack(each.futures)
        for level in LEVELS:
            tail = (1 - level) / 2
            low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
            frame[f"low_{level:.0%}".rstrip("%")], frame[f"high_{level:.0%}".rstrip("%")] = low.ravel(), high.ravel()
        return frame


def _row(ranks: Ranks, chosen: np.ndarray) -> dict[str, float]:
    recorded, forecast = ranks.recorded[chosen], ranks.mean[chosen]
    error, variance = forecast - recorded, ranks.variance[chosen]
    square, total = float((error**2).sum()), float(recorded.sum())
    even = float((error.mean(axis=1) ** 2).sum()) * error.shape[1]
    bias = float(error.sum())
    return {
        "observations": recorded.size,
        **{f"in_{level * 100:.0f}": float(ranks.inside(level)[chosen].mean()) for level in LEVELS},
        **{f"whole_{level * 100:.0f}": float(ranks.inside_whole(level)[chosen].mean()) for level in LEVELS},
        "recorded": total / recorded.size,
        "forecast": float(forecast.sum()) / recorded.size,
        "bias": bias / recorded.size,
        "bias_share": bias / total if total else np.nan,
        "spread": square / float(variance.sum()) if variance.sum() > 0 else np.nan,
        "level": even / square if square > 0 and error.shape[1] > 1 else np.nan,
    }


def predict(
    prepared: Prepared, history: History, replications: int, seed: int,
    progress: Callable[[float], None] = lambda share: None,
) -> Prediction:  # fmt: skip
    """Futures of the measured weeks, and where what was recorded stands among them.

    Parameters
    ----------
    history : History
        Recorded units of the cells that have laws, over the run's days, the warm-up included.

    >>> from restock.sim.study.backtest.example import recorded_shop
    >>> prediction = predict(*recorded_shop(), replications=20, seed=1)
    >>> of_all = prediction.coverage.set_index(["sum", "by", "group"]).loc[("the chain's week", "all", "all")]
    >>> float(of_all["recorded"]), bool(abs(of_all["bias_share"]) < 0.05)
    (56.0, True)
    """
    world, scenario = prepared.world, prepared.scenario
    cells = np.argwhere(history.row_of >= 0)
    unit = np.array([item.counted_in for item in scenario.items])[cells[:, 0]][:, None]
    unit = unit if (unit != 1).any() else np.ones((len(cells), 1), np.int64)
    measured = history.units[history.row_of[cells[:, 0], cells[:, 1]], world.warm_up :]
    weeks = measured.shape[1] // 7
    recorded = measured[:, : weeks * 7].reshape(len(cells), weeks, 7).sum(axis=2) * unit
    series = series_of(prepared, cells)
    judged = tuple(
        Judged(view, series[view.of], Ranks(added_up(recorded, view, series[view.of])))
        for view in VIEWS
        if view.weeks is None or view.weeks <= weeks
    )
    for r in range(replications):
        future = weekly_demand(world, seed, r, cells) * unit
        for each in judged:
            drawn = added_up(future, each.view, each.series)
            each.ranks.add(drawn)
            if each.view.of in KEPT:
                each.futures.append(drawn)
        progress((r + 1) / replications)
    return Prediction(judged, weeks, replications)


def series_of(prepared: Prepared, cells: np.ndarray) -> dict[str, Series]:
    """What cells (item, site) are added up to: themselves, items, places, the chain."""
    scenario = prepared.scenario
    of_item = usage_classes(scenario, prepared.world.daily_rate).astype(object)
    items, item = np.unique(cells[:, 0], return_inverse=True)
    places, place = np.unique(cells[:, 1], return_inverse=True)
    site = np.array([each.name for each in scenario.sites], dtype=object)
    name = np.array([each.name for each in scenario.items], dtype=object)
    pairs = tuple(f"{name[i]} at {site[n]}" for i, n in cells)
    return {
        "cell": Series(np.arange(len(cells)), pairs, {"class": of_item[cells[:, 0]], "place": site[cells[:, 1]]}),
        "item": Series(item, tuple(name[items]), {"class": of_item[items]}),
        "place": Series(place, tuple(site[places]), {"place": site[places]}),
        "chain": Series(np.zeros(len(cells), int), ("all",), {}),
    }


def added_up(weekly: np.ndarray, view: View, series: Series) -> np.ndarray:
    """Units of cells by week, (cells, weeks), as the sums of a view: (series, periods); a last part is left out.

    >>> two = Series(np.array([0, 0]), ("both",), {})
    >>> added_up(np.array([[1, 2, 3], [10, 20, 30]]), View("two weeks", "all", 2), two)
    array([[33.]])
    """
    length = view.weeks or weekly.shape[1]
    periods = weekly.shape[1] // length
    parts = weekly[:, : periods * length].reshape(len(weekly), periods, length).sum(axis=2)
    if len(series.names) == len(weekly):
        return parts.astype(float)
    return np.stack([np.bincount(series.code, parts[:, k], len(series.names)) for k in range(periods)], axis=1)
