"""The beer game of a room: teams on the same customers, seats, a week that ends when all have ordered. No page here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from restock.experiments.beer_game.bots import BOTS
from restock.experiments.beer_game.debrief import debrief_table, reference
from restock.experiments.beer_game.game import PERSON, Game, game_from, read_kept
from restock.experiments.run_folder import replaced
from restock.experiments.workshop.room import Room
from restock.sim.errors import InputError, require, unknown
from restock.sim.study.beer_game.board import MOST_ORDERED, Week
from restock.sim.study.beer_game.chain import CALM_WEEKS, CLASSIC, STAGES

LOBBY, PLAYING, OVER = "lobby", "playing", "over"
MOST_TEAMS = 8


@dataclass
class Team:
    """A chain of four, and who sits where; a seat without anybody is its bot's."""

    name: str
    seats: dict[str, str] = field(default_factory=dict)  # stage: who
    game: Game | None = None

    def stage_of(self, who: str) -> str:
        """Where somebody sits; '' if nowhere."""
        return next((stage for stage, sitting in self.seats.items() if sitting == who), "")


class BeerTables:
    """The teams of a room. Participants sit down and order; all else is the host's.

    >>> room = Room(); tables = BeerTables(room)
    >>> room.join("one", room.code, "Ann"); tables.sit("one", 0, "retailer"); tables.start("base_stock")
    >>> tables.week, tables.waiting_for()
    (5, ['Ann'])
    >>> while tables.phase == PLAYING: tables.order("one", 8 if tables.week > 5 else 12)
    >>> sum(tables.teams[0].game.costs.values())
    204.0
    """

    def __init__(self, room: Room, folder: Path | None = None) -> None:
        self.room, self.folder = room, folder
        self.phase, self.bot, self.customers = LOBBY, "base_stock", tuple(CLASSIC)
        self.teams = [Team("Team 1")]
        self.listeners: set[Callable[[], None]] = set()

    @property
    def week(self) -> int:
        """The week that is being decided: that of the team furthest behind."""
        games = [team.game for team in self.teams if team.game is not None]
        return min((game.week for game in games), default=CALM_WEEKS + 1)

    @property
    def weeks(self) -> int:
        """Weeks of the whole game."""
        return len(self.customers)

    def seat_of(self, who: str) -> tuple[int, str]:
        """The team and stage at which somebody sits; (-1, '') if nowhere."""
        found = [(k, team.stage_of(who)) for k, team in enumerate(self.teams) if team.stage_of(who)]
        return found[0] if found else (-1, "")

    def waiting_for(self) -> list[str]:
        """Names of those who have yet to order this week."""
        return [
            self.room.names.get(team.seats[stage], stage)
            for team in self.teams
            for stage in self._undecided(team)
            if stage in team.seats
        ]

    def _undecided(self, team: Team) -> list[str]:
        """Seats of people that have not ordered for the week that all are at."""
        game = team.game
        if game is None or self.phase != PLAYING or game.week > self.week:
            return []
        return game.waiting_for()

    # ------------------------------------------------------------------------------------------------ participants

    def sit(self, who: str, team: int, stage: str) -> None:
        """A participant takes a seat that is free; whoever plays already cannot change."""
        require(who in self.room.names, "join the room first")
        require(self.phase == LOBBY, "the game has begun: seats are taken")
        require(0 <= team < len(self.teams), f"there are {len(self.teams)} teams")
        if stage not in STAGES:
            raise unknown("seat", str(stage)[:40], STAGES)
        require(self.teams[team].seats.get(stage, who) == who, "this seat is taken")
        self.stand(who)
        self.teams[team].seats[stage] = who
        self._changed()

    def stand(self, who: str) -> None:
        """A participant leaves the seat, while the game has not begun."""
        require(self.phase == LOBBY, "the game has begun: seats are taken")
        for team in self.teams:
            team.seats = {stage: sitting for stage, sitting in team.seats.items() if sitting != who}
        self._changed()

    def order(self, who: str, given: object) -> None:
        """A participant orders; the week ends when everybody has."""
        team, stage = self.seat_of(who)
        require(bool(stage), "take a seat first")
        game = self.teams[team].game
        if self.phase != PLAYING or game is None:
            raise InputError("the game is not on")
        require(game.week == self.week, "wait for the other teams")
        text = str(given).strip()
        good = text.isascii() and text.isdigit() and len(text) <= 9
        require(good, f"an order is whole units from 0 to {MOST_ORDERED:,}, got '{text[:24]}'")
        game.decide(stage, int(text))
        self._go_on()

    def board_of(self, who: str) -> list[Week]:
        """What a participant sees: the weeks of its own stage."""
        team, stage = self.seat_of(who)
        game = self.teams[team].game if stage else None
        return [] if game is None else game.weeks[stage]

    # -------------------------------------------------------------------------------------------------- the host

    def set_teams(self, number: int) -> None:
        """So many teams, before the game begins; who sat in one that goes has no seat any more."""
        require(self.phase == LOBBY, "the game has begun")
        require(1 <= number <= MOST_TEAMS, f"there are 1 to {MOST_TEAMS} teams, not {number}")
        named = {team.name: team for team in self.teams}
        self.teams = [named.get(f"Team {k}", Team(f"Team {k}")) for k in range(1, number + 1)]
        self._changed()

    def start(self, bot: str) -> None:
        """Begin: bots take the seats that are empty."""
        require(self.phase == LOBBY, "the game has begun")
        if bot not in BOTS:
            raise unknown("bot", str(bot)[:40], BOTS)
        self.bot, self.phase = bot, PLAYING
        for team in self.teams:
            seats = {stage: PERSON if stage in team.seats else bot for stage in STAGES}
            team.game = Game(self.customers, seats)
            team.game.fill()
        self._go_on()

    def hurry(self) -> None:
        """Those who have not ordered order what they ordered last."""
        require(self.phase == PLAYING, "the game is not on")
        for team in self.teams:
            for stage in self._undecided(team):
                assert team.game is not None
                team.game.decide(stage, team.game.decisions[stage][-1])
        self._go_on()

    def undo(self) -> None:
        """The last week that was ordered is taken back, for every team."""
        require(self.phase in (PLAYING, OVER), "the game is not on")
        games = [team.game for team in self.teams if team.game is not None]
        last = max((game.last_by_people for game in games), default=0)
        require(last > CALM_WEEKS, f"the first {CALM_WEEKS} weeks are everybody's: there is nothing to undo")
        for team in self.teams:
            if team.game is not None:
                team.game.back_to(last)
        self.phase = PLAYING
        self._go_on()

    def again(self) -> None:
        """Back to the lobby, with the seats as they are."""
        self.phase = LOBBY
        for team in self.teams:
            team.game = None
        self._changed()

    # --------------------------------------------------------------------------------------------------- results

    def standings(self) -> list[tuple[str, float, int]]:
        """Team, what it has spent so far, and in how many weeks; least spent first."""
        rows = [(team.name, sum(team.game.costs.values()), team.game.week - 1) for team in self.teams if team.game]
        return sorted(rows, key=lambda row: row[1])

    def debrief(self) -> list[dict[str, Any]]:
        """A row for each stage of each team: who sat there, cost, largest order, most owed, swing of orders."""
        rows = []
        for team in self.teams:
            if team.game is None:
                continue
            for row in debrief_table(team.game).to_dict("records"):
                who = team.seats.get(row["stage"])
                rows.append(row | {"team": team.name, "seat": self.room.names.get(who, "?") if who else row["seat"]})
        return rows

    def reference(self) -> dict[str, float]:
        """What four bots of a kind spend on the same customers."""
        game = next(team.game for team in self.teams if team.game is not None)
        return reference(tuple(game.customers[: game.week - 1]))

    # ------------------------------------------------------------------------------------------------------ kept

    def kept(self) -> dict[str, Any]:
        """The game as it is saved: the code, so that phones find back, names and seats, and what was decided."""
        return {
            "tables": "beer_game", "code": self.room.code, "key": self.room.key, "names": dict(self.room.names),
            "phase": self.phase, "bot": self.bot,
            "teams": [{"name": team.name, "seats": dict(team.seats), "game": team.game.kept() if team.game else None}
                      for team in self.teams],
        }  # fmt: skip

    def save(self) -> None:
        """Write the game, if it has a folder."""
        if self.folder is not None:
            replaced(self.folder / "beer_game.json", json.dumps(self.kept(), indent=2) + "\n")

    def keep_in(self, folder: Path) -> None:
        """Save into a folder from now on; the game that lies there is taken up."""
        file = folder / "beer_game.json"
        if file.exists():
            self.load(file)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"'{folder}' cannot be made: {error.strerror}") from None
        self.folder = folder
        self.save()

    def load(self, path: Path) -> None:
        """Take up a game that was saved, with its room: the code and the moderator's link stay as they were."""
        kept = read_kept(path, "saved game")
        good = isinstance(kept, Mapping) and kept.get("tables") == "beer_game"
        require(good, f"{path} is no saved game of a workshop")
        try:
            teams = [self._team(each, str(path)) for each in kept["teams"]]
            code, key, names = str(kept["code"]), str(kept["key"]), dict(kept["names"])
            phase, bot = str(kept["phase"]), str(kept["bot"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"{path} is no saved game of a workshop: {error}") from None
        good = 1 <= len(teams) <= MOST_TEAMS and phase in (LOBBY, PLAYING, OVER) and bot in BOTS and len(key) >= 20
        require(good, f"{path} is no saved game of a workshop")
        self.teams, self.phase, self.bot = teams, phase, bot
        self.room.code, self.room.key, self.room.names = code, key, names
        self._changed()

    def _team(self, kept: Mapping[str, Any], where: str) -> Team:
        game = game_from(kept["game"], where) if kept["game"] is not None else None
        return Team(str(kept["name"]), {str(stage): str(who) for stage, who in kept["seats"].items()}, game)

    def _go_on(self) -> None:
        """Bots order for the week, if all people have; the next week begins, or the game is over."""
        for team in self.teams:
            if team.game is not None:
                team.game.fill()
        if all(team.game is None or team.game.over for team in self.teams):
            self.phase = OVER
        self._changed()

    def _changed(self) -> None:
        self.save()
        for listener in list(self.listeners):
            listener()
