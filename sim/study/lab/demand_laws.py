"""Laws of a day's demand, kept for the next world: one that differs in lead times or records asks for the same."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from restock.sim.model.arrays import World, build_world
from restock.sim.model.scenario import Scenario

MOST_LAWS = 60_000  # of all demands kept, some 2 kB each


class DemandLaws:
    """Worked-out laws of the demands that were asked for last, at most `most_laws` of them together.

    >>> from restock.sim.planning.example import one_shop
    >>> laws, scenario = DemandLaws(), one_shop().scenario
    >>> world = laws.world_of(scenario)
    >>> laws.world_of(scenario).table_mean.tolist() == world.table_mean.tolist(), len(laws)
    (True, 1)
    """

    def __init__(self, most_laws: int = MOST_LAWS) -> None:
        self.most_laws = most_laws
        self._kept: OrderedDict[Any, tuple[Any, dict[Any, Any]]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def world_of(self, scenario: Scenario) -> World:
        """The arrays of a scenario: those of `model.arrays.build_world`, bit by bit."""
        demand = scenario.demand
        if demand.source != "fitted":
            return build_world(scenario)
        key = (id(demand.laws), demand.scale, demand.cv_factor)
        kept = self._kept.pop(key, None)  # laws of a world that is refused on its way are not kept
        if kept is not None:
            demand.__dict__["day_laws"] = kept[0].day_laws
        made: dict[Any, Any] = {} if kept is None else kept[1]
        world = build_world(scenario, made)
        self._kept[key] = (demand if kept is None else kept[0], made)  # which holds the laws, so that ids stay theirs
        while sum(len(each) for _, each in self._kept.values()) > self.most_laws:
            self._kept.popitem(last=False)
        return world
