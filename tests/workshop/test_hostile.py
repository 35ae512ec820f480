"""What a hostile reader sends: refused, said in one line, and the room is as it was."""

import asyncio
import re
import urllib.request

import pytest
from sockets import Socket, asked, run

MEGABYTE = 2**20


def new_lines(served, before):
    return served.said()[len(before) :].splitlines()


def room_is_there(served):
    status, page = asked(served)
    assert status == 200 and "Join the room" in page


@pytest.mark.parametrize(
    "headers, said",
    [
        ({"Host": "evil.example"}, "refused: a request for the host 'evil.example' (from 127.0.0.1)"),
        ({"Origin": "http://evil.example"}, "refused: a request of a page from 'http://evil.example' (from 127.0.0.1)"),
        ({"Origin": "null"}, "refused: a request of a page from 'null' (from 127.0.0.1)"),
        ({"Content-Length": str(MEGABYTE)}, "refused: a request of 1048576 bytes; at most 65536 (from 127.0.0.1)"),
    ],
)
def test_requests_that_are_not_of_our_pages_are_refused(served, headers, said):
    before = served.said()
    assert asked(served, **headers) == (400, "restock workshop: refused\n")
    assert new_lines(served, before) == [f"restock workshop: {said}"]
    room_is_there(served)


@pytest.mark.parametrize("path", ["/moderator", "/moderator?key=", "/moderator?key=forged", "/?key=forged",
                                  "/moderator?key=%00%ff", "/moderator?" + "key=x&" * 200])  # fmt: skip
def test_a_forged_link_shows_nothing(served, path):
    before = served.said()
    status, page = asked(served, path)
    assert status == 200 and served.key not in page and "Refused: " in page
    assert "Close answers" not in page and "Undo" not in page
    (line,) = new_lines(served, before)
    assert line.startswith("restock workshop: refused: ") and line.endswith("(from 127.0.0.1)")


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/_nicegui/auto/static/../../../etc/passwd", "/docs",
                                  "/openapi.json", "/conf/config.yaml"])  # fmt: skip
def test_no_file_is_handed_out(served, path):
    status, page = asked(served, path)
    assert status == 404 and "root:" not in page and "replications" not in page


def test_pages_say_what_they_may_load(served):
    with urllib.request.urlopen(served.url + "/room", timeout=20) as response:
        headers = response.headers
    assert headers["content-security-policy"].startswith("default-src 'self' ")
    assert headers["referrer-policy"] == "no-referrer" and headers["x-frame-options"] == "DENY"
    assert re.fullmatch(r"restock=[\w-]{22}; Path=/; HttpOnly; SameSite=Strict", headers["set-cookie"])


def test_a_message_too_large_closes_its_socket_only(served):
    async def send():
        async with Socket(served) as socket:
            await socket.send("event", {"client_id": socket.client, "id": 1, "args": ["x" * MEGABYTE]})
            return await socket.ends()

    before = served.said()
    assert run(send)
    (line,) = new_lines(served, before)
    assert re.fullmatch(r"restock workshop: refused: a message of \d{7} bytes; at most 65536 \(from 127.0.0.1\)", line)
    room_is_there(served)


def test_a_flood_of_messages_closes_its_socket_only(served):
    async def send():
        async with Socket(served) as socket:
            for _ in range(400):
                await socket.send("ack", {"client_id": socket.client, "next_message_id": 0})
            return await socket.ends()

    before = served.said()
    assert run(send)
    assert new_lines(served, before) == ["restock workshop: refused: more than 100 messages a second (from 127.0.0.1)"]
    room_is_there(served)


@pytest.mark.parametrize(
    "what, message",
    [
        ("event", {}), ("event", None), ("event", {"client_id": "nobody", "id": 1}), ("event", [1, 2]),
        ("event", {"client_id": "SELF", "id": "x", "listener_id": "y", "args": ["{"]}),
        ("event", {"client_id": "SELF", "id": 5, "listener_id": "none", "args": [{"a": 1}]}),
        ("javascript_response", {"client_id": "SELF", "request_id": "x", "result": "y"}),
        ("log", {"client_id": "SELF", "level": "error", "message": "written\nby a stranger"}),
        ("handshake", {"client_id": "SELF"}), ("nothing", {}),
    ],
)  # fmt: skip
def test_messages_that_no_page_sends_change_nothing(served, what, message):
    async def send():
        async with Socket(served) as socket:
            mine = message
            if isinstance(message, dict):
                mine = {key: socket.client if each == "SELF" else each for key, each in message.items()}
            await socket.send(what, mine)
            await asyncio.sleep(0.3)

    before = served.said()
    run(send)
    room_is_there(served)
    said = new_lines(served, before)
    assert len(said) <= 1 and "stranger" not in "".join(said) and "Traceback" not in "".join(said)


def test_a_socket_of_another_page_is_not_opened(served):
    import aiohttp

    async def send():
        async with Socket(served, origin="http://evil.example"):
            pass

    before = served.said()
    with pytest.raises(aiohttp.WSServerHandshakeError):
        run(send)
    assert new_lines(served, before) == [
        "restock workshop: refused: a request of a page from 'http://evil.example' (from 127.0.0.1)"
    ]
