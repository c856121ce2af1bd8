"""The summary of a publication as Markdown: below 1 MB, and nothing in a log can become markup, a link or a mention.

What a log says stands in code spans and code blocks alone: inside them Markdown knows no markup, HTML is escaped by
whoever renders it, and no host looks for names, numbers of issues or addresses.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import structs

from replayglass.findings import FINDINGS
from replayglass.reports.selection import LONGEST, ORDER
from replayglass.reports.wording import byte_of, place_of, shown
from replayglass.row import row_href

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.account import Line
    from replayglass.findings import FindingRow
    from replayglass.reports.places import Places
    from replayglass.reports.published import Chart, Published

FIRST = 50
"""Findings that are told one by one."""

_CODES = 100
"""Codes that are counted one by one."""

_BARS = 40
"""Rows of a chart, and characters of its longest bar."""

_LABEL = 60
_PATH = re.compile(r"[a-z0-9./-]+(?:#[a-z][0-9]+)?")
"""What addresses of our own look like: nothing in them is markup."""

_BACKTICKS = re.compile("`+")


def summary_md(published: Published, places: Places, base: str) -> bytes:
    """Return the summary; ``base`` is the address of the site, empty if unknown: then addresses are no links."""
    return "\n".join(_lines(published, places, base)).encode()


def _lines(published: Published, places: Places, base: str) -> Iterator[str]:
    yield f"## Replay of {_code(published.title)}\n"
    yield f"**{published.verdict}**\n"
    when = "Nothing was logged yet." if published.as_of is None else f"As of logical time {_code(published.as_of)}."
    yield f"{when} Read the site: {_address('index.html', base)}\n"
    yield from _account(published.account)
    yield from _counts(published)
    yield from _first(published, places, base)
    for chart in published.charts:
        yield from _chart(chart)
    yield from _checkpoints(published, base)
    yield f"Made by replayglass {_code(published.version)}.\n"


def _account(account: Sequence[Line]) -> Iterator[str]:
    yield "### Completeness\n"
    yield "| stream | records read | = events shown | + unreadable shown | + torn tail | pages |"
    yield "|---|--:|--:|--:|--:|--:|"
    for line in account:
        counts = (line.records, line.events, line.unreadable, line.torn, line.pages)
        yield f"| {_cell(line.stream)} | {' | '.join(f'{count:,}' for count in counts)} |"
    says = "Every record that was read is shown." if all(line.balances for line in account) else "It does not balance."
    yield f"\n{says}\n"


def _counts(published: Published) -> Iterator[str]:
    held = sum(not rule.broken for rule in published.rules)
    yield "### Findings\n"
    yield f"{held:,} of {len(published.rules):,} rules of this kind of run hold.\n"
    if published.findings.counts:
        ordered = sorted(published.findings.counts.items(), key=lambda item: (ORDER[item[0].severity], item[0].code))
        yield "| severity | code | count |\n|---|---|--:|"
        for (severity, code), count in ordered[:_CODES]:
            yield f"| {severity} | {_cell(code)} | {count:,} |"
        left = len(ordered) - _CODES
        yield f"\n{left:,} more codes are on the site.\n" if left > 0 else ""


def _first(published: Published, places: Places, base: str) -> Iterator[str]:
    rows = published.findings.listed[:FIRST]
    if rows:
        yield "### First findings, the worst first\n"
        for row in rows:
            yield _item(row, places, base)
        left = sum(published.by_severity.values()) - len(rows)
        more = f"{left:,} more: " if left else "All of them: "
        yield f"\n{more}{_address('findings/index.html', base)}\n"


def _item(row: FindingRow, places: Places, base: str) -> str:
    file = places.file(row)
    where = place_of(row if file is None else _within(row, file))
    byte = f", {byte_of(row)}" if row.offset is not None else ""
    link = _address(row_href(FINDINGS, row.row), base)
    return f"- **{row.severity}** {_code(row.code)} at {_code(where)}{byte}: {_code(row.message)} ({link})"


def _within(row: FindingRow, file: str) -> FindingRow:
    return structs.replace(row, segment=file)


def _chart(chart: Chart) -> Iterator[str]:
    yield f"### {chart.title}\n"
    rows = [(shown(label, _LABEL), count) for label, count in chart.counts[:_BARS]]
    width = max((len(label) for label, _ in rows), default=0)
    digits = max((len(f"{count:,}") for _, count in rows), default=0)
    most = max((count for _, count in rows), default=0) or 1
    bars = [f"{label:{width}} {count:{digits},} {_bar(count, most)}".rstrip() for label, count in rows]
    left = len(chart.counts) - _BARS
    more = [f"{left:,} more are on the site"] if left > 0 else []
    fence = _fence("\n".join(bars), 3)
    yield "\n".join([f"{fence}text", *(bars or ["none"]), *more, f"{fence}\n"])


def _bar(count: int, most: int) -> str:
    """Return a bar; whatever is there at all has one."""
    return "\u2588" * (-(-count * _BARS // most))


def _checkpoints(published: Published, base: str) -> Iterator[str]:
    yield "### Checkpoints\n"
    for log in published.logs:
        signed = "signed" if log.signed else "unsigned"
        words = f"{log.size:,} records, {signed} root {_code(log.root)}"
        yield f"- {_code(log.stream)}: {words} ({_address(log.checkpoint, base)})"
    yield ""


def _address(path: str, base: str) -> str:
    """Return a link to a file of the site, or its path where it is not known where the site will be."""
    return f"[{path}]({base}{path})" if base and _PATH.fullmatch(path) else _code(path)


def _code(text: str) -> str:
    """Return a text as a code span (CommonMark 6.1): as many backticks around it as it has nowhere inside."""
    words = shown(text, LONGEST)
    if not words.strip():
        return "(empty)"
    fence = _fence(words, 1)
    space = " " if words[0] in "` " or words[-1] in "` " else ""
    return f"{fence}{space}{words}{space}{fence}"


def _cell(text: str) -> str:
    """Return a code span for a table (GitHub Flavored Markdown 4.10): a bar would end the cell, even in a span."""
    return _code(text.replace("|", "U+007C"))


def _fence(text: str, least: int) -> str:
    runs = (len(run) + 1 for run in _BACKTICKS.findall(text))
    return "`" * max(least, *runs, 0)
