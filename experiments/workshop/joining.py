"""How a phone joins a room: where it comes to, and the form for the code and a name."""

from __future__ import annotations

from collections.abc import Callable

from restock.experiments.workshop.elements import box, button, text
from restock.experiments.workshop.room import LONGEST_NAME, Room


def join_form(code: str, join: Callable[[dict[str, str]], None]) -> None:
    """The form; `join` is called with what was typed."""
    text("h1", "Join the room")
    values = {"code": code[:12], "name": ""}
    for key, words, most in (("code", "Code", 12), ("name", "Your name", LONGEST_NAME)):
        text("label", words, for_=key)
        field = box("input", type="text", id=key, maxlength=most, autocomplete="off", **{"^value": values[key]})
        field.on("input", lambda e, key=key: values.update({key: str(e.args)[:400]}),
                 js_handler="(e) => emit(e.target.value)")  # fmt: skip
    text("p", "")
    button("Join", lambda: join(values), main=True)


def how_to_join(room: Room, join_at: str) -> None:
    """For a projector: where phones come to, and the code."""
    text("div", join_at or "Phones join with restock workshop --lan")
    text("div", room.code, "rs-code", aria_label=f"Code {' '.join(room.code)}")
