"""The documentation as a site: ``make docs`` builds it into build/docs, from the pages as they stand in the repository.

The root of the sources is the root of the repository, so that a link that works on a code host works on the site.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "docs" / "site")]

from planner import __version__  # noqa: E402 - found by the line above

project = "gigaplan"
author = "The gigaplan developers"
project_copyright = "The gigaplan developers, Apache-2.0"
version = release = __version__

PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *ROOT.glob("docs/**/*.md"),
    *ROOT.glob("sources/**/*.md"),
]
LINKED = re.compile(r"\]\((?:\.\./)*((?:planner|docs|bench|sources)/[\w/]+\.py)\)|\]\((\w+\.py)\)")

extensions = ["myst_nb", "access", "contents", "kept_figures", "source_files"]
root_doc = "docs/index"
include_patterns = [
    *(page.relative_to(ROOT).as_posix() for page in PAGES),
    "examples/*.ipynb",
    *sorted({found[1] or f"docs/{found[2]}" for page in PAGES for found in LINKED.finditer(page.read_text("utf-8"))}),
]
exclude_patterns = [".git", ".venv", "build", "dist", "plans", "tests", "**/__pycache__", "**.egg-info"]
nitpicky = True

myst_enable_extensions = ["attrs_inline", "linkify"]
myst_heading_anchors = 4
myst_linkify_fuzzy_links = False
nb_execution_mode = "off"  # notebooks are kept with their outputs; `make notebooks` executes them
nb_merge_streams = True

html_theme = "furo"
html_title = f"gigaplan {release}"
html_static_path = ["site/static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = False  # a browser may not fetch pages from files, as a reader without a server has them
pygments_style = "default"
pygments_dark_style = "monokai"
