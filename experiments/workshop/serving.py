"""The server: pages by their addresses, on this machine alone unless told otherwise."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI
from nicegui import Client, app, context, core, ui

from restock.experiments.workshop import guard
from restock.experiments.workshop.beer_tables import BeerTables
from restock.experiments.workshop.elements import text
from restock.experiments.workshop.guard import Doors
from restock.experiments.workshop.look import HEAD
from restock.experiments.workshop.page_beer import BeerPage
from restock.experiments.workshop.page_beer_host import BeerHostPage
from restock.experiments.workshop.page_day import DayPage
from restock.experiments.workshop.page_moderator import ModeratorPage
from restock.experiments.workshop.page_phone import PhonePage
from restock.experiments.workshop.page_what_if import WhatIfPage
from restock.experiments.workshop.room import Room
from restock.experiments.workshop.what_if import WhatIf
from restock.sim.errors import InputError

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
ASLEEP = 180  # seconds that a phone may sleep before its page is opened afresh
BEAT, SILENT = 1 / 12, 1 / 6  # of that: between heartbeats, and without one until a connection counts as lost


@dataclass
class Workshop:
    """What is served: a scenario, a room, and where it is reached.

    Parameters
    ----------
    lan : str
        The address in the local network that phones come to; '' for this machine alone.
    asleep : float
        Seconds that a page may be out of reach before it is opened afresh.
    """

    what_if: WhatIf
    port: int
    lan: str = ""
    asleep: float = ASLEEP
    room: Room = field(default_factory=Room)
    beer: BeerTables = None  # type: ignore[assignment]
    tries: guard.Buckets = field(default_factory=lambda: guard.Buckets(rate=0.2, burst=10))

    def __post_init__(self) -> None:
        if self.beer is None:
            self.beer = BeerTables(self.room)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names that the server answers to."""
        return (*LOOPBACK, self.lan) if self.lan else LOOPBACK

    @property
    def here(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def join_at(self) -> str:
        """Where phones come to."""
        return f"http://{self.lan}:{self.port}/room" if self.lan else ""

    def lines(self) -> list[str]:
        """What the terminal says."""
        out = [
            f"workshop: {self.what_if.scenario.name}, seed {self.what_if.offer.start.seed}; Ctrl-C ends it",
            f"what if:    {self.here}/" + (f"?key={self.room.key}" if self.lan else ""),
            f"moderator:  {self.here}/moderator?key={self.room.key}",
        ]
        out.append(f"beer game:  {self.here}/beer/host?key={self.room.key}")
        if self.lan:
            out.append(f"phones:     {self.join_at} with the code {self.room.code}")
        return out


def serve(workshop: Workshop, taken: socket.socket) -> None:
    """Serve until interrupted, on a socket that is bound already."""
    server = uvicorn.Server(config_of(workshop))
    server.run(sockets=[taken])


def config_of(workshop: Workshop) -> uvicorn.Config:
    """The server with its doors."""
    outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    register(workshop)
    ui.run_with(
        outer, title=f"restock workshop: {workshop.what_if.scenario.name}", language="en-US", tailwind=False,
        reconnect_timeout=workshop.asleep, show_welcome_message=False, message_history_length=200,
    )  # fmt: skip
    logging.getLogger("nicegui").setLevel(logging.CRITICAL)  # what goes wrong is said by `guard.refused`, in one line
    core.sio.eio.max_http_buffer_size = guard.MOST_BYTES
    core.sio.eio.cors_allowed_origins = []  # the doors have looked at it
    core.sio.on("log", lambda sid, message: None)  # nothing that a browser says is written down
    return uvicorn.Config(
        Doors(outer, workshop.hosts), log_level="error", ws_max_size=guard.LARGEST, timeout_graceful_shutdown=1,
        lifespan="on", access_log=False, server_header=False, h11_max_incomplete_event_size=32 * 1024,
    )  # fmt: skip


def register(workshop: Workshop) -> None:
    """The pages."""
    room = workshop.room

    @ui.page("/")
    def what_if_page() -> None:
        query, key, who = _asked()
        moderator = guard.same(key, room.key)
        if key is not None and not moderator:
            _closed("this link's key is not that of the room", who)
        elif workshop.lan and not moderator and who not in LOOPBACK:
            _closed("what if is the moderator's; participants go to /room", who)
        elif _full(who):
            return
        else:
            link = f"/moderator?key={room.key}" if moderator else ""
            page = WhatIfPage(workshop.what_if, query, who, link, key or "")
            ui.timer(0.01, page.answer, once=True)

    @ui.page("/moderator")
    def moderator_page() -> None:
        query, key, who = _asked()
        if not guard.same(key, room.key):
            _closed("the moderator's link is not right", who)
        elif not _full(who):
            ModeratorPage(workshop.what_if, room, query, who, workshop.join_at)

    @ui.page("/room")
    def phone_page(code: str = "") -> None:
        _, _, who = _asked()
        if not _full(who):
            PhonePage(room, _phone(), who, workshop.tries, code)

    @ui.page("/day")
    def day_page() -> None:
        query, key, who = _asked()
        moderator = guard.same(key, room.key)
        if (key is not None and not moderator) or (workshop.lan and not moderator and who not in LOOPBACK):
            _closed("day by day is the moderator's; participants go to /room", who)
        elif not _full(who):
            back = f"/?{f'key={room.key}&' if moderator else ''}{query}"
            page = DayPage(workshop.what_if, query, who, back)
            ui.timer(0.01, page.begin, once=True)

    @ui.page("/beer")
    def beer_page(code: str = "") -> None:
        _, _, who = _asked()
        if not _full(who):
            BeerPage(workshop.beer, _phone(), who, workshop.tries, code)

    @ui.page("/beer/host")
    def beer_host_page() -> None:
        _, key, who = _asked()
        if not guard.same(key, room.key):
            _closed("the host's link is not right", who)
        elif not _full(who):
            BeerHostPage(workshop.beer, workshop.join_at.replace("/room", "/beer"))

    app.on_exception(lambda error: guard.refused(f"{type(error).__name__}: {error}", "a page"))
    app.on_startup(lambda: _heartbeat(workshop.asleep))
    app.on_startup(lambda: asyncio.get_running_loop().set_exception_handler(_in_one_line))


def _heartbeat(asleep: float) -> None:
    """A connection that is lost without a word, as Wi-Fi loses it, is soon known to be, on both sides."""
    core.sio.eio.ping_interval, core.sio.eio.ping_timeout = asleep * BEAT, asleep * SILENT


def _in_one_line(_: Any, about: dict[str, Any]) -> None:
    """What a message that no page sends has led to."""
    error = about.get("exception")
    guard.refused(f"{type(error).__name__}: {error}" if error else about.get("message", ""), "a page")


def _asked() -> tuple[str, str | None, str]:
    """The query without its key, the key, and who asks."""
    request = context.client.request
    assert request is not None
    pairs = [pair for pair in request.url.query.split("&") if pair]
    keys = [pair.partition("=")[2] for pair in pairs if pair.startswith("key=")]
    query = "&".join(pair for pair in pairs if not pair.startswith("key="))
    return query, keys[0] if keys else None, guard.who_of(request.scope)


def _phone() -> str:
    """Who the phone is, by its cookie."""
    assert context.client.request is not None
    return guard.cookie_of(context.client.request.headers.get("cookie", "")) or secrets.token_urlsafe(16)


def _full(who: str) -> bool:
    """Whether so many pages are open that no other is; then the page says so."""
    if len(Client.instances) <= guard.MOST_PAGES:
        return False
    _closed(f"{guard.MOST_PAGES} pages are open: no more", who)
    return True


def _closed(why: str, who: str) -> None:
    """A page that says in one line why there is none."""
    guard.refused(why, who)
    ui.add_head_html(HEAD)
    text("p", f"Refused: {why}.", "rs-phone")


def bound(host: str, port: int) -> socket.socket:
    """A socket on this port; InputError where it is taken."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(128)  # who comes before the pages are there waits, and is not turned away
    except (OSError, OverflowError) as error:
        taken.close()
        raise InputError(f"port {port} cannot be had ({getattr(error, 'strerror', error)}); try --port 0") from None
    return taken


def lan_address() -> str:
    """The address of this machine in its local network; InputError where it has none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address that is nobody's: it only asks which way out there would be
            found = str(probe.getsockname()[0])
        except OSError:
            found = "0.0.0.0"
    if found == "0.0.0.0" or found.startswith("127."):
        raise InputError("--lan: this machine is in no network; join one, or leave --lan out")
    return found
