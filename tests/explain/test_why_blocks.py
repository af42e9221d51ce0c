"""Programmes whose figures no sum of whole blocks meets: named with the nearest sums, and only where there is none."""

import pytest

from planner.explain.why_blocks import programmes_in_the_way
from planner.explain.why_program import Force, program_of
from planner.explain.why_target import find_target
from tests.program.tiny import lease, site, solve, tiny


@pytest.mark.parametrize(
    ("at_most_mw", "most_blocks", "says"),
    [
        (110.0, 100, "it asks for 100 to 110 IT MW, and whole blocks make 80 or less, or 120 or more in 2026"),
        (110.0, 2, "it asks for 100 to 110 IT MW, and whole blocks make 80 or less in 2026"),
        (120.0, 100, None),
    ],
)
def test_the_nearest_sums_of_whole_blocks(at_most_mw: float, most_blocks: int, says: str | None) -> None:
    """Without the blocks of 10 MW at a, those of 40 MW at b make 80 or 120 MW: by hand."""
    case = tiny(
        100.0,
        sites=(site("a"), site("b")),
        offers=(
            lease("cheap", "a"),
            lease("dear", "b", rent_musd_per_mw_year=12.0, block_it_mw=40.0, max_blocks=most_blocks),
        ),
        programmes=[{"programme": "p", "name": "p", "sites": ("a", "b"), "kind": "committed"}],
        programme_steps=[
            {"programme": "p", "date": "2026-01-01", "at_least_it_mw": 100.0, "at_most_it_mw": at_most_mw}
        ],
    )
    program = program_of(solve(case))
    force = Force.of(find_target("a", program.inputs), program, into=False)
    found = [str(one) for one in programmes_in_the_way(program, force)]
    assert found == ([] if says is None else [f"programme p: {says}"])
