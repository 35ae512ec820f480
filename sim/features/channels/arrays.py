"""Channels as arrays over items (i), sites (n) and channels (c): what both engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.features.channels.draws import demand_of, waiting_of
from restock.sim.model.opening.run_state import kept
from restock.sim.model.unit_limits import LARGEST_UNITS
from restock.sim.probability.guide_tables import FULL

if TYPE_CHECKING:
    from restock.sim.features.channels.settings import Channel, Channels
    from restock.sim.model.feature import Making

WALK_IN_RANK = 1


class ChannelArrays(NamedTuple):
    """The arrays are empty unless `used` is 1."""

    used: int  # 1: there is a channel
    has_channel_1: int
    has_channel_2: int
    has_channel_3: int
    has_channel_4: int
    many: int  # channels
    at: np.ndarray  # int64 (n, c): the site that serves the channel's customers of a store; -1: it has none
    here: np.ndarray  # int64 (n, c): 1 where the channel is served
    order: np.ndarray  # int64 (c + 1,): in which order a site serves; c: those who walk in
    from_stores: np.ndarray  # int64 (c,): 1: stores ship what the DC does not
    from_shelf: np.ndarray  # int64 (c,): 1: the site that serves it has stock for it
    table: np.ndarray  # int32 (i, n, c): first table of the channel's demand at a store; -1: none is drawn
    upto: np.ndarray  # int64 (n, c): of a recorded day, the share of this channel and of those before it, in 2**-32
    reserve: np.ndarray  # int32 (i, n, c): units that it leaves on the shelf
    keep: np.ndarray  # int32 (i, n): units that a DC does not give to stores
    share: np.ndarray  # int64 (i, c): of its unmet demand what waits, in units of 2**-32
    waits: np.ndarray  # int64 (i,): 1 where the customers of some channel may wait
    purpose: np.ndarray  # int64 (c,): of draws of demand
    waits_purpose: np.ndarray  # int64 (c,): of draws of who waits
    view_every: np.ndarray  # int64 (c,): 0: it looks at the shelf
    buffer: np.ndarray  # int64 (c,)
    oversold_waits: np.ndarray  # int64 (c,): 1: what was accepted and is not there waits
    dc: np.ndarray  # int64 (k,): sites for which stores ship
    first_giver: np.ndarray  # int64 (k + 1,): the stores that ship for the k-th lie from here to the next
    giver: np.ndarray  # int64: site numbers, as listed
    views: np.ndarray  # int32 (i, n, r, c): where a run goes on, the views of stock


def channel_arrays(channels: Channels, making: Making) -> ChannelArrays:
    """The arrays of a scenario."""
    scenario, rate = making.scenario, making.rate
    listed, streams = list(channels.channels.values()), channels.streams(scenario)
    count, sites = len(listed), len(scenario.sites)
    at = np.stack([stream.at for stream in streams], axis=1) if count else np.zeros((0, 0), np.int64)
    here = np.zeros(at.shape, np.int64)
    for c in range(count):
        here[at[at[:, c] >= 0, c], c] = 1
    shares = np.stack([stream.share for stream in streams], axis=1) if count else np.zeros((0, 0))
    ranked = [*((each.rank, 1, c) for c, each in enumerate(listed)), *([(WALK_IN_RANK, 0, count)] if count else [])]
    backorders = [item.backorder_share for item in scenario.items]
    share = np.array([[_share(each, of_item) for each in listed] for of_item in backorders], np.int64)
    share = share.reshape(len(backorders), count)
    late = any(each.oversold == "waits" for each in listed)
    dc, givers = _givers(making, at, [c for c, each in enumerate(listed) if each.served == "stores"])
    going = kept(scenario, "channel_views", "channels") if count else None

    def of_channels(values: list[int]) -> np.ndarray:
        return np.array(values, np.int64)

    def cells(units: list[int], days: list[float], of: list[np.ndarray]) -> list[np.ndarray]:
        return [np.maximum(np.minimum(np.ceil(d * mean - 1e-9), LARGEST_UNITS), u)
                for u, d, mean in zip(units, days, of, strict=True)]  # fmt: skip

    reserve = cells([each.reserve for each in listed], [each.reserve_days for each in listed], [rate] * count)
    held = cells([each.keep for each in listed], [each.keep_days for each in listed],
                 [making.stream_mean[stream.name] for stream in streams])  # fmt: skip
    keep = sum((here[None, :, c] * of for c, of in enumerate(held)), np.zeros(rate.shape))
    return ChannelArrays(
        used=int(count > 0),
        has_channel_1=int(count > 0),
        has_channel_2=int(count > 1),
        has_channel_3=int(count > 2),
        has_channel_4=int(count > 3),
        many=count,
        at=at,
        here=here,
        order=of_channels([c for _, _, c in sorted(ranked)]),
        from_stores=of_channels([int(each.served == "stores") for each in listed]),
        from_shelf=of_channels([int(each.served != "stores" or each.dc_first) for each in listed]),
        table=_stacked([making.streams[stream.name] for stream in streams]),
        upto=np.round(np.cumsum(shares, axis=1) * FULL).astype(np.int64),
        reserve=_stacked(reserve),
        keep=np.minimum(keep, LARGEST_UNITS).astype(np.int32) if count else np.zeros((0, 0), np.int32),
        share=share,
        waits=np.array([int(late or any(each > 0 for each in row)) for row in share.tolist()], np.int64),
        purpose=of_channels([demand_of(stream.name) for stream in streams]),
        waits_purpose=of_channels([waiting_of(stream.name) for stream in streams]),
        view_every=of_channels([each.view_every or 0 for each in listed]),
        buffer=of_channels([each.buffer for each in listed]),
        oversold_waits=of_channels([int(each.oversold == "waits") for each in listed]),
        dc=of_channels(dc),
        first_giver=np.cumsum([0, *map(len, givers)]).astype(np.int64),
        giver=of_channels([n for of_dc in givers for n in of_dc]),
        views=np.zeros((0, 0, 0, 0), np.int32) if going is None else _of_channels(going, count, sites),
    )


def _share(channel: Channel, of_item: float) -> int:
    return round((of_item if channel.backorder_share is None else channel.backorder_share) * FULL)


def _stacked(arrays: list[np.ndarray]) -> np.ndarray:
    """(i, n, c) of one (i, n) for each channel."""
    return np.ascontiguousarray(np.stack(arrays, axis=2), np.int32) if arrays else np.zeros((0, 0, 0), np.int32)


def _of_channels(going: np.ndarray, count: int, sites: int) -> np.ndarray:
    from restock.sim.errors import require

    found = going.shape[-1]
    require(found == count, f"the state of a run is of {found} channels; allowed: those of the run, {count}")
    return going


def _givers(making: Making, at: np.ndarray, from_stores: list[int]) -> tuple[list[int], list[list[int]]]:
    """Sites for whose channels stores ship, and which stores: those in a region that the site serves."""
    if not from_stores:
        return [], []
    region_of, parent = making.made["transfers"].region_of, making.scenario.parent
    dc = sorted({int(n) for c in from_stores for n in at[:, c] if n >= 0})
    return dc, [[n for n in range(len(parent)) if parent[n] == each and region_of[n] >= 0] for each in dc]
