"""docs/l2-flow.md: every statement names a test that exists, tables are complete, and the worked example works."""

from __future__ import annotations

import ast
import json
import re
from functools import cache

from replayglass.domains.flow.rules import RULES_2, Rules
from replayglass.domains.flow.vm import Flow
from sites import REPO
from test_flow_outcomes import ALL

DOC = REPO / "docs" / "l2-flow.md"
_NAME = r"[a-z0-9_]+::[a-z0-9_]+"
_REFERENCES = re.compile(rf"\[({_NAME}(?:,\s+{_NAME})*)\]")
_BEGINS = ("- ", "|")


def document() -> str:
    """Return the document."""
    return DOC.read_text(encoding="utf-8")


def statements() -> list[str]:
    """Return what the sections state: rows of tables, items of lists, paragraphs; no headings and no code."""
    sections = re.sub(r"^```.*?^```$", "", document()[document().index("\n## ") :], flags=re.DOTALL | re.MULTILINE)
    found: list[str] = []
    goes_on = False
    for line in re.sub(r"^\|.*\|\n\|[-|]+\|$", "", sections, flags=re.MULTILINE).splitlines():
        is_text = bool(line) and not line.startswith("#")
        if is_text and goes_on and not line.startswith(_BEGINS):
            found[-1] += f" {line.strip()}"
        elif is_text:
            found.append(line)
        goes_on = is_text
    return found


def references(statement: str) -> list[str]:
    """Return the tests that a statement ends with."""
    ending = re.search(rf"{_REFERENCES.pattern}(?: \|)?$", statement)
    return re.split(r",\s+", ending[1]) if ending else []


@cache
def names_in(name: str) -> frozenset[str]:
    """Return the tests of the file ``tests/test_NAME.py``, without ``test_``."""
    path = REPO / "tests" / f"test_{name}.py"
    nodes = ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else []
    functions = (node.name for node in nodes if isinstance(node, ast.FunctionDef))
    return frozenset(function.removeprefix("test_") for function in functions if function.startswith("test_"))


def rows(heading: str) -> list[list[str]]:
    """Return the rows of the table of a section, in cells."""
    section = document().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_every_statement_names_a_test_that_exists() -> None:
    """Each row, item and paragraph of the reference ends with tests; each that is named anywhere in it exists."""
    stated = statements()
    assert len(stated) > 150
    assert [statement for statement in stated if not references(statement)] == []
    for found in _REFERENCES.findall(document()):
        for reference in re.split(r",\s+", found):
            file, name = reference.split("::")
            assert name in names_in(file), reference


def test_a_statement_without_a_test_is_seen() -> None:
    """A row, an item or a paragraph that ends without a reference has none."""
    for statement in ("| a | b |", "- a [flow_steps::guard] b", "a", "a [flow_steps]", "a [flow_steps::guard,x]"):
        assert references(statement) == []
    assert references("- a [flow_steps::guard, flow_rules::real_globs]") == [
        "flow_steps::guard",
        "flow_rules::real_globs",
    ]


def test_every_flag_has_its_row() -> None:
    """The table of the two rules has each flag once, in order, with the test of its name."""
    table = rows("Rules 1 and rules 2")
    flags = [name for name in Rules.__struct_fields__ if name != "version"]
    assert [row[0] for row in table] == [f"`{flag}`" for flag in flags]
    for flag, row in zip(flags, table, strict=True):
        assert f"flow_rules::{flag}" in references(f"{row[-1]} |")


def test_every_outcome_has_its_row() -> None:
    """The table of outcome codes has each code that a bucket can give, once."""
    told = [
        (bucket.strip("`"), code.strip("`"))
        for buckets, codes, *_ in rows("Outcome codes")
        for bucket in buckets.split(", ")
        for code in codes.split(", ")
    ]
    assert len(told) == len(set(told))
    reached = {(bucket, code) for bucket, code, _ in ALL if code != "ok"}
    assert set(told) == {*reached, ("inst_ctrl", "unknown-instance"), ("any", "ok"), ("any", "pending")}


def test_worked_example() -> None:
    """The journal of the reference comes to the states and to the cell that stand beside it."""
    journal, cell = (re.findall(rf"```{kind}\n(.*?)```", document(), re.DOTALL)[-1] for kind in ("ndjson", "json"))
    header, *lines = (json.loads(line) for line in journal.splitlines())
    assert (header["version"], header["rules"]) == (1, 2)
    flow = Flow(RULES_2)
    stood = {}
    for line in lines:
        if line["type"] == "intent":
            flow.submit(line["bucket"], line["txn"], line["fields"])
        else:
            stood.update({str(flow.beat().number): flow.dump()["flow"]})
    assert stood["5"]["decision"]["inst.a"]["main"] == json.loads(cell)
    told = {row[0]: row[1:4] for row in rows("Worked example")}
    for beat, (state, pc, decision) in told.items():
        node = stood[beat]["instance"]["inst.a"]
        where = [name for name in ("decision", "dec_archive") if stood[beat][name].get("inst.a")]
        assert (node["state"], node["pc"], where) == (state, pc, [] if decision == "none" else [decision.strip("`")])
