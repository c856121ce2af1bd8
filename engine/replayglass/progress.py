"""How far a build has come, on standard error: a line that changes on a terminal, a line per stage elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from types import TracebackType

_STEP = 8192
"""Records between two updates of the line."""


class Progress:
    """Announces stages; a context manager that ends the line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._stages: set[str] = set()
        self._last = 0
        self._open = False

    def announce(self, stage: str, records: int) -> None:
        """Say that ``stage`` has come to ``records`` records (0: a stage without records)."""
        new = stage not in self._stages
        self._stages.add(stage)
        if self._terminal:
            if new or abs(records - self._last) >= _STEP:
                self._last = records
                self._open = True
                self._stream.write(f"\r\x1b[K{stage}" + (f": {records:,} records" if records else ""))
                self._stream.flush()
        elif new:
            self._stream.write(f"replayglass: {stage}\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
