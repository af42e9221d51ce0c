"""The levers of a case, group by group: money, demand, partner, dates, providers, programmes, rules, sites."""

from collections.abc import Sequence

from planner.app.lever_rules import rules, shown_name
from planner.app.levers import (
    CHECK,
    CHOICE,
    NUMBER,
    OFF,
    ON,
    Change,
    Form,
    Group,
    Lever,
    LeverError,
    Make,
    given_number,
    in_percent,
    percent,
    plain,
)
from planner.case.case import CaseData
from planner.case.rows import (
    BudgetRow,
    ContractRow,
    DemandRow,
    EnergisationRow,
    OfferRow,
    PowerOptionRow,
    PowerRegionRow,
    ProviderRow,
    SiteRow,
)
from planner.case.rows_programmes import ProgrammeRow

SLIPS = 3
"""Delays that the form has room for."""
MOST_ROWS = 400
"""Rows of a table that get a field each; the others are changed in the text box."""
CASH = {
    "cash_limit": {"cash_limit_busd": "Cash limits of all years"},
    "burn": {
        "cash_burn_busd": "Cash burn allowed, all years",
        "revenue_busd": "Revenue, all years",
        "other_spending_busd": "Other spending, all years",
    },
}
"""What is in_percent, by the basis of the budget."""
LEAST = ("min_blocks", "min_blocks_per_start")
"""Columns of an offer that ask for blocks where there are any."""
KEEP, CLOSED, GONE = "keep", "closed", "gone"


def groups_of(case: CaseData) -> tuple[Group, ...]:
    """Return the levers that the data of a case give, by group; groups without levers are left out."""
    found = (money(case), demand(case), partner(case), dates(case), providers(case), programmes(case), rules(case))
    return tuple(group for group in (*found, sites(case)) if group.levers)


def money(case: CaseData) -> Group:
    """Cash and envelopes; whether a source of financing comes true."""
    levers: list[Lever] = []
    make: list[Make] = []
    budget, path = case.model.families.budget, "model.families.budget"
    rows = case.rows(BudgetRow)
    for column, label in CASH[budget.basis].items() if budget is not None else ():
        if any(getattr(row, column) for row in rows):
            lever = percent(f"money.{column}", label)
            levers.append(lever)
            make.append(in_percent(lever, f"budget.{column}"))
    for role in ("primary", "backup") if budget is not None else ():
        name = f"{role}_envelope_busd"
        value = plain(getattr(budget, name))
        lever = Lever(
            f"money.{name}", f"Envelope for {role} capacity", NUMBER, value, "$B", low=0.0, empty="no envelope"
        )
        levers.append(lever)
        make.append(given_number(lever, f"{path}.{name}"))
    financing = case.model.families.financing
    for place, (name, holds) in enumerate(financing.conditions.items() if financing is not None else ()):
        lever = Lever(
            f"money.condition.{place}", f"Financing: condition {shown_name(name)} is met", CHECK, ON if holds else OFF
        )
        levers.append(lever)
        make.append(_truth(lever, f"model.families.financing.conditions.{name}"))
    return Group("money", "Money", "What may be spent. An empty envelope is none.", tuple(levers), tuple(make))


def _truth(lever: Lever, place: str) -> Make:
    def make(form: Form) -> list[Change]:
        return [{"op": "set", "place": place, "value": lever.given(form) == ON}] if lever.moved(form) else []

    return make


def demand(case: CaseData) -> Group:
    """Demand as a whole, by workload, by market."""
    rows = case.rows(DemandRow)
    workloads = list(dict.fromkeys(str(row.workload) for row in rows))
    markets = list(dict.fromkeys(row.market for row in rows))
    levers = [percent("demand.all", "All demand")]
    make = [in_percent(levers[0], "demand.compute")]
    for name in workloads if len(workloads) > 1 else ():
        levers.append(percent(f"demand.{name}", f"{name.capitalize()}, all markets"))
        make.append(in_percent(levers[-1], f"demand[workload={name}].compute"))
    for place, name in enumerate(markets[:MOST_ROWS] if len(markets) > 1 else ()):
        levers.append(percent(f"demand.market.{place}", f"Market {name}, all workloads"))
        make.append(in_percent(levers[-1], f"demand[market={name}].compute"))
    return Group("demand", "Demand", "100 % is the demand of the case.", tuple(levers), tuple(make))


