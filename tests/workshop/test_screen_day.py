"""Day by day in a real browser: by keyboard, the sentences of `restock day`, and what is not offered is refused."""

import pytest
from served_room import WORDS
from test_browser import accessible, fits

from restock.experiments.chosen import chosen_policies
from restock.experiments.day_by_day.sentences import days_of
from restock.experiments.workshop.what_if import WhatIf
from restock.sim.engines.events.engine import Run

pytestmark = pytest.mark.browser


def expected(item):
    """The days of an item under the first policy, as the terminal tells them."""
    what_if = WhatIf(list(WORDS))
    choice = what_if.offer.start
    prepared = what_if.question(choice).prepare()
    policy = chosen_policies(what_if.settings_of(choice).policy)[choice.policies[0]]
    return days_of(Run(prepared, prepared.plan(policy), 1, 0, log=True).run(), item, "shop")


def told(page, day):
    page.get_by_role("heading", name=f"Day {day.day}, {day.date}").wait_for()
    return [line for line in page.inner_text(".rs-phases").splitlines() if line]


def lines(day):
    return [line for phase in day.phases for line in (phase.name.capitalize(), *phase.sentences)]


def test_a_reader_steps_through_the_days_by_keyboard(pages):
    page, days = pages("/day"), [day for day in expected("milk") if day.day >= 0]
    assert told(page, days[0]) == lines(days[0])
    page.get_by_role("button", name="Next day").focus()
    page.keyboard.press("Enter")
    assert told(page, days[1]) == lines(days[1])
    page.get_by_role("button", name="Day before").press("Space")
    assert told(page, days[0]) == lines(days[0])
    page.get_by_label("Day", exact=True).fill("40")
    page.keyboard.press("Tab")
    assert told(page, days[40]) == lines(days[40])
    page.get_by_label("Item").select_option("bread")
    bread = next(day for day in expected("bread") if day.day == 40)
    page.wait_for_function("words => document.querySelector('.rs-phases').innerText.includes(words)",
                           arg=lines(bread)[-1])  # fmt: skip
    assert told(page, bread) == lines(bread)
    accessible(page)


def test_it_fits_a_phone_and_refuses_what_is_not_there(pages, served):
    page = pages("/day", 360, 740)
    page.get_by_role("heading", name="Day 0,").wait_for()
    fits(page)
    accessible(page)
    page.get_by_label("Day", exact=True).fill("99999")
    page.keyboard.press("Tab")
    page.get_by_text("Days go from -28 to 83, got '99999'").wait_for()
    page.get_by_label("Replication").fill("-1")
    page.keyboard.press("Tab")
    page.get_by_text("Replication must be a whole number from 0 to 9999, got '-1'").wait_for()
    assert "refused: replication must be" in served.said()
