"""Rows of the tables of a scenario's folder: CSV, plain or compressed, each key once."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from restock.sim.errors import InputError
from restock.sim.yaml_file import as_text

KEYS = {
    "items.csv": ("name",),
    "sites.csv": ("name",),
    "lanes.csv": ("source", "destination"),
    "demand.csv": ("item", "site"),
    "history.csv.gz": ("item", "site", "date"),
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
    key, met = [column for column in KEYS[path.name] if column in header], dict[tuple[str, ...], int]()
    for number, row in enumerate(reader, start=2):
        if None in row or None in row.values():
            raise InputError(f"{path.name} row {number}: has not as many values as the header has columns")
        first = met.setdefault(tuple(row[column] for column in key), number)
        if first < number:
            given = ", ".join(f"{column} '{row[column]}'" for column in key)
            raise InputError(f"{path.name} rows {first} and {number}: both are of {given}; leave one")
        yield number, row
