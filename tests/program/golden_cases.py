"""For each constraint family a case with only what the family needs, and its rows of the program as text.

After a change of the program that is meant, write the golden files anew (all, or those named); look at the difference::

    python -m tests.program.golden_cases
    python -m tests.program.golden_cases power carbon
"""

import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from planner import Case
from planner.case.case import CaseData
from planner.changes.apply import apply_whatif, make_whatif
from planner.program.families import FAMILIES
from tests.program.tiny import CASH, cash, chip, lease, market, own, site, tiny

GOLDEN = Path(__file__).parent / "golden"
NUMBER = re.compile(r"(?<![\w.(])[+-]?\d+\.?\d*(?:[eE][+-]?\d+)?(?![\w.(])")
POWER = {"power": {"utilisation": 0.8}}
TURBINE = {
    "power_option": "turbine",
    "site": "a",
    "kind": "generation",
    "max_facility_mw": 50.0,
    "in_energisation": False,
    "earliest_date": "2026-01-01",
    "lead_months": 0.0,
    "life_years": 10.0,
    "capex_busd_per_gw": 1.0,
    "fuel_usd_per_mwh": 30.0,
    "carbon_kg_per_mwh": 500.0,
}
BOTH_ROLES = ("primary", "backup")


def _contract() -> CaseData:
    more = {"min_blocks_per_start": 3, "chips": ("chip", "other"), "take_or_pay_share": 0.75}
    offer = lease(min_blocks=2, signing_cost_busd=0.01, term_years=1.0, renewal_rent_musd_per_mw_year=12.0, **more)
    return tiny(periods=2, offers=[offer], chips=[chip(), chip("other", life_years=1.0)])


def _refresh() -> CaseData:
    chips = [chip("old", life_years=2.0), chip("new", life_years=1.0, first_date="2027-01-01")]
    offer = lease(chips=("old", "new"), take_or_pay_share=0.75, term_years=2.0, renewal_rent_musd_per_mw_year=12.0,
                  last_start="2027-01-01", refresh_after_years=1.0, refresh_price_busd_per_gw_it=2.0)  # fmt: skip
    supply = [{"chip": "new", "year": year, "it_mw": 70.0} for year in (2026, 2027, 2028)]
    return tiny(periods=3, offers=[offer], chips=chips, chip_supply=supply)


def _site_opening() -> CaseData:
    sites = [site("a", opening_cost_busd=0.1, max_it_mw=80.0), site("b", fixed_opex_busd_per_year=0.02)]
    offers = [lease("x", "a"), lease("y", "b")]
    return tiny(periods=2, sites=sites, offers=offers, families={"site_opening": {"open_at_most": 1}})


def _chip_mix() -> CaseData:
    chips = [chip(), chip("custom", development_cost_busd=0.5, life_years=1.0)]
    supply = [{"chip": name, "year": year, "it_mw": 70.0} for name in ("chip", "custom") for year in (2026, 2027)]
    signed = {
        "contract": "signed", "offer": "rented", "role": "primary", "it_mw": 20.0, "chip": "chip",
        "start_date": "2025-01-01", "end_date": "2027-07-01", "rent_musd_per_mw_year": 9.0,
    }  # fmt: skip
    offers = [own(chips=("chip", "custom")), lease("rented", chips=("chip", "custom"), take_or_pay_share=0.8)]
    bare = {key: cell for key, cell in signed.items() if key != "chip"} | {"contract": "bare", "it_mw": 10.0}
    return tiny(periods=2, offers=offers, chips=chips, chip_supply=supply, contracts=[signed, bare])


def _demand() -> CaseData:
    demand = [
        {"market": name, "workload": workload, "year": 2026, "compute": 50.0}
        for name, workload in (("m", "training"), ("m", "inference"), ("n", "inference"))
    ]
    sites, offers = [site("a"), site("b", country="FR")], [lease("x", "a"), lease("y", "b")]
    chips = [chip(training_compute_per_it_mw=2.0)]
    markets = [market("m", residency=("US",)), market("n", single_source=True)]
    return tiny(sites=sites, offers=offers, chips=chips, markets=markets, demand_rows=demand)


def _redundancy() -> CaseData:
    sites = [site(name) for name in "abc"]
    offers = [lease(f"at_{name}", name, roles=BOTH_ROLES) for name in "abc"]
    rules = [{"name": "any site", "domain": "site", "critical_share": 0.5}]
    return tiny(sites=sites, offers=offers, families={"redundancy": {"rules": rules}})


