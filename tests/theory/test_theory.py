"""The formulas: against printed cases, against brute force, against each other, and against both engines."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np
import pytest

from restock.policies.catalogue import make_policy
from restock.sim.errors import InputError
from restock.sim.planning.policy import Policy
from restock.sim.probability.laws import (
    Compound,
    Constant,
    Empirical,
    Geometric,
    NegativeBinomial,
    Poisson,
    RoundedNormal,
)
from restock.sim.theory import (
    base_stock,
    best_lost_sales,
    bullwhip,
    interval_demand,
    loss,
    lost_sales,
    lot_size,
    min_max,
    newsvendor,
    one_for_one,
    pooling,
    rationing,
    reorder_point,
    safety_stock,
    serial,
)
from restock.sim.verification.cases.worlds import (
    BACKORDERS,
    FILL,
    NO_BACKLOG,
    ON_HAND,
    one_store,
    share,
    variance_by_day,
)
from restock.sim.verification.judging import Case, Check, Number, Run, verify

LAWS = [Poisson(5.0), NegativeBinomial(3.0, 0.8), Geometric(2.0), Compound(Poisson(0.7), Empirical((1, 6), (3, 1)))]


def test_the_best_min_max_jumps_where_the_paper_says():
    """Case ZF1991, table 1: between means of 61 and 63 the best S falls from 131 to 73."""
    below, above = (min_max.best_min_max(Poisson(m), 1, 64, 1, 9) for m in (61.0, 63.0))
    assert (below.reorder_point, below.order_up_to_level) == (52, 131)
    assert (above.reorder_point, above.order_up_to_level) == (54, 73)


# --- against brute force -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("law", LAWS)
def test_loss_is_the_expected_excess(law):
    p = law.pmf()
    k = np.arange(len(p))
    for level in (-3, 0, 1, 7, 30, len(p) + 5):
        assert loss.loss(law, level) == pytest.approx(np.maximum(k - level, 0) @ p, abs=1e-12)
        assert loss.complementary_loss(law, level) == pytest.approx(np.maximum(level - k, 0) @ p, abs=1e-10)
        above = sum(float(loss.loss(law, y)) for y in range(level + 1, len(p)))
        assert loss.second_loss(law, level) == pytest.approx(above, abs=1e-9)


def test_backorders_of_lots_by_second_order_losses():
    """Mean backorders of (r, Q) are (n2(r) - n2(r + Q)) / Q (Hadley & Whitin 1963, chapter 4)."""
    found = reorder_point.continuous_service(1.5, 2, 3, 5)
    at, beyond = (loss.second_loss(Poisson(3.0), level) for level in (3, 8))
    assert found.mean_backorders == pytest.approx((at - beyond) / 5)


@pytest.mark.parametrize("level", [-2, 0, 1, 8, 25])
def test_closed_poisson_loss(level):
    assert loss.poisson_loss(level, 6.0) == pytest.approx(float(loss.loss(Poisson(6.0), level)), abs=1e-11)


@pytest.mark.parametrize("z", [-2.0, 0.0, 1.3])
def test_normal_losses_are_integrals_of_one_another(z):
    x = np.linspace(z, z + 12, 200_001)
    step = x[1] - x[0]
    density = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    assert loss.unit_normal_loss(z) == pytest.approx(float(((x - z) * density).sum() * step), abs=1e-6)
    assert loss.unit_normal_second_loss(z) == pytest.approx(float(loss.unit_normal_loss(x).sum() * step), abs=1e-3)
    assert loss.normal_loss(10 + 3 * z, 10, 3) == pytest.approx(3 * loss.unit_normal_loss(z))


@pytest.mark.parametrize("law", LAWS)
def test_newsvendor_has_the_least_cost(law):
    best = newsvendor.newsvendor(law, 1, 7)
    costs = [newsvendor.newsvendor(law, 1, 7, quantity=q).cost for q in range(len(law.pmf()))]
    assert best.cost == pytest.approx(min(costs)) and costs[best.quantity] == pytest.approx(min(costs))


def test_sums_of_days():
    assert interval_demand.over_days(Poisson(5.0), 3)[:20] == pytest.approx(Poisson(15.0).pmf()[:20], abs=1e-12)
    assert interval_demand.over_days(Poisson(5.0), 0).tolist() == [1.0]
    wide = RoundedNormal(10_000, 2_000)  # by Fourier transform
    two = interval_demand.over_days(wide, 2)
    assert interval_demand.mean_of(two) == pytest.approx(2 * wide.moments[0]) and two.sum() == pytest.approx(1)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("lead_time, review_period", [(1, 1), (3, 1), (2, 3)])
def test_best_min_max_beats_every_neighbour(law, lead_time, review_period):
    """Zheng & Federgruen's algorithm against an exhaustive search."""
    best = min_max.best_min_max(law, lead_time, 20, 1, 9, review_period)
    centre = round(law.moments[0] * (lead_time + review_period))
    trials = [
        min_max.min_max(law, low, high, lead_time, 20, 1, 9, review_period).cost
        for low in range(max(-2, centre - 12), centre + 14)
        for high in range(low + 1, low + 40)
    ]
    assert best.cost <= min(trials) + 1e-9
    assert best.cost == pytest.approx(min(trials))  # and the search holds the best


