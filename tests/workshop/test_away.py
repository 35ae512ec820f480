"""A phone that sleeps, a page closed while it waits, a server begun again: nothing is lost that was decided."""

import json
import re
import time

import pytest
from line import Line
from served_room import WORDS, served_in

pytestmark = pytest.mark.browser
ASLEEP = 6  # seconds after which a page is opened afresh; the heartbeat is a twelfth of it


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with served_in(tmp_path_factory.mktemp("away"), *WORDS, "--asleep", f"{ASLEEP}") as found:
        yield found


def port_of(served):
    return int(served.url.rpartition(":")[2])


@pytest.fixture
def opened(chromium):
    """Opens pages, each of a person of its own."""
    contexts = []

    def at(address, width=390, height=844):
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.goto(address)
        return page

    yield at
    for context in contexts:
        context.close()


def joined(opened, url, code, name="Ann"):
    phone = opened(f"{url}/room?code={code}")
    phone.get_by_label("Your name").fill(name)
    phone.get_by_role("button", name="Join").click()
    phone.get_by_text("The next question comes here").wait_for()
    return phone


def asked(opened, served):
    host = opened(f"{served.url}/moderator?key={served.key}", 1280, 800)
    following = host.get_by_role("button", name="Next question")
    if following.is_enabled():  # a question of another test
        following.click()
    return host, host.inner_text(".rs-code")


def sleeps_through_a_question(opened, served, away, seconds):
    """A phone answers, sleeps so many seconds, and wakes: what it answered stands, and it sees what was revealed."""
    line = Line(port_of(served))
    host, code = asked(opened, served)
    phone = joined(opened, line.url, code)
    host.get_by_role("button", name="Ask", exact=True).click()
    phone.get_by_role("button", name="Send").click()
    phone.get_by_text("Your answer: 50%").wait_for()
    people = _people(host)
    getattr(line, away)()
    began = time.monotonic()
    host.get_by_role("button", name="Reveal").click()
    host.get_by_text("The simulation says").wait_for()
    host.wait_for_timeout(max(0, 1000 * (seconds - (time.monotonic() - began))))
    if away == "cut":  # over a dead line the page may have begun to load again, and be none
        assert "simulation says" not in phone.inner_text(".rs-phone")
    line.mended()
    phone.get_by_text(re.compile("Your answer: 50% The simulation says .*")).wait_for()
    assert _people(host) == people  # and it is the same participant
    host.get_by_role("button", name="Next question").click()
    phone.get_by_text("The next question comes here").wait_for()


def _people(host):
    """How many are in the room, as the moderator sees it."""
    return int(re.search(r"of (\d+) answered", host.inner_text(".rs-join [role=status]"))[1])


@pytest.mark.parametrize("away, seconds", [("cut", ASLEEP / 2), ("dead", 1.6 * ASLEEP)],
                         ids=["a nap", "past the end of its page"])  # fmt: skip
def test_a_phone_that_slept_is_where_the_room_is(opened, room, away, seconds):
    sleeps_through_a_question(opened, room, away, seconds)


@pytest.mark.slow
@pytest.mark.parametrize("away", ["dead", "cut"])
def test_a_phone_that_slept_for_two_minutes(opened, away, tmp_path):
    with served_in(tmp_path, *WORDS) as served:
        sleeps_through_a_question(opened, served, away, 120)


def test_a_phone_says_that_the_connection_is_lost_and_takes_no_answer_meanwhile(opened, room):
    """What is typed while the line is cut is not taken for an answer: the phone says so until it is back."""
    line = Line(port_of(room))
    host, code = asked(opened, room)
    phone = joined(opened, line.url, code, "Bo")
    host.get_by_role("button", name="Ask", exact=True).click()
    phone.get_by_role("button", name="Send").wait_for()
    line.cut()
    phone.get_by_text("Connection lost").wait_for()
    assert "No answer yet." in phone.inner_text(".rs-phone")
    line.mended()
    phone.get_by_text("Connection lost").wait_for(state="hidden")
    phone.get_by_role("button", name="Send").click()
    phone.get_by_text("Your answer: 50%").wait_for()
    host.get_by_role("button", name="Next question").click()


def test_a_page_closed_while_it_waits_opens_again_as_it_was(opened, room):
    page = opened(f"{room.url}/", 1280, 800)
    page.wait_for_function("document.querySelector('.rs-status').textContent.startsWith('As the')")
    page.get_by_role("button", name="Pin as A").click()
    page.get_by_label("Lead times", exact=True).focus()
    page.keyboard.press("End")
    page.wait_for_function("location.search.includes('lead_time_factor=3')")
    address = page.url
    page.close()  # while the answer is made
    again = opened(address, 1280, 800)
    again.wait_for_function("document.querySelector('.rs-status').textContent === 'Lead times 3×, seed 1.'")
    again.wait_for_selector("table.rs tbody tr")  # with what was pinned
    assert room.process.poll() is None and "refused" not in room.said()


def test_a_game_goes_on_where_its_server_was_killed(opened, tmp_path):
    kept = tmp_path / "kept"
    with served_in(tmp_path, *WORDS, "--game", str(kept), "--asleep", f"{ASLEEP}") as served:
        host = opened(f"{served.url}/beer/host?key={served.key}", 1280, 800)
        player = opened(f"{served.url}/beer?code={host.inner_text('.rs-code')}")
        player.get_by_label("Your name").fill("Ann")
        player.get_by_role("button", name="Join").click()
        player.get_by_role("button", name="Team 1: sit down as wholesaler").click()
        host.get_by_text("1 of 4 seats taken").wait_for()
        host.get_by_role("button", name="Start").click()
        for week, order in ((5, 7), (6, 19)):
            player.get_by_label(f"Your order for week {week}").fill(f"{order}")
            player.get_by_role("button", name="Order", exact=True).click()
        player.get_by_label("Your order for week 7").wait_for()
        served.process.kill()
        served.process.wait(20)
    decided = json.loads((kept / "beer_game.json").read_text(encoding="utf-8"))
    player.get_by_text("Connection lost").wait_for()
    for page in (player, host):
        page.evaluate("window.before = true")
    with served_in(tmp_path, *WORDS, "--game", str(kept), "--port", f"{port_of(served)}") as again:
        assert again.key == served.key  # the host's link is as it was
        for page in (player, host):
            page.wait_for_function("!window.before")  # it opens afresh by itself
        player.get_by_label("Your order for week 7").wait_for()  # in its seat
        host.get_by_text("Week 7").first.wait_for()
        assert json.loads((kept / "beer_game.json").read_text(encoding="utf-8")) == decided
        assert decided["teams"][0]["game"]["decisions"]["wholesaler"][-2:] == [7, 19]
        player.get_by_label("Your order for week 7").fill("8")
        player.get_by_role("button", name="Order", exact=True).click()
        player.get_by_label("Your order for week 8").wait_for()
