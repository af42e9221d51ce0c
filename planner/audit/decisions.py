"""The decisions of a plan, read from its tables; everything else the audit recomputes."""

from dataclasses import dataclass
from typing import get_args

from planner.audit import tolerance
from planner.audit.calendar import NEVER
from planner.audit.cells import CellError, Line, Reader
from planner.audit.facts import Facts, OfferRole, OfferRoleChip
from planner.audit.ramps import share_at
from planner.case.fields import Role, Workload
from planner.case.rows import OfferRow, PowerOptionRow

ROLES = get_args(Role)
WORKLOADS = get_args(Workload)
Installed = tuple[list[float], list[float]]
"""IT MW added and in stock, one number per period."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Blocks of a decided lease whose chip is replaced at the start of a period."""

    period: int
    chip: str
    """The new one."""
    it_mw: float
    """IT MW on which a chip is replaced: what of the blocks had come into force before."""
    whole_it_mw: float
    """IT MW of the blocks."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decided contract."""

    key: str
    offer: OfferRow
    role: str
    start: int
    """First period in force."""
    end: int
    """First period no longer in force."""
    it_mw: float
    chip: str | None
    """Under ``cloud``, at its start; none where the plan does not say (earlier versions)."""
    refreshed: tuple[Refreshed, ...] = ()


@dataclass(frozen=True, slots=True)
class Served:
    """Demand of a market served from a site with a chip."""

    period: int
    site: str
    chip: str
    market: str
    workload: str
    it_mw: float
    compute: float


@dataclass(frozen=True, slots=True)
class Built:
    """On-site power bought."""

    option: PowerOptionRow
    period: int
    facility_mw: float


@dataclass
class Decisions:
    """What the plan decides."""

    contracts: list[Decided]
    by_lease: bool
    """Whether leases say which chip they have: what stands under ``cloud`` then follows from them."""
    leased: dict[OfferRoleChip, Installed]
    """What decided leases bring, as it follows from them."""
    stated: dict[OfferRoleChip, Installed]
    """The same as the table ``installs`` states it."""
    rooms: dict[tuple[str, str], Installed]
    """What is put in signed contracts that bring no chip, per contract and chip."""
    added: dict[OfferRoleChip, list[float]]
    """IT MW installed: bought, of leases and in signed contracts."""
    stock: dict[OfferRoleChip, list[float]]
    openings: dict[str, tuple[int, str, float]]
    """Per site: first period open, origin, stated cost."""
    developments: dict[str, tuple[int, float]]
    """Per chip: period of the start, stated cost."""
    built: list[Built]
    output_mw: dict[tuple[str, int], float]
    """Average facility MW generated per on-site option and period."""
    served: list[Served]
    sold_it_mw: list[float]


def read_installs(reader: Reader) -> dict[tuple[str, str, str, str], Installed]:
    """Read the IT MW added and those in stock, per offer, role, chip and signed contract, one number per period."""
    facts = reader.facts

    def read(line: Line) -> tuple[tuple[str, str, str, int, str], tuple[float, float]]:
        offer, role, chip = (
            line.known("offer", facts.offers),
            line.known("role", ROLES),
            line.known("chip", facts.chips),
        )
        sizes = line.size("added_it_mw", tolerance.MW), line.size("stock_it_mw", tolerance.MW)
        contract = _room(line, offer, role) if reader.by_lease else ""
        return (offer, role, chip, line.period(), contract), sizes

    found: dict[tuple[str, str, str, str], Installed] = {}
    for (offer, role, chip, t, contract), (new, held) in reader.parse("installs", read).items():
        added, stock = found.setdefault((offer, role, chip, contract), (facts.zeros(), facts.zeros()))
        added[t], stock[t] = new, held
    return found


def _room(line: Line, offer: str, role: str) -> str:
    """Read the signed contract in which something is installed, if any."""
    contract = line.known_or_empty("contract", line.facts.contracts)
    if not contract:
        return ""
    row = line.facts.contracts[contract]
    if (row.offer, row.role) != (offer, role):
        raise CellError(f"column contract: {contract} is one of {row.offer} {row.role}")
    if line.facts.offers[offer].tenure != "cloud" or row.chip is not None:
        raise CellError(f"column contract: {contract} is no `cloud` contract that leaves its chip to the plan")
    return contract


def leased(facts: Facts, contracts: list[Decided]) -> dict[OfferRoleChip, Installed]:
    """IT MW that decided leases add and have: on all in force, from the start to the end or that of the chip.

    After a refresh the new chip takes the place of the first, also in what comes into force later.
    """
    found: dict[OfferRoleChip, Installed] = {}
    for row in contracts:
        for chip, (new, held) in standing(facts, row).items():
            added, stock = found.setdefault((row.offer.offer, row.role, chip), (facts.zeros(), facts.zeros()))
            for t in facts.periods:
                added[t] += new[t]
                stock[t] += held[t]
    return found


