"""Policies at equal service: where curves are read, how sure a difference is, and which cost turns a verdict."""

import dataclasses

import numpy as np
import pytest

from restock.experiments.equal_service_words import equal_service_lines
from restock.policies.base_stock import BaseStock
from restock.policies.reorder_point import ReorderPoint
from restock.sim.errors import InputError
from restock.sim.model.network import Costs, Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, NegativeBinomial
from restock.sim.statistics.estimates import Estimate
from restock.sim.study.compare import evaluate
from restock.sim.study.equal_service import Curve, EqualService, Point, along_service, chosen_levels

DAILY = [Point(f"base_stock_level {level}", BaseStock(base_stock_level=level)) for level in (14, 20, 26, 34)]
WEEKLY = [Point(f"reorder_point {low}", ReorderPoint(reorder_point=low, order_up_to_level=low + 60))
          for low in (2, 6, 12, 18)]  # fmt: skip
ALONG = {"daily": DAILY, "weekly": WEEKLY}


def shop(ordering_cost=2.0, assumed=("lanes.ordering_cost",), **settings):
    """A shop whose two policies' levels know nothing of costs: daily orders hold less, weekly ones order less."""
    milk = Item("milk", unit_cost=40.0, unit_price=60.0)
    lanes = [Lane("supplier", "store", Constant(2), ordering_cost=ordering_cost)]
    scenario = scenario_of("shop", [milk], [Site("store")], lanes,
                           {("milk", "store"): NegativeBinomial(5.0, 0.4)}, days=364, warm_up=28,
                           costs=Costs(carrying_rate=0.25), **settings)  # fmt: skip
    return Prepared(dataclasses.replace(scenario, assumed=assumed))


def curves(prepared, replications=16):
    return tuple(along_service(prepared, ALONG, replications, seed=1))


def figures(level=0.95):
    """Money a year apart (daily less weekly), and what of it is order lines at 2.0 a line."""
    daily, weekly = curves(shop())
    cost, lines = ((daily.at(level, name) - weekly.at(level, name)).value for name in ("total_cost", "ordering_cost"))
    return cost, lines


def test_a_figure_lies_on_the_line_against_the_logarithm_of_what_is_not_served():
    (curve,) = along_service(shop(), {"daily": DAILY[:2]}, 8, seed=1)
    rates, stock = ([o.value(name)[0] for o in curve.outcomes] for name in ("fill_rate", "carrying_cost"))
    level = 0.5 * sum(rates)
    low, high = np.log1p(-np.array(rates))
    share = (np.log1p(-level) - low) / (high - low)
    assert curve.at(level, "carrying_cost").value == pytest.approx((1 - share) * stock[0] + share * stock[1])
    lost = [o.value("stockout_cost")[0] for o in curve.outcomes]  # in proportion to what is not served
    assert curve.at(level, "stockout_cost").value == pytest.approx(sum(lost) / 2)
    assert curve.at(rates[0] - 0.01, "total_cost") is None


@pytest.mark.parametrize("level", [17, 21, 23, 28])
def test_what_is_read_between_points_is_what_a_run_gives_there(level):
    (curve,) = along_service(shop(), {"daily": DAILY}, 64, seed=1)
    between = evaluate(shop(), BaseStock(base_stock_level=level), 64, seed=1)
    served = between.value("fill_rate")[0]
    for measure in ("total_cost", "average_on_hand", "stockout_cost"):
        truth = between.value(measure)[0]
        assert curve.at(served, measure).value == pytest.approx(truth, rel=0.02), measure
    assert curve.at(served, "fill_rate").value == pytest.approx(served, abs=2e-3)


def test_an_interval_holds_what_many_replications_give():
    many = curves(shop(), 400)
    truth = (many[0].at(0.95, "total_cost") - many[1].at(0.95, "total_cost")).value
    inside = 0
    for first in range(0, 400, 20):
        one, other = (Curve(c.label, c.words, tuple(cut(o, first, first + 20) for o in c.outcomes)) for c in many)
        found = (one.at(0.95, "total_cost") - other.at(0.95, "total_cost")).interval()
        inside += bool(found.low <= truth <= found.high)
    assert inside >= 16  # of 20; 19 expected


def cut(outcome, first, last):
    """The outcome of some of its replications."""
    sums = {level: values[first:last] for level, values in outcome.rollup.sums.items()}
    rollup = dataclasses.replace(outcome.rollup, sums=sums)
    return dataclasses.replace(outcome, rollup=rollup, replications=last - first)


