"""What a workshop costs: from a key to the paint in a browser, processor time a move, and thirty readers at once.

    python -m benchmarks.workshop [scenario ...]

Serves the scenario as the command does, on this machine alone. A move is an arrow key on a slider; painted is when the
cards are no longer grey and the figures of the first answer are on the screen (two animation frames later). Thirty
readers are thirty sockets that each move a slider once a second for a minute. WORKSHOP_SECONDS sets another time,
WORKSHOP_MOVES how many keys are pressed.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np

MOVES = int(os.environ.get("WORKSHOP_MOVES", "20"))  # of each kind
READERS = 30
SLIDERS = {"a policy's setting": "s-policy.buffer.target", "a world's setting": "s-demand.cv_factor",
           "a lead time": "s-lead_time_factor", "a cost": "s-costs.carrying_rate"}  # fmt: skip
TIMED = """() => new Promise(done => { const began = performance.now();
  const cards = document.querySelector('.rs-cards');
  let grey = false; const watch = new MutationObserver(() => { const now = cards.classList.contains('rs-stale');
    if (grey && !now) { watch.disconnect(); requestAnimationFrame(() => requestAnimationFrame(
      () => done(performance.now() - began))); } grey = grey || now; });
  watch.observe(cards, {attributes: true, attributeFilter: ['class']});
  const it = document.activeElement; it.stepUp(); it.dispatchEvent(new Event('input', {bubbles: true})); })"""


@contextmanager
def served(scenario: str) -> Iterator[tuple[str, int]]:
    """The address and the process of `restock workshop`."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log.txt")
        command = [sys.executable, "-m", "restock", "workshop", f"scenario={scenario}", "--port", "0"]
        path = os.pathsep.join([str(Path.cwd()), *filter(None, sys.path)])
        with log.open("w") as out:
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=folder,
                                       env={**os.environ, "PYTHONPATH": path})  # fmt: skip
        try:
            while not (found := re.search(r"what if: +(http://[\d.:]+)", log.read_text())):
                assert process.poll() is None, log.read_text()
                time.sleep(0.2)
            yield found[1], process.pid
        finally:
            process.terminate()
            process.wait(20)


def processor_seconds(pid: int) -> float:
    """Processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Megabytes that a process holds."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else float("nan")


def key_to_paint(url: str, pid: int) -> None:
    """Print medians and 90% of each kind of move, with the server's processor time up to the whole answer."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=which("chromium") or which("google-chrome"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(url)
        page.wait_for_function("document.querySelector('.rs-status').textContent.startsWith('As the')")
        page.wait_for_timeout(8000)
        for words, slider in SLIDERS.items():
            took, spent = [], []
            page.evaluate("key => { const it = document.getElementById(key); it.closest('details').open = true; "
                          "it.focus(); it.value = it.min; }", slider)  # fmt: skip
            for _ in range(MOVES):
                before = processor_seconds(pid)
                took.append(page.evaluate(TIMED))
                settled(pid)
                spent.append(1000 * (processor_seconds(pid) - before))
            middle, most = np.percentile(took, [50, 90])
            print(f"  {words:<20} key to paint {middle:6.0f} ms, 90% {most:6.0f} ms; "
                  f"processor {np.median(spent):6.0f} ms a move, with the whole answer and its curves")  # fmt: skip
        browser.close()


def settled(pid: int) -> None:
    """Wait until the server has nothing more to do."""
    quiet = 0
    while quiet < 3:
        before = processor_seconds(pid)
        time.sleep(0.15)
        quiet = quiet + 1 if processor_seconds(pid) - before <= 0.02 else 0


async def readers(url: str, pid: int, seconds: float) -> None:
    """Thirty readers, a move a second each: what they wait for the first figures, and what the server spends."""
    import aiohttp

    waits: list[float] = []
    unanswered = 0

    async def reader(number: int) -> None:
        nonlocal unanswered
        page = await asyncio.to_thread(lambda: urllib.request.urlopen(url).read().decode())
        client = re.search(r"client_id': '([\w-]+)'", page)
        slider, listener = listener_of(page, SLIDERS["a policy's setting"])
        assert client
        async with aiohttp.ClientSession() as session, session.ws_connect(
            f"{url}/_nicegui_ws/socket.io/?EIO=4&transport=websocket", max_msg_size=0
        ) as socket:  # fmt: skip
            await socket.receive()
            await socket.send_str("40")
            await socket.receive()
            shake = {"client_id": client[1], "tab_id": str(number), "document_id": "d", "next_message_id": 0}
            await socket.send_str("42" + json.dumps(["handshake", shake]))
            await asyncio.sleep(2 + number / READERS)
            for move in range(int(seconds)):
                began = time.perf_counter()
                value = 50 + (7 * number + move) % 49
                event = {
                    "client_id": client[1],
                    "id": slider,
                    "listener_id": listener,
                    "args": [json.dumps(str(value))],
                }
                await socket.send_str("42" + json.dumps(["event", event]))
                answered = False
                while (left := began + 1 - time.perf_counter()) > 0:
                    try:
                        message = await asyncio.wait_for(socket.receive(), left)
                    except TimeoutError:
                        break
                    if message.data == "2":
                        await socket.send_str("3")
                    elif not answered and "replications." in str(message.data):
                        answered = True
                        waits.append(time.perf_counter() - began)
                unanswered += not answered

    before, began = processor_seconds(pid), time.perf_counter()
    await asyncio.gather(*map(reader, range(READERS)))
    moves, took = len(waits) + unanswered, time.perf_counter() - began
    spent = processor_seconds(pid) - before
    middle, most = (1000 * np.percentile(waits, [50, 90])) if waits else (np.nan, np.nan)
    print(f"  {READERS} readers, {moves} moves in {took:.0f} s: {unanswered} without an answer within a second; "
          f"first figures after {middle:.0f} ms, 90% {most:.0f} ms; processor {1000 * spent / moves:.0f} ms a move; "
          f"{memory(pid):.0f} MB")  # fmt: skip


def listener_of(page: str, key: str) -> tuple[int, str]:
    """The numbers under which a page's slider sends its moves."""
    found: Any = re.search(r"parseElements\(String\.raw`(.*?)`\)", page, re.DOTALL)
    text = found[1] if found else page
    text = text.replace("&#36;", "$").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    elements = json.loads(text)
    for number, element in elements.items():
        if element.get("props", {}).get("id") == key:
            return int(number), element["events"][0]["listener_id"]
    raise LookupError(f"no slider {key} on the page")


def main() -> None:
    """Measure each scenario named on the command line."""
    for scenario in sys.argv[1:] or ("one_store", "regional_chain"):
        print(scenario)
        with served(scenario) as (url, pid):
            print(f"  memory at the start {memory(pid):.0f} MB")
            key_to_paint(url, pid)
            if scenario == "one_store":
                asyncio.run(readers(url, pid, float(os.environ.get("WORKSHOP_SECONDS", "60"))))


if __name__ == "__main__":
    main()
