"""Findings as SARIF 2.1.0 (OASIS): rules with what they mean, results with file, line and byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replayglass.canon import digest, encode
from replayglass.reports.codes import Meaning, meanings
from replayglass.reports.selection import LONGEST, ORDER
from replayglass.reports.wording import byte_of, place_of, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replayglass.findings import FindingRow
    from replayglass.reports.places import Places
    from replayglass.reports.published import Published

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_BASE = "RUN"
"""The name of the base of addresses when the run does not lie below the working directory."""

_HASH = 32

_LINK = {ord(sign): f"\\{sign}" for sign in "\\[]"}
"""Plain text of a message may hold links (SARIF 3.11.6); what a log says is none."""


def sarif_json(published: Published, places: Places, base: str) -> bytes:
    """Return the report; ``base`` is the address of the site, empty if unknown."""
    rules = _rules(published, base)
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {"name": "replayglass", "semanticVersion": shown(published.version, LONGEST), "rules": rules}
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notifications(published)}],
        "results": [_result(row, places, numbers) for row in published.findings.listed],
    }
    if places.folder is None:
        run["originalUriBaseIds"] = {_BASE: {"description": {"text": "The run's folder."}}}
    return encode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rules(published: Published, base: str) -> list[dict[str, Any]]:
    """Return the rules of the run's domain, in their order, then every other code that was found."""
    told: dict[str, tuple[str, str]] = {rule.code: (rule.severity, rule.holds) for rule in published.rules}
    for kind in sorted(published.findings.counts, key=lambda kind: (kind.code, ORDER[kind.severity])):
        told.setdefault(kind.code, (kind.severity, ""))
    return [_rule(code, severity, holds, base) for code, (severity, holds) in told.items()]


def _rule(code: str, severity: str, holds: str, base: str) -> dict[str, Any]:
    known = meanings().get(code, Meaning(severity, holds or code, "Look at the record."))
    meaning, remedy = shown(known.meaning, LONGEST), known.remedy
    rule: dict[str, Any] = {
        "id": shown(code, LONGEST),
        "shortDescription": {"text": shown(holds, LONGEST) or meaning},
        "fullDescription": {"text": meaning},
        "help": {"text": f"{meaning} What to do: {remedy}", "markdown": f"{meaning}\n\n**What to do:** {remedy}"},
        "defaultConfiguration": {"level": _LEVELS[known.severity]},
    }
    if "://" in base:
        rule["helpUri"] = f"{base}{'integrity' if holds else 'findings'}/index.html"
    return rule


def _result(row: FindingRow, places: Places, numbers: Mapping[str, int]) -> dict[str, Any]:
    code = shown(row.code, LONGEST)
    artifact = {"uri": places.uri(row), **({"uriBaseId": _BASE} if places.folder is None else {})}
    region = {"startLine": row.line} if row.line else {}
    if row.offset is not None:
        region["byteOffset"] = row.offset
    place = {"artifactLocation": artifact, **({"region": region} if region else {})}
    where = ", ".join(part for part in (shown(place_of(row), LONGEST), byte_of(row)) if part)
    known: dict[str, object] = {"stream": shown(row.stream, LONGEST), "finding": row.row}
    return {
        "ruleId": code,
        "ruleIndex": numbers[code],
        "level": _LEVELS[row.severity],
        "message": {"text": f"{shown(row.message, LONGEST)} ({where})".translate(_LINK)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(row)},
        "properties": known if row.seq is None else {**known, "sequence": row.seq},
    }


def _fingerprint(row: FindingRow) -> str:
    """Return what tells a finding from others and stays when the log grows."""
    return digest(encode([row.code, row.stream, row.segment, row.seq, row.line, row.message]))[:_HASH]


def _notifications(published: Published) -> list[dict[str, Any]]:
    left = sum(published.findings.unlisted().values())
    if not left:
        return []
    text = f"{left:,} more findings are on the site, under findings/index.html."
    return [{"level": "warning", "message": {"text": text}}]
