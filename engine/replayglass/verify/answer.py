"""A report as lines for a terminal and as one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.canon import encode
from replayglass.verify.report import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.verify.report import Check, Report

_VERDICTS = {
    Status.OK: "OK: what was checked is what the keys that you pinned signed.",
    Status.UNAUTHENTICATED: (
        "UNAUTHENTICATED: the files agree with each other, but nothing shows who published them. Pin the key of each"
        " log with --vkey; a key that comes from the site itself proves nothing."
    ),
    Status.FAILED: "FAILED: these are not the files that were published.",
    Status.INCONSISTENT: (
        "INCONSISTENT: this is no continuation of what you know. Keep both checkpoints and the site as evidence."
    ),
}


def lines_of(report: Report) -> Iterator[str]:
    """Give the report as lines; names and messages in them may hold anything."""
    for check in report.checks:
        yield f"{check.status:<16} {check.name}: {check.says}{_counts(check)}"
        yield from (f"    {failure}" for failure in check.failures)
        if check.failed > len(check.failures):
            yield f"    and {check.failed - len(check.failures)} more"
        yield from (f"    {line}" for line in check.evidence)
    yield _VERDICTS[report.verdict]


def json_of(target: str, report: Report) -> bytes:
    """Return the report as one JSON object."""
    checks = [{**check._asdict(), "status": check.status.value} for check in report.checks]
    logs = [
        {
            "stream": stream,
            "origin": log.origin,
            "size": log.size,
            "root": log.root.hex(),
            "signed": log.signed,
            "authenticated": log.authenticated,
        }
        for stream, log in report.logs.items()
    ]
    said = {
        "version": 1,
        "target": target,
        "verdict": report.verdict.value,
        "exit_code": report.exit_code,
        "says": _VERDICTS[report.verdict],
        "logs": logs,
        "checks": checks,
    }
    return encode(said)


def _counts(check: Check) -> str:
    counts = ", ".join(f"{count:,} {name}" for name, count in check.counts.items())
    return f" ({counts})" if counts else ""
