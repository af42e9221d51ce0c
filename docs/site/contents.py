"""The contents of the site, at its left: the sections of docs/index.md and the pages that their tables link."""

import posixpath
import re
from pathlib import Path, PurePosixPath

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

HOME = "docs/index"
LISTS = {HOME, "docs/decisions/README"}
"""The pages that list others."""
_SECTION = re.compile(r"^##? (?P<title>.+)\n(?P<text>(?:(?!^##? ).*\n?)*)", re.MULTILINE)
_ROW = re.compile(r"^\| \[[^\]]+\]\((?P<target>[^)#]+)\)", re.MULTILINE)
_PLACE = re.compile(r'^<a id="(?P<name>[\w-]+)"></a>$', re.MULTILINE)
PAGES = {".md", ".ipynb"}


def sections(text: str, folder: PurePosixPath) -> dict[str, list[str]]:
    """Return, for each section of a page in a folder, the pages that the rows of its table begin with."""
    found = {}
    for section in _SECTION.finditer(text):
        targets = [row["target"] for row in _ROW.finditer(section["text"])]
        pages = [posixpath.normpath(folder / target) for target in targets]
        pages = [page.rsplit(".", 1)[0] for page in pages if PurePosixPath(page).suffix in PAGES]
        if pages:
            found[section["title"]] = pages
    return found


def name_targets(_app: Sphinx, _name: str, source: list[str]) -> None:
    """Let links lead to places that a page names in HTML, as they do on a code host."""
    source[0] = _PLACE.sub(r"[ ]{#\g<name>}", source[0])


def add_contents(_app: Sphinx, name: str, source: list[str]) -> None:
    """Append to a page that lists others the contents, which only the site shows."""
    if name in LISTS:
        folder = PurePosixPath(name).parent
        for title, pages in sections(source[0], folder).items():
            caption = [f":caption: {title}"] if name == HOME else []
            lines = ["```{toctree}", ":hidden:", *caption, "", *(f"/{page}" for page in pages), "```"]
            source[0] += "\n" + "\n".join(lines) + "\n"


def lead_home(app: Sphinx, failure: Exception | None) -> None:
    """Let the address of the site itself lead to its first page."""
    if failure is None and app.builder.format == "html":
        lead = f'<meta http-equiv="refresh" content="0; url={HOME}.html">'
        text = f'<!doctype html><meta charset="utf-8"><title>gigaplan</title>{lead}<a href="{HOME}.html">gigaplan</a>\n'
        (Path(app.outdir) / "index.html").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Say to Sphinx what is here."""
    app.connect("source-read", name_targets)
    app.connect("source-read", add_contents)
    app.connect("build-finished", lead_home)
    for language in ("output", "csv"):
        app.add_lexer(language, TextLexer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
