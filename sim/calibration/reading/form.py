"""The form of an ERP export: what each table must hold (docs/export.md says what it means)."""

from __future__ import annotations

# columns that must be there with every value filled, and columns that may be there; others pass as text
NEEDED = {
    "items": ["sku"],
    "locations": ["location", "kind"],
    "sales": ["date", "location", "sku", "units"],
    "receipts": ["location", "sku", "order_date", "receipt_date", "quantity"],
    "promotions": ["location", "sku", "first_day", "last_day"],
    "stock": ["location", "sku", "on_hand", "date"],
    "open_orders": ["location", "sku", "quantity", "order_date", "expected_date"],
}
OPTIONAL = {
    "items": [
        "description",
        "category",
        "supplier",
        "unit_cost",
        "unit_price",
        "case_pack",
        "minimum_order",
        "list_date",
        "from",
        "to",
        "counted_in",
    ],
    "locations": ["name", "served_by", "from", "to"],
    "sales": ["amount", "returned", "receipts"],
    "receipts": ["supplier", "scheduled_date", "unit_cost"],
    "promotions": ["display", "mailer"],
    "stock": ["backorders"],
    "open_orders": ["supplier"],
}
ALSO_CALLED = {"sales": {"tickets": "receipts"}}  # where there is none called as the form has it
KEYS = {
    "items": ["sku"],
    "locations": ["location"],
    "sales": ["date", "location", "sku", "via"],
    "receipts": ["line"],
    "promotions": ["first_day", "location", "sku"],
    "stock": ["date", "location", "sku"],
    "open_orders": ["line"],
}
DATES = {"date", "order_date", "receipt_date", "scheduled_date", "expected_date", "first_day", "last_day", "list_date",
         "from", "to"}  # fmt: skip
LEAST = {
    "unit_cost": 0,
    "unit_price": 0,
    "amount": 0,
    "units": 0,
    "returned": 0,
    "receipts": 0,
    "minimum_order": 0,
    "case_pack": 1,
    "quantity": 1,
    "on_hand": 0,
    "backorders": 0,
}
WHOLE = {"minimum_order", "case_pack"}  # rounded where they are not; quantities stay as they are
LEFT_OUT = {"receipts"}  # of sales: no column of unknowns where the file has none
MAY_BE_EMPTY = {"receipt_date", "expected_date"}  # what is ordered and has not come; nobody said when it will
NO_END = {"from", "to"}  # a date far out says that there is none
KEY_TEXT = {"sku", "location"}
RETURNS = "is negative: a return? write it as a positive number in a column 'returned', or say negative=returned"


KINDS = ("store", "dc", "supplier")
