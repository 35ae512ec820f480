"""ABC tiers: classify items, and give every class its own policy, service target, review period and order size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from restock.policies.catalogue import make_policy
from restock.policies.put_together import put_together
from restock.sim.checks import check_fields, check_mapping
from restock.sim.errors import InputError, require, unknown
from restock.sim.model.abc_classes import abc_classes
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.policy import Plan, Policy

BASES = ("value", "velocity", "value_velocity", "variability")

DEFAULT_TIERS: dict[str, dict[str, Any]] = {
    "A": {"name": "buffer", "target": 0.98, "review_period": 1, "order_days": 3.0},
    "B": {"name": "buffer", "target": 0.95, "review_period": 1, "order_days": 7.0},
    "C": {"name": "buffer", "target": 0.90, "review_period": 7, "order_days": 14.0},
}


@dataclass(frozen=True)
class AbcTiered(Policy):
    """Items are classified, and each class follows a policy of its own.

    Parameters
    ----------
    classify_by : str
        'value': annual usage value (units x unit cost); 'velocity': annual units; 'value_velocity': both, in
        classes such as 'AB' (value first); 'variability': X, Y, Z by the coefficient of variation of weekly demand.
    cutoffs : two numbers
        Cumulative shares at which class A and class B end (the item that crosses a cut-off belongs to the higher
        class); for 'variability' the coefficients of variation at which X and Y end.
    tiers : mapping of class to policy settings
        Each with the policy's `name` and its settings; a class without settings follows the class 'other'.

    Source: Silver, Pyke & Thomas (2017), section 2.6 (ABC); Scholz-Reiter et al. (2012) for XYZ.
    """

    classify_by: str = "value"
    cutoffs: tuple[float, float] = (0.8, 0.95)
    tiers: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: DEFAULT_TIERS)

    def __post_init__(self) -> None:
        if self.classify_by not in BASES:
            raise unknown("classify_by", self.classify_by, BASES, "of policy 'abc_tiered'")
        check_fields(self, after=" of policy 'abc_tiered'")
        cutoffs = tuple(float(x) for x in self.cutoffs)
        good = len(cutoffs) == 2 and 0 < cutoffs[0] < cutoffs[1]
        require(good, f"cutoffs must be two growing numbers above 0, got {list(self.cutoffs)}")
        object.__setattr__(self, "cutoffs", cutoffs)
        require(self.review_period == 1, "abc_tiered reviews by tier; set review_period in its tiers, not beside them")
        require(len(self.tiers) > 0, "abc_tiered needs settings for at least one tier")
        for tier, settings in check_mapping("tiers of policy 'abc_tiered'", self.tiers).items():
            check_mapping(f"tier '{tier}' of policy 'abc_tiered'", settings)
            make_policy(settings)  # a mistake in a tier is found when the policy is built

    def classes(self, known: Knowledge) -> np.ndarray:
        """The class of each item, shape (items,)."""
        ground = known.tier == 0
        mean = np.where(known.stocked, known.demand_mean, 0)[:, ground].sum(axis=1)
        if self.classify_by == "variability":
            variance = np.where(known.stocked, known.demand_variance, 0)[:, ground].sum(axis=1)
            variation = np.sqrt(7 * variance) / np.maximum(7 * mean, 1e-12)
            return np.array(list("XYZ"))[np.searchsorted(self.cutoffs, variation, side="right")]
        names = [item.name for item in known.scenario.items]
        value = abc_classes(mean * known.unit_cost[:, 0], self.cutoffs, names=names)
        if self.classify_by == "value":
            return value
        velocity = abc_classes(mean, self.cutoffs, names=names)
        return velocity if self.classify_by == "velocity" else np.char.add(value, velocity)

    def plan(self, known: Knowledge) -> Plan:
        """The plans of the tiers, put together cell by cell."""
        of_item = self.classes(known)
        parts = {tier: make_policy(settings).plan(known) for tier, settings in self.tiers.items()}
        for tier in dict.fromkeys(of_item.tolist()):
            if tier not in parts and "other" not in parts:
                raise InputError(f"abc_tiered has no settings for class '{tier}'; given: {', '.join(parts)}")
        masks = {tier: of_item == tier if tier != "other" else ~np.isin(of_item, list(parts)) for tier in parts}
        tier_of = np.broadcast_to(of_item[:, None], known.stocked.shape)
        return put_together(self.name, [(masks[tier][:, None], part) for tier, part in parts.items()], tier_of)
