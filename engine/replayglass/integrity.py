"""The integrity page: what was recomputed, which rules hold, what checkpoints commit to, and how to check it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from replayglass.canon import encode
from replayglass.cell import Badge, Code, Link
from replayglass.page import Document, Notice, Page, Prose, Table
from replayglass.pageschema import Natural  # noqa: TC001 - a field's type
from replayglass.proof.tiles import WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from replayglass.cell import Cell
    from replayglass.page import Artifact, Block
    from replayglass.publishedlogs import LogState
    from replayglass.replay import Proven
    from replayglass.rule import Rule

PATH = "integrity/index.html"
JSON_PATH = "v1/integrity.json"


class RuleEntry(Struct):
    """One rule and how often the run breaks it."""

    code: str
    severity: Literal["error", "warning", "info"]
    holds: str
    source: str
    broken: Natural


class LogEntry(Struct):
    """One published log: its newest checkpoint; ``key`` is the verifier key that the site names, null if unsigned."""

    stream: str
    origin: str
    size: Natural
    root: str
    signed: bool
    key: str | None
    checkpoint: str
    checkpoints: Natural


class IntegrityDocument(Struct):
    """What was recomputed, which rules hold, and what the logs' checkpoints commit to."""

    version: Literal[1]
    verdict: str
    ids: dict[str, dict[str, Natural]]
    rules: list[RuleEntry]
    logs: list[LogEntry]
    limits: list[str]


TYPES: dict[str, type] = {"integrity": IntegrityDocument}


def integrity_artifacts(
    proven: Proven, rules: Sequence[Rule], found: Mapping[str, int], logs: Sequence[LogState], lists: Mapping[str, str]
) -> Iterator[Artifact]:
    """Give the document and the page; ``found`` are the findings by code, ``lists`` the pages that list them."""
    broken = sum(found.get(rule.code, 0) for rule in rules if rule.severity != "info")
    verdict = f"{proven.sentence} {_rules_sentence(broken)} {_logs_sentence(logs)}".strip()
    document = IntegrityDocument(
        1,
        verdict,
        {kind: dict(counts) for kind, counts in proven.numbers.items()},
        [RuleEntry(own.code, own.severity.value, own.holds, own.source, found.get(own.code, 0)) for own in rules],
        [LogEntry(*log[:4], log.is_signed, log.key, log.path, log.checkpoints) for log in logs],
        list(proven.limits),
    )
    yield Document(JSON_PATH, encode(document), "integrity", "What was recomputed and what is proven")
    blocks: list[Block] = [
        Notice(verdict, "bad" if broken and proven.tone != "bad" else proven.tone),
        *_log_blocks(logs),
        *proven.blocks,
        _rules_table(rules, found, lists),
        _proven_prose(logs),
        Prose("What is not proven", [(text,) for text in (*proven.limits, *_LIMITS)]),
        *_commands(logs),
    ]
    intro = "What this site proves about the log, what it does not, and how to check it without trusting the site."
    yield Page(PATH, "Integrity", "integrity", blocks, intro, json=JSON_PATH)


def integrity_table(proven: Proven, logs: Sequence[LogState]) -> Table:
    """Return in short what is proven, for the overview."""
    rows: list[tuple[Cell, ...]] = [("recomputed", Link(proven.sentence, PATH))]
    for log in logs:
        words = f"{log.size:,} records, root {log.root[:16]}\u2026, {'signed' if log.is_signed else 'unsigned'}"
        rows.append((f"log of {log.stream}", Link(words, log.path)))
    return Table("Integrity", ("what", "answer"), rows)


def _rules_sentence(broken: int) -> str:
    if not broken:
        return "Every rule holds."
    return f"Rules are broken {broken:,} time{'' if broken == 1 else 's'}."


def _logs_sentence(logs: Sequence[LogState]) -> str:
    if not logs:
        return ""
    return "The checkpoints are signed." if all(log.is_signed for log in logs) else "The checkpoints are unsigned."


