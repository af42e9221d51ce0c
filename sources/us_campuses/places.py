"""What of each campus is on offer to one buyer, and on which terms."""

from dataclasses import dataclass
from math import floor

from sources.us_campuses.atlas import Campus
from sources.us_campuses.data import Assumptions, Row, by_key, facts
from sources.us_campuses.schedule import HORIZON_START, Schedule


@dataclass(frozen=True, slots=True)
class Place:
    """A campus with its schedule and what of it is on offer."""

    campus: Campus
    schedule: Schedule
    on_offer_it_mw: float
    block_it_mw: float

    @property
    def kind(self) -> Row:
        """The kind of its seller."""
        return by_key("kinds.csv", "kind")[self.campus.seller.kind]

    @property
    def state(self) -> Row:
        """The state in which it stands."""
        return by_key("states.csv", "state")[self.campus.state]

    @property
    def region(self) -> Row:
        """The power region whose grid figures stand for its state."""
        return by_key("regions.csv", "region")[self.state["region"]]

    @property
    def running_facility_mw(self) -> float:
        """Facility MW in operation at the start of the horizon."""
        return self.schedule.energised_before(HORIZON_START)

    @property
    def max_blocks(self) -> int:
        """Blocks on offer."""
        return floor(self.on_offer_it_mw / self.block_it_mw + 1e-9)

    @property
    def terms(self) -> list[Row]:
        """What its seller offers there: the lines of its kind that can start once the campus has power."""
        begin = self.schedule.steps[0][0].isoformat() if self.schedule.steps else "9999"
        return [
            row
            for row in facts("terms.csv")
            if row["kind"] == self.campus.seller.kind and self.max_blocks and (row["last_start"] or "9999") > begin
        ]

    @property
    def offered(self) -> bool:
        """Whether anything of it is on offer."""
        return not self.campus.left_out and bool(self.terms)


def place(campus: Campus, schedule: Schedule, assumptions: Assumptions) -> Place:
    """Return what of a campus one buyer may get: a share of what comes, and less of what runs already."""
    kind = by_key("kinds.csv", "kind")[campus.seller.kind]
    running = schedule.energised_before(HORIZON_START)
    coming = campus.facility_mw - running
    open_mw = coming * float(kind[f"share_{campus.status}"]) + running * float(kind["share_running"])
    on_offer = open_mw / float(kind["pue_peak"])
    block = next(block for most, block in assumptions["offers"]["block_it_mw"] if on_offer <= most)
    return Place(campus, schedule, on_offer, block)
