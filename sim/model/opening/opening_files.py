"""An opening state as tables of a scenario's folder: stock.csv and open_orders.csv."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.sim.checks import check_keys
from restock.sim.errors import InputError, require, unknown
from restock.sim.model.opening.opening_state import NOT_TOLD, OPEN_ORDER, OpeningState
from restock.sim.model.scenario_rows import cell_of, read_csv, whole_number, write_csv

if TYPE_CHECKING:
    from restock.sim.model.scenario import Scenario

STOCK_FILE, ORDERS_FILE = "stock.csv", "open_orders.csv"
STOCK_COLUMNS = ("item", "site", "on_hand", "record", "waiting")
ORDER_COLUMNS = ("item", "site", "quantity", "order_date", "expected_date")


def write_opening(scenario: Scenario, folder: Path) -> dict[str, Any]:
    """Write the state's tables into a folder that is there; what scenario.yaml says of it beside, as its `opening`.

    >>> from tempfile import TemporaryDirectory
    >>> from restock.sim.planning.example import one_shop
    >>> state = OpeningState(np.array([[12], [0]]), open_orders=[(0, 0, 20, -1, 2)])
    >>> with TemporaryDirectory() as folder:
    ...     write_opening(one_shop(opening=state).scenario, Path(folder))
    ...     print((Path(folder) / "open_orders.csv").read_text(), end="")
    {'arrive': 'law'}
    item,site,quantity,order_date,expected_date
    milk,store,20,2023-12-31,2024-01-03
    """
    state = scenario.opening
    allowed = "what is on the shelf, on record, promised and on order today"
    good = isinstance(state, OpeningState)
    require(good, f"the state of a run cannot be written to a scenario's folder; allowed: {allowed}")
    assert isinstance(state, OpeningState)
    told = [name for name, usual in (("record", state.on_hand), ("waiting", np.zeros_like(state.on_hand)))
            if not np.array_equal(getattr(state, name), usual)]  # fmt: skip
    columns = [name for name in STOCK_COLUMNS if name in (*STOCK_COLUMNS[:3], *told)]
    items, sites = [item.name for item in scenario.items], [site.name for site in scenario.sites]

    def stock() -> Iterator[list[Any]]:
        for i, n in zip(*np.nonzero(scenario.stocked), strict=True):
            yield [items[i], sites[n], *(int(getattr(state, name)[i, n]) for name in columns[2:])]

    def orders() -> Iterator[list[Any]]:
        for i, n, quantity, ordered, expected in state.open_orders.tolist():
            yield [items[i], sites[n], quantity, _date(scenario, ordered), _date(scenario, expected)]

    write_csv(folder / STOCK_FILE, columns, stock())
    write_csv(folder / ORDERS_FILE, list(ORDER_COLUMNS), orders())
    return {"arrive": state.arrive}


def read_opening(folder: Path, scenario: Scenario, given: Any) -> OpeningState:
    """The state that a folder's tables hold; `given` is `opening` of its scenario.yaml.

    Raises InputError, with file and row, for what is missing, unknown or no whole number.

    >>> from tempfile import TemporaryDirectory
    >>> from restock.sim.planning.example import one_shop
    >>> state = OpeningState(np.array([[12], [0]]), open_orders=[(0, 0, 20, -1, 2)])
    >>> shop = one_shop(opening=state).scenario
    >>> with TemporaryDirectory() as folder:
    ...     again = read_opening(Path(folder), shop, write_opening(shop, Path(folder)))
    >>> again.on_hand.tolist(), again.open_orders.tolist()
    ([[12], [0]], [(0, 0, 20, -1, 2)])
    """
    given = {} if given is None else given
    check_keys(given, ["arrive"], "of opening in scenario.yaml")
    items = {item.name: i for i, item in enumerate(scenario.items)}
    sites = {site.name: n for n, site in enumerate(scenario.sites)}
    shape = scenario.stocked.shape
    arrays = {name: np.zeros(shape, np.int64) for name in STOCK_COLUMNS[2:]}
    told, unlisted = np.zeros(shape, bool), scenario.stocked.copy()
    for number, row in _rows(folder / STOCK_FILE, STOCK_COLUMNS, needed=STOCK_COLUMNS[:3]):
        cell = cell_of(row, items, sites, f"{STOCK_FILE} row {number}")
        unlisted[cell] = False
        for name in arrays:
            if row.get(name, "") != "" or name == "on_hand":
                arrays[name][cell] = whole_number(row[name], f"{STOCK_FILE} row {number}: {name}")
        told[cell] = row.get("record", "") != ""
    if unlisted.any():
        i, n = (int(k) for k in np.argwhere(unlisted)[0])
        missing = f"item '{scenario.items[i].name}' at site '{scenario.sites[n].name}'"
        raise InputError(f"{STOCK_FILE} has no row for {missing}, which keeps it; write 0 where the shelf is empty")
    record = np.where(told, arrays["record"], arrays["on_hand"])
    orders = np.array(list(_read_orders(folder / ORDERS_FILE, items, sites, scenario.start)), OPEN_ORDER)
    return OpeningState(arrays["on_hand"], record, arrays["waiting"], orders, **given)


def no_state_beside(folder: Path) -> None:
    """A folder whose scenario.yaml says nothing of a state has no tables of one, which would go unread.

    >>> no_state_beside(Path("nowhere"))
    """
    for name in (STOCK_FILE, ORDERS_FILE):
        words = (
            f"'{folder}' holds {name}, but its scenario.yaml has no `opening`: write `opening: {{arrive: law}}` there"
        )
        require(not (folder / name).exists(), f"{words}, or take the file away")


def _read_orders(
    path: Path, items: dict[str, int], sites: dict[str, int], start: datetime.date
) -> Iterator[tuple[int, ...]]:
    for number, row in _rows(path, ORDER_COLUMNS, needed=ORDER_COLUMNS[:4]) if path.exists() else ():
        at = f"{path.name} row {number}"
        cell = cell_of(row, items, sites, at)
        quantity = whole_number(row["quantity"], f"{at}: quantity")
        ordered = _day(row["order_date"], f"{at}: order_date", start)
        require(ordered < 0, f"{at}: order_date must lie before the first day, {start} (given '{row['order_date']}')")
        expected = row.get("expected_date", "")
        yield *cell, quantity, ordered, _day(expected, f"{at}: expected_date", start) if expected else NOT_TOLD


def _rows(path: Path, columns: tuple[str, ...], needed: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Rows of a table that has the columns needed, and none beside those it may have."""
    for number, row in read_csv(path):
        for column in row:
            if column not in columns:
                raise unknown("column", column, columns, f"of {path.name}")
        for column in needed:
            require(column in row, f"{path.name} has no column '{column}'; it needs {', '.join(needed)}")
        yield number, row


def _day(text: str, where: str, start: datetime.date) -> int:
    """Days from the first day to a date."""
    try:
        return (datetime.date.fromisoformat(text) - start).days
    except ValueError:
        raise InputError(f"{where} is not a date (YYYY-MM-DD) (given '{text}')") from None


def _date(scenario: Scenario, day: int) -> str:
    return "" if day == NOT_TOLD else str(scenario.start + datetime.timedelta(day))
