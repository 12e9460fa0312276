"""The page in headless Chromium: no console error, no request, charts drawn, tables sorted."""

from __future__ import annotations

import json
import os
import shutil

import pytest

pytestmark = pytest.mark.browser

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def the_browser():
    """Start Chromium; skip where there is none, unless this is CI, where one must be."""
    binary = next(filter(None, map(shutil.which, CHROMIUM)), None)
    driver = shutil.which("chromedriver")
    if binary is None or driver is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have chromium and chromedriver")
        pytest.skip("there is no chromium with chromedriver on this machine")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))


@pytest.fixture(scope="module")
def opened(page, tmp_path_factory):
    """Return a browser with the page open, and what it logged while opening it."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page, encoding="utf-8")
    browser = the_browser()
    try:
        browser.get(path.as_uri())
        console = browser.get_log("browser")
        events = [json.loads(row["message"])["message"] for row in browser.get_log("performance")]
        yield browser, console, events, path.as_uri()
    finally:
        browser.quit()


def test_the_console_is_silent(opened):
    assert opened[1] == []


def test_the_page_requests_itself_alone(opened):
    _, _, events, address = opened
    sent = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
    requested = {p["request"]["url"] for p in sent}
    assert address in requested
    assert {url for url in requested if not url.startswith(("data:", "chrome:"))} == {address}


def test_charts_are_there_and_large_enough_to_read(opened):
    browser = opened[0]
    sizes = browser.execute_script(
        "return [...document.querySelectorAll('svg')].map(s => {"
        "  const box = s.getBoundingClientRect();"
        "  return [box.width, box.height, s.querySelectorAll('path').length]; })"
    )
    assert len(sizes) == 11
    assert all(width > 400 and height > 150 and paths > 5 for width, height, paths in sizes)


@pytest.mark.parametrize("width", [1280, 800, 400])
def test_nothing_is_wider_than_the_window(opened, width):
    browser = opened[0]
    emulated = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", emulated)
    inner, page = browser.execute_script(
        "return [window.innerWidth, document.documentElement.scrollWidth]"
    )
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert inner == width
    assert page <= width


def colours(browser, scheme):
    feature = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": feature})
    return browser.execute_script(
        "const s = document.querySelector('section');"
        "const t = s.parentElement.querySelector('svg text');"
        "return [getComputedStyle(s).backgroundColor, getComputedStyle(s).color,"
        "        getComputedStyle(t).fill]"
    )


def luminance(colour):
    parts = [int(x) / 255 for x in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_text_and_charts_follow_light_and_dark(opened, scheme, is_dark):
    paper, ink, drawn = colours(opened[0], scheme)
    assert (luminance(paper) < 0.2) is is_dark
    for colour in (ink, drawn):
        high, low = sorted((luminance(paper), luminance(colour)), reverse=True)
        assert (high + 0.05) / (low + 0.05) > 7


def column(browser, section, place):
    return browser.execute_script(
        "return [...document.querySelectorAll(`#${arguments[0]} tbody tr`)]"
        ".map(r => r.children[arguments[1]].dataset.key)",
        section,
        place,
    )


def press(browser, section, place):
    browser.execute_script(
        "document.querySelectorAll(`#${arguments[0]} th button`)[arguments[1]].click()",
        section,
        place,
    )
    return column(browser, section, place)


def test_tables_sort_by_numbers_and_by_words(opened):
    browser = opened[0]
    before = column(browser, "top", 2)
    falling = press(browser, "top", 2)
    assert list(map(float, falling)) == sorted(map(float, before), reverse=True)
    assert list(map(float, press(browser, "top", 2))) == sorted(map(float, before))
    state = browser.execute_script(
        "return document.querySelectorAll('#top th')[2].getAttribute('aria-sort')"
    )
    assert state == "ascending"
    names = press(browser, "segments", 0)
    assert names == sorted(names)
    assert press(browser, "segments", 0) == sorted(names, reverse=True)
    assert browser.get_log("browser") == []
