"""From settings to a scenario: written out, generated, calibrated from an export, or read from a folder."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from experiments.settings import Settings, given
from sim.demand import Season
from sim.errors import InputError, require, unknown
from sim.event_forms import events_from
from sim.laws import Empirical, Law, law_from, stretch
from sim.network import Item, Lane, Site
from sim.parts import check_keys, part_of
from sim.returns import Returns
from sim.scenario import Scenario, scenario_of
from sim.seasonal import SellingSeason

ERP_CHOICES = ("record", "months", "margin", "sample_share", "dc_lead_time", "supplier_lead_time", "bucket_days")


def build_scenario(settings: Settings) -> Scenario:
    """The scenario that the settings describe, every rule of the model checked."""
    description = dict(settings.scenario)
    kind = description.pop("kind", None)
    if kind not in KINDS:
        raise unknown("scenario.kind", str(kind), KINDS)
    return with_settings(KINDS[kind](description, settings), settings)


def with_settings(scenario: Scenario, settings: Settings) -> Scenario:
    """Days, demand, costs and lead times as the settings have them; what they leave open stays."""
    changes: dict[str, Any] = {
        name: getattr(settings, name)
        for name in ("days", "warm_up", "opening_days")
        if getattr(settings, name) is not None
    }
    wanted = given(settings.demand)
    if "scale" in wanted:
        wanted["scale"] *= scenario.demand.scale if settings.scenario["kind"] == "erp" else 1.0
    if settings.lead_time_factor != 1:
        factor = settings.lead_time_factor
        changes["lanes"] = tuple(
            dataclasses.replace(lane, lead_time=longer(lane.lead_time, factor)) for lane in scenario.lanes
        )
    demand = dataclasses.replace(scenario.demand, **wanted)
    costs = dataclasses.replace(scenario.costs, **{f"{name}": value for name, value in given(settings.costs).items()})
    changes["records"] = dataclasses.replace(scenario.records, **given(settings.records))
    changes["selling_seasons"] = dataclasses.replace(scenario.selling_seasons, **given(settings.selling_seasons))
    changes["shelf_life"] = dataclasses.replace(scenario.shelf_life, **given(settings.shelf_life))
    changes["returns"] = dataclasses.replace(scenario.returns, **given(settings.returns))
    changes["shrinkage"] = dataclasses.replace(scenario.shrinkage, **given(settings.shrinkage))
    if settings.events is not None:
        changes["events"] = events_from(settings.events)
    return dataclasses.replace(scenario, demand=demand, costs=costs, **changes)


def longer(lead_time: Law, factor: float) -> Law:
    """A lead time with every value multiplied by `factor`, and never below 1 day.

    >>> from sim.laws import Constant
    >>> longer(Constant(2), 1.5)
    Empirical(values=(3,), weights=(1.0,))
    """
    p = stretch(lead_time, factor).pmf().copy()
    if p[0] > 0:
        p[1] += p[0]
        p[0] = 0.0
    kept = p.nonzero()[0]
    return Empirical(tuple(int(k) for k in kept), tuple(float(w) for w in p[kept]))


def _written(description: dict[str, Any], settings: Settings) -> Scenario:
    """Items, sites and lanes as the file writes them out."""
    allowed = ("name", "start", "assumptions", "sites", "items", "season", "lanes")
    check_keys(description, allowed, "of scenario")
    for name in ("sites", "items", "lanes"):
        require(bool(description.get(name)), f"scenario.{name} must name at least one")
    sites = [made(Site, name, each, f"of site '{name}'") for name, each in description["sites"].items()]
    stores = [site.name for site in sites if site.kind == "store"]
    items, demand = [], {}
    for name, each in description["items"].items():
        each = dict(each)
        asked = each.pop("demand", None)
        require(isinstance(asked, Mapping), f"item '{name}' needs a demand, such as {{law: poisson, mean: 3.0}}")
        if each.get("shrinkage") is not None:
            each["shrinkage"] = law_from(each["shrinkage"], f"of shrinkage of item '{name}'")
        for part, kind in (("returns", Returns), ("selling_season", SellingSeason)):
            if each.get(part) is not None:
                each[part] = part_of(kind, each[part], f"of {part} of item '{name}'")
        items.append(made(Item, name, each, f"of item '{name}'"))
        by_site = dict.fromkeys(stores, asked) if "law" in asked else asked
        for site, law in by_site.items():
            demand[name, site] = law_from(law, f"of item '{name}' at site '{site}'")
    lanes = [
        lane_from(source, destination, each)
        for destination, sources in description["lanes"].items()
        for source, each in sources.items()
    ]
    season = Season(**{key: tuple(value) for key, value in description.get("season", {}).items()})
    return scenario_of(
        description.get("name", "written"), items, sites, lanes, demand, season,
        start=start_of(description), assumptions=tuple(description.get("assumptions", ())),
    )  # fmt: skip


def _generated(description: dict[str, Any], settings: Settings) -> Scenario:
    from experiments.generated import generate

    return generate(description)


def _erp(description: dict[str, Any], settings: Settings) -> Scenario:
    """A calibrated export, with what the file assumes about lanes."""
    from sim.kept_scenarios import kept_scenario

    allowed = ("name", "folder", "on_fault", *ERP_CHOICES, "from_dc", "from_supplier", "allocation", "assumptions")
    check_keys(description, allowed, "of scenario")
    require("folder" in description, "scenario.folder must name the folder of the export")
    choices = {name: description[name] for name in ERP_CHOICES if name in description}
    share = choices.get("sample_share", 1.0)
    good = isinstance(share, (int, float)) and 0 < share <= 1
    require(good, f"scenario.sample_share must lie above 0 and not above 1, got {share}")
    recorded = settings.demand.source in ("replay", "bootstrap")
    if recorded:  # the record itself is played, each unit standing for 1 / share; laws are not drawn from
        choices |= {"sample_share": 1.0, "keep_history": True}
    folder, on_fault = data_folder(description["folder"]), description.get("on_fault", "refuse")

    def calibrated() -> Scenario:
        from sim.calibrate import calibrate
        from sim.erp import read_erp

        return calibrate(read_erp(folder, on_fault), **choices).scenario(description.get("name", "export"))

    of_export = {"on_fault": on_fault, "name": description.get("name", "export"), **choices}
    scenario = kept_scenario(folder.glob("*.csv*"), of_export, calibrated)
    inside = {site.name for site in scenario.sites}
    lanes = []
    for lane in scenario.lanes:
        part = "from_dc" if lane.source in inside else "from_supplier"
        lanes.append(changed(lane, description.get(part, {}), f"of scenario.{part}"))
    allocation = description.get("allocation", "proportional")
    sites = tuple(dataclasses.replace(site, allocation=allocation) for site in scenario.sites)
    demand = scenario.demand
    assumed = (*scenario.assumptions, *description.get("assumptions", ()))
    if recorded:
        demand = dataclasses.replace(demand, source=str(settings.demand.source), scale=1 / share)
        if share < 1:
            assumed += (f"each recorded unit stands for {1 / share:g}: the record is taken as {share:.1%} of demand",)
    return dataclasses.replace(scenario, lanes=tuple(lanes), sites=sites, demand=demand, assumptions=assumed)


def _folder(description: dict[str, Any], settings: Settings) -> Scenario:
    """A scenario's own tables."""
    from sim.scenario_tables import read_scenario

    check_keys(description, ("path",), "of scenario")
    return read_scenario(description["path"])


