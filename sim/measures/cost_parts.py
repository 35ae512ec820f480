"""The parts of the total cost, as a table shows them."""

from __future__ import annotations

COST_PARTS = {
    "carrying_cost": ("carrying", "stock"),
    "ordering_cost": ("order", "lines"),
    "transport_cost": ("moving", "units"),
    "stockout_cost": ("lost", "sales"),
    "write_off_cost": ("shrink-", "age"),
    "waste_cost": ("waste", ""),
    "markdown_cost": ("mark-", "downs"),
    "clearance_cost": ("clear-", "ance"),
    "returns_write_off_cost": ("returns", ""),
    "damage_cost": ("damage", ""),
    "premium_cost": ("premium", ""),
    "count_cost": ("counting", ""),
    "transfer_cost": ("trans-", "fers"),
    "channel_cost": ("chan-", "nels"),
}
"""The parts that total cost is the sum of, and the head of the column of each."""
