"""Objective (section 11): the money of a plan, and the tables and the summary that state it."""

from collections.abc import Mapping
from dataclasses import dataclass

from planner.audit import tolerance
from planner.audit.backup import income_busd, income_rounding_busd
from planner.audit.budget import Cash, cash_tolerance
from planner.audit.cells import CellError, Line, to_number
from planner.audit.chips import pay_chips
from planner.audit.context import Context
from planner.audit.contracts import pay_contracts
from planner.audit.demand import pay_serving, unserved_by_market, unserved_series
from planner.audit.facts import Facts
from planner.audit.ledger import WHOLE_PLAN, Ledger, Level
from planner.audit.power import pay_power
from planner.audit.shortfalls import price_of, priced_compute_years, rules_of
from planner.audit.site import pay_sites
from planner.audit.state import State

FAMILY = "money"
SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Cost:
    """The parts of the cost, present value in billions of dollars, as the objective table states them."""

    spend: float
    backup_income: float
    salvage: float
    unserved: float
    financing: float | None = None
    """None without the family financing."""
    unprotected: float | None = None
    """None without a redundancy rule that has a price."""

    @property
    def total(self) -> float:
        """The cost."""
        return sum(self.parts().values())

    def parts(self) -> dict[str, float]:
        """Give the parts by name."""
        parts = {"spend": self.spend, "backup_income": self.backup_income, "salvage": self.salvage,
                 "unserved": self.unserved}  # fmt: skip
        more = {"unprotected": self.unprotected, "financing": self.financing}
        return parts | {name: busd for name, busd in more.items() if busd is not None}


def book(state: State) -> Ledger:
    """Book every payment of a plan."""
    facts = state.facts
    income = sum(income_busd(state, t) for t in facts.periods)
    ledger = Ledger(facts, income_busd=income, income_rounding_busd=income_rounding_busd(facts))
    for pay in (pay_contracts, pay_sites, pay_chips, pay_power, pay_serving):
        pay(state, ledger)
    for t in facts.periods:
        ledger.put((t, "backup_income", "backup_income", "backup", WHOLE_PLAN), -income_busd(state, t))
    for (market, t), compute_years in unserved_by_market(state).items():
        lost = compute_years * _unserved_price(facts)
        ledger.put((t, "unserved", "unserved", "", Level(market=market)), lost)
    for _, market, t, _, busd in priced_compute_years(facts, state.shortfalls):
        ledger.put((t, "unprotected", "unprotected", "", Level(market=market)), busd)
    return ledger


def _unserved_price(facts: Facts) -> float:
    """Price of a unit of compute not served for a year, in billions of dollars; 0 where it has none."""
    objective = facts.model.objective
    priced = objective.unserved == "priced"
    return (objective.unserved_price_busd_per_compute_year or 0.0) if priced else 0.0


def cost_of(state: State, ledger: Ledger) -> Cost:
    """Compute the parts of the cost."""
    facts = state.facts
    mid, price = facts.calendar.mid, _unserved_price(facts)
    income = sum(income_busd(state, t) * ledger.discount(mid[t]) for t in facts.periods)
    unserved = unserved_series(state)
    lost = sum(price * unserved[t] * ledger.discount(mid[t]) for t in facts.periods)
    financed = ledger.present_financing_busd if facts.model.families.financing is not None else None
    missed = None
    if any(price_of(rule) is not None for rule in rules_of(facts)):
        missed = sum(
            busd * ledger.discount(mid[t]) for _, _, t, _, busd in priced_compute_years(facts, state.shortfalls)
        )
    return Cost(ledger.present_busd, -income, -ledger.present_salvage_busd, lost, financed, missed)


def check_objective(context: Context, ledger: Ledger, cost: Cost) -> None:
    """Compare the table ``objective``."""
    reader, parts = context.reader, cost.parts()
    accepted = ledger.cost_tolerance_busd(parts)
    stated = reader.parse("objective", lambda line: (line.known("item", parts), line.number_of("present_value_busd")))
    for item, expected in parts.items():
        where = f"objective, {item}"
        reader.checks.equal(FAMILY, "objective", where, stated.get(item, 0.0), expected, "busd", accepted)


