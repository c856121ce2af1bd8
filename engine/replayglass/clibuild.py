"""The commands `build` and `check`, which replay a run: arguments in, exit codes and sentences out; no logic."""

from __future__ import annotations

import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from replayglass import pipeline
from replayglass.canon import encode
from replayglass.clioptions import fail_on, reports
from replayglass.errors import InputError
from replayglass.failon import exit_code
from replayglass.findings import verdict
from replayglass.inputs import MAX_KEY, read_input
from replayglass.progress import Progress
from replayglass.record import Severity
from replayglass.render.overlay import NO_THEME, read_overlay
from replayglass.reports.wanted import Wanted, report
from replayglass.sharing.cluster import SCHEME, spread_over
from replayglass.sharing.processes import spread
from replayglass.terminal import plain, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from replayglass.failon import FailOn
    from replayglass.plan import Outcome
    from replayglass.record import Finding

_RUN = click.argument("run", type=click.Path(path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a line.")


@click.command("build")
@_RUN
@click.option("--out", type=click.Path(path_type=Path), default=Path("build/site"), show_default=True, help="The site.")
@click.option("--key", type=click.Path(path_type=Path), help="Sign the logs with this Ed25519 key (a PEM file).")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Shares of a full build.")
@click.option("--executor", metavar="WHERE", default="processes", show_default=True, help="Or dask://HOST:PORT.")
@click.option("--theme", type=click.Path(path_type=Path), help="Lay this folder over the site's templates and assets.")
@click.option("--full", is_flag=True, help="Read every byte, also of what an earlier build has read.")
@_JSON
@reports
@click.pass_context
def build_command(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    /,
    run: Path,
    out: Path,
    key: Path | None,
    theme: Path | None,
    *,
    jobs: int,
    executor: str,
    full: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - click's
) -> None:
    """Replay the run folder RUN and publish it as a static site.

    A later build of a run that has grown goes on where the last one was put aside, after looking at samples of what
    that read; with --full every byte is read again. Reports are written after the site, and tell what it says.

    Exit codes: 0 clean (warnings allowed), 1 the site was written but there are errors (--fail-on), 2 nothing was
    written (or the site alone, and the message says so), 3 nothing was written because the run is no extension of what
    was published before.
    """
    wanted = _wanted(options, run, out, as_json=as_json)
    pem = None if key is None else read_input(key, "--key", MAX_KEY)
    worn = NO_THEME if theme is None else read_overlay(theme)
    where = _executor(executor)
    with Progress(sys.stderr) as progress:
        built = pipeline.build(run, out, progress.announce, pem, full=full, jobs=jobs, executor=where, overlay=worn)
        lines: Sequence[str] = ()
        if wanted.any:
            progress.announce("reports", 0)
            lines = report(wanted, out, run).lines
    if as_json:
        say(encode(_answer(out, built)))
    else:
        for line in lines:
            say(line)
        outcome = built.outcome
        said = f"{_events(outcome)}; {_checkpoints(outcome)}; {verdict(outcome.findings.by_severity)[0]}"
        say(f"{plain(str(out))}: {said}")
    ctx.exit(exit_code(built.outcome.findings.by_severity, wanted.fail_on))


def _answer(out: Path, built: pipeline.Report) -> dict[str, object]:
    outcome, written, since = built
    files = {"files": written.files, "bytes": written.bytes, "changed": written.changed}
    logs = [{**log._asdict(), "checkpoint": log.path} for log in outcome.logs]
    return {"site": str(out), **_summary(outcome), "logs": logs, **files, "since": since}


def _wanted(options: Mapping[str, Any], run: Path, out: Path, *, as_json: bool) -> Wanted:
    wanted = Wanted(**options)
    if as_json and wanted.annotations is not None:
        message = "--json and --annotations both write to standard output"
        raise InputError(message, "Use one of them; replayglass report SITE --annotations github prints the other.")
    wanted.refuse((run, out))
    return wanted


def _executor(where: str) -> pipeline.Executor:
    if where == "processes":
        return spread
    if where.startswith(SCHEME) and re.fullmatch(r"[^/@\s]+:[0-9]{1,5}", where.removeprefix(SCHEME)):
        return partial(spread_over, where.removeprefix(SCHEME))
    message = f"--executor: {where!r} is neither processes nor {SCHEME}HOST:PORT"
    raise InputError(message)


@click.command("check")
@_RUN
@fail_on
@_JSON
@click.pass_context
def check_command(ctx: click.Context, run: Path, fail_on: FailOn, *, as_json: bool) -> None:
    """Replay the run folder RUN and list its findings; nothing is written.

    Exit codes: 0 clean (warnings allowed), 1 there are errors (--fail-on), 2 the run cannot be used.
    """
    with Progress(sys.stderr) as progress:
        outcome, findings = pipeline.check(run, progress.announce)
    if as_json:
        listed = [{**finding._asdict(), "severity": finding.severity.value} for finding in findings]
        say(encode({**_summary(outcome), "findings": listed}))
    else:
        for finding in findings:
            say(plain(_line(finding)))
        say(f"{_events(outcome)}; {verdict(outcome.findings.by_severity)[0]}")
    ctx.exit(exit_code(outcome.findings.by_severity, fail_on))


def _summary(outcome: Outcome) -> dict[str, object]:
    counts = {severity.value: outcome.findings.by_severity[severity] for severity in Severity}
    return {
        "version": 1,
        "events": outcome.account[0].events,
        "as_of_logical_time": None if outcome.as_of is None else str(outcome.as_of),
        "finding_counts": counts,
        "account": [{**line._asdict(), "balances": line.balances} for line in outcome.account],
        "account_text": [str(line) for line in outcome.account],
    }


def _checkpoints(outcome: Outcome) -> str:
    """Return the root of each log with records; git, a mail or a ticket can keep it outside the site."""
    logs = [log for log in outcome.logs if log.size] or outcome.logs[:1]
    return ", ".join(f"{log.stream} {'signed' if log.is_signed else 'unsigned'} root {log.root}" for log in logs)


def _events(outcome: Outcome) -> str:
    counts = ", ".join(f"{line.records:,} records of {line.stream}" for line in outcome.account)
    return f"{counts}, all accounted for"


def _line(finding: Finding) -> str:
    place = finding.segment or finding.stream
    if finding.line is not None:
        place += f":{finding.line} (byte {finding.offset})"
    return f"{finding.severity.value} {finding.code} {place}: {finding.message}"
