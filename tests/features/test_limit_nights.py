"""Limits night by night: read off one replication, equal to its books, and drawn week by week."""

import numpy as np
import pandas as pd
import pytest
from chains import RICH, small_chain
from test_shared_limits import TIGHT, steady

from restock.experiments import tracing
from restock.experiments.cli import main
from restock.policies.base_stock import BaseStock
from restock.sim.features.limits.figure import MOST, utilisation
from restock.sim.features.limits.nights import COLUMNS, CountedRun, limit_nights, limit_totals, limit_weeks, words_of
from restock.sim.features.limits.settings import Limits
from restock.sim.measures.ledger import named
from restock.sim.planning.prepared import Prepared


def nights_of(scenario, policy=None, only=None):
    prepared = Prepared(scenario)
    plan = prepared.plan(policy or BaseStock(base_stock_level=20))
    return (run := CountedRun(prepared, plan, 1, 0, only).run()), limit_nights(run)


def rows(nights, *columns, days=4):
    return nights[list(columns)].head(days).astype(int).to_numpy().tolist()


def test_a_truck_that_waits_and_one_that_is_full():
    """Six volumes a day: a load of 15 is there on the third night; a truck of 5 is full every night, the rest waits."""
    _, waits = nights_of(steady().having(Limits(trucks={"dc": {"capacity": 100, "minimum": 15, "wait": 9}})))
    assert rows(waits, "asked", "moved", "waited", "bound", "trucks") == [
        [6, 0, 1, 0, 0], [12, 0, 1, 0, 0], [18, 18, 0, 0, 1], [6, 0, 1, 0, 0]]  # fmt: skip
    _, full = nights_of(steady(days=7, rates=(8, 0)).having(Limits(trucks={"dc": {"capacity": 5, "per_night": 1}})))
    assert rows(full, "asked", "moved", "waited", "bound", days=3) == [[8, 5, 0, 1], [11, 5, 0, 1], [14, 5, 0, 1]]
    _, days = nights_of(steady().having(Limits(trucks={"dc": {"capacity": 100, "days": ["mon", "thu"]}})))
    assert rows(days, "moved", "capacity", "bound") == [[6, 100, 0], [0, 0, 0], [0, 0, 0], [18, 100, 0]]


def test_what_a_site_handles_counts_lanes_whose_trucks_leave():
    scenario = steady(days=2, stores=2, rates=(6, 0)).having(
        Limits(sites={"dc": {"handling": 8}}, trucks={"dc": {"capacity": 9, "minimum": 6}}))  # fmt: skip
    _, found = nights_of(scenario)
    assert found["kind"].tolist() == ["handling", "trucks", "trucks"] * 2
    assert rows(found, "asked", "moved", "capacity", "bound", days=3) == [[12, 8, 8, 1], [6, 4, 9, 0], [6, 4, 9, 0]]
    terms = {"capacity": 9, "minimum": 9, "wait": 5}
    waiting = scenario.having(Limits(sites={"dc": {"handling": 8}}, trucks={"dc": terms}))
    assert rows(nights_of(waiting)[1], "asked", "moved", "waited", days=3) == [[0, 0, 0], [6, 0, 1], [6, 0, 1]]


def test_nights_add_up_to_the_books_of_the_replication():
    scenario = small_chain().scenario.having(Limits(**TIGHT))
    run, found = nights_of(scenario, RICH)
    measured = found[found["day"] >= scenario.warm_up]
    book = {name: column.sum(axis=0) for name, column in named(run.ledger).items()}  # by site
    trucks = measured[measured["kind"] == "trucks"].groupby("limit", sort=False)[["moved", "asked", "trucks"]].sum()
    stores = [site.name for site in scenario.sites[1:]]
    assert trucks.loc[stores, "moved"].tolist() == book["truck_load"][1:].tolist()
    assert (1000 * trucks.loc[stores, "trucks"]).tolist() == book["trucks"][1:].tolist()
    assert (trucks["asked"] - trucks["moved"]).loc[stores].tolist() == book["left_behind"][1:].tolist()
    ships = measured[measured["kind"] == "supplier"]
    assert (ships["asked"] - ships["moved"]).sum() == book["left_at_supplier"].sum() > 0
    assert (measured["moved"] <= measured["capacity"]).all()
    assert measured.groupby("kind")["bound"].any().all()
    totals = limit_totals(found, scenario.warm_up).set_index("limit")
    room = book["truck_room"][1:] / 1000
    np.testing.assert_allclose(totals.loc[stores, "truck_fill"], book["truck_load"][1:] / room)


