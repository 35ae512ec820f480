"""Records: what the system believes is on the shelf, why it is wrong, and how counts put it right.

The book moves with every transaction (receipts, sales, shipments) and never with shrinkage; wrong scans move it too far
or not far enough. So the two drift apart until a count sets the book to the stock. A policy sees the book, late where
postings are late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from restock.sim.checks import check_categories, check_fields, check_share
from restock.sim.errors import require, unknown
from restock.sim.features.records.measures import WRONG_SCANS
from restock.sim.model.abc_classes import CLASSES, usage_classes
from restock.sim.model.books import Books
from restock.sim.model.feature import Feature, OwnSetting
from restock.sim.probability.laws import Law

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.engines.events.site_steps import SiteSteps
    from restock.sim.engines.writer.lane_features import Lanes
    from restock.sim.features.records.arrays import LossArrays, RecordArrays
    from restock.sim.model.feature import Making
    from restock.sim.model.scenario import Scenario

LONGEST_LAG = 7  # days
NEVER = 2**30  # a day that does not come
PRACTICE = (30, 91, 364)  # days between counts of A, B and C items: monthly, quarterly, yearly


def _check_class(name: str, value: Any, of: str) -> None:
    if value not in CLASSES:
        raise unknown(name, value, CLASSES, of)


@dataclass(frozen=True)
class Records(Feature):
    """How the record is kept, seen and put right; the default is a record that is always seen as it is, never counted.

    Parameters
    ----------
    lag : int
        Days after which a policy sees postings, 0 to 7: it sees record, backorders and sales as they stood `lag`
        evenings ago, and of its orders all but those whose receipt was posted by then.
    reconcile_every : int
        Transactions are posted every so many days only (at the close of day T - 1, 2T - 1, ...); in between a policy
        sees what it saw. A count posts what there is at its cell.
    count_every : three whole numbers, or one for all
        Days between counts of the items of class A, B and C by usage value; 0: never. The first day of each cell
        follows from its name, so that the work spreads over the days.
    full_count_every : int
        Every cell is counted at the close of day T - 1, 2T - 1, ...; 0: never.
    count_error : float
        Share of counts that are one unit wrong, too high or too low alike (never below 0).
    count_unsold_after : int
        A cell is counted when nothing was sold from stock for so many days; 0: no such walk.
    zero_balance_walk : bool
        A cell is counted at the close of a day whose sales leave its record at 0 or below.
    sales_misscanned : float
        Share of the units handed to customers that are scanned wrongly. Those of a day go all one way: booked not at
        all (missed, or scanned as another item) or twice (scanned twice, or another item scanned as this one). Items
        are not tied to each other: what one book lacks, no other has too much.
    receipts_misscanned : float
        Share of the units received that are: the record only, the order is closed in full.

    >>> Records(count_every=7).count_every
    (7, 7, 7)
    """

    name: ClassVar[str] = "records"
    group: ClassVar[str] = "records"
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "records": ("used",), "late_records": ("delayed",), "wrong_scans": ("sales_misscanned", "receipts_misscanned"),
    }  # fmt: skip
    by_default: ClassVar[str] = "records are right, and seen at once"
    books: ClassVar[tuple[Books, ...]] = (WRONG_SCANS,)
    item_settings: ClassVar[tuple[OwnSetting, ...]] = (OwnSetting("count_class", str, check=_check_class),)
    """The class as which an item is counted; without: its class by usage value."""

    lag: int = 0
    reconcile_every: int = 1
    count_every: tuple[int, ...] = (0, 0, 0)
    full_count_every: int = 0
    count_error: float = 0.0
    count_unsold_after: int = 0
    zero_balance_walk: bool = False
    sales_misscanned: float = 0.0
    receipts_misscanned: float = 0.0

    def __post_init__(self) -> None:
        given = self.count_every
        object.__setattr__(self, "count_every", given if isinstance(given, (list, tuple)) else (given,) * len(CLASSES))
        every = self.count_every
        good = len(every) == len(CLASSES)
        require(good, f"records.count_every must be one number of days, or one for each of A, B and C, got {given}")
        _whole("lag", self.lag, 0, LONGEST_LAG)
        _whole("reconcile_every", self.reconcile_every, 1)
        for name, days in (("full_count_every", self.full_count_every), *(("count_every", d) for d in every),
                           ("count_unsold_after", self.count_unsold_after)):  # fmt: skip
            _whole(name, days, 0)
        for name in ("count_error", "sales_misscanned", "receipts_misscanned"):
            check_share(f"records.{name}", getattr(self, name))
        good = isinstance(self.zero_balance_walk, bool)
        require(good, f"records.zero_balance_walk must be true or false, got {self.zero_balance_walk}")
        check_fields(self, "records.")

    @property
    def delayed(self) -> bool:
        """Whether a policy sees the book late."""
        return self.lag > 0 or self.reconcile_every > 1

    @property
    def misscans(self) -> bool:
        """Whether anything is scanned wrongly."""
        return self.sales_misscanned > 0 or self.receipts_misscanned > 0

    @property
    def walks(self) -> bool:
        """Whether cells are counted for what happened at them."""
        return self.count_unsold_after > 0 or self.zero_balance_walk

    @property
    def counts(self) -> bool:
        """Whether anything is ever counted."""
        return any(self.count_every) or self.full_count_every > 0 or self.walks

    def alone(self, scenario: Scenario, i: int, rate: np.ndarray) -> tuple[Feature, dict[str, Any]]:
        """The item is counted as the class that it has among all."""
        own = scenario.items[i].own.get("count_class")
        return self, {"count_class": own or str(usage_classes(scenario, rate)[i])}

    def arrays(self, making: Making) -> RecordArrays:
        from restock.sim.features.records.arrays import record_arrays

        return record_arrays(self, making)

    def lanes(self) -> dict[str, Lanes]:
        from restock.sim.features.records import lanes, late_lanes, scan_lanes

        return lanes.LANES | late_lanes.LANES | scan_lanes.LANES

    def at_site(self, site: SiteProcess) -> SiteSteps | None:
        from restock.sim.features.records.steps import RecordSteps

        return RecordSteps(site) if site.run.prepared.world.features.records.used else None


@dataclass(frozen=True)
class Shrinkage(Feature):
    """Units lost unseen each day (theft, damage, mistakes), as a share of each cell's mean demand.

    A cell's loss of a day is Poisson with that share of its mean demand, to three digits, and never more than is
    there. An item's own law takes its place.

    Parameters
    ----------
    of_sales : float
        Share of mean demand, at stores and DCs alike.
    by_category : mapping of category to share
        Categories with a share of their own.

    >>> Shrinkage(0.02, {"dairy": 0.05}).share("dairy")
    0.05
    """

    name: ClassVar[str] = "shrinkage"
    group: ClassVar[str] = "shrinkage"
    flows: ClassVar[tuple[str, ...]] = ("shrunk",)
    by_default: ClassVar[str] = "nothing is lost unseen"
    item_settings: ClassVar[tuple[OwnSetting, ...]] = (OwnSetting("shrinkage", Law, "{law: poisson, mean: 0.1}"),)
    """Units lost unseen a day at each cell; without: as the scenario's shrinkage has it."""

    of_sales: float = 0.0
    by_category: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_fields(self, "shrinkage.")
        object.__setattr__(self, "by_category", dict(self.by_category or {}))
        check_share("shrinkage.of_sales", self.of_sales)
        for category, value in self.by_category.items():
            check_share(f"shrinkage.by_category.{category}", value)

    def share(self, category: str) -> float:
        """The share of a category."""
        return float(self.by_category.get(category, self.of_sales))

    def check(self, scenario: Scenario) -> None:
        """Every category named is one that items have."""
        check_categories("shrinkage.by_category", self.by_category, scenario.categories)

    def arrays(self, making: Making) -> LossArrays:
        from restock.sim.features.records.arrays import loss_arrays

        return loss_arrays(self, making)


