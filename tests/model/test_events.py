"""Events: their factors by hand, what becomes of them in the draws and in what planners know, and their messages."""

from __future__ import annotations

import dataclasses
import datetime

import numpy as np
import pytest

from restock.sim.engines.events.draws import Draws
from restock.sim.errors import InputError
from restock.sim.model.day_factors import day_factors
from restock.sim.model.demand import Demand, Season
from restock.sim.model.demand_event_files import event_from, events_from, of_item, to_mapping
from restock.sim.model.demand_events import LevelShift, Promotion, Trend, VolatilitySpike
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario, scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, NegativeBinomial, Poisson, RoundedNormal

TEN = Constant(10)
DRINKS = [Item("cola", "drinks"), Item("lemonade", "drinks"), Item("milk", "dairy"), Item("bread", "bakery")]


DAYS, LAST = 20, "2024-01-20"


def drinks(*events, days=DAYS, warm_up=0, law=TEN, season=None, start=datetime.date(2024, 1, 1)) -> Scenario:
    """Four items in two stores that a DC serves."""
    sites = [Site("dc", "dc"), Site("north", served_by="dc"), Site("south", served_by="dc")]
    lanes = [Lane("supplier", "dc"), Lane("dc", "north"), Lane("dc", "south")]
    demand = {(item.name, site.name): law for item in DRINKS for site in sites[1:]}
    return scenario_of("drinks", DRINKS, sites, lanes, demand, season, days=days, warm_up=warm_up, start=start,
                       events=events)  # fmt: skip


def asked(scenario, item, site):
    """Demand of a cell by day, where the law is a constant."""
    prepared = Prepared(scenario)
    i, n = [x.name for x in DRINKS].index(item), [x.name for x in scenario.sites].index(site)
    return Draws(prepared.world, 1, 0).demand(i, n).tolist()


def test_a_promotion_lifts_then_dips_then_comes_again():
    promotion = Promotion(start=2, days=3, uplift=3.0, dip=0.5, dip_days=2, every=9, items=["cola"])
    once = [10, 10, 30, 30, 30, 5, 5, 10, 10]
    assert asked(drinks(promotion), "cola", "north") == [*once, *once[:2], *once[2:], *[10, 10, 30, 30]][:20]
    assert asked(drinks(promotion), "milk", "north") == [10] * 20


def test_what_is_promoted_takes_from_the_rest_while_it_lasts():
    promotion = Promotion(start=1, days=2, uplift=2.0, items="cola", sites="north", dip=0.1, dip_days=1,
                          cannibalises={"drinks": 0.8, "milk": 0.5, "bakery": 0.0})  # fmt: skip
    shop = drinks(promotion, days=5)
    assert asked(shop, "cola", "north") == [10, 20, 20, 1, 10]
    assert asked(shop, "lemonade", "north") == [10, 8, 8, 10, 10]
    assert asked(shop, "milk", "north") == [10, 5, 5, 10, 10]
    assert asked(shop, "bread", "north") == [10, 0, 0, 10, 10]
    for item in ("cola", "lemonade", "milk", "bread"):
        assert asked(shop, item, "south") == [10] * 5


def test_an_item_named_keeps_its_own_factor_whatever_its_category():
    promotion = Promotion(start=0, days=1, uplift=2.0, items="cola", cannibalises={"drinks": 0.8, "lemonade": 0.3})
    assert asked(drinks(promotion), "lemonade", "north")[:2] == [3, 10]


def test_events_that_meet_multiply_with_each_other_and_the_season():
    season = Season(weekday=(2, 1, 1, 1, 1, 1, 1))
    week = Promotion(start=0, days=3, uplift=3.0)
    shift = LevelShift(start=1, factor=0.5)
    shop = drinks(week, shift, season=season, days=9)
    assert asked(shop, "cola", "north") == [60, 15, 15, 5, 5, 5, 5, 10, 5]
    assert day_factors(shop).mean.tolist() == [[6, 1.5, 1.5, 0.5, 0.5, 0.5, 0.5, 1, 0.5]]


def test_days_are_dates_or_counted_from_the_first_measured_day():
    by_number = drinks(Promotion(start=3, days=1, uplift=2.0), warm_up=7)
    by_date = drinks(Promotion(start="2024-01-11", days=1, uplift=2.0), warm_up=7)
    for shop in (by_number, by_date):
        assert np.flatnonzero(np.array(asked(shop, "cola", "north")) == 20).tolist() == [10]
    early = drinks(LevelShift(start=-2, factor=2.0, days=4), warm_up=7)
    assert np.flatnonzero(np.array(asked(early, "cola", "north")) == 20).tolist() == [5, 6, 7, 8]


