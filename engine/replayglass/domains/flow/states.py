"""The whole state of a flow machine after every beat: of a run folder's journal, or of a file of intents."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, cast

import msgspec

from replayglass.canon import encode
from replayglass.domains.flow.journal import Step
from replayglass.domains.flow.linecheck import JOURNAL_RULES, check
from replayglass.domains.flow.lines import MAX_BEAT, IntentLine
from replayglass.domains.flow.rerun import Executed
from replayglass.domains.flow.rules import RULES_2
from replayglass.domains.flow.vm import Flow
from replayglass.errors import InputError
from replayglass.log.strict import Fault, read_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from replayglass.domains.flow.rules import Rules


def states(beats: Iterable[Executed], only: int | None = None) -> Iterator[bytes]:
    """Yield the state after each beat (or the one beat ``only``) as JSON with LF: ``{beat, ok, flow, adj}``.

    The beats are those of `rerun.execute` or of `play`; of the recorded runs, exactly their dumps come out.

    Raises:
        InputError: there is no such beat.
    """
    count = 0
    for flow, (number, _) in beats:
        count = number + 1
        if only in (None, number):
            yield encode(flow.dump())
        if only == number:
            return
    if only is not None:
        message = f"there is no beat {only}: the run has {count}, counted from 0"
        raise InputError(message)


def play(script: bytes, rules: Rules = RULES_2) -> Iterator[Executed]:
    """Yield every beat of a file of intents, ``{beats, intents: [{submit_beat, bucket, txn, fields}]}``.

    Raises:
        InputError: it is no such file; the hint says where.
    """
    beats, intents = _read(script)
    flow = Flow(rules)
    for number in range(beats):
        for line in intents.get(number, ()):
            flow.submit(line.bucket, line.txn, line.fields)
        yield Executed(flow, Step(number, flow.beat()))


def _read(script: bytes) -> tuple[int, dict[int, list[IntentLine]]]:
    given = read_object(script)
    hint = f"It cannot be read: {given.code}." if isinstance(given, Fault) else _hint(given)
    if isinstance(given, Fault) or hint is not None:
        message = "the file is no list of intents: {beats, intents: [{submit_beat, bucket, txn, fields}]}"
        raise InputError(message, hint or "")
    by_beat = defaultdict(list)
    for fields in cast("list[dict[str, object]]", given["intents"]):
        line: IntentLine = msgspec.convert(_as_line(fields), IntentLine)
        by_beat[line.beat].append(line)
    return cast("int", given["beats"]), by_beat


def _hint(given: dict[str, object]) -> str | None:
    """Return what is wrong with a file of intents, None if nothing is."""
    beats, intents = given.get("beats"), given.get("intents")
    if isinstance(beats, bool) or not isinstance(beats, int) or not 0 <= beats <= MAX_BEAT:
        return "The field beats must be a whole number from 0."
    if not isinstance(intents, list):
        return "The field intents must be an array."
    for index, fields in enumerate(intents):
        if not isinstance(fields, dict):
            return f"Intent {index}, counted from 0, must be an object."
        for flaw in check(_as_line(fields), JOURNAL_RULES):
            return f"Intent {index}, counted from 0: {flaw.message.replace(' beat ', ' submit_beat ', 1)}"
    return None


def _as_line(given: dict[str, object]) -> dict[str, object]:
    """Return an intent of a file as the line of a journal."""
    names = {"submit_beat": "beat", "bucket": "bucket", "txn": "txn", "fields": "fields"}
    return {"type": "intent", **{own: given[name] for name, own in names.items() if name in given}}
