"""The variables of the shipped families: one record for each, under the family that declares it.

Families meet in these variables, the tables of a plan are read from them, and a solve starts from their values. IT GW
and facility GW are never mixed; a period in a key is its position, from 0.
"""

from planner.case.fields import Workload
from planner.symbols import COMPUTE, MONEY, Variable

OfferRolePeriod = tuple[str, str, int]
Stock = tuple[str, str, str, int]
"""An offer, a role, a chip and a period."""

SPEND = Variable[tuple[str, int]](
    "spend_busd", ("role", "period"), MONEY, "nominal spending, as the families write it into the ledger", "ledger"
)

BLOCKS = Variable[tuple[str, str, int, int]](
    "blocks",
    ("offer", "role", "start", "end"),
    "blocks",
    "blocks decided, in force from start to end",
    "contract",
    implied_integer=True,
)
# Declared integer, but continuous where `LEASE_BLOCKS` say which chip they have: they are the sum of these.
LEASE_BLOCKS = Variable[tuple[str, str, int, int, str]](
    "lease_blocks",
    ("offer", "role", "start", "end", "chip"),
    "blocks",
    "blocks decided under cloud, by the chip that the provider installs, where it has a choice",
    "contract",
)
REFRESH_BLOCKS = Variable[tuple[str, str, int, int, str, int, str]](
    "refresh_blocks",
    ("offer", "role", "start", "end", "chip", "period", "new_chip"),
    "blocks",
    "blocks of a lease whose chip is replaced in the period, where the offer has a refresh",
    "refresh",
)
IN_FORCE_BLOCKS = Variable[OfferRolePeriod](
    "in_force_blocks",
    ("offer", "role", "period"),
    "blocks",
    "blocks of decided contracts in force",
    "contract",
    implied_integer=True,
)
# Integer because of its rows. It is declared continuous, but must be declared integer to the solver: otherwise
# HiGHS 1.15.1 calls plans optimal that are not (seen on `three_sites` with less demand: 3.61 for 3.15,
# and on random cases).
RAMPED_BLOCKS = Variable[OfferRolePeriod](
    "ramped_blocks",
    ("offer", "role", "period"),
    "blocks",
    "blocks of decided contracts in force, each by the share of its ramp, where the offer has one",
    "contract",
)
OFFER_USED = Variable[tuple[str, int]](
    "offer_used",
    ("offer", "period"),
    meaning="whether the offer has been used by then, where it has a signing cost or a minimum commitment",
    family="contract",
)
SIGNING_ON = Variable[tuple[str, int]](
    "signing_on",
    ("offer", "period"),
    meaning="whether contracts of the offer start in the period, where it has a smallest signing",
    family="contract",
)

ONSITE_BUILT = Variable[tuple[str, int]](
    "onsite_built_gw", ("power_option", "period"), "facility GW", "firm power that enters service", "power_options"
)

SITE_OPEN = Variable[tuple[str, int]](
    "site_open", ("site", "period"), meaning="whether the site is open", family="site_opening"
)
SIGNED_SITES = Variable[None](
    "signed_sites", unit="sites", meaning="sites that signed contracts open", family="site_opening"
)

ADDED = Variable[Stock](
    "added_gw", ("offer", "role", "chip", "period"), "IT GW", "chips bought and installed", "chip_mix"
)
ROOM_ADDED = Variable[tuple[str, str, int]](
    "room_added_gw",
    ("contract", "chip", "period"),
    "IT GW",
    "chips installed in a signed contract under cloud that brings none",
    "chip_mix",
)
STOCK = Variable[Stock](
    "stock_gw", ("offer", "role", "chip", "period"), "IT GW", "chips of the plan installed and alive", "chip_mix"
)
DEVELOPMENT_ON = Variable[tuple[str, int]](
    "development_on",
    ("chip", "period"),
    meaning="whether the development of the custom chip has started",
    family="chip_mix",
)
USAGE = Variable[OfferRolePeriod](
    "usage_gw",
    ("offer", "role", "period"),
    "IT GW",
    "chips beyond those of signed contracts, where rent depends on use",
    "chip_mix",
)