def test_best_base_stock_level_is_a_min_max_without_ordering_cost():
    level, cost = base_stock.best_base_stock_level(Poisson(5.0), 3, 1, 9, review_period=2)
    free = min_max.best_min_max(Poisson(5.0), 3, 0, 1, 9, review_period=2)
    assert (free.reorder_point, free.order_up_to_level) == (level - 1, level)
    assert free.cost == pytest.approx(cost)


def test_best_continuous_lot_by_search():
    r, q, cost = reorder_point.best_continuous_lot(4.0, 1.5, 30, 1, 12)
    costs = {
        (low, lot): reorder_point.continuous_service(4.0, 1.5, low, lot, 30, 1, 12).cost
        for low in range(-3, 16)
        for lot in range(1, 40)
    }
    assert cost == pytest.approx(min(costs.values())) and costs[r, q] == pytest.approx(cost)


def test_best_lost_sales_cost_is_below_every_base_stock():
    best = best_lost_sales.best_lost_sales_cost(Poisson(2.0), 3, 1, 10)
    costs = [lost_sales.lost_sales_service(Poisson(2.0), s, 3).cost(1, 10) for s in range(4, 16)]
    assert best < min(costs) < 1.1 * best


@pytest.mark.parametrize("law", [Poisson(3.0), Geometric(2.0)])
@pytest.mark.parametrize("lead_time, review_period", [(1, 1), (3, 2)])
def test_min_max_by_walking_through_days(law, lead_time, review_period):
    """(s, S) by renewal against a plain loop over 400,000 days, written for this test alone."""
    low, high = 6, 17
    days, random = 400_000, np.random.default_rng(3)
    demand = random.choice(len(law.pmf()), size=days, p=law.pmf()).tolist()
    on_hand, waiting, due = high, 0, {}
    stock = backlog = orders = ordered = short = 0
    for day in range(days):
        come = due.pop(day, 0)
        net = on_hand - waiting + come
        unmet = demand[day] - min(demand[day], max(net, 0))
        net -= demand[day]
        on_hand, waiting = max(net, 0), max(-net, 0)
        position = net + sum(due.values())
        if day % review_period == 0 and position <= low:
            due[day + lead_time] = high - position
            orders, ordered = orders + 1, ordered + high - position
        stock, backlog, short = stock + on_hand, backlog + waiting, short + unmet
    found = min_max.min_max(law, low, high, lead_time, 30, 1, 9, review_period)
    assert orders / days == pytest.approx(found.orders_per_day, rel=0.01)
    assert ordered / orders == pytest.approx(found.mean_order, rel=0.01)
    assert stock / days == pytest.approx(found.mean_on_hand, rel=0.01)
    assert backlog / days == pytest.approx(found.mean_backorders, rel=0.05, abs=0.002)
    assert 1 - short / sum(demand) == pytest.approx(found.fill_rate, abs=0.003)
    assert (30 * orders + stock + 9 * backlog) / days == pytest.approx(found.cost, rel=0.01)


