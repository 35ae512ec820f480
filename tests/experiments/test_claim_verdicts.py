"""Verdicts of claims as they are told in docs/claims.md, at the size that the claim has."""

from __future__ import annotations

import pytest

from restock.experiments.claims import answer
from restock.sim.study.claims import FAILS, HOLDS


def words_of(found):
    return {judged.check.says: judged.word for judged in found.judged}


def test_demand_that_stores_share_makes_the_bullwhip_of_lots_no_worse_at_the_dc():
    found = answer("bullwhip", [])
    assert found.word == FAILS
    words = words_of(found)
    assert words.pop("demand that stores share makes it worse at the DC") == FAILS
    assert set(words.values()) == {HOLDS}
    of = found.figures.of
    for x in (0, 0.5, 0.9):  # what comes in is what goes out, where each day's sales are ordered
        assert of("bullwhip_ratio", "as_sold_at_dc", x).value == pytest.approx(1, abs=1e-12)
    shared = of("bullwhip_ratio", "as_sold_to_supplier", 0.9).value
    assert 1 + 7 * 0.85 < shared < 1 + 7 * 0.9  # eight variances, and what each pair has in common


def test_weekly_books_cost_fifty_stores_of_a_short_dc_no_more_than_one_but_where_late_orders_change_nothing():
    found = answer("late_books", [])
    assert found.word == FAILS
    words = words_of(found)
    assert words.pop("they cost fifty stores more than one") == FAILS
    assert set(words.values()) == {HOLDS}
    of = found.figures.of
    for cover in ("weekly", "owed_weekly"):  # one store has nobody to share with
        assert of("fill_rate", cover, 1).value == of("fill_rate", f"{cover}_by_shelves", 1).value
    assert of("misallocated_units", "owed_weekly", 1).value == 0
