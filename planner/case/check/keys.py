"""Keys: every row has its own, and every reference names a row."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterator

from planner.case.case import CaseData, key_text, simple_key
from planner.case.check.place import at_model, at_row, at_table
from planner.case.messages import unknown
from planner.case.rows import TABLES
from planner.errors import Problem

REFERENCES = (
    ("sites", "power_region", "power_regions"),
    ("energisation", "site", "sites"),
    ("power_options", "site", "sites"),
    ("chip_supply", "chip", "chips"),
    ("offers", "site", "sites"),
    ("offers", "provider", "providers"),
    ("offers", "chips", "chips"),
    ("contracts", "offer", "offers"),
    ("contracts", "chip", "chips"),
    ("demand", "market", "markets"),
    ("latency", "site", "sites"),
    ("latency", "market", "markets"),
    ("serving", "site", "sites"),
    ("serving", "market", "markets"),
    ("financing", "provider", "providers"),
    ("programmes", "sites", "sites"),
    ("programme_steps", "programme", "programmes"),
    ("risks", "sites", "sites"),
    ("risks", "providers", "providers"),
    ("risks", "power_regions", "power_regions"),
    ("risks", "chips", "chips"),
    ("risks", "financing", "financing"),
)
"""Table and column that hold the keys of another table."""

MOST_NEAREST = 100
"""Unknown keys of a column for which the nearest known one is sought."""


def dangling(
    case: CaseData, table: str, column: str, target: str, keys: Collection[Hashable] | None = None
) -> Iterator[Problem]:
    """Yield the references of a column that name no row of the target table; ``keys``: also those of its bad rows."""
    known = {str(key) for key in (case.index(target) if keys is None else keys)}
    names = sorted(known)
    messages: dict[str, str] = {}
    for row in case.tables[table]:
        value = getattr(row, column)
        named = value if isinstance(value, tuple) else () if value is None else (value,)
        for key in named:
            if key not in known:
                if key not in messages and len(messages) < MOST_NEAREST:
                    messages[key] = unknown(f"row of table {target}", key, names)
                message = messages.get(key) or f"no row of table {target} is called {key!r}"
                yield at_row(case, table, row, column, message, f"no row of table {target}")


def repeated_keys(case: CaseData) -> Iterator[Problem]:
    """Yield the keys that stand twice (a file with such keys is refused earlier; cases made in code come here)."""
    for table, rows in case.tables.items():
        counts = Counter(simple_key(row) for row in rows)
        for key, count in counts.items():
            if count > 1:
                yield at_table(
                    case, table, f"the key {key_text(key)!r} appears {count} times", ", ".join(TABLES[table].KEY)
                )


def empty_tables(case: CaseData, table: str) -> Iterator[Problem]:
    """Yield a fault for a required table that is absent or has no row."""
    if table not in case.present:
        yield at_table(case, table, "every case needs this table")
    elif not case.tables[table]:
        yield at_table(case, table, "the table has no row")


def redundancy_references(case: CaseData) -> Iterator[Problem]:
    """Yield the sites and markets of redundancy rules that do not exist."""
    family = case.model.families.redundancy
    sites, markets = sorted(map(str, case.index("sites"))), sorted(map(str, case.index("markets")))
    for number, rule in enumerate(family.rules if family else ()):
        path = f"families.redundancy.rules[{number}]"
        for site in rule.sites or ():
            if site not in sites:
                yield at_model(case, f"{path}.sites", unknown("row of table sites", site, sites), site)
        for index, override in enumerate(rule.overrides):
            if override.market not in markets:
                message = unknown("row of table markets", override.market, markets)
                yield at_model(case, f"{path}.overrides[{index}].market", message, override.market)
