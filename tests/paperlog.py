"""Logs made by hand or by simulation, and what a replay of them gives, all in memory."""

from __future__ import annotations

import json
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from replayglass.config import Config
from replayglass.domains.paper import lines
from replayglass.domains.paper.domain import PAPER
from replayglass.domains.paper.ids import Salt, as_uuid, derive
from replayglass.domains.paper.rules import Ledger, Position, Safety
from replayglass.domains.paper.simulate import simulate
from replayglass.log.source import Stream
from replayglass.page import Document, Page, Rows, Stories
from replayglass.plan import Plan
from replayglass.record import PAGE_SIZE, Batch, Finding, Severity
from replayglass.replay import StreamFacts
from replayglass.run import Run
from rowwords import decision_of, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from replayglass.notes import Note
    from replayglass.page import Artifact
    from replayglass.row import Row

DATA = Path(__file__).parent / "data" / "paper"


AUDIT = "audit-events/data/audit_events.ndjson"


SNAPSHOTS = "snapshots/data/snapshots.ndjson"


OBSERVE = "v1/observe"


MEMORY = f"{OBSERVE}/derived/decision-memory"


BTC = "BTC-USDT"


def uid(*parts: object) -> str:
    """Return a UUID of its own for these parts."""
    return as_uuid(derive(Salt.META, "|".join(map(str, parts))))


class Tick:
    """One tick's lines, as raw records: each method returns a line of it; ``key`` makes further ids of one kind."""

    def __init__(self, number: int, time: int, market: str = BTC) -> None:
        self.decision = uid("decision", number)
        self.execution = uid("execution", number)
        self.time = time
        self.market = market

    def _line(self, kind: str, said: str, key: object = "") -> bytes:
        return lines.event(uid(kind, self.decision, self.time, key), kind, self.time, said).strip().encode()

    def d(self, key: object = "", decision_class: str = "a.b.c@v1") -> bytes:
        """Return DECISION_EVALUATED."""
        return self._line(
            "DECISION_EVALUATED", lines.decision_evaluated(self.decision, uid("instance"), decision_class), key
        )

    def c(self, side: str = "BUY", key: object = "") -> bytes:
        """Return ORDER_INTENT_CREATED."""
        intent = uid("intent", self.decision).replace("-", "")
        return self._line("ORDER_INTENT_CREATED", lines.order_intent_created(intent, side, self.market), key)

    def k(self, reason: str = "ATTENTION_INSUFFICIENT", key: object = "") -> bytes:
        """Return ORDER_INTENT_SKIPPED."""
        return self._line("ORDER_INTENT_SKIPPED", lines.order_intent_skipped(reason), key)

    def s(self, safety: Safety = Safety.ALLOW, key: object = "") -> bytes:
        """Return SAFETY_EVALUATED."""
        return self._line("SAFETY_EVALUATED", lines.safety_evaluated(self.decision, safety), key)

    def a(self, plane: str = "PAPER", key: object = "") -> bytes:
        """Return EXECUTION_ATTEMPTED."""
        return self._line("EXECUTION_ATTEMPTED", lines.execution_attempted(self.decision, self.execution, plane), key)

    def o(self, status: str = "FILLED", key: object = "") -> bytes:
        """Return EXECUTION_OUTCOME_RECORDED."""
        said = lines.execution_filled(self.decision, self.execution).replace("FILLED", status)
        return self._line("EXECUTION_OUTCOME_RECORDED", said, key)

    def u(self, plane: str = "PAPER", key: object = "") -> bytes:
        """Return LEDGER_UPDATED."""
        return self._line("LEDGER_UPDATED", lines.ledger_updated(plane, self.market), key)

    def f(self, target: dict[str, str | int] | None = None, category: str = "RISK_COMFORT", key: object = "") -> bytes:
        """Return USER_FEEDBACK_RECORDED, on this tick's decision if no target is given."""
        target = target or self.on_decision()
        own = uid("feedback", self.decision, self.time, target, category, key)
        said = lines.feedback_recorded(own, category, target)
        return lines.event(own, "USER_FEEDBACK_RECORDED", self.time, said).strip().encode()

    def on_decision(self) -> dict[str, str | int]:
        """Return this tick's decision as a target of feedback."""
        return {"type": "DECISION", "decisionId": self.decision}

    def on_execution(self) -> dict[str, str | int]:
        """Return this tick's execution as a target of feedback."""
        return {"type": "EXECUTION", "executionId": self.execution}

    def skipped(self) -> list[bytes]:
        """Return a tick that proposes nothing."""
        return [self.d(), self.k(), self.s()]

    def filled(self, side: str = "BUY", plane: str = "PAPER") -> list[bytes]:
        """Return a tick that executes."""
        return [self.d(), self.c(side), self.s(), self.a(plane), self.o(), self.u(plane)]


def snapshot(time: int, *positions: tuple[str, str, bool, str], plane: str = "PAPER", key: object = "") -> bytes:
    """Return a snapshot with these positions: market, quantity, whether it is open, its last execution."""
    held = {position[0]: Position(*position) for position in positions}
    own = uid("snapshot", time, plane, key)
    return lines.encode(lines.snapshot(own, time, Ledger(plane, held))).strip()


def changed(raw: bytes, **fields: object) -> bytes:
    """Return a line with some fields set, or taken away where the value is None."""
    value: dict[str, Any] = json.loads(raw)
    for name, field in fields.items():
        if field is None:
            del value[name]
        else:
            value[name] = field
    return json.dumps(value, separators=(",", ":")).encode()


