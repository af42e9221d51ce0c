"""The operations: each makes one change to a draft of a case."""

import math
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any

from pydantic import ValidationError

from planner.case.calendar import years_touched
from planner.case.case import key_text, simple_key
from planner.case.messages import listed, nearest, unknown
from planner.case.model import Forced
from planner.case.parse import Column, columns_of
from planner.case.renamed import current_column
from planner.case.rows import REQUIRED_TABLES, TABLES, OfferRow
from planner.changes import schema
from planner.changes.draft import ChangeError, Draft, cell_value, column_named, write_cell
from planner.changes.modelpath import change_model
from planner.changes.select import select
from planner.changes.shift import shift

Make = Callable[[Any], Any]

CASCADE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "providers": (("offers", "provider"),),
    "sites": (
        ("energisation", "site"),
        ("power_options", "site"),
        ("latency", "site"),
        ("serving", "site"),
        ("offers", "site"),
    ),
    "offers": (("contracts", "offer"),),
    "chips": (("chip_supply", "chip"),),
    "markets": (("demand", "market"), ("latency", "market"), ("serving", "market")),
}
"""What goes with a dropped row: table and the column that names it."""


def make_change(draft: Draft, change: Any) -> None:
    """Make one change (any of `planner.changes.schema.OPS`).

    Raises
    ------
    ChangeError
        If it cannot be made.
    """
    _OPS[change.op](draft, change)


def _figures(draft: Draft, change: schema.Figures, make: Make, *, numeric: bool, skip_empty: bool = True) -> None:
    """Change every figure that a change means by a function of its value."""
    if (change.model is None) == (change.table is None):
        raise ChangeError("give either table (with column), or model")
    if change.model is not None:
        if change.column is not None or change.key is not None or change.where is not None:
            raise ChangeError("column, key and where go with table, not with model")
        change_model(draft, change.model, _on_model(change.model, make, numeric=numeric))
        return
    table, columns = _columns(change, numeric=numeric)
    changed = 0
    for key in select(draft, change):
        for column in columns:
            if not (skip_empty and getattr(draft.rows(table)[key], column.name) is None):
                write_cell(draft, table, key, column, make)
                changed += 1
    if not changed:
        raise ChangeError(f"no row meant has a figure in {listed([column.name for column in columns])}")


def _columns(change: schema.Figures, *, numeric: bool) -> tuple[str, list[Column]]:
    """Return the table and the columns that a change means."""
    if change.column is None:
        raise ChangeError(f"give the column of table {change.table} to change")
    names = change.column if isinstance(change.column, tuple) else (change.column,)
    if not names:
        raise ChangeError("column is an empty list")
    table = str(change.table)
    if table not in TABLES:
        raise ChangeError(unknown("table", table, TABLES))
    columns = [column_named(table, str(name)) for name in names]
    for column in columns:
        if column.name in TABLES[table].KEY:
            raise ChangeError(f"{column.name} is part of the key of {table} and cannot be changed")
        if numeric and not column.numeric:
            raise ChangeError(f"{column.name} of table {table} holds {column.kind}, not one number")
    return table, columns


def _on_model(path: str, make: Make, *, numeric: bool) -> Make:
    def checked(old: Any) -> Any:
        if numeric and old is not None and (isinstance(old, bool) or not isinstance(old, (int, float))):
            raise ChangeError(f"model.{path.removeprefix('model.')} is not a number")
        return make(old)

    return checked


def _set(draft: Draft, change: schema.Set) -> None:
    if change.to is not None:
        if change.value is not None:
            raise ChangeError("give either value, or to")
        _set_to_range(draft, change, change.to)
    elif change.value is None:
        raise ChangeError('give value (an empty text, "", for "not given"), or to')
    else:
        _figures(draft, change, lambda _old: change.value, numeric=False, skip_empty=False)


def _set_to_range(draft: Draft, change: schema.Set, end: str) -> None:
    """Give every figure that has a range the low or the high end of it."""
    if change.table is None:
        raise ChangeError("to needs a table with ranges (columns X_low and X_high)")
    table, columns = _columns(change, numeric=True)
    changed = 0
    for key in select(draft, change):
        for column in columns:
            pair = draft.ranges[table].get(key, {}).get(column.name)
            if pair is not None:
                value = pair[0] if end == "low" else pair[1]
                draft.change(table, key, {column.name: cell_value(column, value)})
                changed += 1
    if not changed:
        names = listed([column.name for column in columns])
        raise ChangeError(f"no row meant states a range of {names} (columns X_low and X_high)")


def _scale(draft: Draft, change: schema.Scale) -> None:
    if change.factor is None:
        raise ChangeError("give factor")
    factor = change.factor
    if change.model is not None:
        _figures(draft, change, partial(_scaled, factor=factor), numeric=True)
        return
    if change.table is None:
        raise ChangeError("give either table (with column), or model")
    table, columns = _columns(change, numeric=True)
    keys = select(draft, change)
    pairs = {key: dict(draft.ranges[table].get(key, {})) for key in keys}
    for key in keys:
        for column in columns:
            if getattr(draft.rows(table)[key], column.name) is not None:
                write_cell(draft, table, key, column, partial(_scaled, factor=factor))
            if column.name in pairs[key]:
                _scale_range(draft, table, key, column.name, pairs[key][column.name], factor)


def _scaled(old: Any, factor: float) -> Any:
    """Return a figure times the factor; whole numbers stay whole, rounded down."""
    if old is None:
        raise ChangeError("it is not given, so it cannot be scaled")
    return math.floor(old * factor + 1e-9) if isinstance(old, int) else old * factor


