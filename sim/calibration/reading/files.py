"""Which file of a folder holds a table, and what kind of file it is by its first bytes."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import BinaryIO

TEXT = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
SUFFIXES = (*TEXT, *WORKBOOKS)
GZIP, ZIP, OLD_WORKBOOK = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
NO_TABLE = {b"%PDF": "a PDF", b"PAR1": "a Parquet file", b"SQLi": "a database", b"BZh": "packed by bzip2"}


def candidates(folder: Path, name: str) -> list[Path]:
    """Files of the folder that are called after a table, in any case and with any known ending."""
    wanted = {f"{name}{suffix}" for suffix in SUFFIXES}
    return sorted(path for path in folder.iterdir() if path.name.casefold() in wanted and path.is_file())


def stem(path: Path) -> str:
    """The file's name without its endings, in lower case."""
    name = path.name.casefold()
    ending = max((suffix for suffix in SUFFIXES if name.endswith(suffix)), key=len, default="")
    return name.removesuffix(ending)


def is_table(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(("~$", ".")) and path.name.casefold().endswith(SUFFIXES)


def is_workbook(path: Path) -> bool:
    return path.name.casefold().endswith(WORKBOOKS)


def two_of_one(found: list[Path]) -> str:
    """What to say of two files of one table."""
    newest = max(found, key=lambda path: path.stat().st_mtime_ns)
    names = " and ".join(path.name for path in found)
    return f"{names} are both there (last written: {newest.name}); leave one"


def opened(path: Path) -> tuple[BinaryIO, BinaryIO]:
    """The file, and its content unpacked where it is packed, whatever its name says."""
    raw = path.open("rb")
    packed = raw.read(2) == GZIP
    raw.seek(0)
    return raw, gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[return-value]


def no_text(head: bytes, name: str) -> str | None:
    """Why these first bytes are no text with columns; None where they may be."""
    if not head.strip():
        return "is empty"
    if head.startswith((ZIP, OLD_WORKBOOK)):
        workbook = b"[Content_Types].xml" in head or b"xl/" in head or head.startswith(OLD_WORKBOOK)
        ending = "xls" if head.startswith(OLD_WORKBOOK) else "xlsx"
        stands = name.split(".")[0]
        return f"is a workbook by its content: call it {stands}.{ending}" if workbook else "is a zip archive: unpack it"
    for mark, what in NO_TABLE.items():
        if head.startswith(mark):
            return f"is {what}, no table of text; save it as CSV"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:300].lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        return "is a web page or XML, no table of text; save it as CSV"
    if start.startswith((b"{", b"[")):
        return "is JSON, no table of text; save it as CSV"
    if start.startswith(b"version https://git-lfs"):
        return "is a pointer of Git LFS, not the file itself: fetch it (git lfs pull)"
    return None
