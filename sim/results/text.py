"""Tables as text, and words as they begin a line."""

from __future__ import annotations


def aligned(rows: list[list[str]], left: tuple[int, ...] = (0,)) -> list[str]:
    """Rows of a table as lines, columns to the right but for those of `left`.

    >>> aligned([["policy", "cost"], ["lean", "9"]])
    ['policy  cost', 'lean       9']
    """
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) if k in left else cell.rjust(width)
                  for k, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]  # fmt: skip


def capital_first(words: str) -> str:
    """Words with which a line begins; the rest stays as it is written.

    >>> capital_first("lead times of A and B"), capital_first("")
    ('Lead times of A and B', '')
    """
    return words[:1].upper() + words[1:]
