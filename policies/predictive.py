"""Predictive: levels follow the forecast of the days ahead, promotions included before they begin."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from restock.policies import forecasts
from restock.policies.forecasting import Forecasting, factor_levels
from restock.policies.forecasts import FORECAST, LAG, POSTED_EXTRA, learn_demand, lot, one_day, reorder_point
from restock.sim.errors import require
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.policy import Plan


@dataclass(frozen=True)
class Predictive(Forecasting):
    """Every review, (s, S) from the forecast of demand over the protection interval.

    Base demand is learnt from recorded demand, less what promotions are known to have brought; the forecast is base
    demand times the factors of the promotions in the days ahead. Safety stock covers the errors of the forecast and
    the variance of the lead time. Settings are those of `restock.policies.forecasting.Forecasting`; where weekdays are
    forecast, the mean factor of the days ahead holds for each of them.

    Parameters
    ----------
    file : str or None
        A company's own forecasts, in Nixtla's long form (docs/forecasts.md), in the place of those made in the run.
        They are used as of each cutoff, and as they are: promotions are in them, or nowhere.
    model : str or None
        Whose columns are read, where the file has several.
    bucket : str or None
        What a row covers: 'day', 'week', 'week_beginning' or 'week_ending'; None: found by the days between rows.

    Source: Silver, Pyke & Thomas (2017), sections 3.4, 3.8 and 6.10.
    """

    file: str | None = None
    model: str | None = None
    bucket: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        of, usual = f"of policy '{self.name}'", {each.name: each.default for each in fields(self)}
        if self.file is None:
            for name in ("model", "bucket"):
                require(
                    getattr(self, name) is None, f"{name} {of} says how its file is read; give file, or leave it out"
                )
            return
        for name in ("forecast", "alpha", "beta", "window"):
            given = getattr(self, name)
            own = f"{name} {of} says how it makes forecasts of its own; leave it out beside file={self.file}"
            require(given == usual[name], f"{own}, got {given}")

    def plan(self, known: Knowledge) -> Plan:
        """By forecasts of its own, or by those of the file."""
        if self.file is None:
            return super().plan(known)
        from restock.policies.own_files import from_file

        start = self.memory(known)
        slots = {
            from_file.SQUARED_ERROR: forecasts.SQUARED_ERROR, from_file.ERROR_SHARE: forecasts.ERROR_SHARE,
            from_file.CORRECTED: forecasts.CORRECTED, from_file.COVER_DAYS: forecasts.COVER_DAYS,
            from_file.LEAD_VARIANCE: forecasts.LEAD_VARIANCE, from_file.SAFETY_FACTOR: forecasts.SAFETY_FACTOR,
        }  # fmt: skip
        return from_file.plan_from_file(self, {slot: start[..., k] for slot, k in slots.items()}, known)

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        return factor_levels(known, self.review_period, everything=self.forecast == "oracle")

    @staticmethod
    def learn(seen: Any, levels: Any, memory: Any) -> None:
        """Base demand from what was posted, and the forecast of tomorrow."""
        extra = levels.posted_extra_thousandths / 1000.0
        learn_demand(memory, seen, 1.0 + (extra - memory[POSTED_EXTRA]) / seen.days)
        memory[POSTED_EXTRA] = extra
        tomorrow = levels.tomorrow_thousandths / 1000.0
        memory[FORECAST] = one_day(memory, seen.day + 1, memory[LAG] + 1.0) * tomorrow

    @staticmethod
    def rule(view: Any, levels: Any, memory: Any) -> int:  # type: ignore[override]
        """At or below the reorder point, up to it and a lot more."""
        low = math.ceil(reorder_point(memory, view.day, levels.ahead_thousandths / 1000.0) - 1e-9)
        if view.inventory_position <= low:
            return max(0, low + math.ceil(lot(memory) - 1e-9) - view.inventory_position)
        return 0
