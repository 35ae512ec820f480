"""The page that is handed out: the report in it is the command's, and no word of it is HTML."""

import html
import re
import shlex
from pathlib import Path

from restock.experiments.cli import main
from restock.experiments.workshop.hand_out import PICTURE, hand_out
from restock.experiments.workshop.what_if import WhatIf

WORDS = ["scenario=boutique", "replications=9", "days=28", "policy=[buffer,base_stock]"]


def test_the_report_is_what_the_command_prints(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    what_if = WhatIf(WORDS)
    choice = what_if.offer.moved(what_if.offer.start, "costs.carrying_rate", "0.3")
    page = hand_out(what_if, choice, what_if.whole(choice))
    assert main([*shlex.split(what_if.command(choice))[1:], "figures=false"]) == 0
    printed = capsys.readouterr().out
    report = html.unescape(re.search("as it was printed</summary><pre tabindex=0>(.*?)</pre>", page, re.DOTALL)[1])
    (folder,) = Path("runs").glob("*/*")
    assert report == (folder / "report.txt").read_text(encoding="utf-8").rstrip("\n")
    assert report.splitlines()[0] in printed
    settings = html.unescape(re.search("as resolved</summary><pre tabindex=0>(.*?)</pre>", page, re.DOTALL)[1])
    written = (folder / "config.yaml").read_text(encoding="utf-8")
    apart = [line for line in settings.splitlines() if line not in written.splitlines()]
    assert apart == [] or {line.split(":")[0].strip() for line in apart} <= {"figures", "fill_rates"}


def test_nothing_is_fetched_and_no_word_is_html():
    what_if = WhatIf(["scenario=one_store", "policy=buffer", "replications=2", "days=28", "warm_up=0"])
    start = what_if.offer.start
    page = hand_out(what_if, start, what_if.whole(start), [("<b>Stock</b>", "a & b")], start, what_if.whole(start))
    assert "<b>Stock</b>" not in page and "&lt;b&gt;Stock&lt;/b&gt;" in page
    assert page.count(f'src="{PICTURE}0"') == 1
    assert not re.search(r"(src|href)=\"(?!picture:)", page) and "<script" not in page
