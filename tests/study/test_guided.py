"""Formulas say where to look: near what is simulated, at equal marginal cost; and several policies share trials."""

import numpy as np
import pytest

from restock.policies.catalogue import make_policy
from restock.sim.measures.facts import FACT, FACTS
from restock.sim.measures.measures import MEASURES
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, NegativeBinomial, Poisson
from restock.sim.study.compare import evaluate
from restock.sim.study.searching.candidates import Constraint, Goal, Trial, outcome_trial
from restock.sim.study.searching.expected import Formulas, can_guess
from restock.sim.study.searching.finalists import in_order
from restock.sim.study.searching.guided import Guide
from restock.sim.study.searching.sampled_items import with_fewer_items
from restock.sim.study.searching.search import search
from restock.sim.study.searching.search_space import Parameter, Space
from restock.sim.study.searching.several import Arm, search_all, shares


def chain(items=12, days=364):
    """A DC and two stores; items from quick to slow, cheap to dear."""
    goods = [Item(f"item_{k}", unit_cost=1.0 + k % 4, unit_price=2.0 + 2 * (k % 4)) for k in range(items)]
    sites = [Site("dc", "dc"), *(Site(f"store_{n}", served_by="dc") for n in (1, 2))]
    lanes = [Lane("supplier", "dc", Constant(5), ordering_cost=2.0)]
    lanes += [Lane("dc", f"store_{n}", Constant(1), ordering_cost=0.3) for n in (1, 2)]
    laws = {(f"item_{k}", f"store_{n}"): NegativeBinomial(8.0 / (1 + k), 0.4) if k % 2 else Poisson(8.0 / (1 + k))
            for k in range(items) for n in (1, 2)}  # fmt: skip
    return Prepared(scenario_of("chain", goods, sites, lanes, laws, days=days, warm_up=56, opening_days=14))


CHAIN = chain()
PLANS = (
    {"name": "buffer", "target": 0.95, "order_days": 7.0},
    {"name": "buffer", "target": 0.7, "order_days": 3.0, "review_period": 3},
    {"name": "base_stock", "safety_factor": 1.0},
    {"name": "just_in_time", "cover_days": 2.0},
    {"name": "reorder_point", "lots": True, "safety_factor": 0.5, "order_days": 14.0},
    {"name": "abc_tiered"},
)


@pytest.mark.parametrize("settings", PLANS, ids=lambda s: f"{s['name']}-{len(s)}")
def test_formulas_come_near_what_is_simulated(settings):
    """Within 4 %-points of the fill rate, 20% of stock and order lines: enough to say where to look."""
    policy, names = make_policy(settings), ["fill_rate", "average_inventory_value", "orders_per_day", "total_cost"]
    outcome = evaluate(CHAIN, policy, 8, seed=1, levels=("chain", "class"))
    classes = outcome.groups("class")
    facts = Formulas(CHAIN.known).facts(CHAIN.plan(policy), names, classes)
    shown = outcome.rollup.sums["class"].mean(axis=0)
    assert facts.shape == shown.shape == (len(classes), len(FACTS))
    total, true = facts.sum(axis=0), shown.sum(axis=0)
    fill = [sums[FACT["filled"]] / sums[FACT["demand"]] for sums in (total, true)]
    assert fill[0] == pytest.approx(fill[1], abs=0.04)
    for name in ("inventory_value_days", "orders", "demand"):
        assert total[FACT[name]] == pytest.approx(true[FACT[name]], rel=0.2), name


def test_formulas_of_goods_that_do_not_keep_come_near():
    from restock.sim.features.shelf_life.settings import ShelfLife

    scenario = CHAIN.scenario.having(ShelfLife(days=4))
    keeps_not = Prepared(scenario)
    for target in (0.6, 0.95):
        policy = make_policy({"name": "buffer", "target": target, "order_days": 3.0})
        shown = evaluate(keeps_not, policy, 8, seed=1).rollup.sums["chain"].mean(axis=(0, 1))
        facts = Formulas(keeps_not.known).facts(keeps_not.plan(policy), ["waste_cost"]).sum(axis=0)
        assert 0.5 < facts[FACT["expired"]] / shown[FACT["expired"]] < 2


