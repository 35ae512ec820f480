"""The tables of an export folder as they were read: those of the form, or those that a layout makes of its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from restock.sim.calibration.reading import amounts
from restock.sim.calibration.reading.declared import Declared
from restock.sim.calibration.reading.dialect import NotReadable, dialect_of
from restock.sim.calibration.reading.faults import Faults
from restock.sim.calibration.reading.files import candidates, is_table, is_workbook, stem, two_of_one
from restock.sim.calibration.reading.form import ALSO_CALLED, KEYS, NEEDED, OPTIONAL
from restock.sim.calibration.reading.layouts.catalogue import LAYOUTS, Layout
from restock.sim.calibration.reading.layouts.sheet import Names, Sheet, with_roles
from restock.sim.calibration.reading.names import form_names, simple
from restock.sim.calibration.reading.text_table import read_text
from restock.sim.calibration.reading.values import Raw
from restock.sim.calibration.reading.workbook import read_sheet, sheets_of
from restock.sim.errors import InputError, unknown

Progress = Callable[[float], None]
MUST_BE = ("items", "locations", "sales")
STATE = ("stock", "open_orders")  # of the form, beside the files of any layout


def read_tables(
    folder: Path, declared: Declared, faults: Faults, progress: Progress | None = None
) -> tuple[dict[str, Raw], Declared, list[str]]:
    """Every table that is there; what is declared by it and by the layout; and lines on how it was read."""
    layout, main = _layout(folder, declared)
    if layout is not None:
        return _of_layout(folder, layout, main, declared, faults, progress)
    tables = {}
    for name in NEEDED:
        raw = _of_form(folder, name, declared, faults, progress if name == "sales" else None)
        if raw is not None:
            tables[name] = raw
    _all_there(declared, tables)
    return tables, declared, []


def _all_there(declared: Declared, tables: dict[str, Raw]) -> None:
    """Every column that is declared is one of a file."""
    for column, source in declared.columns.items():
        per_table = source.items() if isinstance(source, dict) else [(column, source)]
        read = {column: tables[column]} if isinstance(source, dict) and column in tables else tables
        there = {simple(name) for raw in read.values() for name in raw.header}
        for of_form, name in per_table:
            if simple(str(name)) not in there:
                held = ", ".join(sorted({name for raw in read.values() for name in raw.header if name}))
                raise InputError(f"columns: no file has a column '{name}', given for '{of_form}'; they have {held}")


def _known(declared: Declared) -> Callable[[str], bool]:
    """Whether a name belongs to the form, to a layout, or is declared: by such names a header is known."""
    names = {name for table in NEEDED for name in (*NEEDED[table], *OPTIONAL[table], *KEYS[table])}
    names |= {called for layout in LAYOUTS.values() for each in layout.needs.values() for called in each}
    for source in declared.columns.values():
        names |= {simple(str(each)) for each in (source.values() if isinstance(source, dict) else [source])}
    return lambda name: simple(name) in names or simple(name).startswith("d_1")


def _everything(name: str) -> bool:
    return True


@dataclass(frozen=True)
class Loaded:
    """A file's columns that are wanted, the names of all, the separator of its fields, and what was found."""

    frame: pd.DataFrame
    header: tuple[str, ...]
    separator: str
    said: list[str]


def _load(
    path: Path, table: str, declared: Declared, wanted, faults: Faults, progress: Progress | None = None
) -> Loaded:
    if is_workbook(path):
        frame, header, said = read_sheet(path, table, _known(declared), wanted)
        return Loaded(frame, header, "", list(said))
    dialect = dialect_of(path, _known(declared), declared)
    frame, dialect = read_text(path, dialect, wanted, faults, progress)
    return Loaded(frame, dialect.names, dialect.separator, list(dialect.said))


def _header(path: Path, declared: Declared) -> list[str]:
    """The names of a file's columns; none where it cannot be read."""
    try:
        if is_workbook(path):
            return list(read_sheet(path, "sales", _known(declared), _everything)[1])
        return list(dialect_of(path, _known(declared), declared).names)
    except (NotReadable, OSError, UnicodeError):
        return []


def _layout(folder: Path, declared: Declared) -> tuple[Layout | None, Path]:
    """The layout that is declared or whose main file is there, unless the form's own sales are."""
    if declared.layout is not None and declared.layout not in ("form", *LAYOUTS):
        raise unknown("layout", str(declared.layout), ("form", *LAYOUTS))
    if declared.layout == "form":
        return None, folder
    files = sorted((path for path in folder.iterdir() if is_table(path)), key=_main_first)
    if declared.layout is None:
        if any(path in files for path in candidates(folder, "items")) and candidates(folder, "locations"):
            return None, folder
        sales = candidates(folder, "sales")
        needed = set(NEEDED["sales"])
        if sales and needed <= {simple(name) for name in _header(sales[0], declared)} | set(
            declared.columns_of("sales")
        ):
            return None, folder
        files = [path for path in files if not is_workbook(path) or len(files) == 1 or "sales" not in path.name]
    layouts = [LAYOUTS[declared.layout]] if declared.layout else list(LAYOUTS.values())
    for path in files:
        header = _header(path, declared)
        for layout in layouts:
            if layout.fits(header):
                return layout, path
    if declared.layout:
        held = ", ".join(path.name for path in files[:8]) or "no table"
        raise InputError(f"layout={declared.layout}: no file of {folder} has its columns ({layouts[0].says}); "
                         f"it holds {held}")  # fmt: skip
    return None, folder


