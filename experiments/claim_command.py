"""`restock claim NAME` and `restock claims`: run claims, print their verdicts, write the page."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from restock.experiments.claim_file import FOLDER, claim_names
from restock.sim.errors import InputError, require, unknown


def claim_command(words: Sequence[str]) -> int:
    """restock claim NAME [settings]: one claim, with its numbers."""
    names, settings, own = _split(words)
    require(len(names) == 1, f"restock claim takes one claim, got {len(names)}; restock claims runs several, or all")
    return _run(names, settings, own, "claim")


def claims_command(words: Sequence[str]) -> int:
    """restock claims [NAME ...] [settings]: several claims, or all, one verdict a line."""
    names, settings, own = _split(words)
    return _run(names or claim_names(own), settings, own, "claims")


def _split(words: Sequence[str]) -> tuple[list[str], list[str], Path | None]:
    """Names, settings, and the user's own configuration folder."""
    rest, own = list(words), None
    if FOLDER in rest:
        at = rest.index(FOLDER)
        require(at + 1 < len(rest), f"{FOLDER} takes a folder")
        own = Path(rest[at + 1])
        require(own.is_dir(), f"{FOLDER}: there is no folder '{own}'")
        del rest[at : at + 2]
    flags = [word for word in rest if word.startswith("-")]
    require(not flags, f"restock claim takes no {flags[0] if flags else ''}; settings are name=value")
    names = [word for word in rest if "=" not in word]
    known = claim_names(own)
    for name in names:
        if name not in known:
            raise unknown("claim", name, known)
    return names, [word for word in rest if "=" in word], own


def _run(names: Sequence[str], settings: list[str], own: Path | None, command: str) -> int:
    from restock.experiments.claiming import claimed, todays_folder
    from restock.experiments.claims import answer, read_claim
    from restock.experiments.jobs import bar
    from restock.experiments.run_folder import now, shown_path

    about: dict[str, Any] = {"command": command, "overrides": settings, "claims": list(names), "started": now()}
    for name in names:  # a mistake in any of them is told before the first is run
        read_claim(name, settings, own)
    started, found = time.perf_counter(), []
    with claimed(todays_folder()) as folder, bar(True) as progress:
        for k, name in enumerate(names):

            def show(share: float, k: int = k, name: str = name) -> None:
                progress(name, (k + share) / len(names))

            try:
                found.append(answer(name, settings, own, show))
            except InputError as error:
                raise InputError(f"claim '{name}': {error}") from None
        progress("writing", 1.0)
        from restock.experiments.claim_page import write_page
        from restock.experiments.claim_words import report, verdict_line

        about["seconds"] = round(time.perf_counter() - started, 1)
        text = report(found[0]) if command == "claim" else "\n".join(map(verdict_line, found))
        write_page(found, about, folder, text)
    print(text)
    print(f"\nWritten to {shown_path(folder)}: claims.md, with figures and tables")
    return 0
