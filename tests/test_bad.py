"""Every damaged or hostile log of the conformance data: what is found, and that nothing is lost."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from badcases import DISORDERED, EXPECTED, EXPLAINED, FORM, MEANING, TABLE, UNSEEN, UNUSABLE
from sites import AUDIT, OBSERVE, PAPER, SMALL, SNAPSHOTS, command, make_filesystem_case, make_run, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from badcases import Row
    from sites import Site

CASES = {case["name"]: case for case in json.loads((PAPER / "bad" / "INDEX.json").read_bytes())}
STREAMS = {"audit-events": (AUDIT, "events", "e"), "snapshots": (SNAPSHOTS, "snapshots", "s")}

on_every_case = pytest.mark.parametrize("case", TABLE)


@pytest.fixture(scope="session")
def run_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that gives the run folder of a case."""
    made: dict[str, Path] = {}

    def run(case: str) -> Path:
        if case not in made:
            is_made_here = CASES[case].get("made_at_test_time", False)
            folder = tmp_path_factory.mktemp(case) / "run" if is_made_here else PAPER / "bad" / case
            made[case] = make_filesystem_case(case, folder) if is_made_here else folder
        return made[case]

    return run


def by_place(rows: Iterable[Row]) -> list[Row]:
    """Return rows in the order of stream and line."""
    return sorted(rows, key=lambda row: (row[2], row[3] or 0, row))


def test_the_table_has_every_case() -> None:
    """No case of INDEX.json is left out, and the classes that are due in full are."""
    assert {*TABLE, UNUSABLE} == CASES.keys()
    due = {"syntax", "benign", "encoding", "schema", "resource", "filesystem"}
    assert {CASES[name]["class"] for name in [*FORM, UNUSABLE]} == due
    assert due.isdisjoint(CASES[name]["class"] for name in MEANING)


@on_every_case
def test_exactly_this_is_found(case: str, run_of: Callable[[str], Path], site_of: Callable[[Path], Site]) -> None:
    """A damaged log gives exactly the findings of the table, on the site and from check; errors exit 1."""
    site, answer = site_of(run_of(case)), command("check", run_of(case), "--json")
    expected = by_place(TABLE[case])
    for findings in (site.findings(), answer.json["findings"]):
        assert by_place((row["code"], row["severity"], row["stream"], row["line"]) for row in findings) == expected
    has_errors = any(severity == "error" for _, severity, _, _ in expected)
    assert site.answer.exit_code == answer.exit_code == int(has_errors)
    assert site.answer.json["finding_counts"]["error"] == sum(row[1] == "error" for row in expected)


@on_every_case
def test_a_finding_names_the_right_place(
    case: str, run_of: Callable[[str], Path], site_of: Callable[[Path], Site]
) -> None:
    """Line, byte offset and sequence number of a finding are those of its line in the file."""
    for finding in site_of(run_of(case)).findings():
        if finding["line"] is None:
            assert finding["seq"] is finding["offset"] is finding["segment"] is None
            continue
        data = (run_of(case) / finding["segment"]).read_bytes()
        before = data[: finding["offset"]].split(b"\n")
        assert before[-1] == b""
        assert len(before) == finding["line"]
        if finding["seq"] is None:
            assert finding["code"] == "ndjson.blank-lines"
        else:
            assert sum(map(bool, before)) == finding["seq"]


@pytest.mark.parametrize("case", [name for name in TABLE if not CASES[name].get("made_at_test_time")])
def test_what_an_independent_reader_flags_is_found(
    case: str, run_of: Callable[[str], Path], site_of: Callable[[Path], Site]
) -> None:
    """Each line that idcheck.json flags has a finding of ours, on it or, in a tick out of order, shortly before it."""
    check = json.loads((run_of(case) / "idcheck.json").read_bytes())
    findings = site_of(run_of(case)).findings()
    lines = {(row["stream"], row["line"]) for row in findings if row["severity"] != "info"}
    unreadable = {("audit-events", line) for line, _ in check["audit"]["unreadable_lines"]}
    unreadable |= {("snapshots", line) for line, _ in check["snapshots"]["unreadable_lines"]}
    assert unreadable <= lines
    orphans = {row["line"] for row in findings if row["code"] == "replay.unknown-decision"}
    assert orphans >= set(check["audit"]["orphan_decision_refs"])
    flagged = {("snapshots", line) for line, _ in check["snapshots"]["id_mismatch"]}
    flagged |= {("audit-events", line) for line, _ in check["audit"]["id_mismatch"]}
    flagged |= {("audit-events", line) for line in check["audit"]["decision_ids_without_reason_list"]}
    flagged |= {("audit-events", line) for line in check["audit"]["time_backwards"]}
    flagged |= {("audit-events", line) for line in check["audit"]["sequence_breaks"]}
    left = flagged - lines - {("audit-events", line) for line in EXPLAINED.get(case, ())}
    assert not left or case in DISORDERED
    assert all(any((stream, line - back) in lines for back in range(1, 6)) for stream, line in left)


@on_every_case
def test_what_was_done_to_a_log_is_found(
    case: str, run_of: Callable[[str], Path], site_of: Callable[[Path], Site]
) -> None:
    """The damage that a case's description tells is found where it was done, unless no rule can see it."""
    rows = {(row["code"], row["stream"], row["line"]) for row in site_of(run_of(case)).findings()}
    assert rows >= set(EXPECTED.get(case, []))
    assert EXPECTED.get(case) or case in UNSEEN or not rows


