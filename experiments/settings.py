"""The settings of a run: names and types, checked by Hydra as they are put together."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, asdict, dataclass, field, fields, is_dataclass, make_dataclass
from pathlib import Path
from typing import Any, Optional, TypeVar

from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf

from restock.experiments.advice.advise_settings import AdviseSettings
from restock.experiments.dotted import dotted_in_files, dotted_policies
from restock.experiments.messages import no_policy
from restock.sim.checks import WORDS, check_fields, check_keys, shown
from restock.sim.errors import InputError, require
from restock.sim.model.scenario import setting_groups
from restock.sim.run.executors import MOST_WORKERS

Kind = TypeVar("Kind")
MOST = 100_000_000  # replications, or rows of a report

# Optional[...] rather than "... | None": omegaconf 2.3 reads these annotations


@dataclass
class DemandSettings:
    """Fields of `model.demand.Demand`; None: as the scenario has it."""

    source: Optional[str] = "fitted"  # noqa: UP045
    scale: Optional[float] = 1.0  # noqa: UP045
    cv_factor: Optional[float] = 1.0  # noqa: UP045
    bootstrap_window: Optional[int] = None  # noqa: UP045
    correlation: Optional[float] = 0.0  # noqa: UP045
    correlated: Optional[str] = "item"  # noqa: UP045


def schema_of(group: str) -> type:
    """Names and types of a group of a scenario's settings, made of those of its parts; None: as the scenario has it."""
    described = [(f.name, _schema_type(str(f.type)), _schema_default(f))
                 for kind in setting_groups()[group] for f in fields(kind)]  # fmt: skip
    name = "".join(word.title() for word in group.split("_")) + "Settings"
    return make_dataclass(name, described, namespace={"__module__": __name__})


def _schema_type(annotation: str) -> str:
    """The type that Hydra checks, of one that a part of the model is annotated with.

    >>> _schema_type("int | None"), _schema_type("Mapping[str, float]"), _schema_type("Law")
    ('Optional[int]', 'Optional[dict[str, float]]', 'Any')
    """
    kind = annotation.removesuffix(" | None")
    if kind in WORDS:
        return f"Optional[{kind}]"
    if kind.startswith("Mapping[str, "):
        inner = kind.removeprefix("Mapping[str, ").removesuffix("]")
        return f"Optional[dict[str, {inner if inner in WORDS else 'Any'}]]"
    return "Any"


def _schema_default(f: Field[Any]) -> Any:
    """A setting's default, as it is written; where it is written otherwise than held, its metadata say so."""
    if "written" in f.metadata:
        return field(default=f.metadata["written"])
    return field(default_factory=f.default_factory) if f.default_factory is not MISSING else field(default=f.default)


@dataclass
class ExecutorSettings:
    """Where shards are run: arguments of `run.executors.executor_of`."""

    name: str = "threads"
    workers: Optional[int] = None  # noqa: UP045
    address: Optional[str] = None  # noqa: UP045
    timeout: float = 10.0


@dataclass
class StatisticsSettings:
    """How differences are judged, and whether estimates are adjusted."""

    correction: str = "holm"
    simultaneous: bool = False
    control_variate: bool = False


@dataclass
class ServiceSettings:
    """At which fill rates policies are compared, each moved along a setting of its own (`study.equal_service`)."""

    fill_rates: Optional[list[float]] = None  # noqa: UP045
    replications: int = 16
    replay: bool = True

    def __post_init__(self) -> None:
        levels = list(self.fill_rates or [])
        for level in levels:
            require(0 < level < 1, f"service.fill_rates must be fill rates between 0 and 1, got {level}")
        require(levels == sorted(set(levels)), f"service.fill_rates must grow, got {levels}")
        many = self.replications
        require(1 <= many <= MOST, f"service.replications must be a whole number from 1 to {MOST}, got {many}")


@dataclass
class UncertaintySettings:
    """What intervals hold beside the simulation's chance: `restock.experiments.redrawing` reads it."""

    inputs: str = "none"
    resamples: int = 24
    replications: int = 8

    def __post_init__(self) -> None:
        for name in ("resamples", "replications"):
            value = getattr(self, name)
            require(value >= 2, f"uncertainty.{name} must be a whole number not below 2, got {value}")
            require(value <= MOST, f"uncertainty.{name} must be a whole number not above {MOST}, got {value}")


@dataclass
class PrecisionSettings:
    """Fields of `study.precision.Precision`; without relative and difference, exactly `replications` are run."""

    measure: str = "total_cost"
    relative: Optional[float] = None  # noqa: UP045
    difference: Optional[float] = None  # noqa: UP045


