"""A lesson as one page that opens from a file: a guess, the answer, and every figure of its claim to look through.

All that the page shows was computed when it was written; nothing is fetched.
"""

from __future__ import annotations

import html
import io
import json
import math
from importlib.resources import files
from typing import Any

from restock.experiments.html_parts import STYLE, png_source
from restock.experiments.lessons.answers import Answered
from restock.sim.figures.style import in_words
from restock.sim.measures.measures import MEASURES

OWN_STYLE = """
[hidden] { display: none; } fieldset { border: 0; padding: 0; margin: 1rem 0; } legend { font-weight: 600; padding: 0; }
label { display: block; padding: .4rem 0; } input[type=range] { width: 100%; max-width: 40rem; height: 2rem; }
input[type=number] { font: inherit; width: 8rem; padding: .3rem; }
select { font: inherit; padding: .3rem; max-width: 100%; }
button { font: inherit; padding: .6rem 1.4rem; border: 2px solid #1b1b1b; background: #1b1b1b; color: #fff; }
:focus-visible { outline: 3px solid #0072B2; outline-offset: 2px; } .said { font-size: 1.3rem; }
svg { max-width: 100%; height: auto; } #chart { width: 100%; max-width: 44rem; }
#legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; }
"""


def lesson_page(found: Answered) -> str:
    """The page, as HTML."""
    lesson = found.lesson
    data = page_data(found)
    said = json.dumps(data, allow_nan=False).replace("<", "\\u003c")
    script = files("restock.experiments.lessons").joinpath("page.js").read_text(encoding="utf-8")
    body = [
        f"<h1>{html.escape(lesson.title)}</h1><p>{html.escape(lesson.tells)}</p>",
        f"<form id=form><fieldset><legend>{html.escape(lesson.ask)}</legend>{_asked(found)}</fieldset>",
        "<button>Show the answer</button></form>",
        f'<section id=answer aria-live=polite hidden><h2 tabindex=-1>Answer</h2><p class=said>{_answer(found)}</p>',
        "<p id=verdict></p>", _explorable(found), _game(found),
        f"<h2>Why</h2><p>{html.escape(lesson.why)}</p><p><b>Formula.</b> {html.escape(lesson.formula)}</p>",
        f"<p class=note>{html.escape(lesson.source)}</p>",
        "<h2>Go on</h2><pre>" + html.escape("\n".join(lesson.next)) + "</pre>", _evidence(found), "</section>",
    ]  # fmt: skip
    head = f"<title>{html.escape(lesson.title)}</title><style>{STYLE}{OWN_STYLE}</style>"
    wide = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    scripts = f'<script type="application/json" id="data">{said}</script><script>{script}</script>'
    return (f'<!doctype html><html lang="en"><head><meta charset="utf-8">{wide}{head}</head>'
            f'<body><main>{"".join(body)}</main>{scripts}</body></html>\n')  # fmt: skip


def page_data(found: Answered) -> dict[str, Any]:
    """What the page's script reads: the answer, and the figures of every arm, measure and place of the axis."""
    lesson = found.lesson
    number = not lesson.choices
    data: dict[str, Any] = {
        "choices": list(lesson.choices), "choice": found.choice, "value": found.value if number else 0.0,
        "low": found.low if number else 0.0, "high": found.high if number else 0.0,
        "near": lesson.guess.near if lesson.guess else 0.0, "arms": [], "xs": [], "axis": "", "measures": [],
        "figures": [],
    }  # fmt: skip
    if found.claim is None:
        return data
    from restock.experiments.claim_words import measure_in_words

    claim = found.claim.claim
    data |= {"arms": [in_words(arm) for arm in claim.arms], "axis": claim.axis,
             "xs": ["" if x is None else f"{x}" for x in claim.xs],
             "measures": [{"name": name, "words": measure_in_words(name)} for name in claim.measures]}  # fmt: skip
    for arm in claim.arms:
        for k, x in enumerate(claim.xs):
            for measure in claim.measures:
                figure = found.claim.figures.of(measure, arm, x)
                if figure is None or not math.isfinite(figure.value):
                    continue
                interval, factor = figure.interval(), 100.0 if MEASURES[measure].unit == "share" else 1.0
                low, high = (float(end) if math.isfinite(float(end)) else figure.value
                             for end in (interval.low, interval.high))  # fmt: skip
                data["figures"].append({"arm": in_words(arm), "x": k, "measure": measure, "low": factor * low,
                                        "estimate": factor * float(figure.value), "high": factor * high})  # fmt: skip
    return data


def _asked(found: Answered) -> str:
    """The control to guess with."""
    lesson = found.lesson
    if lesson.choices:
        return "".join(f'<label><input type=radio name=choice value="{html.escape(name)}"> {html.escape(words)}</label>'
                       for name, words in lesson.choices.items())  # fmt: skip
    assert lesson.guess is not None
    bounds = f"min={lesson.guess.low:g} max={lesson.guess.high:g} step={lesson.guess.step:g}"
    return (f"<label>Your guess <input type=number id=guess {bounds} inputmode=decimal></label>"
            f'<input type=range id=slide {bounds} aria-label="Your guess">')  # fmt: skip


def _answer(found: Answered) -> str:
    if found.lesson.choices and not found.choice:
        return "So few replications do not tell the choices apart."
    return html.escape(found.words)


def _explorable(found: Answered) -> str:
    """Every figure of the claim, to look through."""
    if found.claim is None:
        return ""
    claim = found.claim.claim
    slider = ""
    if len(claim.xs) > 1:
        slider = (f"<label>{html.escape(claim.axis)} <input type=range id=x min=0 max={len(claim.xs) - 1} step=1 "
                  "value=0></label>")  # fmt: skip
    return (f"<h2>Look around</h2><label>Show <select id=measure></select></label>{slider}"
            '<p id=reading role=status></p><svg id=chart viewBox="0 0 560 320" role=img '
            'aria-labelledby=reading></svg><ul id=legend></ul>')  # fmt: skip


def _game(found: Answered) -> str:
    """The picture of a played game."""
    if found.game is None:
        return ""
    from restock.sim.figures.beer_game import debrief
    from restock.sim.study.beer_game.board import classic_table
    from restock.sim.study.beer_game.chain import STAGES

    file = io.BytesIO()
    debrief(classic_table(found.game.weeks), STAGES, f"The chain spent {found.value:,.0f}").savefig(file)
    words = "Orders and stock of each stage by week: swings grow from stage to stage"
    return f'<figure><img alt="{words}" src="{png_source(file.getvalue())}"></figure>'


def _evidence(found: Answered) -> str:
    """The claim, its verdict and its checks, with the settings that give them again."""
    if found.claim is None:
        return ""
    from restock.experiments.claim_words import check_lines

    claim = found.claim.claim
    checks = "".join(f"<li>{html.escape(line)}</li>" for line in check_lines(found.claim))
    again = " ".join(["restock claim", claim.name, *found.claim.overrides])
    run = f"{found.claim.base.replications} replications, seed {found.claim.base.seed}"
    return (f"<h2>The claim behind it: {html.escape(found.claim.word)}</h2><p>{html.escape(claim.says)} Held equal: "
            f"{html.escape(claim.equal)}</p><ul>{checks}</ul><p class=note>{run}; intervals of the checks hold all at "
            f"once with 95%, those of the figures one by one. <code>{html.escape(again)}</code></p>")  # fmt: skip
