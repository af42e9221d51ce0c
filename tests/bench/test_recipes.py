"""Drawn site-allocation instances: of the stated sizes and ranges, the same for the same seed, and read as cases."""

import json
import math
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.allocation import read_allocation
from bench.recipes import CAPACITATED, RECIPES


@pytest.mark.parametrize("kind", sorted(CAPACITATED))
def test_a_recipe_gives_an_instance_that_is_read(kind, tmp_path, capsys):
    """Law: the command writes an instance with enough capacity, the same for the same seed, and costs of all demand."""
    words = ["recipe", kind, str(tmp_path), "--sites", "12", "--regions", "20", "--seed", "3"]
    assert main(words) == 0
    target = capsys.readouterr().out.split()[-1]
    instance = json.loads(Path(target).read_text(encoding="utf-8"))
    found = read_allocation(instance)
    assert (len(found.capacity), len(found.demand), found.single_source) == (12, 20, False)
    assert sum(found.capacity) > sum(found.demand)
    again = RECIPES[kind](3, sites=12, regions=20)
    assert again == instance
    assert RECIPES[kind](4, sites=12, regions=20) != instance
    dearest = max(unit for row in instance["cost_per_unit"] for unit in row)
    assert 0.0 < dearest <= (1.25 * 1000.0 if kind == "capa" else 10.0) * math.sqrt(2.0)
    assert found.cost[1][2] == pytest.approx(instance["cost_per_unit"][1][2] * found.demand[2])


def test_in_a_p_median_every_point_has_its_nearest_within_reach():
    """Law: so many points may serve each, itself among them, and no other one is nearer than these."""
    instance = RECIPES["pmedian"](5, sites=9, opened=2, reach=4)
    within, every = read_allocation(instance), read_allocation(RECIPES["pmedian"](5, sites=9, opened=2, reach=9))
    assert (within.open_exactly, len(within.capacity), len(within.demand)) == (2, 9, 9)
    for region in range(9):
        near = sorted(row[region] for row in within.cost if math.isfinite(row[region]))
        assert near == sorted(row[region] for row in every.cost)[:4]
        assert near[0] == within.cost[region][region] == 0.0


def test_a_recipe_refuses_options_of_another(tmp_path):
    """Law: an option that a recipe does not have is an error that names it, not a drawn instance without it."""
    with pytest.raises(SystemExit, match="pmedian has no --regions"):
        main(["recipe", "pmedian", str(tmp_path), "--regions", "3"])
