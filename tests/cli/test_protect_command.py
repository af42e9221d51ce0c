"""The command ``protect``: costs and curves for people and as JSON, refusals in words."""

import json
from pathlib import Path

import pytest

from planner.case.write import write_case
from planner.cli import main
from planner.cli.protect_command import parse_curve
from tests.cases import make_case

MARKETS = [{"market": m, "name": m, "single_source": False} for m in ("america", "europe")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small case with two rules, on disk."""
    rules = [
        {"name": "any one site", "domain": "site", "k": 1, "critical_share": 0.5},
        {"name": "any one vendor", "domain": "chip_vendor", "k": 1, "critical_share": 0.1, "first_year": 2028},
    ]
    case = make_case({"markets": MARKETS}, families={"power": {"utilisation": 0.8}, "redundancy": {"rules": rules}})
    write_case(case, tmp_path / "case")
    return tmp_path / "case"


@pytest.mark.slow
def test_cost_of_rules(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Law: every rule has its line; what all rules cost is the difference of the first plan and the last."""
    assert main(["protect", str(folder), "--gap", "0", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["dropped"] for one in found["plans"]] == ["none", "any one site", "any one vendor", "all"]
    first, last = found["plans"][0], found["plans"][-1]
    assert last["saved_busd"] == pytest.approx(first["cost_busd"] - last["cost_busd"])
    assert found["binding"]
    assert found["backup"]["allowed_busd"] is None


@pytest.mark.slow
def test_curve(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Law: a line per share; a share that cannot be met says why."""
    assert main(["protect", str(folder), "--curve", "0,1", "--gap", "0.01", "-q"]) == 0
    text = capsys.readouterr().out
    assert "0%" in text
    assert "100%" in text


@pytest.mark.parametrize(
    ("text", "shares"),
    [("0.5:1.0:0.25", [0.5, 0.75, 1.0]), ("0,0.3", [0.0, 0.3]), ("1", [1.0]), ("0.2:0.2:0.1", [0.2])],
)
def test_curves_are_read(text: str, shares: list[float]) -> None:
    """Law: ranges include their end."""
    assert parse_curve(text) == shares


@pytest.mark.parametrize("text", ["", "a:b:c", "0:1", "0:1:0", "0.5,2", "-1:1:0.5", "nan", "0:1:1e-9", "inf:1:1"])
def test_curves_that_are_none(text: str, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """Law: what is no curve ends in 1 with words."""
    assert main(["protect", str(folder), "--curve", text]) == 1
    assert "FIRST:LAST:STEP" in capsys.readouterr().err.replace("\n", " ")


def test_workload_without_curve(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Law: an option that would do nothing is refused."""
    assert main(["protect", str(folder), "--workload", "training"]) == 1
    assert "--curve" in capsys.readouterr().err
