"""A beer game on its way: seats, what was decided, whose turn it is; saved as scenario, seats and decisions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from restock.experiments.beer_game.bots import BOTS, Bot, bot_settings
from restock.experiments.run_folder import replaced, versions
from restock.policies.catalogue import policy_names
from restock.sim.errors import InputError, require, unknown
from restock.sim.study.beer_game.board import Board, Week, check_order, costs
from restock.sim.study.beer_game.chain import CALM, CALM_WEEKS, CLASSIC, STAGES

PERSON = "person"
KEPT = ("game", "customers", "seats", "decisions", "versions")  # of a saved game


@dataclass
class Game:
    """Four seats, each a person's or a bot's, and the orders that they have placed.

    All decide a week before any sees the next. Bots decide as soon as they can, people when they say so; in the first
    weeks everybody places the order that was always placed.

    >>> game = Game()
    >>> game.fill()
    >>> game.over, sum(game.costs.values())
    (True, 204.0)
    """

    customers: Sequence[int] = CLASSIC
    seats: dict[str, str] = field(default_factory=lambda: dict.fromkeys(STAGES, "base_stock"))
    decisions: dict[str, list[int]] = field(default_factory=lambda: {stage: [] for stage in STAGES})

    def __post_init__(self) -> None:
        self.board = Board(self.customers)
        for stage, who in self.seats.items():
            if stage not in STAGES:
                raise unknown("stage", stage, STAGES)
            if who not in (PERSON, *BOTS, *policy_names()):
                raise unknown("bot", who, [PERSON, *BOTS, *policy_names()], f"of the {stage}")
        for stage in STAGES:
            self.seats.setdefault(stage, "base_stock")
            self.decisions.setdefault(stage, [])
        self.board.check(self.decisions)
        made = [len(self.decisions[stage]) for stage in STAGES]
        require(max(made) - min(made) <= 1, "a stage is more than a week ahead of another")
        self._weeks: dict[str, list[Week]] | None = None

    @cached_property
    def bots(self) -> dict[str, Bot]:
        """Those who sit where no person does."""
        return {stage: Bot(self.board, stage, bot_settings(who, stage))
                for stage, who in self.seats.items() if who != PERSON}  # fmt: skip

    @property
    def week(self) -> int:
        """The week that is being decided; one more than the last when the game is over."""
        return min(len(made) for made in self.decisions.values()) + 1

    @property
    def over(self) -> bool:
        """Whether every week is decided."""
        return self.week > self.board.weeks

    @property
    def weeks(self) -> dict[str, list[Week]]:
        """What each stage has seen, replayed once for a state of the game."""
        if self._weeks is None:
            self._weeks = self.board.play(self.decisions)
        return self._weeks

    @property
    def costs(self) -> dict[str, float]:
        """Spent so far by each stage, in the weeks that it has decided."""
        return costs(self.weeks)

    def waiting_for(self) -> list[str]:
        """Stages whose people have yet to decide this week."""
        if self.over:
            return []
        return [stage for stage in STAGES if self.seats[stage] == PERSON and not self.decided(stage, self.week)]

    def decided(self, stage: str, week: int) -> bool:
        """Whether a stage has decided a week."""
        return len(self.decisions[stage]) >= week

    def decide(self, stage: str, order: int) -> None:
        """A stage orders; what it ordered for this week before is taken back, as long as others are not done."""
        if stage not in STAGES:
            raise unknown("stage", stage, STAGES)
        require(not self.over, f"the game is over after {self.board.weeks} weeks")
        check_order(order, f"the {stage} in week {self.week}")
        made = self.decisions[stage]
        made[self.week - 1 :] = [int(order)]
        self._weeks = None

    def fill(self) -> None:
        """Bots decide, and everybody in the first weeks, until a person must, or the game is over."""
        while not self.over:
            week, seen = self.week, self.weeks
            for stage in STAGES:
                if self.decided(stage, week):
                    continue
                if week <= CALM_WEEKS:
                    self.decisions[stage].append(CALM)
                elif stage in self.bots:
                    self.decisions[stage].append(self.bots[stage].order(seen[stage]))
            self._weeks = None
            if self.week == week:
                break

    @property
    def last_by_people(self) -> int:
        """The last week that a person has decided; where all are bots, that one of them has."""
        people = [stage for stage in STAGES if self.seats[stage] == PERSON] or STAGES
        return max(len(self.decisions[stage]) for stage in people)

    def undo(self) -> None:
        """Back to the last week that a person has decided: what anybody decided from it on is dropped."""
        last = self.last_by_people
        require(last > CALM_WEEKS, f"the first {CALM_WEEKS} weeks are everybody's: there is nothing to undo")
        self.back_to(last)

    def back_to(self, week: int) -> None:
        """What was decided from a week on is dropped; bots have yet to order for it again."""
        for made in self.decisions.values():
            del made[week - 1 :]
        self._weeks = None

    def kept(self) -> dict[str, Any]:
        """The game as it is saved."""
        return {"game": "beer_game", "customers": list(self.customers), "seats": dict(self.seats),
                "decisions": {stage: list(made) for stage, made in self.decisions.items()},
                "versions": versions()}  # fmt: skip

    def save(self, path: Path) -> None:
        """Write the game; what was there is replaced whole."""
        replaced(path, json.dumps(self.kept(), indent=2) + "\n")


def game_from(kept: Mapping[str, Any], where: str) -> Game:
    """A saved game; what is no game is refused in one line that says where."""
    good = isinstance(kept, Mapping) and kept.get("game") == "beer_game"
    require(good, f"{where} is no saved beer game")
    for name in kept:
        if name not in KEPT:
            raise unknown("entry", str(name), KEPT, f"in {where}")
    for name in KEPT[1:4]:
        require(name in kept, f"{where} is no saved beer game: {name} is missing")
    seats, decisions, customers = kept["seats"], kept["decisions"], kept["customers"]
    require(isinstance(customers, list), f"{where}: customers must be a list of units")
    for name, given in (("seats", seats), ("decisions", decisions)):
        good = isinstance(given, Mapping) and set(given) == set(STAGES)
        require(good, f"{where}: {name} must name each of {', '.join(STAGES)}")
    good = all(isinstance(made, list) for made in decisions.values())
    require(good, f"{where}: decisions of a stage must be a list of orders")
    try:
        return Game(customers, {s: str(w) for s, w in seats.items()}, {s: list(m) for s, m in decisions.items()})
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def load(path: Path) -> Game:
    """A game saved by `Game.save`."""
    return game_from(read_kept(path, "saved beer game"), str(path))


def read_kept(path: Path, what: str) -> Any:
    """What a saved file holds; `what` it should be stands in messages."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror}") from None
    except ValueError:
        raise InputError(f"{path} is no {what}: it is not JSON") from None
