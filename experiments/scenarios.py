"""From settings to a scenario: written out, generated, calibrated from an export, or read from a folder."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from restock.experiments.network_factors import changed_network
from restock.experiments.settings import Settings, given
from restock.sim.checks import check_keys, check_mapping, check_written, fitting, part_of, setting_names
from restock.sim.errors import InputError, require, unknown
from restock.sim.model.assumed import COSTS, NAMES, not_named
from restock.sim.model.demand import Season
from restock.sim.model.demand_event_files import events_from
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario, fields_of_parts, scenario_of, setting_groups
from restock.sim.probability.laws import law_from

if TYPE_CHECKING:
    from restock.sim.calibration.export import Erp

READ = ("on_fault", "layout", "columns", "bucket", "dates", "decimal", "separator", "encoding", "negative")
ERP_CHOICES = ("record", "months", "margin", "sample_share", "dc_lead_time", "supplier_lead_time", "bucket_days",
               "ended", "outliers", "arrive")  # fmt: skip
SHARING = ("allocation", "target_days", "allocation_sees")  # how DCs share out what they have
WARM_UP = 56  # days, where nothing is said and there are no lead times of an export to go by
OF_RUN = ("warm_up", "opening_days")  # a run's own, whatever an export that it calibrates would take


def build_scenario(settings: Settings, words: Sequence[str] = (), export: Erp | None = None) -> Scenario:
    """The scenario that the settings describe, every rule of the model checked.

    `words` are those of the command line: what they set is not assumed. `export` is calibrated in place of the folder
    that the settings name, by the same settings.
    """
    try:
        return as_set(as_described(settings, export), settings, words)
    except OSError as error:
        raise InputError(f"cannot read '{error.filename}': {error.strerror}") from error


def as_described(settings: Settings, export: Erp | None = None) -> Scenario:
    """The scenario as its file describes it, before settings of a run, but for `demand.source`, have changed it."""
    description = dict(settings.scenario)
    kind = description.pop("kind", None)
    if not isinstance(kind, str) or kind not in KINDS:
        raise unknown("scenario.kind", str(kind), KINDS)
    return KINDS[kind](description, settings) if export is None else _erp(description, settings, export)


def as_set(described: Scenario, settings: Settings, words: Sequence[str] = ()) -> Scenario:
    """What `as_described` gives, with the settings of a run; `words` as in `build_scenario`."""
    scenario = with_settings(described, settings)
    return dataclasses.replace(scenario, assumed=assumed_of(scenario, settings, words))


def assumed_of(scenario: Scenario, settings: Settings, words: Sequence[str]) -> tuple[str, ...]:
    """What nobody gave: not the data, not a folder's tables, not the command line.

    Costs in a file of conf/scenario are assumptions, too, but for those of a folder. Other settings count as given
    where a file gives another value than conf/config.yaml.
    """
    of_folder = settings.scenario["kind"] == "folder"
    usual = _usual()
    own = [name for name in NAMES if differs(setting_at(asdict(settings), name), setting_at(usual, name))]
    in_file = set(not_named(NAMES, [*own, *keys_in(settings.scenario, "scenario")]))
    of_run = () if of_folder else OF_RUN
    from_data = (*scenario.assumed, *of_run) if settings.scenario["kind"] in ("folder", "erp") else NAMES
    names = [name for name in NAMES if (name in from_data and name in in_file) or (name in COSTS and not of_folder)]
    return not_named(names, keys_of(words))


@cache
def _usual() -> dict[str, Any]:
    """What conf/config.yaml gives."""
    return dict(yaml.safe_load((files("restock.conf") / "config.yaml").read_text(encoding="utf-8")))


def policy_lines(settings: Settings, words: Sequence[str]) -> list[str]:
    """Settings of each policy that are those of its class, because nobody gave them."""
    from restock.policies.catalogue import find_policy

    out, keys = [], keys_of(words)
    for label, given_here in settings.policy.items():
        usual = {f.name: f.default for f in dataclasses.fields(find_policy(given_here["name"]))}
        said = [
            f"{key} {value}"
            for key, value in given_here.items()
            if value is not None and usual.get(key) == value and f"policy.{label}.{key}" not in keys
        ]
        out += [f"by default, policy {label}: {'; '.join(said)}"] if said else []
    return out


def keys_of(words: Sequence[str]) -> list[str]:
    """What words of the command line set."""
    return [word.lstrip("+~").partition("=")[0] for word in words]


def keys_in(tree: Mapping[str, Any], before: str) -> list[str]:
    """Every key of a nested mapping, as `scenario.lanes.shop.dairy.ordering_cost`.

    >>> keys_in({"a": {"b": 1}, "c": 2}, "scenario")
    ['scenario.a.b', 'scenario.c']
    """
    inside = [
        keys_in(value, f"{before}.{key}") if isinstance(value, Mapping) else [f"{before}.{key}"]
        for key, value in tree.items()
    ]
    return [key for keys in inside for key in keys]


def differs(value: Any, usual: Any) -> bool:
    """Whether a setting, or one of a group's, is given and not as usual."""
    if isinstance(value, Mapping) and isinstance(usual, Mapping):
        return any(differs(each, usual.get(key)) for key, each in value.items())
    return value is not None and value != usual


