"""The pages that are known when a flow run has ended: definitions, instances, and the first page of each list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.domains.flow import pages
from replayglass.domains.flow.divergencepages import PATH as DIVERGENCE
from replayglass.page import Badge, Code, Link, Page, Prose, Table, row_href

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.collection import Ranges
    from replayglass.domains.flow.finished import Finished
    from replayglass.page import Block, Cell


def end_pages(run: Finished, journal: Ranges) -> Iterator[Page]:
    """Give these pages; ``journal`` is the list of the journal's pages."""
    yield _definitions_page(run)
    yield _instances_page(run)
    yield from _list_pages(run, journal)


def _definitions_page(run: Finished) -> Page:
    blocks: list[Block] = []
    for name, program in run.flow["program"].items():
        steps = program.get("steps", {})
        listed = steps.items() if isinstance(steps, dict) else ()
        rows: list[tuple[Cell, ...]] = [(at, Code(_of(step, "kind")), _said(step)) for at, step in listed]
        blocks.append(Table(f"Program {name}", ("step", "kind", "spec"), rows, "It has no steps."))
    for title, ledger in (
        ("Variants", "variant"),
        ("Policies", "policy"),
        ("Niches", "niche"),
        ("Guardians", "guardian"),
    ):
        entries: list[tuple[Cell, ...]] = [
            (Code(name), _said({"spec": node})) for name, node in run.flow[ledger].items()
        ]
        blocks.append(Table(title, ("id", "fields"), entries, "None was defined."))
    intro = "What was defined when the journal ended. Niches and guardians are stored and never read."
    return Page(
        "flow/definitions/index.html", "Definitions", "flow/definitions", blocks, intro, json="v1/flow/definitions.json"
    )


def _of(node: object, name: str) -> str:
    value = node.get(name) if isinstance(node, dict) else None
    return value if isinstance(value, str) else ""


def _said(step: object) -> str:
    """Return the fields of a spec in one line; what is nested or kept from the request is left to the JSON."""
    spec = step.get("spec") if isinstance(step, dict) else None
    fields = spec.items() if isinstance(spec, dict) else ()
    return ", ".join(f"{name} {value}" for name, value in fields if isinstance(value, str))


def _instances_page(run: Finished) -> Page:
    rows: list[tuple[Cell, ...]] = []
    for name, node in run.flow["instance"].items():
        budget = node.get("budget", {})
        used = f"{_of(budget, 'steps_used') or 0} of {_of(budget, 'step_limit')}" if _of(budget, "step_limit") else None
        counts = (len(node.get(part, {})) for part in ("subs", "events", "emits"))
        state = _of(node, "state")
        badge = Badge(state, {"done": "good", "error": "bad", "paused": "warn"}.get(state, "note"))
        rows.append((Code(name), badge, _of(node, "pc"), Code(_of(node, "variant")), used, *counts))
    columns = ("instance", "state", "pc", "variant", "budget", "subscriptions", "events", "emits")
    table = Table("Instances", columns, rows, "No instance was started.")
    intro = "Every instance as it stood when the journal ended; its way there is in the lifecycle."
    return Page(
        "flow/instances/index.html", "Instances", "flow/instances", [table], intro, json="v1/flow/instances.json"
    )


def _list_pages(run: Finished, journal: Ranges) -> Iterator[Page]:
    shelves = run.shelves
    yield _list_page(
        "flow/decisions", "Decisions", "What happened to decisions, in order.", [shelves.decisions.ranges.table()]
    )
    yield _list_page("flow/recorded", "Recorded ledger", *_recorded_words(run))
    yield _list_page("flow/intents", "Intents", "Every executed intent with its outcome.", _intent_blocks(run))
    yield _list_page("flow/lifecycle", "Lifecycle", "Every change of an instance.", [shelves.lifecycle.ranges.table()])
    yield _list_page("flow/events", "Events", "Every status that an event got.", [shelves.events.ranges.table()])
    yield _list_page("flow/beats", "Beats", "Every executed beat in numbers.", [shelves.beats.ranges.table()])
    yield _list_page("flow/journal", "Journal", "Every line of the journal, exactly as written.", [journal.table()])


def _recorded_words(run: Finished) -> tuple[str, list[Block]]:
    if run.comparison.is_rederived:
        words = "The run recorded no ledger: what is shown as decided is re-derived from the journal."
        return words, [Prose("Nothing recorded", [("There is no flow/decisions.ndjson.",)])]
    compared = Prose("Compared", [("What it comes to, cell by cell: ", Link("the divergence", DIVERGENCE), ".")])
    return "Every line of the ledger that the runtime recorded.", [compared, run.recorded.shelf.ranges.table()]


def _intent_blocks(run: Finished) -> list[Block]:
    rows: list[tuple[Cell, ...]] = [
        (
            Link(str(one.row), row_href(pages.INTENTS, one.row)),
            one.beat,
            Code(one.outcome.bucket),
            Code(one.outcome.txn),
            Code(one.outcome.code),
        )
        for one in run.shelves.failures
    ]
    counts: list[tuple[Cell, ...]] = [(Code(code), count) for code, count in sorted(run.shelves.outcomes.items())]
    return [
        Table("The first that failed", ("intent", "beat", "bucket", "name", "outcome"), rows, "None failed."),
        Table("Outcomes", ("outcome", "count"), counts, "No intent was executed."),
        run.shelves.intents.ranges.table(),
    ]


def _list_page(folder: str, title: str, intro: str, blocks: list[Block]) -> Page:
    return Page(f"{folder}/index.html", title, folder, blocks, intro)
