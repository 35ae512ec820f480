"""What is drawn for transfers."""

from __future__ import annotations

from restock.sim.probability.keyed_draws import named_purpose

TRANSFER = named_purpose("transfer")  # days that transfers take, by day and receiving store
