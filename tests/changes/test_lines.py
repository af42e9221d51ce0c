"""On which line of a what-if file a part stands."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from planner.case.modelfile import key_lines
from planner.changes.lines import line_of

MEMBERS = (
    '"sites[n0].a=1"', "'sites[n1].a=[1, 2]'", '{ op = "drop", place = "s[#n2]" }', '{ value = [1, [2, 3]], n3 = "}" }',
    '"a \\" n4 ["',
)  # fmt: skip
BREAKS = st.sampled_from(["", "\n", "\n\n", ' # a comment, with ] and [ and "\n', "  "])


@given(st.lists(st.tuples(st.sampled_from(MEMBERS), BREAKS, BREAKS), max_size=6), BREAKS, st.booleans())
def test_the_line_of_a_change_holds_its_text(members, first, comma):
    """Law: however a list of changes is laid out, the line of each change is the one on which it begins."""
    inside = ",".join(f"{before}{member}{after}" for member, before, after in members)
    text = f'format = 1\n[[whatif]]\nname = "[x"\nchanges = [{first}{inside}{"," if members and comma else ""}]\n'
    read = tomllib.loads(text)["whatif"][0]["changes"]
    lines = key_lines(text)
    found = [lines["whatif", 0, "changes", index] for index in range(len(read))]
    written = text.splitlines()
    assert all(member in written[line - 1] for line, (member, _, _) in zip(found, members, strict=True))
    assert found == sorted(found)
    assert ("whatif", 0, "changes", len(read)) not in lines


def test_the_nearest_part_around():
    """Law: a place without a line of its own has that of the nearest part around it; one outside of all has none."""
    lines = key_lines('format = 1\n\n[[list]]\nname = "a"\nchanges = [\n  { op = "x" },\n]\n')
    assert line_of(lines, ("list", 0, "changes", 0, "factor")) == 6
    assert line_of(lines, ("list", 0, "vary")) == 3
    assert line_of(lines, ("grid", 0)) is None
    assert line_of({}, ("list", 0)) is None
