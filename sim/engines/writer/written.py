"""Written kernels on disk: one file for each set of features, which numba compiles once and keeps beside it."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from pathlib import Path
from types import ModuleType

from restock.sim.compiling.marks import cache_folder
from restock.sim.engines.writer.features import Features

_lock = threading.RLock()
_modules: dict[Features, ModuleType] = {}
WRITTEN_AT = 1_000_000_000  # time stamp of every written file: numba compiles afresh where a file's stamp has changed


def kernel_path(features: Features) -> Path:
    """Where the kernel for these features lies, whether it is written yet or not."""
    name = hashlib.blake2b("+".join(features).encode(), digest_size=6).hexdigest()
    return cache_folder() / f"kernel_{name}.py"


def is_compiled(features: Features) -> bool:
    """Whether the kernel for these features is kept, compiled."""
    return any(cache_folder().glob(f"restock_{kernel_path(features).stem}.run_shard-*.kernel"))


def kernel_of(features: Features) -> ModuleType:
    """The kernel for these features: written where it is not there, or damaged, and imported."""
    with _lock:
        if features not in _modules:
            _modules[features] = _imported(kernel_path(features), text_of(features))
        return _modules[features]


def text_of(features: Features) -> str:
    """The text of the file, which is written where it is not there, or not as it was written."""
    path = kernel_path(features)
    try:
        text = path.read_text(encoding="utf-8")
        if text.splitlines()[-1] == _last_line(text.rpartition("\n# ")[0]):
            return text
    except (OSError, UnicodeDecodeError, IndexError):
        pass
    from restock.sim.engines.writer.writer import written_kernel

    text = written_kernel(features).rstrip()
    text += f"\n{_last_line(text)}\n"
    before_it_is_whole = path.with_suffix(f".{os.getpid()}")
    before_it_is_whole.write_text(text, encoding="utf-8")
    os.utime(before_it_is_whole, (WRITTEN_AT, WRITTEN_AT))
    os.replace(before_it_is_whole, path)
    return text


def _last_line(text: str) -> str:
    """A check of what stands above it."""
    return f"# whole: {hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"


def _imported(path: Path, text: str) -> ModuleType:
    module = ModuleType(f"restock_{path.stem}", text)
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # numba finds by this name what it has kept
    exec(compile(text, path, "exec"), module.__dict__)
    return module
