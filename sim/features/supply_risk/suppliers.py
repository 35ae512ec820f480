"""What may be said of a supplier: outages, what becomes of orders meanwhile, what it ships of them, when it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from restock.sim.checks import check_keys, check_share, fitting, is_finite_number
from restock.sim.errors import require, unknown
from restock.sim.model.network import WEEKDAYS

DOWN_ORDERS = ("held", "refused")
REST = ("held", "cancelled")
MOST_VALUES = 100  # of a law of shares


@dataclass(frozen=True)
class Shares:
    """A law on shares between 0 and 1: each value has its weight.

    >>> Shares((1.0, 0.5), (3, 1)).mean
    0.875
    """

    values: tuple[float, ...] = (1.0,)
    weights: tuple[float, ...] = (1.0,)

    @property
    def mean(self) -> float:
        """The mean share."""
        return sum(v * w for v, w in zip(self.values, self.weights, strict=True)) / sum(self.weights)

    @property
    def is_whole(self) -> bool:
        """Whether it is always all."""
        return all(value == 1 or weight == 0 for value, weight in zip(self.values, self.weights, strict=True))


@dataclass(frozen=True)
class Supplier:
    """A supplier as its settings have it; the default always ships all, and all of it good.

    Parameters
    ----------
    fails, recovers : float
        Chance that it goes down on a night when it was up the night before, and that it comes up again.
    refuses : bool
        Orders of nights when it is down are not placed; else it holds them, and they leave together on the first night
        when it is up.
    fill : Shares
        Share of an order that it ships.
    cancels : bool
        The rest of an order is cancelled that night; else it leaves on the next night when it is up.
    good : Shares
        Share of a shipment that is good.
    working_days : tuple of str
        Weekdays that lead times count; on the others nothing of it comes.
    """

    fails: float = 0.0
    recovers: float = 1.0
    refuses: bool = False
    fill: Shares = Shares()
    cancels: bool = False
    good: Shares = Shares()
    working_days: tuple[str, ...] = WEEKDAYS


def supplier_from(given: Any, name: str) -> Supplier:
    """A supplier from its written form.

    >>> supplier_from({"outage": {"up": 200, "down": 10}, "down_orders": "refused"}, "overseas")
    ... # doctest: +ELLIPSIS
    Supplier(fails=0.005, recovers=0.1, refuses=True, ...
    """
    where = f"of supplier '{name}'"
    check_keys(given, ("outage", "down_orders", "fill", "yield", "working_days"), where)
    fails, recovers = _outage(given["outage"], where) if given.get("outage") is not None else (0.0, 1.0)
    down_orders = given.get("down_orders") or "held"
    if down_orders not in DOWN_ORDERS:
        raise unknown("down_orders", str(down_orders), DOWN_ORDERS, where)
    fill, rest = Shares(), "held"
    if given.get("fill") is not None:
        fill = _shares("fill", given["fill"], where, ("values", "weights", "rest"))
        rest = given["fill"].get("rest") or "held"
        if rest not in REST:
            raise unknown("rest of fill", str(rest), REST, where)
    good = Shares()
    if given.get("yield") is not None:
        good = _shares("yield", given["yield"], where, ("values", "weights"))
        require(good.mean > 0, f"yield {where} must leave some good units, got values {list(good.values)}")
    working = WEEKDAYS if given.get("working_days") is None else weekdays("working", given["working_days"], where)
    return Supplier(fails, recovers, down_orders == "refused", fill, rest == "cancelled", good, working)


def weekdays(kind: str, given: Any, where: str) -> tuple[str, ...]:
    """A list of weekdays as it was given; `kind` is the word for one of these days.

    >>> weekdays("delivery", ["mon", "thu"], "of lane 'mill' -> 'shop'")
    ('mon', 'thu')
    """
    days: tuple[str, ...] = fitting(f"{kind}_days {where}", given, ("tuple[str, ...]",))
    for day in days:
        if day not in WEEKDAYS:
            raise unknown(f"{kind} day", day, WEEKDAYS, where)
    require(len(days) > 0, f"{kind}_days {where} must name at least one weekday")
    return days


def _outage(given: Any, where: str) -> tuple[float, float]:
    """Chances of a night from {up, down}, mean nights, or {fails, recovers}, the chances themselves."""
    check_keys(given, ("up", "down", "fails", "recovers"), f"of outage {where}")
    said = {key for key, value in given.items() if value is not None}
    pairs = ({"up", "down"}, {"fails", "recovers"})
    words = "must be {up, down}, mean nights, or {fails, recovers}, chances of a night"
    require(said in pairs, f"outage {where} {words}, got {{{', '.join(sorted(said))}}}")
    for key in sorted(said):
        if key in ("up", "down"):
            good = is_finite_number(given[key]) and given[key] >= 1
            require(good, f"outage.{key} {where} must be a number of nights not below 1, got {given[key]}")
        else:
            check_chance(f"outage.{key} {where}", given[key])
    if "up" in said:
        return 1 / given["up"], 1 / given["down"]
    stays = given["recovers"] > 0 or given["fails"] == 0
    require(stays, f"outage.recovers {where} must be above 0, or it stays down for ever; got {given['recovers']}")
    return float(given["fails"]), float(given["recovers"])


def check_chance(name: str, value: Any) -> None:
    """A chance is a number between 0 and 1."""
    require(is_finite_number(value), f"{name} must be a number, got {value}")
    check_share(name, value)


def _shares(what: str, given: Mapping[str, Any], where: str, allowed: tuple[str, ...]) -> Shares:
    check_keys(given, allowed, f"of {what} {where}")
    values = fitting(f"{what}.values {where}", given.get("values", ()), ("tuple[float, ...]",))
    weights = fitting(f"{what}.weights {where}", given.get("weights") or (1.0,) * len(values), ("tuple[float, ...]",))
    good = 1 <= len(values) <= MOST_VALUES and len(values) == len(weights)
    require(good, f"{what} {where} must have 1 to {MOST_VALUES} values, and a weight for each, "
                  f"got {len(values)} and {len(weights)}")  # fmt: skip
    for value in values:
        check_share(f"{what}.values {where}", value)
    good = all(weight >= 0 for weight in weights) and sum(weights) > 0
    require(good, f"{what}.weights {where} must be numbers not below 0, some above, got {list(weights)}")
    return Shares(tuple(float(v) for v in values), tuple(float(w) for w in weights))
