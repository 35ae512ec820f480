"""Random scenarios and policies over every feature of the model, for property tests."""

from __future__ import annotations

import datetime
import math

import numpy as np
from hypothesis import strategies as st

from restock.policies.abc_tiered import AbcTiered
from restock.policies.adaptive import Adaptive
from restock.policies.base_stock import BaseStock
from restock.policies.buffer import Buffer
from restock.policies.echelon_base_stock import EchelonBaseStock
from restock.policies.forecasts import METHODS
from restock.policies.guaranteed_service import GuaranteedService
from restock.policies.just_in_time import JustInTime
from restock.policies.predictive import Predictive
from restock.policies.reorder_point import ReorderPoint
from restock.sim.features.allocation.settings import Allocation
from restock.sim.features.channels.settings import Channels
from restock.sim.features.limits.settings import Limits
from restock.sim.features.order_terms.settings import OrderTerms
from restock.sim.features.push.settings import WAYS, Push
from restock.sim.features.records.settings import Records, Shrinkage
from restock.sim.features.returns.settings import Returns
from restock.sim.features.second_source.settings import Sourcing
from restock.sim.features.selling_season.settings import Markdown, SellingSeason, SellingSeasons
from restock.sim.features.shelf_life.settings import ISSUING, ShelfLife
from restock.sim.features.supply_risk.lane_terms import Congestion
from restock.sim.features.supply_risk.settings import SupplyRisk
from restock.sim.features.transfers.settings import Transfers
from restock.sim.features.unit_costs.settings import UnitCosts
from restock.sim.model.abc_classes import CLASSES
from restock.sim.model.demand import CORRELATED, Demand, History, Season
from restock.sim.model.demand_events import Event, LevelShift, Promotion, Trend, VolatilitySpike
from restock.sim.model.network import ALLOCATIONS, SEES, UNSHIPPED, WEEKDAYS, Costs, Item, Lane, Site
from restock.sim.model.scenario import Scenario
from restock.sim.model.supply.supply_events import ClosedLane, Holiday, Outage
from restock.sim.planning.policy import ByDay, Policy
from restock.sim.probability.laws import (
    Compound,
    Constant,
    Empirical,
    Geometric,
    NegativeBinomial,
    Poisson,
    RoundedGamma,
    RoundedLognormal,
    RoundedNormal,
    ZeroInflated,
)

DEMAND_LAWS = (
    Poisson(0.4),
    Poisson(7.0),
    Poisson(0.0),
    NegativeBinomial(3.0, 0.8),
    Geometric(1.5),
    Compound(Poisson(1.2), Empirical((1, 2, 6), (6, 3, 1))),
    ZeroInflated(0.7, Poisson(4.0)),
    RoundedNormal(9.0, 3.0),
    RoundedGamma(5.0, 6.0),
    Empirical((0, 1, 12), (5, 3, 1)),
    Constant(4),
    Compound(NegativeBinomial(2.0, 0.6), Empirical((1, 3), (3, 1))),
)
UNTHINNED = (0, 1, 2, 3, 4, 5, 11)  # of these, laws of which a sample tells what it has not seen
LEAD_LAWS = (
    Constant(1),
    Constant(3),
    Empirical((1, 2, 4, 9), (4, 3, 2, 1)),
    Empirical((2, 30), (3, 1)),  # crossing, and too long for bins
    Empirical(tuple(np.maximum(1, np.arange(9))), tuple(RoundedGamma(3.0, 2.0).pmf()[:9])),
    Empirical(tuple(np.maximum(1, np.arange(40))), tuple(RoundedLognormal(4.0, 3.0).pmf()[:40])),
)


LOSS_LAWS = (Constant(1), Poisson(0.3), Poisson(4.0), Empirical((0, 20), (9, 1)))
PERFECT = Records()
UNIT_COSTS = (
    UnitCosts(), UnitCosts(), UnitCosts(cost_flow=True), UnitCosts(inflation=0.4), UnitCosts(volatility=0.2),
    UnitCosts(cost_steps={3: 0.7, "2024-03-05": 1.5}),
    UnitCosts(inflation=-0.3, volatility=0.05, cost_steps={9: 1.3}),
)  # fmt: skip
"""No cost flow, or unit costs that stand still, rise, walk or jump."""

RETURNS = (
    Returns(),
    Returns(),
    Returns(0.3, Empirical((1, 3, 20), (2, 2, 1)), 0.6),
    Returns(1.0, Constant(2), by_category={"all": 0.05}),
)


LIVES = (
    ShelfLife(),
    ShelfLife(),
    ShelfLife(4),
    ShelfLife(7, "freshest_first"),
    ShelfLife(issuing="freshest_first", by_category={"all": 3}),
)


