"""Text as it stands in Markdown: whatever a name holds, it stays text."""

import re

from planner.text import one_line

_SIGNS = re.compile(r"([\\`*_\[\]<>|~&#$:@])")
"""Signs that Markdown, its common extensions or their links of bare addresses read."""
_OURS = re.compile(r"(?<=[A-Za-z0-9”)])\\:(?= |$)")
"""A colon before a space begins no address."""
_BEGINS = re.compile(r"^(\s*)(\d+)([.)])|^(\s*)([-+=])")
"""What begins a list, a heading or a rule."""
_WWW = re.compile(r"\b(www)\.", re.IGNORECASE)


def escaped(text: str) -> str:
    r"""Return a text in which nothing is markup.

    Examples
    --------
    >>> print(escaped("[a](javascript:b) *c* <img>: d"))
    \[a\](javascript\:b) \*c\* \<img\>\: d
    """
    found = _OURS.sub(":", _SIGNS.sub(r"\\\1", one_line(text)))
    found = _WWW.sub(r"\1\\.", found)
    return _BEGINS.sub(lambda hit: f"{hit[1]}{hit[2]}\\{hit[3]}" if hit[2] else f"{hit[4]}\\{hit[5]}", found)


def code(text: str) -> str:
    """Return a command as code, whatever marks it holds; empty for none.

    Examples
    --------
    >>> code("planner show PLAN"), code("a `b`"), code("")
    ('`planner show PLAN`', '`` a `b` ``', '')
    """
    if not text:
        return ""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return f"{'`' * (longest + 1)} {text} {'`' * (longest + 1)}" if longest else f"`{text}`"
