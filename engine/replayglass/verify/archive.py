"""Checks the archive of a log: every checkpoint that was ever published is one of this log at that size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.proof.earlier import ARCHIVE, archive_name, parse_earlier
from replayglass.proof.failure import ProofError
from replayglass.proof.note import MAX_NOTE
from replayglass.verify.site import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from replayglass.proof.earlier import Earlier
    from replayglass.proof.keys import Verifier
    from replayglass.proof.reader import LogReader
    from replayglass.verify.report import Commitment, Failures
    from replayglass.verify.site import SiteFolder

MAX_ARCHIVED = 1_000_000
"""Checkpoints in the archive of one log that are read."""

MAX_ARCHIVE = 1 << 28
"""Bytes of all of them."""


def read_archive(site: SiteFolder, stream: str, keys: Sequence[Verifier], failures: Failures) -> list[Earlier]:
    """Return the archived checkpoints of a log by size; what is none goes to ``failures``.

    Where a line is by one of ``keys``, it must verify.
    """
    found = []
    total = 0
    for name in _names(site, f"log/{stream}/{ARCHIVE}", failures):
        path = f"log/{stream}/{ARCHIVE}/{name}"
        try:
            data = site.require(path, MAX_NOTE)
            one = parse_earlier(name, data)
            for key in keys:
                parse_earlier(name, data, key)
        except ProofError as error:
            failures.add(f"{path}: {error}")
        else:
            found.append(one)
            total += len(data)
        if total > MAX_ARCHIVE:
            failures.add(f"log/{stream}/{ARCHIVE} holds more than {MAX_ARCHIVE} bytes")
        if failures.enough or total > MAX_ARCHIVE:
            break
    return sorted(found, key=lambda one: (one.size, one.name))


def check_archive(
    stream: str, head: Commitment, archive: Sequence[Earlier], reader: LogReader, failures: Failures
) -> None:
    """Check that each archived checkpoint is one of this log, and that what its holders need is there."""
    for one in archive:
        path = f"log/{stream}/{ARCHIVE}/{one.name}"
        try:
            if one.origin != head.origin:
                failures.add(f"{path} is a checkpoint of {one.origin}, not of this log")
            elif reader.root_at(one.size) != one.root:
                failures.add(f"{path}: the first {one.size} records of this log have another root")
        except ProofError as error:
            failures.add(f"{path}: {error}")
        if failures.enough:
            return
    current = archive_name(head.size, signed=head.signed)
    if not any(one.name == current and one.data == head.data for one in archive):
        failures.add(f"log/{stream}/{ARCHIVE} does not hold the checkpoint of this publication")
    try:
        reader.check_partials(published_sizes(head.size, archive))
    except ProofError as error:
        failures.add(f"log/{stream}: {error}")


def published_sizes(size: int, archive: Iterable[Earlier]) -> set[int]:
    """Return sizes that need the same partial tiles, in a log of ``size`` entries, as those in its archive.

    An earlier size needs a partial tile only at the levels where the log has not filled that tile since. So all sizes
    that differ from each other only below such a level count as one, and few remain of however many.
    """
    needed = set()
    for one in archive:
        below = 0
        while one.size >> below + 8 != size >> below + 8:
            below += 8
        if one.size <= size:
            needed.add(one.size >> below << below)
    return needed


def _names(site: SiteFolder, folder: str, failures: Failures) -> Iterator[str]:
    try:
        with site.scan(f"{folder}/") as entries:
            for count, entry in enumerate(entries):
                if count == MAX_ARCHIVED:
                    failures.add(f"{folder} holds more than {MAX_ARCHIVED} checkpoints")
                    return
                yield entry.name
    except OSError as error:
        failures.add(unreadable(folder, error))
