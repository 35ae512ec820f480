"""Stores that send each other goods: TRANSFER-DAYS, TRACE-TRANSFER."""

from __future__ import annotations

import numpy as np

from restock.sim.features.transfers.settings import Floor, Overnight, Transfers
from restock.sim.model.network import Lane, Site
from restock.sim.model.scenario import Scenario
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.theory import transfers
from restock.sim.verification.cases.single_period import two_stores
from restock.sim.verification.cases.traces import column, off, walked
from restock.sim.verification.cases.worlds import FILL, per_day, replayed, share
from restock.sim.verification.judging import Case, Check, Estimate, MakePolicy, Number, Run

LAWS, LEVELS, LEAD_TIME = (Poisson(2.0), Poisson(1.5)), (6, 5), 2
BOTH = {"both": ["first", "second"]}
DAYS = {  # floors; lost at each, moved, lines, on hand at each, days short though the other could give; fill rate
    "no transfers": (None, 0.14016, 0.098503, 0.0, 0.0, 2.28032, 2.197007, 0.12691, 0.931811),
    "floors 0": ((0, 0), 0.046632, 0.03387, 0.183208, 0.133629, 2.14484, 2.016164, 0.0, 0.976999),
    "floors 2 and 1": ((2, 1), 0.069442, 0.068858, 0.108701, 0.086114, 2.212611, 2.063988, 0.0, 0.960486),
}
NAMES = ("lost at the first", "lost at the second", "moved", "lines", "on hand at the first", "on hand at the second",
         "days short though the other could give", "fill rate")  # fmt: skip
FOUND: tuple[Estimate, ...] = (
    per_day("lost@first"), per_day("lost@second"), per_day("transferred_out"), per_day("transfer_lines"),
    per_day("on_hand_days@first"), per_day("on_hand_days@second"), share("short_elsewhere"), FILL,
)  # fmt: skip


def helping(floors: tuple[int, int] | None) -> Scenario:
    """Two stores of one region, lead time 2; floors of 2 and 1 units are 0.6 days of mean demand."""
    scenario = two_stores(LAWS, LEVELS)
    lanes = [Lane(lane.source, lane.destination, Constant(LEAD_TIME)) for lane in scenario.lanes]
    floor = Floor(days=0.6 if floors and any(floors) else 0)
    return scenario.having(Transfers(BOTH, at_once=floors is not None, floor=floor), lanes=lanes)


