"""restock simulates retail supply chains and says which replenishment policy gives what fill rate, at what cost.

From Python (docs/python.md):

    study = restock.load("one_store", "policy=[buffer,just_in_time]", replications=16)
    comparison = study.compare()
    comparison.table("chain")          # data frames
    comparison.differences()
    study.trace("buffer", replication=3).days
    study.figures(comparison)["policies"].savefig("policies.png")

For policies of your own: `Policy`, `View`, `Seen`, `Memory`, `ByDay`, `uniform`. What is wrong with what was given is
an `InputError`, one line.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
if not (_HERE / "sim").is_dir():  # a checkout without symbolic links: the folders lie beside this one
    __path__.append(str(_HERE.parent))

_HOMES = {
    "load": "experiments.api",
    "Study": "experiments.api",
    "Trace": "experiments.api",
    "InputError": "sim.errors",
    "Policy": "sim.planning.policy",
    "View": "sim.planning.policy",
    "Seen": "sim.planning.policy",
    "Memory": "sim.planning.policy",
    "ByDay": "sim.planning.policy",
    "uniform": "sim.planning.policy",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """Names are imported when they are first asked for: `import restock` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'restock' has no attribute '{name}'")
    return getattr(import_module(f"restock.{_HOMES[name]}"), name)
