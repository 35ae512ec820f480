"""The configuration shipped with restock: every file can be run, and says what it is."""

import datetime
import re
import sys
from dataclasses import MISSING, asdict, fields
from pathlib import Path

import numpy as np
import pytest
import yaml
from hydra import compose, initialize_config_module

from restock.experiments import settings as of_settings
from restock.experiments.chosen import chosen_policies
from restock.experiments.cli import main
from restock.experiments.generated import generate
from restock.experiments.jobs import chosen_executor
from restock.experiments.listing import how_to_run
from restock.experiments.network_factors import longer, varied
from restock.experiments.scenarios import build_scenario
from restock.experiments.settings import (
    GROUPS,
    DemandSettings,
    ExecutorSettings,
    PrecisionSettings,
    SelectionSettings,
    StatisticsSettings,
    settings_of,
)
from restock.policies.catalogue import find_policy, policy_names
from restock.sim.errors import InputError
from restock.sim.features.records.settings import Records, Shrinkage
from restock.sim.features.returns.settings import Returns
from restock.sim.features.selling_season.settings import Markdown, SellingSeason
from restock.sim.features.shelf_life.settings import ShelfLife
from restock.sim.model.arrays import build_world
from restock.sim.model.demand import Demand
from restock.sim.model.demand_events import Promotion, Trend
from restock.sim.model.network import Costs
from restock.sim.model.scenario import parts_of_group, setting_groups
from restock.sim.probability.laws import Constant, Empirical
from restock.sim.run.executors import NAMES, executor_of
from restock.sim.study.compare import Best, Precision

CONF = Path(__file__).parents[2] / "conf"
EXPERIMENTS = sorted(path.stem for path in (CONF / "experiment").glob("*.yaml"))
SCENARIOS = sorted(path.stem for path in (CONF / "scenario").glob("*.yaml"))


def settings(*overrides):
    """Settings as the command composes them."""
    of_settings.register(list(overrides))
    with initialize_config_module(version_base="1.3", config_module="restock.conf"):
        return settings_of(compose("config", overrides=list(overrides)))


def test_every_policy_has_a_file_with_exactly_its_fields_and_defaults():
    files = sorted(path.stem for path in (CONF / "policy").glob("*.yaml"))
    as_practised = {
        "just_in_time_with_cover": {"cover_days": 2.0, "at_dcs": {"name": "buffer", "target": 0.95, "order_days": 7.0}},
        "beer_game_benchmark": {"desired_stock_of": [20, 28, 28, 28], "theta": 0.0, "alpha": 1.0, "beta": 1.0,
                                "order_before": 4, "first_day_of": [8, 10, 12, 14]},
    }  # fmt: skip
    assert files == sorted([*policy_names(), *as_practised, "predictive_from_file"])
    kind_of = {"just_in_time_with_cover": "just_in_time", "beer_game_benchmark": "anchor_and_adjust",
               "predictive_from_file": "predictive"}  # fmt: skip
    one_point = ("levels", "just_in_time", "anchor_and_adjust", "beer_game_benchmark")
    for name in files:
        text = (CONF / "policy" / f"{name}.yaml").read_text()
        assert text.startswith(f"# @package policy.{name}\n")
        written = yaml.safe_load(text)
        policy = written.pop("name")
        assert policy == kind_of.get(name, name) and "along" in written
        assert written.pop("along") is not None or name in one_point
        for setting, value in as_practised.get(name, {}).items():
            assert written[setting] == value
            written[setting] = next(f.default for f in fields(find_policy(policy)) if f.name == setting)
        if name in ("levels", "predictive_from_file"):
            assert written["file"] == "???"  # to be given
            written["file"] = None
        kind = find_policy(policy)
        unused = {"review_period"} if name == "abc_tiered" else set()  # its tiers have their own
        if name == "predictive_from_file":  # how predictive makes forecasts itself
            unused = {"forecast", "alpha", "beta", "window"}
        assert set(written) == {field.name for field in fields(kind)} - unused
        for field in (field for field in fields(kind) if field.name not in unused):
            default = field.default_factory() if field.default_factory is not MISSING else field.default
            value = written[field.name]
            assert (tuple(value) if isinstance(value, list) else value) == default, f"{name}.{field.name}"