def check_budget_table(context: Context, ledger: Ledger, cash: list[Cash]) -> None:
    """Compare the table ``budget``."""
    reader, facts, accepted = context.reader, context.facts, cash_tolerance(cash, ledger)
    columns = ("spend_busd", "backup_income_busd", "limit_busd", "carried_in_busd", "slack_busd")

    def read(line: Line) -> tuple[int, tuple[float | None, ...]]:
        may_be_empty = ("limit_busd", "slack_busd")
        values = (line.optional_number(name) if name in may_be_empty else line.number_of(name) for name in columns)
        return line.period(), tuple(values)

    stated = reader.parse("budget", read)
    for t, entry in enumerate(cash):
        if t not in stated:
            reader.checks.fault(FAMILY, "budget table", f"budget: no row for {facts.label(t)}")
            continue
        expected = (entry.spend, entry.income, entry.limit, entry.carried_in, entry.slack)
        for column, value, own in zip(columns, stated[t], expected, strict=True):
            where = f"budget, {facts.label(t)}, {column}"
            if value is None or own is None:
                if value is not own:
                    text = "empty" if value is None else f"{value:.6g}"
                    reader.checks.fault(FAMILY, "budget table", f"{where} is {text}, the audit has {own}")
                continue
            allowed = ledger.income_tolerance_busd() if column == "backup_income_busd" else accepted
            reader.checks.equal(FAMILY, "budget table", where, value, own, "busd", allowed)


def check_summary(context: Context, summary: Mapping[str, object], ledger: Ledger, cost: Cost) -> None:
    """Compare the figures of the summary."""
    facts, checks, accepted = context.facts, context.checks, ledger.tolerance_busd()
    lengths = facts.calendar.length
    demanded = sum(series[t] * lengths[t] for series in facts.demand.values() for t in facts.periods)
    unserved = sum(unserved_series(context.state))
    figures = {
        "cost_busd": (cost.total, "busd", ledger.cost_tolerance_busd(cost.parts())),
        "spend_primary_busd": (ledger.of_role("primary"), "busd", accepted),
        "spend_backup_busd": (ledger.of_role("backup"), "busd", accepted),
        "backup_income_busd": (_reported_income(context), "busd", ledger.income_tolerance_busd()),
        "unserved_share": (unserved / demanded if demanded else 0.0, "share", tolerance.RELATIVE),
    }
    if facts.calendar.reported < facts.calendar.periods:
        figures["reported_cost_busd"] = (
            _reported_cost(context, ledger), "busd", ledger.cost_tolerance_busd(cost.parts())
        )  # fmt: skip
    for name, (expected, unit, allowed) in figures.items():
        try:
            stated = to_number(summary.get(name))
        except CellError as error:
            checks.fault(SUMMARY, f"{name} can be read", f"summary, {name}: {error}")
            continue
        checks.equal(SUMMARY, name, f"summary, {name}", stated, expected, unit, allowed)
    _check_providers(context, summary.get("capacity_by_provider"))


def _reported_income(context: Context) -> float:
    """Nominal backup income of the reported periods."""
    return sum(income_busd(context.state, t) for t in range(context.facts.calendar.reported))


def _reported_cost(context: Context, ledger: Ledger) -> float:
    """Present value of what is paid, less what is earned, in the reported periods; with what is missing at a price."""
    cal, unserved = context.facts.calendar, unserved_series(context.state)
    missed = context.facts.zeros()
    for _, _, t, _, busd in priced_compute_years(context.facts, context.state.shortfalls):
        missed[t] += busd
    price, found = _unserved_price(context.facts), 0.0
    for t in range(cal.reported):
        amount = ledger.of_period(t) - income_busd(context.state, t) + price * unserved[t] + missed[t]
        found += amount * ledger.discount(cal.mid[t])
    return found


def _check_providers(context: Context, stated: object) -> None:
    facts, checks, name = context.facts, context.checks, "capacity_by_provider"
    if not isinstance(stated, Mapping):
        checks.fault(SUMMARY, f"{name} can be read", f"summary, {name}: missing, or not an object")
        return
    expected = dict.fromkeys(facts.providers, 0.0)
    for (offer, _), series in context.state.installed_mw.items():
        provider = facts.offers[offer].provider
        expected[provider] = expected.get(provider, 0.0) + series[facts.calendar.reported - 1]
    for provider in dict.fromkeys((*expected, *map(str, stated))):
        try:
            value = to_number(stated.get(provider, 0.0))
        except CellError as error:
            checks.fault(SUMMARY, f"{name} can be read", f"summary, {name}, {provider}: {error}")
            continue
        own = expected.get(provider)
        if own is None:
            checks.fault(SUMMARY, f"{name} can be read", f"summary, {name}: {provider!r} is not a provider")
            continue
        checks.equal(SUMMARY, name, f"summary, {name}, {provider}", value, own, "IT MW", tolerance.mw(own))
