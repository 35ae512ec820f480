"""A scenario as a folder of tables: written, edited in a spreadsheet, read back.

    scenario.yaml   name, start, days, costs, settings of features (records, returns, ...), settings of demand, seasons,
                    events, assumptions, and `assumed`: settings that are default because nobody gave them (a setting
                    whose value you change counts as given)
    items.csv       one row per item      sites.csv   one row per site      lanes.csv   one row per lane
    demand.csv      item, site, law (JSON), season (number of a season in scenario.yaml), opening_stock (if stated)
    history.csv.gz  item, site, date, units: recorded demand; days without a row had none. Of a sample of receipts
                    (sample_share of history in scenario.yaml) receipts, too: empty where nobody could have come
    stock.csv       item, site, on_hand, record, waiting: the state on the first day, where scenario.yaml says
                    `opening: {arrive: law}`, or expected; the columns record and waiting may be left out
    open_orders.csv item, site, quantity, order_date, expected_date: beside it, where there are any

Columns are the fields of `Item`, `Site` and `Lane`, and what features let an item say of its own; a column left out
means the default. Numbers are written so that
they read back exactly. Every cell gets back the same law, season and history; equal laws are stored once.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml

from restock.sim.checks import check_mapping, part_of, shown
from restock.sim.errors import InputError, require, unknown
from restock.sim.model.assumed import NAMES, not_named, still_default
from restock.sim.model.demand import NOT_OPEN, Demand, History, Season
from restock.sim.model.demand_event_files import events_from, to_mapping
from restock.sim.model.feature import HasOwn
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.opening.opening_files import no_state_beside, read_opening, write_opening
from restock.sim.model.scenario import MOST_DAYS, Scenario, fields_of_parts, parts_of_group, setting_groups
from restock.sim.model.scenario_rows import (
    cell_of,
    default_of,
    in_a_cell,
    of_a_cell,
    plain,
    read_csv,
    write_csv,
    write_history,
)  # fmt: skip
from restock.sim.probability.laws import Law
from restock.sim.yaml_file import read_yaml

TABLES = {"items": Item, "sites": Site, "lanes": Lane}
APART = {
    *TABLES,
    "costs",
    "features",
    "demand",
    "events",
    "opening_stock",
    "opening",
}  # fields that are no settings of their own
ARRAYS = {"laws", "law_of", "seasons", "season_of", "history"}


def write_scenario(scenario: Scenario, folder: str | Path) -> None:
    """Write the scenario's tables into `folder`, made if it is not there.

    >>> from tempfile import TemporaryDirectory
    >>> from restock.sim.planning.example import one_shop
    >>> with TemporaryDirectory() as folder:
    ...     write_scenario(one_shop().scenario, folder)
    ...     sorted(path.name for path in Path(folder).iterdir() if path.suffix == ".yaml")
    ['scenario.yaml']
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    opening = None if scenario.opening is None else write_opening(scenario, folder)
    for name, kind in TABLES.items():
        _write_rows(folder / f"{name}.csv", kind, getattr(scenario, name))
    demand = scenario.demand
    settings = {f.name: plain(getattr(scenario, f.name)) for f in fields(scenario) if f.name not in APART}
    for name in setting_groups():
        settings[name] = {
            f.name: plain(getattr(part, f.name)) for part in scenario.settings(name) for f in fields(part)
        }
    if scenario.events:
        settings["events"] = [{key: plain(value) for key, value in to_mapping(event).items()}
                              for event in scenario.events]  # fmt: skip
    settings["demand"] = {f.name: plain(getattr(demand, f.name)) for f in fields(Demand) if f.name not in ARRAYS}
    settings["seasons"] = [
        {f.name: plain(getattr(season, f.name)) for f in fields(Season)} for season in demand.seasons
    ]
    if demand.history is not None:
        settings["history"] = {"start": demand.history.start, "days": demand.history.units.shape[1]}
        if demand.history.sample_share < 1:
            settings["history"]["sample_share"] = demand.history.sample_share
        write_history(folder / "history.csv.gz", scenario, demand.history)
    if opening is not None:
        settings["opening"] = opening
    _write_demand(folder / "demand.csv", scenario)
    text = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True, width=110)
    (folder / "scenario.yaml").write_text(text, encoding="utf-8", newline="\n")


