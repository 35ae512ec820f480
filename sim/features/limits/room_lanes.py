"""Space and budgets in the kernel: parts of a gang, as those of `lanes`."""

from __future__ import annotations

from numba import int64

from restock.sim.compiling.marks import called_part, part
from restock.sim.engines.kernel.gang import first_fault
from restock.sim.engines.kernel.layout import DAY_ROWS, QUANTITY, WIDTH, extra_column
from restock.sim.engines.kernel.rows import CELL, GANG, I4, I8, WITHOUT, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.limits import loops as limit_loops
from restock.sim.features.limits import ordering_loops
from restock.sim.features.limits.loops import NEEDIEST_FIRST
from restock.sim.features.limits.ordering_arrays import NO_LIMIT

NO_SPACE, NO_MONEY = extra_column("no_space"), extra_column("no_money")


@called_part
def load_budgets(b, world, first_lane, lanes_used, replications, first_item):
    """The budget of each lane's item at each site, and what a unit takes of it."""
    of = world.features.limits
    for n in range(len(world.parent)):
        for lane in range(WIDTH if b.present[n] > 0 else 0):
            i = first_item + (first_lane + min(lane, lanes_used - 1)) // replications
            b.budget_of[n, lane] = of.budget_of[i, n]
            b.unit_money[n, lane] = of.unit_money[i, n]


@part
def set_money(b, world, first, many):
    """What is left of each budget, where a run goes on; else it is given on day 0."""
    of = world.features.limits
    for m in range(len(of.money)):
        b.money_left[m, :] = of.money[m]
    if world.opening_state.resumed and of.opening_spent.size > 0:
        for n in range(len(world.parent)):
            for i in range(len(world.stocked)):
                if of.budget_of[i, n] >= 0:
                    for r in range(many):
                        kept = min(first + r, of.opening_spent.shape[2] - 1)
                        b.money_left[of.budget_of[i, n], r] -= of.opening_spent[i, n, kept]


@part
def cover_here(b, k, n, lane):
    """Whole days of cover of a cell's inventory position."""
    return limit_loops.days_covered(float(b.has_here[k, n, lane]), b.rates[k, n, lane])


@called_part
def keep_to_space(b, world, n, today, day, blocks, lanes_used, many):
    """No more is ordered than there is space for beside what is there, or on its way."""
    of = world.features.limits
    if of.space[n] >= NO_LIMIT or first_fault(b, blocks) >= 0:
        return
    row, share, bound = today * DAY_ROWS + QUANTITY, of.site_share[n], False
    b.want[:] = 0
    b.may[:] = of.space[n]
    for k in range(blocks):
        if b.present[k, n] != WITHOUT:
            used = min(WIDTH, lanes_used - k * WIDTH)
            ordering_loops.add_space(
                b.days[k, n, row], b.has_here[k, n], b.volume[k], b.stocked[k, n], k * WIDTH, used, many, b.want, b.may
            )
    for r in range(many):
        b.may[r] = max(int64(0), b.may[r])
        bound |= b.want[r] > b.may[r]
    if not bound:
        return
    b.by_class[:] = 0
    if share == NEEDIEST_FIRST:
        for k in range(blocks):
            for lane in range(min(WIDTH, lanes_used - k * WIDTH) if b.present[k, n] != WITHOUT else 0):
                units = int64(b.days[k, n, row, lane])
                if units > 0:
                    b.by_class[cover_here(b, k, n, lane), (k * WIDTH + lane) % many] += units * int64(b.volume[k, lane])
    limit_loops.begin_grant(b.grant, share, b.want, b.may, b.by_class, many)
    for k in range(blocks):
        for lane in range(min(WIDTH, lanes_used - k * WIDTH) if b.present[k, n] != WITHOUT else 0):
            r, units, pack = (k * WIDTH + lane) % many, b.days[k, n, row, lane], b.pack[k, n, lane]
            if units > 0 and b.want[r] > b.may[r]:
                cover = cover_here(b, k, n, lane) if share == NEEDIEST_FIRST else 0
                weight = int64(pack) * int64(b.volume[k, lane])
                fits = limit_loops.granted(b.grant, share, r, cover, units // pack, weight, int64(day)) * pack
                b.extra[k, n, NO_SPACE, lane] += units - fits
                b.days[k, n, row, lane] = fits


@called_part
def keep_to_budgets(b, world, day, today, blocks, lanes_used, many):
    """What is left of each budget is shared among tonight's orders from outside."""
    of, row = world.features.limits, today * DAY_ROWS + QUANTITY
    for m in range(len(of.money)):
        share = of.budget_share[m]
        b.want[:] = 0
        b.by_class[:] = 0
        for r in range(many):
            b.money_left[m, r] = of.money[m] if int64(day) % of.every[m] == 0 else b.money_left[m, r]
            b.may[r] = b.money_left[m, r]
        for k in range(blocks):
            for n in range(len(world.parent)):
                if world.parent[n] < 0 and b.present[k, n] != WITHOUT:
                    for lane in range(min(WIDTH, lanes_used - k * WIDTH)):
                        if b.budget_of[k, n, lane] == m and b.days[k, n, row, lane] > 0:
                            packs, price = packs_and_price(b, k, n, lane, row, of.money[m])
                            r = (k * WIDTH + lane) % many
                            b.want[r] += packs * price
                            if share == NEEDIEST_FIRST:
                                b.by_class[cover_here(b, k, n, lane), r] += packs * price
        limit_loops.begin_grant(b.grant, share, b.want, b.may, b.by_class, many)
        for k in range(blocks):
            for lane in range(min(WIDTH, lanes_used - k * WIDTH)):
                r = (k * WIDTH + lane) % many
                for n in range(len(world.parent)):
                    if world.parent[n] < 0 and b.present[k, n] != WITHOUT and b.budget_of[k, n, lane] == m:
                        units, pack = b.days[k, n, row, lane], b.pack[k, n, lane]
                        if units > 0:
                            packs, price = packs_and_price(b, k, n, lane, row, of.money[m])
                            if b.want[r] > b.may[r]:
                                cover = cover_here(b, k, n, lane) if share == NEEDIEST_FIRST else 0
                                granted = limit_loops.granted(b.grant, share, r, cover, packs, price, int64(day))
                                packs = int64(granted)
                            b.money_left[m, r] -= packs * price
                            fits = packs * pack
                            b.extra[k, n, NO_MONEY, lane] += units - fits
                            b.days[k, n, row, lane] = fits


@part
def packs_and_price(b, k, n, lane, row, money):
    """Packs of an order, and what each takes of the budget: none asks for more than there is in all."""
    pack = int64(b.pack[k, n, lane])
    price = pack * b.unit_money[k, n, lane]
    return min(b.days[k, n, row, lane] // pack, money // price), price


LANES = {
    "space_and_budgets": Lanes(
        "features.limits.room_lanes",
        {
            "load": ("load_budgets",),
            "gang_loaded": ("set_money",),
            "decided": ("keep_to_space",),
            "all_decided": ("keep_to_budgets",),
        },
        rows={
            "budget_of": Row(CELL, I4, "number of the budget; -1: none"),
            "unit_money": Row(CELL, I8, "what a unit takes of it"),
            "money_left": Row((GANG, "budget", "replication"), I8, "of each budget"),
            "want": Row((GANG, "replication"), I8, "what tonight's orders come to"),
            "may": Row((GANG, "replication"), I8, "what they may come to"),
        },
        sizes=lambda of, world: {"budget": len(of.money)},
    ),
}
