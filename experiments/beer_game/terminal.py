"""`restock game`: the beer game for one person at the terminal, three bots in the other seats."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from restock.experiments.beer_game.bots import BOTS
from restock.experiments.beer_game.debrief import classic_lines, debrief_lines, tables_of
from restock.experiments.beer_game.game import PERSON, Game, load
from restock.experiments.claiming import new_folder, todays_folder
from restock.experiments.command_words import read_value
from restock.experiments.run_folder import shown_path, write_figure, write_table
from restock.sim.errors import InputError, require, unknown
from restock.sim.study.beer_game.board import Week
from restock.sim.study.beer_game.chain import CLASSIC, MOST_WEEKS, STAGES

SETTINGS = ("seat", "bots", "customers", "resume", "figures")
HELP = """\
restock game [seat=retailer] [bots=sterman] [customers=[4,4,4,4,8,...]] [resume=FOLDER]

The beer game for one person: you order for one stage, week by week; bots sit at the others. Units on hand cost 0.5 a
week, units owed 1. An order is read by the stage above a week after it was posted, and goods take two weeks to arrive.
The first four weeks are played for you, as they always were.

  seat       retailer, wholesaler, distributor, factory; none: all seats are bots', and the debrief comes at once
  bots       {bots}, or any policy
  customers  what customers ask for in each week, {most} weeks at most; the classic 36 weeks if not named
  resume     the folder of a game that was stopped; it is saved after every week

At the prompt: a number orders; u takes the last week back; q stops, and keeps the game.
"""


def game_command(words: Sequence[str]) -> int:
    """Play, or look on; returns the exit code."""
    if any(word in ("-h", "--help") for word in words):
        print(HELP.format(bots=", ".join(BOTS), most=MOST_WEEKS), end="")
        return 0
    game, folder, figures = _asked_for(words)
    if PERSON in game.seats.values() and not _played(game, folder):
        print(f"\nstopped in week {game.week}; go on: restock game resume={shown_path(folder)}")
        return 0
    game.fill()
    lines = [*classic_lines(tables_of(game)["weeks"]), "", *debrief_lines(game)]
    print("\n" + "\n".join(lines))
    _write(game, folder, lines, figures)
    print(f"\nWritten to {shown_path(folder)}")
    return 0


def _asked_for(words: Sequence[str]) -> tuple[Game, Path, bool]:
    """The game, and the folder it is kept in."""
    settings = _settings(words)
    figures = settings.get("figures", True)
    require(isinstance(figures, bool), f"figures must be true or false, got {figures}")
    if "resume" in settings:
        others = [name for name in settings if name not in ("resume", "figures")]
        require(not others, f"resume goes on with a game as it was begun: leave out {', '.join(others)}")
        folder = Path(str(settings["resume"]))
        require(folder.is_dir(), f"resume: there is no folder '{folder}'")
        return load(folder / "game.json"), folder.absolute(), figures
    seat, bot = str(settings.get("seat", STAGES[0])), str(settings.get("bots", "sterman"))
    if seat not in (*STAGES, "none"):
        raise unknown("seat", seat, (*STAGES, "none"))
    customers = settings.get("customers", CLASSIC)
    require(isinstance(customers, (list, tuple)), f"customers must be a list of units, got {customers}")
    game = Game(customers, {stage: PERSON if stage == seat else bot for stage in STAGES})
    return game, new_folder(todays_folder()), figures


def _settings(words: Sequence[str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for word in words:
        name, is_setting, text = word.partition("=")
        require(bool(is_setting), f"restock game takes settings, name=value, got '{word}'")
        if name not in SETTINGS:
            raise unknown("setting", name, SETTINGS, "of restock game")
        out[name] = read_value(name, text)
    return out


def _played(game: Game, folder: Path) -> bool:
    """Week after week until the game is over; False: the player stopped."""
    (seat,) = (stage for stage, who in game.seats.items() if who == PERSON)
    print(f"You are the {seat}; {', '.join(f'{s}: {w}' for s, w in game.seats.items() if w != PERSON)}.")
    while True:
        game.fill()
        game.save(folder / "game.json")
        if game.over:
            return True
        print(f"\n{week_line(game, seat)}")
        answer = _answer(f"order for week {game.week} (u: undo, q: stop)? ")
        if answer in ("q", ""):
            return False
        try:
            if answer == "u":
                game.undo()
            else:
                require(answer.isdecimal(), f"an order is whole units from 0 on, got '{answer}'")
                game.decide(seat, int(answer))
        except InputError as error:
            print(error)


def _answer(asked: str) -> str:
    """What the player types, without blanks; the end of the input stops the game."""
    print(asked, end="", flush=True)
    line = sys.stdin.readline()
    if not line:
        print()
        return "q"
    return line.strip().lower() or _answer(asked)


def week_line(game: Game, seat: str) -> str:
    """The week as the stage sees it before it orders."""
    now: Week = game.weeks[seat][-1]
    held = f"on hand {now.on_hand}" if not now.backlog else f"on hand {now.on_hand}, owed {now.backlog}"
    moved = f"received {now.received}, asked for {now.asked}, shipped {now.shipped}"
    return (f"Week {now.week} of {game.board.weeks}: {moved}; {held}; on its way {now.on_order}; "
            f"spent so far {game.costs[seat]:,.1f}")  # fmt: skip


def _write(game: Game, folder: Path, lines: Sequence[str], figures: bool) -> None:
    """The game, its tables, its report and its picture."""
    from restock.sim.figures.beer_game import debrief

    game.save(folder / "game.json")
    tables = tables_of(game)
    (folder / "tables").mkdir(exist_ok=True)
    for name, table in tables.items():
        write_table(table, folder / "tables", name)
    (folder / "report.txt").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    if figures:
        (folder / "figures").mkdir(exist_ok=True)
        total = float(tables["debrief"]["cost"].sum())
        title = f"Customers changed once; the chain spent {total:,.0f}" if tuple(game.customers) == CLASSIC else (
            f"The chain spent {total:,.0f}")  # fmt: skip
        write_figure(debrief(tables["weeks"], STAGES, title), folder / "figures", "debrief")
