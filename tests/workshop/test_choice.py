"""What is chosen on a page, as a link and as a command; what comes from a browser is refused unless it was offered."""

import shlex
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from restock.experiments.api import load
from restock.experiments.claim_runs import composing
from restock.experiments.cli import main
from restock.experiments.listing import described
from restock.experiments.settings import plain, settings_from
from restock.experiments.workshop.choice import Choice, in_words
from restock.experiments.workshop.page_day import first_site
from restock.experiments.workshop.sliders import OF_POLICY, WORLD
from restock.experiments.workshop.what_if import NOT_OFFERED, WhatIf
from restock.experiments.workshop.words import cards
from restock.sim.errors import InputError
from restock.sim.study.lab.lab import Lab

SMALL = ["scenario=one_store", "replications=9", "days=28", "warm_up=7"]


CHAIN = ["scenario=regional_chain", "scenario.items=3", "scenario.stores=2"]


@pytest.fixture(scope="module")
def shop():
    return WhatIf(SMALL)


def positions(slider):
    """Where a slider of the page can stand: whole steps from its low end, and its high end."""
    steps = int((slider.high - slider.low) / slider.step + 1e-9)
    at = st.integers(0, steps).map(lambda k: round(slider.low + k * slider.step, 6))
    return (at | st.just(slider.high)).map(slider.read)


def choices(offer):
    sliders = list(offer.sliders.values())

    @st.composite
    def drawn(draw):
        choice = offer.with_policies(
            offer.start, draw(st.lists(st.sampled_from(list(offer.policies)), min_size=1, unique=True))
        )
        for slider in draw(st.lists(st.sampled_from(sliders), unique_by=lambda each: each.setting, max_size=8)):
            choice = offer.moved(choice, slider.setting, draw(positions(slider)))
        return offer.with_seed(choice, draw(st.integers(0, 2**31 - 1)))

    return drawn()


@given(st.data())
def test_a_link_opens_with_all_that_was_chosen(shop, data):
    choice = data.draw(choices(shop.offer))
    pinned = data.draw(st.none() | choices(shop.offer))
    assert shop.offer.read(shop.offer.link(choice, pinned)) == (choice, pinned)


def words_that_say_so(what_if, choice):
    """The words of a choice's command, which through Hydra are its settings."""
    words = [word for word in shlex.split(what_if.command(choice))[2:] if word != "service.fill_rates=[]"]
    with composing(None) as compose:
        assert plain(compose(words)) == plain(what_if.settings_of(choice))
    return words


@settings(max_examples=8)
@given(st.data())
def test_a_choice_is_the_settings_of_its_command(shop, data):
    """Word for word, through Hydra: what the page runs is what the command would."""
    choice = data.draw(choices(shop.offer))
    words_that_say_so(shop, choice)


def test_transfers_and_failing_suppliers_are_the_settings_of_their_command():
    """Settings of which the value is only a part, and switches; each is shown where it has something to move."""
    what_if = WhatIf([*CHAIN, "replications=2", "days=14", "warm_up=0", "transfers.regions=by_dc",
                      "+supply_risk.suppliers.supplier_1={outage: {up: 9, down: 3}}"])  # fmt: skip
    choice = what_if.offer.start
    for setting, value in (("transfers.at_once", 1), ("transfers.overnight", 2.5), ("supply_risk.active", 0),
                           ("transfers.cost_per_unit", 0.5), ("events", 6)):  # fmt: skip
        choice = what_if.offer.moved(choice, setting, value)
    assert what_if.offer.read(what_if.offer.link(choice)) == (choice, None)
    found = what_if.settings_of(choice)
    assert plain(found)["transfers"]["overnight"] == {"low": 2.5, "high": 14}
    assert plain(found)["supply_risk"]["active"] is False and plain(found)["transfers"]["at_once"] is True
    words = words_that_say_so(what_if, choice)
    assert {"transfers.at_once=true", "transfers.overnight={low: 2.5, high: 14}", "supply_risk.active=false"} < {*words}
    assert "Served from another store yes; Overnight to stores that cover at most 2.5 days" in in_words(
        what_if.offer, choice
    )


