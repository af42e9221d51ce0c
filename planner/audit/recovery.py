"""The tables ``contingencies`` and ``recovery`` (section 8): what the plan says happens after a loss."""

from collections import defaultdict
from dataclasses import dataclass, field
from operator import mul

from planner.audit import tolerance
from planner.audit.cells import CellError, Line, Reader, Repeated
from planner.audit.context import Context
from planner.audit.decisions import WORKLOADS
from planner.audit.redundancy import Situation, situations

FAMILY = "contingencies"
SEPARATOR = " + "
NOTHING = "nothing"
"""The contingency of a rule that loses nothing."""
LONG_TABLE = 100_000
"""A table ``recovery`` of this many rows may leave out the routings of the least tight contingencies. That those can be
carried is judged by `planner.audit.redundancy`, as for all."""
ContingencyKey = tuple[str, int, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Stated:
    """A row of ``contingencies``."""

    lost: float
    surviving: float
    critical: float
    carried: float
    margin: float
    binding: bool


@dataclass
class Routing:
    """The rows of ``recovery`` of one contingency."""

    used: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    """IT MW per site and chip."""
    rows: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """How many rows they are the sum of."""
    carried: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    """Compute per market and workload."""


@dataclass
class Claims:
    """Both tables."""

    stated: dict[ContingencyKey, Stated]
    routings: dict[ContingencyKey, Routing]
    complete: bool
    """Whether every contingency has its routing; a long table may leave some out."""


def _key(line: Line, places: dict[tuple[str, int], Situation]) -> ContingencyKey:
    rule, t = line.text("rule"), line.period()
    if (rule, t) not in places:
        raise CellError(f"column rule: no rule {rule!r} holds in {line.text('period')}")
    situation = places[rule, t]
    names = frozenset(part.strip() for part in line.text("contingency").split("+"))
    if situation.rule.domain == "none":
        if names != {NOTHING}:
            raise CellError(f"column contingency: {line.text('contingency')!r}: the rule loses nothing")
        return rule, t, frozenset()
    if situation.rule.domain == "sites":
        # The named list is lost as one; those of its sites that hold no offer may be named or not.
        names -= set(situation.rule.sites or ()) - set(situation.domains)
    strange = sorted(names - set(situation.domains))
    if strange or len(names) != situation.at_once:
        text = (
            f"{', '.join(strange)} is no {situation.rule.domain}"
            if strange
            else f"{situation.at_once} are lost at once"
        )
        raise CellError(f"column contingency: {line.text('contingency')!r}: {text}")
    return rule, t, names


def read_claims(reader: Reader, places: dict[tuple[str, int], Situation]) -> Claims:
    """Read both tables and check each row of ``recovery`` for itself."""
    facts = reader.facts
    key = Repeated(("rule", "period", "contingency"), lambda line: _key(line, places))
    rate = Repeated(
        ("chip", "workload", "period"),
        lambda line: facts.rate(line.known("chip", facts.chips), line.known("workload", WORKLOADS), line.period()),
    )

    def _ends(line: Line) -> tuple[str, str, str, str]:
        site, chip = line.known("site", facts.sites), line.known("chip", facts.chips)
        market, workload = line.known("market", facts.markets), line.known("workload", WORKLOADS)
        if market not in facts.reach[site]:
            raise CellError(f"column market: {site} may not serve {market}")
        return site, chip, market, workload

    ends = Repeated(("site", "chip", "market", "workload"), _ends)

    def contingency(line: Line) -> tuple[ContingencyKey, Stated]:
        return key.of(line), Stated(
            lost=line.number_of("lost_it_mw"),
            surviving=line.number_of("surviving_it_mw"),
            critical=line.number_of("critical_compute"),
            carried=line.number_of("carried_compute"),
            margin=line.number_of("margin_compute"),
            binding=line.known("binding", ("yes", "no")) == "yes",
        )

    def recovery(line: Line) -> tuple[tuple[ContingencyKey, tuple[str, str, str, str]], tuple[float, float]]:
        who = ends.of(line)
        it_mw, compute = line.size("it_mw"), line.number_of("compute")
        per_mw = rate.of(line)
        expected = it_mw * per_mw
        if abs(compute - expected) > tolerance.compute_of_chips(per_mw, expected):
            raise CellError(f"column compute: {compute:.10g}, but {it_mw:.10g} IT MW of {who[1]} give {expected:.10g}")
        return (key.of(line), who), (it_mw, compute)

    routings: dict[ContingencyKey, Routing] = {}
    routed = reader.parse("recovery", recovery)
    for (lost, (site, chip, market, workload)), (mw, compute) in routed.items():
        routing = routings.get(lost)
        if routing is None:
            routing = routings[lost] = Routing()
        routing.used[site, chip] += mw
        routing.rows[site, chip] += 1
        routing.carried[market, workload] += compute
    return Claims(reader.parse("contingencies", contingency), routings, complete=len(routed) < LONG_TABLE)


def check_claims(context: Context) -> set[ContingencyKey]:
    """Check both tables against the audit's own numbers.

    Gives the contingencies whose routing uses only what survives and carries all that is critical.
    """
    reader = context.reader
    places = {(situation.rule.name, situation.period): situation for situation in situations(context.state)}
    claims = read_claims(reader, places)
    proven = set()
    for key in dict.fromkeys((*claims.stated, *claims.routings)):
        situation = places[key[0], key[1]]
        words = f'"{key[0]}": losing {SEPARATOR.join(sorted(key[2])) or "nothing"} in {reader.facts.label(key[1])}'
        carried = _check_routing(reader, situation, key, claims.routings.get(key, Routing()), words)
        if carried is not None and carried >= sum(situation.critical.values()) - situation.allowed_loss():
            proven.add(key)
        if key in claims.stated:
            _check_row(reader, situation, key, claims, words)
        else:
            reader.checks.fault(FAMILY, "listed", f"{words} has a routing but no row in contingencies")
    _check_listed(reader, places, claims)
    return proven


def _check_routing(
    reader: Reader, situation: Situation, key: ContingencyKey, routing: Routing, words: str
) -> float | None:
    """Check a routing; gives the critical compute it carries, or None where it uses what is not there."""
    survivors, sound = situation.survivors(key[2]), True
    for (site, chip), mw in routing.used.items():
        left = survivors.get((site, chip), 0.0)
        where = f"{words}: {chip} at {site}"
        accepted = tolerance.used_mw(left, routing.rows[site, chip])
        reader.checks.limit(FAMILY, "routing uses what survives", where, mw, left, "IT MW", accepted)
        sound = sound and mw - left <= accepted
    carried = 0.0
    for demand, compute in routing.carried.items():
        critical = situation.critical.get(demand, 0.0)
        where = f"{words}: {' '.join(demand)}"
        accepted = situation.allowed_loss()
        reader.checks.limit(FAMILY, "routing carries what is critical", where, compute, critical, "compute", accepted)
        carried += min(compute, critical)
    return carried if sound else None


def _check_row(reader: Reader, situation: Situation, key: ContingencyKey, claims: Claims, words: str) -> None:
    row, routing = claims.stated[key], claims.routings.get(key, Routing())
    total = sum(unit.it_mw for unit in situation.units)
    lost, critical, accepted = situation.lost_mw(key[2]), sum(situation.critical.values()), situation.allowed_loss()
    checks = reader.checks
    checks.equal(FAMILY, "IT MW lost", words, row.lost, lost, "IT MW", tolerance.mw(total))
    checks.equal(FAMILY, "IT MW surviving", words, row.surviving, total - lost, "IT MW", tolerance.mw(total))
    checks.equal(FAMILY, "critical compute", words, row.critical, critical, "compute", accepted)
    if claims.complete or key in claims.routings:
        carried = sum(routing.carried.values())
        checks.equal(FAMILY, "carried compute", words, row.carried, carried, "compute", accepted)
    short = critical - row.carried
    checks.amount(FAMILY, "routing carries all", f"{words}: {short:.6g} is not carried", short, "compute", accepted)
    text = f"{words}: margin_compute is {row.margin:.6g}"
    checks.amount(FAMILY, "margin", f"{text}, below nothing", -row.margin, "compute", accepted)
    most = _largest_margin(situation, key[2])
    exact = accepted + tolerance.margin(situation.facts.largest_rate, most, len(situation.units))
    checks.amount(FAMILY, "margin", f"{text}, at most {most:.6g} is left", row.margin - most, "compute", exact)
    if row.binding != (row.margin <= accepted):
        checks.fault(FAMILY, "binding", f"{text}, but binding is {'yes' if row.binding else 'no'}")


def _largest_margin(situation: Situation, lost: frozenset[str]) -> float:
    # No group of demands can take more than the best use of its suppliers leaves: here one demand at a time, and all.
    needs, worth = situation.alone_and_together
    left = situation.survivors(lost)
    rates = zip(*(worth[unit] for unit in left), strict=True) if left else ((),) * len(needs)
    spare = [sum(map(mul, left.values(), of_use), -need) for need, of_use in zip(needs, rates, strict=True)]
    return max(0.0, min(spare, default=float("inf")))


def _check_listed(reader: Reader, places: dict[tuple[str, int], Situation], claims: Claims) -> None:
    listed: dict[tuple[str, int], set[frozenset[str]]] = defaultdict(set)
    for rule, t, lost in claims.stated:
        listed[rule, t].add(lost)
    for (rule, t), situation in places.items():
        every = [frozenset(situation.domains)] if situation.at_once == len(situation.domains) else []
        if situation.at_once == 1:
            every = [frozenset([domain]) for domain in situation.domains]
        missing = [lost for lost in every if (lost or situation.rule.domain == "none") and lost not in listed[rule, t]]
        reader.checks.seen(FAMILY, "listed", count=len(every))
        for lost in missing:
            words = f'"{rule}": losing {SEPARATOR.join(sorted(lost)) or NOTHING} in {reader.facts.label(t)}'
            reader.checks.fault(FAMILY, "listed", f"{words} is not in contingencies")
        if situation.at_once > 1 and not listed[rule, t]:
            message = f'"{rule}": no contingency of {reader.facts.label(t)} is in contingencies'
            reader.checks.fault(FAMILY, "listed", message)