def records(path: Path) -> list[bytes]:
    """Return the lines of a stream's file, none if there is no such file."""
    return path.read_bytes().split(b"\n")[:-1] if path.exists() else []


def simulated(events: int, seed: int) -> tuple[list[bytes], list[bytes]]:
    """Return the audit events and the snapshots of a simulated run."""
    audit, snapshots = [], []
    for tick in simulate(events, seed):
        audit += tick.audit.splitlines()
        snapshots += [tick.snapshot.strip()] if tick.snapshot else []
    return audit, snapshots


def batches(stream: str, raws: Sequence[bytes], cuts: Iterable[int] = (), torn: bytes | None = None) -> list[Batch]:
    """Return the batches of a stream: cut where its pages end, and at ``cuts``."""
    edges = sorted({0, len(raws), *range(0, len(raws), PAGE_SIZE), *(cut for cut in cuts if 0 < cut < len(raws))})
    offsets = [0, *accumulate(len(raw) + 1 for raw in raws)]
    made = [
        Batch(stream, f"{stream}.ndjson", first, raws[first:last], range(first + 1, last + 1), offsets[first:last])
        for first, last in pairwise(edges)
    ]
    if torn is None:
        return made
    seq = len(raws)
    finding = Finding(
        "ndjson.torn-tail", Severity.WARNING, "torn", stream, f"{stream}.ndjson", seq, seq + 1, offsets[-1]
    )
    if made and len(made[-1].raws) + made[-1].first % PAGE_SIZE < PAGE_SIZE:
        return [*made[:-1], made[-1]._replace(findings=[finding], torn=torn)]
    return [*made, Batch(stream, f"{stream}.ndjson", seq, [], [], [], [finding], torn)]


class Replayed(NamedTuple):
    """What a replay gave: pages, documents and blobs by path, and the findings in order."""

    pages: dict[str, Page]
    documents: dict[str, Document]
    blobs: dict[str, bytes]
    findings: list[Finding]
    plan: Plan

    def json(self, path: str) -> Any:  # noqa: ANN401 - any JSON
        """Return a document's value."""
        return json.loads(self.documents[path].data)

    def json_pages(self, folder: str) -> list[Any]:
        """Return the values of a collection's pages, in order."""
        return [self.json(path) for path in sorted(self.documents) if path.startswith(f"{folder}/pages/")]

    def rows(self, folder: str) -> list[Row]:
        """Return all rows of a collection's pages, in order."""
        blocks = [block for path in self._paths(folder) for block in self.pages[path].blocks]
        return [row for block in blocks if isinstance(block, Rows) for row in block.rows]

    def stories(self) -> dict[int, list[str]]:
        """Return the words of each decision's story: its head, then its lines."""
        blocks = [block for path in self._paths("decisions") for block in self.pages[path].blocks]
        stories = [story for block in blocks if isinstance(block, Stories) for story in block.stories]
        return {story.head.number: [words(story.head), *map(words, story.lines)] for story in stories}

    def ticks(self) -> list[int | None]:
        """Return for each event which decision its row is joined to, None if to none."""
        return [decision_of(row) for row in self.rows("events") if row.kind.anchored]

    def codes(self) -> list[tuple[str, int | None]]:
        """Return code and number of each finding, in order, but those about ids: most logs here make them up."""
        return [(finding.code, finding.seq) for finding in self.findings if not finding.code.startswith("identity.")]

    def _paths(self, folder: str) -> list[str]:
        return sorted(path for path in self.pages if path.startswith(f"{folder}/0"))


def replay(  # noqa: PLR0913 - one keyword for each thing a run may hold
    audit: Sequence[bytes],
    snapshots: Sequence[bytes] = (),
    *,
    cuts: Iterable[int] = (),
    torn: tuple[bytes | None, bytes | None] = (None, None),
    config: Config = Config(),  # noqa: B008 - frozen
    notes: tuple[Note, ...] = (),
    environment: bytes | None = None,
    redacted: Iterable[tuple[str, int]] = (),
) -> Replayed:
    """Replay these records; ``torn`` are unterminated last lines, ``redacted`` streams and numbers of records."""
    given = {"audit-events": (audit, torn[0]), "snapshots": (snapshots, torn[1])}
    facts = {name: StreamFacts(f"{name}.ndjson", exists=bool(raws), size=None) for name, (raws, _) in given.items()}
    run = Run(PAPER, config, tuple(Stream(name, ()) for name in given), facts, {"runtime.env": environment}, notes, ())
    found: list[Finding] = []
    plan = Plan(run, keep=found.append)
    made = {name: batches(name, raws, cuts, tail) for name, (raws, tail) in given.items()}
    streams = {name: iter([_redacted(batch, redacted) for batch in own]) for name, own in made.items()}
    return _sorted(plan.artifacts(streams), found, plan)


def _redacted(batch: Batch, places: Iterable[tuple[str, int]]) -> Batch:
    """Mark the records of a batch that have one of these streams and numbers as redacted."""
    indexes = {number - batch.first for stream, number in places if stream == batch.stream}
    return batch._replace(redacted=frozenset(indexes.intersection(range(len(batch.raws)))))


def _sorted(artifacts: Iterator[Artifact], found: list[Finding], plan: Plan) -> Replayed:
    replayed = Replayed({}, {}, {}, found, plan)
    for artifact in artifacts:
        if isinstance(artifact, Page):
            replayed.pages[artifact.path] = artifact
        elif isinstance(artifact, Document):
            replayed.documents[artifact.path] = artifact
        else:
            replayed.blobs[artifact.path] = artifact.data
    return replayed
