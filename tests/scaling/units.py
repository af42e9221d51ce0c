"""The same case in another unit of compute or of money."""

from typing import Any

from planner.case.case import CaseData
from planner.case.row import Row

COMPUTE = {"chips": ("training_compute_per_it_mw", "inference_compute_per_it_mw"), "demand": ("compute",)}
MONEY = {
    "sites": ("opening_cost_busd", "fixed_opex_busd_per_year"),
    "chips": ("development_cost_busd", "price_busd_per_gw_it"),
    "offers": (
        "signing_cost_busd",
        "renewal_rent_musd_per_mw_year",
        "rent_musd_per_mw_year",
        "capex_busd_per_gw_it",
        "opex_musd_per_mw_year",
    ),
    "contracts": ("rent_musd_per_mw_year",),
    "power_options": ("capex_busd_per_gw", "fuel_usd_per_mwh"),
    "power_regions": ("tariff_usd_per_mwh",),
    "budget": ("cash_limit_busd", "cash_burn_busd", "revenue_busd", "other_spending_busd"),
    "financing": ("up_to_busd", "busd_per_it_gw", "busd_per_facility_gw"),
    "programmes": (
        "declining_cost_busd",
        "price_musd_per_missing_it_mw_year",
        "price_musd_per_missing_facility_mw_year",
    ),
}


def _times(row: Row, factors: dict[str, float]) -> Row:
    given = {name: getattr(row, name) for name in factors}
    return row.model_copy(update={name: value * factors[name] for name, value in given.items() if value is not None})


def in_units(case: CaseData, compute: float = 1.0, money: float = 1.0) -> CaseData:
    """Multiply every figure of compute and of money in a case, prices of compute by both."""
    tables: dict[str, tuple[Row, ...]] = {}
    for name, rows in case.tables.items():
        factors = dict.fromkeys(COMPUTE.get(name, ()), compute) | dict.fromkeys(MONEY.get(name, ()), money)
        if name == "serving":
            factors = {"cost_busd_per_compute_year": money / compute}
        if rows:
            tables[name] = tuple(_times(row, factors) for row in rows)
    return case.replace(model=_model(case, compute, money), tables=tables)


def _model(case: CaseData, compute: float, money: float) -> Any:
    model, families = case.model, case.model.families
    price = model.objective.unserved_price_busd_per_compute_year
    objective = model.objective.model_copy(
        update={"unserved_price_busd_per_compute_year": None if price is None else price * money / compute}
    )
    update: dict[str, Any] = {}
    if families.contiguity is not None:
        rules = tuple(
            rule.model_copy(
                update={"at_least_compute": None if rule.at_least_compute is None else rule.at_least_compute * compute}
            )
            for rule in families.contiguity.rules
        )
        update["contiguity"] = families.contiguity.model_copy(update={"rules": rules})
    if families.redundancy is not None:
        price_of = {n: r.price_busd_per_missing_compute_year for n, r in enumerate(families.redundancy.rules)}
        priced = tuple(
            rule if (price := price_of[n]) is None
            else rule.model_copy(update={"price_busd_per_missing_compute_year": price * money / compute})
            for n, rule in enumerate(families.redundancy.rules)
        )  # fmt: skip
        update["redundancy"] = families.redundancy.model_copy(update={"rules": priced})
    for name, keys in (
        ("budget", ("partner_payment_cap_busd", "primary_envelope_busd", "backup_envelope_busd")),
        ("carbon", ("price_usd_per_tonne",)),
        ("backup_income", ("price_musd_per_mw_year",)),
    ):
        family = getattr(families, name)
        if family is not None:
            given = {key: getattr(family, key) for key in keys}
            update[name] = family.model_copy(
                update={key: value * money for key, value in given.items() if value is not None}
            )
    sold = update.get("backup_income")
    if sold is not None and sold.price_busd_per_compute_year is not None:
        sold = sold.model_copy(
            update={"price_busd_per_compute_year": sold.price_busd_per_compute_year * money / compute}
        )
        most = sold.market_compute
        update["backup_income"] = sold.model_copy(update={"market_compute": None if most is None else most * compute})
    return model.model_copy(update={"objective": objective, "families": families.model_copy(update=update)})
