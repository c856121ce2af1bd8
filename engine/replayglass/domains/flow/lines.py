"""The lines of a flow run's two files, as typed values: the journal that drives a machine, the ledger that it kept."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from replayglass.domains.flow.beat import Fate  # noqa: TC001 - msgspec reads it
from replayglass.log.source import StreamSpec

JOURNAL = StreamSpec("flow-journal", ("flow/journal",))
LEDGER = StreamSpec("flow-decisions", ("flow/decisions",))
"""The two streams; without the second, nothing was recorded, and the decisions are re-derived."""

VERSION: Final = 1
"""The version of the format."""

MAX_BEAT = 2**53 - 1
"""The largest number of a beat: what every reader of JSON can count to."""

Number = Annotated[int, Meta(ge=0, le=MAX_BEAT)]
RuleSet = Literal[1, 2]
Bucket = Literal["fl_upsert", "ni_upsert", "inst_start", "inst_event", "inst_ctrl"]
_TREE = {"additionalProperties": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Fields"}]}}
Fields = Annotated[dict[str, Any], Meta(extra_json_schema=_TREE)]
Cell = Annotated[dict[str, Any], Meta(extra_json_schema={"$ref": "#/$defs/CellTexts"})]


class HeaderLine(Struct, frozen=True, forbid_unknown_fields=True, tag="header", gc=False):
    """The first line of a journal: the format's version, the rules that the machine follows, what it is called."""

    version: Literal[1]
    rules: RuleSet
    name: str
    origin: str | None


class IntentLine(Struct, frozen=True, forbid_unknown_fields=True, tag="intent"):
    """An intent, submitted before the beat of the same number: that many beat lines stand before it."""

    beat: Number
    bucket: Bucket
    txn: Annotated[str, Meta(min_length=1, max_length=256)]
    fields: Fields


class BeatLine(Struct, frozen=True, forbid_unknown_fields=True, tag="beat", gc=False):
    """One executed beat; ``beat`` counts them from 0, whether or not they were committed."""

    beat: Number


class DecisionLine(Struct, frozen=True, forbid_unknown_fields=True, tag="decision"):
    """What happened to a cell of the ledger in a beat; ``cell`` is the whole cell as it stood after that beat."""

    fate: Fate
    beat: Number
    instance: str
    site: str
    cell: Cell


JournalLine = HeaderLine | IntentLine | BeatLine


class Link(Struct, rename={"link": "$link"}, frozen=True, forbid_unknown_fields=True):
    """A link, as the path of its target; null if that is gone."""

    link: str | None


class TelemetryTexts(Struct, frozen=True, forbid_unknown_fields=True):
    """What was measured when the decision was made."""

    score: str
    confidence: str
    rng_seed: str
    rng_seq: str
    latency: str
    error_flag: str


class ValidationTexts(Struct, frozen=True, forbid_unknown_fields=True):
    """What a replayed decision must have again."""

    fingerprint: str
    telemetry: TelemetryTexts
    context: str | UnsetType = UNSET


class EvidenceTexts(Struct, frozen=True, forbid_unknown_fields=True):
    """What the decision was made from."""

    telemetry: TelemetryTexts
    state: str | UnsetType = UNSET
    context: str | UnsetType = UNSET
    event: Link | UnsetType = UNSET
    signal: str | UnsetType = UNSET
    origin: str | UnsetType = UNSET
    beat: str | UnsetType = UNSET
    payload: Fields | UnsetType = UNSET


class CellTexts(Struct, frozen=True, forbid_unknown_fields=True):
    """A cell of the ledger; all numbers are texts. A field that a cell lacks is absent, never null."""

    choice: str
    site: str
    pc: str
    beat: str
    inst_id: str | UnsetType = UNSET
    policy: Link | str | UnsetType = UNSET
    variant: Link | str | UnsetType = UNSET
    validation: ValidationTexts | UnsetType = UNSET
    evidence: EvidenceTexts | UnsetType = UNSET
    retain: str | UnsetType = UNSET
    retain_mode: Literal["permanent", "ttl", "archive"] | UnsetType = UNSET
    retain_ttl: str | UnsetType = UNSET
    retain_upto: str | UnsetType = UNSET


def schema(kind: object) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a line, `JournalLine` or `DecisionLine`."""
    parts = (kind, CellTexts) if kind is DecisionLine else (kind,)
    (root, *_), named = msgspec.json.schema_components(parts, ref_template="#/$defs/{name}")
    named["Fields"] = {"type": "object", **_TREE}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **root, "$defs": named}


def encode_line(line: JournalLine | DecisionLine) -> bytes:
    """Return a line with its LF, in the one spelling that is read fast."""
    return msgspec.json.encode(line) + b"\n"
