"""Rolling up: what shards were reduced to (see `reduction`) is added up, so that memory does not grow with cells.

Chain, tier, site, category, class and class by site keep their sums for every replication. Items and cells keep means
and second moments of their measures' numerators and denominators over replications: enough for an interval. Shards are
added in a fixed order: workers change no bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

import numpy as np

from restock.sim.engines.ledgers import features_of
from restock.sim.errors import unknown
from restock.sim.measures.facts import FACTS, chain_cells, item_weights, lane_weights
from restock.sim.model.abc_classes import usage_classes
from restock.sim.planning.policy import Plan
from restock.sim.planning.prepared import Prepared
from restock.sim.results.reduction import LEVELS, OWN, SUMMED, Moments, Part, Reduction

__all__ = ["LEVELS", "OWN", "SUMMED", "Grouping", "Rollup", "groupings", "reduction", "roll_up", "tier_names"]


SORTS = ("category", "class", "policy_class", "site_class")  # what items are put into; one without a cell is left out


@dataclass(frozen=True)
class Grouping:
    """Which group of a level each cell is in: group_of int32 (items, sites), -1 outside."""

    level: str
    names: tuple[str, ...]
    group_of: np.ndarray


@dataclass
class Rollup:
    """What is left of a run: sums[level] float64 (replications, groups, FACTS), moments[level] for items and cells."""

    days: int
    groupings: dict[str, Grouping]
    sums: dict[str, np.ndarray] = field(default_factory=dict)
    moments: dict[str, Moments] = field(default_factory=dict)


def groupings(prepared: Prepared, plan: Plan | None, levels: Sequence[str]) -> dict[str, Grouping]:
    """The groups of each level, in alphabetical order (sites and items as listed, stores before DCs).

    `policy_class` is left out for a plan that has no classes of its own, and so is a category or class without a cell.

    >>> from restock.sim.planning.example import one_shop
    >>> groupings(one_shop(), None, ("class", "item"))["item"].names
    ('milk', 'bread')
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
        elif level in ("class", "site_class"):
            names, codes = _coded(usage_classes(scenario, prepared.world.daily_rate))
            codes = codes[:, None]
            if level == "site_class":  # the classes of the chain, site by site as listed
                codes = codes + len(names) * np.arange(len(scenario.sites))
                names = [f"{name} at {site.name}" for site in scenario.sites for name in names]
        elif level == "policy_class":
            if plan is None or plan.tier_of is None:
                continue
            names, codes = _coded(plan.tier_of)
        elif level == "item":
            names, codes = [item.name for item in scenario.items], np.arange(len(scenario.items))[:, None]
        else:
            names = [f"{scenario.items[i].name} at {scenario.sites[n].name}" for i, n in np.argwhere(stocked)]
            codes = (np.cumsum(stocked) - 1).reshape(stocked.shape)
        if level in SORTS:
            held = np.unique(np.broadcast_to(codes, stocked.shape)[stocked])
            names, codes = [names[k] for k in held], np.searchsorted(held, codes)
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


def reduction(prepared: Prepared, plan: Plan, groups: Mapping[str, Grouping], first: int = 0) -> Reduction:
    """What each shard is reduced by; daily figures are kept of replication number `first`."""
    scenario = prepared.scenario
    of_level = {level: (grouping.group_of, len(grouping.names)) for level, grouping in groups.items()}
    return Reduction(scenario.days, of_level, item_weights(scenario), lane_weights(scenario), scenario.lane_of,
                     chain_cells(scenario), frozenset(features_of(prepared.world, plan)), first)  # fmt: skip


def roll_up(
    days: int, groups: Mapping[str, Grouping], parts: Iterable[Part], replications: tuple[int, int],
    series: np.ndarray, before: Rollup | None = None,
) -> Rollup:  # fmt: skip
    """Add the parts together, as they come, and to those of the replications before (which are kept as they are).

    Parameters
    ----------
    series : ndarray, int64 (2, days, sites, figures of ledger.SERIES)
        The parts' daily figures, where they keep any, are added to it: summed over replications, and of the first.
    """
    count = replications[1] - replications[0]
    out = Rollup(days, dict(groups))
    for level, grouping in groups.items():
        if level in SUMMED:
            out.sums[level] = np.zeros((count, len(grouping.names), len(FACTS)))
    out.moments = deepcopy(before.moments) if before else {}
    for part in parts:
        r0, r1 = part.replications
        for level, sums in part.sums.items():
            out.sums[level][r0 - replications[0] : r1 - replications[0]] += sums
        for level, (first, moments) in part.moments.items():
            nothing = Moments.nothing(len(groups[level].names), moments.mean.shape[1])
            out.moments.setdefault(level, nothing).add(first, moments)
        if part.series.size:
            series += part.series
    if before:
        out.sums = {level: np.concatenate([before.sums[level], more]) for level, more in out.sums.items()}
    return out
