"""Hydra composes the settings twice, the first time only to see whether a file asks for a sweep; once is enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

OF_THE_USER = ("hydra.mode", "hydra.searchpath", "--config", "-cd", "-cn", "-cp")  # how files of one's own come in


@contextmanager
def composed_once(words: Sequence[str]) -> Iterator[None]:
    """Where all files are restock's, none of which sets `hydra.mode`, Hydra need not look for it."""
    from hydra._internal import hydra as inside

    main: Any = getattr(inside, "Hydra", None)
    before = getattr(main, "get_mode", None)
    if before is None or any(word.lstrip("+~").startswith(OF_THE_USER) for word in words):
        yield
        return
    main.get_mode = lambda self, config_name, overrides: None
    try:
        yield
    finally:
        main.get_mode = before