@st.composite
def seasons(draw, elastic: bool) -> SellingSeason | None:
    """None (half of the time), or a season with any window, and a markdown by date, by cover, or none."""
    if draw(st.booleans()):
        return None
    end = draw(st.integers(1, 60))
    first = draw(st.integers(0, end - 1))
    markdown = Markdown(
        draw(st.integers(1, 70)),
        draw(st.sampled_from([0.0, 0.7, 2.0])) if elastic else 0.0,
        draw(st.integers(0, 40)),
        draw(st.sampled_from([None, 0.0, 0.5, 1.0])),
    )
    last = draw(st.sampled_from([None, first, end - 1]))
    price = draw(st.sampled_from([0.0, 0.3, 1.0]))
    return SellingSeason(end, first, last, price, draw(st.sampled_from([None, markdown, markdown])))


@st.composite
def records(draw) -> Records:
    """Books as they are (half of the time), or late, posted at times, and counted in any way."""
    if draw(st.booleans()):
        return PERFECT
    return Records(
        lag=draw(st.sampled_from([0, 0, 1, 3, 7])),
        reconcile_every=draw(st.sampled_from([1, 1, 3, 10])),
        count_every=draw(st.sampled_from([0, 0, 5, (3, 7, 20), (0, 9, 0)])),
        full_count_every=draw(st.sampled_from([0, 0, 7, 11])),
        count_error=draw(st.sampled_from([0.0, 0.0, 0.4, 1.0])),
        count_unsold_after=draw(st.sampled_from([0, 0, 1, 4])),
        zero_balance_walk=draw(st.booleans()),
        sales_misscanned=draw(st.sampled_from([0.0, 0.0, 0.3, 1.0])),
        receipts_misscanned=draw(st.sampled_from([0.0, 0.0, 0.2, 1.0])),
    )


TRANSFERS = (
    {"at_once": True},
    {},
    {"overnight": {"low": 1, "high": 3}},
    {"overnight": {"low": 0, "to": 2.5, "high": 2.5, "every": 3}, "floor": {"units": 1, "days": 1.5}},
    {"at_once": True, "overnight": {"low": 2, "to": 4, "high": 6}, "transit": {"law": "empirical", "values": [1, 2, 5],
     "weights": [2, 1, 1]}},
    {"at_once": True, "rebalance": {"every": 4, "first": 2}, "least": 3, "transit": 3},
    {"overnight": {"low": 3, "high": 5}, "rebalance": {"every": 9, "first": 0}, "floor": {"days": 0.5}, "transit": 2},
)  # fmt: skip
"""Regions in which nothing moves, and transfers at once, by cover, and to even out."""


@st.composite
def transfers(draw, sites) -> Transfers:
    """None (half of the time), or between the stores of each DC, or between any that serve no other."""
    serving = {site.served_by for site in sites}
    leaves = [site.name for site in sites if site.name not in serving]
    regions = draw(
        st.sampled_from([None, None, "by_dc", {"all": leaves}, {"a": leaves[::2], "b": leaves[1::2] or leaves[:0]}])
    )
    if isinstance(regions, dict):
        regions = {name: listed for name, listed in regions.items() if listed}
    terms = draw(st.sampled_from(TRANSFERS)) if regions else {}
    return Transfers(regions, **terms, cost_per_unit=0.5, cost_per_line=4.0)


CHANNELS = (
    {"served": "own_store", "rank": 2, "reserve_days": 1, "view_every": 1, "buffer": 2, "oversell_cost": 5.0},
    {"served": "own_store", "rank": 0, "reserve": 2, "backorder_share": 0.4, "cost_per_unit": 1.5},
    {"served": "own_store", "view_every": 3, "oversold": "waits", "cost_per_unit": 0.5},
    {"served": "dc", "keep": 3, "keep_days": 1.5, "backorder_share": 1.0},
    {"served": "dc", "reserve": 4, "view_every": 7, "oversold": "waits", "buffer": 1},
    {"served": "dc", "rank": 3, "view_every": 2, "keep_days": 4},
    {"served": "stores", "cost_per_unit": 3.0, "keep": 1},
    {"served": "stores", "dc_first": False, "backorder_share": 0.7, "rank": 0},
)
"""Channels collected, shipped by DCs and from stores; by the shelf, and by views of stock."""


