"""The command `report`: arguments in, files, lines and an exit code out; no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from replayglass.clioptions import reports
from replayglass.errors import InputError
from replayglass.reports.wanted import Wanted, report
from replayglass.terminal import say

_PATH = click.Path(path_type=Path)


@click.command("report")
@click.argument("site", type=_PATH)
@reports
@click.option("--run", type=_PATH, help="The run folder that the site shows, for the paths of its files.")
@click.pass_context
def report_command(ctx: click.Context, /, site: Path, *, run: Path | None, **options: Any) -> None:  # noqa: ANN401 - click's
    """Write reports about a published SITE, as `build` does of the site that it has just written.

    What is read is what the manifest of the site lists; `replayglass verify SITE` checks all the rest.

    Exit codes: 0 nothing of the severity of --fail-on, 1 there is, 2 an argument cannot be used.
    """
    wanted = Wanted(**options)
    if not wanted.any:
        message = "no report is asked for"
        raise InputError(message, "Name at least one of --junit, --summary-md, --sarif and --annotations.")
    wanted.refuse([site] if run is None else [site, run])
    made = report(wanted, site, run)
    for line in made.lines:
        say(line)
    ctx.exit(made.exit_code)
