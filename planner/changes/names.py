"""Which what-ifs a sweep runs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from planner.case.case import CaseData
from planner.case.messages import unknown as not_known
from planner.changes.apply import make_whatif
from planner.changes.expand import expand
from planner.changes.read import read_whatifs
from planner.changes.schema import BASE, WhatIf
from planner.errors import CaseError, Problem

WhatIfs = str | Path | Mapping[str, Any] | Sequence[WhatIf]
"""A shipped what-if file, the path of one, ``{name: changes}``, or what-ifs."""


def what_ifs(given: WhatIfs, case: CaseData, only: Sequence[str] = ()) -> list[WhatIf]:
    """Return the what-ifs to run: those of a file (shipped name, path, or its content), or as given in Python.

    Raises
    ------
    CaseError
        With every fault of the file, or of the what-ifs against the case.
    """
    if isinstance(given, (str, Path)):
        read = read_whatifs(given)
        found = expand(read.file, case, read.label, read.lines)
    elif isinstance(given, Mapping):
        found = [make_whatif(changes, name) for name, changes in given.items()]
    else:
        found = list(given)
    names = [whatif.name for whatif in found]
    repeated = [name for name, times in Counter(names).items() if times > 1 or name == BASE]
    unknown = [name for name in only if name not in names and name != BASE]
    if repeated or unknown:
        message = "the name appears more than once, or is that of the case itself"
        problems = [Problem("what-ifs", message, value=name) for name in repeated]
        problems += [Problem("what-ifs", not_known("what-if", name, [*names, BASE]), value=name) for name in unknown]
        raise CaseError("what-ifs", problems)
    return [whatif for whatif in found if not only or whatif.name in only]
