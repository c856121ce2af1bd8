"""The frame of pages in a browser: verdict, theme, keys, tools of a row, CSV; from file:// and http, scripts or not."""

from __future__ import annotations

import csv
import json
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from browser import visiting
from serving import serving
from sites import AUDIT, FLOW, PAPER, SAMPLE, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from sites import Site

pytestmark = pytest.mark.no_cover

DIVERGED = FLOW.with_name("flow-diverged")
HOSTILE = PAPER / "bad" / "html_script_payload"
EVENTS, DECISIONS = "events/000000.html", "decisions/000000.html"
COUNT_NODES = "document.getElementsByTagName('*').length"


@contextmanager
def _address(site: Site, scheme: str) -> Iterator[str]:
    """Give the address of a site's root, ending with a slash."""
    if scheme == "file":
        yield f"{site.folder.as_uri()}/"
        return
    with serving(site.folder) as client:
        yield f"http://{client.host}:{client.port}/"


@pytest.mark.parametrize("scheme", ["file", "http"])
@pytest.mark.parametrize("run", [SAMPLE, DIVERGED], ids=lambda run: run.name)
def test_the_verdict_is_on_every_page(
    scheme: str, run: Path, browser: Browser, site_of: Callable[[Path], Site]
) -> None:
    """The banner says the verdict and leads to the findings; without scripts it leads there too."""
    path, says = (EVENTS, "Clean") if run == SAMPLE else ("flow/journal/000000.html", "1 error")
    with _address(site_of(run), scheme) as root:
        for scripts in (True, False):
            with visiting(browser, scripts=scripts) as visit:
                visit.page.goto(f"{root}{path}")
                banner = visit.page.locator("header a.verdict")
                assert (banner.text_content() or "").strip() == (says if scripts else "Verdict and findings")
                banner.click()
                assert visit.page.url == f"{root}findings/index.html"
                assert visit.complaints == []
                assert all(url.startswith((root, "data:")) for url in visit.requests)


