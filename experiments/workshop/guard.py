"""Who may ask for what, how much and how often: limits, refusals in one line, and the doors of the server."""

from __future__ import annotations

import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import SimpleCookie
from typing import Any

LOG = logging.getLogger("restock.workshop")
MOST_BYTES = 64 * 1024  # of a message or a request from a browser
LARGEST = 4 * 2**20  # bytes of a message that is read at all, to be refused by name
MESSAGES = (100.0, 200.0)  # of a socket, a second and at once
MOST_PAGES = 400  # open at once
COOKIE = "restock"  # who a phone is, so that a page opened again is the same participant
HEADERS = {
    "content-security-policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'none'; "
                               "form-action 'none'; base-uri 'self'",
    "referrer-policy": "no-referrer", "x-content-type-options": "nosniff", "x-frame-options": "DENY",
}  # fmt: skip
Scope = MutableMapping[str, Any]
App = Callable[[Scope, Callable[..., Awaitable[Any]], Callable[..., Awaitable[Any]]], Awaitable[None]]


class Bucket:
    """So many at once, and so many a second after that.

    >>> bucket = Bucket(rate=1, burst=2)
    >>> [bucket.takes(now=0.0), bucket.takes(now=0.0), bucket.takes(now=0.0), bucket.takes(now=1.0)]
    [True, True, False, True]
    """

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self._left, self._at = burst, float("-inf")

    def takes(self, now: float | None = None) -> bool:
        """Whether one more is allowed; then it is taken."""
        now = time.monotonic() if now is None else now
        self._left = min(self.burst, self._left + self.rate * max(0.0, min(now - self._at, 3600.0)))
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class _Said:
    """Refusals that are written down: so many at once and a second, of the others their number."""

    def __init__(self) -> None:
        self.bucket, self.unsaid = Bucket(rate=5, burst=100), 0


_said = _Said()


def refused(why: object, who: str) -> None:
    """Log a refusal in one line, whatever is in it; of a flood of them not all are written."""
    if not _said.bucket.takes():
        _said.unsaid += 1
        return
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in str(why)[:2000]).split())[:300]
    more = f"; {_said.unsaid} before it are not written" if _said.unsaid else ""
    _said.unsaid = 0
    LOG.warning("refused: %s (from %s%s)", words, who, more)


class Buckets:
    """A bucket for each of those that were seen last."""

    def __init__(self, rate: float, burst: float, most: int = 1000) -> None:
        self.rate, self.burst, self.most = rate, burst, most
        self._of: OrderedDict[str, Bucket] = OrderedDict()

    def takes(self, who: str, now: float | None = None) -> bool:
        """Whether one more of this one is allowed."""
        bucket = self._of.setdefault(who, Bucket(self.rate, self.burst))
        self._of.move_to_end(who)
        while len(self._of) > self.most:
            self._of.popitem(last=False)
        return bucket.takes(now)


def same(given: str | None, secret: str) -> bool:
    """Whether a secret is the one given, in the same time whatever it is.

    >>> same("abc", "abc"), same("ä", "abc"), same(None, "abc")
    (True, False, False)
    """
    return given is not None and secrets.compare_digest(given.encode(), secret.encode())


class Doors:
    """Around the whole server: names that it answers to, sizes, pages of the same origin only, a name for each phone.

    A request for another host is one that a foreign page has made up (DNS rebinding), a socket of another origin one
    that it has opened: both are refused.
    """

    def __init__(self, app: App, hosts: Iterable[str]) -> None:
        self.app, self.hosts = app, {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        wrong = self._wrong(headers)
        if wrong:
            refused(wrong, who_of(scope))
            await _refuse(scope, receive, send, wrong)
            return
        token = cookie_of(headers.get("cookie", ""))
        fresh = None if token else secrets.token_urlsafe(16)
        if fresh:
            scope["headers"] = [*scope["headers"], (b"cookie", f"{COOKIE}={fresh}".encode())]

        async def answer(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                more = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                if fresh:
                    more.append((b"set-cookie", f"{COOKIE}={fresh}; Path=/; HttpOnly; SameSite=Strict".encode()))
                message["headers"] = [*message.get("headers", []), *more]
            await send(message)

        await self.app(scope, self._measured(scope, receive, send) if scope["type"] == "websocket" else receive, answer)

    def _measured(self, scope: Scope, receive: Any, send: Any) -> Any:
        """What a socket is sent, until it is sent too much: then it is closed."""
        bucket, closed = Bucket(*MESSAGES), False

        async def measured() -> MutableMapping[str, Any]:
            nonlocal closed
            if closed:
                return {"type": "websocket.disconnect", "code": 1009}
            message: MutableMapping[str, Any] = await receive()
            if message["type"] == "websocket.receive":
                size = len(message.get("bytes") or b"") or len(message.get("text") or "")
                why = f"a message of {size} bytes; at most {MOST_BYTES}" if size > MOST_BYTES else ""
                why = why or ("" if bucket.takes() else f"more than {MESSAGES[0]:g} messages a second")
                if why:
                    refused(why, who_of(scope))
                    closed = True
                    await send({"type": "websocket.close", "code": 1009})
                    return {"type": "websocket.disconnect", "code": 1009}
            return message

        return measured

    def _wrong(self, headers: MutableMapping[str, str]) -> str:
        host = headers.get("host", "").lower()
        if _name(host) not in self.hosts:
            return f"a request for the host '{host[:80]}'"
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2].lower() != host:
            return f"a request of a page from '{origin[:80]}'"
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST_BYTES:
            return f"a request of {length[:20]} bytes; at most {MOST_BYTES}"
        return ""


def who_of(scope: Scope) -> str:
    """The address that a request comes from."""
    client = scope.get("client")
    return str(client[0]) if client else "?"


def cookie_of(header: str) -> str:
    """The name of a phone, from its cookies; '' without one that is well formed."""
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(header[:4096])
    except Exception:
        return ""
    found = cookies[COOKIE].value if COOKIE in cookies else ""
    return found if 16 <= len(found) <= 64 and found.replace("-", "").replace("_", "").isalnum() else ""


def _name(host: str) -> str:
    """A host without its port; IPv6 in its brackets."""
    return host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host


async def _refuse(scope: Scope, receive: Any, send: Any, why: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    body = b"restock workshop: refused\n"
    await send({"type": "http.response.start", "status": 400, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": body})
