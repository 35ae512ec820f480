"""The moderator's screen, for a projector: the code, a question, live dots, and the reveal."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import partial
from typing import Any

from nicegui import run, ui

from restock.experiments.html_parts import png_source
from restock.experiments.workshop.charts import TEXT
from restock.experiments.workshop.choice import in_words
from restock.experiments.workshop.elements import able, box, button, choose_from, save, say, shown, text
from restock.experiments.workshop.joining import how_to_join
from restock.experiments.workshop.lessons import asked_by, lessons, reason_of, truth_by
from restock.experiments.workshop.live_page import LIMITS, LivePage, opened
from restock.experiments.workshop.look import HEAD
from restock.experiments.workshop.questions import MEASURES, asked_of, question_of, truth_of
from restock.experiments.workshop.room import CLOSED, OPEN, WAITING, Asked, Room, Truth
from restock.experiments.workshop.what_if import WhatIf
from restock.sim.errors import InputError

RIGHT, HIGH = "#00573f", 72  # colour of the right choice; pixels of a bar with its room
BINS = 40  # columns in which dots are stacked


class ModeratorPage(LivePage):
    """What a moderator sees and does; the page is opened with the key of the room only."""

    def __init__(self, what_if: WhatIf, room: Room, query: str, who: str, join_at: str) -> None:
        self.what_if, self.room, self.who, self.join_at = what_if, room, who, join_at
        self.choice, _, why = opened(what_if, query, who)
        self.policy, self.measure, self.lesson = self.choice.policies[0], next(iter(MEASURES)), ""
        self._build()
        say(self.refusal, why)
        self.follow(room)

    def _build(self) -> None:
        ui.add_head_html(HEAD)
        with box("div", "rs-stage"):
            with box("div", "rs-join"):
                if self.join_at:
                    text("img", src=_qr(f"{self.join_at}?code={self.room.code}"), alt="QR code of the address")
                with box("div"):
                    how_to_join(self.room, self.join_at)
                    self.count = text("div", "", role="status", aria_live="polite")
            self.refusal = text("p", "", "rs-refused rs-hidden", role="alert")
            self.question = text("h1", "")
            self.form = box("div", "rs-box")
            with self.form:
                self._form()
            with box("div", "rs-row"):
                self.open = button("Ask", self._open, main=True)
                self.close = button("Close answers", lambda: self.attempt(self.room.close))
                self.reveal = button("Reveal", self._reveal, main=True)
                self.next = button("Next question", lambda: self.attempt(self.room.next))
                button("Blank screen", lambda: shown(self.blank, True))
                button("Answers as CSV", lambda: save("answers.csv", "text/csv", self.room.csv()))
                text("a", "What if", "rs", href=f"/?key={self.room.key}&{self.what_if.offer.link(self.choice)}")
            self.truth = text("p", "", "rs-truth", role="status", aria_live="polite")
            self.dots = ui.echart(dots(Asked("", 0, 100, 1), [], None)).classes("rs-chart")
            self.dots.props('role=img aria-label="Answers of the room"')
            self.why = text("p", "")
            self.blank = button("Show the screen again", lambda: shown(self.blank, False))
            self.blank.classes(add="rs-blank rs-hidden")

    def _form(self) -> None:
        text("p", f"About: {in_words(self.what_if.offer, self.choice)}. To choose it: What if, then Ask the room.")
        with box("div", "rs-row"):
            policies = [(label, label) for label in self.choice.policies]
            measures = [(name, name.replace("_", " ")) for name in MEASURES]
            choose_from("policy", "Policy", policies, partial(self._set, "policy"))
            choose_from("measure", "Measure", measures, partial(self._set, "measure"))
            choose_from("lesson", "Or a lesson", [("", "none"), *lessons().items()], partial(self._set, "lesson"))
            self.seconds = 0
            choose_from("seconds", "Closes after", LIMITS, self._set_seconds)

    def _set(self, key: str, given: Any) -> None:
        value = str(given)[:60]
        if key == "policy" and value in self.choice.policies:
            self.policy = value
        elif key == "measure" and value in MEASURES:
            self.measure = value
        elif key == "lesson" and value in ("", *lessons()):
            self.lesson = value
        self.show()

    def _set_seconds(self, given: Any) -> None:
        self.seconds = next((seconds for seconds, _ in LIMITS if str(seconds) == str(given)), 0)

    async def _open(self) -> None:
        try:
            if self.lesson:
                asked = asked_by(self.lesson)
                self.attempt(lambda: self.room.open(asked, self.lesson))
                self._limit(asked)
                return
            now = await run.io_bound(self.what_if.whole, self.what_if.offer.start)
            if now is None:  # the server is ending
                return
            of = now.outcomes.get(self.policy) or next(iter(now.outcomes.values()))
            asked = asked_of(self.what_if.offer, self.choice, self.policy, self.measure, of.value(self.measure)[0])
            about = (self.choice, self.policy, self.measure)
            self.attempt(lambda: self.room.open(asked, about))
            self._limit(asked)
        except InputError as error:
            say(self.refusal, f"{error}")

    def _limit(self, asked: Asked) -> None:
        """Answers close by themselves, where that was chosen."""
        if self.seconds and self.room.phase == OPEN:
            ui.timer(self.seconds, lambda: self._time_is_up(asked), once=True)

    def _time_is_up(self, asked: Asked) -> None:
        now = self.room.round
        if now is not None and now.asked is asked and self.room.phase == OPEN:
            self.attempt(self.room.close)

    async def _reveal(self) -> None:
        now = self.room.round
        if now is None:
            return
        self.truth.set_text("Simulating ...")
        try:
            if isinstance(now.about, str):
                truth = await run.io_bound(truth_by, now.about)
                if truth is not None:
                    self.attempt(lambda: self.room.reveal(truth))
                return
            choice, policy, measure = now.about
            found = await run.io_bound(self.what_if.whole, choice)
            if found is not None:
                self.attempt(lambda: self.room.reveal(truth_of(found.outcomes[policy], measure)))
        except InputError as error:
            say(self.refusal, f"{error}")

    def show(self) -> None:
        """What the room is at."""
        now, phase = self.room.round, self.room.phase
        self.count.set_text(self.room.summary())
        shown(self.form, phase == WAITING)
        coming = question_of(self.what_if.offer, self.choice, self.policy, self.measure)
        coming = lessons()[self.lesson] if self.lesson else coming
        self.question.set_text(coming if now is None else now.asked.text)
        able(self.open, phase == WAITING)
        able(self.close, phase == OPEN)
        able(self.reveal, phase in (OPEN, CLOSED))
        able(self.next, phase != WAITING)
        truth = None if now is None else now.truth
        why = f" {reason_of(now.about)}" if truth and now is not None and isinstance(now.about, str) else ""
        self.truth.set_text(f"The simulation says {truth.words}." if truth else "")
        self.why.set_text(why)
        shown(self.dots, now is not None)
        if now is not None:
            self.dots.options.clear()
            choices = now.asked.choices
            self.dots.style(replace=f"height: {HIGH * len(choices)}px" if choices else "")
            if choices:
                self.dots.options.update(bars(choices, self.room.counts(), truth))
            else:
                self.dots.options.update(dots(now.asked, self.room.values(), truth))
            self.dots._props["aria-label"] = _said(now.asked, self.room)
            self.dots.update()


def dots(asked: Asked, values: list[float], truth: Any) -> dict[str, Any]:
    """Answers as stacked dots along the scale, and a line where the simulation stands."""
    width, stacked = (asked.high - asked.low) / BINS, dict[int, int]()
    points = []
    for value in sorted(values):
        column = min(BINS - 1, int((value - asked.low) / width))
        stacked[column] = stacked.get(column, 0) + 1
        points.append([round(asked.low + (column + 0.5) * width, 6), stacked[column]])
    series: dict[str, Any] = {"type": "scatter", "data": points, "symbolSize": 22, "itemStyle": {"color": "#00558c"}}
    if truth is not None:
        series["markLine"] = {
            "symbol": "none", "silent": True, "animation": False,
            "lineStyle": {"color": "#9c1c00", "width": 4, "type": "solid"},
            "label": {"show": False},
            "data": [{"xAxis": round(truth.estimate, 6)}],
        }  # fmt: skip
    return {
        "animation": False,
        "grid": {"left": 20, "right": 50, "top": 16, "bottom": 10, "containLabel": True},
        "xAxis": {"type": "value", "min": asked.low, "max": asked.high,
                  "axisLabel": {"fontSize": 20, "color": TEXT}, "name": asked.unit, "nameTextStyle": {"fontSize": 20}},
        "yAxis": {"type": "value", "min": 0, "max": max(8, *stacked.values(), 0) + 1, "show": False},
        "series": [series],
    }  # fmt: skip


def bars(choices: Sequence[str], counts: Sequence[int], truth: Truth | None) -> dict[str, Any]:
    """How many chose each answer; the right one has another colour, and a word that says so."""
    right = 0 if truth is None or truth.estimate != truth.estimate else int(truth.estimate)
    data = [
        {
            "value": count, "itemStyle": {"color": RIGHT if number == right else "#00558c"},
            "label": {"formatter": f"{count}   as the simulation says" if number == right else f"{count}"},
        }
        for number, count in enumerate(counts, start=1)
    ]  # fmt: skip
    return {
        "animation": False,
        "grid": {"left": 20, "right": 320, "top": 10, "bottom": 10, "containLabel": True},
        "xAxis": {"type": "value", "min": 0, "max": max(4, *counts), "show": False},
        "yAxis": {"type": "category", "data": list(choices), "inverse": True, "axisTick": {"show": False},
                  "axisLabel": {"fontSize": 20, "color": TEXT, "width": 420, "overflow": "break"}},
        "series": [{"type": "bar", "data": data, "barMaxWidth": 56,
                    "label": {"show": True, "position": "right", "fontSize": 22, "color": TEXT}}],
    }  # fmt: skip


def _said(asked: Asked, room: Room) -> str:
    """The chart in words."""
    if not asked.choices:
        return f"Answers of the room: {', '.join(f'{value:g}{asked.unit}' for value in sorted(room.values()))}"
    return "Answers of the room: " + ", ".join(
        f"{words}: {count}" for words, count in zip(asked.choices, room.counts(), strict=True)
    )


def _qr(address: str) -> str:
    """A QR code as an image within the page."""
    import segno

    out = io.BytesIO()
    segno.make(address, micro=False).save(out, kind="png", scale=6, border=2)
    return png_source(out.getvalue())