@st.composite
def channels(draw, sites, regions) -> Channels:
    """None (half of the time), or up to three that the network can serve."""
    named = {name for listed in regions.values() for name in listed} if isinstance(regions, dict) else None
    below = [site for site in sites if site.served_by]
    allowed = ["own_store"] + (["dc"] if below else [])
    if regions and below and (named is None or any(site.name in named for site in below)):
        allowed.append("stores")
    if draw(st.booleans()):
        return Channels()
    listed = draw(st.lists(st.sampled_from([each for each in CHANNELS if each["served"] in allowed]), max_size=3))
    shares = draw(st.sampled_from([(0.2, 0.1, 0.3), (0.05, 0.6, 0.35), (0.3, 0.0, 0.15)]))
    return Channels(
        by_name={f"channel_{k}": {**each, "share": shares[k]} for k, each in enumerate(listed)},
    )


SHARES_OF = st.sampled_from(["proportional", "priority", "neediest"])


@st.composite
def limits(draw, items, sites) -> Limits:
    """None (half of the time), or capacities, handling and trucks that bind often, sometimes, or never."""
    if draw(st.booleans()):
        return Limits()
    room, shares = st.sampled_from([10, 60, 400, 10**9]), SHARES_OF
    suppliers = {name: {"capacity": draw(room), "share": draw(shares)}
                 for name in sorted({item.supplier for item in items}) if draw(st.booleans())}  # fmt: skip
    of_sites, trucks = {}, {}
    for name in sorted({site.served_by for site in sites} - {None}):
        if draw(st.booleans()):
            of_sites[name] = {"handling": draw(st.sampled_from([None, 30, 200, 10**9])), "share": draw(shares)}
        if draw(st.booleans()):
            capacity, per_night = draw(st.sampled_from([10, 40, 10**6])), draw(st.sampled_from([1, 3]))
            trucks[name] = {
                "capacity": capacity,
                "per_night": per_night,
                "minimum": min(capacity * per_night, draw(st.sampled_from([1, 8, 100]))),
                "wait": draw(st.sampled_from([0, 1, 4])),
                "cost": draw(st.sampled_from([0.0, 7.25])),
                "days": draw(st.sampled_from([WEEKDAYS, ("mon", "thu")])),
            }
    if draw(st.booleans()):
        return Limits(suppliers, of_sites, trucks)
    return Limits(suppliers, of_sites | draw(spaces(sites, items, of_sites)), trucks, draw(joints(items, sites)),
                  draw(budgets(items, sites)))  # fmt: skip


@st.composite
def spaces(draw, sites, items, of_sites) -> dict[str, dict[str, object]]:
    """Space at some sites, for a pack of each item at least."""
    least = max(item.pack * (item.own.get("volume") or 1) for item in items)
    names = [site.name for site in sites if draw(st.integers(0, 3)) == 0]
    room = st.sampled_from([0, 40, 300, 10**8]).map(lambda more: least + more)
    return {name: {"share": draw(SHARES_OF), **of_sites.get(name, {}), "space": draw(room)} for name in names}


@st.composite
def joints(draw, items, sites) -> dict[str, dict[str, dict[str, object]]]:
    """Terms of joint orders of some sites with a source each."""
    out = {}
    for site in sites:
        if draw(st.booleans()):
            below = draw(st.sampled_from([0.0, 2.0, 5.5]))
            source = site.served_by or draw(st.sampled_from(sorted({item.supplier for item in items})))
            out[site.name] = {source: {
                "joint_cost": draw(st.sampled_from([0.0, 12.5])),
                "least_volume": draw(st.sampled_from([1, 8, 60, 10**6])),
                "wait": draw(st.sampled_from([None, 0, 1, 3])),
                "fill_up": draw(st.booleans()),
                "join_below_days": below,
                "join_up_to_days": below + draw(st.sampled_from([0.0, 3.0])),
            }}  # fmt: skip
    return out


@st.composite
def budgets(draw, items, sites) -> dict[str, dict[str, object]]:
    """None, or money for all orders from outside, or for those with each supplier, enough for a pack of each item."""
    least = max(item.pack * item.unit_cost for item in items)
    one = st.fixed_dictionaries({
        "money": st.sampled_from([0, 50, 400, 10**7]).map(lambda more: float(least + more)),
        "every": st.sampled_from([1, 3, 7]),
        "share": SHARES_OF,
    })  # fmt: skip
    how = draw(st.sampled_from(["none", "one", "by supplier"]))
    if how == "one":
        return {"buyer": draw(one)}
    suppliers = sorted({item.supplier for item in items}) if how == "by supplier" else []
    return {f"buyer of {name}": draw(one) | {"suppliers": (name,)} for name in suppliers}


