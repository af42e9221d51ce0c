"""The decisions of a plan, read from its tables; everything else the audit recomputes."""

from dataclasses import dataclass
from typing import get_args

from planner.audit import tolerance
from planner.audit.cells import Line, Reader
from planner.audit.facts import Facts, OfferRole, OfferRoleChip
from planner.case.fields import Role, Workload
from planner.case.rows import OfferRow, PowerOptionRow

ROLES = get_args(Role)
WORKLOADS = get_args(Workload)


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
    added: dict[OfferRoleChip, list[float]]
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


def read_installs(reader: Reader) -> tuple[dict[OfferRoleChip, list[float]], dict[OfferRoleChip, list[float]]]:
    """Read the IT MW added and those in stock, per offer, role and chip, one number per period."""
    facts = reader.facts

    def read(line: Line) -> tuple[tuple[str, str, str, int], tuple[float, float]]:
        place = (line.known("offer", facts.offers), line.known("role", ROLES), line.known("chip", facts.chips))
        sizes = line.size("added_it_mw", tolerance.MW), line.size("stock_it_mw", tolerance.MW)
        return (*place, line.period()), sizes

    added: dict[OfferRoleChip, list[float]] = {}
    stock: dict[OfferRoleChip, list[float]] = {}
    for (offer, role, chip, t), (new, held) in reader.parse("installs", read).items():
        added.setdefault((offer, role, chip), facts.zeros())[t] = new
        stock.setdefault((offer, role, chip), facts.zeros())[t] = held
    return added, stock


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

    added, stock = read_installs(reader)
    return Decisions(
        contracts=contracts,
        added=added,
        stock=stock,
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
