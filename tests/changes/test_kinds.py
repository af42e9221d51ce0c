"""Values in a what-if file: what no case can hold is refused while the file is read."""

from datetime import date, datetime, time

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from planner.changes.apply import make_whatif
from planner.changes.kinds import DEEPEST, MOST_BITS, MOST_VALUES, Number, Tree, Value


def nested(levels):
    """Return a list in a list, so many levels deep."""
    value = 1
    for _ in range(levels):
        value = [value]
    return value


GOOD = ["a", "", 1, -1, 0.5, True, date(2028, 7, 1), [1, "a"], 2**MOST_BITS - 1]


@pytest.mark.parametrize("value", GOOD, ids=lambda one: str(one)[:20])
def test_what_toml_has_for_a_cell_is_admitted(value):
    """Law: texts, numbers, truth values, dates and lists of them are values, and stay as they are."""
    expected = tuple(value) if isinstance(value, list) else value
    assert TypeAdapter(Value).validate_python(value) == expected
    assert TypeAdapter(Tree).validate_python(value) == expected


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Value, datetime(2028, 7, 1), "must be a text, a number"),
        (Value, time(12), "must be a text, a number"),
        (Value, {"a": 1}, "must be a text, a number"),
        (Value, [[1]], "must be a text, a number"),
        (Value, None, "must be a text, a number"),
        (Value, float("-inf"), "finite"),
        (Value, 2**MOST_BITS, "too large"),
        (Value, "a\x00", "control character"),
        (Value, [0] * (MOST_VALUES + 1), "at most 10,000"),
        (Tree, {"a": {"b": time(12)}}, "must be a text, a number"),
        (Tree, {"a": ["\x07"]}, "control character"),
        (Tree, nested(DEEPEST + 1), "nested too deeply"),
        (Tree, {str(n): 0 for n in range(MOST_VALUES + 1)}, "at most 10,000"),
        (Number, True, "must be a number"),
        (Number, "1", "must be a number"),
        (Number, 1e25, "less than or equal"),
    ],
    ids=lambda one: str(one)[:20],
)
def test_what_is_no_value_is_refused(kind, value, words):
    """Law: whatever TOML or Python can hold besides is refused, at any depth."""
    with pytest.raises(ValidationError, match=words):
        TypeAdapter(kind).validate_python(value)


def test_sections_and_lists_are_admitted_to_their_depth():
    """Law: a section of the model is a value with all that stands in it, as deep as a model may be."""
    assert TypeAdapter(Tree).validate_python(nested(DEEPEST)) is not None
    assert TypeAdapter(Tree).validate_python({"a": [{"b": date(2028, 1, 1)}]}) == {"a": ({"b": date(2028, 1, 1)},)}


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint8, np.float64, np.float32], ids=lambda kind: kind.__name__)
def test_numbers_of_numpy_are_numbers(kind):
    """Law: a number as a DataFrame holds it is Python's number of that value, wherever a change has one."""
    number = kind(5)
    for given in (Value, Tree, Number):
        found = TypeAdapter(given).validate_python(number)
        assert (found, type(found)) == (5, float if given is Number else type(number.item()))
    assert TypeAdapter(Tree).validate_python({"a": [number]}) == {"a": (5,)}
    scale = {"op": "scale", "place": "sites[north].max_it_mw"}
    limit = {"op": "set", "place": "sites[north].max_it_mw"}
    assert make_whatif({**scale, "factor": number}) == make_whatif({**scale, "factor": 5.0})
    assert make_whatif({**limit, "value": number}) == make_whatif({**limit, "value": number.item()})


def test_whole_numbers_of_numpy_are_whole_numbers():
    """Law: months, blocks and years take them too; a truth value of NumPy is still no number."""
    force = {"op": "force", "offer": "a"}
    with_numpy = make_whatif({**force, "by": np.int64(2027), "blocks": np.int64(2)})
    assert with_numpy == make_whatif({**force, "by": 2027, "blocks": 2})
    shift = {"op": "shift", "table": "chips"}
    assert make_whatif({**shift, "months": np.int32(-3)}) == make_whatif({**shift, "months": -3})
    assert TypeAdapter(Value).validate_python(np.bool_(True)) is True
    with pytest.raises(ValidationError, match="must be a number"):
        TypeAdapter(Number).validate_python(np.bool_(True))