def _diversity() -> CaseData:
    rules = [{"domain": "provider", "largest_share": 0.6}, {"domain": "chip_vendor", "largest_share": 0.9}]
    offers = [lease("x", chips=("chip", "other")), lease("y")]
    return tiny(offers=offers, chips=[chip(), chip("other")], families={"diversity": {"rules": rules}})


def _integration() -> CaseData:
    providers = [{"provider": "lease_provider", "name": "P", "first_year_it_mw": 20.0, "growth_per_year": 0.5}]
    growth = {"first_year_it_mw": 30.0, "growth_per_year": 1.0}
    chips = [chip(development_cost_busd=0.5)]
    return tiny(periods=2, chips=chips, providers=providers, families={"integration": {"custom_chip": growth}})


def _backup_income() -> CaseData:
    income = {"price_musd_per_mw_year": 1.0, "largest_share": 0.5, "market_it_mw": 30.0}
    rules = [{"name": "any site", "domain": "site", "critical_share": 1.0}]
    sites = [site("a"), site("b")]
    offers = [lease("x", "a", roles=BOTH_ROLES), lease("y", "b", roles=BOTH_ROLES)]
    return tiny(sites=sites, offers=offers, families={"backup_income": income, "redundancy": {"rules": rules}})


def _power() -> CaseData:
    return tiny(offers=[own()], families=POWER, power_options=[TURBINE])


def _carbon() -> CaseData:
    return tiny(periods=2, offers=[own()], families={**POWER, "carbon": {"cap_mt_per_year": 0.2}})


def _budget() -> CaseData:
    options = {**CASH, "carry_over": True, "primary_envelope_busd": 1.5}
    return tiny(periods=2, families={"budget": options}, budget=cash(2, 1.0))


def _financing() -> CaseData:
    sources = [
        {"financing": "round", "name": "Round", "kind": "equity", "up_to_busd": 0.5, "last_date": "2027-06-30"},
        {"financing": "fab", "name": "Fab", "kind": "vendor", "chip_vendor": "chip_vendor", "busd_per_it_gw": 5.0,
         "first_date": "2027-01-01"},
        {"financing": "host", "name": "Host", "kind": "vendor", "provider": "lease_provider", "up_to_busd": 0.3,
         "busd_per_facility_gw": 4.0, "interest_rate_per_year": 0.1, "repayment": "bullet", "repayment_years": 1.0},
        {"financing": "bank", "name": "Bank", "kind": "debt", "up_to_busd": 2.0, "interest_rate_per_year": 0.1,
         "repayment": "straight_line", "repayment_years": 3.0, "fee_share": 0.02},
    ]  # fmt: skip
    families = {"budget": {**CASH, "carry_over": True}, "financing": {}}
    return tiny(periods=3, families=families, budget=cash(3, 0.5), financing=sources)


def _signed_again() -> CaseData:
    """Leases of one year: what they have in service may fall, and rise again."""
    host = {"financing": "host", "name": "Host", "kind": "vendor", "provider": "lease_provider", "busd_per_it_gw": 4.0}
    families = {"budget": {**CASH, "carry_over": True}, "financing": {}}
    offers = [lease(term_years=1.0)]
    return tiny(periods=3, offers=offers, families=families, budget=cash(3, 0.5), financing=[host])


def _forced() -> CaseData:
    offers = [lease("x", roles=BOTH_ROLES), lease("y")]
    forced = [{"by": 2026, "offer": "x", "blocks": 2, "role": "backup"}, {"by": 2027, "site": "a"}]
    return apply_whatif(tiny(periods=2, offers=offers), make_whatif([{"op": "force", **one} for one in forced])).data


def _programme() -> CaseData:
    sites = [site("a"), site("b", pue_peak=1.5)]
    signed = {
        "contract": "signed", "offer": "x", "role": "primary", "it_mw": 20.0, "chip": "chip",
        "start_date": "2025-01-01", "end_date": "2027-07-01", "rent_musd_per_mw_year": 9.0,
    }  # fmt: skip
    programmes = [
        {"programme": "firm", "name": "Firm", "sites": ("a", "b"), "kind": "committed"},
        {"programme": "choice", "name": "Choice", "sites": ("a",), "kind": "optional", "declining_cost_busd": 0.3},
        {"programme": "paid", "name": "Paid", "sites": ("b",), "kind": "priced",
         "price_musd_per_missing_it_mw_year": 2.0, "price_musd_per_missing_facility_mw_year": 3.0},
    ]  # fmt: skip
    steps = [
        {"programme": "firm", "date": "2026-07-01", "at_least_facility_mw": 100.0, "at_most_it_mw": 300.0},
        {"programme": "choice", "date": "2026-01-01", "at_least_it_mw": 50.0},
        {"programme": "paid", "date": "2026-01-01", "at_least_it_mw": 40.0},
        {"programme": "paid", "date": "2027-01-01", "at_least_facility_mw": 70.0, "at_most_facility_mw": 90.0},
    ]
    offers = [lease("x", "a", roles=BOTH_ROLES), lease("y", "b")]
    return tiny(periods=2, sites=sites, offers=offers, contracts=[signed], programmes=programmes, programme_steps=steps)


