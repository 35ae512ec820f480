"""The run folder of an advice: settings and report, tables, figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from restock.experiments.advice.advice_words import not_tried, notes_of, way
from restock.experiments.advice.arms import AS_IT_IS, KEPT, improvement_of
from restock.experiments.settings import Settings, plain

if TYPE_CHECKING:
    import pandas as pd

    from restock.experiments.advice.command import Advice


def write(found: Advice, text: str, settings: Settings, about: dict[str, Any], folder: Path) -> None:
    """Write the run folder: settings and report, tables, then the figure."""
    from restock.experiments.run_folder import whole_or_nothing, write_figure, write_settings, write_table
    from restock.sim.study.advice.tables import measures_table, pairs_table

    table = table_of(found)
    with whole_or_nothing(folder, text) as place:
        write_settings(place, plain(settings), about, text)
        tables, figures = place / "tables", place / "figures"
        tables.mkdir()
        write_table(table, tables, "advice")
        if found.judged:
            write_table(measures_table([*found.judged, *found.others], found.trials.base), tables, "advice_measures")
        if found.pairs:
            write_table(pairs_table(found.pairs), tables, "pairs")
        if settings.figures and found.judged:
            figures.mkdir()
            write_figure(figure_of(found, table), figures, "tornado")


def table_of(found: Advice) -> pd.DataFrame:
    """A row for each improvement, with its sentence and the words that run it alone."""
    from restock.sim.study.advice.tables import advice_table

    arms, tried = found.arms, [*found.judged, *found.others]
    two_ways = {improvement_of(each.name) for each in tried if each.name.endswith(KEPT)}
    about: dict[str, dict[str, Any]] = {}
    rests_on = notes_of(found).words
    for name in [*(each.name for each in tried), *(arms.left_out | dict(found.trials.refused))]:
        each = found.improvements.get(improvement_of(name))
        if each is not None:
            ways = "kept" if name.endswith(KEPT) else "planned anew" if name in two_ways else ""
            steady = None if name not in arms.made else not {name, AS_IT_IS} & {*arms.unsteady}
            about[name] = {"improvement": each.name, "levels": ways, "steady_state": steady, "says": each.says,
                           "rests_on": rests_on.get(name, ""),
                           "words": arms.words(name) if name in arms.made else ""}  # fmt: skip
    return advice_table(found.judged, found.others, found.trials.base, about, not_tried(found))


def figure_of(found: Advice, table: pd.DataFrame) -> Any:
    """The tornado, whose title names the best only where all others are told apart from it."""
    from restock.sim.figures.tornado import tornado
    from restock.sim.study.advice.judging import leaders

    first, *others = leaders(found.judged) or [""]
    scenario, policy = found.arms.prepared.scenario.name, found.policy
    gain = found.judged[0].gain.value
    said = f"'{way(first)}' gains most, {gain:,.0f} a year" if first else "no improvement is shown to gain anything"
    if others:
        told = f"'{way(first)}' or '{way(others[0])}'" if len(others) == 1 else f"one of {len(others) + 1}"
        said = f"the most, about {gain:,.0f} a year, is gained by {told}, not told apart"
    counts = {each.arm.replications for each in found.judged}
    many = f"{min(counts)}" if len(counts) == 1 else f"{min(counts)} to {max(counts)}"
    priced = "saved in total cost less its price" if found.trials.prices else "saved in total cost, lost margin in it"
    shown = table[table["rank"].notna()].assign(improvement=[way(each.name) for each in found.judged])
    return tornado(shown, f"{scenario}, policy '{policy}': {said}\nmoney {priced}; 95% intervals, {many} replications",
                   "one improvement at a time, on the same demand")  # fmt: skip
