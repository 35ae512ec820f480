"""Levels from a file: what an ERP system holds today, or what a run of restock has written, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.policies.base_stock import BaseStock
from restock.policies.own_files.names import ITEM, SITE, as_written
from restock.policies.reorder_point import order_lots, order_up_to
from restock.sim.errors import InputError, require, unknown
from restock.sim.model.scenario_rows import cell_of
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.levels import checked_levels
from restock.sim.planning.policy import Plan, Policy, Rule

if TYPE_CHECKING:
    from restock.sim.calibration.reading.own_table import Table

METHODS: dict[str, tuple[tuple[str, ...], Rule]] = {
    "min_max": (("reorder_point", "order_up_to_level"), order_up_to),
    "lots": (("reorder_point", "order_quantity"), order_lots),
    "base_stock": (("base_stock_level",), BaseStock.rule),
}
"""How a cell is replenished: the levels that it takes, in the order of its rule, and the rule."""
LEVELS = tuple(dict.fromkeys(name for levels, _ in METHODS.values() for name in levels))
NAMES = {
    "policy": ("policy",),
    "item": ITEM,
    "site": SITE,
    "reorder_point": ("reorder_point", "min", "minimum", "min_quantity", "minimum_quantity", "product_min_qty",
                      "reorder_level", "re_order_level", "warehouse_reorder_level", "minimum_stock"),
    "order_up_to_level": ("order_up_to_level", "max", "maximum", "max_quantity", "maximum_quantity", "product_max_qty",
                          "maximum_stock", "maximum_stock_level", "maximum_inventory", "preferred_stock_level"),
    "order_quantity": ("order_quantity", "lot_size", "reorder_quantity", "re_order_qty", "reorder_qty",
                       "warehouse_reorder_qty", "fixed_lot_size", "kanban_quantity"),
    "base_stock_level": ("base_stock_level", "base_stock", "target_stock", "target_stock_level"),
    "review_period": ("review_period", "review_days"),
}  # fmt: skip
"""What files call each column: here, in exports, then in SAP, Odoo, ERPNext, Business Central and NetSuite."""


@dataclass(frozen=True)
class Levels(Policy):
    """Every item at every site has the levels of a file; what the file does not say is refused, not made up.

    Parameters
    ----------
    file : str
        A CSV file or workbook with a row for each item at each site: item (or sku), site (or location), review_period
        (days; 1 if left out), and, in units, reorder_point (or min) with order_up_to_level (or max); or reorder_point
        with order_quantity, for whole lots such as kanbans; or base_stock_level; names that ERP systems give are taken
        too (`NAMES`). `tables/levels.csv` of a run is one, and `tables/levels.xlsx`.
    of : str or None
        Whose rows, where a column `policy` names several.

    Source: Silver, Pyke & Thomas (2017), section 6.3 (the four common forms of control).
    """

    file: str | None = None
    of: str | None = None

    def __post_init__(self) -> None:
        require(
            self.review_period == 1, "levels are reviewed as their file says; set review_period there, not beside it"
        )

    def plan(self, known: Knowledge) -> Plan:
        """The rules and levels of the file's rows, cell by cell."""
        if not self.file:
            raise InputError("policy 'levels' needs the file that they are in: policy.levels.file=levels.csv")
        frame = self._rows()
        shape = known.stocked.shape
        given, period = np.zeros(shape, bool), np.ones(shape, np.int32)
        levels = {method: {name: np.zeros(shape, np.int64) for name in names} for method, (names, _) in METHODS.items()}
        rule_of = np.zeros(shape, np.int32)
        for row in self._read(frame, known):
            i, n = row["cell"]
            require(not given[i, n], f"{row['where']}: {known.cell(i, n)[4:]} has levels already")
            given[i, n], period[i, n] = True, row["review_period"]
            rule_of[i, n] = list(METHODS).index(row["method"])
            for name, value in row["levels"].items():
                levels[row["method"]][name][i, n] = value
        lacking = np.argwhere(known.stocked & ~given)
        if len(lacking):
            i, n = (int(x) for x in lacking[0])
            raise InputError(
                f"{self.file}: {len(lacking):,} cells have no levels, the first of them {known.cell(i, n)[4:]}"
            )
        rules = tuple(rule for _, rule in METHODS.values())
        checked = tuple(checked_levels(each, self.name, known) for each in levels.values())
        return Plan(self.name, rules, checked, rule_of, period)

    def _rows(self) -> Table:
        """The file's rows, of one policy, columns by their names here."""
        from restock.sim.calibration.reading.own_table import read_table  # takes pandas, which is slow to import

        assert self.file is not None
        called = {name for names in NAMES.values() for name in names}
        table = read_table(self.file, "policy.levels.file", called.__contains__)
        header = table.frame.columns
        table = table.named(NAMES)
        for name in ("item", "site"):
            require(name in table.frame, f"{self.file}: column '{name}' is missing; it has {', '.join(header)}")
        several = table.frame["policy"].unique().tolist() if "policy" in table.frame else []
        if self.of is not None:
            if self.of not in several:
                raise unknown("policy", self.of, several, f"in {self.file}")
            return replace(table, frame=table.frame[table.frame["policy"] == self.of])
        require(len(several) <= 1, f"{self.file} has levels of {', '.join(map(str, several))}; say whose: "
                                   "policy.levels.of=NAME")  # fmt: skip
        return table

    def _read(self, table: Table, known: Knowledge) -> Iterator[dict[str, Any]]:
        """Each row: its cell, method, levels in the units that the item is counted in, and review period."""
        items = {item.name: i for i, item in enumerate(known.scenario.items)}
        sites = {site.name: n for n, site in enumerate(known.scenario.sites)}
        frame, numeric = table.frame, table.numbers(name for name in LEVELS if name in table.frame)
        for place, row in enumerate(frame.astype("str").to_dict("records")):
            where = table.where(place)
            item, site = (as_written(row[name]) for name in ("item", "site"))
            i, n = cell_of({"item": item, "site": site}, items, sites, where)
            require(bool(known.stocked[i, n]), f"{where}: item '{item}' is not stocked at site '{site}'")
            there = {name: row[name] for name in LEVELS if row.get(name)}
            method = next((m for m, (names, _) in METHODS.items() if set(names) == set(there)), None)
            forms = "; or ".join(" and ".join(names) for names, _ in METHODS.values())
            if method is None:
                raise InputError(f"{where} has {', '.join(there) or 'no level'}; give {forms}")
            unit = known.scenario.items[i].counted_in
            values = {name: _counted(numeric[name][place], there[name], name, unit, where)
                      for name in METHODS[method][0]}  # fmt: skip
            if method == "min_max":
                low, high = (there[name] for name in METHODS[method][0])
                good = values["order_up_to_level"] >= values["reorder_point"]
                require(good, f"{where}: reorder_point {low} is above order_up_to_level {high}")
            if method == "lots":
                require(values["order_quantity"] >= 1, f"{where}: order_quantity must be above 0, got "
                                                       f"{there['order_quantity']}")  # fmt: skip
            days = row.get("review_period") or "1"
            require(days.isdecimal() and 1 <= int(days) <= 366, f"{where}: review_period must be whole days from 1 to "
                                                                f"366, got {days}")  # fmt: skip
            yield {"cell": (i, n), "method": method, "levels": values, "review_period": int(days), "where": where}


