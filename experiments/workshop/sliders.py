"""Which settings a page can move: between what, in which steps, and what a planner calls them. Their one home."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from restock.experiments.setting_paths import setting_at
from restock.sim.errors import InputError, require
from restock.sim.features.supply_risk.lane_terms import LANE_SETTINGS
from restock.sim.model.scenario import Scenario

Value = int | float
PLACE, SWITCHED_ON = "@", "yes"
LONGEST_NUMBER = 24  # characters of a number in a link


@dataclass(frozen=True)
class Slider:
    """A setting that a page can move.

    Parameters
    ----------
    setting : str
        Its dotted path, as on the command line.
    name : str
        What a planner calls it.
    group : str
        What it stands under on the page; of a policy, the label of the policy.
    low, high, step : float
        In the setting's own unit.
    unit : str
        '%' for shares, 'x' for factors, 'days', ... as shown behind the value.
    whole : bool
        Whole numbers only.
    off : str
        What the value 0 means where it means that there is none of it, such as 'never'; '' where it is a value.
    null : bool
        Whether 0 is written as null on the command line.
    form : str
        What is written where the value is only a part of it, with @ in its place: {low: @, high: 14}; '' where the
        value is all. 0 is then written as `nothing`. Without an @ it is a switch, which stands at 0 or 1.
    nothing : str
    start : float
        Where it stands before it is moved.
    """

    setting: str
    name: str
    group: str
    low: Value
    high: Value
    step: Value
    unit: str = ""
    whole: bool = False
    off: str = ""
    null: bool = False
    form: str = ""
    nothing: str = "null"
    start: Value = 0

    def read(self, text: str | Value) -> Value:
        """A value from a link or a page; InputError says what is allowed.

        >>> slider = Slider("demand.cv_factor", "Variation of demand", "Demand", 0.25, 3, 0.05, unit="x")
        >>> slider.read("1.5"), slider.read(2)
        (1.5, 2.0)
        """
        allowed = f"{self.setting} must be a {'whole ' if self.whole else ''}number from {self.low:g} to {self.high:g}"
        given = f"{allowed}, got '{str(text)[:LONGEST_NUMBER]}'"
        try:
            require(len(str(text)) <= LONGEST_NUMBER, given)
            value = float(text)
        except (TypeError, ValueError):
            raise InputError(given) from None
        require(math.isfinite(value) and self.low <= value <= self.high, given)
        require(not self.whole or value == int(value), given)
        return int(value) if self.whole else value

    def written(self, value: Value) -> str:
        """The value as the command line has it.

        >>> Slider("shelf_life.days", "Goods keep", "Stock", 0, 28, 1, whole=True, null=True).written(0)
        'null'
        >>> Slider("records.lag", "Late", "Stock", 0, 1, 1, form="true", nothing="false").written(1)
        'true'
        """
        if self.form:
            return self.nothing if value == 0 else self.form.replace(PLACE, repr(value))
        return "null" if self.null and value == 0 else repr(value)

    def held(self, value: Value) -> Any:
        """The value as settings hold it.

        >>> Slider("transfers.overnight", "Overnight", "Stock", 0, 7, 0.5, form="{low: @, high: 14}").held(2.0)
        {'low': 2.0, 'high': 14}
        """
        if self.form:
            return yaml.safe_load(self.written(value))
        return None if self.null and value == 0 else value

    def shown(self, value: Value) -> str:
        """The value with its unit, as the page shows it.

        >>> Slider("policy.buffer.target", "Service target", "buffer", 0.5, 0.999, 0.005, unit="%").shown(0.985)
        '98.5%'
        >>> Slider("records.lag", "Books lag by", "Stock", 0, 7, 1, unit="days", whole=True, off="no lag").shown(0)
        'no lag'
        """
        if value == 0 and self.off:
            return self.off
        if self.form and PLACE not in self.form:
            return SWITCHED_ON
        if self.unit == "%":
            return f"{round(100 * value, 6):g}%"
        unit = self.unit[:-1] if value == 1 and self.unit.endswith("days") else self.unit
        return f"{round(value, 6):g}{' ' if len(unit) > 1 else ''}{'×' if unit == 'x' else unit}"


DEMAND, STOCK, COSTS = "Demand and supply", "Stock and records", "Costs"
SWITCH: dict[str, Any] = {
    "low": 0,
    "high": 1,
    "step": 1,
    "whole": True,
    "off": "no",
    "form": "true",
    "nothing": "false",
}

WORLD = (
    Slider("demand.scale", "Demand", DEMAND, 0.5, 2, 0.05, "x"),
    Slider("demand.cv_factor", "Variation of demand", DEMAND, 0.5, 2.5, 0.05, "x"),
    Slider("lead_time_factor", "Lead times", DEMAND, 0.5, 3, 0.25, "x"),
    Slider("lead_time_cv_factor", "Spread of lead times", DEMAND, 0, 2, 0.25, "x"),
    Slider("pack_factor", "Case packs", DEMAND, 0.25, 3, 0.25, "x"),
    Slider("transit_damage.share", "Damaged on the way", DEMAND, 0, 0.1, 0.005, "%", off="none"),
    Slider("returns.share", "Brought back by customers", DEMAND, 0, 0.3, 0.01, "%", off="none"),
    Slider("supply_risk.active", "Suppliers and lanes fail", DEMAND, **SWITCH),
    Slider(
        "events",
        "is down for",
        DEMAND,
        0,
        28,
        1,
        "days",
        whole=True,
        off="never",
        form="[{kind: outage, days: @}]",
        nothing="[]",
    ),
    Slider("shrinkage.of_sales", "Lost unseen, of sales", STOCK, 0, 0.05, 0.001, "%", off="none"),
    Slider("records.lag", "Books lag behind", STOCK, 0, 7, 1, "days", whole=True, off="no lag"),
    Slider("records.reconcile_every", "Books are posted every", STOCK, 1, 28, 1, "days", whole=True),
    Slider("records.sales_misscanned", "Sales scanned wrongly", STOCK, 0, 0.05, 0.001, "%", off="none"),
    Slider("records.full_count_every", "Everything counted every", STOCK, 0, 364, 7, "days", whole=True, off="never"),
    Slider(
        "shelf_life.days", "Goods keep for", STOCK, 0, 28, 1, "days", whole=True, off="as long as need be", null=True
    ),
    Slider("transfers.at_once", "Served from another store", STOCK, **SWITCH),
    Slider(
        "transfers.overnight",
        "Overnight to stores that cover at most",
        STOCK,
        0,
        7,
        0.5,
        "days",
        off="nobody",
        form="{low: @, high: 14}",
    ),
    Slider("costs.carrying_rate", "Carrying cost, a year", COSTS, 0.05, 0.6, 0.01, "%"),
    Slider("costs.goodwill_share", "Goodwill lost, of price", COSTS, 0, 1, 0.05, "%", off="none"),
    Slider("costs.backorder_cost_per_day", "A day's wait, of price", COSTS, 0, 0.1, 0.005, "%", off="free"),
    Slider("costs.count_cost", "Counting an item once", COSTS, 0, 5, 0.25, "money", off="free"),
    Slider("transfers.cost_per_unit", "A unit sent to another store", COSTS, 0, 2, 0.05, "money", off="free"),
    Slider("transfers.cost_per_line", "A line sent to another store", COSTS, 0, 10, 0.25, "money", off="free"),
)
"""Settings of the world. What is not among them is a list or a mapping, or is of the run itself.