def test_a_log_of_one_item_changes_no_book():
    scenario = small_chain(items=4).scenario.having(Limits(**TIGHT))
    (whole, of_all), (alone, of_one) = nights_of(scenario, RICH), nights_of(scenario, RICH, only=2)
    assert (whole.ledger == alone.ledger).all()
    pd.testing.assert_frame_equal(of_all, of_one)
    assert {entry.item for entry in alone.log} == {day.item for day in alone.daily} == {"item_2"}
    assert [entry for entry in whole.log if entry.item == "item_2"] == alone.log


def made(*limits, weeks=2, asked=8):
    """Nights of limits of 10 a night, each bound every night or not."""
    out = []
    for day in range(7 * weeks):
        for kind, name, bound in limits:
            load = 12 if bound else asked
            out.append((day, kind, name, load, min(load, 10), 10, bound, False, 1 if kind == "trucks" else 0, 20))
    return pd.DataFrame(out, columns=list(COLUMNS))


def test_the_figure_draws_what_was_used_and_where_it_bound():
    nights = made(("supplier", "dairy", False), ("handling", "dc", True), ("trucks", "shop", False))
    figure = utilisation(nights, "lean")
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["dairy ships", "dc handles", "trucks to shop"]
    np.testing.assert_allclose(axes.collections[0].get_array(), [[80, 80], [100, 100], [80, 80]])
    assert axes.collections[1].get_offsets().tolist() == [[1, 1], [2, 1]]  # week, row
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["used", "80%", "100%", "80%", "nights\nit bound", "0%", "100%", "0%", "trucks\nfull by", "", "",
                     "40%"]  # fmt: skip
    assert words_of(nights) == "dc handles: it bound on 100% of nights, most often of 3 limits; 2 never did"
    assert words_of(made(("trucks", "shop", False))) == "no limit bound on any night"
    assert limit_weeks(nights, warm_up=7)["week"].unique().tolist() == [1]
    assert utilisation(nights.head(0), "none") is None


def test_of_many_limits_those_that_bind_most_are_drawn():
    many = [("trucks", f"a_store_with_quite_a_long_name_{k:02}", k >= 10) for k in range(MOST + 6)]
    figure = utilisation(made(*many), "lean")
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert len(names) == len(set(names)) == MOST and max(map(len, names)) == 34
    assert len(figure.axes[0].collections[1].get_offsets()) == 2 * 30
    assert any(f"of {MOST + 6} limits the {MOST} that bind most" in text.get_text() for text in figure.texts)


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_trace_of_a_large_chain_runs_all_items_that_share_limits(elsewhere, monkeypatch, capsys):
    """An item alone would have all of the truck: it would not be what the compiled engine says of it."""
    monkeypatch.setattr(tracing, "WHOLE", 1)
    words = ["trace", "scenario=regional_chain", "scenario.stores=2", "scenario.items=6", "policy=base_stock",
             "days=28", "warm_up=7", "+limits.trucks.dc={capacity: 20, minimum: 10, wait: 1}"]  # fmt: skip
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "traced: this item at every site" in said
    assert "limits, of nights with something to move: trucks to store_" in said
    assert "of nights, most often of 2 limits; " in said
    (folder,) = elsewhere.glob("runs/*/*")
    table = pd.read_csv(folder / "tables" / "limits.csv")
    assert list(table) == [COLUMNS[0], "date", *COLUMNS[1:]] and table["day"].min() == -7 and len(table) == 2 * 35
    assert (folder / "figures" / "limits.png").is_file()
    assert pd.read_csv(folder / "tables" / "events.csv")["item"].nunique() == 1


def test_space_and_budgets_stand_among_the_limits_of_a_night():
    """36 units have space; six are sold an evening of 40, so that 34 are there: see `test_order_limits`."""
    tight = steady(dc=False, days=3).having(Limits(sites={"store_0": {"space": 36}}))
    _, found = nights_of(tight)
    assert found["kind"].tolist() == ["space"] * 3 and found["limit"].tolist() == ["store_0"] * 3
    assert rows(found, "asked", "moved", "capacity", "bound", days=3) == [
        [40, 36, 36, 1],
        [40, 36, 36, 1],
        [40, 36, 36, 1],
    ]
    assert words_of(found) == "space of store_0: it bound on 100% of nights"
    scenario = steady(dc=False, days=7)
    items = [item.having(unit_cost=10.0) for item in scenario.items]
    bought = scenario.having(Limits(budgets={"buyer": {"money": 100, "every": 3, "share": "priority"}}), items=items)
    _, found = nights_of(bought)
    assert rows(found, "day", "moved", "capacity", "bound", days=3) == [
        [2, 100, 100, 1],
        [5, 100, 100, 1],
        [6, 100, 100, 1],
    ]
    assert found["asked"].tolist() == [100 + 80, 100 + 160, 100 + 120]  # with what its dearest evening went without
    assert words_of(found) == "budget buyer: it bound on 100% of its periods"
