"""Limits on what is ordered: joint orders of a site with a source, space, shelves, and budgets.

What limits ordering drops: what is not ordered tonight is forgotten, and asked again at the next review.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.sim.checks import check_fields, check_mapping, part_of
from restock.sim.errors import InputError, require, unknown

if TYPE_CHECKING:
    from restock.sim.model.scenario import Scenario

MOST = 10**9  # of a load, or of money
MOST_DAYS = 365


@dataclass(frozen=True)
class Joint:
    """Orders of a site with a source, over all its items of that source on one evening.

    Parameters
    ----------
    joint_cost : float
        Money for such an order, once however many items are in it.
    least_volume : int
        Volumes that it must come to; 1: any will do.
    wait : int or None
        Evenings in a row for which an order that comes to less is held back; then it is placed all the same. None: as
        long as it takes.
    fill_up : bool
        Orders that come to less are raised to the least volume, all by the same least whole number of days of demand
        (up to a year's), in whole packs, up to the shelf. What is then more than the least volume asks for is taken off
        the raises, those of the items listed first first.
    join_below_days, join_up_to_days : float
        Where some item is ordered, the others whose inventory position is below so many days of demand join it, up to
        so many days. 0: none do.

    >>> Joint(joint_cost=400, least_volume=20000, wait=7).fill_up
    False
    """

    joint_cost: float = 0.0
    least_volume: int = 1
    wait: int | None = None
    fill_up: bool = False
    join_below_days: float = 0.0
    join_up_to_days: float = 0.0

    def __post_init__(self) -> None:
        check_fields(self, "limits.joint.")


@dataclass(frozen=True)
class Budget:
    """Money for orders from outside suppliers.

    Parameters
    ----------
    money : float
        For all these orders together, at the items' unit costs.
    every : int
        Days that it is for, from day 0 of the run on; what is not spent by then lapses.
    suppliers, sites : tuples of names
        Whose orders: those with these suppliers, of these sites; none named: with all, of all.
    share : 'proportional', 'priority' or 'neediest'
        Who gets it where it is short: see `Limits`.

    >>> Budget(20000, every=7).share
    'proportional'
    """

    money: float
    every: int = 1
    suppliers: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    share: str = "proportional"

    def __post_init__(self) -> None:
        check_fields(self, "limits.budgets.")


def _number(where: str, value: float, least: int, most: int) -> None:
    require(least <= value <= most, f"{where} must be a number from {least} to {most:,}, got {value:g}")


def joint_orders(given: Mapping[str, Any]) -> dict[tuple[str, str], Joint]:
    """Terms by site and source.

    >>> joint_orders({"dc": {"overseas": {"joint_cost": 400}}})[("dc", "overseas")].joint_cost
    400
    """
    out = {}
    for site, sources in check_mapping("limits.joint", given).items():
        for source, each in check_mapping(f"limits.joint.{site}", sources or {}).items():
            where = f"limits.joint.{site}.{source}"
            out[site, source] = part_of(Joint, check_mapping(where, each or {}), f"of {where}")
            _check_joint(where, out[site, source])
    return out


def _check_joint(where: str, joint: Joint) -> None:
    _number(f"{where}.joint_cost", joint.joint_cost, 0, 10**6)
    good = 1 <= joint.least_volume <= MOST
    require(good, f"{where}.least_volume must be a whole number from 1 to {MOST:,}, got {joint.least_volume}")
    good = joint.wait is None or 0 <= joint.wait <= 1000
    require(good, f"{where}.wait must be a whole number of evenings from 0 to 1,000, got {joint.wait}")
    _number(f"{where}.join_below_days", joint.join_below_days, 0, MOST_DAYS)
    _number(f"{where}.join_up_to_days", joint.join_up_to_days, 0, MOST_DAYS)
    good = joint.join_up_to_days >= joint.join_below_days
    require(good, f"{where}.join_up_to_days must be at least join_below_days, {joint.join_below_days:g}, got "
                  f"{joint.join_up_to_days:g}")  # fmt: skip


def budgets(given: Mapping[str, Any]) -> dict[str, Budget]:
    """Budgets by name.

    >>> budgets({"buyer": {"money": 20000, "every": 7}})["buyer"].every
    7
    """
    out = {}
    for name, each in check_mapping("limits.budgets", given).items():
        where = f"limits.budgets.{name}"
        require(
            bool(each) and each.get("money") is not None, f"{where} needs money, such as {{money: 20000, every: 7}}"
        )
        out[name] = part_of(Budget, check_mapping(where, each), f"of {where}")
        _number(f"{where}.money", out[name].money, 0, MOST)
        good = 1 <= out[name].every <= MOST_DAYS
        require(good, f"{where}.every must be a whole number of days from 1 to {MOST_DAYS}, got {out[name].every}")
    return out


def check_ordering(
    scenario: Scenario,
    joints: Mapping[tuple[str, str], Joint],
    of_budgets: Mapping[str, Budget],
    space: Mapping[str, int],
) -> None:
    """Every name is one that the scenario has, a cell has one budget, and no limit is below one unit of an item."""
    sites = {site.name: site for site in scenario.sites}
    suppliers = {item.supplier for item in scenario.items}
    for site, source in joints:
        if site not in sites:
            raise unknown("site", site, sites, "of limits.joint")
        above = sites[site].served_by
        known = {above} if above else suppliers
        if source not in known:
            raise unknown("source", source, known, f"of limits.joint.{site}")
    outside = [site.name for site in scenario.sites if not site.served_by]
    for name, budget in of_budgets.items():
        for each in budget.suppliers:
            if each not in suppliers:
                raise unknown("supplier", each, suppliers, f"of limits.budgets.{name}")
        for each in budget.sites:
            if each not in sites:
                raise unknown("site", each, sites, f"of limits.budgets.{name}")
            require(each in outside, f"site '{each}' of limits.budgets.{name} orders from "
                                     f"'{sites[each].served_by}'; a budget is for orders from outside")  # fmt: skip
    _check_one_budget(scenario, of_budgets, outside)
    for name in space:
        if name not in sites:
            raise unknown("site", name, sites, "of limits.sites")
    _check_packs(scenario, of_budgets, space)


def _check_packs(scenario: Scenario, of_budgets: Mapping[str, Budget], space: Mapping[str, int]) -> None:
    """No limit is below a pack of an item, which would never be ordered."""
    shelf = np.array([item.own.get("shelf") or 0 for item in scenario.items])
    if not (space or of_budgets or shelf.any()):
        return
    volume = np.array([item.own.get("volume") or 1 for item in scenario.items])
    pack, cost = (np.array([getattr(item, name) for item in scenario.items]) for name in ("pack", "unit_cost"))
    suppliers = np.array([item.supplier for item in scenario.items])
    serving = {site.served_by for site in scenario.sites}
    opened = np.array([lane.break_packs for lane in scenario.lanes], bool)
    for n, site in enumerate(scenario.sites):
        mine = scenario.stocked[:, n]
        size = np.where(opened[scenario.lane_of[:, n]], 1, pack)
        if site.name not in serving:
            _fits(scenario, mine & (shelf > 0) & (size > shelf), size, "shelf {}, is {}", shelf)
        if site.name in space:
            room = space[site.name]
            words = f"limits.sites.{site.name}.space is {room}, and an order {{}}, takes {{}}"
            _fits(scenario, mine & (size * volume > room), size, words, size * volume)
        for name, budget in of_budgets.items() if not site.served_by else ():
            if not budget.sites or site.name in budget.sites:
                of = mine & (np.isin(suppliers, budget.suppliers) if budget.suppliers else True)
                words = f"limits.budgets.{name}.money is {budget.money:g}, and an order {{}}, costs {{:g}}"
                _fits(scenario, of & (size * cost > budget.money), size, words, size * cost)


def _fits(scenario: Scenario, beyond: np.ndarray, pack: np.ndarray, words: str, figures: np.ndarray) -> None:
    """Refuse the first item whose packs go beyond a limit."""
    if beyond.any():
        i = int(np.argmax(beyond))
        packs = "a unit" if pack[i] == 1 else f"in packs of {pack[i]} units"
        line = words.format(f"of item '{scenario.items[i].name}', {packs}", figures[i])
        raise InputError(f"{line}: none would ever be ordered")


def _check_one_budget(scenario: Scenario, of_budgets: Mapping[str, Budget], outside: list[str]) -> None:
    suppliers = sorted({item.supplier for item in scenario.items})
    first: dict[tuple[str, str], str] = {}
    for name, budget in of_budgets.items():
        for site in budget.sites or outside:
            for supplier in budget.suppliers or suppliers:
                other = first.setdefault((site, supplier), name)
                require(other == name, f"limits.budgets: orders of '{site}' with '{supplier}' are in two budgets, "
                                       f"'{other}' and '{name}'")  # fmt: skip
