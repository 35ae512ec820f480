"""The world as arrays: how its laws come about."""

from dataclasses import replace

import pytest
from chains import small_chain

from restock.sim.errors import InputError
from restock.sim.model.arrays import build_world
from restock.sim.model.demand import Season
from restock.sim.probability.exponential_tails import Exponential
from restock.sim.probability.laws import NegativeBinomial, Poisson


def with_weekdays(factor):
    """The chain with Saturdays on which demand is moved by a factor."""
    scenario = small_chain(items=4).scenario
    demand = scenario.demand
    return replace(
        scenario, demand=replace(demand, seasons=(Season((1.0,) * 5 + (factor, 1.0)),) * len(demand.seasons))
    )


def test_laws_of_days_are_worked_out_together(monkeypatch):
    """What a call of numpy costs for each of ten thousand laws would be most of the time before a run."""
    alone, again = build_world(with_weekdays(1.5)), with_weekdays(1.5)
    assert {2.0, 3.0, 4.0, 6.0} <= set(alone.table_mean.round(9))
    monkeypatch.setattr(Exponential, "probabilities", lambda law: pytest.fail(f"{law} was worked out by itself"))
    assert (build_world(again).table_mean == alone.table_mean).all()


@pytest.mark.parametrize(("law", "factor"), [(Poisson(2.0), 32_500), (NegativeBinomial(3.0, 0.5), 10_000)])
def test_a_law_that_seasons_move_too_far_says_by_what(law, factor):
    scenario = with_weekdays(factor)
    moved = replace(scenario, demand=replace(scenario.demand, laws=(law,) * len(scenario.demand.laws)))
    with pytest.raises(InputError) as caught:
        build_world(moved)
    said = f"; with seasons, events and markdowns its mean is multiplied by {factor}, its variation by 1"
    assert said in str(caught.value)
