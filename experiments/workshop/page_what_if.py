"""The what-if page: sliders, the answer in cards and figures, and what was pinned beside it."""

from __future__ import annotations

import time
from functools import partial
from typing import Any, NamedTuple

from nicegui import background_tasks, context, run, ui

from restock.experiments.workshop import charts, guard, words
from restock.experiments.workshop.answer_parts import draw_beside, draw_cards
from restock.experiments.workshop.choice import Choice, in_words
from restock.experiments.workshop.elements import (
    able,
    address,
    box,
    button,
    copy,
    page,
    place,
    range_input,
    say,
    shown,
    slide,
    text,
)
from restock.experiments.workshop.hand_out import hand_out
from restock.experiments.workshop.history import History
from restock.experiments.workshop.live_page import opened
from restock.experiments.workshop.look import HEAD
from restock.experiments.workshop.sliders import Slider
from restock.experiments.workshop.what_if import Point, WhatIf
from restock.sim.errors import InputError
from restock.sim.results.text import capital_first
from restock.sim.study.compare import Comparison
from restock.sim.study.lab.latest import Latest

MOVES = (30.0, 60.0)  # a second, and at once
SELDOM = 0.5  # seconds between drawings of curves that come one by one
SHARE = 100  # sliders of shares stand in %


class Shown(NamedTuple):
    """An answer as it stands on the page, and what is pinned beside it."""

    choice: Choice
    comparison: Comparison
    pinned: Choice | None
    before: Comparison | None


