"""A workshop that is served, as the command serves it, and browsers that look at it."""

import os

import pytest
from served_room import WORDS, served_in

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """`restock workshop` in a process of its own, on a port that is free."""
    folder = tmp_path_factory.mktemp("workshop")
    with served_in(folder, *WORDS) as found:
        yield found
        assert found.process.poll() is None, found.said()  # nothing that the tests do ends it
        assert [path.name for path in folder.iterdir()] == ["log.txt"]  # and it writes nothing


@pytest.fixture(scope="module")
def chromium():
    """The browser of the system. In CI the tests fail without one; elsewhere they are passed over, and say so."""
    from shutil import which

    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(which, BROWSERS)), None)
    if not path and not os.environ.get("CI"):
        pytest.skip("no Chromium (apt-get install chromium)")
    assert path, "no Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def pages(served, chromium):
    """Opens pages, each of a reader of its own; at the end none had an error, or had asked another machine."""
    wrong, contexts = [], []

    def opened(path, width=1280, height=800):
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("dialog", lambda dialog: wrong.append(f"a dialog: {dialog.message}"))
        page.on("request", lambda each: None if each.url.startswith((served.url, "data:", "blob:",
                                                                    served.url.replace("http", "ws")))
                else wrong.append(each.url))  # fmt: skip
        page.goto(f"{served.url}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []
