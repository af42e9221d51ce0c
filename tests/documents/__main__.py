"""Run pages of the documentation from the command line, and bring what they state up to date.

``python -m tests.documents`` runs the pages without their slow blocks. ``--slow --write README.md`` runs all of a page
and puts what came out in the place of what is stated. ``--slow --programs VENV/bin README.md`` walks a page from top to
bottom in an empty folder as a reader with a shell does, with the ``planner`` that is installed there.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.documents.match import restated
from tests.documents.page import Page, read_page
from tests.documents.session import ROOT, UNSTATED, Finding, Session, ShellSession

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
"""Every page that promises something."""


def rewritten(text: str, page: Page, findings: list[Finding]) -> str:
    """Return a page with the outputs that came out in the place of the stated ones that no longer hold."""
    lines = text.splitlines()
    spans: list[tuple[int, int, list[str]]] = []
    faulty = [finding for finding in findings if finding.fault is not None]
    by_line = {found.line: found for found in faulty if found.stated or str(found.fault).startswith(UNSTATED)}
    for block in page.blocks:
        places = [(command.line, command.last, command.stated) for command in block.commands]
        if block.stated is not None:
            places = [(block.line, block.stated.line, block.stated.lines)]
        spans += [
            (begin, len(stated), restated(stated, by_line[line].output))
            for line, begin, stated in places
            if line in by_line
        ]
    for begin, length, new in sorted(spans, reverse=True):
        lines[begin : begin + length] = new
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the pages named (default: all) and return 1 if one of them promises what is not so."""
    parser = argparse.ArgumentParser(prog="python -m tests.documents", description="Run pages of the documentation.")
    parser.add_argument("pages", nargs="*", type=Path, default=PAGES)
    parser.add_argument("--slow", action="store_true", help="run the slow blocks too")
    parser.add_argument("--write", action="store_true", help="put what came out in the place of what is stated")
    parser.add_argument("--programs", type=Path, help="by a shell, with the programs of this folder")
    options = parser.parse_args()
    failed = False
    for file in options.pages:
        text = file.read_text(encoding="utf-8")
        page = read_page(text)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name).resolve()
            session = ShellSession(folder, options.programs.absolute()) if options.programs else Session(folder)
            findings = session.run_page(page, slow=options.slow)
        wrong = [f"line {finding.line}: {finding.text}\n{finding.fault}" for finding in findings if finding.fault]
        said = f"{file}: {len(findings)} commands and snippets, {len(wrong)} not as stated"
        sys.stdout.write("\n".join([said, *page.faults, *wrong]) + "\n")
        if options.write and wrong:
            file.write_text(rewritten(text, page, findings), encoding="utf-8")
        failed = failed or bool(page.faults or wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
