"""Findings as annotations of a GitHub workflow: commands on standard output, at most as many as are shown of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.record import Severity
from replayglass.reports.selection import LONGEST
from replayglass.reports.wording import byte_of, place_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.findings import FindingRow
    from replayglass.reports.places import Places
    from replayglass.reports.published import Published

SHOWN = 10
"""Errors, and warnings, that GitHub shows of one step."""

_DATA = {ord("%"): "%25", ord("\r"): "%0D", ord("\n"): "%0A"}
_PROPERTY = _DATA | {ord(":"): "%3A", ord(","): "%2C"}


def annotation_lines(published: Published, places: Places) -> Iterator[str]:
    """Give a line for each of the first errors and warnings, and one that says how many findings have none.

    Every line begins with the command, so no text of a log can be one.
    """
    given = 0
    for severity in (Severity.ERROR, Severity.WARNING):
        rows = [row for row in published.findings.listed if row.severity == severity.value]
        for row in rows[:SHOWN]:
            given += 1
            yield _line(severity.value, row, places)
    left = sum(published.by_severity.values()) - given
    if left:
        yield f"::notice title=replayglass::{left:,} more findings are on the site, under findings/index.html."


def _line(command: str, row: FindingRow, places: Places) -> str:
    file = places.file(row)
    properties = [] if file is None else [f"file={_property(file)}"]
    if file is not None and row.line:
        properties.append(f"line={row.line}")
    properties.append(f"title={_property(row.code)}")
    where = ", ".join(part for part in (place_of(row), byte_of(row)) if part)
    words = f"{shown(row.message, LONGEST)} ({shown(where, LONGEST)})"
    return f"::{command} {','.join(properties)}::{words.translate(_DATA)}"


def _property(text: str) -> str:
    return shown(text, LONGEST).translate(_PROPERTY)
