"""The search finds known optima, honours constraints, does not deceive itself, and gives the same answer twice."""

import re

import numpy as np
import pytest

from policies.catalogue import make_policy
from sim import plots_frontier
from sim.errors import InputError
from sim.laws import Poisson
from sim.measures import MEASURES
from sim.network import Costs, Item, Lane, Site
from sim.scenario import scenario_of
from sim.search import Constraint, Goal, Trial, search
from sim.search_space import Parameter, Space, parameter
from sim.selection import choose, efficient, finalist_table, screen
from sim.simulate import Prepared
from sim.study import evaluate
from sim.theory import best_lost_sales, lost_sales, min_max
from sim.verify_cases.lost_sales import ZIPKIN
from sim.verify_cases.reorder_point import ZF

DAYS, SEARCHED, MANY = 3640, 16, 64


# Known optima: money is so chosen that total_cost is the textbook's cost a day, times 365


def shop(law, lead_time, ordering_cost, backorder_share, unit_price, opening):
    """Holding costs 1 a unit and day; waiting costs the price a unit and day, a lost unit the price less 1."""
    costs = Costs(carrying_rate=365.0, backorder_cost_per_day=1.0)
    item = Item("item", unit_cost=1.0, unit_price=unit_price, backorder_share=backorder_share)
    lane = Lane("supplier", "store", lead_time, ordering_cost=ordering_cost)
    return Prepared(scenario_of("shop", [item], [Site("store")], [lane], {("item", "store"): law}, costs=costs,
                                days=DAYS, warm_up=140, opening_stock=np.array([[opening]])))  # fmt: skip


def optimum(prepared, space, settings, trials):
    """The winner's values, and the half-width of its cost a day on fresh replications."""

    def run(values, replications):
        first, last = replications
        policy = make_policy(settings | values)
        return evaluate(prepared, policy, last - first, seed=1, levels=("chain",), first=first)

    goal = Goal("total_cost")
    found = list(search(space, run, goal, trials, SEARCHED, seed=1))
    assert len(found) <= trials
    choice = choose(found, run, goal, 5, (SEARCHED, SEARCHED + MANY), (SEARCHED + MANY, SEARCHED + 2 * MANY))
    estimate, low, high = choice.fresh.value("total_cost")
    return choice.winner.searched.values, estimate / 365, (high - low) / 2 / 365


def check_zheng_federgruen(mean):
    """By exact formula, the winner costs what the best (s, S) costs, within 0.2% or the interval of its estimate."""
    law, best = Poisson(float(mean)), ZF[mean][2]
    low = Parameter("reorder_point", 0, 90)
    space = Space((low, Parameter("order_up_to_level", 1, 90, above="reorder_point")))
    values, estimate, half = optimum(shop(law, 1, 64.0, 1.0, 9.0, ZF[mean][1]), space, {"name": "reorder_point"}, 150)
    true = min_max.min_max(law, values["reorder_point"], values["order_up_to_level"], 1, 64, 1, 9).cost
    assert abs(estimate - true) < 2 * half
    assert true - best < max(half, 0.002 * best), (values, true, best, half)
    return values, true


def check_zipkin(penalty, lead_time):
    """The whole grid: the level found is the best one, or one that costs within its interval of the best."""
    law, best = Poisson(5.0), ZIPKIN[penalty, lead_time][2]
    space = Space((Parameter("base_stock_level", 0, 60),))
    prepared = shop(law, lead_time + 1, 0.0, 0.0, 1.0 + penalty, best[0])
    values, estimate, half = optimum(prepared, space, {"name": "base_stock"}, 61)
    true = lost_sales.lost_sales_service(law, values["base_stock_level"], lead_time + 1).cost(1, penalty)
    least = best_lost_sales.best_lost_sales_level(law, lead_time + 1, 1, penalty)[1]
    assert abs(estimate - true) < 2 * half
    assert true - least < half, (values, true, least, half)
    return values, true


@pytest.mark.parametrize("mean", [10, 63])
def test_the_best_min_max_levels_of_zheng_and_federgruen_are_found(mean):
    check_zheng_federgruen(mean)


@pytest.mark.slow
@pytest.mark.parametrize("mean", ZF)
def test_every_row_of_zheng_and_federgruen(mean):
    check_zheng_federgruen(mean)


@pytest.mark.parametrize(("penalty", "lead_time"), [(4, 1), (9, 2)])
def test_zipkins_best_base_stock_levels_under_lost_sales_are_found(penalty, lead_time):
    check_zipkin(penalty, lead_time)


@pytest.mark.slow
@pytest.mark.parametrize(("penalty", "lead_time"), ZIPKIN)
def test_every_row_of_zipkin(penalty, lead_time):
    check_zipkin(penalty, lead_time)
