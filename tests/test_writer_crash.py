"""Whatever fails, whenever it fails: every file is whole, and the next build heals the site."""

import os
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from replayglass.errors import OutputError
from sitebuild import (
    NEW,
    OLD,
    Fault,
    Pages,
    assert_whole,
    build,
    failure_of,
    full,
    in_child,
    names,
    operations,
    put_link,
    tree,
)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a folder with a site of `OLD` named ``site`` and nothing else."""
    build(tmp_path / "old/site", OLD)
    return tmp_path / "old"


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("then", [NEW, OLD])
def test_killed_at_any_operation(old: Path, tmp_path: Path, then: Pages, *, links: bool) -> None:
    """A later build killed before any one of its operations leaves whole files, and the next build heals the site.

    It does so whether it publishes what the killed build wanted or something else.
    """
    trees = {id(OLD): tree(old / "site")}
    shutil.copytree(old, tmp_path / "new")
    count = len(operations(tmp_path / "new/site", NEW, links=links))
    trees[id(NEW)] = tree(tmp_path / "new/site")
    assert count > 60
    for number in range(count):
        site = shutil.copytree(old, tmp_path / f"{number}") / "site"
        fault = Fault(number, lambda: os._exit(9), links=links)
        assert in_child(lambda site=site, fault=fault: build(site, NEW, fault)) == 9  # type: ignore[misc]
        assert_whole(site, *trees.values())
        build(site, then, Fault(-9, full, links=links))
        assert tree(site) == trees[id(then)]
        assert names(site.parent) == ["site"]


def test_first_build_killed_at_any_operation(tmp_path: Path) -> None:
    """A first build killed before any one of its operations leaves no site or all of it, and the next build works."""
    count = len(operations(tmp_path / "clean/site", OLD))
    clean = tree(tmp_path / "clean/site")
    for number in range(count):
        site = tmp_path / f"{number}/site"
        assert in_child(lambda site=site, number=number: build(site, OLD, Fault(number, lambda: os._exit(9)))) == 9  # type: ignore[misc]
        assert not site.exists() or tree(site) == clean
        build(site, OLD)
        assert tree(site) == clean
        assert names(site.parent) == ["site"]


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("forever", [False, True])
def test_failure_at_any_operation(old: Path, tmp_path: Path, *, forever: bool, links: bool) -> None:
    """A disk that fails once, or from one moment on, gives one sentence; the old site stays, or the next build goes on.

    The failed build leaves no staging folder when the disk works again and the old site is untouched.
    """
    before = tree(old / "site")
    shutil.copytree(old, tmp_path / "new")
    heard = operations(tmp_path / "new/site", NEW, links=links)
    after = tree(tmp_path / "new/site")
    for number, (name, _) in enumerate(heard):
        site = shutil.copytree(old, tmp_path / f"{number}") / "site"
        fault = Fault(number, full, links=links)
        fault.action = lambda fault=fault: _fail(fault, forever=forever)  # type: ignore[misc]
        failure = failure_of(lambda site=site, fault=fault: build(site, NEW, fault))  # type: ignore[misc]
        if failure is None:
            assert name in {"unlink", "rmdir", "rmtree"}, "only clearing up may fail unnoticed"
            assert tree(site) == after
        else:
            assert failure.message.startswith(f"cannot write {site}")
            assert failure.message.endswith(": No space left on device")
            begun = "completes what was begun" in failure.hint
            assert begun or tree(site) == before
            assert begun == (site.parent / ".site.staging/journal.json").exists()
            assert begun or forever or name == "locked" or names(site.parent) == ["site"]
        assert_whole(site, before, after)
        build(site, NEW)
        assert tree(site) == after
        assert names(site.parent) == ["site"]


def _fail(fault: Fault, *, forever: bool) -> None:
    fault.left += forever
    full()


def interrupted(old: Path, at: str) -> Path:
    """Kill a build of `NEW` at its first operation ``at`` inside the site, and return the staging folder."""
    site = old / "site"

    def die(operation: str, path: str) -> None:
        if operation == at and path.startswith(f"{site}/"):
            os._exit(9)

    assert in_child(lambda: build(site, NEW, die)) == 9
    return old / ".site.staging"


def test_a_begun_commit_is_about_one_site(old: Path, tmp_path: Path) -> None:
    """When the site was deleted or replaced after a crash, the begun commit is dropped and not mixed into it."""
    for number, pages in enumerate([{}, {"index.html": b"another site"}]):
        folder = shutil.copytree(old, tmp_path / f"{number}")
        interrupted(folder, "replace")
        shutil.rmtree(folder / "site")
        build(tmp_path / f"other{number}/site", pages)
        if pages:
            shutil.copytree(tmp_path / f"other{number}/site", folder / "site")
        build(folder / "site", pages)
        assert tree(folder / "site") == tree(tmp_path / f"other{number}/site")


def _rewrite(path: Path, old: bytes, new: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(old, new))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda staging: (staging / "journal.json").write_bytes(b"{}"), r"the unfinished build beside .* is damaged"),
        (lambda staging: _rewrite(staging / "journal.json", b'"index.html"', b'"../x"'), r"beside .* is damaged"),
        (lambda staging: put_link(staging, "tree/index.html"), "index.html is a symbolic link"),
        (lambda staging: shutil.rmtree(staging / "tree"), "unfinished build is lost"),
        (lambda staging: (staging.parent / "site/log/audit/tile/0/000").touch(), "000 is in the way"),
    ],
)
def test_spoilt_journals_are_refused(old: Path, spoil: Callable[[Path], object], message: str) -> None:
    """A begun commit that cannot be completed as it was meant is refused, and every file stays whole."""
    before = tree(old / "site")
    staging = interrupted(old, "link")
    spoil(staging)
    with pytest.raises(OutputError, match=message) as caught:
        build(old / "site", NEW)
    assert caught.value.hint
    assert {path: tree(old / "site").get(path) for path in before} == before


def test_full_file(tmp_path: Path) -> None:
    """A file that the system cuts short stops the build with the file's name as the user would write it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OutputError, match=f"^cannot write {tmp_path}/site/a/b.html: File too large$"):
            build(tmp_path / "site", {"a/b.html": b"x" * 1001})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not tree(tmp_path)