def count_days(
    records: Records, classes: np.ndarray, item_key: np.ndarray, site_key: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Days between counts, and the first day counted, of each cell: int32 (items, sites), `NEVER` where none falls.

    >>> every, first = count_days(Records(count_every=(30, 91, 364)), np.array(["A", "C"]), np.arange(2), np.arange(3))
    >>> every[:, 0].tolist(), bool((first < every).all())
    ([30, 364], True)
    """
    days = np.array(records.count_every)[np.searchsorted(np.array(CLASSES), classes)]
    every = np.broadcast_to(days[:, None], (len(item_key), len(site_key)))
    mixed = (item_key.astype(np.uint64)[:, None] << np.uint64(32)) | site_key.astype(np.uint64)[None, :]
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # Stafford's mix, as draws have it
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    spread = (mixed >> np.uint64(33)) % np.maximum(every, 1).astype(np.uint64)
    counted = every > 0
    return np.where(counted, every, NEVER).astype(np.int32), np.where(counted, spread, NEVER).astype(np.int32)


def _whole(name: str, value: Any, least: int, most: int = 100_000) -> None:
    good = isinstance(value, (int, np.integer)) and not isinstance(value, bool) and bool(least <= value <= most)
    require(good, f"records.{name} must be a whole number of days from {least} to {most}, got {value}")
