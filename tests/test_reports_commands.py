"""Reports as a user has them: options of `build`, the command `report`, files written whole, exit codes."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from growing import Growing, damaged, halves
from replayglass.canon import encode
from replayglass.collection import blob_of
from replayglass.output.disk import Disk
from replayglass.output.wholefile import write_whole
from replayglass.siteindex import MovedDocument
from signedsites import remanifest
from sitebuild import Fault, full, names
from sites import AUDIT, REPO, SMALL, Site, build, command, copy, installed, make_run, tree

if TYPE_CHECKING:
    from collections.abc import Callable

DIVERGED = REPO / "samples" / "flow-diverged"
NAMES = ("junit.xml", "summary.md", "findings.sarif")


def files(folder: Path) -> list[str | Path]:
    """Return the options for a report of each kind in ``folder``."""
    junit, summary, sarif = (folder / name for name in NAMES)
    return ["--junit", junit, "--summary-md", summary, "--sarif", sarif]


def reports(folder: Path) -> list[bytes]:
    """Return the reports in ``folder``."""
    return [(folder / name).read_bytes() for name in NAMES]


def write_reports(site: Path, folder: Path) -> list[bytes]:
    """Have `report` write about a site into ``folder``; return what it wrote."""
    folder.mkdir()
    answer = command("report", site, *files(folder))
    assert answer.exit_code in (0, 1), answer.stderr
    return reports(folder)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return the site of a log of thousands of hostile lines, whose pages are too small for their findings."""
    folder = tmp_path_factory.mktemp("crowded")
    words = "<img src=x onerror=alert(1)> @octocat ![x](http://e) ]]> \\u0000 \\u202e ::error::"
    lines = [json.dumps({"type": f"{number} {words * 3}", "version": 1}) for number in range(1_500)]
    data = "\n".join([*lines, "{" * 80, "\x00", ""]).encode()
    run = make_run(folder / "run", data, config="[limits]\nmax_file_bytes = 65536\n")
    return build(run, folder / "site")


def test_build_writes_all_reports_of_a_damaged_run(tmp_path: Path) -> None:
    """Files, annotations before the last line, paths from the working directory; 1, for there is an error."""
    copy(DIVERGED, tmp_path / "in" / "run")
    words = ["build", "in/run", "--out", "out/site", *files(Path()), "--annotations", "github", "--site-url", "../site"]
    answer = installed(*words, cwd=tmp_path)
    assert answer.exit_code == 1
    first, last = answer.stdout.splitlines()
    assert first.startswith("::error file=in/run/flow/decisions.ndjson,line=15,title=flow.divergence::Beat 9")
    assert last.startswith("out/site: 123 records of flow-journal")
    assert answer.stderr.splitlines()[-2:] == ["replayglass: writing", "replayglass: reports"]
    junit, summary, sarif = reports(tmp_path)
    assert ET.fromstring(junit).attrib["failures"] == "1"  # noqa: S314 - of our own making
    assert b"- **error** `flow.divergence` at `in/run/flow/decisions.ndjson:15`, byte 11,203: `Beat 9" in summary
    assert b"([findings/000000.html#x0](../site/findings/000000.html#x0))" in summary
    assert b"recorded 22 \xe2\x96\x88" in summary
    [result] = json.loads(sarif)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "in/run/flow/decisions.ndjson"
    root = json.loads((tmp_path / "out/site/v1/integrity.json").read_bytes())["logs"][0]["root"]
    assert f"`flow-journal`: 123 records, unsigned root `{root}`".encode() in summary
    assert names(tmp_path) == sorted([*NAMES, "in", "out"])
    again = installed("report", "out/site", *files(Path()), "--run", "in/run", "--site-url", "../site", cwd=tmp_path)
    assert (again.exit_code, again.stdout, reports(tmp_path)) == (1, "", [junit, summary, sarif])


def test_a_clean_run_has_reports_too(tmp_path: Path) -> None:
    """No annotation, no failure, a chart of events by type, and a clean answer."""
    answer = command("build", SMALL, "--out", tmp_path / "site", *files(tmp_path), "--annotations", "github")
    assert (answer.exit_code, answer.stdout.count("\n")) == (0, 1)
    junit, summary, sarif = reports(tmp_path)
    assert ET.fromstring(junit).attrib["failures"] == "0"  # noqa: S314 - of our own making
    assert b"### Events by type\n\n```text\nDECISION_EVALUATED " in summary
    assert json.loads(sarif)["runs"][0]["results"] == []


def test_what_fails_is_for_the_user_to_say(tmp_path: Path) -> None:
    """--fail-on: error by default, warning for both, never for 0 whenever there is a site; 2 stays."""
    warned, wrong = SMALL.parent / "bad" / "torn_last_line", DIVERGED
    codes = {
        (run.name, mode): command("check", run, "--fail-on", mode).exit_code
        for run in (warned, wrong)
        for mode in ("error", "warning", "never")
    }
    assert list(codes.values()) == [0, 1, 0, 1, 1, 0]
    assert command("build", wrong, "--out", tmp_path / "site", "--fail-on", "never").exit_code == 0
    assert command("build", tmp_path / "none", "--out", tmp_path / "site", "--fail-on", "never").exit_code == 2
    asked = ["--annotations", "github", "--fail-on"]
    assert [command("report", tmp_path / "site", *asked, mode).exit_code for mode in ("never", "error")] == [0, 1]
    assert command("report", tmp_path / "site", *asked, "info").exit_code == 2


