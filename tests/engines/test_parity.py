"""Two engines, one path: the event engine and the kernel agree in every cell, column, replication and day."""

from __future__ import annotations

import dataclasses
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from worlds import learners, policies, records, scenarios

from restock.sim.engines.events.engine import Run, run_events
from restock.sim.engines.kernel.layout import WIDTH
from restock.sim.errors import InputError
from restock.sim.features.limits.settings import Limits
from restock.sim.features.records.settings import Records, Shrinkage
from restock.sim.measures.ledger import BASE, NAMES, SERIES, named
from restock.sim.model.abc_classes import usage_classes
from restock.sim.model.network import Item, Lane, Site
from restock.sim.planning.levels import ByDay
from restock.sim.planning.policy import Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.run.shards import run_kernel, run_shards

BOOKED = {"receipts overscanned": 1, "receipts underscanned": -1, "sales overscanned": -1, "sales underscanned": 1}
COLUMN = {name: k for k, name in enumerate(NAMES)}
EXAMPLES = int(os.environ.get("RESTOCK_EXAMPLES", "60"))
any_world = settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


def assert_same(events, kernel):
    """Name the first column that differs; daily figures are compared where the kernel kept them."""
    assert events.ledger.shape == kernel.ledger.shape
    for k, name in enumerate(NAMES[: kernel.ledger.shape[-1]]):
        wrong = np.argwhere(events.ledger[..., k] != kernel.ledger[..., k])
        assert len(wrong) == 0, f"{name} differs at (replication, item, site) {wrong[0].tolist()}"
    for k, name in enumerate(SERIES if len(kernel.series) else ()):
        wrong = np.argwhere(events.series[..., k] != kernel.series[..., k])
        assert len(wrong) == 0, f"daily {name} differs at (day, replication, site) {wrong[0].tolist()}"


def outcome(run, *given, **how):
    """The shard, or the line in which the run is refused: some policies grow beyond all bounds in long chains."""
    try:
        return run(*given, **how)
    except InputError as error:
        assert "; allowed: at most " in str(error)
        return str(error)


def both(prepared, plan, seed=1, replications=2, series=False):
    """What both engines say, which must be the same: a shard, or one line.

    Of several faults the kernel names the first of a block of lanes, so that the line is the same where there is one.
    """
    events = outcome(run_events, prepared, plan, seed, replications)
    kernel = outcome(run_kernel, prepared, plan, seed, replications, series=series)
    if isinstance(events, str) or isinstance(kernel, str):
        one_block = replications * len(prepared.scenario.items) <= WIDTH
        assert events == kernel if one_block else isinstance(events, str) and isinstance(kernel, str)
    else:
        assert_same(events, kernel)
    return kernel


def kernel_alone(*given, **how):
    """A run of the kernel; an example that is refused shows nothing of what is tested."""
    shard = outcome(run_kernel, *given, **how)
    assume(not isinstance(shard, str))
    return shard


@any_world
@given(scenarios(), policies, st.integers(0, 2**63 - 1))
def test_both_engines_walk_the_same_path(scenario, policy, seed):
    """With daily figures, and as most runs are, without: then the kernel adds up eight weeks at a time."""
    prepared = Prepared(scenario)
    plan = prepared.plan(policy)
    both(prepared, plan, seed)
    both(prepared, plan, seed, series=True)


@any_world
@given(scenarios(), records().filter(lambda kept: kept.delayed), learners, st.integers(0, 2**63 - 1))
def test_both_engines_learn_the_same_from_late_postings(scenario, kept, policy, seed):
    prepared = Prepared(scenario.having(kept))
    plan = prepared.plan(policy)
    both(prepared, plan, seed)
    both(prepared, plan, seed, series=True)


