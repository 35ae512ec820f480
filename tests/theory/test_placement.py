"""Service times in a tree: published examples, every combination by hand, and what cannot be asked."""

import itertools
import math
import re

import numpy as np
import pytest

from restock.sim.errors import InputError
from restock.sim.theory.guaranteed_service import guaranteed_service

ROOT2 = math.sqrt(2)


def test_published_examples():
    """Snyder & Shen (2019): example 6.3, in series, and 6.5, a tree; demand deviates by 1, bounds by one deviation."""
    series = guaranteed_service([1, 2, -1], [[1, 0, 1]], [[7, 4, 2]], [1, -1, -1], inbound=1)
    assert series.service_time.tolist() == [[1, 0, 0]] and series.cost == pytest.approx(2 * ROOT2)
    tree = guaranteed_service([-1, 2, 0, 2], [[2, 1, 1, 1]], [[ROOT2, 3, 2 * ROOT2, 3]], [-1, 0, -1, 1], inbound=1)
    assert tree.service_time.tolist() == [[0, 0, 0, 1]]
    assert tree.net_replenishment_time.tolist() == [[3, 1, 1, 0]] and tree.cost == pytest.approx(8.277916867529369)


def by_trying_all(parent, lead_time, weight, longest, inbound):
    """The least cost over all service times of one item."""
    most = int(sum(lead_time) + max(inbound))
    best = math.inf
    for quoted in itertools.product(*(range((most if m < 0 else m) + 1) for m in longest)):
        waits = [inbound[n] if above < 0 else quoted[above] for n, above in enumerate(parent)]
        net = [wait + days - out for wait, days, out in zip(waits, lead_time, quoted, strict=True)]
        if min(net) >= 0:
            best = min(best, sum(w * math.sqrt(days) for w, days in zip(weight, net, strict=True)))
    return best


@pytest.mark.parametrize("seed", range(25))
def test_no_other_service_times_cost_less(seed):
    """Random trees of up to four sites, listed in any order, three items at once, each with lead times of its own."""
    draw = np.random.default_rng(seed)
    sites = int(draw.integers(1, 5))
    place = draw.permutation(sites)
    parent = np.full(sites, -1)
    for k in range(1, sites):
        parent[place[k]] = place[draw.integers(0, k)] if draw.random() < 0.9 else -1
    serves = np.isin(np.arange(sites), parent)
    longest = np.where(serves, draw.choice([-1, -1, 0, 2], sites), draw.integers(0, 3, sites))
    inbound = draw.integers(0, 3, sites)
    lead_time, weight = draw.integers(0, 3, (3, sites)), draw.uniform(0, 5, (3, sites))
    found = guaranteed_service(parent, lead_time, weight, longest, inbound)
    for item in range(3):
        assert found.cost[item] == pytest.approx(
            by_trying_all(parent.tolist(), lead_time[item], weight[item], longest, inbound), abs=1e-8
        )
    waits = np.where(parent < 0, inbound, found.service_time[:, parent])
    assert (waits + lead_time - found.service_time == found.net_replenishment_time).all()
    assert (found.net_replenishment_time >= 0).all() and (found.service_time >= 0).all()
    assert ((found.service_time <= longest) | (longest < 0)).all()
    assert found.cost == pytest.approx((weight * np.sqrt(found.net_replenishment_time)).sum(axis=1))


@pytest.mark.parametrize(("stores", "held"), [(1, 0), (2, 0), (20, 1)])
def test_a_dc_holds_stock_where_it_pools_enough(stores, held):
    """A DC of 4 days, stores of 4: apart n sqrt(8), or sqrt(4 n) above n sqrt(4); it pays from 6 stores on."""
    parent, weight = [-1] + [0] * stores, [[math.sqrt(stores)] + [1.0] * stores]
    found = guaranteed_service(parent, [[4] * (stores + 1)], weight, [-1] + [0] * stores)
    assert (found.net_replenishment_time[0, 0] > 0) == held
    assert found.cost[0] == pytest.approx(min(stores * math.sqrt(8), 2 * math.sqrt(stores) + 2 * stores))


def test_of_costs_that_are_the_same_the_shorter_service_time_stands():
    assert guaranteed_service([-1, 0], [[3, 0]], [[1.0, 1.0]], [-1, 0]).service_time.tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"parent": [1, 0]}, "parent must lead every site to an outside supplier (-1)"),
        ({"parent": [-1, 2]}, "parent must be the numbers of sites, or -1, got [-1, 2]"),
        ({"lead_time": [[1, 0.5]]}, "lead_time must be a whole number, got [[1, 0.5]]"),
        ({"lead_time": [[1, -2]]}, "lead_time must not be below 0, got -2"),
        (
            {"lead_time": [[1, 2, 3]]},
            "lead_time and weight must have the shape (items, 2 sites), got (1, 3) and (1, 2)",
        ),
        ({"weight": [[1, -2.5]]}, "weight must not be below 0, got -2.5"),
        ({"longest": -2}, "longest must not be below -1, got -2"),
        ({"longest": [0, 0, 0]}, "longest must be one number or have the shape (1, 2), got (3,)"),
        ({"inbound": -1}, "inbound must not be below 0, got -1"),
        ({"lead_time": [[9999, 2]]}, "lead times must add up to 10,000 days at most, got 10,001"),
    ],
)
def test_what_makes_no_sense_is_refused(given, message):
    words = {"parent": [-1, 0], "lead_time": [[1, 2]], "weight": [[1.0, 2.0]], "longest": [-1, 0]}
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        guaranteed_service(**(words | given))
