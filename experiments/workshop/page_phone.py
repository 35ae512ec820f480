"""A participant's phone: one question, one control, one button."""

from __future__ import annotations

from typing import Any

from nicegui import context, ui

from restock.experiments.workshop import guard
from restock.experiments.workshop.elements import box, button, place, range_input, shown, text
from restock.experiments.workshop.look import HEAD
from restock.experiments.workshop.room import LONGEST_NAME, OPEN, REVEALED, Room
from restock.sim.errors import InputError

MOVES = (10.0, 20.0)  # a second, and at once


class PhonePage:
    """Joins the room, answers what is open, sees what was revealed; it is sent nothing else."""

    def __init__(self, room: Room, who: str, address: str, tries: guard.Buckets, code: str = "") -> None:
        self.room, self.who, self.address, self.tries = room, who, address, tries
        self.moves = guard.Bucket(*MOVES)
        self.seen: Any = None  # the round that the page shows
        ui.add_head_html(HEAD)
        with box("div", "rs-phone"):
            self.refusal = text("p", "", "rs-refused rs-hidden", role="alert")
            self.joining, self.asking = box("div"), box("div")
            with self.joining:
                self._join_form(code)
            with self.asking:
                self.question = text("h1", "")
                self.control = box("div")
                self.said = text("p", "", role="status", aria_live="polite")
        self.client = context.client
        room.listeners.add(self.refresh)
        self.client.on_delete(lambda: room.listeners.discard(self.refresh))
        self.show()

    def _join_form(self, code: str) -> None:
        text("h1", "Join the room")
        values = {"code": code[:12], "name": ""}
        for key, words, most in (("code", "Code", 12), ("name", "Your name", LONGEST_NAME)):
            text("label", words, for_=key)
            field = box("input", type="text", id=key, maxlength=most, autocomplete="off", **{"^value": values[key]})
            field.on("input", lambda e, key=key: values.update({key: str(e.args)[:400]}),
                     js_handler="(e) => emit(e.target.value)")  # fmt: skip
        text("p", "")
        button("Join", lambda: self._join(values), main=True)

    def _join(self, values: dict[str, str]) -> None:
        def join() -> None:
            if not self.tries.takes(self.address):
                raise InputError("too many tries; wait a minute")
            self.room.join(self.who, values["code"], values["name"])

        self._try(join)
        self.show()

    def _answer(self, given: Any) -> None:
        self._try(lambda: self.room.answer(self.who, given))
        self.show()

    def _try(self, act: Any) -> None:
        why = ""
        try:
            if not self.moves.takes():
                raise InputError("too many at once")
            act()
        except InputError as error:
            why = f"{error}"
            guard.refused(error, self.address)
        self.refusal.set_text(f"{why[:1].upper()}{why[1:]}." if why else "")
        shown(self.refusal, bool(why))

    def refresh(self) -> None:
        """The room has changed."""
        if not self.client.is_deleted:
            with self.client:
                self.show()

    def show(self) -> None:
        """What the room is at."""
        joined, now = self.who in self.room.names, self.room.round
        shown(self.joining, not joined)
        shown(self.asking, joined)
        if not joined:
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
        words = "" if now is None else "No answer yet." if mine is None else f"Your answer: {mine:g}{now.asked.unit}"
        if now is not None and self.room.phase == REVEALED and now.truth is not None:
            words += f" The simulation says {now.truth.words}."
        elif now is not None and self.room.phase != OPEN:
            words += " Answers are closed."
        if self.said.text != words:
            self.said.set_text(words)

    def _control(self) -> None:
        now = self.room.round
        assert now is not None
        asked = now.asked
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
