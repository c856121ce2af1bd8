"""`replayglass diff`: two publications side by side, as text, as JSON and as a page."""

from __future__ import annotations

import json
import re
import tempfile
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from browser import visiting
from replayglass.compare.comparison import compare
from replayglass.compare.documents import SCHEMA, TYPES
from replayglass.compare.folder import comparison_files
from replayglass.compare.page import Hrefs
from replayglass.compare.rows import compare_rows
from replayglass.compare.rowsets import rowsets
from replayglass.compare.words import counts_of
from replayglass.pageschema import schemas
from replayglass.publication.published import PublishedSite
from signedsites import edit, remanifest
from sites import AUDIT, FLOW, OBSERVE, REPO, SAMPLE, build, command, copy, make_run, records, tree
from test_accessibility import violations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser

    from sites import Site

    SiteOf = Callable[[Path], Site]

DIVERGED = FLOW.with_name("flow-diverged")
STORED = REPO / "docs" / "formats" / f"{SCHEMA}.schema.json"
MEMORY = f"{OBSERVE}/derived/decision-memory"
CHANGED = 2_345
"""The record of the long run that is another one in a second run."""


def diff(a: Path, b: Path, *options: str | Path) -> Any:  # noqa: ANN401 - any JSON
    """Compare two runs or sites; the JSON fits the stored schema, and its ``same`` the exit code."""
    answer = command("diff", a, b, "--json", *options)
    assert answer.exit_code in (0, 1), answer.stderr
    found = answer.json
    Draft202012Validator(json.loads(STORED.read_bytes())).validate(found)
    assert found["same"] == (answer.exit_code == 0)
    return found


def relations(found: Any) -> dict[str, tuple[str, int]]:  # noqa: ANN401 - any JSON
    """Return how each stream relates, and how many records are common."""
    return {one["stream"]: (one["relation"], one["common"]) for one in found["streams"]}


def refused(*arguments: str | Path) -> str:
    """Return the one sentence, and its hint, with which a comparison is refused."""
    answer = command("diff", *arguments)
    assert (answer.exit_code, answer.stdout) == (2, "")
    sentences = [line for line in answer.stderr.splitlines() if line.startswith("replayglass: ")]
    stages = {"audit-events", "snapshots", "writing"}
    [sentence] = [line for line in sentences if line.removeprefix("replayglass: ") not in stages]
    return sentence


