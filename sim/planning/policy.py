"""What a policy is: levels (numpy, readable) and a rule (a few whole numbers in, an order quantity out).

A policy may remember: every evening `learn` is told what is new of each cell and changes the cell's memory, which the
rule then reads. The event engine runs both as plain Python; the kernel runs the same functions compiled. Keep them to
`if`, `min`, `max`, `abs`, `math.ceil`, `math.floor`, `math.sqrt` and + - * / // % (powers and logarithms may differ in
the last bit; whole numbers are compiled to 64 bits), and turn fractions into units by `math.ceil(x - 1e-9)`.

Where one of them fails (it raises, divides by zero, reads beyond its memory, orders less than nothing), the run ends
with the policy, the cell, the day and the reason. Their answer must depend on what they are given alone: chance, clocks
and files are refused before a run (see `rule_code`), and chance keyed by cell and day is `rule_draws.uniform`.
"""

from __future__ import annotations

import random
from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np

from restock.sim.errors import InputError, reason, require
from restock.sim.planning.answers import learn_from, ordered_quantity
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.levels import LARGEST_LEVEL, ByDay, Level, checked_levels, numbers, of_cell, whole_numbers
from restock.sim.planning.rule_code import check_planning, check_rule, in_plain_python, plain, reads
from restock.sim.planning.rule_draws import uniform
from restock.sim.read_only import read_only

__all__ = ["LARGEST_LEVEL", "ByDay", "Memory", "Plan", "Policy", "Seen", "View", "learn_from", "ordered_quantity",
           "uniform"]  # fmt: skip


class View(NamedTuple):
    """What a policy sees of one cell in the evening, in units: the record, never the physical stock.

    >>> view = View(inventory_position=12, record=9, on_order=5, backorders=2, sales=3, day=0)
    >>> view.record + view.on_order - view.backorders == view.inventory_position
    True
    """

    inventory_position: int  # record + on_order - backorders
    record: int  # stock on hand, as the system believes
    on_order: int  # ordered and not yet received
    backorders: int  # promised to customers, or owed to sites below
    sales: int  # handed to customers or shipped to sites below, since the last review
    day: int  # counted from the first measured day, as events are; negative in the warm-up
    due_soon: int = 0  # of on_order, what arrives by the morning on which an express order would; 0: without one
    echelon_position: int = 0  # inventory position of this site and of all below it, after their orders of tonight


class Seen(NamedTuple):
    """What is new of one cell in the evening, in units, for a policy to learn from: each posting is seen once.

    >>> seen = Seen(day=6, days=1, demand=4, sales=3, record=0, returned=0)
    >>> seen.demand - seen.sales  # promised today to customers who wait
    1
    """

    day: int  # today, counted from the first measured day; negative in the warm-up
    days: int  # days of which postings are new: 1, or several where postings are made every few days
    demand: int  # handed over or shipped, plus the change of backorders: what was lost is not in it
    sales: int  # handed over or shipped
    record: int  # stock on hand, as the policy sees it
    returned: int  # brought back by customers, and put back on the shelf


Rule = Callable[..., int]
Learn = Callable[[Any, Any, np.ndarray], None]


class Memory(NamedTuple):
    """What a rule remembers of each cell.

    >>> def smooth(seen, levels, memory):
    ...     memory[0] += 0.2 * (seen.demand - memory[0])
    >>> Memory(smooth, start=np.full((2, 1, 1), 5.0), forecast_slot=0).start.shape
    (2, 1, 1)
    """

    learn: Learn  # (seen, levels, memory of the cell), called every evening before the review
    start: np.ndarray  # float64 (items, sites, slots)
    forecast_slot: int | None = None  # where the forecast of tomorrow's demand is kept, if anywhere
    draw_slot: int | None = None  # where the key of the cell's own draws is put as a replication starts, if anywhere


