"""Reading an ERP export: every fault is found, named by file, row, column and value."""

import gzip

import pytest

from restock.sim.calibration.export import read_erp
from restock.sim.calibration.reading.faults import count_faults, describe_faults
from restock.sim.errors import InputError

ITEMS = "sku,category,supplier,unit_cost,unit_price,case_pack\nmilk,dairy,V1,1.00,1.50,12\nbread,bakery,V2,2.00,3.00,\n"
LOCATIONS = "location,kind,name,served_by\nshop,store,Shop,depot\ndepot,dc,Depot,\nV1,supplier,One,\nV2,supplier,Two,\n"
SALES = (
    "date,location,sku,units,amount\n2024-01-01,shop,milk,3,4.50\n2024-01-02,shop,milk,2,3.00\n"
    "2024-01-02,shop,bread,1,3.00\n"
)
RECEIPTS = (
    "line,po,supplier,location,sku,order_date,receipt_date,quantity\n"
    "1,A,V1,depot,milk,2024-01-01,2024-01-05,24\n2,B,V2,depot,bread,2024-01-03,2024-01-04,10\n"
)


def export(folder, **tables):
    """An export that is right, with the tables given in place of its own (None: left out)."""
    texts = {"items": ITEMS, "locations": LOCATIONS, "sales": SALES, "receipts": RECEIPTS} | tables
    for name, text in texts.items():
        if text is not None:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def refusal(folder, **settings):
    with pytest.raises(InputError) as caught:
        read_erp(folder, **settings)
    return str(caught.value)


def sales(*rows):
    return SALES + "".join(f"{row}\n" for row in rows)


def test_a_right_export_is_read_whole(tmp_path):
    erp = read_erp(export(tmp_path))
    assert erp.summary() == [
        "2 items, 1 store, 1 dc, 2 suppliers",
        "3 rows of sales, 2024-01-01 to 2024-01-02",
        "2 rows of receipts",
        "no promotions",
    ]
    assert erp.sales["units"].tolist() == [3, 2, 1]
    assert erp.items["case_pack"].isna().tolist() == [False, True]  # empty: not known, which is no fault
    assert erp.faults.empty


def test_gzip_and_a_byte_order_mark_and_blank_last_lines_are_read(tmp_path):
    export(tmp_path, sales=None)
    (tmp_path / "sales.csv.gz").write_bytes(gzip.compress(("\ufeff" + SALES + "\n\n").encode("utf-8")))
    erp = read_erp(tmp_path)
    assert len(erp.sales) == 3 and erp.faults.empty


@pytest.mark.parametrize(
    "row, message",
    [
        ("2024-01-03,shop,milk,NaN,1", "sales.csv row 5: units is not a number (given 'NaN')"),
        ("2024-01-03,shop,milk,,1", "sales.csv row 5: units is empty (given '')"),
        ("2024-01-03,shop,milk,inf,1", "sales.csv row 5: units is not a number (given 'inf')"),
        ("2024-01-03,shop,milk,three,1", "sales.csv row 5: units is not a number (given 'three')"),
        (
            "2024-01-03,shop,milk,-2,1",
            "sales.csv row 5: units is negative: a return? write it as a positive number in a column 'returned', or "
            "say negative=returned (given '-2')",
        ),
        ("13/13/2024,shop,milk,2,1", "sales.csv row 5: date is not a date (YYYY-MM-DD) (given '13/13/2024')"),
        ("2024-02-30,shop,milk,2,1", "sales.csv row 5: date is not a date (YYYY-MM-DD) (given '2024-02-30')"),
        ("2024-01-03,shop,mlik,2,1", "sales.csv row 5: sku has no good row in items.csv (given 'mlik')"),
        ("2024-01-03,shap,milk,2,1", "sales.csv row 5: location has no good row in locations.csv (given 'shap')"),
        ("2024-01-03,V1,milk,2,1", "sales.csv row 5: location is a supplier, neither a store nor a dc (given 'V1')"),
        (
            "2024-01-02,shop,milk,5,1",
            "sales.csv row 5: date, location, sku appears a second time; bucket=ticket adds such rows up"
            " (given '2024-01-02, shop, milk')",
        ),
    ],
)
def test_a_faulty_row_of_sales_is_refused_by_name_and_left_out_when_asked(tmp_path, row, message):
    export(tmp_path, sales=sales(row))
    assert refusal(tmp_path).startswith(message + "; on_fault=drop would leave out 1 of 4 rows of sales ")
    erp = read_erp(tmp_path, on_fault="drop")
    assert len(erp.sales) == 3
    assert message in describe_faults(erp.faults)


