"""Whether chances come true: those of many cells held against what happened, by tenths of chance, and in one score.

Sources: Murphy & Winkler (1977), Applied Statistics 26, 41-47 (reliability of probability forecasts); Brier (1950),
Monthly Weather Review 78, 1-3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from restock.sim import statistics
from restock.sim.model.abc_classes import CLASSES
from restock.sim.results.text import aligned, capital_first
from restock.sim.study.projection.projection import Projection

if TYPE_CHECKING:
    import pandas as pd

EVENTS = {"before_delivery": "short before the next delivery", "in_all": "short at all in these weeks"}
TENTHS, LEAST_PLACES, LEAST_CELLS = 10, 5, 20


def judged(futures: Projection, recorded: Projection) -> pd.DataFrame:
    """A row for each cell and event: event, item, site, class, chance, happened (0 or 1).

    `recorded` is the projection of one future, in which recorded days are played.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.model.opening.opening_state import OpeningState
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.projection.projection import project
    >>> shop = one_shop(days=14, opening=OpeningState(np.array([[2], [90]])))
    >>> plan = shop.plan(BaseStock(base_stock_level=20))
    >>> cells = judged(project(shop, plan, "lean", 20, seed=1), project(shop, plan, "lean", 1, seed=2))
    >>> cells[["item", "chance", "happened"]].values.tolist()[:2]
    [['milk', 1.0, 1.0], ['bread', 0.0, 0.0]]
    """
    import pandas as pd

    cells = futures.cells()
    named = {name: cells[name] for name in ("item", "site", "class")}
    frames = []
    for event, field in zip(EVENTS, ("short_before", "short"), strict=True):
        chance = futures.of_cells(field) / futures.futures
        happened = recorded.of_cells(field).astype(float)
        frames.append(pd.DataFrame({"event": event, **named, "chance": chance, "happened": happened}))
    return pd.concat(frames, ignore_index=True)


def by_tenths(cells: pd.DataFrame) -> pd.DataFrame:
    """Of each event, in all and by class, and of each tenth of chance that some cell has: event, group, from, to,
    cells, mean_chance, happened (share), low and high (a 95% interval of it), right (the mean chance lies in that).

    Cells of a place may be short together, so that the interval rests on places, where there are 5 at least, and else
    on cells as if each were on its own (Wilson).

    >>> import pandas as pd
    >>> cells = pd.DataFrame({"event": "in_all", "item": list("abcd"), "site": "shop", "class": "A",
    ...                       "chance": [0.02, 0.04, 0.93, 0.97], "happened": [0.0, 0.0, 1.0, 1.0]})
    >>> by_tenths(cells)[["group", "from", "cells", "happened", "right"]].values.tolist()[:2]
    [['all', 0.0, 2, 0.0, True], ['all', 0.9, 2, 1.0, True]]
    """
    import pandas as pd

    rows = []
    for event, group, mine in _groups(cells):
        tenth = np.minimum((mine["chance"] * TENTHS).astype(int), TENTHS - 1)
        for k, those in mine.groupby(tenth):
            low, high = _share_by_place(those)
            mean = float(those["chance"].mean())
            rows.append({"event": event, "group": group, "from": int(k) / TENTHS, "to": (int(k) + 1) / TENTHS,
                         "cells": len(those), "mean_chance": mean, "happened": float(those["happened"].mean()),
                         "low": low, "high": high, "right": low <= mean <= high})  # fmt: skip
    return pd.DataFrame(rows)


def scores(cells: pd.DataFrame) -> pd.DataFrame:
    """Of each event, in all and by class: event, group, cells, mean_chance, happened (share), brier (mean squared
    difference of chance and what happened), brier_of_share (that of giving each cell the share that happened), skill
    (1 less the one over the other: 0 is no better than the share, 1 is certainty).

    >>> import pandas as pd
    >>> cells = pd.DataFrame({"event": "in_all", "item": list("ab"), "site": "shop", "class": "A",
    ...                       "chance": [0.1, 0.9], "happened": [0.0, 1.0]})
    >>> scores(cells).round(2)[["group", "brier", "skill"]].values.tolist()[0]
    ['all', 0.01, 0.96]
    """
    import pandas as pd

    rows = []
    for event, group, mine in _groups(cells):
        share = float(mine["happened"].mean())
        brier, of_share = float(((mine["chance"] - mine["happened"]) ** 2).mean()), share * (1 - share)
        rows.append({"event": event, "group": group, "cells": len(mine), "mean_chance": float(mine["chance"].mean()),
                     "happened": share, "brier": brier, "brier_of_share": of_share,
                     "skill": 1 - brier / of_share if of_share > 0 else np.nan})  # fmt: skip
    return pd.DataFrame(rows)


def chance_lines(tenths: pd.DataFrame, score: pd.DataFrame) -> list[str]:
    """The tables by tenths of chance and by class, and a line that says whether the chances came true.

    >>> import pandas as pd
    >>> cells = pd.DataFrame({"event": "in_all", "item": list("abcd"), "site": "shop", "class": "A",
    ...                       "chance": [0.02, 0.04, 0.93, 0.97], "happened": [0.0, 0.0, 1.0, 1.0]})
    >>> chance_lines(by_tenths(cells), scores(cells))[0]
    'Short at all in these weeks'
    """
    lines: list[str] = []
    for event in dict.fromkeys(tenths["event"]):
        mine = tenths[(tenths["event"] == event) & (tenths["group"] == "all")]
        rows = [["chance %", "cells", "mean chance", "happened", "95% interval", ""]]
        for row in mine.itertuples(index=False):
            rows.append([f"{100 * row[2]:.0f} to {100 * row.to:.0f}", f"{row.cells:,}", f"{100 * row.mean_chance:.1f}",
                         f"{100 * row.happened:.1f}", f"{100 * row.low:.1f} to {100 * row.high:.1f}",
                         "" if row.right else "too low" if row.mean_chance < row.low else "too high"])  # fmt: skip
        lines += [*([""] if lines else []), capital_first(EVENTS[event]), *aligned(rows, left=(5,))]
        many = mine[mine["cells"] >= LEAST_CELLS]
        of = score[score["event"] == event].set_index("group")
        said = "; ".join(f"{'in all' if name == 'all' else name} {100 * row.mean_chance:.1f}% told, "
                         f"{100 * row.happened:.1f}% happened, Brier {row.brier:.3f} (skill {row.skill:.2f})"
                         for name, row in zip(of.index, of.itertuples(), strict=True))  # fmt: skip
        right = int(many["right"].sum())
        lines += [f"{right} of {len(many)} tenths with {LEAST_CELLS} cells or more hold what happened.", f"{said}."]
    return lines


def _groups(cells: pd.DataFrame):  # type: ignore[no-untyped-def]
    for event in dict.fromkeys(cells["event"]):
        of_event = cells[cells["event"] == event]
        yield event, "all", of_event
        for name in CLASSES:
            mine = of_event[of_event["class"] == name]
            if len(mine):
                yield event, name, mine


def _share_by_place(cells: pd.DataFrame) -> tuple[float, float]:
    """The interval of the share that happened: from the spread between places, or between cells where these are few.

    Source: Cochran (1977), Sampling Techniques, section 9A (clusters of unequal size).
    """
    happened, many = cells["happened"], len(cells)
    low, high = (float(each) for each in statistics.share_interval(happened.sum(), many))
    places = (happened - happened.mean()).groupby(cells["site"]).sum()
    if len(places) < LEAST_PLACES:
        return low, high
    error = float(np.sqrt(len(places) / (len(places) - 1) * (places**2).sum())) / many
    half = statistics.t_quantile(0.95, len(places) - 1) * error
    share = float(happened.mean())
    return min(low, max(share - half, 0.0)), max(high, min(share + half, 1.0))


def counted(cells: pd.DataFrame) -> Mapping[str, int]:
    """How many cells and places chances were judged at.

    >>> import pandas as pd
    >>> counted(pd.DataFrame({"event": ["in_all"] * 2, "item": ["a", "b"], "site": ["shop"] * 2}))
    {'cells': 2, 'places': 1}
    """
    one = cells[cells["event"] == cells["event"].iloc[0]]
    return {"cells": len(one), "places": int(one["site"].nunique())}
