"""The catalogue of a library as data: what is known of each publication and difference, in order of addition.

``library.json`` names the parts that hold the rows. A part's name says its content, so that it is never changed under
the eyes of a reader: a new one is written, ``library.json`` is exchanged, and the old one goes.
"""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct, to_builtins
from msgspec.json import decode

from replayglass import __version__
from replayglass.canon import digest, encode
from replayglass.output.manifest import Digest  # noqa: TC001 - msgspec reads the annotations
from replayglass.pageschema import Natural  # noqa: TC001 - msgspec reads the annotations

CATALOGUE = "library.json"
SCHEMAS = "schemas"
ROWS = 24
"""Rows of a part: `entries.bounded` keeps each below 16 KiB, so that a part stays below the 512 KiB of a file."""

Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}\Z")]
PartPath = Annotated[str, Meta(pattern=r"^catalogue/[0-9]{6}-[0-9a-f]{16}\.json\Z")]


class Head(Struct, frozen=True, forbid_unknown_fields=True):
    """The checkpoint of a stream's log: how many records, the root of the tree over them in hex, whether signed."""

    stream: str
    size: Natural
    root: Digest
    signed: bool


class Window(Struct, frozen=True, forbid_unknown_fields=True):
    """The latency window of a policy of a flow run, in beats; ``policy`` is null for decisions that name none."""

    policy: str | None
    samples: Natural
    total: Natural
    highest: Natural


class Removal(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a publication was removed; ``newest`` is the size of the newest one of its run at that time."""

    rule: str
    newest: Natural


class Publication(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="publication"):
    """One publication of a run, at ``runs/<run>/<size>/``; ``size`` is that of the log of its leading stream.

    ``manifest`` is the digest of its manifest, ``version`` that of the replayglass that built it. ``findings`` are
    counted by severity, ``codes`` by what is wrong; ``skipped`` counts reasons for which nothing was ordered,
    ``skipped_others`` those of further reasons. ``deviations`` counts where what happened is not what was meant.
    ``extends`` is the size of the run's publication before this one, whose records this one was found to begin with.
    """

    run: Name
    size: Natural
    title: str
    origin: str | None
    domain: str
    version: str
    manifest: Digest
    verdict: str
    tone: str
    findings: dict[Literal["error", "warning", "info"], Natural]
    codes: dict[str, Natural]
    events: Natural
    decisions: Natural
    first_logical_time: str | None
    last_logical_time: str | None
    heads: tuple[Head, ...]
    skipped: dict[str, Natural]
    skipped_others: Natural
    deviations: dict[str, Natural]
    latency: tuple[Window, ...]
    extends: Natural | None = None
    removed: Removal | None = None

    @property
    def address(self) -> str:
        """Return the folder of the publication, from the library's root."""
        return f"runs/{self.run}/{self.size}"


class Side(Struct, frozen=True, forbid_unknown_fields=True):
    """One of the two publications that were compared."""

    run: Name
    size: Natural


class Difference(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="difference"):
    """Two publications that were compared, and what that came to in a sentence."""

    a: Side
    b: Side
    is_same: bool
    says: str

    @property
    def address(self) -> str:
        """Return the folder of the page about the two, from the library's root."""
        return f"diffs/{self.a.run}-{self.a.size}--{self.b.run}-{self.b.size}"


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of the catalogue in order of addition: 24, or fewer in the last part."""

    version: Literal[1]
    rows: tuple[Publication | Difference, ...]


class PartEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A part as ``library.json`` lists it."""

    path: PartPath
    sha256: Digest
    size: Natural
    rows: Natural


class Catalogue(Struct, frozen=True, forbid_unknown_fields=True):
    """The document ``library.json``.

    ``generator_version`` made the pages, ``look`` names the templates that they were made of. What was begun and not
    finished yet: ``removing`` are publications that go, ``stale`` parts that nothing needs any more; ``pages`` says
    whether all pages are written.
    """

    version: Literal[1]
    generator: Literal["replayglass"]
    generator_version: str
    parts: tuple[PartEntry, ...]
    look: str = ""
    pages: Literal["written", "unwritten"] = "written"
    removing: tuple[Side, ...] = ()
    stale: tuple[PartPath, ...] = ()


TYPES: dict[str, type] = {"library": Catalogue, "library-part": Part}

Row = Publication | Difference


class Library(NamedTuple):
    """A catalogue with its rows; ``data`` are the bytes of its ``library.json``, None before there is any."""

    catalogue: Catalogue
    rows: tuple[Row, ...]
    data: bytes | None

    @property
    def publications(self) -> list[Publication]:
        """Return the publications in order of addition."""
        return [row for row in self.rows if isinstance(row, Publication)]

    def run(self, name: str) -> list[Publication]:
        """Return the publications of a run in order of addition, which is that of their size."""
        return [one for one in self.publications if one.run == name]


NOTHING = Library(Catalogue(1, "replayglass", __version__, ()), (), None)
"""A library without any run."""


def with_row(rows: tuple[Row, ...], row: Row) -> tuple[Row, ...]:
    """Return ``rows`` with ``row`` at the end, or in the place of the one with its address."""
    if any(one.address == row.address for one in rows):
        return tuple(row if one.address == row.address else one for one in rows)
    return *rows, row


def parts_of(rows: tuple[Row, ...]) -> list[tuple[PartEntry, bytes]]:
    """Return the parts that hold ``rows``, each with its bytes."""
    parts = []
    for number, first in enumerate(range(0, len(rows), ROWS)):
        held = rows[first : first + ROWS]
        data = encode(to_builtins(Part(1, held)))
        path = f"catalogue/{number:06d}-{digest(data)[:16]}.json"
        parts.append((PartEntry(path, digest(data), len(data), len(held)), data))
    return parts


def encode_catalogue(catalogue: Catalogue) -> bytes:
    """Return the bytes of ``library.json``."""
    return encode(to_builtins(catalogue))


def decode_catalogue(data: bytes) -> Catalogue:
    """Return the ``library.json`` that ``data`` is.

    Raises:
        ValueError: it is none.
        RecursionError: it is nested absurdly deep.
    """
    return decode(data, type=Catalogue)


def decode_part(data: bytes, entry: PartEntry) -> tuple[Row, ...]:
    """Return the rows of a part that ``library.json`` lists.

    Raises:
        ValueError: it is not that part.
    """
    rows = decode(data, type=Part).rows if digest(data) == entry.sha256 else ()
    if len(rows) != entry.rows:
        message = "not the part that is listed"
        raise ValueError(message)
    return rows
