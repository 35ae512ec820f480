"""restock calibrate and restock dataset: from an export to a scenario, and the data set that comes with restock."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from restock.experiments.claiming import claimed
from restock.experiments.command_words import read_value
from restock.experiments.run_folder import whole_or_nothing, write_figure
from restock.sim.checks import WORDS
from restock.sim.errors import require, unknown

INDENT = 30  # where the words of a help line begin


def calibrate(words: list[str]) -> int:
    """restock calibrate FOLDER [output=FOLDER] [record=sale] ...: settings are those of `calibration.calibrate`."""
    if any(word in ("-h", "--help") for word in words):
        print(calibrate_help(), end="")
        return 0
    source, settings = _folder_and_settings("calibrate", words)
    from restock.experiments.jobs import bar
    from restock.experiments.scenarios import READ
    from restock.sim.calibration.calibrate import calibrate as fit
    from restock.sim.calibration.calibrate import write_scenario_folder
    from restock.sim.calibration.export import read_erp
    from restock.sim.checks import check_written
    from restock.sim.figures.fit import fitted_less_recorded
    from restock.sim.model.assumed import default_lines

    output = Path(str(settings.pop("output", f"{source.name}_scenario")))
    fitted = [name for name in inspect.signature(fit).parameters if name != "erp"]
    for name in settings:
        if name not in (*READ, *fitted):
            raise unknown("setting", name, ["output", *READ, *fitted], "of restock calibrate")
    settings = days_of_bucket(settings)
    of_reading = check_written(read_erp, {name: settings.pop(name) for name in READ if name in settings})
    _must_be_free(output)

    with claimed(output.absolute(), others=()) as folder, bar(True) as progress:
        erp = read_erp(source, **of_reading, progress=partial(progress, "reading sales"))
        progress("fitting", 1.0)
        calibration = fit(erp, **check_written(fit, settings))
        del erp  # it may be large
        progress("writing the scenario", 1.0)
        report = str(calibration.report.with_assumed(default_lines(calibration.scenario())))
        with whole_or_nothing(folder, report) as written:
            write_scenario_folder(calibration, written)
            figure = fitted_less_recorded(calibration.fitted_against_recorded, output.name)
            write_figure(figure, written, "fitted_against_recorded")
    print(report)
    print(f"\nWritten to {output}; run it: restock compare scenario=folder scenario.path={output}")
    return 0


def days_of_bucket(settings: dict[str, Any]) -> dict[str, Any]:
    """`bucket` as a number of days is `bucket_days`: days added up to one observation."""
    bucket = settings.get("bucket")
    if isinstance(bucket, bool) or not isinstance(bucket, int):
        return settings
    require("bucket_days" not in settings, "bucket and bucket_days both give a number of days; leave one")
    return {name: value for name, value in settings.items() if name != "bucket"} | {"bucket_days": bucket}


def calibrate_help() -> str:
    """Usage, and every setting with its default and what it means, as `calibrate` and `read_erp` say."""
    from restock.sim.calibration.calibrate import calibrate as fit
    from restock.sim.calibration.export import read_erp

    lines = [
        "restock calibrate FOLDER [name=value ...]    from an ERP export to a scenario of your own",
        "",
        "The folder holds items, locations and sales, perhaps receipts, promotions, stock and open_orders, as .csv,",
        ".csv.gz or .xlsx, or files of a layout in wide use. docs/export.md says what each column means, and how files",
        "may be written.",
        "",
        "settings:",
    ]
    lines += _described("output", "FOLDER_scenario", "The folder to write, which must not hold anything yet.")
    for function in (read_erp, fit):
        words = _parameters(function)
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.default is not inspect.Parameter.empty and name != "progress":
                also = " Also written bucket=28." if name == "bucket_days" else ""
                lines += _described(name, _as_written(parameter.default), words[name] + also)
    return "\n".join(lines) + "\n"


def _described(name: str, default: str, words: str) -> list[str]:
    """A setting's line, and further ones where the words are many."""
    first, *rest = textwrap.wrap(words, 118 - INDENT, break_on_hyphens=False)
    head = f"  {name}={default}"
    return [f"{head:<{INDENT - 1}} {first}", *(" " * INDENT + line for line in rest)]


def _parameters(function: Callable[..., Any]) -> dict[str, str]:
    """What the docstring says of each parameter: its kind, then its meaning."""
    text = inspect.getdoc(function) or ""
    out: dict[str, str] = {}
    names: list[str] = []
    for line in text.partition("Parameters\n----------\n")[2].splitlines():
        if line and not line.startswith(" "):
            given, _, kind = line.partition(" : ")
            names = given.split(", ")
            kind = ", ".join(WORDS.get(word, word) for word in kind.split(", "))
            kind = " or ".join(WORDS.get(word, word) for word in kind.split(" or "))
            out |= dict.fromkeys(names, f"{kind}.")
        elif line.strip():
            out |= {name: f"{out[name]} {line.strip()}" for name in names}
        elif names and not line:
            names = []
    return {name: re.sub(r"\bNone\b", "null", words) for name, words in out.items()}


def _as_written(value: Any) -> str:
    """A default as the command line would write it."""
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def dataset(words: list[str]) -> int:
    """restock dataset grocery FOLDER."""
    usage = "restock dataset takes a name and a folder: restock dataset grocery FOLDER"
    require(len(words) == 2, usage)
    if words[0] != "grocery":
        raise unknown("data set", words[0], ["grocery"])
    from restock.experiments.grocery_data import write_grocery

    for name, count in write_grocery(words[1]).items():
        print(f"{name}: {count:,}")
    print(f"\nWritten to {words[1]}")
    return 0


def _folder_and_settings(command: str, words: list[str]) -> tuple[Path, dict[str, Any]]:
    folders = [word for word in words if "=" not in word]
    usage = f"restock {command} takes one folder and settings: restock {command} FOLDER [name=value ...]"
    require(len(folders) == 1 and not folders[0].startswith("-"), usage)
    settings: dict[str, Any] = {}
    for word in words:
        name, is_setting, text = word.partition("=")
        if is_setting:
            settings[name] = read_value(name, text)
    folder = Path(folders[0])
    require(folder.is_dir(), f"{command}: there is no folder '{folder}'")
    return folder, settings


def _must_be_free(output: Path) -> None:
    taken = output.exists() and (not output.is_dir() or any(output.iterdir()))
    require(not taken, f"output: '{output}' exists already; name another, or remove it first")
