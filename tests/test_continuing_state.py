"""What a build goes on from is only an optimisation: whatever is wrong with it, the site is that of a full build."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple, cast

import pytest

from growing import SOON, Growing, halves
from replayglass.coldrows import ColdRows
from replayglass.continuing.aside import Aside, load
from replayglass.continuing.freezer import FreezeError, freeze, thaw
from replayglass.continuing.keeper import Keeper
from replayglass.continuing.prefix import is_there
from replayglass.continuing.statefile import MAGIC, Draft, read_state
from replayglass.errors import OutputError, ReplayglassError
from replayglass.output.disk import Disk
from replayglass.output.manifest import FileEntry
from replayglass.pipeline import build
from replayglass.plan import Plan
from replayglass.proof.rewritten import RewrittenError
from replayglass.record import Severity
from replayglass.registry import domain_of
from replayglass.run import open_run
from replayglass.secretscan.refusal import SecretError
from replayglass.sources import Sources
from signedsites import pem
from sites import AUDIT, REPO, SAMPLE, SNAPSHOTS, command, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from replayglass.record import Batch


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Growing:
    """Return a run of which the first half is published, and which has grown since."""
    folder = tmp_path_factory.mktemp("half")
    assert command("simulate", "paper", "--events", "1500", "--seed", "5", "--out", folder / "end").exit_code == 0
    growing = Growing.to(folder / "end", folder)
    halves(growing)
    return growing


@pytest.fixture
def growing(half: Growing, tmp_path: Path) -> Growing:
    """Return a copy of that run and its sites."""
    shutil.copytree(half.sites, tmp_path / "copy")
    return Growing(tmp_path / "copy" / "run", half.end, tmp_path / "copy")


def test_it_goes_on(growing: Growing) -> None:
    """With the state as it was left, the next build goes on."""
    assert growing.publish().since > 0


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


WRONG: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda data: data[:-1],
    "empty": lambda _: b"",
    "only its name": lambda _: MAGIC,
    "another version": lambda data: data.replace(b"state 2", b"state 1", 1),
    "cut off in the state": lambda data: data[:5000],
    "another key": lambda data: _flip(data, len(MAGIC)),
    "a flipped bit": lambda data: _flip(data, len(data) // 2),
    "a size that is no number": lambda data: data[: len(MAGIC) + 192] + b"x" * 32 + data[len(MAGIC) + 224 :],
}


class Parts(NamedTuple):
    """What a state file is made of."""

    key: str
    head: bytes
    state: bytes

    @classmethod
    def of(cls, path: Path) -> Parts:
        """Return the parts of a file that is whole."""
        stored = read_state(str(path))
        assert stored is not None
        with stored.state:
            return cls(stored.key, stored.head, stored.state.read(stored.size))

    def write(self, path: Path) -> None:
        """Write the file."""
        with Draft(str(path)) as draft:
            draft.fill(lambda sink: sink.write(self.state))
            draft.finish(self.key, self.head)


def frozen(state: object, **outside: object) -> bytes:
    """Return a state as bytes."""
    file = BytesIO()
    freeze(state, outside, file)
    return file.getvalue()


FORGED: dict[str, Callable[[Parts, Aside], Parts]] = {
    "a head that is no pickle": lambda parts, _: parts._replace(head=b"no pickle"),
    "a head of another form": lambda parts, _: parts._replace(head=frozen(("no", "aside"))),
    "a state that is no pickle": lambda parts, _: parts._replace(state=b"no pickle"),
    "a state of another form": lambda parts, _: parts._replace(state=frozen(1)),
    "a file that was never published": lambda parts, aside: parts._replace(
        head=frozen(aside._replace(files=(*aside.files, FileEntry("events/999999.html", "0" * 64, 1))))
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_state_that_is_not_whole_is_not_used(growing: Growing, wrong: str) -> None:
    """A state that is damaged, of another version or of another form means a full build, and never a wrong site."""
    growing.state.write_bytes(WRONG[wrong](growing.state.read_bytes()))
    assert growing.publish().since == 0
    assert growing.publish().since > 0


@pytest.mark.parametrize("forged", FORGED)
def test_a_state_that_fits_nothing_is_not_used(growing: Growing, forged: str) -> None:
    """A state that is whole, but not what a build puts aside, means a full build as well."""
    parts = Parts.of(growing.state)
    parts.write(growing.state)
    assert growing.publish().since > 0
    aside = thaw(BytesIO(parts.head), {})
    assert isinstance(aside, Aside)
    FORGED[forged](parts, aside).write(growing.state)
    assert growing.publish().since == 0


def test_without_a_state(growing: Growing) -> None:
    """A missing state, a link and a folder in its place mean a full build."""
    growing.state.unlink()
    growing.state.symlink_to(growing.run / AUDIT)
    assert growing.publish().since == 0
    growing.state.unlink()
    growing.state.mkdir()
    assert growing.publish().since == 0


def test_a_state_that_cannot_be_written(growing: Growing) -> None:
    """A state that cannot be written is no error: the next build is a full one."""
    growing.state.unlink()
    blocked = growing.state.with_name(f"{growing.state.name}.new")
    blocked.mkdir()
    assert growing.publish().since == 0
    assert not growing.state.exists()
    blocked.rmdir()
    assert growing.publish().since == 0


CHANGES: dict[str, Callable[[Path], object]] = {
    "a note": lambda run: shutil.copytree(SAMPLE / "notes", run / "notes"),
    "the title": lambda run: (run / "replayglass.toml").write_text('title = "Another"\n'),
    "the environment": lambda run: (run / "runtime.env").write_text("LOG_LEVEL=debug\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_run_folder_is_built_anew(growing: Growing, change: str) -> None:
    """A build goes on only if all but the records is as it was."""
    CHANGES[change](growing.run)
    assert growing.publish().since == 0


def test_other_templates_are_another_version(half: Growing, tmp_path: Path) -> None:
    """A build by a copy of the program whose templates differ is a full one: all pages are of one version."""
    copy, run, site = tmp_path / "copy", half.run, tmp_path / "site"
    for part in ("engine", "site_templates"):
        shutil.copytree(REPO / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    assert command("simulate", "paper", "--events", "3000", "--seed", "5", "--out", run.parent / "long").exit_code == 0

    def since() -> int:
        return _since(run.parent / "long", site, {"PYTHONPATH": str(copy / "engine"), "PYTHONDONTWRITEBYTECODE": "1"})

    assert [since() > 0 for _ in range(2)] == [False, True]
    with (copy / "site_templates" / "assets" / "style.css").open("ab") as file:
        file.write(b"\n")
    assert since() == 0


def _since(run: Path, site: Path, variables: Mapping[str, str]) -> int:
    """Build in a process of its own, with further variables; return where it began."""
    # What another process runs is not this program: its lines are not counted as covered.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    words = [sys.executable, "-m", "replayglass", "build", str(run), "--out", str(site), "--json"]
    done = subprocess.run(words, env={**kept, **variables}, capture_output=True, check=False)
    found: int = json.loads(done.stdout)["since"]
    return found


def test_records_are_compared_across_processes(tmp_path: Path) -> None:
    """A record that comes again is identical, or is not, as a full build says: also if another process read the first.

    What Python calls the hash of bytes is another one in each process.
    """
    run, site = tmp_path / "run", tmp_path / "site"
    assert command("simulate", "paper", "--events", "6000", "--seed", "6", "--out", run).exit_code == 0
    assert _since(run, site, {"PYTHONHASHSEED": "1"}) == 0
    records = (run / AUDIT).read_bytes().splitlines(keepends=True)
    with (run / AUDIT).open("ab") as file:
        file.writelines((records[20], records[21].replace(b'"version":', b'"version": ')))
    assert _since(run, site, {"PYTHONHASHSEED": "2"}) > 0
    build(run, tmp_path / "anew", lambda *_: None, full=True)
    pages = "v1/findings/pages/000000.json"
    assert (site / pages).read_bytes() == (tmp_path / "anew" / pages).read_bytes()
    assert all(code in (site / pages).read_bytes() for code in (b"duplicate.identical", b"duplicate.conflicting"))


def test_a_file_that_goes_away_while_it_is_read(growing: Growing) -> None:
    """A log that is renamed or removed under the hands of a build is read to its end, and nothing is put aside."""
    run = open_run(growing.run, domain_of(growing.run))
    sources, plan = Sources(run, lambda *_: None), Plan(run)
    state = growing.state.with_name("another")
    with Keeper(run, sources, [], None, SOON, Draft(str(state))) as keeper:
        artifacts = plan.artifacts(_removing(sources.batches, growing.run / AUDIT), keeper)
        assert len(list(artifacts)) > 0
        keeper.save("0" * 64, _entry)
    assert not state.exists()
    earlier = load(str(growing.state), _key_in(growing.state))
    assert earlier is not None
    with earlier.state:
        assert not is_there(run, earlier.aside, lambda _: None)


def _entry(path: str) -> FileEntry:
    return FileEntry(path, "0" * 64, 1)


def _removing(batches: Mapping[str, Iterator[Batch]], path: Path) -> dict[str, Iterator[Batch]]:
    """Return the batches of streams; ``path`` is removed when the first one was read."""

    def removing(read: Iterator[Batch]) -> Iterator[Batch]:
        for batch in read:
            path.unlink(missing_ok=True)
            yield batch

    return {name: removing(read) for name, read in batches.items()}


def _key_in(state: Path) -> str:
    return Parts.of(state).key


def test_a_signed_site(half: Growing, tmp_path: Path) -> None:
    """A signed site goes on, too, and a state never holds the key."""
    run = tmp_path / "end"
    shutil.copytree(half.run, run)
    for name, data in half.end.items():
        (run / name).write_bytes(data)
    (run / "replayglass.toml").write_text('origin = "audit.example.org/run"\n')
    growing = Growing.to(run, tmp_path)
    assert halves(growing, pem(1)).since > 0
    assert b"PRIVATE" not in growing.state.read_bytes()


REWRITES: dict[str, Callable[[bytes], bytes]] = {
    "its end": lambda data: data[:-3] + b"0" + data[-2:],
    "every line": lambda data: data.replace(b"rotation.", b"Rotation."),
    "cut off": lambda data: data[: data.index(b"\n", len(data) // 4) + 1],
}


@pytest.mark.parametrize("rewrite", REWRITES)
def test_a_log_that_was_rewritten_is_refused(growing: Growing, rewrite: str) -> None:
    """A log whose read part was changed is found by size, end or samples; the full build refuses it, the site stays."""
    before = tree(growing.site)
    path = growing.run / AUDIT
    path.write_bytes(REWRITES[rewrite](path.read_bytes()))
    with pytest.raises(RewrittenError):
        build(growing.run, growing.site, lambda *_: None, halting=SOON)
    assert tree(growing.site) == before


def test_a_secret_in_what_was_read_is_refused(growing: Growing) -> None:
    """A secret that stands now where there was none is met by the samples, and refused as ever."""
    path = growing.run / AUDIT
    secret = b'"decisionId":"AKIA' + b"Q3EGRVWZJ7PLX5TM" + b" " * 16
    data = path.read_bytes()
    path.write_bytes(re.sub(rb'"decisionId":"[0-9a-f-]{36}', secret, data[: len(data) // 3]) + data[len(data) // 3 :])
    with pytest.raises(SecretError):
        build(growing.run, growing.site, lambda *_: None, halting=SOON)


def test_a_damaged_site_is_built_anew(growing: Growing) -> None:
    """A file of the site that has another size than its manifest says is made again by a full build."""
    tile = growing.site / "log" / "audit-events" / "tile" / "0" / "000"
    tile.write_bytes(tile.read_bytes()[:-1])
    assert growing.publish().since == 0


def test_the_state_of_another_site(growing: Growing) -> None:
    """A state that another site of the same run left, which has other earlier checkpoints, is not used."""
    another = growing.sites / "another"
    build(growing.run, another, lambda *_: None, halting=SOON)
    shutil.copy(growing.state, growing.sites / ".another.state")
    growing.grow(*map(len, growing.end.values()))
    assert build(growing.run, another, lambda *_: None, halting=SOON).since == 0


def test_a_replay_that_publishes_nothing(growing: Growing) -> None:
    """A replay without logs can be put aside and taken up, too: it comes to the same findings and the same account."""
    run = open_run(growing.run, domain_of(growing.run))
    first, whole = Sources(run, lambda *_: None), Plan(run)
    draft = Draft(str(growing.state))
    with Keeper(run, first, [], None, SOON, draft) as keeper:
        made = [artifact.path for artifact in whole.artifacts(first.batches, keeper)]
        keeper.save("0" * 64, _entry)
    earlier = load(str(growing.state), "0" * 64)
    assert earlier is not None
    second, rest = Sources(run, lambda *_: None, earlier.aside.halted), Plan(run)
    with earlier.state, Keeper(run, second, [], earlier, SOON, draft) as keeper:
        again = [artifact.path for artifact in rest.artifacts(second.batches, keeper)]
    assert again == made[len(made) - len(again) :]
    assert rest.outcome.account == whole.outcome.account
    assert rest.outcome.findings.counts() == whole.outcome.findings.counts()


def test_a_stream_that_was_read_to_its_end(growing: Growing) -> None:
    """A build whose other stream has ended goes on only while that has not grown."""
    growing.grow(len(growing.end[AUDIT]), len((growing.run / SNAPSHOTS).read_bytes()))
    growing.publish()
    growing.grow(len(growing.end[AUDIT]), len(growing.end[SNAPSHOTS]))
    growing.publish()


def test_only_our_own_values_are_read(tmp_path: Path) -> None:
    """A state that names a function, a class with effects, or an attribute of something else, is refused unread."""
    victim = tmp_path / "victim"
    victim.mkdir()

    class Evil:
        def __init__(self, *call: object) -> None:
            self.call = call

        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return self.call[0], self.call[1:]

    for call in ((os.rmdir, str(victim)), (Disk().remove_folder, str(victim)), (getattr, "text", "upper")):
        with pytest.raises(FreezeError):
            thaw(BytesIO(pickle.dumps(Evil(*call))), {})
    for owner, name in ((Severity.ERROR, "__class__"), (Severity, "__bases__")):
        with pytest.raises(FreezeError):
            thaw(BytesIO(pickle.dumps(Evil(getattr, owner, name))), {})
    assert thaw(BytesIO(pickle.dumps(Evil(getattr, Severity, "ERROR"))), {}) is Severity.ERROR
    assert victim.exists()


def test_what_cannot_be_written() -> None:
    """A generator is no part of a state; what is outside comes back as what is outside then."""
    with pytest.raises(FreezeError):
        frozen(one for one in "a")
    there, here = object(), object()
    assert thaw(BytesIO(frozen(("there", there), it=there)), {"it": here}) == ("there", here)


@pytest.mark.parametrize("count", [0, 1, 70_000])
def test_rows_that_are_not_in_memory_are_written_and_read(count: int) -> None:
    """Cold rows of any number come back as they were, and as one object where they were one."""
    rows, others = ColdRows(8), ColdRows(3)
    for number in range(count):
        rows.append(number.to_bytes(8))
    others.append(b"abcdef")
    first, second, third = cast("list[ColdRows]", thaw(BytesIO(frozen([rows, others, rows])), {}))
    assert first is third
    assert (b"".join(first.chunks()), first.width) == (b"".join(rows.chunks()), 8)
    assert [second[0], second[1]] == [b"abc", b"def"]
    with pytest.raises(FreezeError):
        thaw(BytesIO(frozen([rows, others])[:-1]), {})


def test_a_state_is_written_as_it_is_made(growing: Growing) -> None:
    """However many rows there are, a state is written in pieces of 1 MiB; what was put aside first is replaced."""
    rows, sizes = ColdRows(1 << 10), list[int]()
    for _ in range(5 << 10):
        rows.append(bytes(rows.width))

    class Pieces:
        def write(self, data: bytes) -> None:
            sizes.append(len(data))

    freeze(rows, {}, Pieces())
    assert sum(sizes) > 5 << 20
    assert max(sizes) <= 1 << 20
    with Draft(str(growing.state)) as draft:
        draft.fill(lambda sink: freeze(rows, {}, sink))
        draft.fill(lambda sink: freeze("the last", {}, sink))
        draft.finish("0" * 64, b"")
    assert thaw(BytesIO(Parts.of(growing.state).state), {}) == "the last"


def test_a_build_that_fails_leaves_no_state(growing: Growing) -> None:
    """What was put aside of a build that fails later is gone, also of one that was killed; the last whole one stays."""
    before, fresh = growing.state.read_bytes(), growing.state.with_name(f"{growing.state.name}.new")
    fresh.write_bytes(b"of a build that was killed")

    def fail(stage: str, _: int) -> None:
        if stage == "writing":
            raise OutputError(fresh.read_bytes()[:1].hex())

    with pytest.raises(OutputError, match="00"):
        build(growing.run, growing.site, fail, full=True, halting=SOON)
    assert not fresh.exists()
    assert growing.state.read_bytes() == before
    assert growing.publish().since > 0
    assert not fresh.exists()


def test_a_state_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    """What is written is read; nothing else is left beside it."""
    parts = Parts("0" * 64, b"head", bytes(3 << 20))
    parts.write(tmp_path / "state")
    assert Parts.of(tmp_path / "state") == parts
    assert os.listdir(tmp_path) == ["state"]  # noqa: PTH208 - names


def test_errors_are_those_of_a_full_build(growing: Growing) -> None:
    """A run that cannot be used is refused as ever."""
    (growing.run / AUDIT).unlink()
    (growing.run / AUDIT).mkdir()
    with pytest.raises(ReplayglassError):
        build(growing.run, growing.site, lambda *_: None, halting=SOON)
