"""The commands: arguments in, exit codes and sentences out; no logic."""

from __future__ import annotations

import re
import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from replayglass import __version__, pipeline
from replayglass.canon import encode
from replayglass.domains.paper.simulate import write_run
from replayglass.errors import InputError, ReplayglassError
from replayglass.findings import verdict
from replayglass.progress import Progress
from replayglass.record import Severity
from replayglass.render.overlay import NO_THEME, read_overlay
from replayglass.sharing.cluster import SCHEME, spread_over
from replayglass.sharing.processes import spread
from replayglass.terminal import plain, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replayglass.plan import Outcome
    from replayglass.record import Finding


_INTERRUPTED = 130
"""The exit code of a process that was told to stop from the keyboard (128 + SIGINT), as shells have it."""


class _Commands(click.Group):
    """Commands of which some stand in modules that are loaded only when they are asked for: a build needs none of them.

    ``elsewhere`` has module and name of these, by their names on the command line.
    """

    def __init__(self, *, elsewhere: Mapping[str, tuple[str, str]], **attributes: Any) -> None:  # noqa: ANN401 - click's
        super().__init__(**attributes)
        self._elsewhere = elsewhere

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted([*super().list_commands(ctx), *self._elsewhere])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name."""
        if cmd_name not in self._elsewhere:
            return super().get_command(ctx, cmd_name)
        module, name = self._elsewhere[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command


class _Main(_Commands):
    """Turns every reason to stop into one sentence, a hint and its exit code; never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        try:
            return super().invoke(ctx)
        except ReplayglassError as error:
            _complain(error.message, error.hint)
            ctx.exit(error.exit_code)
        except MemoryError:
            _complain("there is not enough memory for this run")
            ctx.exit(2)
        except KeyboardInterrupt:
            _complain("interrupted")
            ctx.exit(_INTERRUPTED)


def _complain(message: str, hint: str = "") -> None:
    click.echo(f"replayglass: {plain(message)}", err=True)
    for line in hint.splitlines():
        click.echo(f"  {plain(line)}", err=True)


_ELSEWHERE = {
    "diff": ("replayglass.clicompare", "diff_command"),
    "prove": ("replayglass.cliverify", "prove_command"),
    "serve": ("replayglass.clilive", "serve_command"),
    "states": ("replayglass.cliflow", "states_command"),
    "verify": ("replayglass.cliverify", "verify_command"),
    "watch": ("replayglass.clilive", "watch_command"),
}
_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=_Main, elsewhere=_ELSEWHERE, context_settings=_SETTINGS)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def main() -> None:
    """Replay append-only audit logs offline and publish what happened as a static site."""


_RUN = click.argument("run", type=click.Path(path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a line.")


@main.command()
@_RUN
@click.option("--out", type=click.Path(path_type=Path), default=Path("build/site"), show_default=True, help="The site.")
@click.option("--key", type=click.Path(path_type=Path), help="Sign the logs with this Ed25519 key (a PEM file).")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Shares of a full build.")
@click.option("--executor", metavar="WHERE", default="processes", show_default=True, help="Or dask://HOST:PORT.")
@click.option("--theme", type=click.Path(path_type=Path), help="Lay this folder over the site's templates and assets.")
@click.option("--full", is_flag=True, help="Read every byte, also of what an earlier build has read.")
@_JSON
@click.pass_context
def build(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    run: Path,
    out: Path,
    key: Path | None,
    theme: Path | None,
    *,
    jobs: int,
    executor: str,
    full: bool,
    as_json: bool,
) -> None:
    """Replay the run folder RUN and publish it as a static site.

    A later build of a run that has grown goes on where the last one was put aside, after looking at samples of what
    that read; with --full every byte is read again.

    Exit codes: 0 clean (warnings allowed), 1 the site was written but there are errors, 2 nothing was written,
    3 nothing was written because the run is no extension of what was published before.
    """
    pem = None if key is None else _read_key(key)
    worn = NO_THEME if theme is None else read_overlay(theme)
    where = _executor(executor)
    with Progress(sys.stderr) as progress:
        report = pipeline.build(run, out, progress.announce, pem, full=full, jobs=jobs, executor=where, overlay=worn)
    outcome, written, since = report
    if as_json:
        files = {"files": written.files, "bytes": written.bytes, "changed": written.changed}
        logs = [{**log._asdict(), "checkpoint": log.path} for log in outcome.logs]
        say(encode({"site": str(out), **_summary(outcome), "logs": logs, **files, "since": since}))
    else:
        said = f"{_events(outcome)}; {_checkpoints(outcome)}; {verdict(outcome.findings.by_severity)[0]}"
        say(f"{plain(str(out))}: {said}")
    ctx.exit(pipeline.exit_code(outcome))


def _executor(where: str) -> pipeline.Executor:
    if where == "processes":
        return spread
    if where.startswith(SCHEME) and re.fullmatch(r"[^/@\s]+:[0-9]{1,5}", where.removeprefix(SCHEME)):
        return partial(spread_over, where.removeprefix(SCHEME))
    message = f"--executor: {where!r} is neither processes nor {SCHEME}HOST:PORT"
    raise InputError(message)


@main.command()
@_RUN
@_JSON
@click.pass_context
def check(ctx: click.Context, run: Path, *, as_json: bool) -> None:
    """Replay the run folder RUN and list its findings; nothing is written.

    Exit codes: 0 clean (warnings allowed), 1 there are errors, 2 the run cannot be used.
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
    ctx.exit(pipeline.exit_code(outcome))


@main.group(cls=_Commands, elsewhere={"flow": ("replayglass.cliflow", "simulate_flow_command")})
def simulate() -> None:
    """Write a run as a runtime would, for tests, benchmarks and demonstrations."""


@simulate.command()
@click.option("--events", type=click.IntRange(min=1), default=10_000, show_default=True, help="At least so many.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The same seed, the same bytes.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A folder that is new or empty.")
def paper(events: int, seed: int, out: Path) -> None:
    """Write a run of the PAPER runtime: whole ticks, ids and snapshots included."""
    made = write_run(events, seed, out)
    say(f"{plain(str(out))}: {made.events:,} events of {made.ticks:,} ticks, {made.snapshots:,} snapshots")


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


_MAX_KEY = 64 * 1024


def _read_key(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_KEY)
    except OSError as error:
        message = f"the key {path} cannot be read: {error.strerror}"
        raise InputError(message) from error


def _events(outcome: Outcome) -> str:
    counts = ", ".join(f"{line.records:,} records of {line.stream}" for line in outcome.account)
    return f"{counts}, all accounted for"


def _line(finding: Finding) -> str:
    place = finding.segment or finding.stream
    if finding.line is not None:
        place += f":{finding.line} (byte {finding.offset})"
    return f"{finding.severity.value} {finding.code} {place}: {finding.message}"