@dataclass(frozen=True)
class Plan:
    """What a policy decided for every cell.

    Parameters
    ----------
    rules : tuple of functions (view, levels) -> order quantity, or (view, levels, memory) where the rule has memory
    levels : tuple of mappings, one for each rule
        Level name -> ndarray of int32, shape (items, sites), or `ByDay`.
    rule_of, review_period : ndarray of int32, shape (items, sites)
        Which rule each cell follows, and every how many days it is reviewed (first on day 0; on a day on which
        the lane takes no orders, the review waits for the next one that does).
    tier_of : ndarray of str or None, shape (items, sites)
        The policy's own class of each cell (A, B, C), for reports.
    memories : tuple of `Memory` or None, one for each rule
        Empty where no rule remembers anything. A memory starts afresh in every replication.
    expresses : tuple of functions such as the rules, or None, one for each rule
        What each orders first from the second source, where a cell has one. Empty where none orders there.
    notes : tuple of str
        What the policy found or assumed on the way, for reports.
    placement : mapping of str to ndarray, shape (items, sites)
        Where the policy placed safety stock in the chain, for reports: name -> days or units, nan where it places none.
        Empty: it does not look at the chain.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> plan = one_shop().plan(BaseStock(base_stock_level=10))
    >>> plan.levels_at(rule=0, i=1, n=0, day=0), plan.memory_of(0), plan.forecasts
    ([10], None, False)
    """

    name: str
    rules: tuple[Rule, ...]
    levels: tuple[Mapping[str, Level], ...]
    rule_of: np.ndarray
    review_period: np.ndarray
    tier_of: np.ndarray | None = None
    memories: tuple[Memory | None, ...] = ()
    notes: tuple[str, ...] = ()
    expresses: tuple[Rule | None, ...] = ()
    placement: Mapping[str, np.ndarray] = field(default_factory=dict)

    def level_type(self, rule: int) -> type:
        """The named tuple in which rule number `rule` gets its levels."""
        return namedtuple("Levels", list(self.levels[rule]))  # type: ignore[misc]

    def levels_at(self, rule: int, i: int, n: int, day: int) -> list[int]:
        """The levels of one cell on a day, for rule number `rule`."""
        return [of_cell(level, i, n, day) for level in self.levels[rule].values()]

    def memory_of(self, rule: int) -> Memory | None:
        """What rule number `rule` remembers."""
        return self.memories[rule] if self.memories else None

    @cached_property
    def reads_echelon(self) -> bool:
        """Whether some rule reads what a site and all below it have."""
        functions = [*self.rules, *(express for express in self.expresses if express is not None)]
        return any(reads(function, "echelon_position") for function in functions)

    def express_of(self, rule: int) -> Rule | None:
        """What rule number `rule` orders first from the second source, if it does."""
        return self.expresses[rule] if self.expresses else None

    @property
    def forecasts(self) -> bool:
        """Whether some rule keeps a forecast of tomorrow's demand."""
        return any(memory is not None and memory.forecast_slot is not None for memory in self.memories)