def setting_at(tree: Mapping[str, Any], name: str) -> Any:
    """The value of a setting such as `costs.carrying_rate`; None where there is none."""
    for key in name.split("."):
        tree = tree.get(key) if isinstance(tree, Mapping) else None  # type: ignore[assignment]
    return tree


def with_settings(scenario: Scenario, settings: Settings) -> Scenario:
    """Days, demand, costs and lead times as the settings have them; what they leave open stays."""
    changes: dict[str, Any] = {
        name: getattr(settings, name)
        for name in ("days", "warm_up", "opening_days")
        if getattr(settings, name) is not None
    }
    changes |= changed_network(scenario, settings)
    demand = dataclasses.replace(scenario.demand, **given(settings.demand))
    changes |= fields_of_parts(
        {name: scenario.changed(name, _said(getattr(settings, name), settings)) for name in setting_groups()}
    )
    if settings.warm_up is None and settings.scenario["kind"] != "folder":
        of_export = settings.scenario["kind"] == "erp"
        changes["warm_up"] = by_lead_times(changes.get("lanes", scenario.lanes)) if of_export else WARM_UP
    if settings.events is not None:
        changes["events"] = events_from(settings.events)
    return dataclasses.replace(scenario, demand=demand, **changes)


def _said(group: Any, settings: Settings) -> dict[str, Any]:
    """What a group of settings gives. Beside what an export shows, no category named says nothing of any."""
    said = given(group)
    if settings.scenario["kind"] == "erp":
        said = {name: value for name, value in said.items() if value != {}}
    return said


def by_lead_times(lanes: Sequence[Lane]) -> int:
    """The warm-up that a calibrated network takes, in days."""
    from restock.sim.calibration.lead_times import warm_up_of  # takes pandas, which is slow to import

    return warm_up_of(lanes)


def _written(description: dict[str, Any], settings: Settings) -> Scenario:
    """Items, sites and lanes as the file writes them out."""
    allowed = ("name", "start", "assumptions", "sites", "items", "season", "lanes")
    check_keys(description, allowed, "of scenario")
    for name in ("sites", "items", "lanes"):
        require(bool(description.get(name)), f"scenario.{name} must name at least one")
        check_mapping(f"scenario.{name}", description[name])
    sites = [made(Site, name, each, f"of site '{name}'") for name, each in description["sites"].items()]
    stores = [site.name for site in sites if site.kind == "store"]
    items, demand, known = [], {}, Item.own_settings()
    for name, each in description["items"].items():
        each = dict(check_mapping(f"scenario.items.{name}", each))
        asked = each.pop("demand", None)
        require(isinstance(asked, Mapping), f"item '{name}' needs a demand, such as {{law: poisson, mean: 3.0}}")
        own = {key: setting.read(each[key], f"of item '{name}'") for key, setting in known.items() if key in each}
        each |= own
        items.append(made(Item, name, each, f"of item '{name}'"))
        by_site = dict.fromkeys(stores, asked) if "law" in asked else asked
        for site, law in by_site.items():
            demand[name, site] = law_from(law, f"of item '{name}' at site '{site}'")
    lanes = [
        lane_from(source, destination, each)
        for destination, sources in description["lanes"].items()
        for source, each in check_mapping(f"scenario.lanes.{destination}", sources).items()
    ]
    season = part_of(Season, description.get("season") or {}, "of scenario.season")
    return scenario_of(
        description.get("name", "written"), items, sites, lanes, demand, season,
        start=start_of(description), assumptions=description.get("assumptions") or (),
    )  # fmt: skip


def _generated(description: dict[str, Any], settings: Settings) -> Scenario:
    from restock.experiments.generated import generate

    return generate(description)


def read_export(settings: Settings, what: str) -> Erp:
    """The export that a scenario of kind erp is calibrated from; of another kind there is none, which `what` needs."""
    from restock.sim.calibration.export import read_erp

    description = settings.scenario
    if description.get("kind") != "erp":
        raise InputError(
            f"{what} needs a record, and a scenario of kind {description.get('kind')} has none; give "
            "scenario=grocery, or a scenario of kind erp with its scenario.folder"
        )
    require("folder" in description, "scenario.folder must name the folder of the export")
    reading = {name: description[name] for name in READ if name in description}
    folder = data_folder(folder_name(description["folder"], "scenario.folder"))
    try:
        return read_erp(folder, **check_written(read_erp, reading, "scenario."))
    except OSError as error:
        raise InputError(f"cannot read '{error.filename}': {error.strerror}") from error


