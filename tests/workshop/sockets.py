"""What a page sends and hears, without a browser."""

import asyncio
import json
import re
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor


def asked(served, path="/room", **headers):
    """Status and text of a request."""
    request = urllib.request.Request(served.url + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.read().decode("utf-8")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8")


def run(send):
    """In a thread of its own: a browser of other tests may have a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(send())).result()


class Socket:
    """The socket of a page, without a browser."""

    def __init__(self, served, origin=None, path="/room"):
        self.served, self.origin, self.path = served, origin, path

    async def __aenter__(self):
        import aiohttp

        _, page = await asyncio.to_thread(asked, self.served, self.path)
        self.page = page
        found = re.search(r"client_id': '([\w-]+)'", page)
        self.client = found[1]
        self.session = aiohttp.ClientSession()
        self.socket = await self.session.ws_connect(
            f"{self.served.url}/_nicegui_ws/socket.io/?EIO=4&transport=websocket",
            headers={} if self.origin is None else {"Origin": self.origin}, max_msg_size=0,
        )  # fmt: skip
        await self.heard()  # the greeting
        await self.socket.send_str("40")
        await self.heard()
        shake = {"client_id": self.client, "tab_id": "t", "document_id": "d", "next_message_id": 0}
        await self.send("handshake", shake)
        return self

    async def __aexit__(self, *_):
        await self.session.close()

    async def send(self, what, message):
        await self.socket.send_str("42" + json.dumps([what, message]))

    async def heard(self):
        return await asyncio.wait_for(self.socket.receive(), 10)

    async def ends(self):
        """Whether the server closes it."""
        import aiohttp

        while True:
            message = await self.heard()
            if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR):
                return True
