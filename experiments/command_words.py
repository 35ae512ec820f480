"""The words of a command line before Hydra reads them: short forms written out, flags first, gaps filled in."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

from restock.experiments.dotted import own_folders
from restock.sim.errors import InputError

GROUPS = ("scenario", "policy", "executor", "search", "experiment", "profile")


def resumed(words: list[str]) -> list[str]:
    """`resume=FOLDER` is Hydra's sweep folder by a name that says what it is for."""
    out = []
    for word in words:
        if word.startswith("resume="):
            folder = word.split("=", 1)[1]
            if not os.path.isdir(folder):
                raise InputError(f"resume: there is no folder '{folder}'")
            if "-m" not in words and "--multirun" not in words:
                raise InputError("resume=FOLDER goes with -m and the settings of the sweep that was begun there")
            word = f"hydra.sweep.dir='{folder}'"
        out.append(word)
    return out


def none_chosen(words: list[str]) -> list[str]:
    """What GROUP=null means: no experiment, no search; of the others, one must be chosen.

    >>> none_chosen(["seed=1", "search=null", "experiment=null"])
    ['seed=1', 'search=none']
    """
    out = []
    for word in words:
        name, _, value = word.partition("=")
        if name in GROUPS and value in ("null", ""):
            if name not in ("search", "experiment", "profile"):
                raise InputError(f"{word}: one {name} must be chosen; restock list names them")
            word = "search=none" if name == "search" else ""
        elif name in GROUPS and (
            wrong := [each for each in value.strip("[]").split(",") if each and not may_be_name(each)]
        ):
            raise InputError(f"{name} must be chosen by a name, got {wrong[0].strip()}; restock list has the names")
        out.append(word)
    return [word for word in out if word]


def may_be_name(text: str) -> bool:
    """Whether Hydra would read the text as one: not a number, a truth value or a mapping.

    >>> [may_be_name(text) for text in ("buffer", "my_rules.CoverDays", "1e9", "true", "{a: 1}", "[]")]
    [True, True, False, False, False, False]
    """
    text = text.strip().lower()
    return bool(text) and not re.match(r"[-+.]?\d|[-+]?(nan|inf)$|(true|false|null)$|[{}\[:]", text)


def with_search(words: list[str]) -> list[str]:
    """The search spaces that come with the policies named, where there are any and no other is named.

    >>> with_search(["policy=buffer"]), with_search(["policy=[buffer,levels,abc_tiered]"])[1:]
    (['policy=buffer', 'search=buffer'], ['search=[buffer,abc_tiered]'])
    """
    named = [word.split("=", 1)[1].strip("[]") for word in words if word.startswith("policy=")]
    if not named or any(word.startswith("search=") for word in words):
        return words
    from importlib.resources import files

    places = [files("restock.conf"), *own_folders(words)]
    policies = [name.strip() for name in named[-1].split(",")]
    found = [
        name
        for name in policies
        if any(place.joinpath("search", f"{name}.yaml").is_file() for place in places)  # type: ignore[attr-defined]
    ]
    return [*words, f"search=[{','.join(found)}]" if len(found) > 1 else f"search={found[0] if found else 'none'}"]


def chosen(group: str, words: Sequence[str]) -> str:
    """What is chosen of a group, '' where nothing is.

    >>> chosen("scenario", ["seed=1", "scenario=one_store"])
    'one_store'
    """
    return next((word.partition("=")[2] for word in reversed(words) if word.partition("=")[0] == group), "")


def read_value(name: str, text: str) -> Any:
    """The value of name=text, where no Hydra reads it.

    >>> read_value("customers", "[4, 8]")
    [4, 8]
    """
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        raise InputError(f"{name}: cannot read the value '{text}'") from None


def with_answers_asked(words: list[str], command: str) -> list[str]:
    """The words, with answers to the questions of a profile; only restock advise asks, where somebody is there."""
    if not any(word.lstrip("+").startswith("profile") for word in words):
        return words
    from restock.experiments.advice.profiles import at_terminal, with_answers

    return with_answers(words, own_folders(words), at_terminal() if command == "advise" else None)


def prices_added(words: list[str]) -> list[str]:
    """Prices are entries of a mapping with keys of the user's: Hydra adds them with plus signs.

    >>> prices_added(["advise.prices.no_lag=5000", "seed=1"])
    ['++advise.prices.no_lag=5000', 'seed=1']
    """
    return [f"++{word}" if word.startswith("advise.prices.") else word for word in words]


def flags_first(words: list[str]) -> list[str]:
    """Flags before settings: Hydra's parser takes settings only where they stand together.

    >>> flags_first(["seed=1", "-m", "--config-dir", "mine", "days=7"])
    ['-m', '--config-dir', 'mine', 'seed=1', 'days=7']
    """
    settings = [word for word in words if "=" in word and not word.startswith("-")]
    return [word for word in words if word not in settings] + settings


def one_choice(word: str) -> str:
    """A choice of a sweep as one that can be composed: all its policies side by side, of anything else the first.

    >>> one_choice("policy=buffer,base_stock"), one_choice("scenario=grocery,one_store")
    ('policy=[buffer,base_stock]', 'scenario=grocery')
    """
    name, _, value = word.partition("=")
    if "," not in value or value.startswith("["):
        return word
    return f"policy=[{value}]" if name == "policy" else f"{name}={value.split(',')[0]}"
