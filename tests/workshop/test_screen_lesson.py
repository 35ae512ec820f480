"""A lesson in a room: asked with its own scale, revealed by its own run, with the reason."""

import pytest
from test_browser import accessible, fits

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


def test_a_room_chooses_among_answers_by_keyboard(pages, served):
    host, lesson = pages(f"/moderator?key={served.key}"), read_lesson("side_by_side")
    if host.get_by_role("button", name="Next question").is_enabled():
        host.get_by_role("button", name="Next question").click()
    host.get_by_label("Or a lesson").select_option("side_by_side")
    host.get_by_role("button", name="Ask", exact=True).click()
    host.get_by_text(lesson.ask).wait_for()
    choices = list(lesson.choices.values())
    right = [*lesson.choices].index(lesson.expects)
    phones = []
    for name, down in (("Fay", right), ("Gus", right), ("Hal", (right + 1) % len(choices))):
        phone = pages(f"/room?code={host.inner_text('.rs-code')}", 360, 740)
        phone.get_by_label("Your name").fill(name)
        phone.get_by_role("button", name="Join").click()
        phone.get_by_role("group", name="Your answer").wait_for()
        phone.get_by_role("button", name="Send").click()
        phone.get_by_text("Choose one of the answers first.").wait_for()
        phone.get_by_role("radio", name=choices[0]).focus()
        phone.keyboard.press("Space")
        for _ in range(down):
            phone.keyboard.press("ArrowDown")
        phone.keyboard.press("Tab")
        phone.keyboard.press("Enter")  # on Send
        phone.get_by_text(f"Your answer: {choices[down]}").wait_for()
        accessible(phone)
        fits(phone)
        phones.append(phone)
    counted = ", ".join(f"{words}: {2 * (k == right) + (k == (right + 1) % len(choices))}"
                        for k, words in enumerate(choices))  # fmt: skip
    host.get_by_role("img", name=f"Answers of the room: {counted}").wait_for()
    host.get_by_role("button", name="Reveal").click()
    host.get_by_text(f"The simulation says {choices[right]}.").wait_for(timeout=60_000)
    assert host.get_by_text(lesson.why).is_visible()
    accessible(host)
    for phone in phones:
        phone.get_by_text(f"The simulation says {choices[right]}.").wait_for()
    with host.expect_download() as saved:
        host.get_by_role("button", name="Answers as CSV").click()
    lines = saved.value.path().read_text(encoding="utf-8")
    assert f"Hal,{choices[(right + 1) % len(choices)]},{choices[right]},," in lines.replace('"', "")
    host.get_by_role("button", name="Next question").click()