@st.composite
def pushes(draw, sites, items, days, source) -> Push:
    """None (half of the time), or waves of sites that serve others and are no cross-docks, on any nights."""
    serving = {site.served_by for site in sites}
    docks = [site.name for site in sites if site.name in serving and not site.cross_dock]
    if not docks or draw(st.booleans()):
        return Push()
    ways = WAYS if source == "fitted" else WAYS[:2]
    waves = {}
    for dc in docks[: draw(st.integers(1, 3))]:
        nights = draw(st.lists(st.integers(0, days - 1), min_size=1, max_size=5, unique=True))
        waves[dc] = [{"day": day, "share": draw(st.sampled_from([0.0, 0.3, 0.7, 1.0])),
                      "by": draw(st.sampled_from(ways))} for day in nights]  # fmt: skip
    return Push(waves, draw(st.sampled_from([None, None, (items[0].name,)])))


@st.composite
def trees(draw) -> list[Site]:
    """One to three tiers, in any order of listing, sites of one tier on different levels allowed."""
    count = draw(st.integers(1, 6))
    served_by = [None] + [draw(st.sampled_from([None, *range(n)])) for n in range(1, count)]
    names = [f"site_{n}" for n in range(count)]
    sites = [
        Site(
            names[n],
            "dc" if n in served_by else "store",
            None if parent is None else names[parent],
            (rule := draw(st.sampled_from(ALLOCATIONS))),
            draw(st.sampled_from(UNSHIPPED)),
            (target := draw(st.sampled_from([None, 0.0, 6.5])) if rule == "min_max_shortfall" else None),
            draw(st.sampled_from(SEES)) if rule == "fair_share" or target is not None else "stock",
            n in served_by and draw(st.sampled_from([False] * 5 + [True])),
        )
        for n, parent in enumerate(served_by)
    ]
    return draw(st.permutations(sites))


@st.composite
def scenarios(draw, most_items: int = 70) -> Scenario:
    """Any scenario of up to a few hundred cells."""
    sites = draw(trees())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    many = min(most_items, draw(st.sampled_from([1, 2, 5, 5, 70])))
    shares = draw(st.sampled_from([(0.0,), (1.0,), (0.0, 1.0, 0.35)]))
    suppliers = draw(st.sampled_from([("farm",), ("farm", "mill", "dairy")]))
    packs = draw(st.sampled_from([(1,), (1, 6, 24)]))
    kept = draw(records())
    demand = draw(demands(sites, many, rng))
    losses = draw(st.sampled_from([(), LOSS_LAWS]))
    shrinkage = draw(st.sampled_from([Shrinkage(), Shrinkage(0.07), Shrinkage(by_category={"all": 0.3})]))
    brought_back = draw(st.sampled_from(RETURNS))
    keeping = draw(st.sampled_from(LIVES))
    coats = draw(seasons(elastic=demand.source == "fitted"))
    lives = (1, 2, 6, 17) if keeping.days else ()
    voluminous, shelved = draw(st.booleans()), draw(st.integers(0, 3)) == 0
    items = [
        Item.with_settings(
            f"item_{i}",
            supplier=str(rng.choice(suppliers)),
            unit_cost=float(rng.integers(1, 9)),
            unit_price=float(rng.integers(9, 20)),
            pack=int(rng.choice(packs)),
            minimum_order=int(rng.choice([0, 0, 10])) if len(packs) > 1 else 0,
            backorder_share=float(rng.choice(shares)),
            shrinkage=losses[rng.integers(len(losses))] if losses and rng.integers(2) else None,
            count_class=str(rng.choice(CLASSES)) if rng.integers(4) == 0 else None,
            shelf_life=int(rng.choice(lives)) if lives and rng.integers(2) else None,
            issuing=str(rng.choice(ISSUING)) if rng.integers(2) else None,
            selling_season=coats if coats and rng.integers(2) else None,
            volume=int(rng.integers(1, 4)) if voluminous else None,
            shelf=int(rng.choice([24, 31, 90])) if shelved and rng.integers(2) else None,
            returns=Returns(1.0, 5, 0.5, "down") if brought_back.share and rng.integers(4) == 0 else None,
        )
        for i in range(many)
    ]
    unit_costs = draw(st.sampled_from(UNIT_COSTS))
    calendars = draw(st.sampled_from([(WEEKDAYS,), (WEEKDAYS, ("tue",), ("mon", "thu", "sat"))]))

    def lane(source: str, site: str) -> Lane:
        law = LEAD_LAWS[rng.integers(len(LEAD_LAWS))]
        days, own = calendars[rng.integers(len(calendars))], {}
        if rng.integers(4) == 0:
            own = {"item_0": LEAD_LAWS[rng.integers(len(LEAD_LAWS))]}
        packs = (None, False, True)[rng.integers(3)]
        return Lane(source, site, law, days, break_packs=packs, lead_time_by_item=own)

    lanes = [lane(s.served_by, s.name) if s.served_by else None for s in sites]
    lanes = [x for x in lanes if x] + [lane(p, s.name) for s in sites if not s.served_by for p in suppliers]
    lanes, sourcing = draw(second_sources(lanes, sites))
    terms = OrderTerms(draw(st.sampled_from([0.0, 0.0, 0.0, 25.0])))
    start = datetime.date(2024, 1, 1) + datetime.timedelta(days=int(rng.integers(0, 400)))
    warm_up = draw(st.sampled_from([0, 0, 7, 21]))
    of_all = {"all": coats} if coats and rng.integers(4) == 0 else {}
    days = draw(st.integers(1, 45))
    risk, lanes, failing = draw(supply_risks(items, lanes, days, sourcing))
    between = draw(transfers(sites))
    return Scenario(
        "random",
        items,
        sites,
        lanes,
        demand,
        Costs(overstock_days=float(rng.integers(0, 20))),
        start=start,
        days=days,
        warm_up=warm_up,
        opening_days=float(rng.integers(0, 15)),
        lead_time_index=draw(st.sampled_from(["order", "day"])),
        events=(draw(events(start, warm_up, days, items, sites)) if demand.source == "fitted" else ()) + failing,
        features=(
            kept,
            shrinkage,
            brought_back,
            keeping,
            SellingSeasons(of_all),
            unit_costs,
            sourcing,
            terms,
            risk,
            Allocation(draw(st.booleans())),
            draw(pushes(sites, items, days, demand.source)),
            between,
            draw(channels(sites, between.regions)),
            draw(limits(items, sites)),
        ),
    )


