"""Run jobs in processes of their own, with a time limit that holds."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.curves import Moment

ROOT = Path(__file__).resolve().parents[1]
GRACE_S = 30.0
"""Beyond the time limit, and a tenth of it, a worker is ended."""
MEMORY_GIB = 12.0
"""Address space of a worker: a form that needs more has failed, and must not take the machine with it."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a worker brought back."""

    status: str
    cost: float | None = None
    bound: float | None = None
    seconds: float | None = None
    solver_seconds: float | None = None
    seconds_to: dict[str, float | None] | None = None
    peak_gib: float | None = None
    notes: str = ""
    moments: list[Moment] = field(default_factory=list)
    broken_cuts: int = 0

    @property
    def gap(self) -> float | None:
        """Gap between cost and bound, relative to the cost (absolute when the cost is 0)."""
        if self.cost is None or self.bound is None:
            return None
        return max(0.0, self.cost - self.bound) / (abs(self.cost) if abs(self.cost) > 1e-9 else 1.0)

    @property
    def share_outside(self) -> float | None:
        """Share of the time spent outside the solver."""
        if self.seconds is None or self.solver_seconds is None or self.seconds <= 0:
            return None
        return max(0.0, 1.0 - self.solver_seconds / self.seconds)


def run_job(job: dict[str, Any]) -> Result:
    """Run a job in a worker and return its result; a worker far beyond its limit of time or memory is ended."""
    with tempfile.TemporaryDirectory() as folder:
        job_file, result_file = Path(folder, "job.json"), Path(folder, "result.json")
        job_file.write_text(json.dumps({"memory_gib": MEMORY_GIB, **job}), encoding="utf-8")
        limit = job.get("ended_after_s", 1.1 * job["time_limit_s"] + GRACE_S)
        command = [sys.executable, "-m", "bench.worker", str(job_file), str(result_file)]
        try:
            done = subprocess.run(command, cwd=ROOT, timeout=limit, capture_output=True, text=True, check=False)
        except subprocess.TimeoutExpired:
            return Result(status=f"ended after {limit:.0f} s", seconds=limit)
        if not result_file.exists():
            last = done.stderr.strip().splitlines()[-1:] or [""]
            return Result(status=f"worker died with code {done.returncode}", notes=last[0])
        return Result(**json.loads(result_file.read_text(encoding="utf-8")))
