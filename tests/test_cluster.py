"""A build on a Dask cluster of real processes gives the same bytes as one here, also when a worker is killed."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

import dask.config
import pytest
from distributed import LocalCluster

from sites import FLOW, SAMPLE, command, installed, tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Return a cluster of two processes."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as made:
        yield made


def address(cluster: LocalCluster) -> str:
    """Return where its scheduler is, as --executor takes it."""
    return f"dask://{cluster.scheduler_address.removeprefix('tcp://')}"


@contextmanager
def killing(cluster: LocalCluster, staging: Path) -> Iterator[None]:
    """Kill one worker of a cluster as soon as a build has put pages into its staging folder."""
    (victim, *_) = (worker.process.process.pid for worker in cluster.workers.values())

    def kill() -> None:
        end = monotonic() + 60
        while monotonic() < end and not any((staging / "tree" / "events").glob("*")):
            sleep(0.01)
        os.kill(victim, signal.SIGKILL)

    killer = Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        killer.join()


@pytest.mark.parametrize("run", [SAMPLE, FLOW], ids=["paper", "flow"])
def test_a_cluster_gives_the_same_bytes(run: Path, cluster: LocalCluster, tmp_path: Path) -> None:
    """A site in four shares, three of them on the cluster, is the site that one process makes."""
    assert command("build", run, "--out", tmp_path / "1").exit_code == 0
    words = ("--jobs", "4", "--executor", address(cluster))
    assert command("build", run, "--out", tmp_path / "2", *words).exit_code == 0
    assert tree(tmp_path / "1") == tree(tmp_path / "2")


def test_a_worker_killed_in_the_middle(cluster: LocalCluster, tmp_path: Path) -> None:
    """When a worker is killed while it writes its share, another one makes that share, and the site is the same."""
    run = tmp_path / "run"
    assert command("simulate", "paper", "--events", "6000", "--seed", "8", "--out", run).exit_code == 0
    assert command("build", run, "--out", tmp_path / "1").exit_code == 0
    with killing(cluster, tmp_path / ".2.staging"):
        answer = command("build", run, "--out", tmp_path / "2", "--jobs", "3", "--executor", address(cluster))
    assert answer.exit_code == 0, answer.stderr
    assert tree(tmp_path / "1") == tree(tmp_path / "2")


def test_workers_that_die(tmp_path: Path) -> None:
    """When workers die over a share more often than the scheduler allows, the build fails whole, in one sentence."""
    run = tmp_path / "run"
    assert command("simulate", "paper", "--events", "6000", "--seed", "8", "--out", run).exit_code == 0
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster,
        killing(cluster, tmp_path / ".site.staging"),
    ):
        words = ("--jobs", "2", "--executor", address(cluster))
        answer = command("build", run, "--out", tmp_path / "site", *words)
    assert (answer.exit_code, [path.name for path in tmp_path.iterdir()]) == (2, ["run"])
    assert "the workers of the cluster died" in answer.stderr


@pytest.mark.parametrize("where", ["dask://", "dask://host", "dask://user@host:1", "dask://host:1/x", "cloud", ""])
def test_wrong_executors_are_refused(where: str, tmp_path: Path) -> None:
    """What is neither processes nor the address of a scheduler is refused in one sentence, before anything is read."""
    answer = command("build", SAMPLE, "--out", tmp_path / "site", "--executor", where)
    assert (answer.exit_code, answer.stderr.count("\n")) == (2, 1)
    assert "--executor" in answer.stderr


def test_a_scheduler_that_is_not_there(tmp_path: Path) -> None:
    """Where no scheduler listens, nothing is written."""
    answer = installed("build", SAMPLE, "--out", tmp_path / "site", "--jobs", "2", "--executor", "dask://127.0.0.1:1")
    assert (answer.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "there is no Dask scheduler at 127.0.0.1:1" in answer.stderr


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package a cluster is refused, with the command that installs it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    answer = command("build", SAMPLE, "--out", tmp_path / "site", "--jobs", "2", "--executor", "dask://127.0.0.1:1")
    assert answer.exit_code == 2
    assert "pip install 'replayglass[dask]'" in answer.stderr
