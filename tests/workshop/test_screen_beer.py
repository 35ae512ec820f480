"""The beer game in a real browser: two people and two bots, to the debrief."""

import pytest
from test_browser import accessible, fits

from restock.experiments.beer_game.game import Game
from restock.sim.study.beer_game.chain import STAGES, WEEKS

pytestmark = pytest.mark.browser


def test_two_people_and_two_bots_play_to_the_debrief(served, pages):
    bots = Game(seats=dict.fromkeys(STAGES, "base_stock"))
    bots.fill()
    host = pages(f"/beer/host?key={served.key}")
    code, players = host.inner_text(".rs-code"), {}
    for name, seat in (("Ann", "retailer"), ("Ben <b>", "factory")):
        page = pages(f"/beer?code={code}", 360, 740)
        page.get_by_label("Your name").fill(name)
        page.get_by_role("button", name="Join").click()
        page.get_by_role("button", name=f"Team 1: sit down as {seat}").click()
        page.get_by_text("you sit here").wait_for()
        players[seat] = page
    accessible(players["factory"])
    host.get_by_text("2 of 4 seats taken").wait_for()
    host.get_by_role("button", name="Start").click()
    for week in range(5, WEEKS + 1):
        for seat, page in players.items():
            page.get_by_label(f"Your order for week {week}").fill(str(bots.decisions[seat][week - 1]))
            if week == 5:
                accessible(page)
                fits(page)
            page.get_by_role("button", name="Order", exact=True).click()
    host.get_by_text("Stage by stage").wait_for()
    rows = host.eval_on_selector_all("table", "all => all.map(it => it.innerText)")
    assert "204.0" in rows[0] and "Ben <b>" in rows[1]
    accessible(host)
    for page in players.values():
        page.get_by_text("your chain 204.0").wait_for()
        fits(page)
    host.get_by_role("button", name="New game").click()


def test_the_host_s_page_takes_the_key(served, pages):
    page = pages("/beer/host?key=guessed")
    assert page.get_by_text("Refused: the host's link is not right.").is_visible()
    assert "refused: the host's link is not right" in served.said()
