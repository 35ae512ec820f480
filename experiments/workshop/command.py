"""restock workshop [settings] [--lan] [--port N]: opens the pages, and serves them until interrupted."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from restock.sim.errors import InputError, require

MISSING = "restock workshop needs an optional package: pip install 'restock[ui]'"
PORT = 8765
SHORTEST, LONGEST = 6, 3600  # seconds that a phone may be out of reach
USAGE = """\
restock workshop [scenario=NAME] [settings] [--lan] [--port N] [--game FOLDER] [--asleep SECONDS]

Serves a page of what-if questions, a room for predictions and the beer game, on this machine alone; --lan lets phones
of the local network in (docs/workshop.md). --game keeps the beer game in a folder, and takes up the one that is there.
--asleep says how long a phone may be out of reach, 180 s where it is not given, before its page is opened afresh.
Settings are those of restock compare; scenario=one_store where none is given.
"""


def workshop_command(words: Sequence[str]) -> int:
    """Serve; exit code 0 when it is ended by Ctrl-C."""
    if any(word in ("-h", "--help") for word in words):
        print(USAGE, end="")
        return 0
    words, folder = game_folder(words)
    words, asleep = seconds_asleep(words)
    settings, lan, port = read(words)
    if any(find_spec(name) is None for name in ("nicegui", "segno")):
        raise InputError(MISSING)
    from restock.experiments.workshop.serving import ASLEEP, Workshop, bound, lan_address, serve
    from restock.experiments.workshop.what_if import WhatIf

    logging.basicConfig(format="restock workshop: %(message)s", level=logging.WARNING)
    address = lan_address() if lan else ""
    taken = bound("0.0.0.0" if lan else "127.0.0.1", port)
    with taken:
        print("reading the scenario, and simulating it once ...", flush=True)
        what_if = WhatIf(settings)
        what_if.whole(what_if.offer.start)  # compiled before anybody waits for it
        workshop = Workshop(what_if, taken.getsockname()[1], address, asleep or ASLEEP)
        if folder is not None:
            workshop.beer.keep_in(folder)
        print("\n".join(workshop.lines()), flush=True)
        serve(workshop, taken)
    return 0


def game_folder(words: Sequence[str]) -> tuple[list[str], Path | None]:
    """The words without --game FOLDER, and the folder.

    >>> rest, folder = game_folder(["--lan", "--game", "monday"])
    >>> rest, str(folder)
    (['--lan'], 'monday')
    """
    rest = list(words)
    if "--game" not in rest:
        return rest, None
    at = rest.index("--game")
    require(at + 1 < len(rest) and not rest[at + 1].startswith("-"), "--game takes a folder")
    folder = Path(rest[at + 1])
    require(not folder.exists() or folder.is_dir(), f"--game: '{folder}' is no folder")
    return [*rest[:at], *rest[at + 2 :]], folder


def seconds_asleep(words: Sequence[str]) -> tuple[list[str], int | None]:
    """The words without --asleep SECONDS, and the seconds; None where they are not given.

    >>> seconds_asleep(["--lan", "--asleep", "600"])
    (['--lan'], 600)
    """
    rest = list(words)
    if "--asleep" not in rest:
        return rest, None
    at = rest.index("--asleep")
    given = rest[at + 1] if at + 1 < len(rest) else ""
    good = given.isascii() and given.isdigit() and len(given) <= 5 and SHORTEST <= int(given) <= LONGEST
    require(good, f"--asleep must be whole seconds from {SHORTEST} to {LONGEST}, got '{given}'")
    return [*rest[:at], *rest[at + 2 :]], int(given)


def read(words: Sequence[str]) -> tuple[list[str], bool, int]:
    """Settings, whether phones come in, and the port.

    >>> read(["scenario=boutique", "--port", "0"])
    (['scenario=boutique'], False, 0)
    >>> read([])
    (['scenario=one_store'], False, 8765)
    """
    settings, lan, port, rest = [], False, str(PORT), list(words)
    while rest:
        word = rest.pop(0)
        if word == "--lan":
            lan = True
        elif word == "--port" and rest:
            port = rest.pop(0)
        elif word.startswith("--port"):
            port = word.partition("=")[2]
        elif word in ("--config-dir", "-cd") and rest:
            settings += [word, rest.pop(0)]
        else:
            require("=" in word or word.startswith("-"), f"settings are name=value, got '{word}'")
            settings.append(word)
    good = port.isascii() and port.isdigit() and int(port) <= 65535
    require(good, f"--port must be a whole number from 0 to 65535, got '{port}'")
    if not any(word.startswith("scenario=") for word in settings):
        settings.append("scenario=one_store")
    return settings, lan, int(port)
