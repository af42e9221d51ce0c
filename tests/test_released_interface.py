"""What version 0.1 offered in Python still works in 0.2: every name, member and parameter, some with a warning."""

import inspect
import re
import warnings
from datetime import date
from pathlib import Path

import pytest

import planner
from planner import Case, Status
from planner.case.read import read_case
from planner.options import SolveKeywords
from planner.runs.variants import Runner, Solver

RELEASED = Path(__file__).resolve().parent / "data" / "released_interface_0_1.txt"
"""The interface of 0.1 (`tests.test_public_api.signatures`)."""
BY_HAND = {("Case", "data"), ("Case.read", "set"), ("Case.of", "data"), ("replan", "audited")}
"""Parameters that are tried below: they have another name, or do not stand in a signature."""


def released() -> dict[str, list[str]]:
    """The names of 0.1, each with the names of its parameters, without those that Python passes by itself."""
    found = {}
    for line in RELEASED.read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition("(")
        plain = re.sub(r"\([^()]*\)", "", rest.removesuffix(")"))  # a default such as () or date(2026, 1, 1)
        words = [word.partition("=")[0].strip() for word in plain.split(",")] if plain else []
        found[name] = [word for word in words if word not in ("self", "cls", "*", "")]
        found[name] = [word.lstrip("*") for word in found[name]]
    return found


def resolved(name: str) -> object:
    """The class, function or member of a name."""
    found: object = planner
    for part in name.split("."):
        found = inspect.getattr_static(found, part) if inspect.isclass(found) else getattr(found, part)
    return getattr(found, "__func__", found)


def test_every_released_name_is_there():
    """A name or member of 0.1 is found, as an attribute of the package or of its class, or as a field of its record."""
    for name in released():
        owner, _, member = name.partition(".")
        kind = getattr(planner, owner)
        assert not member or hasattr(kind, member) or member in getattr(kind, "__dataclass_fields__", {}), name


PARAMETERS = [(name, word) for name, words in released().items() for word in words]


def test_every_released_parameter_is_taken():
    """A parameter of 0.1 is one of today, one of the keywords of a solve, or is tried by hand below."""
    for name, parameter in PARAMETERS:
        if (name, parameter) in BY_HAND:
            continue
        today = inspect.signature(resolved(name)).parameters  # type: ignore[arg-type]
        solves = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in today.values())
        assert parameter in today or (solves and parameter in SolveKeywords.__annotations__), f"{name}({parameter}=...)"


@pytest.mark.parametrize("name", [name for name, words in released().items() if words and name != "Case"])
def test_released_positions_hold(name):
    """What 0.1 took by position, today's signature takes at the same position."""
    line = next(line for line in RELEASED.read_text(encoding="utf-8").splitlines() if line.startswith(f"{name}("))
    before = re.sub(r"\([^()]*\)", "", line[len(name) + 1 : -1]).split("*")[0]
    positions = [word.partition("=")[0].strip() for word in before.split(",") if word.strip()]
    positions = [word for word in positions if word not in ("self", "cls")]
    today = inspect.signature(resolved(name)).parameters.values()  # type: ignore[arg-type]
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    now = [one.name for one in today if one.kind in kinds and one.name not in ("self", "cls")]
    if (name, "data") in BY_HAND:
        positions = ["case"]
    assert now[: len(positions)] == positions


@pytest.mark.parametrize(
    ("make", "seconds"),
    [
        (lambda data: Case(data), 0.0),
        (lambda data: Case(data, 1.5), 1.5),
        (lambda data: Case(data=data), 0.0),
        (lambda data: Case(data, read_seconds=1.5), 1.5),
        (lambda data: Case(data=data, read_seconds=1.5), 1.5),
        (lambda data: Case.of(data=data), 0.0),
    ],
)
def test_a_case_of_a_record_as_before(make, seconds):
    """``Case(data)`` makes the case of the record, with one warning that names what to write instead."""
    data = read_case("three_sites")
    with pytest.warns(DeprecationWarning, match=r"Case\.of.*0\.3") as told:
        case = make(data)
    assert [one.filename for one in told] == [__file__]
    assert type(case) is Case
    assert case == data
    assert (case.hash, case.files, case.origin) == (data.hash, data.files, data.origin)
    assert case.read_seconds == seconds


def test_a_case_made_as_today_warns_of_nothing():
    """Reading, copying and changing a case use no earlier form; a wrong call is Python's own error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        case = Case.read("three_sites")
        assert Case.of(case.what_if(["sites[north].max_it_mw=20"])).name == "three_sites"
        assert case.replace() == case
    with pytest.raises(TypeError, match="missing"):
        Case()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="needs a case"):
        Case.of()


@pytest.mark.slow
def test_earlier_ways_on_a_plan_and_a_study():
    """``Case.data``, ``plan.programmes``, a status compared with a text, and ``solver=Solver(...)`` work as before."""
    case = Case.read("three_sites")
    with pytest.warns(DeprecationWarning, match=r"0\.3"):
        assert case.data is case
    plan = case.solve(gap=0.0)
    assert plan.status == "optimal"
    assert plan.status is Status.OPTIMAL
    with pytest.warns(DeprecationWarning, match="developments"):
        assert list(plan.programmes.columns) == list(plan.developments.columns)
    with pytest.warns(DeprecationWarning, match="Runner"):
        solver = Solver(gap=0.0)
    assert isinstance(solver, Runner)
    change = ("smaller", ["sites[north].max_it_mw=20"])
    with pytest.warns(DeprecationWarning, match="runner="):
        found = planner.attribute(case, [change], solver=solver)  # type: ignore[arg-type]
    assert solver.solves == found.solves == 2
    with pytest.warns(DeprecationWarning, match="audited"):
        again = planner.replan(plan, ["sites[north].max_it_mw=20"], date(2026, 7, 1), least_churn=False, audited=True)
    assert set(again.plans) == {"free", "committed"}