@dataclass(frozen=True)
class Policy:
    """Base of policies with one rule for all cells: write `levels` and `rule`; with memory, `memory` and `learn`, too.

    `forecast_slot` says in which slot of the memory the forecast of tomorrow's demand is, if in any: runs then
    measure its errors. `draw_slot` says in which slot the simulator puts the key of the cell's draws, for a rule that
    wants chance: `policy.uniform(memory[slot], view.day)` (`python -m pydoc restock.sim.planning.rule_draws.uniform`).

    Where a scenario has a second source and `sourcing.rule=policy`, a policy that has `express(view, levels)`, a
    function as the rule is, orders from there by it, before its rule is asked (docs/features/second_source.md).

    A rule may use numbers, tuples of them, arithmetic, `math`, and plain functions made of these; only `learn` may
    change the memory. What is known cannot be changed in place; draws in `levels` need a seed.

    >>> @dataclass(frozen=True)
    ... class CoverDays(Policy):
    ...     "Keep so many days of mean demand, on hand and on order."
    ...     days_of_cover: float = 10.0
    ...     def levels(self, known):
    ...         return {"order_up_to_level": np.ceil(known.demand_mean * self.days_of_cover)}
    ...     @staticmethod
    ...     def rule(view, levels):
    ...         return max(0, levels.order_up_to_level - view.inventory_position)
    >>> CoverDays().name
    'cover_days'

    With memory: the same, of smoothed demand.

    >>> import math
    >>> class CoverSmoothed(CoverDays):
    ...     forecast_slot = 0
    ...     def memory(self, known):
    ...         return known.demand_mean[:, :, None]  # one slot a cell
    ...     @staticmethod
    ...     def learn(seen, levels, memory):
    ...         memory[0] += 0.1 * (seen.demand / seen.days - memory[0])
    ...     @staticmethod
    ...     def rule(view, levels, memory):
    ...         return max(0, math.ceil(10 * memory[0] - 1e-9) - view.inventory_position)
    >>> memory = np.array([5.0])
    >>> CoverSmoothed.learn(Seen(day=0, days=1, demand=9, sales=9, record=20, returned=0), None, memory)
    >>> memory.tolist(), CoverSmoothed.rule(View(20, 20, 0, 0, 9, 0), None, memory)
    ([5.4], 34)
    """

    review_period: int = 1
    forecast_slot: ClassVar[int | None] = None
    draw_slot: ClassVar[int | None] = None
    express: ClassVar[Rule | None] = None

    @property
    def name(self) -> str:
        kind = type(self).__name__
        return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(kind))

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        """Level name -> whole numbers for each cell, shape (items, sites) or broadcast to it, or `ByDay`."""
        raise TypeError(f"policy '{self.name}' does not say its levels")

    @staticmethod
    def rule(view: Any, levels: Any) -> int:
        """Order quantity, in units, not below 0; a policy with memory takes it as third argument."""
        raise TypeError("a policy needs a rule(view, levels)")

    def memory(self, known: Knowledge) -> Any:
        """Start values of what is remembered, shape (items, sites, slots) or broadcast to it; None: nothing is."""
        return None

    @staticmethod
    def learn(seen: Any, levels: Any, memory: np.ndarray) -> None:
        """Change the memory of a cell, in place, by what is new this evening."""
        raise TypeError("a policy with memory needs a learn(seen, levels, memory)")

    def plan(self, known: Knowledge) -> Plan:
        """Levels and start values for every cell, checked."""
        check_planning(type(self), self.name)
        shape = known.demand_mean.shape
        period = whole_numbers(self.review_period, "review_period", self.name, known, least=1)
        levels = checked_levels(self.levels(known), self.name, known)
        start, kind = self.memory(known), type(self)
        lacking = f"policy '{self.name}' has a draw_slot and no memory; give it a memory(known) of one slot or more"
        require(start is not None or kind.draw_slot is None, lacking)
        memories = () if start is None else (checked_memory(kind, start, self.name, known),)
        expresses = () if kind.express is None else (kind.express,)
        one_rule = read_only(np.zeros(shape, np.int32))
        return Plan(self.name, (kind.rule,), (levels,), one_rule, period, memories=memories, expresses=expresses)


def checked_memory(kind: type[Policy], start: Any, policy: str, known: Knowledge) -> Memory:
    """What a policy remembers, with finite start values for every cell."""
    given, (items, sites) = numbers(start, "memory", policy), known.stocked.shape
    slots = given.shape[-1] if given.ndim else 0
    good = slots > 0 and all(x in (1, y) for x, y in zip(given.shape[-2::-1], (sites, items), strict=False))
    require(
        good and given.ndim <= 3,
        f"policy '{policy}': memory has shape {given.shape}; allowed: (items, sites, slots) = ({items}, {sites}, any)",
    )
    start = np.broadcast_to(given, (items, sites, slots))
    start = np.where(known.stocked[:, :, None] | np.isfinite(start), start, 0.0)
    wrong = np.argwhere(~np.isfinite(start))
    if len(wrong):
        i, n, slot = (int(x) for x in wrong[0])
        raise InputError(f"policy '{policy}': slot {slot} of its memory must be a number, got {start[i, n, slot]} "
                         f"{known.cell(i, n)}")  # fmt: skip
    for name in ("forecast_slot", "draw_slot"):
        slot = getattr(kind, name)
        good = slot is None or (isinstance(slot, int) and 0 <= slot < slots)
        require(good, f"policy '{policy}': {name} must be a slot of its memory, 0 to {slots - 1}, got {slot}")
    return Memory(kind.learn, read_only(start), kind.forecast_slot, kind.draw_slot)


