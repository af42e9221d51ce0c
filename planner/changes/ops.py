"""The operations: each makes one change to a draft of a case."""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from planner.case.calendar import years_touched
from planner.case.case import key_text, simple_key
from planner.case.check.risks import TARGETS
from planner.case.messages import listed, unknown
from planner.case.model import Forced
from planner.case.parse import columns_of
from planner.case.renamed import current_column
from planner.case.rows import REQUIRED_TABLES, TABLES, OfferRow
from planner.changes import schema
from planner.changes.draft import Draft
from planner.changes.figures import Cell, Entry, Figure, figures
from planner.changes.refusals import ChangeError, no_column
from planner.changes.select import select
from planner.changes.shift import shift
from planner.changes.values import cell_value

Make = Callable[[Any], Any]

CASCADE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "providers": (("offers", "provider"), ("financing", "provider")),
    "sites": (
        ("energisation", "site"),
        ("power_options", "site"),
        ("latency", "site"),
        ("serving", "site"),
        ("offers", "site"),
    ),
    "offers": (("contracts", "offer"),),
    "chips": (("chip_supply", "chip"),),
    "programmes": (("programme_steps", "programme"),),
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


def _figures(draft: Draft, change: schema.Figures, *, numeric: bool = False) -> list[Figure]:
    """Return every figure that a change means; with ``numeric``, refused where one holds no number."""
    found = figures(draft, change.place)
    if numeric:
        for figure in found:
            figure.need_number(draft)
    return found


def _remake(draft: Draft, change: schema.Figures, make: Make, *, numeric: bool = False) -> None:
    """Change every figure that is given by a function of its value."""
    found = _figures(draft, change, numeric=numeric)
    given = [figure for figure in found if isinstance(figure, Entry) or figure.value(draft) is not None]
    if not given:
        raise ChangeError(f"no row meant has a figure in {listed(_names(found))}")
    for figure in given:
        figure.give(draft, make(figure.value(draft)))


def _names(found: Iterable[Figure]) -> list[str]:
    """Return the columns of figures, each once."""
    return list(dict.fromkeys(str(figure).rpartition("].")[2] for figure in found))


def _set(draft: Draft, change: schema.Set) -> None:
    if change.to is not None:
        if change.value is not None:
            raise ChangeError("give either value, or to")
        _set_to_range(draft, change, change.to)
    elif change.value is None:
        raise ChangeError('give value (an empty text, "", for "not given"), or to')
    else:
        for figure in _figures(draft, change):
            figure.give(draft, change.value)


def _set_to_range(draft: Draft, change: schema.Set, end: str) -> None:
    """Give every figure that has a range the low or the high end of it."""
    if change.table is None:
        raise ChangeError("to needs a table with ranges (columns X_low and X_high)")
    found = _figures(draft, change, numeric=True)
    changed = 0
    for figure in found:
        assert isinstance(figure, Cell)  # a table is given
        low, high = draft.ends(figure.table, figure.key, figure.column.name)
        if low is not None and high is not None and not figure.end:
            figure.give(draft, low if end == "low" else high)
            changed += 1
    if not changed:
        raise ChangeError(f"no row meant states a range of {listed(_names(found))} (columns X_low and X_high)")


def _scale(draft: Draft, change: schema.Scale) -> None:
    if change.factor is None:
        raise ChangeError("give factor")
    for figure in _figures(draft, change, numeric=True):
        old = figure.value(draft)
        if isinstance(figure, Entry) and old is None:
            raise ChangeError("it is not given, so it cannot be scaled")
        if old is not None:
            figure.give(draft, _scaled(old, change.factor))
        if isinstance(figure, Cell) and not figure.end:
            draft.scale_ends(figure.table, figure.key, figure.column.name, change.factor)


def _scaled(old: Any, factor: float) -> Any:
    """Return a figure times the factor; whole numbers stay whole, rounded down."""
    return math.floor(old * factor + 1e-9) if isinstance(old, int) else old * factor


def _cap(draft: Draft, change: schema.Cap) -> None:
    if change.value is None:
        raise ChangeError("give value")
    limit = change.value
    for figure in _figures(draft, change, numeric=True):
        old = figure.value(draft)
        figure.give(draft, limit if old is None or old > limit else old)


def _floor(draft: Draft, change: schema.Floor) -> None:
    if change.value is None:
        raise ChangeError("give value")
    limit = change.value
    _remake(draft, change, lambda old: limit if old is not None and old < limit else old, numeric=True)


def _relax(draft: Draft, change: schema.Relax) -> None:
    for figure in _figures(draft, change):
        if isinstance(figure, Cell) and not figure.end and not figure.column.optional:
            name = figure.column.name
            raise ChangeError(f"{name} of table {figure.table} must be given; it cannot be taken away")
        if isinstance(figure, Entry) and figure.value(draft) is None:
            raise ChangeError(f"{figure} is not given, so it limits nothing")
    _remake(draft, change, lambda _old: None)


def _add(draft: Draft, change: schema.Add) -> None:
    rows = draft.start_table(change.table)
    known = columns_of(change.table)
    values = {}
    for written, value in change.row.items():
        name = current_column(change.table, written, draft.source)
        if name not in known:
            raise no_column(change.table, name, known)
        try:
            values[name] = cell_value(known[name], value)
        except ChangeError as error:
            raise ChangeError(str(error), name) from None
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
    _drop_rows(draft, change.table, select(draft, change.place))


def _drop_rows(draft: Draft, table: str, keys: list[Hashable]) -> None:
    """Take rows out, and what cannot be without them; an offer left without a chip goes too."""
    gone = set(keys)
    if table == "chips":
        _forget_chips(draft, {str(key) for key in keys})
    _forget_risks(draft, table, {str(key) for key in keys})
    draft.remove(table, keys)
    for other, column in CASCADE.get(table, ()):
        if draft.has(other):
            orphans = [key for key, row in draft.rows(other).items() if getattr(row, column) in gone]
            if orphans:
                _drop_rows(draft, other, orphans)


def _forget_risks(draft: Draft, table: str, gone: set[str]) -> None:
    """Take what is gone out of the risks that name it; a risk that applies to nothing any more goes too."""
    if table not in TARGETS or not draft.has("risks"):
        return
    for key, row in list(draft.rows("risks").items()):
        named = getattr(row, table)
        if named is None or not gone & set(named):
            continue
        draft.change("risks", key, {table: tuple(one for one in named if one not in gone) or None})
        if all(getattr(draft.rows("risks")[key], column) is None for column in TARGETS):
            draft.remove("risks", [key])


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
