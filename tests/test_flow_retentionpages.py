"""What is kept how, what left when, and the archive."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from replayglass.domains.flow.beat import Fate, Verdict
from replayglass.domains.flow.decision import Decision
from replayglass.domains.flow.keeping import MOST as DIRECTIVES
from replayglass.domains.flow.keeping import Keeping
from replayglass.domains.flow.retention import Plan
from replayglass.domains.flow.retentionpages import retention_artifacts
from replayglass.domains.flow.shelves import Shelves
from replayglass.domains.flow.vm import Flow
from replayglass.page import Page
from sites import FLOW
from test_flowsite import rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from replayglass.domains.flow.finished import Finished
    from replayglass.page import Artifact
    from sites import Site

Json = dict[str, Any]

LIMIT = 64 * 1024


def test_the_archive_is_what_was_archived(flow_run: Path, site_of: Callable[[Path], Site]) -> None:
    """The archive has every archived row in order, with the beat in which it was decided and how it was kept."""
    site = site_of(flow_run)
    wanted = [
        (
            row["row"],
            row["beat"],
            row["instance"],
            row["cell"]["choice"],
            row["cell"]["retain"],
            int(row["cell"]["beat"]),
        )
        for row in rows(site, "decisions")
        if row["fate"] == "archived"
    ]
    found = rows(site, "archive")
    assert wanted == [
        (row["decision"], row["beat"], row["instance"], row["choice"], row["directive"], row["decided"])
        for row in found
    ]
    assert [row["row"] for row in found] == list(range(len(found)))


@pytest.mark.parametrize("name", ["sample", "simulated"])
def test_retention_says_what_left_when(name: str, flow_run: Path, site_of: Callable[[Path], Site]) -> None:
    """Counts by directive and by beat add up to the rows of the decisions, and to what the index says is live."""
    site = site_of(FLOW if name == "sample" else flow_run)
    document = site.document("v1/flow/retention.json")
    fates = site.document("v1/flow/index.json")["fates"]
    for fate in ("archived", "expired"):
        assert sum(document[fate]) == fates[fate] == sum(one[fate] for one in document["directives"])
    live = sum(one["recorded"] - one["archived"] - one["expired"] for one in document["directives"])
    assert live == sum(one["live"] for one in rows(site, "policies"))
    kept = {row["cell"]["retain"] for row in rows(site, "decisions") if row["fate"] == "recorded"}
    assert {one["directive"] for one in document["directives"]} == kept
    last = site.document("v1/flow/index.json")["beats"]
    assert all(entry["beat"] >= last and entry["cells"] for entry in document["leaving"])
    assert "flow/decisions/fates/expired/index.html" in (site.folder / "flow" / "retention" / "index.html").read_text()


def verdict(fate: Fate, span: int, policy: str | None = None) -> Verdict:
    """Return what happened to a decision that is kept for ``span`` beats."""
    cell = Decision("yes", "main", None, 0, 1, policy, retain=Plan("archive", span) if span else None, upto=1 + span)
    return Verdict(fate, "inst.a", "main", cell)


def test_directives_are_bounded() -> None:
    """The first 256 directives are counted one by one, the rest together; an unkept cell is no directive."""
    keeping = Keeping(LIMIT)
    for span in range(DIRECTIVES + 9):
        list(keeping.take(0, span, verdict(Fate.RECORDED, span)))
    list(keeping.take(5, 999, verdict(Fate.ARCHIVED, DIRECTIVES + 5)))
    list(keeping.take(5, 1000, verdict(Fate.ARCHIVED, 7, "pol.a")))
    counts = {count.directive: count for count in keeping.counts()}
    assert len(counts) == DIRECTIVES + 1
    assert (counts["archive:7"][1:], counts[None][1:]) == ((1, 1, 0), (9, 1, 0))
    flow, shelves = Flow(), Shelves(LIMIT)
    shelves.keeping = keeping
    flow.state.due = {number: [("inst.a", "main")] for number in range(40)}
    flow.state.due_beats = list(flow.state.due)
    run = SimpleNamespace(replay=SimpleNamespace(flow=flow), shelves=shelves, limit=LIMIT)
    made: list[Artifact] = list(retention_artifacts(cast("Finished", run)))
    text = str(made[1])
    assert "all others" in text
    assert "the first 16 of 40 beats" in text
    assert "no policy" in str(next(one for one in keeping.archive.finish() if isinstance(one, Page)))
