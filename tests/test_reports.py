"""Reports as pure functions of what a site says: well-formed, bounded and harmless, whatever a log holds."""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from markdown_it import MarkdownIt

from replayglass.account import Line
from replayglass.domains.paper.rulebook import RULES
from replayglass.failon import FailOn
from replayglass.findings import FindingRow
from replayglass.integrity import LogEntry, RuleEntry
from replayglass.proof.failure import ProofError
from replayglass.record import Severity
from replayglass.reports.annotations import annotation_lines
from replayglass.reports.codes import meanings
from replayglass.reports.junit import junit_xml
from replayglass.reports.places import Places
from replayglass.reports.published import Chart, Published
from replayglass.reports.sarif import sarif_json
from replayglass.reports.selection import EACH, MOST, select
from replayglass.reports.summary import FIRST, summary_md
from sites import REPO

BASE = "https://example.org/site/"
HERE, ELSEWHERE = Places("run"), Places(None)
MARKUP = [
    "<img src=x>",
    "![x](http://e)",
    "[x](javascript:1)",
    "@octocat",
    "#1",
    "www.example.org",
    "a@b.org",
    "|",
    "`",
    "``",
]
SIGNS = [
    "\n",
    "\x00",
    "\x1b",
    "\u202e",
    "\ud800",
    "\ufffe",
    "]]>",
    "&amp;",
    "\\",
    "::error::",
    "%0A",
    ",",
    ":",
    "{0}",
    " ",
]
ELEMENTS = {"h2", "h3", "p", "strong", "code", "pre", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "a"}
hostile = st.lists(st.sampled_from(MARKUP + SIGNS) | st.text(max_size=5), max_size=12).map("".join)


def row(
    number: int, severity: str = "error", code: str = "json.syntax", message: str = "bad", **more: object
) -> FindingRow:
    """Return a finding."""
    place: dict[str, Any] = {"stream": "log", "segment": "log.ndjson", "seq": number, "line": number + 1, "offset": 9}
    return FindingRow(number, code, severity, message, **(place | more))  # type: ignore[arg-type]


def published(rows: list[FindingRow], title: str = "A run", **more: Any) -> Published:  # noqa: ANN401 - any field
    """Return a publication with these findings."""
    counts = {severity: sum(one.severity == severity for one in rows) for severity in Severity}
    rules = [RuleEntry(one.code, one.severity.value, one.holds, one.source, 0) for one in RULES]
    log = LogEntry(
        "log", "o", 9, "0" * 64, signed=False, key=None, checkpoint="log/log/checkpoint.unsigned", checkpoints=1
    )
    made = Published(title, "1.0", "7", [Line("log", 9, 8, 1, 0, 1)], counts, select(rows), rules, [log], [])
    return made._replace(**more)


def suites(data: bytes) -> dict[str, ET.Element]:
    """Return the suites of a JUnit report by name, after a look at the counts."""
    root = ET.fromstring(data)  # noqa: S314 - of our own making
    for part in (root, *root):
        cases = list(part.iter("testcase"))
        assert int(part.attrib["tests"]) == len(cases) > 0
        assert int(part.attrib["failures"]) == sum(case.find("failure") is not None for case in cases)
        assert int(part.attrib["skipped"]) == sum(case.find("skipped") is not None for case in cases)
        assert part.attrib["errors"] == "0"
        assert not part.attrib.keys() & {"time", "timestamp", "hostname"}
    return {suite.attrib["name"]: suite for suite in root}


@cache
def validator() -> Any:  # noqa: ANN401 - jsonschema has no types
    """Return what validates against the schema of SARIF."""
    return Draft4Validator(json.loads((REPO / "tests/vendor/sarif/sarif-2.1.0-rtm.5.json").read_bytes()))


