"""Walk-in and online customers at one shelf: exact figures by day, of base stock with lead time 2 and lost sales.

Source: critical-level rationing (Topkis 1968; Ha 1997) by days, as a Markov chain on what is on hand and due tomorrow;
with a view of stock that is refreshed every so many evenings, on that view and the days since, too.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from restock.sim.theory.inputs import whole
from restock.sim.theory.interval_demand import Demand, mean_of, probabilities

CLOSE = 1e-13


class ChannelService(NamedTuple):
    """Shares of what each asks for that is served at once; units a day, and units on hand at the end of a day."""

    walk_in_fill_rate: float
    online_fill_rate: float
    fill_rate: float
    on_hand: float
    oversold: float
    refused: float
    refused_though_there: float


class State(NamedTuple):
    """A morning before its delivery."""

    on_hand: int
    due: int
    view: int
    since: int  # days since the view was refreshed


def one_shelf(
    walk_in: Demand, online: Demand, base_stock_level: int, reserve: int = 0, view_every: int | None = None,
    buffer: int = 0,
) -> ChannelService:  # fmt: skip
    """Those who walk in are served first; the online channel leaves a reserve, or sells by a view of stock.

    Parameters
    ----------
    walk_in, online : a day's demand of each
    base_stock_level : int
        Units (S); orders of an evening arrive on the second morning from then.
    reserve : int
        Units that the online channel leaves on the shelf.
    view_every, buffer : int
        Online orders are accepted while the view of stock lasts, which is refreshed every so many evenings to what is
        on hand less the buffer; what is accepted and is not there is cancelled. None: it looks at the shelf.

    >>> coin = np.array([0.5, 0.5])
    >>> found = one_shelf(coin, coin, 2, reserve=1)
    >>> found.walk_in_fill_rate > one_shelf(coin, coin, 2).walk_in_fill_rate > found.online_fill_rate
    True
    """
    whole(0, base_stock_level=base_stock_level, reserve=reserve, buffer=buffer)
    laws = [_capped(probabilities(each), most) for each, most in
            ((walk_in, base_stock_level), (online, 2 * base_stock_level))]  # fmt: skip
    start = State(base_stock_level, 0, max(0, base_stock_level - buffer), 0)
    number, waiting = {start: 0}, [start]
    chance: dict[tuple[int, int], float] = defaultdict(float)
    sums = []
    while waiting:
        state = waiting.pop(0)
        here = np.zeros(6)
        for w, p_walk in enumerate(laws[0]):
            for o, p_online in enumerate(laws[1]):
                p = p_walk * p_online
                then, figures = _day(state, w, o, base_stock_level, reserve, view_every, buffer)
                if then not in number:
                    number[then] = len(number)
                    waiting.append(then)
                chance[number[state], number[then]] += p
                here += p * np.array(figures)
        sums.append(here)
    moves = np.zeros((len(number), len(number)))
    for (before, after), p in chance.items():
        moves[before, after] = p
    sold, handed, accepted, oversold, there, on_hand = (_stationary(moves) @ np.array(sums)).tolist()
    walking, ordering = (mean_of(probabilities(each)) for each in (walk_in, online))
    refused = 0.0 if view_every is None else ordering - accepted
    return ChannelService(sold / walking, handed / ordering, (sold + handed) / (walking + ordering), on_hand, oversold,
                          refused, there)  # fmt: skip


def _day(
    state: State, walk_in: int, online: int, level: int, reserve: int, view_every: int | None, buffer: int
) -> tuple[State, tuple[int, ...]]:
    """Tomorrow morning, and units sold, handed over, accepted, oversold, refused though there, and left."""
    on_hand = state.on_hand + state.due
    sold = min(walk_in, on_hand)
    accepted = online if view_every is None else min(online, state.view)
    handed = min(accepted, max(0, on_hand - sold - reserve))
    left = on_hand - sold - handed
    view, since = state.view, 0
    if view_every is not None:
        view, since = view - accepted, state.since + 1
        if since == view_every:
            view, since = max(0, left - buffer), 0
    there = 0 if view_every is None else min(online - accepted, left)
    ordered_yesterday = level - state.on_hand - state.due  # all that is not on hand this morning is due tomorrow
    oversold = 0 if view_every is None else accepted - handed
    return State(left, ordered_yesterday, view, since), (sold, handed, accepted, oversold, there, left)


def _capped(p: np.ndarray, most: int) -> np.ndarray:
    """Probabilities up to a number above which nothing changes, which has those beyond it."""
    return p if len(p) <= most + 1 else np.append(p[:most], p[most:].sum())


def _stationary(chance: np.ndarray) -> np.ndarray:
    """Where the chain is in the long run, on average over its period."""
    stay = np.full(len(chance), 1 / len(chance))
    while True:
        after = 0.5 * (stay + stay @ chance)  # half a day at a time: no period
        if np.abs(after - stay).max() < CLOSE:
            return np.asarray(after / after.sum())
        stay = after
