"""KN finds the best policy as often as it promises, drops the others on the way, and says so when it cannot."""

import numpy as np
import pytest
from chains import LEAN, RICH, small_chain

from restock.policies.base_stock import BaseStock
from restock.sim.errors import InputError
from restock.sim.statistics import select
from restock.sim.statistics.selection import continuation
from restock.sim.study.compare import Best, compare, evaluate, manager_table


def correct(means, spreads, first_stage, confidence, correlation, studies, seed, better="lower"):
    """Share of studies that choose the first policy; policies in shuffled order, figures correlated and normal."""
    rng, hits, many = np.random.default_rng(seed), 0, len(means)
    for _ in range(studies):
        names = [f"policy_{k}" for k in range(many)]
        spread = dict(zip(names, rng.permutation(spreads), strict=True))
        mean, common = dict(zip(names, means, strict=True)), {}

        def sample(race, first, last, mean=mean, spread=spread, common=common):
            shared = common.setdefault((first, last), rng.normal(size=last - first))
            own = {p: rng.normal(size=last - first) for p in race}
            mixed = {p: np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own[p] for p in race}
            return {p: mean[p] + spread[p] * mixed[p] for p in race}

        found = select(sample, rng.permutation(names).tolist(), first_stage, 1.0, confidence, better)
        hits += found.best == "policy_0"
    return hits / studies


SLIPPAGE = [  # every other policy exactly one indifference worse: the hardest case
    ((0, 1, 1, 1, 1), (1, 2, 3, 1.5, 0.7), 10, 0.95, 0.0),
    ((0, 1, 1, 1, 1), (1, 2, 3, 1.5, 0.7), 10, 0.95, 0.6),
    ((0, 1), (1, 3), 10, 0.95, 0.0),
    ((0, *[1] * 9), tuple(np.linspace(0.5, 4, 10)), 20, 0.90, 0.3),
]


@pytest.mark.parametrize("case", SLIPPAGE, ids=["independent", "common", "two", "ten"])
@pytest.mark.parametrize("studies", [300, pytest.param(4000, marks=pytest.mark.slow)])
def test_the_probability_of_correct_selection(case, studies):
    means, spreads, first_stage, confidence, correlation = case
    share = correct(means, spreads, first_stage, confidence, correlation, studies, seed=1)
    error = np.sqrt(confidence * (1 - confidence) / studies)
    assert share >= confidence - (2 * error if studies < 1000 else 0), share


def test_more_may_be_better():
    assert correct((1, 0, 0), (1, 2, 1), 10, 0.95, 0.3, 200, 2, better="higher") > 0.92


def test_the_continuation_region_solves_its_equation():
    """Kim & Nelson (2001), c = 1: (1 + 2 eta) ** (-(n0 - 1) / 2) / 2 = alpha / (k - 1)."""
    for first_stage, policies, confidence in ((10, 5, 0.95), (64, 2, 0.99), (3, 10, 0.9)):
        eta = continuation(first_stage, policies, confidence) / 2 / (first_stage - 1)
        left = (1 + 2 * eta) ** (-(first_stage - 1) / 2) / 2
        assert left == pytest.approx((1 - confidence) / (policies - 1))


def by_hand(values, first_stage, indifference, confidence):
    """The procedure as it is printed, one replication and one pair at a time (larger is better)."""
    many = len(values)
    eta = ((2 * (1 - confidence) / (many - 1)) ** (-2 / (first_stage - 1)) - 1) / 2
    h_squared = 2 * eta * (first_stage - 1)
    s = [[np.var((values[i] - values[j])[:first_stage], ddof=1) for j in range(many)] for i in range(many)]
    race, r = list(range(many)), first_stage
    while True:
        means = [values[i][:r].mean() for i in range(many)]
        race = [
            i for i in race
            if all(means[i] >= means[j] - max(0.0, indifference / (2 * r) * (h_squared * s[i][j] / indifference**2 - r))
                   for j in race if j != i)
        ]  # fmt: skip
        if len(race) == 1:
            return race[0], r
        r += 1


def test_blocks_decide_exactly_as_one_at_a_time():
    rng = np.random.default_rng(5)
    for _ in range(30):
        values = rng.normal(0, 2, (4, 3000)) + rng.normal(0, 3, 3000) + np.array([0.0, 0.4, 0.2, 0.9])[:, None]
        names = list("abcd")

        def sample(race, first, last, values=values, names=names):
            return {p: values[names.index(p), first:last] for p in race}

        found = select(sample, names, 12, 1.0, 0.95, "higher", block=int(rng.integers(1, 100)))
        winner, r = by_hand(values, 12, 1.0, 0.95)
        assert (found.best, found.replications) == (names[winner], r)


def test_equal_policies_end_in_a_draw_that_is_decided():
    x = np.random.default_rng(1).normal(size=5000)
    found = select(lambda race, a, b: dict.fromkeys(race, x[a:b]), ["one", "same"], 10, 0.5)
    assert (found.best, found.eliminated[0].policy, found.replications) == ("one", "same", 10)


def test_what_is_not_decided_says_so():
    rng = np.random.default_rng(1)
    found = select(lambda race, a, b: {p: rng.normal(0, 50, b - a) for p in race}, ["one", "two"], 10, 0.1, most=64)
    assert (found.best, found.remaining, found.replications) == (None, ("one", "two"), 64)
    assert found.longest > 10_000


@pytest.fixture(scope="module")
def prepared():
    return small_chain()


def test_policies_out_of_the_race_are_not_simulated_further(prepared):
    policies = {f"factor_{z}": BaseStock(safety_factor=z) for z in (-2.0, 1.0, 1.2, 2.5)}
    found = compare(prepared, policies, 16, seed=2, until=Best("total_cost", 20.0))
    counts = {label: outcome.replications for label, outcome in found.outcomes.items()}
    assert counts["factor_-2.0"] == 16 < max(counts.values())
    long = {label: evaluate(prepared, policy, 400, 9).value("total_cost")[0] for label, policy in policies.items()}
    assert long[found.selection.best] <= min(long.values()) + 20
    whole = evaluate(prepared, policies["factor_1.0"], counts["factor_1.0"], 2)
    assert found.outcomes["factor_1.0"].value("total_cost") == pytest.approx(whole.value("total_cost"))
    frame = found.differences(measures=["total_cost"])
    assert frame["replications"].tolist() == [16, 16, 16]
    text = manager_table(found)
    assert f"16 to {max(counts.values())} replication(s)" in text and "Best in total cost: 'factor_" in text


def test_a_selection_is_checked(prepared):
    with pytest.raises(InputError, match=r"selection.measure=cogs: neither more nor less is better; try fill_rate"):
        Best("cogs", 5.0)
    with pytest.raises(InputError, match=r"selection.indifference must be above 0, got 0"):
        Best("total_cost", 0)
    with pytest.raises(InputError, match=r"a selection needs at least two policies, got 1"):
        compare(prepared, {"lean": LEAN}, 4, seed=1, until=Best("total_cost", 5.0))
    with pytest.raises(InputError, match=r"selection.measure=bullwhip_ratio is undefined in a replication of policy"):
        compare(small_chain(days=10), {"lean": LEAN, "rich": RICH}, 4, seed=1, until=Best("bullwhip_ratio", 5.0))
    with pytest.raises(InputError, match=r"selection.measure=total_cost needs replications=2 or more, got 1"):
        compare(prepared, {"lean": LEAN, "rich": RICH}, 1, seed=1, until=Best("total_cost", 5.0))
