"""A compiled function from the bytes in which it is kept."""

from __future__ import annotations

import pickle
from typing import Any

from numba.core.compiler import CompileResult
from numba.core.runtime import rtsys

HASH_SECRET = b"_numba_hashsecret"  # what compiled code that hashes refers to; numba declares it with its catalogue


def rebuilt(body: bytes, target_context: Any) -> Any:
    """The function, without numba's catalogue of all that it can compile, unless it refers to what that declares.

    The catalogue is a hundred modules, a fifth of a second: what is compiled already needs its memory functions only.
    """
    if HASH_SECRET in body:
        target_context.refresh()
    rtsys.initialize(target_context)
    return CompileResult._rebuild(target_context, *pickle.loads(body))
