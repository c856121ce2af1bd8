"""Where events are told: in the story of their decision, among the later events, or by another process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.paper import rows
from replayglass.domains.paper.later import LaterPages
from replayglass.domains.paper.listings import Listings
from replayglass.domains.paper.stories import DecisionPages
from replayglass.domains.paper.storylines import repeated_line, story_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from replayglass.domains.paper.decisions import Decisions, Entry
    from replayglass.domains.paper.events import AuditEvent
    from replayglass.domains.paper.rows import Said
    from replayglass.page import Artifact
    from replayglass.replay import Context


class Words:
    """What each event says."""

    decided: Callable[..., Said] = rows.decided
    created: Callable[..., Said] = rows.created
    skipped: Callable[..., Said] = rows.skipped
    safety: Callable[..., Said] = rows.safety
    attempted: Callable[..., Said] = rows.attempted
    outcome: Callable[..., Said] = rows.outcome
    updated: Callable[..., Said] = rows.updated
    feedback: Callable[..., Said] = rows.feedback


def _say_nothing(*_: object) -> Said:
    return rows.NOTHING


class Silence(Words):
    """What events say where nobody here tells them."""

    decided = created = skipped = safety = attempted = outcome = updated = feedback = _say_nothing


class Telling:
    """The pages of decisions and of later events; ``out`` collects those that were completed.

    ``words`` are those of the events of the open stretch.
    """

    def __init__(self, context: Context) -> None:
        self.listings = Listings(context.share)
        self.stories = DecisionPages(context, self.listings)
        self.later = LaterPages(context.limit)
        self.out: list[Artifact] = []
        self._share = context.share
        self._stretch = 0

    @property
    def is_silent(self) -> bool:
        """Say whether neither an event page nor a story of this process tells the next events."""
        return not (self._share.makes(self._stretch) or self.stories.are_told)

    def enter(self, stretch: int) -> type[Words]:
        """Take note in which stretch of the log the next events stand (`share.Share`); return their words."""
        self._stretch = stretch
        return Silence if self.is_silent else Words

    def list_events(self, events: Iterable[tuple[int, AuditEvent]], first: int) -> None:
        """Take the valid events of a batch into their lists, each with its index; ``first`` is the batch's first."""
        self.out += self.listings.occurred(events, first, self._stretch)

    def begin(self, decisions: Decisions) -> bool:
        """Make room for the next new decision, after ending a page that is full; say whether its story is told."""
        if decisions.page_is_full():
            self.out += self.stories.close(decisions, full=True)
        if not decisions.open:
            self.stories.begin(self._stretch)
        return self.stories.are_told

    def tell(  # noqa: PLR0913, PLR0917 - the six things a line of a story is made of
        self, seq: int, event: AuditEvent, number: int, entry: Entry | None, said: Said, earlier: int | None
    ) -> bool:
        """Tell an event in its decision's story, or among the later events; say whether the open entry counts it."""
        if entry is None:
            self.out += self.later.add(seq, event, number, repeated=earlier is not None)
            return False
        if entry.told:
            entry.tell(story_line(seq, said) if earlier is None else repeated_line(seq, event.type, earlier))
        return earlier is None

    def finish(self, decisions: Decisions, types: Mapping[str, Sequence[int]]) -> Iterator[Artifact]:
        """End the pages of decisions and of later events, and the lists of what has something in common.

        ``types`` are the counts of each type of event in steps of time.
        """
        yield from self.stories.close(decisions, full=False)
        yield from self.stories.ranges.finish()
        yield from self.later.shelf.finish()
        yield from self.listings.finish(types)
