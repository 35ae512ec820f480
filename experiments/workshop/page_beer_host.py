"""The host's screen of the beer game, for a projector: seats, the week, who is still to order, and the debrief."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from restock.experiments.beer_game.bots import BOTS
from restock.experiments.beer_game.debrief import TEAMS, said_customers
from restock.experiments.workshop.beer_tables import LOBBY, MOST_TEAMS, OVER, PLAYING, BeerTables
from restock.experiments.workshop.charts import LINES, TEXT
from restock.experiments.workshop.elements import able, box, button, choose_from, shown, text
from restock.experiments.workshop.joining import how_to_join
from restock.experiments.workshop.live_page import LIMITS, LivePage
from restock.experiments.workshop.look import HEAD
from restock.sim.figures.style import COLOURS
from restock.sim.study.beer_game.chain import CLASSIC, STAGES


class BeerHostPage(LivePage):
    """What the host sees and does; the page is opened with the key of the room only."""

    def __init__(self, tables: BeerTables, join_at: str) -> None:
        self.tables, self.join_at = tables, join_at
        self.bot, self.seconds, self.asked_at, self.seen = "base_stock", 0, 0, None
        self._build()
        self.follow(tables, tables.room)

    def _build(self) -> None:
        ui.add_head_html(HEAD)
        with box("div", "rs-stage"):
            with box("div", "rs-join"), box("div"):
                how_to_join(self.tables.room, self.join_at)
            self.refusal = text("p", "", "rs-refused rs-hidden", role="alert")
            text("h1", "The beer game")
            self.said = text("p", "", role="status", aria_live="polite")
            with box("div", "rs-row"):
                self.fewer = button("Fewer teams", lambda: self.attempt(lambda: self._teams(-1)))
                self.more = button("More teams", lambda: self.attempt(lambda: self._teams(1)))
                bots = [(name, name.replace("_", " ")) for name in BOTS]
                choose_from("bot", "Empty seats", bots, partial(self._set, "bot"))
                choose_from("seconds", "A week closes after", LIMITS, partial(self._set, "seconds"))
                self.start = button("Start", lambda: self.attempt(lambda: self.tables.start(self.bot)), main=True)
            with box("div", "rs-row"):
                self.hurry = button("Order for those who wait", lambda: self.attempt(self.tables.hurry))
                self.undo = button("Take a week back", lambda: self.attempt(self.tables.undo))
                self.again = button("New game", lambda: self.attempt(self.tables.again))
            self.place = box("div")
            self.chart = ui.echart({"series": []}).classes("rs-chart")
            self.chart.props('role=img aria-label="What each stage ordered, week by week"')

    def _set(self, key: str, given: Any) -> None:
        value = str(given)[:40]
        if key == "bot" and value in BOTS:
            self.bot = value
        elif key == "seconds" and value in {str(seconds) for seconds, _ in LIMITS}:
            self.seconds = int(value)
            self.asked_at = 0
            self.show()

    def _teams(self, more: int) -> None:
        self.tables.set_teams(len(self.tables.teams) + more)

    def attempt(self, act: Callable[[], Any]) -> None:
        """Do it, or say why it is not done; then what the tables are at."""
        super().attempt(act)
        self.show()

    def show(self) -> None:
        """What the tables are at."""
        tables, phase = self.tables, self.tables.phase
        able(self.fewer, phase == LOBBY and len(tables.teams) > 1)
        able(self.more, phase == LOBBY and len(tables.teams) < MOST_TEAMS)
        able(self.start, phase == LOBBY)
        able(self.hurry, phase == PLAYING)
        for element in (self.undo, self.again):
            able(element, phase != LOBBY)
        self.said.set_text(self._words())
        self._time()
        state = (phase, tables.week, len(tables.teams), [dict(team.seats) for team in tables.teams],
                 dict(tables.room.names))  # fmt: skip
        if state == self.seen:
            return
        self.seen = state  # type: ignore[assignment]
        self.place.clear()
        with self.place:
            self._lobby() if phase == LOBBY else self._standings()
        shown(self.chart, phase == OVER)
        if phase == OVER:
            self.chart.options.clear()
            self.chart.options.update(orders_chart(tables))
            self.chart.update()

    def _words(self) -> str:
        tables = self.tables
        if tables.phase == LOBBY:
            seated = sum(len(team.seats) for team in tables.teams)
            return f"{len(tables.room.names)} in the room, {seated} of {4 * len(tables.teams)} seats taken."
        if tables.phase == OVER:
            game = next(team.game for team in tables.teams if team.game is not None)
            beside = tables.reference()
            best = f"Four that count all that is on its way spend {beside['base_stock']:,.0f}"
            people = f"; Sterman's teams of people spent {TEAMS:,}" if tuple(tables.customers) == CLASSIC else ""
            return f"Customers asked for {said_customers(game)}. {best}{people}."
        waits = tables.waiting_for()
        said = f"Week {tables.week} of {tables.weeks}."
        return f"{said} Still to order: {', '.join(waits)}." if waits else said

    def _time(self) -> None:
        """A week that has a limit closes after it."""
        week = self.tables.week
        if self.tables.phase == PLAYING and self.seconds and self.asked_at != week:
            self.asked_at = week
            ui.timer(self.seconds, lambda week=week: self._time_is_up(week), once=True)

    def _time_is_up(self, week: int) -> None:
        if self.tables.phase == PLAYING and self.tables.week == week:
            self.attempt(self.tables.hurry)

    def _lobby(self) -> None:
        with box("div", "rs-table"), box("table", "rs"):
            self._head("team", *STAGES)
            with box("tbody"):
                for team in self.tables.teams:
                    with box("tr"):
                        text("th", team.name, scope="row")
                        for stage in STAGES:
                            who = team.seats.get(stage)
                            text("td", self.tables.room.names.get(who, "?") if who else "bot")

    def _standings(self) -> None:
        over = self.tables.phase == OVER
        with box("div", "rs-table"), box("table", "rs"):
            self._head("team", "spent so far", "weeks")
            with box("tbody"):
                for name, spent, weeks in self.tables.standings():
                    self._row(name, f"{spent:,.1f}", f"{weeks}")
        if over:
            text("h2", "Stage by stage")
            with box("div", "rs-table", tabindex=0, role="region", aria_label="Stage by stage"), box("table", "rs"):
                self._head(
                    "team", "stage", "seat", "cost", "largest order", "most owed", "orders vary, times customers'"
                )
                with box("tbody"):
                    for row in self.tables.debrief():
                        swing = f"{row['bullwhip']:,.1f}" if row["bullwhip"] == row["bullwhip"] else "-"
                        self._row(row["team"], row["stage"], row["seat"], f"{row['cost']:,.1f}",
                                  f"{row['largest_order']:,}", f"{row['most_owed']:,}", swing)  # fmt: skip

    def _head(self, *words: str) -> None:
        with box("thead"), box("tr"):
            for each in words:
                text("th", each, scope="col")

    def _row(self, first: str, *words: str) -> None:
        with box("tr"):
            text("th", first, scope="row")
            for each in words:
                text("td", each)


def orders_chart(tables: BeerTables) -> dict[str, Any]:
    """What each stage of the team that spent least ordered, week by week, beside what customers asked for."""
    best = tables.standings()[0][0]
    game = next(team.game for team in tables.teams if team.name == best)
    assert game is not None
    weeks = {stage: [week for week in mine if week.order is not None] for stage, mine in game.weeks.items()}
    axis = {"axisLabel": {"fontSize": 18, "color": TEXT}, "nameTextStyle": {"fontSize": 18, "color": TEXT}}
    series: list[dict[str, Any]] = [{
        "name": "customers", "type": "line", "step": "middle", "symbol": "none",
        "data": [[week.week, week.asked] for week in weeks[STAGES[0]]],
        "lineStyle": {"color": TEXT, "width": 3, "type": "dashed"}, "itemStyle": {"color": TEXT},
    }]  # fmt: skip
    for stage, colour in zip(STAGES, COLOURS, strict=False):
        series.append({
            "name": stage, "type": "line", "step": "middle", "symbol": "none",
            "data": [[week.week, week.order] for week in weeks[stage]],
            "lineStyle": {"color": colour, "width": 3}, "itemStyle": {"color": colour},
        })  # fmt: skip
    return {
        "animation": False, "legend": {"top": 0, "textStyle": {"fontSize": 18, "color": TEXT}},
        "title": {"text": best if len(tables.teams) > 1 else "", "textStyle": {"fontSize": 18, "color": TEXT}},
        "grid": {"left": 50, "right": 60, "top": 50, "bottom": 40},
        "xAxis": {"type": "value", "name": "week", "min": 1, "max": game.board.weeks, **axis},
        "yAxis": {"type": "value", "name": "units ordered", "splitLine": {"lineStyle": {"color": LINES}}, **axis},
        "series": series,
    }  # fmt: skip
