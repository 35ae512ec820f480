"""The lab: what is kept equals what is run afresh, bit by bit; memory has a bound; the latest wish wins."""

import threading
from dataclasses import dataclass, replace

import numpy as np
import pytest

from restock.policies.base_stock import BaseStock
from restock.policies.buffer import Buffer
from restock.policies.just_in_time import JustInTime
from restock.sim.errors import InputError
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, NegativeBinomial
from restock.sim.results.extending import Growing
from restock.sim.study.compare import compare
from restock.sim.study.lab.kept import Kept, bytes_of
from restock.sim.study.lab.lab import Asked, Lab, Question
from restock.sim.study.lab.latest import Latest

ITEMS = 40  # so many that runs of 8 and of 64 replications cut them otherwise


def chain(mean=2.0):
    items = [Item(f"item_{k}", unit_cost=0.7 + 0.13 * k, unit_price=1.3 + 0.19 * k) for k in range(ITEMS)]
    sites = [Site("north", served_by="dc"), Site("south", served_by="dc"), Site("dc", kind="dc")]
    lanes = [Lane("dc", "north", Constant(1)), Lane("dc", "south", Constant(2)), Lane("supplier", "dc", Constant(4))]
    demand = {
        (item.name, site): NegativeBinomial(mean + 0.1 * k, 0.6)
        for k, item in enumerate(items)
        for site in ("north", "south")
    }
    return Prepared(scenario_of("chain", items, sites, lanes, demand, days=56, warm_up=7))


POLICIES = {"buffer": Buffer(target=0.9), "just_in_time": JustInTime()}


def question(world="plain", mean=2.0, policies=POLICIES, **others):
    asked = {label: Asked(repr(policy), policy) for label, policy in policies.items()}
    return Question(world, lambda: chain(mean), asked, **others)


def bits(comparison):
    """Everything that pages and reports of a comparison are made from."""
    return {
        label: (
            outcome.replications,
            outcome.rollup.sums["chain"].tobytes(),
            outcome.series.tobytes(),
            outcome.one_series.tobytes(),
            outcome.table("chain").to_csv(),
        )
        for label, outcome in comparison.outcomes.items()
    } | {"differences": comparison.differences(level="chain").to_csv()}


def fresh(replications, mean=2.0, seed=1, policies=POLICIES):
    return compare(chain(mean), policies, replications, seed, levels=("chain",), series=min(8, replications))


@pytest.mark.parametrize("replications", [5, 8, 64, 100])
def test_a_run_that_grew_equals_one_run_at_once(replications):
    lab = Lab(at_once=0)
    answers = list(lab.answers(question(replications=replications)))
    assert [answer.whole for answer in answers] == [False] * (len(answers) - 1) + [True]
    assert bits(answers[-1].comparison) == bits(fresh(replications))


def test_first_answers_are_those_of_fewer_replications_to_rounding():
    first, second, _ = Lab(at_once=0).answers(question())
    for answer, replications in ((first, 4), (second, 16)):
        for label, outcome in fresh(replications).outcomes.items():
            mine = answer.comparison.outcomes[label]
            assert mine.replications == replications and not answer.whole
            assert (mine.series is None) == (replications < 8)  # days come with the second answer
            np.testing.assert_allclose(mine.rollup.sums["chain"], outcome.rollup.sums["chain"], rtol=1e-12, atol=1e-9)


def test_a_small_world_is_answered_whole_at_once():
    (answer,) = Lab().answers(question())
    assert answer.whole and bits(answer.comparison) == bits(fresh(64))


def test_what_is_kept_equals_what_is_run_afresh():
    lab, made = Lab(), []
    asked = question()
    counted = Question("plain", lambda: made.append(1) or chain(), asked.policies)
    for _ in range(3):
        assert bits(lab.whole(counted)) == bits(fresh(64))
    moved = POLICIES | {"buffer": Buffer(target=0.99)}
    assert bits(lab.whole(question(policies=moved))) == bits(fresh(64, policies=moved))
    assert bits(lab.whole(question("busier", mean=3.0))) == bits(fresh(64, mean=3.0))
    assert bits(lab.whole(question(seed=7))) == bits(fresh(64, seed=7))
    assert bits(lab.whole(counted)) == bits(fresh(64))
    assert made == [1]  # the world was built once


def at_costs(name, policies=POLICIES, **rates):
    """The question in a world that differs in costs alone."""

    def prepare():
        scenario = chain().scenario
        return Prepared(replace(scenario, costs=replace(scenario.costs, **rates)))

    return replace(question(name, policies=policies), prepare=prepare, arrays="arrays")


def fresh_at(policies=POLICIES, **rates):
    return compare(at_costs("fresh", **rates).prepare(), policies, 64, 1, levels=("chain",), series=8)


def test_worlds_with_other_costs_share_their_arrays():
    lab, dearer = Lab(), {"carrying_rate": 0.5}
    lab.whole(at_costs("plain"))
    found = lab.whole(at_costs("dearer", **dearer))
    kept = {key: lab.kept.get(key) for key in list(lab.kept)}
    assert kept["world", "dearer"].world is kept["world", "plain"].world is kept["arrays", "arrays"]
    assert bits(found) == bits(fresh_at(**dearer)) != bits(fresh_at())


