"""Figures of several runs of one policy, read where a service takes a target value.

A setting is moved, the service moves with it, and what lies between two runs is read off the curve that they draw.
Against the logarithm of the share that is not served, stock and what goes with it runs nearly straight, as a normal
tail does. What is not served itself, and what it costs, is in proportion to that share and not to its logarithm: that
part of a measure is read against the share, the rest against the logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence

import numpy as np

from restock.sim.measures.facts import FACT
from restock.sim.measures.measures import MEASURE, MEASURES, numerators
from restock.sim.results.outcome import Outcome
from restock.sim.statistics.estimates import Estimate, estimated, known, where

SHORT = ("lost_margin", "goodwill", "backorder_cost", "lost", "lost_retail", "stockout_days")
"""Facts in proportion to the demand that is not served at once."""
OF_SHORT = " in proportion to what is not served"
LEAST = 1e-9  # a share so small has no logarithm worth having


def measured(outcome: Outcome, asked: Container[str] = MEASURES, tier: str = "") -> dict[str, Estimate]:
    """Measures of the chain, or of a tier by its own books.

    And, by its name with `OF_SHORT`, the part of each that goes with what is not served.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> found = measured(evaluate(one_shop(), BaseStock(base_stock_level=10), replications=4, seed=1))
    >>> found["stockout_cost"].value == found["stockout_cost" + OF_SHORT].value
    True
    """
    level, g = ("tier", outcome.groups("tier").index(tier)) if tier else ("chain", 0)
    x, y = (part[:, g] for part in outcome.pairs(level))
    sums = outcome.rollup.sums[level][:, g].copy()
    sums[..., [FACT[name] for name in SHORT]] = 0
    rest = numerators(sums)
    out = {}
    with np.errstate(all="ignore"):
        for name in (name for name in outcome.measures if name in asked):
            k = MEASURE[name]
            out[name], without = estimated(x[:, k], y[:, k]), estimated(rest[:, k], y[:, k])
            if without.value != out[name].value:
                out[name + OF_SHORT] = out[name] - without
    return out


def at_service(points: Sequence[Mapping[str, Estimate]], service: str, target: float, name: str) -> Estimate | None:
    """A measure where the service takes the target value; None where the runs do not hold it between them.

    `points` are those of `measured`, in the order of the setting that was moved.

    >>> held = {0.9: 100, 0.99: 200}  # stock, at two fill rates
    >>> points = [{"fill_rate": known(rate), "average_on_hand": known(stock)} for rate, stock in held.items()]
    >>> round(at_service(points, "fill_rate", 0.95, "average_on_hand").value, 1)
    130.1
    """
    reached = [point[service] for point in points]
    if name == service:
        inside = where(reached, target, reached)
        return None if inside is None else known(target)
    if MEASURES[service].unit != "share":
        return where(reached, target, [point[name] for point in points])
    served = MEASURES[service].better == "higher"
    short = [known(1.0) - each if served else each for each in reached]
    left = 1 - target if served else target
    parts = [point.get(name + OF_SHORT, known(0.0)) for point in points]
    rest = [point[name] - part for point, part in zip(points, parts, strict=True)]
    found = where([_log(each) for each in short], math.log(max(left, LEAST)), rest)
    if found is None:
        return None
    beside = where(short, left, parts)
    return found if beside is None else found + beside


def _log(share: Estimate) -> Estimate:
    value = max(share.value, LEAST)
    return Estimate(math.log(value), share.influence / value)
