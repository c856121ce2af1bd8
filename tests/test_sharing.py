"""A build by several processes gives the same bytes as one by one process, or fails whole."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from multiprocessing import active_children
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from replayglass.errors import InputError, OutputError
from replayglass.output.writer import SiteWriter
from replayglass.registry import domain_of
from replayglass.run import open_run
from replayglass.share import RANGE, WHOLE, Share, shares
from replayglass.sharing.processes import spread
from replayglass.sharing.worker import ends_of, pinned
from sharedtasks import task_of
from sites import AUDIT, FLOW, PAPER, SAMPLE, command, tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from replayglass.output.stage import Staged
    from replayglass.sharing.worker import Task

RUNS = {"paper": SAMPLE, "flow": FLOW, "damaged": PAPER / "bad" / "invalid_utf8"}


@pytest.mark.parametrize("name", RUNS)
def test_shares_make_up_the_whole(name: str, tmp_path: Path) -> None:
    """Two processes publish what one does, also over an earlier site."""
    for jobs in (1, 2):
        answer = command("build", RUNS[name], "--out", tmp_path / f"{jobs}", "--jobs", str(jobs))
        assert answer.exit_code in (0, 1), answer.stderr
    assert tree(tmp_path / "1") == tree(tmp_path / "2")
    again = command("build", RUNS[name], "--out", tmp_path / "1", "--jobs", "2", "--full", "--json").json
    assert again["changed"] == 0


@pytest.mark.no_cover
@pytest.mark.parametrize(("seed", "instances"), [(1, "120"), (2, "80")])
def test_a_ledger_is_the_same_for_any_number_of_workers(seed: int, instances: str, tmp_path: Path) -> None:
    """A simulated journal under rules 2 gives the identical ledger, and site, for one worker, two and five."""
    run = tmp_path / "run"
    size = ("--instances", instances, "--beats", "60")
    assert command("simulate", "flow", "--seed", str(seed), *size, "--out", run).exit_code == 0
    for jobs in (1, 2, 5):
        assert command("build", run, "--out", tmp_path / f"{jobs}", "--jobs", str(jobs)).exit_code == 0
    assert tree(tmp_path / "1") == tree(tmp_path / "2") == tree(tmp_path / "5")


def test_each_page_has_one_worker() -> None:
    """Each file belongs to exactly one share; pages that follow each other mostly to the same one."""
    paths = [f"events/{number:06d}.html" for number in range(200)] + [
        "index.html",
        "v1/a/pages/000123.json",
        "a\n/000040.html",
    ]
    for count in (1, 2, 3, 7):
        owners = [[share.number for share in shares(count) if share.has(path)] for path in paths]
        assert all(len(owner) == 1 for owner in owners)
        assert owners[:RANGE] == [[0]] * RANGE
        assert {owner[0] for owner in owners} == set(range(count))
    assert WHOLE.has("events/000999.html")


@contextmanager
def killing(*, once: bool) -> Iterator[None]:
    """Kill worker processes as soon as they are there: the first ones, or all of them."""
    over = Event()

    def kill() -> None:
        while not over.wait(0.01):
            children = active_children()
            for child in children:
                child.kill()
            if children and once:
                return

    thread = Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    """A build whose worker was killed gives the same site."""
    assert command("build", SAMPLE, "--out", tmp_path / "1").exit_code == 0
    with killing(once=True):
        assert command("build", SAMPLE, "--out", tmp_path / "2", "--jobs", "2").exit_code == 0
    assert tree(tmp_path / "1") == tree(tmp_path / "2")


def test_a_worker_that_dies_again_fails_the_build(tmp_path: Path) -> None:
    """A build whose workers all die writes nothing, and says so in one sentence."""
    with killing(once=False):
        answer = command("build", SAMPLE, "--out", tmp_path / "site", "--jobs", "2")
    assert (answer.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "a worker process died" in answer.stderr


def test_what_a_dead_worker_left_is_exchanged(tmp_path: Path) -> None:
    """A worker that takes another's place writes over what that one had written."""
    with SiteWriter(tmp_path / "site") as site:
        task = task_of(FLOW, site, Share(0, 1))
        made = [[set(answer) for answer in _answers(each)] for each in (task, task._replace(is_again=True))]
        assert made[0] == made[1]
        with pytest.raises(OutputError, match="File exists"):
            _answers(task)


def _answers(task: Task) -> list[list[Staged]]:
    with spread([task]) as answers:
        return list(answers())


def test_a_run_that_changes_under_the_hands(tmp_path: Path) -> None:
    """What is appended during a build is not read; what else changes in the run folder ends the build."""
    run = tmp_path / "run"
    shutil.copytree(SAMPLE, run)
    with SiteWriter(tmp_path / "site") as site:
        task = task_of(run, site, Share(1, 2))
        (before,) = _answers(task)
        with (run / AUDIT).open("ab") as file:
            file.write(b"{}\n")
        (after,) = _answers(task._replace(is_again=True))
        assert before == after
        (run / "replayglass.toml").write_text('title = "Another"\n')
        with pytest.raises(OutputError, match="the run was changed while it was read"):
            _answers(task._replace(is_again=True))


def test_other_segments_are_another_run() -> None:
    """A run with more segments than a build began with is refused."""
    run = open_run(SAMPLE, domain_of(SAMPLE))
    with pytest.raises(InputError, match="changed while it was read"):
        pinned(run, dict.fromkeys(ends_of(run), ()))


def test_a_file_is_taken_in_once(tmp_path: Path) -> None:
    """A file that two workers claim to have made is an error of ours, and no site."""
    with SiteWriter(tmp_path / "site") as site:
        staged = _answers(task_of(FLOW, site, WHOLE))[0][0]
        site.adopt(staged)
        with pytest.raises(ValueError, match="written twice"):
            site.adopt(staged)


def test_a_site_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A worker that cannot use the site or its staging folder says so in one sentence."""
    with SiteWriter(tmp_path / "site") as site:
        task = task_of(FLOW, site, Share(0, 1))
    with pytest.raises(OutputError):
        _answers(task._replace(workplace=task.workplace._replace(tree=str(tmp_path / "gone" / "tree"))))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    with pytest.raises(OutputError):
        _answers(task._replace(workplace=task.workplace._replace(site=str(tmp_path / "other"))))
