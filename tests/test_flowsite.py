"""The site of a flow run: what the machine did, and whether the recorded ledger is what the journal comes to."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from replayglass.domains.flow.beat import Beat, Fate, Verdict, Veto
from replayglass.domains.flow.decision import Decision
from replayglass.domains.flow.shelves import Shelves
from replayglass.domains.flow.vm import Flow
from replayglass.page import Page
from sites import AUDIT, FLOW, REPO, SMALL, build, command, copy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sites import Site

DIVERGED = REPO / "samples" / "flow-diverged"
JOURNAL, LEDGER = "flow/journal.ndjson", "flow/decisions.ndjson"

Json = dict[str, Any]


def journal(*lines: Json, rules: int = 2) -> bytes:
    """Return a journal: a header, and these lines."""
    header = {"type": "header", "version": 1, "rules": rules, "name": "by hand", "origin": None}
    return b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in (header, *lines))


def intent(beat: int, bucket: str, txn: str, **fields: object) -> Json:
    """Return an intent."""
    return {"type": "intent", "beat": beat, "bucket": bucket, "txn": txn, "fields": fields}


def beat(number: int) -> Json:
    """Return a beat."""
    return {"type": "beat", "beat": number}


def make(folder: Path, data: bytes, ledger: bytes | None = None) -> Path:
    """Make a run of this journal."""
    (folder / "flow").mkdir(parents=True)
    (folder / JOURNAL).write_bytes(data)
    if ledger is not None:
        (folder / LEDGER).write_bytes(ledger)
    return folder


def rows(site: Site, folder: str) -> list[Json]:
    """Return the rows of a collection."""
    return [row for page in site.pages(f"v1/flow/{folder}") for row in page["rows"]]


def test_a_recorded_ledger_is_proven(site_of: Callable[[Path], Site]) -> None:
    """The sample's ledger is what its journal comes to: no findings, every line equal, every beat executed."""
    site = site_of(FLOW)
    assert site.findings() == []
    index = site.document("v1/flow/index.json")
    lines = [json.loads(line) for line in (FLOW / LEDGER).read_bytes().splitlines()]
    assert (index["ledger"], index["divergence"]) == ("proven", None)
    assert (
        sum(index["fates"].values())
        == len(lines)
        == site.document("v1/integrity.json")["ids"]["recorded lines"]["equal"]
    )
    made = rows(site, "decisions")
    assert [(row["fate"], row["instance"], row["site"], row["cell"]) for row in made] == [
        (line["fate"], line["instance"], line["site"], line["cell"]) for line in lines
    ]
    beats = sum(b'"type":"beat"' in line for line in (FLOW / JOURNAL).read_bytes().splitlines())
    assert index["beats"] == len(rows(site, "beats")) == beats


def test_an_edited_cell_is_shown_plainly(site_of: Callable[[Path], Site]) -> None:
    """One edited choice: an error that names line and cell, and the first page says what was expected and found."""
    site = site_of(DIVERGED)
    assert site.answer.exit_code == 1
    found = site.document("v1/flow/index.json")["divergence"]
    ours, theirs = ((run / LEDGER).read_bytes().splitlines() for run in (FLOW, DIVERGED))
    (edited,) = [line for line, pair in enumerate(zip(ours, theirs, strict=True), 1) if len(set(pair)) > 1]
    assert (found["field"], found["expected"], found["found"]) == ("choice", "ship", "keep")
    assert [(row["code"], row["line"]) for row in site.findings()] == [("flow.divergence", edited)]
    for name in ("index.html", "divergence/index.html"):
        page = (site.folder / "flow" / name).read_text()
        for words in ("The first divergence", "ship", "keep", found["instance"], f"(line {edited})"):
            assert words in page
    assert "../flow/divergence/index.html" in (site.folder / "findings" / "index.html").read_text()


def test_the_divergence_has_a_page_with_both_cells(site_of: Callable[[Path], Site]) -> None:
    """The page of the divergence and its JSON have both cells whole; of their leaves only the edited one differs."""
    site = site_of(DIVERGED)
    document = site.document("v1/flow/divergence.json")
    first = document["first"]
    assert (document["ledger"], document["counts"]) == ("diverged", {"flow.wrong-cell": 1})
    assert document["shown"] == [{name: first[name] for name in document["shown"][0]}]
    assert first["expected_cell"] == {**first["found_cell"], "choice": "ship"}
    recorded = json.loads((DIVERGED / LEDGER).read_bytes().splitlines()[first["recorded_line"]])
    assert first["found_cell"] == recorded["cell"]
    page = (site.folder / "flow" / "divergence" / "index.html").read_text()
    assert (page.count("differs<"), "(1 of 32 differ)" in page) == (1, True)


