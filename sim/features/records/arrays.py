"""Records and losses as arrays over items (i) and sites (n): what both engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.features.records.settings import count_days
from restock.sim.model.abc_classes import usage_classes
from restock.sim.model.opening.run_state import kept
from restock.sim.probability.guide_tables import FULL
from restock.sim.probability.laws import Poisson

if TYPE_CHECKING:
    from restock.sim.features.records.settings import Records, Shrinkage
    from restock.sim.model.feature import Making

NO_CELLS = np.zeros((0, 0), np.int32)
PAST_DAYS, PAST_ROWS = 8, 6  # as the kernel lays out the last postings (`engines.kernel.layout`)


class LossArrays(NamedTuple):
    """What is lost unseen."""

    table: np.ndarray  # int32 (i, n): of each cell's daily loss, 0 where there is none; empty where none is anywhere


class RecordArrays(NamedTuple):
    """The arrays are empty unless `used` is 1."""

    used: int  # 1: the record may differ from the stock, or is counted
    delayed: int  # 1: a policy sees it late
    lag: int
    reconcile_every: int
    full_count_every: int  # 0: never
    walks: int  # 1: cells are counted for what happened at them
    zero_balance_walk: int
    count_unsold_after: int  # 0: no such walk
    count_error: int  # share of counts that are wrong, in units of 2**-32
    sales_misscanned: int  # share of units, in units of 2**-32
    receipts_misscanned: int
    count_every: np.ndarray  # int32 (i, n)
    first_count: np.ndarray  # int32 (i, n): day
    shrink_table: np.ndarray  # int32 (i, n): 0 where nothing is lost
    days_unsold: np.ndarray  # int32 (i, n, r): where a run goes on
    past: np.ndarray  # int32 (i, n, r, PAST_DAYS, PAST_ROWS): the same; its last postings, by day & 7


def loss_arrays(shrinkage: Shrinkage, making: Making) -> LossArrays:
    """Tables of losses: means are held to three digits, so that ten million cells share some thousands of them."""
    scenario, rate = making.scenario, making.rate
    own = [item.own.get("shrinkage") for item in scenario.items]
    share = np.array([shrinkage.share(item.category) for item in scenario.items])
    if all(law is None for law in own) and not share.any():
        return LossArrays(NO_CELLS)
    values, place = np.unique(np.where(scenario.stocked, rate * share[:, None], 0.0), return_inverse=True)
    means = [float(f"{mean:.3g}") for mean in values]
    numbers = [making.add_law(Poisson(mean)) if mean > 0 else 0 for mean in means]
    out = np.array(numbers, np.int32)[place.reshape(rate.shape)]
    for i, law in enumerate(own):
        if law is not None:
            out[i] = np.where(scenario.stocked[i], making.add_law(law), 0)
    return LossArrays(out)


def record_arrays(records: Records, making: Making) -> RecordArrays:
    """The arrays of a scenario; losses that nobody sees make records differ from the stock, too."""
    losses = making.made["shrinkage"].table
    state = making.scenario.opening
    off = state is not None and bool((state.record_off != 0).any())
    used = bool(records.delayed or records.counts or records.misscans or losses.size > 0 or off)
    every, first = _count_days(records, making) if used else (NO_CELLS, NO_CELLS)
    days_unsold = kept(making.scenario, "days_unsold", "records") if used else None
    past = kept(making.scenario, "past", "records seen late") if used else None
    if days_unsold is not None:
        behind = np.maximum(state.day - first, 0)  # the next count that the calendar has
        first = (first + -(-behind // np.maximum(every, 1)) * every).astype(np.int32)
    return RecordArrays(
        used=int(used),
        delayed=int(records.delayed),
        lag=records.lag,
        reconcile_every=records.reconcile_every,
        full_count_every=records.full_count_every,
        walks=int(records.walks),
        zero_balance_walk=int(records.zero_balance_walk),
        count_unsold_after=records.count_unsold_after,
        count_error=round(records.count_error * FULL),
        sales_misscanned=round(records.sales_misscanned * FULL),
        receipts_misscanned=round(records.receipts_misscanned * FULL),
        count_every=every,
        first_count=first,
        shrink_table=losses if losses.size or not used else np.zeros(making.rate.shape, np.int32),
        days_unsold=np.zeros((0, 0, 0), np.int32) if days_unsold is None else days_unsold,
        past=np.zeros((0, 0, 0, PAST_DAYS, PAST_ROWS), np.int32) if past is None else past,
    )


def _count_days(records: Records, making: Making) -> tuple[np.ndarray, np.ndarray]:
    """Days between counts and the first day counted, by each item's class or the one it is counted as."""
    classes = usage_classes(making.scenario, making.rate)
    for i, item in enumerate(making.scenario.items):
        classes[i] = item.own.get("count_class") or classes[i]
    return count_days(records, classes, making.item_key, making.site_key)
