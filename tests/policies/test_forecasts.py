"""Forecasts by hand arithmetic; their errors where theory knows them; policies that live by them."""

import dataclasses
import math
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from restock.policies import forecasts as F
from restock.policies.adaptive import Adaptive
from restock.policies.forecasting import factor_levels
from restock.policies.predictive import Predictive
from restock.policies.reactive import Reactive
from restock.sim.errors import InputError
from restock.sim.measures.ledger import named
from restock.sim.model.network import Item
from restock.sim.planning.levels import on_day
from restock.sim.planning.policy import Seen
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Poisson
from restock.sim.run.shards import run_kernel


def memory_of(shop, mean, **settings):
    """The memory of the only cell at the start, with a mean that is known to be so much."""
    law = dataclasses.replace(shop.demand, laws=(Poisson(mean),))
    known = Prepared(dataclasses.replace(shop, demand=law)).known
    return Predictive(**settings).memory(known)[0, 0]


def walk(memory, *demands):
    """The forecast of the next day after each day."""
    out = []
    for day, demand in enumerate(demands):
        F.learn_demand(memory, Seen(day, 1, demand, demand, 9, 0), 1.0)
        out.append(F.one_day(memory, day + 1, 1.0))
    return pytest.approx(out, abs=1e-9)


def test_moving_average(one_shop):
    memory = memory_of(one_shop, 5.0, forecast="moving_average", window=3)
    assert walk(memory, 8, 2, 5, 11) == [6, 5, 5, 6]


def test_exponential_smoothing(one_shop):
    assert walk(memory_of(one_shop, 10.0, alpha=0.2), 15, 5) == [11, 9.8]


def test_smoothing_with_trend(one_shop):
    """Level 10, trend 2, demand 14: level (14 + 12) / 2 = 13, trend 2 + 0.4 (3 - 2) = 2.4."""
    memory = memory_of(one_shop, 10.0, forecast="trend", alpha=0.5, beta=0.4)
    memory[F.TREND] = 2.0
    assert walk(memory, 14) == [15.4]
    assert F.ahead(memory, 0, 2.5) == pytest.approx(15.4 + 17.8 + 0.5 * 20.2)


def test_smoothing_with_weekdays(one_shop):
    """Level 10, factor 2, demand 26: level 10 + 0.1 (13 - 10), factor 2 + 0.2 (2.6 - 2)."""
    memory = memory_of(one_shop, 10.0, forecast="weekday", alpha=0.1, beta=0.2)
    memory[F.FACTORS] = 2.0
    walk(memory, 26)
    assert memory[F.LEVEL] == pytest.approx(10.3)
    assert memory[F.FACTORS] == pytest.approx(2.12)
    assert F.ahead(memory, 0, 7.0) == pytest.approx(10.3 * 8.12)
    assert F.ahead(memory, 5, 1.5) == pytest.approx(10.3 * (1 + 0.5 * 2.12))


def test_intermittent_demand(one_shop):
    """A unit every other day at the start; then nothing, and four units.

    Croston: size 1 + 0.1 x 3, interval 2 + 0.1 (2 - 2). TSB: chance 0.5, 0.4, then 0.4 + 0.2 x 0.6.
    """
    assert walk(memory_of(one_shop, 0.5, forecast="croston"), 0, 4) == [0.5, 1.3 / 2]
    assert walk(memory_of(one_shop, 0.5, forecast="sba"), 0, 4) == [0.5, 0.95 * 1.3 / 2]
    assert walk(memory_of(one_shop, 0.5, forecast="tsb", beta=0.2), 0, 4) == [0.4, 0.52 * 1.3]


def test_the_squared_error_is_smoothed(one_shop):
    memory = memory_of(one_shop, 10.0, alpha=0.2)
    assert memory[F.SQUARED_ERROR] == pytest.approx(10)  # the variance that is known at the start
    walk(memory, 15)
    assert memory[F.SQUARED_ERROR] == pytest.approx(10 + 0.05 * (25 - 10))


