"""A page checks its own records in the browser, from file://, and says what that proves."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from logsite import BAD, EVENTS, GOOD, WARN, Log, alone, check_page, leaf, put
from replayglass.logscript import group_path
from sites import AUDIT, PAPER, SAMPLE, SNAPSHOTS, make_run, records

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from browser import Visit
    from sites import Site

pytestmark = pytest.mark.no_cover

LEDGERS = "snapshots"


def _prepared(site: Site, run: Path, folder: Path) -> Path:
    """Return a copy of a site with the log scripts of its run; a torn tail is no record."""
    shutil.copytree(site.folder, folder)
    for stream, path in ((EVENTS, AUDIT), (LEDGERS, SNAPSHOTS)):
        lines = records(run / path)
        is_torn = any(row["code"] == "ndjson.torn-tail" and row["stream"] == stream for row in site.findings())
        put(folder, Log(stream, [leaf(line) for line in lines[: len(lines) - is_torn]]).scripts())
    return folder


DAMAGED = (
    "rtl_unicode_emoji",
    "control_chars",
    "invalid_utf8",
    "lone_surrogates",
    "nul_bytes_tail",
    "html_script_payload",
    "non_object_lines",
    "torn_last_line",
    "torn_snapshot_last_line",
)
RUNS = (SAMPLE, PAPER / "extra" / "no_snapshots", *(PAPER / "bad" / name for name in DAMAGED))


@pytest.mark.parametrize("run", RUNS[:2], ids=lambda run: run.name)
def test_a_site_checks_itself_as_it_is_built(run: Path, window: Visit, site_of: Callable[[Path], Site]) -> None:
    """The scripts that a build writes make every page of records pass."""
    site = site_of(run).folder
    pages = sorted([*(site / "events").glob("0*.html"), *(site / "snapshots").glob("0*.html")])
    results = [check_page(window, page) for page in pages]
    assert [(result.tone, result.complaints) for result in results] == [(GOOD, [])] * len(pages)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_pages_agree_with_the_log(run: Path, window: Visit, tmp_path: Path, site_of: Callable[[Path], Site]) -> None:
    """Every page of records, whatever they hold, is found to be what the log commits to; nothing else is loaded."""
    site = _prepared(site_of(run), run, tmp_path / "site")
    for folder in ("events", "snapshots"):
        for page in sorted((site / folder).glob("0*.html")):
            result = check_page(window, page)
            assert (result.tone, result.complaints, result.has_focus) == (GOOD, [], True), result.text
            ours = ((site / "assets").as_uri(), (site / "verdict.js").as_uri())
            assert all(url.startswith(ours) for url in result.before if url != page.as_uri())
            log = {url for url in result.loaded if url.startswith((site / "log").as_uri())}
            assert len(log) == 2
            assert all(url.startswith((site / "assets").as_uri()) for url in result.loaded if url not in log)


def test_records_that_are_elsewhere_are_not_claimed(
    window: Visit, tmp_path: Path, site_of: Callable[[Path], Site]
) -> None:
    """Records in files of their own, shortened or never read are named, and the others are still proven."""
    forged = b'{"replayglass":"digest-leaf@1","sha256":"","length":1,"type":"text/plain"}'
    lines = [
        b'{"a":1}',
        b"x" * 70_000,
        b"[]",
        b'{"b":"%s"}' % (b"\xff" * 20_000),
        forged,
        b'{"c":"%s"}' % (b"y" * 70_000),
    ]
    run = make_run(tmp_path / "run", b"\n".join([*lines, b""]))
    site = _prepared(site_of(run), run, tmp_path / "site")
    result = check_page(window, site / "events/000000.html")
    assert (result.tone, result.complaints) == (WARN, [])
    assert "3 of 6 records on this page were hashed; they are those of the log." in result.text
    assert "Records 0, 2, 4, byte for byte" in result.text
    assert "What records 1, 3, 5 say: this page does not hold them whole." in result.text


def test_a_page_that_shows_nothing_whole_claims_nothing(
    window: Visit, tmp_path: Path, site_of: Callable[[Path], Site]
) -> None:
    """A page without records, and one that had to be shortened, say that nothing was hashed."""
    run = PAPER / "bad" / "utf16le"
    result = check_page(window, _prepared(site_of(run), run, tmp_path / "site") / "events/000000.html")
    assert (result.tone, result.complaints) == (WARN, [])
    assert "No record is whole on this page, so none could be hashed." in result.text
    assert "What records 0 to 135 say" in result.text
    assert "byte for byte" not in result.text
    empty = make_run(tmp_path / "empty", b"")
    result = check_page(window, _prepared(site_of(empty), empty, tmp_path / "none") / "snapshots/000000.html")
    assert (result.tone, result.complaints) == (GOOD, [])
    assert "This page shows no records, and the log has none in its place." in result.text


def test_a_page_with_a_record_that_was_never_read(
    window: Visit, tmp_path: Path, site_of: Callable[[Path], Site]
) -> None:
    """On the last page the other records are still proven; the hash of a full page cannot be made without it."""
    for count, tone, says in ((3, WARN, "2 of 3 records"), (256, WARN, "Record 1 is not on this page")):
        lines = [b"[%d]" % number for number in range(count)]
        lines[1] = b"x" * 2000
        data = b"\n".join([*lines, b""])
        run = make_run(tmp_path / f"run{count}", data, config="[limits]\nmax_line_bytes = 1024\n")
        site = _prepared(site_of(run), run, tmp_path / f"site{count}")
        result = check_page(window, site / "events/000000.html")
        assert (result.tone, result.complaints) == (tone, [])
        assert says in result.text


@pytest.mark.parametrize("size", [65_536, 65_536 + 255, 2 * 65_536, 2 * 65_536 + 3 * 256 + 7])
def test_pages_of_a_long_log_are_checked_by_groups(size: int, window: Visit, tmp_path: Path) -> None:
    """From 65,536 records on, a page is proven by the hashes of its group, the last pages by the right edge."""
    raws = [b"[%d]" % number for number in range(size)]
    log = Log(EVENTS, [leaf(raw) for raw in raws])
    put(tmp_path, log.scripts())
    for page in {0, 255, 256, size // 256 - 1, size // 256}:
        path = alone(tmp_path, page, raws[page * 256 : page * 256 + 256])
        assert check_page(window, path).tone == (GOOD if page * 256 <= size else BAD)
    false = Log(EVENTS, [leaf(b"x"), *log.leaves[1:]])
    put(tmp_path, {group_path(EVENTS, 0): false.scripts()[group_path(EVENTS, 0)]})
    result = check_page(window, tmp_path / "events/000255.html")
    assert (result.tone, result.complaints) == (BAD, [])
    assert "The hashes of this group of pages are not those of the log." in result.text
