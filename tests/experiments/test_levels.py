"""Levels out of a run and into another: the same trajectories, harmless in a spreadsheet, and faults named by row."""

import dataclasses
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import python_calamine
import yaml

from restock.experiments.cli import main
from restock.experiments.levels_out import level_table, moving, write_levels
from restock.policies.abc_tiered import AbcTiered
from restock.policies.adaptive import Adaptive
from restock.policies.base_stock import BaseStock
from restock.policies.catalogue import make_policy
from restock.policies.just_in_time import JustInTime
from restock.policies.levels import Levels
from restock.policies.reorder_point import ReorderPoint
from restock.sim.engines.events.engine import run_events
from restock.sim.errors import InputError
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Empirical, NegativeBinomial
from restock.sim.run.shards import run_kernel
from restock.sim.study.compare import evaluate

NAMES = ("milk", "=1+1", "0012")
POLICIES = [
    ReorderPoint(lots=True),
    AbcTiered(tiers={"A": {"name": "buffer", "target": 0.9}, "other": {"name": "base_stock", "review_period": 7}}),
    JustInTime(cover_days=2.0, at_dcs={"name": "reorder_point", "lots": True, "order_days": 14.0}),
]


@pytest.fixture
def chain():
    """Two stores behind a DC; items counted in sixes, named like a formula, and with zeros in front of a code."""
    items = [dataclasses.replace(Item(name), counted_in=6.0 if name == "milk" else 1.0) for name in NAMES]
    sites = [Site("dc", kind="dc"), Site("east", served_by="dc"), Site("west", served_by="dc")]
    lanes = [Lane("supplier", "dc", Constant(5)), *(Lane("dc", name, Constant(1)) for name in ("east", "west"))]
    demand = {(name, site): NegativeBinomial(4.0, 0.3) for name in NAMES for site in ("east", "west")}
    return Prepared(scenario_of("chain", items, sites, lanes, demand, days=84, warm_up=14))


def written(prepared, policies, folder):
    outcomes = [evaluate(prepared, policy, 4, 1, levels=("chain", "cell"), label=label)
                for label, policy in policies.items()]  # fmt: skip
    write_levels(level_table(outcomes), folder)
    return outcomes


def of_conf():
    """Every policy of conf/policy as it is set, but for levels, and those that move or have their own rule."""
    out = {}
    for path in sorted((Path(__file__).parents[2] / "conf" / "policy").glob("*.yaml")):
        settings = yaml.safe_load(path.read_text())
        if settings["name"] not in (*MOVE, *OWN_RULE):
            out[path.stem] = make_policy({key: value for key, value in settings.items() if key != "along"})
    return out


MOVE = ("adaptive", "anchor_and_adjust", "levels", "predictive")
OWN_RULE = ("dual_index", "echelon_base_stock", "tailored_base_surge")
STILL = of_conf() | {
    "lots": ReorderPoint(lots=True, review_period=3),
    "mixed": AbcTiered(tiers={"A": {"name": "reorder_point", "lots": True, "review_period": 2}, "B": {"name": "buffer"},
                              "other": {"name": "base_stock", "review_period": 7}}),
    "by_place": POLICIES[2],
}  # fmt: skip


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """A chain with packs, minimum orders, ordering days and parts of a unit; all still policies' levels in one file."""
    counted = {"milk": (6.0, 1), "=1+1": (1.0, 4), "0012": (0.1, 1)}
    items = [dataclasses.replace(Item(name, unit_cost=cost), counted_in=counted[name][0], pack=counted[name][1],
                                 minimum_order=3 if name == "milk" else 0)
             for name, cost in zip(NAMES, (1.0, 20.0, 3.0), strict=True)]  # fmt: skip
    sites = [Site("dc", kind="dc"), Site("east", served_by="dc"), Site("west", served_by="dc")]
    lanes = [
        Lane("supplier", "dc", Empirical((3, 5, 9), (1, 1, 1)), order_days=("mon", "thu")),
        Lane("dc", "east", Constant(1)),
        Lane("dc", "west", Empirical((1, 2), (1, 1)), order_days=("tue", "fri")),
    ]
    mean = dict(zip(NAMES, (4.0, 0.4, 30.0), strict=True))
    demand = {(name, site): NegativeBinomial(mean[name], 0.3) for name in NAMES for site in ("east", "west")}
    prepared = Prepared(scenario_of("chain", items, sites, lanes, demand, days=84, warm_up=14))
    folder = tmp_path_factory.mktemp("levels")
    written(prepared, STILL, folder)
    return prepared, folder / "levels.csv"


@pytest.mark.parametrize("name", STILL)
def test_levels_played_again_give_the_same_trajectories_bit_for_bit(worked, name):
    prepared, file = worked
    plan, again = prepared.plan(STILL[name]), prepared.plan(Levels(file=str(file), of=name))
    first = run_kernel(prepared, plan, 1, 3).ledger
    assert first.any() and (run_kernel(prepared, again, 1, 3).ledger == first).all()
    assert (run_events(prepared, plan, 1, 3).ledger == first).all()
    assert (run_events(prepared, again, 1, 3).ledger == first).all()