def test_formulas_do_not_speak_of_what_they_do_not_know():
    assert can_guess(["total_cost", "fill_rate", "average_inventory_value", "orders_per_day", "gmroi"])
    assert not can_guess(["bullwhip_ratio"]) and not can_guess(["stockout_rate"])
    known = CHAIN.known
    remembers = make_policy({"name": "adaptive"}).plan(known)
    assert Formulas(known).facts(remembers, ["fill_rate"]) is None


class Exponential:
    """Stands for formulas: class k holds z[k] at cost c[k] a unit, and fails to serve d[k] exp(-z[k])."""

    cost, short = np.array([1.0, 4.0]), np.array([100.0, 100.0])

    def facts(self, levels, measures, classes):
        out = np.zeros((2, len(FACTS)))
        out[:, FACT["demand"]] = 1000.0
        out[:, FACT["filled"]] = 1000.0 - self.short * np.exp(-np.array(levels))
        out[:, FACT["carrying"]] = self.cost * np.array(levels)
        return out


def test_at_the_start_one_more_unit_costs_the_same_in_every_class():
    """Least c'z with sum of d exp(-z) <= b: by Lagrange z = log(m d / c), m = sum(c) / b."""
    space = Space((Parameter("a", 0.0, 12.0, 0.01), Parameter("b", 0.0, 12.0, 0.01)))
    goal = Goal("total_cost", (Constraint("fill_rate", True, 0.98),))
    guide = Guide(space, goal, lambda v: (v["a"], v["b"]), Exponential(), ("A", "B"), 365)
    facts = Exponential().facts((1.0, 1.0), (), ())
    top, bottom = np.ones((2, 2, len(MEASURES)))
    top[:, list(MEASURES).index("total_cost")] = Exponential.cost.sum()
    trial = Trial(0, "start", {"a": 1.0, "b": 1.0}, top, bottom, facts=facts)
    found = guide.best_from({"a": 1.0, "b": 1.0}, trial)
    price = Exponential.cost.sum() / (2000 * 0.02)
    expected = np.log(price * Exponential.short / Exponential.cost)
    assert [found["a"], found["b"]] == pytest.approx(expected.tolist(), abs=0.06)


def guided(space, settings, goal, prepared=CHAIN):
    def run(values, replications):
        first, last = replications
        policy = make_policy(settings | values)
        return evaluate(prepared, policy, last - first, seed=1, levels=("chain", "class"), first=first)

    fewer = with_fewer_items(prepared)
    guide = Guide(space, goal, lambda v: make_policy(settings | v).plan(fewer.known), Formulas(fewer.known),
                  run({}, (0, 2)).groups("class"), prepared.scenario.days)  # fmt: skip
    return run, guide


BUFFER = Space((Parameter("target", 0.2, 0.999, 0.001), Parameter("order_days", 1.0, 28.0, 0.5),
                Parameter("review_period", 1, 7)))  # fmt: skip
NOW = {"target": 0.6, "order_days": 3.0, "review_period": 1}


def test_twelve_trials_led_by_formulas_do_better_than_twice_as_many_without():
    """And come within 0.5% of five times as many."""
    goal = Goal("total_cost", (Constraint("fill_rate", True, 0.97),))
    run, guide = guided(BUFFER, {"name": "buffer"}, goal)
    led = list(search(BUFFER, run, goal, 12, 4, 1, NOW, guide))
    alone = list(search(BUFFER, run, goal, 60, 4, 1, NOW))
    assert [t.how for t in led[:3]] == ["start", "guided", "guided"] and len(led) == 12
    cost = [in_order(trials, goal)[0].estimate("total_cost") for trials in (led, alone[:24], alone)]
    assert cost[0] < cost[1] and cost[0] < 1.005 * cost[2]
    again = list(search(BUFFER, run, goal, 12, 4, 1, NOW, guided(BUFFER, {"name": "buffer"}, goal)[1]))
    assert [t.values for t in again] == [t.values for t in led]


