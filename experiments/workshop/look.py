"""How the pages look, and the little that runs in a browser: it fetches nothing and reckons nothing."""

from __future__ import annotations

from importlib.resources import files


def _read(name: str) -> str:
    return files("restock.experiments.workshop").joinpath(name).read_text(encoding="utf-8")


HEAD = f"<style>\n{_read('page.css')}</style>\n<script>\n{_read('page.js')}</script>"
"""What every page has in its head."""
