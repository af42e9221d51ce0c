"""Plans of earlier versions: names, tables and columns that they have otherwise become those of today when read."""

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from planner.case.case import CaseData
from planner.case.model import RedundancyRule
from planner.case.rows import OfferRow
from planner.errors import DeprecatedNameWarning

RENAMED_TABLES = {"programmes": "developments"}
"""Earlier name of a table -> its name today."""
RENAMED_COLUMNS = {
    "power": {"own_load_mw": "own_load_facility_mw", "onsite_output_mw": "onsite_output_facility_mw"},
    "power_options": {"output_mw": "output_facility_mw"},
}
"""Table -> earlier name of a column -> its name today."""
RENAMED_ITEMS = {"programme": "development"}
"""Earlier name of an item of ``spend`` -> its name today."""


def _rules(case: CaseData) -> Sequence[RedundancyRule]:
    redundancy = case.model.families.redundancy
    return () if redundancy is None else redundancy.rules


def table_today(name: str) -> str:
    """Return today's name of a table of a plan folder."""
    return RENAMED_TABLES.get(name, name)


def earlier_table(name: str) -> str | None:
    """Return the earlier name of a table; None where it had none."""
    return next((earlier for earlier, today in RENAMED_TABLES.items() if today == name), None)


def asked_table(name: str) -> str:
    """Return today's name of a table that a user of Python asks for, with a warning where it is an earlier one."""
    if name in RENAMED_TABLES:
        message = (
            f"the plan table {name} is now called {RENAMED_TABLES[name]}; the earlier name is removed in version 0.3"
        )
        warnings.warn(message, DeprecatedNameWarning, stacklevel=3)
    return table_today(name)


def columns_today(table: str, header: Sequence[str]) -> list[str]:
    """Return the header of a table by today's names of its columns.

    Examples
    --------
    >>> columns_today("power_options", ["period", "output_mw"])
    ['period', 'output_facility_mw']
    """
    renamed = RENAMED_COLUMNS.get(table, {})
    return [renamed.get(column, column) for column in header]


