"""A second source: a supplier beside each item's own, for the sites that it has lanes to.

Its lane has a lead time, an ordering cost, order days and shipments of its own, and a premium on the unit cost. What of
an order goes there is a rule of the scenario: a share of its packs, or what the policy itself asks for first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from restock.sim.checks import LARGEST_NUMBER, check_fields, check_share
from restock.sim.errors import InputError, require, unknown
from restock.sim.features.second_source.measures import SECOND
from restock.sim.model.books import Books
from restock.sim.model.feature import Feature, OwnSetting
from restock.sim.model.unit_limits import LARGEST_UNITS
from restock.sim.probability.keyed_draws import named_purpose

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.engines.events.site_steps import SiteSteps
    from restock.sim.engines.writer.lane_features import Lanes
    from restock.sim.features.second_source.arrays import SourceArrays
    from restock.sim.model.feature import Making
    from restock.sim.model.network import Lane
    from restock.sim.model.scenario import Scenario

LEAD_TIME_2 = named_purpose("lead_time_2")
RULES = ("single", "split", "policy", "backup")
SINGLE, SPLIT, POLICY, BACKUP = range(4)
MOST_NIGHTS = 10_000


def _check_premium(name: str, value: Any, of: str) -> None:
    good = isinstance(value, (int, float)) and 0 <= value <= LARGEST_NUMBER
    require(good, f"{name} {of} must be a number from 0 to {LARGEST_NUMBER:,}, got {value}")


@dataclass(frozen=True)
class Sourcing(Feature):
    """Where orders to outside suppliers go; the default is each item's own supplier alone.

    Parameters
    ----------
    rule : str
        'single': all to the item's own supplier. 'split': a share of the packs of every order to the second source.
        'policy': the policy's `express` is asked first, and what it orders comes from the second source; then its rule.
        'backup': the whole order, on nights when the item's own supplier is down (`supply_risk`), which such an order
        does not wait for.
    backup : str or None
        The supplier that is the second source, at the sites that it has lanes to.
    share : float
        Of 'split': so much of each order, rounded down to whole packs.
    after : int
        Of 'backup': after so many such nights in a row.

    >>> Sourcing("split", "nearby", 0.3).of(6, 10)  # of 10 packs of 6 units
    18
    """

    name: ClassVar[str] = "second_source"
    group: ClassVar[str] = "sourcing"
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {"second_source": ("used",)}
    flows: ClassVar[tuple[str, ...]] = ("expedited",)
    books: ClassVar[tuple[Books, ...]] = (SECOND,)
    not_of_items: ClassVar[tuple[str, ...]] = ("longest",)
    lane_settings: ClassVar[tuple[OwnSetting, ...]] = (OwnSetting("premium", float, check=_check_premium),)
    """What a unit costs more at the second source, as a share of its cost; without: nothing."""

    rule: str = "single"
    backup: str | None = None
    share: float = 0.0
    after: int = 0

    def __post_init__(self) -> None:
        check_fields(self, "sourcing.")
        if self.rule not in RULES:
            raise unknown("sourcing.rule", self.rule, RULES)
        check_share("sourcing.share", self.share)
        good = 0 <= self.after <= MOST_NIGHTS
        require(good, f"sourcing.after must be a whole number of nights from 0 to {MOST_NIGHTS:,}, got {self.after}")
        words = f"sourcing.rule={self.rule} needs sourcing.backup, the name of the second supplier"
        require(self.rule == "single" or bool(self.backup), words)

    @property
    def used(self) -> bool:
        """Whether there is a second source."""
        return self.rule != "single"

    def of(self, pack: int, packs: int) -> int:
        """What of an order of some packs goes to the second source, in units."""
        return packs * share_in_billionths(self.share) // BILLION * pack

    def lane_to(self, scenario: Scenario, site: str) -> Lane | None:
        """The second source's lane to a site, if it has one there."""
        mine = (lane for lane in scenario.lanes if self.used and lane.source == self.backup)
        return next((lane for lane in mine if lane.destination == site), None)

    def check(self, scenario: Scenario) -> None:
        """The second source is a supplier with lanes, to sites that outside suppliers serve."""
        if not self.used:
            return
        sites = {site.name: site for site in scenario.sites}
        suppliers = list(dict.fromkeys(lane.source for lane in scenario.lanes if lane.source not in sites))
        if self.backup not in suppliers:
            raise unknown("sourcing.backup", str(self.backup), suppliers)
        for lane in scenario.lanes:
            where = f"lane '{lane.source}' -> '{lane.destination}'"
            if lane.source != self.backup:
                words = f"premium of {where}: only lanes of the second source, '{self.backup}', have one"
                require(lane.own.get("premium") is None, words)
            elif lane.own.get("minimum_order_value") is not None:
                raise InputError(f"minimum_order_value of {where}: express orders, and parts of orders, have none")
            elif lane.lead_time_by_item:
                raise InputError(f"lead_time_by_item of {where}: a second source has one lead time for all items")
            elif lane.destination in sites and sites[lane.destination].served_by:
                above = sites[lane.destination].served_by
                raise InputError(f"{where}: a second source is for sites that outside suppliers serve, and "
                                 f"'{lane.destination}' is served by '{above}'")  # fmt: skip
        if self.rule == "policy":
            self._check_constant(scenario)

    def _check_constant(self, scenario: Scenario) -> None:
        """What is due soon is known where no lead time is left to chance."""
        reached = {lane.destination for lane in scenario.lanes if lane.source == self.backup}
        for lane in scenario.lanes:
            several = any(np.count_nonzero(law.pmf()) > 1 for law in lane.lead_times)
            if lane.destination in reached and several:
                raise InputError(
                    "sourcing.rule=policy tells policies what is due soon, which needs constant lead times; that of "
                    f"lane '{lane.source}' -> '{lane.destination}' has several values"
                )

    def arrays(self, making: Making) -> SourceArrays:
        from restock.sim.features.second_source.arrays import source_arrays

        return source_arrays(self, making)

    def dearest_unit(self, arrays: SourceArrays) -> float:
        """What a unit costs more there, in millionths of money; a line, of which there is one a day, seldom counts."""
        of_unit = np.max(arrays.premium + np.abs(arrays.per_unit), initial=0)
        return float(max(of_unit, np.max(np.abs(arrays.per_line), initial=0) / LARGEST_UNITS))

    def longest_lead(self, arrays: SourceArrays) -> np.ndarray:
        """The longest lead time from the second source to each site; 0 where it has none."""
        return arrays.longest

    def lanes(self) -> dict[str, Lanes]:
        from restock.sim.features.second_source.lanes import LANES

        return LANES

    def at_site(self, site: SiteProcess) -> SiteSteps | None:
        from restock.sim.features.second_source.steps import SourceSteps

        of = site.run.prepared.world.features.second_source
        return SourceSteps(site) if of.used and of.has[:, site.n].any() else None


BILLION = 10**9


def share_in_billionths(share: float) -> int:
    """A share in whole billionths, so that 0.29 of 100 packs are 29, which they are not in floats.

    >>> int(0.29 * 100), 100 * share_in_billionths(0.29) // BILLION
    (28, 29)
    """
    return round(share * BILLION)
