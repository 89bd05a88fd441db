"""The page in a real browser, worked as a person works it."""

import io
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from network.fast import styles

from .conftest import as_bytes

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
PATIENCE = 120_000  # milliseconds; a bound, not what it takes


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def client(serve_page, tiny_session):
    return serve_page(tiny_session)


@pytest.fixture
def page(browser, client):
    """The page, which must ask no stranger and have no error by the end."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: line.type == "error" and errors.append(line.text))
    page.goto(f"http://127.0.0.1:{client.port}/")
    page.locator("#option-image_size").wait_for()
    yield page
    foreign = [url for url in asked if not re.match(r"(http://127\.0\.0\.1:\d+/|blob:)", url)]
    context.close()
    assert foreign == []
    refused = "status of 400"  # which the browser tells of whatever the page makes of it
    assert [error for error in errors if refused not in error] == []


def drop(page, target, name, content):
    """Drop a file on an element, as the browser's events have it."""
    page.evaluate(
        """([target, name, bytes]) => {
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
            const event = new DragEvent("drop", { dataTransfer: files, bubbles: true });
            document.querySelector(target).dispatchEvent(event);
        }""",
        [target, name, list(content)],
    )


@pytest.fixture
def dropped(page, picture, painting):
    """A photo and a painting on the page, with settings for a long small run."""
    drop(page, "body", "photo.png", as_bytes(picture))
    page.locator("#content img").wait_for()
    drop(page, "body", "painting.png", as_bytes(painting))
    page.locator("#styles .filled img").wait_for()
    small(page, "500")
    return page


def small(page, iterations):
    page.locator("#preset").select_option("defaults")
    page.locator("#option-image_size").fill("24")
    page.locator("#option-num_iter").fill(iterations)
    page.locator("#option-model").select_option("vgg16")


def frames(page, number):
    """Wait until the live picture has been shown so often."""
    page.wait_for_function(
        "number => Number(document.querySelector('#now img')?.src.split('?')[1] ?? 0) >= number",
        arg=number,
    )


def test_drop_watch_steer_stop_go_on_and_restore(dropped, client):
    page = dropped
    page.keyboard.press("Control+Enter")
    seen = set()
    for number in (1, 3, 5):
        frames(page, number)
        seen.add(client.get(f"/api/jobs/{client.page.live.shown.job}/image")[1])
    assert len(seen) == 3
    page.locator("#now-content_weight").fill("9")
    page.get_by_role("button", name="Change now").click()
    page.locator("#now svg line").wait_for(state="attached")
    page.keyboard.press("Escape")
    page.locator("#results img").wait_for()
    (job,) = client.json("/api/state")["jobs"]
    assert (job["state"], job["settings"]["content_weight"]) == ("stopped", 9)

    page.get_by_role("button", name="Go on").click()
    frames(page, 1)
    page.get_by_role("button", name="Stop").click()
    page.locator("#results img").wait_for()
    assert client.json("/api/state")["jobs"][0]["evaluations"] > job["evaluations"]

    result = client.get(f"/api/jobs/{job['id']}/result")[1]
    page.reload()
    page.locator("#option-image_size").wait_for()
    drop(page, "body", "result.png", result)
    page.locator("#styles .filled img").wait_for()
    assert "settings are restored" in page.locator("#notice").inner_text()
    assert page.locator("#option-image_size").input_value() == "24"
    assert page.locator("#option-content_weight").input_value() == "9"
    assert "photo.png" in page.locator("#content").inner_text()


