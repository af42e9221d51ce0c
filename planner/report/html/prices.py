"""What more and less of each limit and demand would change: the prices of a plan as a section of its report."""

from typing import TYPE_CHECKING

from markupsafe import Markup

from planner.case.case import CaseData
from planner.case.row import Row
from planner.case.rows import ChipRow, PowerRegionRow, SiteRow
from planner.report.html.parts import Amount, Section, details, para, table

if TYPE_CHECKING:
    from planner.explain.prices_table import Price, Prices

MOST_ROWS = 30
LEAST_BUSD = 5e-6
WORDS = {"site_it": "IT load of a site", "site_power": "power of a site", "region_power": "power of a region"}
HEAD = ("limit or demand", "of", "period", "one more is one", "one more, $B", "one less, $B", "if divisible, $B")
NOTE = (
    "Change of the cost, $B of present value (below 0: it saves), for one more and one less of each. Blocks, openings "
    "and other integer decisions of the plan stay, all else is best again; in the last column blocks could be divided. "
    "Impossible: the decisions cannot be kept."
)
PLACES: dict[str, type[Row]] = {
    "site_power": SiteRow,
    "site_it": SiteRow,
    "energisation": SiteRow,
    "region_power": PowerRegionRow,
    "chip_supply": ChipRow,
}


def price_section(case: CaseData, found: "Prices") -> Section:
    """Return the prices as a section, the largest first; those that are zero to both sides are left out."""
    counting = [one for one in found.prices if size_of(one) >= LEAST_BUSD]
    order = sorted(counting, key=lambda one: (-size_of(one), one.kind, one.place, one.period))
    if not order:
        none = "No limit and no demand has a price." if not found.missing else found.not_looked_for
        return Section("prices", "What more of it is worth", para(none))
    rows = [_row(case, one) for one in order]
    more = (
        details(f"{len(rows) - MOST_ROWS} more", table(HEAD, rows[MOST_ROWS:])) if len(rows) > MOST_ROWS else Markup()
    )
    meaning = found.document()["meaning"]
    meanings = [(words, meaning.get(kind, "")) for kind, words in {one.kind: _kind(one) for one in order}.items()]
    said = details("What one more is", table(("limit or demand", "one more"), meanings))
    note = para(NOTE) + (para(found.not_looked_for) if found.missing else Markup())
    return Section("prices", "What more of it is worth", note + table(HEAD, rows[:MOST_ROWS]) + more + said)


def _kind(one: "Price") -> str:
    """Return the kind of a price in words."""
    return WORDS.get(one.kind, one.kind.replace("_", " "))


def size_of(one: "Price") -> float:
    """Return how much a price matters: the larger of both sides."""
    sides = [abs(busd) for busd in (one.more_busd, one.less_busd, one.divisible_busd) if busd is not None]
    return max(sides, default=0.0)


def _row(case: CaseData, one: "Price") -> list[object]:
    kind = PLACES.get(one.kind)
    row = case.by_key(kind).get(one.place) if kind is not None else None
    place = getattr(row, "name", "") or one.place or "the whole plan"
    sides = (one.more_busd, one.less_busd)
    divisible = Amount(one.divisible_busd, "" if one.divisible_busd is None else figure_text(one.divisible_busd))
    return [
        _kind(one), place, one.period or "every period", one.unit,
        *(Amount(busd, figure_text(busd)) for busd in sides), divisible,
    ]  # fmt: skip


def figure_text(busd: float | None) -> str:
    """Return a change of the cost as it is shown."""
    return "impossible" if busd is None else "0" if abs(busd) < LEAST_BUSD else f"{busd:+.3g}"
