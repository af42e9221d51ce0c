"""How large reports are and how fast they open: ``python -m bench.pages PLAN``; needs Playwright and a Chromium.

Of the plan given, of a plan of 300 sites and of a sweep of 1,000 runs made from kept ones: seconds to make the page,
its size, seconds until it is loaded, and the times between frames while it is scrolled from end to end.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from planner.analysis.measures import UNITS
from planner.analysis.sweep_result import Sweep
from planner.plan.plan import PlanData
from planner.report.html.plan_report import plan_report
from planner.report.html.story import story_section
from planner.report.html.sweep_report import sweep_report
from tests.figures.plans import kept_plan, many_sites

SCROLL = """async () => {
  const times = [], step = 120;
  let last = performance.now();
  for (let y = 0; y < document.body.scrollHeight; y += step) {
    scrollTo(0, y);
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    times.push(now - last);
    last = now;
  }
  times.sort((a, b) => a - b);
  return [times.length, times[Math.floor(times.length / 2)], times[Math.floor(times.length * 0.99)]];
}"""


def thousand() -> Sweep:
    """Return a sweep of 1,000 runs, each with the plan of a kept one and a cost of its own."""
    names = ["base", *(f"run {number:03d}" for number in range(999))]
    sweep = Sweep(names, _plans=dict.fromkeys(names, kept_plan()))
    for number, name in enumerate(names):
        values = {**dict.fromkeys(UNITS, 1.0), "cost": 100.0 + (number * 37) % 101, "unserved_share": 0.0}
        sweep.rows[name] = [
            {"name": name, "measure": key, "value": value, "status": "optimal", "gap": 0.001, "reason": ""}
            for key, value in values.items()
        ]  # fmt: skip
    return sweep


def measured(browser: Any, folder: Path, name: str, make: Callable[[], str]) -> str:
    """Make a page, open it and scroll it; return a line with the figures."""
    begin = time.perf_counter()
    content = make()
    made = time.perf_counter() - begin
    file = folder / f"{name.replace(' ', '-')}.html"
    file.write_text(content, encoding="utf-8")
    page = browser.new_page(viewport={"width": 1240, "height": 900})
    begin = time.perf_counter()
    page.goto(file.as_uri())
    page.evaluate("new Promise(requestAnimationFrame)")
    opened = time.perf_counter() - begin
    frames, middle, slow = page.evaluate(SCROLL)
    page.close()
    size = file.stat().st_size / 1e6
    return (
        f"{name}: made in {made:.2f} s, {size:.2f} MB, opened in {opened:.2f} s; {frames} frames of scrolling, "
        f"{middle:.1f} ms each in the middle, 99 of 100 within {slow:.1f} ms"
    )


def main(folder: str) -> None:
    """Measure the three pages."""
    plan = PlanData.read(folder)
    large = many_sites(300)
    pages: dict[str, Callable[[], str]] = {
        "the plan": lambda: plan_report(plan, first=[story_section(plan)]),
        "300 sites": lambda: plan_report(large, first=[story_section(large)]),
        "1000 runs": lambda: sweep_report(thousand()),
    }
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or "chromium"
    with tempfile.TemporaryDirectory() as place, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, make in pages.items():
            sys.stdout.write(measured(browser, Path(place), name, make) + "\n")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
