"""What a plan bets on: its largest exposures, what is not there yet, and the assumptions it turns on."""

from collections.abc import Callable, Iterator

from planner.case.rows import ChipRow, EnergisationRow
from planner.report.story.assumptions import assumptions
from planner.report.story.facts import Facts, number, shares_of
from planner.report.story.words import Sentence, StorySection, it_power, joined, percent
from planner.text import count

MOST_NAMED = 4
SAME = 1e-9
"""Share of rounding."""
EXPOSURES = (
    ("provider", "provider", "providers"),
    ("vendor", "vendor", "vendors of chips"),
    ("chip", "chip", "chips"),
    ("power_region", "power_region", "power regions"),
    ("site", "site", "sites"),
)
"""Column of the table `capacity`, kind of name, and what several are called."""


def bets(facts: Facts) -> StorySection | None:
    """What the plan bets on; None where nothing is installed."""
    found = (*_exposures(facts), *_not_there_yet(facts), *assumptions(facts))
    return StorySection("bets", "What the plan bets on", found) if found else None


def _exposures(facts: Facts) -> Iterator[Sentence]:
    """The largest share of what is installed in the last period, by what it depends on."""
    rows = [row for row in facts.rows("capacity") if facts.label(row["period"]) == facts.labels[-1]]
    whole = sum(number(row["it_mw"]) for row in rows)
    if whole <= 0.0:
        return
    alone, of = list[str](), f"the {it_power(whole)} installed in {facts.labels[-1]}"
    for column, kind, many in EXPOSURES:
        held: dict[str, float] = {}
        for row in rows:
            held[str(row[column])] = held.get(str(row[column]), 0.0) + number(row["it_mw"])
        order = shares_of(held)
        key, most = order[0]
        if len(order) == 1:
            alone.append(f"one {many_to_one(many)} ({facts.name(kind, key)})")
        elif order[1][1] >= most * (1.0 - SAME):
            yield Sentence(f"None of {len(order):,} {many} has more than {percent(most / whole)} of {of}.")
        else:
            text = f"{facts.name(kind, key)} has {percent(most / whole)} of {of}"
            among = f"the largest share among {len(order):,} {many}"
            yield Sentence(f"{text}, {among}.", short=column == "provider")
    if alone:
        yield Sentence(f"All of {of} depends on {joined(alone)}.")


def many_to_one(many: str) -> str:
    """Return the singular of what is exposed.

    Examples
    --------
    >>> many_to_one("vendors of chips"), many_to_one("sites")
    ('vendor of chips', 'site')
    """
    first, _, rest = many.partition(" of ")
    return f"{first.removesuffix('s')} of {rest}" if rest else first.removesuffix("s")


def _not_there_yet(facts: Facts) -> Iterator[Sentence]:
    """Chips without volume, and sites without power, when the plan begins."""
    begins = {str(row.chip): row.first_date for row in facts.plan.case.rows(ChipRow)}
    chips = {key for key, day in begins.items() if day > facts.start}
    yield from _share(
        facts,
        "chip",
        chips,
        lambda key: f"{facts.name('chip', key)} from {begins[key].isoformat()}",
        ("chip that is not in volume when the plan begins", "chips that are not in volume when the plan begins"),
    )
    dates = facts.plan.case.model.horizon.energisation_dates
    first: dict[str, str] = {}
    for step in sorted(facts.plan.case.rows(EnergisationRow), key=lambda step: step.takes_effect(dates)):
        if step.facility_mw > 0.0:
            first.setdefault(str(step.site), step.takes_effect(dates).isoformat())
    sites = {key for key, day in first.items() if day > facts.start.isoformat()}
    yield from _share(
        facts,
        "site",
        sites,
        lambda key: f"{facts.name('site', key)} from {first[key]}",
        ("site that has no power when the plan begins", "sites that have no power when the plan begins"),
    )


def _share(
    facts: Facts, column: str, wanted: set[str], named: Callable[[str], str], what: tuple[str, str]
) -> Iterator[Sentence]:
    """What of the capacity of the last period stands on some chips or sites."""
    rows = [row for row in facts.rows("capacity") if facts.label(row["period"]) == facts.labels[-1]]
    whole = sum(number(row["it_mw"]) for row in rows)
    held: dict[str, float] = {}
    for row in rows:
        if str(row[column]) in wanted:
            held[str(row[column])] = held.get(str(row[column]), 0.0) + number(row["it_mw"])
    order = shares_of(held)
    if not order:
        return
    amount, some = sum(held.values()), count(len(order), *what)
    hold = "is of" if column == "chip" else "stands at"
    names = joined([named(key) for key, _ in order], MOST_NAMED)
    part = "All" if amount >= whole * (1.0 - SAME) else percent(amount / whole)
    text = f"{part} of what is installed in {facts.labels[-1]} ({it_power(amount)}) {hold} {some}: {names}"
    yield Sentence(f"{text}.", short=column == "chip")
