"""Policies by a dotted path (`my_rules.CoverDays`): on the command line, and in the defaults of configuration files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

CHOICES = ("experiment", "claim", "scenario", "policy", "search")  # groups whose files may choose policies


def dotted_policies(words: Sequence[str]) -> list[str]:
    """Classes named in policy=..., such as my_rules.CoverDays.

    >>> dotted_policies(["policy=[buffer,my_rules.CoverDays]", "days=7"])
    ['my_rules.CoverDays']
    """
    return [name for group, name in _chosen(words) if group == "policy" and "." in name]


def dotted_in_files(words: Sequence[str], folders: Sequence[Path]) -> list[str]:
    """Classes named in the defaults of the files that the words choose, in folders of the user's own."""
    waiting, read, found = list(_chosen(words)), set(), []
    while waiting:
        group, name = waiting.pop()
        for folder in folders:
            path = folder / group / f"{name}.yaml"
            if path in read or not path.is_file():
                continue
            read.add(path)
            for chosen_group, chosen in _defaults(path, group):
                if chosen_group == "policy" and "." in chosen:
                    found.append(chosen)
                else:
                    waiting.append((chosen_group, chosen))
    return list(dict.fromkeys(found))


def own_folders(words: Sequence[str]) -> list[Path]:
    """The configuration folders that the words name.

    >>> [str(folder) for folder in own_folders(["--config-dir", "mine", "seed=1"])]
    ['mine']
    """
    after = [words[k + 1] for k, word in enumerate(words[:-1]) if word in ("--config-dir", "-cd")]
    joined = [word.partition("=")[2] for word in words if word.startswith("--config-dir=")]
    return [Path(folder) for folder in [*after, *joined]]


def _chosen(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Group and name of every choice among the words; a sweep has several."""
    for word in words:
        group, _, value = word.lstrip("+").partition("=")
        group = group.partition("@")[0]
        if group in CHOICES:
            yield from ((group, name.strip(" []'\"")) for name in value.split(","))


def _defaults(path: Path, group: str) -> Iterator[tuple[str, str]]:
    """Group and name of every entry of a file's list of defaults."""
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return  # whoever composes it says what is wrong with it
    entries: Any = content.get("defaults") if isinstance(content, dict) else None
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, str):
            yield group, entry
        elif isinstance(entry, dict):
            for key, value in entry.items():
                chosen_group = str(key).split()[-1].lstrip("/").partition("@")[0]
                names = value if isinstance(value, list) else [value]
                yield from ((chosen_group, str(name)) for name in names if name is not None)