def test_the_table_is_in_true_units_and_expects_what_the_run_gave(chain, tmp_path):
    (outcome,) = written(chain, {"one": POLICIES[0]}, tmp_path)
    table = pd.read_csv(tmp_path / "levels.csv", dtype={"item": str}).set_index(["item", "site"])
    plan = outcome.plan
    assert table.loc[("milk", "east"), "reorder_point"] == 6 * plan.levels[0]["reorder_point"][0, 1]
    assert table.loc[("0012", "east"), "reorder_point"] == plan.levels[0]["reorder_point"][2, 1]
    row = table.loc[("0012", "west")]
    assert row["demand_per_day"] == pytest.approx(4.0) and row["lead_time_demand"] == pytest.approx(4.0)
    assert row["safety_stock"] == pytest.approx(row["reorder_point"] - 4.0)
    moments = outcome.rollup.moments["cell"]  # cells in the order of items and sites
    x, y = moments.mean[8, 0]
    assert row["fill_rate"] == pytest.approx(x / y, abs=1e-4)
    assert row["fill_rate_low"] < row["fill_rate"] < row["fill_rate_high"] <= 1


def test_a_spreadsheet_runs_no_formula_and_keeps_codes_as_text(chain, tmp_path):
    written(chain, {"one": POLICIES[0]}, tmp_path)
    assert "'=1+1" in (tmp_path / "levels.csv").read_text()
    sheet = openpyxl.load_workbook(tmp_path / "levels.xlsx")["levels"]
    assert sheet.freeze_panes == "D2" and [cell.value for cell in sheet[1]][:3] == ["policy", "item", "site"]
    cells = {cell.value: cell for row in sheet.iter_rows(min_row=2, min_col=2, max_col=2) for cell in row}
    assert set(cells) == set(NAMES) and {cell.data_type for cell in cells.values()} == {"s"}
    shapes = {cell.value: sheet.cell(2, k).number_format for k, cell in enumerate(sheet[1], start=1)}
    assert shapes["fill_rate"] == "0.00%" and shapes["reorder_point"] == "#,##0"


def test_another_reader_of_workbooks_finds_the_same(chain, tmp_path):
    written(chain, {"one": POLICIES[0]}, tmp_path)
    sheet = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "levels.xlsx")).get_sheet_by_name("levels")
    header, *rows = sheet.to_python()
    table = pd.read_csv(tmp_path / "levels.csv", dtype={"item": str})
    assert header == list(table.columns) and [row[1] for row in rows[:4]] == ["milk", "milk", "milk", "=1+1"]
    assert [row[header.index("fill_rate")] for row in rows] == table["fill_rate"].tolist()


def test_the_workbook_is_played_as_the_csv_file_is(chain, tmp_path):
    written(chain, {"one": POLICIES[1]}, tmp_path)
    first, again = (chain.plan(Levels(file=str(tmp_path / f"levels.{ending}"))) for ending in ("csv", "xlsx"))
    for one, other in zip(first.levels, again.levels, strict=True):
        assert all((one[name] == other[name]).all() for name in one)
    assert (first.rule_of == again.rule_of).all() and (first.review_period == again.review_period).all()


