"""Limits on what is ordered as arrays: what both engines read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from restock.sim.features.limits.granting import SHARES
from restock.sim.model.opening.run_state import kept

if TYPE_CHECKING:
    from restock.sim.features.limits.ordering_settings import Joint
    from restock.sim.features.limits.settings import Limits
    from restock.sim.model.feature import Making

NO_LIMIT = 2**40  # above every load
FOR_EVER = 2**30  # evenings
NOT_OF_ITEMS = (
    "first_joint", "least_volume", "joint_wait", "fills", "joins", "joint_cost", "space", "money", "every",
    "budget_share",
)  # fmt: skip


class OrderingArrays(NamedTuple):
    """Over items (i), sites (n), terms of joint orders (j), site by site, and budgets (m); loads in volumes.

    Arrays over items are empty where a run has nothing of them.

    Money is in whole steps of its budget: thousandths, or what as many fit into a load with (`steps_of_money`).
    """

    shelves: int  # 1: some shelf is limited
    joints: int  # 1: some orders are joint
    spaces: int  # 1: some site's space is limited
    budgets: int  # 1: there is a budget
    shelf: np.ndarray  # int32 (i, n): units that have room; 0: any
    joint_of: np.ndarray  # int32 (i, n): number of the cell's joint terms; -1: none
    first_joint: np.ndarray  # int64 (n + 1,): the first of a site
    least_volume: np.ndarray  # int64 (j,)
    joint_wait: np.ndarray  # int64 (j,): evenings
    fills: np.ndarray  # int64 (j,): 1: too little is filled up
    joins: np.ndarray  # int64 (j,): 1: items may join
    joint_cost: np.ndarray  # int64 (j,): in thousandths of money
    join_below: np.ndarray  # int32 (i, n): units of inventory position below which the item joins
    join_up_to: np.ndarray  # int32 (i, n)
    space: np.ndarray  # int64 (n,): NO_LIMIT without
    budget_of: np.ndarray  # int32 (i, n): number of the cell's budget; -1: none
    unit_money: np.ndarray  # int64 (i, n): what a unit takes of it
    money: np.ndarray  # int64 (m,)
    every: np.ndarray  # int64 (m,): days
    budget_share: np.ndarray  # int64 (m,): number in SHARES
    opening_joint_waited: np.ndarray  # int32 (i, n, r): where a run goes on, evenings for which the order was held back
    opening_spent: np.ndarray  # int64 (i, n, r): and what was spent of the budget since it was last given


def ordering_arrays(limits: Limits, making: Making) -> OrderingArrays:
    """The arrays of a scenario."""
    scenario = making.scenario
    number = {site.name: n for n, site in enumerate(scenario.sites)}
    terms = sorted(limits.of_joint, key=lambda each: number[each[0]])
    joint = [limits.of_joint[each] for each in terms]
    step = {name: step_of_money(each.money, int(scenario.stocked.sum())) for name, each in limits.of_budgets.items()}
    shelf = _shelves(scenario)
    joint_of, below, up_to = _joint(terms, joint, number, making)
    budget_of, unit_money = _budgets(limits, step, scenario)
    waited = kept(scenario, "joint_waited", "joint orders") if joint else None
    spent = kept(scenario, "spent", "budgets", np.int64) if step else None
    return OrderingArrays(
        shelves=int(shelf.any()),
        joints=int(bool(joint)),
        spaces=int(bool(limits.space)),
        budgets=int(bool(step)),
        shelf=shelf,
        joint_of=joint_of,
        first_joint=np.searchsorted([number[name] for name, _ in terms], np.arange(len(number) + 1)).astype(np.int64),
        least_volume=np.array([each.least_volume for each in joint], np.int64),
        joint_wait=np.array([FOR_EVER if each.wait is None else each.wait for each in joint], np.int64),
        fills=np.array([each.fill_up for each in joint], np.int64),
        joins=np.array([each.join_up_to_days > 0 for each in joint], np.int64),
        joint_cost=np.array([round(1000 * each.joint_cost) for each in joint], np.int64),
        join_below=below,
        join_up_to=up_to,
        space=np.array([limits.space.get(site.name, NO_LIMIT) for site in scenario.sites], np.int64),
        budget_of=budget_of,
        unit_money=unit_money,
        money=np.array([round(each.money / step[name]) for name, each in limits.of_budgets.items()], np.int64),
        every=np.array([each.every for each in limits.of_budgets.values()], np.int64),
        budget_share=np.array([SHARES.index(each.share) for each in limits.of_budgets.values()], np.int64),
        opening_joint_waited=np.zeros((0, 0, 0), np.int32) if waited is None else waited,
        opening_spent=np.zeros((0, 0, 0), np.int64) if spent is None else spent,
    )


def _shelves(scenario: Any) -> np.ndarray:
    units = np.array([item.own.get("shelf") or 0 for item in scenario.items], np.int32)
    if not units.any():
        return np.zeros((0, 0), np.int32)
    serving = {site.served_by for site in scenario.sites}
    sells = np.array([site.name not in serving for site in scenario.sites])
    return np.ascontiguousarray(units[:, None] * sells, np.int32)


def _joint(
    terms: Sequence[tuple[str, str]], joint: Sequence[Joint], number: Mapping[str, int], making: Making
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Terms of each cell, and the inventory positions below which, and up to which, it joins."""
    scenario, shape = making.scenario, making.rate.shape if joint else (0, 0)
    joint_of, below, up_to = np.full(shape, -1, np.int32), np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    suppliers = np.array([item.supplier for item in scenario.items])
    for j, ((name, source), each) in enumerate(zip(terms, joint, strict=True)):
        n = number[name]
        mine = scenario.stocked[:, n] & ((scenario.sites[n].served_by == source) | (suppliers == source))
        joint_of[mine, n] = j
        below[mine, n] = np.ceil(each.join_below_days * making.rate[mine, n] - 1e-9)
        up_to[mine, n] = np.ceil(each.join_up_to_days * making.rate[mine, n] - 1e-9)
    return joint_of, below, up_to


def _budgets(limits: Limits, step: Mapping[str, float], scenario: Any) -> tuple[np.ndarray, np.ndarray]:
    """The budget of each cell, and what a unit takes of it; what costs nothing has none."""
    shape = scenario.stocked.shape if step else (0, 0)
    budget_of, unit_money = np.full(shape, -1, np.int32), np.zeros(shape, np.int64)
    suppliers, cost = (np.array([getattr(item, name) for item in scenario.items]) for name in ("supplier", "unit_cost"))
    for m, (name, budget) in enumerate(limits.of_budgets.items()):
        of = (cost > 0) & (np.isin(suppliers, budget.suppliers) if budget.suppliers else True)
        for n, site in enumerate(scenario.sites):
            if not site.served_by and (not budget.sites or site.name in budget.sites):
                mine = of & scenario.stocked[:, n]
                budget_of[mine, n] = m
                unit_money[mine, n] = np.ceil(cost[mine] / step[name] - 1e-9)
    return budget_of, unit_money


def step_of_money(money: float, cells: int) -> float:
    """A thousandth of money, or so many times ten of them that what all cells ask for at once stays below 2**46.

    >>> step_of_money(20_000, 1000), step_of_money(10**9, 1000), step_of_money(20_000, 2_000_000)
    (0.001, 1.0, 0.001)
    """
    tens = 0
    while money * 1000 > min(10**9, 2**46 // max(1, cells)) * 10**tens:
        tens += 1
    return 10**tens / 1000