CONGESTIONS = (None, None, Congestion(Constant(6), 0.2, 0.3), Congestion(LEAD_LAWS[3], 1.0, 0.5))
YIELDS = (
    {"values": [1.0, 0.5, 0.0], "weights": [2, 1, 1]},
    {"values": [0.83]},
)
FILLS = (
    {"values": [1.0, 0.5, 0.0], "weights": [2, 1, 1], "rest": "held"},
    {"values": [0.3], "weights": [1], "rest": "cancelled"},
    {"values": [1.0, 0.71], "weights": [1, 1], "rest": "cancelled"},
)


@st.composite
def supply_risks(draw, items, lanes, days, sourcing) -> tuple[SupplyRisk, list[Lane], tuple[Event, ...]]:
    """Suppliers that always ship (half of the time), or that fail, with outages and closed lanes of a few days.

    Some lanes have delivery days, missed windows or congestion, or keep the order of shipments.
    """
    if draw(st.booleans()):
        return SupplyRisk(), lanes, ()
    suppliers = {}
    for name in sorted({item.supplier for item in items}):
        chances = {"fails": draw(st.sampled_from([0.0, 0.1, 0.5])), "recovers": draw(st.sampled_from([0.2, 1.0]))}
        suppliers[name] = {
            "outage": draw(st.sampled_from([None, chances, {"up": 9, "down": 3}])),
            "down_orders": draw(st.sampled_from(["held", "refused"])),
            "fill": draw(st.sampled_from([None, *FILLS])),
            "yield": draw(st.sampled_from([None, *YIELDS])) if sourcing.rule != "policy" else None,
            "working_days": draw(st.sampled_from([None, WEEKDAYS[:5], ("tue", "fri", "wed")])),
        }
    failing = []
    for _ in range(draw(st.integers(0, 3))):
        when = {"start": draw(st.integers(0, max(0, days - 1))), "days": draw(st.integers(1, 9))}
        lane = draw(st.sampled_from([lane for lane in lanes if lane.source != sourcing.backup]))
        closed = ClosedLane(source=lane.source, destination=lane.destination, **when)
        of_supplier = [kind(supplier=items[0].supplier, **when) for kind in (Outage, Holiday)]
        failing.append(draw(st.sampled_from([closed, *of_supplier])))
    chance = sourcing.rule != "policy"
    if draw(st.booleans()):
        lanes = [
            lane.having(
                delivery_days=draw(st.sampled_from([None, ("wed",), ("mon", "tue", "sat")])),
                missed=draw(st.sampled_from([None, 0.0, 0.4, 1.0])) if chance else None,
                congestion=draw(st.sampled_from(CONGESTIONS)) if chance else None,
                crossing=draw(st.sampled_from([None, True, False])),
            )
            if lane.source != sourcing.backup
            else lane
            for lane in lanes
        ]
    return SupplyRisk(suppliers=suppliers), lanes, tuple(failing)


