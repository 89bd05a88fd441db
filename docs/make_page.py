"""Make the pictures of docs/page.md: the page at work, in a real browser, on real runs.

python docs/make_page.py [CHROMIUM]

It needs the extra [web], playwright, and Chromium.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from making import ROOT

IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
RECIPE = "Try at 200 rows"
ROWS = "128"
# The photos, the paintings, and the iterations of each run.
RUNS = (("china", "starry night", 3), ("chelsea", "brick", 1), ("astronaut", "starry night", 5))


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The page over a new folder; yields its address."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "network", "page", "--port", "0", "--no_browser"]
        with subprocess.Popen(
            [*command, "--folder", folder], cwd=ROOT, stderr=subprocess.PIPE, text=True
        ) as program:
            assert program.stderr is not None
            found = re.search(r"http://\S+", program.stderr.readline())
            assert found is not None
            try:
                yield found[0]
            finally:
                program.terminate()


def main() -> None:
    """Paint three pictures, and take the page's pictures on a desk and on a phone."""
    from playwright.sync_api import sync_playwright

    chromium = sys.argv[1] if len(sys.argv) > 1 else CHROMIUM
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1360, "height": 1000}, color_scheme="light")
        page.set_default_timeout(900_000)
        page.goto(address)
        page.locator("#option-image_size").wait_for()
        if page.locator("#gallery-box").is_visible():  # of a program that comes with styles
            take_first(page)
        take_doodle(page)
        page.get_by_label("recipe").select_option(RECIPE)
        page.locator("#option-image_size").fill(ROWS)
        page.locator("#option-model").select_option("vgg16")
        for photo, painting, iterations in RUNS:
            if page.locator("#styles .filled").count():
                page.get_by_role("button", name="Remove style").click()
            choose(page, photo, painting)
            page.locator("#option-num_iter").fill(str(iterations))
            page.keyboard.press("Control+Enter")
        page.locator("#results img").nth(1).wait_for()
        page.wait_for_function("() => document.querySelector('#now progress')?.value > 0.4")
        page.locator("#option-num_iter").blur()
        page.evaluate("() => scrollTo(0, 0)")
        take(page, "page")
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 390, "height": 844})
        page.locator("#now-title").evaluate("title => title.scrollIntoView()")
        take(page, "page_phone")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1360, "height": 900})
        page.locator("#results .open").nth(1).click()
        page.wait_for_timeout(1000)
        take(page, "page_viewer")
        browser.close()


def choose(page: Any, photo: str | None, painting: str) -> None:
    """Take pictures at hand."""
    page.locator("#shelf-box").evaluate("box => box.open = true")
    if photo is not None:
        page.get_by_role("button", name=f"{photo} as the photo").click()
    page.get_by_role("button", name=f"{painting} as a style").click()
    page.locator("#shelf-box").evaluate("box => box.open = false")


def take_first(page: Any) -> None:
    """A first picture, and the photo in every style that was learnt."""
    choose(page, "china", "starry night")
    page.locator("#first img").wait_for()
    page.locator("#gallery-box").evaluate("box => box.open = true")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#gallery img')].every((each) => each.naturalWidth)"
    )
    take(page, "page_instant")
    page.locator("#gallery-box").evaluate("box => box.open = false")


def take_doodle(page: Any) -> None:
    """The brush over a painting's regions."""
    page.get_by_role("button", name="Doodle", exact=True).click()
    if not page.locator("#styles .filled").count():
        choose(page, None, "starry night")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose regions of the painting").click()
    chooser.value.set_files(ROOT / "images" / "inputs" / "doodle" / "starry_night.png")
    page.locator("[data-map=style_mask].filled").wait_for()
    page.get_by_role("button", name="Paint regions of the painting").click()
    page.wait_for_function("() => document.querySelector('#brush img')?.naturalWidth")
    page.wait_for_timeout(1000)
    take(page, "page_doodle")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Photo", exact=True).click()


def take(page: Any, name: str) -> None:
    """A picture of what is seen."""
    path: Path = IMAGES / f"{name}.jpg"
    page.screenshot(path=path, type="jpeg", quality=85)


if __name__ == "__main__":
    main()
