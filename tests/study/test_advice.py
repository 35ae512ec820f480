"""Advice: when trying stops, what is announced where nothing differs, interactions, and the rank of improvements."""

from types import SimpleNamespace

import numpy as np
import pytest

from restock.sim.errors import InputError
from restock.sim.figures.tornado import tornado
from restock.sim.measures.facts import FACT
from restock.sim.study.advice.judging import NOTHING, OPEN, WORTH, judge, leaders
from restock.sim.study.advice.pairs import ADD, HELP, OVERLAP, best_of, groups_of, judge_groups
from restock.sim.study.advice.running import Stopping, Trials, try_each
from restock.sim.study.advice.tables import advice_table, measures_table, pairs_table

SPREAD = 10.0  # standard deviation of a replication's difference


def run_of(savings, seed=1, asked=None):
    """Runs whose carrying cost a year is 1,000 less a saving, with noise common to all and some of each one's own."""

    def run(name, first, last):
        draws = np.random.default_rng([seed, 0]).normal(1000, 200, 10_000)[first:last]
        own = np.random.default_rng([seed, *name.encode()]).normal(0, SPREAD, 10_000)[first:last]
        sums = np.zeros((last - first, 1, len(FACT)))
        sums[:, 0, FACT["carrying"]] = draws - savings.get(name, 0.0) - (own if name != "as it is" else 0)
        sums[:, 0, FACT["demand"]] = (asked or {}).get(name, 100.0)
        sums[:, 0, FACT["filled"]] = 90.0
        rollup = SimpleNamespace(sums={"chain": sums}, days=365)
        measures = ["total_cost", "carrying_cost", "fill_rate", "average_inventory_value"]
        return SimpleNamespace(label=name, rollup=rollup, measures=measures)

    return run


def trials_of(savings, first=16, most=64, precision=0.1, seed=1, prices=None, **how):
    return try_each(run_of(savings, seed, **how), "as it is", list(savings), Stopping(first, most, precision), prices)


def test_each_goes_on_until_its_interval_is_narrow_beside_the_largest_gain():
    trials = trials_of({"large": 100.0, "small": 5.0, "loss": -400.0}, first=4, most=256)
    counts = {name: arm.replications for name, arm in trials.arms.items()}
    assert counts["loss"] < counts["small"] and trials.unsettled == ()  # a loss is narrow beside itself
    for name in trials.arms:
        gain = trials.gain(name)
        assert gain.interval().half_width <= 0.1 * max(100.0 * 1.1, abs(gain.value))
    assert trials.base.replications == max(counts.values())
    few = trials_of({"large": 10.0, "small": 1.0}, most=32)
    assert few.unsettled == ("large", "small") and few.arms["small"].replications == 32


def test_replications_made_in_parts_are_those_of_one_run():
    parts, whole = (trials_of({"a": 8.0}, first=first, most=64, precision=0.001) for first in (4, 64))
    np.testing.assert_array_equal(parts.arms["a"].sums, whole.arms["a"].sums)


def test_intervals_hold_the_truth_after_stopping():
    """The gain of the best of three, of which two are settled early: 95 in 100 intervals hold 50."""
    held = []
    for seed in range(300):
        gain = trials_of({"a": 50.0, "b": 20.0, "c": 0.0}, first=8, most=128, seed=seed).gain("a").interval()
        held.append(float(gain.low) <= 50 <= float(gain.high))
    assert 0.92 <= np.mean(held) <= 0.98


def test_twenty_improvements_that_do_nothing_are_not_announced():
    """Of 200 studies of twenty differences that are noise alone, some 5% announce any."""
    names = [f"nothing {k}" for k in range(20)]
    false_alarms = 0
    for seed in range(200):
        judged = judge(trials_of(dict.fromkeys(names, 0.0), most=16, seed=seed))
        false_alarms += any(each.verdict != OPEN for each in judged)
        assert leaders(judged) == [] or judged[0].verdict == WORTH
    assert false_alarms <= 20  # 10 expected; more than 20 once in a thousand


def test_what_is_equal_to_rounding_changes_nothing():
    def run(name, first, last):
        found = run_of({})("as it is", first, last)
        found.rollup.sums["chain"] *= 1 + (1e-13 if name != "as it is" else 0)
        found.label = name
        return found

    judged = judge(try_each(run, "as it is", ["same"], Stopping(8, 8)))
    assert [each.verdict for each in judged] == [NOTHING] and judged[0].gain.value == 0


def test_a_price_can_turn_a_saving_into_a_loss_and_ranks():
    savings, prices = {"large": 100.0, "small": 30.0, "free": 20.0}, {"large": 90.0, "small": 200.0}
    judged = judge(trials_of(savings, prices=prices))
    assert [each.name for each in judged] == ["free", "large", "small"]
    assert judged[-1].verdict == "costs more" and judged[-1].saving.value > 0
    assert judged[1].gain.value == pytest.approx(judged[1].saving.value - 90)


