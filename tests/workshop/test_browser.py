"""The pages in a real browser: by keyboard alone, by link, with five phones, and for who does not see them."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from served_room import WORDS

from restock.experiments.workshop import words
from restock.experiments.workshop.what_if import WhatIf

pytestmark = pytest.mark.browser
WHOLE = "Costs a year; 24 replications."
INK = """() => [...document.querySelectorAll('canvas')].map(it => { const of = it.getContext('2d')
  .getImageData(0, 0, it.width, it.height).data; let inked = 0;
  for (let k = 0; k < of.length; k += 4) if (of[k + 3] > 0 && of[k] + of[k + 1] + of[k + 2] < 700) inked++;
  return inked; })"""


@pytest.fixture(scope="module")
def same():
    """The same scenario, asked here."""
    return WhatIf(list(WORDS))


def answered(page, status):
    """Wait for the whole answer; the cards as they stand."""
    page.wait_for_function("status => document.querySelector('.rs-status').textContent === status", arg=status)
    page.wait_for_function(
        "said => { const all = [...document.querySelectorAll('.rs-card')]; return all.length && "
        "!document.querySelector('.rs-cards.rs-stale') && all.every(it => it.textContent.includes(said)); }",
        arg=WHOLE,
    )
    return page.eval_on_selector_all(".rs-card", "all => all.map(it => it.innerText.replace(/\\s+/g, ' '))")


def expected(what_if, choice):
    """What stands on the cards."""
    found = words.cards(what_if.whole(choice), what_if.replications)
    return [
        " ".join([card.policy, *(f"{name} {figure}" for name, figure in card.figures), card.replications])
        + (f" No steady state: {card.warning}." if card.warning else "")
        for card in found
    ]


def press_until(page, key, wanted, most=80):
    """Press a key until an element has the focus."""
    for _ in range(most):
        page.keyboard.press(key)
        if wanted in page.evaluate("[document.activeElement.id, document.activeElement.textContent]"):
            return
    raise AssertionError(f"{wanted} is not reached by {key}")


def accessible(page):
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == []


def fits(page):
    """Nothing is to be scrolled sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_what_if_by_keyboard_alone(pages, same):
    page, start = pages("/"), same.offer.start
    assert answered(page, "As the scenario has it, seed 1.") == expected(same, start)
    page.evaluate("""() => { window.greyed = 0; new MutationObserver(() => { window.greyed +=
        document.querySelectorAll('.rs-cards.rs-stale').length; }).observe(document.body,
        {subtree: true, attributes: true}); }""")
    press_until(page, "Tab", "s-demand.cv_factor")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    moved = same.offer.moved(start, "demand.cv_factor", 1.2)
    after = answered(page, "Variation of demand 1.2×, seed 1.")
    assert after == expected(same, moved) != expected(same, start)
    assert page.evaluate("window.greyed") > 0  # figures of before were grey as long as they stood
    slider = page.get_by_label("Variation of demand")
    assert slider.get_attribute("aria-valuetext") == "1.2 times"
    assert page.inner_text("code.rs") == same.command(moved)
    spoken = page.inner_text("[role=status][aria-live=polite]")
    assert spoken == f"Variation of demand 1.2×: {words.sentence(same.whole(moved))}"

    press_until(page, "Shift+Tab", "Undo")
    page.keyboard.press("Enter")
    assert answered(page, "As the scenario has it, seed 1.") == expected(same, start)
    assert slider.input_value() == "1"
    press_until(page, "Tab", "Redo", most=3)
    page.keyboard.press("Space")
    assert answered(page, "Variation of demand 1.2×, seed 1.") == after
    assert slider.input_value() == "1.2"
    press_until(page, "Tab", "Reset", most=3)
    page.keyboard.press("Enter")
    assert answered(page, "As the scenario has it, seed 1.") == expected(same, start)


def test_a_link_opens_with_all_settings(pages, same):
    page = pages("/")
    answered(page, "As the scenario has it, seed 1.")
    page.get_by_label("reorder_point", exact=True).check()
    page.get_by_label("abc_tiered", exact=True).uncheck()
    page.get_by_label("buffer: Service target").focus()
    page.keyboard.press("ArrowLeft")
    page.get_by_label("Seed").fill("7")
    page.get_by_label("Seed").press("Enter")
    choice = same.offer.with_policies(same.offer.start, ["just_in_time_with_cover", "buffer", "reorder_point"])
    choice = same.offer.with_seed(same.offer.moved(choice, "policy.buffer.target", "0.949"), 7)
    before = answered(page, "Buffer: Service target 94.9%, seed 7.")
    assert before == expected(same, choice)
    link = page.url.removeprefix(re.match(r"http://[^/]+", page.url)[0])
    again = pages(link)
    assert answered(again, "Buffer: Service target 94.9%, seed 7.") == before
    assert again.get_by_label("buffer: Service target").input_value() == "94.9"
    assert again.get_by_label("Seed").input_value() == "7"
    assert not again.get_by_label("abc_tiered", exact=True).is_checked()


