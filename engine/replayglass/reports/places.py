"""Where the files of a run are, for programs that show a report beside them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from replayglass.findings import FindingRow


class Places(NamedTuple):
    """``folder`` is the run relative to the working directory, POSIX; None if it is unknown or not below that."""

    folder: str | None

    def file(self, row: FindingRow) -> str | None:
        """Return the file of a finding relative to the working directory, None if there is none below it."""
        return None if self.folder is None or row.segment is None else _joined(self.folder, row.segment)

    def uri(self, row: FindingRow) -> str:
        """Return the file of a finding as a relative URI (RFC 3986); the run's folder where it has no file.

        It is relative to the working directory if the run lies below that, else to the run.
        """
        path = _joined(self.folder or "", row.segment or "") or "."
        # A first segment with a colon would be read as a scheme; `quote` leaves none.
        return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def places_of(run: Path | None) -> Places:
    """Return the places of the files of the folder ``run``, links resolved."""
    if run is None:
        return Places(None)
    real, here = Path(os.path.realpath(run)), Path(os.path.realpath(Path.cwd()))
    return Places(real.relative_to(here).as_posix() if real.is_relative_to(here) else None)


def _joined(folder: str, segment: str) -> str:
    return "/".join(part for part in (folder, segment) if part not in {"", "."})
