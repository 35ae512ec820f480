"""Advice as tidy tables: a row for each improvement, one for each measure that it changes, one for each pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from restock.sim.measures.cost_parts import COST_PARTS
from restock.sim.measures.measures import MEASURES
from restock.sim.statistics.estimates import Estimate
from restock.sim.study.advice.judging import Judged
from restock.sim.study.advice.pairs import Pair
from restock.sim.study.advice.tried import Tried, less

if TYPE_CHECKING:
    import pandas as pd

SHOWN = {"fill_rate": "fill_rate", "average_inventory_value": "stock_at_cost"}
"""Measures whose change stands beside the money, and the name of their columns."""
NOT_TRIED = "not tried"


def advice_table(
    judged: Sequence[Judged], others: Sequence[Judged], base: Tried, about: Mapping[str, Mapping[str, Any]],
    left_out: Mapping[str, str],
) -> pd.DataFrame:  # fmt: skip
    """A row for each improvement, the largest gain first; then other ways to do one; last those left out, and why.

    Money is a year's, positive where it is saved: `saving` is made of the columns `saved_...`. `about` has further
    columns of each, which may put another name in the place of its own.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.advice.example import trials_of
    >>> from restock.sim.study.advice.judging import judge
    >>> trials = trials_of(BaseStock)
    >>> table = advice_table(judge(trials), [], trials.base, {}, {"second source": "there is one supplier"})
    >>> table[["rank", "improvement", "verdict"]].values.tolist()[::3]
    [[1, 'much richer', 'worth it'], [<NA>, 'second source', 'not tried']]
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    both = [*judged, *others]
    paid = parts_paid(both, base)
    for rank, each in enumerate(both, start=1):
        row: dict[str, Any] = {"rank": rank if rank <= len(judged) else None, "improvement": each.name}
        row |= _figures("saving", each.saving) | {"price": each.price} | _figures("gain", each.gain)
        row |= {"adjusted_p": each.adjusted_p, "verdict": each.verdict, "depends_on": each.depends_on, "why": ""}
        for measure, name in SHOWN.items():
            row |= _figures(f"{name}_change", less(each.arm, base, measure))
        row |= {f"saved_{part}": less(base, each.arm, part).value for part in paid}
        rows.append(row | {"replications": each.arm.replications} | dict(about.get(each.name, {})))
    rows += [{"improvement": name, "verdict": NOT_TRIED, "depends_on": "", "why": why} | dict(about.get(name, {}))
             for name, why in left_out.items()]  # fmt: skip
    table = pd.DataFrame(rows)
    for column in ("rank", "replications"):
        if column in table:
            table[column] = table[column].astype("Int64")
    return table


def measures_table(judged: Sequence[Judged], base: Tried) -> pd.DataFrame:
    """What each improvement changes in every measure of the chain: with it less as it is, paired.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.advice.example import trials_of
    >>> from restock.sim.study.advice.judging import judge
    >>> trials = trials_of(BaseStock)
    >>> table = measures_table(judge(trials), trials.base)
    >>> table.columns.tolist()[:4], table["measure"].iloc[0]
    (['improvement', 'measure', 'as_it_is', 'difference'], 'fill_rate')
    """
    import pandas as pd

    return pd.DataFrame([
        {"improvement": each.name, "measure": measure, "as_it_is": base.estimate(measure).value}
        | {("difference" if key == "estimate" else key): value
           for key, value in _interval(less(each.arm, base, measure)).items()}
        | {"unit": MEASURES[measure].unit, "replications": each.arm.replications}
        for each in judged for measure in each.arm.measures if measure in base.measures
    ])  # fmt: skip


def pairs_table(pairs: Sequence[Pair]) -> pd.DataFrame:
    """A row for each pair, and for all together: gain, sum of each alone, and what is more (or less) than that.

    >>> pairs_table([]).columns.tolist()[:2]
    ['improvements', 'gain']
    """
    import pandas as pd

    rows = [
        {"improvements": pair.name} | _figures("gain", pair.gain) | _figures("alone", pair.alone)
        | _figures("interaction", pair.interaction) | {"adjusted_p": pair.adjusted_p, "verdict": pair.word}
        for pair in pairs
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=None if rows else ["improvements", "gain", "alone", "interaction", "verdict"])


def parts_paid(judged: Sequence[Judged], base: Tried) -> list[str]:
    """The parts of total cost that some improvement changes.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.advice.example import trials_of
    >>> from restock.sim.study.advice.judging import judge
    >>> trials = trials_of(BaseStock)
    >>> parts_paid(judge(trials), trials.base)
    ['carrying_cost', 'ordering_cost', 'stockout_cost']
    """
    there = [part for part in COST_PARTS if part in base.measures]
    return [part for part in there if any(less(base, each.arm, part).value != 0 for each in judged)]


def _figures(name: str, found: Estimate) -> dict[str, float]:
    return {f"{name}{'' if key == 'estimate' else '_' + key}": value for key, value in _interval(found).items()}


def _interval(found: Estimate) -> dict[str, float]:
    return {key: float(value) for key, value in found.interval()._asdict().items()}