def numbers_of(page: dict[str, Any], rows: str) -> Iterator[int]:
    """Give the sequence number of each thing on a JSON page; readable records have those that are left."""
    listed = [damage["seq"] for damage in page["unreadable"]] + [moved["seq"] for moved in page.get("moved", [])]
    yield from listed
    left = (number for number in range(page["first"], page["first"] + 257) if number not in listed)
    yield from (next(left) for _ in page[rows])


@on_every_case
@pytest.mark.parametrize("stream", STREAMS)
def test_nothing_is_lost(
    case: str, stream: str, run_of: Callable[[str], Path], site_of: Callable[[Path], Site]
) -> None:
    """Records read = lines that are not empty = events + unreadable + torn; each number stands once on the pages."""
    site, (place, rows, mark) = site_of(run_of(case)), STREAMS[stream]
    count = len(records(run_of(case) / place))
    account = next(line for line in site.answer.json["account"] if line["stream"] == stream)
    assert account["balances"]
    assert account["records"] == account["events"] + account["unreadable"] + account["torn"] == count
    pages = site.pages(f"{OBSERVE}/persistence/{stream}")
    assert len(pages) == account["pages"]
    assert sorted(number for page in pages for number in numbers_of(page, rows)) == list(range(count))
    assert sum(page["count"] for page in pages) == count - account["torn"]
    html = "".join(path.read_text() for path in sorted((site.folder / rows).glob("0*.html")))
    assert [int(number) for number in re.findall(rf'<tr[^>]* id="?{mark}(\d+)"?', html)] == list(range(count))


@on_every_case
@pytest.mark.parametrize("stream", STREAMS)
def test_the_bytes_of_a_record_are_published(
    case: str, stream: str, run_of: Callable[[str], Path], site_of: Callable[[Path], Site]
) -> None:
    """Every readable record stands byte for byte, in its place, in its JSON page or in its blob."""
    site, (place, rows, _) = site_of(run_of(case)), STREAMS[stream]
    raws = records(run_of(case) / place)
    for path in sorted((site.folder / OBSERVE / "persistence" / stream / "pages").iterdir()):
        page = json.loads(path.read_bytes())
        moved = {row["seq"]: row["blob"] for row in page.get("moved", [])}
        assert all((site.folder / blob).read_bytes() == raws[seq] for seq, blob in moved.items())
        gone = {*moved, *(damage["seq"] for damage in page["unreadable"])}
        kept = [raws[seq] for seq in range(page["first"], page["first"] + page["count"]) if seq not in gone]
        assert b'"%s":[%s]' % (rows.encode(), b",".join(kept)) in path.read_bytes()


HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


@pytest.mark.parametrize("case", [name for name, case in CASES.items() if case["class"] == "hostile"])
def test_hostile_texts_stay_texts(case: str, run_of: Callable[[str], Path], site_of: Callable[[Path], Site]) -> None:
    """No text of a log is markup, hides or reorders text, or becomes part of a file's name."""
    site, texts = site_of(run_of(case)), set()
    for line in records(run_of(case) / AUDIT):
        event = json.loads(line)
        texts |= {event.get("marketId", ""), event.get("decisionClass", ""), event.get("decisionId", "")}
    markup = {text for text in texts if "<" in text}
    assert markup or case != "html_script_payload"
    for path, data in site.tree().items():
        assert re.fullmatch(r"[a-z0-9]+(?:[-./][a-z0-9]+)*|assets/.*", path)
        if path.endswith(".html"):
            text = data.decode()
            assert not HIDDEN.search(text)
            assert not [payload for payload in markup if payload in text]


def test_a_folder_in_place_of_a_file_stops_the_build(tmp_path: Path) -> None:
    """What cannot be read at all ends with 2, one sentence and no site; no traceback."""
    run = make_filesystem_case(UNUSABLE, tmp_path / "run")
    for words in (("build", run, "--out", tmp_path / "site"), ("check", run)):
        answer = command(*words)
        assert (answer.exit_code, answer.stdout) == (2, "")
        assert answer.stderr == "replayglass: audit-events/data/audit_events.ndjson is not a regular file\n"
    assert not (tmp_path / "site").exists()


LOG = (SMALL / AUDIT).read_bytes()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, len(LOG)))
@example(cut=LOG.index(b"\n"))
@example(cut=LOG.index(b"\n") + 1)
@example(cut=LOG.index(b"\n") + 2)
def test_a_log_cut_anywhere_is_read_up_to_its_last_whole_line(cut: int, tmp_path: Path) -> None:
    """A cut leaves whole lines, all of them events, and at most a torn tail, which is a warning."""
    run = make_run(tmp_path / "run", LOG[:cut])
    answer = command("check", run, "--json")
    account = answer.json["account"][0]
    whole = LOG[:cut].count(b"\n") + (LOG[cut : cut + 1] == b"\n")
    assert answer.exit_code == 0
    assert account["events"] == whole
    assert account["torn"] == (cut > 0 and LOG[cut - 1 : cut] != b"\n" and LOG[cut : cut + 1] != b"\n")
