"""What a scenario takes by default because nobody gave it, in words.

`Scenario.assumed` names such settings: those of Scenario by their name, those of its parts and tables as
`costs.carrying_rate` or `lanes.ordering_cost`. What an export, a folder's tables or the command line gives is taken
from the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any

from restock.sim.model.feature import feature_kinds
from restock.sim.model.opening.opening_state import OpeningState

if TYPE_CHECKING:
    from restock.sim.model.scenario import Scenario

COSTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "costs.carrying_rate": ("carrying cost", ("carrying", "overstock_carrying")),
    "lanes.ordering_cost": ("ordering cost", ("ordering", "second_ordering")),
    "lanes.transport_cost_per_unit": ("transport cost", ("transport", "second_transport")),
    "costs.goodwill_share": ("goodwill", ("goodwill",)),
    "costs.backorder_cost_per_day": ("cost of waiting", ("backorder_cost",)),
    "costs.count_cost": ("cost of counting", ("counting",)),
}
"""Rates that costs are proportional to: their name in words, and the facts that they multiply."""


def _percent(share: float) -> str:
    return f"{100 * share:.6g}%"


def _of_feature(name: str, words: str) -> Callable[[Scenario], str]:
    """The words, unless some item has a setting of that name of its own."""
    return lambda of: "" if any(name in item.own for item in of.items) else words


def _changed(of: Scenario, name: str) -> bool:
    """Whether a feature is other than by default."""
    feature = of.feature(name)
    return bool(feature != type(feature)())


def _waits(of: Scenario) -> bool:
    return any(item.backorder_share > 0 for item in of.items)


def _has_dc(of: Scenario) -> bool:
    return any(site.served_by is not None for site in of.sites)


WORDS: dict[str, dict[str, Callable[[Scenario], str]]] = {
    "costs": {
        "costs.carrying_rate": lambda of: f"carrying stock {_percent(of.costs.carrying_rate)} of its cost a year",
        "lanes.ordering_cost": lambda of: "an order line 0" + _part(of, "lanes.ordering_cost"),
        "lanes.transport_cost_per_unit": lambda of: "moving a unit 0" + _part(of, "lanes.transport_cost_per_unit"),
        "costs.goodwill_share": lambda of: (
            f"goodwill lost with a unit {_percent(of.costs.goodwill_share)} of its price"
        ),
        "costs.backorder_cost_per_day": lambda of: (
            f"a unit waiting {_percent(of.costs.backorder_cost_per_day)} of its price a day" if _waits(of) else ""
        ),
        "costs.count_cost": lambda of: f"a count {of.costs.count_cost:g}" if _changed(of, "records") else "",
        "costs.overstock_days": lambda of: f"stock above {of.costs.overstock_days:g} days of cover is overstock",
    },
    "service": {
        "opening_days": lambda of: (
            f"opening stock {of.opening_days:g} days of mean demand"
            if of.opening_stock is None and of.opening is None
            else ""
        ),
        "warm_up": lambda of: f"{of.warm_up} days of warm-up",
        "lanes.lead_time": lambda of: "lead time 1 day" + _part(of, "lanes.lead_time"),
        "lanes.order_days": lambda of: "orders taken on any day" + _part(of, "lanes.order_days"),
        "items.pack": lambda of: "ordered by the unit" + _part(of, "items.pack"),
        "items.minimum_order": lambda of: "no minimum order" + _part(of, "items.minimum_order"),
        "items.backorder_share": lambda of: "unmet demand is lost, nobody waits" + _part(of, "items.backorder_share"),
        "sites.allocation": lambda of: "a DC that is short gives in proportion to what it owes" if _has_dc(of) else "",
        "sites.unshipped": lambda of: "what it cannot ship stays owed" if _has_dc(of) else "",
    },
    "goods": {kind.name: _of_feature(kind.name, kind.by_default) for kind in feature_kinds() if kind.by_default},
}
NAMES = tuple(name for lines in WORDS.values() for name in lines)
TABLES = ("items", "sites", "lanes")


def default_lines(scenario: Scenario) -> list[str]:
    """The defaults that money or service rests on, those that matter here: a line of costs, of service, of goods; and
    what is assumed of the state that the run opens with.

    >>> from restock.sim.planning.example import one_shop
    >>> default_lines(one_shop(assumed=("costs.carrying_rate", "warm_up")).scenario)[1]
    'by default, service: 0 days of warm-up'
    """
    out = []
    for group, words in WORDS.items():
        said = [write(scenario) for name, write in words.items() if name in scenario.assumed and _taken(scenario, name)]
        said = [text for text in said if text]
        out += [f"by default, {group}: {'; '.join(said)}"] if said else []
    return out + ([scenario.opening.words(scenario)] if isinstance(scenario.opening, OpeningState) else [])


def not_named(names: Iterable[str], keys: Iterable[str]) -> tuple[str, ...]:
    """The names but for those that a key such as `costs.carrying_rate` or `scenario.from_dc.ordering_cost` sets.

    >>> not_named(["costs.count_cost", "lanes.ordering_cost", "warm_up"], ["costs", "scenario.from_dc.ordering_cost"])
    ('warm_up',)
    """
    keys = list(keys)

    def sets(key: str, name: str) -> bool:
        in_table = name.partition(".")[0] in TABLES and key.startswith("scenario.")
        inside = in_table and key.endswith(name.partition(".")[2])
        return inside or key == name or name.startswith(f"{key}.") or key.startswith(f"{name}.")

    return tuple(name for name in names if not any(sets(key, name) for key in keys))


def still_default(scenario: Scenario, names: Iterable[str]) -> tuple[str, ...]:
    """The names whose value is the default, somewhere at least.

    >>> from restock.sim.planning.example import one_shop
    >>> still_default(one_shop(opening_days=3).scenario, ["costs.carrying_rate", "opening_days"])
    ('costs.carrying_rate',)
    """
    return tuple(name for name in names if name in NAMES and _count(scenario, name)[0] > 0)


def _taken(scenario: Scenario, name: str) -> bool:
    """Whether a default is in use: a table's and a cost's by its value, others as the list says."""
    return _count(scenario, name)[0] > 0 if name in COSTS or name.partition(".")[0] in TABLES else True


def _count(scenario: Scenario, name: str) -> tuple[int, int]:
    """How many rows (or the one value) have the default, and of how many."""
    part, _, column = name.partition(".")
    if name in {kind.name for kind in feature_kinds()}:
        return int(not _changed(scenario, name)), 1
    if not column:
        return int(getattr(scenario, name) == _default(type(scenario), name)), 1
    held = getattr(scenario, part)
    rows = held if part in TABLES else [held]
    default = _default(type(rows[0]), column)
    return sum(getattr(row, column) == default for row in rows), len(rows)


def _part(scenario: Scenario, name: str) -> str:
    """Of how many rows, where not of all."""
    count, of = _count(scenario, name)
    return "" if count == of else f" ({count:,} of {of:,} {name.partition('.')[0]})"


def _default(kind: type, column: str) -> Any:
    (found,) = [f for f in fields(kind) if f.name == column]
    return found.default_factory() if found.default_factory is not MISSING else found.default
