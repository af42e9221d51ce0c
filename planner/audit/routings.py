"""Routings after losses, as the table ``recovery`` states them: read and judged as arrays, since the table is long.

A row whose cells cannot be read so, or that breaks a rule by itself, is reported by reading the table row by row.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from planner.audit import tolerance
from planner.audit.cells import HUGE, PLAIN, CellError, Line, Reader, Repeated
from planner.audit.redundancy import Situation
from planner.audit.report import Checks

FAMILY, TABLE = "contingencies", "recovery"
Array = NDArray[np.float64]
Ints = NDArray[np.intp]
ContingencyKey = tuple[str, int, frozenset[str]]
"""A rule, a period, and the domains that are lost."""
Ends = tuple[str, str, str, str]
"""A site, a chip, a market, a workload."""
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Meanings:
    """How the cells of a row are read."""

    key: Repeated[ContingencyKey]
    ends: Repeated[Ends]
    rate: Repeated[float]
    """Compute per IT MW."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of the table, each of a contingency and of two ends, which are numbered."""

    keys: list[ContingencyKey]
    ends: list[Ends]
    key: Ints
    end: Ints
    it_mw: Array
    compute: Array


def numbered(values: Sequence[K]) -> tuple[list[K], Ints]:
    """Give the values that differ, in the order in which they come, and the number of each in that list."""
    place: dict[K, int] = {}
    number = np.array([place.setdefault(value, len(place)) for value in values], dtype=np.intp)
    return list(place), number


def read_rows(reader: Reader, meanings: Meanings) -> Rows:
    """Read the table and check each row for itself."""
    found = _at_once(reader, meanings)
    return _row_by_row(reader, meanings) if found is None else found


def _at_once(reader: Reader, meanings: Meanings) -> Rows | None:
    """Read column by column; None where some row has anything that must be reported."""
    amounts = reader.columns(TABLE, ("it_mw", "compute"))
    if amounts is None or any(set(map(type, column)) != {float} for column in amounts):
        return None
    it_mw, compute = (np.array(column, dtype=np.float64) for column in amounts)
    if not ((it_mw >= 0.0) & (it_mw <= HUGE) & (np.abs(compute) <= HUGE)).all():
        return None
    try:
        (keys, key), (ends, end) = _meant(reader, meanings.key), _meant(reader, meanings.ends)
        rates, of_rate = _meant(reader, meanings.rate)
    except CellError:
        return None
    per_mw = np.array(rates, dtype=np.float64)[of_rate]
    expected = it_mw * per_mw
    if not (np.abs(compute - expected) <= tolerance.each_compute_of_chips(per_mw, expected)).all():
        return None
    if len(np.unique(key * len(ends) + end)) < len(key):
        return None
    reader.checks.seen("tables", f"{TABLE} can be read", count=len(key))
    return Rows(keys, ends, key, end, it_mw, compute)


def _meant(reader: Reader, what: Repeated[K]) -> tuple[list[K], Ints]:
    """What some cells of every row mean, numbered; each combination of them is read once."""
    columns = reader.columns(TABLE, what.columns)
    if columns is None or any(not PLAIN.issuperset(map(type, column)) for column in columns):
        raise CellError("cells that are not plain")
    of_cells = numbered(list(zip(*columns, strict=True)))[1]
    first = np.unique(of_cells, return_index=True)[1]
    meanings, number = numbered([what.of(reader.line(TABLE, place)) for place in first.tolist()])
    return meanings, number[of_cells]


def _row_by_row(reader: Reader, meanings: Meanings) -> Rows:
    """Read each row by itself: bad ones are left out and reported."""

    def read(line: Line) -> tuple[tuple[ContingencyKey, Ends], tuple[float, float]]:
        who = meanings.ends.of(line)
        it_mw, compute = line.size("it_mw"), line.number_of("compute")
        per_mw = meanings.rate.of(line)
        expected = it_mw * per_mw
        if abs(compute - expected) > tolerance.compute_of_chips(per_mw, expected):
            raise CellError(f"column compute: {compute:.10g}, but {it_mw:.10g} IT MW of {who[1]} give {expected:.10g}")
        return (meanings.key.of(line), who), (it_mw, compute)

    routed = reader.parse(TABLE, read)
    keys, key = numbered([lost for lost, _ in routed])
    ends, end = numbered([who for _, who in routed])
    amounts = np.array(list(routed.values()), dtype=np.float64).reshape(len(routed), 2)
    return Rows(keys, ends, key, end, amounts[:, 0], amounts[:, 1])


