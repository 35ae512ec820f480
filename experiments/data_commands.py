"""restock calibrate and restock dataset: from an export to a scenario, and the data set that comes with restock."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from experiments.claiming import claimed
from experiments.run_folder import whole_or_nothing
from sim.errors import InputError, require, unknown

SHORT = {"bucket": "bucket_days"}  # what may be written for the longer name


def calibrate(words: list[str]) -> int:
    """restock calibrate FOLDER [output=FOLDER] [record=sale] ...: settings are those of `sim.calibrate.calibrate`."""
    source, settings = _folder_and_settings("calibrate", words)
    from sim.calibrate import calibrate as fit
    from sim.calibrate import write_scenario_folder
    from sim.erp import read_erp

    output = Path(str(settings.pop("output", f"{source.name}_scenario")))
    on_fault = str(settings.pop("on_fault", "refuse"))
    settings = {SHORT.get(name, name): value for name, value in settings.items()}
    allowed = [name for name in inspect.signature(fit).parameters if name != "erp"]
    for name in settings:
        if name not in allowed:
            raise unknown("setting", name, ["output", "on_fault", *SHORT, *allowed], "of restock calibrate")
    _must_be_free(output)
    with claimed(output.absolute(), others=()) as folder:
        calibration = fit(read_erp(source, on_fault), **settings)
        with whole_or_nothing(folder) as written:
            write_scenario_folder(calibration, written)
    print(calibration.report)
    print(f"\nWritten to {output}; run it: restock compare scenario=folder scenario.path={output}")
    return 0


def dataset(words: list[str]) -> int:
    """restock dataset grocery FOLDER."""
    usage = "restock dataset takes a name and a folder: restock dataset grocery FOLDER"
    require(len(words) == 2, usage)
    if words[0] != "grocery":
        raise unknown("data set", words[0], ["grocery"])
    from sim.grocery import write_grocery

    for name, count in write_grocery(words[1]).items():
        print(f"{name}: {count:,}")
    print(f"\nWritten to {words[1]}")
    return 0


def _folder_and_settings(command: str, words: list[str]) -> tuple[Path, dict[str, Any]]:
    import yaml

    folders = [word for word in words if "=" not in word]
    usage = f"restock {command} takes one folder and settings: restock {command} FOLDER [name=value ...]"
    require(len(folders) == 1 and not folders[0].startswith("-"), usage)
    settings: dict[str, Any] = {}
    for word in words:
        name, is_setting, text = word.partition("=")
        if is_setting:
            try:
                settings[name] = yaml.safe_load(text)
            except yaml.YAMLError:
                raise InputError(f"{name}: cannot read the value '{text}'") from None
    folder = Path(folders[0])
    require(folder.is_dir(), f"{command}: there is no folder '{folder}'")
    return folder, settings


def _must_be_free(output: Path) -> None:
    taken = output.exists() and (not output.is_dir() or any(output.iterdir()))
    require(not taken, f"output: '{output}' exists already; name another, or remove it first")