def test_a_trend_compounds_in_steps_and_stays_where_it_ends():
    shop = drinks(Trend(per_year=0.21), Trend(per_year=-0.5, start=0, end=365, items="milk"), days=731, warm_up=7)
    factors = day_factors(shop)
    cola, milk = factors.mean[factors.row_of[0, 1]], factors.mean[factors.row_of[2, 1]]
    assert cola[:8].tolist() == [1.0] * 8
    assert (cola[7 + 365], cola[7 + 730]) == (1.21, 1.46)  # 1.21 * 1.21 = 1.4641
    assert (np.diff(cola) >= 0).all() and len(np.unique(cola)) == 47
    assert (milk[7 + 365], milk[7 + 730]) == (round(1.21 * 0.5, 2), round(1.46 * 0.5, 2))
    coarse = day_factors(drinks(Trend(per_year=0.21, step=0.05), days=731))
    assert np.unique(coarse.mean).tolist() == [1, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.35, 1.4, 1.45]


@pytest.mark.parametrize("law", [Poisson(9.0), NegativeBinomial(4.0, 0.5), Constant(12)])
def test_a_spike_keeps_the_mean_and_moves_the_spread(law):
    spike = VolatilitySpike(start=2, days=1, cv_factor=2.0, items="cola")
    world = Prepared(drinks(spike, law=law)).world
    mean, variance = (of[world.demand_table[0, 1] + world.season_class[world.season_of[0, 1]]]
                      for of in (world.table_mean, world.table_variance))  # fmt: skip
    np.testing.assert_allclose(mean, law.moments[0])
    np.testing.assert_allclose(np.delete(variance, 2), law.moments[1], atol=1e-9)
    np.testing.assert_allclose(variance[2], 4 * law.moments[1], atol=1e-9)


def test_the_law_of_a_promotion_day_is_the_law_scaled():
    world = Prepared(drinks(Promotion(start=1, days=1, uplift=3.0), law=Poisson(5.0))).world
    on_the_day = world.demand_table[0, 1] + world.season_class[world.season_of[0, 1], 1]
    assert (world.table_mean[on_the_day], world.table_variance[on_the_day]) == pytest.approx(Poisson(15.0).moments)


def test_planners_know_the_mean_without_events_and_the_factors_of_each_day():
    season = Season(weekday=(1, 1, 1, 1, 1, 2, 0))
    promotion = Promotion(start=1, days=2, uplift=3.0, dip=0.5, dip_days=1, items="cola", sites="north")
    shop = drinks(promotion, LevelShift(start=4, factor=2.0), law=Poisson(6.0), season=season, days=14)
    plain = dataclasses.replace(shop, events=())
    known, without = Prepared(shop).known, Prepared(plain).known
    np.testing.assert_array_equal(known.demand_mean, without.demand_mean)
    np.testing.assert_array_equal(known.demand_variance, without.demand_variance)
    world = known.world
    for i in range(4):
        by_day = []
        for n in (1, 2):
            table = world.demand_table[i, n] + world.season_class[world.season_of[i, n]]
            by_day.append(world.table_mean[table])
            profile = known.profile_of[i, n]
            np.testing.assert_allclose(known.demand_mean[i, n] * known.factor_by_day[profile], by_day[-1], atol=1e-9)
        at_dc = known.demand_mean[i, 0] * known.factor_by_day[known.profile_of[i, 0]]
        np.testing.assert_allclose(at_dc, np.sum(by_day, axis=0), atol=1e-9)
    north, dc = (known.promotion_by_day[known.profile_of[0, n]] for n in (1, 0))
    assert north[:6].tolist() == [1, 3, 3, 0.5, 1, 1]
    np.testing.assert_allclose(dc[:6], [1, 2, 2, 0.75, 1, 1])  # half of its demand is promoted
    assert (known.promotion_by_day[known.profile_of[1]] == 1).all()
    assert known.profile_of.max() < 4  # few profiles, whatever the number of cells


