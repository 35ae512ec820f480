"""The search finds known optima, honours constraints, does not deceive itself, and gives the same answer twice."""

import re

import numpy as np
import pytest
from scipy.stats import norm

from restock.policies.catalogue import make_policy
from restock.sim.errors import InputError
from restock.sim.figures import frontier
from restock.sim.measures.measures import MEASURES
from restock.sim.model.network import Costs, Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.study.compare import evaluate
from restock.sim.study.searching.candidates import Constraint, Goal, Trial
from restock.sim.study.searching.finalists import choose, efficient, finalist_table, screen
from restock.sim.study.searching.search import search
from restock.sim.study.searching.search_space import Parameter, Space, parameter
from restock.sim.theory import best_lost_sales, lost_sales, min_max
from restock.sim.verification.cases.lost_sales import ZIPKIN
from restock.sim.verification.cases.reorder_point import ZF

DAYS, SEARCHED, MANY = 3640, 16, 64


# Known optima: money is so chosen that total_cost is the textbook's cost a day, times 365


def shop(law, lead_time, ordering_cost, backorder_share, unit_price, opening):
    """Holding costs 1 a unit and day; waiting costs the price a unit and day, a lost unit the price less 1."""
    costs = Costs(carrying_rate=365.0, backorder_cost_per_day=1.0)
    item = Item("item", unit_cost=1.0, unit_price=unit_price, backorder_share=backorder_share)
    lane = Lane("supplier", "store", Constant(lead_time), ordering_cost=ordering_cost)
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
    """By exact formula, the winner costs what the best (s, S) costs, within 0.2% or the interval of its estimate.

    8,190 pairs, of which 300 are tried. The cost is flat near the best, and has two valleys (one order a day, or one
    every few days) that cost nearly the same for means near 60.
    """
    law, best = Poisson(float(mean)), ZF[mean][2]
    low = Parameter("reorder_point", 0, 90)
    space = Space((low, Parameter("order_up_to_level", 1, 90, above="reorder_point")))
    values, estimate, half = optimum(shop(law, 1, 64.0, 1.0, 9.0, ZF[mean][1]), space, {"name": "reorder_point"}, 300)
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


# The logic of search and selection, on costs that are known


class Known:
    """Stands for an outcome: a value of each measure in every replication."""

    def __init__(self, replications, **measures):
        self.top = np.ones((replications, 1, len(MEASURES)))
        for name, values in measures.items():
            self.top[:, 0, list(MEASURES).index(name)] = values

    def pairs(self, level):
        assert level == "chain"
        return self.top, np.ones_like(self.top)

    def value(self, measure):
        return Trial(0, "", {}, self.top[:, 0], np.ones_like(self.top[:, 0])).interval(measure)


BOWL = Space((Parameter("x", -5.0, 5.0), Parameter("n", 0, 40), Parameter("kind", choices=("a", "b", "c"))))


def bowl(values, replications):
    """Least (1) at x = 2, n = 17, kind b; fill rate falls as x rises. All replications alike."""
    first, last = replications
    cost = 1 + (values["x"] - 2) ** 2 + ((values["n"] - 17) / 4) ** 2 + 3 * (values["kind"] != "b")
    return Known(last - first, total_cost=cost, fill_rate=1 - (values["x"] + 5) / 20)


CHEAPEST = Goal("total_cost")


def found_in(space, run, goal=CHEAPEST, trials=80, seed=1, **more):
    return list(search(space, run, goal, trials, 4, seed, **more))


def best_of(trials, goal):
    return min(trials, key=lambda t: t.rank(goal))


def test_numbers_whole_numbers_and_choices_are_searched_together():
    best = best_of(found_in(BOWL, bowl), Goal("total_cost"))
    assert best.values["kind"] == "b" and isinstance(best.values["n"], int)
    assert best.estimate("total_cost") < 1.1


def test_a_constraint_moves_the_best_to_its_edge():
    goal = Goal("total_cost", (Constraint("fill_rate", True, 0.70),))
    best = best_of(found_in(BOWL, bowl, goal, trials=150), goal)
    assert best.feasible(goal) and best.estimate("fill_rate") == pytest.approx(0.70, abs=0.005)
    assert best.values["x"] == pytest.approx(1.0, abs=0.1) and best.values["kind"] == "b"


def test_the_same_seed_gives_the_same_trials_and_another_gives_others():
    first, again, other = (found_in(BOWL, bowl, seed=seed) for seed in (1, 1, 2))
    assert [t.values for t in first] == [t.values for t in again]
    assert [t.values for t in first] != [t.values for t in other]
    assert {t.how for t in first} == {"drawn", "walk"}


