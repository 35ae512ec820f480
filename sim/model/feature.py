"""What a feature of the model is: settings of its own, by which a scenario and both engines ask it for its part.

A feature is a folder of `features`. Nothing here, or in what else a scenario is made of, knows any of them by name:
they are registered by `features.catalogue`, in the order in which they stand there. What a feature is handed from rooms
above this one (a scenario, a site of the event engine) is named in words, not by type, so that this stays below them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from importlib import import_module
from operator import attrgetter
from typing import Any, ClassVar, Self

import numpy as np

from restock.sim.checks import fitting, part_of
from restock.sim.errors import require, unknown
from restock.sim.model.books import FORECASTS, Books
from restock.sim.probability.laws import Law, law_from

PLAIN = ("int", "float", "str", "bool")


@dataclass(frozen=True)
class OwnSetting:
    """A setting that items, or lanes, may have of their own: a column of items.csv or lanes.csv, and a key in yaml.

    Parameters
    ----------
    kind : type
        int, float, str, bool, Law, or a dataclass of settings.
    example : str
        Of a law, or of settings: how it is written.
    check : function of (name, value, 'of ' and words for the item or lane)
        Refuses what is not allowed.

    >>> shelf_life = OwnSetting("shelf_life", int)
    >>> shelf_life.annotation, shelf_life.checked(7, "item 'milk'")
    ('int | None', 7)
    """

    name: str
    kind: type
    example: str = ""
    check: Callable[[str, Any, str], None] = lambda name, value, of: None

    @property
    def annotation(self) -> str:
        """The type as a dataclass would have it written."""
        return f"{self.kind.__name__} | None"

    def checked(self, value: Any, what: str) -> Any:
        """A value that is allowed; `what` are words for the item or lane."""
        if self.kind.__name__ in PLAIN:
            self.check(self.name, value, f"of {what}")
            return fitting(f"{self.name} of {what}", value, (self.kind.__name__, "None"))
        words = "a law" if self.kind is Law else "settings"
        good = isinstance(value, self.kind)
        require(good, f"{self.name} of {what} must be {words} such as {self.example}, got {value}")
        return value

    def read(self, value: Any, where: str) -> Any:
        """A value from its written form; `where` names the item or lane."""
        if value is None or self.kind.__name__ in PLAIN:
            return value
        if self.kind is Law:
            return law_from(value, f"of {self.name} {where}")
        return part_of(self.kind, value, f"of {self.name} {where}")


@dataclass
class Making:
    """What arrays are made of.

    Parameters
    ----------
    add_law : numbers the laws that are drawn from
    rate : ndarray, shape (items, sites)
        Mean demand a day.
    further : ndarray, int32 (items, sites)
        So much further than a cell's tables of demand lie those of demand raised by `Feature.demand_factor`.
    streams, stream_mean : mappings of name to ndarray, shape (items, sites)
        Of the streams of demand that features make: the first table of each cell whose demand it is a share of; mean
        demand a day at the cells that plan for it.
    made : mapping of feature to arrays
        Those of the features before, and of others of the same folder.

    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop()
    >>> making = Making(shop.scenario, lambda law: 0, shop.world.daily_rate, np.zeros((2, 1), np.int32),
    ...                 shop.world.item_key, shop.world.site_key)
    >>> making.ages  # neither has a shelf life
    array([False, False])
    """

    scenario: Any
    add_law: Callable[[Law], int]
    rate: np.ndarray
    further: np.ndarray
    item_key: np.ndarray
    site_key: np.ndarray
    streams: Mapping[str, np.ndarray] = field(default_factory=dict)
    stream_mean: Mapping[str, np.ndarray] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def ages(self) -> np.ndarray:
        """Items of which units are kept by age: the model does not guess the age of what comes back; bool (items,)."""
        return np.array([any(feature.ages(item) for feature in self.scenario.features) for item in self.scenario.items])


class Feature:
    """Settings of a feature: a frozen dataclass whose defaults leave the feature out.

    name : what a scenario calls it by
    group : the settings' place on the command line and in scenario.yaml
    item_settings, lane_settings : what items and lanes may say of their own
    by_default : what is so as long as nothing is said, in words; '' where nobody asks
    books : what is written down of it
    parts : what a run may have of it: by name, the fields of its arrays any of which then is not 0
    book_parts : the same of what is only written down apart: a kernel is the same with and without
    not_of_items : fields of its arrays whose first axis is not items
    flows : what it adds to the flows of a day in the event engine's diary (`engines.events.stock.Stock.today`)

    >>> @dataclass(frozen=True)
    ... class Loyalty(Feature):
    ...     "Customers who come back."
    ...     name, group = "loyalty", "customers"
    ...     share: float = 0.0
    >>> loyalty = Loyalty(share=0.2)
    >>> loyalty.demand_factor("milk"), loyalty.ages("milk"), loyalty.lanes()
    (1.0, False, {})
    """

    name: ClassVar[str]
    group: ClassVar[str]
    item_settings: ClassVar[tuple[OwnSetting, ...]] = ()
    lane_settings: ClassVar[tuple[OwnSetting, ...]] = ()
    by_default: ClassVar[str] = ""
    books: ClassVar[tuple[Books, ...]] = ()
    not_of_items: ClassVar[tuple[str, ...]] = ()
    flows: ClassVar[tuple[str, ...]] = ()
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    book_parts: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def check(self, scenario: Any) -> None:
        """Refuse what does not go with the rest of the scenario."""

    def arrays(self, making: Making) -> Any:
        """The feature's arrays, a named tuple: what both engines read of it, as `world.features.NAME`."""
        raise NotImplementedError

    def demand_factor(self, item: Any) -> float:
        """What the feature may multiply an item's demand by from some day of the run on."""
        return 1.0

    def streams(self, scenario: Any) -> tuple[Any, ...]:
        """Parts of the sites' demand that are drawn apart, and where they are served (`streams.streams.Stream`)."""
        return ()

    @property
    def customers_wait(self) -> bool:
        """Whether customers may wait of whom their items do not say so."""
        return False

    def ages(self, item: Any) -> bool:
        """Whether units of an item are kept by age."""
        return False

    def dearest_unit(self, arrays: Any) -> float:
        """The most that a unit comes to in values that the feature sums over days, in whole numbers."""
        return 0.0

    def longest_lead(self, arrays: Any) -> Any:
        """The most days that goods take to each site, (sites,); 0: no more than their lead times."""
        return 0

    def lanes(self) -> dict[str, Any]:
        """What it is in the kernel, by the names of `parts`."""
        return {}

    def at_site(self, site: Any) -> Any:
        """The feature's steps at a site of the event engine; None where the run has it not."""
        return None

    def between_sites(self, run: Any) -> Any:
        """What the feature does between the sites of a run of the event engine; None where it does nothing."""
        return None

    def alone(self, scenario: Any, i: int, rate: np.ndarray) -> tuple[Feature, dict[str, Any]]:
        """The feature, and what item i has to say of its own, so that the item fares alone as it does among all.

        `rate` is mean demand a day, shape (items, sites).
        """
        if not hasattr(self, "by_category"):
            return self, {}
        category = scenario.items[i].category
        mine = {name: value for name, value in self.by_category.items() if name == category}
        return replace(self, by_category=mine), {}  # type: ignore[type-var]


