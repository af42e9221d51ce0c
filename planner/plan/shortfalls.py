"""The table of shortfalls: what the plan misses, by tier (docs/formulation.md, section 19)."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from planner.case.fields import Role
from planner.case.model import RedundancyRule
from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW
from planner.inputs.inputs import Demand
from planner.inputs.programmes import MEASURES
from planner.plan import figures
from planner.plan.decisions import Row, mw
from planner.plan.programmes import missing_gw, promised_busd
from planner.program.columns import UNSERVED
from planner.program.shortfalls import OTHER, SHORT, UNPAID, UNPAID_PROGRAMME
from planner.symbols import Values

Key = TypeVar("Key")
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
    """What signed contracts and programmes cost and the plan cannot pay, per period, as the table states it."""
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


def _unpaid(inputs: Inputs, values: Values) -> Iterator[tuple[int, Mapping[str, str], float]]:
    """What is not paid, by period and what it is of: a programme, a contract, or other spending (nothing named)."""
    due = inputs.uncoverable_busd
    for t, of_programmes, of_roles, other in _in_order(inputs, values):
        for key, busd in of_programmes.items():
            unpaid = figures.money(inputs, busd)
            if unpaid > LEAST_SHARE * promised_busd(inputs, values, key, t):
                yield t, {"programme": key}, unpaid
        for role in ROLES:
            yield from _of_contracts(inputs, t, role, of_roles[role])
        uncovered = figures.money(inputs, other)
        if uncovered > LEAST_SHARE * due.get(t, 0.0):
            yield t, {}, uncovered


def _of_contracts(inputs: Inputs, t: int, role: Role, left: float) -> Iterator[tuple[int, Mapping[str, str], float]]:
    """What is not paid of the contracts of a role in a period: those that started last are paid last."""
    latest = sorted(
        enumerate(inputs.signed), key=lambda one: (one[1].row.start_date, one[0]), reverse=True
    )  # of equal dates the one further down in the table
    for _, signed in latest:
        busd = signed.rent_busd[t] + signed.opex_busd[t]
        unpaid = figures.money(inputs, min(left, busd))
        if signed.row.role == role and unpaid > LEAST_SHARE * busd:
            yield t, {"contract": signed.row.contract}, unpaid
            left -= unpaid


def _in_order(inputs: Inputs, values: Values) -> Iterator[tuple[int, dict[str, float], dict[Role, float], float]]:
    """What is not paid in each period: by programme, by role of contracts, of other spending.

    What is unpaid of one is moved to those that come before it, as far as they cost more: programmes (the last of the
    table first) before contracts of the role primary, and both before other spending.
    """
    unpaid, of_programme = values[UNPAID], values[UNPAID_PROGRAMME]
    for t in inputs.periods if unpaid or of_programme else ():
        roles = {role: unpaid.get((role, t), 0.0) for role in ROLES}
        promised = [key for key in reversed(tuple(inputs.programmes)) if (key, t) in of_programme]
        due = {key: promised_busd(inputs, values, key, t) for key in promised}
        other = unpaid.get((OTHER, t), 0.0)
        before = sum(of_programme[key, t] for key in promised) + roles["primary"]
        of_programmes, left = _filled(due, before + other)
        roles["primary"] = max(0.0, left - other)
        other = left - roles["primary"]
        signed = {role: inputs.signed_payments_busd.get((role, t), 0.0) - roles[role] for role in ROLES}
        more, other = _filled(signed, other)
        yield t, of_programmes, {role: roles[role] + more[role] for role in ROLES}, other


def _filled(room: Mapping[Key, float], amount: float) -> tuple[dict[Key, float], float]:
    """Divide an amount: as much as there is room for to the first, then to the next; and what is left of it."""
    found: dict[Key, float] = {}
    for key, most in room.items():
        found[key] = min(amount, max(0.0, most))
        amount -= found[key]
    return found, amount


def _cash(inputs: Inputs, values: Values) -> Iterator[Row]:
    for t, of, busd in _unpaid(inputs, values):
        yield _row(inputs, "cash", t, busd, "busd", **of)


def _programmes(inputs: Inputs, values: Values) -> Iterator[Row]:
    for key, programme in inputs.programmes.items():
        for measure in MEASURES if programme.row.kind == "committed" else ():
            for t in inputs.periods:
                missing = missing_gw(inputs, values, programme, measure, t)
                if missing * MW_PER_GW > LEAST_SHARE:
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
