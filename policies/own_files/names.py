"""What files call items and places, and names that a spreadsheet must not take for a formula."""

from __future__ import annotations

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
ITEM = ("item", "sku", "item_code", "item_no", "product", "material", "article")
SITE = ("site", "location", "location_code", "warehouse", "plant", "store")
"""What files call an item and a place: restock's own name, then that of exports, then those of ERP systems."""


def as_written(name: str) -> str:
    """A name without the mark that keeps a spreadsheet from reading it as a formula.

    >>> as_written("'=1+1"), as_written("'s-Hertogenbosch"), as_written("0012")
    ('=1+1', "'s-Hertogenbosch", '0012')
    """
    return name[1:] if name[:1] == "'" and name[1:2] in FORMULA else name