@any_world
@given(scenarios(), policies)
def test_nothing_is_created_or_lost_on_any_day(scenario, policy):
    """opening + received + restocked + transferred in = closing + sold + shipped + shrunk + expired + cleared +
    transferred out, for every cell and day.

    The record moves by all of these but shrinkage, as scanned, and by counts; neither scans nor counts move goods.
    """
    prepared = Prepared(scenario)
    run = outcome(Run(prepared, prepared.plan(policy), seed=3, replication=1, log=True).run)
    assume(not isinstance(run, str))
    for site in run.sites:
        for stock in site.stock.values():
            ages = {0: stock.on_hand} if stock.shelf is None else stock.shelf.units
            assert sum(ages.values()) == stock.on_hand and min(ages.values(), default=0) >= 0
    before = {
        (site.name, item.name): int(prepared.world.opening[i, n])
        for i, item in enumerate(scenario.items)
        for n, site in enumerate(scenario.sites)
    }
    record = dict(before)
    sold, counted, misbooked, overnight = {}, {}, {}, {}
    for entry in run.log:
        key = (entry.day, entry.site, entry.item)
        if entry.what in ("sold", "backorder served") or (entry.phase == "pooling" and "sent by" in entry.what):
            sold[key] = sold.get(key, 0) + entry.quantity
        if entry.phase == "balancing" and "sent to" in entry.what:
            overnight[key] = overnight.get(key, 0) + entry.quantity
        if entry.what in BOOKED:
            misbooked[key] = misbooked.get(key, 0) + BOOKED[entry.what] * entry.quantity
        if entry.what == "counted":
            counted[key] = entry.quantity
    exact = scenario.feature("records").count_error == 0
    for day in run.daily:
        cell = (day.site, day.item)
        key = (day.day, *cell)
        flow = day.received + day.restocked - sold.get(key, 0) - day.shipped - day.expired - day.cleared
        flow += day.transferred_in - day.transferred_out
        assert before[cell] + flow == day.on_hand + day.shrunk
        assert min(day.on_hand, day.on_order, day.backorders, day.returned - day.restocked) >= 0
        assert day.record == (
            counted[key] - day.shipped - overnight.get(key, 0)
            if key in counted
            else record[cell] + flow + misbooked.get(key, 0)
        )
        assert day.record == day.on_hand or not (exact and key in counted)
        before[cell], record[cell] = day.on_hand, day.record


@any_world
@given(scenarios(), policies)
def test_the_books_agree_with_each_other(scenario, policy):
    """Demand splits up, backlogs balance, orders are received, under way, owed or cancelled; nothing else."""
    prepared = Prepared(scenario)
    ledger = kernel_alone(prepared, prepared.plan(policy), 11, 3).ledger
    of = named(ledger)
    backordered = of["demand"] - of["filled"] - of["lost"] - of["refused"]
    assert (backordered >= 0).all()
    assert (of["opening_backorders"] + backordered == of["closing_backorders"] + of["backorders_served"]).all()
    sold = of["filled"] + of["backorders_served"] - of["shipped"]
    moved = of["received"] + of["restocked"] - sold - of["shipped"] - of["expired"] - of["cleared"]
    moved += of["transferred_in"] - of["transferred_out"]
    assert (of["opening_on_hand"] + moved == of["closing_on_hand"] + of["shrunk"]).all()
    booked = moved - of["written_off"] + of["found"] + of["overbooked"] - of["underbooked"]
    assert (of["opening_record"] + booked == of["closing_record"]).all()
    days = scenario.days * scenario.stocked
    assert (of["freeze_days"] <= of["phantom_days"]).all()
    assert (of["phantom_days"] <= days - of["ready_days"]).all()
    assert (days - of["record_exact_days"] <= of["record_error_days"]).all()
    overnight = of["transferred_in"] - of["filled_by_transfer"]
    arrived = of["received"] + of["rejected"] + of["cancelled"] + overnight
    assert (
        of["opening_on_order"] + of["ordered"] + of["transfers_sent_here"] == of["closing_on_order"] + arrived
    ).all()
    sent = of["filled_by_transfer"] + of["transfers_sent_here"]
    assert (of["transferred_out"].sum(axis=2) == sent.sum(axis=2)).all()
    for n in range(len(scenario.sites)):
        below = scenario.parent == n
        assert (of["cancelled"][:, :, below].sum(-1) == of["refused"][..., n]).all()
    assert (ledger[:, ~scenario.stocked] == 0).all()


