"""The table of shortfalls: what the plan misses, by tier (docs/formulation.md, section 19)."""

from collections.abc import Iterator

from planner.case.fields import Role
from planner.case.model import RedundancyRule
from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW
from planner.inputs.inputs import Demand
from planner.inputs.programmes import MEASURES
from planner.plan import figures
from planner.plan.decisions import NOTHING_GW, Row, mw
from planner.plan.state import site_it_gw
from planner.program.columns import UNSERVED
from planner.program.shortfalls import OTHER, SHORT, UNPAID
from planner.symbols import Values

ROLES: tuple[Role, ...] = ("primary", "backup")
LEAST_SHARE = 1e-6
"""Share of a critical demand, or of a payment, below which what is short of it is rounding."""
PRICED = "priced"
"""In the place of a tier: what rules with a price miss."""
MW_UNIT = {"it": "IT MW", "facility": "facility MW"}


def shortfalls(inputs: Inputs, values: Values) -> list[Row]:
    """Everything that the plan misses, tier by tier; values as `balance.balanced` gives them."""
    return [*_cash(inputs, values), *_unserved(inputs, values), *_programmes(inputs, values), *_rules(inputs, values)]


def unpaid_busd(inputs: Inputs, values: Values) -> list[float]:
    """What signed contracts cost and the plan cannot pay, per period, as the table states it."""
    found = [0.0] * len(inputs.periods)
    for t, _, busd in _unpaid(inputs, values):
        found[t] += busd
    return found


def short_compute(inputs: Inputs, values: Values) -> dict[tuple[int, Demand, int], tuple[float, float]]:
    """Critical compute not protected, by rule, demand and period, as the table states it; and what is critical."""
    found: dict[tuple[int, Demand, int], tuple[float, float]] = {}
    for (r, market, w, t), short in values[SHORT].items():
        rule, demand = inputs.redundancy_rules[r], inputs.demand_compute[market, w][t] - values[UNSERVED][market, w, t]
        critical = rule.critical_share_of(market, w) * demand
        stated = figures.compute if rule.price_busd_per_missing_compute_year is None else figures.paid_compute
        compute = stated(inputs, min(short, critical))
        if compute > LEAST_SHARE * critical:
            found[r, (market, w), t] = compute, critical
    return found


def as_stated(inputs: Inputs, values: Values) -> Values:
    """The same values, with what rules with a price miss as the table states it: their cost follows from it."""
    stated = {(r, *demand, t): compute for (r, demand, t), (compute, _) in short_compute(inputs, values).items()}
    priced = {
        r for r, rule in enumerate(inputs.redundancy_rules) if rule.price_busd_per_missing_compute_year is not None
    }
    if not priced:
        return values
    short = {key: stated.get(key, 0.0) if key[0] in priced else amount for key, amount in values[SHORT].items()}
    return values.replaced({SHORT: short})


def _row(inputs: Inputs, tier: str, t: int, amount: float, unit: str, **keys: str) -> Row:
    empty = dict.fromkeys(("rule", "programme", "market", "workload", "contract"), "")
    return {"tier": tier, "period": inputs.calendar.labels[t], **empty, **keys, "amount": amount, "unit": unit}


def _unpaid(inputs: Inputs, values: Values) -> Iterator[tuple[int, str, float]]:
    """What is not paid, by period and contract (those that started last are paid last), then other spending: ``""``."""
    latest = sorted(
        enumerate(inputs.signed), key=lambda one: (one[1].row.start_date, one[0]), reverse=True
    )  # of equal dates the one further down in the table
    for (role, t), left in _by_role(inputs, values):
        uncovered = figures.money(inputs, left) if role == OTHER else 0.0
        if uncovered > LEAST_SHARE * inputs.uncoverable_busd.get(t, 0.0):
            yield t, "", uncovered
        for _, signed in latest:
            busd = signed.rent_busd[t] + signed.opex_busd[t]
            unpaid = figures.money(inputs, min(left, busd))
            if signed.row.role == role and unpaid > LEAST_SHARE * busd:
                yield t, signed.row.contract, unpaid
                left -= unpaid


def _by_role(inputs: Inputs, values: Values) -> list[tuple[tuple[str, int], float]]:
    """What is not paid by role and period; other spending only as far as all contracts of the period are unpaid."""
    found = dict(values[UNPAID].items())
    for t in inputs.uncoverable_busd:
        for role in ROLES:
            more = min(
                found.get((OTHER, t), 0.0), inputs.signed_payments_busd.get((role, t), 0.0) - found.get((role, t), 0.0)
            )
            if more > 0.0:
                found[role, t] = found.get((role, t), 0.0) + more
                found[OTHER, t] -= more
    return sorted(found.items(), key=lambda one: (one[0][1], one[0][0] == OTHER, one[0][0]))


def _cash(inputs: Inputs, values: Values) -> Iterator[Row]:
    for t, contract, busd in _unpaid(inputs, values):
        yield _row(inputs, "cash", t, busd, "busd", contract=contract)


def _programmes(inputs: Inputs, values: Values) -> Iterator[Row]:
    for key, programme in inputs.programmes.items():
        for measure in MEASURES if programme.row.kind == "committed" else ():
            factors = programme.gw_per_it_gw[measure]
            for t in inputs.periods:
                gw = sum(factor * site_it_gw(inputs, values, s, t) for s, factor in factors.items())
                missing = (programme.at_least_gw[measure][t] or 0.0) - gw
                if missing > NOTHING_GW and missing * MW_PER_GW > LEAST_SHARE:
                    yield _row(inputs, "programme", t, mw(missing), MW_UNIT[measure], programme=key)


def _unserved(inputs: Inputs, values: Values) -> Iterator[Row]:
    for t in inputs.periods:
        for market, w in inputs.demand_compute:
            compute = figures.demanded(inputs, values[UNSERVED][market, w, t])
            if compute > 0.0:
                yield _row(inputs, "unserved", t, compute, "compute", market=market, workload=w)


def _rules(inputs: Inputs, values: Values) -> Iterator[Row]:
    found = short_compute(inputs, values)
    tiers = [_tier(rule) for rule in inputs.redundancy_rules]
    for tier in ("protection", "head-room", PRICED):
        for (r, (market, w), t), (compute, _) in sorted(found.items(), key=lambda one: (one[0][0], one[0][2])):
            rule = inputs.redundancy_rules[r]
            if tiers[r] == tier:
                yield _row(inputs, tier, t, compute, "compute", rule=rule.name, market=market, workload=w)


def _tier(rule: RedundancyRule) -> str:
    if rule.price_busd_per_missing_compute_year is not None:
        return PRICED
    return "head-room" if rule.domain == "none" else "protection"
