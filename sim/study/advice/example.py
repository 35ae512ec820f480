"""What the examples in this room's docstrings begin with: the shop of `planning.example` under other levels of stock.

Each takes the class of a base stock policy, since a policy is nothing that this room may import.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from restock.sim.planning.example import one_shop
from restock.sim.results.outcome import Outcome
from restock.sim.study.advice.running import Stopping, Trials, try_each
from restock.sim.study.advice.tried import Tried, tried
from restock.sim.study.compare import evaluate

LEVELS = {"as it is": 10, "richer": 14, "much richer": 20, "leaner": 6}


def run_of(base_stock: Callable[..., Any], levels: dict[str, int]) -> Callable[[str, int, int], Outcome]:
    """Runs of a level of stock by its name, over replications first <= r < last.

    >>> from restock.policies.base_stock import BaseStock
    >>> run_of(BaseStock, LEVELS)("richer", 8, 12).replications
    4
    """
    shop = one_shop(warm_up=7)
    return lambda name, first, last: evaluate(shop, base_stock(base_stock_level=levels[name]), last - first, seed=1,
                                              first=first, label=name)  # fmt: skip


def tried_at(base_stock: Callable[..., Any], level: int) -> Tried:
    """One level of stock, eight replications.

    >>> from restock.policies.base_stock import BaseStock
    >>> tried_at(BaseStock, level=10).name
    'level'
    """
    return tried(run_of(base_stock, {"level": level})("level", 0, 8))


def trials_of(base_stock: Callable[..., Any], first: int = 8, most: int = 8, precision: float = 0.1) -> Trials:
    """The levels of `LEVELS`, tried.

    >>> from restock.policies.base_stock import BaseStock
    >>> list(trials_of(BaseStock).arms)
    ['richer', 'much richer', 'leaner']
    """
    names = [*LEVELS]
    return try_each(run_of(base_stock, LEVELS), names[0], names[1:], Stopping(first, most, precision))
