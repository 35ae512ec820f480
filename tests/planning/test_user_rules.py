"""A user's own rule that fails, or would give a wrong answer, ends the run in one line: never a report of it."""

from __future__ import annotations

import dataclasses
import itertools
import sys
from pathlib import Path

import numpy as np
import pytest
from chains import small_chain

from restock.experiments.cli import main
from restock.policies.catalogue import make_policy
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.errors import InputError
from restock.sim.planning.policy import Policy, uniform
from restock.sim.planning.prepared import Prepared
from restock.sim.planning.rule_draws import LARGEST_KEY
from restock.sim.run.shards import run_kernel

SMALL = ["scenario=one_store", "replications=4", "days=28", "warm_up=0"]
NUMBERS = itertools.count()
HEAD = """
import datetime, math, os, random, time
import numpy as np
from dataclasses import dataclass
from math import sqrt
from numba import njit
from restock.sim.planning.policy import ByDay, Policy, uniform

CALLS = [0]
GENERATOR = np.random.default_rng(1)

class Own(Policy):
    def levels(self, known):
        return {"level": np.ceil(8 * known.demand_mean)}
    @staticmethod
    def rule(view, levels):
        return max(0, levels.level - view.inventory_position)

class Remembering(Own):
    def memory(self, known):
        return known.demand_mean[:, :, None]
    @staticmethod
    def learn(seen, levels, memory):
        memory[0] += 0.1 * (seen.demand / seen.days - memory[0])
    @staticmethod
    def rule(view, levels, memory):
        return max(0, math.ceil(8 * memory[0] - 1e-9) - view.inventory_position)
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Each test in a folder of its own, as a user would be."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["restock"])
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def written(text, base="Own"):
    """The dotted path of a policy with such lines in its class, or (a whole class) as it stands."""
    name = f"my_rules_{next(NUMBERS)}"
    body = text if "class " in text else f"class Mine({base}):\n" + "".join(f"    {x}\n" for x in text.splitlines())
    Path(f"{name}.py").write_text(HEAD + body)
    return f"{name}.Mine"


def rule_of(*lines, memory=False):
    """A rule of these lines, which otherwise orders up to the level."""
    given = "view, levels, memory" if memory else "view, levels"
    wanted = "    return max(0, levels.level - view.inventory_position)"
    return "\n".join(["@staticmethod", f"def rule({given}):", *(f"    {line}" for line in lines), wanted])


def learn_of(*lines):
    return "\n".join(["@staticmethod", "def learn(seen, levels, memory):", *(f"    {line}" for line in lines)])


def refused(capsys, policy, *words):
    """The one line of a run that is refused, which leaves nothing behind."""
    before = {path for path in Path.cwd().rglob("*") if "__pycache__" not in path.parts}
    assert main(["run", f"policy={policy}", *SMALL, *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("restock: ") and captured.err.count("\n") == 1
    assert {path for path in Path.cwd().rglob("*") if "__pycache__" not in path.parts} == before
    return captured.err[len("restock: ") : -1]


def ends_alike(policy):
    """How both engines end, in words: the kernel, and the event engine on the same replications."""
    prepared = small_chain()
    plan = prepared.plan(make_policy({"name": policy}))
    words = []
    for run in (run_kernel, run_events):
        with pytest.raises(InputError) as caught:
            run(prepared, plan, 1, 3)
        words.append(str(caught.value))
    return words


FAILING = {
    "raises": (["if view.day >= 20:", "    raise ValueError('no stock left')"], "no stock left (ValueError at "),
    "asserts": (["assert view.day < 20, 'too late'"], "too late (AssertionError at "),
    "divides by zero": (["over = 1 / (20 - view.day) if view.day >= 15 else 1.0", "if over > 5: return 1"],
                        "division by zero (ZeroDivisionError at "),
    "divides whole numbers by zero": (["if view.day >= 15 and 7 // (20 - view.day) > 9: return 1"],
                                      "integer division or modulo by zero (ZeroDivisionError at "),
    "takes the rest of a division by zero": (["if view.day >= 15 and 7 % (20 - view.day) > 9: return 1"],
                                             " by zero (ZeroDivisionError at "),
    "root of a negative number": (["if math.sqrt(19 - view.day) > 99: return 1"], "math domain error (ValueError at "),
    "root by its name": (["if sqrt(19 - view.day) > 99: return 1"], "math domain error (ValueError at "),
    "logarithm of zero": (["if view.day <= 20 and math.log(20 - view.day) > 99: return 1"],
                          "math domain error (ValueError at "),
    "whole part of infinity": (["if view.day == 20:", "    return max(0, int(1e200 * 1e200))"],
                               "cannot convert float infinity to integer (OverflowError at "),
    "ceiling of what is no number": (["if view.day == 20:", "    return max(0, math.ceil(1e200 * 1e200 * 0.0))"],
                                     "cannot convert float NaN to integer (ValueError at "),
    "rounds infinity": (["if view.day == 20:", "    return max(0, round(1e200 * 1e200))"],
                        "cannot convert float infinity to integer (OverflowError at "),
    "reads beyond a tuple": (["if (1, 2, 3)[max(2, view.day - 17)] > 9: return 1"],
                             "tuple index out of range (IndexError at "),
    "orders less than nothing": (["if view.day == 20: return -1"],
                                 "the rule must return a whole number not below 0, got -1 for View("),
}  # fmt: skip


@pytest.mark.parametrize("kind", FAILING)
def test_a_rule_that_fails_ends_the_run(kind, capsys):
    lines, words = FAILING[kind]
    policy = written(rule_of(*lines))
    message = refused(capsys, policy)
    assert message.startswith("policy 'mine' for item 'milk' at site 'shop' on day 20: the rule "), message
    assert words in message
    kernel, events = ends_alike(policy)
    for end in (kernel, events):
        assert words in end and " on day 20: " in end


def test_the_cell_that_fails_is_named_in_a_large_shard():
    class Rare(Policy):
        def levels(self, known):
            level = np.full(known.stocked.shape, 30)
            level[3, 1] = 31
            return {"level": level}

        @staticmethod
        def rule(view, levels):
            if levels.level == 31 and view.day == 17 and view.sales > 0:
                raise RuntimeError("found")
            return max(0, levels.level - view.inventory_position)

    prepared = small_chain()
    scenario = prepared.scenario
    with pytest.raises(InputError) as caught:
        run_kernel(prepared, prepared.plan(Rare()), 1, 70)
    where = f"for item '{scenario.items[3].name}' at site '{scenario.sites[1].name}' on day 17"
    assert str(caught.value).startswith(f"policy 'rare' {where}: the rule failed: found (RuntimeError at test_user_")


@pytest.mark.parametrize("name", ["threads", "processes"])
def test_the_same_line_wherever_it_ran(name, capsys):
    policy = written(rule_of("if view.day >= 20:", "    raise ValueError('no stock left')"))
    message = refused(capsys, policy, f"executor={name}", "executor.workers=2")
    assert "on day 20: the rule failed: no stock left (ValueError at my_rules_" in message


LEARNING = {
    "raises": (["if seen.day >= 20:", "    raise ValueError('lost')"], "lost (ValueError at "),
    "writes beyond its memory": (["memory[max(0, seen.day - 19)] = 1.0"], "(IndexError at "),
    "writes before its memory": (["memory[min(-1, 18 - seen.day)] = 1.0"], "(IndexError at "),
    "divides a memory by zero": (["memory[0] = (memory[0] + 1.0) / (memory[0] * 0.0 + max(0, 20 - seen.day))"],
                                 "(FloatingPointError at "),
    "in a function of its own": (["beyond(memory, seen.day)"], "(IndexError at "),
    "in a compiled function of its own": (["compiled(memory, seen.day)"], "(IndexError at "),
}  # fmt: skip
HELPERS = """
def beyond(memory, day):
    memory[max(0, day - 19)] = 1.0

