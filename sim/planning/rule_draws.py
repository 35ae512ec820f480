"""Draws that a rule may take: functions of a key and a number, the same in plain Python and compiled."""

from __future__ import annotations

from typing import Any

from numba import float64, types, uint64
from numba.extending import overload

from restock.sim.probability.keyed_draws import mix

KEY_BITS = 53  # a key is a whole number that float64 holds exactly
LARGEST_KEY = 2.0**KEY_BITS
_BITS = 2**64 - 1


def uniform(key: float, index: int) -> float:
    """A draw between 0 and 1 (1 left out), fixed by its key and its number: the same in every run, and in both engines.

    Parameters
    ----------
    key : float
        Of the cell, in this replication: what the simulator puts into slot `draw_slot` of the policy's memory.
    index : int
        Number of the draw: `view.day`, or `2 * view.day` and `2 * view.day + 1` for two draws a day.

    A rule may not draw from `random` or `numpy.random`: their answer depends on what was drawn before, and so on the
    order in which cells and replications are simulated. A buyer who forgets one order in ten:

    >>> import numpy as np
    >>> from restock.sim.planning.policy import Policy
    >>> class Forgetful(Policy):
    ...     draw_slot = 0
    ...     def levels(self, known):
    ...         return {"level": np.ceil(8 * known.demand_mean)}
    ...     def memory(self, known):
    ...         return np.zeros(1)  # one slot a cell, for the key
    ...     @staticmethod
    ...     def learn(seen, levels, memory):
    ...         pass
    ...     @staticmethod
    ...     def rule(view, levels, memory):
    ...         forgotten = uniform(memory[0], view.day) < 0.1
    ...         return 0 if forgotten else max(0, levels.level - view.inventory_position)
    >>> uniform(4.0, 7) == uniform(4.0, 7) != uniform(4.0, 8)
    True
    """
    if not 0.0 <= key < LARGEST_KEY:
        raise ValueError("the key of a draw must be what the simulator put into the memory")
    # the steps of `probability.keyed_draws.mix`, in whole numbers without bound
    z = (int(key) + int(index) * 0x9E3779B97F4A7C15) & _BITS
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _BITS
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _BITS
    return float((z ^ (z >> 31)) >> 11) / LARGEST_KEY


@overload(uniform, jit_options={"error_model": "python"})
def _uniform(key: Any, index: Any) -> Any:
    """The same, compiled."""
    if not isinstance(index, types.Integer):
        return None

    def compiled(key: Any, index: Any) -> Any:
        if not 0.0 <= key < LARGEST_KEY:
            raise ValueError("the key of a draw must be what the simulator put into the memory")
        return float64(mix(uint64(key), uint64(0), uint64(index)) >> uint64(11)) / LARGEST_KEY

    return compiled
