"""One thing, one spelling: names that differ by case alone would count as two, and a failure domain be two halves."""

from collections import defaultdict
from collections.abc import Hashable, Iterator

from planner.case.case import CaseData, key_text, simple_key
from planner.case.check.place import at_row
from planner.case.messages import folded
from planner.case.rows import TABLES, ChipRow
from planner.errors import Problem


def keys_by_case(case: CaseData) -> Iterator[Problem]:
    """Yield the keys of a table that differ only by upper and lower case (a file with such keys is refused earlier)."""
    for table, rows in case.tables.items():
        seen: dict[str, Hashable] = {}
        read = case.lines.get(table, {})
        for row in rows:
            key = simple_key(row)
            first = seen.setdefault(folded(key_text(key)), key)
            if first != key and not (first in read and key in read):
                message = f"the key differs from {key_text(first)!r} only by upper and lower case"
                yield at_row(case, table, row, TABLES[table].KEY[0], message)


def vendors_by_case(case: CaseData) -> Iterator[Problem]:
    """Yield the chips whose vendor is spelled in another case elsewhere: losing one would leave the other."""
    for spellings in _spellings(case, keep_signs=True):
        common = max(spellings, key=lambda spelling: len(spellings[spelling]))
        first = spellings[common][0]
        line = case.lines.get("chips", {}).get(first.chip)
        where = f"row {line}, chip {first.chip}" if line is not None else f"chip {first.chip}"
        for spelling, rows in spellings.items():
            for row in rows if spelling != common else ():
                message = (
                    f"differs from {common!r} ({where}) only by upper and lower case: two spellings are two vendors, "
                    f"each lost alone; did you mean {common!r}?"
                )
                yield at_row(case, "chips", row, "vendor", message)


def vendors_alike(case: CaseData) -> Iterator[Problem]:
    """Warn of vendors that differ only by ``_``, ``-`` and ``.``: they may be one."""
    for spellings in _spellings(case, keep_signs=False):
        common, *others = sorted(spellings, key=lambda spelling: -len(spellings[spelling]))
        for spelling in others:
            message = (
                f"differs from {common!r} only by punctuation or spaces: two spellings are two vendors, each lost alone"
            )
            yield at_row(case, "chips", spellings[spelling][0], "vendor", message)


def _spellings(case: CaseData, *, keep_signs: bool) -> Iterator[dict[str, list[ChipRow]]]:
    """Yield the vendors that are alike, the chips of each spelling together."""
    alike: dict[str, dict[str, list[ChipRow]]] = defaultdict(lambda: defaultdict(list))
    for row in case.rows(ChipRow):
        plain = folded(row.vendor)
        if not keep_signs:
            plain = plain.replace("-", "_").replace(".", "_")
        alike[plain][row.vendor].append(row)
    return (spellings for spellings in alike.values() if len(spellings) > 1)
