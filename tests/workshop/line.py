"""The line between a page and its server, which can go dead or be cut as Wi-Fi is."""

import asyncio
import threading
from contextlib import suppress


class Line:
    """Passes on what comes to a port of its own, as long as it is whole."""

    def __init__(self, port):
        self.to, self.pairs = port, set()
        self.whole = threading.Event()
        self.whole.set()
        self.refuses = False
        self.loop, started = asyncio.new_event_loop(), threading.Event()

        def run():
            asyncio.set_event_loop(self.loop)
            server = self.loop.run_until_complete(asyncio.start_server(self._joined, "127.0.0.1", 0))
            self.port = server.sockets[0].getsockname()[1]
            started.set()
            self.loop.run_forever()

        threading.Thread(target=run, daemon=True).start()
        started.wait()
        self.url = f"http://127.0.0.1:{self.port}"

    def dead(self):
        """Nothing gets through, and nobody is told."""
        self.whole.clear()

    def cut(self):
        """All connections are closed, and new ones refused."""
        self.refuses = True
        self.loop.call_soon_threadsafe(self._close)

    def mended(self):
        self.refuses = False
        self.whole.set()

    def _close(self):
        for writer in list(self.pairs):
            writer.transport.abort()

    async def _joined(self, reader, writer):
        if self.refuses:
            writer.transport.abort()
            return
        try:
            far, away = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, away}
        self.pairs |= both
        await asyncio.gather(self._pass(reader, away), self._pass(far, writer))
        self.pairs -= both

    async def _pass(self, reader, writer):
        with suppress(OSError):
            while some := await reader.read(65536):
                while not self.whole.is_set():
                    await asyncio.sleep(0.02)
                writer.write(some)
                await writer.drain()
        writer.close()
