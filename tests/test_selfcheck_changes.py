"""What a page says of itself in the browser when it agrees with its log, and when somebody changed one of the two."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from browser import visiting
from logsite import BAD, EVENTS, GOOD, WARN, Log, check_page, leaf, put
from replayglass.logscript import check_path, group_path
from sites import AUDIT, command, make_run, records

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser

    from browser import Visit

pytestmark = pytest.mark.no_cover


@pytest.fixture(scope="module")
def long_site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Log]:
    """Return a site of 600 events with its log scripts, and that log."""
    folder = tmp_path_factory.mktemp("selfcheck")
    assert command("simulate", "paper", "--events", "600", "--seed", "7", "--out", folder / "run").exit_code == 0
    lines = records(folder / "run" / AUDIT)[:600]
    run = make_run(folder / "cut", b"\n".join([*lines, b""]))
    assert command("build", run, "--out", folder / "site").exit_code in (0, 1)
    log = Log(EVENTS, [leaf(line) for line in lines])
    put(folder / "site", log.scripts())
    return folder / "site", log


@pytest.fixture
def copied(long_site: tuple[Path, Log], tmp_path: Path) -> tuple[Path, Log]:
    """Return a copy of the site, to be changed, and its log."""
    return shutil.copytree(long_site[0], tmp_path / "site"), long_site[1]


def test_the_result_says_what_is_proven_and_what_is_not(long_site: tuple[Path, Log], window: Visit) -> None:
    """Each page of a log says its positions, the checkpoint's size and root, and what remains to be compared."""
    site, log = long_site
    origin, _, root, _ = log.body.split("\n")
    for page, first, last in ((0, 0, 255), (1, 256, 511), (2, 512, 599)):
        result = check_page(window, site / f"events/{page:06d}.html")
        assert result.tone == GOOD
        proven, open_ = result.text.split("Not proven:")
        count = last - first + 1
        assert f"The {count} records on this page are those of the log." in proven
        assert f"Records {first} to {last}, byte for byte, are what the log's checkpoint commits to, each at" in proven
        assert f"The checkpoint is that of {origin}, of size 600 with root {root};" in proven
        assert "The checkpoint is not signed." in proven
        assert "Compare its root with a source outside this site." in open_
        assert "the runtime wrote all it did" in open_
        assert "the other columns" in open_


def _change_letter(html: str) -> str:
    """Change one letter of the record in the sixth row."""
    at = html.index("<pre>", html.index("<tr id=e", html.index("<tbody>"))) + 30
    return html[:at] + ("0" if html[at] != "0" else "1") + html[at + 1 :]


def _swap_records(html: str) -> str:
    """Exchange the records of the first two rows, each row keeping its number."""
    first, second = re.findall("<pre>.*?</pre>", html)[:2]
    return html.replace(first, "<pre>\0").replace(second, first).replace("<pre>\0", second)


def _swap_rows(html: str) -> str:
    """Exchange the first two rows."""
    first, second = re.findall("<tr id=e.*", html)[:2]
    return html.replace(f"{first}\n{second}", f"{second}\n{first}")


def _without_row(html: str) -> str:
    return html.replace(re.findall("<tr id=e.*\n", html)[-1], "")


def _with_row(html: str) -> str:
    last = re.findall("<tr id=e([0-9]+).*\n", html)[-1]
    row = f"<tr id=e{int(last) + 1}><td>x<td><details><summary>raw</summary><pre>x</pre></details>\n"
    return html.replace("</table>", f"{row}</table>")


def _with_element(html: str) -> str:
    return html.replace("<pre>", "<pre><b></b>", 1)


def _with_two(html: str) -> str:
    return html.replace("</pre></details>", "</pre></details><pre>x</pre>", 1)


FULL = "Records 0 to 255 do not give the hash"
EDITS = (
    (0, _change_letter, FULL),
    (0, _swap_records, FULL),
    (0, _swap_rows, "Row 1 stands where record 0 belongs."),
    (0, _without_row, "The page shows 255 records; the checkpoint of size 600 has 256 in its place."),
    (0, _with_row, "The page shows 257 records; the checkpoint of size 600 has 256 in its place."),
    (0, _with_element, "A record has an element in it that no record has."),
    (0, _with_two, "Row 0 shows more than one record."),
    (2, _change_letter, "Record 512 is not the one that the log has there."),
    (2, _swap_records, "Record 512 is not the one that the log has there."),
    (2, _without_row, "The page shows 87 records; the checkpoint of size 600 has 88 in its place."),
    (2, _with_row, "The page shows 89 records; the checkpoint of size 600 has 88 in its place."),
)


