"""The cases of `restock verify`: inputs and printed numbers of exact and published cases, each with its source."""

from __future__ import annotations

from restock.sim.verification.judging import Case


def all_cases() -> dict[str, Case]:
    """Every case by its name, in the order in which they are run."""
    from restock.sim.verification.cases import (
        allocating,
        base_stock,
        beer_game,
        bookkeeping,
        bullwhip,
        changing_demand,
        channels,
        dual_sourcing,
        echelons,
        joint_orders,
        limits,
        lost_sales,
        network,
        reorder_point,
        single_period,
        traces,
        transferring,
    )

    modules = (
        single_period,
        base_stock,
        changing_demand,
        reorder_point,
        lost_sales,
        dual_sourcing,
        echelons,
        allocating,
        joint_orders,
        limits,
        bullwhip,
        beer_game,
        network,
        bookkeeping,
        traces,
        transferring,
        channels,
    )
    return {case.name: case for module in modules for case in module.CASES}
