"""The page of the Python interface is the one that follows from the code, and leaves nothing out."""

import inspect

import pytest

import planner
from tests.documents.python_page import NOT_LISTED, PAGE, SECTIONS, listed, page

NAMES = [name for names in SECTIONS.values() for name in names]


def test_the_page_is_up_to_date():
    """`make tables` writes the page anew; a change of the interface is a change of the page."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_public_name_stands_in_one_section():
    """No public name is left out, none is listed twice, and none is listed that is not public."""
    assert sorted(NAMES) == sorted(set(planner.__all__) - NOT_LISTED)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_and_member_has_a_meaning(name):
    """A class, function, method, property or field of the interface says what it is."""
    found = getattr(planner, name)
    assert inspect.getdoc(found)
    if inspect.isclass(found):
        assert [word for word, meaning in listed(name, found) if not meaning] == []
