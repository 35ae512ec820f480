"""Rolling up: the ledger of each shard becomes sums of facts per group, so that memory does not grow with cells.

Chain, tier, site, category and class keep their sums for every replication. Items and cells keep means and second
moments of their measures' numerators and denominators over replications: enough for an interval. Sums run over
items, then sites, within a shard, and shards come in a fixed order: threads change no bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.classes import usage_classes
from sim.errors import unknown
from sim.facts import COLUMN, FACTS, IN_CHAIN, cell_weights, chain_cells, columns_and_weights, variance_constants
from sim.jit import entry_point
from sim.measures import MEASURES, denominators, numerators
from sim.policy import Plan
from sim.simulate import Prepared, Shard

LEVELS = ("chain", "tier", "site", "category", "class", "policy_class", "item", "cell")
OWN = ("tier", "site", "cell")  # levels whose groups are seen by their own books; the others by the chain's
SUMMED = LEVELS[:6]  # levels that keep every replication


@dataclass(frozen=True)
class Grouping:
    """Which group of a level each cell is in: group_of int32 (items, sites), -1 outside."""

    level: str
    names: tuple[str, ...]
    group_of: np.ndarray


@dataclass
class Moments:
    """Over replications: means (groups, measures, [n, d]); sums of squared deviations (nn, nd, dd)."""

    count: np.ndarray
    mean: np.ndarray
    squares: np.ndarray

    def add(self, groups: slice, top: np.ndarray, bottom: np.ndarray) -> None:
        """Join replications (replications, groups, measures), by Chan, Golub & LeVeque (1983)."""
        pair = np.stack([top, bottom], axis=-1)
        more, mean = len(pair), pair.mean(axis=0)
        off = pair - mean
        squares = np.stack([(off[..., j] * off[..., k]).sum(axis=0) for j, k in ((0, 0), (0, 1), (1, 1))], axis=-1)
        before = self.count[groups]
        shift = mean - self.mean[groups]
        weight = (before * more / (before + more))[:, None]
        for m, (j, k) in enumerate(((0, 0), (0, 1), (1, 1))):
            self.squares[groups, :, m] += squares[..., m] + weight * shift[..., j] * shift[..., k]
        self.mean[groups] += shift * (more / (before + more))[:, None, None]
        self.count[groups] += more


@dataclass
class Rollup:
    """What is left of a run: sums[level] float64 (replications, groups, FACTS), moments[level] for items and cells."""

    days: int
    groupings: dict[str, Grouping]
    sums: dict[str, np.ndarray] = field(default_factory=dict)
    moments: dict[str, Moments] = field(default_factory=dict)


def groupings(prepared: Prepared, plan: Plan | None, levels: Sequence[str]) -> dict[str, Grouping]:
    """The groups of each level, in alphabetical order (sites and items as listed, stores before DCs).

    `policy_class` is left out for a plan that has no classes of its own.
    """
    scenario, stocked = prepared.scenario, prepared.scenario.stocked
    out = {}
    names: list[str]
    codes: np.ndarray
    for level in levels:
        if level not in LEVELS:
            raise unknown("level", level, LEVELS)
        if level == "chain":
            names, codes = ["all"], np.zeros(stocked.shape, np.int32)
        elif level == "tier":
            names, codes = _coded(tier_names(prepared))
            rank = np.argsort(sorted(range(len(names)), key=lambda k: (not names[k].startswith("store"), names[k])))
            names, codes = [names[k] for k in np.argsort(rank)], rank[codes]
        elif level == "site":
            names, codes = [site.name for site in scenario.sites], np.arange(len(scenario.sites))
        elif level == "category":
            names, codes = _coded([item.category for item in scenario.items])
            codes = codes[:, None]
        elif level == "class":
            names, codes = _coded(usage_classes(scenario, prepared.world.daily_rate))
            codes = codes[:, None]
        elif level == "policy_class":
            if plan is None or plan.tier_of is None:
                continue
            names, codes = _coded(np.where(stocked, plan.tier_of, ""))
        elif level == "item":
            names, codes = [item.name for item in scenario.items], np.arange(len(scenario.items))[:, None]
        else:
            names = [f"{scenario.items[i].name} at {scenario.sites[n].name}" for i, n in np.argwhere(stocked)]
            codes = (np.cumsum(stocked) - 1).reshape(stocked.shape)
        out[level] = Grouping(level, tuple(names), np.where(stocked, codes, -1).astype(np.int32))
    return out


def _coded(values: Sequence[str] | np.ndarray) -> tuple[list[str], np.ndarray]:
    names, codes = np.unique(np.asarray(values, dtype=str), return_inverse=True)
    return names.tolist(), codes.reshape(np.shape(values))


def tier_names(prepared: Prepared) -> list[str]:
    """Tier of each site: its kind, with the number of the tier where sites of a kind stand on several."""
    scenario = prepared.scenario
    tiers = {kind: {int(t) for s, t in zip(scenario.sites, scenario.tier, strict=True) if s.kind == kind}
             for kind in {site.kind for site in scenario.sites}}  # fmt: skip
    return [site.kind if len(tiers[site.kind]) == 1 else f"{site.kind}, tier {tier}"
            for site, tier in zip(scenario.sites, scenario.tier.tolist(), strict=True)]  # fmt: skip


def roll_up(prepared: Prepared, plan: Plan, shards: Iterable[Shard], replications: tuple[int, int],
            levels: Sequence[str]) -> Rollup:  # fmt: skip
    """Reduce shards, as they come, to sums and moments."""
    scenario, groups = prepared.scenario, groupings(prepared, plan, levels)
    out = Rollup(scenario.days, groups)
    count, pairs = replications[1] - replications[0], len(MEASURES)
    for level, grouping in groups.items():
        size = len(grouping.names)
        if level in SUMMED:
            out.sums[level] = np.zeros((count, size, len(FACTS)))
        else:
            out.moments[level] = Moments(np.zeros(size), np.zeros((size, pairs, 2)), np.zeros((size, pairs, 3)))
    weights, cells = cell_weights(scenario), chain_cells(scenario)
    in_chain = np.array([IN_CHAIN.index(fact.in_chain) for fact in FACTS.values()])
    by_chain = np.array([level not in OWN for level in groups])
    for shard in shards:
        (r0, r1), (i0, i1) = shard.replications, shard.items
        rows = [_rows(grouping, i0, i1) for grouping in groups.values()]
        ends = np.cumsum([0] + [size for _, _, size in rows])
        group_of = np.stack([of_cell + np.where(of_cell >= 0, start, 0)
                             for (of_cell, _, _), start in zip(rows, ends, strict=False)]).astype(np.int32)  # fmt: skip
        sums = np.zeros((r1 - r0, ends[-1], len(FACTS)))
        _add_up(shard.ledger, columns_and_weights(), weights[:, i0:i1], cells[:, i0:i1], in_chain, group_of, by_chain,
                float(scenario.days), *variance_constants(scenario.days), sums)  # fmt: skip
        for level, (_, first, size), start in zip(groups, rows, ends, strict=False):
            part = sums[:, start : start + size]
            if level in SUMMED:
                out.sums[level][r0 - replications[0] : r1 - replications[0]] += part
            else:
                bottom = denominators(part, scenario.days)
                out.moments[level].add(slice(first, first + size), numerators(part), bottom)
    return out


def _rows(grouping: Grouping, i0: int, i1: int) -> tuple[np.ndarray, int, int]:
    """Group of each cell of items i0..i1, the first group, and how many: items and cells come a few at a time."""
    here = grouping.group_of[i0:i1]
    if grouping.level in SUMMED:
        return here, 0, len(grouping.names)
    used = here[here >= 0]
    first, last = (int(used.min()), int(used.max()) + 1) if len(used) else (0, 0)
    return np.where(here >= 0, here - first, -1), first, last - first


_DEMAND, _ORDERED = COLUMN["demand"], COLUMN["ordered"]
_DEMAND_SQUARED, _ORDERED_SQUARED = COLUMN["demand_squared"], COLUMN["ordered_squared"]
_FILLED, _SERVED, _SHIPPED = COLUMN["filled"], COLUMN["backorders_served"], COLUMN["shipped"]


@entry_point()
def _add_up(ledger, made_of, weights, cells, in_chain, group_of, by_chain, days, over, divisor, out):
    """Add the facts of every cell to its groups: ledger (r, i, n, columns) into out (r, groups, facts)."""
    replications, items, sites, columns = ledger.shape
    facts = out.shape[2]
    column = np.zeros(columns + 4)
    own = np.zeros(facts)
    chain = np.zeros(facts)
    for r in range(replications):
        for i in range(items):
            for n in range(sites):
                if not cells[0, i, n]:
                    continue
                for k in range(columns):
                    column[k] = ledger[r, i, n, k]
                column[columns] = days
                column[columns + 1] = column[_FILLED] + column[_SERVED] - column[_SHIPPED]
                column[columns + 2] = (column[_DEMAND_SQUARED] - over * column[_DEMAND] ** 2) / divisor
                column[columns + 3] = (column[_ORDERED_SQUARED] - over * column[_ORDERED] ** 2) / divisor
                for f in range(facts):
                    own[f] = weights[made_of[f, 1], i, n] * column[made_of[f, 0]]
                    chain[f] = own[f] if cells[in_chain[f], i, n] else 0.0
                for level in range(len(group_of)):
                    g = group_of[level, i, n]
                    if g >= 0:
                        for f in range(facts):
                            out[r, g, f] += chain[f] if by_chain[level] else own[f]