@any_world
@given(scenarios(), policies)
def test_threads_and_order_of_work_change_nothing(scenario, policy):
    prepared = Prepared(scenario)
    plan = prepared.plan(policy)
    alone = kernel_alone(prepared, plan, 5, 4, threads=1)
    together = run_kernel(prepared, plan, 5, 4, threads=3)
    assert (alone.ledger == together.ledger).all()
    for r in (3, 0):
        for shard in run_shards(prepared, plan, 5, (r, r + 1)):
            i0, i1 = shard.items
            assert (shard.ledger[0] == alone.ledger[r, i0:i1]).all()


@any_world
@given(scenarios(), policies)
def test_adding_a_store_leaves_the_others_alone(scenario, policy):
    """A new store that outside suppliers serve changes no other cell, wherever it stands in the list.

    Where a supplier ships so much a night and no more, it does take its part.
    """
    scenario = scenario.having(Limits())
    suppliers = sorted({item.supplier for item in scenario.items})
    new = Site("new_store")
    lanes = [*scenario.lanes, *(Lane(s, "new_store") for s in suppliers)]

    def grown(array):
        return None if array is None else np.insert(array, 0, array[:, scenario.demand.asked.any(0).argmax()], axis=1)

    classes = usage_classes(scenario, Prepared(scenario).world.daily_rate)  # of all stores: a new one may change them
    items = [item.having(count_class=str(c)) for item, c in zip(scenario.items, classes, strict=True)]
    scenario = dataclasses.replace(scenario, items=items)
    demand = scenario.demand
    history = demand.history
    if history is not None:
        history = dataclasses.replace(history, row_of=grown(history.row_of))
    bigger_demand = dataclasses.replace(
        demand, law_of=grown(demand.law_of), season_of=grown(demand.season_of), history=history
    )
    bigger = dataclasses.replace(scenario, sites=(new, *scenario.sites), lanes=lanes, demand=bigger_demand)
    small, large = Prepared(scenario), Prepared(bigger)
    plan = small.plan(policy)
    wider = large.plan(policy)
    if plan.tier_of is not None:
        return  # classes are of items over the whole chain: a new store may rightly change them
    before = kernel_alone(small, plan, 9, 2).ledger
    after = kernel_alone(large, wider, 9, 2).ledger
    assert (before == after[:, :, 1:]).all()


def test_a_negative_order_is_refused_by_both_engines(one_shop):
    from restock.sim.planning.policy import Policy

    class Backwards(Policy):
        def levels(self, known):
            return {"level": np.ones(known.stocked.shape)}

        @staticmethod
        def rule(view, levels):
            return levels.level if view.day < 9 else 0 - levels.level

    prepared = Prepared(one_shop)
    plan = prepared.plan(Backwards())
    for run in (run_kernel, run_events):
        with pytest.raises(InputError, match="on day 9: the rule must return a whole number not below 0, got -1"):
            run(prepared, plan, 1, 2)


class OnDayZero(Policy):
    """Orders once, on the first measured day, twice what was learnt the evening before it, plus the weekday of it."""

    def levels(self, known):
        days = np.arange(known.world.horizon) - known.world.warm_up
        return {"one": 1, "day": ByDay(days[None], 0)}

    def memory(self, known):
        return np.zeros(2)

    @staticmethod
    def learn(seen, levels, memory):
        if seen.day == -1:
            memory[0] = 100 + seen.day % 7  # Python's remainder, in both engines: 6
        if seen.day != levels.day:
            memory[1] = 1

    @staticmethod
    def rule(view, levels, memory):
        return 2 * int(memory[0]) + int(memory[1]) if view.day == 0 and levels.day == 0 else 0


@pytest.mark.parametrize("lag", [0, 2])
def test_policies_count_days_as_events_do(one_shop, lag):
    """Day 0 is the first measured day; the warm-up comes before it."""
    prepared = Prepared(one_shop.having(Records(lag=lag), warm_up=14, days=14))
    plan = prepared.plan(OnDayZero())
    run = Run(prepared, plan, 1, 0, log=True).run()
    assert [(entry.day, entry.quantity) for entry in run.log if entry.what == "ordered"] == [(14, 212)]
    kernel = run_kernel(prepared, plan, 1, 2, series=True)
    assert_same(run_events(prepared, plan, 1, 2), kernel)
    assert kernel.ledger[0, 0, 0, COLUMN["orders"]] == 1