KINDS = {"written": _written, "generated": _generated, "erp": _erp, "folder": _folder}


def data_folder(name: str) -> Path:
    """A folder on disk, or one shipped with restock (`pkg://conf/data/grocery`)."""
    if str(name).startswith("pkg://"):
        package, _, inside = str(name)[len("pkg://") :].partition("/")
        return Path(str(files(package))) / inside
    return Path(name)


def start_of(description: Mapping[str, Any]) -> datetime.date:
    """Day 0."""
    text = str(description.get("start", "2024-01-01"))
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"scenario.start must be a date (YYYY-MM-DD), got '{text}'") from None


def lane_from(source: str, destination: str, settings: Mapping[str, Any]) -> Lane:
    """A lane from its written form."""
    return changed(Lane(source, destination), settings, f"of lane '{source}' -> '{destination}'")


def changed(lane: Lane, settings: Mapping[str, Any], where: str) -> Lane:
    """The lane with some settings its own."""
    allowed = [f.name for f in dataclasses.fields(Lane) if f.name not in ("source", "destination")]
    check_keys(settings, allowed, where)
    values = dict(settings)
    if "lead_time" in values:
        values["lead_time"] = law_from(values["lead_time"], f"of lead_time {where}")
    return dataclasses.replace(lane, **values)


def made(kind: type, name: str, settings: Mapping[str, Any] | None, where: str) -> Any:
    """An Item or Site from its written form, which has no setting that the class does not know."""
    check_keys(settings or {}, [f.name for f in dataclasses.fields(kind) if f.name != "name"], where)
    return kind(name, **(settings or {}))
