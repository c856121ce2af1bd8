"""How the runtime writes a line: JSON.stringify with its own key order (paper-runtime, sections 3 to 5)."""

from __future__ import annotations

import re
from json import JSONEncoder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replayglass.domains.paper.rules import Ledger, Position, Safety

_stringify = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_INDEX = re.compile("0|[1-9][0-9]{0,9}")
_MAX_INDEX = 2**32 - 2


def encode(text: str) -> bytes:
    r"""Return a line in UTF-8; a lone surrogate, which UTF-8 cannot hold, is escaped as ``\ud800``."""
    return text.encode("utf-8", "backslashreplace")


def js_key_order(key: str) -> tuple[bool, int]:
    """Return a sort key that orders an object's keys as JavaScript does: array indexes first, ascending."""
    is_index = _INDEX.fullmatch(key) is not None and int(key) <= _MAX_INDEX
    return (False, int(key)) if is_index else (True, 0)


def decision_evaluated(decision_id: str, strategy_instance_id: str, decision_class: str) -> str:
    """Return what DECISION_EVALUATED says after the keys that every event has."""
    return (
        f'"decisionId":"{decision_id}","strategyInstanceId":{_stringify(strategy_instance_id)},'
        f'"decisionClass":{_stringify(decision_class)}'
    )


def order_intent_created(order_intent_id: str, side: str, market_id: str) -> str:
    """Return what ORDER_INTENT_CREATED says."""
    return f'"orderIntentId":"{order_intent_id}","side":"{side}","marketId":{_stringify(market_id)}'


def order_intent_skipped(reason: str) -> str:
    """Return what ORDER_INTENT_SKIPPED says."""
    return f'"reason":"{reason}"'


def safety_evaluated(decision_id: str, safety: Safety) -> str:
    """Return what SAFETY_EVALUATED says; ALLOW has no reason."""
    kind, reason = safety.value
    because = f',"reason":"{reason}"' if reason else ""
    return f'"decisionId":"{decision_id}","result":{{"type":"{kind}"{because}}}'


def execution_attempted(decision_id: str, execution_id: str, plane: str) -> str:
    """Return what EXECUTION_ATTEMPTED says."""
    return f'"decisionId":"{decision_id}","executionId":"{execution_id}","plane":"{plane}"'


def execution_filled(decision_id: str, execution_id: str) -> str:
    """Return what EXECUTION_OUTCOME_RECORDED says of a filled order."""
    return f'"decisionId":"{decision_id}","executionId":"{execution_id}","status":"FILLED"'


def ledger_updated(plane: str, market_id: str) -> str:
    """Return what LEDGER_UPDATED says."""
    return f'"plane":"{plane}","marketId":{_stringify(market_id)}'


def feedback_recorded(feedback_id: str, category: str, target: Mapping[str, str | int]) -> str:
    """Return what USER_FEEDBACK_RECORDED says."""
    ordered = {key: target[key] for key in sorted(target, key=js_key_order)}
    return f'"feedbackId":"{feedback_id}","category":{_stringify(category)},"target":{_stringify(ordered)}'


def event(event_id: str, kind: str, time: int, said: str) -> str:
    """Return one audit event's line with its LF."""
    return f'{{"id":"{event_id}","type":"{kind}","version":1,"logicalTime":{time},"createdAtLogical":{time},{said}}}\n'


def snapshot(snapshot_id: str, time: int, ledger: Ledger) -> str:
    """Return one snapshot's line with its LF."""
    positions = ",".join(_position(ledger.positions[key]) for key in sorted(ledger.positions, key=js_key_order))
    return (
        f'{{"snapshotId":"{snapshot_id}","type":"SHADOW_LEDGER_SNAPSHOT","version":1,"logicalTime":{time},'
        f'"plane":"{ledger.plane}","positions":{{{positions}}}}}\n'
    )


def _position(position: Position) -> str:
    market = _stringify(position.market_id)
    return (
        f'{market}:{{"marketId":{market},"quantity":"{position.quantity}",'
        f'"isOpen":{"true" if position.is_open else "false"},"lastExecutionId":"{position.last_execution_id}"}}'
    )
