"""All features of the model, in the order in which settings, columns and tables name them."""

from __future__ import annotations

from collections import namedtuple

from restock.sim.features.allocation.settings import Allocation
from restock.sim.features.channels.settings import Channels
from restock.sim.features.limits.settings import Limits
from restock.sim.features.order_terms.settings import OrderTerms
from restock.sim.features.push.settings import Push
from restock.sim.features.records.settings import Records, Shrinkage
from restock.sim.features.returns.settings import Returns
from restock.sim.features.second_source.settings import Sourcing
from restock.sim.features.selling_season.settings import SellingSeasons
from restock.sim.features.shelf_life.settings import ShelfLife
from restock.sim.features.supply_risk.settings import SupplyRisk
from restock.sim.features.transfers.settings import Transfers
from restock.sim.features.transit_damage.settings import TransitDamage
from restock.sim.features.unit_costs.settings import UnitCosts
from restock.sim.model.feature import register

FEATURES = (
    Shrinkage, Records, Returns, ShelfLife, SellingSeasons, OrderTerms, Sourcing, UnitCosts, TransitDamage, Allocation,
    Push, SupplyRisk, Transfers, Channels, Limits,
)  # fmt: skip
FeatureArrays = namedtuple("FeatureArrays", [kind.name for kind in FEATURES])  # type: ignore[misc]
register(FEATURES, FeatureArrays)
