"""What a plan misses, as a short paragraph: one line for each rule, programme and contract, the largest first."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from planner.report.grid import Row, number, short

WORDS = {
    "cash": "signed and not paid",
    "programme": "missing of the programme",
    "unserved": "not served",
    "protection": "not protected",
    "head-room": "without head-room",
    "priced": "missing at a price",
}
PRICED = "priced"
"""In the place of a tier: what rules with a price miss."""
PAID = "the cost contains what this costs: part unprotected"
UNITS = {"compute": "compute-years", "IT MW": "IT MW-years", "facility MW": "facility MW-years"}
KEYS = ("rule", "programme", "contract", "market", "workload")
PROMISED = "due for declining or missing the programme, and not paid"
OTHER_SPENDING = "other spending, or upkeep of what is signed"
"""What is missed of cash without a contract."""
MOST_LINES = 12
"""Lines of a tier; what is smaller is added up in one more."""
LEAST_SHOWN = 0.005
"""Less than this is not shown as a line of its own: it would read as nothing."""
SAME_SHARE = 1e-5
"""Relative difference of an amount and its bound below which the amount is proven."""
ORDER = {"cash": "of the contracts of a role, those that start last are paid last"}
"""Why these, where a tier names what a stated order decides."""


def shortfall_lines(
    rows: Sequence[Row], summary: Mapping[str, Any], lengths: Mapping[str, float]
) -> Iterator[tuple[str, str]]:
    """Yield the tier and the words of everything that a plan misses, in the order of the tiers.

    Parameters
    ----------
    rows : sequence of mapping
        The table ``shortfalls``, its periods by label.
    summary : mapping
        For what is proven of each tier, and what is missed in all: of a tier that has more, the rest is in periods
        that are not among the rows.
    lengths : mapping of str to float
        Years of each period by its label.
    """
    entries = _entries(summary)
    tiers = dict.fromkeys((*(str(row["tier"]) for row in rows), *entries))
    for tier in sorted(tiers, key=lambda name: list(WORDS).index(name) if name in WORDS else len(WORDS)):
        own = [row for row in rows if row["tier"] == tier]
        groups: dict[tuple[str, ...], list[Row]] = {}
        for row in own:
            groups.setdefault((*(str(row[name]) for name in KEYS), str(row["unit"])), []).append(row)
        sums = {key: _sum(found, lengths) for key, found in groups.items()}
        largest = sorted(groups, key=lambda key: -sums[key])
        shown = [key for key in largest[:MOST_LINES] if sums[key] >= LEAST_SHOWN] or largest[:1]
        for key in shown:
            words = WORDS.get(tier, "missing") if any(key[:-1]) else "not covered"
            words = PROMISED if tier == "cash" and key[KEYS.index("programme")] else words
            yield tier, f"{_name(key, groups[key])}: {_amount(sums[key], key[-1])} {words}"
        for unit in dict.fromkeys(key[-1] for key in largest if key not in shown):
            rest = [sums[key] for key in largest if key not in shown and key[-1] == unit]
            yield "", f"and {len(rest)} more, {_amount(sum(rest), unit)} together (table shortfalls)"
        in_all = _in_all(entries.get(tier), tier, sum(sums.values()))
        if in_all:
            yield "" if own else tier, in_all
        elif tier == PRICED:
            yield "", PAID
        elif entries and own:
            yield "", "not minimised: the time limit came first"
        if tier in ORDER and len(groups) > 1:
            yield "", ORDER[tier]


def _entries(summary: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return what the summary says of each tier of which something is missed; a summary may come from anywhere."""
    found = summary.get("shortfalls")
    entries = [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
    return {str(one.get("tier")): one for one in entries if (number(one.get("amount")) or 0.0) > 0.0}


def _sum(rows: Sequence[Row], lengths: Mapping[str, float]) -> float:
    """Return what rows of one unit add up to: money as it is, all else times the years of its period."""
    return sum(
        (number(row["amount"]) or 0.0) * (1.0 if row["unit"] == "busd" else lengths[str(row["period"])]) for row in rows
    )


def _name(key: tuple[str, ...], rows: Sequence[Row]) -> str:
    periods = [str(row["period"]) for row in rows]
    when = periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]} ({len(periods)} periods)"
    parts = (f'"{part}"' if place == 0 else part for place, part in enumerate(key[:-1]) if part)
    return f"{' '.join(parts) or OTHER_SPENDING}, {when}"


def _amount(value: float, unit: str) -> str:
    return f"${short(value)}B" if unit == "busd" else f"{short(value)} {UNITS.get(unit, unit)}"


def _in_all(entry: Mapping[str, Any] | None, tier: str, shown: float) -> str:
    """Return what a tier misses in all, what of it is not shown, and what of it is proven to be necessary."""
    amount = None if entry is None else number(entry.get("amount"))
    bound = None if entry is None else number(entry.get("bound"))
    if entry is None or amount is None or bound is None:
        return ""

    def form(value: float) -> str:
        return f"${short(value)}B" if tier == "cash" else short(value)

    text = f"in all {form(amount)}"
    if amount - shown > max(LEAST_SHOWN, SAME_SHARE * amount):
        text += f", of it {form(amount - shown)} in the tail, not shown"
    if amount - bound <= SAME_SHARE * amount + 1e-9:
        return f"{text}; no plan misses less here"
    least = f"at least {form(bound)}" if bound >= LEAST_SHOWN else "nothing"
    allowed = number(entry.get("tolerance")) or 0.0
    text += f", missed in this plan; {least} of it is proven to be necessary"
    if amount - bound > (1.0 + SAME_SHARE) * allowed + SAME_SHARE * amount:
        return f"{text}, as the search was not finished in time: more time may find less"
    return f"{text} (sought to {form(allowed)} by the gap): a smaller --gap may find less"
