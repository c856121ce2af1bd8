"""A published site opened for reading: what it says in short, and what of it is never used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from replayglass.errors import InputError
from replayglass.proof.leaf import DIGEST_PREFIX
from replayglass.publication.published import MAX_READ, PublishedSite
from replayglass.publication.said import Count, Holding
from replayglass.publication.streamlog import StreamLog
from replayglass.publication.summary import PublicationSummary, summarize
from signedsites import edit, publish, remanifest
from sites import AUDIT, FLOW, OBSERVE, SAMPLE, SMALL, build, copy, make_run, records

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sites import Site

STATUS = f"{OBSERVE}/runtime/status.json"
LEDGERS = f"{OBSERVE}/derived/ledgers.json"


def opened(folder: Path) -> PublishedSite:
    """Return the site in a folder."""
    return PublishedSite(str(folder), "A")


def summary_of(folder: Path) -> PublicationSummary:
    """Return what the site in a folder says in short."""
    return summarize(opened(folder))


def refusal(folder: Path) -> str:
    """Return why the site, or its log, cannot be read: one sentence that names it."""
    with pytest.raises(InputError, match="A cannot be read as a site: ") as raised:
        look(folder)
    return raised.value.message


def look(folder: Path) -> None:
    """Read what is read of every site."""
    site = opened(folder)
    summarize(site)
    StreamLog(site, "audit-events").record(0)


def test_a_paper_publication_in_short(site_of: Callable[[Path], Site]) -> None:
    """Verdict, counts, times, configuration, ledgers and checkpoints are those of the site's own documents."""
    site = site_of(SAMPLE)
    found = summary_of(site.folder)
    index = site.document("v1/index.json")
    assert found[1:5] == (index["generator_version"], "paper", index["title"], index["origin"])
    assert (found.first_time, found.last_time) == ("1", index["as_of_logical_time"])
    assert found.verdict == ("Clean: no errors, no warnings, nothing odd.", "good")
    logs = {log["stream"]: (log["size"], log["root"]) for log in site.document("v1/integrity.json")["logs"]}
    assert {stream: (head.size, head.root.hex()) for stream, head in found.heads.items()} == logs
    assert found.records == {stream: size for stream, (size, _) in logs.items()}
    by_type = site.document(f"{OBSERVE}/persistence/audit-events/summary.json")["counts_by_type"]
    assert {one.kind: one.number for one in found.said.counts if one.kind in by_type} == by_type
    assert found.said.settings == site.document(STATUS)
    assert [page.path for page in opened(site.folder).pages("v1/findings")] == ["v1/findings/pages/000000.json"]
    [plane] = site.document(LEDGERS)["planes"]
    held = {line.name: line.value for line in found.said.ledgers if line.ledger == "PAPER, latest snapshot"}
    assert {name: value.split(",")[0] for name, value in held.items()} == {
        one["marketId"]: one["quantity"] for one in plane["positions"]
    }


def test_a_flow_publication_in_short(site_of: Callable[[Path], Site]) -> None:
    """Of a flow run: what became of decisions, intents and instances, the rules, and where the ledger parts."""
    found = summary_of(site_of(FLOW.with_name("flow-diverged")).folder)
    assert (found.domain, found.first_time, found.findings) == ("flow", "0", {"flow.divergence": 1})
    assert {Count("beats", "all", 24), Count("decisions", "vetoed", 1)} <= set(found.said.counts)
    assert found.said.settings["rules"] == "2"
    [line] = found.said.ledgers
    assert line == Holding("recorded ledger", "against the journal", "diverged, first in beat 9 at close of inst.0")
    [proven] = summary_of(site_of(FLOW).folder).said.ledgers
    assert proven.value == "proven"


def test_a_run_without_events_has_no_times(tmp_path: Path) -> None:
    """Where nothing was written yet, no time is made up; nor where no record has one."""
    empty = summary_of(build(make_run(tmp_path / "empty", b""), tmp_path / "a").folder)
    timeless = summary_of(build(make_run(tmp_path / "timeless", b'{"logicalTime":"7"}\n{}\n'), tmp_path / "b").folder)
    assert empty.first_time is timeless.first_time is empty.last_time is None


def test_records_are_read_from_the_log(tmp_path: Path) -> None:
    """A record is its exact bytes, also where the log holds only its digest; one that was never read is None."""
    plain = records(SMALL / AUDIT)[0]
    rows = [plain, DIGEST_PREFIX, b'{"a":"' + b"x" * 70_000 + b'"}', b"y" * 2_000_000]
    config = "[limits]\nmax_line_bytes = 1048576\n"
    folder = publish(make_run(tmp_path / "run", b"\n".join([*rows, b""]), None, config), tmp_path / "site", None)
    log = StreamLog(opened(folder), "audit-events")
    assert [log.record(seq) for seq in range(log.size)] == [*rows[:3], None]
    assert log.root_at(log.size) == log.head.root


def test_only_what_the_manifest_lists_is_read(tmp_path: Path) -> None:
    """A file that is missing, was changed, is too large or is none of ours is refused in a sentence."""
    site = publish(SAMPLE, tmp_path / "site")
    (site / STATUS).write_bytes(b"{}")
    assert "is not the file that the site lists" in refusal(site)
    remanifest(site)
    assert "not written as ours" in refusal(site)
    with (site / STATUS).open("wb") as file:
        file.truncate(MAX_READ + 1)
    remanifest(site)
    assert f"at most {MAX_READ} are read" in refusal(site)
    (site / STATUS).unlink()
    remanifest(site)
    assert f"{STATUS} is missing" in refusal(site)


def test_what_no_site_has_is_refused(tmp_path: Path) -> None:
    """Neither an unknown kind of run, nor a log without a checkpoint or with another tile, nor a broken manifest."""
    site = publish(SAMPLE, tmp_path / "site")
    other = copy(site, tmp_path / "other")
    edit(other, "v1/index.json", b'"domain":"paper"', b'"domain":"paint"')
    remanifest(other)
    assert "a kind of run that this version does not know" in refusal(other)
    (site / "log/audit-events/tile/0/000.p/135").write_bytes(b"\0" * 32 * 135)
    remanifest(site)
    assert "do not have the root" in refusal(site)
    (site / "log/audit-events/checkpoint").unlink()
    remanifest(site)
    assert "has no checkpoint" in refusal(site)
    (site / "manifest.json").write_bytes(b"{}")
    assert "the manifest is damaged" in refusal(site)
    (site / "manifest.json").unlink()
    with pytest.raises(InputError, match="is not a site"):
        opened(site)
