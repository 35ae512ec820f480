"""A lesson in a room: asked with its own scale, revealed by its own run, with the reason."""

import pytest
from test_browser import accessible

from restock.experiments.lessons.lesson_file import read_lesson

pytestmark = pytest.mark.browser


def test_a_room_is_asked_a_lesson(pages, served):
    host, lesson = pages(f"/moderator?key={served.key}"), read_lesson("beer_game")
    if host.get_by_role("button", name="Next question").is_enabled():  # a question of another test
        host.get_by_role("button", name="Next question").click()
    host.get_by_label("Or a lesson").select_option("beer_game")
    host.get_by_role("heading", name=lesson.title).wait_for()
    host.get_by_role("button", name="Ask", exact=True).click()
    host.get_by_text(lesson.ask).wait_for()
    phone = pages(f"/room?code={host.inner_text('.rs-code')}", 390, 844)
    phone.get_by_label("Your name").fill("Eva")
    phone.get_by_role("button", name="Join").click()
    phone.get_by_label("Your prediction").focus()
    phone.keyboard.press("Home")
    phone.get_by_role("button", name="Send").click()
    phone.get_by_text("Your answer: 204").wait_for()
    host.get_by_role("button", name="Reveal").click()
    host.get_by_text("The simulation says 2,694.").wait_for()
    assert host.get_by_text(lesson.why).is_visible()
    phone.get_by_text("The simulation says 2,694.").wait_for()
    accessible(host)
    host.get_by_role("button", name="Next question").click()