def test_safety_stock_covers_demand_of_a_random_lead_time():
    """sqrt(L sd**2 + mean**2 sd_L**2) is the deviation of the demand of a random number of days (Hadley & Whitin)."""
    random = np.random.default_rng(11)
    lead_time = random.choice([2, 4, 7], size=400_000, p=[0.4, 0.4, 0.2])
    sums = random.normal(20 * lead_time, 6 * np.sqrt(lead_time))
    found = safety_stock.safety_stock(20, 6, lead_time.mean(), 1.0, lead_time.std())
    assert sums.std() == pytest.approx(found.standard_deviation, rel=0.01)
    assert found.level == pytest.approx(sums.mean() + sums.std(), rel=0.01)
    review = safety_stock.safety_stock(20, 6, 4, 1.6449, review_period=3)
    alone = random.normal(20, 6, (200_000, 7)).sum(axis=1)
    assert (alone <= review.level).mean() == pytest.approx(0.95, abs=0.003)


LEAD_TIMES = {  # the four laws of cases PALM and ERLANG-B, all of mean 3
    "deterministic": lambda random, n: np.full(n, 3.0),
    "exponential": lambda random, n: random.exponential(3.0, n),
    "uniform": lambda random, n: random.uniform(1, 5, n),
    "lognormal": lambda random, n: random.lognormal(math.log(3) - math.log(2) / 2, math.sqrt(math.log(2)), n),
}


@pytest.mark.parametrize("law", LEAD_TIMES)
def test_palm_for_any_law_of_the_lead_time(law):
    """Case PALM (Palm 1938): units ordered one by one, each with a lead time of its own, seen at random moments."""
    random = np.random.default_rng(5)
    moments, window = 40_000, 60.0  # of the lognormal, less than 1e-5 is longer
    count = random.poisson(2.0 * window, moments)
    age = random.uniform(0, window, count.sum())  # how long ago each unit was ordered
    out = LEAD_TIMES[law](random, len(age)) > age
    on_order = np.bincount(np.repeat(np.arange(moments), count), weights=out, minlength=moments)
    for level in (4, 8):
        found = one_for_one.one_for_one(2.0, 3.0, level)
        assert (on_order < level).mean() == pytest.approx(found.fill_rate, abs=0.01)
        assert np.maximum(on_order - level, 0).mean() == pytest.approx(found.mean_backorders, rel=0.05)
        assert np.maximum(level - on_order, 0).mean() == pytest.approx(found.mean_on_hand, rel=0.05)


@pytest.mark.parametrize("law", LEAD_TIMES)
def test_erlang_for_any_law_of_the_lead_time(law):
    """Case ERLANG-B (Karush 1957): a customer finds stock, or is lost; each unit sold is ordered at once."""
    random, level, customers = np.random.default_rng(6), 6, 150_000
    arrivals = np.cumsum(random.exponential(1 / 2.0, customers)).tolist()
    lead_times = LEAD_TIMES[law](random, customers).tolist()
    due: list[float] = []
    sold = 0
    for now, lead_time in zip(arrivals, lead_times, strict=True):
        while due and due[0] <= now:
            heapq.heappop(due)
        if len(due) < level:
            heapq.heappush(due, now + lead_time)
            sold += 1
    found = one_for_one.one_for_one_lost_sales(2.0, 3.0, level)
    assert sold / customers == pytest.approx(found.fill_rate, abs=0.008)
    assert sold / arrivals[-1] == pytest.approx(found.orders_per_day, rel=0.015)


