"""The search box as a reader uses it: in Chromium, from file:// and http, by keyboard, and without scripts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from playwright.sync_api import expect

from browser import visiting
from serving import serving
from sites import AUDIT, FLOW, PAPER, SMALL, SNAPSHOTS, build, make_run, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

    from browser import Visit
    from sites import Site

pytestmark = pytest.mark.no_cover

PAGES = ("index.html", "events/000003.html", "lookup/000000/names-0000.html")


@pytest.fixture(scope="module")
def site(long_run: Path, site_of: Callable[[Path], Site]) -> Site:
    """Return a site of 3,000 events."""
    return site_of(long_run)


@pytest.fixture
def visit(window: Visit) -> Iterator[Visit]:
    """Give a window, and have nothing complain in it."""
    window.begin("about:blank")
    yield window
    assert window.complaints == []


def _box(page: Page) -> Locator:
    return page.locator("[data-search]")


def _options(page: Page) -> Locator:
    return page.locator(".lookup [role=option]")


def _said(page: Page) -> Locator:
    return page.locator(".lookup [role=status]")


def _look(page: Page, text: str) -> list[tuple[str, str, str]]:
    """Type a text; return what is offered: what each is, its text, its place."""
    _box(page).fill("")
    _box(page).fill(text)
    expect(_said(page)).not_to_have_text("Looking…")
    parts = [option.locator("span").all_text_contents() for option in _options(page).all()]
    return [(what, word, place) for what, word, place in parts]


@pytest.mark.parametrize("start", PAGES)
@pytest.mark.parametrize("is_served", [False, True], ids=["file", "http"])
def test_an_id_leads_to_its_place(start: str, is_served: bool, site: Site, long_run: Path, visit: Visit) -> None:  # noqa: FBT001 - a case
    """On any page, a whole id and Enter go to its row; only files of the look-up are loaded for that."""
    audit = [json.loads(line) for line in records(long_run / AUDIT)]
    snapshot = json.loads(records(long_run / SNAPSHOTS)[20])["snapshotId"]
    decision = next(event["decisionId"] for event in audit[1_500:] if event["type"] == "DECISION_EVALUATED")
    with serving(site.folder) as client:
        home = f"http://{client.host}:{client.port}" if is_served else site.folder.as_uri()
        for text, place in (
            (audit[2_345]["id"], "events/000009.html#e2345"),
            (audit[2_345]["id"].replace("-", "").upper(), "events/000009.html#e2345"),
            (decision, r"decisions/\d+.html#d\d+"),
            (snapshot, "snapshots/000000.html#s20"),
        ):
            visit.page.goto(f"{home}/{start}")
            before = len(visit.requests)
            _box(visit.page).fill(text)
            _box(visit.page).press("Enter")
            visit.page.wait_for_url(re.compile(f".*/{place}$"))
            assert visit.page.locator(":target").count() == 1
            if text == decision:
                assert text in (visit.page.locator(":target").text_content() or "")
            asked = visit.requests[before:]
            scripts = [url for url in asked if url.endswith(".js") and "/assets/" not in url]
            assert scripts
            assert all(url.startswith((f"{home}/lookup/", f"{home}/verdict.js")) for url in scripts)


def test_begins_list_candidates(site: Site, long_run: Path, visit: Visit) -> None:
    """Begins of ids and names, in any case, list what begins so, each with what it is and where."""
    audit = [json.loads(line) for line in records(long_run / AUDIT)]
    visit.page.goto((site.folder / "events/000002.html").as_uri())
    first = audit[700]["id"]
    assert ("event", first, "event 700") in _look(visit.page, first[:6])
    market = next((number, one["marketId"]) for number, one in enumerate(audit) if "marketId" in one)
    assert ("market", market[1], f"event {market[0]}") in _look(visit.page, market[1][:3].lower())
    assert ("decisions of market", market[1], "decisions of market 0") in _look(visit.page, market[1][:3].lower())
    instance = audit[0]["strategyInstanceId"]
    for text in (instance[:14], instance[:14].replace("-", "")):
        assert ("strategy instance", instance, "event 0") in _look(visit.page, text)
    assert ("decision class", audit[0]["decisionClass"], "event 0") in _look(visit.page, "rotation.")
    assert _look(visit.page, "zzzz") == []
    expect(_said(visit.page)).to_have_text("No id, name or number of this site begins with “zzzz”.")
    assert _look(visit.page, "0f") == []
    expect(_said(visit.page)).to_have_text("At least 4 characters of an id, or a whole number.")


def test_numbers_and_times_lead_to_rows(site: Site, long_run: Path, visit: Visit) -> None:
    """A whole number is offered as event, decision, snapshot and logical time; a time goes to its first event."""
    times = [json.loads(line)["logicalTime"] for line in records(long_run / AUDIT)]
    page = visit.page
    page.goto((site.folder / "index.html").as_uri())
    found = _look(page, "17")
    assert [what for what, _, _ in found] == ["event", "decision", "snapshot", "logical time"]
    _options(page).nth(1).click()
    page.wait_for_url("**/decisions/000000.html#d17")
    missing = next(time for time in range(times[-1]) if time not in times)
    for time in (times[0], times[1_999], times[-1], missing, times[-1] + 1):
        (place,) = [number for number, one in enumerate(_look(page, str(time))) if one[0] == "logical time"]
        _options(page).nth(place).click()
        expected = next((seq for seq, one in enumerate(times) if one >= time), len(times) - 1)
        page.wait_for_url(f"**/events/{expected // 256:06d}.html#e{expected}")


def test_the_box_works_by_keyboard(site: Site, visit: Visit) -> None:
    """Arrows choose, Enter goes, Escape closes; what is chosen is told to assistive technology."""
    page = visit.page
    page.goto((site.folder / "index.html").as_uri())
    box = _box(page)
    assert len(_look(page, "17")) == 4
    expect(box).to_have_attribute("aria-expanded", "true")
    for key, chosen in (("ArrowUp", 3), ("ArrowDown", 0), ("ArrowDown", 1)):
        box.press(key)
        option = _options(page).nth(chosen)
        expect(option).to_have_attribute("aria-selected", "true")
        expect(box).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "")
    box.press("Escape")
    expect(_options(page).first).to_be_hidden()
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/decisions/000000.html#d17")


def test_enter_asks_where_several_fit(site: Site, visit: Visit) -> None:
    """Enter goes nowhere while several places fit; it chooses the first, and Enter again goes there."""
    visit.page.goto((site.folder / "index.html").as_uri())
    _look(visit.page, "17")
    _box(visit.page).press("Enter")
    expect(_options(visit.page).first).to_have_attribute("aria-selected", "true")
    _box(visit.page).press("Enter")
    visit.page.wait_for_url("**/events/000000.html#e17")


def test_many_candidates_are_cut(tmp_path: Path, visit: Visit) -> None:
    """At most 50 candidates are listed, and it is said that there are more."""
    intent = next(json.loads(line) for line in records(SMALL / AUDIT) if b"ORDER_INTENT_CREATED" in line)
    lines = [json.dumps(intent | {"id": str(UUID(int=number)), "marketId": f"M-{number}"}) for number in range(80)]
    site = build(make_run(tmp_path / "run", "\n".join([*lines, ""]).encode()), tmp_path / "site")
    visit.page.goto((site.folder / "index.html").as_uri())
    assert len(_look(visit.page, "m-")) == 50
    expect(_said(visit.page)).to_have_text("The first 50; more characters find fewer.")


@pytest.mark.parametrize("name", ["html_script_payload", "rtl_unicode_emoji", "control_chars", "lone_surrogates"])
def test_hostile_names_are_text(name: str, site_of: Callable[[Path], Site], visit: Visit) -> None:
    """What a log says is listed as text: it makes no element, runs nothing, and what would not be seen is named."""
    site = site_of(PAPER / "bad" / name)
    leaf = json.loads((site.folder / "lookup/000000/names-0000.js").read_text().split(",", 1)[1][:-3])
    visit.page.goto((site.folder / "events/000000.html").as_uri())
    for text in leaf["names"]:
        begin = re.split("[\r\n]", text.strip())[0]  # a box has one line
        assert _look(visit.page, begin[:40])
    shown = _options(visit.page).locator("*")
    assert {element.evaluate("node => node.tagName") for element in shown.all()} <= {"SPAN"}
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08]", "".join(_options(visit.page).all_text_contents()))


def test_what_is_missing_is_said(site: Site, tmp_path: Path, browser: Browser) -> None:
    """Where a file of the index cannot be loaded, the box says which."""
    for path in ("index.html", "assets"):
        (tmp_path / path).symlink_to(site.folder / path)
    with visiting(browser) as visit:
        visit.page.goto((tmp_path / "index.html").as_uri())
        _box(visit.page).fill("abcdef")
        expect(_said(visit.page)).to_have_text("The file lookup/index.js of this site is missing or damaged.")


def test_the_index_is_read_without_scripts(site: Site, long_run: Path, browser: Browser) -> None:
    """Without scripts the box leads to the lists of the index, and these to the place of each id."""
    wanted = json.loads(records(long_run / AUDIT)[2_500])["id"]
    with visiting(browser, scripts=False) as visit:
        page = visit.page
        page.goto((site.folder / "events/000002.html").as_uri())
        _box(page).fill(wanted)
        _box(page).press("Enter")
        page.wait_for_url(f"**/lookup/index.html?q={wanted}")
        page.get_by_role("link", name="segment 0").click()
        section = page.locator("section", has=page.get_by_role("heading", name="events 2048 to"))
        section.get_by_role("link").first.click()
        page.get_by_role("link", name=wanted).click()
        page.wait_for_url("**/events/000009.html#e2500")
        assert visit.complaints == []


def test_a_query_in_the_address_is_looked_up(site: Site, long_run: Path, visit: Visit) -> None:
    """The first page of the index looks up what its address asks for."""
    wanted = json.loads(records(long_run / AUDIT)[2_500])["id"]
    visit.page.goto((site.folder / "lookup/index.html").as_uri() + f"?q={wanted}")
    expect(_options(visit.page)).to_have_count(1)


def test_a_flow_run_can_be_looked_up(site_of: Callable[[Path], Site], visit: Visit) -> None:
    """Names and numbers of each kind of a flow lead to their own pages; beats are its time."""
    site = site_of(FLOW)
    index = json.loads((site.folder / "lookup/000000/names-0000.js").read_text().split(",", 1)[1][:-3])
    page = visit.page
    kinds = set()
    for text, letter in zip(index["names"], index["kinds"], strict=True):
        if letter not in kinds:
            kinds.add(letter)
            page.goto((site.folder / "index.html").as_uri())
            place = [word for _, word, _ in _look(page, text)].index(text)
            _options(page).nth(place).click()
            page.wait_for_url(re.compile(r".*/flow/.*[0-9].*"))
            assert text in (page.locator("main").text_content() or "")
    assert len(kinds) == 7
    numbered = [what for what, text, _ in _look(page, "3") if text == "3"]
    assert numbered == ["journal line", "beat", "intent", "decision", "instance", "beat of the journal"]
