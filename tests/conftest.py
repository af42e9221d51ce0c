"""Fixtures every test may use."""

import signal
from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

from planner.case.case import CaseData
from planner.system import light_pyomo  # noqa: F401  before a test imports Pyomo, which then loads all of SciPy
from planner.system.garbage import not_collected
from tests.cases import make_case as build_case
from tests.length import AT_LENGTH

# The same examples in every run, so that a run fails for what was changed; new ones are drawn at length.
settings.register_profile("default_suite", derandomize=True, max_examples=30, deadline=None)
settings.register_profile("at_length", max_examples=500, deadline=None)
settings.load_profile("at_length" if AT_LENGTH else "default_suite")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for no garbage while the tests are imported: nearly all that is made then stays, and it is much."""
    with not_collected():
        return (yield)


@pytest.fixture
def make_case() -> Callable[..., CaseData]:
    """The function that builds the tiny case everyone knows (see ``tests/cases.py``)."""
    return build_case


@pytest.fixture(autouse=True, scope="session")
def _signals_of_a_foreground_job() -> None:
    """Let signals be heard that a background job or ``nohup`` makes this process ignore, and its children with it.

    The planner keeps ignoring what it was started to ignore; tests that send a signal would wait for ever.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signum = getattr(signal, name, None)
        if signum is not None and signal.getsignal(signum) is signal.SIG_IGN:
            signal.signal(signum, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)
