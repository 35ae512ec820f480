"""Finding policies by name: the files of this folder, installed plug-ins, or a user's own file by its dotted path."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Mapping
from dataclasses import fields
from importlib.machinery import ModuleSpec
from importlib.metadata import entry_points
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from restock.sim.checks import check_written, shown
from restock.sim.errors import InputError, reason, require, unknown
from restock.sim.planning.policy import Policy

HELPERS = ("catalogue", "forecasting", "forecasts", "own_files", "protection", "put_together", "two_sources")
PLUGINS = "restock.policies"


def policy_names() -> list[str]:
    """Names of the built-in policies: a file in this folder each."""
    folder = Path(__file__).parent
    return sorted(module.name for module in pkgutil.iter_modules([str(folder)]) if module.name not in HELPERS)


def find_policy(name: str) -> type[Policy]:
    """The class of a policy, by the name of its file, of a plug-in, or by a dotted path such as `mine.CoverDays`.

    >>> find_policy("base_stock").__name__
    'BaseStock'
    """
    if name in policy_names():
        return getattr(importlib.import_module(f"restock.policies.{name}"), class_name(name))
    plugins = {entry.name: entry for entry in entry_points(group=PLUGINS)}
    if name in plugins:
        return plugins[name].load()
    if "." in name:
        return _by_path(name)
    raise unknown("policy", name, [*policy_names(), *plugins])


def class_name(name: str) -> str:
    """The class in a policy's file.

    >>> class_name("just_in_time")
    'JustInTime'
    """
    return "".join(word.capitalize() for word in name.split("_"))


def _by_path(path: str) -> type[Policy]:
    module_name, _, attribute = path.rpartition(".")
    try:
        module = _module(module_name)
    except ModuleNotFoundError as error:
        file = f"{module_name.replace('.', '/')}.py"
        if error.name not in (module_name, module_name.split(".")[0]):
            raise InputError(f"policy '{path}': {file} needs the module '{error.name}', which is not there") from error
        raise InputError(f"policy '{path}': no file {file} in {Path.cwd()} or on the path") from None
    except SyntaxError as error:
        place = f"{Path(error.filename or module_name).name}, line {error.lineno}"
        raise InputError(f"policy '{path}' cannot be read: {error.msg} ({place})") from error
    except InputError:
        raise
    except Exception as error:  # whatever a user's own file raises
        raise InputError(f"policy '{path}' cannot be read: {reason(error)}") from error
    found = getattr(module, attribute, None)
    if not (isinstance(found, type) and issubclass(found, Policy)):
        own = [n for n, x in vars(module).items() if isinstance(x, type) and issubclass(x, Policy) and x is not Policy]
        raise unknown("policy class", attribute, own, f"in {module_name}.py")
    return found


def _module(name: str) -> ModuleType:
    """A module on the path, or a user's own file in the folder where the command is given.

    That folder comes last on the path, so that one of the user's called conf, sim or policies does not hide
    restock's; a file in it is found all the same where something else has its name.
    """
    here = Path.cwd()
    if str(here) not in sys.path:
        sys.path.append(str(here))
    root, file = find_spec(name.split(".")[0]), here.joinpath(*name.split(".")).with_suffix(".py")
    elsewhere = root is not None and not any(Path(place).is_relative_to(here) for place in _places(root))
    if not (elsewhere and file.is_file()) or _comes_from(sys.modules.get(name), file):
        return importlib.import_module(name)
    if "." not in name or name in sys.modules:
        raise InputError(f"policy file {file.name}: Python has a module '{name}' already; give the file another name")
    spec = spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _places(spec: ModuleSpec) -> list[str]:
    return list(spec.submodule_search_locations or []) or [spec.origin or ""]


def _comes_from(module: ModuleType | None, file: Path) -> bool:
    return module is not None and Path(module.__file__ or "") == file


def make_policy(settings: Mapping[str, Any]) -> Policy:
    """A policy from its settings: `name`, and the fields of its class.

    >>> make_policy({"name": "base_stock", "base_stock_level": 20})
    BaseStock(review_period=1, base_stock_level=20, safety_factor=1.28)
    """
    require(
        isinstance(settings, Mapping),
        f"a policy is written as a mapping such as {{name: buffer}}, got {shown(settings)}",
    )
    given = {str(key): value for key, value in settings.items()}
    name = given.pop("name", None)
    if not isinstance(name, str) or not name:
        raise InputError(f"a policy needs a name; choose from: {', '.join(policy_names())}")
    kind = find_policy(name)
    allowed = [field.name for field in fields(kind)]
    for key in given:
        if key not in allowed:
            raise unknown("setting", key, allowed, f"of policy '{name}'")
    try:
        return kind(**check_written(kind, given, after=f" of policy '{name}'"))
    except InputError:
        raise
    except Exception as error:  # whatever a user's own policy says of its settings
        raise InputError(f"policy '{name}' cannot be made of its settings: {reason(error)}") from error
