"""`restock day`: the days of one item at one site, stepped through forwards and back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from restock.experiments.day_by_day.sentences import CellDay, days_of
from restock.experiments.run_folder import whole_or_nothing, write_settings
from restock.experiments.settings import Settings, plain
from restock.experiments.tracing import traced_run
from restock.sim.planning.policy import Policy
from restock.sim.planning.prepared import Prepared

PROMPT = "Enter: next day, b: back, a number: that day, q: stop > "


def step_through(
    prepared: Prepared, policies: dict[str, Policy], settings: Settings, about: dict[str, Any], folder: Path
) -> list[dict[str, Any]]:
    """Step through the days as the reader asks for them; all of them are written to the run folder."""
    ((label, policy),) = policies.items()
    run, i, n = traced_run(prepared, policy, settings)
    item, site = prepared.scenario.items[i].name, prepared.scenario.sites[n].name
    days = days_of(run, item, site)
    title = f"{item} at {site} under {label}: replication {settings.replication}, seed {settings.seed}"
    text = "\n".join([title, *(line for day in days for line in ["", *day.lines()])])
    with whole_or_nothing(folder, "") as place:
        write_settings(place, plain(settings), about | {"item": item, "site": site}, text)
    print(title)
    _show(days)
    return []


def _show(days: list[CellDay]) -> None:
    """Day after day, from the first that is measured on."""
    at = next(k for k, day in enumerate(days) if day.day >= 0)
    while True:
        print("\n" + "\n".join(days[at].lines()) + "\n")
        print(PROMPT, end="", flush=True)
        line = sys.stdin.readline()
        word = line.strip().lower()
        if not line or word == "q":
            print()
            return
        wanted = days[at].day + {"": 1, "b": -1}.get(word, 0)
        if word.lstrip("-").isdecimal():
            wanted = int(word)
        elif word not in ("", "b"):
            print(f"'{word}' is none of these")
        if days[0].day <= wanted <= days[-1].day:
            at = wanted - days[0].day
        else:
            print(f"there is no day {wanted}: days go from {days[0].day} to {days[-1].day}")
