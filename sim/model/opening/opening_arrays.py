"""The state that a run starts from, as flat arrays that both engines read.

Arrays over items (i), sites (n) and replications (r): of one state of all replications there is one r.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.errors import InputError
from restock.sim.model.opening.cell_fields import (
    CELL_FIELDS,
    STATE_ON_HAND,
    STATE_ON_ORDER,
    STATE_RECORD,
    STATE_WAITING,
)
from restock.sim.model.opening.opening_state import NOT_TOLD, OpeningState
from restock.sim.probability.keyed_draws import named_purpose

if TYPE_CHECKING:
    from restock.sim.model.opening.run_state import RunState
    from restock.sim.model.scenario import Scenario

OPEN_ORDERS = named_purpose("open_orders")  # draws of when they arrive, one for each order of a cell
DRAWN = -1  # in the place of the day on which an order arrives


class OpeningArrays(NamedTuple):
    """The arrays are empty unless `used` is 1."""

    used: int  # 1: the scenario has a state to open with
    resumed: int  # 1: it is that of a run, which goes on
    first_day: int  # the first day simulated
    mask: np.ndarray  # int64 (n,): days of arrival & mask differ: a power of two, less one, above all days ahead
    cells: np.ndarray  # int32 (i, n, r, CELL_FIELDS)
    first_order: np.ndarray  # int64 (i, n, r): the orders of a cell lie from here
    end_order: np.ndarray  # int64 (i, n, r): to here, not included
    quantity: np.ndarray  # int32 (order,)
    arrives: np.ndarray  # int32 (order,): day; DRAWN: by the law of the lead time, given that it is at least `waited`
    waited: np.ndarray  # int32 (order,): days from the day it was placed to the first day
    memory: np.ndarray  # float64 (i, n, r, slot): what the policy remembers


NOT_OF_ITEMS = ("mask", "quantity", "arrives", "waited")


def opening_arrays(scenario: Scenario, longest_lead: np.ndarray, most: int) -> OpeningArrays:
    """The arrays of a scenario's state; refuses more units than `most` in any of its figures.

    Parameters
    ----------
    longest_lead : ndarray of int, shape (sites,)
        The longest lead time to each site, in days.

    >>> from restock.sim.planning.example import one_shop
    >>> state = OpeningState(np.array([[12], [0]]), open_orders=[(0, 0, 20, -1, NOT_TOLD)])
    >>> arrays = opening_arrays(one_shop(opening=state).scenario, np.array([2]), most=1000)
    >>> arrays.cells[0, 0, 0, STATE_ON_ORDER], arrays.arrives, arrays.waited
    (np.int32(20), array([-1], dtype=int32), array([1], dtype=int32))
    """
    state = scenario.opening
    if state is None:
        return _arrays(0, 0, 0, np.zeros((0, 0, 0, len(CELL_FIELDS))), _Orders.none(), longest_lead)
    if isinstance(state, OpeningState):
        cells, orders, memory = _of_today(state)
    else:
        cells, orders, memory = _of_run(state)
    _check_most(scenario, cells, most)
    ahead, told = longest_lead.copy(), orders.arrives >= 0
    day = 0 if isinstance(state, OpeningState) else state.day
    np.maximum.at(ahead, orders.site[told], np.minimum(orders.arrives[told], scenario.horizon) - day)
    return _arrays(1, int(not isinstance(state, OpeningState)), day, cells, orders, ahead, memory)


class _Orders(NamedTuple):
    """Orders under way, those of a cell and a replication side by side."""

    item: np.ndarray
    site: np.ndarray
    replication: np.ndarray
    quantity: np.ndarray
    arrives: np.ndarray
    waited: np.ndarray

    @classmethod
    def none(cls) -> _Orders:
        return cls(*[np.zeros(0, np.int64)] * len(cls._fields))


def _of_today(state: OpeningState) -> tuple[np.ndarray, _Orders, np.ndarray]:
    """One state of all replications: nothing was learnt, and nothing is owed between sites."""
    shape = state.on_hand.shape
    orders = state.open_orders
    cells = np.zeros((*shape, 1, len(CELL_FIELDS)), np.int64)
    told = {"on_hand": state.on_hand, "record": state.record, "waiting": state.waiting,
            "on_order": state.on_order(shape), "learnt_backorders": state.waiting, "learnt_day": -1}  # fmt: skip
    for name, values in told.items():
        cells[:, :, 0, CELL_FIELDS.index(name)] = values
    by_law = (orders["expected"] == NOT_TOLD) | (state.arrive == "law")
    arrives = np.where(by_law, DRAWN, np.maximum(orders["expected"], 0))
    return cells, _Orders(orders["item"], orders["site"], orders["item"] * 0, orders["quantity"], arrives,
                          -orders["ordered"]), np.zeros((*shape, 1, 0))  # fmt: skip


def _of_run(state: RunState) -> tuple[np.ndarray, _Orders, np.ndarray]:
    """A state for each replication of a run."""
    cells = np.stack([state.arrays[name].transpose(1, 2, 0) for name in CELL_FIELDS], axis=-1)
    way = state.in_transit
    of_run = _Orders(way["item"], way["site"], way["replication"], way["quantity"], way["arrives"], way["item"] * 0)
    return cells, of_run, state.memory.transpose(1, 2, 0, 3)


def _check_most(scenario: Scenario, cells: np.ndarray, most: int) -> None:
    """No figure of a cell is larger than a day's may be."""
    figures = {
        "on_hand": cells[..., STATE_ON_HAND],
        "record": cells[..., STATE_RECORD],
        "record - on_hand": cells[..., STATE_RECORD] - cells[..., STATE_ON_HAND],
        "waiting": cells[..., STATE_WAITING],
        "on order": cells[..., STATE_ON_ORDER],
    }
    for name, units in figures.items():
        if (np.abs(units) > most).any():
            i, n, r = (int(k) for k in np.argwhere(np.abs(units) > most)[0])
            where = f"of item '{scenario.items[i].name}' at site '{scenario.sites[n].name}'"
            raise InputError(f"{name} {where} is {units[i, n, r]:,} units as the run opens; allowed: at most {most:,}")


def _arrays(used: int, resumed: int, day: int, cells: np.ndarray, orders: _Orders, ahead: np.ndarray,
            memory: np.ndarray | None = None) -> OpeningArrays:  # fmt: skip
    """The orders of each cell found by where they begin and end."""
    shape = cells.shape[:3]
    place = (
        np.ravel_multi_index((orders.item, orders.site, orders.replication), shape) if len(orders.item) else orders.item
    )
    by_cell = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[by_cell], np.arange(np.prod(shape, dtype=int) + 1)).astype(np.int64)
    mask = np.array([(1 << int(days).bit_length()) - 1 for days in ahead], np.int64)
    quantity, arrives, waited = (each[by_cell].astype(np.int32)
                                 for each in (orders.quantity, orders.arrives, orders.waited))  # fmt: skip
    return OpeningArrays(
        used, resumed, day, mask, np.ascontiguousarray(cells, np.int32),
        bounds[:-1].reshape(shape).copy(), bounds[1:].reshape(shape).copy(), quantity, arrives, waited,
        np.zeros((*shape, 0)) if memory is None else np.ascontiguousarray(memory),
    )  # fmt: skip