def sarif(data: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return the run of a SARIF report, which must be valid."""
    made = json.loads(data)
    validator().validate(made)
    return made["runs"][0]


class Tags(HTMLParser):
    """What a page consists of: its elements, the addresses of links, and the text outside of code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.links: list[str] = []
        self.bare = ""
        self._code = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of an element."""
        self.found.add(tag)
        self.links += [str(value) for key, value in attrs if key in {"href", "src"}]
        self._code += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        """Take note of the end of an element."""
        self._code -= tag == "code"

    def handle_data(self, data: str) -> None:
        """Take note of text."""
        self.bare += "" if self._code else data


@settings(max_examples=60)
@given(hostile, hostile.filter(bool).map(lambda text: text[:100]), hostile.map(lambda text: text.replace("\ud800", "")))
def test_no_text_of_a_log_is_markup_in_any_report(message: str, name: str, segment: str) -> None:
    """Of any characters XML parses, SARIF is valid, the summary has our elements and links alone.

    Outside of code it has no character that a host would make a mention or a link of. JSON has no lone surrogates, so
    the paths in it have none.
    """
    rows = [
        row(0, code=name, message=message, stream=name, segment=segment),
        row(1, "info", name, message, segment=None),
    ]
    made = published(
        rows, message, rules=[], version=name, as_of=message, charts=[Chart("Events by type", [(message, 3), ("", 0)])]
    )
    assert suites(junit_xml(made, HERE, FailOn.ERROR))
    for places in (HERE, ELSEWHERE):
        assert sarif(sarif_json(made, places, BASE))["results"]
    page = Tags(MarkdownIt("commonmark", {"html": True}).enable("table").render(summary_md(made, HERE, BASE).decode()))
    assert page.found <= ELEMENTS
    assert all(re.fullmatch(re.escape(BASE) + r"[a-z0-9./-]+(#x\d+)?", link) for link in page.links)
    assert not set(page.bare) & set("@<>`\\"), page.bare
    assert "http" not in page.bare
    assert "www" not in page.bare
    lines = list(annotation_lines(made, HERE))
    assert all(re.fullmatch(r"::(error|warning|notice) [^:\n\r]*::[^\n\r]*", line) for line in lines), lines


def test_a_suite_for_each_rule_that_holds_and_for_each_code_found() -> None:
    """A rule that holds is a passing case with its words; a finding is a case of its code's suite, with its place."""
    found = suites(
        junit_xml(
            published([row(4), row(5, "warning", RULES[0].code), row(6, "info", "json.blank")]), HERE, FailOn.ERROR
        )
    )
    assert list(found) == ["completeness", *(rule.code for rule in RULES), "json.blank", "json.syntax"]
    [passed] = found[RULES[1].code]
    assert (passed.attrib, list(passed)) == ({"classname": RULES[1].code, "name": RULES[1].holds}, [])
    [failed] = found["json.syntax"]
    place = {"name": "finding 4: log.ndjson:5, byte 9", "file": "run/log.ndjson", "line": "5"}
    assert failed.attrib == {"classname": "json.syntax", **place}
    [failure] = failed
    assert (failure.tag, failure.attrib) == ("failure", {"type": "error", "message": "bad"})
    assert found[RULES[0].code][0][0].tag == "skipped"
    assert found["json.blank"][0][0].text == "info: bad"
    assert found["completeness"][0].attrib["name"].startswith("log: 9 records read = 8 events shown")


def test_a_warning_fails_if_it_is_to_fail_and_an_error_always() -> None:
    """With --fail-on warning a warning is a failure; with never an error still is one."""
    rows = published([row(0, "warning"), row(1)])
    tags = {mode: [case[0].tag for case in suites(junit_xml(rows, HERE, mode))["json.syntax"]] for mode in FailOn}
    assert tags == {
        FailOn.ERROR: ["failure", "skipped"],
        FailOn.WARNING: ["failure", "failure"],
        FailOn.NEVER: ["failure", "skipped"],
    }


def test_an_account_that_does_not_balance_is_a_failure() -> None:
    """A site of somebody else may lose records: the case of the stream fails, the summary says so."""
    made = published([], account=[Line("log", 9, 8, 0, 0, 1)])
    assert suites(junit_xml(made, HERE, FailOn.ERROR))["completeness"][0][0].tag == "failure"
    assert b"It does not balance." in summary_md(made, HERE, "")


def test_reports_of_very_many_findings_are_bounded() -> None:
    """All are counted, the first of each code are listed, and each report says how many are not.

    The summary stays below 1 MB, the others below 25 MB, with texts that take the most bytes there are.
    """
    text = "\U0010ffff" * 2_000
    severities = ("error", "warning", "info")
    rows = [
        row(n, severities[n % 3], f"code.{n % 40}", text, segment=text[:1_000], stream=text[:100])
        for n in range(30_000)
    ]
    made = published(rows, text, charts=[Chart("Events by type", [(text, n) for n in range(512)])])
    reports = junit_xml(made, HERE, FailOn.ERROR), sarif_json(made, HERE, BASE)
    assert max(map(len, reports)) < 25_000_000
    summary = summary_md(made, HERE, BASE)
    assert len(summary) < 1_000_000
    assert f"{30_000 - FIRST:,} more: ".encode() in summary
    assert b"20 more codes are on the site." in summary
    found = suites(reports[0])
    assert sum(len(suite) for suite in found.values()) < MOST + 300
    assert found["code.0"][-1].attrib["name"] == "250 more of severity info"
    run = json.loads(reports[1])["runs"][0]
    left = 30_000 - len(run["results"])
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].startswith(
        f"{left:,} more findings"
    )
    assert {result["level"] for result in run["results"]} == {"error"}


