"""Layouts in wide use are known by their header and read as the form: small files as each system writes them."""

import numpy as np
import pandas as pd
import pytest
from exports import refusal

from restock.sim.calibration.calibrate import calibrate
from restock.sim.calibration.export import read_erp

DATES = pd.date_range("2023-01-01", periods=120)


def grid(places, skus, seed=1):
    """Units of every day, place and sku."""
    cells = pd.MultiIndex.from_product([DATES, places, skus], names=["date", "place", "item"])
    return pd.DataFrame({"units": np.random.default_rng(seed).poisson(2.0, len(cells))}, index=cells).reset_index()


def sums(frame, place="place", item="item"):
    rows = frame.astype({place: str, item: str}).groupby([place, item])["units"].sum()
    return {key: value for key, value in rows.to_dict().items() if value}


def read(folder, layout, files):
    """The export by its header, which is the same as by its declared name."""
    for name, frame in files.items():
        frame.to_csv(folder / name, index=False)
    erp = read_erp(folder)
    assert f"layout {layout} (" in erp.notes[0]
    declared = read_erp(folder, layout=layout)
    assert declared.notes == erp.notes and declared.sales.equals(erp.sales)
    calibrate(erp).scenario()
    return erp


def of_erp(erp):
    return sums(erp.sales, "location", "sku")


def test_favorita(tmp_path):
    rows = grid([1, 44], [103665, 105574])
    train = pd.DataFrame({
        "id": range(len(rows)), "date": rows["date"], "store_nbr": rows["place"], "item_nbr": rows["item"],
        "unit_sales": rows["units"].astype(float), "onpromotion": "",
    })  # fmt: skip
    train.loc[5, "unit_sales"] = -3.0  # a return
    stores = pd.DataFrame({"store_nbr": [1, 44], "city": ["Quito", "Cuenca"], "state": "x", "type": "D", "cluster": 1})
    items = pd.DataFrame({"item_nbr": [103665, 105574], "family": ["BREAD", "DAIRY"], "class": 1, "perishable": 0})
    erp = read(tmp_path, "favorita", {"train.csv": train, "stores.csv": stores, "items.csv": items})
    rows.loc[5, "units"] = 0
    assert of_erp(erp) == sums(rows) and erp.sales["returned"].sum() == 3
    assert erp.items["category"].tolist() == ["BREAD", "DAIRY"]
    assert erp.locations["name"].tolist() == ["Quito", "Cuenca"]


@pytest.mark.parametrize("calendar", [True, False])
def test_m5(tmp_path, calendar):
    rows = grid(["CA_1", "TX_2"], ["FOODS_1_001", "HOBBIES_2_007"])
    wide = rows.pivot(index=["item", "place"], columns="date", values="units")
    wide.columns = [f"d_{k}" for k in range(1, len(DATES) + 1)]
    wide = wide.reset_index().rename(columns={"item": "item_id", "place": "store_id"})
    wide.insert(0, "id", wide["item_id"] + "_" + wide["store_id"])
    wide.insert(2, "dept_id", wide["item_id"].str.rsplit("_", n=1).str[0])
    files = {"sales_train_validation.csv": wide}
    if calendar:
        files["calendar.csv"] = pd.DataFrame({"date": DATES, "wm_yr_wk": 11101, "d": [f"d_{k}" for k in range(1, 121)]})
        files["sell_prices.csv"] = pd.DataFrame({"store_id": "CA_1", "item_id": ["FOODS_1_001", "HOBBIES_2_007"],
                                                 "wm_yr_wk": 11101, "sell_price": [2.5, 7.25]})  # fmt: skip
    erp = read(tmp_path, "m5", files)
    assert of_erp(erp) == sums(rows)
    first = "2023-01-01" if calendar else "2011-01-29"
    assert erp.sales["date"].min() == pd.Timestamp(first)
    assert erp.sales["date"].max() == pd.Timestamp(first) + pd.Timedelta(days=119)
    day = erp.sales.groupby("date")["units"].sum()
    assert [day.get(date, 0) for date in pd.date_range(first, periods=120)] == rows.groupby("date")[
        "units"
    ].sum().tolist()
    if calendar:
        assert erp.items.set_index("sku")["unit_price"].to_dict() == {"FOODS_1_001": 2.5, "HOBBIES_2_007": 7.25}
        assert erp.items["category"].tolist() == ["FOODS_1", "HOBBIES_2"]