def test_postings_of_several_days_count_as_so_many_days(one_shop):
    one, many = memory_of(one_shop, 10.0, alpha=0.2), memory_of(one_shop, 10.0, alpha=0.2)
    walk(one, 6, 6, 6)
    F.learn_demand(many, Seen(2, 3, 18, 18, 9, 0), 1.0)
    assert many[F.LEVEL] == pytest.approx(one[F.LEVEL])


@pytest.mark.parametrize("demand, counts_as", [(2, 5.0), (8, 8.0)])
def test_a_day_without_stock_counts_as_the_forecast_at_least(one_shop, demand, counts_as):
    for corrected in (False, True):
        memory = memory_of(one_shop, 5.0, alpha=0.5, correct_stockouts=corrected)
        F.learn_demand(memory, Seen(0, 1, demand, demand, 0, 0), 1.0)
        assert memory[F.LEVEL] == pytest.approx((5 + (counts_as if corrected else demand)) / 2)


def test_where_all_customers_wait_nothing_is_corrected(one_shop):
    shop = dataclasses.replace(one_shop, items=(Item("milk", backorder_share=1.0),))
    assert memory_of(shop, 5.0, correct_stockouts=True)[F.CORRECTED] == 0


def test_promotions_are_taken_out_of_what_is_learnt(one_shop):
    """A day at three times the mean: 12 units are 4 of base demand."""
    memory = memory_of(one_shop, 5.0, alpha=0.5)
    levels = SimpleNamespace(posted_extra_thousandths=2000, tomorrow_thousandths=3000)
    Predictive.learn(Seen(0, 1, 12, 12, 9, 0), levels, memory)
    assert memory[F.LEVEL] == pytest.approx(4.5)
    assert memory[F.FORECAST] == pytest.approx(13.5)


def test_factors_of_the_days_ahead(one_shop):
    """Three days of cover (L = 3, daily review): the mean of the factors of the three days after each evening."""
    known = Prepared(dataclasses.replace(one_shop, days=7)).known

    class Promoted(type(known)):
        promotion_by_day = factor_by_day = np.array([[1, 1, 1, 1, 3, 3, 1.0], [2] * 7])
        profile_of = np.zeros((1, 1), int)

    levels = factor_levels(Promoted(known.scenario, known.world), 1, everything=False)
    days = {name: [on_day(level, day).item() for day in range(7)] for name, level in levels.items()}
    assert days == {
        "posted_extra_thousandths": [0, 0, 0, 0, 2000, 4000, 4000],
        "tomorrow_thousandths": [1000, 1000, 1000, 3000, 3000, 1000, 1000],
        "ahead_thousandths": [1000, 1667, 2333, 2333, 1667, 1000, 1000],
    }


def test_without_promotions_no_level_changes_by_day(one_shop):
    assert all(isinstance(level, np.ndarray) for level in Predictive().levels(Prepared(one_shop).known).values())


def columns(scenario, policy, replications=16, seed=1):
    prepared = Prepared(scenario)
    ledger = run_kernel(prepared, prepared.plan(policy), seed, replications).ledger
    return {name: float(column.sum()) for name, column in named(ledger).items()}


def test_errors_of_the_true_mean_and_of_smoothing(one_shop):
    """Poisson(5): E|D - 5| = 2 x 5**6 / 5! x exp(-5); smoothing has 2 / (2 - alpha) times the variance of demand."""
    shop = dataclasses.replace(one_shop, items=(Item("milk", backorder_share=1.0),), days=364, warm_up=140)
    of = columns(shop, Predictive(forecast="oracle"), 64)
    assert of["forecast_abs_error"] / of["forecast_days"] / 1000 == pytest.approx(
        2 * 5**6 / 120 * math.exp(-5), rel=0.01
    )
    assert abs(of["forecast_error"] / of["forecast_days"] / 1000) < 0.05
    smoothed = columns(shop, Predictive(forecast="exponential", alpha=0.4), 64)
    ratio = smoothed["forecast_abs_error"] / of["forecast_abs_error"]
    assert ratio == pytest.approx(math.sqrt(2 / 1.6), rel=0.02)


