"""The campuses: facilities of Compute Atlas that are large enough, with seller, utility and what was corrected."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sources.us_campuses.data import Assumptions, Row, facts

LONGEST_SITE_KEY = 58
"""A key has at most 64 characters, and the key of an offer adds its kind."""


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sells at a campus: its provider, and the kind of seller that sets tenure, prices and shares."""

    provider: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Campus:
    """A facility of the atlas as a site of the case; megawatts are facility MW as announced."""

    key: str
    name: str
    operator: str
    seller: Seller
    state: str
    utility: str
    utility_name: str
    latitude_deg: str
    longitude_deg: str
    status: str
    confidence: str
    announced: date | None
    history: tuple[tuple[str, date], ...]
    operating_facility_mw: float
    """What the atlas says is in operation; 0 where it does not say."""
    facility_mw: float
    """The larger of what is planned and what is in operation."""
    source_url: str
    as_of: str
    left_out: str
    """Why the campus is not on offer; empty: it is."""

    def since(self, status: str) -> date | None:
        """Return the date of the latest step of the history with this status."""
        return max((day for found, day in self.history if found == status), default=None)

    def first(self, status: str) -> date | None:
        """Return the date of the first step of the history with this status."""
        return min((day for found, day in self.history if found == status), default=None)


def date_of(text: str) -> date | None:
    """Return the date of `2025-07-01`, of the month `2025-07` (its first day) or of the year `2025` (its middle).

    >>> date_of("2025"), date_of("2025-07"), date_of("")
    (datetime.date(2025, 7, 1), datetime.date(2025, 7, 1), None)
    """
    if not text:
        return None
    parts = [int(part) for part in text.split("-")]
    return date(parts[0], parts[1] if len(parts) > 1 else 7, parts[2] if len(parts) > 2 else 1)


def slug(text: str) -> str:
    """Return a key made of the words of a name, up to a bracket or a slash.

    >>> slug("Sentinel Data Centers (East)")
    'sentinel_data_centers'
    """
    head = re.split(r"[(;/,]", text)[0]
    return re.sub(r"[^a-z0-9]+", "_", head.lower().replace("'", "").replace("&", "and")).strip("_")


def campuses(assumptions: Assumptions) -> list[Campus]:
    """Return every campus of the atlas that is announced with at least so much and not cancelled, sorted by key."""
    table = facts("compute_atlas.csv")
    corrections = {(row["facility"], row["column"]): row for row in facts("corrections.csv")}
    known = {row["id"] for row in table}
    unknown = sorted({facility for facility, _ in corrections} - known)
    if unknown:
        raise ValueError(f"corrections.csv names facilities that compute_atlas.csv lacks: {', '.join(unknown)}")
    utilities = Utilities(table)
    least = assumptions["selection"]["least_facility_mw"]
    found = [
        _campus(
            row, {column: one for (facility, column), one in corrections.items() if facility == row["id"]}, utilities
        )
        for row in table
        if row["status"] != "cancelled" and _facility_mw(row) >= least
    ]
    return sorted(found, key=lambda campus: campus.key)


def _facility_mw(row: Row) -> float:
    return max(float(row["planned_mw"] or 0), float(row["operational_mw"] or 0))


def _campus(row: Row, corrections: Mapping[str, Row], utilities: "Utilities") -> Campus:
    operator = corrections["operator"]["value"] if "operator" in corrections else row["operator"]
    if "utility" in corrections:
        utility_name = corrections["utility"]["value"]
        utility = slug(utility_name)
    else:
        utility, utility_name = utilities.of(row)
    if len(row["id"]) > LONGEST_SITE_KEY:
        raise ValueError(f"compute_atlas.csv: the id {row['id']!r} is too long for a key of a site")
    history = tuple(
        (status, day)
        for status, _, text in (step.partition("@") for step in row["status_history"].split(";") if step)
        if (day := date_of(text)) is not None
    )
    return Campus(
        key=row["id"],
        name=" ".join(row["name"].split()),
        operator=row["operator"],
        seller=seller_of(operator),
        state=row["state"],
        utility=utility,
        utility_name=utility_name,
        latitude_deg=row["latitude_deg"],
        longitude_deg=row["longitude_deg"],
        status=row["status"],
        confidence=row["confidence"],
        announced=date_of(row["announced"]),
        history=history,
        operating_facility_mw=float(row["operational_mw"] or 0),
        facility_mw=_facility_mw(row),
        source_url=row["source_url"],
        as_of=row["last_updated"],
        left_out=corrections["available"]["reason"] if "available" in corrections else "",
    )


def seller_of(operator: str) -> Seller:
    """Return who sells at a campus of an operator: as sellers.csv says, else the operator as a landlord."""
    for row in facts("sellers.csv"):
        if row["operator"] == operator:
            return Seller(row["provider"], row["name"], row["kind"])
    name = re.split(r"\s*[(;]", operator)[0].strip()
    return Seller(slug(name), name, "landlord")


class Utilities:
    """The utility of each facility: as the atlas says, else the one most stated in the county, else not stated."""

    def __init__(self, table: list[Row]) -> None:
        self._spellings = {(row["spelling"], row["state"]): row for row in facts("utilities.csv")}
        self._states = {row["state"]: row["name"] for row in facts("states.csv")}
        self._counties: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
        for row in table:
            stated = self._stated(row)
            if stated is not None:
                self._counties.setdefault((row["state"], row["county"]), Counter())[stated] += 1

    def _stated(self, row: Row) -> tuple[str, str] | None:
        text = row["utility"]
        if not text:
            return None
        known = self._spellings.get((text, row["state"])) or self._spellings.get((text, ""))
        if known is None:
            return slug(text), text
        return (known["utility"], known["name"]) if known["utility"] else None

    def of(self, row: Row) -> tuple[str, str]:
        """Return key and name of the utility of a facility."""
        stated = self._stated(row)
        if stated is not None:
            return stated
        county = self._counties.get((row["state"], row["county"]))
        if county:
            return min(county, key=lambda utility: (-county[utility], utility))
        return f"{row['state'].lower()}_not_stated", f"utility not stated, {self._states[row['state']]}"
