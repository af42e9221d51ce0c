"""Families of the user's own: what is refused before and after they are built."""

from collections.abc import Iterable, Sequence

from planner.case.case import CaseData
from planner.case.fields import OWN
from planner.errors import CaseError, OptionError, Problem
from planner.program.families import FAMILIES
from planner.program.family import Family
from planner.program.ledger import Ledger

RESERVED = frozenset(
    {
        "case",
        "chips",
        "contingencies",
        "files",
        "force",
        "forced",
        "ledger",
        "money",
        "pauses",
        "ranges",
        "shortfalls",
        "site",
        "summary",
        "tables",
    }
)
"""Names under which the planner and its audit report something else, beside those of the shipped families."""


def refuse_names(families: Iterable[Family]) -> None:
    """Reject families of the user's own that are called as one of the planner.

    Raises
    ------
    OptionError
        With the name.
    """
    taken = RESERVED.union(family.name for family in FAMILIES)
    for family in families:
        if family.name in taken:
            raise OptionError(
                f"constraint family {family.name!r}: there is another of that name in this version of the planner; "
                f"give yours another name, and rename the section families.own.{family.name} of a case that has it"
            )


def refuse_unfit(case: CaseData, families: Sequence[Family]) -> None:
    """Reject families of the same name, and cases that do not fit them.

    Parameters
    ----------
    case : CaseData
    families : sequence of Family
        Those of the user's own.

    Raises
    ------
    OptionError
        If a name is used twice or is one of the planner, or the case has a section ``families.own.NAME`` and no family
        of that name is given.
    CaseError
        With all that the families find wrong with the case.
    """
    refuse_names(families)
    names = [family.name for family in families]
    for name in names:
        if names.count(name) > 1:
            raise OptionError(f"constraint family {name!r}: there is another of that name")
    for name in case.model.families.own or ():
        if name not in names:
            raise OptionError(
                f"{case.model.name} has a section families.own.{name}, and no constraint family of that name is given: "
                "give it with Case.with_families(...); no command can, for a case runs no code"
            )
    file = case.files.get("model", "model")
    faults = [
        Problem(file, message, column=f"families.own.{family.name}")
        for family in families
        if family.check is not None
        for message in family.check(case)
    ]
    if faults:
        raise CaseError(case.origin, faults)


Marks = dict[str, tuple[int, float]]
"""How many terms, and what constant, every item of money has."""


def marks_of(ledger: Ledger) -> Marks:
    """Return what the ledger holds, so that it shows afterwards who wrote into it."""
    items = [(item, total) for (item, _, _), total in ledger.spend.items()]
    items += [("backup income", total) for total in ledger.income.values()]
    items += [("unserved demand", total) for total in ledger.unserved.values()]
    items += [("what is not protected", total) for total in ledger.unprotected.values()]
    items += [("financing", total) for total in (*ledger.financing.values(), *ledger.cash.values())]
    found: Marks = {}
    for item, total in [*items, ("salvage", ledger.salvage)]:
        terms, constant = found.get(item, (0, 0.0))
        found[item] = terms + len(total.coefficients), constant + total.constant
    return found


def refuse_money(family: Family, before: Marks, after: Marks) -> None:
    """Refuse money of a family of the user's own under the name of an item that the audit recomputes.

    Raises
    ------
    OptionError
        With the items.
    """
    wrong = sorted(
        item for item, mark in after.items() if not item.startswith(OWN) and mark != before.get(item, (0, 0.0))
    )
    if wrong:
        raise OptionError(
            f"constraint family {family.name!r} writes money down as {', '.join(wrong)}: the items of a family of your "
            f"own must be called {OWN}..."
        )
