"""The form with which a phone joins a room: the code, and a name."""

from __future__ import annotations

from collections.abc import Callable

from restock.experiments.workshop.elements import box, button, text
from restock.experiments.workshop.room import LONGEST_NAME


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
