"""The decisions of a plan, read from its tables; everything else the audit recomputes."""

from dataclasses import dataclass
from typing import get_args

from planner.audit import tolerance
from planner.audit.cells import CellError, Line, Reader
from planner.audit.facts import Facts, OfferRole, OfferRoleChip
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
    """IT MW that decided leases add and have: on all of a contract, from its start to its end or that of the chip.

    After a refresh the new chip takes the place of the first.
    """
    found: dict[OfferRoleChip, Installed] = {}
    for row in contracts:
        brought = [] if row.chip is None else [(row.chip, row.start, row.it_mw)]
        for chip, t, it_mw in (*brought, *((one.chip, one.period, one.it_mw) for one in row.refreshed)):
            key = row.offer.offer, row.role, chip
            found.setdefault(key, (facts.zeros(), facts.zeros()))[0][t] += it_mw
        for chip, series in standing(facts, row).items():
            stock = found[row.offer.offer, row.role, chip][1]
            for t, it_mw in enumerate(series):
                stock[t] += it_mw
    return found


def standing(facts: Facts, row: Decided) -> dict[str, list[float]]:
    """IT MW of each chip that stands in a decided lease, one number per period."""
    if row.chip is None:
        return {}
    found = {chip: facts.zeros() for chip in (row.chip, *(one.chip for one in row.refreshed))}
    for t in range(row.start, row.end):
        first = row.it_mw
        for one in row.refreshed:
            if one.period <= t:
                first -= one.it_mw
                found[one.chip][t] += one.it_mw if facts.alive(one.chip, one.period, t) else 0.0
        found[row.chip][t] += first if facts.alive(row.chip, row.start, t) else 0.0
    return found


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
        ((row.offer.offer, row.role), [row.it_mw if row.start <= t < row.end else 0.0 for t in facts.periods])
        for row in contracts
    )