@pytest.fixture(scope="module")
def changed_site(long_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site of the long run with another time in one record, and without its last three."""
    lines = records(long_run / AUDIT)
    lines[CHANGED] = re.sub(rb'"logicalTime":\d+', b'"logicalTime":7', lines[CHANGED])
    run = copy(long_run, tmp_path_factory.mktemp("changed") / "run")
    make_run(run, b"\n".join([*lines[:-3], b""]))
    return build(run, run.with_name("site")).folder


def test_a_run_and_its_site_are_the_same(site_of: SiteOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run folder is replayed into a temporary folder, of which nothing is left; exit 0."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = diff(SAMPLE, site_of(SAMPLE).folder)
    assert relations(found) == {"audit-events": ("same", 135), "snapshots": ("same", 9)}
    assert found["verdict"] == "The same: both publications say the same of the same records."
    assert not any(one["changed"] + one["only_a"] + one["only_b"] for one in found["rows"])
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    assert "no temporary folder can be made" in refused(SAMPLE, SAMPLE)


def test_extensions_both_ways(site_of: SiteOf, tmp_path: Path) -> None:
    """A log that goes on from another one is no divergence; what it added is counted, page by page."""
    lines = records(SAMPLE / AUDIT)
    run = copy(SAMPLE, tmp_path / "run")
    make_run(run, b"\n".join([*lines[:100], b""]), b"")
    shorter, whole = build(run, tmp_path / "site").folder, site_of(SAMPLE).folder
    onwards, backwards = diff(shorter, whole), diff(whole, shorter)
    assert relations(onwards) == {"audit-events": ("b-extends-a", 100), "snapshots": ("b-extends-a", 0)}
    assert relations(backwards) == {"audit-events": ("a-extends-b", 100), "snapshots": ("a-extends-b", 0)}
    events = {one["kind"]: one["difference"] for one in onwards["counts"] if one["of"] == "events"}
    assert events["all"] == 35 == sum(count for kind, count in events.items() if kind != "all")
    assert onwards["rows"][0]["only_b"] == backwards["rows"][0]["only_a"] == 8
    assert {one["a"] for one in onwards["ledgers"]["listed"] if one["of"] == "PAPER, latest snapshot"} == {None}
    text = command("diff", whole, shorter).stdout
    assert "audit-events: A goes on from B by 35 records\n" in text
    assert "audit-events: B goes on from A by 35 records\n" in command("diff", shorter, whole).stdout


def test_the_first_record_that_differs(long_run: Path, changed_site: Path, site_of: SiteOf) -> None:
    """It is named with field, values and bytes around; then the decisions, findings and counts that differ."""
    found = diff(site_of(long_run).folder, changed_site)
    assert relations(found)["audit-events"] == ("diverged", CHANGED)
    assert relations(found)["snapshots"][0] == "same"
    first = found["streams"][0]["first"]
    mine = records(long_run / AUDIT)[CHANGED].decode()
    assert (first["seq"], first["field"], first["b"]) == (CHANGED, "/logicalTime", "7")
    assert first["a"] in mine
    assert first["byte"] == mine.index('"logicalTime":') + len('"logicalTime":')
    assert first["a_excerpt"] in mine
    assert records(long_run / AUDIT)[CHANGED - 1].decode().startswith(first["before"].rstrip("\u2026"))
    rows = {one["rows"]: one for one in found["rows"]}
    assert rows["decisions"]["changed"] + rows["later events"]["only_a"] > 0
    assert rows["findings"]["only_b"] == len([one for one in rows["findings"]["listed"] if one["what"] == "only-b"]) > 0
    assert {one["kind"] for one in found["findings"] if one["difference"] > 0} >= {"tick.interleaved"}
    text = command("diff", site_of(long_run).folder, changed_site).stdout
    assert f"field /logicalTime: {first['a']} | 7\n" in text
    assert text.endswith(f"{found['verdict']}\n")


def test_a_decision_that_differs_is_told_by_its_field(site_of: SiteOf, tmp_path: Path) -> None:
    """A decision that both sites have is compared field by field, also one that moved to a blob."""
    lines = records(SAMPLE / AUDIT)
    other = [line.replace(b'"FILLED"', b'"FAILED"') for line in lines]
    run = copy(SAMPLE, tmp_path / "run")
    make_run(run, b"\n".join([*other, b""]))
    found = diff(site_of(SAMPLE).folder, run)
    [decisions, *_] = found["rows"]
    row = decisions["listed"][0]
    assert (row["what"], row["a"], row["field"][:17]) == ("changed", row["b"], "/entry/execution/")
    assert len(decisions["listed"]) == decisions["changed"] == 9
    large = [line.replace(b"@v1", b"x" * 4_000 + b"@v1") for line in (*lines, *lines)]
    config = "[limits]\nmax_file_bytes = 65536\n"
    sites = []
    for name, made in (("a", large), ("b", [line.replace(b'"FILLED"', b'"FAILED"') for line in large])):
        sites.append(
            build(make_run(tmp_path / name, b"\n".join([*made, b""]), None, config), tmp_path / f"{name}-site")
        )
    assert any(page.get("moved") for page in sites[0].pages(MEMORY))
    assert diff(sites[0].folder, sites[1].folder)["rows"][0]["changed"] == 9


def test_flow_ledgers(site_of: SiteOf, tmp_path: Path) -> None:
    """Of flow runs the recorded ledger, what was decided, the rules and the outcome of the comparison differ."""
    found = diff(site_of(FLOW).folder, site_of(DIVERGED).folder)
    assert relations(found) == {"flow-journal": ("same", 123), "flow-decisions": ("diverged", 14)}
    assert (found["streams"][1]["first"]["field"], found["ledgers"]["different"]) == ("/cell/choice", 1)
    journal = (FLOW / "flow/journal.ndjson").read_bytes()
    run = copy(FLOW, tmp_path / "run")
    (run / "flow/journal.ndjson").write_bytes(
        journal.replace(b'"accept"', b'"accept2"').replace(b'"rules":2', b'"rules":1')
    )
    found = diff(site_of(FLOW).folder, run)
    assert [(one["name"], one["a"], one["b"]) for one in found["configuration"]["listed"]] == [("rules", "2", "1")]
    changed = [one for one in found["rows"][0]["listed"] if one["what"] == "changed"]
    assert changed
    assert all(re.fullmatch(r"beat \d+ instance \S+ site \S+", one["name"]) for one in changed)


def test_a_name_that_occurs_again_belongs_to_the_next_row(site_of: SiteOf, tmp_path: Path) -> None:
    """Rows of one name are paired in their order; what is left over is only in one."""
    path = "v1/flow/decisions/pages/000000.json"
    page = site_of(FLOW).document(path)
    page["rows"] = [{**row, "beat": 1, "instance": "i", "site": "s"} for row in page["rows"]]
    sites = []
    for name, rows in (("a", page["rows"]), ("b", [page["rows"][0], {**page["rows"][1], "fate": "vetoed"}])):
        site = copy(site_of(FLOW).folder, tmp_path / name)
        (site / path).write_text(json.dumps({**page, "count": len(rows), "rows": rows}))
        remanifest(site)
        sites.append(site)
    [changed, *left] = diff(*sites)["rows"][0]["listed"]
    assert (changed["a"], changed["b"], changed["field"], changed["b_value"]) == (1, 1, "/fate", '"vetoed"')
    assert [one["a"] for one in left] == list(range(2, len(page["rows"])))
    assert {one["what"] for one in diff(*reversed(sites))["rows"][0]["listed"][1:]} == {"only-b"}


def test_two_kinds_of_run_are_not_compared(site_of: SiteOf, tmp_path: Path) -> None:
    """A PAPER run and a flow run differ, and that is all that is said."""
    found = diff(site_of(SAMPLE).folder, site_of(FLOW).folder, "--out", tmp_path / "out")
    assert found["verdict"] == "Not comparable: A shows a run of the kind paper, B one of the kind flow."
    assert found["streams"] == found["counts"] == found["rows"] == []


def test_what_was_never_read_is_not_compared_field_by_field(tmp_path: Path) -> None:
    """Records that are too long, or no JSON, or the first: what is known of them is said."""
    config = "[limits]\nmax_line_bytes = 1048576\n"
    sites: dict[str, Path] = {}
    for name, lines in (
        ("long", [b"y" * 2_000_000]),
        ("other", [b"z" * 2_000_000]),
        ("text", [b"plain \xff text"]),
        ("words", [b"plain \xfe text"]),
    ):
        run = make_run(tmp_path / name, b"\n".join([*lines, b""]), None, config)
        sites[name] = build(run, tmp_path / f"{name}-site").folder
    first = diff(sites["long"], sites["other"])["streams"][0]["first"]
    assert set(first.values()) == {0, None}
    assert "too long to be read" in command("diff", sites["long"], sites["other"]).stdout
    first = diff(sites["text"], sites["words"], "--out", tmp_path / "out")["streams"][0]["first"]
    assert (first["byte"], first["field"], first["a_excerpt"]) == (6, None, "plain \\xff text")


def test_the_same_records_with_another_end(site_of: SiteOf, tmp_path: Path) -> None:
    """Where no record and no row differs, the counts and the configuration that do are named."""
    site = copy(site_of(SAMPLE).folder, tmp_path / "site")
    edit(site, f"{OBSERVE}/persistence/audit-events/summary.json", b'"SAFETY_EVALUATED":34', b'"SAFETY_EVALUATED":35')
    edit(site, f"{OBSERVE}/runtime/status.json", b'"node_version":"20"', b'"node_version":null')
    found = diff(site_of(SAMPLE).folder, site)
    assert found["verdict"] == "Different: events, SAFETY_EVALUATED: +1; 1 setting differs."
    edit(site, "v1/findings/index.json", b'"by_code":{}', b'"by_code":{"a.b":1}')
    assert "; findings, a.b: +1; 1 setting" in diff(site_of(SAMPLE).folder, site)["verdict"]
    for kind in (b"ALLOW", b"BLOCK_BUY", b"FORCE_SELL", b"HALT"):
        edit(site, f"{MEMORY}/index.json", b'"%s":' % kind, b'"%s":1' % kind)
    assert "; 3 other counts; 1 setting" in diff(site_of(SAMPLE).folder, site)["verdict"]
    assert "configuration, node_version: 20 | nothing\n" in command("diff", site_of(SAMPLE).folder, site).stdout


def test_pages_beyond_the_limit_are_not_guessed_at(changed_site: Path, site_of: SiteOf) -> None:
    """Where more pages differ than are read, only what both have is counted, and the answer says so."""
    sites = [PublishedSite(str(folder), "site") for folder in (site_of(SAMPLE).folder, changed_site)]
    found = compare_rows(rowsets("paper")[0], sites[0], sites[1], most=1)
    assert (found.complete, found.changed, found.only_a, found.only_b, found.listed) == (False, 0, 0, 0, [])
    assert counts_of(found) == "at least 0 changed; more pages differ than were read"
    whole = compare_rows(rowsets("paper")[0], sites[0], sites[1])
    assert (whole.only_a, whole.only_b > 100, len(whole.listed)) == (34, True, 134)
    assert b"Of each sort the first 100 are listed." in comparison_files(compare(*sites), Hrefs())["index.html"]


def test_damaged_sites_are_refused(site_of: SiteOf, tmp_path: Path) -> None:
    """A file that was changed, rows of another page, no site and no run: exit 2 and one sentence."""
    whole = site_of(SAMPLE).folder
    site = copy(whole, tmp_path / "site")
    status = site / OBSERVE / "runtime/status.json"
    said = status.read_bytes()
    status.write_bytes(said.replace(b"20", b"22"))
    assert "is not the file that the site lists" in refused(whole, site)
    status.write_bytes(said)
    page = f"{MEMORY}/pages/000000.json"
    data = (site / page).read_bytes()
    (site / page).write_bytes(data.replace(b'"first":0', b'"first":64'))
    remanifest(site)
    assert "holds rows of another page" in refused(whole, site)
    (site / page).write_bytes(data.replace(b'"count":34', b'"count":35'))
    remanifest(site)
    assert "counts more rows than it has" in refused(whole, site)
    assert "gone" in refused(whole, tmp_path / "gone")


def test_hostile_texts_are_shown_and_do_nothing(site_of: SiteOf, tmp_path: Path) -> None:
    """Titles, ids and records may hold anything: neither the terminal nor the page obeys."""
    evil = "\\u001b]0;x\\u0007\\u202e<script>alert(1)</script>\\ud800"
    lines = records(SAMPLE / AUDIT)
    lines[3] = b'{"a":"' + evil.encode() + b'\x1b[2J"}'
    run = copy(SAMPLE, tmp_path / "run")
    make_run(run, b"\n".join([*lines, b""]))
    site = build(run, tmp_path / "site").folder
    edit(site, "v1/index.json", b'"title":"A small paper', b'"title":"' + evil[:-6].encode())
    answer = command("diff", site_of(SAMPLE).folder, site, "--out", tmp_path / "out")
    assert answer.exit_code == 1
    assert answer.stdout.isprintable() or not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", answer.stdout)
    page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", page)
    assert str(tmp_path) not in page + (tmp_path / "out/diff.json").read_text(encoding="utf-8")


def test_the_folder_of_a_comparison(long_run: Path, changed_site: Path, site_of: SiteOf, tmp_path: Path) -> None:
    """It is whole, it can be checked and written again, and it never takes the place of a site or a run."""
    mine, out = site_of(long_run).folder, tmp_path / "out"
    found = diff(mine, changed_site, "--out", out)
    assert json.loads((out / "diff.json").read_bytes()) == found
    assert (out / "diff.schema.json").read_bytes() == STORED.read_bytes()
    before = tree(out)
    diff(mine, changed_site, "--out", out)
    assert tree(out) == before
    answer = command("verify", out)
    assert answer.exit_code == 0
    assert "holds a comparison of two publications, not a site" in answer.stdout
    assert command("verify", out, "--since", SAMPLE / "runtime.env").exit_code == 2
    (out / "stranger").touch()
    assert command("verify", out).exit_code == 1
    (out / "manifest/root.json").write_bytes(b"{}")
    assert command("verify", out).exit_code == 1
    assert "overlaps with what is compared" in refused(mine, changed_site, "--out", mine / "diff")
    site = copy(site_of(SAMPLE).folder, tmp_path / "site")
    assert "holds a site, not a comparison" in refused(mine, changed_site, "--out", site)
    (site / "diff.json").symlink_to("nowhere")
    assert "holds a site, not a comparison" in refused(mine, changed_site, "--out", site)


def test_links_lead_into_both_sites(long_run: Path, changed_site: Path, site_of: SiteOf) -> None:
    """Where it is said where the sites are, every record and row leads to its place, which is there."""
    sites = [site_of(long_run).folder, changed_site]
    found = compare(*(PublishedSite(str(folder), "site") for folder in sites))
    page = comparison_files(found, Hrefs("../a/", "../b/"))["index.html"].decode()
    links = set(re.findall(r'href="?\.\./([ab])/([^"#> ]+)#?([a-z]?\d*)', page))
    assert {("a", "events/000009.html", f"e{CHANGED}"), ("b", "events/000009.html", f"e{CHANGED}")} <= links
    for name, path, anchor in links:
        target = (sites[name == "b"] / path).read_text(encoding="utf-8")
        assert not anchor or re.search(rf"id={anchor}[ >]", target), (path, anchor)


def test_the_page_in_a_browser(
    changed_site: Path, site_of: SiteOf, long_run: Path, tmp_path: Path, browser: Browser
) -> None:
    """It loads nothing but its own files, complains of nothing, and breaks no rule of accessibility."""
    diff(site_of(long_run).folder, changed_site, "--out", tmp_path / "out")
    address = (tmp_path / "out/index.html").as_uri()
    with visiting(browser) as visit:
        visit.page.goto(address)
        assert visit.complaints == []
        assert {url.removeprefix(tmp_path.as_uri()).split("/")[1] for url in visit.requests} == {"out"}
        assert visit.page.get_by_role("heading", name="Where audit-events diverges").is_visible()
    with visiting(browser, width=360, dark=True, is_strict=False) as visit:
        visit.page.goto(address)
        assert violations(visit.page) == []


def test_the_schema_never_changes(update_golden: bool) -> None:  # noqa: FBT001 - a fixture
    """The schema of a comparison is the one that is stored."""
    made = schemas(TYPES)[SCHEMA]
    if update_golden:
        STORED.write_bytes(made)
    assert STORED.read_bytes() == made
