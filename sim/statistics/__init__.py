"""Statistics of replications: what turns numbers of single replications into answers that can be signed.

`intervals` (means and ratios), `differences` (paired, several at once), `two_parts` (what a record leaves open, too),
`control` (adjusting for realised demand), `precision` (when to stop), `selection` (the best of several policies),
`risk` (quantiles and tail means), `warm_up`.
Everything here works on plain arrays with replications along axis 0, and knows nothing of simulation.
"""

from restock.sim.statistics.control import Adjusted, adjust
from restock.sim.statistics.differences import CORRECTIONS, Difference, adjusted, paired_difference, simultaneous
from restock.sim.statistics.intervals import (
    Interval,
    interval,
    interval_from_moments,
    ratio,
    share_interval,
    t_quantile,
)
from restock.sim.statistics.precision import (
    LEAST,
    Running,
    lasting,
    look_ahead,
    relative_precision,
    replications_needed,
    running_intervals,
)
from restock.sim.statistics.risk import quantile, replications_for_quantile, replications_for_tail_mean, tail_mean
from restock.sim.statistics.selection import Elimination, Selection, select
from restock.sim.statistics.two_parts import (
    OverRecords,
    difference_with_records,
    of_records_alone,
    over_records,
    with_records,
)
from restock.sim.statistics.warm_up import WarmUp, mser5

__all__ = [
    "CORRECTIONS",
    "LEAST",
    "Adjusted",
    "Difference",
    "Elimination",
    "Interval",
    "OverRecords",
    "Running",
    "Selection",
    "WarmUp",
    "adjust",
    "adjusted",
    "difference_with_records",
    "interval",
    "interval_from_moments",
    "lasting",
    "look_ahead",
    "mser5",
    "of_records_alone",
    "over_records",
    "paired_difference",
    "quantile",
    "ratio",
    "relative_precision",
    "replications_for_quantile",
    "replications_for_tail_mean",
    "replications_needed",
    "running_intervals",
    "select",
    "share_interval",
    "simultaneous",
    "t_quantile",
    "tail_mean",
    "with_records",
]
