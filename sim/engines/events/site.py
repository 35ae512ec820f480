"""A site through the days, in the event engine: one SimPy process.

Events of a day carry (phase, tier, site), so their order never rests on an accident of the heap: deliveries in the
morning; trading; pooling, where stores help each other out (see `between`); closing, where features take their steps
(see `site_steps`): goods come back, are lost unseen, cleared or thrown away; counting; balancing, where stores send
each other goods; then, from the bottom tier up, shipping to the sites below and ordering; buying, where orders from
outside wait until all have decided; what suppliers ship when all have ordered; night, when the day is written down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np
import simpy

from restock.sim.engines.events import allocation as sharing
from restock.sim.engines.events.below import position_below, push
from restock.sim.engines.events.opening import open_site, opened_stock, orders_under_way
from restock.sim.engines.events.orders import in_packs
from restock.sim.engines.events.phases import CLOSING, COUNTING, EVENING, MORNING, NIGHT, TRADING, at
from restock.sim.engines.events.posting import Postings
from restock.sim.engines.events.site_steps import Step
from restock.sim.engines.points import CLOSING as CLOSING_POINTS
from restock.sim.engines.points import POINTS
from restock.sim.measures.ledger import SERIES
from restock.sim.planning.policy import Seen, View

if TYPE_CHECKING:
    from restock.sim.engines.events.engine import Run


class SiteProcess:
    """A site through the days."""

    def __init__(self, run: Run, n: int) -> None:
        self.run, self.n = run, n
        world = run.prepared.world
        self.name = run.prepared.scenario.sites[n].name
        self.tier = int(run.prepared.scenario.tier[n])
        self.below = [int(c) for c in world.child[world.first_child[n] : world.first_child[n + 1]]]
        self.items = [int(i) for i in np.nonzero(world.stocked[:, n])[0]]
        self.stock = {i: opened_stock(run, i, n, int(world.overstock_level[i, n])) for i in self.items}
        self.demand = {i: run.draws.demand(i, n) for i in self.items}
        taking = {feature.name: feature.at_site(self) for feature in run.prepared.scenario.features}
        self.features = {name: steps for name, steps in taking.items() if steps is not None}
        taken = [each.steps() for each in self.features.values()]
        self.steps: dict[str, list[Step]] = {point: [of[point] for of in taken if point in of] for point in POINTS}
        late = [each.postings() for each in self.features.values()]
        self.postings = next((each for each in late if each is not None), None) or Postings(self.stock)
        self.sold_seen = dict.fromkeys(self.items, 0)
        self.learnt = {i: (stock.posted, -1) for i, stock in self.stock.items()}  # the posting learnt last, and its day
        self.memory = {i: run.start_of_memory(i, n) for i in self.items}
        self.forecast: dict[int, float] = {}  # of today's demand, made the evening before
        self.demand_before: dict[int, int] = {}
        self.next_review = dict.fromkeys(self.items, 0)
        self.ordered_tonight = dict.fromkeys(self.items, 0)
        self.reviewed: dict[int, tuple[View, int]] = {}  # what tonight's reviews saw, and asked for
        self.shipments_so_far = dict.fromkeys(self.items, 0)
        self.in_transit = {i: Counter[int]() for i in self.items}  # units on their way here, by the day they arrive
        self.unmet = dict.fromkeys(self.items, 0)  # asked for today and not served
        meets_others = any(each.meets_others for each in self.features.values())
        self.posts_early = meets_others
        self.orders_wait = any(each.orders_wait for each in self.features.values())
        self.waits_for_pooling = meets_others or any(each.waits_for_others for each in self.features.values())
        if world.opening_state.used:
            open_site(self)

    def take(self, point: str, day: int, i: int) -> None:
        """The steps of features at a point of the day, for one item."""
        for step in self.steps[point]:
            step(day, i, self.stock[i])

    def life(self) -> Generator[simpy.Event, None, None]:
        """The days of a site."""
        env, world = self.run.env, self.run.prepared.world
        closes, counts = any(self.steps[point] for point in CLOSING_POINTS), bool(self.steps["counted"])
        for arrival, i, quantity in orders_under_way(self):
            self.comes(arrival, i, quantity)
        for day in range(world.opening_state.first_day, self.run.until):
            self.run.watch.check()
            for i in self.items if day == world.warm_up else ():
                self.stock[i].start_measuring()
                self.take("measuring_starts", day, i)
            for i in self.items if day % 7 == 0 else ():
                self.take("week_starts", day, i)
            yield at(env, day, TRADING, site=self.n)
            for i in self.items:
                self.trade(day, i)
            if closes:
                yield at(env, day, CLOSING, site=self.n)
                for i in self.items:
                    for point in CLOSING_POINTS:
                        self.take(point, day, i)
            if counts:
                yield at(env, day, COUNTING, site=self.n)
                for i in self.items:
                    self.take("counted", day, i)
            yield at(env, day, EVENING, self.tier, self.n)
            if self.below:
                self.ship(day)
            for i in self.items:
                if not self.posts_early:
                    self.postings.post(day, i)
                self.take("moved", day, i)
                self.learn(day, i)
                self.review(day, i)
            for each in self.features.values():
                each.cut_orders(day, self.ordered_tonight)
            if not self.orders_wait:
                self.place_orders(day)
            yield at(env, day, NIGHT, site=self.n)
            self.close(day)
        for i, stock in self.stock.items():
            stock.stop_measuring()
            self.take("run_ends", world.horizon, i)

    def deliver(self, day: int, i: int, quantity: int) -> None:
        """A shipment arrives in the morning."""
        del self.in_transit[i][day]
        self.stock[i].receive(quantity)
        self.run.note(day, "morning", self.n, i, "received", quantity)

    def trade(self, day: int, i: int) -> None:
        """Backorders first, then the day's customers; what is unmet waits or is lost."""
        stock = self.stock[i]
        self.take("arrived", day, i)
        if stock.today["arrived"]:
            stock.end_cycle()
        self.take("taken_in", day, i)
        served = stock.serve_waiting()
        self.run.note(day, "morning", self.n, i, "backorder served", served)
        walk_ins = self.asked(day, i)
        unmet = next((left for each in self.features.values()
                      if (left := each.serves(day, i, walk_ins)) is not None), None)  # fmt: skip
        self.unmet[i] = stock.sell(walk_ins) if unmet is None else unmet
        self.run.note(day, "trading", self.n, i, "demand", stock.today["demand"])
        self.run.note(day, "trading", self.n, i, "sold", stock.today["filled"])
        if not self.waits_for_pooling:
            self.turn_away(day, i)

    def turn_away(self, day: int, i: int) -> None:
        """Customers who were not served today wait, or are lost."""
        unmet = self.unmet[i]
        waits = self.run.draws.who_waits(i, self.n, day, unmet)
        self.stock[i].turn_away(unmet, waits)
        self.run.note(day, "trading", self.n, i, "backordered", waits)
        self.run.note(day, "trading", self.n, i, "lost", unmet - waits)
        for each in self.features.values():
            each.turned_away(day, i)

    def at_price(self, day: int, i: int) -> bool | None:
        """Whether the price is reduced today; None: nothing is asked for."""
        prices = [each.at_price(day, i) for each in self.features.values()]
        return None if None in prices else any(prices)

    def asked(self, day: int, i: int) -> int:
        """Units asked for today: by the law of the cell, unless a feature knows better."""
        known = [each.asked(day, i) for each in self.features.values()]
        return next((units for units in known if units is not None), int(self.demand[i][day]))

    def ship(self, day: int) -> None:
        """Take the orders of all sites below, share what there is, item by item, send it off as far as limits allow."""
        shares = {i: self.shared_out(day, i) for i in self.items}
        for each in self.features.values():
            each.cut(day, shares)
        for i in self.items:
            self.send_off(day, i, shares[i])

    def customers(self, i: int) -> list[SiteProcess]:
        """The sites below that keep an item."""
        return [self.run.sites[c] for c in self.below if i in self.run.sites[c].stock]

    def shared_out(self, day: int, i: int) -> list[sharing.Share]:
        """What tonight's orders join, and what of it each site that can be reached gets."""
        for site in self.customers(i):
            site.stock[i].owed += site.ordered_tonight[i]
        reached = [site for site in self.customers(i) if site.is_reached(day)]
        pushed = push(self, day, i, reached)
        shares = self.share(day, i, reached, self.may_share(i) - sum(pushed))
        each = zip(reached, shares, pushed, strict=True)
        return [sharing.Share(site, units + unasked, unasked) for site, units, unasked in each]

    def send_off(self, day: int, i: int, shares: list[sharing.Share]) -> None:
        """Ship what each site gets; what is owed beyond it stays so, or is cancelled."""
        stock, customers = self.stock[i], self.customers(i)
        orders = sum(site.ordered_tonight[i] for site in customers)
        owed_before = stock.owing
        for share in shares:
            share.site.stock[i].owed -= share.units - share.pushed
            share.site.leave_for(day, i, share.units)
        shipped = stock.hand_over(sum(share.units for share in shares))
        filled = max(0, shipped - owed_before)
        stock.note_demand(orders, filled)
        stock.ship(shipped, late=shipped - filled)
        self.take("shipped", day, i)
        self.run.note(day, "evening", self.n, i, "shipped out", shipped)
        stock.owing += orders - shipped
        if self.run.prepared.scenario.sites[self.n].unshipped == "cancelled":
            self.refuse(day, i, customers)

    def share(self, day: int, i: int, customers: list[SiteProcess], available: int) -> list[int]:
        """What each site below gets tonight of so many units."""
        owed = [site.stock[i].owed for site in customers]
        if sum(owed) <= available:
            return owed
        decided = [each.shares(day, i, available, customers) for each in self.features.values()]
        for shares in decided:
            if shares is not None:
                return shares
        return sharing.as_usual(self, day, i, customers, available)

    def may_share(self, i: int) -> int:
        """Units that the sites below may get tonight."""
        return max(0, self.stock[i].on_hand - sum(each.keeps(i) for each in self.features.values()))

    def is_reached(self, day: int) -> bool:
        """Whether the site that serves this one can send it anything tonight."""
        return all(each.reached(day) for each in self.features.values())

    def refuse(self, day: int, i: int, customers: list[SiteProcess]) -> None:
        """What could not be shipped is cancelled the same night."""
        for site in customers:
            self.run.note(day, "evening", site.n, i, "cancelled", site.stock[i].owed)
            site.stock[i].cancel(site.stock[i].owed)
        self.stock[i].refuse()

    def leave_for(self, day: int, i: int, quantity: int) -> None:
        """A shipment to this site leaves tonight; it arrives in the morning, its lead time in days later."""
        if quantity == 0:
            return
        shipment = self.shipments_so_far[i]
        arrival = day + self.run.draws.lead_time(i, self.n, day, shipment)
        self.shipments_so_far[i] += 1
        self.stock[i].today["sent_here"] += quantity
        self.run.note(day, "evening", self.n, i, "shipped to", quantity)
        for each in self.features.values():
            arrival = each.arrives(day, i, shipment, arrival)
            quantity = each.good(i, shipment, quantity, arrival)
        if quantity:
            self.comes(arrival, i, quantity)

    def comes(self, arrival: int, i: int, quantity: int) -> None:
        """A shipment is on its way, and arrives on a morning."""
        self.in_transit[i][arrival] += quantity
        if arrival < self.run.until:
            event = at(self.run.env, arrival, MORNING, site=self.n)
            event.callbacks.append(lambda _: self.deliver(arrival, i, quantity))  # type: ignore[union-attr]

    def learn(self, day: int, i: int) -> None:
        """Hold the forecast of today against what was asked for; then the policy learns each posting once."""
        run, stock, memory = self.run, self.stock[i], self.memory[i]
        if memory is None:
            return
        demand = stock.today["demand"]
        if i in self.forecast and day > 0 and run.watch.is_forecast(day, self.n, i, self.forecast[i]):
            stock.note_forecast(self.forecast[i], demand, self.demand_before[i])
        self.demand_before[i] = demand
        (before, day_before), news = self.learnt[i], self.postings.news(day, i)
        if news:
            posting_day, now = news
            sales = now.sold_so_far - before.sold_so_far
            new_demand = sales + now.backorders - before.backorders
            back = now.restocked_so_far - before.restocked_so_far
            days, today = posting_day - day_before, day - run.prepared.world.warm_up
            run.learn(i, self.n, Seen(today, days, new_demand, sales, stock.seen_record(now), back), memory)
            self.learnt[i] = now, posting_day
        slot = run.forecast_slot(i, self.n)
        if slot is not None:
            self.forecast[i] = float(memory[slot])

    def review(self, day: int, i: int) -> None:
        """Ask the policy, if a review is due and the lane takes orders today."""
        run, quantity = self.run, 0
        if day >= self.next_review[i] and int(run.prepared.world.order_days[i, self.n]) >> (day % 7) & 1:
            self.next_review[i] = day + int(run.plan.review_period[i, self.n])
            self.take("asked_first", day, i)
            view = self.view(day, i)
            run.watch.at_review(day, self.n, i, view.on_order)
            asked = run.rule(i, self.n, view, self.memory[i])
            quantity = self.allowed(day, i, asked)
            self.reviewed[i] = view, asked
            self.sold_seen[i] += view.sales
        self.ordered_tonight[i] = quantity

    def allowed(self, day: int, i: int, asked: int) -> int:
        """What may be ordered tonight of units asked for: in packs, or nothing."""
        of = self.features.values()
        quantity = in_packs(self.run.prepared.world, i, self.n, asked) * self.may_order(day, i)
        quantity *= any(each.takes_over(day, i) for each in of) or all(each.is_taken(day, i) for each in of)
        for each in of:
            quantity = each.placed(day, i, quantity)
        return quantity

    def place_orders(self, day: int) -> None:
        """Tonight's orders enter the books."""
        for each in self.features.values():
            each.orders_placed(day, self.ordered_tonight)
        for i in self.items:
            self.place(day, i, self.ordered_tonight[i])

    def place(self, day: int, i: int, quantity: int) -> None:
        """An order enters the books; what an outside supplier sends of it leaves tonight."""
        run, stock = self.run, self.stock[i]
        if i in self.reviewed:
            run.note_review(day, self.n, i, *self.reviewed.pop(i), quantity)
        stock.order(quantity)
        run.watch.in_the_evening(day, self.n, i, stock, stock.today["ordered"])
        run.note(day, "evening", self.n, i, "ordered", quantity)
        if run.prepared.scenario.parent[self.n] < 0:
            elsewhere = sum(each.sent_elsewhere(day, i, quantity) for each in self.features.values())
            usual = quantity - elsewhere
            for each in self.features.values():
                usual = each.sends(day, i, stock, usual)
            self.leave_for(day, i, usual)

    def view(self, day: int, i: int) -> View:
        """What the policy sees of an item this evening."""
        today = day - self.run.prepared.world.warm_up
        view = self.stock[i].view(self.postings.seen(day, i), self.sold_seen[i], today)
        for each in self.features.values():
            view = each.view(day, i, view)
        return view._replace(echelon_position=view.inventory_position + position_below(self, day, i))

    def may_order(self, day: int, i: int) -> bool:
        """Whether orders are taken today."""
        return all(each.may_order(day, i) for each in self.features.values())

    def close(self, day: int) -> None:
        """End of the day, and of the week."""
        last = day + 1 == self.run.prepared.world.horizon
        self.run.series[day, self.n] = [sum(s.today[name] for s in self.stock.values()) for name in SERIES[:4]] + [
            sum(s.on_hand for s in self.stock.values()),
            sum(s.on_order for s in self.stock.values()),
            sum(s.waiting + s.owing for s in self.stock.values()),
        ]
        for i in self.items:
            stock = self.stock[i]
            self.run.note_state(day, self.n, i, stock, stock.seen_record(self.postings.seen(day, i)))
            self.stock[i].end_day()
            self.take("day_ends", day, i)
            if day % 7 == 6 or last:
                self.run.watch.of_the_week(day, self.n, i, self.stock[i])
                self.stock[i].end_week()
