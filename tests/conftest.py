"""Fixtures every test may use."""

from collections.abc import Callable

import pytest

from planner.case.case import CaseData
from tests.cases import make_case as build_case


@pytest.fixture
def make_case() -> Callable[..., CaseData]:
    """The function that builds the tiny case everyone knows (see ``tests/cases.py``)."""
    return build_case