def _rules_table(rules: Sequence[Rule], found: Mapping[str, int], lists: Mapping[str, str]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for rule in rules:
        count = found.get(rule.code, 0)
        tone = "good" if not count else "note" if rule.severity == "info" else "bad"
        answer = Badge("holds" if not count else f"{count:,} found", tone)
        listed = Link("findings", lists[rule.code]) if rule.code in lists else None
        rows.append((Code(rule.code), rule.holds, rule.source, rule.severity.value, answer, listed))
    return Table("Rules", ("rule", "what must hold", "section", "weight", "this run", "listed"), rows)


def _log_blocks(logs: Sequence[LogState]) -> Iterator[Block]:
    columns = ("log", "records", "root", "checkpoint", "signature", "kept")
    rows = [
        (
            Code(log.origin),
            log.size,
            Code(log.root),
            Link(log.path.rpartition("/")[2], log.path),
            Code(log.key) if log.key is not None else Badge("unsigned", "warn"),
            f"{log.checkpoints:,} checkpoint{'' if log.checkpoints == 1 else 's'}",
        )
        for log in logs
    ]
    if rows:
        yield Table("Published logs", columns, rows)


def _proven_prose(logs: Sequence[LogState]) -> Prose:
    """Return what the published logs prove."""
    if not logs:
        return Prose("What is proven", [("No log was published with this replay.",)])
    return Prose(
        "What is proven",
        [
            (
                "Each stream is a C2SP tlog-tiles log: a Merkle tree (RFC 6962) whose leaves are the exact bytes of ",
                "the records as they stand here. The root in the checkpoint commits to every record and its place: ",
                "none can be changed, moved, taken out or put in without another root.",
            ),
            (
                "Whoever kept an earlier checkpoint can prove that this log goes on from it (consistency), and one ",
                "record can be proven on its own (inclusion). The pages of events and snapshots can check themselves ",
                "in a browser.",
            ),
        ],
    )


_LIMITS = (
    "A log proves only what is in it, not that the runtime wrote all that happened, nor that it wrote the truth.",
    (
        "Without a signature, and without a checkpoint that you kept yourself, the checkpoint proves only that the "
        "files of this site belong together. A key that comes from the site itself adds nothing: get it from elsewhere."
    ),
    "Nothing shows that all readers see the same site: compare checkpoints with others, or keep the one you saw.",
    "Words, counts and charts are derived from the records and proven by doing it again: replayglass verify --run.",
)


def _commands(logs: Sequence[LogState]) -> Iterator[Prose]:
    if not logs:
        return
    first = logs[0]
    folder = first.path.rpartition("/")[0]
    signed = first.is_signed
    yield Prose(
        "How to check it with this tool",
        [
            (
                "The files of this site, all of them: ",
                Code("replayglass verify SITE" + (" --vkey KEY" if signed else "")),
            ),
            ("Against the log itself: ", Code("replayglass verify SITE --run RUN")),
            ("That nothing published before was changed: ", Code("replayglass verify SITE --since CHECKPOINT")),
            *([_prove(first.stream)] if signed else []),
        ],
    )
    yield Prose("How to check it with other tools", list(_other_tools(folder, first)))


def _prove(stream: str) -> tuple[str | Code, ...]:
    command = Code(f"replayglass prove SITE {stream} 0 --out 0.tlog-proof --record 0.json")
    return "One record and its proof, to be passed on: ", command


_OPENSSL = (
    "sed '/^$/,$d' checkpoint > text",
    'sed -n "s|^\u2014 ${VKEY%%+*} ||p" checkpoint | head -n 1 | base64 -d | tail -c +5 > signature',
    (
        r"{ printf '\060\052\060\005\006\003\053\145\160\003\041\000'; "
        r'echo "$VKEY" | cut -d+ -f3- | base64 -d | tail -c 32; } > key.der'
    ),
    "openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in text -sigfile signature",
)
"""Checks the signature of a checkpoint; tried with OpenSSL 3.0."""


def _other_tools(folder: str, log: LogState) -> Iterator[tuple[str | Code, ...]]:
    tile = f"{folder}/tile/0/000" if log.size >= WIDTH else f"{folder}/tile/0/000.p/{log.size}"
    if log.size:
        yield (
            "Record 0, its exact bytes without the line end in the file RECORD; both give the same digits: ",
            Code(r"{ printf '\000'; cat RECORD; } | sha256sum"),
            " and ",
            Code(rf"head -c 32 {tile} | od -An -v -tx1 | tr -d ' \n'"),
        )
    if log.is_signed:
        yield "The signature, in the folder ", Code(folder), ", with the key from somewhere else in VKEY:"
        yield from ((Code(line),) for line in _OPENSSL)
    yield (
        (
            "Every tile, bundle and root: docs/formats/log.md of replayglass has a shell script for openssl and a "
            "program for Go's "
        ),
        Code("golang.org/x/mod/sumdb/tlog"),
        " and ",
        Code("golang.org/x/mod/sumdb/note"),
        ": ",
        Code(f'GO111MODULE=off GOPATH=/usr/share/gocode go run main.go {folder} "$VKEY"'),
    )
