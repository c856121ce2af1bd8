"""Progress is told once a stage where nobody watches, and on one changing line on a terminal."""

from __future__ import annotations

from io import StringIO

from replayglass.progress import Progress


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Return True."""
        return True


def test_elsewhere_each_stage_is_one_line() -> None:
    """A log of a build has one line per stage, however often it is announced, and no control characters."""
    stream = StringIO()
    with Progress(stream) as progress:
        for records in (0, 256, 100_000):
            progress.announce("events", records)
        progress.announce("writing", 0)
    assert stream.getvalue() == "replayglass: events\nreplayglass: writing\n"


def test_on_a_terminal_one_line_changes_now_and_then() -> None:
    """The line is rewritten for a new stage and every 8,192 records, and erased at the end."""
    stream = Terminal()
    with Progress(stream) as progress:
        for records in (256, 512, 8448, 8449):
            progress.announce("events", records)
        progress.announce("writing", 0)
    lines = stream.getvalue().split("\r\x1b[K")
    assert lines == ["", "events: 256 records", "events: 8,448 records", "writing", ""]


def test_a_terminal_on_which_nothing_was_said_is_left_alone() -> None:
    """A build that announces nothing writes nothing."""
    stream = Terminal()
    with Progress(stream):
        pass
    assert stream.getvalue() == ""