@st.composite
def second_sources(draw, lanes, sites) -> tuple[list[Lane], Sourcing]:
    """None (half of the time), or lanes of a second source to the first or to all sites that outside suppliers serve.

    A policy that orders there first is told what is due soon, for which no lead time may be left to chance."""
    rule = draw(st.sampled_from(["single", "single", "split", "policy", "backup"]))
    if rule == "single":
        return lanes, Sourcing()
    reached = [site.name for site in sites if not site.served_by][: draw(st.sampled_from([1, 9]))]
    laws = [Constant(1), Constant(2), Constant(6)] if rule == "policy" else LEAD_LAWS
    if rule == "policy":
        own = st.sampled_from([{}, {"item_0": 4}])
        lanes = [
            lane.having(lead_time=draw(st.sampled_from(laws)), lead_time_by_item=draw(own))
            if lane.destination in reached
            else lane
            for lane in lanes
        ]
    second = [
        Lane.with_settings(
            "nearby",
            site,
            draw(st.sampled_from(laws)),
            draw(st.sampled_from([WEEKDAYS, ("mon", "thu", "sat")])),
            draw(st.sampled_from([0.0, 7.5])),
            draw(st.sampled_from([0.0, 0.3])),
            draw(st.booleans()),
            premium=draw(st.sampled_from([None, 0.0, 0.25])),
        )
        for site in reached
    ]
    return [*second, *lanes], Sourcing(
        rule, "nearby", draw(st.sampled_from([0.0, 0.3, 1.0])), draw(st.sampled_from([0, 0, 2]))
    )


@st.composite
def events(draw, start, warm_up, days, items, sites) -> tuple[Event, ...]:
    """Up to four events (half of the time none) over all or some items and sites, that may overlap or lie half in."""
    out = []
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2, 4]))):
        first = draw(st.integers(-10, 40))
        where = {
            "start": draw(st.sampled_from([first, start + datetime.timedelta(days=first)])),
            "sites": draw(st.sampled_from([(), (sites[0].name,)])),
        }
        some = draw(st.sampled_from([(), (items[-1].name,)]))
        often = draw(st.sampled_from([0, 0, 14]))
        taken = {"all": 0.5} if some and draw(st.booleans()) else {}
        kind = draw(st.sampled_from(["promotion", "trend", "shift", "spike"]))
        if kind == "promotion":
            dip = {"dip": draw(st.sampled_from([0.0, 0.6])), "dip_days": draw(st.integers(0, 5))}
            out.append(Promotion(days=draw(st.integers(1, 9)), uplift=draw(st.sampled_from([1.37, 3.0])), items=some,
                                 cannibalises=taken, every=often, **dip, **where))  # fmt: skip
        elif kind == "trend":
            out.append(Trend(per_year=draw(st.sampled_from([-0.6, 4.0])), items=some, **where))
        elif kind == "shift":
            out.append(LevelShift(factor=draw(st.sampled_from([0.0, 1.8])), days=often or None, items=some, **where))
        else:
            cv_factor = draw(st.sampled_from([0.4, 2.0]))
            out.append(VolatilitySpike(days=5, cv_factor=cv_factor, items=some, every=often, **where))
    return tuple(event for event in out if _in_the_run(event, start, warm_up, days))


def _in_the_run(event, start, warm_up, days):
    first = event.start + warm_up if isinstance(event.start, int) else (event.start - start).days
    lasts = event.days_in_all()
    return first < warm_up + days and (lasts is None or first + lasts > 0)


@st.composite
def demands(draw, sites, many, rng) -> Demand:
    """Laws with or without seasons, or a history replayed or bootstrapped; some cells without customers."""
    shape = (many, len(sites))
    served = {s.served_by for s in sites}
    keep = rng.random(shape) < (0.7 if many * len(sites) > 1 else 1)
    keep[:, [n for n, s in enumerate(sites) if s.name in served]] &= rng.random() < 0.3
    leaves = [n for n, s in enumerate(sites) if s.name not in served]
    keep[0, leaves[0]] = True
    law_of = np.where(keep, rng.integers(0, len(DEMAND_LAWS), shape), -1)
    seasons = [Season()]
    if draw(st.booleans()):
        seasons += [Season((0.5, 1, 1, 1, 1.5, 2, 0), (1,) * 11 + (1.4,)), Season(weekday=(1, 1, 1, 1, 1, 1.3, 0.7))]
    season_of = rng.integers(0, len(seasons), shape)
    source = draw(st.sampled_from(["fitted", "fitted", "replay", "bootstrap"]))
    if source == "fitted":
        cv_factor = draw(st.sampled_from([1.0, 1.0, 0.5, 1.7]))
        together = draw(st.sampled_from([0.0, 0.0, 0.0, 0.3, 1.0]))
        return Demand(DEMAND_LAWS, law_of, seasons, season_of, cv_factor=cv_factor, correlation=together,
                      correlated=draw(st.sampled_from(CORRELATED)))  # fmt: skip
    row_of = np.where(keep, np.cumsum(keep).reshape(shape) - 1, -1)
    units = rng.poisson(3, (int(keep.sum()), int(rng.integers(7, 80)))) * (rng.random((int(keep.sum()), 1)) < 0.8)
    share, receipts = draw(st.sampled_from([1.0, 0.05, 0.7])), None
    if share < 1:
        law_of = np.where(keep, rng.choice(UNTHINNED, shape), -1)
        if draw(st.booleans()):
            receipts = np.where(
                units > 0, rng.integers(1, np.maximum(units, 1) + 1), -(rng.random(units.shape) < 0.3).astype(int)
            )
    history = History(units, row_of, datetime.date(2023, 3, int(rng.integers(1, 28))), receipts, share)
    window = draw(st.sampled_from([None, 0, 2]))
    return Demand(DEMAND_LAWS, law_of, seasons, season_of, history, source, window, draw(st.sampled_from([1.0, 1.6])))


