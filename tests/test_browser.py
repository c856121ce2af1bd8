"""Sites as a reader opens them: from file://, in Chromium, with scripts and without."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from browser import kinds, visiting
from replayglass.config import load_config
from serving import serving
from sites import FLOW, PAPER, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from playwright.sync_api import Browser

    from sites import Site

pytestmark = pytest.mark.no_cover

DIVERGED = FLOW.with_name("flow-diverged")
WIDTHS = (360, 1280)
LINKS = "[...document.links].map((link) => link.href)"
LIBRARY = (load_config(SAMPLE).library or "").removeprefix("..")
HOSTILE = ("html_script_payload", "rtl_unicode_emoji", "control_chars", "lone_surrogates")
RUNS = (SAMPLE, *(PAPER / "bad" / name for name in HOSTILE), PAPER / "bad" / "torn_last_line", DIVERGED, FLOW)


def _pages(site: Site) -> list[Path]:
    return sorted(site.folder.rglob("*.html"))


def _opened(site: Site) -> list[Path]:
    """Return the pages of a site that are opened: of one sample all, of others the fullest of each kind."""
    return _pages(site) if site.folder.parent.name.startswith("paper") else kinds(site)


class _Links(HTMLParser):
    """Collects the addresses and the anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        for name, value in attrs:
            if name in {"href", "src"} and value:
                self.hrefs.append(value)
            if name == "id" and value:
                self.anchors.add(value)


@cache
def _parsed(path: Path) -> _Links:
    links = _Links()
    links.feed(path.read_text(encoding="utf-8"))
    return links


def _broken(site: Site, page: Path, root: str, addresses: Iterable[str]) -> list[str]:
    """Return the addresses on a page that lead to no file below ``root``, or to no element of it.

    Only what people wrote (notes) may lead elsewhere, and the link to the library that a sample's configuration names.
    """
    broken = []
    for address in addresses:
        if address.endswith(LIBRARY):
            continue
        inside = address.startswith(root)
        parts = urlsplit(address.removeprefix(root) if inside else address)
        target = site.folder / (unquote(parts.path) or "index.html")
        if not inside:
            broken += [] if page.parent.name == "notes" else [address]
        elif not target.is_file() or (parts.fragment and parts.fragment not in _parsed(target).anchors):
            broken.append(address)
    return broken


@pytest.mark.parametrize("run", [SAMPLE, PAPER / "bad" / "torn_last_line", DIVERGED], ids=lambda run: run.name)
def test_pages_open_from_a_folder(run: Path, browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """From file:// no page complains, asks for anything outside the site, or is wider than a window of 360 or 1280 px.

    Wide tables scroll in a box of their own. Links that scripts made lead to a place of the site, too. Hostile logs
    have more to prove in test_hostile_browser.
    """
    site = site_of(run)
    with visiting(browser) as visit:
        for path in _opened(site):
            visit.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
            visit.page.goto(path.as_uri())
            for width in WIDTHS:
                visit.page.set_viewport_size({"width": width, "height": 900})
                assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert _broken(site, path, f"{site.folder.as_uri()}/", visit.page.evaluate(LINKS)) == []
    assert visit.complaints == []
    outside = [url for url in visit.requests if not url.startswith((site.folder.as_uri(), "data:"))]
    assert outside == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("run", [SAMPLE, DIVERGED], ids=lambda run: run.name)
def test_pages_open_over_http(run: Path, browser: Browser, site_of: Callable[[Path], Site], *, scripts: bool) -> None:
    """Over http, with scripts and without, no kind of page complains, or asks for or leads to what is not there."""
    site = site_of(run)
    with serving(site.folder) as client, visiting(browser, scripts=scripts) as visit:
        for path in kinds(site):
            visit.page.goto(client.server.url + path.relative_to(site.folder).as_posix())
            assert _broken(site, path, client.server.url, visit.page.evaluate(LINKS)) == []
        assert visit.complaints == []
        assert [url for url in visit.requests if not url.startswith((client.server.url, "data:"))] == []


def test_charts_are_drawn(browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """Where scripts run, each chart of the overview is a picture; its numbers are there as a table either way."""
    site = site_of(SAMPLE)
    with visiting(browser) as visit:
        visit.page.goto((site.folder / "index.html").as_uri())
        visit.page.wait_for_selector("svg.main-svg")
        drawn = visit.page.evaluate("document.querySelectorAll('.js-plotly-plot').length")
        tables = visit.page.evaluate("document.querySelectorAll('script.chart-data').length")
    assert drawn == tables == 4


def test_facts_are_readable_without_scripts(browser: Browser, site_of: Callable[[Path], Site]) -> None:
    """With scripts off the text of every record, decision and chart is in the page."""
    site = site_of(SAMPLE)
    with visiting(browser, scripts=False) as visit:
        visit.page.goto((site.folder / "events/000000.html").as_uri())
        text = visit.page.locator("body").text_content() or ""
        raws = (SAMPLE / "audit-events/data/audit_events.ndjson").read_text().splitlines()
        assert all(raw in text for raw in raws)
        visit.page.goto((site.folder / "decisions/000000.html").as_uri() + "#d6")
        story = visit.page.locator("#d6")
        assert story.is_visible()
        visit.page.goto((site.folder / "index.html").as_uri())
        assert "ORDER_INTENT_SKIPPED" in (visit.page.locator("main").text_content() or "")


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_every_link_resolves(run: Path, site_of: Callable[[Path], Site]) -> None:
    """Every link of every page leads to a file of the site, and every fragment to an element there.

    The one way out is the library that the run's configuration names.
    """
    site = site_of(run)
    broken = {}
    for path in _pages(site):
        here = path.as_uri()
        broken[path] = _broken(
            site, path, f"{site.folder.as_uri()}/", [urljoin(here, href) for href in _parsed(path).hrefs]
        )
    assert {path: addresses for path, addresses in broken.items() if addresses} == {}
