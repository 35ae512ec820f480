"""Workers of a dask cluster, on this machine or others. A worker that is lost costs the shards it was at.

Whoever can reach a scheduler or a worker can run any code there: keep them on loopback, or behind TLS or a tunnel.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from functools import partial
from typing import Any

from restock.sim.errors import InputError, WorkersLost, require
from restock.sim.run.executors import Executor, Function, checked_workers, cores, in_order, words_of
from restock.sim.run.packing import Packed, Sharing, WithItsCode, packed, this_code
from restock.sim.run.processes import interrupts_held

MOST_AHEAD = 512  # tasks under way at most, a waiting thread each


class Dask(Executor):
    """A dask cluster: that of the scheduler at `address`, or one of processes on this machine, ended by `close`."""

    name = "dask"

    def __init__(self, address: str | None = None, workers: int | None = None, timeout: float = 10.0) -> None:
        self.address, self.workers, self.timeout = address, checked_workers(workers), timeout
        require(timeout > 0, f"executor.timeout must be above 0 seconds, got {timeout}")
        if address is not None and workers is not None:
            raise InputError("executor.workers goes without executor.address: workers at an address are started there")
        self._client: Any = None
        self._cluster: Any = None
        self._running: set[Any] = set()
        self._lock = threading.Lock()
        self._open = False
        self._levels: dict[str, int] = {}  # of distributed's loggers, before they were quiet
        self._sharing = Sharing()
        self._remote = WithItsCode(_perform)
        self._kept: tuple[str, Any] = "", None  # the shared part on the cluster

    def start(self) -> None:
        if self._open:
            return
        try:
            import distributed
        except ImportError:
            raise InputError("executor=dask needs the package distributed: pip install 'restock[cluster]'") from None
        self._levels = _quiet()
        with interrupts_held():  # Ctrl-C is for this process, which ends its workers itself
            if self.address is None:
                self._cluster = distributed.LocalCluster(
                    n_workers=self.workers or cores(), threads_per_worker=1, host="127.0.0.1",
                    dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL,
                )  # fmt: skip
            self._client = self._reached(distributed)
        self._open = True

    def _reached(self, distributed: Any) -> Any:
        """A client of the scheduler, once it has a worker."""
        address = self._cluster.scheduler_address if self.address is None else self.address
        try:
            client = distributed.Client(address, timeout=self.timeout, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise InputError(
                f"executor.address: no dask scheduler answers at '{address}' within {self.timeout:g} s ({reason}); "
                "start one with: dask scheduler --host 127.0.0.1"
            ) from None
        try:
            client.wait_for_workers(1, timeout=self.timeout)
        except TimeoutError:
            client.close()
            raise InputError(
                f"executor.address: the dask scheduler at '{address}' has no workers after {self.timeout:g} s; "
                f"start one with: dask worker {address} --nthreads 1"
            ) from None
        return client

    def close(self) -> None:
        self._open = False
        with self._lock:
            running, self._running = self._running, set()
        if self._client is not None:
            if running:
                self._client.cancel(list(running), force=True)
            self._client.close()
        if self._cluster is not None:
            self._cluster.close()
        self._client = self._cluster = None
        self._kept = "", None
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)
        self._levels = {}

    def map(self, function: Function, tasks: Iterable[Any], shared: Any = None, small: bool = False) -> Iterator[Any]:
        self.start()
        parts = (self._sharing.packed(shared), packed(function, "the work"))
        ahead = min(max(2, 2 * sum(self._client.nthreads().values())), MOST_AHEAD)
        if self._kept[0] != parts[0].digest:
            self._kept = parts[0].digest, self._sent(parts[0])
        sent = [self._kept[1], self._sent(parts[1])]
        perform = partial(self._perform, function, sent, [part.digest for part in parts])
        yield from in_order(perform, tasks, ahead, ahead)

    def _sent(self, part: Packed) -> Any:
        """The part as a task's result: workers get it from each other, and the scheduler can have it made again."""
        import warnings

        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")
            return self._client.submit(WithItsCode(_itself), part.blob, key=f"restock-{part.digest}")

    def _perform(self, function: Function, sent: list[Any], digests: list[str], task: Any) -> Any:
        """One task, from a thread that waits for it; the result leaves its worker as soon as it is there."""
        from distributed.client import FutureCancelledError
        from distributed.scheduler import KilledWorker

        if not self._open:
            raise CancelledError
        future = self._client.submit(self._remote, this_code(), digests, *sent, task=task, pure=False)
        with self._lock:
            self._running.add(future)
        try:
            good, answer = self._awaited(future)
        except KilledWorker as error:
            raise WorkersLost(f"{words_of(function, task)}: its dask workers ended in turn ({error})") from None
        except (FutureCancelledError, CancelledError):
            if not self._open:
                raise CancelledError from None
            raise WorkersLost(f"{words_of(function, task)}: the dask scheduler went away") from None
        except ModuleNotFoundError as error:
            raise InputError(f"a dask worker has no module '{error.name}'; install restock there, too") from None
        finally:
            with self._lock:
                self._running.discard(future)
        if good:
            return answer
        raise answer

    def _awaited(self, future: Any) -> tuple[bool, Any]:
        """The task's answer; dask itself would wait without end for workers to come back."""
        without = 0
        while True:
            try:
                return future.result(timeout=self.timeout)
            except TimeoutError:
                without = 0 if self._client.scheduler_info()["workers"] else without + 1
                if without == 3:
                    raise WorkersLost(f"the dask scheduler has had no workers for {3 * self.timeout:g} s") from None


def _quiet() -> dict[str, int]:
    """Silence distributed's loggers: what matters is raised, in one line. Returns the levels they had."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return before


def _itself(blob: bytes) -> bytes:
    return blob


def _perform(code: str, digests: list[str], *blobs: bytes, task: Any) -> tuple[bool, Any]:
    from restock.sim.run.packing import Packed, perform

    return perform(code, [Packed(digest, blob) for digest, blob in zip(digests, blobs, strict=True)], task)