TIERED = AbcTiered(
    tiers={
        "A": {"name": "buffer", "target": 0.97, "order_days": 3},
        "B": {"name": "reorder_point", "lots": True, "review_period": 2},
        "other": {"name": "just_in_time", "review_period": 3},
    }
)
BY_VARIABILITY = AbcTiered(
    classify_by="variability",
    cutoffs=(0.3, 0.8),
    tiers={"X": {"name": "just_in_time"}, "other": {"name": "buffer", "measure": "fill_rate", "target": 0.96}},
)


class ReadsAll(Policy):
    """A rule that reads every figure of the view, each with a weight of its own."""

    def levels(self, known):
        return {"level": np.ceil(5 * known.demand_mean), "most": np.ceil(9 * known.demand_mean)}

    @staticmethod
    def rule(view, levels):
        wanted = levels.level + view.sales + 2 * view.backorders - view.record - view.on_order
        if view.day > 2 and view.inventory_position < levels.level:
            wanted += 1
        return min(levels.most, max(0, wanted))


def changing(known, step, most):
    """A level that changes by day, in three patterns; which one a cell follows depends on its demand alone."""
    days, rows = np.arange(known.world.horizon), np.arange(3)[:, None]
    return ByDay((step * days + 5 * rows) % most, np.floor(7 * known.demand_mean) % 3)


class Expresses(Policy):
    """Orders first from a second source, where there is one, by all that the view says of it."""

    def levels(self, known):
        return {"low": np.ceil(2.5 * known.demand_mean), "high": np.ceil(7 * known.demand_mean)}

    @staticmethod
    def express(view, levels):
        return max(0, levels.low + view.backorders - view.record - view.due_soon + view.day % 2)

    @staticmethod
    def rule(view, levels):
        return max(0, levels.high - view.inventory_position + view.due_soon % 3)


class RemembersAndExpresses(Policy):
    """The same from a memory: a smoothed demand."""

    def levels(self, known):
        return {"days": 6}

    def memory(self, known):
        return known.demand_mean[:, :, None]

    @staticmethod
    def learn(seen, levels, memory):
        memory[0] += 0.2 * (seen.demand / seen.days - memory[0])

    @staticmethod
    def express(view, levels, memory):
        return max(0, math.ceil(2 * memory[0] - 1e-9) - view.record - view.due_soon + view.backorders)

    @staticmethod
    def rule(view, levels, memory):
        return max(0, math.ceil(levels.days * memory[0] - 1e-9) - view.inventory_position)


class ByEchelon(Policy):
    """Orders, first and then, by what a site and all below it have, with a level that changes by day and a memory."""

    def levels(self, known):
        mean, parent = np.ceil(4 * known.demand_mean), known.scenario.parent
        for n in known.scenario.bottom_up:
            if parent[n] >= 0:
                mean[:, parent[n]] += mean[:, n]
        return {"echelon": mean, "today": changing(known, 3, 7)}

    def memory(self, known):
        return np.zeros((1, 1, 1))

    @staticmethod
    def learn(seen, levels, memory):
        memory[0] = 0.5 * memory[0] + seen.sales

    @staticmethod
    def express(view, levels, memory):
        return max(0, levels.today - view.due_soon - view.echelon_position % 5)

    @staticmethod
    def rule(view, levels, memory):
        return max(0, levels.echelon + math.ceil(memory[0] - 1e-9) % 3 - view.echelon_position)


class ByTheDay(Policy):
    """Levels that change by day, beside one that does not."""

    def levels(self, known):
        low = changing(known, 3, 17)
        high = ByDay(low.values + np.arange(known.world.horizon) % 5, low.row_of)
        return {"reorder_point": low, "extra": np.ceil(known.demand_mean), "order_up_to_level": high}

    @staticmethod
    def rule(view, levels):
        if view.inventory_position <= levels.reorder_point:
            return levels.order_up_to_level + levels.extra - view.inventory_position
        return 0


