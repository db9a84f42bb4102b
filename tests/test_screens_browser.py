"""Pictures of every class of page for people to look at: `pytest -m browser --screens DIR`."""

import pytest
from page_classes import ERROR_CLASSES, PAGE_CLASSES, WIDTHS

pytestmark = pytest.mark.browser

# Name of the look: how the browser is opened, the way of showing pages, the medium.
LOOKS = {
    "light": ({"color_scheme": "light"}, "standard", "screen"),
    "dark": ({"color_scheme": "dark"}, "standard", "screen"),
    "elder": ({"color_scheme": "light"}, "elder", "screen"),
    "elder-dark": ({"color_scheme": "dark"}, "elder", "screen"),
    "print": ({"color_scheme": "light"}, "standard", "print"),
}
# Chromium paints no more in one piece; what is below is in the browser.
TALLEST = 16_000


@pytest.fixture(scope="module")
def directory(request):
    """Where the pictures go; without the option nobody looks at them, and none are made."""
    directory = request.config.getoption("--screens")
    if directory is None:
        pytest.skip("pictures are made when asked for: --screens DIR")
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("width", WIDTHS)
def test_write_pictures_of_every_page(width, look, directory, site, open_browser):
    options, mode, medium = LOOKS[look]
    page = open_browser(site, width=width, statuses={400, 404}, **options)
    page.goto(f"/display/?mode={mode}&next=/")
    page.emulate_media(media=medium)
    paths = PAGE_CLASSES | {name: path for name, (path, _status) in ERROR_CLASSES.items()}
    for name, path in paths.items():
        page.goto(path)
        height = page.evaluate("document.documentElement.scrollHeight")
        box = {"x": 0, "y": 0, "width": width, "height": min(height, TALLEST)}
        picture = directory / f"{name}-{width}-{look}.png"
        page.screenshot(path=picture, full_page=True, clip=box)
        assert picture.stat().st_size > 0
