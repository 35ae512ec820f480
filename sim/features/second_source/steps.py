"""A second source in the event engine: what is ordered there, and its shipments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restock.sim.engines.events.opening import which_state
from restock.sim.engines.events.site_steps import SiteSteps
from restock.sim.engines.events.stock import Stock
from restock.sim.features.second_source.settings import BACKUP, BILLION, LEAD_TIME_2, POLICY, SPLIT

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.planning.policy import View


class SourceSteps(SiteSteps):
    """One site that has a second source."""

    def __init__(self, site: SiteProcess) -> None:
        super().__init__(site)
        self.of = self.world.features.second_source
        self.shipments_so_far = dict.fromkeys(site.items, 0)
        self.nights_down = dict.fromkeys(site.items, 0)  # of the own supplier, in a row up to the last
        if self.of.shipments.size:  # a run goes on
            r = which_state(self.run)
            self.shipments_so_far = {i: int(self.of.shipments[i, self.n, r]) for i in site.items}
            self.nights_down = {i: int(self.of.nights_down[i, self.n, r]) for i in site.items}

    def kept(self, day: int, i: int) -> dict[str, int]:
        """Shipments so far, which number the draws of lead times; what is on its way the site keeps."""
        return {"second_shipments": self.shipments_so_far[i], "nights_down": self.nights_down[i]}

    def takes_orders(self, day: int, i: int) -> bool:
        """Whether the item has a second source, and its lane takes orders today."""
        return bool(self.of.has[i, self.n]) and bool(int(self.of.order_days[i, self.n]) >> (day % 7) & 1)

    def view(self, day: int, i: int, view: View) -> View:
        """Of what is on order, what comes before an express order of tonight could: all that was received since the
        last posting, which the policy takes as on order still, is among it."""
        if self.of.rule != POLICY or not self.of.has[i, self.n]:
            return view
        last = day + int(self.of.lead_time[i, self.n])
        soon = sum(units for arrival, units in self.site.in_transit[i].items() if arrival <= last)
        return view._replace(due_soon=soon + view.on_order - self.site.stock[i].on_order)

    def asked_first(self, day: int, i: int, stock: Stock) -> None:
        """The policy's express order, which stands in the books before its rule is asked."""
        if self.of.rule != POLICY or not self.of.has[i, self.n]:
            return
        asked = self.run.express(i, self.n, self.site.view(day, i), self.site.memory[i])
        if asked == 0 or not (self.takes_orders(day, i) and self.site.may_order(day, i)):
            return
        pack = int(self.of.pack[i, self.n])
        units = -(-max(asked, int(self.of.minimum_order[i, self.n])) // pack) * pack
        stock.order(units)
        stock.today["due_express"] = units

    def is_down(self, day: int, i: int) -> bool:
        """Whether the item's own supplier is down tonight."""
        risk = self.site.features.get("supply_risk")
        return bool(risk and risk.outside and risk.down(day, i))  # type: ignore[attr-defined]

    def takes_over(self, day: int, i: int) -> bool:
        """Whether the whole order goes there, since the own supplier has been down for long enough."""
        if self.of.rule != BACKUP or not self.takes_orders(day, i):
            return False
        return self.is_down(day, i) and self.nights_down[i] >= int(self.of.after)

    def sent_elsewhere(self, day: int, i: int, quantity: int) -> int:
        """Tonight's shipment from the second source: the express order, or a share of the order's packs."""
        stock, of_order = self.site.stock[i], 0
        if self.of.rule == SPLIT and self.takes_orders(day, i):
            pack = int(self.world.pack[i, self.n])
            of_order = quantity // pack * int(self.of.share) // BILLION * pack
            stock.book["orders"] += 0 < of_order < quantity  # a line with each source
        if self.takes_over(day, i):
            of_order = quantity
        self.nights_down[i] = self.nights_down[i] + 1 if self.is_down(day, i) else 0
        units = of_order + stock.today["due_express"]
        if units:
            self.leave(day, i, units, stock)
        return of_order

    def leave(self, day: int, i: int, units: int, stock: Stock) -> None:
        """A shipment leaves tonight, and what it costs more than one from the first source is written down."""
        stock.flow("expedited", units)
        stock.book["expedited_lines"] += 1
        stock.book["premium"] += units * int(self.of.premium[i, self.n])
        stock.book["second_ordering"] += int(self.of.per_line[i, self.n])
        stock.book["second_transport"] += units * int(self.of.per_unit[i, self.n])
        ordinal, tables = self.shipments_so_far[i], self.of.lead_table
        arrival = day + self.draws.days_on_the_way(i, self.n, day, ordinal, LEAD_TIME_2, tables)
        self.shipments_so_far[i] += 1
        self.note(day, i, "ordered from the second source", units, "evening")
        self.site.comes(arrival, i, units)