def methods_of(plan: Plan) -> Mapping[int, str]:
    """The rules of a plan that a file of levels can hold: rule number -> method.

    >>> from restock.sim.planning.example import one_shop
    >>> methods_of(BaseStock(base_stock_level=9).plan(one_shop().known))
    {0: 'base_stock'}
    """
    found = {}
    for number, levels in enumerate(plan.levels):
        fixed = all(isinstance(level, np.ndarray) for level in levels.values())
        rule = plan.rules[number]  # one of its own may have the same levels and do otherwise
        method = next((m for m, (names, own) in METHODS.items() if names == tuple(levels) and rule is own), None)
        if fixed and method is not None and plan.memory_of(number) is None and plan.express_of(number) is None:
            found[number] = method
    return found


def _counted(value: float, text: str, name: str, unit: float, where: str) -> int:
    """A number of units as a whole number of what the item is counted in."""
    good = np.isfinite(value) and 0 <= value <= 2**28 * unit
    require(bool(good), f"{where}: {name} must be a number of units from 0 to {2**28 * unit:,.0f}, got {text}")
    counted = round(value / unit)
    of = "" if unit == 1 else f" times {unit:g}, the unit that the item is counted in"
    require(
        abs(counted * unit - value) <= 1e-6 * max(1.0, value), f"{where}: {name} must be a whole number{of}, got {text}"
    )
    return counted
