"""The pages of programs: a list of them, and for each a flow chart and the table of its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.cell import Code, Link
from replayglass.collection import Ranges, json_path, neighbours, row_document
from replayglass.domains.flow.definedrows import PROGRAM_COLUMNS, PROGRAMS, SCHEMA, VARIANTS
from replayglass.domains.flow.stepwords import fields_in_words, step_words
from replayglass.domains.flow.tree import children
from replayglass.drawings import Flowchart
from replayglass.page import Facts, Page, Prose, Rows, Table
from replayglass.row import page_path, row_href

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replayglass.cell import Cell
    from replayglass.domains.flow.definedrows import Defined, Entry
    from replayglass.drawings import Step
    from replayglass.facet import Facet
    from replayglass.page import Artifact, Block
    from replayglass.row import Row

MOST_STEPS = 1024
"""Steps that the table of a program lists; its JSON has all."""

_MOST_VARIANTS = 64
_COLUMNS = ("step", "does", "ways out", "fields of its spec")
_ABOUT = ("id", "steps", "kinds in order", "variants", "instances", "defined")
_INTRO = (
    "What instances run. Programs stand in the order of their first definition, as they were when the journal ended."
)
_NOTE = (
    "An instance runs step after step within a beat until one stops it. It stays at the step that stopped it, "
    "and goes on from there. What is stored again takes effect at once, in running instances too."
)
_NOTHING = "It has no steps: an instance that runs it is done at once."


def program_pages(defined: Defined, limit: int, started: Facet) -> Iterator[Artifact]:
    """Give a page and a document for each program, and the list of programs; files have ``limit`` bytes at most.

    ``started`` lists the instances by the program that they were started with.
    """
    ranges = Ranges(PROGRAMS, _ABOUT, PROGRAMS.folder)
    count = len(defined.flow.state.ledgers["program"])
    for entry in defined.entries("program"):
        row = defined.program(entry)
        yield from row_document(PROGRAMS, entry.number, [entry.json], limit, SCHEMA)
        instances = _instances(started, entry.name)
        yield _program_page(defined, entry, row, instances, full=entry.number + 1 < count)
        _, steps, kinds, *_, times = row.values
        bound = len(defined.bound.get(entry.name, ()))
        yield from ranges.add(1, (Code(entry.name), _shown(steps), _shown(kinds), bound, instances, _shown(times)))
    yield from ranges.finish()
    table = ranges.table()._replace(empty="No program was defined.")
    lists = Prose("Instances", [("What was started with which: ", Link("instances by program", started.home), ".")])
    yield Page(f"{PROGRAMS.folder}/index.html", "Programs", PROGRAMS.folder, [table, lists], _INTRO)


def _shown(value: object) -> Cell:
    return value if isinstance(value, int) else str(value)


def _instances(started: Facet, program: str) -> Cell:
    """Return how many instances were started with a program, leading to their list."""
    key = started.keys.get(program)
    return 0 if key is None else started.cell(program, f"{key.count:,}")


def _program_page(defined: Defined, entry: Entry, row: Row, instances: Cell, *, full: bool) -> Page:
    steps = [step_words(number, node, defined.known) for number, node in enumerate(entry.steps)]
    blocks: list[Block] = [
        Rows(PROGRAMS, PROGRAM_COLUMNS, [row]),
        Flowchart("How it runs", steps, _NOTE if steps else _NOTHING),
        _steps_table(entry, steps),
        Facts("Started with it", [("instances", instances)]),
        _variants_table(defined, entry.name),
    ]
    around, json = neighbours(PROGRAMS, entry.number, full=full), json_path(PROGRAMS, entry.number)
    path = page_path(PROGRAMS, entry.number)
    return Page(path, f"Program {entry.name}", PROGRAMS.folder, blocks, neighbours=around, json=json)


def _steps_table(entry: Entry, steps: Sequence[Step]) -> Table:
    """List the steps with all that the picture shows, and all fields of their specs."""
    lines: list[tuple[Cell, ...]] = []
    for step, node in zip(steps[:MOST_STEPS], entry.steps, strict=False):
        ways = "; ".join(f"{one.when}: {one.state}" for one in step.exits)
        spec = fields_in_words(children(node, "spec")) if isinstance(node, dict) else ""
        lines.append((step.number, f"{step.kind}: {step.words}", ways or None, Code(spec) if spec else None))
    title = "Steps" if len(lines) == len(steps) else f"The first {MOST_STEPS:,} of {len(steps):,} steps"
    return Table(title, _COLUMNS, lines, _NOTHING)


def _variants_table(defined: Defined, program: str) -> Table:
    bound = defined.bound.get(program, [])
    rows: list[tuple[Cell, ...]] = [
        (Link(defined.variants[number], row_href(VARIANTS, number)),) for number in bound[:_MOST_VARIANTS]
    ]
    title = "Variants that run it"
    if len(bound) > _MOST_VARIANTS:
        title = f"The first {_MOST_VARIANTS} of {len(bound):,} variants that run it"
    return Table(title, ("variant",), rows, "No variant runs it.")
