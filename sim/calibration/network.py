"""The network of an export: its items, its sites, and the lanes between them with their lead times."""

from __future__ import annotations

import numpy as np
import pandas as pd

from restock.sim.calibration.export import Erp
from restock.sim.calibration.lead_times import lead_time_laws, lead_times_by_item, shipments_of
from restock.sim.calibration.report import Report
from restock.sim.model.network import WEEKDAYS, Item, Lane, Site
from restock.sim.probability.laws import law_from, to_mapping

SUPPLIER_LEAD_TIME = {"law": "empirical", "values": [5, 6, 7, 8, 9], "weights": [1, 2, 4, 2, 1]}
UNKNOWN_SUPPLIER = "unknown_supplier"


def items_of(erp: Erp, skus: np.ndarray, lots: pd.Series, margin: float, report: Report) -> tuple[Item, ...]:
    """Items with rows of demand; what they lack is assumed and counted."""
    table = erp.items.set_index("sku").loc[sorted(skus)]
    cost, price = table["unit_cost"].copy(), table["unit_price"].copy()
    no_cost, no_price = cost.isna(), price.isna()
    price = price.fillna((cost / (1 - margin)).round(2))
    cost = cost.fillna((price * (1 - margin)).round(2))
    neither = cost.isna()
    cost, price = cost.fillna(1.0), price.fillna(round(1 / (1 - margin), 2))
    for what, missing, other in (
        ("unit_price", no_price & ~neither, "unit_cost / (1 - margin)"),
        ("unit_cost", no_cost & ~neither, "unit_price x (1 - margin)"),
    ):
        report.add(
            "assumed",
            f"items without {what}: {int(missing.sum()):,}; taken as {other} with a margin of {margin:.0%}",
            missing.sum(),
        )
    report.add("assumed", f"items with neither cost nor price: {int(neither.sum()):,}; cost 1", neither.sum())
    report.add("assumed", f"items that cost nothing (donated?): {int((cost == 0).sum()):,}; left so", (cost == 0).sum())
    report.add(
        "assumed",
        f"items that cost more than their price: {int((price < cost).sum()):,}; left so",
        (price < cost).sum(),
    )
    nobody = table["supplier"] == ""
    report.add(
        "assumed", f"items without a supplier: {int(nobody.sum()):,}; taken as '{UNKNOWN_SUPPLIER}'", nobody.sum()
    )
    unpacked = table["case_pack"].isna()
    report.add("assumed", f"items without a case pack: {int(unpacked.sum()):,}; ordered by the unit", unpacked.sum())
    report.add(
        "dropped", f"items without a row of demand: {len(erp.items) - len(table):,}", len(erp.items) - len(table)
    )
    lot = lots.reindex(table.index).to_numpy()
    case = np.where(table["case_pack"].isna(), lot, table["case_pack"])  # no pack: ordered one by one
    pack = np.ceil(np.round(case / lot, 6)).clip(min=1).astype(int)
    least = np.ceil(np.round(table["minimum_order"].fillna(0).to_numpy() / lot, 6)).astype(int)
    supplier, category = (
        table["supplier"].where(~nobody, UNKNOWN_SUPPLIER),
        table["category"].where(table["category"] != "", "all"),
    )
    columns = zip(
        table.index,
        category,
        supplier,
        (cost * lot).round(6),
        (price * lot).round(6),
        pack.tolist(),
        least.tolist(),
        strict=True,
    )
    return tuple(Item(*row, counted_in=float(each)) for row, each in zip(columns, lot, strict=True))  # type: ignore[misc]


def sites_of(erp: Erp, selling: set[str], demand_at: str, report: Report) -> tuple[Site, ...]:
    """Locations with rows and those that serve them. A store that mostly receives from suppliers is served by them."""
    served_by, kind = (
        erp.locations.set_index("location")["served_by"].to_dict(),
        erp.locations.set_index("location")["kind"].to_dict(),
    )
    direct: set[str] = set()
    if erp.receipts is not None:
        direct = {
            place for place in erp.receipts["location"].unique() if kind.get(place) == "store" and served_by.get(place)
        }
        direct &= selling
        report.add(
            "assumed",
            f"stores that receive from suppliers by the receipts: {len(direct):,}; served by them, not by their DC",
            len(direct),
        )
    kept: list[str] = []
    for place in sorted(selling):
        while place and kind[place] != "supplier" and place not in kept:
            kept.append(place)
            place = "" if place in direct else served_by[place]
    left = [place for place in kind if kind[place] == "store" and place not in selling]
    report.add("dropped", f"stores without a row of demand: {len(left):,}", len(left) if demand_at == "store" else 0)
    order = [place for place in kind if place in kept]
    upper = {
        place: served_by[place] if place not in direct and kind.get(served_by[place]) in ("store", "dc") else None
        for place in order
    }
    return tuple(Site(place, kind[place], upper[place]) for place in order)


