"""Make the pictures of the report for the pages: ``python docs/pictures/report.py PLAN`` (a plan of `stargate`).

Needs Playwright, Pillow and a Chromium, whose path ``CHROMIUM`` names.
"""

import io
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from planner import Plan
from planner.report.html.plan_report import plan_report
from planner.report.html.story import story_section

HERE = Path(__file__).parent
COLOURS = 256


def saved(picture: Image.Image, name: str) -> None:
    """Save a picture with few colours, of which rare ones are kept: they are those of providers."""
    few = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(HERE / name, optimize=True)


def taken(browser: Any, file: Path, scheme: str, name: str) -> None:
    """Take a picture: by day the first page to the end of the map, by night the sites over time."""
    page = browser.new_page(viewport={"width": 1180, "height": 1310}, color_scheme=scheme)
    page.goto(file.as_uri())
    page.add_style_tag(content=".lead{display:none}")
    end = page.evaluate("document.querySelector('#map figcaption').getBoundingClientRect().top")
    whole = {"x": 0, "y": 0, "width": 1180, "height": end}
    content = (
        page.screenshot(clip=whole, full_page=True) if scheme == "light" else page.locator("#timeline").screenshot()
    )
    picture = (
        Image.open(io.BytesIO(content))
        .convert("RGB")
        .quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    )
    picture.save(HERE / name, optimize=True)


def phone(browser: Any, file: Path, name: str) -> None:
    """Take pictures on a phone beside each other: the first page, the map, the timeline, backup."""
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="light", device_scale_factor=1.5)
    page.goto(file.as_uri())
    page.add_style_tag(content=".lead{display:none}nav{position:static!important}html{scroll-behavior:auto!important}")
    found = [Image.open(io.BytesIO(page.screenshot()))]
    for part in ("map", "timeline", "redundancy"):
        page.evaluate(f"document.getElementById('{part}').scrollIntoView()")
        found.append(Image.open(io.BytesIO(page.screenshot())))
    wide, tall, gap = found[0].width, found[0].height, 24
    whole = Image.new("RGB", (len(found) * (wide + gap) - gap, tall), "#8b949e")
    for place, picture in enumerate(found):
        whole.paste(picture, (place * (wide + gap), 0))
    saved(whole, name)


def main(folder: str) -> None:
    """Make the report of a plan, open it, and take the pictures."""
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        file = Path(place) / "report.html"
        plan = Plan.read(folder)
        file.write_text(plan_report(plan, first=[story_section(plan)]), encoding="utf-8")
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        taken(browser, file, "light", "report.png")
        taken(browser, file, "dark", "report-dark.png")
        phone(browser, file, "report-phone.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
