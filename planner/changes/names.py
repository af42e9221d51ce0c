"""Which what-ifs a sweep runs, and what they may be called: their names are names of folders."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from planner.case.case import CaseData
from planner.case.messages import KEY_RULE, listed, shorten
from planner.case.messages import unknown as not_known
from planner.changes.apply import make_whatif
from planner.changes.expand import expand
from planner.changes.read import read_whatifs
from planner.changes.schema import BASE, WhatIf
from planner.errors import CaseError, OptionError, Problem

WhatIfs = str | Path | Mapping[str, Any] | Sequence[WhatIf]
"""A shipped what-if file, the path of one, ``{name: changes}``, or what-ifs."""

_KEY = r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}"
_VALUE = r"(\.[A-Za-z0-9_.\-]{1,40})?"
_FIRST = re.compile(rf"{_KEY}(\.{_KEY})?{_VALUE}")
_NEXT = re.compile(rf"{_KEY}{_VALUE}")


def is_run_name(name: object) -> bool:
    """Say whether a run may be called so: a key, or what a file makes of keys (``LIST.VALUE``, ``GRID.KEY+KEY``).

    Such a name is one folder, nothing above or below it, and no formula of a spreadsheet.

    Examples
    --------
    >>> [is_run_name(name) for name in ("late", "rent.0.9", "all.late+rent.0.9", "../late", "a/b", "", 5)]
    [True, True, True, False, False, False, False]
    """
    if not isinstance(name, str):
        return False
    first, *others = name.split("+")
    return _FIRST.fullmatch(first) is not None and all(_NEXT.fullmatch(other) for other in others)


def refuse_names(names: Iterable[object]) -> None:
    """Refuse names that no run may have.

    Raises
    ------
    OptionError
        With all of them.
    """
    wrong = [shorten(repr(name)) for name in names if not is_run_name(name)]
    if wrong:
        raise OptionError(f"what-if {listed(wrong)}: the name {KEY_RULE}")


def what_ifs(given: WhatIfs, case: CaseData, only: Sequence[str] = ()) -> list[WhatIf]:
    """Return the what-ifs to run: those of a file (shipped name, path, or its content), or as given in Python.

    Raises
    ------
    CaseError
        With every fault of the file, or of the what-ifs against the case.
    OptionError
        If what is given are no what-ifs, or a name is no key.
    """
    found = _given(given, case)
    names = [whatif.name for whatif in found]
    times = Counter(name.lower() for name in names)  # folders: upper and lower case may be the same
    repeated = [name for name in dict.fromkeys(names) if times[name.lower()] > 1 or name.lower() == BASE]
    unknown = [name for name in only if name not in names and name != BASE]
    if repeated or unknown:
        message = "the name appears more than once (whatever its case), or is that of the case itself"
        problems = [Problem("what-ifs", message, value=name) for name in repeated]
        problems += [Problem("what-ifs", not_known("what-if", name, [*names, BASE]), value=name) for name in unknown]
        raise CaseError("what-ifs", problems)
    return [whatif for whatif in found if not only or whatif.name in only]


def _given(given: WhatIfs, case: CaseData) -> list[WhatIf]:
    """Return what-ifs, in whatever form they are given, each with a name that a folder may have."""
    if isinstance(given, (str, Path)):
        read = read_whatifs(given)
        found = expand(read.file, case, read.label, read.lines)
    elif isinstance(given, Mapping):
        refuse_names(given)
        made = [(name, make_whatif(changes, name)) for name, changes in given.items()]
        found = [whatif if whatif.name == name else whatif.model_copy(update={"name": name}) for name, whatif in made]
    else:
        found = list(given) if isinstance(given, Iterable) else [given]
        wrong = [shorten(repr(one)) for one in found if not isinstance(one, WhatIf)]
        if wrong:
            raise OptionError(f"what-ifs are a file, {{name: changes}}, or a sequence of WhatIf, not {listed(wrong)}")
    refuse_names(whatif.name for whatif in found)
    return found
