"""What the site holds, and in which order: every page of docs/ has a place here."""

from __future__ import annotations

CONTENTS: dict[str, dict[str, str]] = {
    "Start": {"Start in five minutes": "start.md", "Words": "glossary.md"},
    "Teach": {"Host a workshop": "workshop.md", "Lessons": "lessons.md", "The beer game": "beer_game.md"},
    "How to": {
        "See what will happen from today": "project.md",
        "Find what is worth most": "advise.md",
        "Read an export": "export.md",
        "Compare at equal service": "equal_service.md",
        "Search settings": "search.md",
        "Use restock from Python": "python.md",
        "Run past one machine": "executors.md",
    },
    "Reference": {
        "Settings": "settings.md",
        "Measures": "measures.md",
        "Measures in words": "measures_in_words.md",
        "Policies": "policies_reference.md",
        "Laws of demand": "laws_reference.md",
    },
    "How it works": {
        "The day": "the_day.md",
        "Follow a unit": "follow_a_unit.md",
        "Today's state": "opening_state.md",
        "Draws": "draws.md",
        "Allocation": "allocation.md",
        "How policies work": "policies.md",
        "Where stock should lie": "placement.md",
        "Forecasts": "forecasts.md",
        "Features": "features.md",
        "Records": "features/records.md",
        "Returns": "features/returns.md",
        "Shelf life": "features/shelf_life.md",
        "Selling seasons": "features/selling_season.md",
        "Terms of orders": "features/order_terms.md",
        "A second source": "features/second_source.md",
        "Unit costs": "features/unit_costs.md",
        "Damage on the way": "features/transit_damage.md",
        "Push and cross-docks": "features/push.md",
        "Transfers between stores": "features/transfers.md",
        "Channels": "features/channels.md",
        "Suppliers and lanes that fail": "features/supply_risk.md",
        "Limits that items share": "features/limits.md",
        "Statistics": "statistics.md",
        "The kernel": "kernel.md",
        "The whole command": "whole_command.md",
    },
    "Evidence": {
        "Verification": "verification.md",
        "Claims": "claims.md",
        "Back-test": "backtest.md",
        "Peers": "peers.md",
    },
}
"""Heading -> title -> page in docs/, or one that is read off the code."""


def listed() -> list[str]:
    """Every page that has a place.

    >>> "start.md" in listed()
    True
    """
    return [page for pages in CONTENTS.values() for page in pages.values()]
