"""What is wrong with the fields of a line, each flaw with a stable code: the slow and exact reading."""

from __future__ import annotations

import json
from collections.abc import Callable

from replayglass.damage import Flaw
from replayglass.domains.flow.beat import Fate
from replayglass.domains.flow.lines import MAX_BEAT, VERSION
from replayglass.domains.flow.names import MAX_NAME, is_name
from replayglass.domains.flow.state import BUCKETS
from replayglass.domains.flow.tree import MAX_DEPTH
from replayglass.record import Severity

MAX_CELL_DEPTH = MAX_DEPTH + 2
"""Dictionaries inside each other in a cell: a payload lies one level deeper there than in its intent, a link too."""

_SHOWN = 40


_Wrong = tuple[str, str]
_Rule = Callable[[object], "_Wrong | None"]
"""Answers None for a good value, else a code and the rest of a sentence that begins with the field."""

Rules = dict[str, dict[str, _Rule]]
"""The fields of each type of line, and the rule of each field."""


def show(value: object) -> str:
    """Return a value of somebody else for a message: printable ASCII only, cut after 40 characters."""
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'an array'} of {len(value)}"
    if not isinstance(value, str):
        return json.dumps(value)[:_SHOWN]
    return ascii(value if len(value) <= _SHOWN else value[:_SHOWN] + "...")


def is_text(text: str) -> bool:
    """Say whether a text can be written as UTF-8, which a lone surrogate cannot."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def tree_flaw(tree: dict[str, object], depth: int = MAX_DEPTH, *, links: bool = False) -> str | None:
    """Return where and why ``tree`` is no tree of texts (with links, if they may be), None if it is one."""
    if depth == 0:
        return "nests too deep"
    for name, value in tree.items():
        if not is_text(name):
            return f"has the name {show(name)}, which holds a lone surrogate"
        if isinstance(value, str):
            problem = None if is_text(value) else "is a text that holds a lone surrogate"
        elif isinstance(value, dict):
            problem = tree_flaw(value, depth - 1, links=links)
        else:
            problem = None if links and value is None and name == "$link" else f"must be a text, found {show(value)}"
        if problem is not None:
            return f"at {show(name)} {problem}"
    return None


def _text(value: object) -> _Wrong | None:
    if not isinstance(value, str):
        return "flow.field-type", f"must be a text, found {show(value)}"
    return None if is_text(value) else ("flow.field-type", "must be a text, found one that holds a lone surrogate")


def _optional_text(value: object) -> _Wrong | None:
    return None if value is None else _text(value)


def _number(value: object) -> _Wrong | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_BEAT:
        return None
    return "flow.field-type", f"must be a whole number from 0 to 2^53 - 1, found {show(value)}"


def _one_of(code: str, *allowed: object) -> _Rule:
    words = " or ".join(map(str, allowed))

    def rule(value: object) -> _Wrong | None:
        if not isinstance(value, bool | float) and value in allowed:
            return None
        return code, f"must be {words}, found {show(value)}"

    return rule


def _txn(value: object) -> _Wrong | None:
    if isinstance(value, str) and not is_name(value):
        return "flow.intent-name", f"must have 1 to {MAX_NAME} bytes"
    return _text(value)


def _tree(code: str, depth: int, *, links: bool) -> _Rule:
    def rule(value: object) -> _Wrong | None:
        if not isinstance(value, dict):
            return code, f"must be an object, found {show(value)}"
        problem = tree_flaw(value, depth, links=links)
        return None if problem is None else (code, problem)

    return rule


JOURNAL_RULES: Rules = {
    "header": {
        "version": _one_of("flow.unknown-version", VERSION),
        "rules": _one_of("flow.unknown-rules", 1, 2),
        "name": _text,
        "origin": _optional_text,
    },
    "intent": {
        "beat": _number,
        "bucket": _one_of("flow.unknown-bucket", *BUCKETS),
        "txn": _txn,
        "fields": _tree("flow.intent-fields", MAX_DEPTH, links=False),
    },
    "beat": {"beat": _number},
}
LEDGER_RULES: Rules = {
    "decision": {
        "fate": _one_of("flow.unknown-fate", *Fate),
        "beat": _number,
        "instance": _text,
        "site": _text,
        "cell": _tree("flow.cell-fields", MAX_CELL_DEPTH, links=True),
    }
}


def check(given: dict[str, object], forms: Rules) -> list[Flaw]:
    """Return everything that is wrong with the object ``given`` as a line of one of ``forms``."""
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in forms:
        found = show(kind) if "type" in given else "none"
        return [_fatal("flow.unknown-type", f"The field type must be {' or '.join(forms)}, found {found}.")]
    flaws = []
    for name, rule in forms[kind].items():
        if name not in given:
            flaws.append(_fatal("flow.missing-field", f"The field {name} is missing."))
        elif (wrong := rule(given[name])) is not None:
            flaws.append(_fatal(wrong[0], f"The field {name} {wrong[1]}."))
    return flaws + [
        Flaw("flow.surplus-field", Severity.INFO, f"The field {show(name)} is not in the format; it is not used.")
        for name in given
        if name != "type" and name not in forms[kind]
    ]


def _fatal(code: str, message: str) -> Flaw:
    return Flaw(code, Severity.ERROR, message, fatal=True)
