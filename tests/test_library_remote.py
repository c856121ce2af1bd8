"""A library behind a URL: it is what it would be in a folder, whatever fails, whoever else is at work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest

from publishing import Watched, make_sites, watched
from replayglass.library.catalogue import CATALOGUE
from replayglass.publish.claim import CLAIM, DRAFT
from sites import command, installed, tree
from test_publish_s3 import Bucket, Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from publishing import Sites

HOME = "memory://host/library"


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Sites:
    """Return sites of a run that grows."""
    return make_sites(tmp_path_factory.mktemp("sites"))


@pytest.fixture
def memory() -> Iterator[type[Watched]]:
    """Return a place in memory, empty."""
    with watched() as place:
        yield place


def steps(sites: Sites, library: str) -> list[tuple[str | Path, ...]]:
    """Return commands that fill a library, compare in it and remove from it."""
    return [
        ("add", sites.old, library, "--name", "one"),
        ("add", sites.new, library, "--name", "one"),
        ("add", sites.forged, library, "--name", "two"),
        ("diff", library, "one", "two"),
        ("prune", library, "--keep", "1"),
    ]


@pytest.fixture(scope="module")
def local(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, bytes]]:
    """Return all files of a library in a folder after each of the steps."""
    folder = tmp_path_factory.mktemp("local") / "library"
    trees = []
    for step in steps(sites, str(folder)):
        assert command("library", *step).exit_code in {0, 1}
        trees.append(tree(folder))
    return trees


def test_as_in_a_folder(sites: Sites, local: list[dict[str, bytes]], memory: type[Watched]) -> None:
    """After each command a library behind a URL holds the very files that one in a folder holds."""
    for step, files in zip(steps(sites, HOME), local, strict=True):
        assert command("library", *step).exit_code in {0, 1}
        assert memory.tree("host/library") == files
    refused = command("library", "add", sites.forged, HOME, "--name", "one")
    assert refused.exit_code == 2
    refused = command("library", "add", sites.middle, "memory://host", "--name", "one")
    assert (refused.exit_code, "is not a library" in refused.stderr) == (2, True)
    assert memory.tree("host/library") == local[-1]
    del memory.store["/host/library/runs/two/3/v1/index.json"]
    refused = command("library", "diff", HOME, "one", "two")
    assert (refused.exit_code, "host/library/runs/two/3 cannot be read as a site" in refused.stderr) == (2, True)


@pytest.mark.parametrize("step", [1, 4], ids=["add", "prune"])
def test_failures(step: int, sites: Sites, local: list[dict[str, bytes]], memory: type[Watched]) -> None:
    """Whatever operation fails, the command says so in a sentence, and the same command again completes it."""
    for words in steps(sites, HOME)[:step]:
        command("library", *words)
    start = dict(memory.store)
    words = steps(sites, HOME)[step]
    count = 0

    def fail(_operation: str, _path: str) -> None:
        nonlocal count
        count += 1
        if count == failing:
            raise ConnectionError

    failing = 0
    memory.watch(fail)
    command("library", *words)
    total = count
    assert total > 20
    for failing in range(1, total, max(1, total // 8)):
        memory.store.clear()
        memory.store.update(start)
        count = 0
        failed = command("library", *words)
        assert failed.exit_code in {0, 2}
        assert failed.exit_code == 0 or "it cannot be reached" in failed.stderr
        assert command("library", *words).exit_code == 0
        left = {path: data for path, data in memory.tree("host/library").items() if not path.endswith((CLAIM, DRAFT))}
        assert left == local[step], failing


def test_two_writers(sites: Sites, memory: type[Watched]) -> None:
    """Who finds the catalogue changed by somebody else stops with one sentence; again, both are there."""
    assert command("library", "add", sites.old, HOME, "--name", "one").exit_code == 0

    def interfere(operation: str, path: str) -> None:
        if operation == "pipe" and path.endswith("tile/0/000.p/5"):
            memory.watch()
            assert command("library", "add", sites.forged, HOME, "--name", "two").exit_code == 0

    memory.watch(interfere)
    answer = command("library", "add", sites.new, HOME, "--name", "one")
    assert (answer.exit_code, "another command has changed the library" in answer.stderr) == (2, True)
    assert command("library", "add", sites.new, HOME, "--name", "one").exit_code == 0
    page = memory.tree("host/library")["index.html"].decode()
    assert "2 runs, 3 publications." in page


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Give an S3 server, and its address and a key to every process."""
    started = Server()
    monkeypatch.setenv("AWS_ENDPOINT_URL", started.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    yield started
    started.stop()


def test_compare_and_swap_on_s3(sites: Sites, server: Server) -> None:
    """Where the store can tell, the catalogue is exchanged only if it is as it was at the very moment of writing."""
    bucket = Bucket(server, "library")
    client = boto3.client("s3", endpoint_url=server.url)

    def interfere(request: dict[str, Any]) -> None:
        if request["REQUEST_METHOD"] == "PUT" and request["PATH_INFO"].endswith(CATALOGUE):
            server.before = lambda _request: None
            client.put_object(Bucket="library", Key=f"reports/{CATALOGUE}", Body=b"of somebody else")

    server.before = interfere
    answer = installed("library", "add", sites.old, bucket.url, "--name", "one")
    assert (answer.exit_code, "another command has changed the library" in answer.stderr) == (2, True)
    assert bucket.tree() == {CATALOGUE: b"of somebody else"}
    client.delete_object(Bucket="library", Key=f"reports/{CATALOGUE}")
    assert command("library", "add", sites.old, bucket.url, "--name", "one").exit_code == 0
    assert "1 run, 1 publication." in bucket.tree()["index.html"].decode()
    assert bucket.headers("index.html") == ("text/html; charset=utf-8", "no-cache")
