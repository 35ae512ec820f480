"""What is handed out of a what-if page: its figures as one page that opens from a file, with all that made them."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

from restock.experiments.comparison_folder import report_of
from restock.experiments.html_parts import assumptions, document, report_whole, settings_whole, table, the_same_again
from restock.experiments.report_page import cost_in_parts, interval_words
from restock.experiments.run_folder import versions
from restock.experiments.settings import plain
from restock.experiments.workshop.choice import Choice, in_words
from restock.experiments.workshop.what_if import WhatIf
from restock.experiments.workshop.words import Card, cards, differences
from restock.sim.results.text import capital_first
from restock.sim.study.compare import Comparison

PICTURE = "picture:"  # before its number, where the browser puts a figure as it stands on its page


def hand_out(
    what_if: WhatIf, choice: Choice, comparison: Comparison, figures: Sequence[tuple[str, str]] = (),
    pinned: Choice | None = None, before: Comparison | None = None,
) -> str:  # fmt: skip
    """The page, as HTML: what stands on the cards and in the table of differences, word for word, and the report.

    Parameters
    ----------
    figures : sequence of (title, what stands below it)
        Those of the page; their pictures come from the browser, in the place of `PICTURE` and their number.
    pinned, before
        What is pinned, and its answer.

    >>> what_if = WhatIf(["scenario=one_store", "policy=buffer", "replications=8", "days=28", "warm_up=0"])
    >>> page = hand_out(what_if, what_if.offer.start, what_if.whole(what_if.offer.start))
    >>> page.startswith("<!doctype html>"), "seed 1" in page, "restock compare scenario=one_store" in page
    (True, True, True)
    """
    scenario, settings = what_if.scenario, what_if.settings_of(choice)
    report = report_of(comparison, settings, what_if.words(choice)).text
    title = f"What if: {scenario.name}"
    found = cards(comparison, what_if.replications)
    body = [
        f"<h1>{html.escape(title)}</h1>",
        f"<p><b>{html.escape(capital_first(in_words(what_if.offer, choice)))}.</b></p>",
        f"<p class=note>{scenario.days} days after {scenario.warm_up} of warm-up, {what_if.replications} replications, "
        f"seed {choice.seed}. Costs are those of a year. {html.escape(interval_words(()))}</p>",
        *_warnings(found), "<h2>What each policy gives, and what it costs</h2>", _of_cards(found),
    ]  # fmt: skip
    if pinned is not None and before is not None:
        body += _beside(what_if, pinned, before, comparison, choice.seed)
    body += [*_figures(figures), *cost_in_parts(comparison.table("chain")), *assumptions(report)]
    commands = [what_if.command(choice), *([] if pinned is None else [f"# A\n{what_if.command(pinned)}"])]
    body += [*the_same_again(commands, versions()), *settings_whole(_yaml(plain(settings))), *report_whole(report)]
    return document(f"{title}: {in_words(what_if.offer, choice)}", body)


def _warnings(found: Sequence[Card]) -> Iterator[str]:
    for card in found:
        if card.warning:
            yield f"<p><b>No steady state of {html.escape(card.policy)}: {html.escape(card.warning)}.</b></p>"


def _of_cards(found: Sequence[Card]) -> str:
    """Figures down, policies across; costs are those of a year."""
    names = [name for name, _ in found[0].figures]
    rows = [[name, *(card.figures[k][1] for card in found)] for k, name in enumerate(names)]
    return table(["measure", *(card.policy for card in found)], rows)


def _beside(
    what_if: WhatIf, pinned: Choice, before: Comparison, comparison: Comparison, seed: int
) -> Iterator[str]:  # fmt: skip
    """The present choice, B, less the pinned one, A."""
    about = f"A: {in_words(what_if.offer, pinned)}, seed {pinned.seed}. "
    about += "Paired: both met the same draws" if pinned.seed == seed else "Not of the same seed"
    yield f"<h2>B, as above, less A</h2><p class=note>{html.escape(about)}; Holm's correction for the number of "
    yield "policies.</p>"
    yield table(["policy", "measure", "A", "B", "B less A", "verdict"], differences(before, comparison))


def _figures(figures: Sequence[tuple[str, str]]) -> Iterator[str]:
    for k, (title, below) in enumerate(figures):
        yield f'<h2>{html.escape(title)}</h2><figure><img alt="{html.escape(title)}" src="{PICTURE}{k}">'
        yield f"<figcaption class=note>{html.escape(below)}</figcaption></figure>"


def _yaml(settings: object) -> str:
    import yaml

    return str(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True, width=110))
