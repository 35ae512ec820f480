"""A chain made up from a few numbers: stores, one DC or none, items and suppliers, each drawn by its own name.

A store or an item keeps its numbers when others are added or left out: they are keyed, as all draws are.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

from restock.experiments.scenarios import SHARING, start_of
from restock.sim.checks import check_keys, check_mapping, fitting
from restock.sim.errors import require, unknown
from restock.sim.model.demand import Season
from restock.sim.model.network import WEEKDAYS, Item, Lane, Site
from restock.sim.model.scenario import Scenario, scenario_of
from restock.sim.probability.laws import Empirical, NegativeBinomial, law_from

DEFAULTS: dict[str, Any] = {
    "name": "generated", "start": "2024-01-01", "draw": 1, "assumptions": (), "stores": 10, "items": 200,
    "suppliers": 6, "dc": True, "categories": ("all",), "demand_mean": 3.0, "demand_spread": 0.9, "store_spread": 0.35,
    "dispersion": (0.1, 0.8), "weekday": (1.0,) * 7, "unit_cost": 3.0, "cost_spread": 0.7, "margin": (0.2, 0.45),
    "packs": (1,), "backorder_share": 0.0, "supplier_lead_time": (3, 12), "dc_lead_time": 1, "store_order_days": 7,
    "supplier_ordering_cost": 0.0, "store_ordering_cost": 0.0, "supplier_transport_cost_per_unit": 0.0,
    "store_transport_cost_per_unit": 0.0, "allocation": "proportional", "target_days": None,
    "allocation_sees": "stock", "count_classes": {},
}  # fmt: skip
NOT_PLAIN = ("scenario.start", "scenario.dc_lead_time", "scenario.target_days")  # read, or checked, as what they are
MOST_CELLS = 20_000_000  # items at stores
WIDEST = 10  # standard deviation of a logarithm


def share(draw: int, *names: str) -> float:
    """A uniform number in (0, 1) that depends on these names alone.

    >>> share(1, "item_001", "cost") == share(1, "item_001", "cost") != share(2, "item_001", "cost")
    True
    """
    digest = hashlib.blake2b("\n".join([str(draw), *names]).encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "little") + 0.5) / 2**64


def generate(description: Mapping[str, Any]) -> Scenario:
    """The chain of a description (see conf/scenario/regional_chain.yaml for what each number means)."""
    check_keys(description, DEFAULTS, "of scenario")
    of = DEFAULTS | {name: _like(f"scenario.{name}", value, DEFAULTS[name]) for name, value in description.items()}
    for name in ("stores", "items", "suppliers"):
        good = 1 <= of[name] <= 100_000
        require(good, f"scenario.{name} must be a whole number from 1 to 100000, got {of[name]}")
    cells = of["stores"] * of["items"]
    require(cells <= MOST_CELLS, f"scenario.stores times scenario.items must not exceed {MOST_CELLS:,}, got {cells:,}")
    for name in ("categories", "packs"):
        require(len(of[name]) > 0, f"scenario.{name} must name at least one")
    for name in ("demand_mean", "unit_cost"):
        require(of[name] > 0, f"scenario.{name} must be a number above 0, got {of[name]}")
    for name in ("demand_spread", "store_spread", "cost_spread"):
        good = 0 <= of[name] <= WIDEST
        require(good, f"scenario.{name} must be a number from 0 to {WIDEST}, got {of[name]}")
    for name, least, most in (("dispersion", 1e-9, 100), ("margin", 0, 0.99), ("supplier_lead_time", 1, 365)):
        pair = tuple(of[name])
        good = len(pair) == 2 and least <= pair[0] <= pair[1] <= most
        require(good, f"scenario.{name} must be two numbers, lowest first, from {least:g} to {most:g}, got {pair}")
    good = 1 <= of["store_order_days"] <= 7
    require(good, f"scenario.store_order_days must be a whole number from 1 to 7, got {of['store_order_days']}")
    draw = of["draw"]
    suppliers = [f"supplier_{k + 1}" for k in range(of["suppliers"])]
    stores = [f"store_{k + 1:02}" for k in range(of["stores"])]
    names = [f"item_{k + 1:03}" for k in range(of["items"])]
    for name in of["count_classes"]:
        if name not in names:
            raise unknown("item", name, names, "of scenario.count_classes")
    items = [_item(name, of, draw, suppliers) for name in names]
    sites = [Site(store) for store in stores]
    if of["dc"]:
        sharing = {name: of[name] for name in SHARING}
        sites = [Site("dc", "dc", **sharing), *(Site(store, served_by="dc") for store in stores)]
    size = {store: _lognormal(1.0, of["store_spread"], draw, store, "size") for store in stores}
    demand = {}
    for name in names:
        mean = _lognormal(of["demand_mean"], of["demand_spread"], draw, name, "demand")
        dispersion = _between(of["dispersion"], draw, name, "dispersion")
        for store in stores:
            demand[name, store] = NegativeBinomial(float(f"{mean * size[store]:.3g}"), round(dispersion, 3))
    if of["dc"]:
        lanes = [_supplier_lane(supplier, "dc", of, draw) for supplier in suppliers]
        lanes += [_store_lane(k, store, of) for k, store in enumerate(stores)]
    else:
        lanes = [_supplier_lane(supplier, store, of, draw, _order_days(k, of))
                 for k, store in enumerate(stores) for supplier in suppliers]  # fmt: skip
    return scenario_of(
        of["name"], items, sites, lanes, demand, Season(weekday=tuple(of["weekday"])),
        start=start_of(of), assumptions=tuple(of["assumptions"]),
    )  # fmt: skip


def _item(name: str, of: Mapping[str, Any], draw: int, suppliers: list[str]) -> Item:
    cost = round(_lognormal(of["unit_cost"], of["cost_spread"], draw, name, "cost"), 2)
    margin = _between(of["margin"], draw, name, "margin")
    return Item.with_settings(
        name,
        category=_one_of(of["categories"], draw, name, "category"),
        supplier=_one_of(suppliers, draw, name, "supplier"),
        unit_cost=cost,
        unit_price=round(cost / (1 - margin), 2),
        pack=_one_of(of["packs"], draw, name, "pack"),
        backorder_share=of["backorder_share"],
        count_class=of["count_classes"].get(name),
    )


def _supplier_lane(
    supplier: str, site: str, of: Mapping[str, Any], draw: int, order_days: tuple[str, ...] = WEEKDAYS
) -> Lane:
    """Lead times from the supplier's shortest to its longest, all days alike: later shipments may arrive first."""
    low, high = of["supplier_lead_time"]
    ends = sorted(low + round(share(draw, supplier, end) * (high - low)) for end in ("first", "last"))
    return Lane(
        supplier, site, Empirical(tuple(range(ends[0], ends[1] + 1))), order_days,
        ordering_cost=of["supplier_ordering_cost"], transport_cost_per_unit=of["supplier_transport_cost_per_unit"],
    )  # fmt: skip