def test_walmart_weeks(tmp_path):
    fridays = pd.date_range("2010-02-05", periods=60, freq="7D")
    cells = pd.MultiIndex.from_product([[1, 2], [1, 7], fridays], names=["Store", "Dept", "Date"])
    money = np.random.default_rng(1).integers(500, 900, len(cells)).astype(float)
    train = pd.DataFrame({"Weekly_Sales": money, "IsHoliday": False}, index=cells).reset_index()
    erp = read(tmp_path, "walmart", {"train.csv": train})
    assert erp.bucket == "week" and erp.sales["date"].min() == pd.Timestamp("2010-01-30")  # Saturday to Friday
    right = train.rename(columns={"Weekly_Sales": "units"})
    assert of_erp(erp) == sums(right, "Store", "Dept")
    assert "units are money: the layout has no quantities, so a unit is one of its currency" in erp.notes


def test_online_retail(tmp_path):
    rows = grid(["shop"], ["85123A", "71053"])
    sold = rows[rows["units"] > 0].reset_index(drop=True)
    lines = pd.DataFrame({
        "InvoiceNo": [str(536365 + k // 3) for k in range(len(sold))], "StockCode": sold["item"],
        "Description": sold["item"].map({"85123A": "HEART T-LIGHT HOLDER", "71053": "METAL LANTERN"}),
        "Quantity": sold["units"], "InvoiceDate": sold["date"].dt.strftime("%-m/%-d/%Y 8:26"), "UnitPrice": 2.55,
        "CustomerID": 17850, "Country": "United Kingdom",
    })  # fmt: skip
    cancelled = lines.iloc[[0]].assign(InvoiceNo="C536379", Quantity=-1)
    adjusted = lines.iloc[[1]].assign(InvoiceNo="536589", Quantity=-10, UnitPrice=0.0)
    erp = read(
        tmp_path, "online_retail", {"Online Retail.csv": pd.concat([lines, lines.iloc[[4]], cancelled, adjusted])}
    )
    sold = pd.concat([sold, sold.iloc[[4]]])
    assert of_erp(erp) == sums(sold) and erp.sales["returned"].sum() == 1
    assert "stock adjustments (less than 0, not cancelled): 1 rows left aside" in erp.notes
    assert erp.items["unit_price"].tolist() == [2.55, 2.55] and erp.items["description"].str.len().min() > 5


def test_nixtla(tmp_path):
    rows = grid(["all"], ["A_1", "B_2"])
    long = pd.DataFrame({"unique_id": rows["item"], "ds": rows["date"], "y": rows["units"].astype(float)})
    erp = read(tmp_path, "nixtla", {"train.csv": long})
    assert of_erp(erp) == sums(rows)
    again = read_erp(tmp_path, columns={"location": "unique_id"})  # a column that is told stands before the layout's
    assert of_erp(again) == {(sku, sku): units for (_, sku), units in sums(rows).items()}


def test_odoo_stock_moves(tmp_path):
    rows = grid(["WH", "SHOP"], ["FURN_7777", "Lamp"])
    sold = rows[rows["units"] > 0]
    named = {"FURN_7777": "[FURN_7777] Office Chair", "Lamp": "Lamp"}
    moves = pd.DataFrame({
        "Date": sold["date"].dt.strftime("%Y-%m-%d 09:30:00"), "Reference": "WH/OUT/1",
        "Product": sold["item"].map(named),
        "From": sold["place"] + "/Stock", "To": "Partners/Customers", "Quantity": sold["units"], "Status": "Done",
    })  # fmt: skip
    other = moves.iloc[:4].assign(
        From=["Partners/Customers", "Partners/Vendors", "WH/Stock", "WH/Stock"],
        To=["WH/Stock", "WH/Stock", "SHOP/Stock", "Partners/Customers"], Quantity=[2, 500, 90, 70],
        Status=["Done", "Done", "Done", "Cancelled"],
    )  # fmt: skip
    erp = read(tmp_path, "odoo", {"stock_move_line.csv": pd.concat([moves, other])})
    assert sums(erp.sales, "location", "sku") == sums(sold) and erp.sales["returned"].sum() == 2
    places = erp.locations.set_index("location")
    assert places["kind"].to_dict() == {"WH": "dc", "SHOP": "store"} and places["served_by"]["SHOP"] == "WH"
    assert "moves that are not done: 1 rows left aside" in erp.notes
    assert "receipts without the day of their order: 1; no lead times come of them" in erp.notes
    assert erp.items.set_index("sku")["description"]["FURN_7777"] == "Office Chair"


@pytest.mark.parametrize("report", [True, False])
def test_erpnext_stock_ledger(tmp_path, report):
    rows = grid(["Shop - C", "Kiosk - C"], ["CUP", "LAMP"])
    sold = rows[rows["units"] > 0].reset_index(drop=True)
    ledger = pd.DataFrame({
        "posting_date": sold["date"], "item_code": sold["item"], "item_name": "a " + sold["item"],
        "warehouse": sold["place"],
        "actual_qty": -sold["units"].astype(float), "voucher_type": "Delivery Note", "voucher_no": "DN-1",
        "valuation_rate": 1.25, "item_group": "x",
    })  # fmt: skip
    other = ledger.iloc[:4].assign(
        warehouse=["Main - C", "Main - C", "Shop - C", "Shop - C"], actual_qty=[500, -80, 80, 1], item_code="CUP",
        voucher_type=["Purchase Receipt", "Stock Entry", "Stock Entry", "Delivery Note"],
        voucher_no=["PR-1", "SE-1", "SE-1", "DN-9"],
    )  # fmt: skip
    ledger = pd.concat([ledger, other])
    if report:
        moved = ledger.pop("actual_qty")
        ledger = ledger.assign(**{"In Qty": moved.clip(lower=0), "Out Qty": moved.clip(upper=0)}).rename(columns={
            "posting_date": "Date", "item_code": "Item", "item_name": "Item Name", "warehouse": "Warehouse",
            "voucher_type": "Voucher Type", "voucher_no": "Voucher #", "valuation_rate": "Valuation Rate"})  # fmt: skip
        ledger = pd.concat([ledger, pd.DataFrame({"Date": ["Total"], "In Qty": [99.0]})])
    erp = read(tmp_path, "erpnext", {"Stock Ledger.csv": ledger})
    assert of_erp(erp) == sums(sold) and erp.sales["returned"].sum() == 1
    assert erp.items.set_index("sku")["unit_cost"].to_dict() == {"CUP": 1.25, "LAMP": 1.25}
    places = erp.locations.set_index("location")
    assert places["kind"].to_dict() == {"Kiosk - C": "store", "Main - C": "dc", "Shop - C": "store"}
    assert places["served_by"]["Shop - C"] == "Main - C"


def test_shopify_orders(tmp_path):
    rows = grid(["online"], ["TEE-S", "MUG"])
    sold = rows[rows["units"] > 0].reset_index(drop=True)
    first = ~sold.duplicated("date")
    orders = pd.DataFrame({
        "Name": "#" + (1001 + pd.factorize(sold["date"])[0]).astype(str).astype(object), "Email": "",
        "Financial Status": np.where(first, "paid", ""),
        "Created at": sold["date"].dt.strftime("%Y-%m-%d 11:05:09 -0500"),
        "Lineitem quantity": sold["units"], "Lineitem name": sold["item"].map({"TEE-S": "Tee - S", "MUG": "Mug"}),
        "Lineitem price": sold["item"].map({"TEE-S": 19.0, "MUG": 8.5}), "Lineitem sku": sold["item"],
        "Cancelled at": "", "Vendor": "Prints Ltd", "Location": "",
    })  # fmt: skip
    orders.loc[~first, "Created at"] = ""  # of an order the first line has the head
    gone = orders.iloc[[0]].assign(**{"Name": "#2001", "Cancelled at": "2023-01-05 10:00:00 -0500"})
    erp = read(tmp_path, "shopify", {"orders_export.csv": pd.concat([orders, gone])})
    assert of_erp(erp) == sums(sold)
    assert erp.items.set_index("sku")["unit_price"].to_dict() == {"TEE-S": 19.0, "MUG": 8.5}
    assert set(erp.items["supplier"]) == {"Prints Ltd"} and "cancelled orders: 1 rows left aside" in erp.notes


def test_a_layout_that_is_told_must_be_there(tmp_path):
    (tmp_path / "train.csv").write_text("unique_id,ds,y\nA,2023-01-01,1\n", encoding="utf-8")
    known = "erpnext, favorita, form, m5, nixtla, odoo, online_retail, shopify, walmart"
    columns = "M5: a row per item and store, a column per day (d_1, d_2, ...)"
    for told, message in (
        ("m6", f"layout 'm6' is unknown; choose from: {known}"),
        ("m5", f"layout=m5: no file of {tmp_path} has its columns ({columns}); it holds train.csv"),
    ):
        assert refusal(tmp_path, layout=told) == message
