"""Parts of pages that open from a file: the document, tables, pictures inside it, and how a run is done again."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from restock.experiments.assumed_words import ASSUMED

STYLE = """
:root { color-scheme: light; } * { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff; margin: 0 auto; max-width: 70rem;
  padding: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { font-size: 1.2rem; margin-top: 2.5rem; border-bottom: 1px solid #ccc; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap; }
th { border-bottom: 2px solid #888; } th:first-child, td:first-child { text-align: left; }
img { max-width: 100%; height: auto; } figure { margin: 1.5rem 0; }
pre { overflow-x: auto; background: #f5f5f5; padding: .8rem; font-size: .8rem; } code { background: #f5f5f5; }
summary { cursor: pointer; padding: .5rem 0; } .note { color: #555; }
@media print { body { max-width: none; font-size: 10pt; padding: 0; } figure, table { break-inside: avoid; }
  pre { white-space: pre-wrap; } .wide { overflow: visible; } }
"""


def document(title: str, body: Iterable[str]) -> str:
    """Parts of HTML as a page that opens from a file.

    >>> document("A & B", ["<h1>A</h1>"]).partition("<style>")[0].partition("<title>")[2]
    'A &amp; B</title>'
    """
    head = f"<title>{html.escape(title)}</title><style>{STYLE}</style>"
    wide = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    return (f'<!doctype html><html lang="en"><head><meta charset="utf-8">{wide}{head}</head>'
            f"<body><main>{''.join(body)}</main></body></html>\n")  # fmt: skip


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table that can be scrolled sideways where the page is narrow.

    >>> table(["a"], [["<b>"]]).count("&lt;b&gt;")
    1
    """
    cells = "".join(f"<tr>{''.join(f'<td>{html.escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    names = "".join(f"<th scope=col>{html.escape(name)}</th>" for name in head)
    return f'<div class="wide" tabindex="0"><table><thead><tr>{names}</tr></thead><tbody>{cells}</tbody></table></div>'


def png_source(picture: bytes) -> str:
    """A picture as the source of an image, inside the page.

    >>> png_source(b"png")
    'data:image/png;base64,cG5n'
    """
    return "data:image/png;base64," + base64.b64encode(picture).decode("ascii")


def assumptions(report: str) -> Iterator[str]:
    """What nobody gave, as the report says it.

    >>> list(assumptions(f"{ASSUMED}\\n- a rate"))
    ['<h2>Assumed, not known</h2><ul>', '<li>a rate</li>', '</ul>']
    """
    lines = report.partition(ASSUMED)[2].splitlines()
    said = [line[2:] for line in lines if line.startswith("- ")]
    if said:
        yield "<h2>Assumed, not known</h2><ul>"
        yield "".join(f"<li>{html.escape(line)}</li>" for line in said)
        yield "</ul>"


def the_same_again(commands: Sequence[str], versions: Mapping[str, Any]) -> Iterator[str]:
    """Commands that give the same figures, and what they were made with.

    >>> list(the_same_again(["restock compare seed=1"], {"restock": "1.0"}))[0]
    '<h2>The same again</h2><pre tabindex=0>restock compare seed=1</pre><p class=note>Made with restock 1.0.</p>'
    """
    made = ", ".join(f"{name} {number}" for name, number in versions.items())
    said = html.escape("\n".join(commands))
    yield f"<h2>The same again</h2><pre tabindex=0>{said}</pre><p class=note>Made with {html.escape(made)}.</p>"


def settings_whole(text: str) -> Iterator[str]:
    """The resolved settings of a run, as config.yaml has them.

    >>> list(settings_whole("days: 7"))
    ['<details><summary>All settings, as resolved</summary><pre tabindex=0>days: 7</pre></details>']
    """
    if text:
        yield _folded("All settings, as resolved", text)


def report_whole(report: str) -> Iterator[str]:
    """What a command printed.

    >>> list(report_whole(""))
    []
    """
    if report:
        yield _folded("The report as it was printed", report)


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary><pre tabindex=0>{html.escape(text)}</pre></details>"
