"""Make the picture of the what-if page: ``python docs/pictures/app.py ADDRESS`` (of a server with `stargate` solved).

Needs Playwright, Pillow and a Chromium, whose path ``CHROMIUM`` names. The address is what `planner app` prints.
"""

import io
import os
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
COLOURS = 128


def main(address: str) -> None:
    """Open the page, move two levers, and take the picture."""
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1240, "height": 1200}, color_scheme="light")
        page.goto(address)
        page.locator(".lead").evaluate("(one) => { one.hidden = true; }")
        page.get_by_label("All demand", exact=True).fill("110")
        page.get_by_label("Envelope for backup capacity").fill("80")
        page.get_by_text("figures changed").click()
        page.locator("#group-demand").evaluate("(one) => { one.open = false; }")
        page.get_by_label("Further changes, one a line").evaluate("(one) => one.blur()")
        height = page.evaluate("document.documentElement.scrollHeight")
        content = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": 1240, "height": height})
        picture = Image.open(io.BytesIO(content)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        picture.save(HERE / "app.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
