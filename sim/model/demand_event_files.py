"""Events as they are written in configuration and in tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, fields, replace
from typing import Any

from restock.sim.checks import check_keys
from restock.sim.errors import InputError, require, unknown
from restock.sim.model.demand_events import Event, LevelShift, Promotion, Trend, VolatilitySpike
from restock.sim.model.supply.supply_events import ClosedLane, Holiday, Outage

KINDS: dict[str, type[Event]] = {
    kind.kind: kind for kind in (Promotion, Trend, LevelShift, VolatilitySpike, Outage, Holiday, ClosedLane)
}


def event_from(written: Any, where: str) -> Event:
    """An event from its written form; `where` goes into messages.

    >>> event_from({"kind": "level_shift", "start": 91, "factor": 1.5}, "in events").factor
    1.5
    """
    if isinstance(written, Event):
        return written
    if not hasattr(written, "keys") or "kind" not in written:
        raise InputError(f"an event {where} is written as a mapping with a 'kind' key, got {written!r}")
    settings = {str(key): value for key, value in written.items()}
    name = settings.pop("kind")
    if name not in KINDS:
        raise unknown("kind of event", name, KINDS, where)
    kind = KINDS[name]
    check_keys(settings, [f.name for f in fields(kind)], f"of {name} {where}")
    needed = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
    missing = [key for key in ([*needed] if kind is Trend else ["start", *needed]) if key not in settings]
    require(not missing, f"{name} {where} needs {', '.join(missing)}")
    try:
        return kind(**settings)
    except InputError as error:
        raise InputError(f"{error}, {where}") from None


def events_from(written: Any) -> tuple[Event, ...]:
    """Events from a list of written forms.

    >>> [event.kind for event in events_from([{"kind": "promotion", "start": 28, "days": 7, "uplift": 3}])]
    ['promotion']
    """
    example = "[{kind: promotion, start: 28, days: 7, uplift: 3}]"
    require(isinstance(written, (list, tuple)), f"events must be a list such as {example}, got {written!r}")
    return tuple(event_from(each, f"in entry {k} of events") for k, each in enumerate(written, start=1))


def to_mapping(event: Event) -> dict[str, Any]:
    """The written form of an event, defaults left out; `event_from` reads it back.

    >>> to_mapping(LevelShift(start=91, factor=1.5))
    {'kind': 'level_shift', 'start': 91, 'factor': 1.5}
    """
    out: dict[str, Any] = {"kind": event.kind, "start": event.start}
    for each in fields(event):
        value = getattr(event, each.name)
        default = each.default_factory() if each.default_factory is not MISSING else each.default
        if each.name != "start" and value != default:
            out[each.name] = list(value) if isinstance(value, tuple) else value
    return out


def of_item(events: Iterable[Event], item: Any) -> tuple[Event, ...]:
    """The events that change one item's demand, as they read in a scenario of that item alone.

    >>> from restock.sim.model.network import Item
    >>> promotion = Promotion(start=0, days=7, uplift=3.0, items="cola", cannibalises={"drinks": 0.9})
    >>> [event.uplift for event in of_item([promotion], Item("lemonade", category="drinks"))]
    [0.9]
    """
    out: list[Event] = []
    for event in events:
        if isinstance(event, Promotion) and not event.touches(item):
            factor = event.taken_from(item)
            out += [] if factor is None else [event.beside(factor)]
        elif isinstance(event, Promotion):
            out.append(replace(event, items=(), categories=(), cannibalises={}))
        elif event.touches(item):
            out.append(replace(event, items=(), categories=()))
    return tuple(out)