def test_a_class_has_a_target_of_its_own():
    """A constraint on the items of class C alone is met, and judged by the figures of that class."""
    goal = Goal("total_cost", (Constraint("C.fill_rate", True, 0.98),))
    run, guide = guided(BUFFER, {"name": "buffer"}, goal)
    best = in_order(list(search(BUFFER, run, goal, 10, 4, 1, NOW, guide)), goal)[0]
    of_class = run(best.values, (0, 4)).value("fill_rate", "class", "C")
    assert best.interval("C.fill_rate") == of_class and of_class[0] >= 0.98


def test_fewer_items_keep_every_category_and_their_own_demand():
    prepared = chain(items=40)
    fewer = with_fewer_items(prepared, most_cells=30)
    names = [item.name for item in prepared.scenario.items]
    assert 0 < len(fewer.scenario.items) < 20
    for k, item in enumerate(fewer.scenario.items):
        np.testing.assert_array_equal(fewer.known.demand_mean[k], prepared.known.demand_mean[names.index(item.name)])


# Several policies


class Known:
    """Stands for an outcome that is known, the same in every replication."""

    def __init__(self, cost, replications):
        from restock.sim.measures.measures import MEASURES

        self.top = np.full((replications, 1, len(MEASURES)), float(cost))

    def pairs(self, level):
        return self.top, np.ones_like(self.top)


def arm(least, best_at=50):
    def run(values, replications):
        return Known(least + abs(values["x"] - best_at), replications[1] - replications[0])

    return Arm(run, Space((Parameter("x", 0, 4000),)), {"x": 3000})


@pytest.mark.parametrize(("arms", "trials"), [(1, 7), (2, 4), (3, 50), (4, 60), (5, 10), (9, 200)])
def test_rounds_share_out_all_trials(arms, trials):
    rounds = shares(arms, trials)
    assert rounds[0][0] == arms and rounds[-1][0] == 1
    assert sum(many * each for many, each in rounds) == max(trials, sum(many for many, _ in rounds))


def test_the_better_half_goes_on_and_the_same_seed_gives_the_same():
    arms, goal = {"dear": arm(9000), "good": arm(100), "middling": arm(2000)}, Goal("total_cost")
    found = list(search_all(arms, goal, 60, 2, seed=1))
    many = {label: sum(t.policy == label for t in found) for label in arms}
    assert many == {"dear": 6, "middling": 16, "good": 38} and [t.number for t in found] == list(range(60))
    again = list(search_all(arms, goal, 60, 2, seed=1))
    assert [(t.policy, t.values) for t in found] == [(t.policy, t.values) for t in again]


def test_trials_that_one_policy_does_not_take_go_to_the_others():
    """One is as it is and the best, another's space is small: all trials are made all the same."""
    few = Arm(arm(50).run, Space((Parameter("x", 48, 52),)), {"x": 50})
    fixed = Arm(lambda values, replications: Known(1, replications[1] - replications[0]), None, {})
    found = list(search_all({"fixed": fixed, "few": few, "good": arm(100)}, Goal("total_cost"), 40, 2, seed=1))
    many = {label: sum(t.policy == label for t in found) for label in ("fixed", "few", "good")}
    assert many == {"fixed": 1, "few": 5, "good": 34}


def test_a_policy_that_refuses_all_leaves_the_trials_to_others():
    from restock.sim.errors import InputError

    def stubborn(values, replications):
        raise InputError("not today")

    arms = {"stubborn": Arm(stubborn, Space((Parameter("x", 0, 9000),)), {"x": 1}), "good": arm(100)}
    found = list(search_all(arms, Goal("total_cost"), 20, 2, seed=1))
    assert {t.policy for t in found if not t.refused} == {"good"}
    with pytest.raises(InputError, match="not today"):
        list(search_all({"a": arms["stubborn"], "b": arms["stubborn"]}, Goal("total_cost"), 8, 2, seed=1))


def test_sums_of_a_class_are_kept_of_a_trial():
    outcome = evaluate(CHAIN, make_policy({"name": "buffer"}), 4, seed=1, levels=("chain", "class"))
    trial = outcome_trial(0, "start", {}, outcome, ("A",))
    assert trial.interval("A.fill_rate") == outcome.value("fill_rate", "class", "A")
    assert trial.interval("fill_rate") == outcome.value("fill_rate")
