"""Kernels written for the features of a run: what stands in them, where they lie, and that they all give the same."""

from __future__ import annotations

import ast
import dataclasses
import os
import subprocess
import sys
from operator import attrgetter
from pathlib import Path
from types import SimpleNamespace

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import ByTheDay, OneNumber, policies, scenarios

from restock.policies.adaptive import Adaptive
from restock.policies.base_stock import BaseStock
from restock.policies.buffer import Buffer
from restock.policies.just_in_time import JustInTime
from restock.policies.reorder_point import ReorderPoint
from restock.sim.compiling.marks import compiled_sources
from restock.sim.engines.kernel.rows import OTHER_ROWS
from restock.sim.engines.rules.compiled_rules import plan_arrays
from restock.sim.engines.writer import written
from restock.sim.engines.writer.features import ALL, WITHOUT_FEATURE, kernel_features
from restock.sim.engines.writer.folding import folded
from restock.sim.engines.writer.parts import MARKS, read_parts
from restock.sim.engines.writer.points import Points
from restock.sim.engines.writer.steps import LANES, STEPS
from restock.sim.engines.writer.writer import written_kernel
from restock.sim.engines.writer.written import kernel_of
from restock.sim.features.records.settings import Records
from restock.sim.model.demand_events import Promotion
from restock.sim.model.network import Item
from restock.sim.planning.prepared import Prepared
from restock.sim.run.meanwhile import by_events
from restock.sim.run.shards import run_kernel
from restock.sim.study.compare import evaluate

REPOSITORY = Path(__file__).parents[2]
COMES_WITH = {
    "late_records": "records",
    "wrong_scans": "records",
    "joint_orders": "limits",
    "space_and_budgets": "limits",
}
PLAIN = [BaseStock(), ReorderPoint(), Buffer(), JustInTime()]
WORDS_OF = {
    "records": ("b_gaps", "shrinkage", "counting", "record_loops"),
    "late_records": ("b_past", "look_back"),
    "wrong_scans": ("misscan", "scan_key"),
    "returns": ("return_key", "b_coming"),
    "shelf_life": ("b_shelf", "expiry"),
    "seasons": ("season_end", "clearance"),
    "cost_flow": ("b_moves", "b_unit_costs"),
    "memory": ("b_lessons", "b_news"),
    "moves_together": ("follow_factor", "b_factor_key"),
    "echelon": ("position_of_those_below", "plan_echelon_level"),
    "levels_by_day": ("level_rows", "plan_by_day"),
    "transfers": ("b_moving", "balance_region"),
    "channels": ("b_channel_asked", "serve_by_rank"),
    "allocation": ("share_out_by_need", "b_wanted_here"),
    "misallocation": ("note_misallocated", "b_short_below"),
    "push": ("push_goods", "b_pushed"),
    "order_terms": ("b_least_order", "not_below_minimum"),
    "second_source": ("b_second_key", "second_loops."),
    "transit_damage": ("b_damage_key", "load_damage"),
    "outages": ("week_of_suppliers", "b_supplier_down"),
    "closed_lanes": ("whom_to_reach", "set_aside"),
    "arrivals": ("travel_by_terms", "b_comes_on"),
    "limits": ("limit_lanes", "run_together", "b_volume"),
    "shelves": ("hold_to_shelves", "b_room_on_shelf"),
    "joint_orders": ("order_jointly", "b_joint_of"),
    "space_and_budgets": ("keep_to_space", "b_budget_of"),
    "opening": ("open_cell", "opening_state_cells"),
    "resumed": ("first_reviews",),
}


def test_a_plain_kernel_names_no_feature():
    text = written_kernel(())
    assert [word for words in WORDS_OF.values() for word in words if word in text] == []
    assert "lanes.trade(" in text and "ration(" in text


@pytest.mark.parametrize("feature", ALL)
def test_a_kernel_names_its_own_feature_and_no_other(feature):
    features = (COMES_WITH[feature], feature) if feature in COMES_WITH else (feature,)
    text = written_kernel(features)
    assert all(word in text for word in WORDS_OF[feature])
    others = [word for other, words in WORDS_OF.items() if other not in features for word in words]
    assert [word for word in others if word in text] == []


