"""Numbering what many cells share."""

from __future__ import annotations

import numpy as np


def distinct(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct ones of whole numbers not below 0, and where each number stands among them.

    `np.unique`, but without sorting where the numbers are small: ten million cells take no time.

    >>> distinct(np.array([[5, 2], [2, 2]]))
    (array([2, 5]), array([[1, 0],
           [0, 0]], dtype=int32))
    """
    largest = int(numbers.max(initial=0))
    if largest > max(numbers.size, 2**20):
        values, place = np.unique(numbers, return_inverse=True)
        return values, place.reshape(numbers.shape)
    seen = np.zeros(largest + 1, bool)
    seen[numbers] = True
    return np.flatnonzero(seen), (np.cumsum(seen, dtype=np.int32) - 1)[numbers]
