"""Figure of a calibration: fitted demand less the record, by place and by item, where they differ most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from restock.sim.figures.style import (
    LABEL,
    TICK,
    entries_of,
    headline,
    legend_above,
    looks_in_order,
    new_figure,
    set_numbers,
)

if TYPE_CHECKING:
    import pandas as pd

SHOWN, LONGEST = 10, 22  # bars of a panel; characters of a name


def fitted_less_recorded(table: pd.DataFrame, name: str) -> Figure:
    """The ten places and the ten items whose fitted demand differs most from the record, in money or, without prices,
    in units; the colour says the largest reason.

    Parameters
    ----------
    table : DataFrame of `calibration.fit_account.by_item_and_place`
    name : str
        Of what was calibrated.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"by": ["place", "item"], "name": ["shop", "tea"], "recorded": [10.0, 10.0],
    ...                       "difference": [-2.0, -2.0], "money": [-5.0, -5.0], "reason": ["giant days"] * 2})
    >>> [float(bar.get_width()) for bar in fitted_less_recorded(table, "export").axes[0].patches]
    [-5.0]
    """
    of = "money" if table["money"].notna().any() else "difference"
    figure, panels = new_figure(2, left=0.16, right=0.98)
    figure.subplots_adjust(wspace=0.42)
    rows = {by: table[(table["by"] == by) & (table["difference"].abs() >= 0.5)].head(SHOWN) for by in ("place", "item")}
    reasons = list(dict.fromkeys(reason for part in rows.values() for reason in part["reason"]))
    colours = looks_in_order(reasons)
    for axes, (by, part) in zip(panels, rows.items(), strict=True):
        where = np.arange(len(part))[::-1]
        for reason in reasons:
            mine = (part["reason"] == reason).to_numpy()
            if mine.any():
                axes.barh(where[mine], part[of].fillna(0)[mine], color=colours[reason][0], label=reason)
        axes.set_yticks(where, [_short(each) for each in part["name"].astype(str)])
        axes.set_ylim(-0.6, SHOWN - 0.4 if len(part) > SHOWN // 2 else max(len(part), 2) - 0.4)
        axes.axvline(0, color="black", linewidth=1)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        set_numbers(axes.xaxis)
        axes.set_title(f"by {by}", fontsize=LABEL, loc="left")
        axes.set_xlabel(f"{'money' if of == 'money' else 'units'}, fitted less recorded", fontsize=LABEL, labelpad=8)
        axes.tick_params(labelsize=TICK)
        axes.grid(True, axis="x", color="#DDDDDD")
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        if part.empty:
            axes.text(0.5, 0.5, "no difference", transform=axes.transAxes, ha="center", fontsize=TICK)
    units = table[table["by"] == "place"]
    share = units["difference"].sum() / max(units["recorded"].sum(), 1e-9)
    headline(figure, f"{name}: fitted less recorded demand, the largest differences (in all {share:+.1%} of units)")
    handles, labels = entries_of(panels)
    if labels:
        legend_above(figure, handles, labels)
    return figure


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
