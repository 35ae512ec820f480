"""Limits on what is ordered, in the event engine."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from restock.sim.engines.events.opening import which_state
from restock.sim.features.limits.arrays import CLASSES
from restock.sim.features.limits.granting import Request, grant, share_by_load
from restock.sim.features.limits.ordering_arrays import NO_LIMIT

if TYPE_CHECKING:
    from restock.sim.engines.events.engine import Run
    from restock.sim.engines.events.site import SiteProcess

LONGEST = 365  # days of demand by which orders are filled up, at most


def limits_orders(of: Any) -> bool:
    """Whether something limits what is ordered."""
    return bool(of.shelves or of.joints or of.spaces or of.budgets)


def days_covered(units: int, rate: float) -> int:
    """Whole days of cover, 15 for more, and where nobody buys.

    >>> days_covered(9, 4.0), days_covered(-3, 4.0), days_covered(99, 4.0), days_covered(0, 0.0)
    (2, 0, 15, 15)
    """
    return CLASSES - 1 if rate <= 0 else int(min(CLASSES - 1, max(0, math.floor(units / rate))))


class OrderLimits:
    """One site: its shelves, its joint orders, its space, and what it spent of budgets."""

    def __init__(self, site: SiteProcess) -> None:
        self.site, self.run, self.n = site, site.run, site.n
        self.world = site.run.prepared.world
        self.of = self.world.features.limits
        self.waited: Counter[int] = Counter()  # evenings for which orders were held back, by their terms
        self.made: Counter[int] = Counter()  # joint orders so far
        self.spent: Counter[int] = Counter()  # by item, of its budget since it was last given
        self.joint = {j: [i for i in site.items if self.of.joint_of[i, self.n] == j]
                      for j in range(self.of.first_joint[self.n], self.of.first_joint[self.n + 1])}  # fmt: skip
        r = which_state(site.run)
        for i in site.items:
            if self.of.opening_joint_waited.size and self.of.joint_of[i, self.n] >= 0:
                self.waited[int(self.of.joint_of[i, self.n])] = int(self.of.opening_joint_waited[i, self.n, r])
            if self.of.opening_spent.size:
                self.spent[i] = int(self.of.opening_spent[i, self.n, r])

    def kept(self, i: int) -> dict[str, int]:
        """For a run that goes on."""
        joint = int(self.of.joint_of[i, self.n]) if self.of.joints else -1
        return {"joint_waited": self.waited[joint], "spent": self.spent[i]}

    def position(self, day: int, i: int) -> int:
        """Of an item, as a policy sees it tonight."""
        return self.site.view(day, i).inventory_position

    def cover(self, day: int, i: int) -> int:
        """Whole days of cover, up to 15."""
        return days_covered(self.position(day, i), float(self.world.daily_rate[i, self.n]))

    def volume(self, i: int, units: int) -> int:
        return units * int(self.of.volume[i])

    def shelf(self, i: int) -> int:
        """Units that have room; 0: any."""
        return int(self.of.shelf[i, self.n]) if self.of.shelves else 0

    def room(self, day: int, i: int) -> int:
        """Units that there is room for on the shelf, in whole packs."""
        shelf, pack = self.shelf(i), int(self.world.pack[i, self.n])
        return max(0, shelf - self.position(day, i)) // pack * pack if shelf else NO_LIMIT

    def drop(self, day: int, i: int, orders: dict[int, int], left: int, why: str) -> None:
        """Of an order no more than so much is left."""
        self.site.stock[i].book[why] += orders[i] - left
        self.run.note(day, "evening", self.n, i, f"not ordered: {why.replace('_', ' ')}", orders[i] - left)
        orders[i] = left

    def on_shelf(self, day: int, i: int, quantity: int) -> int:
        """What of an order has room on the shelf."""
        self.run.watch.asked_for(day, self.n, i, quantity)
        of_item = {i: quantity}
        if quantity and self.shelf(i):
            self.drop(day, i, of_item, min(quantity, self.room(day, i)), "no_shelf")
        return of_item[i]

    def order_jointly(self, day: int, orders: dict[int, int]) -> None:
        """Items join where others are ordered; what comes to too little is filled up, or held back."""
        for j, items in self.joint.items():
            if not any(orders[i] for i in items):
                self.waited[j] = 0
                continue
            joined = [i for i in items if self.of.joins[j] and orders[i] == 0]
            for i in joined:
                orders[i] = self.joins(day, i)
            least, units = int(self.of.least_volume[j]), {i: orders[i] for i in joined}
            if self.of.fills[j] and self.load(items, orders) < least:
                self.fill_up(day, items, orders, least)
            waits = self.load(items, orders) < least and self.waited[j] < self.of.joint_wait[j]
            for i in joined if not waits else ():
                self.site.stock[i].book["joined"] += units[i]
                self.run.note(day, "evening", self.n, i, "joined", units[i])
            if waits:
                self.waited[j] += 1
                for i in items:
                    self.drop(day, i, orders, 0, "held_back")
            else:
                self.waited[j] = 0

    def load(self, items: list[int], orders: dict[int, int]) -> int:
        return sum(self.volume(i, orders[i]) for i in items)

    def joins(self, day: int, i: int) -> int:
        """What of an item is ordered because another one is."""
        is_open = int(self.world.order_days[i, self.n]) >> (day % 7) & 1
        position = self.position(day, i)
        if not is_open or position >= self.of.join_below[i, self.n]:
            return 0
        return self.site.allowed(day, i, int(self.of.join_up_to[i, self.n]) - position)

    def fill_up(self, day: int, items: list[int], orders: dict[int, int], least: int) -> None:
        """All orders are raised by the same days of demand, as few as come to the least volume."""
        ordered = {i: orders[i] for i in items if orders[i]}

        def raised(days: int) -> dict[int, int]:
            out = {}
            for i, units in ordered.items():
                more = units + math.ceil(days * float(self.world.daily_rate[i, self.n]) - 1e-9)
                pack = int(self.world.pack[i, self.n])
                most = min(self.room(day, i), int(self.world.most_units)) // pack * pack
                out[i] = max(units, min(-(-more // pack) * pack, most))
            return out

        if self.load(list(ordered), raised(LONGEST)) < least:
            return
        days = next(days for days in range(1, LONGEST + 1) if self.load(list(ordered), raised(days)) >= least)
        filled = raised(days)
        excess = self.load(list(ordered), filled) - least
        for i, units in filled.items():
            pack = int(self.world.pack[i, self.n])
            packs = min((units - ordered[i]) // pack, excess // self.volume(i, pack))
            excess -= self.volume(i, packs * pack)
            orders[i] = units - packs * pack
            self.site.stock[i].book["filled_up"] += orders[i] - ordered[i]
            self.run.note(day, "evening", self.n, i, "filled up", orders[i] - ordered[i])

    def keep_to_space(self, day: int, orders: dict[int, int]) -> None:
        """No more is ordered than there is space for beside what is there, or on its way."""
        if self.of.space[self.n] >= NO_LIMIT:
            return
        here = sum(self.volume(i, max(0, self.position(day, i))) for i in self.site.items)
        packs = {i: int(self.world.pack[i, self.n]) for i in self.site.items}
        requests = [Request(orders[i] // pack, self.volume(i, pack), self.cover(day, i)) for i, pack in packs.items()]
        room = max(0, int(self.of.space[self.n]) - here)
        granted = grant(requests, room, int(self.of.site_share[self.n]), day)
        asked = here + self.load(self.site.items, orders)
        for (i, pack), many in zip(packs.items(), granted, strict=True):
            self.drop(day, i, orders, many * pack, "no_space")
        placed = here + self.load(self.site.items, orders)
        self.run.note_limit(day, "space", self.site.name, asked, placed, int(self.of.space[self.n]))

    def note_joint_orders(self, orders: Mapping[int, int]) -> None:
        """An order is one, however many items are in it."""
        for j, items in self.joint.items():
            self.made[j] += any(orders[i] for i in items)
            for i in items:
                self.site.stock[i].book["joint_load"] += self.volume(i, orders[i])

    def share_joint_orders(self) -> None:
        """Joint orders and their cost belong to items by the part of their load."""
        for j, items in self.joint.items():
            books = [self.site.stock[i].book for i in items]
            cost = int(self.of.joint_cost[j])
            share_by_load(books, "joint_load",
                          {"joint_orders": 1000 * self.made[j], "joint_cost": cost * self.made[j]})  # fmt: skip


class Budgets:
    """Money for orders from outside, shared when all have decided."""

    def __init__(self, run: Run) -> None:
        self.run, self.world = run, run.prepared.world
        self.of = self.world.features.limits
        self.used = bool(self.of.budgets)
        self.cells = [self._cells_of(m) for m in range(len(self.of.money))]
        self.unmet: Counter[int] = Counter()  # the most that an evening of the period asked for beyond what was left

    def _cells_of(self, m: int) -> list[tuple[int, SiteProcess, OrderLimits]]:
        return [(i, site, site.features["limits"].ordering)  # type: ignore[attr-defined]
                for i in range(len(self.of.volume)) for site in self.run.sites
                if i in site.stock and self.of.budget_of[i, site.n] == m]  # fmt: skip

    def cut(self, day: int) -> None:
        """What is left of each budget is shared among tonight's orders; then they are placed."""
        for m in range(len(self.of.money)):
            self._share(day, m, self.cells[m])
        self.run.watch.buying = True
        for n in self.world.bottom_up:
            if self.world.parent[n] < 0:
                self.run.sites[int(n)].place_orders(day)
        self.run.watch.buying = False

    def _share(self, day: int, m: int, cells: list[tuple[int, SiteProcess, OrderLimits]]) -> None:
        money = int(self.of.money[m])
        if day % int(self.of.every[m]) == 0:
            self.unmet[m] = 0
            for i, _, limits in cells:
                limits.spent[i] = 0
        left = money - sum(limits.spent[i] for i, _, limits in cells)
        requests, asked = [], 0
        for i, site, limits in cells:
            pack = int(self.world.pack[i, site.n])
            price = pack * int(self.of.unit_money[i, site.n])
            packs = min(site.ordered_tonight[i] // pack, money // price)  # none asks for more than there is in all
            asked += site.ordered_tonight[i] // pack * price
            requests.append(Request(packs, price, limits.cover(day, i)))
        granted = grant(requests, left, int(self.of.budget_share[m]), day)
        for (i, site, limits), request, packs in zip(cells, requests, granted, strict=True):
            limits.spent[i] += packs * request.volume
            limits.drop(day, i, site.ordered_tonight, packs * int(self.world.pack[i, site.n]), "no_money")
        self.unmet[m] = max(self.unmet[m], asked - left)
        if (day + 1) % int(self.of.every[m]) == 0 or day + 1 == self.world.horizon:
            spent = sum(limits.spent[i] for i, _, limits in cells)
            name, step = list(self.run.prepared.scenario.feature("limits").budgets)[m], self.step(m)
            figures = [round(each * step) for each in (spent + self.unmet[m], spent, money)]
            self.run.note_limit(day, "budget", name, *figures)

    def step(self, m: int) -> float:
        """Money of one of the whole steps in which a budget is reckoned."""
        budget = list(self.run.prepared.scenario.feature("limits").of_budgets.values())[m]
        return float(budget.money / self.of.money[m]) if self.of.money[m] else 0.0