def test_dropping_says_before_and_after_what_share_of_units_and_money_it_leaves_out(tmp_path):
    export(tmp_path, sales=sales("2024-01-03,shop,mlik,9,13.50", "2024-01-03,shop,milk,x,2.00", "2024-01-04,shop,milk"))
    cost = "4 of 6 rows of sales with 60.0% of units and 59.6% of money (2 of them without units that can be read)"
    cost = cost.replace("4 of", "3 of")
    assert refusal(tmp_path).endswith(f"and 2 more faults; on_fault=drop would leave out {cost}")
    assert f"on_fault=drop left out {cost}" in read_erp(tmp_path, on_fault="drop").summary()


def test_money_of_rows_without_an_amount_is_units_at_the_price_of_the_item(tmp_path):
    text = "date,location,sku,units\n2024-01-01,shop,milk,4\n2024-01-01,shap,bread,2\n"
    assert refusal(export(tmp_path, sales=text)).endswith(
        "would leave out 1 of 2 rows of sales with 33.3% of units and 50.0% of money"
    )


@pytest.mark.parametrize(
    "tables, message, kept",
    [
        (
            {"sales": sales("2024-01-03,shop,milk,2,NaN")},
            "sales.csv row 5: amount is not a number (given 'NaN')",
            "amount",
        ),
        ({"items": ITEMS + "tea,,,1,2,0\n"}, "items.csv row 4: case_pack is below 1 (given '0')", "case_pack"),
        ({"items": ITEMS + "tea,,,-1,2,\n"}, "items.csv row 4: unit_cost is negative (given '-1')", "unit_cost"),
        (
            {
                "items": ITEMS.replace("\n", ",\n")
                .replace("12,\n", "12,1900-01-01\n")
                .replace("pack,", "pack,list_date")
            },
            "items.csv row 2: list_date lies far out (a placeholder for no date?) (given '1900-01-01')",
            "list_date",
        ),
    ],
)
def test_a_fault_in_a_column_that_need_not_be_there_costs_that_field_only(tmp_path, tables, message, kept):
    export(tmp_path, **tables)
    assert refusal(tmp_path) == (
        f"{message}; on_fault=drop would leave out no row of sales, and empty 1 field of {kept}"
    )
    erp = read_erp(tmp_path, on_fault="drop")
    table = erp.sales if "sales" in tables else erp.items
    rows = tables.get("sales", tables.get("items", "")).count("\n") - 1
    assert len(table) == rows and table[kept].isna().iloc[0 if kept == "list_date" else -1]


def test_the_first_fault_is_named_and_the_others_are_counted_and_listed(tmp_path):
    export(
        tmp_path,
        sales=sales("2024-01-03,shop,milk,-1,1", "x,shop,milk,1,1", "2024-01-05,shop,tea,1,1"),
        items=ITEMS + "milk,,,x,,\n",
    )
    with pytest.raises(InputError) as caught:
        read_erp(tmp_path)
    assert (
        str(caught.value)
        == "items.csv row 4: unit_cost is not a number (given 'x'); and 4 more faults; on_fault=drop would leave out "
        "3 of 6 rows of sales with 25.0% of units and 22.2% of money (1 of them without units that can be read), "
        "1 row of items, and empty 1 field of unit_cost"
    )
    assert caught.value.faults[["file", "row", "column", "value"]].to_numpy().tolist() == [
        ["items.csv", 4, "unit_cost", "x"],
        ["items.csv", 4, "sku", "milk"],
        ["sales.csv", 5, "units", "-1"],
        ["sales.csv", 6, "date", "x"],
        ["sales.csv", 7, "sku", "tea"],
    ]


@pytest.mark.parametrize(
    "tables, message",
    [
        ({"items": ITEMS + "milk,,,1,2,\n"}, "items.csv row 4: sku appears a second time (given 'milk')"),
        (
            {"locations": LOCATIONS + "x,shop,,\n"},
            "locations.csv row 6: kind must be one of store, dc, supplier (given 'shop')",
        ),
        (
            {"locations": LOCATIONS + "x,store,,nowhere\n"},
            "locations.csv row 6: served_by has no good row in this file (given 'nowhere')",
        ),
        (
            {"receipts": RECEIPTS + "3,C,V1,depot,milk,2024-01-01,2024-01-05,0\n"},
            "receipts.csv row 4: quantity is below 1 (given '0')",
        ),
        (
            {"receipts": RECEIPTS + "2,C,V1,depot,milk,2024-01-01,2024-01-05,1\n"},
            "receipts.csv row 4: line appears a second time (given '2')",
        ),
        (
            {"receipts": RECEIPTS + "3,C,V1,depot,tea,2024-01-01,2024-01-05,1\n"},
            "receipts.csv row 4: sku has no good row in items.csv (given 'tea')",
        ),
    ],
)
def test_faults_of_the_other_tables(tmp_path, tables, message):
    assert refusal(export(tmp_path, **tables)).startswith(f"{message}; on_fault=drop would leave out no row of sales")
    assert message in describe_faults(read_erp(tmp_path, on_fault="drop").faults)


