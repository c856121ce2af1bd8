"""The schema of one record, checked field by field: what is wrong with it, each with a stable code.

This is the slow and exact reading. The fast decoders accept what the runtime writes; whatever they do not accept is
read again here, and either becomes an event after all (escaped lone surrogates, string times, surplus fields) or a
list of reasons. Rules: paper-runtime.md sections 1, 4 and 5.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import get_args

from replayglass.damage import Flaw
from replayglass.domains.paper import events as ev
from replayglass.record import Severity

UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
ORDER_INTENT_ID = re.compile(r"[0-9a-f]{32}|" + UUID.pattern, re.ASCII)
DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_CLASS_VERSION = re.compile(r"@v[0-9]+\Z", re.ASCII)
_LINE_END = re.compile(r"[\n\r\u2028\u2029]")

_Rule = Callable[[object], "str | None"]
"""Answers None for a good value, else a code and a sentence part, joined by a space."""

_SHOWN = 40


def is_decision_class(text: str) -> bool:
    """Say whether ``text`` is part.part.part@vN with non-empty parts (section 1), in linear time."""
    version = _CLASS_VERSION.search(text)
    if version is None or _LINE_END.search(text):
        return False
    body = text[: version.start()]
    first = body.find(".", 1)
    second = body.find(".", first + 2) if first > 0 else -1
    return 0 < second < len(body) - 1


def show(text: str) -> str:
    """Return ``text`` quoted for a message: printable ASCII only, cut after 40 characters."""
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    return '"' + cut.encode("unicode_escape").decode() + '"'


def _text(value: object) -> str | None:
    return None if isinstance(value, str) else "field-type must be a string"


def _boolean(value: object) -> str | None:
    return None if isinstance(value, bool) else "field-type must be true or false"


def _uuid(value: object) -> str | None:
    if not isinstance(value, str):
        return _text(value)
    return None if UUID.fullmatch(value) else "uuid is no UUID"


def _decimal(value: object) -> str | None:
    if not isinstance(value, str):
        return _text(value)
    return None if DECIMAL.fullmatch(value) else "decimal is no decimal number"


def _version(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and value == 1:
        return None
    return "version must be the number 1"


def read_time(value: object) -> int | None:
    """Return the logical time ``value`` stands for: an integer, or (the contract's form) its decimal text."""
    if isinstance(value, str):
        if not value.isascii() or not value.isdigit() or len(value) > len(str(ev.MAX_TIME)):
            return None
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= ev.MAX_TIME else None


def _time(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return "field-type must be a whole number"
    return None if read_time(value) is not None else "logical-time is no integer from 0 to 2^53-1"


def _one_of(alias: object) -> _Rule:
    allowed = get_args(alias)

    def rule(value: object) -> str | None:
        if not isinstance(value, str):
            return _text(value)
        return None if value in allowed else f"enum {show(value)} is none of {', '.join(allowed)}"

    return rule


_COMMON: dict[str, _Rule] = {"id": _uuid, "version": _version, "logicalTime": _time, "createdAtLogical": _time}
_FIELDS: dict[str, dict[str, _Rule]] = {
    "DECISION_EVALUATED": {"decisionId": _uuid, "strategyInstanceId": _text, "decisionClass": _text},
    "ORDER_INTENT_CREATED": {"orderIntentId": _text, "side": _one_of(ev.Side), "marketId": _text},
    "ORDER_INTENT_SKIPPED": {"reason": _one_of(ev.ReasonCode)},
    "SAFETY_EVALUATED": {"decisionId": _uuid},
    "EXECUTION_ATTEMPTED": {"decisionId": _uuid, "executionId": _uuid, "plane": _one_of(ev.Plane)},
    "EXECUTION_OUTCOME_RECORDED": {"decisionId": _uuid, "executionId": _uuid, "status": _one_of(ev.Status)},
    "LEDGER_UPDATED": {"plane": _one_of(ev.Plane), "marketId": _text},
    "USER_FEEDBACK_RECORDED": {"feedbackId": _uuid, "category": _one_of(ev.Category)},
}
_RESULT: dict[str, _Rule] = {"type": _one_of(ev.SafetyType)}
_TARGETS: dict[str, dict[str, _Rule]] = {
    "DECISION": {"decisionId": _uuid},
    "EXECUTION": {"executionId": _uuid},
    "TIME_WINDOW": {"from": _time, "to": _time},
}
_SNAPSHOT: dict[str, _Rule] = {
    "snapshotId": _uuid,
    "version": _version,
    "logicalTime": _time,
    "plane": _one_of(ev.Plane),
}
_POSITION: dict[str, _Rule] = {
    "marketId": _text,
    "quantity": _decimal,
    "isOpen": _boolean,
    "lastExecutionId": _uuid,
}
_OBJECTS = {"SAFETY_EVALUATED": "result", "USER_FEEDBACK_RECORDED": "target"}


def _fatal(code: str, message: str) -> Flaw:
    return Flaw(f"schema.{code}", Severity.ERROR, message, fatal=True)


def _check(given: dict[str, object], rules: dict[str, _Rule], where: str) -> list[Flaw]:
    flaws = []
    for name, rule in rules.items():
        if name not in given:
            flaws.append(_fatal("missing-field", f"The field {where}{name} is missing."))
        elif (problem := rule(given[name])) is not None:
            code, words = problem.split(" ", 1)
            flaws.append(_fatal(code, f"The field {where}{name} {words}."))
    return flaws


def _surplus(given: dict[str, object], known: set[str], where: str) -> list[Flaw]:
    return [
        Flaw("schema.surplus-field", Severity.INFO, f"The field {where}{show(name)} is not in the schema; it is kept.")
        for name in given
        if name not in known
    ]


def _nested(given: dict[str, object], name: str) -> dict[str, object] | Flaw:
    value = given.get(name)
    if isinstance(value, dict):
        return value
    if name not in given:
        return _fatal("missing-field", f"The field {name} is missing.")
    return _fatal("field-type", f"The field {name} must be an object.")


def check_event(given: dict[str, object]) -> list[Flaw]:
    """Return everything that is wrong with the object ``given`` as an audit event (sections 1 and 4)."""
    kind = given.get("type")
    if not isinstance(kind, str):
        return [_fatal("missing-field" if kind is None else "field-type", "The field type must be a string.")]
    if kind not in _FIELDS:
        return [_fatal("unknown-type", f"The event type {show(kind)} is none of the eight.")]
    flaws = _check(given, _COMMON | _FIELDS[kind], "")
    known = {"type", *_COMMON, *_FIELDS[kind]}
    if kind in _OBJECTS:
        known.add(_OBJECTS[kind])
        flaws += _check_result(given) if kind == "SAFETY_EVALUATED" else _check_target(given)
    return flaws + _surplus(given, known, "")


def _check_result(given: dict[str, object]) -> list[Flaw]:
    result = _nested(given, "result")
    if isinstance(result, Flaw):
        return [result]
    rules = dict(_RESULT)
    if "reason" in result:
        rules["reason"] = _one_of(ev.SafetyReason)
    return _check(result, rules, "result.") + _surplus(result, {"type", "reason"}, "result.")


def _check_target(given: dict[str, object]) -> list[Flaw]:
    target = _nested(given, "target")
    if isinstance(target, Flaw):
        return [target]
    kind = target.get("type")
    if not isinstance(kind, str) or kind not in _TARGETS:
        return [_fatal("enum", f"The field target.type is none of {', '.join(_TARGETS)}.")]
    return _check(target, _TARGETS[kind], "target.") + _surplus(target, {"type", *_TARGETS[kind]}, "target.")


def check_snapshot(given: dict[str, object]) -> list[Flaw]:
    """Return everything that is wrong with the object ``given`` as a ledger snapshot (section 5)."""
    if given.get("type") != "SHADOW_LEDGER_SNAPSHOT":
        return [_fatal("unknown-type", "The field type is not SHADOW_LEDGER_SNAPSHOT.")]
    flaws = _check(given, _SNAPSHOT, "") + _surplus(given, {"type", "positions", *_SNAPSHOT}, "")
    positions = _nested(given, "positions")
    if isinstance(positions, Flaw):
        return [*flaws, positions]
    for market, position in positions.items():
        where = f"positions[{show(market)}]"
        if not isinstance(position, dict):
            flaws.append(_fatal("field-type", f"The field {where} must be an object."))
            continue
        flaws += _check(position, _POSITION, where + ".") + _surplus(position, set(_POSITION), where + ".")
    return flaws


def fields_of(kind: str) -> tuple[str, ...]:
    """Return the field names of an event type, a target type, a snapshot or a POSITION, in written order."""
    return _NAMES[kind]


_NAMES: dict[str, tuple[str, ...]] = {
    **{
        kind: ("type", *_COMMON, *rules, *((_OBJECTS[kind],) if kind in _OBJECTS else ()))
        for kind, rules in _FIELDS.items()
    },
    **{kind: ("type", *rules) for kind, rules in _TARGETS.items()},
    "SHADOW_LEDGER_SNAPSHOT": ("type", *_SNAPSHOT, "positions"),
    "POSITION": tuple(_POSITION),
}
