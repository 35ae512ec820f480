"""The look of the figures: size, colours, axes, legends, numbers, and labels that keep apart."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from restock.sim.errors import require
from restock.sim.measures.measures import MEASURES

if TYPE_CHECKING:
    import pandas as pd

BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#E69F00", "#009E73", "#CC79A7"
SKY, RED, BLACK, PLUM = "#56B4E9", "#D55E00", "#000000", "#A03FA0"
GREY, SILVER, BROWN, INDIGO, OLIVE, WINE, TEAL = "#555555 #8C8C8C #7A4B12 #3D3A8C #5F6B1E #882255 #00565B".split()
ROSE = "#D6336C"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, RED, SKY, BLACK, SILVER)
MARKERS = "osD^vPXp<>h"
LOOKS = {  # of the policies that come with restock
    "just_in_time_with_cover": (BLUE, "o"),
    "just_in_time": (BLUE, "h"),
    "levels": (GREY, "*"),
    "buffer": (ORANGE, "s"),
    "abc_tiered": (GREEN, "D"),
    "base_stock": (PURPLE, "^"),
    "reorder_point": (RED, "v"),
    "predictive": (SKY, "P"),
    "predictive_from_file": (BROWN, "d"),
    "reactive": (BLACK, "X"),
    "adaptive": (SILVER, "p"),
    "anchor_and_adjust": (OLIVE, "<"),
    "beer_game_benchmark": (INDIGO, "H"),
    "dual_index": (WINE, ">"),
    "tailored_base_surge": (TEAL, "8"),
    "echelon_base_stock": (PLUM, "1"),
    "guaranteed_service": (ROSE, "+"),
}
CLASS_LOOKS = {"A": (BLUE, "o"), "B": (ORANGE, "s"), "C": (GREEN, "D")}  # of ABC classes
LONG_NAME = 36  # characters
TITLE, LABEL, TICK = 21, 18, 16


def new_figure(
    columns: int = 1, left: float = 0.1, right: float = 0.97, rows: int = 1, widths: list[int] | None = None
) -> tuple[Figure, Any]:
    """A white slide of 1600 x 900 pixels, and its axes: one, or an array (rows, columns).

    >>> figure, axes = new_figure()
    >>> figure.get_size_inches().tolist(), figure.dpi
    ([16.0, 9.0], 100)
    """
    figure = Figure(figsize=(16, 9), dpi=100, facecolor="white")
    axes = figure.subplots(rows, columns, width_ratios=widths)
    top = 0.88 if columns == 1 else 0.76
    figure.subplots_adjust(left=left, right=right, bottom=0.13, top=top, wspace=0.12)
    return figure, axes


def room_for(names: Iterable[str], least: float) -> float:
    """Where panels begin so that names beside the first of them are not cut off, as a share of the width.

    >>> room_for(["buffer"], 0.16), round(room_for(["just_in_time_with_cover"], 0.16), 4)
    (0.16, 0.2485)
    """
    return min(0.32, max(least, 0.03 + 0.0095 * max(map(len, names))))


def finish(figure: Figure, axes: Axes, title: str, x: str, y: str, legend: bool = False, small: bool = False) -> Figure:
    """The figure with title, names of its axes (with units), and a legend above what is drawn, if asked for.

    >>> figure, axes = new_figure()
    >>> finish(figure, axes, "Stock", "day", "units").axes[0].get_xlabel()
    'day'
    """
    entries = axes.get_legend_handles_labels()[1] if legend else []
    if entries:  # above the axes: it covers nothing there
        columns = max(1, min(len(entries), int(118 / (max(map(len, entries)) + 9))))
        axes.legend(fontsize=TICK, frameon=False, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=columns,
                    columnspacing=1.6, handletextpad=0.5, borderaxespad=0.2)  # fmt: skip
        lines = -(-len(entries) // columns)
        figure.subplots_adjust(top=0.88 - 0.037 * lines)
    pad = 14 + (lines * 25 if entries else 0)
    axes.set_title(
        title, fontsize=LABEL if small else TITLE, loc="left", fontweight="normal" if small else "bold", pad=pad, y=1.0
    )  # its place is said: else it is looked for at each drawing
    axes.set_xlabel(x, fontsize=LABEL, labelpad=8)
    axes.set_ylabel(y, fontsize=LABEL, labelpad=8)
    axes.tick_params(labelsize=TICK)
    axes.grid(True, axis="y", color="#DDDDDD")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def legend_above(figure: Figure, handles: list[Any], labels: list[str], at: float = 0.89, columns: int = 6) -> None:
    """One legend for all panels, below the title."""
    columns = max(1, min(columns, len(labels), int(118 / (max(map(len, labels)) + 9))))
    figure.legend(handles, labels, fontsize=TICK, frameon=False, loc="upper left", bbox_to_anchor=(0.015, at),
                  ncols=columns, columnspacing=1.6, handletextpad=0.5)  # fmt: skip


def stacked(
    axes: Axes, parts: Iterable[tuple[np.ndarray, tuple[str, str, str]]], whole: pd.DataFrame, width: float
) -> None:
    """Bars side by side, each of parts one upon the other, with the interval of the sum.

    `parts` are the values of all bars and their label, colour and hatch; `whole` has a row for each bar.

    >>> import pandas as pd
    >>> figure, axes = new_figure()
    >>> whole = pd.DataFrame({"estimate": [3.0, 7.0], "half_width": [0.1, 0.2]})
    >>> stock, orders = (np.array([1.0, 5.0]), ("stock", BLUE, "")), (np.array([2.0, 2.0]), ("orders", RED, ""))
    >>> stacked(axes, [stock, orders], whole, width=0.6)
    >>> [float(bar.get_y()) for bar in axes.patches]
    [0.0, 0.0, 1.0, 5.0]
    """
    at, below = np.arange(len(whole)), np.zeros(len(whole))
    for part, (label, colour, hatch) in parts:
        axes.bar(at, part, width=width, bottom=below, color=colour, hatch=hatch, edgecolor="white", label=label)
        below = below + part
    axes.errorbar(
        at, whole["estimate"], yerr=half_widths(whole), color=BLACK, linestyle="none", elinewidth=2.5, capsize=9
    )


def entries_of(panels: Iterable[Axes]) -> tuple[list[Any], list[str]]:
    """What a legend of several panels shows, each label once.

    >>> entries_of([new_figure()[1]])
    ([], [])
    """
    entries: dict[str, Any] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    return list(entries.values()), list(entries)


def headline(figure: Figure, title: str) -> None:
    """The title of a figure of several panels."""
    figure.suptitle(title, fontsize=TITLE, x=0.02, ha="left", fontweight="bold")


def rows_of(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Rows of one measure, at one level with one group."""
    rows = table[table["measure"] == measure]
    require(len(rows) > 0, f"the figure needs measure '{measure}', which the table does not have")
    groups = rows[["level", "group"]].drop_duplicates() if "level" in rows else rows.iloc[:1]
    require(len(groups) == 1, f"the figure shows one group, but the table has {len(groups)}; choose one")
    return rows


