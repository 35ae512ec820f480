"""What becomes of the units that a policy asks for, before they are an order (event engine)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from restock.sim.model.arrays import World


def in_packs(world: World, i: int, n: int, quantity: int) -> int:
    """An order raised to the minimum order and to whole packs.

    >>> from restock.sim.planning.example import one_shop
    >>> in_packs(one_shop().world, 0, 0, 7), in_packs(one_shop().world, 0, 0, 0)
    (7, 0)
    """
    if quantity == 0:
        return 0
    pack, least = int(world.pack[i, n]), int(world.minimum_order[i, n])
    return -(-max(quantity, least) // pack) * pack
