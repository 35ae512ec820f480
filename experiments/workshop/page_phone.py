"""A participant's phone: one question, one control, one button."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from restock.experiments.workshop import guard
from restock.experiments.workshop.elements import box, place, range_input, text
from restock.experiments.workshop.live_page import ParticipantPage
from restock.experiments.workshop.look import HEAD
from restock.experiments.workshop.room import OPEN, REVEALED, Room
from restock.sim.errors import require


class PhonePage(ParticipantPage):
    """Joins the room, answers what is open, sees what was revealed; it is sent nothing else."""

    def __init__(self, room: Room, who: str, address: str, tries: guard.Buckets, code: str = "") -> None:
        super().__init__(room, who, address, tries)
        self.seen: Any = None  # the round that the page shows
        ui.add_head_html(HEAD)
        with box("div", "rs-phone"):
            self.refusal = text("p", "", "rs-refused rs-hidden", role="alert")
            self.joining, self.asking = box("div"), box("div")
            with self.joining:
                self.ask_to_join(code)
            with self.asking:
                self.question = text("h1", "")
                self.control = box("div")
                self.said = text("p", "", role="status", aria_live="polite")
        self.follow(room)

    def _answer(self, given: Any) -> None:
        self.attempt(lambda: self.room.answer(self.who, given))

    def show(self) -> None:
        """What the room is at."""
        now = self.room.round
        if not self.comes_in(self.joining, self.asking):
            return
        state = (id(now), self.room.phase)
        if state != self.seen:
            self.seen = state
            self.control.clear()
            if now is None:
                self.question.set_text("The next question comes here")
            else:
                self.question.set_text(now.asked.text)
                if self.room.phase == OPEN:
                    with self.control:
                        self._control()
        mine = None if now is None else now.answers.get(self.who)
        words = "" if now is None else "No answer yet." if mine is None else f"Your answer: {now.asked.words(mine)}"
        if now is not None and self.room.phase == REVEALED and now.truth is not None:
            words = words if mine is None or not now.asked.choices else f"{words}."
            words += f" The simulation says {now.truth.words}."
        elif now is not None and self.room.phase != OPEN:
            words += " Answers are closed."
        if self.said.text != words:
            self.said.set_text(words)

    def _control(self) -> None:
        now = self.room.round
        assert now is not None
        asked = now.asked
        if asked.choices:
            self._choices(asked.choices, now.answers.get(self.who))
            return
        start = now.answers.get(self.who, asked.low + round((asked.high - asked.low) / 2 / asked.step) * asked.step)
        text("label", "Your prediction", for_="answer")
        shown_value = text("output", f"{start:g}{asked.unit}", "big", style="display:block", for_="answer")

        def moved(given: Any) -> None:
            shown_value.set_text(f"{str(given)[:12]}{asked.unit}")

        range_input("answer", (asked.low, asked.high, asked.step, start), asked.unit, moved, "Your prediction")
        place({"answer": start})
        send = text("button", "Send", "rs main", type="button")
        send.on("click", lambda e: self._answer(e.args),  # as the slider stands there, not as it was last heard of
                js_handler="() => emit(document.getElementById('answer').value)")  # fmt: skip

    def _choices(self, choices: Sequence[str], mine: float | None) -> None:
        """One of several, which arrow keys go through."""
        with box("fieldset", "rs-choices"):
            text("legend", "Your answer")
            for number, words in enumerate(choices, start=1):
                with box("label", "rs-choice"):
                    box("input", type="radio", name="answer", value=number, checked=number == mine)
                    text("span", words)
        send = text("button", "Send", "rs main", type="button")
        send.on("click", lambda e: self._choose(e.args), js_handler="() => emit(restock.chosen('answer'))")

    def _choose(self, given: Any) -> None:
        def chosen() -> None:
            require(given != "", "choose one of the answers first")
            self.room.answer(self.who, given)

        self.attempt(chosen)
