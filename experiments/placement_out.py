"""Where safety stock was placed, as a table: a row for each policy, item and site that a policy placed it for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.sim.results.outcome import Outcome

if TYPE_CHECKING:
    import pandas as pd

DAYS = ("service_time", "net_replenishment_time")
UNITS = ("safety_stock", "base_stock_level")
DIGITS = 4


def placement_table(outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """Service times and net replenishment times (days), safety stock and base-stock levels (true units).

    Policies that do not look at the chain have no row.
    """
    import pandas as pd

    frames = [_of(outcome) for outcome in outcomes if outcome.plan.placement]
    return pd.concat(frames, ignore_index=True)


def _of(outcome: Outcome) -> pd.DataFrame:
    import pandas as pd

    scenario, placement = outcome.prepared.scenario, outcome.plan.placement
    i, n = np.nonzero(scenario.stocked & np.isfinite(placement[DAYS[0]]))
    unit = np.array([item.counted_in for item in scenario.items])[i]
    columns: dict[str, Any] = {
        "policy": outcome.label,
        "item": [scenario.items[k].name for k in i],
        "site": [scenario.sites[k].name for k in n],
    }
    columns |= {name: placement[name][i, n].astype(int) for name in DAYS}
    columns |= {name: np.round(placement[name][i, n] * unit, DIGITS) for name in UNITS}
    return pd.DataFrame(columns)