def _ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_the_theme_is_remembered(scheme: str, browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """The theme that a reader chose holds on the next page too; paper stays light."""
    with _address(site_of(SAMPLE), scheme) as root, visiting(browser) as visit:
        page = visit.page
        page.goto(f"{root}index.html")
        light = _ground(page)
        page.get_by_label("Theme").focus()
        page.keyboard.press("End")
        dark = _ground(page)
        assert dark != light
        page.goto(f"{root}{EVENTS}")
        assert _ground(page) == dark
        assert page.get_by_label("Theme").input_value() == "dark"
        page.emulate_media(media="print")
        assert _ground(page) == "rgb(255, 255, 255)"
        page.emulate_media(media="screen", color_scheme="dark")
        page.get_by_label("Theme").select_option("light")
        assert _ground(page) == light
        page.get_by_label("Theme").select_option("")
        page.reload()
        assert _ground(page) == dark
        assert visit.complaints == []


def test_a_theme_that_cannot_be_remembered(browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """Where a browser keeps nothing, the theme holds for the page, and nothing complains."""
    with visiting(browser) as visit:
        visit.page.add_init_script(
            "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })"
        )
        visit.page.goto((site_of(SAMPLE).folder / "index.html").as_uri())
        light = _ground(visit.page)
        visit.page.get_by_label("Theme").select_option("dark")
        assert _ground(visit.page) != light
        assert visit.complaints == []


def _press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_the_keys(browser: Browser, site_of: Callable[[Path], Site], long_run: Path) -> None:
    """J and k move from row to row, n and p from page to page, g and a letter to a section; ? says so."""
    root = site_of(long_run).folder.as_uri()
    with visiting(browser) as visit:
        page = visit.page
        page.goto(f"{root}/{EVENTS}")
        _press(page, "j", "j", "j", "k")
        assert page.evaluate("document.activeElement.id") == "e1"
        _press(page, "n")
        page.wait_for_url("**/events/000001.html")
        _press(page, "p")
        page.wait_for_url("**/events/000000.html")
        for key, path in {"d": "decisions", "l": "ledger", "s": "snapshots", "f": "findings", "i": "integrity"}.items():
            _press(page, "g", key)
            page.wait_for_url(f"**/{path}/index.html")
        _press(page, "g", "o")
        page.wait_for_url(f"{root}/index.html")
        _press(page, "?")
        assert "Integrity" in page.locator("dialog[open]").inner_text()
        _press(page, "Escape")
        assert page.locator("dialog[open]").count() == 0
        assert visit.complaints == []


def test_keys_that_are_not_meant(browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """With a modifier, in a field, or without a meaning, a key does nothing here; / is for the search box."""
    root = site_of(SAMPLE).folder.as_uri()
    with visiting(browser) as visit:
        page = visit.page
        page.goto(f"{root}/{EVENTS}")
        _press(page, "Control+j", "Alt+j", "x", "g", "x", "d", "n", "p")
        assert page.url == f"{root}/{EVENTS}"
        assert page.evaluate("document.activeElement === document.body")
        page.evaluate(
            "document.querySelector('[data-search]') ?? document.body.append(document.createElement('input'))"
        )
        page.evaluate(
            "(document.querySelector('[data-search]') ?? document.querySelector('body > input')).dataset.search = ''"
        )
        _press(page, "/", "g", "d", "?", "j")
        assert page.evaluate("document.activeElement.value") == "gd?j"
        page.goto(f"{root}/{DECISIONS}")
        _press(page, "j", "j", "Enter")
        assert page.locator("details.story[open]").count() == 1
        assert page.locator("#d1 .rowtools").is_visible()
        assert visit.complaints == []


def test_what_a_row_offers(browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """The row that is looked at, and no other, offers its address, its record as it is, and its ids."""
    raws = records(SAMPLE / AUDIT)
    address = (site_of(SAMPLE).folder / EVENTS).as_uri()
    with visiting(browser) as visit:
        page = visit.page
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(address)
        nodes = page.evaluate(COUNT_NODES)
        page.goto(f"{address}#e3")
        copied = []
        for row, names in (("e3", ("link", "JSON", "606bcaf1\u2026")), ("e4", ("link", "JSON"))):
            page.locator(f"tr#{row}").hover()
            for name in names:
                button = page.locator(f"tr#{row}").get_by_role("button", name=f"Copy {name}")
                button.click()
                button.filter(has_text="copied").wait_for()
                copied.append(page.evaluate("navigator.clipboard.readText()"))
            page.evaluate("document.activeElement.blur()")
        assert copied[0] == f"{address}#e3"
        assert copied[1].encode() == raws[3]
        assert copied[2] == json.loads(raws[3])["id"]
        assert copied[3:] == [f"{address}#e4", raws[4].decode()]
        assert page.locator(".rowtools").count() == 1
        assert page.evaluate(COUNT_NODES) <= nodes + 8
        assert visit.complaints == []


def test_a_browser_without_a_clipboard(browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """Without a clipboard the text is in a field, selected, to be copied by hand."""
    with visiting(browser) as visit:
        visit.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        visit.page.goto((site_of(SAMPLE).folder / EVENTS).as_uri() + "#e3")
        visit.page.get_by_role("button", name="Copy JSON").click()
        field = visit.page.get_by_label("Press Ctrl+C to copy")
        assert field.input_value().encode() == records(SAMPLE / AUDIT)[3]
        assert field.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd) === field.value")
        assert field.evaluate("field => field === document.activeElement")
        assert visit.complaints == []


def _csv(page: Page) -> str:
    with page.expect_download() as waiting:
        page.get_by_role("button", name="This page as CSV").click()
    return waiting.value.path().read_bytes().decode()


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_a_page_as_csv(scheme: str, browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """The rows of a page are saved as they are, records byte for byte; without scripts nothing is offered."""
    with _address(site_of(SAMPLE), scheme) as root, visiting(browser) as visit:
        visit.page.goto(f"{root}{EVENTS}#e3")
        text = _csv(visit.page)
        head, *rows = csv.reader(StringIO(text, newline=""), strict=True)
        assert head == ["#", "time", "created", "event", "says", "id", "record"]
        events = [row for row in rows if row[0]]
        assert [row[-1].encode() for row in events] == records(SAMPLE / AUDIT)
        assert [int(row[0]) for row in events] == list(range(len(events)))
        assert {len(row) for row in rows} == {len(head)}
        assert text.endswith("\r\n")
        assert "\ufeff" not in text
        visit.page.goto(f"{root}{DECISIONS}")
        head, *rows = csv.reader(StringIO(_csv(visit.page), newline=""), strict=True)
        assert head[:3] == ["#", "time", "class"]
        assert [row[0] for row in rows] == [str(number) for number in range(len(rows))]
        assert visit.complaints == []
    with visiting(browser, scripts=False) as visit:
        visit.page.goto((site_of(SAMPLE).folder / EVENTS).as_uri())
        assert visit.page.get_by_text("This page as CSV").count() == 0


def test_csv_runs_nothing(browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """A cell that a spreadsheet would take for a formula begins with an apostrophe; quotes and line ends are kept."""
    cells = ["=1+1", "+1", "-1", "@x", "\tx", 'a "b", c', "two\r\nlines", "1-1", "", "'x"]
    with visiting(browser) as visit:
        visit.page.goto((site_of(HOSTILE).folder / EVENTS).as_uri())
        visit.page.evaluate(
            "(cells) => [...document.querySelectorAll('.rows tr > td:nth-child(2)')]"
            ".forEach((cell, i) => { cell.textContent = cells[i] ?? ''; })",
            cells,
        )
        rows = list(csv.reader(StringIO(_csv(visit.page), newline=""), strict=True))
        expected = [f"'{cell}" if cell.startswith(tuple("=+-@\t")) else cell for cell in cells]
        assert [row[1] for row in rows[1 : len(cells) + 1]] == expected
        assert visit.complaints == []


def test_ids_are_shown_short_and_stay_whole(browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """Of an id the beginning and the end are shown; its text is all of it, and so is what a selection holds."""
    first = json.loads(records(SAMPLE / AUDIT)[0])["id"]
    with visiting(browser) as visit:
        visit.page.goto((site_of(SAMPLE).folder / EVENTS).as_uri())
        code = visit.page.locator("tr#e0 td:nth-child(6) code")
        assert code.text_content() == first
        assert code.evaluate("element => element.clientWidth < element.scrollWidth")
        assert code.evaluate("e => { getSelection().selectAllChildren(e); return String(getSelection()); }") == first
        shown = str(code.evaluate("e => getComputedStyle(e, '::after').content"))
        assert "\u2026" in shown
        assert code.get_attribute("data-tail") == first[-6:]


@pytest.mark.parametrize("run", [SAMPLE, DIVERGED], ids=lambda run: run.name)
def test_paper_is_a_report(run: Path, browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """A printed page has title, verdict and path, and nothing that only a screen can use; ids are whole."""
    path = EVENTS if run == SAMPLE else "flow/journal/000000.html"
    with visiting(browser, width=720, dark=True) as visit:
        visit.page.goto((site_of(run).folder / path).as_uri())
        visit.page.emulate_media(media="print", color_scheme="dark")
        say = "([name, part]) => getComputedStyle(document.querySelector(name), part).content"
        assert path in str(visit.page.evaluate("document.querySelector('main').dataset.path"))
        assert "attr" not in visit.page.evaluate(say, ["main", "::before"])
        assert visit.page.evaluate(say, ["main", "::before"]) == f'"{path}"'
        assert "As of logical time" in visit.page.evaluate(say, [".verdict", "::after"])
        assert visit.page.locator("h1").is_visible()
        for name in (".sections", ".theme", ".tools", ".csv", ".help", ".check button", ".crumbs"):
            assert not visit.page.locator(name).first.is_visible(), name
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if run == SAMPLE:
            assert visit.page.evaluate(say, [".id", "::after"]) == "none"


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("run", [SAMPLE, FLOW], ids=lambda run: run.name)
def test_where_one_is_stays_in_sight(run: Path, width: int, browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """The sections take one line, stay in sight, and the one that one is in is among those that are seen."""
    folder = site_of(run).folder
    journal = sorted(folder.rglob("journal/000000.html"))
    with visiting(browser, width=width) as visit:
        for path in (folder / "findings/000000.html", folder / "integrity/index.html", *journal):
            visit.page.goto(path.as_uri())
            visit.page.evaluate("scrollTo(0, document.body.scrollHeight)")
            sections, here = visit.page.locator(".sections"), visit.page.locator(".sections [aria-current]")
            height = sections.evaluate("element => element.getBoundingClientRect().height")
            left, right = here.evaluate("e => { const box = e.getBoundingClientRect(); return [box.left, box.right]; }")
            assert height < 40
            assert sections.evaluate("element => element.getBoundingClientRect().top") < 120
            assert 0 <= left < right <= width
            if width == 1280:
                assert sections.evaluate("element => element.scrollWidth <= element.clientWidth")
