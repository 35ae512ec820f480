"""Layouts in wide use, recognised by the header of their main file and turned into the form's tables.

A layout says which columns it needs (each by the names it goes under), and makes tables of them. What its file does
not hold (items, locations) is made of the names that are met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from restock.sim.calibration.reading.layouts.ledgers import erpnext, odoo, online_retail, shopify
from restock.sim.calibration.reading.layouts.panels import favorita, m5, nixtla, walmart
from restock.sim.calibration.reading.layouts.sheet import Beside, Names, Sheet, Tables
from restock.sim.calibration.reading.names import simple


@dataclass(frozen=True)
class Layout:
    """One layout: `needs` and `may` name the columns of each role, `make` turns the file into tables of the form."""

    name: str
    says: str
    needs: Names
    may: Names
    make: Callable[[Sheet, Beside], Tables]
    also: Callable[[str], bool] = lambda name: False  # further columns, by their names
    bucket: str | None = None

    def fits(self, header: Iterable[str]) -> bool:
        names = {simple(name) for name in header}
        return all(names & set(called) for called in self.needs.values()) and (
            self.name != "m5" or any(self.also(name) for name in names)
        )

    def wanted(self, name: str) -> bool:
        return any(simple(name) in called for called in (*self.needs.values(), *self.may.values())) or self.also(
            simple(name)
        )


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout("favorita", "Corporación Favorita: date, store_nbr, item_nbr (or family), unit_sales (or sales)",
               {"date": ("date",), "location": ("store_nbr",), "sku": ("item_nbr", "family"),
                "units": ("unit_sales", "sales")}, {}, favorita),
        Layout("m5", "M5: a row per item and store, a column per day (d_1, d_2, ...)",
               {"sku": ("item_id",), "location": ("store_id",)}, {"category": ("dept_id",)}, m5,
               lambda name: name.startswith("d_") and name[2:].isdigit()),
        Layout("walmart", "Walmart weekly: Store, Dept, Date, Weekly_Sales (money)",
               {"date": ("date",), "location": ("store",), "units": ("weekly_sales",)}, {"sku": ("dept",)}, walmart,
               bucket="week_ending"),
        Layout("online_retail", "UCI online retail: InvoiceNo, StockCode, Quantity, InvoiceDate, UnitPrice",
               {"invoice": ("invoiceno", "invoice"), "sku": ("stockcode",), "units": ("quantity",),
                "date": ("invoicedate",), "price": ("unitprice", "price")}, {"description": ("description",)},
               online_retail, bucket="ticket"),
        Layout("nixtla", "Nixtla: unique_id, ds, y",
               {"sku": ("unique_id",), "date": ("ds",), "units": ("y",)}, {}, nixtla),
        Layout("odoo", "Odoo stock moves: Date, Product, From, To, Quantity, Status",
               {"date": ("date",), "product": ("product", "product_id"), "source": ("from", "location_id"),
                "target": ("to", "location_dest_id"),
                "units": ("quantity", "qty_done", "done", "quantity_done", "product_uom_qty", "demand")},
               {"state": ("status", "state")}, odoo, bucket="ticket"),
        Layout("erpnext", "ERPNext stock ledger: Date, Item, Warehouse, In Qty, Out Qty (or actual_qty), Voucher Type",
               {"date": ("posting_date", "date"), "sku": ("item_code", "item"), "location": ("warehouse",),
                "voucher_type": ("voucher_type",), "voucher": ("voucher_no", "voucher"),
                "change": ("actual_qty", "out_qty", "qty_change")},
               {"units": ("actual_qty", "qty_change"), "came": ("in_qty",), "went": ("out_qty",),
                "description": ("item_name",), "category": ("item_group",), "cost": ("valuation_rate",)}, erpnext,
               bucket="ticket"),
        Layout("shopify", "Shopify orders: Name, Created at, Lineitem quantity, Lineitem name, Lineitem price",
               {"order": ("name",), "date": ("created_at",), "units": ("lineitem_quantity",),
                "name": ("lineitem_name",), "price": ("lineitem_price",)},
               {"sku": ("lineitem_sku",), "cancelled": ("cancelled_at",), "location": ("location",),
                "supplier": ("vendor",)}, shopify,
               bucket="ticket"),
    )
}  # fmt: skip
