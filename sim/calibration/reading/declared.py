"""What the user declares about the files of an export; what is left open is sniffed from them."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from restock.sim.errors import InputError, require, unknown

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
DECIMALS = {"point": ".", "comma": ","}
DATE_ORDERS = ("dmy", "mdy", "ymd")
BUCKETS = ("day", "ticket", "week", "week_beginning", "week_ending", "month")
NEGATIVE = ("refuse", "returned")


@dataclass(frozen=True)
class Declared:
    """Settings of reading; None: sniffed, and said in the report."""

    layout: str | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)
    bucket: str | None = None
    dates: str | None = None
    decimal: str | None = None
    separator: str | None = None
    encoding: str | None = None
    negative: str | None = None

    def __post_init__(self) -> None:
        for name, allowed in (
            ("bucket", BUCKETS),
            ("dates", DATE_ORDERS),
            ("decimal", DECIMALS),
            ("separator", SEPARATORS),
            ("negative", NEGATIVE),
        ):
            given = getattr(self, name)
            if given is not None and given not in allowed:
                raise unknown(name, str(given), allowed)
        if self.encoding is not None:
            try:
                codecs.lookup(str(self.encoding))
            except LookupError:
                raise InputError(
                    f"encoding '{self.encoding}' is unknown; common ones: utf-8, utf-16, cp1252, cp1250, cp932"
                ) from None
        shape = "columns must name the file's column for each of the form's: columns={units: Quantity, date: Day}"
        require(isinstance(self.columns, Mapping), f"{shape}, got {self.columns!r:.60}")
        for column, source in self.columns.items():
            inner = source.values() if isinstance(source, Mapping) else [source]
            require(all(isinstance(each, (str, int)) for each in inner), f"{shape}, got {column}: {source!r:.60}")

    def columns_of(self, table: str) -> dict[str, str]:
        """The file's name of each of the form's columns; those said of one table stand before those said of all."""
        of_all = {name: str(source) for name, source in self.columns.items() if not isinstance(source, Mapping)}
        own = self.columns.get(table)
        return of_all | ({name: str(source) for name, source in own.items()} if isinstance(own, Mapping) else {})
