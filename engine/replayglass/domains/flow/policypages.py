"""The pages of policies: definition, what happened to the decisions that name it, charts over beats, windows."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from replayglass.canon import encode_inline
from replayglass.cell import Code, Link, spark
from replayglass.collection import json_path, neighbours, row_document
from replayglass.domains.flow import facetdocs as doc
from replayglass.domains.flow.beat import Fate
from replayglass.domains.flow.columns import FATES, LastRecorded
from replayglass.domains.flow.facets import MOST, each_key, policies
from replayglass.domains.flow.keeping import NO_POLICY
from replayglass.domains.flow.longtable import LongTable, long_table
from replayglass.domains.flow.pages import DECISIONS, beat_link
from replayglass.domains.flow.policycharts import charts, series
from replayglass.domains.flow.policytrend import MOST as MEASURED
from replayglass.domains.flow.retention import planned
from replayglass.domains.flow.tree import leaves
from replayglass.page import Facts, Page, Prose, Table
from replayglass.row import Collection, page_path, row_href

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.cell import Cell
    from replayglass.domains.flow.facets import Key, Listed
    from replayglass.domains.flow.finished import Finished
    from replayglass.domains.flow.policytrend import Trend
    from replayglass.domains.flow.standing import Standing
    from replayglass.domains.flow.tree import Tree
    from replayglass.page import Artifact, Block

SECTION = "flow/policies"
INDEX = f"{SECTION}/index.html"
POLICIES = Collection(SECTION, "p", 1, "policy", "policies", f"v1/{SECTION}")

_LIST = Collection(f"{SECTION}/list", "l", 256, "policy", "policies")
_FIELDS = 64
"""Fields of a definition that a page shows."""
_SHORT = 10


class _Seen(NamedTuple):
    """What is known of a policy; ``folder`` is where the rows of its decisions are, if it has any."""

    listed: Listed
    definition: Tree | None
    retain: str | None
    choice: str | None
    standing: Standing | None
    trend: Trend | None
    folder: str | None

    @property
    def key(self) -> Key:
        """Its key among the policies of decisions."""
        return self.listed.key

    @property
    def recorded(self) -> int:
        """How many decisions were recorded under it."""
        return self.listed.fates.get(Fate.RECORDED, 0)

    @property
    def title(self) -> str:
        """What its page is called."""
        return f"Policy {self.key.text}" if self.key.text else "Decisions without a policy"


def policy_artifacts(run: Finished) -> Iterator[Artifact]:
    """Give the list of policies, and a page and a document for each."""
    count = len(run.shelves.columns.policies.keys.values)
    recorded = LastRecorded(run.shelves.columns)
    lines = []
    for seen in _each_policy(run):
        yield from _document(seen, run.limit)
        yield _page(seen, min(count, MOST), recorded)
        lines.append(_line(seen))
    columns = ("policy", "recorded decisions", "over beats", "live", "retain", "last choice")
    shape = LongTable(_LIST, SECTION, INDEX, "Policies", columns, "No policy was defined, and no decision was made.")
    table = yield from long_table(shape, lines)
    intro = "Every policy that was defined or that a decision names, in the order of its first appearance."
    if count > MOST:
        intro += f" The first {MOST:,} of {count:,} have pages; the others are among the definitions."
    yield Page(INDEX, "Policies", SECTION, [table], intro)


def policy_table(run: Finished) -> Table:
    """Return the policies under which most was recorded, in short."""
    columns = run.shelves.columns
    facet, tally = policies(columns), columns.tally(columns.policies)
    most = sorted(range(min(len(tally), MOST)), key=lambda number: (-tally[number][0], number))[:_SHORT]
    rows: list[tuple[Cell, ...]] = [(_link(facet.key(number)), *tally[number]) for number in most]
    title = "Policies" if len(tally) <= _SHORT else f"The {_SHORT} most used policies"
    return Table(title, ("policy", *FATES), rows, "No policy was defined, and no decision was made.")


def _each_policy(run: Finished) -> Iterator[_Seen]:
    """Yield the policies; what takes time in proportion to all decisions or all live cells is done once."""
    flow, columns, trends = run.replay.flow, run.shelves.columns, run.shelves.trends.trends
    facet, choices, standings = policies(columns), columns.last_choices(), flow.standings()
    for listed in islice(each_key(facet, columns, columns.policies.grouped()), MOST):
        key = listed.key
        entry = flow.state.ledgers["policy"].get(key.text)
        yield _Seen(
            listed,
            None if entry is None else flow.render(entry),
            None if entry is None else planned({}, entry, flow.rules).directive,
            choices.get(key.number),
            standings.get(key.text),
            trends.get(key.text),
            facet.rows_of(key).folder if any(listed.counts) else None,
        )


def _document(seen: _Seen, limit: int) -> Iterator[Artifact]:
    listed, standing, number = seen.listed, seen.standing, seen.key.number
    window = standing.window if standing else []
    row = doc.PolicyRow(
        number,
        seen.key.text or None,
        seen.definition,
        seen.retain,
        listed.fates,  # type: ignore[arg-type]
        listed.first,
        listed.last,
        seen.choice,
        standing.live if standing else 0,
        standing.instances if standing else 0,
        [sample.latency for sample in window],
        [sample.error_flag for sample in window],
        series(seen.trend) if seen.trend else None,
    )
    yield from row_document(POLICIES, number, [encode_inline(row)], limit, "flow-policy-page")


def _page(seen: _Seen, count: int, recorded: LastRecorded) -> Page:
    number, standing = seen.key.number, seen.standing
    blocks: list[Block] = [_facts(seen), *_definition(seen)]
    if seen.trend:
        blocks += charts(seen.trend)
    else:
        blocks.append(Prose("Over beats", [(_unmeasured(seen),)]))
    if standing:
        blocks.append(_windows(standing, recorded))
    path, around = page_path(POLICIES, number), neighbours(POLICIES, number, full=number + 1 < count)
    intro = "What is measured when a decision is recorded; a replay measures nothing new."
    return Page(path, seen.title, SECTION, blocks, intro, neighbours=around, json=json_path(POLICIES, number))


def _facts(seen: _Seen) -> Facts:
    listed, standing = seen.listed, seen.standing
    facts: list[tuple[str, Cell]] = [("policy", seen.key.cell)]
    if seen.key.text:
        facts.append(("retain", seen.retain or "it was never defined"))
    facts += [(fate, _rows(seen, count)) for fate, count in zip(FATES, listed.counts, strict=True)]
    if standing:
        facts.append(("live decisions", _rows(seen, standing.live)))
        facts.append(("instances that have them", _rows(seen, standing.instances)))
    if listed.first is not None and listed.last is not None:
        facts += [("first beat", beat_link(listed.first)), ("last beat", beat_link(listed.last))]
    if seen.trend:
        facts.append(("recorded with an error", _rows(seen, sum(held.errors for _, held in seen.trend.bins()))))
    if seen.choice is not None:
        facts.append(("last choice", Code(seen.choice)))
    if seen.folder:
        facts.append(("decisions", Link("their rows, in order", f"{seen.folder}/index.html")))
    return Facts("In numbers", facts)


def _rows(seen: _Seen, count: int) -> Cell:
    """Return how many of its decisions there are of some sort, leading to all of them."""
    return Link(f"{count:,}", f"{seen.folder}/index.html") if count and seen.folder else count


def _definition(seen: _Seen) -> Iterator[Table]:
    """Show what its definition says; the copy of the request that it keeps says the same again."""
    if seen.definition is None:
        return
    own = {name: value for name, value in seen.definition.items() if name != "original"}
    fields = ((Code("/".join(path)), Code(str(value))) for path, value in leaves(own) if value != {})
    rows = list(islice(fields, _FIELDS + 1))
    title = "Definition" if len(rows) <= _FIELDS else f"The first {_FIELDS} fields of the definition; the JSON has all"
    yield Table(title, ("field", "value"), rows[:_FIELDS])


def _windows(standing: Standing, recorded: LastRecorded) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for at, (instance, site, sample) in enumerate(standing.measured):
        row = recorded.row(instance, site)
        decision = None if row is None else Link(f"decision {row}", row_href(DECISIONS, row))
        rows.append((at, *sample, decision))
    empty = "No live decision was measured."
    return Table(
        "Windows of the index, newest first", ("place", "beat", "latency", "error", "measured of"), rows, empty
    )


def _unmeasured(seen: _Seen) -> str:
    if not seen.recorded:
        return "No decision was recorded under this policy."
    return f"Only the first {MEASURED} policies under which a decision was recorded are measured over beats."


def _line(seen: _Seen) -> Sequence[Cell]:
    choice = None if seen.choice is None else Code(seen.choice)
    trend = None if seen.trend is None else spark(seen.trend.steps(), "beats")
    return _link(seen.key), seen.recorded, trend, seen.standing.live if seen.standing else 0, seen.retain, choice


def _link(key: Key) -> Link:
    return Link(key.text or NO_POLICY, page_path(POLICIES, key.number))
