"""Compiling: one cache folder per state of the compiled sources, so that a stale answer cannot be loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numba
from numba.core.compiler import Compiler

from sim.cache_folders import folder_of_version
from sim.kernel_cache import keep_on_disk

_njit: Any = numba.njit  # its stubs do not know all its options

COMPILED_MODULES = (
    "jit", "randomness", "tables", "ledger", "layout", "lanes", "lane_records", "lane_weeks", "lane_goods",
    "lane_faults", "rationing", "block", "goods_block", "loading", "learning", "closing", "kernel", "weeks", "shard",
    "features/unit_costs/paths", "lane_costs",
)  # fmt: skip


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """Where compiled functions are kept, keyed by a hash of the compiled sources.

    A compiled function holds those that it calls: it is stale as soon as one of them changes, in whichever file.
    """
    here = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=8)
    for name in COMPILED_MODULES:
        digest.update((here / f"{name}.py").read_bytes())
    return folder_of_version(digest.hexdigest())


def entry_point(seconds: float = 0.0, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function that Python calls: kept on disk, run without the interpreter lock.

    Parameters
    ----------
    seconds : float
        What compiling takes, about; 0: so little that nothing is said of it.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        compiled = _njit(nogil=True, error_model="numpy", **options)(function)
        return keep_on_disk(compiled, cache_folder(), seconds)

    return decorate


class _RowsApart(Compiler):
    """Tells LLVM that the arrays a function gets do not overlap: without it, it will not vectorise many rows."""

    def define_pipelines(self) -> Any:
        self.state.flags.noalias = True
        return super().define_pipelines()


ROWS_APART: dict[str, Any] = {"error_model": "numpy", "_nrt": False, "pipeline_class": _RowsApart}
over_rows = _njit(forceinline=True, **ROWS_APART)  # a loop over lanes; the rows it is given must not overlap
rows_called = _njit(**ROWS_APART)  # the same, called rather than inlined: a long loop keeps its own registers
inlined = _njit(forceinline=True, error_model="numpy", _nrt=False)
spliced = _njit(inline="always", error_model="numpy", _nrt=False)  # once in its caller: not compiled on its own
helper = _njit(error_model="numpy", nogil=True, _nrt=False)
