"""What outages do to service and cost: the worst day, the time to recover, and the loss of an outage.

The loss is a paired difference: the same policy, on the same demand, in the same world without `supply_risk`. With
`lead_time_index=day` both have the same lead times, too; else a shipment that was held changes the draws of the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from restock.sim import statistics
from restock.sim.engines.events.draws import day_indices
from restock.sim.features.supply_risk.nights import spells, two_states
from restock.sim.features.supply_risk.settings import SUPPLIER_STATE
from restock.sim.measures.ledger import SERIES
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.keyed_draws import draw
from restock.sim.results.outcome import Outcome, measure_number
from restock.sim.run.executors import Executor
from restock.sim.run.shards import features_of_runs, run_shards
from restock.sim.study.compare import evaluate

if TYPE_CHECKING:
    import pandas as pd

WEEK, BEFORE, NEAR = 7, 28, 0.99  # days that are looked at together; before an outage; the share of it that is back
COLUMNS = ["policy", "supplier", "measure", "estimate", "low", "high", "half_width", "unit", "replications"]


class Spell(NamedTuple):
    """An outage: nights `first` <= night < `end` of a replication."""

    replication: int
    supplier: str
    first: int
    end: int


def has_outages(prepared: Prepared) -> bool:
    """Whether some supplier may be down.

    >>> from restock.sim.planning.example import one_shop
    >>> has_outages(one_shop())
    False
    """
    of = prepared.world.features.supply_risk
    return bool(of.holds and ((of.fails > 0).any() or of.scheduled.any()))


def nights_down(prepared: Prepared, seed: int, replications: int) -> np.ndarray:
    """Nights on which suppliers are down, by their own chance or by an event: uint8 (replications, suppliers, days).

    Suppliers are in the order of their names.
    """
    world = prepared.world
    of, first = world.features.supply_risk, world.opening_state.first_day
    out = np.repeat(of.scheduled[None], replications, axis=0)
    days = np.arange(first, world.horizon)
    for k in np.flatnonzero(of.fails > 0):
        cells = np.argwhere(of.supplier == k)
        for r in range(replications):
            before = 0
            if of.opening_down.size and len(cells):
                i, n = cells[0]
                before = int(of.opening_down[i, n, min(r, of.opening_down.shape[2] - 1)])
            uniform = draw(seed, r, int(of.supplier_key[k]), 0, SUPPLIER_STATE, day_indices(days))
            out[r, k, first:] |= two_states(uniform, int(of.fails[k]), int(of.recovers[k]), first, before)
    return out


def outages_of(prepared: Prepared, down: np.ndarray) -> list[Spell]:
    """Outages that began on a measured day, of all replications; `down` is that of `nights_down`."""
    names = sorted({item.supplier for item in prepared.scenario.items})
    return [Spell(r, names[k], first, end)
            for r, of_run in enumerate(down) for k, nights in enumerate(of_run) for first, end in spells(nights)
            if first >= prepared.world.warm_up]  # fmt: skip


def daily_service(outcome: Outcome, executor: Executor | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Units asked for and units filled at once, by replication and day, at the sites that serve no other."""
    prepared, many = outcome.prepared, outcome.replications
    ends = np.diff(prepared.world.first_child) == 0
    asked, filled = (np.zeros((many, prepared.world.horizon), np.int64) for _ in range(2))
    for shard in run_shards(prepared, outcome.plan, outcome.seed, (0, many), series=many, executor=executor):
        first, last = shard.replications
        for out, name in ((asked, "demand"), (filled, "filled")):
            out[first:last] += shard.series[:, :, ends, SERIES.index(name)].sum(axis=2).T
    return asked, filled


def days_until_felt(prepared: Prepared) -> int:
    """Days for which an outage may go on to be felt when it is over: the longest way of goods to a site, and a day.

    What left before it still comes in while it lasts; what it keeps back is missing a lead time later.

    >>> from restock.sim.planning.example import one_shop
    >>> days_until_felt(one_shop())  # a lead time of two days
    3
    """
    world, parent = prepared.world, prepared.scenario.parent
    way = np.array(world.longest_lead)
    for n in range(len(way)):
        above = parent[n]
        while above >= 0:
            way[n] += world.longest_lead[above]
            above = parent[above]
    return int(way.max()) + 1


