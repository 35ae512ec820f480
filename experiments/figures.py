"""The figures of a run's folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.experiments.run_folder import write_figure
from restock.sim.figures import figures as plots
from restock.sim.figures import stock
from restock.sim.results.bad_years import differing_years, each_replication, risk_table
from restock.sim.study.told_apart import by_pairs

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.results.outcome import Outcome
    from restock.sim.study.compare import Comparison

SPREAD, PANELS = 20, 6  # replications from which their spread is drawn, and policies up to which it can be
KINDS = {"store": ("the store", "the stores"), "dc": ("the DC", "the DCs")}  # of sites, each with a panel of its own
UNITS = ("on_hand", "on_order", "backorders")


def draw(comparison: Comparison, costed: pd.DataFrame | None, folder: Path, judged: dict[str, Any]) -> None:
    """Write the figures of a comparison as PNG files (see `figures_of`)."""
    for name, figure in figures_of(comparison, costed, judged).items():
        write_figure(figure, folder, name)


def figures_of(comparison: Comparison, costed: pd.DataFrame | None, judged: dict[str, Any]) -> dict[str, Any]:
    """The figures of a comparison, by name; `costed` is its table of cost flow, `judged` says how differences are."""
    chain, tier = comparison.table("chain"), comparison.table("tier")
    first = next(iter(comparison.outcomes.values()))
    name = first.prepared.scenario.name
    shown = by_pairs(comparison, ("fill_rate", "average_inventory_value", "distortion_cost"), **judged)
    title = f"{name}: fill rate against the stock that it takes"
    figures = of_equal_service(comparison, chain, name) or {"fill_rate_or_stock": plots.tradeoff(chain, title=title)}
    figures |= {
        "distortion": plots.distortion_split(chain, shown=shown),
        "policies": plots.policy_comparison(chain),
    }
    if min(outcome.replications for outcome in comparison.outcomes.values()) >= SPREAD:
        risk = risk_table(comparison.outcomes.values())
        values = {label: each_replication(comparison.outcomes[label]) for label in differing_years(risk)}
        if 0 < len(values) <= PANELS:
            figures["bad_years"] = plots.bad_years(values, risk)
    if tier.loc[tier["measure"] == "bullwhip_ratio", "estimate"].notna().any():  # it takes two weeks or more
        figures["bullwhip"] = plots.bullwhip_by_tier(tier)
    for label, outcome in comparison.outcomes.items():
        figures[f"stock_{label}"] = stock_by_kind(label, outcome)
    if len(first.prepared.scenario.sites) > 2:
        from restock.sim.figures.network import networks

        figures |= {f"network_{label}": figure for label, figure in networks(comparison.outcomes).items()}
    if "site_class" in first.rollup.groupings and len(first.groups("class")) > 1:
        from restock.sim.figures.site_classes import heat_maps

        figures |= {f"classes_{label}": figure for label, figure in heat_maps(comparison.outcomes).items()}
    if first.prepared.world.features.transfers.used:
        from restock.sim.features.transfers.figure import flows

        found = {f"transfers_{label}": flows(outcome) for label, outcome in comparison.outcomes.items()}
        figures |= {key: figure for key, figure in found.items() if figure is not None}
    if first.prepared.world.features.channels.used:
        from restock.sim.features.channels.figure import channels_figure
        from restock.sim.features.channels.table import channel_table

        figures["channels"] = channels_figure(channel_table(comparison.outcomes.values()), name)
    if costed is not None:
        from restock.sim.features.unit_costs.figure import cost_flow

        figures["cost_flow"] = cost_flow(costed)
    if first.prepared.world.features.supply_risk.holds:
        from restock.sim.features.supply_risk.figure import disruption

        figures |= {} if (drawn := disruption(comparison.outcomes)) is None else {"disruption": drawn}
    return figures


def of_equal_service(comparison: Comparison, chain: pd.DataFrame, scenario: str) -> dict[str, Any]:
    """The trade-off curves, with the policies as they are set, and what equal service costs; none without curves."""
    from restock.sim.figures import service

    found = comparison.along
    if found is None:
        return {}
    title = f"{scenario}: what each policy leaves unserved, and the stock that it takes"
    figures = {"tradeoff_curves": service.service_curves(
        found.points(), chain, found.levels, title, "each moved along a setting of its own, on the same demand"
    )}  # fmt: skip
    table = found.table()
    if len(table):
        many = found.curves[0].outcomes[0].replications
        note = f"bars: parts of the total cost; lines: 95% intervals of it over {many} replications"
        title = f"{scenario}: what the same service costs"
        figures["cost_at_equal_service"] = service.cost_at_equal_service(table, title, note)
    return figures


def stock_by_kind(label: str, outcome: Outcome) -> Any:
    """Stock of the stores, and of the DCs where there are any, day by day; promotions and warm-up marked."""
    scenario, known, days = outcome.prepared.scenario, outcome.prepared.known, outcome.over_time()
    profiles = known.promotion_by_day[np.unique(known.profile_of[scenario.stocked])]
    parts = {}
    for kind, words in KINDS.items():
        sites = [site.name for site in scenario.sites if site.kind == kind]
        mine = days[days["site"].isin(sites)].groupby("day", as_index=False)[list(UNITS)].sum()
        if sites:
            parts[words[len(sites) > 1]] = mine.assign(promotion=profiles.max(axis=0))
    few = outcome.daily_replications
    first = "the first " if few < outcome.replications else ""
    said = "one replication" if few == 1 else f"mean over {first}{few} replications"
    return stock.stock_by_kind(parts, f"{label}: stock in {scenario.name}, {said}", scenario.warm_up)
