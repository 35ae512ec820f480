"""restock list: what there is to run, by the first words of each file."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

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


def described(group: str) -> dict[str, str]:
    """Name -> first line of comment of each file of a group."""
    out = {}
    for file in sorted(files("restock.conf").joinpath(group).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            comments = [line[1:].strip() for line in file.read_text(encoding="utf-8").splitlines() if line[:1] == "#"]
            out[file.name[: -len(".yaml")]] = next((line for line in comments if not line.startswith("@")), "")
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
