# ruff: noqa: E501 (messages word for word)
"""Odd and bad files, a kind a line: each is read rightly, or refused in one line that says what to do."""

import gzip
import io
import zipfile

import pandas as pd
import pytest
from exports import ITEMS, LOCATIONS, refusal, rows_of, shop_sales, write_bytes, write_export

from restock.sim.calibration.export import read_erp
from restock.sim.errors import InputError

SALES = shop_sales(40)
EARLY = SALES[SALES["date"].dt.day <= 12]


def text(frame=SALES, **how):
    return frame.to_csv(**({"index": False, "date_format": "%Y-%m-%d", "lineterminator": "\n"} | how))


LINES = text().splitlines()


def below(change, head=LINES[0]):
    """The rows changed, the header as it is."""
    return "\n".join([head, *map(change, LINES[1:])]) + "\n"


def packed_zip(hour=9):
    """An archive written at a time of day: at 23:22:10 the bytes of its time look like a sign in UTF-8."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("sales.csv", (2026, 11, 30, hour, 22, 10)), text())
    return out.getvalue()


def workbook():
    out = io.BytesIO()
    SALES.to_excel(out, sheet_name="Tabelle1", index=False)
    return out.getvalue()


READ = {  # what is written beside the right export, settings, and what is said of it
    "a byte order mark": (text().encode("utf-8-sig"), {}, None),
    "UTF-16": (text().encode("utf-16"), {}, "sales.csv: UTF-16"),
    "UTF-16 without its mark": (text().encode("utf-16-le"), {}, "sales.csv: UTF-16 without its mark"),
    "cp1252": (text().encode("cp1252"), {}, "sales.csv: read as cp1252, for it is not UTF-8"),
    "an encoding that is told": (text().encode("cp850"), {"encoding": "cp850"}, None),
    "semicolons and decimal commas": (text(sep=";", decimal=","), {}, "sales.csv: separator: semicolon; decimal comma"),
    "tabs": (text(sep="\t"), {}, "sales.csv: separator: tab"),
    "the line sep=;": ("sep=;\n" + text(sep=";"), {}, "sales.csv: line 'sep=;' read; separator: semicolon"),
    "titles above the header": (
        "Sales\nprinted 2023-03-01\n\n" + text(), {}, "sales.csv: the header is row 4; what stands above it is left aside",
    ),
    "a comma at the end of each row": (
        below(lambda line: line + ","), {}, "sales.csv: rows end with a separator that the header lacks: no column",
    ),
    "a comma at the end of every line": ("\n".join(line + "," for line in LINES), {}, None),
    "line ends of Windows": (text(lineterminator="\r\n"), {}, None),
    "line ends of old Macs": (text(lineterminator="\r"), {}, None),
    "empty lines between rows": ("\n\n".join(LINES) + "\n\n\n", {}, None),
    "every field in quotes": (text(quoting=1), {}, None),
    "spaces around fields": (below(lambda line: line.replace(",", " , ")), {}, None),
    "a row of totals": (text() + "Total,,,588,401079.95\n", {}, "sales.csv: totals left out: row 242"),
    "subtotals": (
        "\n".join([*LINES[:9], ",North total,,20,100", *LINES[9:], "Grand total,,,588,401079.95"]),
        {}, "sales.csv: totals left out: rows 10, 243",
    ),
    "currency signs and thousands": (
        text(SALES.assign(amount=SALES["amount"].map("${:,.2f}".format))), {},
        "sales.csv: signs or spaces within numbers of 'amount' (such as '$1.90') left aside",
    ),
    "31/12/2023": (text(date_format="%d/%m/%Y"), {}, "sales.csv: dates as day/month/year"),
    "12/31/2023": (text(date_format="%m/%d/%Y"), {}, "sales.csv: dates as month/day/year"),
    "31.12.23": (text(date_format="%d.%m.%y"), {}, "sales.csv: dates as day/month/year"),
    "31-Dec-2023": (text(date_format="%d-%b-%Y"), {}, "sales.csv: dates with names of months"),
    "20231231": (text(date_format="%Y%m%d"), {}, "sales.csv: dates as YYYYMMDD"),
    "times of day": (text(date_format="%Y-%m-%dT23:30:00Z"), {}, "sales.csv: times of day left aside"),
    "Excel's serial dates": (
        text(SALES.assign(date=(SALES["date"] - pd.Timestamp("1899-12-30")).dt.days)), {},
        "sales.csv: dates as Excel's serial numbers",
    ),
    "names in another case": (
        text(SALES.rename(columns={"units": "UNITS", "date": " Date "})), {}, "sales.csv: columns: Date is date, UNITS is units",
    ),
    "columns in another order, and more": (
        text(SALES[["amount", "units", "sku", "location", "date"]].assign(clerk="Ann", note="a, b")), {}, None,
    ),
    "a packed file without .gz": (gzip.compress(text().encode()), {}, None),
    "tickets": (
        text(pd.concat([SALES.assign(units=SALES["units"] - 1, amount=SALES["amount"] - 1),
                        SALES.assign(units=1, amount=1.0)])[lambda rows: rows["units"] >= 0]), {"bucket": "ticket"}, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", READ)
def test_odd_files_are_read_rightly(tmp_path, kind):
    content, told, said = READ[kind]
    erp = read_erp(write_export(tmp_path / "odd", sales=content), **told)
    right = read_erp(write_export(tmp_path / "right", sales=SALES))
    got, want = rows_of(erp), rows_of(right)
    if kind == "tickets":  # rows without a unit got one
        keys = ["date", "location", "sku"]
        got, want = got[got["units"] != 1], want[want["units"] > 1]
        assert (got[keys].to_numpy() == want[keys].to_numpy()).all() and (
            got["units"].to_numpy() == want["units"]
        ).all()
        return
    pd.testing.assert_frame_equal(got, want)
    assert said is None or said in erp.notes


REFUSED = {
    "nothing": (b"", "sales.csv: is empty"),
    "blank lines": ("\n \n\n", "sales.csv: is empty"),
    "a header alone": ("date,location,sku,units\n", "sales.csv has no usable rows"),
    "no header": (
        "\n".join(LINES[1:]),
        "sales.csv: column 'date' is missing; it has 2023-01-02, North, 0042, 1, 1.9; is the first row no header?; and 3 "
        "more faults",
    ),
    "NUL bytes": (text().encode()[:300] + b"\0\0" + text().encode()[300:], "sales.csv: holds NUL bytes: it is no text, or damaged"),
    "two encodings": (
        text().encode() + "2023-03-01,Süd,B-7,1,1\n".encode("cp1252"),
        "sales.csv: holds signs in UTF-8 and others that are not: no one encoding reads both; save it anew, or say "
        "encoding=NAME",
    ),
    "a web page": ("<html><table><tr><td>1</td></tr></table></html>", "sales.csv: is a web page or XML, no table of text; save it as CSV"),
    "JSON": ('[{"date": "2023-01-01"}]', "sales.csv: is JSON, no table of text; save it as CSV"),
    "a PDF": (b"%PDF-1.4 ...", "sales.csv: is a PDF, no table of text; save it as CSV"),
    "a pointer of Git LFS": (
        "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 3\n",
        "sales.csv: is a pointer of Git LFS, not the file itself: fetch it (git lfs pull)",
    ),
    "a zip archive": (packed_zip(), "sales.csv: is a zip archive: unpack it"),
    "a zip archive written late in the evening": (packed_zip(23), "sales.csv: is a zip archive: unpack it"),
    "a Parquet file with its NUL bytes": (b"PAR1\x15\x04" + b"\0" * 40 + b"PAR1", "sales.csv: is a Parquet file, no table of text; save it as CSV"),
    "an old workbook called .csv": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 40, "sales.csv: is a workbook by its content: call it sales.xls"),
    "a workbook called .csv": (workbook(), "sales.csv: is a workbook by its content: call it sales.xlsx"),
    "more fields than names": (
        below(lambda line: line + ",x"),
        "sales.csv: rows have 6 fields, the header 5 (first: row 2, '2023-01-02,North,0042,1,1.9,x'); does a name or a "
        "number hold the separator, without quotes?",
    ),
    "decimal commas without quotes": (
        below(lambda line: line.replace(".", ",")),
        "sales.csv: rows have 6 fields, the header 5 (first: row 2, '2023-01-02,North,0042,1,1,9'); does a name or a "
        "number hold the separator, without quotes?",
    ),
    "a row broken off": (
        text() + "2023-02-11,North",
        "sales.csv row 242: has 2 fields, the header 5 (given '2023-02-11,North'); on_fault=drop would leave out 1 of 241 "
        "rows of sales (1 of them without units that can be read)",
    ),
    "days or months": (
        text(EARLY, date_format="%d/%m/%Y"),
        "sales.csv: '02/01/2023' may be day/month or month/day, and no date in the file decides: say dates=dmy or dates=mdy",
    ),
    "thousands or decimals": (
        text(SALES[["date", "location", "sku"]].assign(units="1,234")),
        "sales.csv: '1,234' may be 1234 or 1.234, and nothing in the file decides: say decimal=comma or decimal=point",
    ),
    "two orders of dates": (
        text(date_format="%d/%m/%Y") + "02/27/2023,North,B-7,1,5\n",
        "sales.csv row 242: date is not a date (YYYY-MM-DD) (given '02/27/2023'); on_fault=drop would leave out 1 of 241 "
        "rows of sales with 0.2% of units and less than 0.1% of money",
    ),
    **{
        f"{day} for no date": (
            text() + f"{day},North,B-7,1,5\n",
            f"sales.csv row 242: date lies far out (a placeholder for no date?) (given '{day}'); on_fault=drop would leave "
            "out 1 of 241 rows of sales with 0.2% of units and less than 0.1% of money",
        )
        for day in ("1900-01-01", "1970-01-01", "9999-12-31")
    },
    "a year mistyped": (
        text() + "2032-01-01,North,B-7,1,5\n",
        "sales.csv row 242: date lies far from all others (2023-01-02 to 2023-02-10): a slip? (given '2032-01-01'); "
        "on_fault=drop would leave out 1 of 241 rows of sales with 0.2% of units and less than 0.1% of money",
    ),
    "zeros in front lost": (
        text(SALES.assign(sku=SALES["sku"].str.lstrip("0"))),
        "sales.csv row 2: sku has no good row in items.csv, though '0042' has for '42': zeros in front lost in a "
        "spreadsheet? export it as text (given '42'); and 79 more faults; on_fault=drop would leave out 80 of 240 rows of "
        "sales with 32.5% of units and 0.1% of money",
    ),
    "another case": (
        text(SALES.assign(location=SALES["location"].str.replace("North", "NORTH"))),
        "sales.csv row 2: location has no good row in locations.csv, though 'North' has for 'NORTH': upper and lower case "
        "differ (given 'NORTH'); and 119 more faults; on_fault=drop would leave out 120 of 240 rows of sales with 49.1% of "
        "units and 48.0% of money",
    ),
    "long codes as a spreadsheet shows them": (
        text() + "2023-02-11,North,4.01E+12,1,5\n",
        "sales.csv row 242: sku is a long code as a spreadsheet shows it: its digits are lost; export it as text (given "
        "'4.01E+12'); and 1 more fault; on_fault=drop would leave out 1 of 241 rows of sales with 0.2% of units and less "
        "than 0.1% of money",
    ),
    "a file loaded twice": (
        text(pd.concat([SALES, SALES])),
        "sales.csv row 242: date has every row of the day again: loaded twice? bucket=ticket adds them up (given "
        "'2023-01-02'); and 239 more faults; on_fault=drop would leave out 240 of 480 rows of sales with 50.0% of units and "
        "50.0% of money",
    ),
    "a day loaded twice": (
        text(pd.concat([SALES, SALES[SALES["date"] == "2023-01-09"]])),
        "sales.csv row 242: date has every row of the day again: loaded twice? bucket=ticket adds them up (given "
        "'2023-01-09'); and 5 more faults; on_fault=drop would leave out 6 of 246 rows of sales with 2.2% of units and 1.0% "
        "of money",
    ),
    "one row twice": (
        text(pd.concat([SALES, SALES.iloc[[7]]])),
        "sales.csv row 242: date, location, sku appears a second time; bucket=ticket adds such rows up (given '2023-01-03, "
        "North, B-7'); on_fault=drop would leave out 1 of 241 rows of sales with 0.5% of units and 1.5% of money",
    ),
    "two columns of one name": (
        text(SALES.assign(Units=SALES["units"])),
        "sales.csv: has two columns called 'units'; leave one, or say columns={units: NAME}",
    ),
    "other names": (
        text(SALES.rename(columns={"units": "Quantity"})),
        "sales.csv: column 'units' is missing; it has date, location, sku, Quantity, amount; if 'Quantity' is it, say "
        "columns={units: Quantity}",
    ),
    "quarters": (
        text(shop_sales(1500)[lambda rows: (rows["date"].dt.day == 1) & rows["date"].dt.month.isin([1, 4, 7, 10])]),
        "sales.csv: rows come every 3 months; days, weeks and months are read: share them out first, or say bucket=day if "
        "each row is one day",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_bad_files_are_one_line_with_what_to_do(tmp_path, kind):
    content, message = REFUSED[kind]
    assert refusal(write_export(tmp_path / "bad", sales=content)) == message


FILES = {  # files of the folder in place of sales.csv, and what is said (None: read)
    "a packed file beside a plain one": (
        {"sales.csv": text().encode(), "sales.csv.gz": gzip.compress(b"old")},
        "sales.csv: sales.csv and sales.csv.gz are both there (last written: sales.csv.gz); leave one",
    ),
    "a workbook beside a plain file": (
        {"sales.csv": text().encode(), "sales.xlsx": workbook()},
        "sales.csv: sales.csv and sales.xlsx are both there (last written: sales.xlsx); leave one",
    ),
    "a workbook and no plain file": ({"sales.xlsx": workbook()}, None),
    "another case": ({"Sales.CSV": text().encode()}, None),
    "plain text called .gz": ({"sales.csv.gz": text().encode()}, None),
    "a packed file cut off": (
        {"sales.csv.gz": gzip.compress(text().encode())[:-400]},
        "sales.csv.gz: cannot be unpacked (Compressed file ended before the end-of-stream marker was reached)",
    ),
    "a damaged workbook": (
        {"sales.xlsx": b"PK\x03\x04 no"},
        "sales.xlsx: cannot be read as a workbook (invalid Zip archive: Could not find EOCD)",
    ),
    "another name": ({"january.csv": text().encode()}, "sales.csv: is missing from {folder}; it holds january.csv"),
}


@pytest.mark.parametrize("kind", FILES)
def test_files_of_a_folder(tmp_path, kind):
    files, message = FILES[kind]
    folder = write_export(tmp_path / "export", sales=SALES)
    right = rows_of(read_erp(folder))
    (folder / "sales.csv").unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    if message is None:
        pd.testing.assert_frame_equal(rows_of(read_erp(folder)), right)
        return
    assert refusal(folder) == message.format(folder=folder)


def test_orders_that_have_not_come_are_a_state(tmp_path):
    receipts = pd.DataFrame({
        "line": [1, 2], "location": "Hub", "sku": "B-7", "order_date": ["2023-01-02", "2023-01-20"],
        "receipt_date": ["2023-01-09", ""], "quantity": [10, 25],
    })  # fmt: skip
    erp = read_erp(write_export(tmp_path, receipts=receipts))
    assert len(erp.receipts) == 1 and erp.open_orders[["sku", "quantity"]].to_numpy().tolist() == [["B-7", 25]]
    assert erp.summary()[-1] == (
        "dropped: receipts.csv row 3: receipt_date is empty: not yet received (given ''); it has 25 units and 30,862 in "
        "money"
    )


def test_units_below_0_are_returns_where_told(tmp_path):
    folder = write_export(tmp_path, sales=text() + "2023-02-11,North,B-7,-2,-5\n")
    with pytest.raises(
        InputError, match="write it as a positive number in a column 'returned', or say negative=returned"
    ):
        read_erp(folder)
    last = read_erp(folder, negative="returned").sales.iloc[-1]
    assert (last["units"], last["returned"], last["amount"]) == (0, 2, 0)


def test_items_and_locations_in_any_encoding_keep_their_names(tmp_path):
    write_export(tmp_path)
    for name, frame in (("items", ITEMS), ("locations", LOCATIONS)):
        write_bytes(tmp_path / f"{name}.csv", text(frame).encode("cp1252"))
    erp = read_erp(tmp_path)
    assert erp.items["sku"].tolist()[2] == "crème" and erp.locations["location"].tolist()[1] == "Süd"


def test_kinds_are_many():
    assert len(READ) + len(REFUSED) + len(FILES) >= 40