def test_what_is_pinned_stands_beside(pages, same):
    page, start = pages("/"), same.offer.start
    answered(page, "As the scenario has it, seed 1.")
    page.get_by_role("button", name="Pin as A").click()
    page.get_by_label("Lead times", exact=True).focus()
    page.keyboard.press("End")
    answered(page, "Lead times 3×, seed 1.")
    page.wait_for_selector("table.rs tbody tr")
    rows = words.differences(same.whole(start), same.whole(same.offer.moved(start, "lead_time_factor", 3)))
    found = page.eval_on_selector_all(
        "table.rs tbody tr", "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
    )
    assert [row[1:] for row in found] == [list(row[1:]) for row in rows]
    assert {row.verdict.split(",")[0] for row in rows} >= {"worse"}
    again = pages(page.url.removeprefix(re.match(r"http://[^/]+", page.url)[0]))  # the link holds what is pinned
    answered(again, "Lead times 3×, seed 1.")
    assert again.locator("table.rs tbody tr").count() == len(rows)
    page.get_by_role("button", name="Unpin").click()
    page.locator("table.rs").wait_for(state="hidden")


def test_every_figure_has_ink_and_a_slide_can_be_saved(pages):
    page = pages("/")
    answered(page, "As the scenario has it, seed 1.")
    page.wait_for_timeout(500)
    inked = page.evaluate(INK)
    assert len(inked) == 3 and min(inked) > 1000
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save slide").click()
    assert saved.value.suggested_filename == "one_store.png"
    assert saved.value.path().read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_page_can_be_saved_that_opens_from_a_file(pages, same, chromium, tmp_path):
    """What it says is what the cards say; it asks nobody for anything."""
    page, start = pages("/"), same.offer.start
    answered(page, "As the scenario has it, seed 1.")
    page.get_by_role("button", name="Pin as A").click()
    page.get_by_label("Lead times", exact=True).focus()
    page.keyboard.press("End")
    answered(page, "Lead times 3×, seed 1.")
    page.wait_for_selector("table.rs tbody tr")
    page.wait_for_timeout(500)
    shown = page.eval_on_selector_all(
        ".rs-card", "all => all.map(it => [...it.querySelectorAll('dd')].map(each => each.textContent))"
    )
    beside = page.eval_on_selector_all(
        "table.rs tbody tr", "rows => rows.map(row => [...row.children].map(it => it.textContent).slice(1))"
    )
    drawn = page.evaluate("[...document.querySelectorAll('.rs-figures canvas')].map(it => it.toDataURL())")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save page").click()
    assert saved.value.suggested_filename == "one_store.html"
    file = tmp_path / "one_store.html"
    saved.value.save_as(file)
    asked = []
    alone = chromium.new_context(viewport={"width": 360, "height": 740}, offline=True)
    copy = alone.new_page()
    copy.on("request", lambda each: None if each.url.startswith(("file:", "data:")) else asked.append(each.url))
    copy.on("pageerror", lambda error: asked.append(str(error)))
    copy.goto(file.as_uri())
    tables = copy.eval_on_selector_all(
        "table", "all => all.map(it => [...it.rows].map(row => [...row.cells].map(cell => cell.textContent)))"
    )
    assert [list(column) for column in zip(*(row[1:] for row in tables[0][1:]), strict=True)] == shown
    assert [row[1:] for row in tables[1][1:]] == beside
    assert copy.eval_on_selector_all("img", "all => all.map(it => it.src)") == drawn and len(drawn) == 3
    assert copy.eval_on_selector_all("img", "all => all.every(it => it.naturalWidth > 100)")
    moved = same.offer.moved(start, "lead_time_factor", 3)
    said = copy.inner_text("body")
    assert "Lead times 3×." in said and "seed 1." in said and "Made with python" in said and "restock " in said
    assert same.command(moved) in said and same.command(start) in said
    assert "lead_time_factor: 3" in copy.text_content("details pre")  # settings, as resolved
    fits(copy)
    accessible(copy)
    alone.close()
    assert asked == []


