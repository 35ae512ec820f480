"""The end of every report: what is assumed, because nobody gave it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from restock.experiments.settings import Settings

if TYPE_CHECKING:
    from restock.sim.model.scenario import Scenario

ASSUMED = "Assumed, not known:"


def assumed_lines(
    scenario: Scenario, settings: Settings, words: Sequence[str], found: Iterable[str] = ()
) -> list[str]:  # fmt: skip
    """Lines of what a scenario and its policies assume; `words` are those of the command line, `found` is said between
    what the scenario's file says and the defaults. None where nothing is assumed.

    >>> from restock.sim.planning.example import one_shop
    >>> settings = Settings(policy={"buffer": {"name": "buffer"}})
    >>> assumed_lines(one_shop().scenario, settings, [], found=["a file was read"])[:3]
    ['', 'Assumed, not known:', '- a file was read']
    """
    from restock.experiments.scenarios import policy_lines
    from restock.sim.model.assumed import default_lines

    assumed = [*scenario.assumptions, *found, *default_lines(scenario), *policy_lines(settings, words)]
    return ["", ASSUMED, *(f"- {line}" for line in assumed)] if assumed else []
