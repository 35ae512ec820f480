"""What an advice says on the screen: the ranked table, what the savings are made of, pairs, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from restock.experiments.advice.arms import AS_IT_IS, KEPT, improvement_of
from restock.experiments.advice.improvements import titled
from restock.experiments.assumed_words import assumed_lines
from restock.experiments.numbers_in_words import interval, money_change
from restock.experiments.settings import Settings
from restock.sim.measures.cost_parts import COST_PARTS
from restock.sim.results.text import aligned
from restock.sim.statistics.estimates import Estimate
from restock.sim.study.advice.judging import Judged, leaders
from restock.sim.study.advice.tables import parts_paid
from restock.sim.study.advice.tried import MONEY, less
from restock.sim.study.summary_table import CORRECTED, UNSTEADY, money

if TYPE_CHECKING:
    from restock.experiments.advice.command import Advice

STOCK = "average_inventory_value"
FREE = {
    "counts_per_year": ("counts cost nothing here (costs.count_cost=0); more of them a year:", "count_cost"),
    "orders_per_year": ("order lines cost nothing here; more of them a year:", "ordering_cost"),
}
LITTLE = 0.005  # share of counts or order lines: less is no matter


def report_lines(found: Advice, settings: Settings, about: Mapping[str, Any]) -> list[str]:
    """The whole report."""
    from restock.experiments.advice.profiles import profile_line

    scenario, profile = found.arms.prepared.scenario, about["choices"].get("profile")
    lines = [profile_line(profile, settings.profile), ""] if profile else []
    lines += _head(found, settings)
    lines += ["", *_table(found), "", *_below(found, settings)] if found.judged else []
    lines += _in_sentences(found)
    if any(each.saving.value for each in found.judged):
        lines += ["", "What is saved, in its parts (money a year; below 0: it costs more):", "", *_parts(found)]
    lines += _pairs(found)
    if out := not_tried(found):
        lines += ["", "Not tried:", *(f"- {titled(name)}: {why}" for name, why in out.items())]
    each_once = [improvement_of(each.name) for each in found.judged]
    lines += ["", "What each does:"] if each_once else []
    lines += [f"- {titled(name)}: {found.improvements[name].says}" for name in each_once]
    return [*lines, *assumed_lines(scenario, settings, about["overrides"])]


def not_tried(found: Advice) -> dict[str, str]:
    """Improvements, and groups of them, that were not tried, and why; a way of one that was tried is none."""
    out = found.arms.left_out | dict(found.trials.refused)
    return {name: why for name, why in out.items() if not name.endswith(KEPT)}


def way(name: str) -> str:
    """An improvement as tables show it; † stands for levels that are kept.

    >>> way("shorter_lead_times, levels kept"), way("no_lag")
    ('shorter lead times †', 'no lag')
    """
    return titled(name.replace(KEPT, " †"))


def _head(found: Advice, settings: Settings) -> list[str]:
    """What was run, and the chain as it is."""
    base, scenario = found.trials.base, found.arms.prepared.scenario
    counts = sorted({each.arm.replications for each in found.judged} | {base.replications})
    many = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    figures = {name: _with_interval(name, base.estimate(name)) for name in (MONEY, "fill_rate", STOCK)}
    out = [
        f"{scenario.name}: {len(scenario.items)} items, {len(scenario.sites)} sites, {scenario.days} days after "
        f"{scenario.warm_up} days of warm-up, {many} replication(s), seed {settings.seed}",
        f"As it is, with policy '{found.policy}': total cost {figures[MONEY]} a year, fill rate "
        f"{figures['fill_rate']}, stock at cost {figures[STOCK]}.",
        f"One improvement at a time, {len(found.judged)} of them:",
    ]
    return [*out, *_unsteady(found)]


def _unsteady(found: Advice) -> list[str]:
    """What stands above the figures where there is no steady state."""
    why = found.arms.unsteady
    others = [way(each.name) for each in found.judged if each.name in why]
    if AS_IT_IS in why:
        said = f"No steady state as it is: {why[AS_IT_IS]}. So no difference is one of steady states."
    elif others:
        said = f"No steady state with {', '.join(others)}: these are marked."
    else:
        return []
    return ["", said, "Such figures hold for these days, from this opening stock; try a longer warm_up."]


def _table(found: Advice) -> list[str]:
    """Improvements, the largest gain first."""
    priced = bool(found.trials.prices)
    more = (["its price", "gains a year"], ["a year", "(money)"]) if priced else ([], [])
    table = [["", "improvement", "saves a year", *more[0], "fill rate,", "stock", "most of it", "verdict"],
             ["", "", "(money)", *more[1], "%-points", "at cost", "", ""]]  # fmt: skip
    notes = notes_of(found)
    unsteady = () if AS_IT_IS in found.arms.unsteady else found.arms.unsteady
    paid = parts_paid(found.judged, found.trials.base)
    for rank, each in enumerate(found.judged, start=1):
        fill = less(each.arm, found.trials.base, "fill_rate")
        stock = less(each.arm, found.trials.base, STOCK)
        price = ["-" if each.price is None else money(each.price), _money(each.gain)] if priced else []
        numbers = [str(k) for k in notes.numbers.get(each.name, ())]
        said = f"{each.verdict}{', but see ' + ' and '.join(numbers) if numbers else ''}"
        said += f" {UNSTEADY}" if each.name in unsteady else ""
        table.append([str(rank), way(each.name), _money(each.saving), *price, _points(fill), _money(stock),
                      _most(found, each, paid), said])  # fmt: skip
    return aligned(table, left=(1, len(table[0]) - 2, len(table[0]) - 1))


def _most(found: Advice, each: Judged, paid: Sequence[str]) -> str:
    """The part of total cost that goes furthest the way that the whole goes."""
    base, way = found.trials.base, 1 if each.saving.value > 0 else -1
    parts = {_named(name): less(base, each.arm, name).value for name in paid}
    name = max(parts, key=lambda name: way * parts[name], default="")
    return f"{name} {money_change(parts[name], float('nan'))}" if each.saving.value else ""


def _named(part: str) -> str:
    """A part of total cost in words.

    >>> _named("write_off_cost"), _named("ordering_cost")
    ('shrinkage', 'order lines')
    """
    return " ".join(COST_PARTS[part]).replace("- ", "").strip()


class Notes(NamedTuple):
    """What verdicts rest on: lines below the table, and of each improvement the numbers of its lines and its words."""

    lines: list[str]
    numbers: dict[str, list[int]]
    words: dict[str, str]


def notes_of(found: Advice) -> Notes:
    """Assumed costs that turn a verdict, each said once; and work that costs nothing here, with all that take more."""
    base = found.trials.base
    said: dict[str, list[str]] = {}
    numbers: dict[str, list[int]] = {}
    words: dict[str, str] = {}
    for each in found.judged:
        own = {f"depends on {each.depends_on}": ""} if each.depends_on else {}
        for measure, (free_words, cost) in FREE.items():
            more = less(each.arm, base, measure).value
            free = base.estimate(cost).value == 0 == each.arm.estimate(cost).value
            if free and more > LITTLE * base.estimate(measure).value:
                upto = f" (worth it up to {money(each.gain.value / more)} each)" if each.gain.value > 0 else ""
                own[free_words] = f"{way(each.name)} {more:,.0f}{upto}"
        for text, takes in own.items():
            said.setdefault(text, []).extend([takes] if takes else [])
            numbers.setdefault(each.name, []).append(list(said).index(text) + 1)
        words[each.name] = "; ".join(f"{text} {takes}".strip() for text, takes in own.items())
    lines = [f"{k}: {text} {', '.join(takes)}".strip() + "." for k, (text, takes) in enumerate(said.items(), start=1)]
    return Notes(lines, numbers, words)


def _below(found: Advice, settings: Settings) -> list[str]:
    """What the table rests on."""
    stopping, trials = found.trials.stopping, found.trials
    out = notes_of(found).lines
    out.append("Saves: what total cost a year falls by, lost margin in it; on the same demand, paired. ± half-width of "
               "a 95% interval.")  # fmt: skip
    if any(each.name.endswith(KEPT) for each in found.judged):
        out.append("†: levels kept as they are; of others that leave the policy alone: levels planned anew. The better "
                   "of the two stands here, the other in tables/advice.")  # fmt: skip
    if trials.prices:
        out.append(f"Gains: saves less its price; what is paid once is spread over {settings.advise.years:g} years.")
    else:
        out.append(
            "No price was given: what an improvement saves is the most that it may cost (advise.prices.NAME=5000)."
        )
    corrected = CORRECTED[settings.statistics.correction].replace("policies compared", "improvements, in each way")
    out.append(f"Verdicts: paired t-tests, {corrected}. Asked of each: assumed costs halved and doubled, same levels.")
    if trials.unsettled:
        names = ", ".join(way(name) for name in trials.unsettled)
        out.append(f"Not settled after {stopping.most} replications, to within {stopping.words()}: {names}; "
                   "take more replications.")  # fmt: skip
    else:
        out.append(f"Each went on until its interval was within ±{stopping.words()}.")
    return out


def _in_sentences(found: Advice) -> list[str]:
    """Who gains most, if that is shown."""
    if not found.judged:
        return ["", "No improvement was tried: none has anything to improve here."]
    first, *others = leaders(found.judged) or [""]
    if not first:
        return ["", "No improvement is shown to be worth anything here."]
    best = found.judged[0]
    said = f"'{way(first)}' gains most, {_money(best.gain, sign=False)} a year"
    share = best.gain.value / found.trials.base.estimate(MONEY).value
    said += f" ({share:.1%} of total cost)"
    beside = f"; not told apart from it: {', '.join(repr(way(name)) for name in others)}" if others else ""
    return ["", f"{said}{beside}."]


def _parts(found: Advice) -> list[str]:
    """Each improvement's saving in the parts of total cost."""
    parts, base = parts_paid(found.judged, found.trials.base), found.trials.base
    table = [["improvement", *map(_named, parts), "saves"]]
    for each in found.judged:
        values = [less(base, each.arm, name).value for name in parts]
        table.append([way(each.name), *(_plain(value) for value in values), _plain(each.saving.value)])
    return aligned(table)


