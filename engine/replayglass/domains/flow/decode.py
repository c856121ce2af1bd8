"""Raw lines of a flow run to typed ones: fast for what we write ourselves, exact about everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import msgspec

from replayglass import reread
from replayglass.damage import Flaw, Unreadable
from replayglass.domains.flow.linecheck import JOURNAL_RULES, LEDGER_RULES, MAX_CELL_DEPTH, Rules, check, tree_flaw
from replayglass.domains.flow.lines import DecisionLine, IntentLine, JournalLine
from replayglass.domains.flow.names import is_name
from replayglass.record import Finding, Position
from replayglass.reread import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from replayglass.record import Batch


class Invalid(NamedTuple):
    """A JSON object that is no valid line: shown as it stands, never used. Fields are None unless well-formed."""

    type: str | None
    rules: int | None
    code: str
    message: str


T = TypeVar("T")
Decoded = tuple[list[T | Invalid | Unreadable], list[Finding]]


class Placed(NamedTuple, Generic[T]):
    """A line and where it stands."""

    place: Position
    item: T


JournalItem = JournalLine | Invalid | Unreadable
LedgerItem = DecisionLine | Invalid | Unreadable
"""What a line of the journal, of the ledger, is decoded to."""


_REFUSED = (msgspec.MsgspecError, UnicodeError, RecursionError)


def decode_journal(batch: Batch) -> Decoded[JournalLine]:
    """Decode a batch of the journal; result ``i`` belongs to ``batch.raws[i]``."""
    return reread.decode(batch, _JOURNAL)


def decode_ledger(batch: Batch) -> Decoded[DecisionLine]:
    """Decode a batch of the recorded ledger; result ``i`` belongs to ``batch.raws[i]``."""
    return reread.decode(batch, _LEDGER)


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


def _invalid(given: dict[str, object], flaw: Flaw) -> Invalid:
    kind, rules = given.get("type"), given.get("rules")
    return Invalid(
        kind if isinstance(kind, str) else None,
        rules if isinstance(rules, int) and rules in (1, 2) and rules is not True else None,
        flaw.code,
        flaw.message,
    )


def _is_sound_journal(line: JournalLine) -> bool:
    """Say whether a line keeps what its type does not say; its texts have UTF-8, having been written as such."""
    if isinstance(line, IntentLine):
        return is_name(line.txn) and tree_flaw(line.fields) is None
    return True


def _is_sound_decision(line: DecisionLine) -> bool:
    return tree_flaw(line.cell, MAX_CELL_DEPTH, links=True) is None


def _reading(
    kind: Any,  # noqa: ANN401 - a union of structs is no type
    is_sound: Callable[[T], bool],
    rules: Rules,
) -> Reading[T, Invalid]:
    read = msgspec.json.Decoder(kind).decode

    def read_fast(raw: bytes) -> T | None:
        """Return a valid line that has the one spelling of its content, so that no second reading could differ."""
        try:
            line: T = read(raw)
            return line if msgspec.json.encode(line) == raw and is_sound(line) else None
        except _REFUSED:
            return None

    def convert(given: dict[str, object]) -> T:
        known = ("type", *rules[str(given["type"])])
        line: T = msgspec.convert({name: given[name] for name in known}, kind)
        return line

    return Reading(
        read_fast, lambda given: check(given, rules), convert, _invalid, lambda _: [], "line", "flow.more-flaws"
    )


_JOURNAL: Reading[JournalLine, Invalid] = _reading(JournalLine, _is_sound_journal, JOURNAL_RULES)
_LEDGER: Reading[DecisionLine, Invalid] = _reading(DecisionLine, _is_sound_decision, LEDGER_RULES)