@dataclass
class SelectionSettings:
    """Fields of `study.best_policy.Best`; without a measure, nothing is selected."""

    measure: Optional[str] = None  # noqa: UP045
    indifference: Optional[float] = None  # noqa: UP045
    confidence: float = 0.95


@dataclass
class OptimizeSettings:
    """What restock optimize looks for; `restock.experiments.optimizing` reads constraints and space."""

    objective: str = "total_cost"
    constraints: dict[str, Any] = field(default_factory=dict)
    trials: int = 100
    search_replications: int = 16
    finalists: int = 5
    frontier: Optional[list[str]] = None  # noqa: UP045
    space: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, least in (("trials", 1), ("search_replications", 2), ("finalists", 1)):
            value = getattr(self, name)
            require(value >= least, f"optimize.{name} must be a whole number not below {least}, got {value}")
            require(value <= MOST, f"optimize.{name} must be a whole number not above {MOST}, got {value}")


@dataclass
class ClaimSettings:
    """What a file of conf/claim says, beside the settings of its world; `restock.experiments.claim_file` reads it."""

    says: str = ""
    equal: str = ""
    measure: str = "fill_rate"
    also: list[str] = field(default_factory=list)
    axis: str = ""
    against: str = ""
    at: dict[Any, Any] = field(default_factory=dict)
    arms: dict[str, Any] = field(default_factory=dict)
    equal_at: dict[str, float] = field(default_factory=dict)
    checks: list[Any] = field(default_factory=list)


SCENARIO_GROUPS = {name: schema_of(name) for name in setting_groups()}


def with_groups(kind: type[Kind]) -> type[Kind]:
    """The class with a field for each group of a scenario's settings."""
    described = [(name, schema, field(default_factory=schema)) for name, schema in SCENARIO_GROUPS.items()]
    return make_dataclass(kind.__name__, described, bases=(kind,), namespace={"__module__": __name__})


@with_groups
@dataclass
class Settings:
    """What conf/config.yaml holds, with its comments; `scenario` and `policy` are checked by the model itself.

    Costs and features bring their own groups of settings, from the dataclasses of the model.
    """

    scenario: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    seed: int = 1
    replications: int = 64
    most_replications: int = 1024
    days: Optional[int] = 364  # noqa: UP045
    warm_up: Optional[int] = 0  # noqa: UP045
    opening_days: Optional[float] = 14.0  # noqa: UP045
    threads: Optional[int] = None  # noqa: UP045
    executor: ExecutorSettings = field(default_factory=ExecutorSettings)
    baseline: Optional[str] = None  # noqa: UP045
    exceptions: int = 0
    for_erp: bool = False
    figures: bool = True
    lead_time_factor: float = 1.0
    lead_time_cv_factor: float = 1.0
    pack_factor: float = 1.0
    order_days: Optional[list[str]] = None  # noqa: UP045
    demand: DemandSettings = field(default_factory=DemandSettings)
    events: Optional[list[Any]] = field(default_factory=list)  # noqa: UP045
    statistics: StatisticsSettings = field(default_factory=StatisticsSettings)
    service: ServiceSettings = field(default_factory=ServiceSettings)
    uncertainty: UncertaintySettings = field(default_factory=UncertaintySettings)
    precision: PrecisionSettings = field(default_factory=PrecisionSettings)
    selection: SelectionSettings = field(default_factory=SelectionSettings)
    optimize: OptimizeSettings = field(default_factory=OptimizeSettings)
    advise: AdviseSettings = field(default_factory=AdviseSettings)
    profile: dict[str, Any] = field(default_factory=dict)
    claim: Optional[ClaimSettings] = None  # noqa: UP045
    weeks: Optional[int] = None  # noqa: UP045
    backtest: bool = False
    replication: int = 0
    item: Optional[str] = None  # noqa: UP045
    site: Optional[str] = None  # noqa: UP045

    def __post_init__(self) -> None:
        for name, value, least, most in (
            ("replications", self.replications, 1, MOST),
            ("most_replications", self.most_replications, 1, MOST),
            ("seed", self.seed, 0, 2**63 - 1),
            ("weeks", 1 if self.weeks is None else self.weeks, 1, MOST),
            ("replication", self.replication, 0, MOST),
            ("exceptions", self.exceptions, 0, MOST),
            ("threads", 1 if self.threads is None else self.threads, 1, MOST_WORKERS),
        ):
            require(value >= least, f"{name} must be a whole number not below {least}, got {value}")
            require(value <= most, f"{name} must be a whole number not above {most}, got {value}")
        alike = self.threads is None or (
            self.executor.name == "threads" and self.executor.workers in (None, self.threads)
        )
        require(alike, "threads goes with executor=threads; set executor.workers instead, and leave threads out")
        require(self.lead_time_factor > 0, f"lead_time_factor must be above 0, got {self.lead_time_factor}")
        spread = self.lead_time_cv_factor
        require(0 <= spread <= 100, f"lead_time_cv_factor must be a number from 0 to 100, got {spread}")
        pack = self.pack_factor
        require(0 < pack <= 1000, f"pack_factor must be a number above 0 and not above 1000, got {pack}")
        example = "policy=buffer or policy=[buffer,base_stock]"
        require(len(self.policy) > 0, f"policy: choose at least one, such as {example}")
        for label, given in self.policy.items():
            if not isinstance(given, dict):
                raise InputError(no_policy(label, given))
        labels = list(self.policy)
        wrong = self.baseline is not None and self.baseline not in labels
        require(not wrong, f"baseline '{self.baseline}' is not among the policies compared: {', '.join(labels)}")
        sought, worth = self.selection.measure is not None, self.selection.indifference is not None
        both = "selection.measure and selection.indifference go together, such as"
        require(sought == worth, f"{both} selection.measure=total_cost selection.indifference=5000")
        sharp = self.precision.relative is not None or self.precision.difference is not None
        require(not (sought and sharp), "choose precision or selection, not both: each decides when to stop")