def partner(case: CaseData) -> Group:
    """The share of revenue that the partner is paid, year by year."""
    levers: list[Lever] = []
    make: list[Make] = []
    rows = [row for row in case.rows(BudgetRow) if row.partner_share is not None]
    for row in rows[:MOST_ROWS] if case.model.families.budget is not None else ():
        share = plain(100.0 * (row.partner_share or 0.0))
        lever = Lever(f"partner.{row.year}", f"Share in {row.year}", NUMBER, share, "%", low=0.0, high=100.0)
        levers.append(lever)
        make.append(in_percent(lever, f"budget[{row.year}].partner_share", op="set"))
    return Group(
        "partner", "Partner's share", "Share of revenue paid to the partner, by year.", tuple(levers), tuple(make)
    )


def dates(case: CaseData) -> Group:
    """Delays: of a site, of all sites of a power region, of all sites at which a provider offers."""
    where = _delayed(case)
    named = [("", "nothing"), *((value, label) for value, (label, _) in where.items())]
    levers: list[Lever] = []
    make: list[Make] = []
    for number in range(1, SLIPS + 1) if where else ():
        what = Lever(f"dates.{number}.what", f"Delay {number}: of what", CHOICE, "", choices=tuple(named))
        months = Lever(
            f"dates.{number}.months",
            f"Delay {number}: by",
            NUMBER,
            "",
            "months",
            low=-600.0,
            high=600.0,
            step="1",
            empty="0",
        )
        levers += [what, months]
        make.append(_slip(what, months, {value: place for value, (_, place) in where.items()}))
    note = "Power, sites and unbegun contracts come so many months later (earlier when negative)."
    return Group("dates", "Dates", note, tuple(levers), tuple(make))


def _delayed(case: CaseData) -> dict[str, tuple[str, str]]:
    """What may be delayed: by the value of its choice what it is called, and the place of its sites."""
    moving = _moving(case)
    if not moving:
        return {}
    found = {"all": ("all sites", "sites[*]")}
    for place, site in enumerate(case.rows(SiteRow)):
        if site.site in moving:
            found[f"site.{place}"] = (f"site {shown_name(site.name, site.site)}", f"sites[{site.site}]")
    regions = {site.power_region for site in case.rows(SiteRow) if site.site in moving}
    for place, region in enumerate(case.rows(PowerRegionRow)):
        if region.power_region in regions:
            name = shown_name(region.name, region.power_region)
            found[f"region.{place}"] = (f"power region {name}", f"sites[power_region={region.power_region}]")
    for place, provider in enumerate(case.rows(ProviderRow)):
        offered = [offer.site for offer in case.rows(OfferRow) if offer.provider == provider.provider]
        hosts = [site for site in dict.fromkeys(offered) if site in moving]
        if hosts:
            name = shown_name(provider.name, provider.provider)
            found[f"provider.{place}"] = (f"sites of {name}", f"sites[{';'.join(hosts)}]")
    return found


def _moving(case: CaseData) -> set[str]:
    """Return the sites of which anything is dated after the start of the horizon: what has happened does not move."""
    start = case.model.horizon.start
    found = {row.site for row in case.rows(SiteRow) if row.earliest_date is not None and row.earliest_date > start}
    found |= {row.site for row in case.rows(EnergisationRow) if row.date > start}
    found |= {
        row.site for row in case.rows(PowerOptionRow) if row.earliest_date is not None and row.earliest_date > start
    }
    offers = case.by_key(OfferRow)
    return found | {offers[row.offer].site for row in case.rows(ContractRow) if row.start_date > start}


def _slip(what: Lever, months: Lever, where: dict[str, str]) -> Make:
    def make(form: Form) -> list[Change]:
        chosen, number = what.choice(form), months.number(form)
        if not chosen and not number:
            return []
        if not chosen or not number:
            raise LeverError(f"{what.label}: choose what is delayed, and by how many months")
        if not float(number).is_integer():
            raise LeverError(f"{months.label} ({number:g}): must be a whole number of months")
        return [{"op": "shift", "place": where[chosen], "months": int(number)}]

    return make


def providers(case: CaseData) -> Group:
    """Providers on or off: no new contracts with one, or none at all."""
    offers = case.rows(OfferRow)
    choices = (
        (KEEP, "as in the case"),
        (CLOSED, "off: no new contracts"),
        (GONE, "off: signed contracts end too"),
    )
    levers: list[Lever] = []
    make: list[Make] = []
    for place, row in enumerate(case.rows(ProviderRow)[:MOST_ROWS]):
        own = [offer for offer in offers if offer.provider == row.provider]
        if own:
            offered = choices if any(offer.max_blocks for offer in own) else (choices[0], choices[2])
            name = shown_name(row.name, row.provider)
            levers.append(Lever(f"provider.{place}", name, CHOICE, KEEP, choices=offered))
            least = [name for name in LEAST if any(getattr(offer, name) is not None for offer in own)]
            make.append(_provider(levers[-1], row.provider, least))
    return Group("providers", "Providers", "Who may be contracted with.", tuple(levers), tuple(make))


