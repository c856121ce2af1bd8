"""Options that several commands have: which reports are written, and from which severity on findings fail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from replayglass.failon import FailOn

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")

_PATH = click.Path(path_type=Path)

fail_on = click.option(
    "--fail-on",
    type=click.Choice([choice.value for choice in FailOn]),
    default=FailOn.ERROR.value,
    show_default=True,
    callback=lambda _context, _option, value: FailOn(value),
    help="Exit with 1 from this severity of findings on.",
)

_REPORTS = (
    click.option("--junit", type=_PATH, help="Write the findings to this file as JUnit XML."),
    click.option("--summary-md", type=_PATH, help="Write a summary to this file as Markdown."),
    click.option("--sarif", type=_PATH, help="Write the findings to this file as SARIF 2.1.0."),
    click.option("--annotations", type=click.Choice(["github"]), help="Print the first findings as annotations."),
    click.option("--site-url", default="", metavar="URL", help="Where the site will be, for links in reports."),
    fail_on,
)


def reports(command: F) -> F:
    """Add the options of reports to a command; their names are the fields of `reports.wanted.Wanted`."""
    for option in reversed(_REPORTS):
        command = option(command)
    return command