def standing(facts: Facts, row: Decided) -> dict[str, Installed]:
    """IT MW of each chip that are added in a decided lease, and that stand in it, one number per period."""
    if row.chip is None:
        return {}
    shares = facts.shares_in_force(row.offer, row.start, row.end)
    found = {chip: (facts.zeros(), facts.zeros()) for chip in (row.chip, *(one.chip for one in row.refreshed))}
    kept = row.it_mw - sum(one.whole_it_mw for one in row.refreshed)
    parts = [(row.chip, kept, row.start, row.end)]
    for one in row.refreshed:
        parts.append((row.chip, one.whole_it_mw, row.start, min(one.period, row.end)))
        parts.append((one.chip, one.whole_it_mw, one.period, row.end))
    for chip, it_mw, begin, end in parts:
        added, stock = found[chip]
        before = 0.0
        for t in range(begin, end):
            if facts.alive(chip, begin, t):
                stock[t] += it_mw * shares[t]
                added[t] += it_mw * (shares[t] - before)
                before = shares[t]
    return found


def refreshed_share(facts: Facts, offer: OfferRow, start: int, at: int) -> float:
    """Share of a decided lease on which a refresh replaces a chip: what had come into force before it."""
    if at > facts.term_boundary(offer, start):
        return 1.0
    age = facts.calendar.tau[at] - facts.calendar.tau[start]
    return share_at(facts.steps(offer), age - 2 * NEVER)


def _read_built(reader: Reader) -> list[Built]:
    facts = reader.facts

    def read(line: Line) -> tuple[tuple[str, int], Built]:
        option = facts.options[line.known("power_option", facts.options)]
        line.known("site", (option.site,))
        built = Built(option, line.period(), line.size("facility_mw", tolerance.MW))
        return (option.power_option, built.period), built

    return list(reader.parse("power_built", read).values())


def _read_served(reader: Reader) -> list[Served]:
    facts = reader.facts

    def read(line: Line) -> tuple[tuple[int, str, str, str, str], Served]:
        row = Served(
            line.period(),
            line.known("site", facts.sites),
            line.known("chip", facts.chips),
            line.known("market", facts.markets),
            line.known("workload", WORKLOADS),
            line.size("it_mw"),
            line.size("compute"),
        )
        return (row.period, row.site, row.chip, row.market, row.workload), row

    return list(reader.parse("served", read).values())


def _read_sold(reader: Reader) -> list[float]:
    def read(line: Line) -> tuple[int, float]:
        return line.period(), line.size("sold_it_mw", tolerance.MW)

    found = reader.parse("backup", read)
    return [found.get(t, 0.0) for t in reader.facts.periods]


def read_decisions(reader: Reader, contracts: list[Decided]) -> Decisions:
    """Read every decision table but that of contracts, which is already read."""
    facts: Facts = reader.facts

    def opening(line: Line) -> tuple[str, tuple[int, str, float]]:
        origin = line.known("origin", ("signed", "decided"))
        return line.known("site", facts.sites), (line.period(), origin, line.size("opening_cost_busd"))

    def development(line: Line) -> tuple[str, tuple[int, float]]:
        return line.known("chip", facts.chips), (line.period(), line.size("cost_busd"))

    def output(line: Line) -> tuple[tuple[str, int], float]:
        return (line.known("power_option", facts.options), line.period()), line.size("output_facility_mw", tolerance.MW)

    installs = read_installs(reader)
    brought = leased(facts, contracts)
    lease_of = {key: reader.by_lease and facts.offers[key[0]].tenure == "cloud" and not key[3] for key in installs}
    taken = [(key[:3], one) for key, one in installs.items() if not lease_of[key]] + list(brought.items())
    return Decisions(
        contracts=contracts,
        by_lease=reader.by_lease,
        leased=brought,
        stated={key[:3]: one for key, one in installs.items() if lease_of[key]},
        rooms={(key[3], key[2]): one for key, one in installs.items() if key[3]},
        added=facts.summed((key, added) for key, (added, _) in taken),
        stock=facts.summed((key, stock) for key, (_, stock) in taken),
        openings=reader.parse("openings", opening),
        developments=reader.parse("developments", development),
        built=_read_built(reader),
        output_mw=reader.parse("power_options", output),
        served=_read_served(reader),
        sold_it_mw=_read_sold(reader),
    )


def in_force(facts: Facts, contracts: list[Decided]) -> dict[OfferRole, list[float]]:
    """IT MW of decided contracts in force per offer and role, one number per period."""
    return facts.summed(
        ((row.offer.offer, row.role), [row.it_mw * s for s in facts.shares_in_force(row.offer, row.start, row.end)])
        for row in contracts
    )