CATALOGUE = "restock.sim.features.catalogue"  # a name, not an import: what lies above is not known here
_kinds: dict[str, type[Feature]] = {}
_arrays: list[Callable[..., Any]] = []


def register(kinds: Iterable[type[Feature]], arrays: Callable[..., Any]) -> None:
    """Make features known, in their order, and the named tuple that holds their arrays (`features.catalogue`).

    >>> register(feature_kinds(), _arrays[-1])  # the same once more changes nothing
    >>> feature_kinds()[0].name
    'shrinkage'
    """
    _kinds.update({kind.name: kind for kind in kinds})
    _arrays.append(arrays)


def feature_arrays(made: Mapping[str, Any]) -> Any:
    """The arrays of all features, by name, as a world holds them."""
    return _arrays[-1](**made)


def parts_of_features(of_kernels: bool = False) -> dict[str, tuple[str, ...]]:
    """What a run may have of features, by name: the paths from a world any of which then is not 0.

    `of_kernels`: those with which its kernel is another.

    >>> parts_of_features()["shelf_life"]
    ('world.features.shelf_life.used',)
    """
    return {
        part: tuple(f"world.features.{kind.name}.{field}" for field in fields)
        for kind in feature_kinds()
        for part, fields in {**kind.parts, **({} if of_kernels else kind.book_parts)}.items()
    }


