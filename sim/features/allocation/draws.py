"""What is drawn for allocation."""

from __future__ import annotations

from restock.sim.probability.keyed_draws import named_purpose

FIRST_COME = named_purpose("first_come")  # who comes first on a night, by item and site
