"""Questions that a room can be asked of a choice: a measure of a policy, with a scale to answer on."""

from __future__ import annotations

import math

from restock.experiments.workshop.choice import Choice, Offer, in_words
from restock.experiments.workshop.room import Asked, Truth
from restock.sim.errors import unknown
from restock.sim.results.outcome import Outcome
from restock.sim.results.text import capital_first
from restock.sim.study.summary_table import money, percent, written_figure

MEASURES = {
    "fill_rate": "what share of demand does {policy} serve at once, in %?",
    "average_inventory_value": "what stock at cost does {policy} hold?",
    "total_cost": "what does {policy} cost in total, a year?",
    "distortion_cost": "what does distortion cost with {policy}, a year?",
}


def asked_of(offer: Offer, choice: Choice, policy: str, measure: str, now: float) -> Asked:
    """The question in words, and its scale: shares from 0 to 100%, money from 0 to three times what it is `now`.

    >>> offer = Offer(Choice(("buffer",), {}), {"buffer": ""}, [])
    >>> asked = asked_of(offer, offer.start, "buffer", "total_cost", 4529.0)
    >>> asked.text, asked.low, asked.high, asked.step
    ('As the scenario has it: what does buffer cost in total, a year?', 0.0, 14000.0, 100.0)
    """
    if measure not in MEASURES:
        raise unknown("measure", str(measure)[:60], MEASURES)
    if policy not in choice.policies:
        raise unknown("policy", str(policy)[:60], choice.policies)
    text = question_of(offer, choice, policy, measure)
    if measure == "fill_rate":
        return Asked(text, 0.0, 100.0, 0.5, "%")
    digits = 10 ** math.floor(math.log10(max(now, 1e-9))) / 10 if now > 0 else 1.0
    high = math.ceil(3 * now / (10 * digits)) * 10 * digits or 10.0
    return Asked(text, 0.0, high, digits, "")


def question_of(offer: Offer, choice: Choice, policy: str, measure: str) -> str:
    """What is asked, in words."""
    return f"{capital_first(in_words(offer, choice))}: {MEASURES[measure].format(policy=policy)}"


def truth_of(outcome: Outcome, measure: str) -> Truth:
    """What the simulation says, in the unit of the answers."""
    share = measure == "fill_rate"
    estimate, low, high = (value * (100 if share else 1) for value in outcome.value(measure))
    words = written_figure(outcome, measure, percent if share else money, spread=True) + ("%" if share else "")
    return Truth(estimate, low, high, words)
