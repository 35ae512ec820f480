"""Compiling: one cache folder per state of the compiled sources, so that a stale answer cannot be loaded."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numba
from numba.core.compiler import Compiler

_njit: Any = numba.njit  # its stubs do not know all its options
_config: Any = numba.config

COMPILED_MODULES = (
    "jit", "randomness", "tables", "ledger", "layout", "lanes", "lane_records", "lane_weeks", "lane_goods", "rationing",
    "block", "goods_block", "loading", "learning", "closing", "kernel", "weeks", "shard", "cost_paths", "lane_costs",
)  # fmt: skip


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """Where compiled kernels are kept: the user's cache folder, keyed by a hash of the compiled sources.

    numba does not notice when a function that a cached one calls has changed in another file; the key does.
    """
    here = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=8)
    for name in COMPILED_MODULES:
        digest.update((here / f"{name}.py").read_bytes())
    if "RESTOCK_CACHE" in os.environ:
        base = Path(os.environ["RESTOCK_CACHE"])
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home())) / "restock"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "restock"
    return writable(base / digest.hexdigest())


def writable(folder: Path) -> Path:
    """The folder, made; or one in the system's temporary folder, where this one cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    other = Path(tempfile.gettempdir()) / f"restock-{os.environ.get('USER', 'cache')}" / folder.name
    other.mkdir(parents=True, exist_ok=True)
    return other


def entry_point(signature: Any = None, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function that Python calls: kept on disk, run without the interpreter lock."""

    def decorate(function: Callable[..., Any]) -> Any:
        before = _config.CACHE_DIR
        _config.CACHE_DIR = str(cache_folder())
        try:
            arguments = () if signature is None else (signature,)
            return _njit(*arguments, cache=True, nogil=True, error_model="numpy", **options)(function)
        finally:
            _config.CACHE_DIR = before

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
written = _njit(error_model="numpy", nogil=True, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
helper = _njit(error_model="numpy", nogil=True, _nrt=False)


def part(function: Callable[..., Any]) -> Callable[..., Any]:
    """A part of the kernel over a whole block: kernels are written from such parts (`sim.kernel_writer`)."""
    return function


spliced_part = part  # the same, a few lines long
entry_part = part  # what Python calls of a written kernel
