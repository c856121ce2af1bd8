"""The changes of positions one by one, as a reader goes through them: in Chromium, by keyboard, from file://."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser import visiting
from paperlog import Tick
from sites import build, make_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

    from browser import Visit
    from sites import Site

HOSTILE = "<img src=x onerror=alert(1)>\u202e"
CHANGES = 300


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return a site of 300 changes: 280 positions are opened, one on another plane, then the first ones closed."""
    ticks = [(Tick(n, n, f"M{n}" if n else HOSTILE), "BUY", "PAPER" if n != 5 else "LIVE") for n in range(280)]
    ticks += [(Tick(n, n, f"M{n - 279}"), "SELL", "PAPER") for n in range(280, CHANGES)]
    folder = tmp_path_factory.mktemp("changes")
    lines = [line + b"\n" for tick, side, plane in ticks for line in tick.filled(side, plane)]
    return build(make_run(folder / "run", b"".join(lines)), folder / "site")


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Open a window, and have nothing complain in it."""
    with visiting(browser) as opened:
        yield opened
        assert opened.complaints == []


def _open(page: Page, folder: Path, fragment: str = "") -> None:
    page.goto("about:blank")
    page.goto((folder / "ledger/index.html").as_uri() + fragment)


def _said(page: Page) -> Locator:
    return page.locator("[data-scrubber] [role=status]")


def test_it_is_used_by_keyboard(site: Site, visit: Visit) -> None:
    """Arrows, Home and End move through all changes, buttons and the number field as well; each is told."""
    page = visit.page
    _open(page, site.folder)
    expect(_said(page)).to_contain_text("M20 on PAPER was open, is closed, at logical time 299")
    slider = page.get_by_label("Change", exact=True)
    slider.focus()
    for key, number, words in (
        ("Home", 0, "was not held, is open, at logical time 0, by event 5 of decision 0: change 0."),
        ("ArrowRight", 1, "M1 on PAPER was not held, is open, at logical time 1, by event 11 of decision 1"),
        ("End", 299, "M20 on PAPER was open, is closed"),
        ("ArrowLeft", 298, "M19 on PAPER was open, is closed"),
    ):
        page.keyboard.press(key)
        expect(_said(page)).to_contain_text(words)
        assert (slider.get_attribute("aria-valuetext") or "").startswith(f"{number} of 300: ")
        assert page.url.endswith(f"#at-{number}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(_said(page)).to_contain_text("change 299")
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    field = page.get_by_role("spinbutton")
    for text, number in (("255", 255), ("99999", 299), ("-3", 0)):
        field.fill(text)
        field.press("Enter")
        expect(_said(page)).to_contain_text(f"change {number}.")
        expect(field).to_have_value(str(number))
    expect(page.get_by_role("button", name="Previous")).to_be_disabled()


def test_an_address_leads_to_a_change(site: Site, visit: Visit) -> None:
    """A link to #at-k shows change k; from there links lead to its row, its event and its decision."""
    page = visit.page
    for name, place in (
        ("change 281", "ledger/changes/000001.html#k281"),
        ("event 1691", "events/000006.html#e1691"),
        ("decision 281", "decisions/000004.html#d281"),
    ):
        _open(page, site.folder, "#at-281")
        _said(page).get_by_role("link", name=name).click()
        page.wait_for_url(f"**/{place}")
        assert page.locator(":target").count() == 1
    _open(page, site.folder, "#at-281")
    page.evaluate("location.hash = '#at-7'")
    expect(_said(page)).to_contain_text("M7 on PAPER")


def test_what_was_open_is_listed(site: Site, visit: Visit) -> None:
    """Positions of each plane are listed up to a bound; the counts are exact, in the first script and the next."""
    held = visit.page.locator("[data-scrubber] .held")
    _open(visit.page, site.folder, "#at-6")
    expect(held.locator("h3")).to_have_text(["Open on LIVE then: 1", "Open on PAPER then: 6"])
    expect(held.locator("li").first).to_have_text("M5, by event 35")
    for number, count in ((255, 255), (256, 256), (299, 260)):
        _open(visit.page, site.folder, f"#at-{number}")
        expect(held.locator("h3").last).to_have_text(f"Open on PAPER then: {count}")
        shown = held.locator("ul").last.locator("li").count()
        assert shown <= 64
        expect(held.locator("p").last).to_have_text(f"{count - shown} more are open.")


def test_a_hostile_name_is_text(site: Site, visit: Visit) -> None:
    """What a log calls a market makes no element, and what would not be seen in it is named."""
    _open(visit.page, site.folder, "#at-0")
    expect(_said(visit.page)).to_contain_text(HOSTILE.replace("\u202e", "U+202E"))
    assert visit.page.locator("[data-scrubber] img").count() == 0
    assert "\u202e" not in (visit.page.locator("[data-scrubber]").text_content() or "")


def test_what_is_missing_is_said(site: Site, tmp_path: Path, browser: Browser) -> None:
    """Where a script cannot be loaded, or is not one of ours, that is said; other changes are shown all the same."""
    copy = shutil.copytree(site.folder, tmp_path / "site")
    (copy / "ledger/changes/000001.js").unlink()
    with visiting(browser) as visit:
        _open(visit.page, copy, "#at-260")
        missing = "The file ledger/changes/{}.js of this site is missing or damaged."
        expect(_said(visit.page)).to_have_text(missing.format("000001"))
        visit.page.get_by_role("spinbutton").fill("3")
        visit.page.keyboard.press("Enter")
        expect(_said(visit.page)).to_contain_text("M3 on PAPER")
        (copy / "ledger/changes/000000.js").write_text("replayglassLedger(0,{});")
        _open(visit.page, copy, "#at-3")
        expect(_said(visit.page)).to_have_text(missing.format("000000"))


def test_without_scripts_there_is_the_table(site: Site, browser: Browser) -> None:
    """With scripts off nothing is shown that does not work, and a link leads to all changes as rows."""
    with visiting(browser, scripts=False) as visit:
        _open(visit.page, site.folder)
        expect(visit.page.locator("[data-scrubber]")).to_be_hidden()
        visit.page.get_by_role("link", name="All position changes as a table").click()
        visit.page.get_by_role("link", name="page 1").click()
        assert visit.page.locator("#k281").count() == 1
