"""The tables ``contingencies`` and ``recovery`` (section 8): what the plan says happens after a loss."""

from collections import defaultdict
from dataclasses import dataclass
from operator import mul

from planner.audit import tolerance
from planner.audit.cells import CellError, Line, Reader, Repeated
from planner.audit.context import Context
from planner.audit.decisions import WORKLOADS
from planner.audit.redundancy import Situation, situations
from planner.audit.routings import FAMILY, ContingencyKey, Meanings, Rows, judge, read_rows

SEPARATOR = " + "
NOTHING = "nothing"
"""The contingency of a rule that loses nothing."""
LONG_TABLE = 100_000
"""A table ``recovery`` of this many rows may leave out the routings of the least tight contingencies. That those can be
carried is judged by `planner.audit.redundancy`, as for all."""


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
class Claims:
    """Both tables."""

    stated: dict[ContingencyKey, Stated]
    rows: Rows
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

    rows = read_rows(reader, Meanings(key, ends, rate))
    return Claims(reader.parse("contingencies", contingency), rows, complete=len(rows.key) < LONG_TABLE)


def check_claims(context: Context) -> set[ContingencyKey]:
    """Check both tables against the audit's own numbers.

    Gives the contingencies whose routing uses only what survives and carries all that is critical.
    """
    reader = context.reader
    places = {(situation.rule.name, situation.period): situation for situation in situations(context.state)}
    claims = read_claims(reader, places)
    keys = list(dict.fromkeys((*claims.stated, *claims.rows.keys)))

    def words(place: int) -> str:
        rule, t, lost = keys[place]
        return f'"{rule}": losing {SEPARATOR.join(sorted(lost)) or "nothing"} in {reader.facts.label(t)}'

    judged = judge(reader.checks, claims.rows, keys, places, words)
    routed, proven, most_of = set(claims.rows.keys), set(), _LargestMargins()
    for place, key in enumerate(keys):
        situation = places[key[0], key[1]]
        if judged.sound[place] and judged.critical[place] >= situation.needed - situation.allowed_loss():
            proven.add(key)
        if key in claims.stated:
            carried = float(judged.carried[place]) if claims.complete or key in routed else None
            _check_row(reader, situation, key[2], claims.stated[key], carried, most_of, words(place))
        else:
            reader.checks.fault(FAMILY, "listed", f"{words(place)} has a routing but no row in contingencies")
    _check_listed(reader, places, claims)
    return proven


def _check_row(
    reader: Reader,
    situation: Situation,
    lost: frozenset[str],
    row: Stated,
    carried: float | None,
    most_of: "_LargestMargins",
    words: str,
) -> None:
    """Check a row of ``contingencies``; ``carried`` is None where its routing may be left out, and is."""
    gone, critical, accepted = situation.lost_mw(lost), situation.needed, situation.allowed_loss()
    checks, total, power = reader.checks, situation.total_mw, tolerance.mw(situation.total_mw)
    checks.equal(FAMILY, "IT MW lost", words, row.lost, gone, "IT MW", power)
    checks.equal(FAMILY, "IT MW surviving", words, row.surviving, total - gone, "IT MW", power)
    checks.equal(FAMILY, "critical compute", words, row.critical, critical, "compute", accepted)
    if carried is not None:
        checks.equal(FAMILY, "carried compute", words, row.carried, carried, "compute", accepted)
    short = critical - row.carried
    checks.amount(FAMILY, "routing carries all", f"{words}: {short:.6g} is not carried", short, "compute", accepted)
    text = f"{words}: margin_compute is {row.margin:.6g}"
    checks.amount(FAMILY, "margin", f"{text}, below nothing", -row.margin, "compute", accepted)
    most = most_of.margin(situation, lost)
    exact = accepted + tolerance.margin(situation.facts.largest_rate, most, len(situation.units))
    checks.amount(FAMILY, "margin", f"{text}, at most {most:.6g} is left", row.margin - most, "compute", exact)
    if row.binding != (row.margin <= accepted):
        checks.fault(FAMILY, "binding", f"{text}, but binding is {'yes' if row.binding else 'no'}")


class _LargestMargins:
    """The most that can be left after a loss; that of the losses that take nothing is found once."""

    def __init__(self) -> None:
        self._whole: dict[int, float] = {}

    def margin(self, situation: Situation, lost: frozenset[str]) -> float:
        """Give the compute that survivors can have beyond what they must carry."""
        if situation.units_lost(lost):
            return _largest_margin(situation, lost)
        if id(situation) not in self._whole:
            self._whole[id(situation)] = _largest_margin(situation, lost)
        return self._whole[id(situation)]


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