def _contiguity() -> CaseData:
    sites = [site("a"), site("b", max_it_mw=80.0)]
    offers = [lease("x", "a", max_blocks=3, term_years=1.0), lease("y", "b", term_years=1.0)]
    signed = {
        "contract": "signed", "offer": "x", "role": "primary", "it_mw": 20.0, "chip": "chip",
        "start_date": "2025-01-01", "end_date": "2027-07-01", "rent_musd_per_mw_year": 9.0,
    }  # fmt: skip
    rules = [
        {"name": "years", "market": "m", "workload": "inference", "at_least_compute": 60.0, "at_least_years": 2.0},
        {"name": "mw", "market": "m", "workload": "inference", "at_least_it_mw": 45.0, "most_campuses": 1,
         "first_year": 2027},
    ]  # fmt: skip
    return tiny([50.0, 90.0], periods=2, sites=sites, offers=offers, contracts=[signed],
                families={"contiguity": {"rules": rules}})  # fmt: skip


def _head_room() -> CaseData:
    share = {"training": 1.0, "inference": 1.5}
    override = {"market": "n", "workload": "inference", "share": 2.0}
    rule = {"name": "spike", "domain": "none", "critical_share": share, "overrides": [override], "first_year": 2027}
    demand = [{"market": m, "workload": w, "year": year, "compute": compute}
              for m, w, compute in (("m", "training", 30.0), ("m", "inference", 50.0), ("n", "inference", 20.0))
              for year in (2026, 2027)]  # fmt: skip
    chips = [chip(), chip("other", training_compute_per_it_mw=2.0)]
    offers = [lease("x", "a", roles=BOTH_ROLES), lease("y", "b", chips=("chip", "other"))]
    return tiny(periods=2, sites=[site("a"), site("b")], offers=offers, chips=chips, demand_rows=demand,
                markets=[market(), market("n")], families={"redundancy": {"rules": [rule]}})  # fmt: skip


def _priced_rules() -> CaseData:
    """A rule at a price beside one without: what the first misses is in its cuts and in the objective."""
    offers = [lease(f"at_{name}", name, roles=BOTH_ROLES) for name in "ab"]
    rules = [
        {"name": "any site", "domain": "site", "critical_share": 0.5, "price_busd_per_missing_compute_year": 0.02},
        {"name": "spike", "domain": "none", "critical_share": 1.2},
    ]
    objective = {"discount_rate_per_year": 0.1}
    demand = [{"market": "m", "workload": w, "year": 2026, "compute": 50.0} for w in ("training", "inference")]
    return tiny(sites=[site("a"), site("b")], offers=offers, demand_rows=demand, objective=objective,
                families={"redundancy": {"rules": rules}})  # fmt: skip


def _backup_by_compute() -> CaseData:
    income = {
        "price_busd_per_compute_year": 0.004,
        "workload": "training",
        "largest_share": 0.5,
        "market_compute": 25.0,
    }
    chips = [chip(), chip("other", training_compute_per_it_mw=2.0, failure_loss_share=0.1)]
    offers = [lease("x", "a", roles=BOTH_ROLES, chips=("chip", "other"))]
    signed = {
        "contract": "signed", "offer": "x", "role": "backup", "it_mw": 20.0, "chip": "other",
        "start_date": "2025-01-01", "end_date": "2027-07-01", "rent_musd_per_mw_year": 9.0,
    }  # fmt: skip
    return tiny(periods=2, offers=offers, chips=chips, contracts=[signed], families={"backup_income": income})


def _ramp() -> CaseData:
    """On paper: blocks of 10 MW have 2.5 MW in force in the first half-year and 5 in the second, then 10."""
    steps = [{"ramp": "phased", "months": months, "share": share} for months, share in ((0, 0.25), (6, 0.5), (12, 1.0))]
    signed = {
        "contract": "signed", "offer": "x", "role": "primary", "it_mw": 20.0, "ramp": "phased",
        "start_date": "2025-10-01", "end_date": "2027-01-01", "rent_musd_per_mw_year": 9.0,
    }  # fmt: skip
    offers = [lease("x", ramp="phased", term_years=2.0), own("y", ramp="phased")]
    return tiny(periods=3, period_months=6, offers=offers, contracts=[signed], ramps=steps)


