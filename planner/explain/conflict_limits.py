"""The limits of a case by name: which rows, columns and rules of a program say the same thing to a planner.

A *limit* is what a planner would call one: the cash of 2027, the rule "any one site" in 2028, the power energised in
2026. It has *parts*: the sites, offers, markets or chips that it is made of. Whatever no limit claims is logic, and
holds always: balances, definitions, links between decisions.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from planner.case.case import CaseData
from planner.case.rows import ChipRow, MarketRow
from planner.changes.modelpath import member_path
from planner.program.columns import BLOCKS, LEASE_BLOCKS, MISSING, OWED, REFRESH_BLOCKS, UNSERVED
from planner.program.families import FAMILIES
from planner.symbols import Column, Row


class Limit(NamedTuple):
    """A limit: its kind, which one of the kind (a rule, a role, a source of money), and its period."""

    kind: str
    subject: str = ""
    period: int | None = None


class Part(NamedTuple):
    """A part of a limit: what of it belongs to one site, offer, market or chip."""

    limit: Limit
    member: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """How the rows of a constraint are grouped: parts of their index that say which limit, and which part of it."""

    kind: str
    subject: str = ""
    member: str = ""
    dated: bool = True

    def part(self, row: Row) -> Part:
        """Return the part that a row belongs to."""
        subject = "" if not self.subject else str(row.part(self.subject))
        member = "" if not self.member else str(row.part(self.member))
        return Part(Limit(self.kind, subject, row.period if self.dated else None), member)


FORMS: dict[str, Form] = {
    "budget": Form("cash"),
    "budget_envelope": Form("envelope", "role"),
    "redundancy": Form("redundancy", "rule"),
    "site_opening_it_limit": Form("site", member="site", dated=False),
    "site_opening_energised": Form("energised", member="site"),
    "site_opening_count": Form("count"),
    "power_region": Form("region", member="power_region"),
    "power_options_limit": Form("onsite", member="power_option", dated=False),
    "contract_max_blocks": Form("blocks", member="offer", dated=False),
    "contract_min_blocks": Form("commitment", member="offer", dated=False),
    "contract_smallest_signing": Form("signing", member="offer", dated=False),
    "forced": Form("forced", "rule", dated=False),
    "programme_at_least": Form("programme", "programme", "measure"),
    "programme_at_most": Form("programme_cap", "programme", "measure"),
    "chip_mix_supply": Form("supply", member="chip"),
    "chip_mix_development": Form("supply", member="chip"),
    "diversity": Form("diversity", "rule", "domain"),
    "carbon_cap": Form("carbon"),
    "integration_provider": Form("growth", member="provider"),
    "integration_chip": Form("chip_growth", member="chip"),
    "financing_drawn": Form("financing", "financing", dated=False),
    "financing_earned": Form("earned", "financing", dated=False),
}
"""The constraints whose rows are limits, by name; those of a family of the user's own are limits too (`_own_form`)."""
SHIPPED = frozenset(family.name for family in FAMILIES) | {"ledger"}
WIDENED = ("site_opening_link", "contract_used", "contract_signs")
"""Links whose coefficient is the number of blocks on offer: they widen with the limit of the offer."""

DATES, SIGNED = Limit("dates"), Limit("signed")
"""When things can begin at the earliest; what is signed."""
REMADE = ("cluster", "single_source", "latency", "residency", "dates")
"""Kinds that shape the program: without one of them the program is another, and is made anew."""
ASKED = ("demand", "redundancy", "cluster", "programme", "forced")
"""Kinds of limits that ask for something; all others allow something."""
ORDER = (
    *("own", "site", "onsite", "blocks", "signing", "commitment", "growth", "chip_growth", "region", "energised"),
    *("supply", "earned", "financing", "programme_cap", "count", "carbon", "diversity"),
    *("dates", "latency", "residency", "single_source", "cluster", "redundancy", "envelope", "cash"),
    *("programme", "demand", "forced"),
)
"""Kinds in the order in which a conflict does without them: of two that would do, the later one is named."""


def by_order(limits: Iterable[Limit]) -> list[Limit]:
    """Return limits in the order in which they are tried: kinds as in `ORDER`, later periods first."""
    place = {kind: number for number, kind in enumerate(ORDER)}
    return sorted(limits, key=lambda one: (place[one.kind], -1 if one.period is None else -one.period, one.subject))


def part_of_row(row: Row) -> Part | None:
    """Return the part that a row belongs to; None: it is logic."""
    form = FORMS.get(row.constraint.name)
    if form is not None:
        return form.part(row)
    if row.family and row.family not in SHIPPED:
        return Part(Limit("own", row.constraint.name, row.period), ", ".join(map(str, row.place)))
    return None


def part_of_column(column: Column, *, all_served: bool) -> Part | None:
    """Return the part that the upper bound of a column belongs to; None: it is logic, or limits nothing."""
    variable = column.variable
    key: Any = column.key
    if variable == UNSERVED and all_served:
        market, workload, t = key
        return Part(Limit("demand", "", t), f"{market},{workload}")
    if variable in (BLOCKS, LEASE_BLOCKS, REFRESH_BLOCKS):
        return Part(Limit("blocks"), key[0])
    if variable == OWED:
        return Part(Limit("financing", key[0]))
    if variable == MISSING:
        programme, measure, t = key
        return Part(Limit("programme", programme, t), measure)
    return None


def remade_limits(case: CaseData) -> Iterator[tuple[Limit, tuple[dict[str, Any], ...]]]:
    """Yield the limits that shape the program, with the changes that take them out of the case."""
    contiguity = case.model.families.contiguity
    rules = contiguity.rules if contiguity else ()
    for number, rule in enumerate(rules):
        alone = len(rules) == 1
        path = "families.contiguity" if alone else member_path("families.contiguity.rules", rules, number)
        yield Limit("cluster", rule.name), ({"op": "relax", "model": path},)
    for market in case.rows(MarketRow):
        key = market.market
        if market.single_source:
            yield Limit("single_source", key), (_cell("markets", key, "single_source", "no"),)
        if market.latency_limit_ms is not None:
            yield Limit("latency", key), (_cell("markets", key, "latency_limit_ms", ""),)
        if market.residency is not None:
            yield Limit("residency", key), (_cell("markets", key, "residency", ""),)
    yield DATES, tuple(_undated(case))


def _cell(table: str, key: str, column: str, value: object) -> dict[str, Any]:
    return {"op": "set", "table": table, "key": key, "column": column, "value": value}


def _undated(case: CaseData) -> Iterator[dict[str, Any]]:
    """Yield the changes by which everything can begin on the first day."""
    start = case.model.horizon.start
    yield {"op": "set", "table": "sites", "column": "earliest_date", "value": start}
    yield {"op": "set", "table": "offers", "column": "first_start", "value": start}
    yield {"op": "set", "table": "offers", "column": "last_start", "value": ""}
    yield {"op": "set", "table": "offers", "column": "lead_months", "value": 0}
    for chip in case.rows(ChipRow):
        if chip.first_date > start:  # a chip that was there before is the more mature for it
            yield _cell("chips", chip.chip, "first_date", start)