def test_groups_of_settings_are_those_of_the_model():
    """conf/config.yaml, the schema and the model have the same settings with the same defaults."""
    assert {f.name for f in fields(DemandSettings)} <= {f.name for f in fields(Demand)}
    config = yaml.safe_load((CONF / "config.yaml").read_text())
    for group, kinds in setting_groups().items():
        schema = asdict(GROUPS[group]())
        assert list(config[group]) == list(schema) == [f.name for kind in kinds for f in fields(kind)]
        by_default = [kind() for kind in kinds]
        said = {name: value for name, value in config[group].items() if value is not None}  # null: by the model
        assert parts_of_group(group, said, "") == parts_of_group(group, schema, "") == by_default


def test_records_and_shrinkage_are_set_from_the_command_line():
    words = ["records.lag=2", "records.count_every=[30,91,364]", "shrinkage.of_sales=0.02", "costs.count_cost=1.5",
             "+scenario.items.milk.shrinkage={law: constant, value: 1}", "+scenario.items.bread.count_class=C",
             "+shrinkage.by_category.dairy=0.05"]  # fmt: skip
    shop = build_scenario(settings("scenario=one_store", *words))
    assert shop.feature("records") == Records(lag=2, count_every=(30, 91, 364))
    assert shop.feature("shrinkage") == Shrinkage(0.02, {"dairy": 0.05})
    assert (shop.costs.count_cost, shop.items[0].own, shop.items[2].own) == (
        1.5, {"shrinkage": Constant(1)}, {"count_class": "C"},
    )  # fmt: skip
    weekly = build_scenario(settings("scenario=one_store", "records.count_every=7"))
    assert weekly.feature("records").count_every == (7, 7, 7)
    with pytest.raises(InputError, match=re.escape("records.lag must be a whole number of days from 0 to 7, got 9")):
        build_scenario(settings("scenario=one_store", "records.lag=9"))


def test_events_are_set_from_the_command_line():
    week = "{kind: promotion, start: 2024-03-04, days: 7, uplift: 3, items: [milk]}"
    words = f"events=[{week}, {{kind: trend, per_year: 0.1}}]"
    promotion, trend = build_scenario(settings("scenario=one_store", words)).events
    assert promotion == Promotion(start=datetime.date(2024, 3, 4), days=7, uplift=3, items=["milk"])
    assert trend == Trend(per_year=0.1)
    assert build_scenario(settings("scenario=one_store")).events == ()
    assert yaml.safe_load((CONF / "config.yaml").read_text())["events"] == []


def test_returns_are_set_from_the_command_line():
    words = ["returns.share=0.1", "returns.lag={law: empirical, values: [2, 9]}", "+returns.by_category.dairy=0",
             "+scenario.items.bread.returns={share: 0.5, resalable: 0}"]  # fmt: skip
    shop = build_scenario(settings("scenario=one_store", *words))
    assert shop.feature("returns") == Returns(0.1, Empirical((2, 9)), by_category={"dairy": 0.0})
    assert [item.own for item in shop.items[1:3]] == [{}, {"returns": Returns(0.5, resalable=0)}]
    with pytest.raises(InputError, match=r"returns\.lag must be a law on 1 to 56 days, got one that allows 60"):
        build_scenario(settings("scenario=one_store", "returns.lag=60"))
    with pytest.raises(InputError, match=r"returns\.share must be a share between 0 and 1, got 2, of returns of item"):
        build_scenario(settings("scenario=one_store", "+scenario.items.bread.returns={share: 2}"))


