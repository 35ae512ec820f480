"""The figures of the what-if page, as ECharts reads them: numbers and names only, nothing that a browser runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from restock.experiments.workshop.what_if import Point, point_of
from restock.sim.figures.figures import DISTORTION
from restock.sim.figures.style import looks
from restock.sim.measures.ledger import SERIES
from restock.sim.study.compare import Comparison

Options = dict[str, Any]
TEXT, LINES = "#222222", "#D0D0D0"
PATHS = {
    "v": "path://M0,0 L10,0 L5,10 Z", "P": "path://M3,0 h4 v3 h3 v4 h-3 v3 h-4 v-3 h-3 v-4 h3 Z",
    "X": "path://M0,2 L2,0 L5,3 L8,0 L10,2 L7,5 L10,8 L8,10 L5,7 L2,10 L0,8 L3,5 Z",
    "p": "path://M5,0 L10,4 L8,10 L2,10 L0,4 Z", "h": "path://M5,0 L10,2.5 L10,7.5 L5,10 L0,7.5 L0,2.5 Z",
}  # fmt: skip
SYMBOLS = {"o": "circle", "s": "rect", "D": "diamond", "^": "triangle"} | PATHS


def seen_as(labels: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Colour and symbol of each policy, those that it has in every figure.

    >>> seen_as(["buffer", "mine"])["buffer"]
    ('#E69F00', 'rect')
    """
    return {label: (colour, SYMBOLS.get(marker, "circle")) for label, (colour, marker) in looks(list(labels)).items()}


def frontier(
    labels: Sequence[str], comparison: Comparison | None, curves: Mapping[str, Sequence[Point]],
    pinned: Comparison | None = None,
) -> Options:  # fmt: skip
    """Demand not served at once, in %, on a logarithmic scale, against stock at cost: each policy, and its curve.

    A curve is what the policy gives along a setting of its own (`policy.NAME.along`); it is drawn once it is there.
    Hollow marks are the pinned choice.
    """
    series: list[Options] = []
    for label, (colour, symbol) in seen_as(labels).items():
        points = list(curves.get(label, ()))  # in the order of the setting: stock need not grow with it
        series.append({
            "name": label, "type": "line", "data": points, "symbolSize": 5, "symbol": "circle",
            "lineStyle": {"color": colour, "width": 1.5}, "itemStyle": {"color": colour}, "silent": True, "z": 2,
        })  # fmt: skip
        now = [] if comparison is None or label not in comparison.outcomes else [point_of(comparison.outcomes[label])]
        style = {"color": colour, "borderColor": TEXT, "borderWidth": 1}
        series.append(_scatter(label, now, symbol, style, 5))
        was = [] if pinned is None or label not in pinned.outcomes else [point_of(pinned.outcomes[label])]
        series.append(_scatter(label, was, symbol, {"color": "#FFFFFF", "borderColor": colour, "borderWidth": 2}, 4))
    found = [point[1] for each in series for point in each["data"]]
    return _base(labels) | {
        "xAxis": _axis("stock at cost", type="value", scale=True),
        "yAxis": _axis("not served at once, %", upright=True, type="log", **_decades(found)),
        "series": series,
        "tooltip": {"trigger": "item", "formatter": "{a}: stock at cost, % not served at once<br>{c}"},
    }


def _scatter(label: str, points: Sequence[Point], symbol: str, style: Options, z: int) -> Options:
    return {
        "name": label, "type": "scatter", "data": points, "symbol": symbol, "symbolSize": 14, "itemStyle": style,
        "z": z,
    }  # fmt: skip


def _decades(found: Sequence[float]) -> Options:
    """Whole decades around the values."""
    if not found:
        return {"min": 0.01, "max": 100}
    low, high = np.floor(np.log10(min(found))), np.ceil(np.log10(max(found)))
    return {"min": float(10**low), "max": float(10 ** max(high, low + 1))}


