"""A policy in the futures that laws predict, and in the weeks as they were recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.measures.measures import MEASURE, MEASURES
from restock.sim.model.arrays import REPLAY
from restock.sim.model.bounds import check_days
from restock.sim.model.demand import History
from restock.sim.planning.policy import Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.results.bad_years import each_replication
from restock.sim.results.extending import part_of
from restock.sim.results.outcome import Outcome
from restock.sim.run.executors import Executor
from restock.sim.study.compare import evaluate

if TYPE_CHECKING:
    import pandas as pd

ASKED = ("fill_rate", "stockout_rate", "average_inventory_value", "average_on_hand", "lost_units", "total_cost")
TAILS = (0.025, 0.975)


@dataclass(frozen=True)
class PolicyTest:
    """One policy's outcome in drawn weeks, and in the recorded ones with the same stock levels and lead times.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.backtest.example import recorded_shop
    >>> shop, history = recorded_shop(units=(9, 3))  # the first item sells more than its law says
    >>> (test,) = policies_judged(shop, history, {"lean": BaseStock(base_stock_level=15)}, replications=20, seed=1)
    >>> test.table().set_index("measure").loc["fill_rate", "verdict"]
    'below'
    """

    predicted: Outcome
    recorded: Outcome

    def table(self) -> pd.DataFrame:
        """policy, measure, predicted (mean), low, high (of 95% of the futures), recorded, error, verdict, unit.

        `recorded` is a mean over the lead times drawn; `error` its half-width of 95%. Verdict: inside, above, below.
        """
        import pandas as pd

        of_futures, of_record = (outcome.interval("chain") for outcome in (self.predicted, self.recorded))
        rows = []
        for name in (name for name in ASKED if name in self.predicted.measures):
            k = MEASURE[name]
            single = each_replication(self.predicted, name)  # each a future of as many weeks as were held out
            low, high = np.quantile(single, TAILS) if np.isfinite(single).all() else (np.nan, np.nan)
            found = float(of_record.estimate[0, k])
            verdict = "below" if found < low else "above" if found > high else "inside" if low == low else ""
            rows.append({
                "policy": self.predicted.label, "measure": name, "predicted": float(of_futures.estimate[0, k]),
                "low": low, "high": high, "recorded": found, "error": float(of_record.half_width[0, k]),
                "verdict": verdict, "unit": MEASURES[name].unit,
            })  # fmt: skip
        return pd.DataFrame(rows)


def playing(prepared: Prepared, history: History) -> Prepared:
    """The same world, known in the same way, in which recorded days are played in place of drawn ones.

    Unlike `demand.source=replay`, stock levels, shares and opening stock are those of the laws: nothing of the days to
    come is known.

    >>> from restock.sim.study.backtest.example import recorded_shop
    >>> shop, history = recorded_shop(units=(9, 3))
    >>> playing(shop, history).known.demand_mean.round(6).tolist() == shop.known.demand_mean.round(6).tolist()
    True
    """
    world = prepared.world
    check_days(prepared.scenario, int(history.units.max(initial=0)))
    found = Prepared(prepared.scenario)
    vars(found)["world"] = world._replace(  # what `Prepared.world` would build, but for the days that are played
        history=np.array(history.units, order="C"), history_row=history.row_of.astype(np.int32), history_kind=REPLAY,
        history_shift=0, history_weeks=history.weeks, history_window=-1,
    )  # fmt: skip
    return found


def policies_judged(
    prepared: Prepared, history: History, policies: Mapping[str, Policy], replications: int, seed: int,
    executor: Executor | None = None, progress: Callable[[float], None] = lambda share: None,
) -> list[PolicyTest]:  # fmt: skip
    """Every policy, planned by what the laws say, in drawn and in recorded weeks.

    Parameters
    ----------
    history : History
        Recorded units over the run's days, the warm-up included, as `HeldOut.history` gives them.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.backtest.example import recorded_shop
    >>> policies = {"lean": BaseStock(base_stock_level=20), "rich": BaseStock(base_stock_level=40)}
    >>> [test.recorded.label for test in policies_judged(*recorded_shop(), policies, replications=20, seed=1)]
    ['lean', 'rich']
    """
    played, out = playing(prepared, history), []
    for k, (label, policy) in enumerate(policies.items()):
        plan = prepared.plan(policy)
        both = []
        for half, world in enumerate((prepared, played)):
            shown = part_of(progress, (k + half / 2) / len(policies), 0.5 / len(policies))
            both.append(evaluate(world, plan, replications, seed, progress=shown, levels=("chain", "site", "class"),
                                 label=label, executor=executor))  # fmt: skip
        out.append(PolicyTest(*both))
    return out