def test_shelf_lives_are_set_from_the_command_line():
    words = ["shelf_life.issuing=freshest_first", "+shelf_life.by_category.dairy=9",
             "+scenario.items.bread.shelf_life=2", "+scenario.items.bread.issuing=oldest_first"]  # fmt: skip
    shop = build_scenario(settings("scenario=one_store", *words))
    assert shop.feature("shelf_life") == ShelfLife(None, "freshest_first", {"dairy": 9})
    assert shop.items[2].own == {"shelf_life": 2, "issuing": "oldest_first"}
    assert build_scenario(settings("scenario=one_store", "shelf_life.days=30")).feature("shelf_life").of("dairy") == 30


def test_selling_seasons_are_set_from_the_command_line():
    words = ["+selling_seasons.by_category.bakery={end: 90, markdown: {percent: 30, cover: 1.5}}",
             "+scenario.items.coffee.selling_season={end: 60, last_order: 0, clearance_price: 0.2}"]  # fmt: skip
    shop = build_scenario(settings("scenario=one_store", *words))
    season_of = shop.feature("selling_seasons").of_item
    assert season_of(shop.items[2]) == SellingSeason(90, markdown=Markdown(30, cover=1.5))
    assert season_of(shop.items[3]) == SellingSeason(60, None, 0, 0.2)
    assert season_of(shop.items[0]) is None
    for words, message in (
        ("{ende: 9}", "setting 'ende' of selling_seasons.by_category.dairy is unknown; did you mean 'end'? "
         "choose from: clearance_price, end, first_order, last_order, markdown"),
        ("{first_order: 9}", "settings of selling_seasons.by_category.dairy leave out what has no default; "
         "they are: end, first_order, last_order, clearance_price, markdown"),
        ("9", "settings of selling_seasons.by_category.dairy must be a mapping, got 9"),
        ("{end: 9, markdown: {percent: 0}}", "markdown.percent must be a whole number from 1 to 99, got 0, of "
         "markdown, of selling_seasons.by_category.dairy"),
    ):  # fmt: skip
        with pytest.raises(InputError) as caught:
            build_scenario(settings("scenario=one_store", f"+selling_seasons.by_category.dairy={words}"))
        assert str(caught.value) == message


def test_every_executor_has_a_file_whose_settings_it_takes():
    files = sorted((CONF / "executor").glob("*.yaml"))
    assert [path.stem for path in files] == sorted(NAMES)
    for path in files:
        assert path.read_text().startswith("# ")
        written = yaml.safe_load(path.read_text())
        assert written["name"] == path.stem
        assert set(written) <= {field.name for field in fields(ExecutorSettings)}
        assert executor_of(**written).name == path.stem
    assert chosen_executor(settings("threads=3")).workers == 3
    assert chosen_executor(settings("executor.workers=3")).workers == 3
    assert settings().executor == ExecutorSettings()


def test_settings_of_the_statistics_have_the_defaults_that_the_file_shows():
    config = yaml.safe_load((CONF / "config.yaml").read_text())
    for name, kind in (("statistics", StatisticsSettings), ("precision", PrecisionSettings),
                       ("selection", SelectionSettings)):  # fmt: skip
        assert config[name] == {field.name: field.default for field in fields(kind)}
    assert {f.name for f in fields(PrecisionSettings)} | {"most_replications"} == {f.name for f in fields(Precision)}
    assert {f.name for f in fields(SelectionSettings)} | {"most_replications"} == {f.name for f in fields(Best)}
    assert config["precision"]["measure"] == Precision(relative=0.1).measure
    assert config["most_replications"] == Precision(relative=0.1).most_replications


