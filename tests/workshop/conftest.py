"""A workshop that is served, as the command serves it, and browsers that look at it."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from served_room import WORDS, Served

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """`restock workshop` in a process of its own, on a port that is free."""
    folder = tmp_path_factory.mktemp("workshop")
    log = folder / "log.txt"
    command = [sys.executable, "-m", "restock", "workshop", *WORDS, "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [Path.cwd(), *filter(None, sys.path)]))}
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=folder, env=environment)
    try:
        deadline = time.monotonic() + 240
        while not (found := re.search(r"moderator: +(http://[\d.:]+)/moderator\?key=(\S+)", log.read_text())):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield Served(found[1], found[2], log, process.pid)
        assert process.poll() is None, log.read_text()  # nothing that the tests do ends it
        assert [path.name for path in folder.iterdir()] == ["log.txt"]  # and it writes nothing
    finally:
        process.terminate()
        process.wait(20)


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
