"""Channels side by side: a table with an interval on every number, and lines of a report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from restock.sim import statistics
from restock.sim.features.channels.measures import SLOTS
from restock.sim.features.channels.settings import WALK_INS
from restock.sim.measures.measures import MEASURES

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.results.outcome import Outcome

COLUMNS = ("policy", "channel", "measure", "estimate", "low", "high", "half_width", "unit", "replications")
OF_CHANNEL = ("fill_rate", "asked_units", "lost_units", "waiting_units", "refused_units", "refused_there_units",
              "oversold_units", "from_stores_share", "cost")  # fmt: skip
OF_WALK_INS = {"fill_rate": "walk_in_fill_rate", "asked_units": "walk_in_asked_units",
               "unmet_units": "walk_in_unmet_units"}  # fmt: skip
HEADS = {"asked_units": "asked", "fill_rate": "served at once", "from_stores_share": "from stores",
         "refused_units": "refused", "refused_there_units": "of it there", "oversold_units": "oversold",
         "waiting_units": "waits", "lost_units": "lost", "cost": "cost"}  # fmt: skip


def channel_table(outcomes: Iterable[Outcome], confidence: float = 0.95) -> pd.DataFrame:
    """Tidy: policy, channel, measure, estimate, low, high, half_width, unit, replications; those who walk in first.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.features.channels.settings import Channels
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> shop = one_shop(features=(Channels(by_name={"collect": {"share": 0.2, "served": "own_store"}}),))
    >>> table = channel_table([evaluate(shop, BaseStock(base_stock_level=20), 4, seed=1)])
    >>> table["channel"].unique().tolist()
    ['walk_ins', 'collect']
    """
    import pandas as pd

    rows: list[tuple[object, ...]] = []
    for outcome in outcomes:
        named = {WALK_INS: OF_WALK_INS} | {
            channel: {each: f"{slot}_{each}" for each in OF_CHANNEL}
            for channel, slot in zip(outcome.prepared.scenario.feature("channels").channels, SLOTS, strict=False)
        }
        for channel, measures in named.items():
            names = list(measures.values())
            top, bottom = outcome.pairs("chain", names)
            found = statistics.interval(top[:, 0], bottom[:, 0], confidence)
            for k, (what, name) in enumerate(measures.items()):
                low, high = found.low[k], found.high[k]
                if MEASURES[name].unit == "share":
                    low, high = np.clip((low, high), 0, 1)
                rows.append((outcome.label, channel, what, float(found.estimate[k]), float(low), float(high),
                             float(found.half_width[k]), MEASURES[name].unit, outcome.replications))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def channel_lines(table: pd.DataFrame) -> list[str]:
    """Lines of a report: each policy's channels, and of what they were asked for, what became of it.

    >>> import pandas as pd
    >>> rows = [("lean", "walk_ins", "fill_rate", 0.97, 0.96, 0.98, 0.01, "share", 4),
    ...         ("lean", "walk_ins", "asked_units", 5200.0, 5180.0, 5220.0, 20.0, "units/year", 4)]
    >>> print(chr(10).join(channel_lines(pd.DataFrame(rows, columns=list(COLUMNS)))))
    Channels, in units a year:
    policy  channel        asked  served at once
    lean    walk_ins  5,200 ± 20   97.00 ± 1.00%
    """
    shown = [name for name in HEADS
             if table.loc[table["measure"] == name, "estimate"].fillna(0).any() or name == "fill_rate"]  # fmt: skip
    cells = [["policy", "channel", *(HEADS[name] for name in shown)]]
    for (policy, channel), rows in table.groupby(["policy", "channel"], sort=False):
        of = rows.set_index("measure")
        first = policy if cells[-1][0] == "policy" or policy not in {row[0] for row in cells} else ""
        cells.append([first, channel, *(_cell(of, name) for name in shown)])
    wide = [max(len(row[k]) for row in cells) for k in range(len(cells[0]))]
    lines = ["  ".join(text.ljust(w) if k < 2 else text.rjust(w)
                       for k, (text, w) in enumerate(zip(row, wide, strict=True))) for row in cells]  # fmt: skip
    return ["Channels, in units a year:", *(line.rstrip() for line in lines)]


def _cell(of: pd.DataFrame, name: str) -> str:
    """An estimate with its half-width; nothing where the channel has no such figure."""
    if name not in of.index or of.loc[name, "estimate"] != of.loc[name, "estimate"]:
        return ""
    value, half = of.loc[name, "estimate"], of.loc[name, "half_width"]
    if value == 0 and half == 0:
        return "0"
    share = of.loc[name, "unit"] == "share"
    value, half = (100 * value, 100 * half) if share else (value, half)
    decimals = 2 if share else 0 if half >= 1 or half != half else 1
    said = f"{value:,.{decimals}f}" + ("" if half != half else f" ± {half:,.{decimals}f}")
    return f"{said}%" if share else said