def test_reports_of_very_many_findings_are_bounded(crowded: Site, tmp_path: Path) -> None:
    """A log with thousands of hostile lines: all counted, moved rows among them, hundreds listed, the files small."""
    found = json.loads((crowded.folder / "v1/findings/index.json").read_bytes())
    assert found["count"] > 1_500
    assert any(page.get("moved") for page in crowded.pages("v1/findings"))
    junit, summary, sarif = write_reports(crowded.folder, tmp_path / "reports")
    suites = {suite.attrib["name"]: suite for suite in ET.fromstring(junit)}  # noqa: S314 - of our own making
    for code, count in found["by_code"].items():
        listed = suites[code].findall("testcase")
        more = [case.attrib["name"] for case in listed if " more of severity " in case.attrib["name"]]
        assert len(listed) - len(more) + sum(int(name.split()[0].replace(",", "")) for name in more) == count
    assert len(summary) < 1_000_000
    assert len(junit) < 25_000_000
    assert len(sarif) < 25_000_000
    assert f"of {found['count']}" not in summary.decode()
    assert f"{found['count'] - 50:,} more: `findings/index.html`" in summary.decode()


def test_a_build_that_goes_on_gives_the_same_reports(tmp_path: Path) -> None:
    """Findings from before the place where it goes on are in the reports as in those of a full build."""
    assert command("simulate", "paper", "--events", "1200", "--seed", "2", "--out", tmp_path / "end").exit_code == 0
    data = b"\n".join(damaged((tmp_path / "end" / AUDIT).read_bytes(), random.Random(5)))  # noqa: S311 - no secret
    (tmp_path / "end" / AUDIT).write_bytes(data)
    growing = Growing.to(tmp_path / "end", tmp_path / "growing")
    assert halves(growing).since > 0
    anew, going_on = (write_reports(growing.sites / name, tmp_path / name) for name in ("anew", "going-on"))
    assert anew == going_on
    assert json.loads(anew[2])["runs"][0]["results"]


