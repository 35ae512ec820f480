"""How a file of text is written, from its beginning: encoding, separator, the header's row, fields of a row."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from restock.sim.calibration.reading.declared import SEPARATORS, Declared
from restock.sim.calibration.reading.files import no_text, opened

HEAD, CHUNK = 1 << 18, 1 << 22  # bytes looked at, bytes read at once
MOST_ABOVE = 30  # rows that may stand above the header
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
WINDOWS = "cp1252"
MIXED = "holds signs in UTF-8 and others that are not: no one encoding reads both; save it anew, or say encoding=NAME"


class NotReadable(Exception):
    """Why a file is no table."""


@dataclass(frozen=True)
class Dialect:
    """What was found. `header_row` counts from 1; `above` is the number of characters before the first row of data."""

    encoding: str
    separator: str
    names: tuple[str, ...]
    header_row: int
    above: int
    said: tuple[str, ...]

    def as_windows(self) -> Dialect:
        return replace(self, encoding=WINDOWS, said=(*self.said, f"read as {WINDOWS}, for it is not UTF-8"))


def dialect_of(path: Path, known: Callable[[str], bool], declared: Declared) -> Dialect:
    """The dialect of a file whose header names what `known` says yes to."""
    raw, content = opened(path)
    with raw:
        try:
            head = content.read(HEAD)
        except (OSError, EOFError) as error:
            raise NotReadable(f"cannot be unpacked ({error})") from None
    problem = no_text(head, path.name)
    if problem:  # said before any guess at an encoding: the bytes of an archive may look like one, or like none
        raise NotReadable(problem)
    encoding, said = _encoding(head, declared)
    try:
        text = codecs.getincrementaldecoder(encoding)("strict").decode(head)
    except UnicodeDecodeError as error:
        raise NotReadable(f"is not written in {encoding} (byte {error.start:,}): say encoding=NAME") from None
    if not text.strip():
        raise NotReadable("is empty")
    found = _told_separator(text)
    if found:
        said = (*said, f"line 'sep={found}' read")
    given = SEPARATORS[declared.separator] if declared.separator else found
    header_row, separator, names, above, rows = _header(text, given, known, len(head) < HEAD)
    if separator != ",":
        word = next((word for word, mark in SEPARATORS.items() if mark == separator), separator)
        said = (*said, f"separator: {word}")
    if header_row > 1 + bool(found):
        said = (*said, f"the header is row {header_row}; what stands above it is left aside")
    names, more = _fitted(names, rows, header_row)
    return Dialect(encoding, separator, tuple(names), header_row, above, (*said, *more))


def _encoding(head: bytes, declared: Declared) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding, ("UTF-16",) if encoding == "utf-16" else ()
    if declared.encoding:
        return ("utf-8", ()) if b"\0" not in head and _surely_utf_8(head) else (str(declared.encoding), ())
    some = head[:4096]
    if len(some) > 3 and not head.startswith(b"PK") and b"\0" in some:
        even, odd = some[::2].count(0), some[1::2].count(0)
        if max(even, odd) > 0.3 * len(some) / 2:
            return ("utf-16-le" if odd > even else "utf-16-be"), ("UTF-16 without its mark",)
        raise NotReadable("holds NUL bytes: it is no text, or damaged")
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head)
        return "utf-8", ()
    except UnicodeDecodeError as error:
        if not head[: error.start].isascii():
            raise NotReadable(MIXED) from None
        return WINDOWS, (f"read as {WINDOWS}, for it is not UTF-8",)


def _surely_utf_8(head: bytes) -> bool:
    """Signs beyond ASCII that are UTF-8: text in another encoding is hardly ever so."""
    try:
        return not codecs.getincrementaldecoder("utf-8")("strict").decode(head).isascii()
    except UnicodeDecodeError:
        return False


def _told_separator(text: str) -> str | None:
    """What Excel's first line `sep=;` says."""
    told = re.match(r'\ufeff?"?sep=(.)"?\s*(\r|\n)', text, re.IGNORECASE)
    return told[1] if told else None


