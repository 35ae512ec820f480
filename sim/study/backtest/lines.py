"""What a back-test says on the screen: coverage of the intervals, bias, the policy, and what explains a miss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from restock.sim.measures.measures import MEASURES
from restock.sim.results.text import aligned
from restock.sim.study.backtest.prediction import VIEWS, Prediction

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.study.backtest.policies import PolicyTest

POOR = 0.90  # of the 95% intervals: below, it is said why
WIDE = 0.98  # above, intervals are wider than they say
FAR = 1.25  # mean squared error over variance from which laws are too narrow for a sum
LEVEL, DRIFT = 0.3, 0.02  # parts of it that stay the same from week to week, and bias, which make the level the reason
HEAD = ["demand", "", "observations", "in 80%", "in 95%", "recorded", "forecast", "bias"]
SHOWN = 5  # places


def demand_lines(prediction: Prediction) -> list[str]:
    """The table of coverage: every sum, by ABC class where it has one; then the places that are covered worst.

    >>> from restock.sim.study.backtest.example import recorded_shop
    >>> from restock.sim.study.backtest.prediction import predict
    >>> demand_lines(predict(*recorded_shop(), replications=20, seed=1))[0].split()[:2]
    ['demand', 'observations']
    """
    found, rows = prediction.coverage, [HEAD]
    for view in (each.view for each in prediction.judged):
        mine = found[(found["sum"] == view.words) & found["by"].isin(("class", "all"))]
        for k, row in enumerate(mine.sort_values("by", ascending=False).itertuples()):
            rows.append([view.words if k == 0 else "", row.group, f"{row.observations:,}", *_covered(row)])
    lines = aligned(rows, left=(0, 1))
    by_place = found[(found["by"] == "place") & (found["sum"] == "a place's week")].sort_values("in_95", kind="stable")
    if len(by_place) > 1:
        few = by_place.head(SHOWN)
        said = ", ".join(f"{row.group} {100 * row.in_95:.0f}" for row in few.itertuples())
        above = int((by_place["in_95"] >= POOR).sum())
        lines += ["", f"a place's week in 95%, by place: {above} of {len(by_place)} places have {100 * POOR:.0f}% or "
                      f"more inside; least: {said}"]  # fmt: skip
    return lines


def _covered(row) -> list[str]:  # type: ignore[no-untyped-def]
    share = f"{100 * row.bias_share:+.1f}%" if row.bias_share == row.bias_share else "-"
    return [f"{100 * row.in_80:.1f}", f"{100 * row.in_95:.1f}", _units(row.recorded), _units(row.forecast), share]


def _units(units: float) -> str:
    return f"{units:,.0f}" if abs(units) >= 100 else f"{units:,.2f}"


def reasons(prediction: Prediction, unforeseen: tuple[int, float]) -> list[str]:
    """Why intervals hold too little or too much, as far as the errors tell it; `unforeseen`: cells, share of units.

    >>> from restock.sim.study.backtest.example import recorded_shop
    >>> from restock.sim.study.backtest.prediction import predict
    >>> reasons(predict(*recorded_shop(units=(2, 3)), replications=20, seed=1), (0, 0.0))[0][:50]
    'the level moved: the forecast lies 58.3% above the'
    """
    of_all = prediction.coverage[prediction.coverage["by"] == "all"].set_index("sum")
    by_week = [view.words for view in VIEWS if view.weeks == 1 and view.words in of_all.index]
    chain = of_all.loc["the chain, all weeks"]
    poor = [view for view in of_all.index if of_all.at[view, "in_95"] < POOR]
    out = []
    if abs(chain["bias_share"]) >= DRIFT:
        out.append(
            f"the level moved: the forecast lies {100 * abs(chain['bias_share']):.1f}% "
            f"{'above' if chain['bias_share'] > 0 else 'below'} the record; laws keep one mean for all weeks, without "
            "trend, season, or items that come and fade"
        )
    for words in (each for each in by_week if each in poor and of_all.at[each, "spread"] >= FAR):
        row = of_all.loc[words]
        of_level = "" if row["level"] != row["level"] else (
            f", {100 * row['level']:.0f}% of it the same in every week (level), the rest from week to week"
        )  # fmt: skip
        out.append(f"{words}: squared errors are {row['spread']:.1f} times the variance that the laws give{of_level}")
    single, together = of_all.loc["a cell's week"], of_all.loc["the chain's week"]
    if together["in_95"] < POOR and together["spread"] >= 2 * max(single["spread"], 1.0):
        out.append(
            "cells are held better than their sums: laws draw every cell on its own, so what moves them together "
            "(promotions, pay day, weather, a season) is not in the interval of a sum; demand.source=bootstrap keeps it"
        )
    wide = [words for words in of_all.index if of_all.at[words, "in_95"] > WIDE]
    if wide:
        out.append(f"wider than they say: {', '.join(wide)}")
    cells, share = unforeseen
    if cells:
        out.append(
            f"not predicted: cells that have no law, first sold in the weeks held out or given up before: {cells:,}, "
            f"{100 * share:.1f}% of the units recorded in these weeks"
        )
    return out


def policy_lines(table: pd.DataFrame) -> list[str]:
    """The policy in predicted futures and in the recorded weeks, of the table that `all_policies` makes.

    >>> import pandas as pd
    >>> row = {"policy": "lean", "measure": "fill_rate", "predicted": 0.97, "low": 0.96, "high": 0.98, "recorded": 0.95,
    ...        "error": 0.0, "verdict": "below", "unit": "share"}
    >>> policy_lines(pd.DataFrame([row]))[1]
    'lean    fill rate     97.00%  96.00% to 98.00%          95.00%  below the futures'
    """
    rows = [["policy", "measure", "predicted", "95% of futures", "recorded weeks", ""]]
    before = ""
    for row in table.itertuples():
        share = MEASURES[row.measure].unit == "share"

        def write(value: float, share: bool = share) -> str:
            return f"{100 * value:.2f}%" if share else f"{value:,.0f}"

        name = row.measure.replace("average_inventory_value", "stock at cost").replace("average_on_hand", "stock")
        unit = "" if share or row.measure.startswith("average") else f" ({row.unit.replace('/year', ' a year')})"
        verdict = row.verdict if row.verdict in ("inside", "") else f"{row.verdict} the futures"
        rows.append(["" if row.policy == before else row.policy, name.replace("_", " ") + unit, write(row.predicted),
                     f"{write(row.low)} to {write(row.high)}", write(row.recorded), verdict])  # fmt: skip
        before = row.policy
    return aligned(rows, left=(0, 1, 5))


def all_policies(tests: Sequence[PolicyTest]) -> pd.DataFrame:
    """The tables of all policies.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.backtest.example import recorded_shop
    >>> from restock.sim.study.backtest.policies import policies_judged
    >>> lean = {"lean": BaseStock(base_stock_level=20)}
    >>> all_policies(policies_judged(*recorded_shop(), lean, replications=20, seed=1))["measure"].tolist()[:2]
    ['fill_rate', 'stockout_rate']
    """
    import pandas as pd

    return pd.concat([test.table() for test in tests], ignore_index=True)
