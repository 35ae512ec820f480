"""A search gone on with: its finished trials are read, and not simulated again.

`trials.npz` in a run folder holds the sums of every trial, bit for bit. A search that goes on is the same search from
its first trial on; where it comes to settings that are there, it takes what they gave. So it ends as one that was never
interrupted.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.experiments.settings import Settings, plain
from restock.sim.errors import InputError, require

if TYPE_CHECKING:
    from restock.sim.planning.prepared import Prepared
    from restock.sim.study.searching.candidates import Run, RunOrRead, Trial

TRIALS = "trials.npz"
ANEW = "begin anew, without resume"
MAY_DIFFER = ("optimize.trials", "optimize.finalists", "optimize.frontier", "figures", "threads", "executor")
"""Settings that change no trial; of `optimize.trials`, more are asked for."""
asked: Path | None = None  # the folder that the command line names


@dataclasses.dataclass
class Before:
    """The trials of an earlier run, by policy and settings; none where no run is gone on with."""

    folder: Path | None = None
    trials: Mapping[str, Trial] = dataclasses.field(default_factory=dict)
    scenario: str = ""
    used: set[str] = dataclasses.field(default_factory=set)

    def check(self, scenario: str) -> None:
        """The chain is the one that the trials were simulated in."""
        same = self.folder is None or scenario == self.scenario
        require(same, f"resume: the scenario is not the one that the trials in '{self.folder}' were simulated in: its "
                      f"files have changed since; {ANEW}")  # fmt: skip

    def instead(self, label: str, run: Run) -> RunOrRead:
        """The run, or what it gave before."""

        def read_or_run(values: Mapping[str, Any], replications: tuple[int, int]) -> Any:
            trial = self.trials.get(key := _key(label, values))
            if trial is None:
                return run(values, replications)
            self.used.add(key)
            if trial.refused:
                raise InputError(trial.refused)
            return trial

        return read_or_run


def _key(label: str, values: Mapping[str, Any]) -> str:
    return json.dumps([label, dict(values)], default=str)


def words_of(folder: Path) -> list[str]:
    """The settings that the run in a folder was begun with, as its command line had them."""
    if not folder.is_dir():
        raise InputError(f"resume: there is no folder '{folder}'")
    if not (folder / TRIALS).is_file() or not (folder / "run.json").is_file():
        raise InputError(f"resume: no trials of restock optimize lie in '{folder}'")
    return list(json.loads((folder / "run.json").read_text(encoding="utf-8"))["overrides"])


def kept(settings: Settings) -> Before:
    """The trials of the run that is gone on with, which had the same settings."""
    if asked is None:
        return Before()
    import yaml

    from restock.experiments.run_folder import versions

    about = json.loads((asked / "run.json").read_text(encoding="utf-8"))
    then, now = about["versions"]["restock"], versions()["restock"]
    require(then == now, f"resume: the trials in '{asked}' are of restock {then}, this is {now}; {ANEW}")
    before = _flat(yaml.safe_load((asked / "config.yaml").read_text(encoding="utf-8")))
    here = _flat(yaml.safe_load(yaml.safe_dump(plain(settings))))
    for name in {**before, **here}:
        if before.get(name) != here.get(name) and not name.startswith(MAY_DIFFER):
            raise InputError(f"resume: the search in '{asked}' has {name}={before.get(name)}, here it is "
                             f"{here.get(name)}; give the same settings, or {ANEW}")  # fmt: skip
    return Before(asked, read_trials(asked / TRIALS), str(about.get("scenario", "")))


def _flat(settings: Any, name: str = "") -> dict[str, Any]:
    """Dotted names and values of nested settings."""
    if not isinstance(settings, Mapping) or not settings:
        return {name: settings}
    out: dict[str, Any] = {}
    for key, value in settings.items():
        out |= _flat(value, f"{name}.{key}" if name else str(key))
    return out


def write_trials(trials: Sequence[Trial], path: Path) -> None:
    """All that a search remembers of its trials."""
    from restock.sim.measures.facts import FACTS
    from restock.sim.measures.measures import MEASURES

    arrays: dict[str, np.ndarray] = {}
    about = []
    for k, trial in enumerate(trials):
        about.append({"policy": trial.policy, "values": dict(trial.values), "refused": trial.refused,
                      "classes": list(trial.classes), "facts": trial.facts is not None})  # fmt: skip
        arrays |= {f"top_{k}": trial.top, f"bottom_{k}": trial.bottom}
        for name, (top, bottom) in trial.classes.items():
            arrays |= {f"top_{k}_{name}": top, f"bottom_{k}_{name}": bottom}
        if trial.facts is not None:
            arrays[f"facts_{k}"] = trial.facts
    said = {"measures": list(MEASURES), "facts": list(FACTS), "trials": about}
    with path.open("wb") as file:
        np.savez_compressed(file, about=np.array(json.dumps(said, default=str)), **arrays)  # type: ignore[arg-type]


def read_trials(path: Path) -> dict[str, Trial]:
    """The trials that a run folder keeps, by policy and settings."""
    from zipfile import BadZipFile

    from restock.sim.measures.facts import FACTS
    from restock.sim.measures.measures import MEASURES
    from restock.sim.study.searching.candidates import Trial

    out = {}
    try:
        with np.load(path, allow_pickle=False) as file:
            said = json.loads(str(file["about"]))
            alike = said["measures"] == list(MEASURES) and said["facts"] == list(FACTS)
            require(
                alike,
                f"resume: the trials in '{path}' have other measures than this restock; {ANEW}",
            )
            for k, about in enumerate(said["trials"]):
                of_class = {name: (file[f"top_{k}_{name}"], file[f"bottom_{k}_{name}"]) for name in about["classes"]}
                facts = file[f"facts_{k}"] if about["facts"] else None
                out[_key(about["policy"], about["values"])] = Trial(
                    k, "", about["values"], file[f"top_{k}"], file[f"bottom_{k}"], about["refused"], of_class, facts,
                    about["policy"],
                )  # fmt: skip
    except (BadZipFile, KeyError, ValueError, EOFError, OSError) as error:
        raise InputError(f"resume: '{path}' cannot be read: it is damaged, or of another program") from error
    return out


def digest(prepared: Prepared) -> str:
    """A checksum of a chain: its arrays, items, lanes, costs and features."""
    found = hashlib.sha256()
    scenario = prepared.scenario
    _add(found, (prepared.world, scenario.items, scenario.lanes, scenario.costs, scenario.features, scenario.days))
    return found.hexdigest()[:16]


def _add(found: Any, thing: Any) -> None:
    if isinstance(thing, np.ndarray):
        found.update(f"{thing.dtype}{thing.shape}".encode() + np.ascontiguousarray(thing).tobytes())
    elif isinstance(thing, (tuple, list)):
        for each in thing:
            _add(found, each)
    elif isinstance(thing, Mapping):
        for name in thing:
            _add(found, (name, thing[name]))
    elif dataclasses.is_dataclass(thing):
        _add(found, [getattr(thing, each.name) for each in dataclasses.fields(thing)])
    else:
        found.update(repr(thing).encode())