def read_scenario(folder: str | Path) -> Scenario:
    """The scenario written in `folder`; what it leaves out has its default.

    Raises InputError, with file and row, for what is missing, unknown or out of range.

    >>> from tempfile import TemporaryDirectory
    >>> from restock.sim.planning.example import one_shop
    >>> with TemporaryDirectory() as folder:
    ...     write_scenario(one_shop().scenario, folder)
    ...     tables = sorted(path.name for path in Path(folder).iterdir())
    ...     again = read_scenario(folder)
    >>> again.items == one_shop().scenario.items
    True
    """
    folder = Path(folder)
    if not (folder / "scenario.yaml").exists():
        raise InputError(f"'{folder}' holds no scenario: scenario.yaml is missing")
    settings = read_yaml(folder / "scenario.yaml")
    tables = {name: tuple(_read_rows(folder / f"{name}.csv", kind)) for name, kind in TABLES.items()}
    item_index = {item.name: i for i, item in enumerate(tables["items"])}
    site_index = {site.name: n for n, site in enumerate(tables["sites"])}
    of_demand = settings.pop("demand", None) or {}
    seasons, history = settings.pop("seasons", None) or [{}], settings.pop("history", None)
    has_state, of_state = "opening" in settings, settings.pop("opening", None)
    known = {f.name for f in fields(Scenario)} - APART
    stated = settings.pop("assumed", None)  # by who wrote the folder; by hand: what is left out
    left_out = not_named(NAMES, [*_keys(settings), *_columns(folder)]) if stated is None else stated
    groups = setting_groups()
    _known(settings, known | {*groups, "demand", "seasons", "events", "history", "opening"}, "")
    settings["events"] = events_from(settings.get("events") or [])
    parts = {}
    for name in groups:
        group = settings.pop(name, None)
        parts[name] = parts_of_group(name, {} if group is None else group, f"of {name} in scenario.yaml")
    check_mapping("demand of scenario.yaml", of_demand)
    _known(of_demand, {f.name for f in fields(Demand)} - ARRAYS, "of demand ")
    require(isinstance(seasons, list), f"seasons of scenario.yaml must be a list, got {shown(seasons)}")
    laws, law_of, season_of, opening = _read_demand(folder / "demand.csv", item_index, site_index, len(seasons))
    recorded = _read_history(folder / "history.csv.gz", item_index, site_index, history) if history else None
    made = tuple(part_of(Season, season, f"of season {k} in scenario.yaml") for k, season in enumerate(seasons))
    demand = Demand(laws, law_of, made, season_of, recorded, **of_demand)
    fields_of: dict[str, Any] = {**tables, **settings}
    scenario = Scenario(demand=demand, opening_stock=opening, **fields_of, **fields_of_parts(parts))
    if not has_state:
        no_state_beside(folder)
    opening = read_opening(folder, scenario, of_state) if has_state else None
    return dataclasses.replace(scenario, opening=opening, assumed=still_default(scenario, left_out))


def _keys(settings: dict[str, Any]) -> list[str]:
    """Settings that scenario.yaml gives, those of a part as `costs.carrying_rate`."""
    groups = setting_groups()
    inside = [f"{name}.{key}" for name in groups for key in settings.get(name) or {}]
    return [*(name for name in settings if name not in groups), *inside]


def _columns(folder: Path) -> list[str]:
    """Columns that the tables have, as `lanes.ordering_cost`."""
    headers = {name: (folder / f"{name}.csv").read_text(encoding="utf-8-sig").partition("\n")[0] for name in TABLES}
    return [f"{name}.{column.strip()}" for name, header in headers.items() for column in header.split(",")]


def _known(given: Iterable[str], allowed: set[str], of: str) -> None:
    for key in given:
        if key not in allowed:
            raise unknown("setting", key, allowed, f"{of}in scenario.yaml")


class _Column(NamedTuple):
    name: str
    annotation: str
    default: Any
    own: bool  # an own setting of a feature

    def of(self, row: Any) -> Any:
        return row.own.get(self.name) if self.own else getattr(row, self.name)


def _table_columns(kind: type) -> list[_Column]:
    """The columns that a table may have."""
    columns = [_Column(f.name, str(f.type), default_of(f), False) for f in fields(kind)]
    if not issubclass(kind, HasOwn):
        return columns
    own = [_Column(each.name, each.annotation, None, True) for each in kind.own_settings().values()]
    return [column for column in columns if column.name != "own"] + own


def _write_rows(path: Path, kind: type, rows: Iterable[Any]) -> None:
    """Every column that has no default, and those that differ from it somewhere."""
    rows = list(rows)
    kept = [c for c in _table_columns(kind) if c.default is MISSING or any(c.of(row) != c.default for row in rows)]
    write_csv(path, [c.name for c in kept], ([in_a_cell(c.of(row)) for c in kept] for row in rows))


