"""A report as lines for a terminal and as one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.canon import encode
from replayglass.verify.report import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.verify.report import Check, Report

_VERDICTS = {
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
    yield verdict_of(report)


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
        "says": verdict_of(report),
        "logs": logs,
        "checks": checks,
    }
    return encode(said)


def verdict_of(report: Report) -> str:
    """Return the verdict in words, which say also what it is not about."""
    verdict = report.verdict
    if verdict is not Status.OK:
        return _VERDICTS[verdict]
    runs = [check.status for check in report.checks if check.name == "run"]
    if not runs:
        return "OK: a log whose key you pinned commits to the record."
    if runs == [Status.OK]:
        return "OK: the keys that you pinned signed the logs, and every file is what the run renders to."
    return (
        "OK: the keys that you pinned signed the logs, and the pages show every record of them. What is derived from"
        " the records was not checked: give the run with --run."
    )


def _counts(check: Check) -> str:
    counts = ", ".join(f"{name} {count:,}" for name, count in check.counts.items())
    return f" ({counts})" if counts else ""