@pytest.mark.parametrize(("page", "edit", "says"), EDITS)
def test_a_changed_page_is_found_out(
    page: int, edit: Callable[[str], str], says: str, copied: tuple[Path, Log], window: Visit
) -> None:
    """A record that was changed, moved, added or removed on a page is told loudly; on the last page by its number."""
    path = copied[0] / f"events/{page:06d}.html"
    html = path.read_text(encoding="utf-8")
    assert edit(html) != html
    path.write_text(edit(html), encoding="utf-8")
    result = check_page(window, path)
    assert (result.tone, result.complaints) == (BAD, [])
    assert "This page and the log do not agree." in result.text
    assert says in result.text


def _replaced(old: str, new: str) -> Callable[[Log, dict[str, bytes]], dict[str, bytes]]:
    def edit(_: Log, scripts: dict[str, bytes]) -> dict[str, bytes]:
        script = scripts[check_path(EVENTS)].decode()
        assert old in script
        return {check_path(EVENTS): script.replace(old, new).encode()}

    return edit


def _other_root(log: Log, _: dict[str, bytes]) -> dict[str, bytes]:
    """Claim the root of another log, in data and checkpoint alike."""
    return log.scripts(Log(EVENTS, [leaf(b"x"), *log.leaves[1:]]).head())


def _other_body(log: Log, _: dict[str, bytes]) -> dict[str, bytes]:
    """Keep the right root in the data, beside the checkpoint of another log."""
    return log.scripts(log.head()._replace(checkpoint=Log(EVENTS, [leaf(b"x"), *log.leaves[1:]]).body))


LOG_EDITS = (
    (_replaced('"size":600', '"size":601'), WARN, "What the site says of its log is damaged"),
    (_replaced('"edge1":["', '"edge1":["0'), WARN, "What the site says of its log is damaged"),
    (_replaced('"size":600', '"size":"600"'), WARN, "What the site says of its log is damaged"),
    (_replaced('"origin":"example', '"origin":"sample'), BAD, "another origin, size or root"),
    (_replaced("\\n600\\n", "\\n0600\\n"), BAD, "another origin, size or root"),
    (_replaced("=\\n", "\\n"), BAD, "another origin, size or root"),
    (_replaced("\\n600\\n", "\\n"), BAD, "another origin, size or root"),
    (_other_body, BAD, "another origin, size or root"),
    (_other_root, BAD, "The hashes of the log's pages do not give the root of its checkpoint."),
    (
        _replaced('log("audit-events"', 'log("snapshots"'),
        WARN,
        "The file log/audit-events/check.js of this site is missing",
    ),
)


@pytest.mark.parametrize(("edit", "tone", "says"), LOG_EDITS)
def test_a_changed_log_script_is_found_out(
    edit: Callable[[Log, dict[str, bytes]], dict[str, bytes]],
    tone: str,
    says: str,
    copied: tuple[Path, Log],
    window: Visit,
) -> None:
    """Scripts that contradict each other or the page never pass, and damaged ones are called damaged."""
    site, log = copied
    put(site, edit(log, log.scripts()))
    result = check_page(window, site / "events/000001.html")
    assert (result.tone, result.complaints) == (tone, []), result.text
    assert says in result.text


@pytest.mark.parametrize("path", [check_path(EVENTS), group_path(EVENTS, 0)])
@pytest.mark.parametrize("data", [None, b"replayglass.log(", b"null"])
def test_a_missing_script_is_said(path: str, data: bytes | None, copied: tuple[Path, Log], window: Visit) -> None:
    """Without a readable log script the page says which file is missing, not that it was proven or refuted."""
    site, _ = copied
    (site / path).unlink()
    if data is not None:
        (site / path).write_bytes(data)
    result = check_page(window, site / "events/000000.html")
    assert result.tone == WARN
    assert f"The file {path} of this site is missing or damaged" in result.text


def test_nothing_is_dead_without_scripts(long_site: tuple[Path, Log], browser: Browser) -> None:
    """With scripts off there is no button; with scripts on it is there once, and can be pressed again."""
    page = long_site[0] / "events/000000.html"
    with visiting(browser, scripts=False) as visit:
        visit.page.goto(page.as_uri())
        assert visit.page.locator("button").count() == 0
    with visiting(browser) as visit:
        visit.page.goto(page.as_uri())
        button = visit.page.get_by_role("button", name="Check this page")
        for _ in range(3):
            button.click()
        visit.page.locator(".check .notice.good").wait_for()
        assert visit.page.locator(".check strong").count() == 1
        assert visit.complaints == []