def test_stockouts_bias_a_forecast_and_the_correction_takes_most_of_it_away(one_shop):
    """Thin stock and customers that do not wait: recorded demand is too low, and the forecast with it."""
    shop = dataclasses.replace(one_shop, days=364, warm_up=140)
    bias = {}
    for corrected in (False, True):
        of = columns(shop, Predictive(target=0.7, order_days=0.0, correct_stockouts=corrected))
        bias[corrected] = of["forecast_error"] / of["forecast_demand"] / 1000
    assert bias[False] < -0.1
    assert bias[False] < 2 * bias[True] < 0.1


@pytest.mark.parametrize("target", [0.8, 0.95])
def test_the_nudge_leads_to_the_share_of_days_that_is_the_target(one_shop, target):
    shop = dataclasses.replace(one_shop, days=728, warm_up=364)
    of = columns(shop, Adaptive(target=target, order_days=0.0, gain=0.02), 32)
    assert of["ready_days"] / (728 * 32) == pytest.approx(target, abs=0.01)


def test_adaptive_levels_stand_between_planning_dates(one_shop):
    from restock.sim.engines.events.engine import Run

    seen = []

    class Noting(Run):
        def rule(self, i, n, view, memory):
            seen.append((view.day, int(memory[F.LOW]), int(memory[F.HIGH])))
            return super().rule(i, n, view, memory)

    prepared = Prepared(dataclasses.replace(one_shop, warm_up=21))
    Noting(prepared, prepared.plan(Adaptive(plan_every=7)), 1, 0).run()
    changes = [now[0] for before, now in pairwise(seen) if before[1:] != now[1:]]
    assert min(changes) < 0 < max(changes)  # it plans during the warm-up, too
    assert all(day % 7 == 0 for day in changes)


def test_predictive_with_the_true_mean_is_reactive_where_nothing_changes(one_shop):
    """The same formula of the mean, of the variance of a day, and of the lead time."""
    prepared = Prepared(one_shop)
    reactive = prepared.plan(Reactive(target=0.9)).levels[0]
    memory = Predictive(forecast="oracle", target=0.9).memory(prepared.known)[0, 0]
    assert math.ceil(F.reorder_point(memory, 0, 1.0) - 1e-9) == reactive["reorder_point"].item()
    assert math.ceil(F.lot(memory)) == (reactive["order_up_to_level"] - reactive["reorder_point"]).item()


@pytest.mark.parametrize(
    "policy, settings, message",
    [
        (Predictive, {"forecast": "holt"}, "forecast 'holt' of policy 'predictive' is unknown; choose from: adaptive"),
        (Predictive, {"alpha": 0}, "alpha of policy 'predictive' must be above 0 and at most 1, got 0"),
        (Adaptive, {"beta": 1.5}, "beta of policy 'adaptive' must be above 0 and at most 1, got 1.5"),
        (
            Predictive,
            {"window": 0},
            "window of policy 'predictive' must be a whole number of days from 1 to 400, got 0",
        ),
        (Predictive, {"target": 1}, "target must lie between 0 and 1, got 1"),
        (Predictive, {"order_days": -1}, "order_days of policy 'predictive' must not be below 0, got -1"),
        (Reactive, {"order_days": -1}, "order_days of policy 'reactive' must not be below 0, got -1"),
        (Predictive, {"correct_stockouts": 2}, "correct_stockouts of policy 'predictive' must be true or false, got 2"),
        (Adaptive, {"forecast": "oracle"}, "policy 'adaptive' learns; forecast oracle is for policy 'predictive'"),
        (Adaptive, {"plan_every": 0}, "plan_every must be a whole number of days from 1 to 1000, got 0"),
        (Adaptive, {"gain": 2}, "gain of policy 'adaptive' must lie between 0 and 1, got 2"),
    ],
)
def test_wrong_settings_are_named(policy, settings, message):
    with pytest.raises(InputError) as caught:
        policy(**settings)
    assert str(caught.value).startswith(message.split("; choose")[0])
