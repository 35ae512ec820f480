"""The table of policies at equal service, as a planner reads it: who costs least, by how much, with what stock."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from restock.sim.measures.cost_parts import COST_PARTS
from restock.sim.results.text import aligned
from restock.sim.statistics.estimates import Estimate
from restock.sim.study.equal_service import Compared, Curve, EqualService
from restock.sim.study.summary_table import UNSTEADY, money


def equal_service_lines(found: EqualService, confidence: float = 0.95, marked: Collection[str] = ()) -> list[str]:
    """The report of policies at equal service; verdicts on those `marked` are no steady state's.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.policies.buffer import Buffer
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.equal_service import Point, along_service
    >>> along = {
    ...     "by_level": [Point(f"level {k}", BaseStock(base_stock_level=k)) for k in (6, 10, 14, 20)],
    ...     "buffer": [Point(f"target {t}", Buffer(target=t)) for t in (0.2, 0.5, 0.9)],
    ... }
    >>> curves = along_service(one_shop(), along, replications=8, seed=1)
    >>> print(equal_service_lines(EqualService(tuple(curves), (0.97,)))[-4][:64])
    97% served at once: 'buffer' costs least, 179 a year; 'by_level'
    """
    rows, said = found.compared, _how(found)
    if not rows:
        return [*said, "", *_not_reached(found)]
    table, notes = _table(found, rows, confidence, marked)
    turned = [f"{number}: depends on {words}." for words, number in notes.items()]
    asked = "each assumed cost was halved and doubled, with the same stock levels"
    asked += "; and the record was played again in place of the fitted laws" if found.replayed else ""
    last = len(table[0]) - 1
    out = [*said, "", *aligned(table, left=(1, last)), *_in_sentences(found, rows), ""]
    held = f"± half-width of a {confidence:.0%} interval over these replications: the draws' chance only."
    return [*out, *turned, f"Asked of every verdict: {asked}.", held, *_not_reached(found)]


def _table(
    found: EqualService, rows: Sequence[Compared], confidence: float, marked: Collection[str]
) -> tuple[list[list[str]], dict[str, int]]:
    """The rows of the table as text, and its notes: what turns a verdict -> the number of the note."""
    parts = [name for name in COST_PARTS if _ever(found, rows, name)]
    heads = [
        ["fill", "policy", "total cost", "more than", "stock at", "order lines"],
        ["rate %", "", "a year", "the cheapest", "cost", "a year"],
    ]
    table = [[*head, *(COST_PARTS[name][k] for name in parts), end]
             for k, (head, end) in enumerate(zip(heads, ("verdict", ""), strict=True))]  # fmt: skip
    notes: dict[str, int] = {}
    before = None
    for each in rows:
        shown = ("average_inventory_value", "orders_per_year", *parts)
        verdict = each.verdict
        if each.depends_on:
            verdict += f", but see {notes.setdefault(each.depends_on, len(notes) + 1)}"
        if {each.policy, each.best} & {*marked}:
            verdict += f" {UNSTEADY}"
        level = f"{100 * each.level:g}" if each.level != before else ""
        more = "" if each.difference is None else _with_interval(each.difference, confidence, "+")
        figures = (money(found.readings[each.level, each.policy][name].value) for name in shown)
        table.append([level, each.policy, _with_interval(each.cost, confidence), more, *figures, verdict])
        before = each.level
    return table, notes


def _how(found: EqualService) -> list[str]:
    """What was moved, from where to where."""
    moved = "; ".join(f"{curve.label}: {_moved(curve)}" for curve in found.curves)
    many = found.curves[0].outcomes[0].replications
    said = "At equal service: each policy moved along a setting of its own, on the same demand; "
    return [f"{said}{many} replication(s) a point", f"({moved})."]


def _moved(curve: Curve) -> str:
    """Each setting that is moved, with its first and its last value."""
    first, last = ([part.rsplit(" ", 1) for part in words.split(", ")] for words in (curve.words[0], curve.words[-1]))
    return ", ".join(f"{name} {low} to {high}" for (name, low), (_, high) in zip(first, last, strict=True))


def _not_reached(found: EqualService) -> list[str]:
    """For each level the policies that do not reach it, and what they serve."""
    out = []
    for level in found.levels:
        lacking = [curve for curve in found.curves if curve.at(level, "total_cost") is None]
        ranges = (f"'{c.label}' (it serves {100 * c.reach[0]:.1f} to {100 * c.reach[1]:.1f}%)" for c in lacking)
        out += [f"{100 * level:g}% is not reached by {', '.join(ranges)}"] if lacking else []
    return out


def _in_sentences(found: EqualService, rows: Sequence[Compared]) -> list[str]:
    """For each level: who costs least there, and what the others cost and hold beside it."""

    def held(each: Compared) -> float:
        return found.readings[each.level, each.policy]["average_inventory_value"].value

    out = []
    for level in dict.fromkeys(each.level for each in rows):
        best, *others = [each for each in rows if each.level == level]
        stock, said = held(best), []
        for each in others:
            assert each.difference is not None
            more = held(each) / stock - 1 if stock else 0.0
            cost = f"{100 * each.difference.value / best.cost.value:.1f}% more"
            shown = "" if each.verdict == "dearer" else " (no difference shown)"
            beside = f"with {abs(100 * more):.0f}% {'more' if more >= 0 else 'less'} stock"
            said.append(f"'{each.policy}' {cost}{shown}, {beside}")
        words = f"{100 * level:g}% served at once: '{best.policy}' costs least, {money(best.cost.value)} a year; "
        out += [words + "; ".join(said) + "."] if others else []
    return ["", *out] if out else []


def _ever(found: EqualService, rows: Sequence[Compared], name: str) -> bool:
    """Whether some policy pays this part."""
    if name not in found.curves[0].outcomes[0].measures:
        return False
    return any(found.readings[each.level, each.policy][name].value > 0 for each in rows)


def _with_interval(figure: Estimate, confidence: float, sign: str = "") -> str:
    """A sum of money and half its interval, in as many digits as the sum has."""
    text, half = f"{sign}{money(figure.value)}", float(figure.interval(confidence).half_width)
    if np.isnan(half):
        return text
    if abs(figure.value) < 100:
        return f"{text} ± {half:.2f}"
    return f"{text} ± {'<1' if 0 < half < 0.5 else f'{half:,.0f}'}"
