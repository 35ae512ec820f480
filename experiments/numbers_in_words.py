"""Figures of measures as reports print them: with the digits that they deserve, beside their half-width."""

from __future__ import annotations

import numpy as np

from restock.sim.measures.measures import MEASURES


def shown_value(measure: str, value: float) -> str:
    """A value with the digits that its measure deserves; shares in %.

    >>> shown_value("fill_rate", 0.97123), shown_value("total_cost", 331204.4)
    ('97.12%', '331,204')
    """
    if MEASURES[measure].unit == "share":
        return f"{100 * value:.2f}%"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def interval_in_words(measure: str, estimate: float, low: float, high: float) -> str:
    """An estimate with its half-width.

    >>> interval_in_words("fill_rate", 0.9712, 0.9702, 0.9722)
    '97.12 ± 0.10%'
    """
    if np.isnan(high):
        return shown_value(measure, estimate)
    half, share = (high - low) / 2, MEASURES[measure].unit == "share"
    spread = "<0.01" if share and 0 < half < 5e-5 else shown_value(measure, half).rstrip("%")
    return f"{shown_value(measure, estimate).rstrip('%')} ± {spread}{'%' if share else ''}"


def like(text: str, half: float, measure: str) -> str:
    """A half-width with as many decimals as its estimate is written with.

    >>> like("140.7", 2.04, "average_on_hand"), like("97.22", 0.0011, "fill_rate")
    ('2.0', '0.11')
    """
    decimals = len(text.partition(".")[2])
    return f"{half * (100 if MEASURES[measure].unit == 'share' else 1):,.{decimals}f}"


def interval(measure: str, estimate: float, low: float, high: float, difference: bool = False) -> str:
    """An estimate and its half-width with as many decimals; shares in %, and in %-points where they are differences.

    >>> interval("total_cost", 359979.6, 359893.7, 360065.5), interval("fill_rate", 0.9923, 0.9922, 0.9924)
    ('359,980 ± 86', '99.23% ± 0.01')
    >>> interval("fill_rate", -0.02, -0.021, -0.019, difference=True), interval("turnover", 22.54, 22.539, 22.541)
    ('-2.00 ± 0.10 %-points', '22.54 ± <0.01')
    """
    if estimate != estimate:
        return ""
    text = shown_value(measure, estimate)
    is_share, sign = text.endswith("%"), "+" if difference and estimate > 0 else ""
    number = text.rstrip("%")
    half = (high - low) / 2
    if half != half:
        return f"{sign}{text}"
    spread = like(number, half, measure)
    if half > 0 and not float(spread.replace(",", "")):
        spread = f"<{spread[:-1]}1"
    return f"{sign}{number} ± {spread} %-points" if difference and is_share else f"{sign}{text} ± {spread}"


def money_change(value: float, half: float, sign: bool = True) -> str:
    """A change in money and its half-width, in whole money where the latter is 10 or more.

    >>> money_change(45213.4, 712.6), money_change(-2.483, 0.896), money_change(0.0, 0.0)
    ('+45,213 ± 713', '-2.48 ± 0.90', '0')
    """
    if value == 0 and half == 0:
        return "0"
    decimals = 0 if not half < 10 else 1 if half >= 1 else 2
    text = f"{value:{'+' if sign else ''},.{decimals}f}"
    return text if half != half else f"{text} ± {half:,.{decimals}f}"
