"""What is drawn for channels: each by a purpose of its own name."""

from __future__ import annotations

from restock.sim.probability.keyed_draws import named_purpose

CHANNEL_SPLIT = named_purpose("channel_split")  # of a recorded day, which units are of a channel


def demand_of(channel: str) -> int:
    """Purpose of the draws of what a channel's customers ask for.

    >>> demand_of("online") == demand_of("collect")
    False
    """
    return named_purpose(f"channel:{channel}")


def waiting_of(channel: str) -> int:
    """Purpose of the draws of who waits.

    >>> waiting_of("online") == demand_of("online")
    False
    """
    return named_purpose(f"channel_waits:{channel}")