def test_usual_findings_are_listed_up_to_the_limits() -> None:
    """Of one code the first 500 of a severity, of all codes 5,000, the worst first and then in their order."""
    listed = select(row(n, "warning" if n % 2 else "error", f"code.{n % 3}", "x" * 100) for n in range(9_000)).listed
    assert len(listed) == 6 * EACH
    assert [one.severity for one in listed] == ["error"] * 3 * EACH + ["warning"] * 3 * EACH
    assert [one.row for one in listed[:4]] == [0, 2, 4, 6]
    assert len(select(row(n, "error", f"code.{n % 50}") for n in range(50 * EACH)).listed) == MOST


@pytest.mark.parametrize(
    "rows", [[row(n, code=f"c{n}") for n in range(513)], [row(0, code="c" * 101)], [row(0, segment="s" * 1_025)]]
)
def test_findings_that_are_not_ours_are_refused(rows: list[FindingRow]) -> None:
    """Hundreds of codes or names without end are written by nobody but an attacker."""
    with pytest.raises(ProofError):
        select(rows)


def test_annotations_are_as_many_as_are_shown() -> None:
    """Ten errors and ten warnings at most, the errors first, and one line that says how many more there are."""
    rows = [row(n, severity) for n, severity in enumerate(["info", "warning", "error"] * 12)]
    lines = list(annotation_lines(published(rows), HERE))
    assert [line.split()[0] for line in lines] == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"]
    assert lines[0] == "::error file=run/log.ndjson,line=3,title=json.syntax::bad (log.ndjson:3, byte 9)"
    assert lines[-1] == "::notice title=replayglass::16 more findings are on the site, under findings/index.html."
    assert next(iter(annotation_lines(published(rows), ELSEWHERE))).startswith("::error title=json.syntax::bad")
    assert list(annotation_lines(published([]), HERE)) == []


def test_annotations_are_escaped_as_github_reads_them() -> None:
    """Per cent and line ends in the message; in a property colon and comma, too (actions/toolkit, command.ts)."""
    one = row(0, message="50%\r\n::error::x", segment="a,b:c%.ndjson", line=None, offset=None)
    [line] = annotation_lines(published([one]), HERE)
    assert line == (
        "::error file=run/a%2Cb%3Ac%25.ndjson,title=json.syntax::50%25U+000DU+000A::error::x (a,b:c%25.ndjson)"
    )


def test_sarif_says_rule_place_and_fingerprint() -> None:
    """Rules have the words of docs/findings.md, results have level, message, file, line, byte and a fingerprint."""
    run = sarif(
        sarif_json(
            published([row(0, message="a [b](c) \\"), row(1, "info", segment=None, seq=None, line=None)]), HERE, BASE
        )
    )
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert list(rules) == [*(rule.code for rule in RULES), "json.syntax"]
    assert rules["json.syntax"]["fullDescription"]["text"] == meanings()["json.syntax"].meaning
    assert rules["json.syntax"]["helpUri"] == f"{BASE}findings/index.html"
    assert rules[RULES[0].code]["shortDescription"]["text"] == RULES[0].holds
    first, second = run["results"]
    assert first["message"]["text"] == "a \\[b\\](c) \\\\ (log.ndjson:1, byte 9)"
    place = first["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "run/log.ndjson"}, "region": {"startLine": 1, "byteOffset": 9}}
    assert second["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "run"}
    assert (first["level"], second["level"]) == ("error", "note")
    assert first["partialFingerprints"] != second["partialFingerprints"]
    alone = sarif(sarif_json(published([row(0, segment=None, offset=None, line=None)]), ELSEWHERE, ""))
    assert alone["results"][0]["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": ".", "uriBaseId": "RUN"}}}
    ]
    assert not any("helpUri" in rule for rule in alone["tool"]["driver"]["rules"])


def test_every_documented_code_has_its_meaning() -> None:
    """What SARIF says of a rule is the row of docs/findings.md: none is missing."""
    text = (REPO / "docs" / "findings.md").read_text(encoding="utf-8")
    assert list(meanings()) == re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


def test_the_summary_of_an_empty_clean_run() -> None:
    """Nothing logged, nothing found: it says so, with no table of findings and no links where no address is known."""
    text = summary_md(published([], as_of=None, charts=[Chart("Events by type", [])]), HERE, "").decode()
    assert "Nothing was logged yet. Read the site: `index.html`" in text
    assert "### First" not in text
    assert "```text\nnone\n```" in text
    assert f"{len(RULES)} of {len(RULES)} rules of this kind of run hold." in text
