"""Exact and published cases, in both engines; inputs, printed numbers and sources stand in `verification.cases`.

A number is checked by its formula against print, by a simulated 99% interval around the formula's value (kernel, after
the event engine has agreed with it), or by equality where nothing is random (both engines).
"""

from __future__ import annotations

import numpy as np
import pytest

from restock.policies.catalogue import make_policy
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.measures.ledger import NAMES
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.policy import Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant
from restock.sim.run.shards import run_kernel
from restock.sim.verification.cases import all_cases
from restock.sim.verification.judging import Effort, verify

CHECKED = {  # case: numbers with an interval, numbers that must be equal, numbers left to a formula, lines with neither
    "NV-poisson": (4, 0, 1, 0), "EOQ": (7, 0, 7, 0), "EPPEN": (28, 0, 25, 0), "TRANSFER-1P": (33, 0, 0, 0),
    "PALM": (25, 0, 0, 1), "PBS-L0": (7, 0, 0, 0), "PBS-L2": (7, 0, 0, 0), "SS-horizon": (12, 0, 2, 0),
    "FILL-NORMAL": (16, 0, 8, 0), "JIT": (48, 0, 0, 0), "ADAPTIVE-MA": (20, 0, 0, 0), "PROMO": (90, 0, 0, 0),
    "RQ-small": (10, 0, 5, 0), "ROP-formula": (16, 0, 8, 0), "ZF1991": (24, 0, 48, 0), "SS-L3": (28, 0, 2, 0),
    "POSITION-TABLE": (0, 2, 0, 0), "ERLANG-B": (0, 0, 12, 0), "CONST-ORDER": (4, 0, 0, 0),
    "ZIPKIN2008": (72, 0, 40, 0), "CAPPED-VALLEYS": (2, 0, 3, 0),
    "SERIAL-2": (28, 0, 0, 0), "CLARK-SCARF": (1, 0, 3, 0), "ALLOCATION": (0, 16, 14, 0),
    "ALLOCATION-WHOLE": (0, 17, 0, 0), "PUSH": (8, 8, 6, 0),
    "BULLWHIP-MA": (16, 0, 0, 0), "BULLWHIP-BATCH": (6, 0, 0, 0), "SS-formula": (0, 0, 11, 0), "ABC": (0, 7, 0, 0),
    "IDENTITIES": (3, 10, 0, 0), "COUNT-LOAD": (0, 5, 0, 0), "FIFO-LIFO": (0, 19, 6, 0), "DISTORTION": (0, 11, 0, 0),
    "FIELD-FIGURES": (0, 0, 0, 1), "BEER-GAME": (0, 37, 0, 0), "FREEZE-DET": (0, 65, 0, 0), "TRACE-sS": (0, 42, 0, 0),
    "TRACE-RETURNS": (0, 17, 0, 0), "TRACE-DC": (0, 17, 0, 0), "TRANSFER-DAYS": (24, 0, 0, 0),
    "TRACE-TRANSFER": (0, 21, 0, 0), "CHANNEL-RESERVE": (16, 0, 0, 0), "OVERSELL": (24, 0, 0, 0),
    "DUAL-INDEX": (18, 0, 9, 0), "CAPACITY-TWO": (19, 0, 6, 0), "TRUCK-MIN": (24, 0, 4, 0),
    "TRACE-CAPACITY": (0, 14, 0, 0), "JOINT-PERIODIC": (21, 0, 94, 0),
    "SUPPLIER-DOWN": (20, 0, 0, 0), "YIELD": (18, 0, 0, 0),
}  # fmt: skip
SECONDS_OF_FORMULAS = {  # a few instances by default
    "ZF1991": (3, 0, 6, 0), "ZIPKIN2008": (18, 0, 10, 0), "COUNT-LOAD": (0, 5, 0, 0),
}  # fmt: skip
IN_FULL = ("PBS-L2", "JIT", "SS-L3", "ZF1991", "RQ-small", "CLARK-SCARF")  # the others are in the slow tests


def how_checked(checks):
    counts = [0, 0, 0, 0]
    for check in checks:
        for number in check.numbers:
            if callable(number.estimate):
                assert check.run is not None, number.quantity
                counts[0] += 1
            elif number.estimate is not None:
                counts[1] += 1
            else:
                assert number.theory != number.theory or check.verdict.startswith("formula only"), number.quantity
                counts[2 if number.theory == number.theory else 3] += 1
    return tuple(counts)


