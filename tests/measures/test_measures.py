"""Measures of ledgers that can be checked by hand."""

import numpy as np
import pytest
from chains import ledger_of

from restock.sim.measures.facts import FACT, MONEY, facts, money, variance_constants
from restock.sim.measures.measures import MEASURES, measure_values
from restock.sim.model.network import Costs, Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.probability.laws import Poisson


def shop(items, days=365, **costs):
    """One store, supplied from outside."""
    lanes = [Lane("supplier", "store", ordering_cost=3.0, transport_cost_per_unit=0.2)]
    demand = {(item.name, "store"): Poisson(2.0) for item in items}
    return scenario_of("shop", items, [Site("store")], lanes, demand, days=days, costs=Costs(**costs))


def column(*values):
    return np.array(values)[:, None]


DISTORTION = [  # demand, sold, price, cost, units above the target cover; sold at half the price
    (100, 92, 12.0, 7.0, 0, 0),
    (60, 60, 30.0, 18.0, 25, 10),
    (40, 30, 50.0, 30.0, 0, 0),
]
"""A month's ledger of three items: lost margin 240, lost revenue 596, markdown loss 150, overstock 450 at cost, and
9.375 a month to carry it at 25% (arithmetic; the definition is the IHL Group's, the margin basis an analyst's)."""


def distortion_month():
    """The case as a year whose stock stays: money per year of stock is then 12 times the month's."""
    items = [Item(name, unit_price=row[2], unit_cost=row[3]) for name, row in zip("abc", DISTORTION, strict=True)]
    scenario = shop(items, carrying_rate=0.25, goodwill_share=0.0)
    asked, sold, over, reduced = (column(*(row[k] for row in DISTORTION)) for k in (0, 1, 4, 5))
    ledger = ledger_of(scenario, demand=asked, filled=sold, lost=asked - sold, overstock_days=365 * over,
                       marked_down=reduced, markdown_points=50 * reduced)  # fmt: skip
    return measure_values(facts(ledger, scenario).sum(axis=(0, 1)), scenario.days)


def test_distortion_cost_on_both_bases():
    value = distortion_month()
    assert value["stockout_cost"] == pytest.approx(240.0)
    assert value["lost_sales_retail"] == pytest.approx(596.0)
    assert value["average_overstock_value"] == pytest.approx(450.0)
    assert value["overstock_cost"] == pytest.approx(12 * 9.375)
    assert value["markdown_cost"] == pytest.approx(150.0)
    assert value["distortion_cost"] == pytest.approx(240.0 + 150.0 + 12 * 9.375)
    assert value["distortion_cost_retail"] == pytest.approx(596.0 + 150.0 + 12 * 9.375)


def test_fill_rate_in_units_and_at_price():
    value = distortion_month()
    assert value["fill_rate"] == pytest.approx(0.91)
    assert value["fill_rate_value"] == pytest.approx(0.8808)
    assert value["sales_revenue"] == pytest.approx(92 * 12 + 50 * 30 + 10 * 15 + 30 * 50)
    assert value["marked_down_share"] == pytest.approx(10 / 182)


def test_costs_of_one_item_by_hand():
    """73 days = a fifth of a year; price 5, cost 2, carrying rate 30%."""
    scenario = shop([Item("milk", unit_cost=2.0, unit_price=5.0)], days=73, carrying_rate=0.3, goodwill_share=0.1,
                    backorder_cost_per_day=0.02)  # fmt: skip
    ledger = ledger_of(scenario, demand=100, filled=80, backorders_served=5, lost=10, received=90, orders=4,
                       on_hand_days=730, overstock_days=73, backorder_days=20, demand_days=60, stockout_days=9,
                       ready_days=70, cycles=8, cycles_in_stock=6)  # fmt: skip
    per_run = dict(zip(MONEY, money(ledger, scenario)[0, 0], strict=True))
    assert per_run == pytest.approx({
        "sales_revenue": 85 * 5, "cogs": 85 * 2, "carrying": 730 * 2 * 0.3 / 365,
        "overstock_carrying": 73 * 2 * 0.3 / 365,
        "inventory_value_days": 1460, "ordering": 12, "transport": 18, "lost_margin": 30, "goodwill": 10 * 0.5,
        "backorder_cost": 20 * 0.1, "lost_retail": 50, "write_off": 0, "shrunk_retail": 0, "counting": 0, "refunds": 0,
        "returns_write_off": 0, "markdown_loss": 0, "clearance_revenue": 0,
        "clearance_loss": 0, "expired": 0, "damage": 0, "premium": 0, "second_ordering": 0, "second_transport": 0,
        "transfer_units_cost": 0, "transfer_lines_cost": 0,
        **{f"channel_{k}_{name}_cost": 0 for k in range(1, 5) for name in ("unit", "late", "oversell")},
        "truck_cost": 0,
        "joint_cost": 0,
    })  # fmt: skip
    value = measure_values(facts(ledger, scenario)[0, 0], 73)
    assert value["turnover"] == pytest.approx(5 * 170 / 20)  # 850 a year over 20 in stock
    assert value["days_of_supply"] == pytest.approx(365 / value["turnover"])
    assert value["gmroi"] == pytest.approx(5 * 85 * 3 / 20)
    assert value["carrying_cost_pct"] == pytest.approx(30.0)
    assert value["cycle_service_level"] == 0.75
    assert value["ready_rate"] == pytest.approx(70 / 73)
    assert value["stockout_rate"] == pytest.approx(9 / 73)
    assert value["total_cost"] == pytest.approx(5 * (1.2 + 12 + 18 + 30 + 5 + 2))
    assert value["distortion_pct_of_sales"] == pytest.approx(100 * (37 + 0.12) / 425)
    assert value["orders_per_year"] == pytest.approx(20)
    assert value["orders_per_day"] == pytest.approx(20 / 365)
    assert value["average_on_hand"] == pytest.approx(10)


