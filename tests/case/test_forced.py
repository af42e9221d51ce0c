"""Forced decisions are content of a case: of its hash, of its files, and of what is checked."""

import pytest

from planner.case.case import CaseData
from planner.case.read import read_case
from planner.case.rows import OfferRow
from planner.case.write import model_text, write_case
from planner.changes.apply import apply_changes
from planner.errors import CaseError
from tests.cases import make_case

SITE = {"site": "north", "by": 2027}
OFFER = {"offer": "cloud_east", "by": 2028, "blocks": 2, "role": "primary"}


def forcing(*decisions: dict[str, object]) -> CaseData:
    """Return the tiny case with forced decisions."""
    return make_case(full=True, model={"forced": decisions})


def test_the_hash_knows_what_is_forced() -> None:
    """Law: cases that differ in what is forced have different hashes; one that forces nothing keeps its own."""
    hashes = [
        make_case(full=True).hash,
        forcing(SITE).hash,
        forcing({**SITE, "by": 2028}).hash,
        forcing(OFFER).hash,
        forcing({**OFFER, "blocks": 3}).hash,
        forcing({**OFFER, "role": "backup"}).hash,
        forcing(SITE, OFFER).hash,
    ]
    assert len(set(hashes)) == len(hashes)
    assert forcing().hash == make_case(full=True).hash


def test_a_written_case_reads_back_with_what_it_forces(tmp_path) -> None:
    """Law: writing and reading keeps forced decisions, and a case without any does not mention them."""
    case = forcing(SITE, OFFER)
    write_case(case, tmp_path / "forced")
    again = read_case(tmp_path / "forced")
    assert again.hash == case.hash
    assert [forced.change() for forced in again.model.forced] == [{"op": "force", **SITE}, {"op": "force", **OFFER}]
    assert "forced" not in model_text(make_case(full=True))


def test_changes_reach_what_is_forced() -> None:
    """Law: --set adds, changes and takes away forced decisions, and refuses what cannot be forced."""
    case = make_case(full=True)
    forced = apply_changes(case, ['model.forced=[{site = "north", by = 2027}]'])
    assert forced.hash == forcing(SITE).hash
    assert apply_changes(forced, ["model.forced[0].by=2028"]).model.forced[0].by == 2028
    assert apply_changes(forced, ["model.forced="]).hash == case.hash
    with pytest.raises(CaseError, match="did you mean 'north'"):
        apply_changes(forced, ["model.forced[0].site=nort"])


def test_a_forced_site_may_not_be_closed() -> None:
    """Law: a change that makes a forced decision impossible to name is a fault of the changed case."""
    with pytest.raises(CaseError, match="north is not available"):
        apply_changes(forcing(SITE), ["sites[north].available=no"])


def test_an_offer_at_a_closed_site_is_named_as_the_value() -> None:
    """Law: the value shown is that of the cell named: the offer that is forced, not its site."""
    case = make_case(full=True)
    site = next(row.site for row in case.rows(OfferRow) if row.offer == OFFER["offer"])
    with pytest.raises(CaseError) as told:
        apply_changes(forcing(OFFER), [f"sites[{site}].available=no"])
    (problem,) = [one for one in told.value.problems if one.column == "forced[0].offer"]
    assert problem.value == OFFER["offer"]
    assert f"site {site} is not available" in problem.message