def days_to_recover(spell: Spell, asked: np.ndarray, filled: np.ndarray, felt: int = 0) -> int | None:
    """Days from the first night up until the fill of the last seven days is back within 1% of its mean before.

    Before are the 28 days up to the outage, or as many as there were, at least seven. It is back when it is so after
    its worst: with long lead times shelves are full while the outage lasts, and empty up to `felt` days later. `asked`
    and `filled` are those of its replication, by day. None: it is not back when the run ends, or there is nothing to
    compare it with.

    >>> asked = np.full(60, 10)
    >>> filled = np.where((np.arange(60) >= 33) & (np.arange(60) < 38), 0, 10)
    >>> days_to_recover(Spell(0, "farm", 30, 35), asked, filled)
    9
    >>> [days_to_recover(Spell(0, "farm", 20, 25), asked, filled, felt) for felt in (0, 12)]
    [0, 19]
    """
    start = max(0, spell.first - BEFORE)
    if spell.first - start < WEEK or not asked[start : spell.first].any():
        return None
    before = filled[start : spell.first].sum() / asked[start : spell.first].sum()
    asked_so_far, filled_so_far = (np.concatenate([[0], np.cumsum(x)]) for x in (asked, filled))
    days = np.arange(spell.first, len(asked))
    week_asked, week_filled = (x[days + 1] - x[days + 1 - WEEK] for x in (asked_so_far, filled_so_far))
    of_week = week_filled / np.maximum(week_asked, 1) + (week_asked == 0)
    worst = int(of_week[: spell.end + felt - spell.first].argmin())
    back = np.flatnonzero((week_filled >= NEAR * before * week_asked) & (days >= max(spell.end, spell.first + worst)))
    return int(days[back[0]]) - spell.end if len(back) else None


