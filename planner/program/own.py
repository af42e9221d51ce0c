"""Families of the user's own: what is refused before and after they are built."""

from collections.abc import Collection, Sequence

from planner.case.case import CaseData
from planner.case.fields import OWN
from planner.errors import CaseError, OptionError, Problem
from planner.program.family import Family
from planner.program.ledger import Ledger


def refuse_unfit(case: CaseData, families: Sequence[Family], shipped: Collection[str]) -> None:
    """Reject families of the same name, and cases that do not fit them.

    Parameters
    ----------
    case : CaseData
    families : sequence of Family
        Those of the user's own.
    shipped : collection of str
        Names of the others.

    Raises
    ------
    OptionError
        If a name is used twice, or the case has a section ``families.own.NAME`` and no family of that name is given.
    CaseError
        With all that the families find wrong with the case.
    """
    names = [family.name for family in families]
    for name in names:
        if name in shipped:
            raise OptionError(
                f"constraint family {name!r}: there is another of that name in this version of the planner; give yours "
                f"another name, and rename the section families.own.{name} of a case that has it"
            )
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
