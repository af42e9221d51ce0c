"""What is measured of replays."""

import pytest

from bench.replaying import HEADER, Replays


def test_futures_in_a_minute():
    """Law: futures in a minute are those by the clock, and those of processor time of all processes."""
    row = dict(zip(HEADER, Replays("a", 50, 20, 2, wall_s=10.0, cpu_s=15.0).row(), strict=True))
    assert (row["futures/min"], row["futures/CPU min"], row["with a plan"]) == ("300", "200", "20")


@pytest.mark.slow
def test_a_plan_is_replayed(capsys):
    """Law: the command replays the plan of a case in as many futures as asked for, each counted."""
    from bench.__main__ import main

    assert main(["stress", "--futures", "2", "--workers", "1", "--gap", "0.05"]) == 0
    header, line = capsys.readouterr().out.splitlines()
    assert header.startswith("case  futures")
    assert line.split()[:2] == ["stargate_risks", "2"]
