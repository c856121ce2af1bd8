"""Hostile logs in Chromium, with scripts on: what a log says is text on every page, and does nothing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from browser import kinds, visiting
from replayglass.render.escape import HIDDEN
from sites import AUDIT, PAPER, SMALL, records

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser

    from sites import Site

pytestmark = pytest.mark.no_cover

BAD = PAPER / "bad"
CASES = ("html_script_payload", "rtl_unicode_emoji", "control_chars", "lone_surrogates")
NAMES = {code: f"U+{code:04X}" for code in HIDDEN}
CENSUS = """() => {
  const active = ["script", "img", "iframe", "frame", "object", "embed", "base", "style", "link", "meta", "form",
    "input", "textarea", "select", "button", "svg a", "math", "video", "audio", "template"];
  const all = [...document.querySelectorAll("*")];
  return Object.fromEntries([
    ...active.map((name) => [name, document.querySelectorAll(name).length]),
    ["handlers", all.filter((one) => [...one.attributes].some(({ name }) => name.startsWith("on"))).length],
    ["schemes", document.querySelectorAll("[href*=':'], [src*=':'], [action*=':']").length],
  ]);
}"""
"""Counts the elements that load, run, send or link elsewhere."""


def _kind(site: Site, path: Path) -> str:
    return re.sub(r"\d+", "N", path.relative_to(site.folder).as_posix())


@pytest.fixture(scope="module")
def harmless(browser: Browser, site_of: Callable[[Path], Site]) -> dict[str, Any]:
    """Return the census of a page of each kind of a site whose log is harmless."""
    site = site_of(SMALL)
    found = {}
    with visiting(browser) as visit:
        for path in kinds(site):
            visit.page.goto(path.as_uri())
            found[_kind(site, path)] = visit.page.evaluate(CENSUS)
    return found


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_log_is_text(
    case: str, browser: Browser, site_of: Callable[[Path], Site], harmless: dict[str, Any]
) -> None:
    """On every page of a hostile log's site nothing runs, nothing is loaded from elsewhere, no element is the log's.

    Elements that could do anything are as many as on the same kind of page of a harmless site. No dialog, no window, no
    message on the console, no refusal by the policy, nothing wider than a phone. What the log says can be read, hidden
    characters by their names.
    """
    site = site_of(BAD / case)
    with visiting(browser, width=360) as visit:
        for path in sorted(site.folder.rglob("*.html")):
            visit.page.goto(path.as_uri())
            visit.page.wait_for_load_state("load")
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360, path
            assert visit.page.evaluate(CENSUS) == harmless[_kind(site, path)], path
        visit.page.goto((site.folder / "events" / "000000.html").as_uri())
        seen = " ".join(visit.page.locator("table.rows").inner_text().split())
    assert visit.complaints == []
    assert [url for url in visit.requests if not url.startswith((f"{site.folder.as_uri()}/", "data:"))] == []
    events = [json.loads(line) for line in records(BAD / case / AUDIT)]
    texts = {event.get(field, "") for event in events for field in ("marketId", "decisionClass")}
    assert len(texts) > 3
    assert {text for text in texts if " ".join(text.translate(NAMES).split()) not in seen} == set()


def test_what_is_listened_for(browser: Browser) -> None:
    """A dialog, a window and a script that the policy refuses would each be heard."""
    with visiting(browser) as visit:
        policy = "<meta http-equiv=Content-Security-Policy content=\"script-src 'none'\">"
        visit.page.goto(f"data:text/html,{policy}<script>1</script>")
        assert len(visit.complaints) == 1
        visit.page.evaluate("alert(1)")
        visit.page.evaluate("open('about:blank')")
        assert visit.complaints[1:] == ["dialog: 1", "window: about:blank"]