def lanes_of(erp: Erp, items, sites, cells, least: int, dc_lead_time, supplier_lead_time, order_days, report: Report):
    """Every lane the network needs, with the lead times of its receipts or an assumed law."""
    whole = report.figures.get("whole_pack_share", 0.0)
    packs_to_stores = whole == whole and whole >= 0.5
    stocked = {site.name: set(cells["sku"][cells["location"] == site.name]) for site in sites}
    above = {site.name: site.served_by for site in sites}
    for site in sites:
        name, skus = site.name, stocked[site.name]
        while name is not None:
            stocked[name] |= skus
            name = above[name]
    supplier = {item.name: item.supplier for item in items}
    needed = [
        (source, s.name)
        for s in sites
        for source in ([s.served_by] if s.served_by else sorted({supplier[k] for k in stocked[s.name]}))
    ]
    shipments = shipments_of(erp, report)
    assumed = {
        True: law_from(dc_lead_time, "dc_lead_time"),
        False: law_from(supplier_lead_time or SUPPLIER_LEAD_TIME, "supplier_lead_time"),
    }
    inside = {(site.served_by, site.name) for site in sites if site.served_by}
    measured = set() if shipments is None else set(shipments["supplier"])
    borrow = [lane for lane in needed if shipments is not None and (lane not in inside or lane[0] in measured)]
    fitted = (
        lead_time_laws(shipments, borrow, least)
        if borrow
        else pd.DataFrame(columns=["supplier", "location", "law", "taken_from", "shipments"])
    )
    laws = {(row.supplier, row.location): row.law for row in fitted.itertuples()}
    for level, group in fitted.groupby("taken_from", sort=False):
        where = (
            "its own shipments"
            if level == "lane"
            else f"shipments of its {level}"
            if level != "all"
            else "all shipments"
        )
        report.add(
            "fitted" if level == "lane" else "not fitted",
            f"lead times, lanes by {where}: {len(group):,}"
            + (f" (fewer than {least} of its own)" if level != "lane" else ""),
        )
    guessed = [lane for lane in needed if lane not in laws]
    for within, what in ((True, "from a DC to a store"), (False, "from a supplier")):
        count = sum((lane in inside) == within for lane in guessed)
        law = assumed[within]
        report.add(
            "assumed",
            f"lead time, lanes {what} without receipts: {count:,}; days on average: {law.moments[0]:g}",
            count,
        )
    rows = [(*lane, assumed[lane in inside], "assumed", 0) for lane in guessed]
    table = (
        pd.concat([fitted, pd.DataFrame(rows, columns=["supplier", "location", "law", "taken_from", "shipments"])])
        if rows
        else fitted
    )
    own = set(zip(*(fitted.loc[fitted["taken_from"] == "lane", c] for c in ("supplier", "location")), strict=True))
    by_item = lead_times_by_item(erp, own, {item.name for item in items}, report) if own else {}
    lanes = tuple(
        Lane(
            source,
            place,
            laws.get((source, place), assumed[(source, place) in inside]),
            order_days.get(place, WEEKDAYS) if (source, place) in inside else WEEKDAYS,
            lead_time_by_item=by_item.get((source, place), {}),
            break_packs=(source, place) in inside and not packs_to_stores,
        )
        for source, place in needed
    )
    bound = sum(item.pack > 1 or item.minimum_order > 1 for item in items)
    report.add(
        "assumed",
        f"packs and minimum orders of {bound:,} items bind on lanes from suppliers; on those between own sites "
        + ("too: most rows are whole packs" if packs_to_stores else "goods are picked by the unit (break_packs)"),
        bound if any(lane in inside for lane in needed) else 0,
    )
    used = sum(lane.order_days != WEEKDAYS for lane in lanes)
    report.add("fitted", f"order days, lanes: {used:,}; the weekdays with at least 15% of the store's rows", used)
    return table.assign(law=[to_mapping(law) for law in table["law"]]).reset_index(drop=True), lanes


def order_days_of(erp: Erp) -> dict[str, tuple[str, ...]]:
    """Weekdays that carry at least 15% of a store's order rows: an even week would give 14% to each."""
    share = pd.crosstab(erp.sales["location"], erp.sales["date"].dt.day_of_week, normalize="index").reindex(
        columns=range(7), fill_value=0.0
    )
    return {
        place: tuple(day for day, part in zip(WEEKDAYS, row, strict=True) if part >= 0.15) or WEEKDAYS
        for place, row in zip(share.index, share.to_numpy(), strict=True)
    }
