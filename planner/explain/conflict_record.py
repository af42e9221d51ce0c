"""Limits in conflict and ways out as JSON has them."""

from dataclasses import asdict
from typing import Any

from planner.explain.conflict_named import NamedLimit
from planner.explain.conflict_way import WayOut


def limit_record(one: NamedLimit) -> dict[str, Any]:
    """Return a limit in conflict with its places."""
    places = [
        {name: getattr(place, name) for name in ("file", "row", "column", "value", "cell")}
        | {"changed": place in one.changed}
        for place in one.places
    ]
    return {"kind": one.kind, "name": one.name, "states": one.states, "period": one.period or None, "places": places}


def way_record(one: WayOut) -> dict[str, Any]:
    """Return a way out with its moves, changes and figures."""
    return {
        "title": one.title,
        "proven": one.proven,
        "meets_everything": one.meets_everything,
        "gives_up": one.gives_up,
        "moves": [
            {
                "what": move.what,
                "amount": move.amount,
                "unit": move.unit or None,
                "not_enough": move.not_enough,
                "least": move.least,
            }
            for move in one.moves
        ],
        "changes": [{name: _plain(value) for name, value in change.items()} for change in one.changes],
        "figures": [asdict(edit) for edit in one.edits],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    return value if isinstance(value, (str, int, float, list, bool)) or value is None else str(value)