def test_every_experiment_opens_with_a_question_and_how_to_run_it():
    for name in EXPERIMENTS:
        lines = (CONF / "experiment" / f"{name}.yaml").read_text().splitlines()
        assert lines[0] == "# @package _global_"
        assert lines[1].startswith("# ") and lines[1].endswith("?"), name
        assert re.fullmatch(rf"# restock (compare|run|optimize)( -m)? experiment={name}", lines[2]), name


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_runs(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["restock"])
    words = how_to_run(name).split()[1:]
    small = ["replications=2", "days=14", "warm_up=0"]
    small += ["scenario.items=12"] if settings(f"experiment={name}").scenario["kind"] == "generated" else []
    small += (
        ["optimize.trials=4", "optimize.search_replications=2", "optimize.constraints.fill_rate='>= 0.9'"]
        if words[0] == "optimize"
        else []
    )
    assert main([*words, *small]) == 0, capsys.readouterr().err
    assert list(tmp_path.rglob("*.png"))


def test_a_folder_keeps_its_own_settings():
    """What a scenario's own tables may say is left open by its file, so that no default takes its place."""
    config, folder = (yaml.safe_load((CONF / name).read_text()) for name in ("config.yaml", "scenario/folder.yaml"))
    for group in ("demand", *setting_groups()):
        assert folder[group] == dict.fromkeys(config[group]), group


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name not in ("folder", "export")])
def test_every_scenario_can_be_built(name):
    found = settings(f"scenario={name}")
    scenario = build_scenario(found)
    assert scenario.name == name and scenario.days == (46 if name == "beer_game" else 364) and scenario.assumptions
    assert scenario.costs == Costs()
    assert list(chosen_policies(found.policy)) == ["just_in_time_with_cover", "buffer", "abc_tiered", "just_in_time"]


def test_the_command_line_has_the_last_word_then_the_experiment_then_the_scenario():
    assert settings("scenario=one_store").replications == 200
    assert settings("experiment=jit_or_buffer_by_variability").replications == 100
    assert settings("experiment=jit_or_buffer_by_variability", "replications=3").replications == 3


def test_replay_plays_the_recorded_units_and_of_a_sample_what_it_has_not_seen():
    words = ["scenario=grocery", "demand.source=replay", "warm_up=0"]
    as_recorded = build_scenario(settings(*words, "scenario.sample_share=1"))
    as_chain = build_scenario(settings(*words, "demand.scale=1.5"))
    assert as_recorded.demand.scale == 1 and as_recorded.demand.recorded().units.sum() == 164_993
    assert as_recorded.demand.recorded().sample_share == 1
    assert as_chain.demand.scale == 1.5 and as_chain.demand.recorded().units.sum() == 164_993
    assert as_chain.demand.recorded().sample_share == pytest.approx(0.05 / 1.5)
    said = "a recorded day is what was seen, and a draw of what the sample did not see, given that"
    assert said in as_chain.assumptions and said not in as_recorded.assumptions
    fitted = build_scenario(settings("scenario=grocery"))
    rates = [build_world(scenario).daily_rate.sum() for scenario in (fitted, as_chain)]
    assert rates[1] == pytest.approx(1.5 * rates[0], rel=0.005)


def test_lead_times_grow_by_their_factor_and_never_fall_below_a_day():
    assert longer(Constant(4), 1.5).moments == (6.0, 0.0)
    assert longer(Empirical((2, 4), (1, 1)), 1.25).moments[0] == pytest.approx(3.75)
    assert longer(Constant(1), 0.2).moments == (1.0, 0.0)
    before, after = (build_scenario(settings("scenario=one_store", f"lead_time_factor={f}")).lanes for f in (1, 2))
    for a, b in zip(before, after, strict=True):
        assert b.lead_time.moments[0] == pytest.approx(2 * a.lead_time.moments[0])


