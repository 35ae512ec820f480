"""`python -m restock.experiments.site.building OUT` (`make docs`): writes the pages, builds the site, checks its links.

The site is plain files: it opens from a folder, and fetches nothing from elsewhere.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from html.parser import HTMLParser
from pathlib import Path

from restock.experiments.lessons.answers import answered
from restock.experiments.lessons.lesson_file import lesson_names, read_lesson
from restock.experiments.lessons.page import lesson_page
from restock.experiments.site.contents import CONTENTS, listed
from restock.experiments.site.reference import reference_pages
from restock.sim.errors import InputError, require

DOCS = Path(__file__).resolve().parents[2] / "docs"
SETTINGS = """\
[project]
site_name = "restock"
site_description = "Retail supply chain simulator: two engines, one path"
docs_dir = "pages"
site_dir = "site"
use_directory_urls = false
nav = [
{nav}
]

[project.theme]
language = "en"
font = false
features = ["content.code.copy", "navigation.sections", "navigation.top", "search.highlight"]

[[project.theme.palette]]
media = "(prefers-color-scheme)"
toggle.icon = "lucide/sun-moon"
toggle.name = "Switch to light mode"

[[project.theme.palette]]
media = "(prefers-color-scheme: light)"
scheme = "default"
toggle.icon = "lucide/sun"
toggle.name = "Switch to dark mode"

[[project.theme.palette]]
media = "(prefers-color-scheme: dark)"
scheme = "slate"
toggle.icon = "lucide/moon"
toggle.name = "Switch to system preference"

[project.markdown_extensions]
tables = {{}}
toc.permalink = true
"""


def build(out: Path, lessons: Sequence[str], replications: int | None = None) -> list[str]:
    """Build the site into a folder that holds nothing yet; returns its broken links and what it would fetch.

    Parameters
    ----------
    lessons : sequence of str
        Lessons whose pages are made, each by running it.
    replications : int or None
        Of each of them; None: as their claims say.
    """
    require(not out.exists() or not any(out.iterdir()), f"'{out}' holds something already; name another folder")
    with tempfile.TemporaryDirectory() as place:
        source = Path(place)
        write_sources(source, lessons, replications)
        try:
            done = subprocess.run([sys.executable, "-m", "zensical", "build", "--clean"], cwd=source,
                                  capture_output=True, text=True)  # fmt: skip
        except OSError as error:
            raise InputError(f"the site cannot be built: {error}") from None
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise InputError(f"the site cannot be built: {' '.join(last)}; it needs the extra docs (restock[docs])")
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source / "site", out, dirs_exist_ok=True)
    return faults(out)


def write_sources(folder: Path, lessons: Sequence[str], replications: int | None = None) -> None:
    """Pages and settings as the generator reads them."""
    pages = folder / "pages"
    shutil.copytree(DOCS, pages)
    lacking = sorted({str(path.relative_to(pages)) for path in pages.rglob("*.md")} - set(listed()))
    require(not lacking, f"pages without a place in experiments/site/contents.py: {', '.join(lacking)}")
    for name, text in reference_pages().items():
        (pages / name).write_text(text, encoding="utf-8")
    shutil.copy(pages / "start.md", pages / "index.md")
    (pages / "lessons").mkdir()
    for name in lessons:
        lesson = read_lesson(name)
        settings = [] if lesson.game or replications is None else [f"replications={replications}"]
        text = lesson_page(answered(lesson, settings))
        (pages / "lessons" / f"{name}.html").write_text(text, encoding="utf-8")
    listing = "\n".join(f"- [{read_lesson(name).title}](lessons/{name}.html)" for name in lessons)
    if listing:
        with (pages / "lessons.md").open("a", encoding="utf-8") as page:
            page.write(f"\n## Take one here\nEach opens by itself, without a server, too.\n\n{listing}\n")
    (folder / "zensical.toml").write_text(SETTINGS.format(nav="\n".join(_nav())), encoding="utf-8")


def _nav() -> Iterable[str]:
    for heading, pages in CONTENTS.items():
        inside = ", ".join(f'{{ "{title}" = "{page}" }}' for title, page in pages.items())
        yield f'  {{ "{heading}" = [{inside}] }},'


class _Links(HTMLParser):
    """Links, what is loaded, and places that a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attributes}
        if "id" in of:
            self.places.add(of["id"])
        if tag == "a" and "href" in of:
            self.links.append(of["href"])
        if tag in ("script", "img", "iframe", "source") and of.get("src"):
            self.loaded.append(of["src"])
        if tag == "link" and of.get("rel") in ("stylesheet", "icon", "preconnect") and of.get("href"):
            self.loaded.append(of["href"])


def faults(site: Path) -> list[str]:
    """Links of the site that lead nowhere, and what its pages would load from elsewhere."""
    read: dict[Path, _Links] = {}
    for path in site.rglob("*.html"):
        page = read[path.resolve()] = _Links()
        page.feed(path.read_text(encoding="utf-8"))
    found = []
    for path, page in read.items():
        if path.name == "404.html":  # its links begin at the root of a server
            continue
        name = path.relative_to(site.resolve())
        for link in [*page.links, *page.loaded]:
            if re.match(r"(mailto:|data:|javascript:)", link):
                continue
            if re.match(r"(https?:)?//", link):
                found += [f"{name}: loads {link}"] * (link in page.loaded)
                continue
            target, _, place = link.partition("#")
            there = (path.parent / target.partition("?")[0]).resolve() if target else path
            there = there / "index.html" if there.is_dir() else there
            lost = not there.exists() or (bool(place) and there in read and place not in read[there].places)
            found += [f"{name}: {link} leads nowhere"] * lost
    return sorted(set(found))


def main(words: Sequence[str]) -> int:
    """Build with every lesson; exit code 1 where a link is broken."""
    out = Path(words[0] if words else "site")
    wrong = build(out, lesson_names())
    print("\n".join(wrong) if wrong else f"Written to {out}: {len(list(out.rglob('*.html')))} pages, no broken link")
    return int(bool(wrong))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except InputError as error:
        print(f"restock: {error}", file=sys.stderr)
        sys.exit(2)
