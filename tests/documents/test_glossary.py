"""The glossary has every term and symbol of the formulation, once, with a meaning and links that resolve."""

import re

from planner.case.model import Model
from planner.case.parse import columns_of
from planner.case.rows import TABLES
from tests.documents.session import ROOT

DOCS = ROOT / "docs"
GLOSSARY = (DOCS / "glossary.md").read_text(encoding="utf-8")
FORMULATION = (DOCS / "formulation.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?P<term>.+?) \| (?P<meaning>.*?) \|(?P<rest>.*)\|$", re.MULTILINE)
INDICES = {"t", "u", "T", "t0", "q", "e", "p"}
FORMULA_WORDS = {"price", "x"}
"""Words of formulas that are no terms: any growing price, and the sign of multiplication."""

SUMMARY_WORDS = {
    "backup_income_busd", "capacity_by_provider", "families_added", "reported_cost_busd", "spend_backup_busd",
    "spend_primary_busd", "time_limit", "unserved_share_bound",
}  # fmt: skip
"""Keys of a plan's summary and their values, on the page by their names."""


def rows():
    """The rows of the tables of the glossary: term and meaning."""
    found = [(row["term"], row["meaning"]) for row in ROW.finditer(GLOSSARY) if not row["term"].startswith("-")]
    return [(term, meaning) for term, meaning in found if meaning != "meaning"]


def terms():
    """Every term by itself, in lower case; a row may define several."""
    return [part.strip("` ") for term, _ in rows() for part in term.split(",")]


def model_names():
    """Every key of the model file, at any depth, and every value that is a word."""
    schema = Model.model_json_schema()
    sections = (schema, *schema["$defs"].values())
    properties = {key: value for section in sections for key, value in section.get("properties", {}).items()}
    return set(properties) | {word for value in properties.values() for word in value.get("enum", ())}


def names_in_code(text):
    """The names within backticks that have an underscore, or a single letter: columns, keys and symbols."""
    for code in re.findall(r"`([^`]+)`", text.replace("\n", " ")):
        if "/" not in code:  # the path of a file
            yield from (name for name in re.findall(r"[A-Za-z_][A-Za-z0-9_]*", code) if "_" in name or len(name) == 1)


def test_each_term_is_defined_once_with_a_meaning():
    """Law: one term, one row; none without a meaning."""
    assert len(terms()) == len(set(terms()))
    assert all(meaning.strip() for _, meaning in rows())


def test_every_term_of_the_formulation_is_in_the_glossary():
    """Law: a term that the formulation introduces (in italics) is defined in the glossary."""
    introduced = re.findall(r"(?<![*\w])\*([^*`]+)\*(?!\*)", FORMULATION.replace("\n", " "))
    assert len(introduced) > 40
    known = set(terms())
    missing = [term for term in introduced if not {term.lower(), term.lower().removesuffix("s")} & known]
    assert missing == []


def test_every_name_in_a_formula_is_a_column_a_key_or_a_symbol():
    """Law: a name in backticks is a column, a key or word of the model file, a figure of a summary, or a symbol."""
    known = {column for table in TABLES for column in columns_of(table)} | model_names() | set(terms()) | FORMULA_WORDS
    known |= {"time_average"}  # a value of a key, also of one that is absent
    known |= {symbol.partition("_")[0] for symbol in terms()} | SUMMARY_WORDS
    unknown = []
    for name in names_in_code(FORMULATION):
        base, _, index = name.partition("_")
        if name not in known and not (base in known and (index in INDICES or not index)):
            unknown.append(name)
    assert sorted(set(unknown)) == []


def test_links_of_the_glossary_resolve():
    """Law: each link is a page of the documentation, and its anchor a heading there."""
    targets = re.findall(r"\]\(([^)]+)\)", GLOSSARY)
    assert len(targets) > 20
    for target in targets:
        name, _, anchor = target.partition("#")
        page = (DOCS / name).resolve()
        assert page.is_file(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in anchors, target
