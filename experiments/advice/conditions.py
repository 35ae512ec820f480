"""Where an improvement has anything to improve: `needs` in its file names one of these, or several."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from restock.sim.model.network import WEEKDAYS
from restock.sim.model.scenario import Scenario


class Need(NamedTuple):
    """What must be so, and what is said where it is not."""

    holds: Callable[[Scenario], bool]
    otherwise: str


def _wrong_records(scenario: Scenario) -> bool:
    lost = _losses(scenario) or any("shrinkage" in item.own for item in scenario.items)
    return lost or scenario.feature("records").misscans


def _losses(scenario: Scenario) -> bool:
    lost = scenario.feature("shrinkage")
    return lost.of_sales > 0 or any(share > 0 for share in lost.by_category.values())


def _packs(scenario: Scenario) -> bool:
    """Whether some item comes in packs on a lane that does not break them."""
    bound = {lane.source for lane in scenario.lanes if not scenario.breaks_packs(lane)}
    served = {site.served_by for site in scenario.sites}
    return any(item.pack > 1 and (item.supplier in bound or served & bound) for item in scenario.items)


def _varying(scenario: Scenario) -> bool:
    """Whether a lead time varies by more than whole days make it: a mean of 1.25 days is 1 day or 2."""
    for law in (law for lane in scenario.lanes for law in lane.lead_times):
        mean, variance = law.moments
        part = mean % 1
        if variance > part * (1 - part) + 1e-9:
            return True
    return False


def _kept(scenario: Scenario) -> bool:
    life = scenario.feature("shelf_life")
    return life.days is not None or bool(life.by_category)


def _brought_back(scenario: Scenario) -> bool:
    returns = scenario.feature("returns")
    some = bool(returns.share) or any(share > 0 for share in returns.by_category.values())
    return some and returns.resalable < 1


NEEDS: dict[str, Need] = {
    "long_lead_times": Need(lambda s: any(law.moments[0] > 1 for lane in s.lanes for law in lane.lead_times),
                            "no lead time is longer than a day"),
    "varying_lead_times": Need(_varying, "lead times do not vary by more than a day"),
    "lag": Need(lambda s: s.feature("records").lag > 0, "policies see records at once: there is no lag"),
    "postings": Need(lambda s: s.feature("records").reconcile_every > 1, "records are posted every day"),
    "wrong_records": Need(_wrong_records, "records are right: there is nothing for a count to put right"),
    "class_counts": Need(lambda s: any(s.feature("records").count_every), "nothing is counted by class"),
    "no_class_counts": Need(lambda s: not any(s.feature("records").count_every), "items are counted by class already"),
    "shrinkage": Need(_losses, "nothing is lost unseen"),
    "wrong_scans": Need(lambda s: s.feature("records").misscans, "nothing is scanned wrongly"),
    "packs": Need(_packs, "goods are ordered by the unit"),
    "closed_days": Need(lambda s: any(len(set(lane.order_days)) < len(WEEKDAYS) for lane in s.lanes),
                        "every lane takes orders on every day"),
    "shelf_life": Need(_kept, "goods keep: no shelf life is set"),
    "goods_keep": Need(lambda s: not _kept(s) and not any("shelf_life" in item.own for item in s.items),
                       "levels learned on the way do not allow for shelf lives, and goods here do not keep"),
    "transit_damage": Need(lambda s: s.feature("transit_damage").share > 0, "nothing is damaged on its way"),
    "returns": Need(_brought_back, "nothing is brought back that does not go back on the shelf"),
}  # fmt: skip


def lacking(needs: tuple[str, ...], scenario: Scenario) -> str:
    """Why an improvement with these needs has nothing to improve in the scenario; '' where it has.

    >>> from restock.sim.planning.example import one_shop
    >>> lacking(("long_lead_times", "lag"), one_shop().scenario)
    'policies see records at once: there is no lag'
    """
    return next((NEEDS[name].otherwise for name in needs if not NEEDS[name].holds(scenario)), "")
