"""Make the pictures of the report for the pages: ``python docs/pictures/report.py PLAN`` (a plan of `stargate`).

Needs Playwright, Pillow and a Chromium, whose path ``CHROMIUM`` names.
"""

import io
import os
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from planner import Plan
from planner.report.html.plan_report import plan_report

HERE = Path(__file__).parent
COLOURS = 160
PICTURES = {"report.png": (1180, 1310, "light")}


def main(folder: str) -> None:
    """Open the report of a plan and take its first page."""
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        page_file = Path(place) / "report.html"
        page_file.write_text(plan_report(Plan.read(folder)), encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        for name, (width, height, scheme) in PICTURES.items():
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(page_file.as_uri())
            page.add_style_tag(content=".lead{display:none}")
            taken = page.screenshot(clip={"x": 0, "y": 0, "width": width, "height": height - 60})
            picture = Image.open(io.BytesIO(taken)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            picture.save(HERE / name, optimize=True)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
