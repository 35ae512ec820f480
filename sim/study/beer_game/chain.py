"""The beer game's chain: four stages in a row, whose orders take a week in the post and whose goods take two to arrive.

An order is read by the stage above two weeks after the week in which it is placed. Stages meet only through orders and
shipments, so each keeps a calendar of its own: the clock of the stage above is two weeks ahead, and a run in which
orders are read the same evening, and shipments take 2 + 2 days, is the same game, a day for a week. Its first days fill
the pipelines.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from restock.sim.errors import require
from restock.sim.model.demand import Demand, History
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario
from restock.sim.probability.laws import Constant

STAGES = ("retailer", "wholesaler", "distributor", "factory")
WEEKS = 36
CALM = 4  # units a week that everybody orders before the game, and in its first weeks
CALM_WEEKS = 4
STOCK = 12  # at each stage as the game begins
CLASSIC = (CALM,) * CALM_WEEKS + (2 * CALM,) * (WEEKS - CALM_WEEKS)  # what customers ask for, week by week
SLIP = 2  # weeks from an order to its being read
LEAD_TIMES = (3, 4, 4, 4)  # of the factory and of those below it, in weeks of their own clocks
HELD, OWED = 0.5, 1.0  # cost of a unit on hand, and of one owed, at the end of a week
MOST_WEEKS, MOST_ASKED = 104, 1000


def week_one(stage: str) -> int:
    """The day of the run that is week 1 of a stage; the pipelines are full by then.

    >>> [week_one(stage) for stage in STAGES]
    [10, 8, 6, 4]
    """
    return 4 + SLIP * (len(STAGES) - 1 - STAGES.index(stage))


def beer_game(customers: Sequence[int] = CLASSIC) -> Scenario:
    """The four stages, the factory first; opening stock is 12 and what is asked for before the first delivery.

    Parameters
    ----------
    customers : sequence of int
        Units that customers ask for in each week; as many weeks as are played.

    >>> beer_game().days, [site.name for site in beer_game().sites]
    (46, ['factory', 'distributor', 'wholesaler', 'retailer'])
    """
    check_customers(customers)
    names = STAGES[::-1]
    asked = [CALM] * week_one(STAGES[0]) + [int(units) for units in customers]
    sites = [Site(name, "dc" if name != STAGES[0] else "store", served_by=above)
             for name, above in zip(names, (None, *names), strict=False)]  # fmt: skip
    lanes = [Lane(site.served_by or "brewery", site.name, Constant(lead))
             for site, lead in zip(sites, LEAD_TIMES, strict=True)]  # fmt: skip
    units = np.array([asked + [0] * (-len(asked) % 7)])
    row_of = np.array([[-1, -1, -1, 0]])
    demand = Demand((Constant(1),), np.minimum(row_of, 0), history=History(units, row_of, Scenario.start),
                    source="replay")  # fmt: skip
    opening = np.array([[STOCK + CALM * lead for lead in LEAD_TIMES]])
    beer = Item("beer", supplier="brewery", backorder_share=1.0)
    return Scenario("beer_game", (beer,), tuple(sites), tuple(lanes), demand, days=len(asked), opening_stock=opening)


def check_customers(customers: Sequence[int]) -> None:
    """Weeks that can be played."""
    require(1 <= len(customers) <= MOST_WEEKS, f"customers must name 1 to {MOST_WEEKS} weeks, got {len(customers)}")
    for week, units in enumerate(customers, start=1):
        good = isinstance(units, (int, np.integer)) and not isinstance(units, bool) and 0 <= units <= MOST_ASKED
        require(good, f"customers of week {week} must be whole units from 0 to {MOST_ASKED}, got {units}")