def test_levels_as_erp_systems_write_them(chain, tmp_path):
    """Their own names of columns, semicolons, a title above the header, decimal commas, thousands."""
    file = tmp_path / "erp.csv"
    rows = [f"{name};{site};1.200,0;2.400,00" for name in ("milk", "'=1+1", "0012") for site in ("dc", "east", "west")]
    file.write_text(
        "\n".join(["Reorder rules", "Item No.;Location Code;Minimum Quantity;Maximum Inventory", *rows, ""])
    )
    plan = chain.plan(Levels(file=str(file)))
    assert plan.levels[0]["reorder_point"].tolist() == [[200] * 3, [1200] * 3, [1200] * 3]  # milk: counted in sixes
    assert plan.levels[0]["order_up_to_level"][1].tolist() == [2400] * 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("item;site;min;max\nmilk;dc;1,234;2,345\n",
         "FILE: '1,234' may be two numbers, and nothing in the file decides: write it without separators of thousands"),
        ("min,max,part\n1,2,3\n", "FILE: column 'item' is missing; it has min, max, part"),
        ("product,material,site,min,max\nmilk,milk,dc,1,2\n",
         "FILE: columns product and material may both be item; leave one"),
        ("item,site,min,max\nmilk,dc,1,2\nmilk,dc,1\nmilk,dc,3,4\n",
         "policy.levels.file: FILE row 3: has 3 fields, the header 4 (given 'milk,dc,1')"),
        ("item,site,min,max\nmilk,dc,1\n",
         "policy.levels.file: 'FILE': rows have 3 fields, the header 4 (first: row 2, 'milk,dc,1'); does a name or a "
         "number hold the separator, without quotes?"),
        ("", "policy.levels.file: 'FILE' is empty"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_of_levels_is_one_line(chain, tmp_path, text, message):
    file = tmp_path / "levels.csv"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        chain.plan(Levels(file=str(file)))
    assert str(caught.value).replace(str(file), "FILE").replace(f"{file.name} row", "FILE row") == message


def test_a_rule_of_its_own_is_no_row_whatever_its_levels_are_called(chain, tmp_path):
    (outcome,) = written(chain, {"hers": Hers()}, tmp_path)
    assert len(level_table([outcome])) == 0 and "hers" in moving([outcome])[0]


@dataclasses.dataclass(frozen=True)
class Hers(BaseStock):
    """Orders twice what is missing to its level."""

    @staticmethod
    def rule(view, levels):
        return 2 * max(0, levels.base_stock_level - view.inventory_position)


def test_classes_are_the_policys_own_or_those_by_usage_value(worked):
    classes = pd.read_csv(worked[1]).groupby("policy")["class"].unique().map(sorted)
    assert classes["mixed"] == classes["buffer"] == ["A", "B", "C"]


def test_levels_that_move_are_left_out_and_said(chain, tmp_path):
    (outcome,) = written(chain, {"learns": Adaptive()}, tmp_path)
    assert len(level_table([outcome])) == 0
    said = ("tables/levels leaves out 9 cells of policy 'learns': their levels move from day to day, or their rule is "
            "one of its own")  # fmt: skip
    assert moving([outcome]) == [said]


GOOD = "item,site,reorder_point,order_up_to_level,order_quantity,base_stock_level,review_period\n"
ROWS = [f"{name},{site},12,24,,,1" for name in ("milk", "'=1+1", "0012") for site in ("dc", "east", "west")]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "mlik,dc,1,2,,,1",
            "item 'mlik' in FILE row 11 is unknown; did you mean 'milk'? choose from: 0012, =1+1, milk",
        ),
        ("milk,north,1,2,,,1", "site 'north' in FILE row 11 is unknown; choose from: dc, east, west"),
        ("milk,dc,6,12,,,1", "FILE row 11: item 'milk' at site 'dc' has levels already"),
    ],
)
def test_a_row_too_many_is_named(chain, tmp_path, row, message):
    assert refused(chain, tmp_path, [*ROWS, row]) == message


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("0012,west,9,3,,,1", "FILE row 10: reorder_point 9 is above order_up_to_level 3"),
        ("0012,west,-1,3,,,1", "FILE row 10: reorder_point must be a number of units from 0 to 268,435,456, got -1"),
        ("0012,west,a,3,,,1", "FILE row 10: reorder_point must be a number of units from 0 to 268,435,456, got a"),
        ("0012,west,1.5,3,,,1", "FILE row 10: reorder_point must be a whole number, got 1.5"),
        ("0012,west,,,,,1", "FILE row 10 has no level; give reorder_point and order_up_to_level; or reorder_point and "
                            "order_quantity; or base_stock_level"),
        ("0012,west,3,,0,,1", "FILE row 10: order_quantity must be above 0, got 0"),
        ("0012,west,3,9,,,0", "FILE row 10: review_period must be whole days from 1 to 366, got 0"),
        (None, "FILE: 1 cells have no levels, the first of them item '0012' at site 'west'"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_one_line(chain, tmp_path, row, message):
    assert refused(chain, tmp_path, [*ROWS[:-1], *([row] if row else [])]) == message


def test_units_that_an_item_is_not_counted_in_are_refused(chain, tmp_path):
    rows = ["milk,dc,12,25,,,1", *ROWS[1:]]
    said = "FILE row 2: order_up_to_level must be a whole number times 6, the unit that the item is counted in, got 25"
    assert refused(chain, tmp_path, rows) == said


def refused(chain, folder, rows):
    file = folder / "levels.csv"
    file.write_text(GOOD + "\n".join(rows))
    with pytest.raises(InputError) as caught:
        chain.plan(Levels(file=str(file)))
    return str(caught.value).replace(str(file), "FILE")


def test_the_commands_as_documented(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    small = ["scenario=one_store", "replications=4", "days=56", "warm_up=0", "figures=false"]
    assert main(["run", "policy=buffer", *small, "for_erp=true", "hydra.run.dir=first"]) == 0
    words = ["policy=levels", "policy.levels.file=first/tables/levels.csv", "hydra.run.dir=again"]
    assert main(["run", *small, *words]) == 0
    first, again = (pd.read_csv(f"{name}/tables/chain.csv").drop(columns="policy") for name in ("first", "again"))
    pd.testing.assert_frame_equal(first, again)
    assert main(["compare", *small, "policy=[buffer,levels]", words[1], "hydra.run.dir=both"]) == 0
    assert "no difference shown" in capsys.readouterr().out
    capsys.readouterr()
    assert main(["run", *small, "policy=levels"]) == 2
    assert capsys.readouterr().err == "restock: policy.levels.file must be given: policy.levels.file=...\n"
    assert main(["run", *small, "policy=levels", "policy.levels.file=none.csv"]) == 2
    assert "policy.levels.file: 'none.csv' cannot be read: No such file" in capsys.readouterr().err
    assert np.isfinite(pd.read_csv("first/tables/levels.csv")["average_stock"]).all()
