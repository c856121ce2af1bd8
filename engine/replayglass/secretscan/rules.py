"""What the operator decided about the secrets that may be found: the tables ``[[secrets.rules]]``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from replayglass.errors import InputError
from replayglass.secretscan.detectors import BY_NAME
from replayglass.secretscan.search import find_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Action = Literal["redact", "allow"]
_ACTIONS: tuple[Action, ...] = ("redact", "allow")
_KEYS = ("detector", "action", "stream")
_STREAM = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_STREAM_LENGTH = 60


class SecretRule(NamedTuple):
    """What happens to the finds of one detector, in one stream or (None) everywhere."""

    detector: str
    action: Action
    stream: str | None = None


class Decisions:
    """Answers what was decided; a rule for the stream itself counts more than one for all."""

    def __init__(self, rules: Iterable[SecretRule]) -> None:
        self._actions = {(rule.detector, rule.stream): rule.action for rule in rules}

    def action(self, detector: str, stream: str) -> Action | None:
        """Return what to do with a find of ``detector`` in ``stream``, None if nobody decided."""
        return self._actions.get((detector, stream)) or self._actions.get((detector, None))


def read_rules(value: object, file: str) -> tuple[SecretRule, ...]:
    """Return the rules that ``secrets.rules`` of ``file`` holds.

    Raises:
        InputError: it is no list of tables, or one of them cannot be used; the message shows no value.
    """
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        message = f"secrets.rules in {file} must be tables, each begun with [[secrets.rules]]"
        raise InputError(message)
    rules: dict[tuple[str, str | None], SecretRule] = {}
    for number, table in enumerate(value, 1):
        rule = _rule(table, f"rule {number} of secrets.rules in {file}")
        if rules.setdefault((rule.detector, rule.stream), rule) is not rule:
            message = f"rule {number} of secrets.rules in {file} is about the same as one before it"
            raise InputError(message, "Keep one of the two.")
    return tuple(rules.values())


def shown_key(key: str) -> str:
    """Return how a message names the unknown ``key``: not at all if it looks like a secret."""
    found = find_secrets(key.encode("utf-8", "surrogatepass"))
    return f"an unknown key that looks like {found[0].detector.words}" if found else f"the unknown key {key[:60]!a}"


def _rule(table: Mapping[str, Any], place: str) -> SecretRule:
    unknown = next((key for key in table if key not in _KEYS), None)
    if unknown is not None:
        message = f"{place} has {shown_key(unknown)}"
        raise InputError(message, f"Known keys: {', '.join(_KEYS)}.")
    detector, action, stream = (table.get(key) for key in _KEYS)
    if not isinstance(detector, str) or detector not in BY_NAME:
        message = f"{place} needs a detector that is known"
        raise InputError(message, f"Known detectors: {', '.join(BY_NAME)}.")
    if action not in _ACTIONS:
        message = f'{place} needs an action, either "redact" or "allow"'
        raise InputError(message)
    if stream is not None and not _is_stream(stream):
        message = f'{place} has a stream that cannot be one, such as "audit-events"'
        raise InputError(message, "Leave it out if the rule is about all streams and the notes.")
    return SecretRule(detector, cast("Action", action), stream)


def _is_stream(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_STREAM_LENGTH and _STREAM.fullmatch(value) is not None
