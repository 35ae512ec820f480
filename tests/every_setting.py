"""Every setting there is, as words of a command line with a place for a value; enumerated, not listed.

Settings come from the composed configuration, and from the fields of the parts that scenarios are written with, so that
a new one is here without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import NamedTuple

from hydra import compose, initialize_config_module
from omegaconf import OmegaConf

from restock.experiments import settings as of_settings
from restock.policies.catalogue import policy_names
from restock.sim.checks import setting_names
from restock.sim.features.channels.settings import Channel
from restock.sim.features.returns.settings import Returns
from restock.sim.features.selling_season.settings import Markdown, SellingSeason
from restock.sim.features.supply_risk.lane_terms import Congestion
from restock.sim.features.transfers.settings import Floor, Overnight, Rebalance
from restock.sim.model.demand_event_files import KINDS
from restock.sim.model.network import Item, Lane, Site
from restock.sim.probability.laws import LAWS

VALUE = "@@"  # where the value goes
SHOP = ("scenario=one_store", "policy=just_in_time")
CHAIN = ("scenario=regional_chain", "scenario.stores=2", "scenario.items=3", "policy=just_in_time")
REGION = (*CHAIN, "transfers.regions=by_dc", "transfers.at_once=true")
EXPORT = ("scenario=export", "scenario.folder=export", "policy=just_in_time")
FOLDER = ("scenario=folder", "scenario.path=tables", "policy=just_in_time")
SEARCH = ("scenario=one_store", "policy=base_stock", "optimize.trials=2", "optimize.search_replications=2")
NOT_OF_A_RUN = ("hydra", "claim")
OF_EVENTS = {"days": "2", "uplift": "2", "per_year": "0.1", "factor": "2", "cv_factor": "2", "supplier": "dairy",
             "source": "dairy", "destination": "shop"}  # fmt: skip
OF_SUPPLIERS = ("outage: {up: @@, down: 2}", "outage: {up: 9, down: @@}", "outage: {fails: @@, recovers: 0.5}",
                "outage: {fails: 0.1, recovers: @@}", "outage: @@", "down_orders: @@", "fill: @@", "yield: @@",
                "fill: {values: @@}", "fill: {values: [1, @@]}", "fill: {values: [1], weights: [@@]}",
                "fill: {values: [1], rest: @@}", "yield: {values: [1, @@]}")  # fmt: skip
OF_LAWS = {
    "constant": "value: 2",
    "poisson": "mean: 2",
    "negative_binomial": "mean: 2, dispersion: 0.5",
    "geometric": "mean: 2",
    "rounded_normal": "mean: 2, standard_deviation: 1",
    "rounded_gamma": "mean: 2, standard_deviation: 1",
    "rounded_lognormal": "mean: 2, standard_deviation: 1",
    "empirical": "values: [1, 2], weights: [1, 2]",
    "zero_inflated": "zero_probability: 0.5, law_inside: {law: poisson, mean: 2}",
    "compound": "customers: {law: poisson, mean: 2}, basket: {law: poisson, mean: 2}",
}


class Case(NamedTuple):
    """A command, the words that go before, and the word that sets the setting, with `VALUE` in its place."""

    command: str
    before: tuple[str, ...]
    word: str


def every_setting() -> list[Case]:
    """All of them, each once."""
    return list(dict.fromkeys([*_of_configuration(), *_of_parts()]))


def inside_settings() -> Iterator[Case]:
    """A setting inside each that is one value, or null: none of them takes any."""
    shop = _composed(*SHOP)
    for case in _each("run", SHOP, {key: value for key, value in shop.items() if key not in ("scenario", "policy")}):
        yield case._replace(word=f"++{case.word.lstrip('+').partition('=')[0]}.inside.it={VALUE}")


def _of_configuration() -> Iterator[Case]:
    shop = _composed(*SHOP)
    compared = ("scenario=one_store", "policy=[just_in_time,base_stock]")
    chosen = ("policy", "optimize", *NOT_OF_A_RUN)
    for name in list(shop["scenario"]["items"])[1:]:
        del shop["scenario"]["items"][name]  # one stands for all: the laws of the others are tried below
    yield from _each("compare", compared, {key: value for key, value in shop.items() if key not in chosen})
    for name in policy_names():
        words = ("scenario=one_store", f"policy={name}")
        yield from _each("run", words, {"policy": _composed(*words)["policy"]})
    yield from _each("run", CHAIN, {"scenario": _composed(*CHAIN)["scenario"]})
    for words in (EXPORT, FOLDER):
        yield from _each("run", words, {"scenario": _composed(*words)["scenario"]})
    yield from _each("optimize", SEARCH, {"optimize": _composed(*SEARCH, "search=base_stock")["optimize"]})
    for name in ("replication", "item", "site"):
        yield Case("trace", SHOP, f"{name}={VALUE}")
    for group in ("scenario", "policy", "executor", "search", "experiment"):
        yield Case("run", () if group == "scenario" else SHOP[:1], f"{group}={VALUE}")


def _of_parts() -> Iterator[Case]:
    milk, shop, dairy = "scenario.items.milk", "scenario.sites.shop", "scenario.lanes.shop.dairy"
    for place, kind in ((milk, Item), (shop, Site), (dairy, Lane)):
        for name in _fields(kind):
            yield Case("run", SHOP, f"++{place}.{name}={VALUE}")
    for name, kind in KINDS.items():
        for field, others in _with_others(kind, OF_EVENTS | {"start": "1"}, ("start",)):
            yield Case("run", SHOP, f"events=[{{kind: {name}, {field}: {VALUE}{others}}}]")
    for name in LAWS:
        for key, written in re.findall(r"(\w+): (\[.*?\]|\{.*?\}|[^,]+)", OF_LAWS[name]):
            law = f"{{law: {name}, {OF_LAWS[name].replace(f'{key}: {written}', f'{key}: {VALUE}', 1)}}}"
            for place in (f"{milk}.demand", f"{dairy}.lead_time", "returns.lag"):
                yield Case("run", (*SHOP, "returns.share=0.1"), f"{place}={law}")
    for field, others in _with_others(SellingSeason, {"end": "5"}):
        yield Case("run", SHOP, f"++{milk}.selling_season={{{field}: {VALUE}{others}}}")
    for field, others in _with_others(Markdown, {"percent": "20"}):
        yield Case("run", SHOP, f"++{milk}.selling_season={{end: 9, markdown: {{{field}: {VALUE}{others}}}}}")
    for field, others in _with_others(Returns, {}):
        yield Case("run", SHOP, f"++{milk}.returns={{{field}: {VALUE}{others}}}")
    for given in OF_SUPPLIERS:
        yield Case("run", SHOP, f"+supply_risk.suppliers.dairy={{{given}}}")
    for field, others in _with_others(
        Congestion, {"lead_time": "{law: constant, value: 3}", "begins": "0.1", "ends": "1"}
    ):
        yield Case("run", SHOP, f"++{dairy}.congestion={{{field}: {VALUE}{others}}}")
    for name, of_transfers in (("overnight", Overnight), ("rebalance", Rebalance), ("floor", Floor)):
        for field, others in _with_others(of_transfers, {}):
            yield Case("run", REGION, f"transfers.{name}={{{field}: {VALUE}{others}}}")
    for word in ("transfers.overnight={low: 1, to: @@}", "+transfers.regions.north=@@", "+transfers.regions.north=[@@]",
                 "+transfers.regions.north=[store_01,@@]"):  # fmt: skip
        yield Case("run", CHAIN if "regions" in word else REGION, word)
    yield from _each("run", REGION, {"transfers": _composed(*SHOP)["transfers"]})
    for field, others in _with_others(Channel, {"share": "0.2", "served": "dc"}):
        yield Case("run", CHAIN, f"+channels.by_name.online={{{field}: {VALUE}{others}}}")
    for group in ("returns", "shrinkage", "shelf_life", "selling_seasons"):
        yield Case("run", SHOP, f"+{group}.by_category.dairy={VALUE}")
    for when in ("9", "2024-01-05", "x"):
        yield Case("run", SHOP, f"+costs.cost_steps={{{when}: {VALUE}}}")


def _composed(*words: str) -> dict:
    """The settings that these words give, as nested mappings."""
    of_settings.register(list(words))
    with initialize_config_module(version_base="1.3", config_module="restock.conf"):
        return OmegaConf.to_container(compose("config", overrides=list(words)), resolve=False)  # type: ignore[return-value]


def _each(command: str, before: tuple[str, ...], settings: dict, prefix: str = "") -> Iterator[Case]:
    """Every setting of nested mappings, groups included."""
    for key, value in settings.items():
        yield Case(command, before, f"{prefix}{key}={VALUE}")
        if isinstance(value, dict):
            yield from _each(command, before, value, f"{prefix}{key}.")


def _fields(kind: type) -> list[str]:
    return setting_names(kind)


def _with_others(kind: type, written: dict[str, str], always: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Each field, and the text of the others that must be there."""
    needed = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
    for name in _fields(kind):
        others = [key for key in (*always, *needed) if key != name]
        yield name, "".join(f", {key}: {written[key]}" for key in others)
