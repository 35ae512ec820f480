"""The figure of channels: of what each was asked for, what was refused, oversold, lost, or waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from restock.sim.figures.style import (
    BLACK,
    BLUE,
    ORANGE,
    RED,
    SILVER,
    SKY,
    TICK,
    finish,
    headline,
    legend_above,
    new_figure,
    room_for,
    set_numbers,
)

if TYPE_CHECKING:
    import pandas as pd

MOST = 30  # bars that have room
CLOSE = 18  # bars beyond which names are smaller
LONGEST = 32  # characters of a name
PARTS = {
    "refused, though on the shelf": ORANGE,
    "refused, and not there": SILVER,
    "oversold": RED,
    "not there: lost": BLUE,
    "not there: waits": SKY,
}
WALKED_IN = "walk-ins"


def unserved_shares(table: pd.DataFrame) -> pd.DataFrame:
    """Of what each channel was asked for, in %, what was not served at once: a column for each of `PARTS`.

    Columns policy, channel, those parts, and low and high: the interval of all of it. `table` is that of
    `table.channel_table`. Of those who walk in, who was not served is lost or waits: it is told together, as lost.

    >>> import pandas as pd
    >>> from restock.sim.features.channels.table import COLUMNS
    >>> rows = [("lean", "online", name, x, x, x, 0.0, "", 4) for name, x in
    ...         (("fill_rate", 0.9), ("asked_units", 200.0), ("refused_units", 15.0), ("refused_there_units", 12.0),
    ...          ("oversold_units", 5.0), ("lost_units", 0.0), ("waiting_units", 0.0))]
    >>> unserved_shares(pd.DataFrame(rows, columns=list(COLUMNS))).iloc[0, 2:5].tolist()
    [6.0, 1.5, 2.5]
    """
    import pandas as pd

    rows = []
    for (policy, channel), found in table.groupby(["policy", "channel"], sort=False):
        of = found.set_index("measure")
        estimate = of["estimate"]
        asked = estimate["asked_units"]
        there, refused = estimate.get("refused_there_units", 0.0), estimate.get("refused_units", 0.0)
        lost = estimate.get("lost_units", estimate.get("unmet_units", 0.0))
        parts = (there, refused - there, estimate.get("oversold_units", 0.0), lost, estimate.get("waiting_units", 0.0))
        shares = [100 * part / asked if asked else 0.0 for part in parts]
        low, high = (100 * (1 - of.loc["fill_rate", each]) for each in ("high", "low"))
        rows.append((policy, WALKED_IN if channel == "walk_ins" else channel, *shares, low, high))
    return pd.DataFrame(rows, columns=["policy", "channel", *PARTS, "low", "high"])


def channels_figure(table: pd.DataFrame, scenario: str) -> Figure:
    """Bars by policy and channel, in parts; the line is the 95% interval of the whole.

    >>> import pandas as pd
    >>> from restock.sim.features.channels.table import COLUMNS
    >>> rows = [("lean", "online", name, x, x, x, 0.0, "", 4) for name, x in
    ...         (("fill_rate", 0.9), ("asked_units", 200.0), ("refused_units", 20.0), ("refused_there_units", 12.0))]
    >>> len(channels_figure(pd.DataFrame(rows, columns=list(COLUMNS)), "shop").axes)
    1
    """
    shares = unserved_shares(table)
    shown = shares.head(MOST)
    many = shares["policy"].nunique() > 1
    labels = [f"{row['channel']} ({row['policy']})" if many else row["channel"] for _, row in shown.iterrows()]
    labels = [label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…" for label in labels]
    figure, axes = new_figure(left=room_for(labels, 0.1))
    of_policy = {policy: k for k, policy in enumerate(dict.fromkeys(shown["policy"]))}
    at = np.arange(len(shown)) + 0.6 * np.array([of_policy[policy] for policy in shown["policy"]])
    left = np.zeros(len(shown))
    for name, colour in PARTS.items():
        values = shown[name].to_numpy(float)
        if values.any():
            axes.barh(at, values, left=left, color=colour, height=0.76, label=name)
        left = left + values
    low, high = (shown[each].to_numpy(float) for each in ("low", "high"))
    wide = np.nan_to_num(np.clip(np.stack([left - low, high - left]), 0, None))
    axes.errorbar(left, at, xerr=wide, color=BLACK, linestyle="none", elinewidth=2.5, capsize=5,
                  label="95% interval of the whole")  # fmt: skip
    for y, whole, end in zip(at, left, np.maximum(left, np.nan_to_num(high)), strict=True):
        axes.annotate(f"{whole:.1f}%", (end, y), xytext=(8, 0), textcoords="offset points", va="center", fontsize=TICK)
    left_out = f"; the first {len(shown)} of {len(shares)}" if len(shown) < len(shares) else ""
    finish(figure, axes, "", f"% of the units that the channel was asked for{left_out}", "")
    axes.set_yticks(at, labels, fontsize=TICK if len(shown) <= CLOSE else TICK - 2)
    axes.set_ylim(at[-1] + 0.7, -0.7)
    axes.set_xlim(0, max(1.1 * float(np.nanmax(np.maximum(left, high))), 1e-3))
    axes.grid(False, axis="y")
    axes.grid(True, axis="x", color="#DDDDDD")
    set_numbers(axes.xaxis)
    figure.subplots_adjust(top=0.81)
    handles, entries = axes.get_legend_handles_labels()
    legend_above(figure, handles, entries, at=0.93, columns=3)
    headline(figure, f"{scenario}: what channels were asked for and did not serve at once, and why")
    return figure