@pytest.mark.parametrize(("beyond", "turned"), [(0.98, True), (1.02, False)])
def test_a_verdict_is_marked_by_the_cost_that_turns_it_and_by_no_other(beyond, turned):
    """The difference is linear in the price of an order line: where it turns is known."""
    cost, lines = figures()
    at = 2.0 * (1 - cost / lines)  # money a line at which both cost the same
    assert lines > 0 > cost - lines, "daily orders have more lines, and hold less stock"
    price = at / 2 / beyond  # doubled, it lies just beyond the turning point, or just short of it
    found = EqualService(curves(shop(ordering_cost=price)), (0.95,)).compared
    assert [each.policy for each in found] == ["daily", "weekly"]
    assert found[1].depends_on == ("ordering cost (turns when it is doubled)" if turned else "")
    known = EqualService(curves(shop(ordering_cost=price, assumed=())), (0.95,)).compared
    assert known[1].depends_on == "", "a cost that is known is not doubted"


def test_a_verdict_that_turns_when_the_record_is_played_again_is_marked():
    here, there = curves(shop(ordering_cost=0.01)), curves(shop(ordering_cost=50.0), 8)
    (best, other) = EqualService(here, (0.95,), there).compared
    assert best.policy == "daily" and other.verdict == "dearer"
    assert "fitted demand (turns when the record is played again)" in other.depends_on
    assert EqualService(here, (0.95,), here).compared[1].depends_on == ""


def test_no_winner_is_named_inside_the_noise():
    same = {"one": DAILY, "other": [Point(p.words, dataclasses.replace(p.policy)) for p in DAILY]}
    found = EqualService(tuple(along_service(shop(), same, 8, seed=1)), (0.95,))
    assert [each.verdict for each in found.compared] == ["cheapest", "no difference shown"]
    assert "(no difference shown)" in "\n".join(equal_service_lines(found))


def test_verdicts_are_corrected_for_all_pairs_at_a_level():
    three = {**ALONG, "third": [Point(p.words, ReorderPoint(reorder_point=low, order_up_to_level=low + 90))
                                for p, low in zip(WEEKLY, (2, 6, 12, 18), strict=True)]}  # fmt: skip
    runs = tuple(along_service(shop(), three, 8, seed=1))
    plain, held = (EqualService(runs, (0.95,), correction=name).compared for name in ("none", "bonferroni"))
    for one, other in zip(plain[1:], held[1:], strict=True):
        assert other.p_value == pytest.approx(min(1.0, 3 * one.p_value))


def test_levels_that_nobody_reaches_are_said_and_levels_are_found_where_curves_lie():
    found = EqualService(curves(shop(), 4), (0.3,))
    said = "\n".join(equal_service_lines(found))
    assert "30% is not reached by 'daily' (it serves " in said and found.compared == []
    levels = chosen_levels(found.curves)
    assert len(levels) == 3 and all(curve.at(level, "total_cost") for curve in found.curves for level in levels)


def test_one_replication_has_figures_and_no_verdict():
    found = EqualService(curves(shop(), 1), (0.95,))
    assert [each.verdict for each in found.compared][1] == ""
    assert " ± " not in "\n".join(equal_service_lines(found)[3:6])


def test_a_curve_has_two_points_or_more():
    with pytest.raises(InputError, match="policy 'daily' is compared along two settings or more, got 1"):
        along_service(shop(), {"daily": DAILY[:1]}, 2, seed=1)


def test_tables_hold_every_measure_and_say_whom_it_is_compared_with():
    found = EqualService(curves(shop(), 8), (0.93, 0.95))
    table = found.table(["total_cost", "average_on_hand"])
    assert table.groupby("fill_rate").size().tolist() == [4, 4]
    best = table[(table["policy"] == table["less"]) & (table["measure"] == "total_cost")]
    assert (best["difference"] == 0).all() and (best["verdict"] == "cheapest").all()
    assert found.points().groupby(["policy", "setting"], sort=False).ngroups == 8
    assert isinstance(found.curves[0].at(0.95, "total_cost"), Estimate)


def test_levels_that_two_policies_serve_go_before_lower_ones_that_all_do():
    poor = [Point(f"base_stock_level {level}", BaseStock(base_stock_level=level)) for level in (6, 8, 10)]
    runs = along_service(shop(), {**ALONG, "poor": poor}, 4, seed=1)
    assert runs[2].reach[1] < 0.8 < runs[0].reach[0], "a policy that no setting brings near the others"
    assert chosen_levels(runs) == chosen_levels(runs[:2]) and min(chosen_levels(runs)) > 0.8
    assert max(chosen_levels(runs[2:])) < 0.8