@pytest.mark.parametrize("width, height", [(1280, 800), (360, 740)])
def test_the_what_if_page_is_for_all(pages, width, height):
    page = pages("/", width, height)
    answered(page, "As the scenario has it, seed 1.")
    page.get_by_role("button", name="Pin as A").click()
    page.wait_for_selector("table.rs tbody tr", state="attached")
    answered(page, "As the scenario has it, seed 1.")
    for group in page.locator("summary").all():
        if group.is_visible() and not group.evaluate("it => it.parentElement.open"):
            group.click()
    accessible(page)
    fits(page)


def test_a_link_with_what_is_not_offered_is_not_opened(pages, served):
    page = pages("/?demand.cv_factor=99")
    refused = "demand.cv_factor must be a number from 0.5 to 2.5, got '99'"
    assert page.inner_text("[role=alert]") == f"This link was not opened: {refused}."
    answered(page, "As the scenario has it, seed 1.")  # the page is there all the same
    assert f"refused: {refused} (from 127.0.0.1)" in served.said()


def test_a_room_of_five_phones_predicts_and_sees(pages, served, same):
    moderator = pages(f"/moderator?key={served.key}&lead_time_factor=2")
    code = moderator.inner_text(".rs-code")
    phones = []
    for name in ("Ann", "<script>alert()</script>", "Émile", "佐藤", "Bo"):
        phone = pages(f"/room?code={code}", 360, 740)
        phone.get_by_label("Your name").fill(name)
        phone.get_by_role("button", name="Join").click()
        phone.wait_for_selector("text=The next question comes here")
        phones.append(phone)
    assert moderator.inner_text(".rs-join [role=status]") == "5 in the room"
    moderator.get_by_role("button", name="Ask", exact=True).click()
    for k, phone in enumerate(phones):
        phone.get_by_label("Your prediction").focus()
        for _ in range(10 * k):
            phone.keyboard.press("ArrowRight")
        phone.get_by_role("button", name="Send").press("Enter")
        phone.wait_for_selector(f"text=Your answer: {50 + 5 * k}%")
        fits(phone)
    accessible(phones[0])
    assert moderator.inner_text(".rs-join [role=status]") == "5 of 5 answered"
    moderator.get_by_role("button", name="Reveal").click()
    found = same.whole(same.offer.moved(same.offer.start, "lead_time_factor", 2))
    truth = words.cards(found, 24)[0].figures[0][1]
    moderator.wait_for_selector(f"text=The simulation says {truth}.")
    for k, phone in enumerate(phones):
        phone.wait_for_selector(f"text=Your answer: {50 + 5 * k}% The simulation says {truth}.")
    said = moderator.inner_text(".rs-join [role=status]")
    assert said == "5 of 5 answered; median 60%, half of them from 55 to 65%"
    accessible(moderator)
    sizes = (
        "all => all.filter(it => it.offsetParent && it.innerText).map(it => parseFloat(getComputedStyle(it).fontSize))"
    )
    assert min(moderator.eval_on_selector_all(".rs-stage *", sizes)) >= 20  # for the last row
    with moderator.expect_download() as saved:
        moderator.get_by_role("button", name="Answers as CSV").click()
    lines = saved.value.path().read_text(encoding="utf-8").splitlines()
    assert len(lines) == 6 and "<script>alert()</script>,55.0," in lines[2]
    phones[0].reload()  # the same phone is the same participant
    phones[0].wait_for_selector(f"text=Your answer: 50% The simulation says {truth}.")
    moderator.get_by_role("button", name="Next question").click()
    phones[0].wait_for_selector("text=The next question comes here")


def test_a_participant_can_do_nothing_but_answer(pages, served):
    phone = pages("/room", 390, 844)
    phone.get_by_label("Code").fill("WRONG1")
    phone.get_by_label("Your name").fill("Eve")
    phone.get_by_role("button", name="Join").click()
    phone.wait_for_selector("text=This is not the code of the room.")
    assert "refused: this is not the code of the room (from 127.0.0.1)" in served.said()
    assert phone.locator("a, input[type=range], select").count() == 0
    forged = pages("/moderator?key=forged")
    assert forged.inner_text("p") == "Refused: the moderator's link is not right."
    assert forged.locator("button, input, select").count() == 0
    assert served.key not in phone.content() + forged.content()
    assert "refused: the moderator's link is not right (from 127.0.0.1)" in served.said()
