"""What a projection says on the screen: a planner's page."""

from __future__ import annotations

import numpy as np

from restock.sim.model.abc_classes import CLASSES
from restock.sim.results.text import aligned
from restock.sim.study.projection.projection import SERVICE, STOCK, Projection

SHOWN_AT_RISK, SHOWN_EXCESS = 8, 4
LIKELY = 0.5  # chance from which a stockout is likelier than not


def projection_lines(found: Projection) -> list[str]:
    """Stock and service by class, cells at risk, stock that will not sell, and orders.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.model.opening.opening_state import OpeningState
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.projection.projection import project
    >>> shop = one_shop(days=14, opening=OpeningState(np.array([[12], [1]])))
    >>> lines = projection_lines(project(shop, shop.plan(BaseStock(base_stock_level=20)), "lean", 16, seed=1))
    >>> lines[0].split()[:3]
    ['class', 'stock', 'at']
    """
    return [*_by_class(found), "", *_at_risk(found), "", *_excess(found), "", *_orders(found)]


def _by_class(found: Projection) -> list[str]:
    last = found.weeks
    heads = ["fill rate %, week 1"] + ([f"week {last}"] if last > 1 else [])
    rows = [["class", "stock at cost", f"after {in_weeks(last)}", "90% of futures",
             *(each for head in heads for each in (head, "90% of futures"))]]  # fmt: skip
    table = found.fan.set_index(["measure", "class", "week"])
    for name in [each for each in (*CLASSES, "all") if (STOCK, each, 0) in table.index]:
        end = table.loc[(STOCK, name, last)]
        row = [name, f"{table.loc[(STOCK, name, 0), 'median']:,.0f}", f"{end['median']:,.0f}",
               f"{end['low_90']:,.0f} to {end['high_90']:,.0f}"]  # fmt: skip
        for week in dict.fromkeys((1, last)):
            of = table.loc[(SERVICE, name, week)]
            row += [f"{100 * of['median']:.1f}", f"{100 * of['low_90']:.1f} to {100 * of['high_90']:.1f}"]
        rows.append(row)
    return aligned(rows)


def _at_risk(found: Projection) -> list[str]:
    table = found.at_risk
    cells = len(found.cells()["item"])
    likely, some = (int((table["chance"] >= least).sum()) for least in (LIKELY, 0.1))
    lines = [f"Before the next delivery {likely:,} of {cells:,} cells (items at sites) are short with a chance of 50% "
             f"or more, {some:,} of 10% or more:"]  # fmt: skip
    if not len(table):
        return [f"Before the next delivery none of {cells:,} cells (items at sites) is short in any of the futures."]
    rows = [["item", "site", "", "on hand", "on order", "delivery in days", "chance %", "units short", "money at risk"]]
    for row in table.head(SHOWN_AT_RISK).itertuples():
        late = "" if row.chance_of_delivery == 1 else "+"
        rows.append([row.item, row.site, str(row[3]), f"{row.on_hand:,.0f}", f"{row.on_order:,.0f}",
                     f"{row.days_to_delivery:.1f}{late}",
                     f"{100 * row.chance:.0f} ({100 * row.chance_low:.0f} to {100 * row.chance_high:.0f})",
                     _with_error(row.lost_units, row.lost_units_high, 1),
                     _with_error(row.money_at_risk, row.money_at_risk_high, 0)])  # fmt: skip
    return [*lines, *aligned(rows, left=(0, 1, 2))]


def _excess(found: Projection) -> list[str]:
    table = found.excess
    held = float((found.of_today("on_hand") * found.cost()).sum())
    money, in_all = (float(table[name].sum()) for name in ("excess_money", "excess_in_all_money"))
    share = money / held if held else 0.0
    lines = [f"Of {held:,.0f} at cost on hand, {in_weeks(found.weeks)} of demand leave {money:,.0f} ({share:.1%}); "
             f"with what is on order {in_all:,.0f}:"]  # fmt: skip
    rows = [["item", "site", "", "on hand", "demand", "days of cover", "units left", "money left"]]
    for row in table.head(SHOWN_EXCESS).itertuples():
        cover = "no demand" if np.isinf(row.days_of_cover) else f"{row.days_of_cover:,.0f}"
        rows.append([row.item, row.site, str(row[3]), f"{row.on_hand:,.0f}", f"{row.demand:,.1f}", cover,
                     _with_error(row.excess_units, row.excess_units_high, 1),
                     _with_error(row.excess_money, row.excess_money_high, 0)])  # fmt: skip
    return [*lines, *aligned(rows, left=(0, 1, 2))] if len(table) else lines


def _orders(found: Projection) -> list[str]:
    table = found.orders
    now = table["now"]
    lines = [f"Orders on the state as it stands now: {int((now > 0).sum()):,} lines, {now.sum():,.0f} units; tonight, "
             f"after today's customers: {int((table['tonight'] > 0).sum()):,} lines that may be, "
             f"{table['tonight'].sum():,.0f} units on average (tables/orders)."]  # fmt: skip
    money = found.bought
    if money.any():
        said = []
        for k, name in enumerate(["tonight", *(f"week {week + 1}" for week in range(found.weeks))]):
            if k < 3 or k == found.weeks:
                low, high = np.quantile(money[k], (0.1, 0.9))
                said.append(f"{name} {money[k].mean():,.0f} ({low:,.0f} to {high:,.0f})")
        lines.append(f"Orders on suppliers at cost, and 80% of futures: {'; '.join(said)}.")
    return lines


def in_weeks(many: int) -> str:
    """So many weeks, in words.

    >>> in_weeks(1), in_weeks(8)
    ('1 week', '8 weeks')
    """
    return f"{many} week{'' if many == 1 else 's'}"


def _with_error(value: float, high: float, digits: int) -> str:
    """A mean and the half-width of its interval; nothing where it is not known."""
    if np.isnan(value):
        return ""
    return f"{value:,.{digits}f}" + ("" if np.isnan(high) else f" ± {high - value:,.{digits}f}")