@pytest.mark.parametrize("on_fault", ["refuse", "drop"])
def test_what_no_dropping_of_rows_can_mend_is_refused_either_way(tmp_path, on_fault):
    loop = LOCATIONS.replace("depot,dc,Depot,\n", "depot,dc,Depot,hub\nhub,dc,Hub,depot\n")
    assert refusal(export(tmp_path, locations=loop), on_fault=on_fault) == (
        "locations.csv: served_by leads in a loop: depot -> hub -> depot"
    )
    assert refusal(export(tmp_path, locations=LOCATIONS, sales="date,location,sku\n"), on_fault=on_fault) == (
        "sales.csv: column 'units' is missing; it has date, location, sku"
    )
    (tmp_path / "sales.csv").rename(tmp_path / "january.csv")
    assert refusal(tmp_path, on_fault=on_fault) == f"sales.csv: is missing from {tmp_path}; it holds january.csv"


def test_messages_about_the_call_itself(tmp_path):
    assert refusal(tmp_path / "no") == (
        f"folder '{tmp_path / 'no'}' does not exist; an ERP export is a folder with items.csv, locations.csv, sales.csv"
    )
    assert (
        refusal(export(tmp_path), on_fault="dorp")
        == "on_fault 'dorp' is unknown; did you mean 'drop'? choose from: drop, refuse"
    )
    export(tmp_path, sales=SALES + "2024-01-03,shop,milk,1,1,1\n")
    assert refusal(tmp_path) == (
        "sales.csv row 5: has 6 fields, the header 5 (given '2024-01-03,shop,milk,1,1,1'); on_fault=drop would leave "
        "out 1 of 4 rows of sales (1 of them without units that can be read)"
    )


def test_a_receipt_before_its_order_is_dropped_and_said(tmp_path):
    erp = read_erp(export(tmp_path, receipts=RECEIPTS + "3,C,V1,depot,milk,2024-01-05,2024-01-04,1\n"))
    assert len(erp.receipts) == 2
    assert count_faults(erp.faults) == [
        "dropped: receipts.csv row 4: receipt_date is before order_date (given '2024-01-04'); it has 1 units and 1 in "
        "money"
    ]


def test_what_is_assumed_is_counted(tmp_path):
    text = SALES.replace("units,amount", "units,amount,via").replace(".50\n", ".50,a\n").replace(".00\n", ".00,a\n")
    erp = read_erp(export(tmp_path, sales=text + "2024-01-02,shop,milk,1.6,1,b\n2024-01-09,shop,milk,1,1,a\n"))
    assert count_faults(erp.faults) == [
        "assumed: sales.csv: rows that repeat a day, location and item by another way (via): 1; summed",
        "assumed: sales.csv: days without a row anywhere: 6 of 9; taken as days without demand",
    ]
    assert erp.sales[["sku", "units"]].to_numpy().tolist() == [["milk", 3], ["milk", 3.6], ["bread", 1], ["milk", 1]]


def test_a_dropped_item_takes_its_sales_with_it(tmp_path):
    erp = read_erp(export(tmp_path, items=ITEMS.replace("bread,bakery", ",bakery"), receipts=None), on_fault="drop")
    assert erp.items["sku"].tolist() == ["milk"]
    assert erp.sales["sku"].tolist() == ["milk", "milk"]


def test_a_large_export_is_read_whole(tmp_path):
    rows = [f"2024-{1 + d // 28:02d}-{1 + d % 28:02d},shop,item{i},{i % 5},1" for d in range(300) for i in range(500)]
    items = "sku\n" + "".join(f"item{i}\n" for i in range(500))
    export(tmp_path, items=items, sales="date,location,sku,units,amount\n" + "\n".join(rows), receipts=None)
    assert len(read_erp(tmp_path).sales) == 150_000