def _erp(description: dict[str, Any], settings: Settings, export: Erp | None = None) -> Scenario:
    """A calibrated export, with what the file assumes about lanes."""
    from restock.sim.calibration.kept_scenarios import kept_scenario

    allowed = ("name", "folder", *READ, *ERP_CHOICES, "from_dc", "from_supplier", *SHARING, "assumptions")
    check_keys(description, allowed, "of scenario")
    require("folder" in description, "scenario.folder must name the folder of the export")
    choices = {name: description[name] for name in ERP_CHOICES if name in description}
    share = fitting("scenario.sample_share", choices.get("sample_share", 1.0), ("float",))
    require(0 < share <= 1, f"scenario.sample_share must lie above 0 and not above 1, got {share}")
    recorded = settings.demand.source in ("replay", "bootstrap")
    if recorded or share < 1:
        choices["keep_history"] = recorded  # where a sample's laws are drawn from it is not needed
    folder = data_folder(folder_name(description["folder"], "scenario.folder"))
    reading = {name: description[name] for name in READ if name in description}

    def calibrated() -> Scenario:
        from restock.sim.calibration.calibrate import calibrate
        from restock.sim.calibration.export import read_erp

        checked = check_written(calibrate, choices, "scenario.")
        of_reading = check_written(read_erp, reading, "scenario.")
        erp = read_erp(folder, **of_reading) if export is None else export
        return calibrate(erp, **checked).scenario(description.get("name", "export"))

    of_export = {"name": description.get("name", "export"), **reading, **choices}
    scenario = kept_scenario(folder.glob("*"), of_export, calibrated) if export is None else calibrated()
    inside = {site.name for site in scenario.sites}
    lanes = []
    for lane in scenario.lanes:
        part = "from_dc" if lane.source in inside else "from_supplier"
        lanes.append(changed(lane, description.get(part, {}), f"of scenario.{part}"))
    sharing = {name: description[name] for name in SHARING if name in description}
    said = fitting("scenario.assumptions", description.get("assumptions") or (), ("tuple[str, ...]",))
    sites = tuple(dataclasses.replace(site, **sharing) for site in scenario.sites)
    demand = scenario.demand
    assumed = (*scenario.assumptions, *said)
    if recorded:
        demand = dataclasses.replace(demand, source=str(settings.demand.source))
        if share < 1:
            assumed += ("a recorded day is what was seen, and a draw of what the sample did not see, given that",)
    return dataclasses.replace(scenario, lanes=tuple(lanes), sites=sites, demand=demand, assumptions=assumed)


def _folder(description: dict[str, Any], settings: Settings) -> Scenario:
    """A scenario's own tables."""
    from restock.sim.model.scenario_folder import read_scenario

    check_keys(description, ("path",), "of scenario")
    return read_scenario(folder_name(description["path"], "scenario.path"))


def _beer_game(description: dict[str, Any], settings: Settings) -> Scenario:
    """The chain of the beer game, a day for a week of the game."""
    from restock.sim.study.beer_game.chain import CLASSIC, beer_game

    check_keys(description, ("customers", "assumptions"), "of scenario")
    scenario = beer_game(fitting("scenario.customers", description.get("customers") or CLASSIC, ("tuple[int, ...]",)))
    good = settings.days == scenario.days and settings.warm_up == 0
    require(good, f"the beer game runs for days={scenario.days} with warm_up=0: a day for a week, the first of them to "
                  f"fill the pipelines; got days={settings.days}, warm_up={settings.warm_up}")  # fmt: skip
    said = fitting("scenario.assumptions", description.get("assumptions") or (), ("tuple[str, ...]",))
    return dataclasses.replace(scenario, assumptions=said)


KINDS = {"written": _written, "generated": _generated, "erp": _erp, "folder": _folder, "beer_game": _beer_game}


def folder_name(given: Any, setting: str) -> str:
    """The name of a folder; one that is a number is read as a number, and meant as a name.

    >>> folder_name(2024, "scenario.path")
    '2024'
    """
    named = isinstance(given, (str, int)) and not isinstance(given, bool)
    require(named, f"{setting} must be the name of a folder, got {given!r:.60}")
    return str(given)


def data_folder(name: str) -> Path:
    """A folder on disk, or one shipped with restock (`pkg://restock.conf/data/grocery`)."""
    if name.startswith("pkg://"):
        package, _, inside = name[len("pkg://") :].partition("/")
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
    check_keys(settings, [name for name in setting_names(Lane) if name not in ("source", "destination")], where)
    values = dict(settings)
    values |= {key: each.read(values[key], where) for key, each in Lane.own_settings().items() if key in values}
    if "lead_time" in values:
        values["lead_time"] = law_from(values["lead_time"], f"of lead_time {where}")
    return lane.having(**values)


def made(kind: type, name: str, settings: Mapping[str, Any] | None, where: str) -> Any:
    """An Item or Site from its written form, which has no setting that the class does not know."""
    settings = {} if settings is None else settings
    check_keys(settings, [key for key in setting_names(kind) if key != "name"], where)
    return getattr(kind, "with_settings", kind)(name, **settings)