FORECAST, SPREAD, WEIGHED, WEEK = range(4)


class Remembers(Policy):
    """A memory and a rule that read every figure they are given, each with a weight of its own."""

    forecast_slot = FORECAST

    def levels(self, known):
        return {"most": np.ceil(9 * known.demand_mean), "today": changing(known, 4, 13)}

    def memory(self, known):
        mean = known.demand_mean
        return np.stack([mean, np.sqrt(mean), *[np.zeros(mean.shape)] * 8], axis=-1)

    @staticmethod
    def learn(seen, levels, memory):
        rate = seen.demand / seen.days
        memory[SPREAD] += 0.2 * (abs(rate - memory[FORECAST]) - memory[SPREAD])
        memory[FORECAST] += 0.3 * (rate - memory[FORECAST])
        memory[WEEK + seen.day % 7] += seen.sales / 3
        memory[WEIGHED] = seen.sales + 0.1 * levels.today + 0.7 * seen.days - 0.3 * seen.record + 5.0 * seen.returned

    @staticmethod
    def rule(view, levels, memory):
        wanted = 4.0 * memory[FORECAST] + math.sqrt(memory[SPREAD]) - view.inventory_position + 0.1 * memory[WEIGHED]
        wanted += (
            memory[WEEK + view.day % 7] / (abs(view.day) + 1) + levels.today + 0.2 * (view.sales - view.backorders)
        )
        return min(levels.most, max(0, math.ceil(wanted - 1e-9)))


class OneNumber(Policy):
    """The smallest memory, and no forecast: more stock as long as the record is at 0 or below."""

    def levels(self, known):
        return {"level": np.ceil(4 * known.demand_mean)}

    def memory(self, known):
        return np.array([0.5])

    @staticmethod
    def learn(seen, levels, memory):
        memory[0] = memory[0] / 2 if seen.record > 0 else memory[0] + seen.days

    @staticmethod
    def rule(view, levels, memory):
        return max(0, levels.level + math.floor(memory[0]) - view.inventory_position)


MIXED = AbcTiered(
    tiers={
        "A": {"name": "worlds.OneNumber"},
        "B": {"name": "worlds.ByTheDay", "review_period": 3},
        "C": {"name": "worlds.Remembers", "review_period": 2},
    }
)

IN_PART_EXPRESS = AbcTiered(
    tiers={
        "A": {"name": "worlds.Expresses", "review_period": 2},
        "B": {"name": "buffer"},
        "C": {"name": "worlds.RemembersAndExpresses"},
    }
)

IN_PART_ECHELON = AbcTiered(
    tiers={
        "A": {"name": "buffer"},
        "B": {"name": "echelon_base_stock", "review_period": 2},
        "C": {"name": "worlds.ByEchelon"},
    }
)

BY_FORECAST = AbcTiered(
    tiers={
        "A": {"name": "adaptive", "forecast": "moving_average", "window": 4, "plan_every": 2},
        "B": {"name": "predictive", "forecast": "trend", "review_period": 2},
        "other": {"name": "reactive", "order_days": 2},
    }
)

learners = st.sampled_from(
    [
        Remembers(),
        Remembers(review_period=4),
        RemembersAndExpresses(),
        IN_PART_EXPRESS,
        ByEchelon(),
        ByEchelon(review_period=2),
        OneNumber(),
        MIXED,
        Adaptive(gain=0.3, plan_every=3),
        Adaptive(forecast="weekday", order_days=0, review_period=5, correct_stockouts=True),
        BY_FORECAST,
        *(
            Predictive(forecast=name, alpha=0.3, window=5, correct_stockouts=k % 2 > 0)
            for k, name in enumerate(METHODS)
        ),
    ]
)
others = st.sampled_from(
    [
        ReadsAll(),
        Expresses(),
        Expresses(review_period=3),
        ByTheDay(),
        ByTheDay(review_period=7),
        EchelonBaseStock(target=0.8),
        GuaranteedService(target=0.8, review_period=2),
        IN_PART_ECHELON,
        BaseStock(),
        BaseStock(safety_factor=0, review_period=7),
        ReorderPoint(),
        ReorderPoint(lots=True, review_period=3, safety_factor=0.5),
        ReorderPoint(reorder_point=5, order_up_to_level=20),
        JustInTime(),
        Buffer(target=0.9, review_period=5),
        Buffer(measure="fill_rate", target=0.98, order_days=2),
        TIERED,
        BY_VARIABILITY,
    ]
)
policies = others | learners