def transfer_days(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Day after day: what the receiver sold it does not order again, what the giver gave it does."""
    from restock.sim.verification.cases.rules import LevelsBySite

    checks = []
    for name, (floors, *printed) in list(DAYS.items())[2 * quick :]:
        found = transfers.at_once(LAWS, LEVELS, floors)
        theory = (*found.lost, found.transferred, found.lines, *found.on_hand, found.days_short_elsewhere,
                  found.fill_rate)  # fmt: skip
        numbers = tuple(
            Number(f"{name}: {what}", value, of_theory, estimate, what[:4] in ("days", "fill"))
            for what, value, of_theory, estimate in zip(NAMES, printed, theory, FOUND, strict=True)
        )
        checks.append(Check(numbers, Run(helping(floors), LevelsBySite(level_of=LEVELS))))
    return checks


ASKED = [[4, 9, 3, 5, 8, 2, 6, 4, 7, 3], [3, 2, 4, 1, 2, 5, 3, 2, 1, 4], [6, 3, 8, 4, 6, 7, 2, 9, 3, 5]]
BY_DAY = {  # of each store, by day
    "received": [[0, 0, 0, 11, 5, 3, 5, 5, 5, 6], [0, 0, 0, 7, 4, 2, 1, 6, 5, 2], [0, 0, 0, 11, 4, 2, 5, 5, 6, 4]],
    "lost": [[0, 1, 3, 0, 0, 0, 0, 0, 0, 0], [0, 0, 2, 0, 0, 0, 0, 0, 0, 0], [0, 0, 7, 0, 0, 0, 0, 0, 0, 0]],
    "ordered": [[11, 5, 0, 5, 5, 3, 6, 4, 6, 3], [7, 4, 2, 1, 6, 5, 2, 4, 3, 4], [11, 4, 1, 4, 5, 6, 3, 7, 2, 5]],
    "on_hand": [[5, 0, 0, 6, 3, 3, 2, 1, 0, 3], [6, 2, 0, 6, 4, 1, 0, 2, 4, 2], [5, 1, 0, 7, 5, 0, 2, 0, 3, 2]],
    "on_order": [[11, 16, 16, 10, 13, 13, 14, 15, 16, 13], [7, 11, 13, 7, 9, 12, 13, 11, 9, 11],
                 [11, 15, 16, 9, 11, 16, 14, 16, 13, 14]],
}  # fmt: skip
MOVES = [  # day, giver, receiver, units: at once and overnight
    (1, 1, 0, 2), (1, 2, 0, 1), (4, 1, 0, 3), (4, 1, 2, 1), (5, 0, 2, 1), (6, 2, 1, 1), (7, 0, 2, 2), (7, 1, 0, 2),
    (8, 1, 0, 1), (8, 1, 2, 1),
]  # fmt: skip
TERMS = {"floor": (1, 2, 1), "low": (6, 2, 7), "to": (6, 2, 7), "high": (8, 6, 12)}
SUMMARY = {"fill rate": 0.900763, "filled by transfer": 7, "units sent overnight": 8, "transfer lines": 10}


def trace_transfer(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Three stores, at once and overnight by cover; hand-checkable. The case states its terms in units."""
    from restock.sim.planning.prepared import Prepared
    from restock.sim.verification.cases.rules import LevelsBySite

    names = ["a", "b", "c"]
    scenario = replayed(ASKED, [Site(name) for name in names], [Lane("supplier", name, Constant(3)) for name in names],
                        [0, 1, 2], [9, 9, 11], 0.0)  # fmt: skip
    prepared = Prepared(scenario.having(Transfers({"all": names}, at_once=True, overnight=Overnight(high=0))))
    for name, units in TERMS.items():
        getattr(prepared.world.features.transfers, name)[0] = units
    run, differ = walked(prepared, LevelsBySite(level_of=(16, 13, 16)))
    found_by_day = {name: [column(run, site, name, 0, 10) for site in names] for name in BY_DAY}
    for entry in run.log or []:
        if entry.what == "came from other stores":  # the case counts them as received
            found_by_day["received"][names.index(entry.site)][entry.day] += entry.quantity
    numbers = [
        off(f"{name.replace('_', ' ')} at {site}", printed[k], found_by_day[name][k])
        for name, printed in BY_DAY.items()
        for k, site in enumerate(names)
    ]
    sent = [(entry.day, names.index(entry.site), names.index(entry.what[len("sent to ") :]), entry.quantity)
            for entry in run.log or [] if entry.what.startswith("sent to ")]  # fmt: skip
    numbers.append(Number("transfers that differ", 0, 0, float(sorted(sent) != sorted(MOVES))))
    columns = ("filled", "demand", "filled_by_transfer", "transfers_sent_here", "transfer_lines")
    filled, demand, *moved = (sum(site.stock[0].book[name] for site in run.sites) for name in columns)
    found = (filled / demand, *moved)
    asked, lost = np.sum(ASKED), np.sum(BY_DAY["lost"])
    by_hand = (float((asked - lost) / asked), 7.0, 8.0, 10.0)
    numbers += [Number(name, printed, theory, float(value))
                for (name, printed), theory, value in zip(SUMMARY.items(), by_hand, found, strict=True)]  # fmt: skip
    return [Check((*numbers, differ))]


CASES = (
    Case("TRANSFER-DAYS", "Tagaras & Cohen (1992), Management Science 38(8), in whole units", 1e-5, transfer_days),
    Case("TRACE-TRANSFER", "Transfers at once and overnight, hand-checkable", 1e-6, trace_transfer),
)
