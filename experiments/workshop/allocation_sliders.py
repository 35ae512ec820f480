"""Sliders of how DCs of a generated chain share out: by which rule, up to how many days, by shelves or by books."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from restock.experiments.workshop.sliders import DEMAND, STOCK, SWITCH, Slider, standing_at
from restock.sim.model.scenario import Scenario

MOST_DAYS = 28
FAIR, SHORTFALL = "fair_share", "min_max_shortfall"


def allocation_sliders(scenario: Scenario, description: Mapping[str, Any]) -> list[Slider]:
    """What can be moved of the rule that the description names, so that every pair of positions is one that is taken.

    A rule that looks at no stores can give way to days of supply; one that looks can look at books in place of shelves.

    >>> from restock.sim.planning.example import one_shop
    >>> allocation_sliders(one_shop().scenario, {"kind": "written"})
    []
    """
    serve = any(above >= 0 for above in scenario.parent.tolist())
    if description.get("kind") != "generated" or not serve:
        return []
    rule, days, sees = (description[name] for name in ("allocation", "target_days", "allocation_sees"))
    to_days = rule == SHORTFALL and days is not None
    if rule != FAIR and not to_days:
        fair = SWITCH | {"form": FAIR, "nothing": rule}
        return [Slider("scenario.allocation", "A short DC fills up who has the fewest days", DEMAND, **fair)]
    by_books = SWITCH | {"form": "record", "nothing": "stock"}
    out = [Slider("scenario.allocation_sees", "A short DC goes by stores' books, not their shelves", STOCK, **by_books,
                  start=int(sees == "record"))]  # fmt: skip
    if to_days:
        out.append(standing_at(Slider("scenario.target_days", "A short DC fills up to", DEMAND, 1, MOST_DAYS, 0.5,
                                      "days"), days))  # fmt: skip
    return out