def test_a_ledger_without_divergence_has_the_page_too(site_of: Callable[[Path], Site]) -> None:
    """Where nothing diverges the page says so, and its JSON has no first divergence."""
    document = site_of(FLOW).document("v1/flow/divergence.json")
    assert (document["ledger"], document["first"], document["shown"], document["counts"]) == ("proven", None, [], {})
    assert document["equal"] == len((FLOW / LEDGER).read_bytes().splitlines())
    page = (site_of(FLOW).folder / "flow" / "divergence" / "index.html").read_text()
    assert "Nothing diverges" in page
    assert "The first divergence" not in page


def test_a_divergence_of_large_cells_in_many_places(tmp_path: Path) -> None:
    """Of cells with more leaves than a page shows the first are shown; of more divergences than are listed, too."""
    run = copy(FLOW, tmp_path / "run")
    lines = [json.loads(line) for line in (run / LEDGER).read_bytes().splitlines()]
    for line in lines:
        line["cell"]["choice"] = "never"
    lines[0]["cell"]["evidence"]["payload"] = {f"leaf{number}": {} for number in range(300)}
    (run / LEDGER).write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    site = build(run, tmp_path / "site")
    document = site.document("v1/flow/divergence.json")
    assert document["counts"] == {"flow.wrong-cell": len(lines)}
    assert len(document["shown"]) == 16
    page = (site.folder / "flow" / "divergence" / "index.html").read_text()
    assert f"The first 16 of {len(lines)} divergences" in page
    assert "; the first 256)" in page


def test_without_a_ledger_decisions_are_re_derived(tmp_path: Path) -> None:
    """A run that recorded nothing is replayed, and called re-derived everywhere."""
    run = copy(FLOW, tmp_path / "run")
    (run / LEDGER).unlink()
    site = build(run, tmp_path / "site")
    assert site.answer.exit_code == 0
    assert site.document("v1/flow/index.json")["ledger"] == "re-derived"
    assert len(rows(site, "decisions")) == len((FLOW / LEDGER).read_bytes().splitlines())
    assert "re-derived" in (site.folder / "flow" / "recorded" / "index.html").read_text()


def test_an_empty_run_has_every_page(tmp_path: Path) -> None:
    """A journal that holds nothing yet has all pages, each saying that there is nothing."""
    site = build(make(tmp_path / "run", b""), tmp_path / "site")
    assert site.document("v1/flow/index.json")["beats"] == 0
    assert "No instance was started." in (site.folder / "flow" / "instances" / "index.html").read_text()


