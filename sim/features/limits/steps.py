"""Limits that items share, in the event engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from restock.sim.engines.events.between import BetweenSites
from restock.sim.engines.events.opening import which_state
from restock.sim.engines.events.site_steps import SiteSteps
from restock.sim.engines.events.stock import Stock
from restock.sim.features.limits.granting import Request, grant, parts_of_room, share_by_load
from restock.sim.features.limits.ordering_steps import Budgets, OrderLimits, days_covered, limits_orders

if TYPE_CHECKING:
    from restock.sim.engines.events.allocation import Share
    from restock.sim.engines.events.engine import Run
    from restock.sim.engines.events.site import SiteProcess


class LimitSteps(SiteSteps):
    """One site: the trucks to it, what it may send to others, and what it waits for from its supplier."""

    def __init__(self, site: SiteProcess) -> None:
        super().__init__(site)
        self.of = self.world.features.limits
        self.holds = bool(self.world.features.supply_risk.holds)
        self.nights_waited = self.trucks = 0
        self.wishes: dict[int, int] = {}  # of what outside suppliers could ship tonight
        self.ordering = OrderLimits(site) if limits_orders(self.of) else None
        self.orders_wait = bool(self.of.budgets) and int(self.world.parent[site.n]) < 0
        if self.of.opening_waited.size and site.items:
            self.nights_waited = int(self.of.opening_waited[site.items[0], self.n, which_state(self.run)])

    def measuring_starts(self, day: int, i: int, stock: Stock) -> None:
        self.trucks = 0
        if self.ordering:
            self.ordering.made.clear()

    def kept(self, day: int, i: int) -> dict[str, Any]:
        return {"truck_waited": self.nights_waited} | (self.ordering.kept(i) if self.ordering else {})

    def placed(self, day: int, i: int, quantity: int) -> int:
        """What has room on the shelf."""
        return self.ordering.on_shelf(day, i, quantity) if self.ordering else quantity

    def cut_orders(self, day: int, orders: dict[int, int]) -> None:
        """Joint orders, and space."""
        if self.ordering:
            self.ordering.order_jointly(day, orders)
            self.ordering.keep_to_space(day, orders)

    def orders_placed(self, day: int, orders: Mapping[int, int]) -> None:
        if self.ordering:
            self.ordering.note_joint_orders(orders)

    def cut(self, day: int, shares: Mapping[int, list[Share]]) -> None:
        """What trucks and handling allow of what a site has shared out, item by item."""
        if not self.of.limited[self.n]:
            return
        lanes = {c: self.run.sites[c] for c in self.site.below}
        wanted = {c: [(i, share) for i in self.site.items for share in shares[i] if share.site.n == c] for c in lanes}
        load = {c: sum(share.units * int(self.of.volume[i]) for i, share in wanted[c]) for c in lanes}
        room = {c: self._steps(site).room(day, load[c]) for c, site in lanes.items()}
        leaving = [c for c in lanes if room[c] > 0]
        handling = int(self.of.handling[self.n])
        if sum(load[c] for c in leaving) > handling:
            parts = parts_of_room([load[c] for c in leaving], handling, day)
            room |= {c: min(room[c], part) for c, part in zip(leaving, parts, strict=True)}
        for c, site in lanes.items():
            stays = {i: site.stock[i].owed + share.pushed for i, share in wanted[c]}
            requests = [Request(share.units, int(self.of.volume[i]), cover(self.world, i, site, stays[i]))
                        for i, share in wanted[c]]  # fmt: skip
            units = grant(requests, room[c], int(self.of.site_share[self.n]), day)
            for (i, share), leaves in zip(wanted[c], units, strict=True):
                site.stock[i].book["left_behind"] += share.units - leaves
                self.run.note(day, "evening", c, i, "left behind", share.units - leaves)
                share.units = leaves
            taken = sum(leaves * each.volume for leaves, each in zip(units, requests, strict=True))
            self._steps(site).go(load[c], taken, {i: share.units for i, share in wanted[c]})

    def _steps(self, site: SiteProcess) -> LimitSteps:
        found = site.features["limits"]
        assert isinstance(found, LimitSteps)
        return found

    def room(self, day: int, load: int) -> int:
        """What the trucks to this site may take tonight; 0 where they stay."""
        of, n = self.of, self.n
        enough = load >= of.minimum[n] or self.nights_waited >= of.wait[n]
        return int(of.room[n]) if enough and int(of.truck_days[n]) >> (day % 7) & 1 else 0

    def go(self, load: int, taken: int, units: Mapping[int, int]) -> None:
        """Trucks to this site leave, or stay."""
        capacity = int(self.of.truck_capacity[self.n])
        if capacity:
            self.trucks += -(-taken // capacity)
            self.nights_waited = 0 if taken == load else 1 if taken else self.nights_waited + 1
            for i, each in units.items():
                self.site.stock[i].book["truck_load"] += each * int(self.of.volume[i])

    def sends(self, day: int, i: int, stock: Stock, ordered: int) -> int:
        """What a supplier with a capacity could ship waits until all have ordered."""
        if self.of.supplier[i, self.n] < 0:
            return ordered
        self.wishes[i] = ordered if self.holds else stock.owed + ordered
        if not self.holds:
            stock.owed = 0
        return 0

    def run_ends(self, day: int, i: int, stock: Stock) -> None:
        """Trucks, their room and their cost belong to items by the part of their load."""
        if i != self.site.items[-1]:
            return
        if self.ordering:
            self.ordering.share_joint_orders()
        if not self.of.truck_capacity[self.n]:
            return
        books = [self.site.stock[each].book for each in self.site.items]
        capacity, cost = int(self.of.truck_capacity[self.n]), int(self.of.cost[self.n])
        totals = {"trucks": 1000, "truck_room": 1000 * capacity, "truck_cost": cost}
        share_by_load(books, "truck_load", {name: self.trucks * each for name, each in totals.items()})


class BuyersAndSuppliers(BetweenSites):
    """Budgets, once all have decided; and suppliers that can ship so much a night, after the last order."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.budgets = Budgets(run)

    def decided(self, day: int) -> None:
        if self.budgets.used:
            self.budgets.cut(day)

    def supplied(self, day: int) -> None:
        of, sites = self.world.features.limits, self.run.sites
        for k in range(len(of.capacity)):
            cells = [
                (i, site)
                for i in range(len(of.volume))
                for site in sites
                if i in site.stock and of.supplier[i, site.n] == k
            ]
            wishes = [_wishes(site).pop(i, 0) for i, site in cells]
            requests = [Request(units, int(of.volume[i]), cover(self.world, i, site, site.stock[i].owed + units))
                        for units, (i, site) in zip(wishes, cells, strict=True)]  # fmt: skip
            granted = grant(requests, int(of.capacity[k]), int(of.supplier_share[k]), day)
            for (i, site), wish, units in zip(cells, wishes, granted, strict=True):
                site.stock[i].owed += wish - units
                site.stock[i].book["left_at_supplier"] += wish - units
                self.run.note(day, "evening", site.n, i, "left at the supplier", wish - units)
                site.leave_for(day, i, units)


def _wishes(site: SiteProcess) -> Counter[int]:
    return site.features["limits"].wishes  # type: ignore[attr-defined, no-any-return]


def cover(world: Any, i: int, site: SiteProcess, owed: int) -> int:
    """Whole days of cover of a cell, up to 15, of what it has and what is on its way; `owed` is not."""
    stock = site.stock[i]
    units = stock.on_hand + stock.on_order - owed - stock.waiting - stock.owing
    return days_covered(units, float(world.daily_rate[i, site.n]))
