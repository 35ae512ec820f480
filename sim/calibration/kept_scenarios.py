"""Calibrated scenarios, kept in the cache folder under a hash of all that they come from.

Reading and fitting an export takes longer than many runs of it. The key is the content of the files, the choices, the
sources of restock, and the versions of what calculates: where one differs, the scenario is calibrated again. Kept are
numbers and text (JSON, and arrays of `numpy.save` without pickles), nothing that is run; what is damaged is made again.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from restock.sim.compiling.cache_folders import user_folder, writable
from restock.sim.compiling.made_by import made_by
from restock.sim.compiling.whole_files import read_whole, write_whole
from restock.sim.model.demand import Demand, History, Season
from restock.sim.model.feature import feature_kinds
from restock.sim.model.network import Costs, Item, Lane, Site
from restock.sim.model.opening.opening_state import OpeningState
from restock.sim.model.scenario import Scenario
from restock.sim.probability.laws import LAWS

KEPT = 8  # scenarios, those used last
PARTS = (Scenario, Item, Site, Lane, Demand, History, Season, Costs, OpeningState, *LAWS.values())


def kept_scenario(files: Iterable[Path], choices: Mapping[str, Any], make: Callable[[], Scenario]) -> Scenario:
    """The scenario that `make` makes of the files with these choices: the kept one, where there is one."""
    path = _folder() / f"{_key(files, choices)}.scenario"
    with suppress(Exception):  # no such file, or whatever a damaged one makes numpy or a part raise
        kept = read_whole(path)
        if kept is not None:
            found = from_bytes(kept)
            os.utime(path)
            return found
    scenario = make()
    with suppress(OSError, TypeError):  # a full disk, or a part of a kind that is not kept: it is made again
        _write(path, to_bytes(scenario))
    return scenario


def to_bytes(scenario: Scenario) -> bytes:
    """The scenario as a zip archive of JSON and arrays."""
    arrays: list[np.ndarray] = []
    text = json.dumps(_plain(scenario, arrays))
    out = io.BytesIO()
    named: dict[str, Any] = {f"a{k}": array for k, array in enumerate(arrays)}
    np.savez(out, scenario=np.frombuffer(text.encode(), np.uint8), **named)
    return out.getvalue()


def from_bytes(content: bytes) -> Scenario:
    """The scenario again, every part made and checked anew."""
    with np.load(io.BytesIO(content), allow_pickle=False) as found:
        text = found["scenario"].tobytes().decode()
        made = _part(json.loads(text), lambda k: found[f"a{k}"])
    if not isinstance(made, Scenario):
        raise ValueError("what was kept is no scenario")
    return made


@cache
def parts() -> dict[str, Any]:
    """What a scenario may be made of, by name: settings of features, too, and what stands beside them."""
    beside = [vars(sys.modules[kind.__module__]).values() for kind in feature_kinds()]
    of_features = [
        each for values in beside for each in values if isinstance(each, type) and dataclasses.is_dataclass(each)
    ]
    own = [each.kind for kind in feature_kinds() for each in (*kind.item_settings, *kind.lane_settings)]
    of_features += [kind for kind in own if dataclasses.is_dataclass(kind)]
    return {kind.__name__: kind for kind in (*PARTS, *of_features)}


def _plain(value: Any, arrays: list[np.ndarray]) -> Any:
    """A value as JSON has it: parts, arrays, dates and tuples under a name of their kind."""
    if dataclasses.is_dataclass(value) and type(value).__name__ in parts():
        fields = {f.name: _plain(getattr(value, f.name), arrays) for f in dataclasses.fields(value) if f.init}
        return {"part": type(value).__name__, "fields": fields}
    if isinstance(value, np.ndarray) and value.dtype != object:
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return {"date": value.isoformat()}
    if isinstance(value, tuple):
        return [_plain(each, arrays) for each in value]
    if isinstance(value, list):
        return {"list": [_plain(each, arrays) for each in value]}
    if isinstance(value, Mapping):
        return {"mapping": [[_plain(key, arrays), _plain(each, arrays)] for key, each in value.items()]}
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{type(value).__name__} is not kept")


def _part(kept: Any, array: Callable[[int], np.ndarray]) -> Any:
    """The value that `_plain` made this of."""
    if isinstance(kept, list):
        return tuple(_part(each, array) for each in kept)
    if not isinstance(kept, dict):
        return kept
    if "part" in kept:
        return parts()[kept["part"]](**{name: _part(each, array) for name, each in kept["fields"].items()})
    if "array" in kept:
        return array(kept["array"])
    if "list" in kept:
        return [_part(each, array) for each in kept["list"]]
    if "date" in kept:
        return datetime.date.fromisoformat(kept["date"])
    return {_part(key, array): _part(each, array) for key, each in kept["mapping"]}


def _key(files: Iterable[Path], choices: Mapping[str, Any]) -> str:
    digest = hashlib.blake2b(f"{made_by()} {sorted(choices.items())!r}".encode(), digest_size=16)
    for path in sorted(path for path in files if path.is_file()):
        digest.update(f"\n{path.name} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _folder() -> Path:
    return writable(user_folder() / "calibrated")


def _write(path: Path, content: bytes) -> None:
    """The file appears whole or not at all; the oldest beyond KEPT go."""
    write_whole(path, content)
    with suppress(OSError):
        for old in sorted(path.parent.glob("*.scenario"), key=lambda each: each.stat().st_mtime)[:-KEPT]:
            old.unlink()
