"""Regions and their terms as arrays over items (i) and sites (n): what both engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.features.transfers.settings import BY_DC, LONGEST_TRANSIT
from restock.sim.model.opening.run_state import kept
from restock.sim.model.unit_limits import LARGEST_UNITS

if TYPE_CHECKING:
    from restock.sim.features.transfers.settings import Transfers
    from restock.sim.model.feature import Making
    from restock.sim.model.scenario import Scenario

NEVER = 2**30  # a day that does not come
AHEAD = LONGEST_TRANSIT + 1  # days of arrival that a run keeps


class TransferArrays(NamedTuple):
    """The arrays are empty unless `used` is 1."""

    used: int  # 1: there is a region
    at_once: int  # 1: customers are served from other stores the same day
    overnight_every: int  # 0: never by cover
    rebalance_every: int  # 0: never
    rebalance_first: int  # day of the run; counted on modulo `rebalance_every`
    least: int  # units of the smallest line
    transit_table: int
    longest_transit: int
    mask: int  # days of arrival & mask differ: a power of two, less one
    region_first: np.ndarray  # int64 (regions + 1,): the sites of a region lie from here to the next
    region_site: np.ndarray  # int64: site numbers, those of a region in the order in which they are listed
    region_of: np.ndarray  # int64 (n,): the region of a site; -1: none
    takes_part: np.ndarray  # int32 (i, n): 1 where the item may be sent and received
    last_day: np.ndarray  # int32 (i,): from this day on it is sent no more; `NEVER` without a season
    floor: np.ndarray  # int32 (i, n): units that a giving store keeps
    low: np.ndarray  # int32 (i, n): units of cover
    to: np.ndarray  # int32 (i, n)
    high: np.ndarray  # int32 (i, n)
    rate: np.ndarray  # int64 (i, n): mean demand a day in thousandths
    under_way: np.ndarray  # int32 (i, n, r, AHEAD): where a run goes on, units that come so many days from its first


def transfer_arrays(transfers: Transfers, making: Making) -> TransferArrays:
    """The arrays of a scenario. Goods that do not keep are not sent: their ages would have to travel with them."""
    scenario, rate = making.scenario, making.rate
    regions = regions_of(transfers, scenario)
    region_of = np.full(len(scenario.sites), -1, np.int64)
    for number, sites in enumerate(regions):
        region_of[sites] = number
    used = len(regions) > 0
    overnight, rebalance = transfers.overnight, transfers.rebalance

    def in_units(days: float) -> np.ndarray:
        units = np.minimum(np.ceil(days * rate - 1e-9), LARGEST_UNITS) if used else np.zeros((0, 0))
        return units.astype(np.int32)

    takes_part = scenario.stocked & (region_of >= 0) & ~making.ages[:, None]
    season_end = making.made["selling_seasons"].season_end
    going = kept(scenario, "transfers_under_way", "transfers") if used else None
    return TransferArrays(
        used=int(used),
        at_once=int(used and transfers.at_once),
        overnight_every=overnight.every if used and overnight else 0,
        rebalance_every=rebalance.every if used and rebalance else 0,
        rebalance_first=rebalance.first + scenario.warm_up if rebalance else 0,
        least=transfers.least,
        transit_table=making.add_law(transfers.transit) if used else 0,
        longest_transit=(longest := len(transfers.transit.pmf()) - 1),
        mask=(1 << (longest if going is None else AHEAD).bit_length()) - 1,
        region_first=np.cumsum([0, *map(len, regions)]).astype(np.int64),
        region_site=np.array([n for sites in regions for n in sites], np.int64),
        region_of=region_of,
        takes_part=takes_part.astype(np.int32) if used else np.zeros((0, 0), np.int32),
        last_day=np.minimum(season_end, NEVER).astype(np.int32),
        floor=np.maximum(in_units(transfers.floor.days), np.int32(transfers.floor.units)),
        low=in_units(overnight.low if overnight else 0),
        to=in_units(overnight.to_days if overnight else 0),
        high=in_units(overnight.high if overnight else 0),
        rate=np.round(1000 * rate).astype(np.int64) if used else np.zeros((0, 0), np.int64),
        under_way=np.zeros((0, 0, 0, 0), np.int32) if going is None else going,
    )


def regions_of(transfers: Transfers, scenario: Scenario) -> list[list[int]]:
    """The numbers of each region's sites, as listed.

    >>> from restock.sim.features.transfers.settings import Transfers
    >>> from restock.sim.planning.example import one_shop
    >>> regions_of(Transfers("by_dc"), one_shop().scenario)  # a shop that no DC serves
    []
    """
    if transfers.regions is None:
        return []
    number = {site.name: n for n, site in enumerate(scenario.sites)}
    if transfers.regions != BY_DC:
        return [sorted(number[site] for site in sites) for sites in transfers.regions.values()]
    serving = set(scenario.parent.tolist())
    of_dc = [[n for n, above in enumerate(scenario.parent.tolist()) if above == dc and n not in serving]
             for dc in range(len(scenario.sites))]  # fmt: skip
    return [sites for sites in of_dc if sites]
