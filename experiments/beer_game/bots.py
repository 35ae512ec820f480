"""Who orders where nobody sits: any policy, which looks at the same board as a player and names an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from restock.policies.catalogue import make_policy
from restock.sim.errors import require
from restock.sim.planning.policy import Plan, Seen, learn_from, ordered_quantity, plain_functions
from restock.sim.study.beer_game.board import Board, Week
from restock.sim.study.beer_game.chain import CALM, CALM_WEEKS, STAGES

BOTS: dict[str, dict[str, Any]] = {
    "base_stock": {
        "says": "orders up to a fixed level and counts all that is on its way: four of them cost 204",
        "of": {stage: {"name": "base_stock", "base_stock_level": 24 if stage == "factory" else 32} for stage in STAGES},
    },
    "sterman": {
        "says": "orders like the mean of Sterman's subjects, a third of the supply line in mind: four cost 2,694",
        "of": {stage: {"name": "anchor_and_adjust", "desired_stock": 17, "order_before": CALM,
                       "first_day_of": [0] * len(STAGES)} for stage in STAGES},
    },
    "pass_on": {
        "says": "orders what it was asked for, and nothing else",
        "of": {stage: {"name": "anchor_and_adjust", "theta": 1.0, "alpha": 0.0, "order_before": CALM,
                       "first_day_of": [0] * len(STAGES)} for stage in STAGES},
    },
}  # fmt: skip
"""Bots by name: what they do, and the policy of each stage. First weeks are everybody's (`CALM_WEEKS`)."""


def bot_settings(bot: str, stage: str) -> dict[str, Any]:
    """The policy of a bot at a stage: one of `BOTS`, or a policy by its name, as it is by default.

    >>> bot_settings("base_stock", "factory")
    {'name': 'base_stock', 'base_stock_level': 24}
    """
    return dict(BOTS[bot]["of"][stage]) if bot in BOTS else {"name": bot}


class Bot:
    """A policy in a seat: it learns each week, and orders by what the board shows of its stage."""

    def __init__(self, board: Board, stage: str, settings: Mapping[str, Any]) -> None:
        require(stage in STAGES, f"a bot sits at a stage, got '{stage}'")
        self.stage, self.n = stage, len(STAGES) - 1 - STAGES.index(stage)
        known = board.prepared.known
        self.plan: Plan = board.prepared.plan(make_policy(settings))
        self.rules, self.learns = plain_functions(self.plan)
        self.number = int(self.plan.rule_of[0, self.n])
        self.where = known.cell(0, self.n)

    def order(self, weeks: Sequence[Week]) -> int:
        """What it orders in the last of the weeks that it sees.

        The first weeks are as everybody's: the order that was always placed. A review period of several weeks orders
        in the first of them only.
        """
        now = weeks[-1]
        if now.week <= CALM_WEEKS:
            return CALM
        if (now.week - 1) % int(self.plan.review_period[0, self.n]):
            return 0
        levels = self.plan.level_type(self.number)(*self.plan.levels_at(self.number, 0, self.n, now.week - 1))
        memory = self._learnt(weeks, levels)
        return ordered_quantity(self.rules[self.number], now.view, levels, memory, self.plan.name, self.where)

    def _learnt(self, weeks: Sequence[Week], levels: Any) -> np.ndarray | None:
        """The memory, after all weeks until now."""
        kept = self.plan.memory_of(self.number)
        if kept is None:
            return None
        memory = kept.start[0, self.n].copy()
        for week in weeks:
            seen = Seen(week.week, 1, week.asked, week.shipped, week.on_hand, 0)
            learn_from(self.learns[self.number], seen, levels, memory, self.plan.name, self.where)
        return memory
