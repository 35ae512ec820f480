"""What came of a beer game: costs beside the benchmark, swings from stage to stage, in words and as a table."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from restock.experiments.beer_game.game import Game
from restock.sim.study.beer_game.board import classic_table
from restock.sim.study.beer_game.chain import CLASSIC, STAGES

if TYPE_CHECKING:
    import pandas as pd

TEAMS = 2028  # mean cost of Sterman's eleven teams


def debrief_table(game: Game) -> pd.DataFrame:
    """A row for each stage: who sat there, cost, largest order, most owed, and orders' swing beside the customers'."""
    import pandas as pd

    weeks = {stage: [week for week in mine if week.order is not None] for stage, mine in game.weeks.items()}
    asked = np.array([week.asked for week in weeks[STAGES[0]]])
    rows = []
    for stage in STAGES:
        mine = weeks[stage]
        orders = np.array([week.order for week in mine])
        spread = float(np.std(asked))
        rows.append({
            "stage": stage, "seat": game.seats[stage], "cost": game.costs[stage], "largest_order": int(orders.max()),
            "most_owed": max(week.backlog for week in mine),
            "weeks_short": sum(week.backlog > 0 for week in mine),
            "bullwhip": float(np.var(orders) / np.var(asked)) if spread else float("nan"),
        })  # fmt: skip
    return pd.DataFrame(rows)


@lru_cache
def reference(customers: tuple[int, ...]) -> dict[str, float]:
    """What four bots of a kind spend on these customers: base stock, and Sterman's subjects.

    >>> reference(CLASSIC)
    {'base_stock': 204.0, 'sterman': 2694.0}
    """
    out = {}
    for bot in ("base_stock", "sterman"):
        game = Game(customers, dict.fromkeys(STAGES, bot))
        game.fill()
        out[bot] = sum(game.costs.values())
    return out


def debrief_lines(game: Game) -> list[str]:
    """The debrief on a screen."""
    table, done = debrief_table(game), game.week - 1
    lines = [_row("stage", "seat", "cost", "largest", "most", "weeks", "orders vary, times"),
             _row("", "", "", "order", "owed", "short", "what customers do")]  # fmt: skip
    for row in table.itertuples():
        swing = f"{row.bullwhip:,.1f}" if row.bullwhip == row.bullwhip else "-"
        lines.append(_row(row.stage, row.seat, f"{row.cost:,.1f}", f"{row.largest_order:,}", f"{row.most_owed:,}",
                          f"{row.weeks_short}", swing))  # fmt: skip
    total, beside = float(table["cost"].sum()), reference(tuple(game.customers[:done]))
    lines += ["", f"together, in {done} weeks: {total:,.1f}",
              f"four that count all that is on its way (base_stock): {beside['base_stock']:,.1f}",
              f"four like the mean of Sterman's subjects: {beside['sterman']:,.1f}"]  # fmt: skip
    if tuple(game.customers) == CLASSIC and done == len(CLASSIC):
        lines.append(f"eleven teams of people, on average: {TEAMS:,} (Sterman 1989, Management Science 35(3))")
    lines.append(f"customers asked for {said_customers(game)}")
    return lines


def _row(stage: str, seat: str, *figures: str) -> str:
    widths = (9, 8, 6, 6, 19)
    return f"{stage:<12} {seat:<18} " + " ".join(
        f"{text:>{width}}" for text, width in zip(figures, widths, strict=True)
    )


def said_customers(game: Game) -> str:
    """What customers asked for, in words: the surprise of the game.

    >>> game = Game()
    >>> game.fill()
    >>> said_customers(game)
    '4 a week for 4 weeks, then 8 a week'
    """
    runs: list[list[int]] = []
    for units in game.customers[: game.week - 1]:
        if runs and runs[-1][0] == units:
            runs[-1][1] += 1
        else:
            runs.append([int(units), 1])
    if len(runs) > 6:
        asked = game.customers[: game.week - 1]
        return f"{sum(asked) / len(asked):.1f} a week on average, {min(asked)} to {max(asked)}"
    said = [f"{units} a week for {weeks} week{'s' * (weeks != 1)}" for units, weeks in runs[:-1]]
    return ", then ".join([*said, f"{runs[-1][0]} a week"])


def classic_lines(table: pd.DataFrame) -> list[str]:
    """The record sheets of the four stages as lines: asked, net stock (below 0: owed) and order, week by week."""
    head = f"{'week':>4} " + " ".join(f"{stage:>22}" for stage in STAGES) + f" {'spent':>10}"
    under = f"{'':>4} " + " ".join(f"{'asked':>7}{'stock':>8}{'order':>7}" for _ in STAGES) + f" {'so far':>10}"
    lines = [head, under]
    for row in table.to_dict("records"):
        cells = " ".join(f"{row[f'{s}_asked']:>7}{row[f'{s}_net_stock']:>8}{row[f'{s}_order']:>7}" for s in STAGES)
        lines.append(f"{row['week']:>4} {cells} {row['cost_so_far']:>10,.1f}")
    return lines


def tables_of(game: Game) -> dict[str, pd.DataFrame]:
    """The tables that a played game leaves."""
    return {"weeks": classic_table(game.weeks), "debrief": debrief_table(game)}
