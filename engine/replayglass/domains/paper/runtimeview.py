"""What may be published of the runtime's configuration, and where its streams are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.canon import encode
from replayglass.cell import Code, Link
from replayglass.domains.paper.environment import status
from replayglass.domains.paper.places import EVENTS, SNAPSHOTS
from replayglass.domains.paper.streamdocs import Paths, StoredStream
from replayglass.page import Document, Facts, Page, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.cell import Cell
    from replayglass.domains.paper.environment import Environment
    from replayglass.page import Artifact, Block
    from replayglass.replay import Context, StreamFacts

_OBSERVE = "v1/observe"
_PLACES = {name: f"{place.folder}/index.html" for name, place in (("audit-events", EVENTS), ("snapshots", SNAPSHOTS))}


def runtime_artifacts(context: Context, environment: Environment) -> Iterator[Artifact]:
    """Give the status and paths documents and the runtime page."""
    answer = status(environment, context.config)
    title = "The runtime's status, as far as its configuration tells"
    yield Document(f"{_OBSERVE}/runtime/status.json", encode(answer), "runtime-status", title)
    paths = Paths(_stored(context.streams["audit-events"]), _stored(context.streams["snapshots"]))
    title = "Where the streams are, relative to the run"
    yield Document(f"{_OBSERVE}/persistence/paths.json", encode(paths), "persistence-paths", title)
    yield _page(context, environment, answer)


def _stored(facts: StreamFacts) -> StoredStream:
    return StoredStream(facts.path, facts.exists, facts.size)


def _page(context: Context, environment: Environment, answer: dict[str, str | None]) -> Page:
    has_file = context.files["runtime.env"] is not None
    missing = "None is set to a valid value." if has_file else "The run holds no runtime.env."
    withheld: list[tuple[Cell, ...]] = [(Code(name), "set; never published") for name in environment.withheld]
    unknown: list[tuple[Cell, ...]] = [(Code(name),) for name in environment.unknown]
    if environment.unnamed:
        unknown.append((f"{environment.unnamed} more, whose names are not shown",))
    blocks: list[Block] = [
        Facts("Status", [(name.replace("_", " "), value) for name, value in answer.items()]),
        Table("Settings", ("variable", "value"), [(Code(n), Code(v)) for n, v in environment.settings], missing),
        Table("Secrets", ("variable", "state"), withheld, "No variable that holds a secret is set."),
        Table("Other variables", ("variable",), unknown, "There are no other variables."),
        Table(
            "Streams",
            ("stream", "path in the run", "exists", "bytes on disk"),
            [
                (
                    Link(name, _PLACES[name]),
                    Code(facts.path),
                    "yes" if facts.exists else "no, nothing was written yet",
                    facts.size,
                )
                for name, facts in context.streams.items()
            ],
        ),
    ]
    intro = "From runtime.env: the variables that may be published. Of secrets only the names are shown."
    return Page("runtime/index.html", "Runtime", "runtime", blocks, intro)
