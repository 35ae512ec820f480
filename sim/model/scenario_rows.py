"""Rows of the tables of a scenario's folder: CSV, plain or compressed, each key once."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from restock.sim.checks import part_of
from restock.sim.errors import InputError, unknown
from restock.sim.model.demand import NOT_OPEN, History
from restock.sim.model.network import Item, Lane
from restock.sim.model.scenario import Scenario
from restock.sim.probability.laws import Law, law_from
from restock.sim.probability.laws import to_mapping as law_mapping
from restock.sim.yaml_file import as_text

AT_ONCE = 1_000_000  # days of cells of a history looked at at once
BASE = 1 << 20  # above any number of receipts on a day
KEYS = {
    "items.csv": ("name",),
    "sites.csv": ("name",),
    "lanes.csv": ("source", "destination"),
    "demand.csv": ("item", "site"),
    "history.csv.gz": ("item", "site", "date"),
    "stock.csv": ("item", "site"),
}  # given once


def write_csv(path: Path, header: list[str], rows: Iterable[list[Any]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    data = out.getvalue().encode("utf-8")
    path.write_bytes(gzip.compress(data, 6, mtime=0) if path.suffix == ".gz" else data)


def csv_line(fields: list[Any]) -> str:
    """Fields of a row with commas between, and quotes where they are needed.

    >>> csv_line(["tea, green", 3])
    '"tea, green",3'
    """
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="").writerow(fields)
    return out.getvalue()


def read_csv(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows as mappings with their number, counting the header as row 1."""
    if not path.exists():
        raise InputError(f"'{path.parent}' is not a whole scenario: {path.name} is missing")
    data = path.read_bytes()
    try:
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        reader = csv.DictReader(io.StringIO(as_text(data, path), newline=""))
        yield from _rows_once(path, reader)
    except (csv.Error, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} cannot be read: {error}") from None