def test_a_verdict_that_an_assumed_cost_turns_says_so():
    def run(name, first, last):
        found = run_of({"leaner": 30.0})(name, first, last)
        found.rollup.sums["chain"][:, 0, FACT["ordering"]] = 50.0 if name == "leaner" else 30.0
        return found

    trials = try_each(run, "as it is", ["leaner"], Stopping(16, 16))  # saves 30 of carrying, costs 20 of lines
    (each,) = judge(trials, assumed=("costs.carrying_rate", "lanes.ordering_cost", "costs.count_cost"))
    assert each.verdict == WORTH
    assert each.depends_on == ("carrying cost: turns when it is halved; ordering cost: turns when it is doubled")
    (each,) = judge(trials, assumed=("costs.count_cost",))
    assert each.depends_on == ""


def test_those_not_told_apart_from_the_best_are_named():
    judged = judge(trials_of({"a": 100.0, "b": 99.0, "c": 50.0}))
    assert sorted(leaders(judged)) == ["a", "b"]


def test_demand_must_be_the_same_and_refusals_keep_their_words():
    def run(name, first, last):
        if name == "refused":
            raise InputError("there is no second source")
        return run_of({}, asked={"busier": 103.0})(name, first, last)

    trials = try_each(run, "as it is", ["busier", "refused"], Stopping(4, 4))
    assert trials.arms == {}
    assert trials.refused == {
        "busier": "it changes what customers ask for (+3.00% units), which total cost does not judge",
        "refused": "there is no second source",
    }
    with pytest.raises(InputError, match="no second source"):
        try_each(run, "refused", [], Stopping(4, 4))


@pytest.mark.parametrize(("both", "word"), [(150.0, ADD), (200.0, HELP), (110.0, OVERLAP)])
def test_interactions_are_judged_against_the_sum_of_singles(both, word):
    savings = {"a": 100.0, "b": 50.0}
    singles, together = trials_of(savings), trials_of({"a + b": both}, prices={"a + b": 7.0})
    singles = Trials(**{**vars(singles), "prices": {"a": 5.0, "b": 2.0}})
    (pair,) = judge_groups([("a", "b")], singles, together)
    assert pair.word == word
    assert pair.interaction.value == pytest.approx(both - 150, abs=3 * SPREAD * np.sqrt(3 / 16))  # prices cancel
    assert pairs_table([pair])["interaction"].iloc[0] == pair.interaction.value


def test_the_best_are_worth_it_and_do_not_exclude_each_other():
    judged = judge(trials_of({"a": 100.0, "a again": 90.0, "b": 50.0, "nothing": 0.0, "loss": -50.0}))
    assert best_of(judged, 4, lambda one, other: one[0] == other[0]) == ["a", "b"]
    assert groups_of(["a", "b"]) == [("a", "b")]


# --------------------------------------------------------------------------------------------- tables and figure


def test_parts_of_the_saving_add_up_and_nothing_is_dropped():
    trials = trials_of({"a": 100.0, "b": -30.0})
    judged = judge(trials)
    table = advice_table(judged, [], trials.base, {"a": {"says": "A."}}, {"c": "there is none"})
    assert table["improvement"].tolist() == ["a", "b", "c"] and table["verdict"].iloc[2] == "not tried"
    assert table["saved_carrying_cost"].tolist()[:2] == pytest.approx(table["saving"].tolist()[:2])
    assert set(measures_table(judged, trials.base)["improvement"]) == {"a", "b"}


def test_the_tornado_shows_each_by_its_verdict_and_cuts_off_far_losses():
    trials = trials_of({"gain": 100.0, "little": 0.5, "loss": -40.0, "far_loss": -4000.0})
    table = advice_table(judge(trials), [], trials.base, {}, {"left_out": "no reason"})
    figure = tornado(table, "What pays")
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["gain", "little", "loss", "far loss"]
    widths = [bar.get_width() for bar in axes.patches]
    low, high = axes.get_xlim()
    assert min(widths) == pytest.approx(low) and low > -400 and high > 100
    texts = [text.get_text() for text in axes.texts]
    assert any(text.startswith(("-4,00", "-3,99")) for text in texts)  # its number stands beside it
    colours = {bar.get_facecolor()[:3] for bar in axes.patches}
    assert len(colours) == 3
    assert "arrows: losses beyond the axis" in [text.get_text() for text in figure.texts][-1]


def test_a_tornado_of_many_says_how_many_it_leaves_off():
    trials = trials_of({f"improvement_{k:02}": 10.0 * k for k in range(30)})
    table = advice_table(judge(trials), [], trials.base, {}, {})
    figure = tornado(table, "What pays")
    assert len(figure.axes[0].get_yticklabels()) == 24
    assert any("6 more, of smaller gain or loss, are in the table" in text.get_text() for text in figure.texts)