def test_lead_times_vary_by_their_factor_around_the_same_mean():
    supplier = Empirical((4, 5, 6, 7, 8, 9, 10, 14), (1, 2, 4, 5, 3, 2, 2, 1))
    mean, variance = supplier.moments
    for factor in (0.5, 0.25, 0.0):
        steadier = varied(supplier, factor).moments
        assert steadier[0] == pytest.approx(mean)
        assert factor**2 * variance - 1e-9 <= steadier[1] <= factor**2 * variance + 0.25  # whole days
    assert varied(Constant(5), 0.5).moments == (5.0, 0.0)
    assert varied(Empirical((3, 5), (1, 1)), 2).moments == (4.0, 4.0)
    assert varied(Empirical((1, 3), (1, 1)), 2).pmf().tolist() == [0, 0.5, 0, 0, 0.5]  # not 0 days: the mean rises


def test_order_days_and_packs_are_set_for_the_whole_network():
    before, after = (
        build_scenario(settings("scenario=regional_chain", "scenario.items=9", *words))
        for words in ([], ["order_days=[mon,thu]", "pack_factor=0.5", "lead_time_factor=2", "lead_time_cv_factor=0.5"])
    )
    assert {lane.order_days for lane in after.lanes} == {("mon", "thu")} != {lane.order_days for lane in before.lanes}
    assert {(a.pack, b.pack) for a, b in zip(before.items, after.items, strict=True)} == {(1, 1), (6, 3), (12, 6)}
    for a, b in zip(before.lanes, after.lanes, strict=True):
        assert b.lead_time == varied(longer(a.lead_time, 2), 0.5)


def test_a_run_of_an_export_warms_up_for_its_lead_times_unless_told():
    words = ["scenario=grocery", "scenario.supplier_lead_time=40"]
    assert build_scenario(settings("scenario=one_store")).warm_up == 56
    assert build_scenario(settings(*words)).warm_up == 147  # whole weeks of 3 x (40 + 7)
    assert build_scenario(settings(*words, "lead_time_factor=2")).warm_up == 266
    assert build_scenario(settings(*words, "warm_up=14")).warm_up == 14


def test_a_generated_chain_keeps_its_items_when_others_are_added():
    small, large = (generate({"items": items, "stores": 3}) for items in (5, 9))
    assert large.items[:5] == small.items
    assert [large.demand.laws[k] for k in large.demand.law_of[2]][1:] == [
        small.demand.laws[k] for k in small.demand.law_of[2]
    ][1:]
    other = generate({"items": 5, "stores": 3, "draw": 2})
    assert other.items != small.items
    days = [len(lane.order_days) for lane in generate({"items": 2, "store_order_days": 3}).lanes if lane.source == "dc"]
    assert set(days) == {3}


def test_items_of_a_generated_chain_may_be_counted_as_of_another_class():
    chain = generate({"items": 3, "count_classes": {"item_002": "C"}})
    assert [item.own for item in chain.items] == [{}, {"count_class": "C"}, {}]


def test_generated_chains_are_checked():
    message = "item 'item_4' of scenario.count_classes is unknown; did you mean 'item_003'?"
    with pytest.raises(InputError, match=re.escape(message)):
        generate({"items": 3, "count_classes": {"item_4": "C"}})
    message = "scenario.margin must be two numbers, lowest first, from 0 to 0.99, got (0.5, 0.2)"
    with pytest.raises(InputError, match=re.escape(message)):
        generate({"margin": (0.5, 0.2)})
    with pytest.raises(InputError, match=re.escape("setting 'itmes' of scenario is unknown; did you mean 'items'?")):
        generate({"itmes": 3})