Those of transfers are shown where regions are named, that of failing suppliers where some may fail, and that of an
outage (of the supplier of most items, a third into the run) where there are no events and no second source. Where
channels are named, `_of_channels` adds theirs.
"""

_TARGET = Slider("target", "Service target", "", 0.5, 0.999, 0.001, "%")
_ORDER = Slider("order_days", "An order brings", "", 1, 28, 0.5, "days")
_REVIEW = Slider("review_period", "Reviewed every", "", 1, 14, 1, "days", whole=True)
_SAFETY = Slider("safety_factor", "Safety factor", "", -1, 4, 0.1)
_ALPHA = Slider("alpha", "Smoothing constant", "", 0.02, 0.5, 0.01)

OF_POLICY: Mapping[str, tuple[Slider, ...]] = {
    "abc_tiered": (
        replace(_TARGET, setting="tiers.A.target", name="Service target of A"),
        replace(_TARGET, setting="tiers.B.target", name="Service target of B"),
        replace(_TARGET, setting="tiers.C.target", name="Service target of C"),
    ),
    "adaptive": (_TARGET, _ALPHA, _ORDER, _REVIEW),
    "anchor_and_adjust": (
        Slider("alpha", "Part of a gap made up at once", "", 0, 1, 0.02, "%"),
        Slider("beta", "Part of what is on its way thought of", "", 0, 1, 0.02, "%"),
        _REVIEW,
    ),
    "base_stock": (_SAFETY, _REVIEW),
    "beer_game_benchmark": (),  # it is of one game
    "buffer": (_TARGET, _ORDER, _REVIEW),
    "dual_index": (_TARGET,),
    "echelon_base_stock": (_TARGET, _REVIEW),
    "guaranteed_service": (_TARGET, _REVIEW),
    "just_in_time": (
        Slider("cover_days", "Cover beyond lead time", "", 0, 14, 0.25, "days", off="none"),
        replace(_REVIEW, high=7),
        replace(_TARGET, setting="at_dcs.target", name="Service target of DCs"),
    ),
    "levels": (),  # what is in a file stays as it is
    "predictive": (_TARGET, _ALPHA, _ORDER, _REVIEW),
    "predictive_from_file": (),
    "reactive": (_TARGET, _ORDER, _REVIEW),
    "reorder_point": (_SAFETY, _ORDER, _REVIEW),
    "tailored_base_surge": (_TARGET,),
}
"""Settings of each policy, by its name; those that a policy on the page has not, or has as null, are left out."""


def world_sliders(scenario: Scenario, of_folder: bool) -> list[Slider]:
    """The sliders that make sense in a scenario, each where the scenario has it.

    >>> from restock.sim.planning.example import one_shop
    >>> [slider.setting for slider in world_sliders(one_shop().scenario, False)][:3]
    ['demand.scale', 'demand.cv_factor', 'lead_time_factor']
    """
    waits = any(item.backorder_share > 0 for item in scenario.items)
    out = []
    for slider in WORLD:
        if slider.setting == "costs.backorder_cost_per_day" and not waits:
            continue
        if slider.setting == "demand.cv_factor" and scenario.demand.source != "fitted":
            continue
        if slider.setting == "events":
            out += _outage(scenario, slider)
            continue
        group, _, name = slider.setting.partition(".")
        if group == "transfers" and scenario.feature("transfers").regions is None:
            continue
        if group == "supply_risk" and not _may_fail(scenario):
            continue
        start = _in_scenario(scenario, slider.setting)
        if name == "overnight" and start is not None:  # its terms are those of the command line
            continue
        if slider.null and start is not None and of_folder:  # null there means: as the folder says
            slider = replace(slider, low=1, off="", null=False)
        out.append(standing_at(slider, 0 if start is None else int(start) if isinstance(start, bool) else start))
    return out if of_folder else out + _of_channels(scenario)


def _of_channels(scenario: Scenario) -> list[Slider]:
    """Whether customers order by the channels that the scenario names, how many do, and how old the view of stock is.

    Shares go as far as leaves something to all of them.
    """
    found = scenario.feature("channels")
    if not found.parsed:
        return []
    left = (1 - sum(each.share for each in found.parsed.values())) / len(found.parsed)
    out = [Slider("channels.active", "Customers order by channels", DEMAND, **SWITCH)]
    for name, each in found.parsed.items():
        most = math.floor(100 * (each.share + left) + 1e-9) / 100
        setting = f"channels.by_name.{name}"
        out.append(Slider(f"{setting}.share", f"Order by '{name}'", DEMAND, 0, most, 0.01, "%", off="nobody",
                          start=each.share))  # fmt: skip
        if each.view_every is not None:
            out.append(Slider(f"{setting}.view_every", f"Stock that '{name}' sees is refreshed every", STOCK, 1, 14, 1,
                              "days", whole=True, start=each.view_every))  # fmt: skip
    return [standing_at(out[0], int(found.active)), *(standing_at(slider, slider.start) for slider in out[1:])]


def _may_fail(scenario: Scenario) -> bool:
    """Whether something is said of a supplier or a lane that may fail."""
    suppliers = any(scenario.feature("supply_risk").suppliers.values())
    lanes = any(lane.own.get(each.name) is not None for lane in scenario.lanes for each in LANE_SETTINGS)
    return suppliers or lanes or any(not event.of_demand for event in scenario.events)


def _outage(scenario: Scenario, slider: Slider) -> list[Slider]:
    """That the supplier of most items is down from a third into the run on, for so many days."""
    supplier = Counter(item.supplier for item in scenario.items).most_common(1)[0][0]
    if scenario.events or scenario.feature("second_source").used or set(supplier) & set("\"\\'"):
        return []
    form = f'[{{kind: outage, supplier: "{supplier}", start: {scenario.days // 3}, days: {PLACE}}}]'
    return [replace(slider, name=f"Supplier {supplier} {slider.name}", form=form)]


def _in_scenario(scenario: Scenario, setting: str) -> Value | None:
    group, _, name = setting.partition(".")
    if not name:
        return 1.0  # a factor on what the scenario has
    parts = (scenario.demand,) if group == "demand" else scenario.settings(group)
    found: Value | None = next(getattr(part, name) for part in parts if hasattr(part, name))
    return found


def policy_sliders(label: str, settings: Mapping[str, Any]) -> list[Slider]:
    """The sliders of a policy, each where its settings have it.

    >>> found = policy_sliders("mine", {"name": "buffer", "target": 0.9, "order_days": 7.0, "review_period": 1})
    >>> [(slider.setting, slider.start) for slider in found][:2]
    [('policy.mine.target', 0.9), ('policy.mine.order_days', 7.0)]
    """
    out = []
    for slider in OF_POLICY.get(str(settings.get("name")), ()):
        try:
            start = setting_at(settings, slider.setting)
        except InputError:
            continue  # a tier, or a policy of the DCs, that is not there
        if isinstance(start, (int, float)) and not isinstance(start, bool) and not _levels_given(settings, slider):
            out.append(standing_at(replace(slider, setting=f"policy.{label}.{slider.setting}", group=label), start))
    return out


def _levels_given(settings: Mapping[str, Any], slider: Slider) -> bool:
    """Whether levels in units take the place of the safety factor."""
    given = (settings.get("base_stock_level"), settings.get("reorder_point"))
    return slider.setting == "safety_factor" and given != (None, None)


def standing_at(slider: Slider, start: Value) -> Slider:
    """The slider at a value, which is within its reach whatever it is.

    >>> standing_at(WORLD[0], 3.0).high, standing_at(WORLD[0], 1.0).high
    (3.0, 2)
    """
    return replace(slider, start=start, low=min(slider.low, start), high=max(slider.high, start))