def planned(policy: Policy, known: Knowledge) -> Plan:
    """The plan of a policy, its rules tried; whatever fails in a policy's own code is named."""
    check_planning(type(policy), policy.name)
    before = _shared_generators()
    try:
        plan = policy.plan(known)
    except InputError:
        raise
    except Exception as error:  # whatever a user's own code raises
        raise InputError(f"policy '{policy.name}': its planning failed: {reason(error)}") from error
    require(isinstance(plan, Plan), f"policy '{policy.name}': plan() must return a Plan, got {type(plan).__name__}")
    require(_shared_generators() == before,
            f"policy '{policy.name}': its planning draws from the generator of numpy.random or random that all share, "
            "which gives other numbers in every run; allowed: numpy.random.default_rng(SEED)")  # fmt: skip
    try_rules(plan, known)
    return plan


def _shared_generators() -> tuple[Any, ...]:
    state: Any = np.random.get_state(legacy=True)  # noqa: NPY002
    return random.getstate(), state[1].tobytes(), state[2:]


def plain_functions(plan: Plan) -> tuple[list[Rule], list[Learn | None]]:
    """A plan's rules and what they learn by, read (see `rule_code`) and in plain Python.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> (rule,), learns = plain_functions(one_shop().plan(BaseStock(base_stock_level=10)))
    >>> learns
    []
    """
    for rule in plan.rules:
        check_rule(rule, "rule", plan.name)
    learns = [None if memory is None else memory.learn for memory in plan.memories]
    for learn in learns:
        if learn is not None and plain(learn) is not Policy.learn:
            check_rule(learn, "learning", plan.name)
    return [in_plain_python(rule) for rule in plan.rules], [learn and in_plain_python(learn) for learn in learns]


def plain_expresses(plan: Plan) -> list[Rule | None]:
    """What a plan's rules order first from the second source, read and in plain Python; None where one orders nothing.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> plain_expresses(one_shop().plan(BaseStock(base_stock_level=10)))
    [None]
    """
    expresses = [plan.express_of(number) for number in range(len(plan.rules))]
    for express in expresses:
        if express is not None:
            check_rule(express, "express rule", plan.name)
    return [express and in_plain_python(express) for express in expresses]


def try_rules(plan: Plan, known: Knowledge, cells: int = 64) -> None:
    """Run each plain rule on some cells before any engine does, so that a mistake is found and named early."""
    rules, learns = plain_functions(plan)
    expresses = plain_expresses(plan)
    for number, rule in enumerate(rules):
        make, memory = plan.level_type(number), plan.memory_of(number)
        mine = np.argwhere(known.stocked & (plan.rule_of == number))
        for i, n in mine[:: max(1, len(mine) // cells)]:
            levels = make(*plan.levels_at(number, i, n, 0))
            kept = None if memory is None else memory.start[i, n].copy()
            for position in (0, -5, max(levels), max(levels) + 1):
                if memory is not None:
                    seen = Seen(0, 1, 3, 3, position, 0)
                    learn_from(learns[number], seen, levels, kept, plan.name, known.cell(i, n))
                view = View(position, max(position, 0), 0, 0, 1, 0, 0, position)
                ordered_quantity(rule, view, levels, kept, plan.name, known.cell(i, n))
                express = expresses[number]
                if express is not None:
                    ordered_quantity(express, view, levels, kept, plan.name, known.cell(i, n), "express rule")
