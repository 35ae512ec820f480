"""Compiled rules that are kept: loaded where nothing that they are made of has changed, and only there."""

import math
from collections import namedtuple
from enum import Enum

import numpy as np
import pytest

from restock.sim.engines.kernel.layout import WIDTH
from restock.sim.engines.kernel.shard import OVER_LANES
from restock.sim.engines.rules import compiled_rules, kept_rules
from restock.sim.engines.rules.kept_rules import function_pointer
from restock.sim.engines.rules.rule_content import content_of

FACTOR, TABLE, Pair = 2, np.array([1, 2, 3]), namedtuple("Pair", "a b")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_rules, "cache_folder", lambda: tmp_path)
    compiled_rules._compiled.cache_clear()
    yield tmp_path
    compiled_rules._compiled.cache_clear()


def helper(x):
    return x * FACTOR


def rule(view, levels):
    return max(0, helper(levels.base_stock_level) - view.inventory_position)


def pointer_of(function):
    return compiled_rules._pointer("rule", "mine", (function,), (("base_stock_level",),), (0,), False)


def order(pointer, level):
    """What the compiled rule orders at an inventory position of 5."""
    rows, backlog, levels, rule_of = (np.zeros(shape, np.int32) for shape in ((8, WIDTH), WIDTH, (1, WIDTH), WIDTH))
    rows[compiled_rules._ROWS["ON_HAND"]], levels[:] = 5, level
    quantity = np.zeros(WIDTH, np.int32)
    import numba

    @numba.njit
    def call(review, rows, backlog, levels, rule_of, memory, quantity):
        review(rows, backlog, levels, rule_of, memory, 0, quantity)

    call(pointer, rows, backlog, levels, rule_of, np.zeros((WIDTH, 0)), quantity)
    return int(quantity[0])


def test_a_rule_is_compiled_once_and_loaded_again(own_cache, monkeypatch):
    first = pointer_of(rule)
    compiled_rules._compiled.cache_clear()
    assert len(list(own_cache.glob("*.rule"))) == 1
    monkeypatch.setattr(compiled_rules, "_written", lambda *given: pytest.fail("it was compiled again"))
    again = pointer_of(rule)
    assert order(first, 10) == order(again, 10) == 15


def test_a_number_or_a_function_that_a_rule_uses_is_part_of_it(monkeypatch):
    assert order(pointer_of(rule), 10) == 15
    monkeypatch.setitem(globals(), "FACTOR", 3)
    assert order(pointer_of(rule), 10) == 25
    monkeypatch.setitem(globals(), "helper", lambda x: x + 100)
    assert order(pointer_of(rule), 10) == 105


@pytest.mark.parametrize("damage", [b"", b"damaged", None])
def test_what_is_damaged_is_compiled_again(own_cache, damage):
    pointer_of(rule)
    compiled_rules._compiled.cache_clear()
    (path,) = own_cache.glob("*.rule")
    path.write_bytes(path.read_bytes()[:-9] if damage is None else damage)
    assert order(pointer_of(rule), 10) == 15
    assert len(path.read_bytes()) > 100


def test_what_cannot_be_told_is_not_kept(own_cache):
    def written():
        scope = {"WIDTH": WIDTH}
        exec("def rule(rows, backlog, levels, rule_of, memory, day, quantity):\n    quantity[0] = WIDTH", scope)
        return scope["rule"]

    assert content_of(lambda: own_cache) is None
    function_pointer(written, OVER_LANES.signature, None, **compiled_rules.ROWS_APART)
    assert not list(own_cache.iterdir())


Season = Enum("Season", {"SUMMER": 1, "WINTER": 2})


def test_the_content_of_a_rule_tells_apart_what_compiles_to_another_thing():
    def closing_over(value):
        return lambda: value

    things = [
        1, 1.0, True, -0.0, 0.0, None, "1", (1, 2), (1, (2,)), Pair(1, 2), Pair, np.int32(1), np.int64(1), TABLE,
        TABLE[::-1], TABLE.astype(np.int32), math, np, math.floor, np.floor, len, max, Season, Season.SUMMER,
        Season.WINTER, rule, helper, lambda x: x, lambda x: x + 1, lambda x: x + 2, lambda x, y=1: x,
        lambda x, y=2: x, lambda x, *, y=1: x, lambda x: x in {1, 2}, lambda x: x in {1, 3}, closing_over(1),
        closing_over(2), closing_over(closing_over(2)), lambda x: [y + 1 for y in x], lambda x: [y + 2 for y in x],
    ]  # fmt: skip
    contents = [content_of(thing) for thing in things]
    assert None not in contents and len(set(contents)) == len(things)
    assert content_of(closing_over(3)) == content_of(closing_over(3))
