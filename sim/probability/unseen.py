"""What a sample of receipts did not see of a recorded day, given what it saw.

Let a day's customers come at a rate that is gamma with mean m and shape k (m being that day's, with its season), and
each receipt be in the sample with probability p. Given x receipts seen, the rate is gamma with shape k + x, so that
those not seen are negative binomial with shape k + x and mean (1 - p)(k + x) / (k / m + p): a busy day in the sample
is a busy day outside. Poisson customers (k without end) tell nothing of each other: mean (1 - p) m. Units of a receipt
not seen follow the law of those that were.

Source: the gamma's conjugacy to the Poisson (Gelman et al. 2013, Bayesian Data Analysis, section 2.6).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from restock.sim.errors import InputError, require
from restock.sim.probability.laws import Compound, Geometric, Law, NegativeBinomial, Poisson

MOST_LOOKED_UP = 2**26  # kinds of day that are numbered by a table of all that could be
NEEDS = "laws must be poisson, geometric, negative_binomial, or compound with customers of these"


class NotUnthinned(InputError):
    """A law of which nothing can be said beyond the sample: its number.

    >>> NotUnthinned("Constant: no shape", 3).number
    3
    """

    def __init__(self, error: str, number: int) -> None:
        super().__init__(error)
        self.number = number


def unseen_law(law: Law, share: float, factor: float, receipts: int) -> Law:
    """Units that the sample did not see on a day whose mean is `factor` times the law's, given the receipts it saw.

    `law` is that of all customers' units. Means are rounded to 3 significant digits, spreads to 2, so that days share
    tables.

    >>> unseen_law(NegativeBinomial(4.0, 0.5), 0.05, 1.0, 0)
    NegativeBinomial(mean=3.45, dispersion=0.5)
    >>> unseen_law(NegativeBinomial(4.0, 0.5), 0.05, 1.0, 2)
    NegativeBinomial(mean=6.91, dispersion=0.25)
    >>> unseen_law(Poisson(4.0), 0.05, 1.0, 2)
    Poisson(mean=3.8)
    """
    customers = law.customers if isinstance(law, Compound) else law
    require(isinstance(customers, (Poisson, Geometric, NegativeBinomial)), f"{type(law).__name__}: {NEEDS}")
    mean = customers.mean * factor  # type: ignore[attr-defined]
    if mean == 0:
        return Poisson(0.0)
    if isinstance(customers, Poisson):
        unseen: Law = Poisson(_short((1 - share) * mean, 3))
    else:
        shape = 1.0 if isinstance(customers, Geometric) else 1 / customers.dispersion  # type: ignore[attr-defined]
        known = shape + receipts
        unseen = NegativeBinomial(_short((1 - share) * known / (shape / mean + share), 3), _short(1 / known, 2))
    return Compound(unseen, law.basket) if isinstance(law, Compound) else unseen


def unseen_laws(
    laws: Sequence[Law],
    law_of: np.ndarray,
    factors: np.ndarray,
    season_of: np.ndarray,
    units: np.ndarray,
    receipts: np.ndarray,
    share: float,
) -> tuple[list[Law], np.ndarray]:
    """The laws of what was not seen, and which of them each recorded day has: int (rows, days), -1 where nothing is.

    Parameters
    ----------
    law_of, season_of : ndarray of int, shape (rows,)
        The law of all customers of each row's cell, and its season.
    factors : ndarray, shape (seasons, days)
        Factors of the recorded days.
    units, receipts : ndarray of int, shape (rows, days)
        As recorded; receipts below 0 where nobody could have come. A law without baskets takes units for receipts.

    >>> day = np.array([[0, 2, 0]])
    >>> first = np.array([0])
    >>> unseen_laws([Poisson(4.0)], first, np.ones((1, 3)), first, day, np.array([[0, 1, -1]]), 0.05)
    ([Poisson(mean=3.8)], array([[ 0,  0, -1]]))
    """
    kind = np.array([1 if isinstance(law, Compound) else 0 for law in laws], bool)
    shapeless = np.array([isinstance(law.customers if isinstance(law, Compound) else law, Poisson) for law in laws])
    seen = np.where(kind[law_of][:, None], receipts, units)
    seen = np.where(shapeless[law_of][:, None], 0, seen)
    found, factor = np.unique(factors, return_inverse=True)
    most = int(seen.max(initial=0)) + 1
    key = (law_of[:, None].astype(np.int64) * len(found) + factor.reshape(factors.shape)[season_of]) * most + seen
    open_days = receipts >= 0
    of_day, numbered = _numbered(key[open_days], len(laws) * len(found) * most)
    out: dict[Law, int] = {}
    number = []
    for each in of_day.tolist():
        of_law, x = divmod(each, most)
        law, factor_of = divmod(of_law, len(found))
        try:
            unseen = unseen_law(laws[law], share, float(found[factor_of]), x)
        except InputError as error:
            raise NotUnthinned(str(error), law) from None
        number.append(out.setdefault(unseen, len(out)))
    places = np.full(units.shape, -1)
    places[open_days] = np.array(number, np.int64)[numbered]
    return list(out), places


def _numbered(key: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """The different keys in order, and the place of each among them."""
    if most > MOST_LOOKED_UP:
        return np.unique(key, return_inverse=True)
    there = np.zeros(most, bool)
    there[key] = True
    return np.flatnonzero(there), (np.cumsum(there, dtype=np.int32) - 1)[key]


def _short(x: float, digits: int) -> float:
    return float(f"{x:.{digits}g}")
