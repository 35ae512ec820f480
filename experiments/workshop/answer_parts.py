"""The cards of an answer, and the table of what was pinned beside it."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from restock.experiments.workshop import charts
from restock.experiments.workshop.elements import box, text
from restock.experiments.workshop.words import Card, Row


def draw_cards(strip: ui.element, place: ui.element, found: Sequence[Card]) -> None:
    """A card for each policy, and the strip that a phone keeps in sight."""
    seen = charts.seen_as([card.policy for card in found])
    strip.clear()
    with strip:
        for card in found:
            with box("span"):
                box("i", "rs-mark", style=f"background:{seen[card.policy][0]}")
                text("b", card.figures[0][1].split(" ")[0] + "%")
                text("span", f"cost {card.figures[2][1].split(' ')[0]}")
    place.clear()
    with place:
        for card in found:
            with box("article", "rs-card", style=f"border-top-color:{seen[card.policy][0]}"):
                text("h2", card.policy)
                with box("dl"):
                    for k, (name, figure) in enumerate(card.figures):
                        text("dt", name)
                        text("dd", figure, "big" if k == 0 else "")
                text("p", card.replications, "rs-small")
                if card.warning:
                    text("p", f"No steady state: {card.warning}.", "rs-warn")


def draw_beside(place: ui.element, rows: Sequence[Row], about: str, same_seed: bool) -> None:
    """B less A, row by row; `about` says what A is."""
    place.clear()
    with place:
        text("h2", "B, as it is now, less A, as pinned")
        text("p", f"A: {about}.", "rs-small")
        if not rows:
            text("p", "A and B have no policy in common.", "rs-small")
            return
        with box("div", "rs-table", tabindex="0", role="region", aria_label="Differences"), box("table", "rs"):
            with box("thead"), box("tr"):
                for head in ("policy", "measure", "A", "B", "B less A", "verdict"):
                    text("th", head, scope="col")
            with box("tbody"):
                for k, row in enumerate(rows):
                    with box("tr"):
                        again = k > 0 and rows[k - 1].policy == row.policy
                        text("td", "") if again else text("th", row.policy, scope="row")
                        for cell in row[1:]:
                            text("td", cell)
        same = "paired: both met the same draws" if same_seed else "not of the same seed"
        text("p", f"± half-width of 95%, {same}; Holm's correction for the number of policies.", "rs-small")
