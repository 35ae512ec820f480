"""Whether a run is in a steady state: by MSER-5, and by where its stock ends beside where it began; noise aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from restock.sim import statistics
from restock.sim.measures.ledger import SERIES

if TYPE_CHECKING:
    from restock.sim.results.outcome import Outcome

ENOUGH = 70  # days of a run from which a warm-up can be suggested, and a steady state be judged
MONTH = 28  # days of a mean that is held against the level of the measured days
WANDER, DRIFT = 0.05, 0.10  # shares of that level by which months may differ from it, and the last from the first
SURE = 4  # standard errors of the mean over replications that they must differ by, too
KINDS = {"store": "stores", "dc": "DCs"}


def no_steady_state(outcome: Outcome) -> str:
    """Why there is none, in words; '' where there is one, or no daily series to tell it from.

    Judged is the stock on hand less backorders of the stores together, and of the DCs together. It is not steady where
    MSER-5 would leave out more than half of the days and months differ by more than noise, or where it ends elsewhere
    than it began. Noise is what one replication differs by from the mean of all that are kept.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> shop, policy = one_shop(days=84, warm_up=28), BaseStock(base_stock_level=20)
    >>> no_steady_state(evaluate(shop, policy, replications=8, seed=1, series=True))
    ''
    """
    if outcome.series is None or outcome.one_series is None or len(outcome.series) < ENOUGH:
        return ""
    scenario, found = outcome.prepared.scenario, []
    mean, one = (_net(series) for series in (outcome.series, outcome.one_series))
    for kind, words in KINDS.items():
        here = [site.kind == kind for site in scenario.sites]
        stock = mean[:, here].sum(axis=1)
        if not stock.any():
            continue
        kept = outcome.daily_replications
        noise = float(np.std(one[:, here].sum(axis=1) - stock)) / np.sqrt(kept - 1) if kept > 1 else 0.0
        if not statistics.mser5(stock).found and wanders(stock[scenario.warm_up :], noise):
            found.append(f"MSER-5 finds none in the stock of the {words}")
        moved = drift(stock, scenario.warm_up, noise)
        if moved:
            found.append(f"the stock of the {words} moves by {moved:+.0%} over the measured days")
    return ", ".join(found)


def _net(series: np.ndarray) -> np.ndarray:
    net: np.ndarray = series[:, :, SERIES.index("on_hand")] - series[:, :, SERIES.index("backorders")]
    return net


def wanders(stock: np.ndarray, noise: float) -> bool:
    """Whether the mean of some four weeks lies away from that of all, beyond noise.

    >>> wanders(np.full(84, 100.0), 1.0), wanders(np.linspace(80, 120, 84), 1.0), wanders(np.linspace(80, 120, 84), 9.0)
    (False, True, False)
    """
    months = stock[: len(stock) // MONTH * MONTH].reshape(-1, MONTH).mean(axis=1)
    level = abs(stock.mean())
    return bool(len(months) and np.abs(months - stock.mean()).max() > max(WANDER * level, SURE * noise))


def drift(stock: np.ndarray, warm_up: int = 0, noise: float = 0.0) -> float:
    """How far stock lies in the last four weeks above where it stood when measuring began, as a share of its mean
    level; 0 where that is little, or no more than noise.

    A season that comes round again within the days is none.

    >>> drift(np.linspace(100, 150, 420), 56) > 0.3
    True
    >>> drift(100 + 20 * np.sin(np.arange(420) / 364 * 2 * np.pi), 56)
    0.0
    """
    begin = max(0, warm_up - MONTH)
    if len(stock) - begin < 3 * MONTH:
        return 0.0
    move = stock[-MONTH:].mean() - stock[begin : begin + MONTH].mean()
    level = abs(stock[begin:].mean())
    return float(move / level) if abs(move) > max(DRIFT * level, 2**0.5 * SURE * noise) else 0.0