def _pairs(found: Advice) -> list[str]:
    """The best in pairs, and all together."""
    if not found.pairs:
        return []
    table = [["together", "gains a year", "sum of each alone", "more than that", "they"]]
    for pair in found.pairs:
        name = f"all {len(pair.names)}" if len(pair.names) > 2 else " + ".join(map(way, pair.names))
        table.append([name, *map(_money, (pair.gain, pair.alone, pair.interaction)), pair.word])
    best = ", ".join(way(name) for name in found.best)
    said = "Overlap: together less than the sum of each alone; add up: no difference from that sum is shown."
    head = f"The best that do not exclude each other, in pairs ({best}):"
    return ["", head, "", *aligned(table, left=(0, 4)), "", said]


def _with_interval(measure: str, found: Estimate) -> str:
    each = found.interval()
    return interval(measure, float(each.estimate), float(each.low), float(each.high))


def _money(found: Estimate, sign: bool = True) -> str:
    return money_change(found.value, float(found.interval().half_width), sign)


def _points(found: Estimate) -> str:
    """A change of a share, in %-points."""
    half = float(found.interval().half_width)
    if found.value == 0 and half == 0:
        return "0"
    return f"{100 * found.value:+.2f} ± {'<0.01' if 0 < half < 5e-5 else f'{100 * half:.2f}'}"


def _plain(value: float) -> str:
    return money(value) if abs(value) >= 0.005 else "0"