compiled = njit(beyond)

"""


@pytest.mark.parametrize("kind", LEARNING)
def test_learning_that_fails_ends_the_run(kind, capsys):
    lines, words = LEARNING[kind]
    body = learn_of(*lines)
    policy = written(HELPERS + "class Mine(Remembering):\n" + "".join(f"    {x}\n" for x in body.splitlines()))
    message = refused(capsys, policy)
    assert message.startswith("policy 'mine' for item 'milk' at site 'shop' on day 20: the learning failed: ")
    assert words in message
    for end in ends_alike(policy):
        assert words in end and " on day 20: " in end


def test_learning_that_fails_between_reviews_is_found(capsys):
    policy = written(learn_of("if seen.day == 27:", "    raise ValueError('late')"), "Remembering")
    message = refused(capsys, policy, "policy.mine.review_period=9")
    assert " on day 27: the learning failed: late (ValueError at my_rules_" in message


def test_what_fails_only_compiled_is_refused_and_said_so(capsys):
    policy = written(rule_of("if view.day == 20 and math.floor(1e30) > 7: return 1"))
    assert refused(capsys, policy) == (
        "policy 'mine' for item 'milk' at site 'shop' on day 20 (replication 0): the rule or its learning failed as it "
        "runs compiled, with whole numbers of 64 bits, and not in plain Python; keep its numbers within that"
    )


def test_what_fails_only_where_nobody_asks_is_no_failure():
    """Rules run for all lanes of a block: those not due, and cells that are not stocked, may not end a run."""

    class Picky(Policy):
        def levels(self, known):
            return {"level": np.where(known.stocked, 30, 0)}

        @staticmethod
        def rule(view, levels):
            if view.day % 3 > 0:
                raise ValueError("asked on a day without a review")
            return max(0, 60 // levels.level * 15 - view.inventory_position)

    prepared = Prepared(
        dataclasses.replace(small_chain().scenario, warm_up=21)
    )  # days with a review are multiples of 3
    chain = prepared.scenario
    assert not chain.stocked.all()
    plan = prepared.plan(Picky(review_period=3))
    periods = np.full(chain.stocked.shape, 3)
    periods[0] = 6  # so that lanes of a block fall due on different days
    for of_plan in (plan, prepared.plan(Picky(review_period=periods))):
        kernel, events = run_kernel(prepared, of_plan, 1, 3), run_events(prepared, of_plan, 1, 3)
        assert (kernel.ledger == events.ledger).all()


REFUSED = {
    "numpy's generator": ("x = np.random.random()", "np.random.random (", "draws other numbers in every run"),
    "Python's generator": ("x = random.random()", "random.random (", "draws other numbers in every run"),
    "a generator of its own": ("x = GENERATOR.random()", "GENERATOR (", "draws other numbers in every run"),
    "a clock": ("x = time.time()", "time.time (", "; allowed: numbers, tuples of them, arithmetic, math"),
    "a date": ("x = datetime.datetime.now()", "datetime.datetime.now (", "; allowed: numbers"),
    "a file": ("x = open('prices.csv')", "open (", "; allowed: numbers"),
    "the screen": ("print(view.day)", "print (", "; allowed: numbers"),
    "the keyboard": ("x = input()", "input (", "; allowed: numbers"),
    "the system": ("x = os.getpid()", "os.getpid (", "; allowed: numbers"),
    "text as code": ("x = eval('1')", "eval (", "; allowed: numbers"),
    "a list that it keeps": ("CALLS[0] = 1", "CALLS (", "; allowed: numbers"),
    "memory that was not cleared": ("x = np.empty(1)[0]", "np.empty (", "; allowed: numbers"),
    "a name that is nowhere": ("x = nowhere", "nowhere (", "which is defined nowhere"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_rule_depends_on_what_it_is_given(kind, capsys):
    line, used, why = REFUSED[kind]
    for text, base, what in (
        (rule_of(line), "Own", "rule"),
        (learn_of(line), "Remembering", "learning"),
    ):
        message = refused(capsys, written(text, base))
        assert message.startswith(f"policy 'mine': the {what} uses {used}my_rules_") and why in message, message


def test_chance_is_found_in_functions_that_a_rule_calls_and_the_keyed_draw_offered(capsys):
    text = "draw = np.random\ndef further():\n    return draw.rand()\ndef near():\n    return further()\n"
    body = "".join(f"    {x}\n" for x in rule_of("if near() > 2: return 1").splitlines())
    message = refused(capsys, written(f"{text}class Mine(Own):\n{body}"))
    assert "the rule uses draw.rand (my_rules_" in message
    assert message.endswith("draw with restock.sim.planning.policy.uniform, keyed by cell, replication and day")


@pytest.mark.parametrize(
    "text, words",
    [
        (rule_of("import time"), "the rule imports time (my_rules_"),
        ("calls = 0\ndef count():\n    global calls\n    calls += 1\n    return calls\nclass Mine(Own):\n"
         "    @staticmethod\n    def rule(view, levels):\n        return count()",
         "the rule writes to calls, outside its memory (my_rules_"),
        (rule_of("if view.day > 99: Own.calls = 1"), "the rule uses Own (my_rules_"),
        (rule_of("if 1 << view.day - 99 > 5: return 1"), "the rule shifts bits (<<), where // or * by a power of 2"),
        ("def again(n):\n    return again(n - 1)\nclass Mine(Own):\n    @staticmethod\n    def rule(view, levels):\n"
         "        return again(9)", "the rule uses again (my_rules_"),
    ],
)  # fmt: skip
def test_a_rule_keeps_nothing_and_calls_itself_never(text, words, capsys):
    assert words in refused(capsys, written(text))


def test_only_learning_writes_to_the_memory(capsys):
    message = refused(capsys, written(rule_of("if view.day > 99: memory[0] = 1.0", memory=True), "Remembering"))
    assert message.startswith("policy 'mine': the rule writes into an array, which only learn may do (my_rules_")


class Forgetful(Policy):
    """A buyer who forgets one order in four."""

    draw_slot = 1

    def levels(self, known):
        return {"level": np.ceil(8 * known.demand_mean)}

    def memory(self, known):
        return np.zeros(2)

    @staticmethod
    def learn(seen, levels, memory):
        memory[0] += uniform(memory[1], 2 * seen.day + 1)

    @staticmethod
    def rule(view, levels, memory):
        if uniform(memory[1], 2 * view.day) < 0.25:
            return 0
        return max(0, levels.level - view.inventory_position + int(memory[0] * 0.1))


def test_keyed_draws_are_the_same_in_both_engines_and_differ_between_cells_and_replications():
    prepared = small_chain()
    plan = prepared.plan(Forgetful())
    kernel, events = run_kernel(prepared, plan, 1, 3), run_events(prepared, plan, 1, 3)
    assert (kernel.ledger == events.ledger).all()
    keys = {
        (r, site.n, i): site.memory[i][1]
        for r in range(3)
        for site in Run(prepared, plan, 1, r).sites
        for i in site.items
    }
    assert len(set(keys.values())) == len(keys) == 3 * prepared.world.stocked.sum()
    assert all(0 <= key < LARGEST_KEY and key == int(key) for key in keys.values())
    again = Run(prepared, plan, 2, 0).sites[0]
    assert again.memory[again.items[0]][1] not in keys.values()


def test_keyed_draws_are_uniform():
    draws = np.array([uniform(key, day) for key in (3.0, 2.0**40 + 1) for day in range(5000)])
    assert draws.min() >= 0 and draws.max() < 1
    counts = np.histogram(draws, 20, (0, 1))[0]
    assert ((counts - 500) ** 2 / 500).sum() < 43.8  # 99.9% point of chi-squared, 19 degrees of freedom
    assert abs(np.corrcoef(draws[:-1], draws[1:])[0, 1]) < 0.04


def test_the_key_of_a_draw_is_checked_in_both_engines():
    class Overwriting(Forgetful):
        @staticmethod
        def learn(seen, levels, memory):
            if seen.day == 20:
                memory[1] = -1.0

    prepared = small_chain()
    plan = prepared.plan(Overwriting())
    for run in (run_kernel, run_events):
        with pytest.raises(InputError, match=r"on day 20: the rule failed: the key of a draw must be what the simul"):
            run(prepared, plan, 1, 1)


def test_a_draw_slot_is_a_slot_of_the_memory():
    class Beyond(Forgetful):
        draw_slot = 2

    class Without(Forgetful):
        def memory(self, known):
            return None

    prepared = small_chain()
    with pytest.raises(InputError, match="policy 'beyond': draw_slot must be a slot of its memory, 0 to 1, got 2"):
        prepared.plan(Beyond())
    with pytest.raises(InputError, match="policy 'without' has a draw_slot and no memory"):
        prepared.plan(Without())


CHANGING = [
    "known.demand_mean *= 2",
    "known.demand_mean[:] = 0",
    "known.demand_variance[:] = 0",
    "known.world.daily_rate[:] = 0",
    "known.world.tables.breaks[:] = 0",
    "known.world.features.selling_seasons.season_end[:] = 0",
    "known.scenario.demand.law_of[:] = 0",
    "known.scenario.lane_of[:] = 0",
    "known.scenario.tier[:] = 0",
    "known.stocked[:] = True",
    "known.factor_by_day[:] = 1",
    "known.profile_of[:] = 0",
    "known.lead_time_mean[:] = 0",
    "known.unit_cost[:] = 0",
]


@pytest.mark.parametrize("line", CHANGING)
def test_what_is_known_cannot_be_changed(line, capsys):
    if line.startswith("known.demand_mean *="):
        line = "mean = known.demand_mean\nmean *= 2"
    lines = "".join(f"\n    {x}" for x in line.splitlines())
    policy = written(f"def levels(self, known):{lines}\n    return {{'level': 9}}")
    message = refused(capsys, policy)
    assert message.startswith("policy 'mine': its planning failed: ")
    assert "read-only; what is given may not be changed: change a copy (ValueError at my_rules_" in message


def test_a_plan_and_a_scenario_cannot_be_changed_either():
    prepared = small_chain()
    plan = prepared.plan(make_policy({"name": "buffer"}))
    scenario = prepared.scenario
    for array in (*plan.levels[0].values(), plan.rule_of, plan.review_period, scenario.parent, scenario.bottom_up):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0


@pytest.mark.parametrize(
    "lines, words",
    [
        ("return {'level': np.ceil(known.demand_mean + np.random.random())}", "levels uses np.random.random ("),
        ("return {'level': int(9 + random.random())}", "levels uses random.random ("),
        ("g = np.random.default_rng()\nreturn {'level': g.integers(9)}", "levels uses np.random.default_rng ("),
        ("return {'level': int(time.time()) % 9}", "levels uses time.time ("),
        ("return {'level': datetime.date.today().day}", "levels uses datetime.date.today ("),
        ("from scipy.stats import norm\nreturn {'level': np.ceil(9 + abs(norm.rvs()))}",
         "its planning draws from the generator of numpy.random or random that all share"),
    ],
)  # fmt: skip
def test_planning_is_the_same_in_every_run(lines, words, capsys):
    body = "".join(f"\n    {line}" for line in lines.splitlines())
    message = refused(capsys, written(f"def levels(self, known):{body}"))
    assert message.startswith("policy 'mine': ") and words in message and "numpy.random.default_rng(SEED)" in message


def test_planning_may_draw_with_a_seed():
    policy = written("def levels(self, known):\n    return {'level': np.random.default_rng(3).integers(9, 20)}")
    assert main(["run", f"policy={policy}", *SMALL]) == 0


LEVELS = {
    "{'level': np.nan}": "level must be a whole number, got nan for item 'milk' at site 'shop'",
    "{'level': np.inf}": "level must be a whole number and not above 268,435,455, got inf for item 'milk' at site",
    "{'level': 2.5}": "level must be a whole number, got 2.5 for item 'milk' at site 'shop'",
    "{'level': 1e12}": "level must be a whole number and not above 268,435,455, got 1e+12 for item 'milk' at site",
    "{'level': -1e12}": "level must be a whole number, got -1e+12 for item 'milk' at",
    "{'level': 'many'}": "level must be numbers for each cell, got 'many'",
    "{'level': 1 + 2j}": "level must be numbers for each cell, got (1+2j)",
    "{'level': [[1, 2], [3]]}": "level must be numbers for each cell, got [[1, 2], [3]]",
    "{'level': np.ones((7, 3))}": "level has shape (7, 3); allowed: (items, sites) = (",
    "{'level': None}": "level must be a whole number, got nan",
    "{}": "gives no levels; levels() must return at least one named level",
    "None": "gives no levels; levels() must return at least one named level",
    "[1, 2]": "levels() must return names with numbers, as in {'level': ...}, got [1, 2]",
    "{'order up to': 9}": "a level must have a name such as base_stock_level, got 'order up to'",
    "{7: 9}": "a level must have a name such as base_stock_level, got 7",
    "{'class': 9}": "a level must have a name such as base_stock_level, got 'class'",
    "{'count': 9, 'level': 9}": None,
    "{'level': ByDay('x', 0)}": "level must be numbers for each cell, got 'x'",
    "{'level': ByDay(np.full((1, 28), np.nan), 0)}": "level must be a whole number from -268,435,455 to 268,435,455",
    "{'level': ByDay(np.ones((1, 28)), -1)}": "row_of of level must be a whole number not below 0, got -1",
}  # fmt: skip


@pytest.mark.parametrize("given", LEVELS)
def test_levels_that_are_none(given, capsys):
    policy = written(f"def levels(self, known):\n    return {given}")
    if LEVELS[given] is None:
        assert main(["run", f"policy={policy}", *SMALL]) == 0
    else:
        assert LEVELS[given] in refused(capsys, policy)


@pytest.mark.parametrize(
    "text, words",
    [
        ("class Mine(Own:\n", " cannot be read: invalid syntax (my_rules_"),
        ("class Mine(Own):\n    level = 1 / 0\n", " cannot be read: division by zero (ZeroDivisionError at my_rules_"),
        ("import nothing_of_that_name\nclass Mine(Own): pass", " needs the module 'nothing_of_that_name', which is"),
        ("@dataclass(frozen=True)\nclass Mine(Own):\n    def __post_init__(self): [][1]\n",
         " cannot be made of its settings: list index out of range (IndexError at my_rules_"),
        ("class Mine(Own):\n    def plan(self, known): return 7\n", "plan() must return a Plan, got int"),
        ("class Mine(Own):\n    def memory(self, known): return 'none'\n", "memory must be numbers for each cell, got"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_named(text, words, capsys):
    assert words in refused(capsys, written(text))


def test_plain_rules_are_called_as_before_and_others_by_try(monkeypatch):
    """What cannot raise is not slowed down by a way out; rules kept from an earlier run would not be written anew."""
    from restock.sim.engines.rules.compiled_rules import compiled_plan

    monkeypatch.setattr("restock.sim.engines.rules.compiled_rules.content_of", lambda *of: None)

    class Dividing(Policy):
        def levels(self, known):
            return {"level": 20}

        @staticmethod
        def rule(view, levels):
            return max(0, levels.level - view.inventory_position) // levels.level

    prepared = small_chain()
    may_raise = []
    for policy in (make_policy({"name": "reorder_point"}), Dividing()):
        review, _ = compiled_plan(prepared.plan(policy))
        may_raise.append(bool(review.__wrapped__.__code__.co_exceptiontable))
    assert may_raise == [False, True]
