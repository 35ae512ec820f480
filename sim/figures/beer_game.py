"""The debrief of a beer game: what each stage ordered, and how its stock went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from restock.sim.figures.style import BLACK, COLOURS, TICK, entries_of, finish, headline, legend_above, new_figure

if TYPE_CHECKING:
    import pandas as pd


def debrief(table: pd.DataFrame, stages: tuple[str, ...], title: str) -> Figure:
    """Orders of each stage beside net stock by week: `table` is `study.beer_game.board.classic_table`.

    >>> import pandas as pd
    >>> weeks = pd.DataFrame({"week": [1, 2], "shop_asked": [4, 8], "shop_order": [4, 12], "shop_net_stock": [12, 8]})
    >>> debrief(weeks, ("shop",), "Two weeks").axes[0].get_xlabel()
    'week'
    """
    figure, (orders, stock) = new_figure(2, left=0.07)
    customers = table[f"{stages[0]}_asked"]
    orders.step(table["week"], customers, where="mid", color=BLACK, linewidth=2.5, linestyle="--", label="customers")
    stock.axhline(0, color=BLACK, linewidth=1)
    for stage, colour in zip(stages, COLOURS, strict=False):
        orders.step(table["week"], table[f"{stage}_order"], where="mid", color=colour, linewidth=2.5, label=stage)
        stock.step(table["week"], table[f"{stage}_net_stock"], where="mid", color=colour, linewidth=2.5, label=stage)
    finish(figure, orders, "What each stage ordered", "week", "units a week", small=True)
    finish(figure, stock, "Stock on hand, below 0 what is owed", "week", "units", small=True)
    legend_above(figure, *entries_of([orders]))
    stock.tick_params(labelsize=TICK)
    headline(figure, title)
    return figure
