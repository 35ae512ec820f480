"""What a company's forecasts say on each evening of a run: sums of the days ahead, as they were known by then."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from restock.policies.own_files.forecast_cells import Forecasts
from restock.sim.planning.knowledge import Knowledge

WEEK = 7


class Ahead(NamedTuple):
    """Units, of each cell that is stocked, on each evening; float64 (cells, evenings), the first that before day 0."""

    item: np.ndarray
    site: np.ndarray
    cover_days: np.ndarray  # the protection interval, (cells,)
    tomorrow: np.ndarray  # mean demand of the day after
    cover: np.ndarray  # of the protection interval
    lot: np.ndarray  # of the days that an order brings, after the protection interval
    variance: np.ndarray | None  # of demand over the protection interval, units squared; None: no quantiles
    has_spread: np.ndarray  # bool (cells,): whose variance the file gives
    carried: float  # share of measured evenings of cells with rows whose tomorrow lay beyond all rows at hand


def days_ahead(found: Forecasts, known: Knowledge, review_period: int, order_days: float) -> Ahead:
    """Sums of the days ahead on every evening, of cells with forecasts and of the sites above them.

    A day is as the newest cutoff at hand has it that has a row for it. Beyond the last row of all, the last seven days
    come again (of fewer, their mean). Before the first cutoff a day is as demand is known on average. A site above
    that has no rows of its own forecasts the sum of those below.
    """
    scenario = known.scenario
    up = known.protection_interval(review_period)
    cover_of = np.where(known.stocked, np.maximum(up, 1), 1)
    has = np.zeros(known.stocked.shape, bool)
    has[found.item, found.site] = True
    targets = [found.site]  # of each cell with rows: itself, then the sites above that have none
    while True:
        above = np.where(targets[-1] >= 0, scenario.parent[targets[-1]], -1)
        above = np.where((above >= 0) & ~has[found.item, above], above, -1)
        if (above < 0).all():
            break
        targets.append(above)
    covers = [np.where(site >= 0, cover_of[found.item, site], 1.0) for site in targets]
    sums = _Sums(found, known, covers, order_days)
    sums.work_out()
    item, site = np.nonzero(known.stocked)
    place = np.full(known.stocked.shape, -1)
    place[item, site] = np.arange(len(item))
    shape = (len(item), scenario.horizon + 1)
    tomorrow, cover, lot = (np.zeros(shape) for _ in range(3))
    for depth, target in enumerate(targets):
        for n in np.unique(found.site):  # one site at a time: no cell comes twice
            mine = np.flatnonzero((found.site == n) & (target >= 0))
            row = place[found.item[mine], target[mine]]
            tomorrow[row] += sums.tomorrow[mine]
            cover[row] += sums.cover[depth][mine]
            lot[row] += sums.lot[depth][mine]
    variance = None
    has_spread = np.zeros(len(item), bool)
    if sums.variance is not None:
        variance, own = np.zeros(shape), place[found.item, found.site]
        variance[own], has_spread[own] = sums.variance, True
    return Ahead(item, site, cover_of[item, site], tomorrow, cover, lot, variance, has_spread, sums.carried)


class _Sums:
    """Sums over the days ahead of the cells that have rows, evening by evening, cutoff by cutoff."""

    def __init__(self, found: Forecasts, known: Knowledge, covers: list[np.ndarray], order_days: float) -> None:
        self.found, self.covers, self.order_days = found, covers, order_days
        self.lag, self.horizon = known.scenario.feature("records").lag, known.scenario.horizon
        self.warm_up = known.scenario.warm_up
        longest = max(float(cover.max()) for cover in covers) + order_days
        self.longest = int(np.ceil(longest)) + 1
        many, evenings = len(found.item), self.horizon + 1
        rate = known.demand_mean[found.item, found.site]
        self.days = np.repeat(rate[:, None], self.horizon + self.longest + WEEK, axis=1)
        self.begin = np.full(many, np.iinfo(np.int64).max)
        self.reach = np.full(many, -1)
        self.tomorrow = np.repeat(rate[:, None], evenings, axis=1)
        self.cover = [np.repeat((rate * cover)[:, None], evenings, axis=1) for cover in covers]
        self.lot = [np.repeat((rate * order_days)[:, None], evenings, axis=1) for _ in covers]
        self.variance = self.spread = None
        if found.deviation is not None:
            of_day = known.demand_variance[found.item, found.site]
            self.spread = np.repeat(of_day[:, None], self.days.shape[1], axis=1)
            self.variance = np.repeat((of_day * covers[0])[:, None], evenings, axis=1)
        self.beyond = 0
        self.carried = 0.0

    def work_out(self) -> None:
        """Take cutoff after cutoff, and read each evening until the next."""
        found = self.found
        starts = np.flatnonzero((np.diff(found.cell, prepend=-1) != 0) | (np.diff(found.as_of, prepend=-(10**9)) != 0))
        ends = np.append(starts[1:], len(found.cell))
        cell, as_of = found.cell[starts], found.as_of[starts]
        following = np.full(len(starts), self.horizon)
        same = cell[1:] == cell[:-1]
        following[:-1][same] = as_of[1:][same] + self.lag
        order = np.argsort(as_of, kind="stable")
        for group in np.split(order, np.flatnonzero(np.diff(as_of[order])) + 1):
            first_evening = max(int(as_of[group[0]]) + self.lag, -1)
            if first_evening >= self.horizon:
                break
            until = min(int(following[group].max()), self.horizon)
            self._take(group, cell[group], starts[group], ends[group], until)
            if until > first_evening:
                self._read(cell[group], first_evening, until, following[group])
        self.carried = self.beyond / max(1, len(found.item) * (self.horizon - 1 - self.warm_up))

    def _take(self, group: np.ndarray, cell: np.ndarray, start: np.ndarray, end: np.ndarray, until: int) -> None:
        """The rows of a cutoff take the place of what was known of their days."""
        found, width = self.found, self.days.shape[1]
        count = end - start
        row = np.repeat(start - np.concatenate([[0], np.cumsum(count)[:-1]]), count) + np.arange(count.sum())
        first, last = np.maximum(found.first[row], 0), np.minimum(found.last[row], width - 1)
        there = last >= first
        row, first, last = row[there], first[there], last[there]
        days = last - first + 1
        of = np.repeat(row, days)
        day = np.repeat(first - np.concatenate([[0], np.cumsum(days)[:-1]]), days) + np.arange(days.sum())
        self.days[found.cell[of], day] = found.mean[of]
        if self.spread is not None and found.deviation is not None:
            self.spread[found.cell[of], day] = found.deviation[of] ** 2
        np.minimum.at(self.begin, found.cell[row], first)
        np.maximum.at(self.reach, found.cell[row], last)
        self._carry_on(cell, min(until + self.longest + 1, width))

    def _carry_on(self, cell: np.ndarray, until: int) -> None:
        """Beyond the last row: the last seven days again, or the mean of as many as there are."""
        reach, begin = self.reach[cell], self.begin[cell]
        short = (reach >= 0) & (reach + 1 < until)  # reach -1: no row of a day of the run yet
        if not short.any():
            return
        cell, reach, begin = cell[short], reach[short], begin[short]
        low = int(reach.min()) + 1
        day = np.arange(low, until)
        beyond = day > reach[:, None]
        source = np.maximum(reach[:, None] - WEEK + 1 + (day - reach[:, None] - 1) % WEEK, 0)
        whole = reach - begin + 1 >= WEEK
        for values in (self.days, self.spread):
            if values is None:
                continue
            mine = values[cell]
            again = np.take_along_axis(mine, np.minimum(source, values.shape[1] - 1), axis=1)
            if not whole.all():
                inside = (np.arange(mine.shape[1]) >= begin[:, None]) & (np.arange(mine.shape[1]) <= reach[:, None])
                mean = np.where(inside, mine, 0.0).sum(axis=1) / inside.sum(axis=1)
                again = np.where(whole[:, None], again, mean[:, None])
            mine[:, low:until] = np.where(beyond, again, mine[:, low:until])
            values[cell] = mine

    def _read(self, cell: np.ndarray, first: int, until: int, following: np.ndarray) -> None:
        """The sums as they stand on the evenings from `first` to the day before `until`."""
        evening = np.arange(first, until)
        low, high = first + 1, min(until + self.longest + 1, self.days.shape[1])
        path = self.days[cell, low:high]
        sums = np.concatenate([np.zeros((len(cell), 1)), np.cumsum(path, axis=1)], axis=1)
        at = evening - first  # the place in `path` of the day after
        mine = cell[:, None], evening[None, :] + 1
        self.tomorrow[mine] = path[:, at]
        for depth, cover in enumerate(self.covers):
            to_cover = _up_to(sums, path, at, cover[cell])
            self.cover[depth][mine] = to_cover - sums[:, at]
            self.lot[depth][mine] = _up_to(sums, path, at, cover[cell] + self.order_days) - to_cover
        if self.variance is not None and self.spread is not None:
            path = self.spread[cell, low:high]
            sums = np.concatenate([np.zeros((len(cell), 1)), np.cumsum(path, axis=1)], axis=1)
            self.variance[mine] = _up_to(sums, path, at, self.covers[0][cell]) - sums[:, at]
        own = (evening >= self.warm_up) & (evening < following[:, None]) & (evening + 1 > self.reach[cell][:, None])
        self.beyond += int((own & (evening + 1 < self.horizon)).sum())


def _up_to(sums: np.ndarray, path: np.ndarray, at: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Sums of the days of a path up to so many after each place, a part of a day as that part of it."""
    whole = np.floor(days + 1e-9).astype(int)
    part = np.maximum(days - whole, 0.0)
    place = at[None, :] + whole[:, None]
    end = np.take_along_axis(sums, place, axis=1)
    return end + part[:, None] * np.take_along_axis(path, np.minimum(place, path.shape[1] - 1), axis=1)
