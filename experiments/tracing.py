"""restock trace: one replication day by day, in the event engine, and the stock of one cell as a picture."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.experiments.run_folder import whole_or_nothing, write_figure, write_settings, write_table
from restock.experiments.settings import Settings, plain
from restock.sim.errors import InputError, require, unknown
from restock.sim.measures.ledger import named
from restock.sim.model.demand_event_files import of_item
from restock.sim.model.scenario import Scenario
from restock.sim.planning.levels import ByDay, cells
from restock.sim.planning.policy import Plan, Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.run.shards import run_shards

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.engines.events.engine import Run

QUARTER = 91  # days in the picture
NOT_UNITS = ("_hundredths", "_days", "_thousandths", "_parts", "lot")  # ends of names of levels that are no stock
WHOLE = 300_000  # cell-days up to which every item is traced; beyond, only the one that is drawn


def trace_cell(
    prepared: Prepared,
    policies: dict[str, Policy],
    settings: Settings,
    about: dict[str, Any],
    folder: Path,
    report: bool,
) -> list[dict[str, Any]]:
    """Write the event log, the stock of every traced cell, and the picture of the chosen one."""
    import pandas as pd

    from restock.sim.engines.events.engine import Day, Entry
    from restock.sim.figures.stock import stock_over_time

    ((label, policy),) = policies.items()
    scenario = prepared.scenario
    engine, i, n = traced_run(prepared, policy, settings)
    item, site = scenario.items[i].name, scenario.sites[n].name
    whole, nights = engine.prepared is prepared, nights_of_limits(engine)
    at = i if whole else 0  # where the run has the item
    log = with_dates(pd.DataFrame(engine.log, columns=list(Entry._fields)), scenario)
    cells = with_dates(pd.DataFrame(engine.daily, columns=list(Day._fields)), scenario)
    cells["unmet"] = cells["demand"] - cells["filled"]
    mine = cells[(cells["item"] == item) & (cells["site"] == site)]
    known, levels = prepared.known, levels_of(engine.plan, at, n)
    mine = mine.assign(promotion=known.promotion_by_day[known.profile_of[i, n]][mine["day"]])
    title = f"{item} at {site} under {label}: replication {settings.replication}, seed {settings.seed}"
    figures = {
        "stock": stock_over_time(worth_seeing(mine, scenario.warm_up), levels, title, scenario.warm_up),
        "stock_all_days": stock_over_time(mine, levels, title, scenario.warm_up),
    } if settings.figures else {}  # fmt: skip
    if settings.figures and nights is not None:
        figures |= limits_figure(nights, label, settings, scenario)
    book = {name: int(value) for name, value in named(engine.ledger[at, n]).items()}
    text = "\n".join([
        f"{scenario.name}, replication {settings.replication} of seed {settings.seed}, policy {label}",
        f"drawn: item '{item}' at site '{site}'"
        + "".join(f", {name} {in_numbers(level)}" for name, level in levels.items()),
        f"traced: {'every item' if whole and logs_all(engine) else 'this item at every site'}, {len(log):,} events in "
        f"{scenario.horizon} days ({scenario.warm_up} of warm-up)",
        f"after the warm-up: demand {book['demand']:,}, served at once {book['filled']:,}, lost {book['lost']:,}, "
        f"received {book['received']:,}, in {book['orders']:,} orders",
        *counted(book, mine),
        *sent_between_stores(book),
        *lines_of_limits(nights, scenario),
        "check: this replication's ledger is equal to the one of the compiled engine, in every column",
        *record_sheets(engine, settings),
    ])  # fmt: skip
    with whole_or_nothing(folder, text) as place:
        write_settings(place, plain(settings), about | {"item": item, "site": site}, text)
        (place / "tables").mkdir()
        tables = {"events": log, "stock": cells} | ({} if nights is None else {"limits": nights})
        for name, table in tables.items():
            write_table(from_first_measured(table, scenario), place / "tables", name)
        if figures:
            (place / "figures").mkdir()
        for name, figure in figures.items():
            write_figure(figure, place / "figures", name)
    if report:
        print(text)
    return []


def traced_run(prepared: Prepared, policy: Policy, settings: Settings) -> tuple[Run, int, int]:
    """The replication that is asked for, with its log, and the cell that is drawn, held against the compiled engine.

    Of a large scenario the run has that item alone; where items share limits it has all of them, and logs that one.
    """
    from restock.sim.engines.events.engine import Run

    scenario, plan = prepared.scenario, prepared.plan(policy)
    i, n = chosen_cell(prepared, settings.item, settings.site)
    whole = scenario.horizon * int(scenario.stocked.sum()) <= WHOLE
    if prepared.world.features.limits.used:
        from restock.sim.features.limits.nights import CountedRun

        whole, only = True, None if whole else i
        run: Run = CountedRun(prepared, plan, settings.seed, settings.replication, only)
    else:
        alone = None if whole else Prepared(one_item(scenario, i, prepared.world.daily_rate))
        part = plan if whole else one_item_plan(plan, i)
        run = Run(alone or prepared, part, settings.seed, settings.replication, log=True)
    run.run()
    one = (settings.replication, settings.replication + 1)
    kernel = np.concatenate([s.ledger[0] for s in run_shards(prepared, plan, settings.seed, one, settings.threads)])
    if not same_ledgers(run.ledger, kernel if whole else kernel[i : i + 1]):
        raise AssertionError("the event engine and the kernel differ: please report this scenario and seed")
    return run, i, n


def logs_all(run: Run) -> bool:
    """Whether the log of a run holds every item that it has."""
    return getattr(run, "only", None) is None


def nights_of_limits(run: Run) -> pd.DataFrame | None:
    """What limits bore, night by night; None where nothing is limited."""
    if not run.prepared.world.features.limits.used:
        return None
    from restock.sim.features.limits.nights import CountedRun, limit_nights

    assert isinstance(run, CountedRun)
    found = limit_nights(run)
    return with_dates(found, run.prepared.scenario) if len(found) else None


def lines_of_limits(nights: pd.DataFrame | None, scenario: Scenario) -> list[str]:
    """Which limit bound most often, where there are any."""
    if nights is None:
        return []
    from restock.sim.features.limits.nights import words_of

    return [f"limits, of nights with something to move: {words_of(nights, scenario.warm_up)}"]


def limits_figure(nights: pd.DataFrame, label: str, settings: Settings, scenario: Scenario) -> dict[str, Any]:
    """The picture of limits over time, by its name."""
    from restock.sim.features.limits.figure import utilisation
    from restock.sim.features.limits.nights import words_of

    of = f"replication {settings.replication}, seed {settings.seed}"
    title = f"{label}: limits of {scenario.name}, {of}\n{words_of(nights, scenario.warm_up)}"
    drawn = utilisation(nights, title, scenario.warm_up)
    return {} if drawn is None else {"limits": drawn}


def same_ledgers(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether ledgers are the same; columns that one of them leaves out, as its items never use them, are zeros.

    >>> same_ledgers(np.array([3, 4]), np.array([3, 4, 0])), same_ledgers(np.array([3, 4]), np.array([3, 4, 1]))
    (True, False)
    """
    wide = min(one.shape[-1], other.shape[-1])
    rest = one[..., wide:].any() or other[..., wide:].any()
    return np.array_equal(one[..., :wide], other[..., :wide]) and not rest


