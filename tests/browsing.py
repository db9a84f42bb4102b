"""A real browser that reports what a page must never do: fail, break the policy, or ask anybody else.

The browser lives for one module: while Playwright runs, Django refuses the ORM in the same thread, so a test that opens
pages works through the portal alone, and the modules after it find no loop running.
"""

import json
import os
import shutil
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What axe-core looks for.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE = 30_000  # Milliseconds; the machine may be busy with other tests.

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def chromium():
    """Debian's Chromium; where it is missing, the test is skipped at home and fails under CI."""
    executable = shutil.which("chromium")
    if executable is None:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_browser(chromium):
    """Open a page on a portal, as `open_browser(address, width=1280, statuses=(), **context)`.

    Complaints fail the test at its end; an error status among `statuses` is none.

    Each page has cookies of its own. What the console says, errors of scripts, answers from 400 on and requests to
    other hosts are complaints; a breach of the content security policy is said on the console.
    """
    contexts, complaints = [], []

    def open_page(address, width=1280, statuses=(), **options):
        context = chromium.new_context(
            base_url=address,
            viewport={"width": width, "height": 900},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        _watch(context, urlsplit(address).netloc, statuses, complaints.append)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _watch(context, host, statuses, complain):
    def on_console(message):
        expected = statuses and "Failed to load resource" in message.text
        if message.type in ("error", "warning") and not expected:
            complain(f"{message.page and message.page.url} said: {message.text}")

    def on_request(request):
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != host:
            complain(f"{request.method} {request.url} goes to another host")

    def on_response(response):
        if response.status >= 400 and response.status not in statuses:
            complain(f"{response.request.method} {response.url} was answered {response.status}")

    context.on("console", on_console)
    context.on("weberror", lambda error: complain(str(error.error)))
    context.on("request", on_request)
    context.on("response", on_response)


def assert_fits(page):
    """The page as a whole does not scroll sideways."""
    widths = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert widths[0] <= widths[1], f"{page.url} is {widths[0]} px wide in a window of {widths[1]} px"


def select_words(page, paragraph, words):
    """Select words of a paragraph with the mouse, from before the first character to behind the last."""
    paragraph.scroll_into_view_if_needed()
    ends = paragraph.evaluate(
        """(paragraph, words) => {
            const texts = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
            while (texts.nextNode()) {
                const text = texts.currentNode, at = text.data.indexOf(words);
                if (at < 0) continue;
                return [at, at + words.length - 1].map((index) => {
                    const character = document.createRange();
                    character.setStart(text, index);
                    character.setEnd(text, index + 1);
                    const {left, right, top, bottom} = character.getBoundingClientRect();
                    return {left, right, middle: (top + bottom) / 2};
                });
            }
            throw new Error(`${words} is not there`);
        }""",
        words,
    )
    page.evaluate("document.getSelection().removeAllRanges()")  # A press on selected words would drag them.
    page.mouse.move(ends[0]["left"] + 1, ends[0]["middle"])
    page.mouse.down()
    page.mouse.move(ends[1]["right"] - 1, ends[1]["middle"], steps=4)
    page.mouse.up()


def violations(page, **options):
    """What axe-core finds, shortened to what is needed to mend it."""
    # Evaluated, not added to the page as a script, which the content security policy would refuse.
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate(f"axe.run({json.dumps(options)})")["violations"]
    return [(rule["id"], [node["html"][:200] for node in rule["nodes"][:5]]) for rule in found]