def test_sliders_of_transfers_and_outages_do_what_they_say():
    what_if = WhatIf(
        [*CHAIN, "replications=4", "days=84", "warm_up=0", "transfers.regions=by_dc", "policy=just_in_time"]
    )
    served = {}
    for setting, value in (("transfers.at_once", 0), ("transfers.at_once", 1), ("events", 28)):
        shown = what_if.whole(what_if.offer.moved(what_if.offer.start, setting, value))
        served[setting, value] = shown.outcomes["just_in_time"].value("fill_rate")[0]
    assert served["events", 28] < served["transfers.at_once", 0] < served["transfers.at_once", 1]


def test_sliders_of_channels_are_the_settings_of_their_command_and_do_what_they_say():
    what_if = WhatIf([*CHAIN, "replications=4", "days=84", "warm_up=0", "policy=just_in_time",
                      "+channels.by_name.collect={share: 0.3, served: own_store, view_every: 1}"])  # fmt: skip
    view, share = "channels.by_name.collect.view_every", "channels.by_name.collect.share"
    sliders = what_if.offer.sliders
    assert {name for name in sliders if name.startswith("channels")} == {"channels.active", view, share}
    assert (what_if.offer.slider(share).high, what_if.offer.slider("channels.active").start) == (1.0, 1)
    weekly = what_if.offer.moved(what_if.offer.start, view, 7)
    assert f"{view}=7" in words_that_say_so(what_if, weekly)
    daily, later = (what_if.whole(choice).outcomes["just_in_time"] for choice in (what_if.offer.start, weekly))
    assert later.value("refused_units")[0] > daily.value("refused_units")[0]
    none = what_if.whole(what_if.offer.moved(what_if.offer.start, "channels.active", 0))
    assert "refused_units" not in none.outcomes["just_in_time"].measures


def test_sliders_of_limits_are_the_settings_of_their_command_and_do_what_they_say():
    what_if = WhatIf([*CHAIN, "replications=4", "days=84", "warm_up=0", "policy=just_in_time",
                      "+limits.trucks.dc={capacity: 40, minimum: 30, wait: 2, cost: 9}",
                      "+limits.sites.dc={handling: 300}", "+limits.suppliers.supplier_1={capacity: 90}"])  # fmt: skip
    capacity, minimum, cost = (f"limits.trucks.dc.{name}" for name in ("capacity", "minimum", "cost"))
    found = {name: slider for name, slider in what_if.offer.sliders.items() if name.startswith("limits")}
    assert {name: (each.low, each.start, each.high) for name, each in found.items()} == {
        "limits.suppliers.supplier_1.capacity": (45, 90, 360), "limits.sites.dc.handling": (150, 300, 1200),
        capacity: (30, 40, 160), minimum: (1, 30, 30), "limits.trucks.dc.wait": (0, 2, 14), cost: (0, 9, 36),
    }  # fmt: skip
    any_load = what_if.offer.moved(what_if.offer.moved(what_if.offer.start, minimum, 1), cost, 18)
    assert f"{minimum}=1" in words_that_say_so(what_if, any_load)
    usual, more = (what_if.whole(choice).outcomes["just_in_time"] for choice in (what_if.offer.start, any_load))
    assert more.value("trucks_a_year")[0] > usual.value("trucks_a_year")[0]
    assert more.value("truck_cost")[0] == pytest.approx(18 * more.value("trucks_a_year")[0])


def test_sliders_of_limits_on_orders_are_the_settings_of_their_command_and_do_what_they_say():
    what_if = WhatIf([*CHAIN, "replications=4", "days=84", "warm_up=0", "policy=just_in_time",
                      "+limits.joint.dc={supplier_1: {joint_cost: 30, least_volume: 10, wait: 2}}",
                      "+limits.sites.dc={space: 900}", "+limits.budgets.buyer={money: 4000, every: 7}"])  # fmt: skip
    terms = "limits.joint.dc.supplier_1"
    cost, least, wait = (f"{terms}.{name}" for name in ("joint_cost", "least_volume", "wait"))
    found = {name: slider for name, slider in what_if.offer.sliders.items() if name.startswith("limits")}
    assert {name: (each.start, each.high) for name, each in found.items()} == {
        cost: (30, 120), least: (10, 40), wait: (2, 14), "limits.sites.dc.space": (900, 3600),
        "limits.budgets.buyer.money": (4000, 16000),
    }  # fmt: skip
    dear = what_if.offer.moved(what_if.offer.moved(what_if.offer.start, least, 40), cost, 60)
    assert f"{least}=40" in words_that_say_so(what_if, dear)
    usual, held = (what_if.whole(choice).outcomes["just_in_time"] for choice in (what_if.offer.start, dear))
    assert held.value("joint_orders_a_year")[0] < usual.value("joint_orders_a_year")[0]
    assert held.value("joint_order_cost")[0] == pytest.approx(60 * held.value("joint_orders_a_year")[0])


