"""What calculates, in one word: with another version or processor, what was kept may differ in a last digit."""

from __future__ import annotations

import hashlib
import sys
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("numpy", "scipy", "pandas", "numba", "llvmlite")


@lru_cache(maxsize=1)
def made_by() -> str:
    """A digest of restock's sources, of versions and of the processor."""
    from llvmlite.binding import get_host_cpu_features, get_host_cpu_name

    top = Path(str(sys.modules[__name__.partition(".")[0]].__file__)).parent
    processor = f"{get_host_cpu_name()} {get_host_cpu_features().flatten()}"
    digest = hashlib.blake2b(f"{sys.version} {[version(name) for name in PACKAGES]} {processor}".encode())
    for folder in sorted(each for each in top.iterdir() if each.is_dir()):  # one by one: in a checkout they are links
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
