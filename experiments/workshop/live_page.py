"""What pages share: they follow a room, say in a line why something is not done, and open with what a link says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from nicegui import context
from nicegui.elements.mixins.text_element import TextElement

from restock.experiments.workshop import guard
from restock.experiments.workshop.choice import Choice
from restock.experiments.workshop.elements import say, shown
from restock.experiments.workshop.joining import join_form
from restock.experiments.workshop.room import Room
from restock.experiments.workshop.what_if import WhatIf
from restock.sim.errors import InputError
from restock.sim.results.text import capital_first

LIMITS = ((0, "no limit"), (30, "30 s"), (60, "60 s"), (120, "2 min"))  # after which a question, or a week, closes
MOVES = (10.0, 20.0)  # of a participant, a second and at once


class Followed(Protocol):
    """What tells its listeners that it has changed."""

    listeners: set[Callable[[], None]]


class LivePage:
    """A page that shows what a room is at, whenever that changes; who writes one gives it `show` and a `refusal`."""

    refusal: TextElement

    def follow(self, *sources: Followed) -> None:
        """Show what these are at, now and after each change, as long as the page is open."""
        self.client = context.client
        for source in sources:
            source.listeners.add(self.refresh)

        def left() -> None:  # without a parameter, in which it would be given the client
            for source in sources:
                source.listeners.discard(self.refresh)

        self.client.on_delete(left)
        self.show()

    def show(self) -> None:
        """What there is to see and to do."""
        raise TypeError(f"{type(self).__name__} does not say what it shows")

    def refresh(self) -> None:
        """What the page follows has changed."""
        if not self.client.is_deleted:
            with self.client:
                self.show()

    def attempt(self, act: Callable[[], Any]) -> None:
        """Do it, or say why it is not done."""
        try:
            act()
            say(self.refusal, "")
        except InputError as error:
            say(self.refusal, f"{error}")


class ParticipantPage(LivePage):
    """A participant's: joins the room, does so much at once, and what is refused is logged."""

    def __init__(self, room: Room, who: str, address: str, tries: guard.Buckets) -> None:
        self.room, self.who, self.address, self.tries = room, who, address, tries
        self.moves = guard.Bucket(*MOVES)

    def attempt(self, act: Callable[[], Any]) -> None:
        """Do it, or say why it is not done; then what there is now."""
        why = ""
        try:
            if not self.moves.takes():
                raise InputError("too many at once")
            act()
        except InputError as error:
            why = f"{error}"
            guard.refused(error, self.address)
        say(self.refusal, f"{capital_first(why)}." if why else "")
        self.show()

    def ask_to_join(self, code: str) -> None:
        """The form with which a participant comes in."""
        join_form(code, lambda values: self.attempt(lambda: self._join(values)))

    def _join(self, values: dict[str, str]) -> None:
        if not self.tries.takes(self.address):
            raise InputError("too many tries; wait a minute")
        self.room.join(self.who, values["code"], values["name"])

    def comes_in(self, joining: Any, inside: Any) -> bool:
        """Whether the participant is in the room; of the two parts of the page the right one is to be seen."""
        joined = self.who in self.room.names
        shown(joining, not joined)
        shown(inside, joined)
        return joined


def opened(what_if: WhatIf, query: str, who: str) -> tuple[Choice, Choice | None, str]:
    """What a link chooses and pins; where it cannot be read what the scenario has, and why."""
    try:
        return (*what_if.offer.read(query), "")
    except InputError as error:
        guard.refused(error, who)
        return what_if.offer.start, None, f"This link was not opened: {error}."
