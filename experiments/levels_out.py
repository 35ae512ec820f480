"""Levels as a table to load into an ERP system: what each item holds and orders at each site, and what to expect of it.

Written as CSV, which `policy=levels` plays again, and as .xlsx where the package for it is there. Codes stay text, and
nothing that a spreadsheet takes for a formula is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.experiments.sheets import SHARE, WHOLE, write_for_sheets
from restock.policies.levels import LEVELS, METHODS, methods_of
from restock.policies.protection import over_protection_interval
from restock.sim.results.outcome import Outcome, measure_number

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("policy", "item", "site", "class", *LEVELS, "review_period", "safety_stock", "demand_per_day",
           "lead_time_days", "lead_time_demand", "fill_rate", "fill_rate_low", "fill_rate_high",
           "average_stock", "average_stock_low", "average_stock_high")  # fmt: skip
DIGITS = 4  # beyond which no planner looks; levels are whole numbers of what is counted
WHOLE_NUMBERS = ("review_period",)
SHARES = ("fill_rate", "fill_rate_low", "fill_rate_high")


def level_table(outcomes: Iterable[Outcome], confidence: float = 0.95) -> pd.DataFrame:
    """A row for each policy, item and site whose levels stand still, in true units, whatever an item is counted in.

    Safety stock is the level that triggers an order less mean demand over the protection interval. Fill rate and stock
    are those of the runs, with their intervals; outcomes need the level 'cell'. Cells whose levels move from day
    to day (forecasts, rules that remember) have no row: see `moving`.
    """
    import pandas as pd

    frames = [_of(outcome, confidence) for outcome in outcomes]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))


def moving(outcomes: Iterable[Outcome]) -> list[str]:
    """A line for each policy some of whose levels do not stand still."""
    lines = []
    for outcome in outcomes:
        still = np.isin(outcome.plan.rule_of, list(methods_of(outcome.plan)))
        many = int((outcome.prepared.scenario.stocked & ~still).sum())
        if many:
            lines.append(f"tables/levels leaves out {many:,} cells of policy '{outcome.label}': their levels move from "
                         "day to day")  # fmt: skip
    return lines


def _of(outcome: Outcome, confidence: float) -> pd.DataFrame:
    import pandas as pd

    scenario, known, plan = outcome.prepared.scenario, outcome.prepared.known, outcome.plan
    methods = methods_of(plan)
    still = scenario.stocked & np.isin(plan.rule_of, list(methods))
    place = np.cumsum(scenario.stocked.ravel()).reshape(still.shape) - 1  # of a cell among those stocked
    i, n = np.nonzero(still)
    unit = np.array([item.counted_in for item in scenario.items])[i]
    columns: dict[str, Any] = {
        "policy": outcome.label,
        "item": [scenario.items[k].name for k in i],
        "site": [scenario.sites[k].name for k in n],
        "class": "" if plan.tier_of is None else plan.tier_of[i, n].astype(str),
    }
    columns |= {name: np.full(len(i), np.nan) for name in LEVELS}
    trigger = np.zeros(len(i))
    for number, method in methods.items():
        mine = plan.rule_of[i, n] == number
        for name in METHODS[method][0]:
            columns[name][mine] = plan.levels[number][name][i, n][mine] * unit[mine]  # type: ignore[call-overload, index]
        trigger[mine] = columns[METHODS[method][0][0]][mine]
    mean, _ = over_protection_interval(known, plan.review_period)
    rate, lead_time = known.demand_mean[i, n] * unit, known.lead_time_mean[i, n]
    columns |= {"review_period": plan.review_period[i, n], "safety_stock": trigger - mean[i, n] * unit,
                "demand_per_day": rate, "lead_time_days": lead_time, "lead_time_demand": rate * lead_time}  # fmt: skip
    found, at = outcome.interval("cell", confidence), place[i, n]
    for name, measure in (("fill_rate", "fill_rate"), ("average_stock", "average_on_hand")):
        for end, part in (("", "estimate"), ("_low", "low"), ("_high", "high")):
            columns[f"{name}{end}"] = getattr(found, part)[at, measure_number(measure)]
    for name in SHARES:
        columns[name] = np.clip(columns[name], 0.0, 1.0)
    return pd.DataFrame(columns)[list(COLUMNS)].round(DIGITS)


def write_levels(frame: pd.DataFrame, folder: Path) -> None:
    """levels.csv, and levels.xlsx where the package that writes it is installed."""
    shapes = dict.fromkeys(SHARES, SHARE) | dict.fromkeys(WHOLE_NUMBERS, WHOLE)
    write_for_sheets(frame, folder, "levels", ("policy", "item", "site", "class"), shapes, "D2")
