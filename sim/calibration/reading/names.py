"""Names of columns: as declared, else in any case and with any spaces; and hints where one is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from restock.sim.errors import InputError

ALSO = {
    "date": ("day", "week", "month", "posting_date", "invoice_date", "invoicedate", "datum", "ds", "order_date"),
    "location": ("store", "shop", "site", "store_id", "store_nbr", "warehouse", "branch", "filiale", "place"),
    "sku": ("item", "product", "article", "item_id", "product_id", "item_code", "stockcode", "artikel", "material"),
    "units": ("quantity", "qty", "sales", "unit_sales", "demand", "menge", "pieces", "sold", "y"),
    "quantity": ("units", "qty", "received"),
    "on_hand": ("stock", "quantity", "qty", "units", "on_hand_qty", "qty_on_hand", "available", "balance", "bestand"),
    "expected_date": (
        "expected",
        "due",
        "due_date",
        "eta",
        "delivery_date",
        "promised_date",
        "arrival",
        "scheduled_date",
    ),
    "kind": ("type", "location_type"),
    "order_date": ("ordered", "po_date"),
    "receipt_date": ("received", "delivered", "delivery_date", "arrival"),
}
"""Names that hint at a column of the form; never taken without being told."""


def simple(name: str) -> str:
    """A name without its case and spaces.

    >>> simple(" Unit Price ")
    'unit_price'
    """
    split = re.sub(r"[\s\-./#]+", "_", name.strip().strip("\ufeff"))
    return split.strip("_").casefold()


def form_names(names: Iterable[str], declared: Mapping[str, str], file: str) -> dict[str, str]:
    """The form's name of each of the file's columns: declared ones first, then those that are called so."""
    given = list(names)
    exact, near = {name: name for name in given}, {simple(name): name for name in reversed(given)}
    out: dict[str, str] = {}
    for column, source in declared.items():
        found = exact.get(source) or near.get(simple(source))
        if found is not None:
            if found in out:
                raise InputError(f"{file}: column '{found}' is declared to be '{out[found]}' and '{column}'")
            out[found] = column
    taken = set(out.values())
    for name in given:
        short = simple(name)
        if name in out or short in taken:
            continue
        if short in out.values():
            raise InputError(f"{file}: has two columns called '{short}'; leave one, or say columns={{{short}: NAME}}")
        out[name] = short
    return out


def missing(column: str, names: Iterable[str]) -> str:
    """The words for a column that is not there, with the setting that would name it."""
    given = [name for name in names if name]
    near = [name for name in given if simple(name) in ALSO.get(column, ())]
    hint = f"; if '{near[0]}' is it, say columns={{{column}: {near[0]}}}" if near else ""
    looks = not near and sum(bool(re.fullmatch(r"[-\d.,:/ ]+", name)) for name in given) * 2 >= len(given) > 0
    hint = "; is the first row no header?" if looks else hint
    return f"column '{column}' is missing; it has {', '.join(given) or 'none'}{hint}"
