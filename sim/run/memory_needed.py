"""Whether a run fits in the memory of this machine: reckoned before it is begun."""

from __future__ import annotations

import os

from restock.sim.errors import require
from restock.sim.measures.facts import FACTS
from restock.sim.measures.ledger import SERIES
from restock.sim.planning.prepared import Prepared

NUMBER = 8  # bytes
COPIES = 2  # sums of the replications before, and the same with further ones added


def check_room(prepared: Prepared, replications: int, policies: int) -> None:
    """Refuse a run whose sums by replication and figures by day need more memory than there is.

    Raises InputError, one line that says what is needed and what there is.

    >>> from restock.sim.planning.example import one_shop
    >>> check_room(one_shop(), replications=64, policies=2)
    """
    scenario = prepared.scenario
    sites = len(scenario.sites)
    groups = 8 + 2 * sites + len({item.category for item in scenario.items})  # chain, tiers, classes; sites; categories
    by_replication = COPIES * replications * groups * len(FACTS) * NUMBER
    by_day = COPIES * scenario.horizon * sites * len(SERIES) * NUMBER
    needed, there = policies * (by_replication + by_day), memory_of_machine()
    require(
        there is None or needed <= there,
        f"replications={replications}, with {scenario.horizon:,} days, {sites:,} sites and {policies} policies, needs "
        f"about {needed / 1e9:,.0f} GB of memory, and this machine has {(there or 0) / 1e9:,.0f} GB; take fewer",
    )


def memory_of_machine() -> int | None:
    """Bytes of memory; None where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
