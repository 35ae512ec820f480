"""Arrays that many read and nobody may change."""

from __future__ import annotations

from typing import Any

import numpy as np


def read_only(thing: Any) -> Any:
    """An array that cannot be written to, or a named tuple of such: the same numbers in the same memory.

    >>> read_only(np.ones(3))[0] = 2.0
    Traceback (most recent call last):
    ValueError: assignment destination is read-only
    """
    if isinstance(thing, np.ndarray):
        view = thing.view()
        view.flags.writeable = False
        return view
    if isinstance(thing, tuple) and hasattr(thing, "_fields"):
        return type(thing)(*map(read_only, thing))
    return thing