def test_crossing_lead_times_come_near_to_palm_as_days_grow_short():
    """A day cut into n steps, each step's orders with a lead time of their own: the difference falls as 1 / n."""
    palm = one_for_one.one_for_one(2.0, 3.0, 8)
    off = []
    for steps in (4, 8, 16):
        lead_time = Empirical(tuple(steps * k for k in (1, 2, 6)), (2, 2, 2))
        found = base_stock.base_stock_service(Poisson(2.0 / steps), 8, lead_time)
        off.append(found.mean_backorders - palm.mean_backorders)
    assert off[0] / off[1] == pytest.approx(2, rel=0.05) and off[1] / off[2] == pytest.approx(2, rel=0.05)


def test_erlang_loss_is_its_definition():
    """a**c / c! over the sum of a**k / k!."""
    terms = [6.0**k / math.factorial(k) for k in range(9)]
    assert one_for_one.erlang_loss(6.0, 8) == pytest.approx(terms[-1] / sum(terms))
    assert one_for_one.erlang_loss(6.0, 0) == 1.0


def test_fair_shares_by_small_steps():
    """Water filling: small units, each to the site with the fewest days, or the largest shortfall."""
    stock, rates, targets = np.array([2.0, 10, 6, 30]), np.array([4.0, 5, 2, 6]), np.array([20.0, 25, 10, 30])
    days, short = stock.copy(), stock.copy()
    for _ in range(24_000):
        days[(days / rates).argmin()] += 0.001
        short[(targets - short).argmax()] += 0.001
    fair = rationing.equal_days_of_supply(24, stock, rates)
    least = rationing.least_largest_shortfall(24, stock, targets)
    assert fair.units == pytest.approx(days - stock, abs=0.002) and fair.units.sum() == pytest.approx(24)
    assert least.units == pytest.approx(short - stock, abs=0.002) and least.units.sum() == pytest.approx(24)
    assert rationing.equal_days_of_supply(0, stock, rates).units.tolist() == [0, 0, 0, 0]
    everyone = rationing.equal_days_of_supply(1000, stock, rates)
    assert (stock + everyone.units) / rates == pytest.approx(everyone.level)


def test_lots_with_backorders_are_best_where_the_formula_says():
    best = lot_size.economic_order_quantity_with_backorders(8, 0.225, 1300, 5)
    share = best.share_backordered
    costs = [
        lot_size.lot_cost_with_backorders(
            q * best.order_quantity, b * share * q * best.order_quantity, 8, 0.225, 1300, 5
        )
        for q in (0.9, 1.0, 1.1)
        for b in (0.5, 1.0, 1.5)
    ]
    assert min(costs) == costs[4] == pytest.approx(best.cost)
    assert lot_size.lot_cost_with_backorders(100, 0, 8, 0.225, 1300, 5) == lot_size.lot_cost(100, 8, 0.225, 1300)


def test_best_capped_level_by_exhaustive_search():
    law = Poisson(2.0)
    level, cap, cost = best_lost_sales.best_capped_level(law, 3, 1, 6)
    costs = {
        (s, c): lost_sales.lost_sales_service(law, s, 3, c).cost(1, 6) for s in range(3, 14) for c in range(1, s + 1)
    }
    assert cost == pytest.approx(min(costs.values())) and costs[level, cap] == cost


def test_the_cost_over_caps_has_more_than_one_valley():
    level, cap, cost = best_lost_sales.best_capped_level(Geometric(5.0), 2, 1, 19)
    assert (level, cap) == (22, 13) and cost == pytest.approx(19.31241, abs=5e-6)
    assert lost_sales.lost_sales_service(Geometric(5.0), 23, 2, 11).cost(1, 19) == pytest.approx(19.31390, abs=5e-6)


# --- against each other --------------------------------------------------------------------------------------------
def test_fill_rate_turned_round():
    z = safety_stock.safety_factor_for_fill_rate(0.97, 12, 60)
    assert safety_stock.one_term_fill_rate(z, 12, 60) == pytest.approx(0.97, abs=1e-9)
    assert safety_stock.safety_factor_for_fill_rate(0.5, 10, 50) < 0