def test_total_cost_is_the_sum_of_its_parts_none_below_zero():
    """IDENTITIES, cost split: also where a price lies below cost."""
    scenario = shop([Item("bait", unit_cost=4.0, unit_price=3.0)], count_cost=0.7)
    ledger = ledger_of(scenario, demand=10, filled=6, lost=4, on_hand_days=50, orders=2, received=6, shrunk=3, counts=5)
    value = measure_values(facts(ledger, scenario)[0, 0], 365)
    names = ("carrying_cost", "ordering_cost", "transport_cost", "stockout_cost", "write_off_cost", "count_cost")
    parts = [value[name] for name in names]
    assert min(parts) >= 0
    assert value["total_cost"] == pytest.approx(sum(parts))
    assert value["gross_margin"] == pytest.approx(-6)


def test_records_by_hand():
    """100 days: 60 exact, 25 empty with a record above 0, of these 10 frozen; 8 units lost, 4 counts at 0.5."""
    scenario = shop([Item("milk", unit_cost=2.0, unit_price=5.0)], days=100, count_cost=0.5)
    ledger = ledger_of(scenario, demand=100, filled=80, record_exact_days=60, phantom_days=25, freeze_days=10, shrunk=8,
                       counts=4)  # fmt: skip
    value = measure_values(facts(ledger, scenario)[0, 0], 100)
    assert (value["record_accuracy"], value["phantom_stock_rate"], value["freeze_rate"]) == (0.6, 0.25, 0.1)
    assert value["shrinkage_pct_of_sales"] == pytest.approx(100 * 40 / 400)
    assert value["write_off_cost"] == value["distortion_cost"] == pytest.approx(16 * 3.65)
    assert value["count_cost"] == pytest.approx(2 * 3.65)
    assert value["counts_per_year"] == pytest.approx(4 * 3.65)
    assert value["total_cost"] == pytest.approx(18 * 3.65)


def test_a_pooled_fill_rate_lies_between_those_of_its_items():
    """IDENTITIES, fill rate bound: weighted by demand, not a mean of ratios."""
    scenario = shop([Item("a"), Item("b")])
    ledger = ledger_of(scenario, demand=column(900, 100), filled=column(900, 50))
    each = measure_values(facts(ledger, scenario)[:, 0], 365)["fill_rate"]
    assert each.tolist() == [1.0, 0.5]
    assert measure_values(facts(ledger, scenario).sum(axis=(0, 1)), 365)["fill_rate"] == pytest.approx(0.95)


def test_what_is_undefined_is_nan():
    scenario = shop([Item("a")])
    value = measure_values(facts(ledger_of(scenario), scenario)[0, 0], 365)
    for name in ("fill_rate", "turnover", "days_of_supply", "gmroi", "cycle_service_level", "distortion_pct_of_sales"):
        assert np.isnan(value[name]), name
    assert value["total_cost"] == 0


@pytest.mark.parametrize("days", [84, 364, 365, 90])
def test_bullwhip_variance_is_unbiased_also_with_a_short_last_week(days):
    """Poisson(5) a day: the variance of a week's demand is 35."""
    draws = np.random.default_rng(1).poisson(5.0, (4000, days))
    weeks = np.add.reduceat(draws, np.arange(0, days, 7), axis=1)
    over, divisor = variance_constants(days)
    found = ((weeks**2).sum(axis=1) - over * weeks.sum(axis=1) ** 2) / divisor
    error = found.std() / np.sqrt(len(found))
    assert abs(found.mean() - 35) < 4 * error
    if days % 7 == 0:
        assert found[0] == pytest.approx(weeks[0].var(ddof=1))


def test_bullwhip_of_batched_orders():
    """Lee, Padmanabhan & Whang (1997): two weeks' sales, ordered every second week."""
    scenario = shop([Item("a")], days=28)
    demand, ordered = np.array([30, 40, 34, 36]), np.array([70, 0, 70, 0])
    ledger = ledger_of(scenario, demand=140, demand_squared=(demand**2).sum(), ordered=140,
                       ordered_squared=(ordered**2).sum())  # fmt: skip
    value = measure_values(facts(ledger, scenario)[0, 0], 28)
    assert value["bullwhip_ratio"] == pytest.approx(ordered.var(ddof=1) / demand.var(ddof=1))


def test_less_than_two_weeks_have_no_bullwhip():
    scenario = shop([Item("a")], days=13)
    ledger = ledger_of(scenario, demand=5, demand_squared=25, ordered=5, ordered_squared=25)
    assert np.isnan(measure_values(facts(ledger, scenario)[0, 0], 13)["bullwhip_ratio"])


def test_every_measure_is_made_of_facts_that_exist():
    for name, measure in MEASURES.items():
        assert {*measure.numerator, *measure.denominator} <= set(FACT), name
        assert measure.better in ("higher", "lower", "")
