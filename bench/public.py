"""Public instances with published optima: ``python -m bench public FOLDER...``."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.allocation import NotMappedError, read_allocation
from bench.runner import Result, run_job

TOLERANCE = 1e-6
PUBLISHED = ("published", "published_split_optimum", "published_optimum", "computed", "computed_split_optimum")
"""Keys of a published value in expected.json, the first one present counts."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    family: str
    instance: str
    published: float | None
    results: dict[str, Result]
    not_mapped: str = ""

    @property
    def verdict(self) -> str:
        """Whether the published value was reached and proven."""
        if self.not_mapped:
            return "not mapped"
        ours = self.results["planner"]
        if ours.cost is None or ours.gap is None or self.published is None:
            return "no plan" if ours.cost is None else "no bound" if ours.gap is None else "nothing published"
        difference = (ours.cost - self.published) / max(1.0, abs(self.published))
        # Published values are rounded, to three decimals at the least.
        tolerance = max(TOLERANCE, 6e-3 / max(1.0, abs(self.published)))
        if difference > tolerance:
            return "worse than published"
        if difference < -tolerance:
            return "better than published"
        return "proven" if ours.gap <= TOLERANCE else "reached, not proven"


def published_value(expected: dict[str, Any]) -> float | None:
    """Return the published value of an instance."""
    return next((float(expected[key]) for key in PUBLISHED if expected.get(key) is not None), None)


def instances(folder: Path) -> Iterator[tuple[Path, float | None]]:
    """Return the instance files of a folder, each with its published value, smallest file first."""
    expected_file = folder / "expected.json"
    expected = json.loads(expected_file.read_text(encoding="utf-8")) if expected_file.exists() else {}
    values = expected.get("instances", {})
    for file in sorted(folder.glob("*.json"), key=lambda file: (file.stat().st_size, file.name)):
        if file.name != "expected.json":
            yield file, published_value(values.get(file.stem, {}))


def run_folder(folder: Path, methods: list[str], gap: float, time_limit_s: float, threads: int) -> Iterator[Line]:
    """Solve every instance of a folder by every method."""
    for file, published in instances(folder):
        try:
            read_allocation(json.loads(file.read_text(encoding="utf-8")))
        except NotMappedError as reason:
            yield Line(folder.name, file.stem, published, {}, str(reason))
            continue
        job = {
            "kind": "public",
            "file": str(file.resolve()),
            "gap": gap,
            "time_limit_s": time_limit_s,
            "threads": threads,
        }
        yield Line(
            folder.name, file.stem, published, {method: run_job({**job, "method": method}) for method in methods}
        )