def half_widths(rows: Any) -> Any:
    """Half-widths for error bars; none where there are no intervals."""
    return np.nan_to_num(np.asarray(rows["half_width"], dtype=float))


def looks(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Colour and marker of each policy: the same in every figure, whoever is drawn beside it.

    Policies that come with restock have theirs in a table, others by a checksum of their name; where two of one figure
    would be alike, the later in the alphabet takes the next marker that is free.

    >>> looks(["buffer", "mine"])["mine"] == looks(["mine", "just_in_time", "yours"])["mine"]
    True
    """
    distinct = list(dict.fromkeys(names))
    out = {name: LOOKS[name] for name in distinct if name in LOOKS}
    for name in sorted(set(distinct) - set(out)):
        number = zlib.crc32(name.encode())
        colour, place = COLOURS[number % len(COLOURS)], number // len(COLOURS)
        pairs = [(colour, MARKERS[(place + k) % len(MARKERS)]) for k in range(len(MARKERS))]
        out[name] = next((pair for pair in pairs if pair not in out.values()), pairs[0])
    return out


def looks_in_order(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Colour and marker of names that mean something in one figure only, in their order; policies keep theirs.

    >>> looks_in_order(["7", "14"])["14"] == (COLOURS[1], MARKERS[1])
    True
    """
    distinct = list(dict.fromkeys(names))
    taken = [LOOKS[name] for name in distinct if name in LOOKS]
    all_of_them = [(COLOURS[(k + turn) % len(COLOURS)], MARKERS[k % len(MARKERS)])
                   for turn in range(len(COLOURS)) for k in range(len(COLOURS))]  # fmt: skip
    free = iter([look for look in all_of_them if look[0] not in {colour for colour, _ in taken}] + all_of_them)
    return {name: LOOKS[name] if name in LOOKS else next(free) for name in distinct}


def numeral(value: float) -> str:
    """A number with separators and without noise.

    >>> numeral(1234567.0), numeral(0.1 + 0.2), numeral(12)
    ('1,234,567', '0.3', '12')
    """
    return f"{value:,.10g}"


def percentage(share: float) -> str:
    """A percentage in two digits, and in whole numbers from 10 on.

    >>> percentage(0.1634), percentage(15.39), percentage(1234.5)
    ('0.16%', '15%', '1,234%')
    """
    return f"{share:,.0f}%" if abs(share) >= 10 else f"{share:.2g}%"


def listed(names: Iterable[str], most: int = 3) -> str:
    """Names in quotation marks, or how many there are.

    >>> listed(["a", "b"]), listed("abcd")
    ("'a' and 'b'", '4 policies')
    """
    *first, last = [f"'{name}'" for name in names]
    if len(first) + 1 > most:
        return f"{len(first) + 1} policies"
    return f"{', '.join(first)} and {last}" if first else last


def set_numbers(axis: Any) -> None:
    """Numbers on a linear axis, with separators."""
    axis.set_major_formatter(FuncFormatter(lambda v, _: numeral(v)))


def in_words(name: str) -> str:
    """A measure's or a setting's name as it is read.

    >>> in_words("fill_rate"), in_words("distortion_pct_of_sales")
    ('fill rate', 'distortion of sales')
    """
    return name.replace("_pct", "").replace("_", " ").replace(".", " ")


def setting_in_words(name: str) -> str:
    """A setting's name for a title or an axis; of a long one, the end.

    >>> setting_in_words("demand.cv_factor"), setting_in_words("selling_seasons.by_category.winter.markdown.from_day")
    ('demand cv factor', 'from day')
    """
    return in_words(name if len(name) <= LONG_NAME else name.rsplit(".", 1)[-1])


def axis_label(measure: str, name: bool = True) -> str:
    """A measure's unit, with its name before it unless `name` is False.

    >>> axis_label("fill_rate"), axis_label("total_cost", name=False)
    ('fill rate (%)', 'money a year')
    """
    unit = "%" if MEASURES[measure].unit == "share" else MEASURES[measure].unit.replace("/year", " a year")
    return f"{in_words(measure)} ({unit})" if name else unit


def set_scale(axis: Any, measure: str, ticks: int = 7) -> None:
    """Shares in %, large sums in millions or with separators."""
    low, high = axis.get_view_interval()
    axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
    if MEASURES[measure].unit == "share":
        axis.set_major_formatter(FuncFormatter(lambda v, _: f"{round(100 * v, 4):g}"))
    elif max(abs(low), abs(high)) >= 1_500_000:
        axis.set_major_formatter(FuncFormatter(lambda v, _: f"{numeral(round(v / 1e6, 4))}M"))
    else:
        set_numbers(axis)


def number_writer(measure: str, largest: float) -> Callable[[float], str]:
    if MEASURES[measure].unit == "share":
        return lambda v: f"{100 * v:.2f}"
    return lambda v: f"{v:,.0f}" if largest >= 1000 else f"{v:,.3g}"


def with_intervals(title: str, table: pd.DataFrame) -> str:
    r"""A title that says what the intervals drawn are of; of one replication there are none.

    >>> import pandas as pd
    >>> with_intervals("Cost", pd.DataFrame({"replications": [64]}))
    'Cost\n95% intervals over 64 replications'
    """
    many = int(table["replications"].iloc[0]) if "replications" in table else 0
    if "resamples" in table:
        return (
            f"{title}\n95% intervals over {many:,} replications and {int(table['resamples'].iloc[0]):,} redrawn records"
        )
    return f"{title}\n95% intervals over {many:,} replications" if many > 1 else title


Box = tuple[float, float, float, float]  # left, right, low, up, in pixels


def _cover(one: Box, other: Box) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


def label_points(
    axes: Axes, x: pd.DataFrame, y: pd.DataFrame, families: Mapping[str, str], colours: Mapping[str, str]
) -> None:
    """Names right of the points, moved up or down until none covers another, a point or its error bars.

    `x` and `y` are rows of a table by policy. Points of a curve are in the legend by its name; here they say only what
    is not in that name.
    """
    axes.get_xlim(), axes.get_ylim()  # settles the scales
    place, box = axes.transData.transform, axes.get_window_extent()
    cx, cy = x["estimate"], y["estimate"]
    wide, high = dict(zip(x.index, half_widths(x), strict=True)), dict(zip(y.index, half_widths(y), strict=True))
    taken: list[Box] = []
    for policy in x.index:  # the cross of each point
        (px, py), left = place((cx[policy], cy[policy])), place((cx[policy] - wide[policy], cy[policy]))[0]
        low = place((cx[policy], cy[policy] - high[policy]))[1]
        across, up = px - left + 12, py - low + 12
        taken += [(px - across, px + across, py - 12, py + 12), (px - 12, px + 12, py - up, py + up)]
    for policy in sorted(x.index, key=lambda p: (cy[p], cx[p])):
        family, (px, py) = families[policy], tuple(place((cx[policy], cy[policy])))
        joined, colour = family != policy, colours[family]
        name = (policy.removeprefix(family) if joined else policy).strip(" _=:,")
        across, down = (10, -17) if joined else (18, 0)
        length = 13 * len(name)
        spots: list[Box] = [
            (px + side, px + side + length, height - 13, height + 13)
            for height in (py + down + sign * 4 * step for step in range(120) for sign in (1, -1))
            for side in (across, -across - length)
        ]
        inside = [b for b in spots if box.x0 < b[0] and b[1] < box.x1 + 40 and box.y0 + 4 < b[2] and b[3] < box.y1]
        free = [spot for spot in inside if not any(_cover(spot, other) for other in taken)]
        left, right, low, up = spots[0] if joined or not free else free[0]
        taken.append((left, right, low, up))
        height, on_left = (low + up) / 2, right < px
        axes.annotate(
            name,
            (cx[policy], cy[policy]),
            (((right if on_left else left) - px) * 0.72, (height - py) * 0.72),
            textcoords="offset points",
            fontsize=14 if joined else TICK,
            va="center",
            ha="right" if on_left else "left",
            color=colour,
            fontweight="normal" if joined else "bold",
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 1} if abs(height - py) > 32 and not joined else None,
        )
