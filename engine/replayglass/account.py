"""The completeness account: every record that was read is shown, exactly once, on exactly one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.errors import AccountError
from replayglass.page import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from replayglass.page import Page
    from replayglass.record import Batch


class Line(NamedTuple):
    """The account of one stream: records read = events + unreadable + torn, over so many pages."""

    stream: str
    records: int
    events: int
    unreadable: int
    torn: int
    pages: int

    @property
    def balances(self) -> bool:
        """Say whether all that was read is shown."""
        return self.records == self.events + self.unreadable + self.torn

    def __str__(self) -> str:
        return (
            f"{self.stream}: {self.records:,} records read = {self.events:,} events shown "
            f"+ {self.unreadable:,} unreadable records shown + {self.torn:,} torn tail"
        )


class Account:
    """Counts what is read at one end and what is shown at the other; neither counts for the other."""

    def __init__(self, streams: Iterable[str]) -> None:
        self._read = dict.fromkeys(streams, 0)
        self._shown = {stream: [0, 0, 0] for stream in self._read}
        self._pages = dict.fromkeys(self._read, 0)

    def count(self, stream: str, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Pass the batches of a stream on and count their records, a torn tail among them."""
        for batch in batches:
            self._read[stream] += len(batch.raws) + (batch.torn is not None)
            yield batch

    def show(self, page: Page, *, is_hollow: bool = False) -> None:
        """Count what a page shows; who makes a page that ``is_hollow`` here compares its rows.

        Raises:
            AccountError: the rows of the page are not those that its JSON accounts for, or a page is missing.
        """
        shown = page.shown
        if shown is None:
            return
        said = shown.events + shown.unreadable + shown.torn
        rows = sum(row.kind.anchored for block in page.blocks if isinstance(block, Rows) for row in block.rows)
        if rows != (0 if is_hollow else said) or shown.page != self._pages[shown.stream]:
            message = f"page {shown.page} of {shown.stream} does not show what it accounts for"
            raise AccountError(message, _HINT)
        self._pages[shown.stream] += 1
        for place, number in enumerate((shown.events, shown.unreadable, shown.torn)):
            self._shown[shown.stream][place] += number

    def lines(self) -> list[Line]:
        """Return the account of each stream.

        Raises:
            AccountError: one of them does not balance.
        """
        lines = [self._line(stream) for stream in self._read]
        for line in lines:
            if not line.balances:
                message = f"the account does not balance: {line}"
                raise AccountError(message, _HINT)
        return lines

    def _line(self, stream: str) -> Line:
        events, unreadable, torn = self._shown[stream]
        return Line(stream, self._read[stream], events, unreadable, torn, self._pages[stream])


_HINT = "This is a defect of replayglass, nothing was published; please report it with the version."