REFUSED = {
    "a report in the run": (["--junit", "{run}/junit.xml"], "--junit: {run}/junit.xml would be a file in {run}"),
    "a report in the site": (["--sarif", "{site}/x"], "--sarif: {site}/x would be a file in {site}"),
    "a report by a link": (["--sarif", "{tmp}/link/x"], "--sarif: {tmp}/link/x would be a file in {run}"),
    "a report that is a folder": (["--sarif", "{tmp}"], "--sarif: {tmp} is not a regular file"),
    "a device": (["--sarif", "/dev/null"], "--sarif: /dev/null is not a regular file"),
    "no folder": (["--sarif", "{tmp}/no/x"], "--sarif: there is no folder {tmp}/no"),
    "no name": (["--sarif", "{tmp}/" + "x" * 300], "--sarif: {tmp}/" + "x" * 300 + " is not a usable path"),
    "one file twice": (["--junit", "{tmp}/x", "--sarif", "{tmp}/link/../x"], "--junit and --sarif name one file twice"),
    "a script": (
        ["--site-url", "javascript:x"],
        "--site-url: 'javascript:x' is neither a web address nor a relative one",
    ),
    "another host": (["--site-url", "//e.org"], "--site-url: '//e.org' is neither a web address nor a relative one"),
    "two answers": (["--annotations", "github", "--json"], "--json and --annotations both write to standard output"),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_reports_that_cannot_be_are_refused_before_anything_is_read(wrong: str, tmp_path: Path) -> None:
    """Exit code 2 and one sentence; nothing was written, and no stage was begun."""
    run, site = tmp_path / "run", tmp_path / "site"
    copy(DIVERGED, run)
    site.mkdir()
    (tmp_path / "link").symlink_to(run)
    words, sentence = REFUSED[wrong]
    places = {"run": run, "site": site, "tmp": tmp_path}
    before = tree(tmp_path)
    answer = command("build", run, "--out", site, *(word.format(**places) for word in words))
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr.splitlines()[0] == "replayglass: " + sentence.format(**places)
    assert tree(tmp_path) == before


def test_a_report_that_cannot_be_written_leaves_the_site(tmp_path: Path) -> None:
    """One sentence says that the site stands, which it does."""
    answer = installed("build", DIVERGED, "--out", tmp_path / "site", "--junit", "/proc/junit.xml")
    assert (answer.exit_code, answer.stdout) == (2, "")
    said = answer.stderr.splitlines()[-1]
    assert said.startswith("replayglass: --junit: /proc/junit.xml cannot be written (")
    assert said.endswith("; the site stands")
    assert (tmp_path / "site" / "index.html").is_file()


@pytest.mark.parametrize("at", [0, 1, 2, -9])
def test_a_report_is_written_whole_or_not_at_all(at: int, tmp_path: Path) -> None:
    """A disk that fails at any operation leaves the old report and nothing beside it."""
    path = tmp_path / "report.xml"
    path.write_bytes(b"old")
    if at < 0:
        write_whole(path, b"new")
    else:
        with pytest.raises(OSError, match="No space"):
            write_whole(path, b"new", Disk(Fault(at, full)))
    assert tree(tmp_path) == {"report.xml": b"new" if at < 0 else b"old"}


def test_report_needs_a_site_and_a_report(tmp_path: Path) -> None:
    """No site, no report named, or documents that are not what a build leaves: exit code 2, one sentence, no file."""
    asked = command("report", tmp_path)
    assert (asked.exit_code, asked.stderr.splitlines()[0]) == (2, "replayglass: no report is asked for")
    asked = command("report", tmp_path, "--junit", tmp_path.parent / "x")
    assert (asked.exit_code, asked.stderr) == (2, f"replayglass: {tmp_path} is not a site: it has no manifest.json\n")


BROKEN = {
    "a page is gone": ("v1/findings/pages/000000.json", None, "v1/findings/pages/000000.json is missing"),
    "no JSON": ("v1/index.json", b"{", "v1/index.json is not written as ours are"),
    "other counts": (
        "v1/findings/index.json",
        b'{"version":1,"count":0,"by_severity":{},"by_code":{},"pages":0,"page_size":256}',
        "v1/index.json, v1/findings/index.json and the findings' pages do not count the same findings",
    ),
    "a row too many": (
        "v1/findings/pages/000000.json",
        (
            b'{"version":1,"page":0,"first":0,"count":1,"findings":[{"row":7,"code":"a","severity":"error","message":"","stream":"",'
            b'"segment":null,"seq":null,"line":null,"offset":null}]}'
        ),
        "v1/findings/pages/000000.json does not hold finding 0",
    ),
    "another blob": (
        "v1/integrity.json",
        b'{"version":1,"blob":"blob/%s","size":1,"schema":"integrity"}' % (b"0" * 64),
        f"blob/{'0' * 64} is not the file that the site lists",
    ),
    "too many logs": (
        "v1/integrity.json",
        None,
        "v1/index.json and v1/integrity.json name more streams or rules than any run of ours has",
    ),
}


def refusal(site: Path) -> str:
    """Return what is wrong with a site, of which no report can be made."""
    answer = command("report", site, *files(site.parent))
    assert (answer.exit_code, answer.stdout) == (2, "")
    said, _, sentence = answer.stderr.splitlines()[0].partition(" as a site: ")
    assert said == f"replayglass: {site} cannot be read"
    return sentence


@pytest.mark.parametrize("broken", BROKEN)
def test_a_site_that_no_build_leaves_has_no_reports(
    broken: str, site_of: Callable[[Path], Site], tmp_path: Path
) -> None:
    """One sentence names the document; no report is written, though the manifest is made to fit what is there."""
    site = copy(site_of(DIVERGED).folder, tmp_path / "site")
    path, data, sentence = BROKEN[broken]
    (site / "blob").mkdir(exist_ok=True)
    (site / "blob" / ("0" * 64)).write_bytes(b"x")
    if broken == "too many logs":
        document = json.loads((site / path).read_bytes())
        data = encode(document | {"logs": document["logs"] * 40})
    (site / path).unlink()
    if data is not None:
        (site / path).write_bytes(data)
    remanifest(site)
    assert refusal(site) == sentence
    assert names(tmp_path) == ["site"]


def test_a_report_tells_only_what_the_manifest_lists(site_of: Callable[[Path], Site], tmp_path: Path) -> None:
    """A page of findings that was changed after the build is not told, however well it reads."""
    site = copy(site_of(DIVERGED).folder, tmp_path / "site")
    page = site / "v1/findings/pages/000000.json"
    page.write_bytes(page.read_bytes().replace(b"Beat 9", b"Beat 8"))
    assert refusal(site) == "v1/findings/pages/000000.json is not the file that the site lists"


def test_a_document_in_a_blob_is_read_there(site_of: Callable[[Path], Site], tmp_path: Path) -> None:
    """A document that was too large for a file stands in a blob; without the one of counts there is no chart."""
    site = copy(site_of(DIVERGED).folder, tmp_path / "site")
    whole = write_reports(site, tmp_path / "whole")
    data = (site / "v1/integrity.json").read_bytes()
    blob = blob_of(data)
    (site / "blob").mkdir(exist_ok=True)
    (site / blob.path).write_bytes(data)
    (site / "v1/integrity.json").write_bytes(encode(MovedDocument(1, blob.path, len(data), "integrity")))
    remanifest(site)
    assert write_reports(site, tmp_path / "moved") == whole
    shutil.rmtree(site / "v1" / "flow")
    remanifest(site)
    junit, summary, _ = write_reports(site, tmp_path / "bare")
    assert junit == whole[0]
    assert b"```" not in summary