def test_profiles_of_cells_alike_are_one():
    known = Prepared(drinks(season=Season(weekday=(1, 1, 1, 1, 1, 2, 2)))).known
    assert known.factor_by_day.shape == (1, 20) and not known.profile_of.any()
    history = Prepared(drinks()).known
    np.testing.assert_array_equal(history.factor_by_day, np.ones((1, 20)))


def test_more_tables_than_can_be_kept_are_refused_before_they_are_made(monkeypatch):
    monkeypatch.setattr("restock.sim.model.streams.tables.MOST_TABLES", 40)
    growing = drinks(Trend(per_year=1.0), days=90)
    message = (
        "events give 19 different laws of a day's demand (cells' laws times factors by day); allowed: 10; "
        "give trends a larger step, or events fewer factors"
    )
    assert len(Prepared(growing).world.table_mean) <= 40
    monkeypatch.setattr("restock.sim.model.streams.tables.MOST_TABLES", 10)
    with pytest.raises(InputError) as caught:
        _ = Prepared(growing).world
    assert str(caught.value) == message
    _ = Prepared(dataclasses.replace(growing, events=())).world


def test_one_item_alone_meets_the_same_events():
    events = (Promotion(start=1, days=2, uplift=3.0, items="cola", dip=0.5, dip_days=2, cannibalises={"drinks": 0.8}),
              LevelShift(start=5, factor=2.0, categories=["dairy"], sites="north"), Trend(per_year=3.0))  # fmt: skip
    shop = drinks(*events)
    for i, item in enumerate(DRINKS):
        demand = dataclasses.replace(shop.demand, law_of=shop.demand.law_of[[i]], season_of=None)
        alone = dataclasses.replace(shop, items=(item,), demand=demand, events=of_item(events, item))
        whole, part = day_factors(shop), day_factors(alone)
        for n in (1, 2):
            np.testing.assert_array_equal(part.mean[part.row_of[0, n]], whole.mean[whole.row_of[i, n]])


@pytest.mark.parametrize("event", [
    Promotion(start=-3, days=7, uplift=3.0, items=["cola"], dip=0.8, dip_days=7, every=28, cannibalises={"milk": 0.9}),
    Trend(per_year=0.1, start="2024-02-01", end=90, step=0.05), LevelShift(start=9, factor=0.7, days=3, sites=["west"]),
    VolatilitySpike(start=datetime.date(2024, 1, 9), days=5, cv_factor=1.5, categories=["drinks"]),
])  # fmt: skip
def test_events_read_back_as_they_were_written(event):
    assert event_from(to_mapping(event), "here") == event


