"""Nights on which a supplier is down, or a lane congested: a state that is drawn for the night and the name.

All items and all sites see the same nights, because the draws are keyed by the name of the supplier, or of the lane,
and the day; the state itself is a chain of two states (Markov), which is up, or calm, on day 0.
"""

from __future__ import annotations

import numpy as np


def two_states(uniform: np.ndarray, begins: int, ends: int, first_day: int = 0, before: int = 0) -> np.ndarray:
    """By night, 1 where the state is the second: down, or congested; uint8, shape of `uniform`.

    Parameters
    ----------
    uniform : ndarray of uint32
        The draw of each night from `first_day` on.
    begins, ends : int
        Chances that the second state begins, and ends, on a night, in units of 2**-32.
    before : int
        The state of the night before `first_day`; day 0 has none before it, and is in the first state.

    >>> two_states(np.array([0, 0, 2**31, 2**31, 0], np.uint32), begins=2**30, ends=2**30).tolist()
    [0, 1, 1, 1, 0]
    """
    out = np.zeros(len(uniform), np.uint8)
    state = before
    for day, u in enumerate(uniform.tolist(), start=first_day):
        if day > 0:
            state = int(u >= ends) if state else int(u < begins)
        out[day - first_day] = state
    return out


def spells(nights: np.ndarray) -> list[tuple[int, int]]:
    """Runs of nights that are 1: the first of each, and the night after its last.

    >>> spells(np.array([0, 1, 1, 0, 1]))
    [(1, 3), (4, 5)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], nights, [0]]).astype(np.int8)))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]