def test_sliders_of_allocation_are_the_settings_of_their_command_and_do_what_they_say():
    short = ["replications=4", "days=84", "warm_up=0", "opening_days=4", "policy=just_in_time_with_cover",
             "policy.just_in_time_with_cover.cover_days=60", "scenario.suppliers=1",
             "+limits.suppliers.supplier_1={capacity: 20}"]  # fmt: skip
    fewest, books, every = "scenario.allocation", "scenario.allocation_sees", "records.reconcile_every"
    usual = WhatIf([*CHAIN, *short])
    assert {name for name in usual.offer.sliders if name.startswith("scenario")} == {fewest}
    fair = usual.offer.moved(usual.offer.start, fewest, 1)
    assert f"{fewest}=fair_share" in words_that_say_so(usual, fair)
    assert usual.offer.moved(fair, fewest, 0) == usual.offer.start
    assert "A short DC fills up who has the fewest days yes" in in_words(usual.offer, fair)
    by_shelf = WhatIf([*CHAIN, *short, "scenario.allocation=fair_share"])
    assert {name for name in by_shelf.offer.sliders if name.startswith("scenario")} == {books}

    def served(what_if, choice):
        return what_if.whole(choice).outcomes["just_in_time_with_cover"].value("fill_rate")[0]

    assert served(usual, fair) == served(by_shelf, by_shelf.offer.start) != served(usual, usual.offer.start)
    late = by_shelf.offer.moved(by_shelf.offer.start, every, 7)
    by_books = by_shelf.offer.moved(late, books, 1)
    assert {f"{books}=record", f"{every}=7"} < {*words_that_say_so(by_shelf, by_books)}
    assert served(by_shelf, by_books) < served(by_shelf, late)


@pytest.mark.parametrize("words, shown", [
    ([], {"scenario.allocation"}),
    (["scenario.allocation=fair_share", "scenario.allocation_sees=record"], {"scenario.allocation_sees"}),
    (["scenario.allocation=min_max_shortfall", "scenario.target_days=9"],
     {"scenario.allocation_sees", "scenario.target_days"}),
    (["scenario.dc=false"], set()),
])  # fmt: skip
def test_sliders_of_allocation_are_those_of_the_rule(words, shown):
    what_if = WhatIf([*CHAIN, *words])
    found = {name: slider for name, slider in what_if.offer.sliders.items() if name.startswith("scenario")}
    assert {*found} == shown
    if "scenario.target_days" in shown:
        assert (found["scenario.target_days"].start, found["scenario.allocation_sees"].start) == (9, 0)
    elif "scenario.allocation_sees" in shown:
        assert found["scenario.allocation_sees"].start == 1
        by_shelf = what_if.offer.moved(what_if.offer.start, "scenario.allocation_sees", 0)
        assert "scenario.allocation_sees=stock" in words_that_say_so(what_if, by_shelf)


@pytest.mark.parametrize("words, shown", [
    ([], {"events"}),
    (["transfers.regions=by_dc", "transfers.overnight={low: 1, to: 3}"],
     {"events", "transfers.at_once", "transfers.cost_per_unit", "transfers.cost_per_line"}),
    (["events=[{kind: outage, supplier: supplier_1, start: 3, days: 2}]"], {"supply_risk.active"}),
])  # fmt: skip
def test_sliders_are_there_where_they_have_something_to_move(words, shown):
    sliders = WhatIf([*CHAIN, *words]).offer.sliders
    assert {name for name in sliders if name.startswith(("transfers", "supply_risk", "events"))} == shown


def test_settings_read_again_are_the_same(shop):
    with composing(None) as compose:
        found = compose(SMALL)
    assert settings_from(plain(found)) == found