@pytest.mark.parametrize("build, message", [
    (lambda: Promotion(start=0, days=0, uplift=2.0), "promotion: days must be a whole number not below 1, got 0"),
    (lambda: Promotion(start=0, days=1, uplift=-2), "promotion: uplift must be a number not below 0, got -2"),
    (lambda: Promotion(start="soon", days=1, uplift=2),
     "promotion: start must be a date (YYYY-MM-DD) or a day number counted from the first measured day, got 'soon'"),
    (lambda: Promotion(start=0, days=7, uplift=2, dip_days=7, every=10),
     "promotion: every must be 0 (once) or a whole number not below 14, the days it lasts, got 10"),
    (lambda: Promotion(start=0, days=7, uplift=2, cannibalises={"drinks": 0.5}),
     "promotion: cannibalises needs items or categories; all items are promoted"),
    (lambda: Promotion(start=0, days=7, uplift=2, items="cola", cannibalises={"cola": 0.5}),
     "promotion: cannibalises names 'cola', which is promoted"),
    (lambda: Promotion(start=0, days=7, uplift=2, items="cola", cannibalises={"milk": "half"}),
     "promotion: cannibalises.milk must be a number not below 0, got half"),
    (lambda: Trend(per_year=-1), "trend: per_year must be a number above -1, got -1"),
    (lambda: Trend(per_year=1, step=0), "trend: step must be a number not below 0.01, got 0"),
    (lambda: LevelShift(start=0, factor=float("nan")), "level_shift: factor must be a number not below 0, got nan"),
    (lambda: VolatilitySpike(start=0, days=1, cv_factor=0),
     "volatility_spike: cv_factor must be a number above 0, got 0"),
    (lambda: drinks(LevelShift(start=0, factor=1.0), LevelShift(start=0, factor=1.0, items="coal")),
     "item 'coal' in entry 2 of events is unknown; did you mean 'cola'? choose from: bread, cola, lemonade, milk"),
    (lambda: drinks(Promotion(start=DAYS, days=7, uplift=2.0)),
     f"promotion: start must leave days in the run: not before day -6, not after day {DAYS - 1} ({LAST}), "
     f"got {DAYS}, in entry 1 of events"),
    (lambda: drinks(Promotion(start=-7, days=3, uplift=2.0, dip=0.5, dip_days=4)),
     f"promotion: start must leave days in the run: not before day -6, not after day {DAYS - 1} ({LAST}), "
     f"got -7, in entry 1 of events"),
    (lambda: drinks(VolatilitySpike(start="2034-01-01", days=7, cv_factor=2.0, every=7)),
     f"volatility_spike: start must leave days in the run: not after day {DAYS - 1} ({LAST}), got 2034-01-01, "
     "in entry 1 of events"),
    (lambda: drinks(LevelShift(start=DAYS, factor=1.0)),
     f"level_shift: start must leave days in the run: not after day {DAYS - 1} ({LAST}), got {DAYS}, "
     "in entry 1 of events"),
    (lambda: drinks(Trend(start=DAYS, per_year=0.1)),
     f"trend: start must leave days in the run: not after day {DAYS - 1} ({LAST}), got {DAYS}, in entry 1 of events"),
    (lambda: drinks(LevelShift(start=0, factor=1.0, sites="west")),
     "site 'west' in entry 1 of events is unknown; choose from: dc, north, south"),
    (lambda: drinks(Promotion(start=0, days=1, uplift=2.0, categories="dairy", cannibalises={"drink": 0.5})),
     "item or category 'drink' of cannibalises in entry 1 of events is unknown; did you mean 'drinks'? "
     "choose from: bakery, bread, cola, dairy, drinks, lemonade, milk"),
    (lambda: events_from({"kind": "trend"}),
     "events must be a list such as [{kind: promotion, start: 28, days: 7, uplift: 3}], got {'kind': 'trend'}"),
    (lambda: events_from([{"days": 3}]),
     "an event in entry 1 of events is written as a mapping with a 'kind' key, got {'days': 3}"),
    (lambda: events_from([{"kind": "trend", "per_year": 0.1}, {"kind": "promo"}]),
     "kind of event 'promo' in entry 2 of events is unknown; did you mean 'promotion'? "
     "choose from: closed_lane, holiday, level_shift, outage, promotion, trend, volatility_spike"),
    (lambda: events_from([{"kind": "promotion", "days": 3}]), "promotion in entry 1 of events needs start, uplift"),
    (lambda: events_from([{"kind": "promotion", "day": 3}]),
     "setting 'day' of promotion in entry 1 of events is unknown; did you mean 'days'? choose from: cannibalises, "
     "categories, days, dip, dip_days, every, items, sites, start, uplift"),
    (lambda: events_from([{"kind": "level_shift", "start": 3, "factor": -1}]),
     "level_shift: factor must be a number not below 0, got -1, in entry 1 of events"),
])  # fmt: skip
def test_events_that_cannot_be_are_refused(build, message):
    with pytest.raises(InputError) as caught:
        build()
    assert str(caught.value) == message


def test_events_that_lie_partly_in_the_run_or_come_again_are_taken():
    drinks(Promotion(start=DAYS - 1, days=70, uplift=2.0), Promotion(start=-6, days=7, uplift=2.0),
           Promotion(start=-700, days=7, uplift=2.0, every=70), LevelShift(start=-700, factor=2.0),
           Trend(start=-700, per_year=0.1))  # fmt: skip


def test_recorded_days_have_their_own_events(one_shop):
    from restock.sim.model.demand import History

    history = History(np.ones((1, 14), int), np.zeros((1, 1), int), datetime.date(2023, 1, 2))
    demand = Demand((Poisson(5.0),), np.zeros((1, 1), int), history=history, source="bootstrap")
    with pytest.raises(InputError) as caught:
        dataclasses.replace(one_shop, demand=demand, events=(LevelShift(start=0, factor=2.0),))
    assert str(caught.value) == (
        "demand.source=bootstrap with events: recorded days have their own; use fitted, or leave events out"
    )


def test_rounded_laws_scale_by_what_is_declared():
    known = Prepared(drinks(LevelShift(start=0, factor=2.0), law=RoundedNormal(1.0, 2.0))).known
    assert (known.factor_by_day == 2).all()
