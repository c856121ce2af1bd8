"""The whole way of a reviewer by keyboard alone: find a decision, read its events and their proof, come back."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser import visiting
from serving import serving
from sites import AUDIT, SAMPLE, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from sites import Site

pytestmark = pytest.mark.no_cover

DECISION = next(json.loads(raw)["decisionId"] for raw in records(SAMPLE / AUDIT) if b"EXECUTION_ATTEMPTED" in raw)
FOCUSED = (
    "([names, text]) => document.activeElement.matches(names) && document.activeElement.textContent.includes(text)"
)
ROW = "(id) => document.activeElement.parentElement.contains(document.getElementById(id))"
OUTLINE = "() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, s.outlineWidth]; }"
FURTHEST = 600
"""More presses of Tab than anybody has patience for mean that a place cannot be reached."""


@contextmanager
def _address(site: Site, scheme: str) -> Iterator[str]:
    if scheme == "file":
        yield f"{site.folder.as_uri()}/"
        return
    with serving(site.folder) as client:
        yield client.server.url


def _reach(page: Page, names: str, key: str = "Tab", text: str = "") -> None:
    """Press a key until something of these CSS selectors, with this text, has the focus; it must be seen to have it."""
    for _ in range(FURTHEST):
        page.keyboard.press(key)
        if page.evaluate(FOCUSED, [names, text]):
            break
    else:
        pytest.fail(f"{names} has no focus after {FURTHEST} times {key} on {page.url}")
    style, width = page.evaluate(OUTLINE)
    assert style != "none"
    assert float(width.removesuffix("px")) >= 1


def _follow(page: Page, names: str, address: str, text: str = "") -> None:
    """Go to a link by keyboard, and press Enter."""
    _reach(page, names, text=text)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(address))


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_a_decision_and_its_proof(scheme: str, browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """/, an id and Enter lead to a decision, Tab and Enter to its events, their proof and back; keys go on there."""
    with _address(site_of(SAMPLE), scheme) as root, visiting(browser) as visit:
        page = visit.page
        page.goto(f"{root}index.html")
        page.keyboard.press("/")
        assert page.evaluate(FOCUSED, ["[data-search]", ""])
        page.keyboard.type(DECISION)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"decisions/000000\.html#d\d+$"))
        there = page.url.rpartition("#")[2]
        assert DECISION in (page.locator(":target").text_content() or "")
        _follow(page, ":target a[href*='events/']", r"events/000000\.html#e\d+$")
        _reach(page, ".check button", "Shift+Tab")
        page.keyboard.press("Enter")
        answer = page.locator(".check [role=status].notice")
        expect(answer).to_be_focused()
        expect(answer).to_have_class("notice good")
        expect(answer).to_contain_text("records on this page are those of the log")
        _follow(page, f"a[href$='decisions/000000.html#{there}']", f"#{there}$")
        assert DECISION in (page.locator(":target").text_content() or "")
        for key, is_on in (("j", False), ("k", True)):
            page.keyboard.press(key)
            assert page.evaluate(ROW, there) == is_on
        page.keyboard.press("?")
        expect(page.locator("dialog[open]")).to_contain_text("Next and previous row")
        page.keyboard.press("Escape")
        page.keyboard.press("g")
        page.keyboard.press("e")
        page.wait_for_url(f"{root}events/index.html")
        assert visit.complaints == []


def test_a_decision_without_scripts(browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """Without scripts Tab and Enter lead through the index as pages to the same decision, to its events, and back."""
    with visiting(browser, scripts=False) as visit:
        page = visit.page
        page.goto((site_of(SAMPLE).folder / "index.html").as_uri())
        _reach(page, "input[type=search]")
        page.keyboard.type(DECISION)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(rf"lookup/index\.html\?q={DECISION}$"))
        _follow(page, "main a[href*='000000.html']", r"lookup/000000\.html$")
        _follow(page, "main a[href*='000000/000']", r"lookup/000000/000-0000\.html$")
        _follow(page, "main a", r"decisions/000000\.html#d\d+$", DECISION)
        there = page.url.rpartition("#")[2]
        assert DECISION in (page.locator(":target").text_content() or "")
        _follow(page, f"#{there} a[href*='events/']", r"events/000000\.html#e\d+$")
        _follow(page, f"a[href$='decisions/000000.html#{there}']", f"#{there}$")
        assert visit.complaints == []