@pytest.mark.parametrize("measure", base_stock.MEASURES)
@pytest.mark.parametrize("target", [0.6, 0.95, 0.999])
def test_level_for_a_target_is_the_least(measure, target):
    lead_time = Empirical((1, 4), (3, 1))
    level = base_stock.base_stock_level_for(target, Poisson(3.0), lead_time, measure=measure)
    reached = [getattr(base_stock.base_stock_service(Poisson(3.0), s, lead_time), measure) for s in (level - 1, level)]
    assert reached[0] < target <= reached[1]


def test_safety_factor():
    assert safety_stock.safety_factor_for(0.9) == pytest.approx(1.2815515655)


def test_a_dc_without_stock_is_one_longer_lane():
    """Case SERIAL-2, [0, 14]: a single stage with lead time 3."""
    _, store = serial.two_stages(4.0, 2, 1, 0, 14)
    alone = one_for_one.one_for_one(4.0, 3, 14)
    assert (store.fill_rate, store.mean_backorders) == pytest.approx((alone.fill_rate, alone.mean_backorders))


def test_one_stage_in_series_is_a_newsvendor():
    levels, cost = serial.best_echelon_levels([Poisson(6.0)], [1.0], 4.0)
    alone = newsvendor.newsvendor(Poisson(6.0), 1, 4)
    assert levels == [alone.quantity] and cost == pytest.approx(alone.cost)


def test_exact_service_meets_the_normal_one_for_fast_movers():
    exact = base_stock.base_stock_service(RoundedNormal(500, 60), 1600, 3)
    normal = base_stock.normal_base_stock_service(500, 60, 1600, 3)
    assert exact == pytest.approx(normal, abs=0.01)


def test_constant_and_one_point_lead_times_are_the_same():
    for period in (1, 3):
        one_point = base_stock.base_stock_service(Poisson(4.0), 25, Empirical((3,)), period)
        assert one_point == pytest.approx(base_stock.base_stock_service(Poisson(4.0), 25, 3, period))


def test_a_cap_that_never_binds_is_no_cap():
    plain, capped = (lost_sales.lost_sales_service(Poisson(2.0), 8, 3, cap) for cap in (None, 8))
    assert plain == pytest.approx(capped)


def test_pooling_and_the_square_root_law():
    assert pooling.pooled(9, 100, 30, 1, 9).ratio == pytest.approx(pooling.square_root_law(9, 1))
    assert pooling.pooled(5, 100, 30, 1, 9, correlation=1).ratio == pytest.approx(1)


def test_lot_cost_is_least_at_the_economic_quantity():
    lot = lot_size.economic_order_quantity(8, 0.225, 1300)
    assert lot_size.lot_cost(lot.order_quantity * 1.05, 8, 0.225, 1300) > lot.cost
    assert lot_size.lot_cost(lot.order_quantity * 0.95, 8, 0.225, 1300) > lot.cost


def orders_of(forecast, demand, covered):
    """Order-up-to: what sold, and the change of the target."""
    target = covered * forecast
    return np.diff(target) + demand[: len(target) - 1]


def test_bullwhip_of_forecasts_by_simulation():
    """Cases BULLWHIP-MA: L = 4, mean of 5 days; and exponential smoothing with weight 0.25."""
    random = np.random.default_rng(7)
    demand = random.normal(100, 10, 400_000)
    averages = np.convolve(demand, np.ones(5) / 5, mode="valid")
    orders = orders_of(averages, demand[5:], 4)
    assert orders.var() / demand.var() == pytest.approx(bullwhip.moving_average_bullwhip(4, 5), rel=0.02)
    smooth = np.empty_like(demand)
    smooth[0] = 100
    for t in range(1, len(demand)):
        smooth[t] = 0.75 * smooth[t - 1] + 0.25 * demand[t]
    orders = orders_of(smooth, demand[1:], 4)
    assert orders.var() / demand.var() == pytest.approx(bullwhip.smoothing_bullwhip(4, 0.25), rel=0.02)