GROUPS: dict[str, type] = {
    "demand": DemandSettings, **SCENARIO_GROUPS,
    "executor": ExecutorSettings, "statistics": StatisticsSettings, "service": ServiceSettings,
    "uncertainty": UncertaintySettings,
    "precision": PrecisionSettings,
    "selection": SelectionSettings, "optimize": OptimizeSettings, "advise": AdviseSettings, "claim": ClaimSettings,
}  # fmt: skip


def settings_of(config: DictConfig) -> Settings:
    """Typed settings from Hydra's composition; every `???` must have been filled in."""
    for key in sorted(OmegaConf.missing_keys(config)):
        raise InputError(f"{key} must be given: {key}=...")
    resolved = OmegaConf.to_container(config, resolve=True)
    assert isinstance(resolved, dict)
    return settings_from(resolved)


def settings_from(resolved: Mapping[Any, Any]) -> Settings:
    """Typed settings from nested mappings, as `plain` gives them: every name and number checked.

    >>> settings_from(plain(Settings(policy={"buffer": {"name": "buffer"}}))).replications
    64
    """
    check_numbers(resolved)
    values = {str(key): value for key, value in resolved.items()}
    _check_names(values)
    for name, kind in GROUPS.items():
        good = isinstance(values[name], dict)
        require(
            good or (name == "claim" and values[name] is None), f"{name} must be settings, got {shown(values[name])}"
        )
        values[name] = kind(**values[name]) if good else None
        if good:
            check_fields(values[name], f"{name}.")
    settings = Settings(**values)
    check_fields(settings)
    return settings


def check_numbers(settings: Any, name: str = "") -> None:
    """Every number, however deep, is one: neither nan nor infinite."""
    if isinstance(settings, Mapping):
        for key, value in settings.items():
            check_numbers(value, f"{name}.{key}" if name else str(key))
    elif isinstance(settings, list):
        for value in settings:
            check_numbers(value, name)
    elif isinstance(settings, float):
        require(math.isfinite(settings), f"{name} must be a finite number, got {settings}")


def _check_names(values: dict[str, Any]) -> None:
    """Every name is one of the schema: what is added with a plus sign is not checked by Hydra."""
    check_keys(values, [f.name for f in fields(Settings)], "of a run")
    for f in fields(Settings):
        if is_dataclass(f.default_factory) and isinstance(values[f.name], dict):
            check_keys(values[f.name], [g.name for g in fields(f.default_factory)], f"of {f.name}")


def plain(settings: Settings) -> dict[str, Any]:
    """The settings as nested mappings, resolved: what config.yaml of a run folder holds."""
    return asdict(settings)


def given(group: Any) -> dict[str, Any]:
    """The values of a group that are not None: what takes the place of the scenario's own."""
    return {f.name: getattr(group, f.name) for f in fields(group) if getattr(group, f.name) is not None}


def register(words: Sequence[str] = (), folders: Sequence[Path] = ()) -> None:
    """Tell Hydra of the schema, and of policies that words, or files they choose, name by a dotted path."""
    store = ConfigStore.instance()
    store.store(group="schema", name="root", node=Settings)
    for path in [*dotted_policies(words), *dotted_in_files(words, folders)]:
        from restock.policies.catalogue import find_policy

        kind = find_policy(path)
        defaults = {f.name: "???" if f.default is MISSING else f.default for f in fields(kind)}
        label = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
        store.store(group="policy", name=path, node={"name": path} | defaults, package=f"policy.{label}")
