"""Raw lines of a flow run to typed ones: fast for what we write ourselves, exact about everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import msgspec

from replayglass.domains.flow.linecheck import JOURNAL_RULES, LEDGER_RULES, MAX_CELL_DEPTH, Flaw, check, tree_flaw
from replayglass.domains.flow.lines import DecisionLine, IntentLine, JournalLine
from replayglass.domains.flow.names import is_name
from replayglass.log.strict import Fault, read_object
from replayglass.record import Finding, Position, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from replayglass.record import Batch

MAX_FLAWS = 8
"""Flaws of one line that are reported one by one."""


class Invalid(NamedTuple):
    """A JSON object that is no valid line: shown as it stands, never used. Fields are None unless well-formed."""

    type: str | None
    rules: int | None
    code: str
    message: str


class Unreadable(NamedTuple):
    """A line that is no JSON object at all."""

    code: str
    message: str


TOO_LONG = Unreadable(
    "ndjson.line-too-long", "The line is longer than the limit; its size and digest are in a finding."
)
"""What stands for a line that was not held in memory; its raw bytes are empty, and reading it gave a finding."""

T = TypeVar("T")
Decoded = tuple[list[T | Invalid | Unreadable], list[Finding]]


class Placed(NamedTuple, Generic[T]):
    """A line and where it stands."""

    place: Position
    item: T


JournalItem = JournalLine | Invalid | Unreadable
LedgerItem = DecisionLine | Invalid | Unreadable
"""What a line of the journal, of the ledger, is decoded to."""


class _Form(NamedTuple, Generic[T]):
    """How a line is read: fast, or its fields one by one."""

    fast: Callable[[bytes], T]
    is_sound: Callable[[T], bool]
    rules: dict[str, dict[str, Callable[[object], tuple[str, str] | None]]]
    convert: Callable[[object], T]


_REFUSED = (msgspec.MsgspecError, UnicodeError, RecursionError)


def decode_journal(batch: Batch) -> Decoded[JournalLine]:
    """Decode a batch of the journal; result ``i`` belongs to ``batch.raws[i]``."""
    return _decode(batch, _JOURNAL)


def decode_ledger(batch: Batch) -> Decoded[DecisionLine]:
    """Decode a batch of the recorded ledger; result ``i`` belongs to ``batch.raws[i]``."""
    return _decode(batch, _LEDGER)


def read_journal(batches: Iterable[Batch], report: Callable[[Finding], None]) -> Iterator[Placed[JournalItem]]:
    """Yield the lines of a journal with their places; what is wrong is reported batch by batch, before its lines."""
    for batch in batches:
        yield from _placed(batch, *decode_journal(batch), report)


def read_ledger(batches: Iterable[Batch], report: Callable[[Finding], None]) -> Iterator[Placed[LedgerItem]]:
    """Yield the lines of a ledger as `read_journal` does those of a journal."""
    for batch in batches:
        yield from _placed(batch, *decode_ledger(batch), report)


def _placed(
    batch: Batch, items: list[T], findings: list[Finding], report: Callable[[Finding], None]
) -> Iterator[Placed[T]]:
    for finding in (*batch.findings, *findings):
        report(finding)
    for index, item in enumerate(items):
        yield Placed(batch.position(index), item)


def _decode(batch: Batch, form: _Form[T]) -> Decoded[T]:
    items: list[T | Invalid | Unreadable] = []
    findings: list[Finding] = []
    for index, raw in enumerate(batch.raws):
        line = _read_fast(raw, form)
        if line is not None:
            items.append(line)
            continue
        again = _read_exactly(raw, form)
        items.append(again.item)
        findings += _report(again.flaws, batch.position(index))
    return items, findings


def _read_fast(raw: bytes, form: _Form[T]) -> T | None:
    """Return a valid line that has the one spelling of its content, so that no second reading could differ."""
    try:
        line = form.fast(raw)
        return line if msgspec.json.encode(line) == raw and form.is_sound(line) else None
    except _REFUSED:
        return None


class _Reread(NamedTuple, Generic[T]):
    item: T | Invalid | Unreadable
    flaws: list[Flaw]


def _read_exactly(raw: bytes, form: _Form[T]) -> _Reread[T]:
    if not raw:
        return _Reread(TOO_LONG, [])
    given = read_object(raw)
    if isinstance(given, Fault):
        flaw = Flaw(given.code, Severity.ERROR, given.message, fatal=True)
        return _Reread(Unreadable(given.code, given.message), [flaw])
    flaws = check(given, form.rules)
    fatal = next((flaw for flaw in flaws if flaw.fatal), None)
    if fatal is not None:
        return _Reread(_invalid(given, fatal), flaws)
    known = ("type", *form.rules[str(given["type"])])
    return _Reread(form.convert({name: given[name] for name in known}), flaws)


def _invalid(given: dict[str, object], flaw: Flaw) -> Invalid:
    kind, rules = given.get("type"), given.get("rules")
    return Invalid(
        kind if isinstance(kind, str) else None,
        rules if isinstance(rules, int) and rules in (1, 2) and rules is not True else None,
        flaw.code,
        flaw.message,
    )


def _report(flaws: list[Flaw], place: Position) -> Iterator[Finding]:
    for flaw in flaws[:MAX_FLAWS]:
        yield Finding.at(flaw.code, flaw.severity, flaw.message, place)
    if len(flaws) > MAX_FLAWS:
        words = f"The line has {len(flaws) - MAX_FLAWS} more flaws like these."
        worst = Severity.ERROR if any(flaw.fatal for flaw in flaws) else Severity.INFO
        yield Finding.at("flow.more-flaws", worst, words, place)


def _is_sound_journal(line: JournalLine) -> bool:
    """Say whether a line keeps what its type does not say; its texts have UTF-8, having been written as such."""
    if isinstance(line, IntentLine):
        return is_name(line.txn) and tree_flaw(line.fields) is None
    return True


def _is_sound_decision(line: DecisionLine) -> bool:
    return tree_flaw(line.cell, MAX_CELL_DEPTH, links=True) is None


def _converter(kind: Any) -> Callable[[object], Any]:  # noqa: ANN401 - a union of structs is no type
    return lambda given: msgspec.convert(given, kind)


_JOURNAL: _Form[JournalLine] = _Form(
    msgspec.json.Decoder(JournalLine).decode, _is_sound_journal, JOURNAL_RULES, _converter(JournalLine)
)
_LEDGER: _Form[DecisionLine] = _Form(
    msgspec.json.Decoder(DecisionLine).decode, _is_sound_decision, LEDGER_RULES, _converter(DecisionLine)
)
