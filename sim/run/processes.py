"""Worker processes on this machine, each with a pipe. A worker that is killed costs the shard it was at."""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from restock.sim.errors import WorkersLost
from restock.sim.run.executors import Executor, Function, checked_workers, cores, in_order, words_of
from restock.sim.run.packing import Packed, Sharing, packed, perform, this_code

SLOW_TO_IMPORT = (
    "restock.sim.engines.kernel.shard",
    "restock.sim.results.reduction",
)  # done by workers while the scenario is being read
TRIES = 4  # times that one task may lose its worker
_log = logging.getLogger("restock")


class Processes(Executor):
    """Processes of this machine, started once and used by every `map` until `close`."""

    name = "processes"

    def __init__(self, workers: int | None = None) -> None:
        self.workers = checked_workers(workers) or cores()
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._all: list[_Worker] = []
        self._lock = threading.Lock()
        self._open = False
        self._sharing = Sharing()

    def start(self) -> None:
        with self._lock:
            if not self._open:
                self._open = True
                self._idle = SimpleQueue()
                self._all = [_Worker() for _ in range(self.workers)]
                for worker in self._all:
                    self._idle.put(worker)

    def close(self) -> None:
        with self._lock:
            self._open = False
            for worker in self._all:
                worker.end()
            self._all = []

    def map(self, function: Function, tasks: Iterable[Any], shared: Any = None, small: bool = False) -> Iterator[Any]:
        self.start()
        parts = (self._sharing.packed(shared), packed(function, "the work"))
        perform = partial(self._perform, function, parts)
        yield from in_order(perform, tasks, self.workers, 2 * self.workers)

    def _perform(self, function: Function, parts: tuple[Packed, ...], task: Any) -> Any:
        for _ in range(TRIES):
            worker = self._idle.get()
            try:
                good, answer = worker.perform(parts, task)
            except (EOFError, OSError):
                worker = self._replaced(worker, words_of(function, task))
            else:
                if good:
                    return answer
                raise answer
            finally:
                self._idle.put(worker)
        raise WorkersLost(f"{words_of(function, task)}: {TRIES} worker processes in turn ended before it was done")

    def _replaced(self, worker: _Worker, words: str) -> _Worker:
        """A new worker in place of one that ended."""
        worker.end()
        with self._lock:
            if not self._open:
                raise CancelledError
            if not worker.began:
                raise WorkersLost(
                    f"a worker process cannot start (exit code {worker.process.exitcode}); a script that uses "
                    "processes does its work under: if __name__ == '__main__'"
                )
            _log.warning("a worker process ended (exit code %s); run again: %s", worker.process.exitcode, words)
            self._all.remove(worker)
            self._all.append(_Worker())
            return self._all[-1]


class _Worker:
    """A process that performs one task at a time, and keeps what it was sent last."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, there = context.Pipe()
        self.process = context.Process(target=_serve, args=(there,), name="restock-worker", daemon=True)
        with interrupts_held():
            self.process.start()
        there.close()
        self.began = False
        self._holds: tuple[str, ...] = ()

    def perform(self, parts: tuple[Packed, ...], task: Any) -> tuple[bool, Any]:
        """(True, result) or (False, the error); EOFError or OSError where the process has ended."""
        if not self.began:
            self.pipe.recv()
            self.began = True
        digests = tuple(part.digest for part in parts)
        self.pipe.send([Packed(p.digest, b"") if p.digest in self._holds else p for p in parts])
        self._holds = digests
        self.pipe.send(task)
        return self.pipe.recv()

    def end(self) -> None:
        """Kill the process, and wait until it is gone."""
        self.process.kill()
        self.process.join()


def _serve(pipe: Connection) -> None:
    """What a worker process does: tasks, until the pipe closes because the process that asked has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asked ends its workers itself
    with suppress(EOFError, OSError):
        pipe.send("began")
        for name in SLOW_TO_IMPORT:
            importlib.import_module(name)
        while True:
            parts, task = pipe.recv(), pipe.recv()
            answer = perform(this_code(), parts, task)
            _send(pipe, answer)


def _send(pipe: Connection, answer: tuple[bool, Any]) -> None:
    try:
        pipe.send(answer)
    except (TypeError, AttributeError, ValueError) as error:  # what pickle says of things it cannot send
        pipe.send((False, RuntimeError(f"{answer[1]!r} cannot be sent back: {error}")))


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Processes begun in here never see Ctrl-C; this one sees it afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # its start lets Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