@pytest.mark.parametrize("scenario", ["one_store", "boutique"])
def test_the_page_shows_what_the_command_prints(scenario, tmp_path, monkeypatch, capsys):
    """Bit by bit: the chain's figures and the paired differences of its tables."""
    monkeypatch.chdir(tmp_path)
    what_if = WhatIf([f"scenario={scenario}", "replications=9", "days=28", "policy=[buffer,base_stock]"])
    choice = what_if.offer.start
    for setting, value in (
        ("demand.cv_factor", "1.5"), ("shrinkage.of_sales", "0.01"), ("shelf_life.days", "9"),
        ("policy.buffer.target", "0.9"), ("costs.carrying_rate", "0.3"),
    ):  # fmt: skip
        choice = what_if.offer.moved(choice, setting, value)
    shown = what_if.whole(choice)
    words = shlex.split(what_if.command(choice))
    assert words[0] == "restock" and main([*words[1:], "figures=false"]) == 0
    printed = capsys.readouterr().out
    for card in cards(shown, what_if.replications):  # word for word, but for the half-width of the stock
        for name, figure in card.figures:
            assert (figure.split(" ± ")[0] if name == "stock at cost" else figure.rstrip("%")) in printed
    (folder,) = Path("runs").glob("*/*")
    chain = pd.read_parquet(folder / "tables" / "chain.parquet")
    pd.testing.assert_frame_equal(shown.table("chain"), chain, check_exact=True, check_dtype=False)
    table = pd.read_parquet(folder / "tables" / "differences.parquet")
    table = table[table["level"] == "chain"].reset_index(drop=True)
    mine = shown.differences()
    pd.testing.assert_frame_equal(mine, table[list(mine)], check_exact=True, check_dtype=False)


