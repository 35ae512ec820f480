"""Executors: where shards are run. One interface: a function mapped over tasks, results in the order of the tasks.

`executor.map(function, tasks, shared)` calls `function(shared, task)`; `shared` is what all tasks read, sent to each
worker once. Which executor it is, and how many workers it has, changes no bit of what comes back.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Any, Self

from restock.sim.errors import InputError, require, unknown

Function = Callable[[Any, Any], Any]
MOST_WORKERS = 4096
NAMES = ("serial", "threads", "processes", "dask")


class Executor:
    """One task after another, in this process; the base of the others."""

    name = "serial"

    def map(self, function: Function, tasks: Iterable[Any], shared: Any = None, small: bool = False) -> Iterator[Any]:
        """Yield `function(shared, task)` for each task, in their order.

        Parameters
        ----------
        function : callable (shared, task) -> result
            For workers in other processes it must be one that cloudpickle can send.
        small : bool
            The whole work takes less than a second or so: one worker is quicker than several.

        >>> list(Executor().map(lambda base, task: base + task, [1, 2, 3], shared=10))
        [11, 12, 13]
        """
        yield from in_order(partial(function, shared), tasks, 1, 1)  # the main thread stays free to hear Ctrl-C

    def start(self) -> None:
        """Start the workers, or reach them; done by `map` where it was not done before."""

    def close(self) -> None:
        """End the workers at once, whatever they are at."""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class Threads(Executor):
    """Threads of this process; the kernel runs without the interpreter lock. `workers=None`: as many as cores.

    >>> list(Threads(2).map(lambda shared, task: shared + task, [1, 2, 3], shared=10))
    [11, 12, 13]
    """

    name = "threads"

    def __init__(self, workers: int | None = None) -> None:
        self.workers = checked_workers(workers)

    def map(self, function: Function, tasks: Iterable[Any], shared: Any = None, small: bool = False) -> Iterator[Any]:
        count = self.workers or (1 if small else cores())
        yield from in_order(partial(function, shared), tasks, count, 2 * count)


def in_order(call: Callable[[Any], Any], tasks: Iterable[Any], threads: int, ahead: int) -> Iterator[Any]:
    """Results of `call(task)`, run in threads, in the order of the tasks.

    At most `ahead` tasks are waiting, running or done and not yet taken: memory does not grow with their number.

    >>> list(in_order(abs, [-3, 2, -1], threads=2, ahead=4))
    [3, 2, 1]
    """
    todo = iter(tasks)
    waiting: deque[Future[Any]] = deque()
    pool, wait = ThreadPoolExecutor(threads), True
    try:
        waiting.extend(pool.submit(call, task) for task in islice(todo, ahead))
        while waiting:
            result = waiting.popleft().result()
            waiting.extend(pool.submit(call, task) for task in islice(todo, 1))
            yield result
    except (KeyboardInterrupt, GeneratorExit):
        wait = False  # for what nobody asks any more: a rule may never end, and compiling takes a minute
        raise
    finally:
        pool.shutdown(wait, cancel_futures=True)


def executor_of(
    name: str, workers: int | None = None, address: str | None = None, timeout: float | None = None
) -> Executor:
    """The executor of that name: serial, threads, processes or dask.

    Parameters
    ----------
    workers : int or None
        None: as many as this machine has cores.
    address : str or None
        Of a dask scheduler, such as tcp://127.0.0.1:8786; None: dask starts workers on this machine.
    timeout : float or None
        Seconds to wait for the scheduler and its first worker; None: 10.

    >>> executor_of("threads", 2).workers
    2
    """
    if name not in NAMES:
        raise unknown("executor", name, NAMES)
    if address is not None and name != "dask":
        raise InputError(f"executor.address goes with executor=dask, got executor={name}")
    if name == "serial":
        require(workers in (None, 1), f"executor=serial has one worker, got executor.workers={workers}")
        return Executor()
    if name == "threads":
        return Threads(workers)
    if name == "processes":
        from restock.sim.run.processes import Processes

        return Processes(workers)
    from restock.sim.run.dask_cluster import Dask

    return Dask(address, workers, 10.0 if timeout is None else timeout)


def checked_workers(workers: int | None) -> int | None:
    """None, or a whole number above 0."""
    good = workers is None or (isinstance(workers, int) and workers >= 1)
    require(good, f"executor.workers must be a whole number not below 1, got {workers}")
    good = workers is None or workers <= MOST_WORKERS
    require(good, f"executor.workers must be a whole number not above {MOST_WORKERS}, got {workers}")
    return workers


def cores() -> int:
    """Cores of this machine."""
    return os.cpu_count() or 1


def words_of(function: Function, task: Any) -> str:
    """The task in words, for messages: as the function says it, where it can."""
    return str(function.words(task)) if hasattr(function, "words") else f"task {task!r}"
