"""Thirty readers at once: each sees the answer to its last move, and a move costs little."""

import asyncio
import json
import time

import psutil
from sockets import Socket, run

from benchmarks.workshop import listener_of

READERS, MOVES, MOST_SECONDS = 30, 3, 60
MOST_A_MOVE = 0.15  # seconds of the server's processor time; some 0.03 as it is


async def reads(served, number):
    """Move a slider; the seconds until the answer to the last move is heard."""
    async with Socket(served, path="/") as socket:
        slider, listener = listener_of(socket.page, "s-policy.buffer.target")
        for move in range(MOVES):
            value = f"{60 + number + move / 10:g}"
            event = {"client_id": socket.client, "id": slider, "listener_id": listener, "args": [json.dumps(value)]}
            await socket.send("event", event)
            await asyncio.sleep(0.2)
        began, wanted = time.monotonic(), f"Buffer: Service target {value}%, seed 1."
        while time.monotonic() - began < MOST_SECONDS:
            message = await asyncio.wait_for(socket.socket.receive(), MOST_SECONDS)
            if wanted in str(message.data):
                return time.monotonic() - began
    raise AssertionError(f"no answer to {wanted}")


def test_thirty_readers_each_see_the_answer_to_their_last_move(served):
    async def all_of_them():
        return await asyncio.gather(*(reads(served, number) for number in range(READERS)))

    spent = psutil.Process(served.pid).cpu_times()
    waits = run(all_of_them)
    now = psutil.Process(served.pid).cpu_times()
    assert len(waits) == READERS
    assert (now.user + now.system - spent.user - spent.system) / (READERS * MOVES) < MOST_A_MOVE