def distortion(labels: Sequence[str], comparison: Comparison | None) -> Options:
    """Distortion cost a year in its parts, those that some policy pays, with the interval of the sum."""
    outcomes = {} if comparison is None else {label: comparison.outcomes.get(label) for label in labels}
    bars: list[Options] = []
    for measure, (name, colour, _) in DISTORTION.items():
        values = [outcome and round(outcome.value(measure)[0], 2) for outcome in outcomes.values()]
        if any(values) or measure in ("stockout_cost", "overstock_cost"):
            bars.append({
                "name": _short(name), "type": "bar", "stack": "all", "barMaxWidth": 34, "itemStyle": {"color": colour},
                "data": [value if value == value else None for value in values],
            })  # fmt: skip
    whiskers, highest = [], 0.0
    for k, outcome in enumerate(outcomes.values()):
        value, low, high = (0.0, np.nan, np.nan) if outcome is None else outcome.value("distortion_cost")
        highest = np.nanmax([highest, value, high])
        if high == high:
            whiskers.append([{"coord": [round(low, 2), k]}, {"coord": [round(high, 2), k]}])
    bars[-1]["markLine"] = {
        "data": whiskers, "lineStyle": {"color": TEXT, "width": 2.5, "type": "solid"}, "symbol": "none",
        "silent": True, "animation": False, "label": {"show": False},
    }  # fmt: skip
    base = _base([bar["name"] for bar in bars])
    return base | {
        "grid": base["grid"] | {"left": 20},  # names of policies are measured short
        "xAxis": _axis("distortion cost a year", type="value", min=0, max=_above(highest), splitNumber=4,
                       axisLabel={"fontSize": 12, "color": TEXT, "hideOverlap": True, "showMaxLabel": False}),
        "yAxis": {"type": "category", "data": list(labels), "inverse": True,
                  "axisLabel": {"fontSize": 13, "color": TEXT}},
        "series": bars,
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
    }  # fmt: skip


def _short(name: str) -> str:
    """The name of a part as a legend has room for.

    >>> _short("stockout: lost margin, goodwill, waiting"), _short("write-off: expired")
    ('stockout', 'expired')
    """
    kind, _, of = name.partition(": ")
    return of if kind == "write-off" else kind


def _above(highest: float) -> float | None:
    """Where an axis ends, so that what is highest is on it: a round number.

    >>> _above(505.7), _above(54.72), _above(0.0)
    (550.0, 55.0, None)
    """
    if not highest > 0:
        return None
    step = 10.0 ** np.floor(np.log10(highest)) / 2
    return float(np.ceil(highest / step) * step)


def weekly_stock(labels: Sequence[str], comparison: Comparison | None, warm_up: int) -> Options:
    """Units on hand in the whole chain, the mean of each week of the first replications; the warm-up shaded."""
    series: list[Options] = []
    for label, (colour, _) in seen_as(labels).items():
        outcome = None if comparison is None else comparison.outcomes.get(label)
        data: list[list[float]] = []
        if outcome is not None and outcome.series is not None:
            on_hand = outcome.series[:, :, SERIES.index("on_hand")].sum(axis=1)
            weeks = on_hand[: len(on_hand) // 7 * 7].reshape(-1, 7).mean(axis=1)
            data = [[k - warm_up // 7 + 1, round(value, 1)] for k, value in enumerate(weeks.tolist())]
        series.append({
            "name": label, "type": "line", "data": data, "symbol": "none", "itemStyle": {"color": colour},
            "lineStyle": {"color": colour, "width": 2},
        })  # fmt: skip
    if series and warm_up:
        area = [[{"xAxis": 1 - warm_up // 7, "name": "warm-up"}, {"xAxis": 0.5}]]
        series[0]["markArea"] = {
            "silent": True, "itemStyle": {"color": "#EEEEEE"}, "data": area,
            "label": {"show": True, "color": TEXT, "position": "insideTopLeft"},
        }  # fmt: skip
    first = 1 - warm_up // 7
    last = max((each["data"][-1][0] for each in series if each["data"]), default=52)
    return _base(labels) | {
        "xAxis": _axis("week", type="value", min=first, max=last, minInterval=1, splitLine={"show": False}),
        "yAxis": _axis("units on hand", upright=True, type="value", scale=True),
        "series": series,
        "tooltip": {"trigger": "axis"},
    }


def _base(names: Sequence[str]) -> Options:
    distinct = list(dict.fromkeys(names))
    lines = -(-sum(len(name) + 6 for name in distinct) // 42)  # of the legend, on a phone
    return {
        "animation": False,
        "aria": {"enabled": False},  # the page says it in words
        "legend": {"data": distinct, "top": 0, "left": 0, "itemGap": 14, "textStyle": {"fontSize": 13, "color": TEXT}},
        "grid": {"left": 10, "right": 24, "top": 26 + 22 * lines, "bottom": 30, "containLabel": True},
        "textStyle": {"fontFamily": "system-ui, sans-serif", "color": TEXT},
    }


def _axis(name: str, upright: bool = False, **others: Any) -> Options:
    """An axis with its name: below it, or above one that stands upright."""
    place: Options = {"nameLocation": "middle", "nameGap": 28}
    if upright:
        place = {"nameLocation": "end", "nameGap": 10}
    return place | {
        "name": name, "nameTextStyle": {"fontSize": 13, "color": TEXT, "align": "left" if upright else "center"},
        "axisLabel": {"fontSize": 12, "color": TEXT, "hideOverlap": True}, "axisLine": {"onZero": False},
        "splitLine": {"lineStyle": {"color": LINES}},
    } | others  # fmt: skip
