"""What the documents of a publication say of its run in numbers: counts by kind, configuration, ledgers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import to_builtins

from replayglass.domains.flow.documents import FlowIndex
from replayglass.domains.paper.documents import DecisionMemoryIndex
from replayglass.domains.paper.ledgerdocs import Ledgers
from replayglass.domains.paper.places import DECISIONS, EVENTS
from replayglass.domains.paper.streamdocs import RuntimeStatus, Summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from replayglass.domains.paper.ledgerdocs import PlaneLedger
    from replayglass.publication.published import PublishedSite


class Count(NamedTuple):
    """How many there are of a kind of something."""

    of: str
    kind: str
    number: int


class Holding(NamedTuple):
    """A line of a ledger: which ledger, the name of the line, and what stands in it."""

    ledger: str
    name: str
    value: str


class Said(NamedTuple):
    """``settings`` are the published configuration by name, None where unknown."""

    counts: tuple[Count, ...]
    settings: Mapping[str, str | None]
    ledgers: tuple[Holding, ...]


def say_paper(site: PublishedSite) -> Said:
    """Return what a PAPER run comes to.

    Raises:
        InputError: the site cannot be read.
    """
    events = site.document(f"{EVENTS.json_folder}/summary.json", Summary)
    decisions = site.document(f"{DECISIONS.json_folder}/index.json", DecisionMemoryIndex)
    status = site.document("v1/observe/runtime/status.json", RuntimeStatus)
    ledgers = site.document("v1/observe/derived/ledgers.json", Ledgers)
    return Said(
        (
            Count("events", "all", events.total_count),
            *_counts("events", events.counts_by_type),
            Count("events", "of other types", events.counts_of_other_types),
            Count("decisions", "all", decisions.entries.count),
            *_counts("decisions", decisions.outcomes),
            *_counts("safety", decisions.safety_results),
        ),
        to_builtins(status),
        tuple(line for plane in ledgers.planes for line in _holdings(plane)),
    )


def say_flow(site: PublishedSite) -> Said:
    """Return what a flow run comes to; its ledger is the comparison of the recorded one with the journal.

    Raises:
        InputError: the site cannot be read.
    """
    index = site.document("v1/flow/index.json", FlowIndex)
    first = index.divergence
    where = "" if first is None else f", first in beat {first.beat} at {first.site} of {first.instance}"
    return Said(
        (
            Count("beats", "all", index.beats),
            *_counts("decisions", index.fates),
            *_counts("intents", index.outcomes),
            *_counts("instances", index.instances),
        ),
        {"rules": str(index.rules), "name": index.name},
        (Holding("recorded ledger", "against the journal", f"{index.ledger}{where}"),),
    )


def _counts(of: str, counted: Mapping[str, int]) -> Iterator[Count]:
    return (Count(of, kind, count) for kind, count in counted.items())


def _holdings(plane: PlaneLedger) -> Iterator[Holding]:
    for held in plane.positions or ():
        value = f"{held.quantity}, {_state(is_open=held.is_open)}, execution {held.last_execution_id}"
        yield Holding(f"{plane.plane}, latest snapshot", held.market_id, value)
    for told in plane.from_events:
        value = f"{_state(is_open=told.is_open)}, execution {told.last_execution_id}"
        yield Holding(f"{plane.plane}, from events", told.market_id, value)


def _state(*, is_open: bool) -> str:
    return "open" if is_open else "closed"
