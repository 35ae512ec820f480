"""However an export is written, the same rows come out of it: what is sniffed is right, or asked for."""

import sys

import pandas as pd
import pytest
from exports import ITEMS, LOCATIONS, rows_of, shop_sales, write_bytes, write_export
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from restock.sim.calibration.export import read_erp
from restock.sim.calibration.reading import amounts, days
from restock.sim.errors import InputError

DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%b-%Y", "%B %d, %Y",
         "%Y-%m-%dT08:15:00Z", "%Y-%m-%d 23:59:59.123", "%d/%m/%y 07:05", "serial")  # fmt: skip
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
SEPARATORS = (",", ";", "\t", "|")


def as_date(dates: pd.Series, form: str) -> pd.Series:
    if form == "serial":
        return (dates - pd.Timestamp("1899-12-30")).dt.days.astype(str)
    return dates.dt.strftime(form)


def as_number(values: pd.Series, decimal: str, thousands: str, before: str, after: str, digits: int) -> pd.Series:
    plain = values.map(lambda x: "" if pd.isna(x) or x == "" else f"{float(x):,.{digits}f}")
    swapped = plain.str.replace(",", "T").str.replace(".", decimal, regex=False).str.replace("T", thousands)
    return swapped.where(swapped == "", before + swapped + after)


