"""Limits on what is ordered as arrays: what both engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.features.limits.granting import SHARES
from restock.sim.model.opening.run_state import kept

if TYPE_CHECKING:
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
    scenario, shape = making.scenario, making.rate.shape
    sites, items = scenario.sites, scenario.items
    shelf = np.zeros(shape, np.int32)
    serving = {site.served_by for site in sites}
    for n, site in enumerate(sites):
        if site.name not in serving:
            shelf[:, n] = [item.own.get("shelf") or 0 for item in items]
    number = {site.name: n for n, site in enumerate(sites)}
    terms = sorted(limits.of_joint, key=lambda each: number[each[0]])
    joint = [limits.of_joint[each] for each in terms]
    joint_of, below, up_to = np.full(shape, -1, np.int32), np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    for j, (name, source) in enumerate(terms):
        n = number[name]
        mine = [sites[n].served_by == source or item.supplier == source for item in items]
        mine = np.array(mine) & scenario.stocked[:, n]
        joint_of[mine, n] = j
        below[mine, n] = np.ceil(joint[j].join_below_days * making.rate[mine, n] - 1e-9)
        up_to[mine, n] = np.ceil(joint[j].join_up_to_days * making.rate[mine, n] - 1e-9)
    budget_of, unit_money = np.full(shape, -1, np.int32), np.zeros(shape, np.int64)
    step = {}
    for m, (name, budget) in enumerate(limits.of_budgets.items()):
        step[name] = step_of_money(budget.money, int(scenario.stocked.sum()))
        for n, site in enumerate(sites):
            if not site.served_by and site.name in (budget.sites or [site.name]):
                of = [not budget.suppliers or item.supplier in budget.suppliers for item in items]
                mine = np.array(of) & scenario.stocked[:, n] & np.array([item.unit_cost > 0 for item in items])
                budget_of[mine, n] = m
                unit_money[mine, n] = np.ceil([item.unit_cost / step[name] - 1e-9 for item in items])[mine]
    waited = kept(scenario, "joint_waited", "joint orders") if joint else None
    spent = kept(scenario, "spent", "budgets", np.int64) if step else None
    return OrderingArrays(
        shelves=int(shelf.any()),
        joints=int(bool(joint)),
        spaces=int(bool(limits.space)),
        budgets=int(bool(step)),
        shelf=shelf,
        joint_of=joint_of,
        first_joint=np.searchsorted([number[name] for name, _ in terms], np.arange(len(sites) + 1)).astype(np.int64),
        least_volume=np.array([each.least_volume for each in joint], np.int64),
        joint_wait=np.array([FOR_EVER if each.wait is None else each.wait for each in joint], np.int64),
        fills=np.array([each.fill_up for each in joint], np.int64),
        joins=np.array([each.join_up_to_days > 0 for each in joint], np.int64),
        joint_cost=np.array([round(1000 * each.joint_cost) for each in joint], np.int64),
        join_below=below,
        join_up_to=up_to,
        space=np.array([limits.space.get(site.name, NO_LIMIT) for site in sites], np.int64),
        budget_of=budget_of,
        unit_money=unit_money,
        money=np.array([round(each.money / step[name]) for name, each in limits.of_budgets.items()], np.int64),
        every=np.array([each.every for each in limits.of_budgets.values()], np.int64),
        budget_share=np.array([SHARES.index(each.share) for each in limits.of_budgets.values()], np.int64),
        opening_joint_waited=np.zeros((0, 0, 0), np.int32) if waited is None else waited,
        opening_spent=np.zeros((0, 0, 0), np.int64) if spent is None else spent,
    )


def step_of_money(money: float, cells: int) -> float:
    """A thousandth of money, or so many times ten of them that what all cells ask for at once stays below 2**46.

    >>> step_of_money(20_000, 1000), step_of_money(10**9, 1000), step_of_money(20_000, 2_000_000)
    (0.001, 1.0, 0.001)
    """
    tens = 0
    while money * 1000 > min(10**9, 2**46 // max(1, cells)) * 10**tens:
        tens += 1
    return 10**tens / 1000