def _header(text: str, given: str | None, known: Callable[[str], bool], whole: bool):
    """The row with most names of the form, by the separator that finds most of them."""
    lines = list(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    skipped = len(text) - len(text.removeprefix("\ufeff"))
    best = None
    for separator in [given] if given else SEPARATORS.values():
        rows, ends = [], []
        reader = csv.reader(lines, delimiter=separator)
        try:
            for row in reader:
                rows.append([field.strip() for field in row])
                ends.append(reader.line_num)
                if len(rows) > MOST_ABOVE + 200:
                    break
        except csv.Error:
            pass
        if not whole and len(rows) > 1 and ends[-1] == len(lines):
            rows, ends = rows[:-1], ends[:-1]  # the last is cut off
        scores = [sum(map(known, row)) for row in rows[:MOST_ABOVE]]
        top = max(scores, default=0)
        if top >= 2 or (top and len(rows[scores.index(top)]) == 1):
            k = scores.index(top)
        else:
            k = next((i for i, row in enumerate(rows) if any(row) and not row[0].lower().startswith("sep=")), 0)
        score = (top, len(rows[k]) if rows else 0)
        if rows and (best is None or score > best[0]):
            above = skipped + sum(map(len, lines[: ends[k]]))
            best = (score, (k + 1, separator, rows[k], above, rows[k + 1 :]))
    if best is None:
        raise NotReadable("holds no row")
    return best[1]


def _fitted(names: list[str], rows: list[list[str]], header_row: int) -> tuple[list[str], tuple[str, ...]]:
    """The header's names, as many as the rows have fields where only an empty last one makes the difference."""
    filled = [row for row in rows if any(row)]
    lengths = [len(row) for row in filled]
    number = len(names)
    most = max(set(lengths), key=lambda n: (lengths.count(n), n == number, n), default=number)
    if most == number or not filled:
        return names, ()
    rest = [row for row in filled if len(row) == most]
    if most > number and all(not any(row[number:]) for row in rest):
        return [*names, *[""] * (most - number)], ("rows end with a separator that the header lacks: no column",)
    if most < number and not any(names[most:]):
        return names[:most], ()
    first = filled.index(rest[0])
    problem = (
        f"rows have {most} fields, the header {number} (first: row {header_row + 1 + rows.index(filled[first])}, "
        f"'{','.join(rest[0])[:60]}'); does a name or a number hold the separator, without quotes?"
    )
    raise NotReadable(problem)


def content_of(path: Path, dialect: Dialect, progress: Callable[[float], None] | None = None) -> Iterator[bytes]:
    """The rows below the header as UTF-8, piece by piece; `progress` hears the share of the file that was read."""
    raw, content = opened(path)
    size, above = max(path.stat().st_size, 1), dialect.above
    decoder = codecs.getincrementaldecoder(dialect.encoding)("strict")
    plain, only_ascii = dialect.encoding == "utf-8", True
    with raw:
        while piece := content.read(CHUNK):
            try:
                text = decoder.decode(piece)
            except UnicodeDecodeError as error:
                if plain and not (only_ascii and piece[: error.start].isascii()):
                    raise NotReadable(MIXED) from None
                raise
            only_ascii = only_ascii and text.isascii()
            if plain and not above and only_ascii:
                yield piece  # as it is
            else:
                yield text[above:].encode()  # `above` lies within the head, which the first piece covers
                above = 0
            if progress:
                progress(raw.tell() / size)


class Pieces(io.RawIOBase):
    """Pieces of bytes as a file to read from."""

    def __init__(self, pieces: Iterator[bytes]):
        self.pieces, self.left = pieces, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while not len(self.left):
            piece = next(self.pieces, None)
            if piece is None:
                return 0
            self.left = memoryview(piece)
        number = min(len(buffer), len(self.left))
        buffer[:number] = self.left[:number]
        self.left = self.left[number:]
        return number
