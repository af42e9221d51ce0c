"""What a plan could not meet, as a short paragraph: one line for each rule, programme and contract."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from planner.report.grid import Row, number, short

WORDS = {
    "cash": "signed and not paid",
    "programme": "missing of the programme",
    "unserved": "not served",
    "protection": "not protected",
    "head-room": "without head-room",
}
UNITS = {"busd": "$B", "compute": "compute-years", "IT MW": "IT MW-years", "facility MW": "facility MW-years"}
KEYS = ("rule", "programme", "contract", "market", "workload")


def shortfall_lines(
    rows: Sequence[Row], summary: Mapping[str, Any], lengths: Mapping[str, float]
) -> Iterator[tuple[str, str]]:
    """Yield the tier and the words of everything that a plan misses, in the order of the tiers.

    Parameters
    ----------
    rows : sequence of mapping
        The table ``shortfalls``, its periods by label.
    summary : mapping
        For what is proven of each tier.
    lengths : mapping of str to float
        Years of each period by its label.
    """
    for tier in dict.fromkeys(str(row["tier"]) for row in rows):
        own = [row for row in rows if row["tier"] == tier]
        for key in dict.fromkeys((*(str(row[name]) for name in KEYS), str(row["unit"])) for row in own):
            found = [row for row in own if (*(str(row[name]) for name in KEYS), str(row["unit"])) == key]
            yield tier, _words(tier, key, found, lengths)
        proven = _proven(summary, tier)
        if proven:
            yield "", proven


def _words(tier: str, key: tuple[str, ...], rows: Sequence[Row], lengths: Mapping[str, float]) -> str:
    unit = key[-1]
    periods = [str(row["period"]) for row in rows]
    when = periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]} ({len(periods)} periods)"
    name = " ".join(f'"{part}"' if place == 0 else part for place, part in enumerate(key[:-1]) if part)
    amount = sum((number(row["amount"]) or 0.0) * (1.0 if unit == "busd" else lengths[str(row["period"])])
                 for row in rows)  # fmt: skip
    return f"{name}, {when}: {short(amount)} {UNITS[unit]} {WORDS[tier]}"


def _proven(summary: Mapping[str, Any], tier: str) -> str:
    """Return what is proven of a tier."""
    entries = summary.get("shortfalls")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, Mapping) and entry.get("tier") == tier:
            amount, bound = number(entry.get("amount")), number(entry.get("bound"))
            if amount is not None and bound is not None:
                return f"in all {short(amount)}; every plan misses at least {short(bound)} here"
    return ""
