"""The policy over several decision dates as a grid: a column for each group of the last date, read downwards."""

import re
from collections.abc import Iterator, Mapping, Sequence
from string import ascii_lowercase
from typing import Any

from planner.figures.spec import Grid, GridCell, short_number, shown
from planner.figures.uncertain import MOST_COLUMNS, MOST_ROWS, NOTHING
from planner.text import count, in_busd, short_percent

Row = Mapping[str, Any]
Rows = Sequence[Row]
CELL_SIGNS = 105
"""About as many signs as the cells of a row hold together."""
_FIGURE = re.compile(r"\w+\[([^\]]*)\]([. ])")
"""The table and the key of a figure, and what follows: of a name in a cell the key is enough."""
MARK = "*"
ROOM = 20
"""Signs of a cell that has room for the share that lapses; a smaller one has the mark."""
LAPSES = "signed later: some of it lapses in a future of the group"
SHARES = "Shares that lapse are means: of what is signed now over all futures, else over those of the group."
NARROW_SIGNS = 60
"""About as many signs as the cells of a row hold together in a narrow drawing, which has five at most."""
MOST_LAPSES = 3
"""Orders signed now of which the legend says what lapses; of more, that some does."""
MOST_KEY = 100
"""Signs of what distinguishes a group, in the legend."""
LEGEND = (("signed now, in every future", "now"), ("signed by the later date, in this group", "later"))


