"""The documentation of the findings has every code, no code that is gone, and the right severities."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

import pytest

from replayglass.domains.paper.rulebook import RULES
from sites import EXTRA, PAPER, REPO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sites import Site

SOURCE = REPO / "engine" / "replayglass"
_FAMILIES = (
    r"(?:ndjson|stream|encoding|json|schema|replay|env|note"
    r"|tick|safety|ledger|plane|time|duplicate|identity|snapshot|secret|flow)"
)
_CODE = re.compile(_FAMILIES + r"\.[a-z0-9]+(?:-[a-z0-9]+)*")
_FILE = re.compile(r".*\.(?:json|html|env|ndjson)")
_RULE = re.compile(r"([a-z]+(?:-[a-z]+)*) (?:must be|is no|$)")
_SHORT = {"_fatal", "_flaw"}


class Row(NamedTuple):
    """What is documented of a code."""

    severities: tuple[str, ...]
    meaning: str
    remedy: str


def documented() -> dict[str, Row]:
    """Return the rows of docs/findings.md by code."""
    rows = {}
    for line in (REPO / "docs" / "findings.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].startswith("`"):
            code, severities, meaning, remedy = cells
            assert code.strip("`") not in rows
            rows[code.strip("`")] = Row(tuple(severities.split(", ")), meaning, remedy)
    return rows


def texts(node: ast.AST) -> Iterator[str]:
    """Give the texts in an expression; a formatted one as far as its first value."""
    for part in ast.walk(node):
        if isinstance(part, ast.JoinedStr) and part.values and isinstance(part.values[0], ast.Constant):
            yield str(part.values[0].value)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def used() -> set[str]:
    """Return every code that the source can report.

    A code stands in full, or without its family as the first argument of a short form, or (in the rules of the
    schema) as the first word of a sentence part.
    """
    codes = set()
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        codes |= {text for text in texts(tree) if _CODE.fullmatch(text) and not _FILE.fullmatch(text)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _SHORT:
                codes |= {f"schema.{text}" for text in texts(node.args[0]) if not _CODE.fullmatch(text)}
            elif path.name == "schema.py" and isinstance(node, ast.Return) and node.value is not None:
                codes |= {f"schema.{found[1]}" for text in texts(node.value) if (found := _RULE.match(text))}
    return codes


def test_every_code_is_documented_and_no_other() -> None:
    """docs/findings.md and the source name the same codes."""
    assert documented().keys() == used()


def test_every_row_says_something() -> None:
    """Each row has known severities, a meaning and what to do."""
    for code, row in documented().items():
        assert set(row.severities) <= {"error", "warning", "info"}, code
        assert row.meaning.endswith("."), code
        assert row.remedy.endswith("."), code


def test_the_rules_have_their_documented_severities() -> None:
    """Each rule is documented with its severity; those that a damaged record may explain are warnings too."""
    rows = documented()
    for rule in RULES:
        severities = rows[rule.code].severities
        assert severities[0] == rule.severity, rule.code
        may_be_explained = rule.code in {"safety.nothing-open", "ledger.second-position"} or (
            rule.code.startswith("snapshot.") and rule.code != "snapshot.time-backwards"
        )
        assert (severities[1:] == ("warning",)) == (rule.severity == "error" and may_be_explained), rule.code


RUNS = [*EXTRA, *sorted(path for path in (PAPER / "bad").iterdir() if path.is_dir())]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_findings_have_the_documented_severity(run: Path, site_of: Callable[[Path], Site]) -> None:
    """What a site reports has a code that is documented with the severity it has there."""
    rows = documented()
    for finding in site_of(run).findings():
        assert finding["severity"] in rows[finding["code"]].severities


def test_the_readers_documents_name_only_documented_codes() -> None:
    """The other documents mention no code that is not in findings.md."""
    for path in [*(REPO / "docs").rglob("*.md"), REPO / "README.md"]:
        mentioned = set(re.findall(rf"`({_CODE.pattern})`", path.read_text()))
        assert {code for code in mentioned if not _FILE.fullmatch(code)} <= documented().keys(), path
