"""The command: what it takes, and what it says where it cannot serve."""

import socket
import subprocess
import sys

import pytest

from restock.experiments.cli import main
from restock.experiments.workshop import command
from restock.experiments.workshop.page_moderator import _qr, dots
from restock.experiments.workshop.room import Asked, Truth
from restock.experiments.workshop.serving import Workshop, bound


@pytest.mark.parametrize(
    "words, said",
    [
        (["--port", "70000"], "--port must be a whole number from 0 to 65535, got '70000'"),
        (["--asleep", "5"], "--asleep must be whole seconds from 6 to 3600, got '5'"),
        (["--asleep"], "--asleep must be whole seconds from 6 to 3600, got ''"),
        (["--port"], "--port must be a whole number from 0 to 65535, got ''"),
        (["boutique"], "settings are name=value, got 'boutique'"),
        (
            ["scenario=nowhere", "--port", "0"],
            "scenario 'nowhere' is unknown; choose from: beer_game, boutique, export, folder",
        ),
        (["seed=x", "--port", "0"], "seed must be a whole number, got 'x'"),
        (["-m", "--port", "0"], "restock workshop shows one scenario: it goes without -m"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(words, said, capsys):
    assert main(["workshop", *words]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"restock: {said}") and error.count("\n") == 1


def test_a_port_that_is_taken_is_said(capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["workshop", "--port", str(port)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"restock: port {port} cannot be had (") and said.endswith("); try --port 0\n")


def test_without_the_extra_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "nicegui" else name)
    assert main(["workshop"]) == 2
    assert capsys.readouterr().err == "restock: restock workshop needs an optional package: pip install 'restock[ui]'\n"


def test_help_is_quick_and_loads_no_page(capsys):
    assert main(["workshop", "--help"]) == 0
    assert capsys.readouterr().out == command.USAGE
    code = "import sys; from restock.experiments.cli import main; main(['workshop', '--help']); " \
           "print(sorted({'nicegui', 'numba', 'pandas', 'hydra'} & set(sys.modules)))"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


class Shop:
    """As much of a what-if as the terminal's lines are made from."""

    class scenario:
        name = "shop"

    class offer:
        class start:
            seed = 3


def test_phones_are_let_in_by_lan_only():
    alone, lan = Workshop(Shop(), 8765), Workshop(Shop(), 8765, "192.168.1.5")
    assert alone.hosts == ("127.0.0.1", "localhost", "[::1]") and alone.join_at == ""
    assert len(alone.lines()) == 4 and not any(alone.room.code in line for line in alone.lines())
    assert lan.hosts[-1] == "192.168.1.5"
    assert lan.lines()[-1] == f"phones:     http://192.168.1.5:8765/room with the code {lan.room.code}"
    assert lan.room.key not in lan.lines()[-1]
    with bound("127.0.0.1", 0) as taken:
        assert taken.getsockname()[0] == "127.0.0.1"


def test_dots_are_stacked_and_the_truth_is_a_line():
    options = dots(Asked("?", 0, 100, 0.5, "%"), [50, 50.5, 100, 0], Truth(98.6, 98, 99, "98.60"))
    (series,) = options["series"]
    assert series["data"] == [[1.25, 1], [51.25, 1], [51.25, 2], [98.75, 1]]
    assert series["markLine"]["data"] == [{"xAxis": 98.6}]
    assert "markLine" not in dots(Asked("?", 0, 1, 0.1), [], None)["series"][0]


def test_the_code_for_phones_is_within_the_page():
    assert _qr("http://192.168.1.5:8765/room?code=ABCDEF").startswith("data:image/png;base64,iVBOR")
