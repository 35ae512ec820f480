"""YAML files of a user's: read with no key given twice, and complaints that name the file and the line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from restock.sim.errors import InputError


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key given twice is refused, and 1e3 is a number, as it is on the command line."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = (key_node.tag, key_node.value) if isinstance(key_node, yaml.ScalarNode) else None
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"'{key_node.value}' is given twice", key_node.start_mark
                )
            seen |= {key} - {None}
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)[eE][-+]?\d+$"), list("-+.0123456789")
)


def read_yaml(path: Path) -> dict[str, Any]:
    """The settings that a file holds; empty where it holds nothing.

    Raises InputError, with file and line, for what is no YAML, holds no settings, or gives a key twice.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "shop.yaml"
    ...     _ = path.write_text("days: 28")
    ...     read_yaml(path)
    {'days': 28}
    """
    try:
        found = yaml.load(read_text(path), _Loader)
    except yaml.YAMLError as error:
        raise InputError(complaint(error, str(path))) from None
    except ValueError as error:  # such as the 31st of February
        raise InputError(f"{path} cannot be read: {error}") from None
    found = {} if found is None else found
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise InputError(f"{path} must hold settings, name: value, one a line")
    return found


def read_text(path: Path) -> str:
    """The text of a file, which must be UTF-8."""
    return as_text(path.read_bytes(), path)


def as_text(data: bytes, path: Path) -> str:
    """Bytes as text; what is not UTF-8 is refused with its line.

    >>> as_text("crème".encode(), Path("items.csv"))
    'crème'
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path} line {line} is not UTF-8 text (byte 0x{data[error.start]:02x}); save it as UTF-8 (CSV UTF-8)"
        ) from None


def complaint(error: yaml.YAMLError, file: str = "") -> str:
    """What is wrong with a YAML text, where.

    >>> try:
    ...     yaml.safe_load("days: [1, 2")
    ... except yaml.YAMLError as error:
    ...     print(complaint(error, "my.yaml"))
    my.yaml line 1 cannot be read as YAML: expected ',' or ']', but got '<stream end>' (while parsing a flow sequence)
    """
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = getattr(error, "problem", None) or " ".join(str(error).split())
    context = getattr(error, "context", None)
    name = file or (mark.name if mark is not None else "") or "a file of settings"
    line = f" line {mark.line + 1}" if mark is not None else ""
    hint = "; indent with spaces, not tabs" if "'\\t'" in said else ""
    return (
        f"{name}{line} cannot be read as YAML: {' '.join(said.split())}" + (f" ({context})" if context else "") + hint
    )
