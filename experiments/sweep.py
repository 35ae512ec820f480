"""Sweeps: each run writes its own row, so that a sweep that fails or is interrupted keeps what it has.

A row is known by a fingerprint of its command and resolved settings. A sweep begun again in the same folder
(`resume=FOLDER`) runs only what has no finished row there.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from restock.experiments import interrupt
from restock.experiments.claiming import claimed, new_folder, remove_if_empty
from restock.experiments.run_folder import write_json
from restock.experiments.settings import settings_of
from restock.sim.errors import InputError, require

ROW = "row.json"
WITHOUT_EFFECT = ("threads", "executor")  # settings that change no number
Row = dict[str, Any]


def one_of_many(config: DictConfig, about: dict[str, Any], sweep: Path, folder: Path) -> list[Row]:
    """Run one job of a sweep, unless its result is there; a failure becomes a row too. Returns rows of measures."""
    from restock.experiments.jobs import perform

    interrupt.check()
    key = fingerprint(about["command"], config)
    number = "".join(c for c in folder.name if c.isdigit()) or "0"
    before = {row["fingerprint"]: (place, row) for place, row in rows_in(sweep)}
    if key in before:
        place, row = before[key]
        if place != folder:
            remove_if_empty(folder)
        if row["status"] == "done":
            _say(f"job {number}", about, "kept from before")
            return row["results"]
        folder = place
    with claimed(folder, _new_folders(sweep), anew=key in before) as folder:
        row = about | {"fingerprint": key, "status": "done", "error": "", "results": []}
        started, here = time.perf_counter(), SweepTable.folder is not None
        try:
            row["results"] = perform(settings_of(config), about, folder, report=False, show=here)
        except InputError as error:
            _stop_if_interrupted()
            row |= {"status": "refused", "error": str(error)}
        except Exception as error:
            _stop_if_interrupted()
            row |= {"status": "failed", "error": f"{type(error).__name__}: {error}"}
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "error.txt").write_text(traceback.format_exc(), encoding="utf-8")
        row["seconds"] = round(time.perf_counter() - started, 2)
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / (ROW + ".new"), row)
        (folder / (ROW + ".new")).replace(folder / ROW)
    _say(f"job {number}", about, f"{row['status']} in {row['seconds']:.1f} s" if not row["error"] else row["error"])
    return row["results"]


def _stop_if_interrupted() -> None:
    """An error after Ctrl-C is the interruption in other words: it is no row."""
    if interrupt.asked():
        raise KeyboardInterrupt


def fingerprint(command: str, config: DictConfig) -> str:
    """The same for the same command with the same resolved settings, seed included."""
    plain = OmegaConf.to_container(config, resolve=True)
    assert isinstance(plain, dict)
    kept = {key: value for key, value in plain.items() if key not in WITHOUT_EFFECT}
    return hashlib.sha256(json.dumps([command, kept], sort_keys=True, default=str).encode()).hexdigest()[:16]


def rows_in(sweep: Path) -> list[tuple[Path, Row]]:
    """Folders and rows of a sweep, by number."""
    found = [(path.parent, json.loads(path.read_text(encoding="utf-8"))) for path in sweep.glob(f"*/{ROW}")]
    return sorted(found, key=lambda pair: (len(pair[0].name), pair[0].name))


def _new_folders(sweep: Path) -> Iterator[Path]:
    """Folders with numbers that no job of the sweep has, made as they are asked for."""
    for number in itertools.count():
        with suppress(FileExistsError):
            (sweep / str(number)).mkdir(parents=True)
            yield sweep / str(number)


def _say(run: str, about: dict[str, Any], words: str) -> None:
    of = f" of {SweepTable.runs}" if SweepTable.runs > 1 else ""
    print(f"{run}{of} ({' '.join(about['overrides'])}): {words}", file=sys.stderr, flush=True)


class RunFolder(Callback):
    """Hydra calls this as a run begins; the folder it would make is made when all is written (see `claiming`)."""

    asked = Path()

    def on_run_start(self, config: DictConfig, **_: Any) -> None:
        RunFolder.asked = Path(config.hydra.run.dir).absolute()
        with read_write(config.hydra):
            config.hydra.run.dir = "."


class SweepTable(Callback):
    """Hydra calls this as a sweep begins and ends; it makes the table of all runs."""

    folder: Path | None = None  # of the sweep that this process directs; None in its workers
    command = ""
    runs = 0
    exit_code = 0

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
        from hydra.core.override_parser.overrides_parser import OverridesParser

        asked = OmegaConf.to_container(config.hydra.sweep, resolve=False)
        assert isinstance(asked, dict)
        if "${now:" in str(asked["dir"]):  # a new sweep; a name of the user's may be one to go on with
            with read_write(config.hydra), open_dict(config.hydra):
                config.hydra.sweep.dir = str(new_folder(Path(config.hydra.sweep.dir)))
                config.hydra.overrides.hydra.append(f"hydra.sweep.dir='{config.hydra.sweep.dir}'")  # for its jobs
        SweepTable.folder = Path(config.hydra.sweep.dir)
        SweepTable.exit_code = 0
        swept = [f"{key}={value}" for key, value in (config.hydra.sweeper.get("params") or {}).items()]
        words = [*swept, *config.hydra.overrides.task]
        batches = BasicSweeper.split_arguments(OverridesParser.create().parse_overrides(words), None)
        SweepTable.runs = sum(len(batch) for batch in batches)
        other = other_sweep(SweepTable.command, [run for batch in batches for run in batch], rows_in(SweepTable.folder))
        if other:
            folder, SweepTable.folder = SweepTable.folder, None  # nothing there is touched
            raise AnotherSweep(f"another sweep lies in '{folder}': {other}; name another folder, or give its settings")

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        from restock.experiments.jobs import failures
        from restock.experiments.sweep_table import collect, show

        assert SweepTable.folder is not None
        try:
            frame = collect(SweepTable.folder)
            if frame is not None:
                print(show(frame, SweepTable.folder))
                status = set(frame["status"])
                SweepTable.exit_code = 1 if "failed" in status else 2 if "refused" in status else 0
        except Exception as error:  # Hydra would only warn of it
            failures.append(error)


class AnotherSweep(BaseException):
    """The folder of a sweep holds another one; no Exception, since Hydra would only warn of that."""


def other_sweep(command: str, runs: list[list[str]], rows: list[tuple[Path, Row]]) -> str:
    """How the sweep that lies in a folder differs from the runs wanted, in words; empty if one goes on with the other.

    They set the same things, in the same command; values may be added, where some are those of before.
    """
    if not rows:
        return ""
    there, here = _values_set(row["overrides"] for _, row in rows), _values_set(runs)
    commands = sorted({row["command"] for _, row in rows})
    if commands != [command]:
        return f"it is one of restock {commands[0]}"
    for more, fewer, words in ((there, here, "it sets"), (here, there, "it does not set")):
        added = [f"{key}={','.join(values)}" for key, values in more.items() if key not in fewer]
        if added:
            return f"{words} {', '.join(added)}"
    apart = [f"{key}={','.join(values)}" for key, values in there.items() if not set(values) & set(here[key])]
    return f"it has {', '.join(apart)}" if apart else ""


def _values_set(runs: Iterable[list[str]]) -> dict[str, list[str]]:
    """Every value of each setting that changes a number."""
    out: dict[str, dict[str, None]] = {}
    for run in runs:
        for word in run:
            key, _, value = word.lstrip("+~").partition("=")
            if key.split(".")[0] not in (*WITHOUT_EFFECT, "hydra") and not key.startswith("hydra/"):
                out.setdefault(key, {})[value] = None
    return {key: list(values) for key, values in out.items()}


def ended_early() -> str:
    """After an error or an interrupt: keep the table of what finished, or no folder at all; words for the message."""
    folder = SweepTable.folder
    if folder is None or not folder.exists():
        return ""
    finished = rows_in(folder)
    if not finished:
        (folder / "multirun.yaml").unlink(missing_ok=True)
        for place in folder.glob("*/"):
            remove_if_empty(place)
        remove_if_empty(folder)
        return ""
    from restock.experiments.sweep_table import collect

    collect(folder)
    of = f" of {SweepTable.runs}" if SweepTable.runs else ""
    return f"; {len(finished)}{of} runs are kept in {folder}, go on with resume={folder}"


def collect_command(words: list[str]) -> int:
    """restock collect FOLDER: the table and the figure, made again."""
    require(len(words) == 1, "restock collect takes one folder, that of a sweep: restock collect FOLDER")
    folder = Path(words[0])
    require(folder.is_dir(), f"collect: there is no folder '{folder}'")
    require(len(rows_in(folder)) > 0, f"collect: no run of a sweep has finished in '{folder}'")
    from restock.experiments.sweep_table import collect, show

    frame = collect(folder)
    assert frame is not None
    print(show(frame, folder))
    return 0
