"""Channels that share a shelf with those who walk in: CHANNEL-RESERVE, OVERSELL."""

from __future__ import annotations

from typing import Any

from restock.sim.features.channels.settings import Channels
from restock.sim.model.scenario import Scenario
from restock.sim.probability.laws import Poisson
from restock.sim.theory import channels
from restock.sim.verification.cases.worlds import FILL, one_store, per_day, share
from restock.sim.verification.judging import Case, Check, Estimate, MakePolicy, Number, Run

LEAD_TIME = 2
WALK_IN = share("walk_in_unmet", "walk_in_asked", less=True)
ONLINE = share("channel_1_handed_over", "channel_1_asked")
ON_HAND = per_day("on_hand_days")
RESERVES = {  # reserve: fill rate of those who walk in, online, and of all; units on hand
    0: (0.994546, 0.937387, 0.971683, 4.283175),
    2: (0.996962, 0.84407, 0.935805, 4.64195),
    4: (0.998535, 0.680677, 0.871391, 5.286087),
    14: (0.999331, 0.0, 0.599598, 8.004016),
}
VIEWS = {  # view_every, buffer: fill rates; units oversold, refused, refused though there, on hand
    (1, 0): (0.980141, 0.703827, 0.074024, 0.370235, 0.254102, 2.967956),
    (2, 0): (0.982069, 0.61607, 0.076047, 0.499848, 0.400085, 3.223516),
    (3, 0): (0.982969, 0.578174, 0.074935, 0.557804, 0.463078, 3.333602),
    (3, 2): (0.9861, 0.419575, 0.035658, 0.834979, 0.725543, 3.796876),
}


def one_shop(walk_in: float, online: float, level: int, **terms: Any) -> Scenario:
    """A store where part of the customers order online, and are served from its shelf after those who walk in."""
    scenario = one_store(Poisson(walk_in + online), LEAD_TIME, level, backorder_share=0.0)
    channel = {"share": online / (walk_in + online), "served": "own_store", "rank": 2, **terms}
    return scenario.having(Channels(by_name={"online": channel}))


def _check(words: str, names: dict[str, tuple[Estimate, bool]], printed: Any, theory: Any, run: Run) -> Check:
    return Check(
        tuple(Number(f"{words}: {what}", value, of_theory, estimate, is_share)
              for (what, (estimate, is_share)), value, of_theory in zip(names.items(), printed, theory, strict=True)),
        run,
    )  # fmt: skip


def channel_reserve(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """The online channel leaves a reserve to those who walk in; one of 14 units closes it."""
    laws, level, checks = (3.0, 2.0), 14, []
    names = {"fill rate of those who walk in": (WALK_IN, True), "fill rate online": (ONLINE, True),
             "fill rate": (FILL, True), "on hand": (ON_HAND, False)}  # fmt: skip
    for reserve, printed in list(RESERVES.items())[2 * quick :]:
        found = channels.one_shelf(Poisson(laws[0]), Poisson(laws[1]), level, reserve)
        run = Run(one_shop(*laws, level, reserve=reserve), {"name": "base_stock", "base_stock_level": level})
        checks.append(_check(f"reserve {reserve}", names, printed, found[:4], run))
    return checks


def oversell(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Online orders are accepted by a view of stock that is refreshed on some evenings."""
    laws, level, checks = (2.0, 1.5), 9, []
    names = {
        "fill rate of those who walk in": (WALK_IN, True), "fill rate online": (ONLINE, True),
        "oversold": (per_day("channel_1_oversold"), False), "refused": (per_day("channel_1_refused"), False),
        "refused though there": (per_day("channel_1_refused_there"), False), "on hand": (ON_HAND, False),
    }  # fmt: skip
    for (view_every, buffer), printed in list(VIEWS.items())[2 * quick :]:
        found = channels.one_shelf(Poisson(laws[0]), Poisson(laws[1]), level, 0, view_every, buffer)
        theory = (*found[:2], found.oversold, found.refused, found.refused_though_there, found.on_hand)
        scenario = one_shop(*laws, level, view_every=view_every, buffer=buffer)
        run = Run(scenario, {"name": "base_stock", "base_stock_level": level})
        checks.append(_check(f"refreshed every {view_every} evenings, buffer {buffer}", names, printed, theory, run))
    return checks


SOURCE = "Markov chain on what is on hand and due tomorrow"
CASES = (
    Case("CHANNEL-RESERVE", "Topkis (1968), Ha (1997): critical levels, by days", 1e-5, channel_reserve),
    Case("OVERSELL", f"{SOURCE}, the view of stock, and days since it was refreshed", 1e-5, oversell),
)