def test_a_small_space_is_gone_through_in_full_and_no_point_twice():
    space = Space((Parameter("x", -5.0, 5.0, 1.0), Parameter("n", 16, 18), Parameter("kind", choices=("b",))))
    trials = found_in(space, bowl, start={"x": 2.0, "n": 17, "kind": "b"})
    assert len(trials) == 33 and len({tuple(t.values.items()) for t in trials}) == 33
    assert {t.how for t in trials} == {"start", "grid"}
    assert best_of(trials, Goal("total_cost")).values == {"x": 2.0, "n": 17, "kind": "b"}
    drawn = found_in(space, bowl, trials=30)
    assert len({tuple(t.values.items()) for t in drawn}) == len(drawn) <= 30


def test_the_settings_to_beat_are_tried_first_even_outside_the_space():
    trials = found_in(BOWL, bowl, trials=10, start={"x": 9.0, "n": 17, "kind": "b"})
    assert trials[0].how == "start" and trials[0].estimate("total_cost") == 50 and len(trials) == 10


def test_a_measure_that_should_be_high_is_driven_up():
    goal = Goal("fill_rate")
    assert best_of(found_in(BOWL, bowl, goal), goal).values["x"] == pytest.approx(-5)


def test_refused_settings_are_trials_without_a_result_and_all_refused_is_an_error():
    def picky(values, replications):
        if values["n"] > 20:
            raise InputError("n must not be above 20")
        return bowl(values, replications)

    trials = found_in(BOWL, picky)
    refused = [t for t in trials if t.refused]
    assert refused and all(t.values["n"] > 20 and t.refused == "n must not be above 20" for t in refused)
    assert not any(t.feasible(Goal("total_cost")) for t in refused)
    assert best_of(trials, Goal("total_cost")).values["n"] == pytest.approx(17, abs=1)

    def stubborn(values, replications):
        raise InputError("not today")

    with pytest.raises(InputError, match="not today"):
        found_in(BOWL, stubborn, trials=8)


def test_the_best_of_many_equal_settings_looks_too_good_but_its_fresh_figures_do_not():
    """200 settings cost 100 in truth. The best of them looks cheaper; what is reported of it must not."""
    misses, optimism, space = 0, [], Space((Parameter("x", 0, 199),))
    for world in range(40):

        def noisy(values, replications, world=world):
            first, last = replications
            draws = [np.random.default_rng([world, values["x"], r]).normal(100, 10) for r in range(first, last)]
            return Known(last - first, total_cost=draws)

        goal = Goal("total_cost")
        trials = list(search(space, noisy, goal, 200, 10, seed=1))
        choice = choose(trials, noisy, goal, 5, (10, 30), (30, 50))
        estimate, low, high = choice.fresh.value("total_cost")
        misses += not low <= 100 <= high
        optimism.append(estimate - choice.winner.searched.estimate("total_cost"))
    expected = 10 / 10**0.5 * norm.ppf((200 + 1 - np.arange(1, 6) - 0.375) / 200.25).mean()  # the best 5 of 200: 7.2
    assert np.mean(optimism) == pytest.approx(expected, abs=4 * (10 / 20**0.5) / 40**0.5)
    assert misses <= 6  # 95% intervals: 2 of 40 expected, more than 6 with probability 0.003


def test_screening_keeps_what_is_not_shown_to_be_worse():
    rng = np.random.default_rng(3)
    common = rng.normal(100, 20, 16)  # common random numbers: differences are far clearer than values

    def trial(number, extra, fill=0.99):
        found = Known(16, total_cost=common + extra + rng.normal(0, 0.5, 16), fill_rate=fill)
        return Trial(number, "drawn", {"x": number}, found.top[:, 0], np.ones_like(found.top[:, 0]))

    goal = Goal("total_cost", (Constraint("fill_rate", True, 0.97),))
    trials = [trial(0, 5), trial(1, 0), trial(2, 0.05), trial(3, -50, fill=0.9), trial(4, 2)]
    assert {t.number for t in screen(trials, goal)} == {1, 2}


