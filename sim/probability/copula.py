"""Demand of stores that moves together: a one-factor Gaussian copula over whole numbers, by one table.

A draw of 32 bits is a cell of 256, its high byte, and a place in it. A factor, the same for all stores on a day, and a
store's own draw have a cell each; the table says in which of 256 cells the store's draw then lies. Every cell comes up
256 times in the table's 65,536 places, and the place in it stays the store's own: so draws stay exactly uniform, and
the law of each store exactly its law, whatever the correlation.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

CELLS = 256
LOW_BITS = 24


def copula_table(correlation: float) -> np.ndarray:
    """In which cell a draw lies, by the cell of the factor and that of the store's own draw; uint8 (256, 256).

    The normal scores of two stores are correlated by `correlation`, from 0 (draws stay as they are) to 1. All pairs of
    cells are ranked by sqrt(correlation) z(factor) + sqrt(1 - correlation) z(own), z the normal score of the middle of
    a cell, and cut into 256 equal parts.

    Source: Li (2000), Journal of Fixed Income 9(4) (one-factor Gaussian copula).

    >>> table = copula_table(0.3)
    >>> bool((np.bincount(table.ravel()) == 256).all()), int(table[0, 128]), int(table[255, 128])
    (True, 14, 241)
    >>> bool((copula_table(0.0) == np.arange(256)).all())
    True
    """
    score = special.ndtri((np.arange(CELLS) + 0.5) / CELLS)
    mixed = math.sqrt(correlation) * score[:, None] + math.sqrt(1 - correlation) * score[None, :]
    order = np.argsort(np.round(mixed, 9).ravel(), kind="stable")  # rounded: ties are ties on every machine
    cells = np.empty(CELLS * CELLS, np.uint8)
    cells[order] = np.arange(CELLS * CELLS) // CELLS
    return cells.reshape(CELLS, CELLS)


def moved_together(table: np.ndarray, factor: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Draws of a store on some days, uint32, given those of the factor (the kernel has its own words).

    >>> moved_together(copula_table(1.0), np.array([7 << 24], np.uint32), np.array([5], np.uint32)).tolist()
    [117440517]
    """
    cell = table[factor >> LOW_BITS, own >> LOW_BITS].astype(np.uint32)
    return (cell << np.uint32(LOW_BITS)) | (own & np.uint32((1 << LOW_BITS) - 1))
