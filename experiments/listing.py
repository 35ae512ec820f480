"""restock list: what there is to run, by the first words of each file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

GROUPS = {
    "scenario": "restock compare scenario=NAME",
    "policy": "restock run policy=NAME, restock compare policy=[NAME,NAME]; settings are policy.NAME.SETTING=...",
    "executor": "restock compare executor=NAME, which changes no number",
    "search": "restock optimize policy=NAME searches these settings of it, search=NAME another set",
    "experiment": "restock compare experiment=NAME",
    "improvement": "restock advise tries them all; restock advise advise.improvements=[NAME,NAME]",
    "profile": "restock advise profile=NAME, where there are no data yet",
    "claim": "restock claim NAME; restock claims runs all of them",
    "lesson": "restock lesson NAME; restock lesson lists them in the order in which they are taught",
}


def files_of(group: str, own: Iterable[Path] = ()) -> dict[str, Path]:
    """Name -> file of a group; one of a folder of the user's own takes the place of one of the same name.

    >>> sorted(files_of("profile"))[:2]
    ['chain', 'fashion']
    """
    places = [Path(str(files("restock.conf"))), *own]
    return {path.stem: path for place in places for path in sorted((place / group).glob("*.yaml"))}


def described(group: str) -> dict[str, str]:
    """Name -> first line of comment of each file of a group."""
    out = {}
    for name, file in files_of(group).items():
        comments = [line[1:].strip() for line in file.read_text(encoding="utf-8").splitlines() if line[:1] == "#"]
        out[name] = next((line for line in comments if not line.startswith("@")), "")
    return out


def how_to_run(name: str) -> str:
    """The command that an experiment's file gives in its second line."""
    lines = files("restock.conf").joinpath("experiment", f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    return next((line[1:].strip() for line in lines if line.startswith("# restock ")), "")


def print_list(words: Sequence[str] = ()) -> int:
    """Print scenarios, policies, executors, search spaces, experiments, claims and lessons."""
    for group, usage in GROUPS.items():
        print(f"{group}: {usage}")
        for name, words in described(group).items():
            print(f"  {name:<30} {words}")
            if group == "experiment":
                print(f"  {'':<30} {how_to_run(name)}")
        print()
    return 0