@dataclass(frozen=True, slots=True)
class Sums:
    """Amounts of some rows together, by contingency and by one of its sites and chips, or of its demands."""

    by: Ints
    """Number of the contingency, which does not fall."""
    at: Ints
    amount: Array
    rows: Ints
    """How many rows they are the sum of."""

    @classmethod
    def of(cls, by: Ints, at: Ints, amount: Array) -> "Sums":
        """Add up amounts; within a contingency in the order of first rows."""
        count = int(at.max(initial=0)) + 1
        pairs, first, pair = np.unique(by * count + at, return_index=True, return_inverse=True)
        order = np.lexsort((first, pairs // count))
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        of_row, pairs = place[pair.ravel()], pairs[order]
        rows = np.bincount(of_row, minlength=len(order))
        return cls(pairs // count, pairs % count, _added(of_row, amount, len(order)), rows)


def _added(of_row: Ints, amount: Array, count: int) -> Array:
    return np.asarray(np.bincount(of_row, amount, minlength=count), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Judged:
    """What routings carry, by contingency."""

    carried: Array
    """Compute."""
    critical: Array
    """Compute that they carry of what is critical."""
    sound: NDArray[np.bool_]
    """Whether they use only what survives."""


def judge(
    checks: Checks,
    rows: Rows,
    keys: Sequence[ContingencyKey],
    places: Mapping[tuple[str, int], Situation],
    words: Callable[[int], str],
) -> Judged:
    """Check that routings use what survives and carry what is critical.

    ``keys`` has every contingency of ``rows``, and ``words`` says which one of them is meant by its place there.
    """
    rank = {key: n for n, key in enumerate(keys)}
    by = np.array([rank[key] for key in rows.keys], dtype=np.intp)[rows.key]
    of_key = [places[rule, t] for rule, t, _ in keys]
    sound = _check_used(checks, rows, by, keys, of_key, words)
    demands, of_end = numbered([(market, workload) for _, _, market, workload in rows.ends])
    sums = Sums.of(by, of_end[rows.end], rows.compute)
    situations = list(places.values())
    number = {id(situation): n for n, situation in enumerate(situations)}
    here = np.array([number[id(situation)] for situation in of_key], dtype=np.intp)[sums.by]
    each = [[situation.critical.get(demand, 0.0) for demand in demands] for situation in situations]
    critical = np.array(each, dtype=np.float64).reshape(len(situations), len(demands))[here, sums.at]
    accepted = np.array([situation.allowed_loss() for situation in situations])[here]

    def where(place: int) -> str:
        return f"{words(int(sums.by[place]))}: {' '.join(demands[sums.at[place]])}"

    limit_each(checks, "routing carries what is critical", where, sums.amount, critical, "compute", accepted)
    used = _added(sums.by, np.minimum(sums.amount, critical), len(keys))
    return Judged(_added(sums.by, sums.amount, len(keys)), used, sound)


def _check_used(
    checks: Checks,
    rows: Rows,
    by: Ints,
    keys: Sequence[ContingencyKey],
    of_key: Sequence[Situation],
    words: Callable[[int], str],
) -> NDArray[np.bool_]:
    """Check the IT MW used at each site of each chip; gives by contingency whether they are there."""
    units, of_end = numbered([(site, chip) for site, chip, *_ in rows.ends])
    sums = Sums.of(by, of_end[rows.end], rows.it_mw)
    left = _left(sums, units, keys, of_key)
    accepted = tolerance.each_used_mw(left, sums.rows.astype(np.float64))

    def where(place: int) -> str:
        site, chip = units[sums.at[place]]
        return f"{words(int(sums.by[place]))}: {chip} at {site}"

    limit_each(checks, "routing uses what survives", where, sums.amount, left, "IT MW", accepted)
    sound = np.ones(len(keys), dtype=bool)
    sound[sums.by[~(sums.amount - left <= accepted)]] = False
    return sound


def _left(
    sums: Sums, units: list[tuple[str, str]], keys: Sequence[ContingencyKey], of_key: Sequence[Situation]
) -> Array:
    """IT MW that survive, of the site and chip of each sum."""
    left = np.zeros(len(sums.by))
    ends = np.searchsorted(sums.by, np.arange(len(keys) + 1))
    whole: dict[int, Array] = {}  # many domains hold nothing: then all survives
    for n, (key, situation) in enumerate(zip(keys, of_key, strict=True)):
        part = slice(ends[n], ends[n + 1])
        if part.start == part.stop:
            continue
        loses, number = bool(situation.units_lost(key[2])), id(situation)
        here = None if loses else whole.get(number)
        if here is None:
            survivors = situation.survivors(key[2])
            here = np.array([survivors.get(unit, 0.0) for unit in units])
            if not loses:
                whole[number] = here
        left[part] = here[sums.at[part]]
    return left


def limit_each(
    checks: Checks, name: str, where: Callable[[int], str], values: Array, bounds: Array, unit: str, accepted: Array
) -> None:
    """Check many values as `Checks.limit` does each; ``where`` gives the words for a place."""
    if not len(values):
        return
    violations = values - bounds
    shown = np.flatnonzero(~(violations <= accepted))
    if not len(shown):  # all are kept: only the one nearest to being broken can be shown
        shown = np.array([np.argmax(violations - accepted)])
    checks.seen(FAMILY, name, unit, len(values) - len(shown))
    for place in shown.tolist():
        value, bound, most = float(values[place]), float(bounds[place]), float(accepted[place])
        checks.limit(FAMILY, name, where(place), value, bound, unit, most)
