"""What a calibration says about itself: read, fitted, not fitted, dropped, assumed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SECTIONS = ("read", "fitted", "not fitted", "not simulated", "dropped", "assumed")


@dataclass
class Report:
    """Lines under headings (read, fitted, not fitted, dropped, assumed), and the figures behind them."""

    sections: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in SECTIONS})
    figures: dict[str, Any] = field(default_factory=dict)

    def add(self, section: str, line: str, count: float = 1) -> None:
        """Add a line unless it reports nothing."""
        if count:
            self.sections[section].append(line)

    def with_assumed(self, lines: list[str]) -> Report:
        """The same, with more that is assumed: what nothing calibrated and the scenario takes by default."""
        return Report(self.sections | {"assumed": [*self.sections["assumed"], *lines]}, self.figures)

    def lines(self) -> list[str]:
        out = []
        for name, lines in self.sections.items():
            out += [f"{name}:"] + [f"  - {line}" for line in lines or ["nothing"]]
        return out

    def __str__(self) -> str:
        return "\n".join(self.lines())
