"""A file of text as a table: every column by its different words, which are few, and the word of each row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from restock.sim.calibration.reading.dialect import Dialect, NotReadable, Pieces, content_of
from restock.sim.calibration.reading.faults import Faults

BLOCK = 1 << 22  # bytes parsed at once


def read_text(
    path: Path,
    dialect: Dialect,
    wanted: Callable[[str], bool],
    faults: Faults,
    progress: Callable[[float], None] | None = None,
) -> tuple[pd.DataFrame, Dialect]:
    """Columns as categories of text, blanks as '', indexed by the row of a spreadsheet; rows of other lengths are
    faults. Only columns that are wanted are read: a large file is mostly columns nobody asks for."""
    try:
        return _read(path, dialect, wanted, faults, progress), dialect
    except UnicodeDecodeError:
        if dialect.encoding not in ("utf-8", "utf-8-sig"):
            raise NotReadable(f"is not written in {dialect.encoding}: say encoding=NAME") from None
        dialect = dialect.as_windows()
        return _read(path, dialect, wanted, faults, progress), dialect
    except (OSError, EOFError) as error:
        raise NotReadable(f"cannot be read to its end ({' '.join(str(error).split())})") from None


def _read(path, dialect, wanted, faults, progress) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.csv as csv

    places = [k for k, name in enumerate(dialect.names) if name and wanted(name)]
    if not places:
        return pd.DataFrame(columns=[name for name in dialect.names if name])
    strange: list[tuple[int, int, str]] = []

    def other_length(row) -> str:
        strange.append((row.number, row.actual_columns, row.text))
        return "skip"

    words = pa.dictionary(pa.int32(), pa.string())
    source = pa.PythonFile(Pieces(content_of(path, dialect, progress)), mode="r")
    try:
        reader = csv.open_csv(
            source,
            read_options=csv.ReadOptions(
                use_threads=False, block_size=BLOCK, column_names=[str(k) for k in range(len(dialect.names))]
            ),
            parse_options=csv.ParseOptions(
                delimiter=dialect.separator,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=other_length,
            ),
            convert_options=csv.ConvertOptions(
                include_columns=[str(k) for k in places],
                column_types={str(k): words for k in places},
                strings_can_be_null=False,
            ),
        )
        table = pa.Table.from_batches(list(reader), schema=reader.schema)
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            raise UnicodeDecodeError("utf-8", b"", 0, 1, "invalid") from None
        if "Empty CSV" in str(error):
            return pd.DataFrame({dialect.names[k]: pd.Categorical([], categories=[]) for k in places})
        raise NotReadable(f"cannot be read ({' '.join(str(error).split())[:120]})") from None
    columns = {}
    index = pd.RangeIndex(dialect.header_row + 1, dialect.header_row + 1 + table.num_rows)
    for k in places:  # one by one, so that a column is in memory twice, not the table
        columns[dialect.names[k]] = _categories(table.column(str(k)))
        table = table.drop_columns(str(k))
    if strange:
        index = _rows_but(index, [number for number, *_ in strange], dialect.header_row)
        fields = len(dialect.names)
        for number in sorted({number for _, number, _ in strange}):
            rows = [(row + dialect.header_row, text[:60]) for row, many, text in strange if many == number]
            faults.of_rows("error", path.name, rows, f"has {number} fields, the header {fields}")
    return pd.DataFrame({name: pd.Series(column, index=index) for name, column in columns.items()}, index=index)


def _categories(column) -> pd.Categorical:
    """A column's different words, and the number of each row's word in as few bytes as there are words."""
    import pyarrow as pa
    import pyarrow.compute as pc

    words = pc.unique(pa.chunked_array([chunk.dictionary for chunk in column.chunks], pa.string()))
    codes = np.empty(len(column), np.min_scalar_type(-len(words) - 1))
    at = 0
    for chunk in column.chunks:
        place = pc.index_in(chunk.dictionary, value_set=words).to_numpy(zero_copy_only=False)
        codes[at : at + len(chunk)] = place[chunk.indices.to_numpy(zero_copy_only=False)] if len(place) else -1
        at += len(chunk)
    return pd.Categorical.from_codes(codes, pd.Index(words.to_pandas(), dtype="str"), validate=False)


def _rows_but(index: pd.RangeIndex, skipped: Iterable[int], header_row: int) -> pd.Index:
    """Row numbers of what is left when some rows were skipped."""
    gone = [number + header_row for number in skipped]
    every = pd.RangeIndex(index.start, index.stop + len(gone))
    return every.difference(pd.Index(gone), sort=False)