DAMAGE = {
    "no JSON": b"garbage",
    "no object": b"[1]",
    "an unknown type": b'{"type":"pause","beat":0}',
    "an unknown bucket": b'{"type":"intent","beat":0,"bucket":"x","txn":"t","fields":{}}',
    "a line for a blob": b'{"type":"intent","beat":0,"bucket":"x","txn":"t","fields":{"a":"' + b"x" * 70_000 + b'"}}',
    "junk for a blob": b"x" * 70_000,
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("place", [JOURNAL, LEDGER])
def test_damaged_lines_are_shown_where_they_stood(place: str, damage: str, tmp_path: Path) -> None:
    """A line that cannot be used is a finding with its line, is published, and the rest is replayed; verify agrees."""
    run = copy(FLOW, tmp_path / "run")
    lines = (run / place).read_bytes().splitlines()
    lines.insert(5, DAMAGE[damage])
    (run / place).write_bytes(b"\n".join([*lines, b""]))
    site = build(run, tmp_path / "site")
    assert (6, place) in {(row["line"], row["segment"]) for row in site.findings()}
    assert all(line["balances"] for line in site.answer.json["account"])
    assert DAMAGE[damage][:60_000] in b"".join(site.tree().values())
    assert site.document("v1/flow/index.json")["beats"] == len(rows(site, "beats"))
    assert command("verify", site.folder, "--run", run).exit_code == 0


def test_torn_tails_and_large_intents(tmp_path: Path) -> None:
    """A torn tail is no line yet; a valid line that is too large for a page is a blob."""
    large = intent(0, "fl_upsert", "t.large", kind="guardian", id="guard.a", text="x" * 70_000)
    data = journal(large, beat(0), beat(1)) + b'{"type":"be'
    run = make(tmp_path / "run", data, (b'{"type":"dec'))
    site = build(run, tmp_path / "site")
    assert {row["code"] for row in site.findings()} == {"ndjson.torn-tail"}
    (page,) = site.pages("v1/flow/journal")
    assert [row["seq"] for row in page["moved"]] == [1]
    assert page["unreadable"][0]["code"] == "ndjson.torn-tail"
    assert command("verify", site.folder, "--run", run).exit_code == 0


def test_what_fails_is_listed_first(tmp_path: Path) -> None:
    """Failed intents stand on the first page of the intents; a fatal beat says how many it lost; a veto says why."""
    lines = [
        intent(0, "inst_start", "t.a", id="inst.a", variant="var.none"),
        intent(0, "inst_event", "t.b", id="inst.a"),
        beat(0),
        beat(1),
        beat(2),
    ]
    site = build(make(tmp_path / "run", journal(*lines, rules=1)), tmp_path / "site")
    failed = [row for row in rows(site, "intents") if row["outcome"] != "ok"]
    assert failed
    assert not all(row["committed"] for row in rows(site, "beats"))
    assert failed[0]["outcome"] in (site.folder / "flow" / "intents" / "index.html").read_text()
    assert "intents lost" in (site.folder / "flow" / "beats" / "000000.html").read_text()


def test_notes_find_lines_of_the_journal(tmp_path: Path) -> None:
    """A note is about a line by its number; a decision's id names nothing here."""
    run = copy(FLOW, tmp_path / "run")
    (run / "notes").mkdir()
    for name, target in (("a", "event: 3"), ("b", "range: 2-5"), ("c", "event: 99999"), ("d", "decision: inst.a")):
        (run / "notes" / f"{name}.md").write_text(f"---\n{target}\n---\ntext\n")
    site = build(run, tmp_path / "site")
    assert [row["code"] for row in site.findings()] == ["note.unknown-target"] * 2
    assert "flow/journal/000000.html#j3" in (site.folder / "notes" / "index.html").read_text()


def test_a_folder_holds_one_kind_of_run(tmp_path: Path) -> None:
    """Logs of two systems in one folder exit 2 and say what to do; nothing is written."""
    run = copy(FLOW, tmp_path / "run")
    (run / AUDIT).parent.mkdir(parents=True)
    shutil.copy(SMALL / AUDIT, run / AUDIT)
    answer = command("build", run, "--out", tmp_path / "site")
    assert answer.exit_code == 2
    assert "two systems" in answer.stderr
    assert not (tmp_path / "site").exists()


def test_a_flow_site_is_verified_as_any_other(site_of: Callable[[Path], Site]) -> None:
    """Verify knows from the site what kind of run it shows, and proves pages, logs and rendering."""
    site = site_of(FLOW).folder
    answer = command("verify", site, "--run", FLOW, "--json")
    assert answer.exit_code == 0
    assert {check["status"] for check in answer.json["checks"]} == {"ok", "unauthenticated"}


def test_documents_are_valid_by_their_schemas(site_of: Callable[[Path], Site]) -> None:
    """Every document of the flow names a schema that it keeps."""
    site = site_of(DIVERGED)
    for entry in site.document("v1/index.json")["documents"]:
        if entry["path"].startswith("v1/flow/"):
            schema = site.document(f"v1/schemas/{entry['schema']}.schema.json")
            jsonschema.validate(site.document(entry["path"]), schema)
    for collection in site.document("v1/index.json")["collections"]:
        schema = site.document(f"v1/schemas/{collection['schema']}.schema.json")
        for page in site.pages(collection["folder"]):
            jsonschema.validate(page, schema)


LEDGER_EDITS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "flow.missing-decision": lambda lines: lines[:-1],
    "flow.missing-decision, all of them": lambda _: [],
    "flow.extra-decision": lambda lines: [*lines, lines[-1].replace(b'"beat":2', b'"beat":9', 1)],
    "flow.wrong-beat": lambda lines: [*lines[:14], lines[14].replace(b'"beat":9', b'"beat":10', 1), *lines[15:]],
}


