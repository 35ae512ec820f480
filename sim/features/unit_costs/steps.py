"""Flows of cost in the event engine: the day's flows of units, valued under FIFO, LIFO and moving average."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from restock.sim.engines.events.draws import Draws
from restock.sim.engines.events.opening import which_state
from restock.sim.engines.events.site_steps import SiteSteps
from restock.sim.engines.events.stock import Stock
from restock.sim.features.unit_costs.layers import CostBooks
from restock.sim.features.unit_costs.paths import unit_costs

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess


def costs_of(draws: Draws, i: int) -> np.ndarray:
    """The cost of a unit of an item received on each day, in ten-thousandths of money."""
    world, of = draws.world, draws.world.features.unit_costs
    return unit_costs(
        draws.seed, draws.replication, world.item_key[i], of.first_cost[i], of.trend, of.month,
        of.volatility,
    )  # fmt: skip


class CostSteps(SiteSteps):
    """One site whose goods are followed at cost."""

    def __init__(self, site: SiteProcess) -> None:
        super().__init__(site)
        of = self.world.features.unit_costs
        goes_on = of.layers.size > 0
        self.books = {
            i: CostBooks(costs_of(self.draws, i), 0 if goes_on else s.on_hand, s.book) for i, s in site.stock.items()
        }
        for i in site.items if goes_on else ():
            cell = i, self.n, which_state(self.run)
            self.books[i].go_on(of.layers[cell], int(of.average_value[cell]))

    def kept(self, day: int, i: int) -> dict[str, Any]:
        """What goods still there have cost."""
        return self.books[i].kept(day)

    def measuring_starts(self, day: int, i: int, stock: Stock) -> None:
        """What the stock is worth at first."""
        self.books[i].write_values("opening")

    def taken_in(self, day: int, i: int, stock: Stock) -> None:
        """Deliveries come in at the cost of the day."""
        if stock.today["arrived"]:
            self.books[i].receive(day, stock.today["arrived"])

    def sold(self, day: int, i: int, stock: Stock) -> None:
        """What came from other stores is there at the cost of the day, too; what customers were handed is sold."""
        if stock.today["transferred_in"]:
            self.books[i].receive(day, stock.today["transferred_in"])
        self.books[i].sell(stock.handed_over)

    def moved(self, day: int, i: int, stock: Stock) -> None:
        """What left for other stores."""
        self.books[i].ship(stock.today["transferred_out"])

    def brought_back(self, day: int, i: int, stock: Stock) -> None:
        """Units sold before are stock again, or a loss."""
        self.books[i].take_back(day, stock.today["returned"], stock.today["restocked"])

    def closed(self, day: int, i: int, stock: Stock) -> None:
        """What left at closing is lost."""
        self.books[i].lose(stock.today["left"])

    def shipped(self, day: int, i: int, stock: Stock) -> None:
        """What leaves for the sites below."""
        self.books[i].ship(stock.today["shipped"])

    def day_ends(self, day: int, i: int, stock: Stock) -> None:
        """What the stock is worth today."""
        self.books[i].end_day()

    def run_ends(self, day: int, i: int, stock: Stock) -> None:
        """What the stock is worth at last."""
        self.books[i].write_values("closing")
