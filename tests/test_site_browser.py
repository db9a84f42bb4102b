"""Every class of public page in a real browser: accessible, fitting, light, still, and asking nobody else."""

from urllib.parse import quote

import pytest
from browsing import RULES, assert_fits, violations
from page_classes import ELDER_CLASSES, ERROR_CLASSES, PAGE_CLASSES, WIDTHS

pytestmark = pytest.mark.browser

KILOBYTE = 1024
# What moved after it was first painted, and by how much: nothing may.
SHIFTS = """new Promise(resolve => {
    const moved = [];
    const words = node => node ? (node.outerHTML || node.textContent).slice(0, 120) : "";
    new PerformanceObserver(list => list.getEntries().forEach(
        entry => moved.push([entry.value, entry.sources.map(source => words(source.node))])
    )).observe({type: "layout-shift", buffered: true});
    requestAnimationFrame(() => setTimeout(() => resolve(moved), 50));
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible_and_fits(width, scheme, site, open_browser):
    page = open_browser(site, width=width, color_scheme=scheme)
    found = {}
    for name, path in PAGE_CLASSES.items():
        page.goto(path)
        assert_fits(page)
        found[name] = violations(page, runOnly=RULES)
    assert {name: rules for name, rules in found.items() if rules} == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_of_errors_is_accessible_and_fits(width, site, open_browser):
    page = open_browser(site, width=width, statuses={400, 404})
    for path, status in ERROR_CLASSES.values():
        assert page.goto(path).status == status
        assert_fits(page)
        assert violations(page, runOnly=RULES) == [], path


@pytest.mark.parametrize("width", WIDTHS)
def test_the_edition_for_the_elderly_is_large_and_of_high_contrast(width, site, open_browser):
    page = open_browser(site, width=width)
    for name in ELDER_CLASSES:
        page.goto(f"/display/?mode=elder&next={quote(PAGE_CLASSES[name])}")
        assert_fits(page)
        assert "elder" in page.locator("html").get_attribute("class")
        enhanced = {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}
        assert violations(page, runOnly=RULES, rules=enhanced) == [], name


def test_pages_are_light_and_nothing_moves(site, open_browser):
    """What a first visit brings over the wire, compressed, with the stylesheet and the pictures."""
    heavy, moved = {}, {}
    for name, path in PAGE_CLASSES.items():
        page = open_browser(site)
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        bytes_received = []
        network.on("Network.loadingFinished", lambda event, to=bytes_received: to.append(event["encodedDataLength"]))
        page.goto(path, wait_until="networkidle")
        if sum(bytes_received) > (60 if name.startswith("home") else 100) * KILOBYTE:
            heavy[name] = sum(bytes_received)
        assert sum(bytes_received) > KILOBYTE, name
        if shifts := page.evaluate(SHIFTS):
            moved[name] = shifts
        page.context.close()
    assert heavy == {}
    assert moved == {}


def test_every_page_is_whole_without_scripts(site, open_browser):
    with_scripts, without = open_browser(site), open_browser(site, java_script_enabled=False)
    for path in PAGE_CLASSES.values():
        words = []
        for page in (with_scripts, without):
            page.goto(path)
            words.append(page.locator("main").inner_text())
        assert words[0] == words[1], path