def counted(book: dict[str, int], cell: pd.DataFrame) -> list[str]:
    """What the record did beside the stock, where it did anything."""
    if not (book["shrunk"] or book["counts"] or (cell["seen"] != cell["on_hand"]).any()):
        return []
    return [
        "record: {shrunk:,} units lost unseen, {counts:,} counts wrote off {written_off:,} and found {found:,}; "
        "exact at the end of {record_exact_days:,} days, above 0 over an empty shelf on {phantom_days:,}; "
        "at the end {closing_record:,} for {closing_on_hand:,} on the shelf".format(**book),
        *["wrong scans raised the record by {overbooked:,} units and lowered it by {underbooked:,}".format(**book)]
        * bool(book["overbooked"] or book["underbooked"]),
    ]


def sent_between_stores(book: dict[str, int]) -> list[str]:
    """What came from other stores and went to them, where anything did."""
    if not (book["transferred_in"] or book["transferred_out"] or book["transfer_missing"]):
        return []
    return [
        "transfers: {transferred_in:,} units from other stores, {filled_by_transfer:,} of them to customers the same "
        "day; {transferred_out:,} to other stores; {transfer_missing:,} were to be sent and were not there".format(
            **book
        )
    ]


def record_sheets(run: Run, settings: Settings) -> list[str]:
    """Of the beer game, the stages' record sheets week by week, and what each has spent."""
    if settings.scenario.get("kind") != "beer_game":
        return []
    from restock.experiments.beer_game.debrief import classic_lines
    from restock.sim.study.beer_game.board import classic_table, costs, weeks_of
    from restock.sim.study.beer_game.chain import STAGES, week_one

    weeks = weeks_of(run, run.prepared.scenario.days - week_one(STAGES[0]))
    spent = costs(weeks)
    each = ", ".join(f"{stage} {units:,.1f}" for stage, units in spent.items())
    return ["", *classic_lines(classic_table(weeks)), "", f"cost {sum(spent.values()):,.1f}: {each}"]


