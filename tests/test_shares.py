"""What several processes make of a run is what one makes: each page once, by whichever of them, byte by byte."""

from __future__ import annotations

import random
import shutil
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from growing import SOON, damaged
from replayglass.account import Account
from replayglass.domains.paper.decode import decode_events
from replayglass.domains.paper.identity import Identity
from replayglass.domains.paper.lasttick import Examinable, needed
from replayglass.domains.paper.projection import BLOCK
from replayglass.errors import AccountError
from replayglass.output.disk import Disk
from replayglass.output.folder import Folder
from replayglass.output.published import read_manifest
from replayglass.output.stage import Stage
from replayglass.page import Page
from replayglass.pipeline import build
from replayglass.plan import Plan
from replayglass.publishedlogs import PublishedLogs
from replayglass.record import PAGE_SIZE
from replayglass.registry import domain_of
from replayglass.rendering import Rendering
from replayglass.run import open_run
from replayglass.share import STRETCH, WHOLE, Share
from replayglass.sharing.worker import render_share, taken
from replayglass.sources import Sources, silently
from sites import AUDIT, SAMPLE, SNAPSHOTS, command, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from replayglass.output.stage import Staged
    from replayglass.sharing.worker import Task


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of more events than are examined together."""
    run = tmp_path_factory.mktemp("long") / "run"
    assert command("simulate", "paper", "--events", "9000", "--seed", "8", "--out", run).exit_code == 0
    return run


def _made(run: Path, share: Share) -> dict[str, bytes]:
    """Return the files of a share; no path is given twice."""
    opened = open_run(run, domain_of(run))
    logs = PublishedLogs([stream.name for stream in opened.streams], None) if share.is_first else None
    sources = Sources(opened, silently, is_scanned=not share.is_first)
    files = list(Rendering(opened, logs, sources, share=share).files())
    assert len(dict(files)) == len(files)
    return dict(files)


def _other_markets(data: bytes) -> bytes:
    """Return events with ledger updates that name another market than the order intents before them."""
    lines = data.split(b"\n")
    return b"\n".join([line.replace(b"-USDT", b"-EUR") if b"LEDGER_UPDATED" in line else line for line in lines])


@pytest.mark.parametrize("seed", range(5))
def test_shares_are_disjoint_and_whole(seed: int, long: Path, tmp_path: Path) -> None:
    """Whatever is wrong with a run, its shares have no file in common, and together those of the whole."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    run = tmp_path / "run"
    shutil.copytree(long, run)
    (run / AUDIT).write_bytes(_other_markets((run / AUDIT).read_bytes()) if seed == 0 else (run / AUDIT).read_bytes())
    if seed > 1:
        for name in (AUDIT, SNAPSHOTS):
            (run / name).write_bytes(b"\n".join(damaged((run / name).read_bytes(), chance, often=0.05 / seed)))
    if seed == 4:
        (run / "replayglass.toml").write_text("[limits]\nmax_file_bytes = 65536\n")
    whole, count, records = _made(run, WHOLE), 2 + seed % 2, PAGE_SIZE * (BLOCK if seed < 3 else chance.randint(1, 6))
    parts = [_made(run, Share(number, count, records)) for number in range(count)]
    assert all(parts)
    assert sum(map(len, parts)) == len(whole)
    assert {path: data for part in parts for path, data in part.items()} == whole


def test_what_is_left_out_of_a_block_matters_to_no_other(long: Path) -> None:
    """Where a block of events is not told, examining what is needed of it reveals of the next what all of it does."""
    opened = open_run(long, domain_of(long))
    batches = list(islice(Sources(opened, silently).batches[opened.streams[0].name], 4))
    items = [item for batch in batches for item in decode_events(batch)[0]]
    for cut in (*range(1, 60), *range(60, 400, 7)):
        for redacted in (frozenset[int](), frozenset(range(cut - 3, cut))):
            before, after = Examinable(0, items[:cut], redacted), Examinable(cut, items[cut : cut + 40], frozenset())
            halved = [
                Examinable(0, items[: cut // 2], frozenset()),
                Examinable(cut // 2, items[cut // 2 : cut], frozenset()),
            ]
            answers = []
            for block in ([before], needed([before]), halved if not redacted else [before], needed(halved)):
                identity = Identity(3)
                identity.examine(block)
                answers.append(identity.examine([after]))
            assert answers[0] == answers[1]
            assert redacted or answers[2] == answers[3] == answers[0]
            assert cut < 30 or len(needed([before])[0].items) < cut


@contextmanager
def _here(tasks: Sequence[Task]) -> Iterator[Callable[[], Iterator[list[Staged]]]]:
    """Make all shares in this process."""
    yield lambda: (taken(render_share(task)) for task in tasks)


def test_what_workers_staged_is_published(tmp_path: Path) -> None:
    """Files that a worker staged are published with the others, and the manifest lists them."""

    @contextmanager
    def working(tasks: Sequence[Task]) -> Iterator[Callable[[], Iterator[list[Staged]]]]:
        (task,) = tasks
        place = task.workplace
        stage = Stage(None, Folder(place.tree, place.shown), {}, Disk())
        yield lambda: iter([[stage.put("v1/of-a-worker.json", b"{}\n")]])

    site = tmp_path / "site"
    build(SAMPLE, site, silently, jobs=2, executor=working)
    assert (site / "v1/of-a-worker.json").read_bytes() == b"{}\n"
    assert read_manifest(site)["v1/of-a-worker.json"].size == 3


@pytest.mark.no_cover
def test_a_shared_build_can_be_gone_on_with(tmp_path: Path) -> None:
    """What a build in shares puts aside is whole: a later build that goes on from it gives the site of a full one."""
    run = tmp_path / "run"
    size = STRETCH + 4_000
    assert command("simulate", "paper", "--events", str(size), "--out", run).exit_code == 0
    ends = {name: (run / name).read_bytes() for name in (AUDIT, SNAPSHOTS)}
    since = []
    for cut in (20_000, 0):
        for name, data in ends.items():
            (run / name).write_bytes(data[: len(data) - cut])
        build(run, tmp_path / "anew", silently, full=True)
        since.append(build(run, tmp_path / "site", silently, jobs=2, executor=_here, halting=SOON).since)
        assert tree(tmp_path / "site") == tree(tmp_path / "anew")
    assert since[0] == 0 < STRETCH < since[1]


def test_a_hollow_page_is_not_shown(long: Path) -> None:
    """A page that another process makes accounts for its records; only who makes it may say that it shows them."""
    run = open_run(long, domain_of(long))
    plan = Plan(run, share=Share(0, 2, 256))
    made = plan.artifacts(Sources(run, silently).batches)
    pages = [page for page in made if isinstance(page, Page) and page.shown and page.shown.stream == "audit-events"]
    hollow = [page for page in pages if not page.blocks]
    assert 0 < len(hollow) < len(pages)
    account = Account(stream.name for stream in run.streams)
    for page in pages[: pages.index(hollow[0])]:
        account.show(page)
    with pytest.raises(AccountError, match="does not show what it accounts for"):
        account.show(hollow[0])
