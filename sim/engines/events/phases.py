"""The phases of a day in the event engine, and events that carry them."""

from __future__ import annotations

import simpy
from simpy.events import EventPriority

MORNING, TRADING, POOLING, CLOSING, COUNTING, BALANCING, EVENING, BUYING, SUPPLYING, NIGHT = range(10)
"""Phases of a day."""


def at(env: simpy.Environment, day: int, phase: int, tier: int = 0, site: int = 0) -> simpy.Event:
    """An event on a day at a phase; within a phase by tier, then by site (SimPy's Timeout has no priority).

    >>> env = simpy.Environment()
    >>> for phase in (TRADING, MORNING):
    ...     at(env, 3, phase).callbacks.append(lambda _, phase=phase: print(env.now, phase))
    >>> env.run()
    3 0
    3 1
    """
    event = simpy.Event(env)
    event._ok, event._value = True, None
    env.schedule(event, EventPriority((phase << 48) | (tier << 32) | site), day - env.now)
    return event
