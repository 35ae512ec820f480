"""What goes to workers in other processes: packed once, unpacked once by each worker, and only by one that runs the
same code, since another version may give another answer."""

from __future__ import annotations

import hashlib
import platform
import sys
import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from restock.sim.errors import InputError

KEPT = 4  # unpacked things that a worker keeps: what the runs of one comparison share, and what is its own
_by_value_lock, _unpack_lock = threading.Lock(), threading.Lock()
_unpacked: OrderedDict[str, Any] = OrderedDict()


class Packed(NamedTuple):
    """A thing as bytes, known by their digest."""

    digest: str
    blob: bytes


def packed(thing: Any, what: str) -> Packed:
    """The thing as bytes; `what` names it if it cannot be sent.

    >>> unpacked(packed([1, 2], "the list"))
    [1, 2]
    """
    import cloudpickle

    try:
        blob = cloudpickle.dumps(thing)
    except InputError:
        raise
    except Exception as error:  # whatever the thing's own pickling raises
        raise InputError(f"{what} cannot be sent to other processes ({error}); use executor=threads") from error
    return Packed(hashlib.blake2b(blob, digest_size=16).hexdigest(), blob)


def unpacked(part: Packed) -> Any:
    """The thing itself, unpacked once: later calls in this process give the same object."""
    with _unpack_lock:
        if part.digest in _unpacked:
            _unpacked.move_to_end(part.digest)
            return _unpacked[part.digest]
        import cloudpickle

        try:
            thing = cloudpickle.loads(part.blob)
        except ModuleNotFoundError as error:
            raise InputError(f"a worker has no module '{error.name}', which a policy needs; install it") from error
        _unpacked[part.digest] = thing
        while len(_unpacked) > KEPT:
            _unpacked.popitem(last=False)
        return thing


class WithItsCode:
    """A function that travels with its code, and imports what it needs when called: a dask scheduler or worker without
    restock can unpack it, and says what is missing, where it would otherwise end."""

    def __init__(self, function: Callable[..., Any]) -> None:
        import cloudpickle

        self._function = function
        with _by_value([sys.modules[function.__module__]]):
            self._blob = cloudpickle.dumps(function)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._function(*arguments, **named)

    def __reduce__(self) -> Any:
        import cloudpickle

        return cloudpickle.loads, (self._blob,)


@contextmanager
def _by_value(modules: Iterable[Any]) -> Iterator[None]:
    """What these modules define is packed with its code in here, not as a name to be imported."""
    import cloudpickle

    with _by_value_lock:
        before = cloudpickle.list_registry_pickle_by_value()
        mine = [module for module in modules if module.__name__ not in before]
        for module in mine:
            cloudpickle.register_pickle_by_value(module)
        try:
            yield
        finally:
            for module in mine:
                cloudpickle.unregister_pickle_by_value(module)


class Sharing:
    """Packs what all tasks read, once for as long as it is the same object."""

    def __init__(self) -> None:
        self._last: tuple[Any, Packed] | None = None

    def packed(self, shared: Any) -> Packed:
        """The shared thing as bytes."""
        if self._last is None or self._last[0] is not shared:
            self._last = shared, packed(shared, "the scenario")
        return self._last[1]


def packed_rules(rules: Iterable[Any], policy: str) -> bytes:
    """Functions as bytes, with their code: a worker need not have the file that they come from."""
    plain = tuple(getattr(rule, "py_func", rule) for rule in rules)
    roots = {rule.__module__.split(".")[0] for rule in plain} - {"restock", "__main__"}
    with _by_value(sys.modules[root] for root in sorted(roots) if root in sys.modules):
        return packed(plain, f"policy '{policy}': its rule").blob


@lru_cache(maxsize=64)
def unpacked_rules(blob: bytes) -> tuple[Any, ...]:
    """The functions again; the same bytes give the same functions, which are then compiled once."""
    import cloudpickle

    return cloudpickle.loads(blob)


@lru_cache(maxsize=1)
def this_code() -> str:
    """What an answer may depend on: restock's sources, Python, numpy, numba."""
    from importlib.metadata import version

    digest = hashlib.blake2b(digest_size=4)
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    python = ".".join(platform.python_version_tuple()[:2])
    return f"restock sources {digest.hexdigest()}, Python {python}, numpy {version('numpy')}, numba {version('numba')}"


def perform(code: str, parts: Iterable[Packed], task: Any) -> tuple[bool, Any]:
    """On a worker: (True, result) or (False, the error), so that no error is taken for a lost worker."""
    try:
        if code != this_code():
            raise InputError(f"a worker runs other code: {this_code()}; here: {code}")
        shared, function = (unpacked(part) for part in parts)
        return True, function(shared, task)
    except Exception as error:
        error.add_note("on a worker:\n" + traceback.format_exc())
        return False, error
