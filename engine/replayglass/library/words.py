"""How a library says what its catalogue holds: the words of a publication in a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.cell import Badge, Code, Link
from replayglass.findings import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.library.catalogue import Publication

_SHORT = 16


def verdict_of(one: Publication) -> Badge:
    """Return the verdict in short, as the banner of the publication has it."""
    words = [counted(one.findings.get(what, 0), what) for what in ("error", "warning") if one.findings.get(what)]
    return Badge(", ".join(words) or "Clean", one.tone)


def state_of(one: Publication) -> Badge:
    """Return the verdict, or that the publication was removed."""
    return verdict_of(one) if one.removed is None else Badge("removed", "note")


def times_of(one: Publication) -> str | None:
    """Return the logical times of the first and the last record."""
    if one.last_logical_time is None:
        return None
    return f"{one.first_logical_time or '?'} to {one.last_logical_time}"


def root_of(one: Publication) -> Code | None:
    """Return the beginning of the root of the leading log."""
    return Code(f"{one.heads[0].root[:_SHORT]}…") if one.heads else None


def link_to(one: Publication, words: str = "") -> Link:
    """Return the link to a publication, called by its size if by no other ``words``."""
    return Link(words or f"{one.size:,} records", f"{one.address}/index.html")


def link_to_run(name: str) -> Link:
    """Return the link to the page of a run."""
    return Link(name, f"runs/{name}/index.html")


def labels_of(publications: Sequence[Publication]) -> list[str]:
    """Return short names of publications for the axis of a chart, each only once."""
    short = [f"{one.run if len(one.run) <= _SHORT else one.run[: _SHORT - 1] + '…'} {one.size}" for one in publications]
    if len(set(short)) == len(short):
        return short
    return [f"{one.run} {one.size}" for one in publications]