# --- against both engines, beyond the cases ------------------------------------------------------------------------
def simulated(scenario, policy, *numbers):
    case = Case("beyond", "this test", 0.0, lambda quick, make: [Check(numbers, Run(scenario, policy))])
    lines = list(verify(case, make_policy, quick=True))
    assert [line.verdict for line in lines if line.missed] == [], lines


def stock_numbers(found):
    return (
        Number("on hand", None, found.mean_on_hand, ON_HAND),
        Number("backorders", None, found.mean_backorders, BACKORDERS),
        Number("fill rate", None, found.fill_rate, FILL, True),
    )


def test_lots_under_periodic_review():
    """(r, nQ), negative-binomial demand, review every 3 days; uniform positions (Hadley & Whitin 1963)."""
    law = NegativeBinomial(4.0, 0.3)
    found = reorder_point.lot_service(law, 22, 15, lead_time=3, review_period=3)
    settings = {"name": "reorder_point", "lots": True, "reorder_point": 22, "order_quantity": 15, "review_period": 3}
    simulated(
        one_store(law, 3, 40), settings,
        *stock_numbers(found),
        Number("orders", None, found.orders_per_day, share("orders")),
    )  # fmt: skip


def test_min_max_under_weekly_review():
    law = Geometric(3.0)
    found = min_max.min_max(law, 25, 60, lead_time=2, review_period=7)
    settings = {"name": "reorder_point", "reorder_point": 25, "order_up_to_level": 60, "review_period": 7}
    simulated(
        one_store(law, 2, 60), settings,
        *stock_numbers(found),
        Number("orders", None, found.orders_per_day, share("orders")),
    )  # fmt: skip


def test_base_stock_with_crossing_lead_times_and_a_longer_review():
    """Orders of three days' demand, each late on its own: lead times 1, 4 or 8 days cross."""
    law, lead_time = Poisson(3.0), Empirical((1, 4, 8), (2, 1, 1))
    found = base_stock.base_stock_service(law, 24, lead_time, review_period=3)
    simulated(
        one_store(law, lead_time, 24), {"name": "base_stock", "base_stock_level": 24, "review_period": 3},
        *stock_numbers(found),
        Number("clear", None, found.no_backlog, NO_BACKLOG, True),
        Number("ready", None, found.ready_rate, share("ready_days"), True),
    )  # fmt: skip


@dataclass(frozen=True)
class Smoothed(Policy):
    """Order-up-to with exponential smoothing: the last level is the position plus what was sold since."""

    covered: int = 4
    parts: int = 4  # weight of the latest demand: 1 / parts

    def levels(self, known):
        shape = known.stocked.shape
        return {"covered": np.full(shape, self.covered), "parts": np.full(shape, self.parts)}

    @staticmethod
    def rule(view, levels):
        last = view.inventory_position + view.sales - SAFETY
        level = last + math.floor((levels.covered * view.sales - last) / levels.parts + 0.5)
        return max(0, level + SAFETY - view.inventory_position)


SAFETY = 30_000  # nothing is ever short, so that what sold is demand


def test_bullwhip_of_smoothing_in_both_engines():
    """Chen, Ryan & Simchi-Levi (2000): L = 4, weight 1/4; with demand of 2000 +- 100, orders are never negative."""
    law = RoundedNormal(2000, 100)
    ratio = Number("ratio", None, law.moments[1] * bullwhip.smoothing_bullwhip(4, 0.25),
                   variance_by_day("ordered_squared_daily", "ordered"))  # fmt: skip
    simulated(one_store(law, 4, SAFETY + 4 * 2000), Smoothed(), ratio)