ONSITE_OUTPUT = Variable[tuple[str, int]](
    "onsite_output_gw", ("power_option", "period"), "facility GW", "average power generated for own chips", "power"
)

USED = Variable[tuple[str, str, Workload, int]](
    "used_gw", ("node", "chip", "workload", "period"), "IT GW", "primary chips that serve a workload", "demand"
)
SERVED = Variable[tuple[str, str, Workload, int]](
    "served_compute", ("node", "market", "workload", "period"), COMPUTE, "compute served", "demand"
)
UNSERVED = Variable[tuple[str, Workload, int]](
    "unserved_compute", ("market", "workload", "period"), COMPUTE, "demand that is not served", "demand"
)
ASSIGNED = Variable[tuple[str, str, int]](
    "assigned",
    ("node", "market", "period"),
    meaning="whether the site serves the single-source market",
    family="demand",
)

HOSTED = Variable[tuple[str, str, int]](
    "hosted",
    ("rule", "site", "period"),
    meaning="whether the site hosts a cluster of the rule",
    family="contiguity",
)
BEGUN = Variable[tuple[str, str, int]](
    "begun", ("rule", "site", "period"), meaning="whether a cluster of the rule begins at the site", family="contiguity"
)
# Whole where HOSTED is: it may always be what HOSTED implies.
CLUSTER = Variable[tuple[str, str, str, Workload, int]](
    "cluster_gw",
    ("site", "chip", "market", "workload", "period"),
    "IT GW",
    "primary chips that serve work that needs a cluster",
    "contiguity",
)

TOTAL_IT = Variable[int]("total_it_gw", ("period",), "IT GW", "all IT capacity in force", "diversity")
TOTAL_INSTALLED = Variable[int]("total_installed_gw", ("period",), "IT GW", "all chips installed", "diversity")

PROVIDER = Variable[tuple[str, int]](
    "provider_gw", ("provider", "period"), "IT GW", "decided contracts in force at the provider", "integration"
)
CUSTOM = Variable[tuple[str, int]](
    "custom_gw", ("chip", "period"), "IT GW", "a custom chip that the plan has installed", "integration"
)

EMISSIONS = Variable[int]("emissions_mt", ("period",), "Mt", "CO2 equivalent of all energy used", "carbon")

DECLINED = Variable[str](
    "declined", ("programme",), meaning="whether the optional programme is declined", family="programme"
)
MISSING = Variable[tuple[str, str, int]](
    "missing_gw",
    ("programme", "measure", "period"),
    "IT GW or facility GW",
    "what is missing of an obligation of a priced programme",
    "programme",
)

BACKUP_SOLD = Variable[int](
    "backup_sold_gw", ("period",), "IT GW", "idle backup sold as interruptible compute", "backup_income"
)

BACKUP_SOLD_COMPUTE = Variable[int](
    "backup_sold_compute", ("period",), COMPUTE, "compute of idle backup sold as interruptible compute", "backup_income"
)

CASH_LEFT = Variable[int]("cash_left_busd", ("period",), MONEY, "money left, carried over", "budget")

DRAWN = Variable[tuple[str, int]](
    "drawn_busd", ("financing", "period"), MONEY, "money drawn from a source", "financing"
)
EARNED_LEFT = Variable[tuple[str, int]](
    "earned_left_busd",
    ("financing", "period"),
    MONEY,
    "money of a vendor that capacity in service has brought and the plan has not drawn",
    "financing",
)
RISEN = Variable[tuple[str, int]](
    "risen_gw",
    ("financing", "period"),
    "IT GW or facility GW",
    "by how much the highest level in service rises that the money of a vendor counts",
    "financing",
)
AT_HIGHEST = Variable[tuple[str, int]](
    "at_highest",
    ("financing", "period"),
    meaning="whether the level in service may be higher than ever before, where it may have fallen",
    family="financing",
)
BASE = Variable[str](
    "base_gw",
    ("financing",),
    "IT GW or facility GW",
    "highest level in service before the window of a vendor",
    "financing",
)
OWED = Variable[tuple[str, int]](
    "owed_busd", ("financing", "period"), MONEY, "what is owed to a source at the end of the period", "financing"
)