def policy_grid(summary: Row, tables: Mapping[str, Rows]) -> Grid:
    """Return what is signed by each date in each group of futures, and what the group costs.

    Parameters
    ----------
    summary : mapping
        With ``decide_by`` and ``policy``.
    tables : mapping of str to rows
        Those of a study of risk with later dates: ``orders``, ``groups`` and ``group_orders``.
    """
    by_name = {row["group"]: row for row in tables["groups"]}
    dates = list(summary["policy"]["dates"])
    last = [row for row in tables["groups"] if row["date"] == dates[-1]]
    likely = sorted(last, key=lambda row: (-float(row["probability"]), -float(row["value_busd"])))[:MOST_COLUMNS]
    columns = [row for row in last if row in likely]
    paths = [_path(row, by_name) for row in columns]
    signs = max(8, CELL_SIGNS // max(1, len(columns)))
    known = _knowledge([path[day] for day in dates for path in paths], min(signs, NARROW_SIGNS // min(5, len(paths))))
    rows: list[tuple[str, str]] = []
    cells: list[tuple[GridCell, ...]] = []
    for order in _once(tables["orders"]):
        mine = [row for row in tables["orders"] if _key(row) == _key(order)]
        rows.append((f"Signed by {summary['decide_by']}, the same in every future", _named(order)))
        cells.append((_amount(order, mine, "now", "in every future", 0),) * len(columns))
    for day in dates:
        here = [path[day] for path in paths]
        of_day = [row for row in tables["group_orders"] if row["date"] == day]
        for name, row in _of_day(here, of_day, signs, known, last=day == dates[-1]):
            rows.append((f"By {day}, as known on {here[0]['known_on']}", name))
            cells.append(row)
    note = "A column is read downwards: what has shown itself by a date says which group a future is in, and what is "
    note += "signed in it, beyond what was signed before. Costs are those of the group's futures; " + _in_all(
        summary["policy"]
    )
    lapses, lapses_later = (_lapses(tables[name]) for name in ("orders", "group_orders"))
    note += f" {SHARES}" if lapses or lapses_later else ""
    marks = [*_lapses_now(tables["orders"]), *([f"{MARK} {LAPSES}"] if lapses_later and signs < ROOM else ())]
    keys = [f"{letter}: {shown(words, MOST_KEY)}" for words, letter in known.values() if letter]
    if len(columns) < len(last):
        note += f" Of {len(last)} groups of the last date {len(columns)}: the most probable, of equally probable ones "
        note += "the most expensive."
    heads = tuple(shown(f"{_number(row)}: {short_percent(float(row['probability']))}", 24) for row in columns)
    return Grid(
        "What is signed by each date, as the future shows itself",
        note,
        heads,
        tuple(rows),
        tuple(cells),
        (*LEGEND, *((words, "none") for words in (*marks, *keys))),
        "group",
        tuple(float(row["probability"]) for row in columns),
        len(last),
    )


def _knowledge(groups: Rows, signs: int) -> dict[str, tuple[str, str]]:
    """Return what distinguishes groups as it is shown, and its letter where it does not fit in a cell of a drawing.

    The tables of the figures are left out if what is left is enough.
    """
    known = list(dict.fromkeys(str(group["distinguished_by"]) for group in groups))
    short = [_FIGURE.sub(r"\1\2", one) for one in known]
    words, letters = short if len(set(short)) == len(known) else known, iter(ascii_lowercase)
    return {one: (said, next(letters, "") if len(said) > signs else "") for one, said in zip(known, words, strict=True)}


def _of_day(
    here: Rows, orders: Rows, signs: int, known: Mapping[str, tuple[str, str]], *, last: bool
) -> Iterator[tuple[str, tuple[GridCell, ...]]]:
    """The rows of a date: its groups, if they have no columns of their own, what they know, cost and sign."""
    if not last:
        yield "group and its probability", tuple(map(_head, here))
    yield "distinguished by", tuple(_known(group, signs, known) for group in here)
    yield "expected cost, $B", tuple(map(_cost, here))
    for order in _once(orders):
        yield _named(order), tuple(_ordered(order, group, orders, signs) for group in here)


def _path(row: Row, by_name: Mapping[str, Row]) -> dict[str, Row]:
    """Return a group and those that hold it, by their date."""
    found = {row["date"]: row}
    while row["within"] in by_name and by_name[row["within"]]["date"] not in found:
        row = by_name[row["within"]]
        found[row["date"]] = row
    return found


def _number(group: Row) -> str:
    return str(group["group"]).rpartition("/")[2]


def _key(row: Row) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("kind", "what", "role", "chip", "period", "sign_by", "unit"))


def _once(rows: Rows) -> list[Row]:
    """Return each thing that is ordered once, by its date of signing."""
    found = {_key(row): row for row in rows if float(row["amount"]) > NOTHING}
    return sorted(found.values(), key=lambda row: str(row["sign_by"]))[:MOST_ROWS]


def _named(row: Row) -> str:
    """Return an order's name: its last date of signing, what, and in what it is counted."""
    what = ", ".join(str(row[name]) for name in ("what", "role", "chip") if row[name])
    start = f" from {row['period']}" if row["period"] else ""
    unit = "" if row["unit"] == "yes/no" else f" ({row['unit']})"
    return f"{row['sign_by']}  {shown(what, 40)}{shown(start, 24)}{unit}"


def _head(group: Row) -> GridCell:
    return GridCell(f"{_number(group)}: {short_percent(float(group['probability']))}", "none", _about(group))


def _cost(group: Row) -> GridCell:
    return GridCell(f"{group['value_busd']:,.3f}", "none", _about(group))


def _known(group: Row, signs: int, known: Mapping[str, tuple[str, str]]) -> GridCell:
    """Return what distinguishes a group; behind its letter, with the end of it, where the value is, if it is long."""
    said, letter = known[str(group["distinguished_by"])]
    room = signs - len(f"{letter}: ")
    if letter and len(said) > room:
        end = f"\N{HORIZONTAL ELLIPSIS}{shown(said, MOST_KEY)[1 - room :]}"
        return GridCell(f"{letter}: {end}" if room >= ROOM and ";" not in said else letter, "none", _about(group))
    return GridCell(f"{letter}: {said}" if letter else shown(said, signs), "none", _about(group))


def _in_all(policy: Row) -> str:
    """Return what the policy costs, and knowing no more than has shown itself."""
    bound, waiting = policy["bound_busd"], policy["waiting"]
    proven = "no bound is proven" if bound is None else f"proven at least {in_busd(bound)}"
    known = waiting["sign"] != "open"  # inside the gaps it is no finding
    more = f" Knowing no more than has shown itself costs {in_busd(waiting['busd'])} of it." if known else ""
    return f"in all {in_busd(policy['value_busd'])} are expected, {proven}.{more}"


def _about(group: Row) -> str:
    """Return what distinguishes a group, and what its futures cost."""
    known = str(group["distinguished_by"]) or "nothing distinguishes it"
    bound = group["bound_busd"]
    proven = "no bound is proven" if bound is None else f"proven at least ${bound:,.3f}B"
    costs = f"${group['value_busd']:,.3f}B expected, {proven}"
    return f"{shown(group['group'])}: {shown(known, 200)}\n{count(group['futures'], 'future')}, {costs}"


def _ordered(order: Row, group: Row, rows: Rows, signs: int) -> GridCell:
    mine = [row for row in rows if row["group"] == group["group"] and _key(row) == _key(order)]
    return _amount(order, mine, "later", shown(group["group"]), signs)


def _amount(order: Row, rows: Rows, kind: str, where: str, signs: int) -> GridCell:
    """Return what of a thing is ordered, and how much of that lapses; where there is no room, that some does."""
    amount = sum(float(row["amount"]) for row in rows)
    if amount <= NOTHING:
        return GridCell("", "none", f"{_named(order)}\n{where}: nothing")
    words = "yes" if order["unit"] == "yes/no" else short_number(amount)
    late, lapsed = (
        sum(float(row[name]) * float(row["amount"]) for row in rows) / amount for name in ("late_share", "lapsed_share")
    )
    tip = f"{_named(order)}\n{where}: {words}"
    tip += f"\n{short_percent(late)} probable: some of it starts late" if late > NOTHING else ""
    if lapsed > NOTHING:
        tip += f"\n{short_percent(lapsed)} of it lapses on average"
        words += f" ({short_percent(lapsed)} lapses)" if signs >= ROOM else MARK
    return GridCell(words, kind, tip)


def _lapses(orders: Rows) -> bool:
    return any(float(row["lapsed_share"]) > NOTHING for row in orders)


def _lapses_now(orders: Rows) -> Iterator[str]:
    """Return what of the orders that are signed now lapses, over all futures, once for each."""
    lapse = [row for row in _once(orders) if float(row["lapsed_share"]) > NOTHING]
    if len(lapse) > MOST_LAPSES:
        yield f"{MARK} signed now: some of it lapses in some future"
        return
    for row in lapse:
        what = ", ".join(str(row[name]) for name in ("what", "role", "chip") if row[name])
        start = f" from {shown(row['period'], 24)}" if row["period"] else ""
        share = short_percent(float(row["lapsed_share"]))
        yield f"{MARK} {shown(what, 40)}{start}, signed now: {share} lapses, the mean over all futures"
