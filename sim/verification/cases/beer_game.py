"""Four stages in a row, orders that take time to be read: BEER-GAME."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.study.beer_game.chain import HELD, OWED, STAGES, WEEKS, week_one
from restock.sim.study.beer_game.chain import beer_game as chain
from restock.sim.verification.cases.traces import column, off, played
from restock.sim.verification.judging import Case, Check, MakePolicy, Number

if TYPE_CHECKING:
    from restock.sim.planning.policy import Policy

# theta = 0, alpha = beta = 1: from week 5 on, up to S' + the order expected; before, the same 4 a week
BENCHMARK, BENCHMARK_COSTS, BENCHMARK_TOTAL = (32, 32, 32, 24), (46.0, 50.0, 54.0, 54.0), 204.0
ORDERS = {"retailer": [4] * 4 + [12] + [8] * 31, "factory": [4] * 6 + [8, 4, 8, 4, 12] + [8] * 25}
NET_STOCK = [12, 12, 12, 12, 8, 4, 0, -4, 0, 0, 0, -4, 0, 0, 0, -4, 0, 0, -4] + [0] * 17  # the retailer's
# theta = 1, alpha = 0: pass on what was ordered; the position stays where it was
PASSED_ON, PASSED_COSTS, PASSED_TOTAL = (28, 28, 28, 24), (330.0, 242.0, 154.0, 66.0), 792.0
LARGEST_ORDER, LARGEST_BACKLOG = (8, 8, 8, 8), (12, 8, 4, 0)
# theta = 0.36, alpha = 0.26, beta = 0.34, S' = 17: the mean of Sterman's subjects
MEAN_COSTS, MEAN_TOTAL = (299.0, 695.0, 962.5, 737.5), 2694.0
MEAN_LARGEST, MEAN_BACKLOG = (11, 17, 27, 33), (15, 40, 58, 39)


def beer_game(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Four stages; an order is read by the stage above two weeks after the week in which it is placed.

    How that is a run of this model stands in `study.beer_game.chain`. A rule that makes up the whole gap and knows what
    it expects is base stock; passing on each order keeps the position where it is, base stock as well.
    """
    from restock.sim.verification.cases.rules import FromDayOn

    from_week_5 = FromDayOn(level_of=BENCHMARK[::-1], first_day_of=tuple(days_of(5)), order_before=4)
    orders, net_stock, differ = stages(from_week_5)
    numbers = [*costs("benchmark", BENCHMARK_COSTS, BENCHMARK_TOTAL, net_stock)]
    numbers += [off(f"benchmark: orders of the {stage}", ORDERS[stage], orders[stage]) for stage in ORDERS]
    numbers += [off("benchmark: net stock of the retailer", NET_STOCK, net_stock["retailer"]),
                replace(differ, quantity=f"benchmark: {differ.quantity}")]  # fmt: skip
    passed_on = FromDayOn(level_of=PASSED_ON[::-1], first_day_of=tuple(days_of(1)), order_before=4)
    mean_subject = make_policy({"name": "anchor_and_adjust", "desired_stock": 17, "theta": 0.36, "alpha": 0.26,
                                "beta": 0.34, "first_day_of": days_of(5), "order_before": 4})  # fmt: skip
    numbers += extremes("orders passed on", passed_on, PASSED_COSTS, PASSED_TOTAL, LARGEST_ORDER, LARGEST_BACKLOG)
    numbers += extremes("mean subject", mean_subject, MEAN_COSTS, MEAN_TOTAL, MEAN_LARGEST, MEAN_BACKLOG)
    return [Check(tuple(numbers))]


def extremes(
    at: str, policy: Policy, printed: tuple[float, ...], total: float, largest: tuple[int, ...], most: tuple[int, ...]
) -> list[Number]:
    """Costs, the largest order and the most owed of each stage."""
    orders, net_stock, differ = stages(policy)
    numbers = costs(at, printed, total, net_stock)
    for stage, order, backlog in zip(STAGES, largest, most, strict=True):
        numbers += [
            Number(f"{at}: largest order of the {stage}", order, order, float(max(orders[stage]))),
            Number(f"{at}: most owed by the {stage}", backlog, backlog, float(-min(net_stock[stage]))),
        ]
    return [*numbers, replace(differ, quantity=f"{at}: {differ.quantity}")]


def stages(policy: Policy) -> tuple[dict[str, list[int]], dict[str, list[int]], Number]:
    """Orders and net stock of each stage by its own weeks; and how far the engines differ."""
    run, differ = played(chain(), policy)
    orders = {stage: column(run, stage, "ordered", week_one(stage), WEEKS) for stage in STAGES}
    on_hand, owed = (
        {stage: column(run, stage, what, week_one(stage), WEEKS) for stage in STAGES}
        for what in ("on_hand", "backorders")
    )
    return orders, {s: (np.array(on_hand[s]) - owed[s]).tolist() for s in STAGES}, differ


def costs(at: str, printed: tuple[float, ...], total: float, net_stock: dict[str, list[int]]) -> list[Number]:
    """0.5 for a unit on hand, 1 for one owed, at the end of each week."""
    spent = [float(sum(HELD * max(x, 0) + OWED * max(-x, 0) for x in net_stock[stage])) for stage in STAGES]
    numbers = [Number(f"{at}: cost of the {s}", p, p, x) for s, p, x in zip(STAGES, printed, spent, strict=True)]
    return [*numbers, Number(f"{at}: cost", total, total, sum(spent))]


def days_of(week: int) -> list[int]:
    """The day of the run that is so many weeks into the game, for each site, top first."""
    return [week_one(stage) + week - 1 for stage in STAGES[::-1]]


CASES = (Case("BEER-GAME", "Sterman (1989), Management Science 35(3)", 0.0, beer_game),)
