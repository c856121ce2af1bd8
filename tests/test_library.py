"""A library of runs, by the commands: what is added, compared and removed, and what a reader then finds."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from browser import visiting
from replayglass.errors import InputError
from replayglass.library.adding import add, placed
from replayglass.library.entries import entry_of
from replayglass.library.storage import FolderStorage
from replayglass.output import lock
from replayglass.output.disk import Disk
from replayglass.proof.rewritten import RewrittenError
from replayglass.publication.published import PublishedSite
from sites import AUDIT, REPO, build, command, copy, installed, make_run, records, tree
from test_accessibility import violations

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

HOME = 'library = "../../../index.html"\n'
KINDS = (
    "index.html",
    "trends/index.html",
    "diffs/index.html",
    "runs/growing/index.html",
    "diffs/nightly-401--nightly-edited-401/index.html",
    "runs/growing/402/index.html",
)


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the library of five runs that `make site` builds."""
    library = tmp_path_factory.mktemp("five") / "library"
    script = REPO / "samples" / "library.py"
    done = subprocess.run([sys.executable, script, library], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return library


class Grown(NamedTuple):
    """A run at two sizes: the folder of the longer one, and both sites."""

    run: Path
    short: Path
    long: Path


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    """Return the sites of a run before and after it grew."""
    folder = tmp_path_factory.mktemp("grown")
    assert command("simulate", "paper", "--events", "40", "--seed", "9", "--out", folder / "run").exit_code == 0
    lines = records(folder / "run" / AUDIT)
    make_run(folder / "run", b"\n".join([*lines, b""]), config=HOME)
    make_run(folder / "begun", b"\n".join([*lines[:20], b""]), config=HOME)
    for name in ("run", "begun"):
        shutil.rmtree(folder / name / "snapshots", ignore_errors=True)
        build(folder / name, folder / f"{name}-site")
    return Grown(folder / "run", folder / "begun-site", folder / "run-site")


@pytest.fixture
def library(tmp_path: Path, grown: Grown) -> Path:
    """Return a library with one publication."""
    assert command("library", "add", grown.short, tmp_path / "library", "--name", "one").exit_code == 0
    return tmp_path / "library"


def stamps(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return when each file was written, and its bytes."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def rows(library: Path) -> list[dict[str, Any]]:
    """Return the rows of the catalogue."""
    catalogue = json.loads((library / "library.json").read_bytes())
    return [row for part in catalogue["parts"] for row in json.loads((library / part["path"]).read_bytes())["rows"]]


class _Hrefs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.found += [value for name in ("href", "src") if (value := values.get(name))]
        if tag == "meta" and values.get("http-equiv") == "refresh":
            self.found.append((values["content"] or "").partition("url=")[2])


def broken(library: Path) -> list[tuple[str, str]]:
    """Return the links that lead to no file: of the library's pages, tombstones, and the first page of each site."""
    found = []
    for path in library.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if "data-verdict" in text and not (path.name == "index.html" and path.parent.name.isdigit()):
            continue
        hrefs = _Hrefs()
        hrefs.feed(text)
        for href in hrefs.found:
            parts = urlsplit(href)
            if parts.scheme or (parts.path and not (path.parent / parts.path).resolve().is_file()):
                found.append((path.as_posix(), href))
    return found


def test_five_runs(five: Path) -> None:
    """The catalogue is what its schemas say, every link of every page resolves, and the sites lead back."""
    documents = {"library": [five / "library.json"], "library-part": [*five.glob("catalogue/*")]}
    for name, paths in documents.items():
        schema = json.loads((five / f"schemas/{name}.schema.json").read_bytes())
        assert (REPO / f"docs/formats/{name}.schema.json").read_bytes() == (
            five / f"schemas/{name}.schema.json"
        ).read_bytes()
        for path in paths:
            Draft202012Validator(schema).validate(json.loads(path.read_bytes()))
    listed = rows(five)
    named = [(row["run"], row["size"], row["extends"]) for row in listed if row["kind"] == "publication"]
    assert named[2:4] == [("growing", 205, None), ("growing", 402, 205)]
    assert [row["a"] for row in listed if row["kind"] == "difference"] == [{"run": "nightly", "size": 401}]
    assert broken(five) == []
    page = (five / "runs/growing/402/events/000000.html").read_text()
    assert '<a class=library href="../../../../index.html">All runs</a>' in page


def test_pages_in_the_browser(five: Path, browser: Browser) -> None:
    """From file:// no page complains, with scripts or without, and none breaks a rule of accessibility."""
    for scripts in (True, False):
        with visiting(browser, scripts=scripts) as visit:
            visit.page.goto((five / "runs/growing/latest/index.html").as_uri())
            visit.page.wait_for_url("**/runs/growing/402/index.html")
            for path in KINDS:
                visit.page.goto((five / path).as_uri())
                assert visit.page.locator("h1").is_visible()
            assert visit.complaints == []
            assert all(url.startswith((five.as_uri(), "data:")) for url in visit.requests)
    wrong = {}
    for width, dark in ((1280, False), (360, True)):
        with visiting(browser, width=width, dark=dark, is_strict=False) as visit:
            for path in KINDS[:-1]:
                visit.page.goto((five / path).as_uri())
                wrong[path, dark] = violations(visit.page)
                assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert {where: found for where, found in wrong.items() if found} == {}


def test_adding_touches_only_what_it_must(library: Path, grown: Grown) -> None:
    """A publication comes with its own folder; of the rest the index, trends and its run change, and the catalogue."""
    assert command("library", "add", grown.long, library, "--name", "other").exit_code == 0
    before = stamps(library)
    added = installed("library", "add", str(grown.long), str(library), "--name", "one", "--json")
    assert (added.exit_code, added.json["extends"], added.json["added"]) == (0, 20, True)
    after = stamps(library)
    touched = {path for path, stamp in after.items() if before.get(path) != stamp and not path.startswith("runs/one/4")}
    parts = {path for path in touched if path.startswith("catalogue/")}
    pages = {"index.html", "trends/index.html", "runs/one/index.html", "runs/one/latest/index.html"}
    assert touched - parts == pages | {"library.json"}
    assert len(parts) == 1
    assert {path for path in before if path not in after and not path.startswith("catalogue/")} == set()
    assert command("library", "add", grown.long, library, "--name", "one").stdout.endswith("was there already\n")
    assert stamps(library) == after
    where = library / str(added.json["address"])
    assert command("verify", where, "--run", grown.run).exit_code == 0
    assert tree(where) == tree(grown.long)


@pytest.mark.parametrize(
    ("case", "code", "says"),
    [
        ("diverged", 3, "this is no continuation of one with 20 records: the first 20 records"),
        ("smaller", 2, "one has a publication of 20 records, and this one has only 3"),
        ("name", 2, "--name: 'latest' cannot be the name of a run"),
        ("damaged", 2, "cannot be read as a site"),
        ("not ours", 2, "is not a library: it is not empty and has no library.json"),
        ("corrupt", 2, "the catalogue of the library"),
        ("newer", 2, "was written by a newer version of replayglass"),
        ("a file", 2, "is no folder"),
        ("busy", 2, "another build is writing to"),
    ],
)
def test_what_is_refused(  # noqa: PLR0913, PLR0917 - fixtures
    case: str, code: int, says: str, library: Path, grown: Grown, tmp_path: Path
) -> None:
    """Whatever cannot be added is refused in one sentence, and nothing at all is written."""
    site, target, name = copy(grown.short, tmp_path / "site"), library, "one"
    if case in {"diverged", "smaller"}:
        lines = records(grown.run / AUDIT)[: 20 if case == "diverged" else 3]
        if case == "diverged":
            lines[7] = lines[7].replace(b'"version":1', b'"version":1 ')
        shutil.rmtree(site)
        build(make_run(tmp_path / "run", b"\n".join([*lines, b""])), site)
    elif case == "name":
        name = "latest"
    elif case == "damaged":
        (site / "v1/index.json").write_bytes(b"{}")
    elif case == "not ours":
        (library / "library.json").unlink()
    elif case == "corrupt":
        next(library.glob("catalogue/*")).write_bytes(b"{")
    elif case == "newer":
        (library / "library.json").write_bytes(b'{"generator":"replayglass","version":2}')
    elif case == "a file":
        target = library / "library.json"
    before = stamps(library)
    staging = f"{library}/.library.staging"
    handle = lock.acquire(staging, "", Disk()) if case == "busy" else None
    answer = command("library", "add", site, target, "--name", name)
    if handle is not None:
        lock.release(staging, handle, Disk(), keep=False)
    assert (answer.exit_code, answer.stdout) == (code, "")
    sentence = [line for line in answer.stderr.splitlines() if line.startswith("replayglass: ") and says in line]
    assert len(sentence) == 1, answer.stderr
    assert stamps(library) == before


def test_what_does_not_continue(library: Path, grown: Grown) -> None:
    """A log of another origin, or a stream with fewer records, is no continuation; nor is a site that changes."""
    site = PublishedSite(str(grown.short), "site")
    entry = entry_of(site, "one")
    with pytest.raises(RewrittenError, match="its logs have another origin"):
        placed(entry, [replace(entry, origin="example.org/other")], site)
    snapshots = replace(entry.heads[1], size=1)
    with pytest.raises(RewrittenError, match="snapshots has fewer records"):
        placed(entry, [replace(entry, heads=(entry.heads[0], snapshots))], site)
    changing = copy(grown.short, library.parent / "changing")

    def publish(_address: str) -> None:
        shutil.rmtree(changing)
        shutil.copytree(grown.long, changing)

    with pytest.raises(InputError, match="was changed while it was added"), FolderStorage(library) as storage:
        add(changing, storage, "one", publish)
    assert [row["size"] for row in rows(library)] == [20]


def test_removing(library: Path, grown: Grown, browser: Browser) -> None:
    """A removed publication leaves a tombstone at each page's address and its checkpoints; what is removed stays so."""
    gone = library / "runs/one/20"
    pages = {path for path in tree(gone) if path.endswith(".html")}
    heads = {path: data for path, data in tree(gone).items() if path.startswith("log/") and "/checkpoint" in path}
    assert command("library", "add", grown.long, library, "--name", "one").exit_code == 0
    assert command("library", "prune", library).exit_code == 2
    answer = installed("library", "prune", str(library), "--keep", "1", "--json")
    assert answer.json["removed"] == [{"run": "one", "size": 20, "rule": "keep the newest 1 of each run"}]
    left = tree(gone)
    assert left.keys() == pages | heads.keys()
    assert {path: left[path] for path in heads} == heads
    assert [row["removed"] for row in rows(library)] == [{"rule": "keep the newest 1 of each run", "newest": 43}, None]
    assert broken(library) == []
    before = stamps(library)
    assert "0 removed" in command("library", "prune", library, "--keep", "1", "--before", "1").stdout
    refused = command("library", "add", grown.short, library, "--name", "one")
    assert (refused.exit_code, "was removed from the library" in refused.stderr) == (2, True)
    refused = command("library", "diff", library, "one/20", "one")
    assert (refused.exit_code, "was removed from the library" in refused.stderr) == (2, True)
    assert stamps(library) == before
    with visiting(browser, dark=True, is_strict=False) as visit:
        visit.page.goto((gone / "events/000000.html").as_uri())
        visit.page.get_by_role("link", name="The latest publication").click()
        visit.page.wait_for_url("**/runs/one/43/index.html")
        assert visit.complaints == []
        visit.page.goto((gone / "events/000000.html").as_uri())
        assert violations(visit.page) == []
    assert command("library", "prune", library, "--before", "1000").exit_code == 0
    assert "removed" in (library / "runs/one/latest/index.html").read_text()
    assert "<script" not in (library / "runs/one/43/index.html").read_text()


def test_comparing(library: Path, grown: Grown) -> None:
    """The page about two publications stands in the library, leads into both, and is listed; again changes nothing."""
    assert command("library", "add", grown.long, library).exit_code == 0
    run = rows(library)[1]["run"]
    answer = installed("library", "diff", str(library), "one/20", str(run), "--json")
    assert (answer.exit_code, answer.json["streams"][0]["relation"]) == (1, "b-extends-a")
    where = f"diffs/one-20--{run}-43"
    assert f"{where}/index.html" in (library / "index.html").read_text()
    assert "../../runs/one/20/" in (library / where / "index.html").read_text()
    assert command("verify", library / where).exit_code == 0
    assert broken(library) == []
    before = stamps(library)
    assert command("library", "diff", library, "one", str(run)).exit_code == 1
    assert stamps(library) == before
    assert command("library", "diff", library, "one", "one").exit_code == 0
    for name in ("two", "one/21", "../one", "one/"):
        refused = command("library", "diff", library, "one", name)
        assert (refused.exit_code, "has no publication" in refused.stderr) == (2, True)