def test_laws_and_lanes_written_in_a_scenario_are_checked():
    for words, message in (
        ("scenario.items.milk.demand.mean=-2",
         "poisson: mean must be a number not below 0, got -2 of item 'milk' at site 'shop'"),
        ("scenario.items.milk.demand.law=poison",
         "law 'poison' of item 'milk' at site 'shop' is unknown; did you mean 'poisson'?"),
        ("scenario.lanes.shop.dairy.lead_time.values=[0,1]",
         "lead_time of lane 'dairy' -> 'shop' must be at least 1 day, got a law that allows 0"),
        ("scenario.lanes.shop.wholesaler.order_days=[mon,fry]",
         "order day 'fry' of lane 'wholesaler' -> 'shop' is unknown"),
        ("scenario.items.milk.supplier=farm", "no lane from 'farm' to 'shop', needed to bring item 'milk' there"),
        ("scenario.start=tomorrow", "scenario.start must be a date (YYYY-MM-DD), got 'tomorrow'"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=re.escape(message)):
            build_scenario(settings("scenario=one_store", words))


def test_the_shop_is_what_its_file_says():
    shop = build_scenario(settings("scenario=one_store"))
    assert [item.name for item in shop.items] == ["milk", "yoghurt", "bread", "coffee", "batteries", "birthday_cake"]
    assert shop.stocked.all() and shop.lanes[1].order_days == ("mon", "wed", "fri")
    assert np.isclose(shop.demand.laws[0].moments[0], 40)


def assumed(*words):
    from restock.sim.model.assumed import default_lines

    scenario = build_scenario(settings(*words), words)
    return default_lines(scenario), scenario.assumed


def test_defaults_of_a_calibrated_scenario_are_said_unless_they_are_given():
    (costs, service, goods), _ = assumed("scenario=grocery")
    assert costs.startswith("by default, costs: carrying stock 25% of its cost a year; ")
    assert "an order line" not in costs  # conf/scenario/grocery.yaml has it, and says so
    assert service.startswith("by default, service: opening stock 14 days of mean demand; 63 days of warm-up; ")
    assert "unmet demand is lost, nobody waits" in service and "gives in proportion" not in service
    assert goods == "by default, goods: nothing is brought back"  # the grocer's file has the others
    off = ["shrinkage.of_sales=0", "records.lag=0", "records.count_every=[0,0,0]", "shelf_life.by_category=null"]
    assert not build_scenario(settings("scenario=grocery", *off)).feature("shelf_life").by_category
    given = ["costs.carrying_rate=0.25", "opening_days=14", "warm_up=56", "records.lag=0"]  # the defaults, but given
    (costs, service, goods), names = assumed("scenario=grocery", *given)
    said = costs + service + goods
    assert not any(text in said for text in ("carrying", "opening", "warm-up", "records"))
    assert "lanes.ordering_cost" in names and "costs.carrying_rate" not in names  # what verdicts are tried with


def test_a_policy_says_which_of_its_settings_nobody_gave():
    from restock.experiments.scenarios import policy_lines

    words = ["policy=buffer", "policy.buffer.order_days=7"]
    assert policy_lines(settings(*words), words) == [
        "by default, policy buffer: target 0.95; measure cycle_service_level; review_period 1"
    ]


@pytest.mark.parametrize(
    "words, times", [(["compare"], 1), (["run", "-m", "policy=buffer"], 1), (["compare", "hydra.mode=RUN"], 2)]
)
def test_settings_are_composed_no_more_often_than_needed(words, times, tmp_path, monkeypatch):
    """Once for a command or a sweep; Hydra looks for `hydra.mode` where it may be set."""
    from hydra._internal.hydra import Hydra

    from restock.experiments import jobs

    composed, original = [], Hydra.compose_config
    monkeypatch.setattr(Hydra, "compose_config", lambda *a, **k: composed.append(1) or original(*a, **k))
    monkeypatch.setattr(jobs, "_start", lambda command, config: None)
    monkeypatch.setattr("sys.argv", ["restock"])
    monkeypatch.chdir(tmp_path)
    main([*words, "scenario=one_store"])
    assert len(composed) == times


def test_no_file_of_restock_sets_the_mode_of_hydra():
    for path in (Path(__file__).parents[2] / "conf").rglob("*.yaml"):
        assert "mode" not in ((yaml.safe_load(path.read_text()) or {}).get("hydra") or {}), path