@pytest.mark.parametrize(
    "features", [(), ("returns", "cost_flow"), ALL, *(ALL[:k] + ALL[k + 1 :] for k in range(len(ALL)))]
)
def test_written_text_is_python_and_always_the_same(features):
    text = written_kernel(features)
    functions = [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    assert functions[-1] == "run_shard" and len(set(functions)) == len(functions)
    assert max(map(len, text.splitlines())) <= 120
    assert text == written_kernel(features)


def test_every_step_has_a_point_and_every_part_is_of_use():
    """A step that no list names, or a point that no part has, would silently not be taken."""
    parts = read_parts().functions
    called = {ast.literal_eval(node.args[0]) for part in parts.values() for node in ast.walk(part)
              if isinstance(node, ast.Call) and ast.unparse(node.func) in ("steps_at", "one_step_at")}  # fmt: skip
    assert called == set(STEPS)
    everything = written_kernel(ALL) + written_kernel(())  # items that share something have days of their own
    assert [name for name in parts if f"def {name}(" not in everything] == []


def test_rows_of_a_block_are_each_of_one_feature():
    """A row under the same name of another feature would be of no site where a run has only one of the two."""
    names = [name for rows in (*OTHER_ROWS.values(), *(lanes.rows for lanes in LANES.values())) for name in rows]
    assert len(names) == len(set(names))


def test_a_step_that_asks_for_what_its_point_does_not_offer_is_refused():
    part = ast.parse("def evening(b, n):\n    steps_at('ordered', b, n)").body[0]
    with pytest.raises(ValueError, match=r"step buying_window asks for .*'ordered' does not offer"):
        Points(read_parts().functions | {"evening": part}).visit(part)


def test_conditions_that_never_hold_go_with_what_stands_under_them():
    source = """
def f(x, world):
    for k in range(x):
        if world.late:
            g(k)
    y = 1 if world.late else 2
    if not world.late and x:
        return y
    elif world.late or x > 3:
        h(x)
    else:
        return 4
    return 5
"""
    assert (
        ast.unparse(folded(ast.parse(source).body[0], ["world.late"]))
        == """
def f(x, world):
    y = 2
    if x:
        return y
    elif x > 3:
        h(x)
    else:
        return 4
    return 5""".strip()
    )


def test_sources_of_compiled_code_are_found_not_listed():
    sources = compiled_sources()
    top = REPOSITORY / "sim"
    marked = [".".join(path.relative_to(top).with_suffix("").parts) for path in top.rglob("*.py")
              if any(f"\n@{mark}\n" in path.read_text() for mark in (*MARKS, "over_rows", "helper"))]  # fmt: skip
    beside = {"engines.writer.writer", "engines.writer.steps", "engines.kernel.layout", "measures.ledger"}
    assert len(marked) > 10 and set(marked) | beside | {"compiling.marks"} <= set(sources)
    assert not {"figures.figures", "study.searching.search", "engines.events.engine"} & set(sources)


def test_a_stale_or_damaged_file_is_written_anew(monkeypatch, tmp_path):
    monkeypatch.setattr(written, "cache_folder", lambda: tmp_path)
    path, good = written.kernel_path(("returns",)), written.text_of(("returns",))
    assert path.read_text() == good and "def returns_of_day" in good
    stamp = path.stat().st_mtime_ns
    for damaged in (good.replace("units", "unit"), good[:1000], "", "\x00"):
        path.write_text(damaged)
        assert written.text_of(("returns",)) == good == path.read_text()
        assert path.stat().st_mtime_ns == stamp
    path.write_bytes(b"\xff\xfe" + good.encode())
    assert written.text_of(("returns",)) == good
    assert [other.name for other in tmp_path.iterdir()] == [path.name]


def test_each_set_of_features_has_a_file_of_its_own():
    sets = [(), *((feature,) for feature in ALL), ALL, ("returns", "shelf_life")]
    assert len({written.kernel_path(features) for features in sets}) == len(sets)


def test_a_kernel_that_lacks_a_feature_of_the_run_is_refused(one_shop):
    prepared = Prepared(one_shop.having(Records(lag=2)))
    with pytest.raises(ValueError, match=r"cannot run what has \['late_records', 'records'\]"):
        run_kernel(prepared, prepared.plan(BaseStock()), 1, 1, features=("returns",))


def test_events_of_demand_take_the_kernel_that_is_compiled_already(one_shop):
    """Arrays that may be written to are of another type to numba than those that may not, and compiled for anew."""
    given = attrgetter(*(path for path in kernel_of(ALL).GIVEN if path.startswith("world.")))
    promoted = one_shop.having(events=[Promotion(start=0, days=3, uplift=2.0)])
    of_both = [[str(numba.typeof(each)) for each in given(SimpleNamespace(world=Prepared(x).world))]
               for x in (one_shop, promoted)]  # fmt: skip
    assert of_both[0] == of_both[1]


@given(scenarios(), policies)
@settings(max_examples=40)
def test_features_are_those_whose_conditions_hold(scenario, policy):
    """What decides which kernel is taken, and the conditions in its text, say the same."""
    prepared = Prepared(scenario)
    arrays = plan_arrays(prepared.plan(policy))
    world = prepared.world

    class B:
        lessons = np.zeros(arrays.memory.shape[2])
        level_rows = np.zeros(len(arrays.by_day_levels))

    holds = {feature for feature, conditions in WITHOUT_FEATURE.items()
             if any(eval(each, {"world": world, "b": B, "plan": arrays}) for each in conditions)}  # fmt: skip
    assert set(kernel_features(world, arrays)) == holds


@pytest.mark.own_kernel
@pytest.mark.parametrize("series", [False, True])
def test_a_small_run_is_answered_by_the_event_engine_while_its_kernel_is_not_compiled(one_shop, monkeypatch, series):
    """Figure by figure what the kernel gives, with many items, and more replications than a block has lanes."""
    items = tuple(Item(f"item_{i}", backorder_share=0.5) for i in range(3))
    demand = dataclasses.replace(one_shop.demand, law_of=np.zeros((3, 1), int), season_of=None)
    prepared = Prepared(dataclasses.replace(one_shop, items=items, demand=demand, days=28))
    begun = []
    monkeypatch.setattr("restock.sim.run.meanwhile.compile_apart", begun.append)
    monkeypatch.setattr("restock.sim.run.meanwhile._begun", set())
    tables = []
    for compiled in (False, True):
        monkeypatch.setattr("restock.sim.engines.writer.written.is_compiled", lambda features, now=compiled: now)
        if compiled:
            monkeypatch.setattr("restock.sim.run.shards.kernel_features", lambda world, plan: ALL)
        outcome = evaluate(
            prepared, BaseStock(base_stock_level=20), 66, seed=3, series=series, levels=("chain", "cell")
        )
        tables.append([outcome.table(level) for level in ("chain", "cell")] + [outcome.series])
    assert begun == [()]
    for events, kernel in zip(*tables, strict=True):
        if hasattr(events, "to_csv"):
            assert events.to_csv() == kernel.to_csv()
        else:
            assert (events is None and kernel is None) or (events == kernel).all()


@pytest.mark.own_kernel
def test_large_runs_wait_for_the_compiler(one_shop, monkeypatch):
    monkeypatch.setattr("restock.sim.engines.writer.written.is_compiled", lambda features: False)
    monkeypatch.setattr(
        "restock.sim.run.meanwhile.compile_apart", lambda features: pytest.fail("nothing is to be compiled apart")
    )
    assert not by_events(Prepared(one_shop), 2000, ())


COLD = """
import sys
sys.path[:0] = [{tests!r}, {root!r}]
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.run.shards import run_kernel
from restock.sim.study.compare import evaluate
from restock.policies.base_stock import BaseStock
lanes = [Lane("supplier", "store", Constant(3))]
shop = scenario_of("shop", [Item("milk")], [Site("store")], lanes, {{("milk", "store"): Poisson(5.0)}}, days=60)
prepared = Prepared(shop)
print(run_kernel(prepared, prepared.plan(BaseStock()), 1, 3).ledger.sum())
"""


@pytest.mark.slow
def test_two_processes_that_start_cold_compile_once(tmp_path):
    code = COLD.format(tests=str(REPOSITORY / "tests"), root=str(REPOSITORY))
    environment = os.environ | {"RESTOCK_CACHE": str(tmp_path)}
    both = [subprocess.Popen([sys.executable, "-c", code], env=environment, text=True, cwd=tmp_path,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]  # fmt: skip
    (first, said), (second, also_said) = (process.communicate(timeout=900) for process in both)
    assert first == second != ""
    assert (said + also_said).count("compiling the kernel") == 1
    kept = [path.name for path in tmp_path.rglob("kernel_*") if path.suffix == ".py"]
    assert len(kept) == 1


@pytest.mark.slow
@pytest.mark.parametrize("feature", [None, *ALL])
def test_a_kernel_for_one_feature_equals_that_for_all(feature):
    """Random worlds and plans that have no other feature (some come with another)."""
    features = () if feature is None else (feature,)
    if feature in COMES_WITH:
        features = (COMES_WITH[feature], feature)
    drawn = {"memory": st.sampled_from([OneNumber(), Adaptive()]), "levels_by_day": st.just(ByTheDay())}
    found = 0

    @given(scenarios(), drawn.get(feature, st.sampled_from(PLAIN)), st.integers(0, 2**32))
    @settings(max_examples=150)
    def equal(scenario, policy, seed):
        nonlocal found
        prepared = Prepared(only(scenario, features))
        plan = prepared.plan(policy)
        if set(kernel_features(prepared.world, plan_arrays(plan))) <= set(features):
            found += 1
            own, of_all = (run_kernel(prepared, plan, seed, 3, series=True, features=f) for f in (features, ALL))
            assert (own.ledger == of_all.ledger).all() and (own.series == of_all.series).all()

    equal()
    assert found >= 15


def only(scenario, features):
    """The scenario without what is not among the features."""
    bring = {"shrinkage": "records", "selling_seasons": "seasons", "unit_costs": "cost_flow"}
    gone = [each for each in scenario.features if bring.get(each.name, each.name) not in features]
    own = {setting.name: None for each in gone for setting in each.item_settings}
    kept = scenario.feature("records") if "records" in features else Records()
    if "late_records" not in features:
        kept = dataclasses.replace(kept, lag=0, reconcile_every=1)
    if "wrong_scans" not in features:
        kept = dataclasses.replace(kept, sales_misscanned=0.0, receipts_misscanned=0.0)
    items = [item.having(**own) for item in scenario.items]
    return scenario.having(*(type(each)() for each in gone if each.name != "records"), kept, items=items)