def parts_in_use(world: Any) -> set[str]:
    """What a run in this world has of features.

    >>> from restock.sim.planning.example import one_shop
    >>> parts_in_use(one_shop().world)
    set()
    """
    paths = parts_of_features()
    return {part for part, of in paths.items() if any(attrgetter(path[len("world.") :])(world) for path in of)}


def feature_kinds() -> tuple[type[Feature], ...]:
    """All features there are, in the catalogue's order.

    >>> [kind.name for kind in feature_kinds()][:2]
    ['shrinkage', 'records']
    """
    return tuple(_known().values())


def _known() -> dict[str, type[Feature]]:
    """Features by name; the catalogue makes them known when they are first asked for, and not before."""
    if not _kinds:
        import_module(CATALOGUE)
    return _kinds


def all_books() -> tuple[Books, ...]:
    """What is written down beside what every run has: of policies that forecast, then of features.

    >>> [books.needs for books in all_books()][:2]
    ['forecasts', 'wrong_scans']
    """
    return (FORECASTS, *(books for kind in feature_kinds() for books in kind.books))


class HasOwn:
    """A dataclass of which features let more be said than its fields: what is said is in its field `own`, by name."""

    said_by: ClassVar[str]  # the field of `Feature` that says what
    own: Mapping[str, Any]

    @classmethod
    def own_settings(cls) -> dict[str, OwnSetting]:
        """What features let be said, by name."""
        return {each.name: each for kind in feature_kinds() for each in getattr(kind, cls.said_by)}

    @classmethod
    def setting_names(cls) -> list[str]:
        """What may be said: fields, and what features add."""
        return [*(f.name for f in fields(cls) if f.name != "own"), *cls.own_settings()]  # type: ignore[arg-type]

    @classmethod
    def with_settings(cls, *given: Any, **settings: Any) -> Self:
        """One made of settings by name, its own fields and those of features alike."""
        own = {name: settings.pop(name) for name in cls.own_settings() if name in settings}
        return cls(*given, **settings, own=own)  # type: ignore[call-arg]

    def having(self, **settings: Any) -> Self:
        """The same with some settings replaced; a feature's that becomes None is the scenario's again."""
        own = {name: settings.pop(name) for name in self.own_settings() if name in settings}
        return replace(self, own={**self.own, **own}, **settings)  # type: ignore[type-var]

    def check_own(self, what: str) -> None:
        """What is said is allowed; it is kept in the order of the catalogue, and None says nothing."""
        known = self.own_settings()
        for name in self.own:
            if name not in known:
                raise unknown("setting", name, known, f"of {what}")
        own = {name: each.checked(self.own[name], what) for name, each in known.items()
               if self.own.get(name) is not None}  # fmt: skip
        object.__setattr__(self, "own", own)


def completed(features: Iterable[Feature]) -> tuple[Feature, ...]:
    """One of each kind, in the catalogue's order; those not given leave their feature out."""
    given: dict[str, Feature] = {}
    for each in features:
        good = isinstance(each, Feature) and isinstance(each, _known().get(each.name, ()))
        require(good, f"features must be settings such as Records(lag=2), got {each!r}")
        require(each.name not in given, f"feature '{each.name}' is given twice")
        given[each.name] = each
    return tuple(given.get(name) or kind() for name, kind in _known().items())


def replaced(features: Iterable[Feature], others: Iterable[Feature]) -> tuple[Feature, ...]:
    """The features with some in the place of those of their name."""
    new = {each.name: each for each in others}
    return tuple(new.get(each.name, each) for each in features)


def feature_of(features: Iterable[Feature], name: str) -> Any:
    """The feature of a name."""
    found = {each.name: each for each in features}
    if name not in found:
        raise unknown("feature", name, found)
    return found[name]
