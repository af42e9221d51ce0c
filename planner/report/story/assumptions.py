"""The assumptions that a plan turns on: figures graded D, weighed by the money, power or compute that rests on them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from planner.case.row import Row as CaseRow
from planner.case.rows import BudgetRow, ChipRow, ContractRow, DemandRow, EnergisationRow, OfferRow
from planner.report.story.facts import Facts, Row, number, shares_of
from planner.report.story.words import (
    MW_PER_GW,
    Sentence,
    busd,
    facility_power,
    joined,
    percent,
    plain,
)
from planner.text import count

ASSUMED = "D"
MOST_NAMED = 3
PRICED: Mapping[str, str] = {
    "rent": "rent_musd_per_mw_year",
    "usage": "rent_musd_per_mw_year",
    "capex": "capex_busd_per_gw_it",
    "chips": "price_busd_per_gw_it",
}
"""Items of spending, and the column that prices them."""
RATES = ("training_compute_per_it_mw", "inference_compute_per_it_mw")
CASH: Mapping[str, str] = {
    "cash_limit_busd": "the cash limit",
    "cash_burn_busd": "the cash burn",
    "other_spending_busd": "other spending",
    "revenue_busd": "revenue",
    "partner_share": "the share of the partner",
}


def assumptions(facts: Facts) -> Iterator[Sentence]:
    """One sentence for prices, rates of chips, steps of power, demand and cash; none for what has no grade D."""
    found = [*_prices(facts), *_rates(facts), *_power(facts), *_demand(facts), *_cash(facts)]
    yield from found
    if found and facts.plan.case.ranges:
        yield Sentence(
            "Which of the ranges stated beside its figures change the cost most needs the case solved with them.",
            command=f"planner tornado {facts.case_place}",
        )


def _assumed(row: CaseRow | None, *columns: str) -> bool:
    """Whether a figure of a row that is given is an assumption."""
    return row is not None and any(
        getattr(row, column) is not None and row.grade_of(column) == ASSUMED for column in columns
    )


def _named(assumed: Mapping[str, float], form: Callable[[float], str], name: Callable[[str], str]) -> str:
    return joined([f"{name(key)} ({form(amount)})" for key, amount in shares_of(assumed)], MOST_NAMED)


def _prices(facts: Facts) -> Iterator[Sentence]:
    """Spending whose rent, capex or price of chips is an assumption, by offer."""
    whole, assumed = 0.0, dict[str, float]()
    for row in facts.rows("spend"):
        column = PRICED.get(str(row["item"])) if row["part"] == "spend" else None
        if column is None:
            continue
        amount = number(row["amount_busd"])
        whole += amount
        if _assumed(_priced_by(facts, row, column), column):
            assumed[str(row["offer"])] = assumed.get(str(row["offer"]), 0.0) + amount
    in_all = sum(assumed.values())
    if in_all > 0.0 and whole > 0.0:
        named = _named(assumed, busd, lambda key: facts.name("offer", key))
        yield Sentence(
            f"Of {busd(whole)} paid for rent, construction and chips, {busd(in_all)} ({percent(in_all / whole)}) is at "
            f"prices graded D, which are modelling assumptions: {named}.",
            short=True,
        )


def _priced_by(facts: Facts, row: Row, column: str) -> CaseRow | None:
    """The row of the case whose figure prices a payment."""
    case = facts.plan.case
    if column == PRICED["chips"]:
        return case.by_key(ChipRow).get(str(row["chip"]))
    signed = case.by_key(ContractRow).get(str(row["contract"]))
    return signed if signed is not None else case.by_key(OfferRow).get(str(row["offer"]))


def _rates(facts: Facts) -> Iterator[Sentence]:
    """IT GW-years of chips whose compute per IT MW is an assumption."""
    years = [facts.periods.calendar.length_years(at) for at in range(len(facts.labels))]
    held = {
        key: sum(it_mw * length for it_mw, length in zip(values, years, strict=True)) / MW_PER_GW
        for key, values in facts.sums("capacity", "it_mw", "chip").items()
    }
    chips = facts.plan.case.by_key(ChipRow)
    assumed = {key: amount for key, amount in held.items() if amount > 0.0 and _assumed(chips.get(key), *RATES)}
    whole, in_all = sum(held.values()), sum(assumed.values())
    if in_all > 0.0:
        named = _named(assumed, plain, lambda key: facts.name("chip", key))
        yield Sentence(
            f"Of {plain(whole)} IT GW-years installed, {plain(in_all)} ({percent(in_all / whole)}) are of chips whose "
            f"compute per IT MW is graded D: {named}."
        )


def _power(facts: Facts) -> Iterator[Sentence]:
    """Facility power needed in the last period beyond the steps that are more than an assumption."""
    last = facts.labels[-1]
    need = {
        str(row["site"]): number(row["facility_mw"])
        for row in facts.rows("power")
        if facts.label(row["period"]) == last
    }
    known = _known_power(facts)
    assumed = {key: max(0.0, mw - known[key]) for key, mw in need.items() if key in known}
    whole, in_all = sum(need.values()), sum(assumed.values())
    if in_all >= 0.05:
        named = _named(assumed, facility_power, lambda key: facts.name("site", key))
        yield Sentence(
            f"Of {facility_power(whole)} needed in {last}, {facility_power(in_all)} ({percent(in_all / whole)}) comes "
            f"with steps of energisation graded D: {named}."
        )


def _known_power(facts: Facts) -> dict[str, float]:
    """Facility MW of each site that has a step graded D: what the other steps give by the end, at most."""
    dates = facts.plan.case.model.horizon.energisation_dates
    found: dict[str, float] = {}
    assumed = set[str]()
    for step in facts.plan.case.rows(EnergisationRow):
        if step.takes_effect(dates) >= facts.end:
            continue
        site = str(step.site)
        found.setdefault(site, 0.0)
        if _assumed(step, "facility_mw", "date"):
            assumed.add(site)
        else:
            found[site] = max(found[site], step.facility_mw)
    return {site: mw for site, mw in found.items() if site in assumed}


def _demand(facts: Facts) -> Iterator[Sentence]:
    """Demand that is an assumption, in compute-years."""
    years = range(facts.start.year, _last_year(facts) + 1)
    rows = [row for row in facts.plan.case.rows(DemandRow) if row.year in years]
    whole = sum(row.compute for row in rows)
    assumed = sum(row.compute for row in rows if _assumed(row, "compute"))
    if assumed > 0.0:
        yield Sentence(f"{percent(assumed / whole)} of the demand of {_years(facts)} is graded D.")


def _cash(facts: Facts) -> Iterator[Sentence]:
    """The figures of the budget that are assumptions, each with the number of years in which it is one."""
    if facts.plan.case.model.families.budget is None:
        return
    rows = [row for row in facts.plan.case.rows(BudgetRow) if facts.start.year <= row.year <= _last_year(facts)]
    years = {words: len([row for row in rows if _assumed(row, column)]) for column, words in CASH.items()}
    found = [(words, number) for words, number in years.items() if number]
    if found:
        (words, number), *others = found
        first = f"{words} is graded D in {count(number, 'year')} of {len(rows):,}"
        yield Sentence(f"Of the cash, {joined([first, *(f'{other} in {n:,}' for other, n in others)])}.")


def _last_year(facts: Facts) -> int:
    day: date = facts.end
    return day.year - 1 if (day.month, day.day) == (1, 1) else day.year


def _years(facts: Facts) -> str:
    first, last = facts.start.year, _last_year(facts)
    return f"{first}" if first == last else f"{first} to {last}"
