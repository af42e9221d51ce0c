"""What is taken away from the page: chosen variants as a what-if file, and their reports."""

import re
from collections.abc import Sequence

from planner.app.prepare import change_text
from planner.app.records import Run
from planner.changes.schema import BASE
from planner.explain.conflict_write import inline_toml
from planner.text import one_line

LONGEST_NAME, LONGEST_TITLE = 50, 200


def names_of(runs: Sequence[Run]) -> dict[int, str]:
    """Return a name for each variant that a what-if may have, none twice; upper and lower case count as the same."""
    found: dict[int, str] = {}
    taken = {BASE}
    for run in runs:
        words = re.sub(r"[^A-Za-z0-9]+", "-", run.name).strip("-")[:LONGEST_NAME].strip("-") or f"variant-{run.id}"
        number, name = 2, words
        while name.lower() in taken:
            name, number = f"{words}-{number}", number + 1
        taken.add(name.lower())
        found[run.id] = name
    return found


def whatif_file(case_name: str, runs: Sequence[Run]) -> str:
    """Return variants as a what-if file, as `planner sweep` and ``--whatifs`` read it; one without changes is the base.

    Parameters
    ----------
    case_name : str
    runs : sequence of Run
    """
    chosen = [run for run in runs if run.changes]
    lines = ["format = 1", f"case = {inline_toml(case_name)}", f"title = {inline_toml('Variants of the what-if page')}"]
    names = names_of(chosen)
    for run in chosen:
        title = one_line(run.name)[:LONGEST_TITLE].strip() or names[run.id]
        lines += ["", "[[whatif]]", f"name = {inline_toml(names[run.id])}", f"title = {inline_toml(title)}"]
        lines += ['source = "a variant of the what-if page"', 'grade = "D"', "changes = ["]
        lines += [
            f"  {inline_toml(change) if isinstance(change, str) else change_text(change)}," for change in run.changes
        ]
        lines.append("]")
    return "\n".join(lines) + "\n"