def test_items_beyond_one_block_of_lanes(one_shop):
    """More (replication, item) pairs than lanes: no pair is lost or counted twice."""
    items = tuple(Item(f"item_{i}") for i in range(9))
    law_of = np.zeros((9, 1), int)
    demand = dataclasses.replace(one_shop.demand, law_of=law_of, season_of=None)
    prepared = Prepared(dataclasses.replace(one_shop, items=items, demand=demand))
    from restock.policies.base_stock import BaseStock

    plan = prepared.plan(BaseStock())
    assert_same(run_events(prepared, plan, 4, 17), run_kernel(prepared, plan, 4, 17, series=True))


@any_world
@given(scenarios(), policies, st.sampled_from([1, 2, 7]))
def test_perfect_records_are_what_the_policy_sees(scenario, policy, every):
    """Counting what is exact changes nothing but the number of counts, and costs nothing but its labour."""
    items = [item.having(shrinkage=None) for item in scenario.items]
    plain = scenario.having(Shrinkage(), Records(), items=items)
    counted = plain.having(Records(full_count_every=every, zero_balance_walk=True))
    one, other = (kernel_alone(p, p.plan(policy), 8, 2) for p in (Prepared(plain), Prepared(counted)))
    same = [k for name, k in COLUMN.items() if name != "counts" and k < BASE]
    assert (one.ledger[..., same] == other.ledger[..., same]).all()
    assert (other.ledger[..., COLUMN["counts"]] >= scenario.days // every * scenario.stocked).all()


@pytest.mark.parametrize("lag", [1, 4, 7])
@pytest.mark.parametrize("backorder_share", [0.0, 0.4, 1.0])
def test_a_late_record_is_a_longer_lead_time(one_shop, lag, backorder_share):
    """Base stock that sees the book k days late, with lead time L, keeps the stock of lead time L + k, day by day."""
    from restock.policies.base_stock import BaseStock

    shop = dataclasses.replace(
        one_shop, items=(Item("milk", backorder_share=backorder_share),), opening_stock=np.array([[30]]), days=200
    )
    late = shop.having(Records(lag=lag))
    longer = dataclasses.replace(shop, lanes=[Lane("supplier", "store", Constant(3 + lag))])
    stock = []
    for scenario in (late, longer):
        prepared = Prepared(scenario)
        plan = prepared.plan(BaseStock(base_stock_level=30))
        assert_same(run_events(prepared, plan, 5, 3), kernel := run_kernel(prepared, plan, 5, 3, series=True))
        stock.append(kernel.series[..., [SERIES.index("on_hand"), SERIES.index("backorders")]])
    assert (stock[0] == stock[1]).all()
    assert stock[0].std() > 0


def test_postings_every_few_days_are_weekly_batches(one_shop):
    """Posted on days 6, 13, ...: a policy reviewed daily orders on those evenings only."""
    from restock.policies.base_stock import BaseStock

    prepared = Prepared(one_shop.having(Records(reconcile_every=7), days=70))
    run = Run(prepared, prepared.plan(BaseStock()), 2, 0, log=True).run()
    ordered = {day.day for day in run.daily if day.ordered}
    assert ordered
    assert all(day % 7 == 6 for day in ordered)


def test_shrinkage_freezes_a_shelf_until_it_is_counted(one_shop):
    """The book says there is stock, nobody orders, nothing can be sold: only a count ends it."""
    from restock.policies.reorder_point import ReorderPoint

    milk = Item.with_settings("milk", shrinkage=Poisson(0.5))
    service, frozen = [], []
    for every in (0, 91, 7):
        scenario = one_shop.having(Records(count_every=every), items=(milk,), days=364)
        prepared = Prepared(scenario)
        ledger = run_kernel(prepared, prepared.plan(ReorderPoint()), 6, 20).ledger.sum(axis=(0, 1, 2))
        service.append(ledger[COLUMN["filled"]] / ledger[COLUMN["demand"]])
        frozen.append(ledger[COLUMN["freeze_days"]])
    assert service[0] < 0.5 < service[1] < service[2]
    assert frozen[0] > frozen[1] > frozen[2] >= 0
