"""Compiling: one cache folder per state of the compiled sources, so that a stale answer cannot be loaded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numba
from numba.core.compiler import Compiler

from restock.sim.compiling.cache_folders import folder_of_version
from restock.sim.compiling.kernel_cache import keep_on_disk

_njit: Any = numba.njit  # its stubs do not know all its options

_COMPILES = re.compile(
    rb"^@(part|called_part|helper|inlined|over_rows|rows_called|entry_point|entry_part|spliced_part)\b", re.MULTILINE
)
_IMPORTS = re.compile(r"^from restock\.sim(?:\.([\w.]+))? import (\(.*?\)|.*?)$", re.MULTILINE | re.DOTALL)
SEEDS = ("compiling.marks", "engines.writer.writer", "features.catalogue")
"""The catalogue, because what features write down are columns of the ledger."""


def compiled_sources() -> dict[str, bytes]:
    """Modules whose code a compiled kernel may come from, by name: those that compile, the writer, and all they import.

    >>> sources = set(compiled_sources())
    >>> {"engines.kernel.lanes", "features.returns.measures"} <= sources, "figures.figures" in sources
    (True, False)
    """
    here = Path(__file__).parents[1]
    paths = sorted(here.rglob("*.py"))
    texts = {".".join(path.relative_to(here).with_suffix("").parts): path.read_bytes() for path in paths}
    waiting = [*SEEDS, *(name for name, text in texts.items() if _COMPILES.search(text))]
    found: dict[str, bytes] = {}
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = texts[name]
            for module, names in _IMPORTS.findall(texts[name].decode()):
                inside = [".".join(filter(None, (module, each))) for each in re.findall(r"\w+", names)]
                waiting += [each for each in (module, *inside) if each in texts]
    return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """Where compiled functions are kept, keyed by a hash of the compiled sources.

    A compiled function holds those that it calls: it is stale as soon as one of them changes, in whichever file.
    """
    digest = hashlib.blake2b(digest_size=8)
    for text in compiled_sources().values():
        digest.update(text)
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
_WITHIN: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # never called but by compiled code
over_rows = _njit(forceinline=True, **ROWS_APART, **_WITHIN)  # a loop over lanes; the rows it gets must not overlap
rows_called = _njit(**ROWS_APART, **_WITHIN)  # the same, called, not inlined: a long loop keeps its own registers
inlined = _njit(forceinline=True, error_model="numpy", _nrt=False, **_WITHIN)
spliced = _njit(inline="always", error_model="numpy", _nrt=False)  # once in its caller: not compiled on its own
helper = _njit(error_model="numpy", nogil=True, _nrt=False, **_WITHIN)


def part(function: Callable[..., Any]) -> Callable[..., Any]:
    """A part of the kernel over a whole block: kernels are written from such parts (`engines.writer.writer`)."""
    return function


called_part = part  # once a week or a block: called, not spliced into what calls it
spliced_part = part  # once in what calls it, not compiled on its own: short, or so large that compiling it again costs
entry_part = part  # what Python calls of a written kernel


def steps_at(point: str, *offered: Any) -> None:
    """In a part: here stand the steps of a point (`engines.writer.steps`), each given what it asks for."""


def one_step_at(point: str, *offered: Any) -> None:
    """The same, for a point at which one step is taken: that of the first feature which the run has."""
