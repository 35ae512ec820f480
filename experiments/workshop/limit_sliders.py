"""Sliders of the limits that a scenario names: what trucks take, and wait for; what a DC handles, a supplier ships.

And what joint orders cost, come to and wait for; the space of a site; budgets.
"""

from __future__ import annotations

import math
import re

from restock.experiments.workshop.sliders import COSTS, DEMAND, Slider, Value, standing_at
from restock.sim.model.scenario import Scenario

PLAIN = re.compile(r"[A-Za-z_][\w-]*")  # names that stand in a setting's path as they are
LEAST, MOST, STEPS = 2, 4, 20  # a limit goes down to a half and up to four times what it is, in such steps
LONGEST_WAIT, DEAREST = 14, 4  # nights; times the cost of a truck as it is


def limit_sliders(scenario: Scenario) -> list[Slider]:
    """Each limit that the scenario names, from a half to four times what it is.

    A minimum load goes no further than the smallest trucks that the page offers can take, so that every pair of
    positions is one that the model takes.

    >>> from restock.sim.features.limits.settings import Limits
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop(features=(Limits(suppliers={"supplier": {"capacity": 90}}),)).scenario
    >>> [(each.setting, each.low, each.high, each.step) for each in limit_sliders(shop)]
    [('limits.suppliers.supplier.capacity', 45, 360, 5)]
    """
    found, out = scenario.feature("limits"), []
    largest = max(item.own.get("volume") or 1 for item in scenario.items)
    for name, each in found.of_suppliers.items():
        path = f"limits.suppliers.{name}.capacity"
        out.append(_volumes(path, f"'{name}' ships a night", each.capacity, largest))
    for name, each in found.of_sites.items():
        if each.handling is not None:
            out.append(_volumes(f"limits.sites.{name}.handling", f"'{name}' handles a night", each.handling, largest))
    for name, trucks in found.of_trucks.items():
        path, given = f"limits.trucks.{name}", found.trucks[name]
        enough = -(-trucks.minimum // trucks.per_night)
        size = _volumes(f"{path}.capacity", f"A truck from '{name}' takes", trucks.capacity, max(largest, enough))
        out.append(size)
        if given.get("minimum") is not None:
            load = _volumes(f"{path}.minimum", f"A truck from '{name}' waits for", trucks.minimum, 1)
            room = math.floor(size.low * trucks.per_night)
            out.append(standing_at(Slider(load.setting, load.name, DEMAND, 1, room, load.step, load.unit, whole=True),
                                   trucks.minimum))  # fmt: skip
        if given.get("wait") is not None:
            out.append(_wait(path, f"A truck from '{name}'", trucks.wait, "nights"))
        if trucks.cost > 0:
            out.append(_cost(f"{path}.cost", f"A truck from '{name}'", trucks.cost))
    out += _of_orders(scenario, largest)
    return [slider for slider in out if all(PLAIN.fullmatch(part) for part in slider.setting.split("."))]


def _of_orders(scenario: Scenario, largest: int) -> list[Slider]:
    """What limits orders: no lower than a pack of the largest item, or of the dearest one."""
    found, out = scenario.feature("limits"), []
    pack = max(item.pack for item in scenario.items)
    for (site, source), terms in found.of_joint.items():
        path, whom = f"limits.joint.{site}.{source}", f"An order of '{site}' with '{source}'"
        if terms.joint_cost > 0:
            out.append(_cost(f"{path}.joint_cost", whom, terms.joint_cost))
        if terms.least_volume > 1:
            out.append(_volumes(f"{path}.least_volume", f"{whom} comes to at least", terms.least_volume, 1))
        if terms.wait is not None:
            out.append(_wait(path, whom, terms.wait, "evenings"))
    for name, room in found.space.items():
        out.append(_volumes(f"limits.sites.{name}.space", f"'{name}' has space for", room, largest * pack))
    dearest = max(item.pack * item.unit_cost for item in scenario.items)
    for name, budget in found.of_budgets.items():
        low = max(dearest, budget.money / LEAST)
        out.append(standing_at(Slider(f"limits.budgets.{name}.money", f"Budget '{name}', each {budget.every} days",
                                      DEMAND, low, MOST * budget.money, _step(budget.money / STEPS), "money"),
                               budget.money))  # fmt: skip
    return out


def _wait(path: str, whom: str, start: int, unit: str) -> Slider:
    """How long something waits at most."""
    return standing_at(Slider(f"{path}.wait", f"{whom} waits at most", DEMAND, 0, LONGEST_WAIT, 1, unit, whole=True,
                              off="not"), start)  # fmt: skip


def _cost(setting: str, whom: str, start: float) -> Slider:
    """What something costs, from nothing on."""
    most = DEAREST * start
    return standing_at(Slider(setting, f"{whom} costs", COSTS, 0, most, _step(most / STEPS), "money", off="nothing"),
                       start)  # fmt: skip


def _volumes(setting: str, name: str, start: int, least: int) -> Slider:
    """A slider of volumes; `least` is what has to fit."""
    low = max(least, -(-start // LEAST))
    return standing_at(Slider(setting, name, DEMAND, low, MOST * start, _step(start / STEPS), "volumes", whole=True),
                       start)  # fmt: skip


def _step(about: float) -> Value:
    """A round number near this one: 1, 2 or 5 with zeros, 1 at the least.

    >>> _step(0.3), _step(4.5), _step(36.0)
    (1, 5, 50)
    """
    if about <= 1:
        return 1
    unit = 10 ** math.floor(math.log10(about))
    return min((k * unit for k in (1, 2, 5, 10)), key=lambda each: abs(math.log(each / about)))