def test_a_scenario_in_a_folder_is_shown_as_the_command_runs_it(tmp_path, monkeypatch):
    """With items that some site does not stock: the page of days begins at one that does."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "export"
    folder.mkdir()
    days = pd.date_range("2024-01-01", periods=56)
    tables = {
        "items": pd.DataFrame({"sku": ["milk", "tea"], "supplier": "V1", "unit_cost": 1.0, "unit_price": 1.5}),
        "locations": pd.DataFrame(
            {"location": ["north", "south", "V1"], "kind": ["store", "store", "supplier"], "served_by": ""}
        ),
        "sales": pd.concat(
            pd.DataFrame({"date": days, "location": site, "sku": sku, "units": [3, 5, 2, 8, 0, 4, 6] * 8})
            for sku, site in (("milk", "south"), ("tea", "north"))
        ),
    }
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    assert main(["calibrate", "export", "output=mine", "record=sale"]) == 0
    what_if = WhatIf(
        ["scenario=folder", "scenario.path=mine", "replications=5", "days=28", "policy=[buffer,base_stock]"]
    )
    assert first_site(what_if.scenario) == {"milk": "south", "tea": "north"}[what_if.scenario.items[0].name]
    choice = what_if.offer.moved(what_if.offer.start, "lead_time_factor", "2")
    shown = what_if.whole(choice)
    assert main([*shlex.split(what_if.command(choice))[1:], "figures=false"]) == 0
    (run,) = Path("runs").glob("*/*")
    chain = pd.read_parquet(run / "tables" / "chain.parquet")
    pd.testing.assert_frame_equal(shown.table("chain"), chain, check_exact=True, check_dtype=False)


def test_curves_are_those_of_the_command(shop):
    """Of tables/curves: each policy along its own setting, wherever that stands on the page."""
    choice = shop.offer.moved(shop.offer.start, "policy.buffer.target", "0.6")
    found = dict(shop.curves(choice))
    table = load("one_store", replications=9, days=28, warm_up=7).equal_service().points()
    for label, points in found.items():
        mine = table[(table["policy"] == label)]
        stock = mine[mine["measure"] == "average_inventory_value"]["estimate"]
        served = mine[mine["measure"] == "fill_rate"]["estimate"]
        assert [point[0] for point in points] == [round(value, 2) for value in stock]
        assert [point[1] for point in points] == [round(100 * max(1 - value, 1e-5), 4) for value in served]
    assert list(found) == list(choice.policies) and dict(shop.curves(choice)) == found


def test_every_policy_can_be_moved_but_those_of_a_file():
    assert set(OF_POLICY) == {*described("policy")} - {"just_in_time_with_cover"}
    assert {name for name, sliders in OF_POLICY.items() if not sliders} == {*NOT_OFFERED}


@pytest.mark.parametrize("scenario", ["one_store", "regional_chain"])
def test_every_slider_can_stand_at_both_ends(scenario):
    """And the settings there are ones that the model takes, or refuses in words."""
    of = [*CHAIN[1:], "transfers.regions=by_dc"] if scenario == "regional_chain" else []
    what_if = WhatIf([f"scenario={scenario}", *of, "replications=1", "days=7", "warm_up=0"], Lab(steps=()))
    refused = []
    for slider in what_if.offer.sliders.values():
        for end in (slider.low, slider.high):
            choice = what_if.offer.moved(what_if.offer.start, slider.setting, end)
            shown = slider.group if slider.setting.startswith("policy.") else "buffer"
            try:
                what_if.whole(what_if.offer.with_policies(choice, [shown]))
            except InputError as error:
                refused.append(f"{slider.setting}={end}: {error}")
    assert refused == []


@pytest.mark.parametrize(
    "query, message",
    [
        ("demand.cv_factor=9", "demand.cv_factor must be a number from 0.5 to 2.5, got '9'"),
        ("demand.cv_factor=nan", "demand.cv_factor must be a number from 0.5 to 2.5, got 'nan'"),
        ("demand.cv_factor=" + "1" * 99, "demand.cv_factor must be a number from 0.5 to 2.5, got '" + "1" * 24 + "'"),
        ("records.lag=1.5", "records.lag must be a whole number from 0 to 7, got '1.5'"),
        ("scenario.path=/etc", "setting 'scenario.path' of this page is unknown; choose from: costs.backorder_cost_"),
        ("policies=levels", "policy 'levels' is unknown; choose from: abc_tiered"),
        ("policies=os.system", "policy 'os.system' is unknown"),
        ("policies=", "policy '' is unknown"),
        ("policy.buffer.name=mine.Evil", "setting 'policy.buffer.name' of this page is unknown"),
        ("seed=-1", "seed must be a whole number from 0 to 2147483647, got '-1'"),
        ("seed=٣", "seed must be a whole number from 0 to 2147483647, got '٣'"),
        ("seed=1&seed=2", "seed is given twice in the link"),
        ("pinned.seed=x", "seed must be a whole number from 0 to 2147483647, got 'x'"),
        ("seed", "a link holds settings as name=value, joined by &"),
        ("seed=1&" + "x" * 5000, "a link must not exceed 4000 characters, got 5007"),
    ],
)
def test_links_hold_what_is_offered_and_nothing_else(shop, query, message):
    with pytest.raises(InputError) as refused:
        shop.offer.read(query)
    assert str(refused.value).startswith(message) and "\n" not in str(refused.value)


def test_words_say_what_is_moved(shop):
    choice = Choice(("buffer",), {"demand.cv_factor": 1.5, "policy.buffer.target": 0.985, "records.lag": 1})
    assert in_words(shop.offer, choice) == (
        "Variation of demand 1.5×; Books lag behind 1 day; buffer: Service target 98.5%"
    )
    assert in_words(shop.offer, shop.offer.start) == "as the scenario has it"
    hidden = Choice(("base_stock",), {"policy.buffer.target": 0.985})
    assert in_words(shop.offer, hidden) == "as the scenario has it"
    assert "target" not in shop.command(hidden)


def test_a_setting_moved_back_is_not_moved(shop):
    choice = shop.offer.moved(shop.offer.start, "demand.cv_factor", "1.5")
    assert shop.offer.moved(choice, "demand.cv_factor", "1.0") == shop.offer.start


@pytest.mark.parametrize(
    "words, message",
    [
        (["scenario=nowhere"], "scenario 'nowhere' is unknown"),
        (["scenario=one_store", "precision.relative=0.1"], "restock workshop takes no precision, no selection"),
        (["scenario=one_store", "executor=dask"], "restock workshop runs in this process: executor=threads or serial"),
        (["-m", "scenario=one_store"], "restock workshop shows one scenario: it goes without -m"),
    ],
)
def test_what_a_workshop_cannot_do_is_refused(words, message):
    with pytest.raises(InputError, match=message):
        WhatIf(words)


def test_every_slider_has_a_name_of_its_own():
    assert len({slider.name for slider in WORLD}) == len(WORLD)
    for sliders in OF_POLICY.values():
        assert len({slider.name for slider in sliders}) == len(sliders)
