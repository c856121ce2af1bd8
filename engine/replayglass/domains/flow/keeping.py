"""What is kept how, and what left the ledger: counts by directive, and the archive row by row."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from replayglass.canon import encode_inline
from replayglass.collection import Layout
from replayglass.domains.flow import facetdocs as doc
from replayglass.domains.flow import pages
from replayglass.domains.flow.beat import Fate
from replayglass.domains.flow.decision import kept, referred
from replayglass.row import Collection, Field, Row, RowKind, RowLink
from replayglass.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.domains.flow.beat import Verdict
    from replayglass.page import Artifact

ARCHIVE = Collection("flow/retention/archive", "a", 256, "archived decision", "archived decisions", "v1/flow/archive")
SECTION = "flow/retention"
NO_POLICY = "no policy"
MOST = 256
"""Directives that are counted one by one."""

_COLUMNS = ("#", "decision", "archived in beat", "instance", "site", "choice", "policy", "kept", "decided in beat")
_CODE = (Field("code"),)


def _kind(policy: Field | str) -> RowKind:
    head = ((RowLink(pages.DECISIONS, "int"),), (Field("int"),), _CODE, _CODE, _CODE)
    return RowKind((*head, (policy,), (Field("text"),), (Field("int"),)))


_NAMED, _UNNAMED = _kind(Field("code")), _kind(NO_POLICY)


class Count(NamedTuple):
    """How many decisions were recorded under a directive (None: all other directives), and how many of them left."""

    directive: str | None
    recorded: int
    archived: int
    expired: int


class Keeping:
    """Takes what happened to decisions in, gives the pages of the archive out, and counts."""

    def __init__(self, limit: int) -> None:
        self.archive = Shelf(ARCHIVE, Layout(SECTION, _COLUMNS, "flow-archive-page", about=("first beat",)), limit)
        self._directives: dict[str, None] = {}
        self._counts: Counter[tuple[str | None, Fate]] = Counter()

    def take(self, number: int, row: int, verdict: Verdict) -> Iterator[Artifact]:
        """Take in what happened in beat ``number``: row ``row`` of the decisions."""
        directive = kept(verdict.decision)
        if len(self._directives) < MOST:
            self._directives.setdefault(directive)
        self._counts[directive if directive in self._directives else None, verdict.fate] += 1
        if verdict.fate is Fate.ARCHIVED:
            yield from self._archived(number, row, verdict, directive)

    def counts(self) -> list[Count]:
        """Return the counts by directive, in the order of the first appearance, those of all other directives last."""
        found = [
            Count(name, *(self._counts[name, fate] for fate in (Fate.RECORDED, Fate.ARCHIVED, Fate.EXPIRED)))
            for name in (*self._directives, None)
        ]
        return [count for count in found if any(count[1:])]

    def _archived(self, number: int, row: int, verdict: Verdict, directive: str) -> Iterator[Artifact]:
        cell, at, policy = verdict.decision, self.archive.count, referred(verdict.decision.policy)
        cells = (number, verdict.instance, verdict.site, cell.choice)
        part = doc.ArchiveRow(at, row, *cells, policy, directive, cell.beat)
        kind, named = (_UNNAMED, ()) if policy is None else (_NAMED, (policy,))
        values = (row // pages.DECISIONS.size, row, row, *cells, *named, directive, cell.beat)
        yield from self.archive.add(Row(kind, at, values), encode_inline(part), (number,))
