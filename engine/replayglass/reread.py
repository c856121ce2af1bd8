"""Batches to typed records: fast for what is spelled as expected, exact about what is wrong with all else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from replayglass.damage import TOO_LONG, Flaw, Unreadable
from replayglass.log.strict import Fault, read_object
from replayglass.record import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from replayglass.record import Batch, Position

MAX_FLAWS = 8
"""Flaws of one record that are reported one by one."""

T = TypeVar("T")
Invalid = TypeVar("Invalid")


class Reading(NamedTuple, Generic[T, Invalid]):
    """How raw bytes become a record.

    ``read_fast`` gives a record that is sound beyond doubt, or None. Otherwise the JSON object is checked: ``check``
    says what is wrong with its fields, ``convert`` makes the record if no flaw is fatal, ``invalid`` stands for it if
    one is, and ``check_across`` says what is wrong between the fields. ``noun`` is what a record is called, ``more``
    the code of the finding that counts the flaws which are too many.
    """

    read_fast: Callable[[bytes], T | None]
    check: Callable[[dict[str, object]], list[Flaw]]
    convert: Callable[[dict[str, object]], T]
    invalid: Callable[[dict[str, object], Flaw], Invalid]
    check_across: Callable[[T], list[Flaw]]
    noun: str
    more: str


def decode(batch: Batch, reading: Reading[T, Invalid]) -> tuple[list[T | Invalid | Unreadable], list[Finding]]:
    """Decode a batch record by record; result ``i`` belongs to ``batch.raws[i]``."""
    items: list[T | Invalid | Unreadable] = []
    findings: list[Finding] = []
    for index, raw in enumerate(batch.raws):
        record = reading.read_fast(raw)
        if record is not None:
            items.append(record)
            continue
        again = _reread(raw, reading)
        items.append(again.item)
        findings += _report(again.flaws, batch.position(index), reading)
    return items, findings


class _Reread(NamedTuple, Generic[T, Invalid]):
    item: T | Invalid | Unreadable
    flaws: list[Flaw]


def _reread(raw: bytes, reading: Reading[T, Invalid]) -> _Reread[T, Invalid]:
    if not raw:
        return _Reread(TOO_LONG, [])
    given = read_object(raw)
    if isinstance(given, Fault):
        flaw = Flaw(given.code, Severity.ERROR, given.message, fatal=True)
        return _Reread(Unreadable(given.code, given.message), [flaw])
    flaws = reading.check(given)
    fatal = next((flaw for flaw in flaws if flaw.fatal), None)
    if fatal is not None:
        return _Reread(reading.invalid(given, fatal), flaws)
    record = reading.convert(given)
    return _Reread(record, flaws + reading.check_across(record))


def _report(flaws: Sequence[Flaw], place: Position, reading: Reading[T, Invalid]) -> Iterator[Finding]:
    for flaw in flaws[:MAX_FLAWS]:
        yield Finding.at(flaw.code, flaw.severity, flaw.message, place)
    if len(flaws) > MAX_FLAWS:
        words = f"The {reading.noun} has {len(flaws) - MAX_FLAWS} more flaws like these."
        worst = Severity.ERROR if any(flaw.severity is Severity.ERROR for flaw in flaws) else Severity.INFO
        yield Finding.at(reading.more, worst, words, place)