# --- what they refuse ----------------------------------------------------------------------------------------------
REFUSED = [
    (lambda: lot_size.economic_order_quantity(8, 0, 1300), "holding_cost must be a number above 0, got 0"),
    (lambda: lot_size.economic_order_quantity(math.nan, 1, 1), "ordering_cost must be a number above 0, got nan"),
    (lambda: newsvendor.critical_ratio(1, "4"), "underage_cost must be a number above 0, got 4"),
    (lambda: base_stock.base_stock_service(Poisson(5.0), 20, 0), "lead_time must be at least 1 day, got 0"),
    (lambda: base_stock.base_stock_service(Poisson(5.0), 20.5, 1),
     "base_stock_level must be a whole number not below 0, got 20.5"),
    (lambda: base_stock.base_stock_service(Constant(0), 20, 1), "demand must have a mean above 0"),
    (lambda: base_stock.base_stock_level_for(0.95, Poisson(5.0), 3, measure="alpha"),
     "measure must be one of cycle_service_level, fill_rate, no_backlog, ready_rate, backlog_service, got alpha"),
    (lambda: base_stock.base_stock_level_for(1.0, Poisson(5.0), 3), "target must lie between 0 and 1, got 1.0"),
    (lambda: min_max.min_max(Poisson(5.0), 40, 40, 1),
     "reorder_point (40) must be below order_up_to_level (40)"),
    (lambda: min_max.best_min_max(Constant(0), 1, 64, 1, 9), "demand must have a mean above 0"),
    (lambda: loss.loss(np.array([0.5, 0.6]), 1),
     "demand must be a law or the probabilities of 0, 1, 2, ... units, which sum to 1"),
    (lambda: loss.loss("poisson", 1),
     "demand must be a law or the probabilities of 0, 1, 2, ... units, which sum to 1"),
    (lambda: loss.loss(Poisson(5.0), 1.5), "level must be a whole number, got 1.5"),
    (lambda: loss.poisson_loss(math.nan, 5.0), "level must be a whole number, got nan"),
    (lambda: safety_stock.safety_factor_for(95), "cycle_service_level must lie between 0 and 1, got 95"),
    (lambda: lost_sales.constant_order_service(Poisson(5.0), 5),
     "order_quantity must be below mean demand (5), got 5"),
    (lambda: lost_sales.lost_sales_service(Poisson(5.0), 200, 6),
     "the chain of this policy is too large; take a shorter lead time"),
    (lambda: pooling.pooled(3, 100, 30, 1, 9, correlation=-0.9), "correlation must lie between -0.5 and 1, got -0.9"),
    (lambda: bullwhip.smoothing_bullwhip(2, 0), "smoothing must lie above 0 and not above 1, got 0"),
    (lambda: lot_size.lot_cost_with_backorders(10, 11, 1, 1, 1, 1),
     "most_waiting must not exceed order_quantity (10), got 11"),
    (lambda: rationing.equal_days_of_supply(24, [1, 2], [1]), "give one rate for each site: got 1 rates for 2 sites"),
    (lambda: rationing.equal_days_of_supply(24, [1, 2], [1, 0]), "rate must be a number above 0, got 0.0"),
    (lambda: rationing.least_largest_shortfall(24, "12", [1, 0]), "give a number for each site, got 12"),
    (lambda: rationing.proportional_shares(24, [0, 0]),
     "orders must be numbers not below 0, one of them above 0"),
    (lambda: one_for_one.erlang_loss(6, -1), "servers must be a whole number not below 0, got -1"),
    (lambda: serial.best_echelon_levels([Poisson(5.0)], [1, 2], 9), "give one echelon holding cost for each stage"),
]  # fmt: skip


@pytest.mark.parametrize("call, message", REFUSED, ids=[message.split(" must")[0][:40] for _, message in REFUSED])
def test_formulas_say_what_is_wrong(call, message):
    with pytest.raises(InputError) as error:
        call()
    assert str(error.value) == message


