"""Four stages in a row, orders that take time to be read: BEER-GAME."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.laws import Constant
from sim.network import Lane, Site
from sim.verify import Case, Check, MakePolicy, Number
from sim.verify_cases.traces import column, off, played
from sim.verify_cases.worlds import replayed, unchecked

if TYPE_CHECKING:
    from sim.policy import Policy
    from sim.scenario import Scenario

STAGES = ("retailer", "wholesaler", "distributor", "factory")
# theta = 0, alpha = beta = 1: from week 5 on, up to S' + the order expected; before, the same 4 a week
BENCHMARK, BENCHMARK_COSTS, BENCHMARK_TOTAL = (32, 32, 32, 24), (46.0, 50.0, 54.0, 54.0), 204.0
ORDERS = {"retailer": [4] * 4 + [12] + [8] * 31, "factory": [4] * 6 + [8, 4, 8, 4, 12] + [8] * 25}
NET_STOCK = [12, 12, 12, 12, 8, 4, 0, -4, 0, 0, 0, -4, 0, 0, 0, -4, 0, 0, -4] + [0] * 17  # the retailer's
# theta = 1, alpha = 0: pass on what was ordered; the position stays where it was
PASSED_ON, PASSED_COSTS, PASSED_TOTAL = (28, 28, 28, 24), (330.0, 242.0, 154.0, 66.0), 792.0
LARGEST_ORDER, LARGEST_BACKLOG = (8, 8, 8, 8), (12, 8, 4, 0)
WEEKS = 36


def beer_game(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Four stages; an order is read by the stage above two weeks after the week in which it is placed.

    Stages meet only through orders and shipments, so each keeps a calendar of its own: the clock of the stage above is
    two weeks ahead, and a run in which orders are read the same evening, and shipments take 2 + 2 days, is the same
    game. Its first days fill the pipelines with 4 a week. A rule that makes up the whole gap and knows what it expects
    is base stock; passing on each order keeps the position where it is, base stock as well.
    """
    orders, net_stock, differ = stages(BENCHMARK, first_week=5)
    numbers = [*costs("benchmark", BENCHMARK_COSTS, BENCHMARK_TOTAL, net_stock)]
    numbers += [off(f"benchmark: orders of the {stage}", ORDERS[stage], orders[stage]) for stage in ORDERS]
    numbers += [off("benchmark: net stock of the retailer", NET_STOCK, net_stock["retailer"]),
                replace(differ, quantity=f"benchmark: {differ.quantity}")]  # fmt: skip
    orders, net_stock, differ = stages(PASSED_ON, first_week=1)
    numbers += costs("orders passed on", PASSED_COSTS, PASSED_TOTAL, net_stock)
    for stage, order, backlog in zip(STAGES, LARGEST_ORDER, LARGEST_BACKLOG, strict=True):
        numbers += [
            Number(f"orders passed on: largest of the {stage}", order, order, float(max(orders[stage]))),
            Number(f"orders passed on: most owed by the {stage}", backlog, backlog, float(-min(net_stock[stage]))),
        ]
    numbers.append(replace(differ, quantity=f"orders passed on: {differ.quantity}"))
    mean_subject = unchecked("mean subject (theta 0.36, alpha 0.26, beta 0.34): 13 numbers",
                             "needs forecasts made during the run")  # fmt: skip
    return [Check(tuple(numbers)), mean_subject]


def stages(levels: tuple[int, ...], first_week: int) -> tuple[dict[str, list[int]], dict[str, list[int]], Number]:
    """Orders and net stock of each stage by its own weeks; and how far the engines differ."""
    run, differ = played(*game(levels, first_week))
    orders = {stage: column(run, stage, "ordered", week_one(stage), WEEKS) for stage in STAGES}
    on_hand, owed = (
        {stage: column(run, stage, what, week_one(stage), WEEKS) for stage in STAGES}
        for what in ("on_hand", "backorders")
    )
    return orders, {s: (np.array(on_hand[s]) - owed[s]).tolist() for s in STAGES}, differ


def costs(at: str, printed: tuple[float, ...], total: float, net_stock: dict[str, list[int]]) -> list[Number]:
    """0.5 for a unit on hand, 1 for one owed, at the end of each week."""
    spent = [float(sum(0.5 * max(x, 0) + max(-x, 0) for x in net_stock[stage])) for stage in STAGES]
    numbers = [Number(f"{at}: cost of the {s}", p, p, x) for s, p, x in zip(STAGES, printed, spent, strict=True)]
    return [*numbers, Number(f"{at}: cost", total, total, sum(spent))]


def week_one(stage: str) -> int:
    """The day of the run that is week 1 of a stage; the pipelines are full by then."""
    return 4 + 2 * (3 - STAGES.index(stage))


def game(levels: tuple[int, ...], first_week: int) -> tuple[Scenario, Policy]:
    """The four stages, top first; opening stock is 12 and what customers take before the first delivery."""
    from sim.verify_cases.rules import FromDayOn

    names = STAGES[::-1]
    days = week_one("retailer") + 36
    calm = week_one("retailer") + 4
    sites = [Site(name, "dc" if name != "retailer" else "store", served_by=above)
             for name, above in zip(names, (None, *names), strict=False)]  # fmt: skip
    lead_times = [3, 4, 4, 4]
    lanes = [Lane(site.served_by or "supplier", site.name, Constant(lead))
             for site, lead in zip(sites, lead_times, strict=True)]  # fmt: skip
    demand = [[4] * calm + [8] * (days - calm)]
    scenario = replayed(demand, sites, lanes, [-1, -1, -1, 0], [12 + 4 * lead for lead in lead_times], 1.0)
    first_days = tuple(week_one(name) + first_week - 1 for name in names)
    return scenario, FromDayOn(level_of=levels[::-1], first_day_of=first_days, order_before=4)


CASES = (Case("BEER-GAME", "Sterman (1989), Management Science 35(3)", 0.0, beer_game),)
