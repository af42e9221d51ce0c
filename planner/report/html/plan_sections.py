"""The sections of a plan's report, each from the tables of the plan."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from markupsafe import Markup

from planner.case.rows import OfferRow
from planner.figures.capacity import capacity, demand, programmes
from planner.figures.colours import BACKUP, PRIMARY
from planner.figures.money import cash, envelopes, payees, spend
from planner.figures.names import number
from planner.figures.redundancy import contingencies
from planner.figures.sites import signing_date, site_map, timeline
from planner.figures.spec import Columns, short_number
from planner.report.future import of_future, proven_gap, proven_text
from planner.report.html.columns import bars_svg
from planner.report.html.grids import heat_key, heat_svg, timeline_svg
from planner.report.html.maps import map_svg
from planner.report.html.parts import (
    NARROW,
    WIDE,
    Amount,
    Section,
    cards,
    columns_figure,
    details,
    figure,
    heading,
    legend,
    meter,
    para,
    table,
)
from planner.report.html.svg import el
from planner.report.shortfalls import PRICED, shortfall_lines

if TYPE_CHECKING:
    from planner.plan.plan import PlanData

HALF = WIDE / 2 - 14
MOST_TABLE_ROWS = 400


def headline(plan: "PlanData", *, changed: bool = False) -> Section:
    """What a board asks first: cost with bound and gap, demand, capacity, money, audit."""
    return Section("headline", "Headline", cards([*_cost_cards(plan, changed=changed), *_size_cards(plan)]), quiet=True)


def _cost_cards(plan: "PlanData", *, changed: bool) -> list[tuple[str, Markup | str, list[object]]]:
    summary = plan.summary
    bound = "nothing proven" if plan.bound_busd is None else f"proven at least ${plan.bound_busd:,.2f}B"
    future, share = of_future(summary), plan.gap
    if plan.bound_busd is None and future is not None:
        bound, share = proven_text(future), proven_gap(future)
    gap = "gap not known" if share is None else f"gap {share:.2%}"
    asked = summary.get("gap_target")
    gap += f" (asked for {asked:.2%})" if isinstance(asked, float) else ""
    unserved = float(summary["unserved_share"])
    audit = summary["audit"]
    good, words = (True, "passed") if audit["passed"] else (False, "FAILED")
    if changed:
        good, words = False, "not of these files"
    reported = summary.get("reported_cost_busd")
    shown = [f"${reported:,.2f}B of it in the periods shown"] if isinstance(reported, (int, float)) else []
    served = el(
        "span",
        "all served" if unserved < 5e-7 else f"{unserved:.2%} unserved",
        class_="good" if unserved < 5e-7 else "bad",
    )
    verdict = el("span", words, class_="good" if good else "bad")
    counted = (
        f"{audit['checks']:,} checks, computed apart from the solver" if isinstance(audit.get("checks"), int) else ""
    )
    return [
        ("Cost, present value", f"${plan.cost_busd:,.2f}B", [bound, gap, *shown]),
        ("Demand", served, [f"training and inference, {len(set(map(_market, plan.rows('demand'))))} markets"]),
        ("Audit", verdict, [counted or "see `planner audit`"]),
    ]


def _market(row: Mapping[str, object]) -> object:
    return row["market"]


def _size_cards(plan: "PlanData") -> list[tuple[str, Markup | str, list[object]]]:
    installed = capacity(plan, "role")
    sums = [sum(layer.values[place] for layer in installed.layers) for place in range(len(installed.periods))]
    most = max(sums, default=0.0)
    at = sums.index(most) if sums else 0
    backup = next((layer.values for layer in installed.layers if layer.name == "backup"), ())
    last = installed.periods[-1] if installed.periods else ""
    size: list[object] = [
        f"most, in {installed.periods[at]}" if sums else "",
        f"{short_number(sums[-1])} in {last}" if sums else "",
    ]
    if any(backup):
        size.append(f"of it backup {short_number(backup[at])}, then {short_number(backup[-1])}")
    found: list[tuple[str, Markup | str, list[object]]] = [("Installed", f"{short_number(most)} IT GW", size)]
    for row in plan.rows("envelopes"):
        spent, limit = number(row["spend_busd"]), row["envelope_busd"]
        tone = BACKUP if row["role"] == "backup" else PRIMARY
        lines: list[object] = ["no envelope"]
        if isinstance(limit, (int, float)) and limit > 0:
            lines = [meter(spent / limit, tone), f"of an envelope of ${limit:,.0f}B ({spent / limit:.1%})"]
        found.append((f"Spending on {row['role']} capacity", f"${spent:,.1f}B", lines))
    contracts = plan.rows("contracts")
    decided = [row for row in contracts if row["origin"] == "decided"]
    blocks = sum(int(number(row["blocks"])) for row in decided)
    lines = [f"{blocks:,} blocks", f"{len(contracts) - len(decided)} contracts signed before"]
    return [*found, ("Contracts decided", f"{len(decided):,}", lines)]


def shortfalls(plan: "PlanData") -> Section | None:
    """What the plan misses; None where it misses nothing."""
    rows = plan.periods.labelled(plan.rows("shortfalls"))
    lengths = {str(row["label"]): float(row["length_years"]) for row in plan.rows("calendar")}
    lines = [(tier or "", words) for tier, words in shortfall_lines(rows, plan.summary, lengths)]
    if not lines:
        return None
    body = para("Where no plan was found that keeps all limits, as little as possible is missed, in this order.")
    if all(row["tier"] == PRICED for row in rows):
        body = para("Redundancy rules with a price are missed where this costs less than to keep them.")
    return Section("shortfalls", "What this plan misses", body + table(["tier", "what is missing"], lines))


def sites(plan: "PlanData") -> Section:
    """The map, and the sites as a table."""
    spec = site_map(plan)
    drawn = figure(
        map_svg(spec, WIDE, 470), map_svg(spec, NARROW, 420, narrow=True), spec.note,
        legend(spec.legend),
    )  # fmt: skip
    rows = [
        [one.name, one.tip.split(": ", 1)[-1], Amount(one.it_gw, f"{one.it_gw:.3f}")]
        for one in spec.bubbles[:MOST_TABLE_ROWS]
    ]
    return Section("map", "Where", drawn + details("All sites", table(["site", "at its largest", "IT GW"], rows)))


def capacities(plan: "PlanData") -> Section:
    """IT GW by provider and chip against demand, programmes and redundancy; demand; programmes."""
    by_provider, by_chip, served = capacity(plan), capacity(plan, "chip"), demand(plan)
    parts = [heading(by_provider.title), columns_figure(by_provider, 380)]
    left = heading(by_chip.title) + columns_figure(_without_note(by_chip), 320, half=True)
    right = heading(f"{served.title}, {served.unit}") + columns_figure(served, 320, half=True)
    parts.append(el("div", el("div", left), el("div", right), class_="two"))
    own = programmes(plan)
    if own:
        small = [el("div", heading(f"{one.title}, {one.unit}"), columns_figure(one, 190, small=True)) for one in own]
        parts += [
            heading("Programmes: in force, and what is asked for and allowed"),
            el("div", *small, class_="small-figures"),
        ]
    return Section("capacity", "Capacity", Markup().join(parts))


def _without_note(spec: Columns) -> Columns:
    return Columns(spec.title, "Lines as in the figure above.", spec.unit, spec.periods, spec.layers, spec.levels)


def contracts(plan: "PlanData") -> Section:
    """The timeline of sites and contracts."""
    spec = timeline(plan)
    drawn = figure(timeline_svg(spec, WIDE), timeline_svg(spec, NARROW), spec.note, legend(spec.legend))
    offers = plan.case.by_key(OfferRow)
    head = [
        "contract", "site", "provider", "tenure", "role", "chip", "blocks", "IT MW", "from", "until", "sign by",
        "first term, years", "may be renewed",
    ]  # fmt: skip
    rows = []
    for row in plan.rows("contracts")[:MOST_TABLE_ROWS]:
        offer = offers.get(row["offer"])
        renewal = "" if offer is None else "yes" if offer.renewal_rent_musd_per_mw_year is not None else "no"
        rows.append(
            [
                *(row[name] for name in ("contract", "site", "provider", "tenure", "role", "chip")),
                Amount(number(row["blocks"]), str(row["blocks"])),
                Amount(number(row["it_mw"]), f"{number(row['it_mw']):,.1f}"),
                row["start_date"],
                row["end_date"],
                "signed" if row["origin"] != "decided" else signing_date(row, offer),
                "" if offer is None else f"{offer.term_years:g}",
                renewal,
            ]
        )
    return Section("timeline", "When", drawn + details("All contracts", table(head, rows)))


def money(plan: "PlanData") -> Section:
    """Cash against limits, and who is paid what."""
    spent, by_payee, ranking = cash(plan), spend(plan), payees(plan)
    parts = [heading(spent.title), columns_figure(spent, 340), *_envelopes(plan), *_financing(plan)]
    left = heading(by_payee.title) + columns_figure(by_payee, 340, half=True)
    right = heading(ranking.title) + figure(bars_svg(ranking, HALF), bars_svg(ranking, NARROW), ranking.note)
    parts.append(el("div", el("div", left), el("div", right), class_="two"))
    return Section("money", "Money", Markup().join(parts))


def _envelopes(plan: "PlanData") -> list[Markup]:
    """Return what is spent on each role so far, against its envelope."""
    drawn = [el("div", heading(one.title), columns_figure(one, 220, half=True)) for one in envelopes(plan)]
    return [el("div", *drawn, class_="two")] if drawn else []


def _financing(plan: "PlanData") -> list[Markup]:
    """Return the sources of financing that are used."""
    rows = [
        row
        for row in plan.periods.labelled(plan.rows("financing"))
        if number(row["drawn_busd"]) or number(row["owed_busd"])
    ]
    if not rows:
        return []
    names = ("drawn_busd", "fee_busd", "interest_busd", "repaid_busd", "owed_busd", "most_busd")
    head = ["period", "source", "kind", "drawn, $B", "fee", "interest", "repaid", "owed at the end", "limit"]
    cells = [
        [
            row["period"],
            row["financing"],
            row["kind"],
            *(Amount(number(row[name]), f"{number(row[name]):,.3f}") for name in names),
        ]
        for row in rows
    ]
    return [heading("Financing, $B nominal"), table(head, cells)]


def redundancy(plan: "PlanData") -> Section | None:
    """The heat map of contingencies; None without redundancy rules."""
    spec = contingencies(plan)
    if not spec.rows:
        return None
    drawn = figure(heat_svg(spec, WIDE), heat_svg(spec, NARROW), spec.note, heat_key())
    return Section("redundancy", "Backup", drawn)


PLAN_SECTIONS: tuple[Callable[["PlanData"], Section | None], ...] = (
    shortfalls,
    sites,
    capacities,
    contracts,
    money,
)
"""The sections between the headline and what binds, in their order; each is None where the plan has nothing of it."""
