"""The map of sites, and the timeline of their contracts."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from planner.case.rows import OfferRow, SiteRow
from planner.figures.colours import OTHER, Tone
from planner.figures.land import credit
from planner.figures.names import Row, Shown, number
from planner.figures.spec import Bubble, Lane, SiteMap, Span, Timeline, short_number, shown
from planner.inputs.calendar import years_of

if TYPE_CHECKING:
    from planner.plan.plan import PlanData

MOST_SITES = 50
"""Sites that a timeline shows, those with most IT MW-years."""
MONTHS = 12
HALF_MONTH = 0.5 / MONTHS


def site_map(plan: "PlanData", *, tail: bool = False) -> SiteMap:
    """Every site with capacity: the most IT GW it has, the provider of most of it, and how much of it is backup."""
    view = Shown(plan, tail)
    sites = plan.case.by_key(SiteRow)
    by_site: dict[str, list[Row]] = {}
    for row in plan.rows("capacity"):
        if view.index(row["period"]) is not None:
            by_site.setdefault(str(row["site"]), []).append(row)
    placed = {key for key, site in sites.items() if site.latitude_deg is not None and site.longitude_deg is not None}
    found = [_bubble(view, sites[site], rows) for site, rows in by_site.items() if site in placed]
    bubbles = sorted((bubble for bubble in found if bubble.it_gw > 0.0), key=lambda one: (-one.it_gw, one.name))
    note = "Area: the most IT GW installed in any period. Colour: provider. Ring: backup, as far round as its share."
    if bubbles:
        note += f" The largest: {short_number(bubbles[0].it_gw)} IT GW."
    lost = len(by_site) - len(found)
    if lost:
        note += f" {lost} sites without latitude and longitude are not shown."
    return SiteMap("Sites", f"{note} {credit()}.", tuple(bubbles), _legend(view, plan.rows("capacity")))


def _legend(view: Shown, rows: Sequence[Row]) -> tuple[tuple[str, Tone], ...]:
    """Return the providers in use, the largest first."""
    sums: dict[str, float] = {}
    for row in rows:
        sums[str(row["provider"])] = sums.get(str(row["provider"]), 0.0) + number(row["it_mw"])
    ordered = sorted((key for key in sums if sums[key] > 0.0), key=lambda key: (-sums[key], key))
    kept = [(view.name("provider", key), view.tone("provider", key)) for key in ordered[:12]]
    return (*kept, (f"{len(ordered) - 12} others", OTHER)) if len(ordered) > 12 else tuple(kept)


def _bubble(view: Shown, site: SiteRow, rows: Sequence[Row]) -> Bubble:
    total = view.total(rows, "it_mw")
    most = max(total, default=0.0)
    at = total.index(most) if total else 0
    there = [row for row in rows if view.index(row["period"]) == at]
    backup = sum(number(row["it_mw"]) for row in there if row["role"] == "backup")
    by_provider: dict[str, float] = {}
    for row in there:
        by_provider[str(row["provider"])] = by_provider.get(str(row["provider"]), 0.0) + number(row["it_mw"])
    provider = max(by_provider, key=lambda key: (by_provider[key], key), default="")
    share = backup / most if most > 0.0 else 0.0
    name = shown(site.name or site.site)
    tip = f"{name}: {short_number(most)} IT MW in {view.labels[at]}, {view.name('provider', provider)}"
    tip += f", {share:.0%} backup" if share > 0.0 else ""
    place = (float(site.longitude_deg or 0.0), float(site.latitude_deg or 0.0))
    return Bubble(name, *place, most / 1000.0, share, view.tone("provider", provider), tip)


def timeline(plan: "PlanData", *, tail: bool = False) -> Timeline:
    """Sites and their contracts over time: blocks in force, terms, renewals, and the last date of signing."""
    view = Shown(plan, tail)
    bounds = plan.periods.calendar.start_dates
    begin, end = years_of(bounds[0]), years_of(bounds[view.count])
    offers = plan.case.by_key(OfferRow)
    spans: dict[str, list[Span]] = {}
    for row in plan.rows("contracts"):
        span = _span(view, row, offers, begin)
        if span.begin < end and span.end > begin:
            spans.setdefault(str(row["site"]), []).append(span)
    large = sorted(spans, key=lambda site: (-sum(_size(span, end) for span in spans[site]), site))[:MOST_SITES]
    order = sorted(large, key=lambda site: (min(span.begin for span in spans[site]), site))
    lanes = [Lane(view.name("site", site), tuple(lane)) for site in order for lane in _packed(spans[site])]
    note = (
        "Bars: contracts in force, with their IT MW; outlined: backup; a gap in a bar: renewed there; broken line: the "
        "term that a renewal would add. "
        "Triangles: the last date of signing."
    )
    if len(spans) > len(large):
        note += f" {len(spans) - len(large)} smaller sites are not shown."
    return Timeline("Sites and contracts", note, begin, end, tuple(lanes), _legend(view, plan.rows("capacity")))


def _size(span: Span, end: float) -> float:
    return span.it_mw * (min(span.end, end) - span.begin)


def _packed(spans: Sequence[Span]) -> list[list[Span]]:
    """Put the bars of a site into as few lanes as they need."""
    lanes: list[list[Span]] = []
    for span in sorted(spans, key=lambda one: (one.begin, one.end, one.tip)):
        free = next((lane for lane in lanes if lane[-1].end <= span.begin + 1e-6), None)
        if free is None:
            lanes.append([span])
        else:
            free.append(span)
    return lanes


def _span(view: Shown, row: Row, offers: Mapping[Any, OfferRow], begin: float) -> Span:
    start, end = _day(row["start_date"]), _day(row["end_date"])
    offer = offers.get(row["offer"])
    decided = row["origin"] == "decided"
    signing = None
    if decided and offer is not None:
        signing = years_of(start) - offer.lead_months / MONTHS
    renewal = offer is not None and offer.renewal_rent_musd_per_mw_year is not None
    option = years_of(end) + float(offer.term_years or 0.0) if offer is not None and renewal else None
    first_end = None if not decided else renewed_at(row, offer)
    provider, chip = view.name("provider", str(row["provider"])), str(row["chip"])
    it_mw = number(row["it_mw"])
    blocks = f"{row['blocks']} blocks, " if row["blocks"] not in ("", None) else ""
    parts = [
        f"{provider}, {view.name('site', str(row['site']))}", f"{blocks}{short_number(it_mw)} IT MW {row['role']}",
        *([shown(chip)] if chip else []), f"{start.isoformat()} to {end.isoformat()}",
        "signed before" if not decided else f"sign by {_text_of(signing)}" if signing is not None else "decided",
        *([f"renewed in {_text_of(first_end)}"] if first_end is not None else []),
    ]  # fmt: skip
    label = f"{short_number(it_mw)}{f' {shown(chip, 10)}' if chip else ''}"
    return Span(
        max(begin, years_of(start)), years_of(end), it_mw, label, view.tone("provider", str(row["provider"])),
        row["role"] == "backup", "; ".join(parts), signing, option, first_end,
    )  # fmt: skip


def renewed_at(row: Row, offer: OfferRow | None) -> float | None:
    """Return when the first term of a contract ended that goes on after it, as a year; None: it does not."""
    if offer is None or offer.renewal_rent_musd_per_mw_year is None:
        return None
    first_end = years_of(_day(row["start_date"])) + offer.term_years
    return first_end if first_end < years_of(_day(row["end_date"])) - HALF_MONTH else None


def signing_date(row: Row, offer: OfferRow | None) -> str:
    """Return year and month at which a decided contract must be signed at the latest; empty for any other."""
    if offer is None or row["origin"] != "decided":
        return ""
    return _text_of(years_of(_day(row["start_date"])) - offer.lead_months / MONTHS)


def _day(cell: object) -> date:
    return date.fromisoformat(str(cell))


def _text_of(years: float | None) -> str:
    """Return a time in years as year and month."""
    if years is None:
        return "not known"
    month = round((years % 1.0) * MONTHS)
    return f"{int(years) + month // MONTHS}-{month % MONTHS + 1:02d}"
