"""The page of the model file, docs/model-file.md, from its JSON Schema: every section and key, with its limits.

``python -m tests.documents.python_page`` writes the page; `make tables` does so too.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from planner.case.percent import is_share, unit_of
from planner.case.schema import LARGEST, model_json_schema

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "model-file.md"
HEAD = (ROOT / "tests" / "documents" / "model_head.md").read_text(encoding="utf-8")
"""The part that is written by hand."""

UNBOUNDED = 1e20
"""From here on a limit only guards against slips: it is none of the matter, and is not stated."""
TABLE_HEAD = ["| key | holds | meaning |", "|---|---|---|"]
KINDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}

Schema = dict[str, Any]


def page() -> str:
    """The page as it follows from the schema."""
    schema = model_json_schema()
    parts = [HEAD, *_section("", schema, schema["$defs"], in_list=False)]
    return "\n".join(parts).rstrip("\n") + "\n"


def _section(path: str, section: Schema, records: Schema, *, in_list: bool) -> Iterator[str]:
    """A section of the file with its keys, and then the sections within it."""
    title = f"[[{path}]]" if in_list else f"[{path}]"
    yield f"## `{title}`\n" if path else "## At the head of the file\n"
    text = " ".join(section.get("description", "").replace("``", "`").split())
    if text and path:
        yield f"{text}\n"
    below, rows = [], []
    for key, found in section.get("properties", {}).items():
        record, listed = _record_of(found)
        if record is None:
            if path == "tables":
                found = {**found, "description": f"File of the table [`{key}`](tables.md#{key})."}
            rows.append(_row(key, found, key in section.get("required", ())))
        else:
            below.append((f"{path}.{key}".lstrip("."), records[record], listed))
            rows.append(_row_of_a_section(key, found, below[-1], key in section.get("required", ())))
    yield "\n".join([*TABLE_HEAD, *rows, ""])
    for inner, kind, listed in below:
        yield from _section(inner, kind, records, in_list=listed)


def _record_of(found: Schema) -> tuple[str | None, bool]:
    """The record that a key holds, if it is a section, and whether it is a list of them."""
    for one in _choices(found):
        if "$ref" in one:
            return one["$ref"].rsplit("/", 1)[1], False
        if "$ref" in one.get("items", {}):
            return one["items"]["$ref"].rsplit("/", 1)[1], True
    return None, False


def _choices(found: Schema) -> list[Schema]:
    """What a key may hold, without null: that is a key that is absent."""
    return [one for one in found.get("anyOf", [found]) if one.get("type") != "null"]


def _row_of_a_section(key: str, found: Schema, below: tuple[str, Schema, bool], required: bool) -> str:
    """The row of a key that is a section of its own."""
    path, record, listed = below
    title = f"[[{path}]]" if listed else f"[{path}]"
    anchor = "".join(letter for letter in title if letter not in "[].").lower()
    text = found.get("description") or record.get("description", "")
    return _line(key, f"section [`{title}`](#{anchor})", required, text)


def _row(key: str, found: Schema, required: bool) -> str:
    """The row of a key that holds a value or a list of them."""
    holds = " or ".join(dict.fromkeys(_holds(one) for one in _choices(found)))
    unit = None if is_share(key) or key in ("first_year", "last_year") else unit_of(key)
    if unit and "number" in holds:
        holds = f"{holds}, {unit}"
    if found.get("default") not in (None, [], {}):
        holds += f"; if absent `{found['default']}`".replace("True", "true").replace("False", "false")
    return _line(key, holds, required, found.get("description", ""))


def _line(key: str, holds: str, required: bool, text: str) -> str:
    optional = "" if required else ", *optional*"
    meaning = " ".join(text.replace("``", "`").split())
    return f"| `{key}` | {holds}{optional} | {meaning} |"


def _holds(one: Schema) -> str:
    """What a key holds, with its limits."""
    if "enum" in one:
        *most, last = [f"`{value}`" for value in one["enum"]]
        return f"{', '.join(most)} or {last}" if most else last
    if "const" in one:
        return f"`{one['const']}`"
    kind = one.get("type", "")
    if kind == "array":
        return f"list: {_holds(one['items'])}" if "anyOf" not in one["items"] else "list"
    if kind == "object":
        return _of_each(one)
    if one.get("format") == "date":
        return "date"
    if "pattern" in one:
        return "key"
    return KINDS[kind] + _limits(one)


def _of_each(one: Schema) -> str:
    """What a key holds that has one value for each of some names."""
    names = one.get("propertyNames", {}).get("enum")
    inner = one.get("additionalProperties") or next(iter(one.get("patternProperties", {}).values()), {})
    what = _holds(inner) if isinstance(inner, dict) and "type" in inner and inner["type"] in KINDS else "values"
    return f"for each of {', '.join(f'`{name}`' for name in names)}: {what}" if names else f"{what} by key"


def _limits(one: Schema) -> str:
    """The limits of a number as text."""
    low = f"at least {one['minimum']:g}" if "minimum" in one else ""
    low = f"above {one['exclusiveMinimum']:g}" if "exclusiveMinimum" in one else low
    high = one.get("maximum", one.get("exclusiveMaximum", UNBOUNDED))
    if high >= min(UNBOUNDED, LARGEST):
        return f", {low}" if low and one.get("minimum", 0.0) > -UNBOUNDED else ""
    last = f"below {high:g}" if "exclusiveMaximum" in one else f"{high:g}"
    return f", {low.removeprefix('at least ')} to {last}" if low else f", at most {last}"