def test_a_winner_that_misses_the_constraint_on_fresh_replications_is_passed_over():
    goal = Goal("total_cost", (Constraint("fill_rate", True, 0.97),))
    space = Space((Parameter("x", 0, 9),))

    def run(values, replications):
        first, last = replications  # 0 and 1 hold in the search alone, 2 in the finals too, the others throughout
        fill = 0.98 if first < {0: 1, 1: 1, 2: 9}.get(values["x"], 99) else 0.96
        return Known(last - first, total_cost=10 + values["x"] + np.arange(last - first) % 2, fill_rate=fill)

    choice = choose(list(search(space, run, goal, 10, 4, 1)), run, goal, 3, (4, 8), (12, 16))
    assert choice.winner.searched.values == {"x": 3}
    assert [f.searched.values["x"] for f in choice.passed_over] == [2]
    table = finalist_table(choice, goal)
    assert table["trial"].tolist()[:2] == [2, 3] and table.loc[table["winner"], "trial"].item() == 3
    assert table.set_index("trial")["feasible"].to_dict() == {0: False, 1: False, 2: True, 3: True, 4: True, 5: True}
    assert table.set_index("trial")["less_winner"][5] == pytest.approx(2)


def test_a_constraint_out_of_reach_is_said_with_the_nearest_miss():
    goal = Goal("total_cost", (Constraint("fill_rate", True, 0.999),))
    space = Space((Parameter("x", -4, 4),))
    trials = found_in(space, lambda v, r: bowl(v | {"n": 17, "kind": "b"}, r), goal)
    message = (
        "none of 9 trials meets fill_rate >= 0.999: the nearest, trial 0, reaches fill_rate 0.95; "
        "loosen the constraint, or widen the ranges"
    )
    with pytest.raises(InputError, match=re.escape(message)):
        choose(trials, bowl, goal, 3, (4, 8), (8, 12))


# Spaces


@pytest.mark.parametrize(
    "step, value, point",
    [(1e9, 1.28, None), (1e9, -1.0, -1.0), (0.1, 1.3, 1.3), (0.1, 1.25, None), (2.5, 3.0, None), (0.1, 3.0, 3.0)],
)
def test_what_lies_between_the_steps_is_not_in_the_space(step, value, point):
    """However large a step is; nor is what lies beyond the last step, and so beyond what is drawn from."""
    found = Space((Parameter("z", -1.0, 3.0, step),)).point({"z": value})
    assert found == (None if point is None else {"z": point})


def test_points_and_values_belong_to_each_other():
    low, high = Parameter("s", 0, 9), Parameter("S", 1, 9, 2, above="s")
    space = Space((low, high, Parameter("share", 0.1, 0.3, 0.1), Parameter("kind", choices=((1, 2), "x"))))
    assert space.size() == 10 * 5 * 3 * 2 == len(list(space.grid()))
    for point in space.grid():
        assert space.point(space.values(point)) == point
        assert all(other == point or space.point(space.values(other)) for other in space.neighbours(point, 0.1))
    good = {"s": 4, "S": 7, "share": 0.2, "kind": "x"}
    for changed in ({"s": None}, {"S": 6}, {"S": 4}, {"share": 0.25}, {"kind": "y"}):
        assert space.point(good) is not None and space.point(good | changed) is None


def test_ranges_are_checked():
    for given, message in (
        ({"low": 2, "high": 1}, "x: low (2) must not be above high (1)"),
        ({"low": 1}, "x: high must be a number, got None; or give choices"),
        ({"low": 1, "hihg": 2}, "word 'hihg' of x is unknown; did you mean 'high'?"),
        ({"low": 0, "high": 2, "log": True}, "x: log needs low above 0, got 0"),
        ({"low": 1, "high": 2, "step": 0}, "x: step must be a number above 0, got 0"),
        ({"choices": []}, "x: choices must be a list of at least one value, got []"),
        ({"choices": [1], "low": 2}, "x: choices go without low, high, step, log and above"),
        (5, "x must be a range such as {low: 1, high: 9} or a list, got 5"),
    ):
        with pytest.raises(InputError, match=re.escape(message)):
            parameter("x", given)
    with pytest.raises(InputError, match=re.escape("above 's' of S is unknown; choose from: S")):
        Space((Parameter("S", 1, 2, above="s"),))


def test_a_goal_needs_a_measure_with_a_good_side():
    with pytest.raises(InputError, match="objective 'cogs' is neither better when higher nor when lower"):
        Goal("cogs")
    with pytest.raises(InputError, match="measure 'fil_rate' is unknown; did you mean 'fill_rate'"):
        Goal("total_cost", (Constraint("fil_rate", True, 0.9),))


# Frontier


def test_the_frontier_holds_what_no_other_beats():
    rng = np.random.default_rng(1)
    x, y = rng.random(60), rng.random(60)
    x[7] = np.nan
    found = efficient(x, y, "lower", "higher")
    for k in range(60):
        beaten = ((x <= x[k]) & (y >= y[k]) & ((x < x[k]) | (y > y[k]))).any()
        assert found[k] == (not beaten and not np.isnan(x[k]))


