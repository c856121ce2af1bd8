"""Findings: nothing that was reported is lost, and the verdict says the worst of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest

from replayglass.canon import encode
from replayglass.cell import Badge, Link
from replayglass.domains.paper.places import EVENTS, SNAPSHOTS
from replayglass.facetshape import FacetKeys
from replayglass.findings import Findings, verdict
from replayglass.page import Document, Notice, Page, Rows, Table
from replayglass.record import Finding, Position, Severity
from rowwords import words

if TYPE_CHECKING:
    from replayglass.page import Artifact

PLACES = {"audit-events": EVENTS, "snapshots": SNAPSHOTS}
ERROR, WARNING, INFO = Severity
PLACE = Position("audit-events", "a.ndjson", 300, 302, 9000)
SOME = [
    Finding.at("schema.uuid", ERROR, "bad id", PLACE),
    Finding("run.odd", INFO, "odd file", "run"),
    Finding("ndjson.blank-lines", INFO, "blank", "audit-events", "a.ndjson", None, 7, 70),
    Finding("note.unknown-target", WARNING, "no such", "notes", "notes/a.md"),
    Finding("test.twice", ERROR, "worse", "snapshots", "s.ndjson", 1, 2, 3),
    Finding("test.twice", INFO, "better", "elsewhere", None, 1, 2, 3),
]


def reported(findings: list[Finding], limit: int = 1 << 19) -> dict[str, Artifact]:
    """Return the files that these findings make."""
    made = Findings(PLACES, limit, {})
    files = [artifact for finding in findings for artifact in made.add(finding)]
    assert made.count == len(findings)
    files += made.finish()
    return {artifact.path: artifact for artifact in files}


def value(files: dict[str, Artifact], path: str) -> dict[str, object]:
    """Return the value of a document."""
    document = files[path]
    assert isinstance(document, Document)
    found: dict[str, object] = json.loads(document.data)
    return found


def test_findings_are_paged_in_the_order_they_came() -> None:
    """Each finding is a row with all it says, null where it has no one place."""
    rows = value(reported(SOME), "v1/findings/pages/000000.json")["findings"]
    assert isinstance(rows, list)
    assert rows[0] == {
        "row": 0,
        "code": "schema.uuid",
        "severity": "error",
        "message": "bad id",
        "stream": "audit-events",
        "segment": "a.ndjson",
        "seq": 300,
        "line": 302,
        "offset": 9000,
    }
    assert [row["row"] for row in rows] == list(range(len(SOME)))
    assert rows[1] | {"row": 0} == dict.fromkeys(rows[1]) | {
        "row": 0,
        "code": "run.odd",
        "severity": "info",
        "message": "odd file",
        "stream": "run",
    }


def test_rows_say_where_and_link_to_the_record() -> None:
    """A row links to its record where the site shows it, and else names the file or the stream."""
    page = reported(SOME)["findings/000000.html"]
    assert isinstance(page, Page)
    assert isinstance(page.blocks[0], Rows)
    rows = page.blocks[0].rows
    assert [row.kind.tone for row in rows] == ["bad", "note", "note", "warn", "bad", "note"]
    assert [words(row) for row in rows] == [
        "error | schema.uuid | event 300, line 302, byte 9000 of a.ndjson | bad id",
        "info | run.odd | run | odd file",
        "info | ndjson.blank-lines | line 7, byte 70 of a.ndjson | blank",
        "warning | note.unknown-target | notes/a.md | no such",
        "error | test.twice | snapshot 1, line 2, byte 3 of s.ndjson | worse",
        "info | test.twice | line 2, byte 3 of elsewhere | better",
    ]


def test_the_index_counts_every_finding() -> None:
    """By severity and by code: a code that comes with two severities counts both, and the sums are the count."""
    index = value(reported(SOME), "v1/findings/index.json")
    assert index["by_severity"] == {"error": 2, "warning": 1, "info": 3}
    assert index["by_code"] == {
        "schema.uuid": 1,
        "test.twice": 2,
        "note.unknown-target": 1,
        "ndjson.blank-lines": 1,
        "run.odd": 1,
    }
    assert (index["count"], index["pages"], index["page_size"]) == (6, 1, 256)
    page = reported(SOME)["findings/index.html"]
    assert isinstance(page, Page)
    assert isinstance(page.blocks[1], Table)
    rows = [(severity, code, link) for severity, code, link, _ in page.blocks[1].rows[:2]]
    (first, one), (second, two) = [(code, link) for _, code, link in rows]
    assert (first, second, one) == ("schema.uuid", "test.twice", Link("1", "findings/by-code/000000/000000.html"))
    keys = msgspec.json.decode(encode(value(reported(SOME), "v1/findings/by-code/index.json")), type=FacetKeys).keys
    assert {key.key: key.count for key in keys} == index["by_code"]
    (place,) = [number for number, key in enumerate(keys) if key.key == "test.twice"]
    assert two == Link("1", f"findings/by-code/{place:06d}/000000.html")


def test_many_findings_make_full_pages() -> None:
    """256 findings fill a page, and none is lost."""
    files = reported([Finding("test.many", INFO, f"message {number}", "run") for number in range(600)])
    pages = [value(files, f"v1/findings/pages/{number:06d}.json") for number in range(3)]
    assert [page["count"] for page in pages] == [256, 256, 88]


def test_a_run_without_findings_says_so() -> None:
    """With nothing to report there is one empty page and the verdict is clean."""
    files = reported([])
    assert value(files, "v1/findings/pages/000000.json")["findings"] == []
    page = files["findings/index.html"]
    assert isinstance(page, Page)
    assert page.blocks[0] == Notice("Clean: no errors, no warnings, nothing odd.", "good")


@pytest.mark.parametrize(
    ("counts", "words_of_it", "tone"),
    [
        ((1, 0, 2), "Damaged: 1 error, 0 warnings, 2 remarks.", "bad"),
        ((0, 1, 1), "Readable, with 1 warning and 1 remark; no errors.", "warn"),
        ((0, 0, 1234), "Clean: no errors, no warnings, 1,234 remarks.", "good"),
        ((0, 0, 0), "Clean: no errors, no warnings, nothing odd.", "good"),
    ],
)
def test_the_verdict_says_the_worst(counts: tuple[int, int, int], words_of_it: str, tone: str) -> None:
    """One error makes a run damaged; warnings make it readable; remarks leave it clean."""
    text, own_tone = verdict(dict(zip(Severity, counts, strict=True)))
    assert Badge(text, own_tone) == Badge(words_of_it, tone)