def test_a_queue_is_reordered_and_survives_a_reload(dropped, client):
    page = dropped
    for _ in range(3):
        page.get_by_role("button", name="Paint", exact=True).click()
    page.locator("#queue li").nth(1).wait_for()
    states = ["running", "waiting", "waiting"]
    jobs = client.wait_until(
        "/api/state", lambda state: [job["state"] for job in state["jobs"]] == states
    )
    last = jobs["jobs"][2]["id"]
    page.locator("#queue li").nth(1).get_by_role("button", name="Sooner").click()
    client.wait_until("/api/state", lambda state: state["jobs"][1]["id"] == last)
    page.reload()
    page.locator("#queue li").nth(1).wait_for()
    frames(page, 1)
    page.locator("#queue li").nth(1).get_by_role("button", name="Remove").click()
    page.locator("#queue li").nth(1).wait_for(state="detached")
    page.locator("#queue li").get_by_role("button", name="Remove").click()
    page.locator("#queue-box").wait_for(state="hidden")
    page.get_by_role("button", name="Stop").click()
    page.locator("#results img").wait_for()


def test_a_painted_mask_is_white_where_it_was_painted_and_there_the_photo_changes(
    dropped, client, picture
):
    page = dropped
    page.get_by_role("button", name="Where it goes").click()
    canvas = page.locator("#brush canvas")
    canvas.wait_for()
    page.wait_for_function("() => document.querySelector('#brush canvas').clientWidth > 100")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] - 5, steps=8)
    page.mouse.up()
    page.get_by_role("button", name="Use this mask").click()
    page.get_by_role("button", name="Where it goes ✓").wait_for()
    page.get_by_role("button", name="Paint", exact=True).click()
    frames(page, 1)
    (job,) = client.json("/api/state")["jobs"]
    mask = client.get(f"/api/pictures/{job['styles'][0]['image_mask']}")[1]
    white = np.asarray(Image.open(io.BytesIO(mask)).convert("L")) > 127
    assert white.shape == (24, 32)
    assert white[:, 8].all()
    assert not white[:, 20:].any()
    frames(page, 3)
    page.keyboard.press("Escape")
    page.locator("#results img").wait_for()
    result = np.asarray(Image.open(io.BytesIO(client.get(f"/api/jobs/{job['id']}/result")[1])))
    change = np.abs(result.astype(float) - picture).mean(axis=(0, 2))
    assert change[6:11].mean() > 2 * change[24:].mean()


@pytest.fixture
def shipped_styles(monkeypatch, styles_file):
    """A program that comes with a one-pass network."""
    monkeypatch.setattr(styles, "shipped", lambda *_: styles_file)


@pytest.mark.usefixtures("shipped_styles")
def test_a_first_picture_is_there_before_paint_is_pressed(page, client, picture):
    drop(page, "body", "photo.png", as_bytes(picture))
    page.locator("#content img").wait_for()
    page.get_by_role("button", name="In the style of Waves, Nobody").click()
    page.wait_for_function("() => document.querySelector('#first img')?.naturalWidth === 32")
    page.get_by_role("button", name="In the style of dots").click()
    page.locator("#first img[alt*=dots]").wait_for()
    page.get_by_role("button", name="Keep it").click()
    page.locator("#results img").wait_for()
    page.keyboard.press("Control+Enter")  # a style without its painting: at once, too
    page.locator("#results li").nth(1).wait_for()
    kinds = [(job["kind"], job["state"]) for job in client.json("/api/state")["jobs"]]
    assert kinds == [("paint", "done")] * 2


def stroke(page, *points):
    """Paint from point to point, in shares of the canvas."""
    box = page.locator("#brush canvas").bounding_box()
    for number, (column, row) in enumerate(points):
        page.mouse.move(box["x"] + column * box["width"], box["y"] + row * box["height"], steps=5)
        if number == 0:
            page.mouse.down()
    page.mouse.up()


