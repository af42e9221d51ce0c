"""Text is plain English: words to avoid in pages, docstrings, comments, messages, help and tables, and what to write.

The standard terms of operations research and of data-center planning are those of ``docs/glossary.md``.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache

import pytest

from tests.documents.session import ROOT

pytestmark = pytest.mark.prose

AVOID: dict[str, str] = {
    r"whole (variable|column|decision|program)s?": "integer variable, binary; full program",
    r"programs? with(out)? whole numbers": "mixed-integer program; LP relaxation",
    r"whole (numbers|blocks) (are |is )?held": "with integer variables fixed",
    r"(declared|implied) whole|and whole wherever": "declared integer; implied integer",
    r"yes-no": "binary",
    r"hears?": "receives; callback, called with each ...",
    r"tells?|told|telling": "states, reports, shows",
    r"nobody|somebody": "no one; no site, no plan",
    r"dear(er|est)?": "expensive",
    r"kinship": "most similar",
    r"is a hole": "every variant is reported",
    r"at nothing": "at zero",
    r"for nothing": "without any use; at no cost",
    r"nil": "zero",
    r"mend(s|ed|ing)?": "fix, correct",
    r"outlives?": "survives (a loss); extends beyond (a date)",
    r"greets?": "prints a banner",
    r"(drawn )?by lot": "at random",
    r"hopeless": "infeasible; a contradiction",
    r"one's own": "your own",
    r"ways? in": "entry point; interface",
    r"half as \w+ again": "50 % more",
    r"we do not believe": "known solver defects",
    r"chips?'? programmes?|programmes? of (a )?chips?": "development of a custom chip",
    r"programme costs?": "development cost",
    r"side by side": "in parallel; next to each other",
    r"news": "the changed data; progress",
    r"vintage": "version of the data",
    r"neighbouring case": "similar case",
    r"in a process of its own": "in a separate process",
    r"stands for nothing": "has no meaning",
    r"for people": "display; as text",
    r"price of stability": "cost of keeping commitments",
    r"within this share of the best": "relative gap at which to stop",
    r"plan to start from": "MIP start",
    r"goes with version": "is removed in version",
}
"""Regular expressions of words to avoid (whole words, in any letter case) and what to write instead."""
BARE_POWER = re.compile(r"(?P<kind>\b(?i:IT|facility)\s+)?\b(?:MW|GW)\b(?! of facility power)(?! as reported)")
"""Power, with or without saying whether it is IT load or facility power."""
ADDRESS = re.compile(r"https?://[^\s)|,;\"]+")
"""An address of the web: nobody here chose its words."""
NAMES = {"hear", "hears", "tell", "tells", "told", "nobody", "dear", "kin", "nil", "mend", "news"}
"""Such words in names of code."""
BREAK = r"(?:[ _]|\s*\n[ \t]*(?:[#>*|][ \t]*)*)"
"""What may stand between two words: a space, or a line break with what begins a line of a comment, list or table."""
PATTERN = re.compile(rf"\b(?:{'|'.join(AVOID)})\b".replace(" ", BREAK))
"""Of lower-case text: ten times as quick as a pattern that ignores the case."""
JOINT = re.compile(r"""(["'])\s*(?:#[^\n]*\n\s*)?[rfbRFB]{0,2}(?=["'])\1""")
"""Where a string literal ends and the next one of the same expression begins."""
PART_OF_NAME = re.compile(rf"(?<![a-z])(?:{'|'.join(sorted(NAMES))})(?![a-z])")
"""Such a word anywhere, alone or between underscores."""
EXEMPT = {
    "CHANGELOG.md": "a record of what was said at the time",
    "planner/case/renamed.py": "holds names that were replaced",
    "planner/plan/earlier.py": "holds names that were replaced",
    "planner/case/countries.py": "GW and MW are codes of countries",
}
"""Files that cannot avoid such words, and why. The texts of shipped cases are left out too: their hash covers them."""


def files(*patterns: str) -> list[str]:
    """The files of the repository by their paths in it, those that are exempt left out."""
    found = {path.relative_to(ROOT).as_posix() for pattern in patterns for path in ROOT.glob(pattern)}
    return sorted(found - set(EXEMPT))


PAGES = files("*.md", "docs/**/*.md", ".github/**/*.md", "tests/data/**/*.md", "sources/**/*.md")
CODE = files("planner/**/*.py", "sources/**/*.py", "bench/**/*.py", "examples/**/*.py", "docs/**/*.py")
DATA = files("models/whatifs/*.toml", "models/schema.json", "examples/**/*.toml", "Makefile", "pyproject.toml")


@cache
def text_of(name: str) -> list[tuple[int, str]]:
    """The text of a file that people read, with its line: all of a page; docstrings, comments and strings of code."""
    source = (ROOT / name).read_text(encoding="utf-8")
    if not name.endswith(".py"):
        return [(1, ADDRESS.sub(lambda found: " " * len(found[0]), source))]
    constants = (node for node in ast.walk(tree_of(name)) if isinstance(node, ast.Constant))
    texts = [(node.lineno, node.value) for node in constants if isinstance(node.value, str)]
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return texts + [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]


@cache
def tree_of(name: str) -> ast.Module:
    """The syntax tree of a file of code."""
    return ast.parse((ROOT / name).read_text(encoding="utf-8"))


@cache
def source_of(name: str) -> str:
    """A file as it is; of code, with string literals that stand one after another joined, and line breaks unescaped.

    Where a pattern finds nothing in it, it finds nothing in `text_of` either, which takes much longer to make.
    """
    source = (ROOT / name).read_text(encoding="utf-8")
    return JOINT.sub("", source).replace("\\n", "\n") if name.endswith(".py") else source


def names_of(name: str) -> Iterator[str]:
    """The names that a file of code defines: functions, classes, arguments, variables and attributes."""
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr


def words_in(name: str) -> list[str]:
    """Each word to avoid in a file, with its place and what to write instead."""
    found: list[str] = []
    if not PATTERN.search(source_of(name).lower()):
        return found
    for first, text in text_of(name):
        for match in PATTERN.finditer(text.lower()):
            word = " ".join(re.sub(r"[#>*|_]", " ", match[0]).split())
            instead = next(new for old, new in AVOID.items() if re.fullmatch(old, word, re.IGNORECASE))
            found.append(f"{name}:{first + text.count(chr(10), 0, match.start())}: {word!r}; write: {instead}")
    return found


def bare_power_in(name: str) -> list[str]:
    """Each MW or GW in a file that does not say whether IT load or facility power is meant."""
    if all(match["kind"] for match in BARE_POWER.finditer(source_of(name))):
        return []
    return [
        f"{name}:{first + text.count(chr(10), 0, match.start())}: {text[max(0, match.start() - 20) : match.end()]!r}"
        for first, text in text_of(name)
        for match in BARE_POWER.finditer(re.sub(r"(?m)^  source: .*$", lambda line: " " * len(line[0]), text))
        if not match["kind"]
    ]


def test_text_is_in_plain_english():
    """Law: no page, docstring, comment, message, help text or table has a word to avoid."""
    assert [line for name in (*PAGES, *CODE, *DATA) for line in words_in(name)] == []


def test_names_in_code_are_plain_english():
    """Law: no function, class, argument or variable has such a word in its name."""
    suspect = [name for name in CODE if PART_OF_NAME.search(source_of(name).lower())]
    found = [(name, word) for name in suspect for word in names_of(name) if NAMES & set(word.lower().split("_"))]
    assert found == []


def test_power_says_whether_it_is_it_load_or_facility_power():
    """Law: neither pages nor code speak of MW or GW alone (``sources`` holds texts of a case, covered by its hash)."""
    names = [*PAGES, *(name for name in CODE if not name.startswith("sources/"))]
    assert [line for name in names for line in bare_power_in(name)] == []


@pytest.mark.parametrize(
    "text",
    ["a neighbouring\n        case", "# a neighbouring\n# case", "neighbouring_case", "> a neighbouring\n> case"],
)
def test_a_line_break_hides_no_word(text):
    """Law: words to avoid are found across line breaks, also in comments and quotations, and across underscores."""
    assert PATTERN.search(text)
