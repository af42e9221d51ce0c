"""What a case has in it, and what of it binds: without the device the answer of the second formulation is another."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from planner.case.case import CaseData
from tests.reference.second import Found, solve_second

Device = Callable[[CaseData], CaseData | None]
"""Takes a device out of a case; None where the case does not have it."""


def _families(case: CaseData, **changed: Any) -> CaseData:
    families = case.model.families.model_copy(update=changed)
    return case.replace(model=case.model.model_copy(update={"families": families}))


def _without_family(name: str) -> Device:
    return lambda case: None if getattr(case.model.families, name) is None else _families(case, **{name: None})


def _without_rules(family: str, column: str, value: object) -> Device:
    """Take out the rules of a family that have a value."""

    def without(case: CaseData) -> CaseData | None:
        options = getattr(case.model.families, family)
        kept = () if options is None else tuple(rule for rule in options.rules if getattr(rule, column) != value)
        if options is None or len(kept) == len(options.rules):
            return None
        return _families(case, **{family: options.model_copy(update={"rules": kept}) if kept else None})

    return without


def _with_rules(family: str, option: str) -> Device:
    """Take an option out of every rule of a family that gives it."""

    def without(case: CaseData) -> CaseData | None:
        options = getattr(case.model.families, family)
        if options is None or all(getattr(rule, option) is None for rule in options.rules):
            return None
        rules = tuple(rule.model_copy(update={option: None}) for rule in options.rules)
        return _families(case, **{family: options.model_copy(update={"rules": rules})})

    return without


def _with_option(family: str, option: str, present: Callable[[Any], bool], value: object) -> Device:
    """Give an option of a family another value where it has one that counts."""

    def without(case: CaseData) -> CaseData | None:
        options = getattr(case.model.families, family)
        if options is None or not present(getattr(options, option)):
            return None
        return _families(case, **{family: options.model_copy(update={option: value})})

    return without


def _with_cells(table: str, present: Callable[[Any], bool], **cells: object) -> Device:
    """Give cells of the rows that have a device other values."""

    def without(case: CaseData) -> CaseData | None:
        rows = case.tables[table]
        if not any(present(row) for row in rows):
            return None
        changed = tuple(row.model_copy(update=cells) if present(row) else row for row in rows)
        return case.replace(tables={table: changed})

    return without


def _without_sources(chosen: Callable[[Any], bool]) -> Device:
    """Let nothing be drawn from some sources of financing."""
    return _with_cells("financing", chosen, last_date=date(2000, 1, 1))


def _without_programmes(kind: str) -> Device:
    """Let the obligations of programmes of a kind be missed for nothing."""
    free = {"price_musd_per_missing_it_mw_year": 0.0, "price_musd_per_missing_facility_mw_year": 0.0}
    return _with_cells("programmes", lambda row: row.kind == kind, kind="priced", **free)


def _without_table(table: str) -> Device:
    return lambda case: case.replace(tables={table: None}) if case.tables[table] else None


def _given(value: object) -> bool:
    return value is not None


DEVICES: Mapping[str, Device] = {
    **{f"redundancy: {kind}": _without_rules("redundancy", "domain", kind)
       for kind in ("site", "provider", "power_region", "country", "chip_vendor", "sites", "none")},
    "redundancy: two at once": _without_rules("redundancy", "k", 2),
    "redundancy: price": _with_rules("redundancy", "price_busd_per_missing_compute_year"),
    "pause": _with_rules("redundancy", "pause_days"),
    "diversity": _without_family("diversity"),
    "contiguity": _without_family("contiguity"),
    "contiguity by IT MW": _without_rules("contiguity", "at_least_compute", None),
    "contiguity: campuses": _with_rules("contiguity", "most_campuses"),
    "contiguity: years": _with_rules("contiguity", "at_least_years"),
    "budget, cash limit": lambda case: _families(case, budget=None) if _basis(case) == "cash_limit" else None,
    "budget, burn": lambda case: _families(case, budget=None) if _basis(case) == "burn" else None,
    "other spending": _with_cells("budget", lambda r: bool(r.other_spending_busd), other_spending_busd=None),
    "no carry-over": _with_option("budget", "carry_over", lambda on: on is False, value=True),
    "cap on the partner's payment": _with_option("budget", "partner_payment_cap_busd", _given, None),
    "envelope, primary": _with_option("budget", "primary_envelope_busd", _given, None),
    "envelope, backup": _with_option("budget", "backup_envelope_busd", _given, None),
    "income counts": _with_option("budget", "backup_income_counts", lambda on: on is True, value=False),
    "financing": _without_family("financing"),
    "financing, equity": _without_sources(lambda r: r.kind == "equity"),
    "financing, vendor": _without_sources(lambda r: r.kind == "vendor" and r.repayment is None),
    "financing, loan of a vendor": _without_sources(lambda r: r.kind == "vendor" and r.repayment is not None),
    "financing, bullet": _without_sources(lambda r: r.kind == "debt" and r.repayment == "bullet"),
    "financing, straight line": _without_sources(lambda r: r.kind == "debt" and r.repayment == "straight_line"),
    "financing, per GW of a provider": _without_sources(lambda r: _given(r.provider)),
    "financing, per GW of chips": _without_sources(lambda r: _given(r.chip_vendor)),
    "financing, facility GW": _without_sources(lambda r: _given(r.busd_per_facility_gw)),
    "financing, fee": _with_cells("financing", lambda r: _given(r.fee_share), fee_share=None),
    "financing, dilution": _with_cells("financing", lambda r: _given(r.dilution_share), dilution_share=None),
    "financing, window": _with_cells("financing", lambda r: _given(r.first_date) or _given(r.last_date),
                                     first_date=None, last_date=None),
    "financing, condition": _with_option("financing", "conditions", lambda c: c == {"happens": False},
                                         {"happens": True}),
    "carbon cap": _with_option("carbon", "cap_mt_per_year", _given, None),
    "carbon price": _with_option("carbon", "price_usd_per_tonne", lambda price: bool(price), 0.0),
    "integration, provider": _with_cells("providers", lambda r: _given(r.first_year_it_mw), first_year_it_mw=None,
                                         growth_per_year=None),
    "integration, custom chip": _with_option("integration", "custom_chip", _given, None),
    "backup income": _without_family("backup_income"),
    "open at most": _with_option("site_opening", "open_at_most", _given, None),
    "open exactly": _with_option("site_opening", "open_exactly", _given, None),
    "single source": _with_cells("markets", lambda r: r.single_source, single_source=False),
    "residency": _with_cells("markets", lambda r: _given(r.residency), residency=None),
    "latency": _with_cells("markets", lambda r: _given(r.latency_limit_ms), latency_limit_ms=None),
    "serving cost": _without_table("serving"),
    "chip supply": _without_table("chip_supply"),
    "on-site power": _without_table("power_options"),
    "firm power of a region": lambda case: _roomy(case) if case.model.families.power else None,
    "energisation": _with_cells("energisation", lambda _row: True, facility_mw=1e6),
    "power throughout a period": lambda case: _horizon(case, "energisation", "throughout", None),
    "energisation, early dates": lambda case: _horizon(case, "energisation_dates", "low", None),
    "energisation, late dates": lambda case: _horizon(case, "energisation_dates", "high", None),
    "IT limit of a site": _with_cells("sites", lambda _row: True, max_it_mw=1e6),
    "signed contracts": _without_table("contracts"),
    "utilisation of peak": _with_cells("chips", lambda r: _given(r.utilisation_of_peak_share),
                                       utilisation_of_peak_share=None),
    "loss to failures": _with_cells("chips", lambda r: _given(r.failure_loss_share), failure_loss_share=None),
    "maturity of a chip": _with_cells("chips", lambda r: _given(r.maturity_years), maturity_years=None,
                                      first_volume_maturity_share=None),
    "development": _with_cells("chips", lambda r: _given(r.development_cost_busd), development_cost_busd=None),
    "exit": _with_cells("offers", lambda r: _given(r.exit_after_years), exit_after_years=None, exit_cost_share=None),
    "renewal": _with_cells("offers", lambda r: _given(r.renewal_rent_musd_per_mw_year),
                           renewal_rent_musd_per_mw_year=None),
    "refresh": _with_cells("offers", lambda r: _given(r.refresh_after_years), refresh_after_years=None,
                           refresh_price_busd_per_gw_it=None),
    "minimum commitment": _with_cells("offers", lambda r: _given(r.min_blocks), min_blocks=None),
    "smallest signing": _with_cells("offers", lambda r: _given(r.min_blocks_per_start), min_blocks_per_start=None),
    "ramp of an offer": _with_cells("offers", lambda r: _given(r.ramp), ramp=None),
    "ramp of a signed contract": _with_cells("contracts", lambda r: _given(r.ramp), ramp=None),
    "signing cost": _with_cells("offers", lambda r: bool(r.signing_cost_busd), signing_cost_busd=None),
    "lead time": _with_cells("offers", lambda r: r.lead_months > 0.0, lead_months=0.0),
    "terms that are not whole months": _with_cells("offers", lambda r: r.term_years in (2.3, 7.77), term_years=2.0),
    "programme, committed": _without_programmes("committed"),
    "programme, optional": _without_programmes("optional"),
    "programme, priced": _without_programmes("priced"),
    "programme, facility MW": _with_cells("programme_steps", lambda r: _given(r.at_least_facility_mw),
                                          at_least_facility_mw=0.0),
    "programme, at most": _with_cells("programme_steps",
                                      lambda r: _given(r.at_most_it_mw) or _given(r.at_most_facility_mw),
                                      at_most_it_mw=None, at_most_facility_mw=None),
    "salvage": lambda case: _objective(case, salvage="none") if _salvage(case) else None,
}  # fmt: skip
"""Every device that can be taken out of a case, by name."""


DEVICES_OF_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "site_opening": ("open at most", "open exactly"),
    "power": ("firm power of a region", "on-site power"),
    "budget": (
        "budget, cash limit",
        "budget, burn",
        "other spending",
        "no carry-over",
        "envelope, primary",
        "envelope, backup",
    ),
    "financing": tuple(name for name in DEVICES if name.startswith("financing")),
    "redundancy": (*(name for name in DEVICES if name.startswith("redundancy")), "pause"),
    "diversity": ("diversity",),
    "contiguity": ("contiguity", "contiguity by IT MW", "contiguity: campuses", "contiguity: years"),
    "integration": ("integration, provider", "integration, custom chip"),
    "carbon": ("carbon cap", "carbon price"),
    "backup_income": ("backup income",),
}
"""The devices by which each constraint family of the model is shown to bind."""


def _basis(case: CaseData) -> str | None:
    budget = case.model.families.budget
    return None if budget is None else budget.basis


def _salvage(case: CaseData) -> bool:
    return case.model.objective.salvage == "straight_line"


def _objective(case: CaseData, **changed: Any) -> CaseData:
    objective = case.model.objective.model_copy(update=changed)
    return case.replace(model=case.model.model_copy(update={"objective": objective}))


def _horizon(case: CaseData, key: str, value: object, instead: object) -> CaseData | None:
    """Give a key of the horizon another value where it has one."""
    if getattr(case.model.horizon, key) != value:
        return None
    horizon = case.model.horizon.model_copy(update={key: instead})
    return case.replace(model=case.model.model_copy(update={"horizon": horizon}))


def _roomy(case: CaseData) -> CaseData:
    regions = tuple(row.model_copy(update={"firm_facility_mw": 1e6}) for row in case.tables["power_regions"])
    return case.replace(tables={"power_regions": regions})


def forms(case: CaseData) -> Iterator[str]:
    """What cannot be taken out: the shape of time, and what comes first."""
    horizon = case.model.horizon
    yield case.model.objective.unserved
    if horizon.start.month != 1:
        yield "start in the middle of a year"
    if not isinstance(horizon.period_months, int) and len(set(horizon.period_months)) > 1:
        yield "uneven periods"
    if horizon.tail is not None:
        yield "a tail"
    if any(not row.available for row in case.tables["sites"]):
        yield "a site that is not available"


def binding(case: CaseData, found: Found | None, wanted: frozenset[str]) -> Iterator[str]:
    """The devices among those wanted without which the answer is another."""
    for name in sorted(wanted):
        without = DEVICES[name](case)
        if without is not None and differs(found, solve_second(without, twice=False)):
            yield name


def differs(one: Found | None, other: Found | None) -> bool:
    """Whether two answers differ by more than rounding."""
    if one is None or other is None:
        return one is not other
    cost = abs(one.cost_busd - other.cost_busd) > 1e-6 * max(1.0, abs(one.cost_busd))
    tiers = (abs(one.missing.get(t, 0.0) - other.missing.get(t, 0.0)) > 1e-5 for t in {*one.missing, *other.missing})
    return cost or abs(one.unserved_share - other.unserved_share) > 1e-6 or any(tiers)