def _main_first(path: Path) -> tuple[bool, str]:
    return not any(word in path.name.casefold() for word in ("train", "sales", "order", "ledger", "move")), path.name


def _of_form(folder: Path, name: str, declared: Declared, faults: Faults, progress: Progress | None) -> Raw | None:
    found = candidates(folder, name)
    if len(found) > 1:
        faults.whole_file("error", found[0].name, two_of_one(found))
        return None
    path = found[0] if found else _sheet_elsewhere(folder, name)
    if path is None:
        if name in MUST_BE:
            faults.whole_file("error", f"{name}.csv", f"is missing from {folder}{_others(folder)}")
        return None
    try:
        loaded = _load(path, name, declared, _wanted(name, declared), faults, progress)
    except (NotReadable, OSError) as error:
        faults.whole_file("error", path.name, " ".join(str(error).split()))
        return None
    given = [str(column) for column in loaded.frame.columns]
    names = form_names(given, declared.columns_of(name), path.name)
    also = {old: form for old, form in ALSO_CALLED.get(name, {}).items() if form not in names.values()}
    names = {old: also.get(new, new) for old, new in names.items()}
    frame, said = loaded.frame.rename(columns=names), loaded.said
    changed = [f"{old} is {new}" for old, new in names.items() if old != new and new in NEEDED[name] + OPTIONAL[name]]
    said += [f"columns: {', '.join(changed)}"] if changed else []
    return Raw(name, path.name, frame, loaded.separator, said, header=loaded.header)


def _wanted(name: str, declared: Declared) -> Callable[[str], bool]:
    """Columns to read: of sales, which may be large, those of the form; of other tables all."""
    if name != "sales":
        return _everything
    sources = {simple(source) for source in declared.columns_of(name).values()}
    own = {*NEEDED[name], *OPTIONAL[name], *KEYS[name], *ALSO_CALLED[name]}
    return lambda column: simple(column) in own or simple(column) in sources


def _sheet_elsewhere(folder: Path, name: str) -> Path | None:
    """A workbook with a sheet called after the table."""
    books = [path for path in folder.iterdir() if is_table(path) and is_workbook(path)]
    for path in sorted(books):
        try:
            if any(sheet.strip().casefold() == name for sheet in sheets_of(path)):
                return path
        except NotReadable:
            continue
    return None


def _others(folder: Path) -> str:
    """Files of other names: one of them may be it."""
    held = sorted(path.name for path in folder.iterdir() if is_table(path) and stem(path) not in NEEDED)
    return f"; it holds {', '.join(held[:6])}" if held else ""


def _of_layout(folder: Path, layout: Layout, main: Path, declared: Declared, faults: Faults, progress):
    declared = replace(declared, negative=declared.negative or "returned", bucket=declared.bucket or layout.bucket)

    def beside(names: Names) -> Sheet | None:
        for path in sorted(path for path in folder.iterdir() if is_table(path) and path != main):
            header = {simple(name) for name in _header(path, declared)}
            if all(header & set(called) for called in names.values()):
                loaded = _load(path, "", declared, _everything, faults)
                return Sheet(path.name, with_roles(loaded.frame, names), loaded.separator, declared)
        return None

    def wanted(name: str) -> bool:
        return layout.wanted(name) or name in declared.columns_of("sales").values()

    try:
        loaded = _load(main, "sales", declared, wanted, faults, progress)
        frame, separator, own = loaded.frame, loaded.separator, declared.columns_of("sales")
        roles = {**layout.needs, **layout.may}
        sheet = Sheet(main.name, with_roles(frame, roles), separator, declared, loaded.said)
        made = layout.make(sheet, beside)
        for column, source in own.items():  # declared columns stand before those of the layout
            if source in frame:
                made["sales"] = made["sales"].assign(**{column: frame[source].loc[made["sales"].index]})
    except (NotReadable, amounts.Ambiguous) as error:
        hint = " may be two numbers: say decimal=comma or decimal=point" if isinstance(error, amounts.Ambiguous) else ""
        faults.whole_file("error", main.name, f"'{error}'{hint}" if hint else str(error))
        return {}, declared, []
    beginning = f"{main.name}: layout {layout.name} ({layout.says})"
    tables = {name: Raw(name, main.name if name == "sales" else f"{name} of {main.name}", made[name], separator,
                        derived=name != "sales") for name in made}  # fmt: skip
    sales = made["sales"]
    for name, column in (("items", "sku"), ("locations", "location")):
        if name not in tables:
            words = pd.Series(pd.unique(sales[column].astype("str")), dtype="str")
            one = pd.DataFrame({column: words[words != ""]}).reset_index(drop=True)
            tables[name] = Raw(name, f"{name} of {main.name}", one, separator, derived=True)
    places = tables["locations"].frame
    tables["locations"].frame = _with(_with(_with(places, "kind", "store"), "served_by", ""), "name", "")
    for name in STATE:
        raw = _of_form(folder, name, declared, faults, None)
        if raw is not None:
            tables[name] = raw
    return tables, declared, [beginning, *sheet.said]


def _with(frame: pd.DataFrame, column: str, word: str) -> pd.DataFrame:
    return frame if column in frame else frame.assign(**{column: word})
