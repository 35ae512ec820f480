"""The beer game as it is played: the orders decided so far, through the event engine, and what each stage then sees.

Every replay begins at the start. Weeks that are not played yet take any order, because the clocks of the stages keep
what a stage has seen apart from what others have yet to decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from restock.sim.engines.events.engine import Run
from restock.sim.errors import require, unknown
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.levels import ByDay
from restock.sim.planning.policy import Policy, View
from restock.sim.planning.prepared import Prepared
from restock.sim.study.beer_game.chain import CALM, CLASSIC, HELD, OWED, STAGES, beer_game, week_one

if TYPE_CHECKING:
    import pandas as pd

MOST_ORDERED = 100_000  # units that one order may have
Decisions = Mapping[str, Sequence[int]]


class Week(NamedTuple):
    """A stage's week, in units, as it stands when the stage decides; `order` is what it decided, None: not yet.

    >>> week = Week(5, received=4, asked=8, shipped=8, on_hand=8, backlog=0, on_order=12, order=None)
    >>> week.cost, week.view.inventory_position
    (4.0, 20)
    """

    week: int
    received: int  # from the stage above
    asked: int  # by the stage below, or by customers
    shipped: int  # to the stage below, late ones included
    on_hand: int
    backlog: int  # owed to the stage below
    on_order: int  # ordered and not yet received: in the post, owed by the stage above, on its way
    order: int | None

    @property
    def cost(self) -> float:
        """0.5 for a unit on hand, 1 for one owed."""
        return HELD * self.on_hand + OWED * self.backlog

    @property
    def view(self) -> View:
        """The same, as a policy sees it: its days are the weeks of the game."""
        position = self.on_hand + self.on_order - self.backlog
        return View(position, self.on_hand, self.on_order, self.backlog, self.shipped, self.week)


@dataclass(frozen=True)
class Decided(Policy):
    """What was decided, week by week; the same `CALM` units before the game, and where nothing is decided yet."""

    orders: tuple[tuple[int, ...], ...] = ()  # of each site on each day

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        return {"order": ByDay(np.array(self.orders), np.arange(len(self.orders))[None, :])}

    @staticmethod
    def rule(view: Any, levels: Any) -> int:
        """The day's order, as it was decided."""
        return levels.order


class Board:
    """A game's chain, prepared once, on which any orders are played.

    >>> board = Board()
    >>> board.play({stage: [4, 4] for stage in STAGES})["retailer"][-1]
    Week(week=3, received=4, asked=4, shipped=4, on_hand=12, backlog=0, on_order=12, order=None)
    """

    def __init__(self, customers: Sequence[int] = CLASSIC) -> None:
        self.customers = tuple(int(units) for units in customers)
        self.prepared = Prepared(beer_game(customers))

    @property
    def weeks(self) -> int:
        """Weeks of the whole game."""
        return len(self.customers)

    def policy(self, decisions: Decisions) -> Decided:
        """The decisions as a policy, which either engine can play."""
        orders = []
        for stage in STAGES[::-1]:
            row = [CALM] * self.prepared.world.horizon
            first = week_one(stage)
            row[first : first + len(decisions[stage])] = [int(units) for units in decisions[stage]]
            orders.append(tuple(row))
        return Decided(orders=tuple(orders))

    def check(self, decisions: Decisions) -> None:
        """Every stage has whole orders, for no more weeks than there are."""
        for stage in decisions:
            if stage not in STAGES:
                raise unknown("stage", stage, STAGES)
        for stage in STAGES:
            made = decisions.get(stage, ())
            require(len(made) <= self.weeks, f"the {stage} has {len(made)} orders; the game has {self.weeks} weeks")
            for week, units in enumerate(made, start=1):
                check_order(units, f"the {stage} in week {week}")

    def play(self, decisions: Decisions) -> dict[str, list[Week]]:
        """Each stage's weeks: those decided, and the one that is to be decided now, if the game is not over.

        A stage sees the coming week only when all stages have decided the weeks before.
        """
        self.check(decisions)
        decisions = {stage: decisions.get(stage, ()) for stage in STAGES}
        plan = self.prepared.plan(self.policy(decisions))
        run = Run(self.prepared, plan, 1, 0, log=True).run()
        shown = min(min(len(made) for made in decisions.values()) + 1, self.weeks)
        played = weeks_of(run, shown)
        return {stage: [week if k < len(decisions[stage]) else week._replace(order=None)
                        for k, week in enumerate(mine)] for stage, mine in played.items()}  # fmt: skip


def weeks_of(run: Run, weeks: int) -> dict[str, list[Week]]:
    """The first weeks of each stage, by its own clock, from a run of the chain with its log.

    >>> board = Board()
    >>> plan = board.prepared.plan(board.policy({stage: [4, 4, 9] for stage in STAGES}))
    >>> run = Run(board.prepared, plan, 1, 0, log=True).run()
    >>> [week.order for week in weeks_of(run, 3)["factory"]]
    [4, 4, 9]
    """
    of_site: dict[str, list[Any]] = {stage: [] for stage in STAGES}
    for day in run.daily:
        of_site[day.site].append(day)
    return {stage: [_week(of_site[stage][week_one(stage) + k], k + 1, stage) for k in range(weeks)]
            for stage in STAGES}  # fmt: skip


def _week(day: Any, week: int, stage: str) -> Week:
    shipped = day.filled + day.backorders_served if stage == STAGES[0] else day.shipped
    return Week(week, day.received, day.demand, shipped, day.on_hand, day.backorders, day.on_order - day.ordered,
                day.ordered)  # fmt: skip


def check_order(units: Any, who: str) -> None:
    """An order is whole units from 0 on.

    >>> check_order(8, "the retailer in week 5")
    """
    good = isinstance(units, (int, np.integer)) and not isinstance(units, bool) and 0 <= units <= MOST_ORDERED
    require(bool(good), f"the order of {who} must be whole units from 0 to {MOST_ORDERED:,}, got {units}")


def costs(weeks: Mapping[str, Sequence[Week]]) -> dict[str, float]:
    """What each stage has spent in the weeks that it decided.

    >>> board = Board()
    >>> costs(board.play({stage: [4] * 4 for stage in STAGES}))
    {'retailer': 24.0, 'wholesaler': 24.0, 'distributor': 24.0, 'factory': 24.0}
    """
    return {stage: sum(week.cost for week in mine if week.order is not None) for stage, mine in weeks.items()}


def classic_table(weeks: Mapping[str, Sequence[Week]]) -> pd.DataFrame:
    """The record sheets side by side: net stock and order of each stage by week, and what all have spent so far.

    >>> classic_table(Board().play({stage: [4, 4] for stage in STAGES}))["cost_so_far"].tolist()
    [24.0, 48.0]
    """
    import pandas as pd

    columns: dict[str, Any] = {"week": [week.week for week in weeks[STAGES[0]] if week.order is not None]}
    spent = np.zeros(len(columns["week"]))
    for stage in STAGES:
        mine = [week for week in weeks[stage] if week.order is not None][: len(spent)]
        columns[f"{stage}_asked"] = [week.asked for week in mine]
        columns[f"{stage}_net_stock"] = [week.on_hand - week.backlog for week in mine]
        columns[f"{stage}_order"] = [week.order for week in mine]
        spent += np.array([week.cost for week in mine])
    return pd.DataFrame(columns | {"cost_so_far": spent.cumsum()})
