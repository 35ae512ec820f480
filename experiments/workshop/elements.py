"""Parts of pages: plain HTML elements, which keyboards and screen readers know; words go in as text, never as HTML."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

THROTTLE = 0.04  # seconds between moves of a slider that are sent


def text(tag: str, words: str = "", classes: str = "", **attributes: Any) -> TextElement:
    """An element with words in it."""
    element = TextElement(tag=tag, text=words)
    _with(element, classes, attributes)
    return element


def box(tag: str = "div", classes: str = "", **attributes: Any) -> ui.element:
    """An element for others; used as a context."""
    element = ui.element(tag)
    _with(element, classes, attributes)
    return element


def button(words: str, press: Callable[[], Any], main: bool = False, **attributes: Any) -> TextElement:
    """A button."""
    element = text("button", words, "rs main" if main else "rs", type="button", **attributes)
    element.on("click", lambda _: press(), js_handler="() => emit()")
    return element


def able(element: ui.element, yes: bool) -> None:
    """Whether a button can be pressed."""
    before = element._props.get("disabled")
    if before is not (None if yes else True):
        if yes:
            element._props.pop("disabled", None)
        else:
            element._props["disabled"] = True
        element.update()


def shown(element: ui.element, yes: bool) -> None:
    """Whether an element is to be seen."""
    element.classes(remove="rs-hidden") if yes else element.classes(add="rs-hidden")


def say(refusal: TextElement, why: str) -> None:
    """Say why something is not done, where pages say so; '': nothing is refused."""
    refusal.set_text(why)
    shown(refusal, bool(why))


def range_input(
    key: str, scale: tuple[float, float, float, float], unit: str, moved: Callable[[str], Any], name: str
) -> ui.element:
    """A native slider: from low to high in steps, and where it starts; `name` is what a screen reader calls it. `place`
    moves it later: what a finger moves is left alone."""
    low, high, step, start = scale
    own: dict[str, Any] = {"^value": start, "data-unit": unit, "aria-valuetext": f"{start:g}{unit}"}
    element = box("input", type="range", id=key, min=low, max=high, step=step, aria_label=name, **own)
    element.on(
        "input", lambda e: moved(e.args), js_handler="(e) => { restock.say(e.target); emit(e.target.value); }",
        throttle=THROTTLE,
    )  # fmt: skip
    return element


def choose_from(
    key: str, words: str, options: Iterable[tuple[Any, str]], chosen: Callable[[Any], Any], start: Any = None
) -> None:
    """A list with its label: values, and what is read of each. `chosen` is called with what a browser sends."""
    text("label", words, for_=key)
    with box("select", id=key) as select:
        for value, said in options:
            own: dict[str, Any] = {"selected": True} if value == start else {}
            text("option", said, value=value, **own)
    select.on("change", lambda e: chosen(e.args), js_handler="(e) => emit(e.target.value)")


def place(values: Mapping[str, Any]) -> None:
    """Where inputs stand, by their keys."""
    ui.run_javascript(f"restock.place({_literal(values)})")


def address(query: str) -> None:
    """The address that the browser shows, and opens again."""
    ui.run_javascript(f"restock.address({_literal(query)})")


def copy(words: str) -> None:
    """Put words on the browser's clipboard."""
    ui.run_javascript(f"restock.copy({_literal(words)})")


def save(name: str, kind: str, content: str) -> None:
    """Have the browser save a file."""
    ui.run_javascript(f"restock.save({_literal(name)}, {_literal(kind)}, {_literal(content)})")


def page(name: str, content: str) -> None:
    """Have the browser save a page, with the figures as they stand on its own."""
    ui.run_javascript(f"restock.page({_literal(name)}, {_literal(content)})")


def slide(name: str, title: str) -> None:
    """Have the browser save the answer as a picture."""
    ui.run_javascript(f"restock.slide({_literal(name)}, {_literal(title)})")


def _literal(value: Any) -> str:
    """A value as JavaScript writes it; no part of it can end a string or a script."""
    return json.dumps(value).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _with(element: ui.element, classes: str, attributes: Mapping[str, Any]) -> None:
    element._props.update({name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()})
    if classes:
        element.classes(classes)
