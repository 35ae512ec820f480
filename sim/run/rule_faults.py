"""What ended a run in the kernel, in words: of a rule that failed, those of the mistake itself.

The kernel says in which cell, and on which day, a rule or what it learns failed, and not how. The event engine then
runs that replication of that item again: the same path in plain Python, up to the mistake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from restock.sim.errors import InputError
from restock.sim.model.unit_limits import LEARNING_FAILED, RULE_FAILED
from restock.sim.planning.limits import Fault
from restock.sim.planning.policy import Plan

if TYPE_CHECKING:
    from restock.sim.planning.prepared import Prepared


def in_words(fault: Fault, prepared: Prepared, plan: Plan, seed: int) -> InputError:
    """The fault in one line."""
    if fault.kind not in (LEARNING_FAILED, RULE_FAILED):
        return InputError(fault.words(plan.name, prepared.known))
    return _of_rule(fault, prepared, plan, seed)


def _of_rule(fault: Fault, prepared: Prepared, plan: Plan, seed: int) -> InputError:
    """What went wrong in a rule or its learning, as the event engine meets it."""
    from restock.sim.engines.events.engine import Run
    from restock.sim.planning.prepared import Prepared

    world = prepared.world
    alone = np.zeros_like(world.stocked)
    alone[fault.item] = world.stocked[fault.item]
    one = Prepared(prepared.scenario)
    one.__dict__["world"] = world._replace(stocked=alone)  # in the place of what is made when first asked for
    try:
        Run(one, plan, seed, fault.replication).run()
    except InputError as error:
        return error
    cell, day = prepared.known.cell(fault.item, fault.site), fault.day - world.warm_up
    return InputError(
        f"policy '{plan.name}' {cell} on day {day} (replication {fault.replication}): the rule or its learning failed "
        "as it runs compiled, with whole numbers of 64 bits, and not in plain Python; keep its numbers within that"
    )