def test_the_figure_shows_the_trials_the_frontier_and_what_is_marked():
    import pandas as pd
    from test_plots import overlapping

    rng = np.random.default_rng(2)
    cost, fill = rng.uniform(1e5, 2e5, 80), rng.uniform(0.9, 1, 80)
    on = efficient(cost, fill, "lower", "higher")
    trials = pd.DataFrame({"policy": "buffer", "total_cost": cost, "fill_rate": fill, "feasible": fill >= 0.97,
                           "on_frontier": on})  # fmt: skip
    marked = {"start": {"total_cost": (1.7e5, 1.69e5, 1.71e5), "fill_rate": (0.98, 0.979, 0.981)},
              "winner": {"total_cost": (1.1e5, 1.09e5, 1.11e5), "fill_rate": (0.971, 0.97, 0.972)}}  # fmt: skip
    bound = [("fill_rate", True, 0.97)]
    figure = frontier.frontier(trials, "total_cost", "fill_rate", bound, marked, "Title", "note")
    axes = figure.axes[0]
    by_label = {line.get_label(): line for line in axes.lines}
    assert by_label["winner"].get_xdata() == 1.1e5 and by_label["start"].get_ydata() == 0.98
    line = by_label["efficient frontier of the trials"]
    np.testing.assert_array_equal(line.get_xdata(), np.sort(cost[on]))
    shown = [
        len(by_label[f"trial that {which}"].get_xdata()) for which in ("misses a constraint", "meets the constraints")
    ]
    outside = 80 - sum(shown)
    words = f"; {outside} {'trial' if outside == 1 else 'trials'} outside"
    assert axes.get_title(loc="left") == "Title\nnote" + (words if outside else "")
    assert axes.get_xlabel() == "total cost (money a year)" and axes.get_ylabel() == "fill rate (%)"
    assert [text.get_text() for text in axes.texts] == ["constraint: fill rate 97%"]
    assert not overlapping(figure)
    assert _shaded(figure) == (axes.get_ylim()[0], 0.97)  # what misses the constraint


def _shaded(figure):
    """From where to where the picture is shaded."""
    (shade,) = [p for p in figure.axes[0].patches if p.get_facecolor()[:3] == pytest.approx((0xED / 255,) * 3)]
    box = shade.get_bbox() if hasattr(shade, "get_bbox") else shade.get_extents()
    return pytest.approx((box.y0, box.y1))


def test_the_figure_of_several_policies_keeps_their_looks_and_shades_what_misses_a_budget():
    import pandas as pd
    from matplotlib.colors import same_color
    from test_plots import overlapping

    from restock.sim.figures.style import LOOKS

    rng, rows, marked = np.random.default_rng(3), [], {}
    for k, policy in enumerate(("abc_tiered", "just_in_time_with_cover", "buffer")):
        cost, stock = rng.uniform(1e5, 2e5, 30) + 1e4 * k, rng.uniform(1e4, 4e4, 30)
        on = efficient(cost, stock, "lower", "lower")
        rows.append(pd.DataFrame({"policy": policy, "total_cost": cost, "average_inventory_value": stock,
                                  "feasible": (stock <= 3e4) & (k != 1), "on_frontier": on}))  # fmt: skip
        marked[policy] = {"total_cost": (1.1e5, 1.09e5, 1.11e5), "average_inventory_value": (2e4, 1.9e4, 2.1e4)}
    bound = [("average_inventory_value", False, 3e4), ("A.fill_rate", True, 0.98)]
    figure = frontier.frontier(pd.concat(rows), "total_cost", "average_inventory_value", bound, marked, "Title", "note")
    axes = figure.axes[0]
    by_label = {line.get_label(): line for line in axes.lines}
    names = ["abc_tiered", "just_in_time_with_cover (all miss a constraint)", "buffer"]
    for policy, name in zip(marked, names, strict=True):
        assert by_label[name].get_marker() == LOOKS[policy][1]
        assert same_color(by_label[name].get_color(), LOOKS[policy][0])
    entries = [text.get_text() for text in axes.get_legend().get_texts()]
    assert entries == [*names, "hollow: misses a constraint", "best of a policy, on fresh replications"]
    assert [text.get_text() for text in axes.texts] == ["constraint: average inventory value 30,000"]
    assert _shaded(figure) == (3e4, axes.get_ylim()[1]) and not overlapping(figure)
