"""Every law of demand and lead time by its name, and its written form in configuration and in tables."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from restock.sim.errors import InputError, unknown
from restock.sim.probability.composed import Compound, ZeroInflated
from restock.sim.probability.counted import Constant, Empirical, stretch
from restock.sim.probability.exponential_tails import Geometric, NegativeBinomial, Poisson
from restock.sim.probability.law import LARGEST, TAIL, Law
from restock.sim.probability.rounded import RoundedGamma, RoundedLognormal, RoundedNormal

__all__ = [
    "LARGEST",
    "LAWS",
    "TAIL",
    "Compound",
    "Constant",
    "Empirical",
    "Geometric",
    "Law",
    "NegativeBinomial",
    "Poisson",
    "RoundedGamma",
    "RoundedLognormal",
    "RoundedNormal",
    "ZeroInflated",
    "law_from",
    "stretch",
    "to_mapping",
]


LAWS: dict[str, type[Law]] = {
    "constant": Constant,
    "poisson": Poisson,
    "negative_binomial": NegativeBinomial,
    "geometric": Geometric,
    "rounded_normal": RoundedNormal,
    "rounded_gamma": RoundedGamma,
    "rounded_lognormal": RoundedLognormal,
    "empirical": Empirical,
    "zero_inflated": ZeroInflated,
    "compound": Compound,
}


def law_from(mapping: Any, where: str = "") -> Law:
    """A law from its written form, such as `{"law": "poisson", "mean": 3.0}`; `where` goes into messages.

    >>> law_from({"law": "zero_inflated", "zero_probability": 0.5, "law_inside": {"law": "poisson", "mean": 2}})
    ZeroInflated(zero_probability=0.5, law=Poisson(mean=2))
    """
    at = f" {where}" if where else ""
    if isinstance(mapping, Law):
        return mapping
    try:
        if isinstance(mapping, (int, float)) and not isinstance(mapping, bool):
            whole = isinstance(mapping, int) or mapping.is_integer()
            return Constant(int(mapping)) if whole else Poisson(mapping)
    except InputError as error:
        raise InputError(f"{error}{at}") from None
    if not hasattr(mapping, "keys") or not isinstance(mapping.get("law"), str):
        raise InputError(f"a law{at} is written as a mapping with a 'law' key, got {mapping!r}")
    settings = {str(key): value for key, value in mapping.items()}
    name = settings.pop("law")
    if name not in LAWS:
        raise unknown("law", name, LAWS, where)
    if "law_inside" in settings:
        settings["law"] = settings.pop("law_inside")
    allowed = [field.name for field in fields(LAWS[name])]  # type: ignore[arg-type]
    for key in settings:
        if key not in allowed:
            raise unknown("setting", key, allowed, f"of law {name}{at}")
    for key, value in settings.items():
        if key in ("law", "customers", "basket"):
            settings[key] = law_from(value, where)
    try:
        return LAWS[name](**settings)
    except InputError as error:
        raise InputError(f"{error}{at}") from None
    except TypeError:
        missing = [key for key in allowed if key not in settings and key != "weights"]
        raise InputError(f"law {name}{at} needs {', '.join(missing or allowed)}") from None


def to_mapping(law: Law) -> dict[str, Any]:
    """The written form of a law; `law_from` reads it back.

    >>> to_mapping(Poisson(3.0))
    {'law': 'poisson', 'mean': 3.0}
    """
    name = next(key for key, kind in LAWS.items() if kind is type(law))
    out: dict[str, Any] = {"law": name}
    for field in fields(law):  # type: ignore[arg-type]
        value = getattr(law, field.name)
        key = "law_inside" if field.name == "law" else field.name
        out[key] = to_mapping(value) if isinstance(value, Law) else list(value) if isinstance(value, tuple) else value
    return out