class WhatIfPage:
    """One browser's page. `room_link` leads a moderator from here to a question; '' for others."""

    def __init__(self, what_if: WhatIf, query: str, who: str, room_link: str = "", key: str = "") -> None:
        self.what_if, self.offer, self.who, self.key = what_if, what_if.offer, who, key
        self.room_link = room_link
        self.latest, self.moves = Latest(), guard.Bucket(*MOVES)
        choice, self.pinned, refusal = opened(what_if, query, who)
        self.history = History(choice)
        self.curves: dict[str, list[Point]] = {}
        self.outputs: dict[str, Any] = {}
        self.groups: dict[str, ui.element] = {}
        self.comparison: Comparison | None = None
        self.whole: Shown | None = None  # what stands on the page, once it has all replications
        self.titles: list[tuple[str, str]] = []  # of the figures, and what stands below them
        context.client.on_delete(lambda: self.latest.ask())  # nobody waits for it any more
        self._build()
        self._refuse(refusal)
        self._stand(move_inputs=False)

    @property
    def choice(self) -> Choice:
        return self.history.choice

    # what is on the page

    def _build(self) -> None:
        ui.add_head_html(HEAD)
        text("a", "To the answer", "rs-skip", href="#answer")
        with box("header", "rs-top"):
            text("h1", f"What if: {self.what_if.scenario.name}")
            self.undo = button("Undo", lambda: self._go(self.history.undo))
            self.redo = button("Redo", lambda: self._go(self.history.redo))
            button("Reset", lambda: self._choose(self.offer.start, "reset"))
            self.pin = button("Pin as A", self._pin)
            self.unpin = button("Unpin", self._unpin)
            text("label", "Seed", for_="seed")
            seed = box("input", "rs-seed", type="number", id="seed", min=0, step=1, **{"^value": self.choice.seed})
            seed.on("change", lambda e: self._try("seed", lambda: self.offer.with_seed(self.choice, e.args)),
                    js_handler="(e) => emit(String(e.target.value))")  # fmt: skip
            button("Copy link", self._copy_link)
            button("Save slide", self._slide)
            button("Save page", self._save_page)
            self.by_day = text("a", "Day by day", "rs", href="/day")
            if self.room_link:
                self.ask = text("a", "Ask the room", "rs", href=self.room_link)
        self.strip = box("div", "rs-strip", aria_hidden="true")  # of the cards, on a phone, wherever it is scrolled to
        with box("div", "rs-page"):
            with box("section", "rs-answer", id="answer", tabindex="-1", aria_label="Answer"):
                self.refusal = text("p", "", "rs-refused rs-hidden", role="alert")
                self.status = text("p", "", "rs-status")
                self.said = text("p", "", "rs-said", role="status", aria_live="polite")
                self.cards = box("div", "rs-cards")
                self.beside = box("div", "rs-box rs-hidden")
            with box("section", "rs-settings", aria_label="Settings"):
                self._settings()
            with box("section", "rs-figures", aria_label="Figures"):
                labels = self.choice.policies
                self.frontier = self._chart(
                    "Not served at once, against stock", charts.frontier(labels, None, {}),
                    "Lines: each policy along a setting of its own, 16 replications a point. Hollow marks: A.",
                )  # fmt: skip
                self.distortion = self._chart("Distortion cost", charts.distortion(labels, None))
                self.stock = self._chart("Stock by week", charts.weekly_stock(labels, None, 0),
                                         "All sites together, mean of 8 replications at most.")  # fmt: skip
                with box("div", "rs-box"):
                    text("h2", "The same thing as a command")
                    self.command = text("code", "", "rs")
                    with box("div", "rs-row"):
                        button("Copy command", lambda: copy(self.command.text))
                    text("p", "It prints the same figures, and writes tables and figures of them.", "rs-small")

    def _chart(self, title: str, options: charts.Options, below: str = "") -> Any:
        self.titles.append((title, below))
        with box("figure", "rs-box", style="margin:0"):
            text("h2", title)
            chart = ui.echart(options).classes("rs-chart")
            chart.props(f'role=img aria-label="{title}"')
            if below:
                text("figcaption", below, "rs-small")
        return chart

    def _settings(self) -> None:
        seen = charts.seen_as(list(self.offer.policies))
        with box("fieldset", "rs-box"):
            text("legend", "Policies")
            for label, about in self.offer.policies.items():
                with box("label", "rs-pick", title=about):
                    tick = box("input", type="checkbox", id=f"policy-{label}", checked=label in self.choice.policies)
                    tick.on("change", lambda e, label=label: self._pick(label, bool(e.args)),
                            js_handler="(e) => emit(e.target.checked)")  # fmt: skip
                    box("span", "rs-mark", style=f"background:{seen[label][0]}", aria_hidden="true")
                    text("span", label)
        grouped: dict[str, list[Slider]] = {}
        for slider in self.offer.sliders.values():
            grouped.setdefault(slider.group, []).append(slider)
        of_policies = [group for group in grouped if group in self.offer.policies]
        for k, group in enumerate([*of_policies, *(g for g in grouped if g not in of_policies)]):
            with box("details", "rs-box", open=group in of_policies or k == len(of_policies)) as details:
                text("summary", group)
                for slider in grouped[group]:
                    self._slider(slider)
            self.groups[group] = details

    def _slider(self, slider: Slider) -> None:
        key, by = f"s-{slider.setting}", _factor(slider)
        value = self.choice.values.get(slider.setting, slider.start)
        with box("div", "rs-slide"):
            with box("div"):
                text("label", slider.name, for_=key)
                self.outputs[slider.setting] = text("output", slider.shown(value), for_=key)
            low, high, step, start = (_rounded(each * by) for each in (slider.low, slider.high, slider.step, value))
            of = f"{slider.group}: " if slider.setting.startswith("policy.") else ""
            range_input(key, (low, high, step, start), _spoken(slider), partial(self._move, slider), of + slider.name)

    # what its reader does

    def _move(self, slider: Slider, given: Any) -> None:
        def moved() -> Choice:
            value = slider.read(str(given)) if _factor(slider) == 1 else _rounded(float(given) / SHARE)
            return self.offer.moved(self.choice, slider.setting, value)

        first = slider.group if slider.setting.startswith("policy.") else None
        self._try(slider.setting, moved, first)

    def _pick(self, label: str, yes: bool) -> None:
        labels = [each for each in self.choice.policies if each != label] + ([label] if yes else [])
        self._try("policies", lambda: self.offer.with_policies(self.choice, labels))

    def _try(self, what: str, make: Any, first: str | None = None) -> None:
        """Make a choice of what a browser sent, or say in one line why not."""
        if not self.moves.takes():
            guard.refused(f"more than {MOVES[0]:g} moves a second", self.who)
            return
        try:
            choice = make()
        except (InputError, ValueError, TypeError) as error:
            guard.refused(error, self.who)
            self._refuse(f"{error}")
            self._stand()
            return
        self._choose(choice, what, first, move_inputs=False)  # they stand there already, or further by now

    def _choose(self, choice: Choice, what: str, first: str | None = None, move_inputs: bool = True) -> None:
        self.history.move(choice, what, time.monotonic())
        self._refuse("")
        self._stand(move_inputs)
        self.answer(first)

    def _go(self, where: Any) -> None:
        where()
        self._refuse("")
        self._stand()
        self.answer()

    def _pin(self) -> None:
        self.pinned = self.choice
        self._stand(move_inputs=False)
        self.answer()

    def _unpin(self) -> None:
        self.pinned = None
        self._stand(move_inputs=False)
        self.answer()

    def _copy_link(self) -> None:
        ui.run_javascript("restock.copy(location.origin + location.pathname + location.search)")
        self.said.set_text("Link copied.")

    def _slide(self) -> None:
        """The cards and figures as a picture for a slide, made where they are."""
        slide(f"{self.what_if.scenario.name}.png", f"{self.what_if.scenario.name}: {self.status.text}")

    async def _save_page(self) -> None:
        """The answer as a page of its own, once it is whole."""
        now = self.whole
        if now is None:
            self._refuse("The page can be saved once its figures are those of all replications.")
            return
        made = await run.io_bound(
            hand_out, self.what_if, now.choice, now.comparison, self.titles, now.pinned, now.before
        )
        if made is not None and now is self.whole:
            page(f"{self.what_if.scenario.name}.html", made)

    # what the page then shows

    def _refuse(self, why: str) -> None:
        say(self.refusal, why)

    def _stand(self, move_inputs: bool = True) -> None:
        """Everything that follows from the choice alone."""
        choice = self.choice
        for setting, output in self.outputs.items():
            slider = self.offer.sliders[setting]
            output.set_text(slider.shown(choice.values.get(setting, slider.start)))
        for group, details in self.groups.items():
            shown(details, group not in self.offer.policies or group in choice.policies)
        able(self.undo, self.history.can_undo)
        able(self.redo, self.history.can_redo)
        able(self.unpin, self.pinned is not None)
        self.command.set_text(self.what_if.command(choice))
        query = self.offer.link(choice, self.pinned)
        key = f"key={self.key}&" if self.key else ""
        address(f"?{key}{query}")
        self.by_day._props["href"] = f"/day?{key}{self.offer.link(choice)}"
        self.by_day.update()
        if self.room_link:
            self.ask._props["href"] = f"{self.room_link}&{self.offer.link(choice)}"
            self.ask.update()
        if move_inputs:
            at = {f"s-{name}": _rounded(choice.values.get(name, slider.start) * _factor(slider))
                  for name, slider in self.offer.sliders.items()}  # fmt: skip
            at |= {f"policy-{label}": label in choice.policies for label in self.offer.policies}
            place(at | {"seed": choice.seed})

    def answer(self, first: str | None = None) -> None:
        """Ask the lab for the choice; what was asked before is void, and what it gave is greyed."""
        void, self.whole = self.latest.ask(), None
        self.curves = {label: points for label, points in self.curves.items() if first and label != first}
        for element in (self.strip, self.cards, self.beside, self.frontier, self.distortion, self.stock):
            element.classes(add="rs-stale")
        self.status.set_text("Simulating ...")
        background_tasks.create(self._answered(self.choice, self.pinned, void, first), name="what if")

    async def _answered(self, choice: Choice, pinned: Choice | None, void: Any, first: str | None) -> None:
        try:
            before = None if pinned is None else await run.io_bound(self.what_if.whole, pinned)
            answers = self.what_if.answers(choice, void, first)
            while (answer := await run.io_bound(next, answers, None)) is not None and not void():
                self._show(choice, answer.comparison, before, answer.whole)
            if void():
                return
            drawn, kept = time.monotonic(), dict(self.curves)
            curves = self.what_if.curves(choice, void)
            while (curve := await run.io_bound(next, curves, None)) is not None and not void():
                self.curves[curve[0]] = curve[1]
                if time.monotonic() - drawn > SELDOM:
                    self._draw_frontier(choice, before)
                    drawn = time.monotonic()
            if not void() and self.curves != kept:
                self._draw_frontier(choice, before)
        except InputError as error:
            if not void():
                self._refuse(f"{error}")
                self.status.set_text("Not simulated; the figures below are those of before.")

    def _show(self, choice: Choice, comparison: Comparison, before: Comparison | None, whole: bool) -> None:
        self.comparison = comparison
        labels, scenario = choice.policies, self.what_if.scenario
        self._draw_frontier(choice, before)
        self._draw(self.distortion, charts.distortion(labels, comparison))
        if all(outcome.series is not None for outcome in comparison.outcomes.values()):  # the first answer has no days
            self._draw(self.stock, charts.weekly_stock(labels, comparison, scenario.warm_up))
        draw_cards(self.strip, self.cards, words.cards(comparison, self.what_if.replications))
        shown(self.beside, before is not None)
        if before is not None and self.pinned is not None:
            about = f"{in_words(self.offer, self.pinned)}, seed {self.pinned.seed}"
            draw_beside(self.beside, words.differences(before, comparison), about, self.pinned.seed == choice.seed)
        for element in (self.strip, self.cards, self.beside):
            element.classes(remove="rs-stale")
        if whole:
            self.whole = Shown(choice, comparison, self.pinned if before is not None else None, before)
        moved = in_words(self.offer, choice)
        self.status.set_text(f"{capital_first(moved)}, seed {choice.seed}.")
        if whole:
            self.said.set_text(f"{moved}: {words.sentence(comparison)}")

    def _draw_frontier(self, choice: Choice, before: Comparison | None) -> None:
        self._draw(self.frontier, charts.frontier(choice.policies, self.comparison, self.curves, before))

    def _draw(self, chart: Any, options: charts.Options) -> None:
        chart.options.clear()
        chart.options.update(options)
        chart.classes(remove="rs-stale")
        chart.update()


def _factor(slider: Slider) -> int:
    return SHARE if slider.unit == "%" else 1


def _rounded(value: float) -> float:
    return float(f"{value:.9g}")


def _spoken(slider: Slider) -> str:
    return {"%": " %", "x": " times"}.get(slider.unit, f" {slider.unit}" if slider.unit else "")
