"""A player of the beer game: a seat, the board of its stage, one number to order."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from restock.experiments.workshop import guard
from restock.experiments.workshop.beer_tables import LOBBY, OVER, BeerTables
from restock.experiments.workshop.elements import box, button, text
from restock.experiments.workshop.live_page import ParticipantPage
from restock.experiments.workshop.look import HEAD
from restock.sim.study.beer_game.board import MOST_ORDERED, Week
from restock.sim.study.beer_game.chain import STAGES

SHOWN = 8  # weeks in the table
FACTS = ("came in", "asked for", "sent", "on hand", "owed", "on its way")
BOARD = {"week": "week", "received": "came", "asked": "asked", "on_hand": "held", "backlog": "owed", "order": "ordered"}


class BeerPage(ParticipantPage):
    """Joins the room, takes a seat, orders; it is sent nothing of other stages."""

    def __init__(self, tables: BeerTables, who: str, address: str, tries: guard.Buckets, code: str = "") -> None:
        super().__init__(tables.room, who, address, tries)
        self.tables = tables
        self.given, self.seen = "", None
        ui.add_head_html(HEAD)
        with box("div", "rs-phone"):
            self.refusal = text("p", "", "rs-refused rs-hidden", role="alert")
            self.joining, self.playing = box("div"), box("div")
            with self.joining:
                self.ask_to_join(code)
            with self.playing:
                self.title = text("h1", "The beer game")
                self.said = text("p", "", role="status", aria_live="polite")
                self.place = box("div")
        self.follow(tables)

    def show(self) -> None:
        """What there is to do."""
        if not self.comes_in(self.joining, self.playing):
            return
        team, stage = self.tables.seat_of(self.who)
        self.said.set_text(self._words(team, stage))
        taken = [sorted(each.seats.items()) for each in self.tables.teams] if self.tables.phase == LOBBY else None
        weeks = self.tables.board_of(self.who)
        ordered = len(weeks) and weeks[-1].order
        state = (self.tables.phase, team, stage, taken, len(weeks), ordered)
        if state == self.seen:
            return
        self.seen = state  # type: ignore[assignment]
        self.place.clear()
        with self.place:
            if self.tables.phase == LOBBY:
                self._seats(stage, team)
            elif stage and weeks:
                self._board(weeks)

    def _words(self, team: int, stage: str) -> str:
        if self.tables.phase == LOBBY:
            name = self.tables.teams[team].name if stage else ""
            return f"You are the {stage} of {name}. The game begins soon." if stage else "Choose a seat."
        if not stage:
            return "The game has begun without you; look at the big screen."
        game = self.tables.teams[team].game
        assert game is not None
        if self.tables.phase == OVER:
            return f"The game is over. You spent {game.costs[stage]:,.1f}, your chain {sum(game.costs.values()):,.1f}."
        spent = f"You are the {stage}; spent so far {game.costs[stage]:,.1f}."
        waits = stage not in game.waiting_for() or game.week > self.tables.week
        return f"{spent} Wait for the others." if waits else f"{spent} Week {game.week} of {self.tables.weeks}."

    def _seats(self, mine: str, team: int) -> None:
        for number, each in enumerate(self.tables.teams):
            text("h2", each.name)
            for stage in STAGES:
                sitting = each.seats.get(stage)
                if sitting == self.who:
                    text("p", f"{stage}: you sit here")
                elif sitting:
                    text("p", f"{stage}: {self.room.names.get(sitting, '?')}")
                else:
                    button(f"Sit down as {stage}", partial(self._sit, number, stage),
                           aria_label=f"{each.name}: sit down as {stage}")  # fmt: skip
        if mine:
            button("Stand up", lambda: self.attempt(lambda: self.tables.stand(self.who)))

    def _board(self, weeks: list[Week]) -> None:
        now = weeks[-1]
        if now.order is None:
            last = next((week.order for week in reversed(weeks) if week.order is not None), 0)
            self.given = f"{last}"
            with box("dl", "rs-board"):
                for words, value in zip(FACTS, (now.received, now.asked, now.shipped, now.on_hand, now.backlog,
                                                now.on_order), strict=True):  # fmt: skip
                    with box("div"):
                        text("dt", words)
                        text("dd", f"{value:,}")
            text("label", f"Your order for week {now.week}", for_="order")
            field = box("input", type="number", id="order", min=0, max=MOST_ORDERED, step=1, inputmode="numeric",
                        **{"^value": self.given})  # fmt: skip
            field.on("input", lambda e: self._set(e.args), js_handler="(e) => emit(e.target.value)")
            field.on("keydown.enter", lambda _: self._order(), js_handler="() => emit()")
            text("p", "")
            button("Order", self._order, main=True)
        with box("div", "rs-table", tabindex=0, role="region", aria_label="Your last weeks"), box("table", "rs"):
            with box("thead"), box("tr"):
                for words in BOARD.values():
                    text("th", words, scope="col")
            with box("tbody"):
                for week in reversed(weeks[-SHOWN:]):
                    with box("tr"):
                        for name in BOARD:
                            value = getattr(week, name)
                            text("td", "" if value is None else f"{value:,}")

    def _sit(self, team: int, stage: str) -> None:
        self.attempt(lambda: self.tables.sit(self.who, team, stage))

    def _set(self, given: Any) -> None:
        self.given = str(given)[:24]

    def _order(self) -> None:
        self.attempt(lambda: self.tables.order(self.who, self.given))
