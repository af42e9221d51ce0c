"""Shortfalls (section 19): what a plan says it misses, against what it misses, and against what it may miss."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from planner.audit import tolerance
from planner.audit.allowances import limits
from planner.audit.cells import CellError, Line, Reader, to_number
from planner.audit.decisions import WORKLOADS
from planner.audit.facts import Facts
from planner.audit.ledger import Ledger
from planner.audit.report import Checks
from planner.audit.upkeep import upkeep_busd
from planner.case.model import RedundancyRule
from planner.plan.earlier import lacks_shortfalls

FAMILY, TABLE = "shortfalls", "shortfalls"
TIERS = ("cash", "unserved", "programme", "protection", "head-room")
PRICED = "priced"
"""What rules with a price miss: no tier."""
PROMISED_ROLE = "primary"
"""The role of what is paid for declining and for missing a programme."""
UNITS = ("busd", "IT MW", "facility MW", "compute")
MEASURE_OF = {"IT MW": "it", "facility MW": "facility"}
PROVEN_SHARE = 3e-6
"""Share of an amount by which it and its bound may differ in a proven plan, beyond the tolerance stated."""
Demand = tuple[str, str]


@dataclass
class Shortfalls:
    """The table of a plan, by tier; empty without one."""

    cash: dict[tuple[str, int], float] = field(default_factory=dict)
    """$B by signed contract and period."""
    promised: dict[tuple[str, int], float] = field(default_factory=dict)
    """$B of what declining or missing it costs and is not paid, by programme and period."""
    uncovered: dict[int, float] = field(default_factory=dict)
    """$B of other spending and upkeep by period."""
    programme: dict[tuple[str, str, int], float] = field(default_factory=dict)
    """IT MW or facility MW by programme, measure and period."""
    unserved: dict[tuple[str, str, int], float] = field(default_factory=dict)
    """Compute by market, workload and period."""
    rules: dict[tuple[str, Demand, int], float] = field(default_factory=dict)
    """Compute by rule, market and workload, and period."""
    served_is_critical: bool = True
    """Whether only what is served is critical; in plans of earlier versions all demand is."""

    def unpaid_busd(self, facts: Facts, t: int, role: str | None = None) -> float:
        """What is not paid in a period: in one role, or in both and of other spending and upkeep."""
        other = self.uncovered.get(t, 0.0) if role is None else 0.0
        if role in (None, PROMISED_ROLE):
            other += sum(busd for (_, period), busd in self.promised.items() if period == t)
        return other + sum(
            busd
            for (contract, period), busd in self.cash.items()
            if period == t and role in (None, facts.contracts[contract].role)
        )


def is_older(summary: Mapping[str, object] | None) -> bool:
    """Whether a plan is older than the table: its summary says the format of its folder."""
    said = (summary or {}).get("folder_format")
    return isinstance(said, int) and lacks_shortfalls(said)


def read_shortfalls(reader: Reader, *, older: bool) -> Shortfalls:
    """Read the table; in an ``older`` plan all demand is critical."""
    facts = reader.facts
    if not reader.has(TABLE):
        return Shortfalls(served_is_critical=False)
    rules = {rule.name: rule for rule in rules_of(facts)}
    found = Shortfalls(served_is_critical=not older)

    def read(line: Line) -> tuple[tuple[str, ...], float]:
        tier, t, unit = line.known("tier", (*TIERS, PRICED)), line.period(), line.known("unit", UNITS)
        amount = line.size("amount")
        if tier == "cash":
            named = next((name for name in ("contract", "programme") if line.text_or_empty(name)), "contract")
            _only(line, unit, ("busd",), named)
            if line.text_or_empty("programme"):
                found.promised[line.known("programme", facts.programmes), t] = amount
            elif line.text_or_empty("contract"):
                found.cash[line.known("contract", facts.contracts), t] = amount
            else:
                found.uncovered[t] = amount
        elif tier == "programme":
            _only(line, unit, tuple(MEASURE_OF), "programme")
            found.programme[line.known("programme", facts.programmes), MEASURE_OF[unit], t] = amount
        else:
            demand = line.known("market", facts.markets), line.known("workload", WORKLOADS)
            if tier == "unserved":
                _only(line, unit, ("compute",), "market", "workload")
                found.unserved[*demand, t] = amount
            else:
                _only(line, unit, ("compute",), "rule", "market", "workload")
                rule = rules[line.known("rule", rules)]
                if tier != _tier(rule):
                    raise CellError(f"column tier: {tier}, but it is {_tier(rule)} for this rule")
                found.rules[rule.name, demand, t] = amount
        key = [line.text_or_empty(name) for name in ("rule", "programme", "market", "workload", "contract")]
        return (tier, str(t), *key, unit), amount

    reader.parse(TABLE, read)
    return found


def _only(line: Line, unit: str, units: tuple[str, ...], *keys: str) -> None:
    """Check that a row has the unit and the keys of its tier, and no others."""
    if unit not in units:
        raise CellError(f"column unit: {unit}, but it is {' or '.join(units)}")
    for name in ("rule", "programme", "market", "workload", "contract"):
        if name not in keys and line.text_or_empty(name):
            raise CellError(f"column {name}: must be empty in this tier")


def rules_of(facts: Facts) -> tuple[RedundancyRule, ...]:
    """The redundancy rules of a case."""
    family = facts.model.families.redundancy
    return () if family is None else family.rules


def _tier(rule: RedundancyRule) -> str:
    """What the table calls a shortfall of a rule."""
    if price_of(rule) is not None:
        return PRICED
    return "head-room" if rule.domain == "none" else "protection"


def price_of(rule: RedundancyRule) -> float | None:
    """What a year with a unit of compute missing costs, in billions of dollars; None for a rule without a price."""
    return rule.price_busd_per_missing_compute_year


def priced_compute_years(facts: Facts, found: Shortfalls) -> Iterator[tuple[str, str, int, float, float]]:
    """What every rule with a price misses: rule, market, period, compute-years, and what they cost, nominal."""
    prices = {rule.name: price_of(rule) for rule in rules_of(facts)}
    for (name, (market, _), t), compute in found.rules.items():
        price = prices[name]
        if price is not None:
            missing = compute * facts.calendar.length[t]
            yield name, market, t, missing, missing * price


def may_fall_short(facts: Facts, rule: RedundancyRule) -> bool:
    """Whether a rule may have a shortfall."""
    if price_of(rule) is not None:
        return True
    objective = facts.model.objective
    hard = "hard" in (objective.shortfall, rule.shortfall)
    return not hard and objective.unserved == "lexicographic"


def check_unpaid(facts: Facts, found: Shortfalls, ledger: Ledger, checks: Checks) -> None:
    """Check that nothing leaves more unpaid than it costs or lacks, only where admitted, and in the order of the page.

    Parameters
    ----------
    facts : Facts
    found : Shortfalls
        What the plan says.
    ledger : Ledger
        What programmes cost.
    checks : Checks
    """
    promised = {(key, t): _promised_busd(ledger, key, t) for key in facts.programmes for t in facts.periods}
    refused = facts.model.objective.shortfall == "hard" or facts.model.families.budget is None
    parts = [(f"{key} in {facts.label(t)}", busd, _due_busd(facts, key, t)) for (key, t), busd in found.cash.items()]
    parts += [(f"{key} in {facts.label(t)}", busd, promised[key, t]) for (key, t), busd in found.promised.items()]
    allowed = limits(facts) or [0.0 for _ in facts.periods]
    parts += [
        (f"other spending and upkeep in {facts.label(t)}", busd, max(0.0, -allowed[t]) + upkeep_busd(facts, t))
        for t, busd in found.uncovered.items()
    ]
    for place, busd, due in parts:
        where = f"{place}: unpaid"
        checks.limit(FAMILY, "no more unpaid than is due", where, busd, due, "busd", tolerance.money(due))
        if refused and busd > 0:
            checks.fault(FAMILY, "admitted", f"{where} {busd:.6g} busd, but the case admits no shortfall of cash")
    paid = {key: busd - found.promised.get(key, 0.0) for key, busd in promised.items()}
    for t, busd in found.uncovered.items():
        due = sum(_due_busd(facts, key, t) for key in facts.contracts)
        unpaid = sum(found.cash.get((key, t), 0.0) for key in facts.contracts)
        what = f"other spending and upkeep of {busd:.6g} busd"
        where = f"{what} is uncovered in {facts.label(t)}, and of signed contracts is paid"
        checks.limit(FAMILY, "contracts before other spending", where, due - unpaid, 0.0, "busd", tolerance.money(due))
        _check_promised_first(facts, what, t, promised, paid, checks)
    for (key, t), busd in found.cash.items():
        if facts.contracts[key].role == PROMISED_ROLE:
            _check_promised_first(facts, f"{key} of {busd:.6g} busd", t, promised, paid, checks)
    order = list(facts.programmes)
    for key, t in found.promised:
        later = order[order.index(key) + 1 :]
        slack = tolerance.money(sum(promised[other, t] for other in later))
        where = f"{key} is unpaid in {facts.label(t)}, and of programmes after it in the table is paid"
        left = sum(paid[other, t] for other in later)
        checks.limit(FAMILY, "last programme first", where, left, 0.0, "busd", slack)


def _check_promised_first(
    facts: Facts,
    what: str,
    t: int,
    promised: Mapping[tuple[str, int], float],
    paid: Mapping[tuple[str, int], float],
    checks: Checks,
) -> None:
    """Check that nothing that is owed for programmes in a period is paid while something that comes after is not."""
    due, left = (sum(amounts[key, t] for key in facts.programmes) for amounts in (promised, paid))
    where = f"{what} is unpaid in {facts.label(t)}, and of programmes is paid"
    if due > 0.0:
        checks.limit(FAMILY, "programmes before contracts", where, left, 0.0, "busd", tolerance.money(due))


def _promised_busd(ledger: Ledger, programme: str, t: int) -> float:
    """What declining a programme, and what is missing of it, costs in a period."""
    return sum(
        amount
        for (when, _, item, _, level), amount in ledger.booked.items()
        if when == t and item in ("declining", "missing") and level.programme == programme
    )


def _due_busd(facts: Facts, key: str, t: int) -> float:
    """What a signed contract costs in a period: rent and running cost."""
    row = facts.contracts[key]
    rate = (row.rent_musd_per_mw_year or 0.0) + (facts.offers[row.offer].opex_musd_per_mw_year or 0.0)
    return row.it_mw * rate * facts.signed_years(row, t) / 1e3


def check_rules(facts: Facts, found: Shortfalls, checks: Checks) -> None:
    """Check that only rules that may fall short do."""
    by_name = {rule.name: rule for rule in rules_of(facts)}
    for (name, demand, t), compute in found.rules.items():
        checks.seen(FAMILY, "admitted")
        if compute > 0 and not may_fall_short(facts, by_name[name]):
            where = f'"{name}" is short of {compute:.6g} of {" ".join(demand)} in {facts.label(t)}'
            checks.fault(FAMILY, "admitted", f"{where}, but it may not be")


def check_unserved(
    facts: Facts, found: Shortfalls, lacking: Mapping[tuple[str, str, int], float], checks: Checks
) -> None:
    """Compare what is not served."""
    for market, workload in facts.demand:
        for t in facts.periods:
            key = market, workload, t
            accepted = tolerance.compute(facts.largest_rate, facts.demand[market, workload][t])
            where = f"{TABLE}, {market} {workload} in {facts.label(t)}, unserved"
            said, own = found.unserved.get(key, 0.0), lacking.get(key, 0.0)
            checks.equal(FAMILY, "unserved", where, said, own, "compute", accepted)


def check_tiers(facts: Facts, found: Shortfalls, summary: Mapping[str, object], checks: Checks) -> None:
    """Compare the tiers of a summary with the table, and their bounds with the status."""
    stated = summary.get("shortfalls")
    if stated is None:
        return
    if not isinstance(stated, list) or not all(isinstance(entry, Mapping) for entry in stated):
        checks.fault(FAMILY, "tiers can be read", "summary, shortfalls: must be a list of objects")
        return
    own, seen = amounts(facts, found), set()
    proven = summary.get("status") in ("optimal", "gap_reached") or summary.get("bound_busd") is not None
    for entry in stated:
        tier = entry.get("tier")
        where = f"summary, shortfalls, {tier}"
        try:
            amount, bound, allowed = (to_number(entry.get(key)) for key in ("amount", "bound", "tolerance"))
        except CellError as error:
            checks.fault(FAMILY, "tiers can be read", f"{where}: {error}")
            continue
        if tier not in TIERS or tier in seen:
            checks.fault(FAMILY, "tiers can be read", f"{where}: must be one of {', '.join(TIERS)}, once")
            continue
        seen.add(tier)
        whole, slack = own[tier]
        checks.equal(FAMILY, "amount of a tier", f"{where}: amount", amount, whole, "as stated", slack)
        checks.limit(FAMILY, "bound of a tier", f"{where}: bound", bound, amount, "as stated", slack)
        if proven:
            checks.limit(
                FAMILY, "least of a tier proven", f"{where}: amount less bound", amount - bound, allowed,
                "as stated", slack + PROVEN_SHARE * (amount + allowed),
            )  # fmt: skip
    for tier in TIERS:
        whole, slack = own[tier]
        if tier not in seen and whole > slack and (tier != "unserved" or facts.model.objective.unserved != "priced"):
            checks.fault(
                FAMILY, "amount of a tier", f"summary, shortfalls: {tier} misses {whole:.6g}, and is not named"
            )


def amounts(facts: Facts, found: Shortfalls) -> dict[str, tuple[float, float]]:
    """What the table misses in each tier over the horizon, and by how much it may differ by rounding."""
    years = facts.calendar.length
    tiers = {rule.name: _tier(rule) for rule in rules_of(facts)}
    sums: dict[str, float] = defaultdict(float)
    slack: dict[str, float] = defaultdict(float)
    sums["cash"] = sum(found.cash.values()) + sum(found.promised.values()) + sum(found.uncovered.values())
    sums["programme"] = sum(mw * years[t] for (_, _, t), mw in found.programme.items())
    sums["unserved"] = sum(compute * years[t] for (_, _, t), compute in found.unserved.items())
    for (name, _, t), compute in found.rules.items():
        sums[tiers[name]] += compute * years[t]
    demanded = sum(series[t] * years[t] for series in facts.demand.values() for t in facts.periods)
    slack["cash"] = tolerance.RELATIVE * sum(
        row.it_mw * (row.rent_musd_per_mw_year or 0.0) / 1e3 * sum(years) for row in facts.contracts.values()
    )
    slack["cash"] += tolerance.RELATIVE * sum(map(abs, limits(facts) or ()))
    slack["programme"] = tolerance.MW * sum(years)
    slack["unserved"] = tolerance.RELATIVE * demanded
    slack["protection"] = slack["head-room"] = tolerance.RELATIVE * demanded * max(1, len(rules_of(facts))) * 10
    return {tier: (sums[tier], slack[tier] + tolerance.RELATIVE * sums[tier]) for tier in TIERS}