FORMULAS = [  # with arguments that are right
    (base_stock.base_stock_service, (Poisson(5.0), 20, 3, 1)),
    (base_stock.base_stock_level_for, (0.95, Poisson(5.0), 3, 1)),
    (base_stock.best_base_stock_level, (Poisson(5.0), 3, 1, 9, 1)),
    (base_stock.normal_base_stock_service, (100, 20, 300.0, 3, 1)),
    (best_lost_sales.best_lost_sales_level, (Poisson(2.0), 2, 1, 4)),
    (best_lost_sales.best_capped_level, (Poisson(2.0), 2, 1, 4)),
    (best_lost_sales.best_lost_sales_cost, (Poisson(2.0), 2, 1, 4)),
    (bullwhip.moving_average_bullwhip, (2, 5, 0.0)),
    (bullwhip.smoothing_bullwhip, (2, 0.3)),
    (bullwhip.batching_bullwhip, (5.0, 5.0, 7)),
    (bullwhip.moving_average_service, (10, 3, 5, 30.0)),
    (loss.loss, (Poisson(5.0), 3)),
    (loss.complementary_loss, (Poisson(5.0), 3)),
    (loss.second_loss, (Poisson(5.0), 3)),
    (loss.unit_normal_loss, (1.0,)),
    (loss.unit_normal_second_loss, (1.0,)),
    (loss.normal_loss, (18.0, 15, 3)),
    (loss.normal_second_loss, (18.0, 15, 3)),
    (loss.poisson_loss, (8, 6.0)),
    (lost_sales.lost_sales_service, (Poisson(5.0), 12, 2, 6)),
    (lost_sales.constant_order_service, (Poisson(5.0), 4)),
    (lot_size.economic_order_quantity, (8, 0.2, 1300)),
    (lot_size.lot_cost, (100, 8, 0.2, 1300)),
    (lot_size.lot_cost_with_backorders, (311, 13, 8, 0.2, 1300, 5)),
    (lot_size.economic_order_quantity_with_backorders, (8, 0.2, 1300, 5)),
    (min_max.min_max, (Poisson(5.0), 20, 40, 4, 30, 1, 9, 1)),
    (min_max.best_min_max, (Poisson(5.0), 1, 64, 1, 9, 1)),
    (newsvendor.newsvendor, (Poisson(5.0), 1, 4, 5)),
    (newsvendor.normal_newsvendor, (50, 8, 0.18, 0.7, 60)),
    (one_for_one.one_for_one, (2.0, 3.0, 8)),
    (one_for_one.wait_by_little, (10.0, 2.0)),
    (one_for_one.erlang_loss, (6.0, 8)),
    (one_for_one.one_for_one_lost_sales, (2.0, 3.0, 8)),
    (pooling.pooled, (4, 100, 30, 1, 9, 0.3)),
    (pooling.square_root_law, (9, 1)),
    (pooling.transfers, (Poisson(5.0), Poisson(5.0), 6, 6)),
    (rationing.proportional_shares, (24, [1, 2])),
    (rationing.equal_days_of_supply, (24, [1, 2], [1, 2])),
    (rationing.least_largest_shortfall, (24, [1, 2], [4, 5])),
    (reorder_point.continuous_service, (1.5, 2, 3, 5, 100, 20, 150)),
    (reorder_point.best_continuous_lot, (1.5, 2, 100, 20, 150)),
    (reorder_point.lot_service, (Poisson(5.0), 19, 20, 4, 1, 1.0, 1.0, 1.0)),
    (safety_stock.safety_stock, (20, 6, 4, 1.6, 1.5, 7)),
    (safety_stock.forecast_error_deviation, (5, 4)),
    (safety_stock.safety_factor_for, (0.95,)),
    (safety_stock.safety_factor_for_fill_rate, (0.98, 10, 50)),
    (safety_stock.one_term_fill_rate, (0.5, 34, 100)),
    (serial.two_stages, (4.0, 2, 1, 8, 6)),
    (serial.best_echelon_levels, ([Poisson(5.0)] * 2, [3, 2], 37, 1.0)),
]


@pytest.mark.parametrize("formula, arguments", FORMULAS, ids=[formula.__name__ for formula, _ in FORMULAS])
@pytest.mark.parametrize("wrong", [math.nan, math.inf, "x"])
def test_no_formula_takes_what_is_not_a_number(formula, arguments, wrong):
    formula(*arguments)
    for k in range(len(arguments)):
        with pytest.raises(InputError):
            formula(*arguments[:k], wrong, *arguments[k + 1 :])
