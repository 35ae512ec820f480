"""Day by day: a store's day for learners, each phase, quantity and decision in a sentence, forwards and back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from nicegui import context, run, ui

from restock.experiments.chosen import chosen_policies
from restock.experiments.day_by_day.sentences import CellDay, days_of
from restock.experiments.tracing import traced_run
from restock.experiments.workshop import guard
from restock.experiments.workshop.choice import in_words
from restock.experiments.workshop.elements import able, box, button, choose_from, place, say, text
from restock.experiments.workshop.live_page import opened
from restock.experiments.workshop.look import HEAD
from restock.experiments.workshop.what_if import WhatIf
from restock.sim.errors import InputError, require
from restock.sim.model.scenario import Scenario
from restock.sim.results.text import capital_first

MOST_REPLICATION = 9999
MOST_OFFERED = 500  # items, or sites, in a list


def first_site(scenario: Scenario) -> str:
    """The site that a page begins at: the first store that stocks the first item, or what else does.

    >>> from restock.sim.planning.example import one_shop
    >>> first_site(one_shop().scenario)
    'store'
    """
    having = [site for site, stocked in zip(scenario.sites, scenario.stocked[0].tolist(), strict=True) if stocked]
    return min(having or scenario.sites, key=lambda site: site.kind != "store").name


class DayPage:
    """One replication of one item at one site under one policy, as the choice of a link has it."""

    def __init__(self, what_if: WhatIf, query: str, who: str, back: str) -> None:
        self.what_if, self.who, self.back = what_if, who, back
        self.choice, _, why = opened(what_if, query, who)
        scenario = what_if.scenario
        self.items = [item.name for item in scenario.items][:MOST_OFFERED]
        self.sites = [site.name for site in scenario.sites][:MOST_OFFERED]
        self.asked: dict[str, Any] = {"policy": self.choice.policies[0], "item": self.items[0],
                                      "site": first_site(scenario), "replication": 0}  # fmt: skip
        self.days: list[CellDay] = []
        self.at = 0
        self.client = context.client
        self._build()
        self._refuse(why)

    def _build(self) -> None:
        ui.add_head_html(HEAD)
        with box("header", "rs-top"):
            text("h1", f"Day by day: {self.what_if.scenario.name}")
            text("a", "What if", "rs", href=self.back)
        with box("div", "rs-day"):
            self.refusal = text("p", "", "rs-refused rs-hidden", role="alert")
            text("p", f"{in_words(self.what_if.offer, self.choice)}, seed {self.choice.seed}.".capitalize())
            with box("div", "rs-row"):
                for key, options in (("policy", self.choice.policies), ("item", self.items), ("site", self.sites)):
                    named = [(option, option) for option in options]
                    choose_from(key, key.capitalize(), named, partial(self._choose, key), self.asked[key])
                self._number("replication", "Replication", 0, self._choose)
            with box("div", "rs-row"):
                self.before = button("Day before", lambda: self._go(self.at - 1))
                self.after = button("Next day", lambda: self._go(self.at + 1), main=True)
                self._number("day", "Day", 0, self._to)
            self.title = text("h2", "")
            self.spoken = text("p", "", "rs-said", role="status", aria_live="polite")
            self.said = box("dl", "rs-phases", aria_label="What happened")

    def _number(self, key: str, words: str, start: int, act: Any) -> None:
        text("label", words, for_=key)
        field = box("input", "rs-seed", type="number", id=key, step=1, **{"^value": start})
        field.on("change", lambda e: act(key, e.args), js_handler="(e) => emit(String(e.target.value))")

    async def _choose(self, key: str, given: Any) -> None:
        """Another policy, item, site or replication: the run is made anew."""
        before = dict(self.asked)
        try:
            self.asked[key] = self._read(key, given)
            await self.load()
        except InputError as error:
            self.asked = before
            self._refuse(f"{error}")
            guard.refused(error, self.who)

    def _read(self, key: str, given: Any) -> Any:
        if key == "replication":
            allowed = f"replication must be a whole number from 0 to {MOST_REPLICATION}, got '{str(given)[:24]}'"
            good = str(given).isascii() and str(given).isdigit() and len(str(given)) <= 4
            require(good, allowed)
            return int(str(given))
        options = {"policy": self.choice.policies, "item": self.items, "site": self.sites}[key]
        require(given in options, f"there is no {key} '{str(given)[:60]}'")
        return given

    async def load(self) -> None:
        """Run the replication, and show the day that is looked at, or the first that is measured.

        Raises InputError where there is no such cell.
        """
        found = await run.io_bound(self._run)
        if found is None:  # the server is ending
            return
        day = self.days[self.at].day if self.days else 0
        self.days = found
        self._refuse("")
        self._go(self._index(day))

    async def begin(self) -> None:
        """The first that is shown."""
        try:
            await self.load()
        except InputError as error:
            self._refuse(f"{error}")

    def _run(self) -> list[CellDay]:
        """The days of the cell, in another thread."""
        asked, settings = self.asked, self.what_if.settings_of(self.choice)
        settings = replace(settings, item=asked["item"], site=asked["site"], replication=asked["replication"])
        prepared = self.what_if.prepared(self.choice)
        traced, i, n = traced_run(prepared, chosen_policies(settings.policy)[asked["policy"]], settings)
        return days_of(traced, prepared.scenario.items[i].name, prepared.scenario.sites[n].name)

    def _index(self, day: int) -> int:
        return min(max(day - self.days[0].day, 0), len(self.days) - 1)

    def _to(self, key: str, given: Any) -> None:
        try:
            first, last = self.days[0].day, self.days[-1].day
            words = f"days go from {first} to {last}, got '{str(given)[:24]}'"
            require(str(given).lstrip("-").isdigit() and len(str(given)) <= 7 and str(given).isascii(), words)
            require(first <= int(given) <= last, words)
            self._go(self._index(int(given)))
        except InputError as error:
            self._refuse(f"{error}")

    def _go(self, at: int) -> None:
        if not (0 <= at < len(self.days)) or self.client.is_deleted:
            return
        self.at, day = at, self.days[at]
        able(self.before, at > 0)
        able(self.after, at + 1 < len(self.days))
        place({"day": day.day})
        self.title.set_text(f"Day {day.day}, {day.date}")
        self.spoken.set_text(f"Day {day.day}: {' '.join(each for phase in day.phases for each in phase.sentences)}")
        self.said.clear()
        with self.said:
            for phase in day.phases:
                text("dt", phase.name.capitalize())
                for sentence in phase.sentences:
                    text("dd", sentence)

    def _refuse(self, why: str) -> None:
        say(self.refusal, capital_first(why))
