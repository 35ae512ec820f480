"""What is built holds the folders that restock/ links to; a checkout without symbolic links has text files there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LINKS = ("sim", "policies", "conf", "experiments")


class LinkedFolders(BuildHookInterface):
    """Refuse to build a wheel or an sdist without its folders; an editable install looks beside restock/ itself."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        missing = [name for name in LINKS if not (Path(self.root) / "restock" / name).is_dir()]
        if missing and version != "editable":
            raise SystemExit(
                f"restock/{', restock/'.join(missing)} must be links to the folders at the top, and are not: this "
                "checkout has no symbolic links. Run `git config core.symlinks true` and `git checkout -- restock` "
                "(Windows: in developer mode), or install it with `pip install -e .`"
            )