@pytest.mark.parametrize("kind", LEDGER_EDITS)
def test_other_divergences_are_shown_too(kind: str, tmp_path: Path) -> None:
    """A decision that is missing, one too many, or one in another beat is the first divergence, with its kind."""
    run = copy(FLOW, tmp_path / "run")
    lines = LEDGER_EDITS[kind]((run / LEDGER).read_bytes().splitlines())
    (run / LEDGER).write_bytes(b"\n".join([*lines, b""]))
    site = build(run, tmp_path / "site")
    assert site.answer.exit_code == 1
    assert site.findings()[0]["code"] == "flow.divergence"
    counts = site.document("v1/integrity.json")["ids"]["recorded lines"]
    assert counts[kind.split(",", maxsplit=1)[0].removeprefix("flow.")] >= 1
    assert "The first divergence" in (site.folder / "flow" / "index.html").read_text()
    first = site.document("v1/flow/divergence.json")["first"]
    assert (first["expected_cell"] is None) == kind.startswith("flow.extra")
    assert (first["found_cell"] is None) == kind.startswith("flow.missing")
    assert (first["recorded_line"] is None) == (not lines)
    is_executed = first["beat"] < site.document("v1/flow/index.json")["beats"]
    page = (site.folder / "flow" / "divergence" / "index.html").read_text()
    assert (f"#b{first['beat']}" in page) == is_executed == (kind != "flow.extra-decision")


def test_a_decision_says_what_it_was_made_from(site_of: Callable[[Path], Site]) -> None:
    """A row of the decisions has fingerprint and evidence: state, context, and the latest event with its payload."""
    page = (site_of(FLOW).folder / "flow" / "decisions" / "000000.html").read_text()
    cells = [row["cell"] for row in rows(site_of(FLOW), "decisions") if "payload" in row["cell"]["evidence"]]
    for cell in cells:
        assert cell["validation"]["fingerprint"] in page
        for name in ("state", "context", "signal", "beat", "origin"):
            assert f"{name} {cell['evidence'][name]}" in page
        assert f"event {cell['evidence']['event']['$link'] or 'that is gone'}, payload" in page
    assert {cell["evidence"]["event"]["$link"] is None for cell in cells} == {True, False}


def test_a_half_written_decision_is_shown() -> None:
    """A cell without telemetry and retention (section 9.2) says so; a veto says which field contradicts the ledger."""
    flow, shelves = Flow(), Shelves(512 * 1024)
    cell = Decision("yes", "main", "inst.a", 0, 0)
    veto = Veto("choice", "no", "yes")
    verdicts = (Verdict(Fate.RECORDED, "inst.a", "main", cell), Verdict(Fate.VETOED, "inst.a", "main", cell, veto))
    list(shelves.take(0, Beat(0, True, 1, (), (), verdicts, (), (), ()), flow, 0))  # noqa: FBT003 - a field
    made = [
        page
        for page in shelves.finish(flow.state)
        if isinstance(page, Page) and page.path == "flow/decisions/000000.html"
    ]
    text = str(made[0].blocks)
    for words in ("'none', 'not told', 'none', 'none'", "vetoed: choice must be no, found yes"):
        assert words in text


def test_a_site_that_does_not_say_what_it_shows_is_no_site(site_of: Callable[[Path], Site], tmp_path: Path) -> None:
    """Verify of a site without a readable entry point fails, whatever kind of run it showed."""
    site = copy(site_of(FLOW).folder, tmp_path / "site")
    (site / "v1" / "index.json").write_bytes(b"{")
    assert command("verify", site).exit_code == 1


@pytest.mark.parametrize("stream", [JOURNAL, LEDGER])
def test_a_large_line_that_cannot_be_read_is_published(stream: str, tmp_path: Path) -> None:
    """A line that is no JSON and too large for its page is a file of its own with its exact bytes; its row links it."""
    run = copy(FLOW, tmp_path / "run")
    broken = b'{"type":"' + b"x" * 40_000
    lines = (run / stream).read_bytes().splitlines()
    (run / stream).write_bytes(b"\n".join([*lines[:3], broken, *lines[3:], b""]))
    with (run / "replayglass.toml").open("a") as config:
        config.write("\n[limits]\nmax_file_bytes = 65536\n")
    site = build(run, tmp_path / "site")
    [blob] = (site.folder / "blob").iterdir()
    assert blob.read_bytes() == broken
    folder = "journal" if stream == JOURNAL else "recorded"
    assert f"blob/{blob.name}" in (site.folder / "flow" / folder / "000000.html").read_text()
    assert "FAILED" not in command("verify", site.folder, "--run", run).stdout