def outage_table(
    outcomes: Iterable[Outcome], executor: Executor | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Tidy: policy ('' for suppliers' figures), supplier, measure, estimate, low, high, half_width, unit, replications.

    Of each supplier `outages` a year and the share of `nights_down`. Of each policy `worst_day` (the least share of a
    day's demand served at once, over measured days), `days_to_recover`, `not_recovered` (share of outages after which
    service was not back when the run ended), and what an outage costs: `loss_per_outage`, total cost less that without
    any outage, and `fill_rate_lost`, fill rate without less that with them.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.model.supply.supply_events import Outage
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop(days=56, events=(Outage(supplier="supplier", start=20, days=7),))
    >>> found = outage_table([evaluate(shop, BaseStock(base_stock_level=20), 4, seed=1)])
    >>> found.loc[found["measure"] == "nights_down", "estimate"].tolist()
    [0.125]
    """
    import pandas as pd

    outcomes = list(outcomes)
    first = outcomes[0]
    down = nights_down(first.prepared, first.seed, max(each.replications for each in outcomes))
    rows: list[dict[str, Any]] = []

    def add(policy: str, supplier: str, measure: str, unit: str, x: np.ndarray, y: np.ndarray | float = 1.0) -> None:
        many = len(x)
        if np.any(y) and many:
            found = statistics.interval(x, y, confidence)
            low, high = np.clip((found.low, found.high), 0, 1) if unit == "share" else (found.low, found.high)
            figures = (found.estimate, low, high, found.half_width)
            rows.append(dict(zip(COLUMNS, (policy, supplier, measure, *map(float, figures), unit, many), strict=True)))

    world = first.prepared.world
    every, felt = outages_of(first.prepared, down), days_until_felt(first.prepared)
    for k, name in enumerate(sorted({item.supplier for item in first.prepared.scenario.items})):
        if down[:, k].any():
            began = _count(every, len(down), name)
            add("", name, "outages", "times/year", began * (365 / first.prepared.scenario.days))
            add("", name, "nights_down", "share", down[:, k, world.warm_up :].mean(axis=1))
    for outcome in outcomes:
        mine = [spell for spell in every if spell.replication < outcome.replications]
        began = _count(mine, outcome.replications)
        asked, filled = daily_service(outcome, executor)
        measured = slice(world.warm_up, None)
        share = np.where(asked > 0, filled / np.maximum(asked, 1), 1.0)[:, measured]
        add(outcome.label, "", "worst_day", "share", share.min(axis=1))
        late, ended, stuck = (np.zeros(outcome.replications) for _ in range(3))
        for spell in mine:
            if spell.end + felt < world.horizon and spell.first >= WEEK:
                days = days_to_recover(spell, asked[spell.replication], filled[spell.replication], felt)
                ended[spell.replication] += 1
                late[spell.replication] += days or 0
                stuck[spell.replication] += days is None
        add(outcome.label, "", "days_to_recover", "days", late, ended - stuck)
        add(outcome.label, "", "not_recovered", "share", stuck, ended)
        without = without_risk(outcome, executor)
        (top, bottom), (other, other_bottom) = outcome.pairs("chain"), without.pairs("chain")
        cost, fill = measure_number("total_cost"), measure_number("fill_rate")
        add(outcome.label, "", "loss_per_outage", "money", top[:, 0, cost] - other[:, 0, cost], began)
        less = statistics.paired_difference(
            other[:, 0, fill], top[:, 0, fill], other_bottom[:, 0, fill], bottom[:, 0, fill], confidence
        )
        figures = (less.difference, less.low, less.high, less.half_width)
        rows.append(dict(zip(COLUMNS, (outcome.label, "", "fill_rate_lost", *map(float, figures), "share",
                                       outcome.replications), strict=True)))  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def without_risk(outcome: Outcome, executor: Executor | None = None) -> Outcome:
    """The same policy with the same levels, seed and replications, in the world without supply risk."""
    scenario = outcome.prepared.scenario
    safe = Prepared(scenario.having(replace(scenario.feature("supply_risk"), active=False)))
    features = features_of_runs((outcome.prepared, outcome.plan), (safe, outcome.plan))
    return evaluate(safe, outcome.plan, outcome.replications, outcome.seed, levels=("chain",), label=outcome.label,
                    executor=executor, features=features)  # fmt: skip


def _count(found: Iterable[Spell], replications: int, supplier: str | None = None) -> np.ndarray:
    """How many outages began in each replication, of a supplier or of all."""
    mine = [spell.replication for spell in found if supplier in (None, spell.supplier)]
    return np.bincount(np.array(mine, np.int64), minlength=replications).astype(float)


def outage_lines(table: pd.DataFrame) -> list[str]:
    """Lines of a report: how often suppliers are down, and what that does under each policy.

    >>> import pandas as pd
    >>> rows = [("", "farm", name, x, x, x, 0.0, "", 2) for name, x in (("nights_down", 0.05), ("outages", 2.0))]
    >>> outage_lines(pd.DataFrame(rows, columns=COLUMNS))[1]
    'supplier farm: down on 5.00 ± 0.00% of nights, 2.00 ± 0.00 outages a year'
    """
    lines = ["Outages, and what they do beside the same demand without them (supply_risk.active=false):"]
    for supplier, rows in table[table["policy"] == ""].groupby("supplier", sort=False):
        of = rows.set_index("measure")
        lines.append(f"supplier {supplier}: down on {_in(of, 'nights_down', 100)}% of nights, "
                     f"{_in(of, 'outages')} outages a year")  # fmt: skip
    for policy, rows in table[table["policy"] != ""].groupby("policy", sort=False):
        of, parts = rows.set_index("measure"), []
        parts.append(f"{_in(of, 'worst_day', 100)}% served on the worst day of a run")
        if "days_to_recover" in of.index:
            parts.append(f"back to within 1% {_in(of, 'days_to_recover')} days after an outage")
        if "not_recovered" in of.index and of.loc["not_recovered", "estimate"] > 0:
            parts.append(f"not back by the end of the run after {_in(of, 'not_recovered', 100)}% of them")
        if "loss_per_outage" in of.index:
            parts.append(f"an outage costs {_in(of, 'loss_per_outage')}")
        parts.append(f"{_in(of, 'fill_rate_lost', 100)} %-points of fill rate lost")
        lines.append(f"- {policy}: {'; '.join(parts)}")
    return lines


def _in(of: pd.DataFrame, measure: str, times: float = 1.0) -> str:
    """An estimate with its half-width, in as many digits as it deserves."""
    value, half = of.loc[measure, "estimate"] * times, of.loc[measure, "half_width"] * times
    decimals = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{decimals}f}" + ("" if half != half else f" ± {half:,.{decimals}f}")
