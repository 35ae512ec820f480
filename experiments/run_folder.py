"""A run folder: settings, versions and seed, tables, figures and the report; it appears whole or not at all."""

from __future__ import annotations

import datetime
import json
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restock.experiments.claiming import being_written

if TYPE_CHECKING:
    import pandas as pd

PACKAGES = ("restock", "numpy", "scipy", "numba", "simpy", "pandas", "hydra-core", "omegaconf")
OPTIONAL = ("optuna",)


class NotWritten(RuntimeError):
    """The results of a run that was done cannot be written; its report is kept here, to be printed all the same."""

    def __init__(self, folder: Path, error: OSError, report: str) -> None:
        super().__init__(f"nothing was written to '{shown_path(folder)}': {error.strerror or error}")
        self.report = report


@contextmanager
def whole_or_nothing(folder: Path, report: str = "") -> Iterator[Path]:
    """A folder to write in; it takes the claimed name when all is written, and vanishes on any failure."""
    place = being_written(folder)
    try:
        place.mkdir()
        yield place
        with suppress(FileNotFoundError):
            folder.rmdir()  # made before, and empty
        place.rename(folder)
    except BaseException as error:
        shutil.rmtree(place, ignore_errors=True)
        if isinstance(error, OSError):
            raise NotWritten(folder, error, report) from error
        raise


def shown_path(folder: Path) -> Path:
    """The folder as the user would write it: from the current one, where it lies there."""
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder


def write_table(frame: pd.DataFrame, folder: Path, name: str) -> None:
    """The table as CSV for any program, and as Parquet with its types."""
    from restock.sim.csv_text import csv_bytes

    (folder / f"{name}.csv").write_bytes(csv_bytes(frame))
    frame.to_parquet(folder / f"{name}.parquet", index=False)


def write_figure(figure: Any, folder: Path, name: str) -> None:
    """The figure as PNG; hard compression would take longer than drawing it, for a fifth of the size."""
    figure.savefig(folder / f"{name}.png", pil_kwargs={"compress_level": 1})


def write_settings(folder: Path, settings: dict[str, Any], about: dict[str, Any], report: str = "") -> None:
    """config.yaml: the resolved settings; run.json: what was run, with which versions, seed and overrides; report.txt,
    where there is a report."""
    import yaml

    text = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True, width=110)
    (folder / "config.yaml").write_text(text, encoding="utf-8", newline="\n")
    write_json(folder / "run.json", about | {"seed": settings["seed"], "versions": versions()})
    if report:
        (folder / "report.txt").write_text(report + "\n", encoding="utf-8", newline="\n")


def replaced(path: Path, text: str) -> None:
    """A file that appears whole, in the place of what was there, or not at all."""
    part = path.with_name(path.name + ".partial")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_json(path: Path, content: dict[str, Any]) -> None:
    """A JSON file, easy to read."""
    path.write_text(json.dumps(content, indent=2, default=str) + "\n", encoding="utf-8", newline="\n")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that a result can depend on."""
    out = {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}"}
    for name in PACKAGES:
        try:
            out[name] = version(name)
        except PackageNotFoundError:
            out[name] = "not installed as a package"
    for name in OPTIONAL:
        with suppress(PackageNotFoundError):
            out[name] = version(name)
    return out


def now() -> str:
    """The time, to the second."""
    return datetime.datetime.now().isoformat(timespec="seconds")
