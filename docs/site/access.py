"""Pages that everybody can read: what a keyboard reaches and a screen reader says of the tables."""

import re
from typing import Any

from sphinx.application import Sphinx

_EMPTY_HEAD = re.compile(r"<th(?P<more>[^>]*)>(?:\s|<p>\s*</p>)*</th>")


def without_empty_heads(body: str) -> str:
    """Return the text of a page in which a heading of a table that says nothing is a cell like others.

    Examples
    --------
    >>> without_empty_heads('<th class="head"><p></p></th><th>2026</th>')
    '<td class="head"></td><th>2026</th>'
    """
    return _EMPTY_HEAD.sub(r"<td\g<more>></td>", body)


def amend(_app: Sphinx, _name: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """Amend a page before it is written."""
    if "body" in context:
        context["body"] = without_empty_heads(context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Say to Sphinx what is here."""
    app.connect("html-page-context", amend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
