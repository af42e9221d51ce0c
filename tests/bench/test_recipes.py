"""Drawn site-allocation instances: of the stated sizes and ranges, the same for the same seed, and read as cases."""

import json
import math
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.allocation import read_allocation
from bench.recipes import RECIPES


@pytest.mark.parametrize("kind", sorted(RECIPES))
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
