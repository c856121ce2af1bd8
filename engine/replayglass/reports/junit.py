"""Findings as JUnit XML: a suite for each rule, also for those that hold, so that a report shows what was checked.

The shape is the one that GitLab, Jenkins and GitHub's actions read (``testsuites``, ``testsuite``, ``testcase`` with
``failure``, ``skipped`` or ``system-out``), without the attributes that differ from run to run (time, host).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.record import Severity
from replayglass.reports.selection import LONGEST, ORDER
from replayglass.reports.wording import byte_of, place_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from replayglass.failon import FailOn
    from replayglass.findings import FindingRow
    from replayglass.reports.places import Places
    from replayglass.reports.published import Published

_MARKUP = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;"}


class _Case(NamedTuple):
    """A case; of one that passes ``severity`` is None."""

    name: str
    severity: str | None = None
    message: str = ""
    file: str | None = None
    line: int | None = None


class _Suite(NamedTuple):
    name: str
    cases: Sequence[_Case]


def junit_xml(published: Published, places: Places, fail_on: FailOn) -> bytes:
    """Return the report; what ``fail_on`` says is a failure fails (an error always), a warning else is skipped."""
    suites = [_account(published), *_suites(published, places)]
    cases = [case for suite in suites for case in suite.cases]
    attributes = _attributes("replayglass", cases, fail_on)
    lines = [f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites {attributes}>\n']
    for suite in suites:
        lines.append(f"  <testsuite {_attributes(suite.name, suite.cases, fail_on)}>\n")
        lines.extend(_case(suite.name, case, fail_on) for case in suite.cases)
        lines.append("  </testsuite>\n")
    return "".join([*lines, "</testsuites>\n"]).encode()


def _account(published: Published) -> _Suite:
    """Return the suite of the completeness account: a case for each stream."""
    cases = [_Case(str(line), None if line.balances else "error") for line in published.account]
    return _Suite("completeness", cases)


def _suites(published: Published, places: Places) -> Iterator[_Suite]:
    """Give a suite for each rule of the run's domain, in their order, then for every other code that was found."""
    held = {rule.code: rule.holds for rule in published.rules}
    found: dict[str, list[_Case]] = {
        kind.code: [] for kind in sorted(published.findings.counts, key=lambda kind: kind.code)
    }
    for row in published.findings.listed:
        found[row.code].append(_case_of(row, places))
    for kind, left in sorted(published.findings.unlisted().items(), key=lambda item: ORDER[item[0].severity]):
        name = f"{left:,} more of severity {kind.severity}"
        found[kind.code].append(_Case(name, kind.severity, "They are on the site, under findings/index.html."))
    for code in dict.fromkeys([*held, *found]):
        yield _Suite(code, found.get(code) or [_Case(held[code])])


def _case_of(row: FindingRow, places: Places) -> _Case:
    where = ", ".join(part for part in (place_of(row), byte_of(row)) if part)
    return _Case(f"finding {row.row}: {where}", row.severity, row.message, places.file(row), row.line)


def _attributes(name: str, cases: Sequence[_Case], fail_on: FailOn) -> str:
    answers = [_answer(case, fail_on) for case in cases]
    counts = {
        "tests": len(cases),
        "failures": answers.count("failure"),
        "errors": 0,
        "skipped": answers.count("skipped"),
    }
    return _pairs({"name": name, **{key: str(count) for key, count in counts.items()}}.items())


def _answer(case: _Case, fail_on: FailOn) -> str:
    if case.severity is None or case.severity == Severity.INFO.value:
        return ""
    severity = Severity(case.severity)
    return "failure" if severity is Severity.ERROR or fail_on.fails(severity) else "skipped"


def _case(suite: str, case: _Case, fail_on: FailOn) -> str:
    pairs = {"classname": suite, "name": case.name, "file": case.file, "line": case.line and str(case.line)}
    opening = f"    <testcase {_pairs((key, text) for key, text in pairs.items() if text)}"
    if case.severity is None:
        return f"{opening}/>\n"
    answer = _answer(case, fail_on)
    inner = (
        f"<{answer} {_pairs({'type': case.severity, 'message': case.message or case.name}.items())}/>"
        if answer
        else f"<system-out>{_text(f'{case.severity}: {case.message}')}</system-out>"
    )
    return f"{opening}>{inner}</testcase>\n"


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return " ".join(f'{key}="{_text(text)}"' for key, text in pairs)


def _text(text: str) -> str:
    """Return a text of any characters: those that XML 1.0 has no way to write (section 2.2) are shown by name."""
    return shown(text, LONGEST).translate(_MARKUP)
