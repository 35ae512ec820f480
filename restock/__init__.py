"""restock simulates retail supply chains and says which replenishment policy gives what fill rate, at what cost."""

from pathlib import Path

_HERE = Path(__file__).parent
if not (_HERE / "sim").is_dir():  # a checkout without symbolic links: the folders lie beside this one
    __path__.append(str(_HERE.parent))