def _provider(lever: Lever, provider: str, least: Sequence[str]) -> Make:
    def make(form: Form) -> list[Change]:
        chosen = lever.choice(form)
        if chosen == KEEP:
            return []
        if chosen == GONE:
            return [{"op": "drop", "place": f"offers[provider={provider}]"}]
        return _closed(f"offers[provider={provider}]", least)

    return make


def programmes(case: CaseData) -> Group:
    """Programmes: committed, optional at a cost, or at a price for what is missing; or not asked for."""
    levers: list[Lever] = []
    make: list[Make] = []
    choices = (
        ("committed", "committed: every step is met"),
        ("optional", "optional: may be declined as a whole"),
        ("priced", "priced: may be missed, at a price"),
        ("gone", "not asked for"),
    )
    for place, row in enumerate(case.rows(ProgrammeRow)[:MOST_ROWS]):
        label = shown_name(row.name, row.programme)
        kind = Lever(f"programme.{place}.kind", label, CHOICE, str(row.kind), choices=choices)
        columns = {
            "declining_cost_busd": ("cost of declining, if optional", "$B"),
            "price_musd_per_missing_it_mw_year": ("price of missing IT MW, if priced", "$M per IT MW-year"),
            "price_musd_per_missing_facility_mw_year": (
                "price of missing facility MW, if priced",
                "$M per facility MW-year",
            ),
        }
        figures = {
            column: Lever(
                f"programme.{place}.{column}", f"{label}: {words}", NUMBER, plain(getattr(row, column)), unit,
                low=0.0, empty="not given",
            )
            for column, (words, unit) in columns.items()
        }  # fmt: skip
        levers += [kind, *figures.values()]
        make.append(_programme(kind, figures, row.programme))
    return Group("programmes", "Programmes", "Whether what is announced must come.", tuple(levers), tuple(make))


def _programme(kind: Lever, figures: dict[str, Lever], programme: str) -> Make:
    def make(form: Form) -> list[Change]:
        chosen = kind.choice(form)
        if chosen == "gone":
            return [{"op": "drop", "place": f"programmes[{programme}]"}]
        made: list[Change] = []
        if kind.moved(form):
            made.append({"op": "set", "place": f"programmes[{programme}].kind", "value": chosen})
        for column, lever in figures.items():
            made += given_number(lever, f"programmes[{programme}].{column}")(form)
        return made

    return make


def sites(case: CaseData) -> Group:
    """Sites on or off."""
    levers: list[Lever] = []
    make: list[Make] = []
    offers = case.by_key(OfferRow)
    signed = {offers[row.offer].site for row in case.rows(ContractRow)}
    fixed = signed - {offer.site for offer in offers.values() if offer.max_blocks}
    least: dict[str, list[str]] = {site: [] for site in signed}
    for offer in offers.values():
        least.setdefault(offer.site, []).extend(name for name in LEAST if getattr(offer, name) is not None)
    for place, row in enumerate(case.rows(SiteRow)[:MOST_ROWS]):
        if row.site in fixed:  # nothing can be decided there
            continue
        lever = Lever(f"site.{place}", shown_name(row.name, row.site), CHECK, ON if row.available else OFF)
        levers.append(lever)
        make.append(_available(lever, row.site, least.get(row.site) if row.site in signed else None))
    return Group("sites", "Sites", "Which sites may be decided on; signed contracts stay.", tuple(levers), tuple(make))


def _available(lever: Lever, site: str, least: Sequence[str] | None) -> Make:
    """Return what puts a site on or off; at one with signed contracts (``least``) nothing more is decided then."""

    def make(form: Form) -> list[Change]:
        if not lever.moved(form):
            return []
        if lever.given(form) == OFF and least is not None:
            return _closed(f"offers[site={site}]", least)
        return [{"op": "set", "place": f"sites[{site}].available", "value": lever.given(form) == ON}]

    return make


def _closed(place: str, least: Sequence[str]) -> list[Change]:
    """Return what lets nothing more be decided of offers, and first takes out what asks for blocks of them."""
    made: list[Change] = [{"op": "relax", "place": f"{place}.{name}"} for name in dict.fromkeys(least)]
    return [*made, {"op": "set", "place": f"{place}.max_blocks", "value": 0}]


def all_levers(groups: Sequence[Group]) -> list[Lever]:
    """Return the levers of all groups."""
    return [lever for group in groups for lever in group.levers]
