"""Finding policies by name: the files of this folder, installed plug-ins, or a user's own file by its dotted path."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Mapping
from dataclasses import fields
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from sim.errors import InputError, reason, unknown
from sim.policy import Policy

HELPERS = ("catalogue", "forecasting", "forecasts", "protection")
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
        return getattr(importlib.import_module(f"policies.{name}"), class_name(name))
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
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)  # a user's own file lies in the folder where the command is given
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        file = f"{module_name.replace('.', '/')}.py"
        if error.name not in (module_name, module_name.split(".")[0]):
            raise InputError(f"policy '{path}': {file} needs the module '{error.name}', which is not there") from error
        raise InputError(f"policy '{path}': no file {file} in {here} or on the path") from None
    except SyntaxError as error:
        place = f"{Path(error.filename or module_name).name}, line {error.lineno}"
        raise InputError(f"policy '{path}' cannot be read: {error.msg} ({place})") from error
    except Exception as error:  # whatever a user's own file raises
        raise InputError(f"policy '{path}' cannot be read: {reason(error)}") from error
    found = getattr(module, attribute, None)
    if not (isinstance(found, type) and issubclass(found, Policy)):
        own = [n for n, x in vars(module).items() if isinstance(x, type) and issubclass(x, Policy) and x is not Policy]
        raise unknown("policy class", attribute, own, f"in {module_name}.py")
    return found


def make_policy(settings: Mapping[str, Any]) -> Policy:
    """A policy from its settings: `name`, and the fields of its class.

    >>> make_policy({"name": "base_stock", "base_stock_level": 20})
    BaseStock(review_period=1, base_stock_level=20, safety_factor=1.28)
    """
    given = {str(key): value for key, value in settings.items()}
    name = given.pop("name", None)
    if not name:
        raise InputError(f"a policy needs a name; choose from: {', '.join(policy_names())}")
    kind = find_policy(name)
    allowed = [field.name for field in fields(kind)]
    for key in given:
        if key not in allowed:
            raise unknown("setting", key, allowed, f"of policy '{name}'")
    try:
        return kind(**given)
    except InputError:
        raise
    except Exception as error:  # whatever a user's own policy says of its settings
        raise InputError(f"policy '{name}' cannot be made of its settings: {reason(error)}") from error