def worth_seeing(cell: pd.DataFrame, warm_up: int) -> pd.DataFrame:
    """A quarter that can be read: around the first measured day on which demand was short, else the first."""
    short = cell[(cell["unmet"] > 0) & (cell["day"] >= warm_up)]["day"]
    last = max(warm_up, int(cell["day"].max()) + 1 - QUARTER)
    first = min(last, max(warm_up, int(short.iloc[0]) - QUARTER // 2 if len(short) else warm_up))
    return cell[(cell["day"] >= first) & (cell["day"] < first + QUARTER)]


def chosen_cell(prepared: Prepared, item: str | None, site: str | None) -> tuple[int, int]:
    """The cell that is named; what is not named is the busiest, at a store where one is left to choose."""
    scenario = prepared.scenario
    items, sites = [x.name for x in scenario.items], [x.name for x in scenario.sites]
    for what, name, names in (("item", item, items), ("site", site, sites)):
        if name is not None and name not in names:
            raise unknown(what, name, names)
    rate = np.where(scenario.stocked, prepared.world.daily_rate, -1.0)
    if site is None:
        rate[:, [x.kind != "store" for x in scenario.sites]] = -1.0
        require(bool((rate >= 0).any()), "trace: no store to draw; name a site")
    else:
        rate[:, [name != site for name in sites]] = -1.0
    if item is not None:
        rate[[name != item for name in items]] = -1.0
    i, n = np.unravel_index(int(rate.argmax()), rate.shape)
    if rate[i, n] < 0:
        place = f"site '{site}'" if site else "any store"
        raise InputError(f"trace: item '{item}' is not stocked at {place}")
    return int(i), int(n)


def one_item(scenario: Scenario, i: int, rate: np.ndarray) -> Scenario:
    """The scenario with one item only: items share no stock, and draws are keyed by name, so nothing changes for it."""
    keep = np.array([i])
    opening = None if scenario.opening_stock is None else scenario.opening_stock[keep]
    state = scenario.opening and scenario.opening.of_items(keep)
    alone = [feature.alone(scenario, i, rate) for feature in scenario.features]
    own = {name: value for _, settings in alone for name, value in settings.items()}
    item = scenario.items[i]
    lanes = tuple(lane.for_items([item.name]) for lane in scenario.lanes)
    return dataclasses.replace(
        scenario, items=(item.having(**own),), lanes=lanes, demand=scenario.demand.of_items(keep),
        opening_stock=opening, opening=state, events=of_item(scenario.events, item),
        features=tuple(feature for feature, _ in alone),
    )  # fmt: skip


def one_item_plan(plan: Plan, i: int) -> Plan:
    """The plan of one item, as it was made for all."""
    keep = slice(i, i + 1)
    levels = tuple({name: cells(level, keep) for name, level in each.items()} for each in plan.levels)
    memories = tuple(memory and memory._replace(start=memory.start[keep]) for memory in plan.memories)
    tier = None if plan.tier_of is None else plan.tier_of[keep]
    period, expresses = plan.review_period[keep], plan.expresses
    return Plan(plan.name, plan.rules, levels, plan.rule_of[keep], period, tier, memories, expresses=expresses)


def levels_of(plan: Plan, i: int, n: int) -> dict[str, float | np.ndarray]:
    """The levels of one cell that are stock, by name: a number, or one for each day where it changes."""
    out: dict[str, float | np.ndarray] = {}
    for name, level in plan.levels[int(plan.rule_of[i, n])].items():
        if isinstance(level, ByDay):
            values = level.values[level.row_of[i, n]].astype(float)
            out[name] = values if np.ptp(values) else float(values[0])
        else:
            out[name] = float(level[i, n])
    return {name: level for name, level in out.items() if not name.endswith(NOT_UNITS)}


def in_numbers(level: float | np.ndarray) -> str:
    """A level, or from where to where it goes.

    >>> in_numbers(3.0), in_numbers(np.array([3.0, 9.0]))
    ('3', '3 to 9')
    """
    return f"{np.min(level):g}" if np.ndim(level) == 0 else f"{np.min(level):g} to {np.max(level):g}"


def from_first_measured(frame: Any, scenario: Scenario) -> Any:
    """Days counted as events and policies count them: from the first measured day, negative in the warm-up."""
    return frame.assign(day=frame["day"] - scenario.warm_up)


def with_dates(frame: Any, scenario: Scenario) -> Any:
    """The calendar day beside the number of the day."""
    import pandas as pd

    dates = pd.Timestamp(scenario.start) + pd.to_timedelta(frame["day"], unit="D")
    frame.insert(1, "date", dates.dt.date.astype(str))
    return frame
