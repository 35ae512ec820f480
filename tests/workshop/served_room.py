"""Which workshop the tests serve, and where."""

from dataclasses import dataclass
from pathlib import Path

WORDS = ("scenario=one_store", "days=84", "warm_up=28", "replications=24")


@dataclass
class Served:
    """Where a workshop is served, and what it has said."""

    url: str
    key: str
    log: Path
    pid: int

    def said(self):
        return self.log.read_text(encoding="utf-8")
