"""The grammar of places: what a text means, what it may not be, and that a place written can be read."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.changes import grammar
from planner.changes.grammar import Member, Place, parse_path, parse_place, same_key, split_change
from planner.changes.refusals import CHANGE_FORM, NO_VALUE_HERE, PLACE_FORM, ChangeError

READ = {
    "sites[north].pue_peak": Place("sites", ("north",), (), ("pue_peak",)),
    "  sites[ north ].pue_peak\n": Place("sites", ("north",), (), ("pue_peak",)),
    "demand[europe, inference ,2028].compute_low": Place(
        "demand", ("europe,inference,2028",), (), ("compute_low",)
    ),
    "sites[north;south].max_it_mw": Place("sites", ("north", "south"), (), ("max_it_mw",)),
    "offers[x].first_start; last_start": Place("offers", ("x",), (), ("first_start", "last_start")),
    "sites.max_it_mw": Place("sites", None, (), ("max_it_mw",)),
    "sites[north]": Place("sites", ("north",), (), ()),
    "sites[*]": Place("sites", ("*",), (), ()),
    "offers[provider=oracle]": Place("offers", None, (("provider", ("oracle",)),), ()),
    "offers[site.power_region = west ; east, tenure=cloud].max_blocks": Place(
        "offers", None, (("site.power_region", ("west", "east")), ("tenure", ("cloud",))), ("max_blocks",)
    ),
    "sites[name=Abilene, TX].max_it_mw": Place("sites", None, (("name", ("Abilene, TX",)),), ("max_it_mw",)),
    "demand[a,training,*][year=2028..].compute": Place(
        "demand", ("a,training,*",), (("year", ("2028..",)),), ("compute",)
    ),
    "markets[residency=].single_source": Place("markets", None, (("residency", ("",)),), ("single_source",)),
    "model.horizon.periods": Place(path=("horizon", "periods")),
    " model.families.redundancy.rules[ any one site ].k ": Place(
        path=("families", "redundancy", "rules", Member("any one site"), "k")
    ),
    "model.forced[0].by": Place(path=("forced", Member("0"), "by")),
    "model.families.redundancy.rules[a = b.c].k": Place(
        path=("families", "redundancy", "rules", Member("a = b.c"), "k")
    ),
}  # fmt: skip

NO_PLACES = {
    "": PLACE_FORM,
    "rent": PLACE_FORM,
    "model": PLACE_FORM,
    "model.": PLACE_FORM,
    "model..x": PLACE_FORM,
    "model[0].x": PLACE_FORM,
    "model.a b": PLACE_FORM,
    "model.rules[0": PLACE_FORM,
    "model.rules]0[": PLACE_FORM,
    "[north].pue_peak": PLACE_FORM,
    "sites[north": PLACE_FORM,
    "sites[north].": PLACE_FORM,
    "sites[north].a.b": PLACE_FORM,
    "sites[north].a b": PLACE_FORM,
    "sites[north].a;": PLACE_FORM,
    "sites[north] .a": PLACE_FORM,
    "sites[north]x": PLACE_FORM,
    "sites[a][b].c": PLACE_FORM,
    "sites[a=1][b].c": PLACE_FORM,
    "sites[a=1][b=2].c": PLACE_FORM,
    "sites[a][b=1][c=2].d": PLACE_FORM,
    "sites[north,=1].c": PLACE_FORM,
    "sites[a=1,a=2].c": "a stands twice in the brackets; separate its values by ;",
    "sites[north].pue_peak=2": NO_VALUE_HERE,
    "model.horizon.periods=2": NO_VALUE_HERE,
}  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_places_that_are_read(text):
    """Law: a text means the place of the grammar, spaces around its parts apart, and the place written means itself."""
    place = parse_place(text)
    assert place == READ[text]
    assert parse_place(str(place)) == place


@pytest.mark.parametrize("text", NO_PLACES)
def test_texts_that_are_no_places(text):
    """Law: what is no place is refused with the form that would be right."""
    with pytest.raises(ChangeError) as caught:
        parse_place(text)
    assert str(caught.value) == NO_PLACES[text]


NAMES = st.text("abcxyz_019", min_size=1, max_size=8)
KEYS = st.lists(st.text("abc_.-019*?", min_size=1, max_size=6), min_size=1, max_size=3).map(",".join)
VALUES = st.text("abc .*?019", max_size=6).map(str.strip)
CONDITIONS = st.lists(
    st.tuples(
        st.lists(NAMES, min_size=1, max_size=2).map(".".join), st.lists(VALUES, min_size=1, max_size=3).map(tuple)
    ),
    max_size=3,
    unique_by=lambda one: one[0],
)
ROWS = st.builds(
    Place,
    NAMES.filter(lambda name: name != "model"),
    st.none() | st.lists(KEYS, min_size=1, max_size=3).map(tuple),
    CONDITIONS.map(tuple),
    st.lists(NAMES, min_size=1, max_size=3).map(tuple),
)
MEMBERS = st.text("abc =.,;019", max_size=8).map(str.strip).map(Member)
PATHS = st.builds(lambda first, rest: Place(path=(first, *rest)), NAMES, st.lists(NAMES | MEMBERS, max_size=4))


@given(ROWS | PATHS)
def test_a_place_written_is_the_place_read(place):
    """Law: parse(str(place)) == place, for rows by key and by condition, lists of columns and keys of the model."""
    assert parse_place(str(place)) == place


@given(ROWS | PATHS, st.text(max_size=30))
def test_a_change_is_a_place_and_a_value(place, value):
    """Law: the first = outside brackets parts them, whatever the value holds, and spaces around both do not matter."""
    found, rest = split_change(f"  {place} ={value}")
    assert parse_place(found) == place
    assert rest == value.strip()


def outcome(text: str) -> Place | str:
    """Return the place that a text means, or why it means none."""
    try:
        return parse_place(text)
    except ChangeError as error:
        return str(error)


@given(st.text(max_size=60) | st.lists(st.sampled_from(list("model.sites[]=,; *0a")), max_size=30).map("".join))
def test_any_text_is_a_place_or_refused(text):
    """Law: whatever the text, it is a place that can be read again, or it is refused with a reason."""
    found = outcome(text)
    assert outcome(str(found)) == found if isinstance(found, Place) else found


@pytest.mark.parametrize("text", ["", "=", " = 1", "sites[north].x"])
def test_texts_that_are_no_changes(text):
    """Law: a text without a place, or without = outside brackets, is refused with the form of a change."""
    with pytest.raises(ChangeError) as caught:
        split_change(text)
    assert str(caught.value) == CHANGE_FORM


def test_the_model_may_be_left_out_of_a_path():
    """Law: where only keys of the model may stand, `model.` before them makes no difference."""
    assert parse_path("families.power.utilisation") == parse_path("model.families.power.utilisation")
    assert parse_path("models.x").path == ("models", "x")


def test_a_key_has_one_spelling():
    """Law: spaces around the parts of a key do not matter, those within them do."""
    assert same_key(" a , b c ,2028 ") == "a,b c,2028"


@pytest.mark.parametrize("text", ["[" * 5000, "a[" + "x" * 100_000, "model" + ".a" * 20_000, "s[" + "a=1," * 20_000])
def test_long_texts_are_read_in_no_time(text):
    """Law: the length of a text costs no more than a look at each of its signs: no text hangs the parser."""
    assert outcome(text)


PAGE = (Path(__file__).parents[2] / "docs" / "what-ifs.md").read_text(encoding="utf-8")


def test_the_page_and_the_parser_state_one_grammar():
    """Law: the grammar in docs/what-ifs.md is the one that the module which reads places states."""
    assert grammar.__doc__ is not None
    on_page = PAGE.partition("As a grammar:")[2].split("```")[1].removeprefix("text")
    in_module = grammar.__doc__.partition("::\n")[2].partition("Spaces around")[0]
    assert in_module.split() == on_page.split()


def test_every_place_of_the_page_is_read():
    """Law: each example of the table of places is a place, written in its one form."""
    table = PAGE.partition("### Places")[2].partition("As a grammar:")[0]
    examples = [place for line in table.splitlines() if line.startswith("| `") for place in [line.split("`")[1]]]
    assert len(examples) == 12
    assert [str(parse_place(place)) for place in examples] == examples