def _rows_once(path: Path, reader: csv.DictReader[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with their numbers; no column, and no key, is there twice."""
    header = reader.fieldnames or []
    for column in header:
        if header.count(column) > 1:
            raise InputError(f"{path.name}: column '{column}' is there {header.count(column)} times; leave one")
    key, met = [column for column in KEYS.get(path.name, ()) if column in header], dict[tuple[str, ...], int]()
    for number, row in enumerate(reader, start=2):
        if None in row or None in row.values():
            raise InputError(f"{path.name} row {number}: has not as many values as the header has columns")
        first = met.setdefault(tuple(row[column] for column in key), number)
        if key and first < number:
            given = ", ".join(f"{column} '{row[column]}'" for column in key)
            raise InputError(f"{path.name} rows {first} and {number}: both are of {given}; leave one")
        yield number, row


def cell_of(row: Mapping[str, str], items: Mapping[str, int], sites: Mapping[str, int], where: str) -> tuple[int, int]:
    """The cell that a row names, by the numbers of items and sites; `where` is the row.

    >>> cell_of({"item": "milk", "site": "store"}, {"bread": 0, "milk": 1}, {"store": 0}, "demand.csv row 2")
    (1, 0)
    """
    for what, index in (("item", items), ("site", sites)):
        if row.get(what) not in index:
            raise unknown(what, row.get(what, ""), index, f"in {where}")
    return items[row["item"]], sites[row["site"]]


def whole_number(text: str, where: str) -> int:
    """A cell of a table as a whole number.

    >>> whole_number("7", "demand.csv row 2: season")
    7
    """
    try:
        return int(text)
    except ValueError:
        raise InputError(f"{where} must be a whole number (given '{text}')") from None


def laws_by_item(text: str, where: str) -> dict[str, Any]:
    """A mapping of items to laws, written as JSON; an empty cell has none.

    >>> laws_by_item('{"milk": 3}', "lanes.csv row 2: lead_time_by_item")
    {'milk': 3}
    """
    try:
        found = json.loads(text or "{}")
    except json.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise InputError(f"{where} must be laws by item such as {{\"milk\": 3}} (given '{text}')")
    return found


def write_history(path: Path, scenario: Scenario, history: History) -> None:
    """A row for each cell and day with units, or on which nobody could have come; a cell without any has its first."""
    i, n = np.nonzero(history.row_of >= 0)
    dates = (np.datetime64(history.start, "D") + np.arange(history.units.shape[1])).astype(str)
    of_day = np.array([f",{date}," for date in dates.tolist()], dtype=object)
    names = ["item", "site", "date", "units", *([] if history.receipts is None else ["receipts"])]
    many = max(1, AT_ONCE // len(dates))  # cells at once: millions of rows as text take gigabytes
    with path.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        packed.write(f"{','.join(names)}\n".encode())
        for k in range(0, len(i), many):
            here = i[k : k + many], n[k : k + many]
            cell, day, figures = _told(history, history.row_of[here])
            cells = [csv_line([scenario.items[a].name, scenario.sites[b].name]) for a, b in zip(*here, strict=True)]
            lines = np.array(cells, dtype=object)[cell] + of_day[day] + figures
            packed.write("".join(lines.tolist()).encode("utf-8"))


def _told(history: History, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of some rows of a history, the days that are written: which row, which day, and the end of the line."""
    units = history.units[rows]
    receipts = None if history.receipts is None else history.receipts[rows]
    told = units > 0 if receipts is None else (units > 0) | (receipts == NOT_OPEN)
    told[~told.any(axis=1), 0] = True
    cell, day = np.nonzero(told)
    key = units[cell, day].astype(np.int64) * BASE + (0 if receipts is None else receipts[cell, day] - NOT_OPEN)
    different, number = np.unique(key, return_inverse=True)
    figures = [_figures(each // BASE, each % BASE, receipts is not None) for each in different.tolist()]
    return cell, day, np.array(figures, dtype=object)[number.ravel()]


def _figures(units: int, above: int, with_receipts: bool) -> str:
    """The end of a row: units, and receipts, empty where nobody could have come; `above` counts from `NOT_OPEN`."""
    if not with_receipts:
        return f"{units}\n"
    return f"{units},{'' if above == 0 else above + NOT_OPEN}\n"


def plain(value: Any) -> Any:
    """A value as yaml holds it.

    >>> plain(np.float64(0.5)), plain((1, 2))
    (0.5, [1, 2])
    """
    if isinstance(value, Law):
        return plain(law_mapping(value))
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value) if getattr(value, f.name) != default_of(f)}
    value = value.item() if isinstance(value, np.generic) else value  # np.float64 is a float and not yaml's
    if isinstance(value, (tuple, list)):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(key): plain(v) for key, v in value.items()}
    if value is None or isinstance(value, (str, bool, int, float, datetime.date)):
        return value
    raise InputError(f"a value of type {type(value).__name__} cannot be written to scenario.yaml: {value!r}")


def in_a_cell(value: Any) -> str:
    """A field's value as a cell of a table.

    >>> in_a_cell(("mon", "thu")), in_a_cell(None), in_a_cell(True)
    ('mon thu', '', 'true')
    """
    if isinstance(value, Law):
        return json.dumps(law_mapping(value), separators=(", ", ": "))
    if is_dataclass(value):
        return json.dumps(plain(value), separators=(", ", ": "))
    if isinstance(value, Mapping):
        return json.dumps({name: plain(each) for name, each in value.items()}, separators=(", ", ": "))
    if isinstance(value, (tuple, list)):
        return " ".join(str(v) for v in value)
    return "" if value is None else str(plain(value)).lower() if isinstance(value, bool) else str(plain(value))


def of_a_cell(text: str, kind: str, where: str) -> Any:
    """The value of a cell, by the field's type as it is written in its dataclass.

    >>> of_a_cell("mon thu", "tuple[str, ...]", "order_days"), of_a_cell("", "int | None", "shelf_life")
    (('mon', 'thu'), None)
    """
    if text == "" and "None" in kind:
        return None
    if kind.startswith("Law"):
        try:
            return law_from(json.loads(text), where)
        except json.JSONDecodeError:
            raise InputError(
                f'{where} must be a law such as {{"law": "poisson", "mean": 3.0}} (given \'{text}\')'
            ) from None
    if kind.startswith("Mapping"):
        return laws_by_item(text, where)
    known = [each.kind for table in (Item, Lane) for each in table.own_settings().values()]
    inside = {each.__name__: each for each in known}.get(kind.split()[0])
    if is_dataclass(inside):
        try:
            settings = json.loads(text)
        except json.JSONDecodeError:
            settings = None
        if not isinstance(settings, dict):
            raise InputError(f"{where} must be settings such as {{}} (given '{text}')")
        return part_of(inside, settings, f"of {where}")  # type: ignore[arg-type]
    if kind.startswith("tuple"):
        return tuple(text.split())
    if kind.startswith("bool"):
        if text.lower() not in ("true", "false"):
            raise InputError(f"{where} must be true or false (given '{text}')")
        return text.lower() == "true"
    if kind.startswith("int"):
        return whole_number(text, where)
    if kind.startswith("float"):
        try:
            return float(text)
        except ValueError:
            raise InputError(f"{where} must be a number (given '{text}')") from None
    return text


def default_of(field: Any) -> Any:
    """The default of a dataclass's field.

    >>> default_of(fields(Lane)[2])
    Constant(value=1)
    """
    return field.default_factory() if field.default_factory is not MISSING else field.default
