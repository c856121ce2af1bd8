"""Two builds at once: one wins, the other says so."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from replayglass.errors import OutputError
from replayglass.output.writer import SiteWriter
from sitebuild import NEW, OLD, Pages, build, failure_of, full, in_child, names, say, tree


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a folder with a site of `OLD` named ``site`` and nothing else."""
    build(tmp_path / "old/site", OLD)
    return tmp_path / "old"


def test_two_builds_at_once(old: Path) -> None:
    """While one process builds, another one is told so and changes nothing; afterwards it can build."""
    heard, said = os.pipe()
    waiting, go = os.pipe()

    def hold() -> None:
        with SiteWriter(old / "site") as writer:
            say(said)
            os.read(waiting, 1)
            writer.write("index.html", b"first")
            writer.commit()

    child = os.fork()
    if child == 0:
        os.close(go)  # so that the end of the test process wakes it up as well
        os._exit(in_child(hold))
    os.close(said)
    assert os.read(heard, 1)
    with pytest.raises(OutputError, match=f"^another build is writing to {old}/site$") as caught:
        build(old / "site", NEW)
    assert caught.value.hint
    say(go)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (old / "site/index.html").read_bytes() == b"first"
    build(old / "site", NEW)
    for pipe in (heard, waiting, go):
        os.close(pipe)


def test_many_builds_at_once(tmp_path: Path) -> None:
    """Processes that build in turn and at once never fail but by being told so, and leave one whole site."""
    site = tmp_path / "a/site"

    def repeat(pages: Pages) -> None:
        for _ in range(60):
            failure = failure_of(lambda: build(site, pages))
            assert failure is None or failure.message == f"another build is writing to {site}"

    children = []
    for number in range(4):
        child = os.fork()
        if child == 0:
            os._exit(in_child(lambda number=number: repeat((OLD, NEW)[number % 2])))  # type: ignore[misc]
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4
    build(tmp_path / "old", OLD)
    build(tmp_path / "new", NEW)
    assert tree(site) in (tree(tmp_path / "old"), tree(tmp_path / "new"))
    assert names(site.parent) == ["site"]


def _once(operation: str, action: Callable[[Path], object]) -> Callable[[str, str], None]:
    todo = [action]

    def announce(name: str, path: str) -> None:
        if name == operation and todo:
            todo.pop()(Path(path))

    return announce


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("lock", lambda staging: staging.rmdir()),
        ("locked", shutil.rmtree),
        ("locked", lambda staging: ((staging / "replayglass.lock").unlink(), (staging / "replayglass.lock").touch())),
    ],
)
def test_lock_survives_the_end_of_another_build(
    tmp_path: Path, operation: str, action: Callable[[Path], object]
) -> None:
    """A build whose staging folder or lock file another build removes meanwhile takes a lock that guards something."""
    build(tmp_path / "site", OLD, _once(operation, action))
    assert names(tmp_path) == ["site"]


def test_lock_gives_up(tmp_path: Path) -> None:
    """A build that never gets a lock that guards something says that another one is writing."""
    with pytest.raises(OutputError, match="another build"):
        build(tmp_path / "site", OLD, lambda name, path: shutil.rmtree(path) if name == "locked" else None)
    assert not tree(tmp_path)


def test_lock_is_free_when_forked_workers_live_on(old: Path) -> None:
    """A worker forked during a build does not keep the folder locked after it, even when the commit broke off."""
    waiting, go = os.pipe()
    children = []

    def fork_then_fail(operation: str, path: str) -> None:
        if operation == "replace" and path == f"{old}/site/index.html":
            children.append(os.fork())
            if children[0] == 0:
                os.close(go)  # so that the end of the test process wakes it up as well
                os.read(waiting, 1)
                os._exit(0)
            full()

    with pytest.raises(OutputError, match="No space left"):
        build(old / "site", NEW, fork_then_fail)
    assert (old / ".site.staging/replayglass.lock").exists()
    build(old / "site", NEW)
    say(go)
    assert os.waitpid(children[0], 0)[1] == 0
    for pipe in (waiting, go):
        os.close(pipe)
