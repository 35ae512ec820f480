"""restock from Python: load a scenario, compare policies, look at one replication; tables as data frames, figures.

The words are those of the command line, so what a notebook does and what `restock compare` prints are the same figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from restock.experiments.settings import Settings
from restock.sim.errors import InputError, unknown
from restock.sim.model.scenario import Scenario
from restock.sim.planning.policy import Policy
from restock.sim.planning.prepared import Prepared

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.study.compare import Comparison
    from restock.sim.study.equal_service import EqualService


class Trace(NamedTuple):
    """One replication, day by day, in the event engine.

    >>> trace = load("one_store", "policy=buffer", replications=1, days=7, warm_up=0).trace()
    >>> int(trace.days["day"].max()), list(trace.log)
    (6, ['day', 'phase', 'site', 'item', 'what', 'quantity'])
    """

    log: pd.DataFrame  # every movement: day, phase, site, item, what, quantity
    days: pd.DataFrame  # every cell at the end of every day


@dataclass(frozen=True)
class Study:
    """A scenario, the policies that meet in it, and the settings of their comparison.

    Parameters
    ----------
    settings : Settings
        What the command line of the same words resolves to.
    prepared : Prepared
        The scenario with its arrays.
    policies : mapping of label to Policy

    >>> study = load("one_store", "policy=[buffer,just_in_time]", replications=4, days=28, warm_up=0)
    >>> len(study.scenario.items), study.compare().differences(measures=["fill_rate"])["policy"].tolist()
    (6, ['just_in_time'])
    """

    settings: Settings
    prepared: Prepared
    policies: Mapping[str, Policy]

    @property
    def scenario(self) -> Scenario:
        """Items, sites, lanes, demand and features."""
        return self.prepared.scenario

    def compare(self) -> Comparison:
        """All policies against the same demand: `.table("chain")` and `.differences()` are data frames.

        Raises InputError where a policy or a setting is refused.
        """
        from restock.experiments.jobs import chosen_executor, simulated
        from restock.experiments.stopping import check_statistics, stopping_rule

        check_statistics(self.settings, self.prepared)
        with chosen_executor(self.settings) as executor:
            until = stopping_rule(self.settings)
            return simulated(  # type: ignore[no-any-return]
                self.prepared, dict(self.policies), self.settings, executor, until, lambda words, share: None
            )

    def equal_service(self) -> EqualService | None:
        """The policies compared where they serve the same share; None where none has anything to move.

        `.table()` has every measure at each level, `.points()` every point of every curve (docs/equal_service.md).

        >>> study = load("one_store", "service.fill_rates=[0.99]", replications=4, days=56, warm_up=0)
        >>> study.equal_service().table(["total_cost"])["verdict"].tolist()
        ['cheapest', 'dearer', 'dearer']
        """
        from restock.experiments.chosen import points_along
        from restock.experiments.equal_service_runs import at_equal_service
        from restock.experiments.jobs import chosen_executor

        along = points_along(self.settings.policy)
        with chosen_executor(self.settings) as executor:
            return at_equal_service(along, self.prepared, self.settings, (), executor, lambda share: None)

    def trace(self, policy: str | None = None, replication: int = 0) -> Trace:
        """One replication day by day, the one that the kernel counts under this number.

        Parameters
        ----------
        policy : str or None
            The label of one of the policies; it may be left out where there is one.
        """
        import pandas as pd

        from restock.sim.engines.events.engine import Day, Entry, Run

        if policy is None and len(self.policies) > 1:
            raise InputError(f"trace takes one policy; choose one of: {', '.join(self.policies)}")
        label = next(iter(self.policies)) if policy is None else policy
        if label not in self.policies:
            raise unknown("policy", label, self.policies)
        plan = self.prepared.plan(self.policies[label])
        run = Run(self.prepared, plan, self.settings.seed, replication, log=True).run()
        found = Trace(
            pd.DataFrame(run.log, columns=list(Entry._fields)), pd.DataFrame(run.daily, columns=list(Day._fields))
        )
        shift = self.scenario.warm_up  # days count from the first measured one
        return Trace(*(frame.assign(day=frame["day"] - shift) for frame in found))

    def figures(self, comparison: Comparison) -> dict[str, Any]:
        """The figures of a comparison as matplotlib figures, by name."""
        from restock.experiments.comparison_folder import judged, report_of
        from restock.experiments.figures import figures_of

        return figures_of(comparison, report_of(comparison, self.settings, ()).costed, judged(self.settings))


def load(scenario: str | Path = "grocery", *words: str, config_dir: str | Path | None = None, **settings: Any) -> Study:
    """A study from a scenario's name or folder, and words and settings as on the command line.

    Parameters
    ----------
    scenario : str or Path
        A name (`restock list` has them), or a folder that holds scenario.yaml.
    words : str
        Settings with dots in their names, and choices: "policy=[buffer,just_in_time]", "demand.cv_factor=1.5".
    config_dir : str or Path or None
        A configuration folder of your own, as --config-dir.
    settings
        Settings without dots: replications=16, seed=7.

    Raises
    ------
    InputError
        One line: what was given, what is allowed, where.

    >>> study = load("one_store", "policy=[buffer,just_in_time]", replications=4, days=28, warm_up=0)
    >>> list(study.policies), study.scenario.days
    (['buffer', 'just_in_time'], 28)
    """
    from restock.experiments.chosen import chosen_policies
    from restock.experiments.claim_runs import composing
    from restock.experiments.scenarios import build_scenario
    from restock.experiments.settings import register

    of_folder = Path(scenario).joinpath("scenario.yaml").is_file()
    chosen = (
        ["scenario=folder", f"scenario.path='{Path(scenario).as_posix()}'"] if of_folder else [f"scenario={scenario}"]
    )
    given = [*chosen, *words, *(f"{name}={_written(value)}" for name, value in settings.items())]
    own = None if config_dir is None else Path(config_dir)
    register(given, [] if own is None else [own])
    with composing(own) as compose:
        found = compose(given)
    policies = chosen_policies(found.policy)
    return Study(found, Prepared(build_scenario(found, given)), policies)


def _written(value: Any) -> str:
    """A value as the command line has it."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return str(value)
