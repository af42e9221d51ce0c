"""What a plan misses: first in its story, where there is anything."""

from collections.abc import Iterator, Mapping, Sequence

from planner.report.shortfalls import KEYS, LEAST_SHOWN, PRICED, SAME_SHARE, UNITS, WORDS
from planner.report.story.facts import Facts, Row, number
from planner.report.story.words import Sentence, StorySection, busd, plain
from planner.text import count

MOST_LINES = 6
"""Sentences of a tier; the rest is counted."""
IN_ALL = {
    "cash": "Not paid or not covered", "unserved": "Not served", "programme": "Missing of programmes",
    "protection": "Not protected", PRICED: "Missed at a price", "head-room": "Without head-room",
}  # fmt: skip


def misses(facts: Facts) -> StorySection | None:
    """What is missed, tier by tier, the largest first; None where nothing is."""
    found = tuple(_sentences(facts))
    return StorySection("misses", "What the plan misses", found) if found else None


def _sentences(facts: Facts) -> Iterator[Sentence]:
    rows, entries = facts.rows("shortfalls"), _entries(facts)
    tiers = [tier for tier in WORDS if tier in entries or any(row["tier"] == tier for row in rows)]
    if not tiers:
        return
    if tiers == [PRICED]:
        yield Sentence("Redundancy rules with a price are missed where that costs less than to keep them.", short=True)
    else:
        yield Sentence(
            "No plan was found that keeps all limits: this one misses as little as it can, tier by tier.",
            command=f"planner explain {facts.case_place}",
            short=True,
        )
    for tier in tiers:
        own = [row for row in rows if row["tier"] == tier]
        yield from _tier(facts, tier, own, entries.get(tier))


def _entries(facts: Facts) -> dict[str, Mapping[str, object]]:
    """What the summary says of each tier of which something is missed; a summary may come from anywhere."""
    found = facts.plan.summary.get("shortfalls")
    entries = [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
    return {str(one.get("tier")): one for one in entries if number(one.get("amount")) > 0.0}


def _tier(facts: Facts, tier: str, rows: Sequence[Row], entry: Mapping[str, object] | None) -> Iterator[Sentence]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault((*(str(row[name]) for name in KEYS), str(row["unit"])), []).append(row)
    sums = {key: _sum(facts, found) for key, found in groups.items()}
    order = sorted(groups, key=lambda key: (-sums[key], key))
    shown = [key for key in order[:MOST_LINES] if sums[key] >= LEAST_SHOWN] or order[:1]
    if len(order) > 1:
        parts = count(len(order), "part")
        yield Sentence(f"{IN_ALL[tier]}: {_totals(sums)} in all, the largest of {parts}:", short=True)
    for at, key in enumerate(shown):
        text = _text(facts, tier, key, _amount(sums[key], key[-1]), _when(facts, groups[key]))
        yield Sentence(text, short=at == 0)
    rest = [key for key in order if key not in shown]
    for unit in dict.fromkeys(key[-1] for key in rest):
        others = [sums[key] for key in rest if key[-1] == unit]
        yield Sentence(f"{count(len(others), 'smaller one')} of this kind: {_amount(sum(others), unit)} in all.")
    if entry is not None:
        yield from _in_tail(facts, tier, number(entry.get("amount")) - sum(sums.values()), str(entry.get("unit")))
        yield from _proven(tier, entry)


def _totals(sums: Mapping[tuple[str, ...], float]) -> str:
    """The sums of a tier, one for each unit: what is missed of different units is not added up."""
    units = dict.fromkeys(key[-1] for key in sums)
    return " and ".join(_amount(sum(value for key, value in sums.items() if key[-1] == unit), unit) for unit in units)


def _sum(facts: Facts, rows: Sequence[Row]) -> float:
    """What rows of one unit add up to: money as it is, all else times the years of its period."""
    return sum(
        number(row["amount"]) * (1.0 if row["unit"] == "busd" else facts.periods.length_years(row["period"]))
        for row in rows
    )


def _when(facts: Facts, rows: Sequence[Row]) -> str:
    labels = {facts.label(row["period"]) for row in rows}
    return facts.ranges([label for label in facts.labels if label in labels])


def _amount(value: float, unit: str) -> str:
    return busd(value) if unit == "busd" else f"{plain(value)} {UNITS.get(unit, unit)}"


def _text(facts: Facts, tier: str, key: tuple[str, ...], amount: str, when: str) -> str:
    rule, programme, contract, market, workload, _ = key
    of = f"{workload} of {facts.name('market', market)}" if market else "demand"
    texts = {
        "cash": _of_cash(facts, programme, contract, amount, when),
        "unserved": f"Not served: {amount} of {of}, in {when}.",
        "programme": f"Missing of programme {facts.name('programme', programme)}: {amount}, in {when}.",
        "protection": f"Not protected by rule “{facts.name('rule', rule)}”: {amount} of {of}, in {when}.",
        PRICED: f"Missed at a price, which is in the cost, by rule “{facts.name('rule', rule)}”: {amount} of {of}, "
        f"in {when}.",
        "head-room": f"Without head-room under rule “{facts.name('rule', rule)}”: {amount} of {of}, in {when}.",
    }
    return texts.get(tier, f"Missing: {amount}, in {when}.")


def _of_cash(facts: Facts, programme: str, contract: str, amount: str, when: str) -> str:
    if contract:
        return f"Not paid: {amount} of what contract “{facts.name('contract', contract)}” costs, in {when}."
    if programme:
        of = facts.name("programme", programme)
        return f"Not paid: {amount} of what declining or missing programme {of} costs, in {when}."
    return f"Not covered: {amount} of other spending, or of the energy, carbon and sites of what is signed, in {when}."


def _in_tail(facts: Facts, tier: str, amount: float, unit: str) -> Iterator[Sentence]:
    """What of a tier is missed after the reported periods."""
    if facts.tail and amount >= LEAST_SHOWN:
        what = busd(amount) if tier == "cash" else f"{plain(amount)} {unit}"
        yield Sentence(f"In the tail ({facts.tail}): {what} {WORDS[tier]}.", short=True)


def _proven(tier: str, entry: Mapping[str, object]) -> Iterator[Sentence]:
    amount, bound = number(entry.get("amount")), entry.get("bound")
    if not isinstance(bound, (int, float)):
        return
    form = busd if tier == "cash" else plain
    if amount - bound <= SAME_SHARE * amount + 1e-9:
        yield Sentence("No plan misses less of this: that is proven.")
    elif bound < LEAST_SHOWN:
        yield Sentence("That any of this must be missed is not proven: more time or a smaller gap may find less.")
    else:
        yield Sentence(
            f"Of {form(amount)} missed in this tier, at least {form(float(bound))} is proven to be necessary: more "
            "time or a smaller gap may find less."
        )