@pytest.mark.parametrize("name", all_cases())
def test_no_number_is_dropped_silently(name):
    quick = name in SECONDS_OF_FORMULAS
    expected = SECONDS_OF_FORMULAS[name] if quick else CHECKED[name]
    assert how_checked(all_cases()[name].checks(quick, make_policy)) == expected


@pytest.mark.slow
@pytest.mark.parametrize("name", SECONDS_OF_FORMULAS)
def test_no_number_of_many_is_dropped_silently(name):
    assert how_checked(all_cases()[name].checks(False, make_policy)) == CHECKED[name]


@pytest.mark.parametrize("name", all_cases())
def test_case(name):
    """Each case by its name; its source stands in the message."""
    case = all_cases()[name]
    effort = Effort(width=1.5) if name in IN_FULL else None
    lines = list(verify(case, make_policy, quick=effort is None, effort=effort))
    assert [line for line in lines if line.missed] == [], case.source


def test_sources_are_named():
    assert all(len(case.source) > 10 for case in all_cases().values())


@pytest.mark.parametrize("rule, expected", [("proportional", [8, 7, 5, 4]), ("priority", [12, 10, 2, 0])])
def test_allocation_in_both_engines(rule, expected):
    """Case ALLOCATION as a scenario (Cachon & Lariviere 1999): stores order 12, 10, 8 and 6 from a DC that has 24."""
    names = ["w", "x", "y", "z"]
    sites = [Site("dc", "dc", allocation=rule), *(Site(s, served_by="dc") for s in names)]
    lanes = [Lane("supplier", "dc", Constant(9)), *(Lane("dc", s, Constant(1)) for s in names)]
    demand = {("item", s): Constant(units) for s, units in zip(names, [12, 10, 8, 6], strict=True)}
    stock = np.array([[24, 12, 10, 8, 6]])
    scenario = scenario_of("short", [Item("item")], sites, lanes, demand, days=2, opening_stock=stock)

    class AsSold(Policy):
        def levels(self, known):
            return {"base_stock_level": np.array([[0, 12, 10, 8, 6]])}

        @staticmethod
        def rule(view, levels):
            return max(0, levels.base_stock_level - view.inventory_position)

    prepared = Prepared(scenario)
    plan = prepared.plan(AsSold())
    for ledger in (run_kernel(prepared, plan, 1, 1).ledger[0], Run(prepared, plan, 1, 0).run().ledger):
        assert ledger[0, 1:, NAMES.index("received")].tolist() == expected


def test_fair_share_in_both_engines():
    """Case ALLOCATION (Jonsson & Silver 1987): stores with 2, 10, 6 and 30 units that sell 4, 5, 2 and 6 a day."""
    names = ["w", "x", "y", "z"]
    sites = [Site("dc", "dc", allocation="fair_share"), *(Site(s, served_by="dc") for s in names)]
    lanes = [Lane("supplier", "dc", Constant(9)), *(Lane("dc", s, Constant(1)) for s in names)]
    demand = {("item", s): Constant(units) for s, units in zip(names, [4, 5, 2, 6], strict=True)}
    before = np.array([[24, 2 + 4, 10 + 5, 6 + 2, 30 + 6]])  # the evening's shortage is met after a day of sales
    scenario = scenario_of("short", [Item("item")], sites, lanes, demand, days=2, opening_stock=before)

    class FarAbove(Policy):
        def levels(self, known):
            return {"base_stock_level": np.array([[0, 99, 99, 99, 99]])}

        @staticmethod
        def rule(view, levels):
            return max(0, levels.base_stock_level - view.inventory_position)

    prepared = Prepared(scenario)
    plan = prepared.plan(FarAbove())
    kernel, events = run_kernel(prepared, plan, 1, 1).ledger, run_events(prepared, plan, 1, 1).ledger
    assert (kernel == events).all()
    got = kernel[0, 0, 1:, NAMES.index("received")]
    assert got.sum() == 24 and np.abs(got - [13.272727, 9.090909, 1.636364, 0]).max() < 1