dialects = st.fixed_dictionaries({
    "separator": st.sampled_from(SEPARATORS),
    "encoding": st.sampled_from(ENCODINGS),
    "line": st.sampled_from(("\n", "\r\n", "\r")),
    "date": st.sampled_from(DATES),
    "numbers": st.sampled_from(((".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (".", "'"), (",", "\u00a0"))),
    "signs": st.sampled_from((("", ""), ("$", ""), ("€ ", ""), ("", " EUR"), ("CHF ", ""))),
    "ending": st.sampled_from((".csv", ".csv.gz", ".txt", ".tsv")),
    "above": st.sampled_from(("", "told", "title")),
    "total": st.booleans(),
    "trailing": st.booleans(),
    "upper": st.booleans(),
    "blank_lines": st.booleans(),
})  # fmt: skip


def written(frame: pd.DataFrame, way: dict, money: tuple[str, ...], total: str = "") -> bytes:
    decimal, thousands = way["numbers"]
    out = frame.copy()
    for column in money:
        out[column] = as_number(out[column], decimal, thousands, *way["signs"], 2)
    if "date" in out:
        out["date"] = as_date(out["date"], way["date"])
    if way["upper"]:
        out.columns = [name.replace("_", " ").title() for name in out.columns]
    text = out.to_csv(index=False, sep=way["separator"], lineterminator="\n")
    lines = text.splitlines()
    if total and way["total"]:
        lines.append(f"Total{way['separator'] * (len(out.columns) - 1)}")
    if way["trailing"]:
        lines = [lines[0], *(line + way["separator"] for line in lines[1:])]
    if way["blank_lines"]:
        lines = [lines[0], "", *lines[1:], "", ""]
    if way["above"]:
        lines = (
            [f"sep={way['separator']}"] * (way["above"] == "told")
            + ["Sales by day", ""] * (way["above"] == "title")
            + lines
        )
    encoded = (way["line"].join(lines) + way["line"]).encode(way["encoding"], "replace")
    return encoded


@settings(max_examples=60)
@given(way=dialects)
def test_an_export_in_any_dialect_gives_the_same_rows(way, tmp_path_factory):
    folder, sales = tmp_path_factory.mktemp("export"), shop_sales(40)
    plain = read_erp(write_export(folder / "plain", sales=sales))
    (folder / "other").mkdir()
    tables = {
        "items": (ITEMS, ("unit_cost", "unit_price")),
        "locations": (LOCATIONS, ()),
        "sales": (sales, ("amount",)),
    }
    for name, (frame, money) in tables.items():
        write_bytes(folder / "other" / (name + way["ending"]), written(frame, way, money, total=name == "sales"))
    other = read_erp(folder / "other")
    assert_frame_equal(rows_of(other), rows_of(plain))
    assert_frame_equal(other.items[plain.items.columns], plain.items)
    assert_frame_equal(other.locations[plain.locations.columns], plain.locations)


@pytest.mark.parametrize("one_book", [False, True])
def test_workbooks_give_the_same_rows(tmp_path, one_book):
    sales = shop_sales(40)
    plain = read_erp(write_export(tmp_path / "plain", sales=sales))
    folder = tmp_path / "books"
    folder.mkdir()
    tables = {"items": ITEMS, "locations": LOCATIONS, "sales": sales}
    if one_book:
        with pd.ExcelWriter(folder / "all.xlsx") as book:
            for name, frame in tables.items():
                frame.to_excel(book, sheet_name=name.title(), index=False)
    else:
        for name, frame in tables.items():
            frame.to_excel(folder / f"{name}.xlsx", index=False, startrow=2 if name == "sales" else 0)
    other = read_erp(folder)
    assert_frame_equal(rows_of(other), rows_of(plain))
    assert_frame_equal(other.items, plain.items)
    where = (
        "all.xlsx: sheet 'Sales'" if one_book else "sales.xlsx: the header is row 3; what stands above it is left aside"
    )
    assert where in other.notes


def test_a_workbook_needs_the_extra(tmp_path, monkeypatch):
    write_export(tmp_path)
    (tmp_path / "sales.csv").unlink()
    (tmp_path / "sales.xlsx").write_bytes(b"PK\x03\x04")
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(InputError, match=r'^sales.xlsx: .* pip install "restock\[excel\]"; or save it as CSV$'):
        read_erp(tmp_path)


@pytest.mark.parametrize("order, form", [("dmy", "%d/%m/%Y"), ("mdy", "%m/%d/%Y")])
def test_dates_that_may_be_two_are_asked_for_and_read_as_told(tmp_path, order, form):
    sales = shop_sales(40)
    sales = sales[sales["date"].dt.day <= 12]
    write_export(tmp_path, sales=sales.assign(date=sales["date"].dt.strftime(form)))
    with pytest.raises(InputError, match=r"may be day/month or month/day, .*: say dates=dmy or dates=mdy$"):
        read_erp(tmp_path)
    assert rows_of(read_erp(tmp_path, dates=order))["date"].tolist() == sales["date"].tolist()


@pytest.mark.parametrize("decimal, units", [("comma", 1.25), ("point", 1250.0)])
def test_numbers_that_may_be_two_are_asked_for_and_read_as_told(tmp_path, decimal, units):
    write_export(tmp_path, sales=shop_sales(10)[["date", "location", "sku"]].assign(units="1,250"))
    with pytest.raises(InputError, match=r"'1,250' may be 1250 or 1.25, .*: say decimal=comma or decimal=point$"):
        read_erp(tmp_path)
    assert (read_erp(tmp_path, decimal=decimal).sales["units"] == units).all()


def test_columns_may_be_called_by_any_name_that_is_told(tmp_path):
    sales = shop_sales(20).rename(columns={"date": "InvoiceDate", "units": "Quantity", "sku": "Article"})
    write_export(tmp_path, sales=sales)
    with pytest.raises(
        InputError, match=r"if 'InvoiceDate' is it, say columns={date: InvoiceDate}; and 2 more faults$"
    ):
        read_erp(tmp_path)
    told = {"date": "InvoiceDate", "sales": {"units": "quantity", "sku": "Article"}}
    erp = read_erp(tmp_path, columns=told)
    assert_frame_equal(rows_of(erp), rows_of(read_erp(write_export(tmp_path / "plain", sales=shop_sales(20)))))
    assert erp.notes == ("sales.csv: columns: InvoiceDate is date, Quantity is units, Article is sku",)


@pytest.mark.parametrize(
    "words, separator, mark",
    [
        (["1.234,50", "1.234"], ";", ","),
        (["0,125"], ";", ","),
        (["1,5", "2"], ",", ","),
        (["1,234", "0.5"], ",", "."),
        (["0.125", "1.250"], ",", "."),
        (["1.250", "0.5"], ";", "."),
        (["1,234,567"], ",", "."),
        (["1.234.567"], ",", ","),
        (["12", "7"], ";", "."),
        (["1,234"], ",", None),
        (["1.234", "12.500"], ";", None),
    ],
)
def test_the_decimal_mark_is_what_the_numbers_of_a_file_show(words, separator, mark):
    columns = [pd.Series(words, dtype="str")]
    if mark is None:
        with pytest.raises(amounts.Ambiguous):
            amounts.decimal_mark(columns, separator)
    else:
        assert amounts.decimal_mark(columns, separator) == mark


def test_what_is_no_number_or_day_is_none():
    odd = pd.Series(["1,23,4", "1.2.3", "--1", "nan", "inf", "1e999", "0x10", "1_000", "½", ""], dtype="str")
    assert pd.isna(amounts.numbers(amounts.plain(odd), ".")).all()
    odd = pd.Series(
        ["2024-02-30", "31/04/2024", "2024-13-01", "0/1/2024", "Foo 3, 2024", "2024-W54", "1-2", "x"], dtype="str"
    )
    assert pd.isna(days.days(odd, "dmy")[0]).all()