def _store_lane(k: int, store: str, of: Mapping[str, Any]) -> Lane:
    return Lane(
        "dc", store, law_from(of["dc_lead_time"], "of scenario.dc_lead_time"), _order_days(k, of),
        ordering_cost=of["store_ordering_cost"], transport_cost_per_unit=of["store_transport_cost_per_unit"],
        break_packs=True,
    )  # fmt: skip


def _order_days(k: int, of: Mapping[str, Any]) -> tuple[str, ...]:
    """Order days spread over the week, starting a day later for each next store."""
    count = of["store_order_days"]
    return tuple(WEEKDAYS[day] for day in sorted({(k + round(j * 7 / count)) % 7 for j in range(count)}))


def _like(name: str, value: Any, default: Any) -> Any:
    """The value as one of the kind of its default: a whole number, a number, text, or a list of these."""
    if name in NOT_PLAIN:
        return value
    if isinstance(default, dict):
        return check_mapping(name, value)
    first = default[0] if default and isinstance(default, tuple) else default
    kind = "str" if first == () else type(first).__name__
    return fitting(name, value, (f"tuple[{kind}, ...]" if isinstance(default, tuple) else kind,))


def _lognormal(median: float, spread: float, draw: int, *names: str) -> float:
    return median * math.exp(spread * NormalDist().inv_cdf(share(draw, *names)))


def _between(pair: Any, draw: int, *names: str) -> float:
    low, high = pair
    return low + (high - low) * share(draw, *names)


def _one_of(choices: Any, draw: int, *names: str) -> Any:
    return choices[int(share(draw, *names) * len(choices))]