def _ramped_refresh() -> CaseData:
    """On paper: half of a block of 10 MW for a year and a half: 5, 7.5 and 10 MW on average; 5 are replaced in 2027."""
    steps = [{"ramp": "phased", "months": months, "share": share} for months, share in ((0, 0.5), (18, 1.0))]
    chips = [chip("old", life_years=2.0), chip("new", first_date="2027-01-01")]
    offer = lease(chips=("old", "new"), take_or_pay_share=0.75, last_start="2026-01-01", ramp="phased",
                  refresh_after_years=1.0, refresh_price_busd_per_gw_it=2.0)  # fmt: skip
    supply = [{"chip": "new", "year": year, "it_mw": 70.0} for year in (2026, 2027, 2028)]
    return tiny(periods=3, offers=[offer], chips=chips, chip_supply=supply, ramps=steps)


CASES: dict[str, Callable[[], CaseData]] = {
    "contract": _contract,
    "refresh": _refresh,
    "power_options": _power,
    "site_opening": _site_opening,
    "chip_mix": _chip_mix,
    "power": _power,
    "demand": _demand,
    "contiguity": _contiguity,
    "redundancy": _redundancy,
    "diversity": _diversity,
    "integration": _integration,
    "carbon": _carbon,
    "backup_income": _backup_income,
    "budget": _budget,
    "financing": _financing,
    "forced": _forced,
    "programme": _programme,
}
"""The case of each family."""
FORMS: dict[str, tuple[str, Callable[[], CaseData]]] = {
    "chip_mix_refresh": ("chip_mix", _refresh),
    "financing_signed_again": ("financing", _signed_again),
    "chip_mix_ramped_refresh": ("chip_mix", _ramped_refresh),
    "contract_ramp": ("contract", _ramp),
    "chip_mix_ramp": ("chip_mix", _ramp),
    "redundancy_head_room": ("redundancy", _head_room),
    "redundancy_priced": ("redundancy", _priced_rules),
    "backup_income_by_compute": ("backup_income", _backup_by_compute),
}
"""Other forms of a family's rules: the family, and a case of each."""


def family_of(row: str) -> str | None:
    """The family a constraint belongs to, by its name; the longest name that fits (power_options is not power)."""
    fits = [family.name for family in FAMILIES if re.match(rf"c_{family.name}(_|\(|$)", row)]
    return max(fits, key=len, default=None)


def rows_of(case: CaseData) -> dict[str, str]:
    """The rows of a case's program as LP text by name, terms sorted and figures rounded to ten digits."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.lp"
        Case.of(case).build().write(str(path), io_options={"symbolic_solver_labels": True})
        text = path.read_text(encoding="utf-8")
    body = re.split(r"^(?:s\.t\.|subject to|bounds?)$", text, flags=re.MULTILINE | re.IGNORECASE)[1]
    rows: dict[str, str] = {}
    for name, content in re.findall(r"^c_[a-z]_(\S+?)_?:\n(.*?)(?=^c_[a-z]_|\Z)", body, flags=re.MULTILINE | re.DOTALL):
        *terms, limit = (NUMBER.sub(_rounded, line.strip()) for line in content.strip().splitlines() if line.strip())
        # An equation or a range is told apart by its sign; Pyomo writes `l <= row <= u` as two rows.
        kind = limit.split()[0]
        rows[f"{name} {kind}"] = "\n".join(f"  {line}" for line in (*sorted(terms, key=_variable), limit))
    return rows


def golden_text(family: str) -> str:
    """The rows of a family in its case, or in that of one of its forms, sorted by name."""
    of_family, make = FORMS.get(family) or (family, CASES[family])
    rows, family = rows_of(make()), of_family
    kept = [f"{name.split()[0]}:\n{rows[name]}\n" for name in sorted(rows) if family_of(name) == family]
    return "\n".join(kept)


def _rounded(match: re.Match[str]) -> str:
    return f"{float(match[0]):+.10g}"


def _variable(term: str) -> str:
    return term.split()[-1]


def write(families: Sequence[str]) -> None:
    """Write the golden files of the families named, of all if none is."""
    unknown = sorted(set(families) - {*CASES, *FORMS})
    if unknown:
        raise SystemExit(f"no case for {', '.join(unknown)}; {__file__} has {', '.join((*CASES, *FORMS))}")
    for name in families or (*CASES, *FORMS):
        (GOLDEN / f"{name}.lp").write_text(golden_text(name), encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1:])
