"""Predictive: levels follow the forecast of the days ahead, promotions included before they begin."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from restock.policies.forecasting import Forecasting, factor_levels
from restock.policies.forecasts import FORECAST, LAG, POSTED_EXTRA, learn_demand, lot, one_day, reorder_point
from restock.sim.planning.knowledge import Knowledge


@dataclass(frozen=True)
class Predictive(Forecasting):
    """Every review, (s, S) from the forecast of demand over the protection interval.

    Base demand is learnt from recorded demand, less what promotions are known to have brought; the forecast is base
    demand times the factors of the promotions in the days ahead. Safety stock covers the errors of the forecast and
    the variance of the lead time. Settings are those of `restock.policies.forecasting.Forecasting`; where weekdays are
    forecast, the mean factor of the days ahead holds for each of them.

    Source: Silver, Pyke & Thomas (2017), sections 3.4, 3.8 and 6.10.
    """

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
