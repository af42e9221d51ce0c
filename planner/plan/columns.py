"""The tables of a plan: their columns, units and meanings, in one schema.

Each table is tidy: one row, one fact. docs/tables.md is made from here (`make tables`); reading, pandas, `planner show`
and the tests follow it.
"""

from planner.plan.columns_money import MONEY_TABLES
from planner.plan.columns_ranges import RANGES_TABLES
from planner.plan.schema import (
    CHIP,
    MARKET,
    OFFER,
    ORIGIN,
    PROVIDER,
    ROLE,
    SITE,
    TENURE,
    WORKLOAD,
    Column,
    TableSchema,
    compute,
    facility_mw,
    figure,
    it_mw,
    key_of,
    nominal,
    period,
    words,
)

_SIGNED = "a signed contract"

TABLES: dict[str, TableSchema] = {
    "calendar": TableSchema(
        "The periods of the plan: what `period` stands for in every other table.",
        ("period",),
        {
            "period": period("the period, as every table writes it"),
            "label": Column("label", "its name, as in messages and in `planner show`"),
            "year": Column("whole", "calendar year in which it begins"),
            "start_date": Column("date", "its first day"),
            "end_date": Column("date", "the day after its last"),
            "length_years": figure("years", "its length", "all"),
        },
    ),
    "contracts": TableSchema(
        "Signed contracts as they are in the case, then the decided ones.",
        ("contract",),
        {
            "contract": words(
                "the signed contract's own key, or OFFER/ROLE/START for a decided one (with /END where several start "
                "together, and /CHIP where several also end together), START and END as labels of periods"
            ),
            "origin": ORIGIN,
            "offer": OFFER,
            "site": SITE,
            "provider": PROVIDER,
            "tenure": TENURE,
            "role": ROLE,
            "chip": key_of(
                "chip that it has at its start (`refreshes`: what replaces it)",
                empty="`build` or `shell`, or a signed contract that brings no chip",
            ),
            "blocks": Column("whole", "blocks decided", "blocks", f"{_SIGNED}: nothing to add", "all", empty_adds=True),
            "it_mw": it_mw("IT MW while in force", "all"),
            "start_date": Column("date", "in force from"),
            "end_date": Column(
                "date",
                "in force until (exclusive); the end of the term for a contract that extends beyond the horizon",
            ),
            "start_period": Column("boundary", "first period in force", empty=_SIGNED),
            "end_period": Column(
                "boundary",
                "first period no longer in force; the end of the horizon for a contract in force until then",
                empty=_SIGNED,
            ),
        },
    ),
    "refreshes": TableSchema(
        "Blocks of decided `cloud` contracts whose chip is replaced, and when; a case without a refresh has none.",
        ("contract", "period", "chip"),
        {
            "contract": key_of("contract, as in `contracts`"),
            "offer": OFFER,
            "role": ROLE,
            "period": period("the period at whose start the new chip is installed"),
            "replaced_chip": key_of("chip that the contract had"),
            "chip": CHIP,
            "blocks": Column("whole", "blocks refreshed", "blocks", adds="all"),
            "it_mw": it_mw("IT MW of them that were in force before, on which a chip is replaced", "all"),
        },
    ),
    "installs": TableSchema(
        "Chips installed by the plan, or by the provider for a decided `cloud` contract, and what of them is there.",
        ("offer", "role", "chip", "period", "contract"),
        {
            "offer": OFFER,
            "role": ROLE,
            "chip": CHIP,
            "period": period(),
            "contract": key_of(
                "signed contract", empty="not installed in a signed `cloud` contract that leaves the choice to the plan"
            ),
            "added_it_mw": it_mw("IT MW installed at the start of the period", "all"),
            "stock_it_mw": it_mw("IT MW of it still there; chips that signed contracts bring not included"),
        },
    ),
    "capacity": TableSchema(
        "What is installed.",
        ("period", "offer", "role", "chip"),
        {
            "period": period(),
            "site": SITE,
            "provider": PROVIDER,
            "power_region": key_of("power region"),
            "country": words("ISO 3166-1 code of the country"),
            "offer": OFFER,
            "tenure": TENURE,
            "role": ROLE,
            "chip": CHIP,
            "vendor": words("vendor of the chip"),
            "it_mw": it_mw("installed IT MW, signed chips included"),
            "training_compute": compute("realised compute it gives if all used for training; 0: it cannot"),
            "inference_compute": compute("realised compute it gives if all used for inference; 0: it cannot"),
        },
    ),
    "realised": TableSchema(
        "What the installed chips give: nameplate compute, and what of it is realised.",
        ("period", "chip"),
        {
            "period": period(),
            "chip": CHIP,
            "vendor": words("vendor of the chip"),
            "it_mw": it_mw("installed IT MW, signed chips included"),
            "realised_share": figure("share", "utilisation of peak x (1 - loss to failures) x maturity, average"),
            "training_nameplate_compute": compute("compute by the table of chips if all used for training"),
            "training_realised_compute": compute("nameplate compute x realised share"),
            "inference_nameplate_compute": compute("compute by the table of chips if all used for inference"),
            "inference_realised_compute": compute("nameplate compute x realised share"),
        },
    ),
    "in_force": TableSchema(
        "IT MW that contracts give, and what of it is filled with chips.",
        ("period", "offer", "role"),
        {
            "period": period(),
            "offer": OFFER,
            "site": SITE,
            "provider": PROVIDER,
            "role": ROLE,
            "signed_it_mw": it_mw("IT MW of signed contracts in force, averaged over the period"),
            "decided_it_mw": it_mw("IT MW of decided contracts in force"),
            "installed_it_mw": it_mw("IT MW of chips installed"),
        },
    ),
    "openings": TableSchema(
        "Sites that are open, from when; no rows without the site opening family.",
        ("site",),
        {
            "site": SITE,
            "period": period("first period open"),
            "origin": ORIGIN,
            "opening_cost_busd": nominal("paid on opening"),
        },
    ),
    "developments": TableSchema(
        "Custom chips whose development is started.",
        ("chip",),
        {
            "chip": CHIP,
            "period": period("period in which its development is started"),
            "cost_busd": nominal("development cost, paid once"),
        },
    ),
    "power_built": TableSchema(
        "On-site power that is bought.",
        ("power_option", "period"),
        {
            "power_option": key_of("on-site option"),
            "site": SITE,
            "period": period("first period in service"),
            "facility_mw": facility_mw("firm facility MW bought", "all"),
        },
    ),
    "power": TableSchema(
        "Power of every site in use.",
        ("period", "site"),
        {
            "period": period(),
            "site": SITE,
            "power_region": key_of("power region"),
            "it_mw": it_mw("IT MW in force"),
            "facility_mw": facility_mw("facility MW they need at peak"),
            "energised_facility_mw": facility_mw("facility MW energised, on-site options that add to it included"),
            "onsite_facility_mw": facility_mw("on-site facility MW in service"),
            "own_load_facility_mw": facility_mw("average facility MW of energy that the plan pays for"),
            "onsite_output_facility_mw": facility_mw("average facility MW generated on site for it"),
        },
    ),
    "power_options": TableSchema(
        "On-site power in service.",
        ("period", "power_option"),
        {
            "period": period(),
            "power_option": key_of("on-site option"),
            "site": SITE,
            "in_service_facility_mw": facility_mw("facility MW in service"),
            "output_facility_mw": facility_mw("average facility MW generated; 0 for storage"),
        },
    ),
    "programme_path": TableSchema(
        "What is in force at the sites of every programme against what it asks for and allows.",
        ("period", "programme"),
        {
            "period": period(),
            "programme": key_of("programme"),
            "kind": words("`committed`, `optional` or `priced`"),
            "undertaken": words("`no` if the plan declines the programme (in every period), else `yes`"),
            "it_mw": it_mw("IT MW in force at its sites", "no"),
            "at_least_it_mw": figure("IT MW", "IT MW asked for", empty="nothing is asked for"),
            "at_most_it_mw": figure("IT MW", "IT MW allowed", empty="no limit"),
            "missing_it_mw": it_mw("IT MW asked for less those in force, if that is positive", "no"),
            "facility_mw": facility_mw("facility MW in force at its sites, at peak", "no"),
            "at_least_facility_mw": figure("facility MW", "facility MW asked for", empty="nothing is asked for"),
            "at_most_facility_mw": figure("facility MW", "facility MW allowed", empty="no limit"),
            "missing_facility_mw": facility_mw("facility MW asked for less those in force, if positive", "no"),
        },
    ),
    "shortfalls": TableSchema(
        "What the plan misses, in the order of the tiers; no row where nothing is missing.",
        ("tier", "period", "rule", "programme", "market", "workload", "contract", "unit"),
        {
            "tier": words(
                "`cash`, `unserved`, `programme`, `protection` or `head-room`; `priced` (no tier): at a price"
            ),
            "period": period(),
            "rule": words("name of the redundancy rule", "no rule is short"),
            "programme": key_of("programme that lacks capacity, or whose price is not paid", "no programme"),
            "market": key_of("market", "no market is short"),
            "workload": words("`training` or `inference`", "no market is short"),
            "contract": key_of(
                "signed contract that cannot be paid",
                "no contract is short; in tier `cash`, without a programme: other spending and upkeep",
            ),
            "amount": figure("as in unit", "what is missing"),
            "unit": words("unit of the amount: `busd` (nominal), `IT MW`, `facility MW` or `compute`"),
        },
    ),
    "power_regions": TableSchema(
        "What is drawn in each power region against what it can give.",
        ("period", "power_region"),
        {
            "period": period(),
            "power_region": key_of("power region"),
            "facility_mw": facility_mw("facility MW drawn from the grid at peak"),
            "limit_facility_mw": facility_mw("firm facility MW the grid can give"),
        },
    ),
    "emissions": TableSchema(
        "What the energy of the installed chips emits, against the carbon cap; empty without the family power.",
        ("period",),
        {
            "period": period(),
            "grid_mt": figure("Mt CO2", "of energy from the grid", "all"),
            "onsite_mt": figure("Mt CO2", "of energy generated on site", "all"),
            "emissions_mt": figure("Mt CO2", "in all", "all"),
            "cap_mt": figure("Mt CO2", "carbon cap of the period", "all", "no cap"),
        },
    ),
    "served": TableSchema(
        "Who serves what.",
        ("period", "site", "chip", "market", "workload"),
        {
            "period": period(),
            "site": SITE,
            "chip": CHIP,
            "market": MARKET,
            "workload": WORKLOAD,
            "it_mw": it_mw("primary IT MW used for it"),
            "compute": compute("compute served, average over the period"),
        },
    ),
    "unserved": TableSchema(
        "Demand, and what of it is served.",
        ("period", "market", "workload"),
        {
            "period": period(),
            "market": MARKET,
            "workload": WORKLOAD,
            "demand_compute": compute("compute demanded: that of table `demand`, beside what is served of it"),
            "served_compute": compute("compute served"),
            "unserved_compute": compute("compute not served"),
        },
    ),
    "clusters": TableSchema(
        "Where the work of every rule of contiguity is done: the campuses that host a cluster of it.",
        ("period", "rule", "site"),
        {
            "period": period(),
            "rule": words("name of the rule of contiguity"),
            "site": key_of("site that hosts the cluster"),
            "market": MARKET,
            "workload": WORKLOAD,
            "it_mw": it_mw("primary IT MW in use for the work at the site", "no"),
            "compute": compute("compute of the work served from the site", "no"),
            "least_it_mw": figure("IT MW", "IT MW asked for in the period", empty="the rule asks for compute"),
            "least_compute": figure("compute", "compute asked for in the period", empty="the rule asks for IT MW"),
            "begins": words("`yes` if the cluster begins in the period, else `no`"),
        },
    ),
    **MONEY_TABLES,
    "backup": TableSchema(
        "Idle backup and what it earns.",
        ("period",),
        {
            "period": period(),
            "installed_it_mw": it_mw("backup IT MW installed"),
            "sold_it_mw": it_mw("backup IT MW sold as interruptible compute"),
            "income_busd": nominal("income"),
        },
    ),
    "chips": TableSchema(
        "What is installed of every chip against its supply.",
        ("period", "chip"),
        {
            "period": period(),
            "chip": CHIP,
            "added_it_mw": it_mw("IT MW installed by the plan", "all"),
            "supply_it_mw": Column("number", "IT MW that could be delivered", "IT MW", "not limited", "period"),
            "stock_it_mw": it_mw("IT MW installed in all, signed chips included"),
            "accelerators": Column("whole", "the stock in accelerators, rounded", "accelerators", adds="period"),
        },
    ),
    "demand": TableSchema(
        "What is demanded.",
        ("period", "market", "workload"),
        {
            "period": period(),
            "market": MARKET,
            "workload": WORKLOAD,
            "compute": compute("compute demanded, average over the period"),
        },
    ),
    "reach": TableSchema(
        "Who may serve whom.",
        ("site", "market"),
        {"site": SITE, "market": key_of("market that it may serve")},
    ),
    "critical_shares": TableSchema(
        "Critical shares that a pause after a loss lowers, of every redundancy rule with one.",
        ("rule", "market", "workload"),
        {
            "rule": words("name of the redundancy rule"),
            "market": MARKET,
            "workload": WORKLOAD,
            "stated_share": figure("share", "critical share as the rule states it"),
            "outage_days": figure("days", "how long a loss lasts"),
            "pause_days": figure("days", "how long of it the work may stand still"),
            "critical_share": figure("share", "share that holds: the stated one x (1 - pause / outage), at least 0"),
        },
    ),
    "contingencies": TableSchema(
        "Every contingency of every redundancy rule, with the margin that is left.",
        ("rule", "period", "contingency"),
        {
            "rule": words("name of the redundancy rule"),
            "period": period(),
            "contingency": words("the failure domains lost, separated by ` + `; `nothing` of a rule that loses none"),
            "lost_it_mw": it_mw("installed IT MW lost", "no"),
            "surviving_it_mw": it_mw("installed IT MW left", "no"),
            "critical_compute": compute("critical demand, all markets and workloads", "no"),
            "carried_compute": compute("critical demand the survivors carry, by the routing in `recovery`", "no"),
            "margin_compute": compute(
                "spare: how much more critical compute the tightest group of demands could take", "no"
            ),
            "binding": words("`yes` if the margin is zero, else `no`"),
        },
    ),
    "recovery": TableSchema(
        "Who carries the critical demand in each contingency, those with the least margin first to be listed.",
        ("rule", "period", "contingency", "site", "chip", "market", "workload"),
        {
            "rule": words("name of the redundancy rule"),
            "period": period(),
            "contingency": words("the failure domains lost"),
            "site": key_of("surviving site"),
            "chip": CHIP,
            "market": key_of("market served from it in the contingency"),
            "workload": WORKLOAD,
            "it_mw": it_mw("IT MW used", "no"),
            "compute": compute("critical compute carried", "no"),
        },
    ),
    **RANGES_TABLES,
}

COLUMNS: dict[str, dict[str, str]] = {
    name: {column: found.meaning for column, found in table.columns.items()} for name, table in TABLES.items()
}
"""Meaning of every column of every table."""