def test_a_doodle_is_drawn_in_flat_colours_and_painted(page, client, painting):
    page.get_by_role("button", name="Doodle", exact=True).click()
    small(page, "1")
    drop(page, "body", "painting.png", as_bytes(painting))
    page.locator("#styles .filled img").wait_for()
    for button in ("Paint regions of the painting", "Paint your drawing"):
        page.get_by_role("button", name=button).click()
        page.wait_for_function("() => document.querySelector('#brush canvas')?.clientWidth > 100")
        page.get_by_label("ground", exact=True).click()
        stroke(page, (0.1, 0.9), (0.9, 0.8))
        stroke(page, (0.1, 0.1), (0.2, 0.1))
        page.keyboard.press("Control+z")
        page.get_by_role("button", name="Use this map").click()
        page.locator("#brush").wait_for(state="hidden")
        page.locator("[data-map].filled").first.wait_for()
    page.locator("[data-map].filled").nth(1).wait_for()
    page.keyboard.press("Control+Enter")
    page.locator("#results img").wait_for()
    (job,) = client.json("/api/state")["jobs"]
    assert (job["kind"], job["state"], job["message"]) == ("doodle", "done", "")
    for name in ("style_mask", "target_mask"):
        content = client.get(f"/api/pictures/{job['maps'][name]}?exact")[1]
        drawn = np.asarray(Image.open(io.BytesIO(content)))
        colours = {tuple(map(int, colour)) for colour in drawn.reshape(-1, 3)}
        assert colours == {(0x4A, 0x90, 0xD9), (0x3F, 0x9B, 0x57)}
        assert tuple(drawn[1, 3]) == (0x4A, 0x90, 0xD9)  # undone
    page.get_by_role("button", name="Photo", exact=True).click()
    page.get_by_role("button", name="Same again with").click()
    page.locator("[data-map].filled").nth(1).wait_for()


def test_a_skipped_job_lets_the_next_one_run(dropped, client):
    page = dropped
    page.get_by_role("button", name="Paint", exact=True).click()
    frames(page, 1)
    assert not page.get_by_role("button", name="Skip").is_visible()
    page.get_by_role("button", name="Paint", exact=True).click()
    page.locator("#queue li").wait_for()
    first, second = (job["id"] for job in client.json("/api/state")["jobs"])
    page.get_by_role("button", name="Skip").click()
    client.wait_for(second, "running")
    assert [job["id"] for job in client.json("/api/state")["jobs"]] == [second, first]


def test_a_wrong_setting_is_told_beside_its_field(dropped):
    page = dropped
    page.locator("#option-image_size").fill("0")
    page.keyboard.press("Control+Enter")
    page.locator("#error").wait_for()
    assert "image_size: expected a whole number of 1 or more" in page.locator("#error").inner_text()
    assert "wrong" in page.locator(".field[data-name=image_size]").get_attribute("class")


def test_a_result_is_compared_zoomed_and_downloaded_by_keyboard_alone(dropped, client):
    page = dropped
    small(page, "1")
    page.keyboard.press("Control+Enter")
    page.locator("#results img").wait_for()
    page.locator("#results .open").focus()
    page.keyboard.press("Enter")
    page.locator("#viewer .top").wait_for()
    before = page.locator("#viewer .top").evaluate("image => image.style.clipPath")
    page.keyboard.press("ArrowRight")
    assert page.locator("#viewer .top").evaluate("image => image.style.clipPath") != before
    page.get_by_label("zoom").select_option("400%")
    page.wait_for_function("() => document.querySelector('#viewer .stack img').clientWidth === 128")
    page.keyboard.press("Escape")
    page.locator("#viewer").wait_for(state="hidden")
    page.get_by_label("Format", exact=True).select_option("webp")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.endswith(".webp")
    with Image.open(download.value.path()) as image:
        assert (image.format, image.size) == ("WEBP", (32, 24))


def test_every_control_has_a_name_and_nothing_is_wider_than_a_phone(dropped):
    page = dropped
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, input:not([hidden]), select, a")]
            .filter((one) => !(one.labels?.length || one.getAttribute("aria-label")
                || one.textContent.trim())).map((one) => one.outerHTML)"""
    )
    assert nameless == []
    assert page.locator("img:not([alt])").count() == 0
    page.set_viewport_size({"width": 360, "height": 740})
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