RATES = {"carrying_rate": 0.5, "goodwill_share": 0.2, "backorder_cost_per_day": 0.03, "count_cost": 2.0}


@pytest.mark.parametrize("rates", [{name: rate} for name, rate in RATES.items()] + [RATES], ids=str)
def test_other_costs_take_no_run(rates, monkeypatch):
    lab = Lab(at_once=0)
    lab.whole(at_costs("plain"))
    monkeypatch.setattr(Growing, "extend", lambda *given: pytest.fail("it was run again"))
    (answer,) = lab.answers(at_costs("dearer", **rates))  # and at once: no first answer of few replications
    monkeypatch.undo()
    assert answer.whole
    assert bits(answer.comparison) == bits(fresh_at(**rates))
    again = lab.whole(at_costs("plain"))  # and back
    assert bits(again) == bits(fresh_at())


@dataclass(frozen=True)
class ByCarryingCost(BaseStock):
    """A level that is lower where stock is dearer to carry."""

    def levels(self, known):
        return {"base_stock_level": np.where(known.stocked, round(10 / known.scenario.costs.carrying_rate), 0)}


def test_a_policy_that_plans_by_costs_is_run_where_its_plan_is_another(monkeypatch):
    policies = {"by_cost": ByCarryingCost(), "buffer": Buffer(target=0.9)}
    lab, ran = Lab(), []
    before = Growing.extend
    monkeypatch.setattr(Growing, "extend", lambda run, *given: ran.append(run.label) or before(run, *given))
    lab.whole(at_costs("plain", policies))
    found = lab.whole(at_costs("dearer", policies, carrying_rate=0.5))
    assert ran == ["by_cost", "buffer", "by_cost"]
    monkeypatch.undo()
    assert bits(found) == bits(fresh_at(policies, carrying_rate=0.5))


def test_policies_of_one_plan_are_run_once(monkeypatch):
    lab, ran = Lab(), []
    before = Growing.extend
    monkeypatch.setattr(Growing, "extend", lambda run, *given: ran.append(run.label) or before(run, *given))
    policies = {"one": Buffer(target=0.9), "other": Buffer(target=0.9 + 1e-12)}
    found = lab.whole(question(policies=policies))
    assert ran == ["one"]
    monkeypatch.undo()
    assert list(found.outcomes) == ["one", "other"] and bits(found) == bits(fresh(64, policies=policies))


def test_a_policy_that_was_not_moved_is_not_run_again(monkeypatch):
    lab = Lab()
    lab.whole(question())
    ran = []
    before = Lab._grown
    monkeypatch.setattr(Lab, "_grown", lambda *given: ran.append((given[2], before(*given)[1])) or before(*given))
    *_, last = lab.answers(question(policies=POLICIES | {"buffer": Buffer(target=0.99)}), first="buffer")
    assert last.whole and {label for label, grown in ran if grown} == {"buffer"}
    assert ran[0][0] == "buffer"  # what was moved comes first


def test_memory_has_a_bound_and_what_was_used_last_stays():
    world = bytes_of(chain().world)
    lab = Lab(most_bytes=4 * world)
    for k in range(8):
        lab.whole(question(f"world {k}", mean=2.0 + 0.1 * k))
        assert lab.kept.bytes <= 4 * world
    kinds = {kind: {key[1] for key in lab.kept if key[0] == kind} for kind in ("run", "plan", "world", "arrays")}
    assert "world 7" in kinds["run"] and "world 0" not in kinds["arrays"]
    assert kinds["run"] | kinds["plan"] <= kinds["world"] <= kinds["arrays"]  # no run keeps a world alive
    assert bits(lab.whole(question("world 0"))) == bits(fresh(64))


def test_a_lab_without_memory_answers_all_the_same():
    assert bits(Lab(most_bytes=0).whole(question())) == bits(fresh(64))


def test_the_latest_wish_wins():
    lab, latest = Lab(at_once=0), Latest()
    void = latest.ask()
    answers = lab.answers(question(), void)
    assert not next(answers).whole
    newer = latest.ask()
    assert list(answers) == []  # what was asked before ends between two steps
    assert bits(list(lab.answers(question(), newer))[-1].comparison) == bits(fresh(64))


def test_many_threads_ask_at_once_and_each_gets_its_answer():
    lab, means, found = Lab(), (2.0, 2.5, 3.0), {}

    def ask(mean):
        found[mean] = bits(lab.whole(question(f"mean {mean}", mean=mean)))

    threads = [threading.Thread(target=ask, args=(mean,)) for mean in means for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {mean: bits(fresh(64, mean=mean)) for mean in means}


def test_what_a_policy_refuses_leaves_the_lab_as_it_was():
    lab = Lab()

    def refused():
        raise InputError("this world cannot be")

    with pytest.raises(InputError, match="this world cannot be"):
        lab.whole(Question("broken", refused, question().policies))
    assert len(lab.kept) == 0
    assert bits(lab.whole(question())) == bits(fresh(64))


def test_kept_refuses_a_bound_below_nothing():
    with pytest.raises(InputError, match="most_bytes must not lie below 0, got -1"):
        Kept(-1)