def _read_rows(path: Path, kind: type) -> Iterator[Any]:
    types = {column.name: column.annotation for column in _table_columns(kind)}
    for number, row in read_csv(path):
        for column in row:
            if column not in types:
                raise unknown("column", column, types, f"of {path.name}")
        at = f"{path.name} row {number}"
        made = {column: of_a_cell(text, types[column], f"{at}: {column}") for column, text in row.items()}
        yield part_of(kind, made, f"of {at}")


def _write_demand(path: Path, scenario: Scenario) -> None:
    demand, texts = scenario.demand, [in_a_cell(law) for law in scenario.demand.laws]
    there, season_of = demand.law_of >= 0, np.asarray(demand.season_of)
    opening = scenario.opening_stock
    if opening is not None:
        there = there | (opening > 0)
    header = ["item", "site", "law", "season"] + ["opening_stock"] * (opening is not None)

    def rows() -> Iterator[list[Any]]:
        for i, n in zip(*np.nonzero(there), strict=True):
            law = texts[demand.law_of[i, n]] if demand.law_of[i, n] >= 0 else ""
            row = [scenario.items[i].name, scenario.sites[n].name, law, season_of[i, n]]
            yield row + ([int(opening[i, n])] if opening is not None else [])

    write_csv(path, header, rows())


def _read_demand(path: Path, items: dict[str, int], sites: dict[str, int], seasons: int):
    shape = (len(items), len(sites))
    law_of, season_of, opening = np.full(shape, -1, np.int32), np.zeros(shape, np.int32), None
    laws: dict[Law, int] = {}
    number_of: dict[str, int] = {"": -1}  # a text met before need not be read again
    for number, row in read_csv(path):
        i, n = cell_of(row, items, sites, f"{path.name} row {number}")
        text, season = (
            row.get("law", ""),
            of_a_cell(row.get("season") or "0", "int", f"{path.name} row {number}: season"),
        )
        if text not in number_of:
            number_of[text] = laws.setdefault(of_a_cell(text, "Law", f"{path.name} row {number}: law"), len(laws))
        if not 0 <= season < seasons:
            raise InputError(f"{path.name} row {number}: season must be from 0 to {seasons - 1} (given '{season}')")
        law_of[i, n], season_of[i, n] = number_of[text], season
        if "opening_stock" in row:
            opening = np.zeros(shape, np.int64) if opening is None else opening
            opening[i, n] = of_a_cell(row["opening_stock"], "int", f"{path.name} row {number}: opening_stock")
    return tuple(laws), law_of, season_of, opening


def _read_history(path: Path, items: dict[str, int], sites: dict[str, int], settings: dict[str, Any]) -> History:
    check_mapping("history of scenario.yaml", settings)
    _known(settings, {"start", "days", "sample_share"}, "of history ")
    good = isinstance(settings.get("start"), datetime.date) and isinstance(settings.get("days"), int)
    require(good and 7 <= settings["days"] <= MOST_DAYS, "history of scenario.yaml needs start, a date, and days, a "
            f"whole number from 7 to {MOST_DAYS:,}; got {settings}")  # fmt: skip
    row_of, made = np.full((len(items), len(sites)), -1, np.int64), 0
    cells, days, units, receipts = [], [], [], []
    for number, row in read_csv(path):
        cell = cell_of(row, items, sites, f"{path.name} row {number}")
        if row_of[cell] < 0:
            row_of[cell] = made
            made += 1
        try:
            day = (datetime.date.fromisoformat(row["date"]) - settings["start"]).days
        except ValueError:
            raise InputError(
                f"{path.name} row {number}: date is not a date (YYYY-MM-DD) (given '{row['date']}')"
            ) from None
        if not 0 <= day < settings["days"]:
            raise InputError(
                f"{path.name} row {number}: date lies outside the history of scenario.yaml (given '{row['date']}')"
            )
        cells.append(int(row_of[cell]))
        days.append(day)
        units.append(of_a_cell(row["units"], "int", f"{path.name} row {number}: units"))
        if "receipts" in row:
            where = f"{path.name} row {number}: receipts"
            receipts.append(of_a_cell(row["receipts"], "int", where) if row["receipts"] else NOT_OPEN)
            if not 0 <= receipts[-1] <= units[-1] and (row["receipts"] or units[-1]):
                raise InputError(f"{where} must be from 0 to the row's units (given '{row['receipts']}')")
    shape = made, settings["days"]
    table, of_day = np.zeros(shape, np.int32), np.zeros(shape, np.int32) if receipts else None
    table[cells, days] = units
    if of_day is not None:
        of_day[cells, days] = receipts
    return History(table, row_of, settings["start"], of_day, settings.get("sample_share", 1.0))