def spend_today(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of ``spend`` with their items by today's names."""
    return [
        {**row, "item": RENAMED_ITEMS.get(row["item"], row["item"])} if isinstance(row.get("item"), str) else dict(row)
        for row in rows
    ]


MONEY_TABLES = ("financing", "cash", "envelopes")
"""Tables that folders up to format 4 do not have: their cases had no financing, the other two follow from the rest."""
LAST_FORMAT_WITHOUT_CASH = 4
NEW_TABLES = frozenset(
    {
        "calendar",
        "clusters",
        "critical_shares",
        "emissions",
        "obligations",
        "unit_costs",
        "programme_path",
        "realised",
        "refreshes",
    }
) | {*MONEY_TABLES}
"""Tables that plans of version 0.1 do not have: they follow from the others, or from a part of the case that it did not
have."""
ADDED_TABLES: Mapping[str, Callable[[CaseData], bool]] = {
    "clusters": lambda case: case.model.families.contiguity is not None,
    "critical_shares": lambda case: any(rule.outage_days is not None for rule in _rules(case)),
    "refreshes": lambda case: any(offer.refresh_after_years is not None for offer in case.rows(OfferRow)),
    "ranges": lambda _case: False,  # only of a plan of which it was asked
}
"""Tables of rules that came later, and whether a case has such rules: the plan of a case without them may be without
the table, as plans of earlier versions are."""
ASKED_TABLES = frozenset({"ranges"})
"""Tables that have rows only of plans of which it was asked: without rows they are no check of an audit."""
LATER_TABLES = frozenset({"shortfalls"})
"""Tables that folders of format 4 and before do not have: then all demand was critical, served or not."""
LAST_FORMAT_WITHOUT_SHORTFALLS = 4
"""The last format of a folder without them."""


def unserved_as_shortfalls(unserved: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the table of shortfalls of a plan that has none, from its unserved demand: nothing else could be short."""
    none = dict.fromkeys(("rule", "programme", "contract"), "")
    return [
        {
            "tier": "unserved", "period": row["period"], **none, "market": row["market"], "workload": row["workload"],
            "amount": float(row["unserved_compute"]), "unit": "compute",
        }
        for row in unserved
        if float(row["unserved_compute"]) > 0.0
    ]  # fmt: skip


EARLIER_COLUMNS = {"spend": ("period", "role", "item", "amount_busd", "present_value_busd")}
"""Columns of tables that have more today."""
LAST_FORMAT_WITHOUT_PAYEE = 3
"""The last format of a folder whose ``spend`` names no payee and has one row per period, however long."""
NEW_SPEND_COLUMNS = frozenset({"payee", "programme"})
"""Columns of ``spend`` that a folder of that format may be without."""
LAST_FORMAT_WITHOUT_CHIP = 4
"""The last format of a folder whose leases state no chip: it could be replaced within a contract."""
NEW_COLUMNS = {"contracts": ("chip",), "installs": ("contract",)}
"""Columns that a folder of that format may be without; they are empty then."""
LAST_EARLIER_FORMAT = 2
"""The last format of a folder (`folder_format` in its summary) with the tables of version 0.1."""


def is_earlier(folder_format: object, tables: Collection[str], spend_columns: Collection[str]) -> bool:
    """Whether a folder has the tables of version 0.1: by its format, by no new table and no new column.

    Examples
    --------
    >>> is_earlier(2, ["spend"], ["period", "item"]), is_earlier(3, ["spend"], ["period", "item"])
    (True, False)
    """
    said = folder_format if isinstance(folder_format, int) else 0
    return said <= LAST_EARLIER_FORMAT and not NEW_TABLES.intersection(tables) and "part" not in spend_columns


def lacks_payee(folder_format: object, spend_columns: Collection[str]) -> bool:
    """Whether the table ``spend`` of a folder is that of format 3: by its format, and by having no payee.

    Examples
    --------
    >>> lacks_payee(3, ["period", "part", "vendor"]), lacks_payee(4, ["period", "part", "vendor"])
    (True, False)
    """
    said = folder_format if isinstance(folder_format, int) else 0
    return said <= LAST_FORMAT_WITHOUT_PAYEE and "part" in spend_columns and "payee" not in spend_columns


def written_format(read: object, contracts: Sequence[Mapping[str, Any]], today: int) -> int:
    """The format in which a plan is written: that of today, unless it was read from a folder without chips of leases.

    Examples
    --------
    >>> lease = {"origin": "decided", "tenure": "cloud", "chip": ""}
    >>> written_format(None, [lease], 5), written_format(2, [lease], 5), written_format(2, [], 5)
    (5, 4, 5)
    """
    leases = [row for row in contracts if (row.get("origin"), row.get("tenure")) == ("decided", "cloud")]
    before = isinstance(read, int) and read <= LAST_FORMAT_WITHOUT_CHIP
    return LAST_FORMAT_WITHOUT_CHIP if before and leases and not any(row.get("chip") for row in leases) else today


def lacking_money(folder_format: object, tables: Collection[str]) -> frozenset[str]:
    """The tables of cash and financing that a folder is without and may be: up to format 4.

    Examples
    --------
    >>> sorted(lacking_money(4, ["spend", "cash"])), sorted(lacking_money(5, ["spend"]))
    (['envelopes', 'financing'], [])
    """
    said = folder_format if isinstance(folder_format, int) else 0
    return frozenset(MONEY_TABLES).difference(tables) if said <= LAST_FORMAT_WITHOUT_CASH else frozenset()


def lacks_shortfalls(folder_format: object) -> bool:
    """Whether a folder may be without the table of shortfalls: by its format.

    Examples
    --------
    >>> lacks_shortfalls(4), lacks_shortfalls(5)
    (True, False)
    """
    return (folder_format if isinstance(folder_format, int) else 0) <= LAST_FORMAT_WITHOUT_SHORTFALLS