def _scale_range(
    draft: Draft, table: str, key: Hashable, column: str, pair: tuple[float, float], factor: float
) -> None:
    """Let the range that the case states beside a figure move with it."""
    low, high = pair[0] * factor, pair[1] * factor
    if low <= getattr(draft.rows(table)[key], column) <= high:
        draft.ranges[table].setdefault(key, {})[column] = (low, high)


def _cap(draft: Draft, change: schema.Cap) -> None:
    if change.value is None:
        raise ChangeError("give value")
    limit = change.value
    _figures(draft, change, lambda old: limit if old is None or old > limit else old, numeric=True, skip_empty=False)


def _floor(draft: Draft, change: schema.Floor) -> None:
    if change.value is None:
        raise ChangeError("give value")
    limit = change.value
    _figures(draft, change, lambda old: limit if old is not None and old < limit else old, numeric=True)


def _relax(draft: Draft, change: schema.Relax) -> None:
    if change.model is not None:

        def gone(old: Any) -> Any:
            if old is None:
                raise ChangeError(f"model.{change.model} is not given, so it limits nothing")

        _figures(draft, change, gone, numeric=False)
        return
    if change.table is not None:
        for column in _columns(change, numeric=False)[1]:
            if not column.optional:
                raise ChangeError(f"{column.name} of table {change.table} must be given; it cannot be taken away")
    _figures(draft, change, lambda _old: None, numeric=False)


def _add(draft: Draft, change: schema.Add) -> None:
    rows = draft.start_table(change.table)
    known = columns_of(change.table)
    values = {}
    for written, value in change.row.items():
        name = current_column(change.table, written, "what-if")
        if name not in known:
            raise ChangeError(f"table {change.table} has no column {name!r}{nearest(name, known)}")
        try:
            values[name] = cell_value(known[name], value)
        except ChangeError as error:
            raise ChangeError(f"{name}: {error}") from None
    missing = [name for name, column in known.items() if not column.optional and name not in values]
    if missing:
        raise ChangeError(f"the row needs {listed(missing, 40)}")
    try:
        row = TABLES[change.table].model_validate(values)
    except ValidationError as failure:  # pragma: no cover  # every cell was admitted one by one
        raise ChangeError(str(failure)) from None
    key = simple_key(row)
    if key in rows:
        raise ChangeError(f"table {change.table} has a row [{key_text(key)}] already")
    rows[key] = row


def _drop(draft: Draft, change: schema.Drop) -> None:
    if change.key is None and change.where is None and change.table in REQUIRED_TABLES:
        raise ChangeError(f"every case needs table {change.table}: give key or where")
    _drop_rows(draft, change.table, select(draft, change))


def _drop_rows(draft: Draft, table: str, keys: list[Hashable]) -> None:
    """Take rows out, and what cannot be without them; an offer left without a chip goes too."""
    gone = set(keys)
    if table == "chips":
        _forget_chips(draft, {str(key) for key in keys})
    draft.remove(table, keys)
    for other, column in CASCADE.get(table, ()):
        if draft.has(other):
            orphans = [key for key, row in draft.rows(other).items() if getattr(row, column) in gone]
            if orphans:
                _drop_rows(draft, other, orphans)


def _forget_chips(draft: Draft, gone: set[str]) -> None:
    if draft.has("contracts"):
        held = [str(row.key[0]) for row in draft.rows("contracts").values() if getattr(row, "chip", None) in gone]
        if held:
            raise ChangeError(f"signed contracts hold the chip: {listed(held)}; drop or change them first")
    empty: list[Hashable] = []
    for key, row in list(draft.rows("offers").items()):
        assert isinstance(row, OfferRow)
        left = tuple(chip for chip in row.chips if chip not in gone)
        if left and left != row.chips:
            draft.change("offers", key, {"chips": left})
        elif not left:
            empty.append(key)
    _drop_rows(draft, "offers", empty)


def _force(draft: Draft, change: schema.Force) -> None:
    if (change.site is None) == (change.offer is None):
        raise ChangeError("give either site or offer")
    years = years_touched(draft.case.model.horizon)
    if change.by is None or change.by not in years:
        raise ChangeError(f"by must be a year of the horizon, {years[0]} to {years[-1]}")
    if change.site is not None:
        if change.blocks is not None or change.role is not None:
            raise ChangeError("blocks and role go with offer, not with site")
        _known_site(draft, change.site)
        draft.force(Forced(by=change.by, site=change.site))
        return
    offers = draft.rows("offers")
    if change.offer not in offers:
        raise ChangeError(unknown("offer", str(change.offer), [str(key) for key in offers]))
    offer = offers[change.offer]
    assert isinstance(offer, OfferRow)
    _known_site(draft, offer.site)
    blocks = change.blocks if change.blocks is not None else offer.min_blocks or 1
    if blocks > offer.max_blocks:
        raise ChangeError(f"blocks {blocks}: offer {offer.offer} has at most {offer.max_blocks}")
    if change.role is not None and change.role not in offer.roles:
        raise ChangeError(f"offer {offer.offer} has the roles {listed(offer.roles)}, not {change.role}")
    draft.force(Forced(by=change.by, offer=offer.offer, blocks=blocks, role=change.role))


def _known_site(draft: Draft, site: str) -> None:
    sites = draft.rows("sites")
    if site not in sites:
        raise ChangeError(unknown("site", site, [str(key) for key in sites]))
    if not sites[site].available:  # type: ignore[attr-defined]
        raise ChangeError(f'site {site} is not available (set its column available to "yes" first)')


_OPS: Mapping[str, Callable[[Draft, Any], None]] = {
    "set": _set,
    "scale": _scale,
    "cap": _cap,
    "floor": _floor,
    "relax": _relax,
    "shift": shift,
    "add": _add,
    "drop": _drop,
    "force": _force,
}
