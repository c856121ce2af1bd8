"""Records to a published log: files, checkpoints, the archive, and what refuses to publish."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

import naivetree
from replayglass.proof.builder import LogBuilder
from replayglass.proof.checkpoint import Checkpoint, format_checkpoint, parse_checkpoint
from replayglass.proof.earlier import parse_earlier
from replayglass.proof.failure import ProofError
from replayglass.proof.growth import edge_root
from replayglass.proof.keys import signer_from_pem
from replayglass.proof.leaf import entry_of, unread_entry
from replayglass.proof.merkle import EMPTY_ROOT, fold, leaf_hashes
from replayglass.proof.note import Note, Signature, format_note, parse_note, sign_note
from replayglass.proof.rewritten import RewrittenError
from replayglass.record import Unread
from replayglass.verify.heads import open_signed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayglass.proof.earlier import Earlier
    from replayglass.proof.growth import Group
    from replayglass.proof.keys import Signer

ORIGIN = "example.org/run/audit-events"
FOLDER = "log/audit-events/"
PEM = b"""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
-----END PRIVATE KEY-----
"""
SIGNER = signer_from_pem(ORIGIN, PEM)
OTHER = signer_from_pem(ORIGIN, PEM.replace(b"HR4f", b"HR4e"))
RAWS = [b'{"seq":%d}' % seq for seq in range(700)]


def publish(raws: Sequence[bytes], earlier: Sequence[Earlier] = (), signer: Signer | None = None) -> dict[str, bytes]:
    """Return the files of the log of ``raws``."""
    builder = LogBuilder("audit-events", ORIGIN, earlier, signer)
    files = dict(builder.add(raws))
    files.update(builder.finish())
    return files


def archive(files: dict[str, bytes]) -> list[Earlier]:
    """Return the archive among ``files``."""
    folder = f"{FOLDER}checkpoints/"
    return [parse_earlier(path.removeprefix(folder), data) for path, data in files.items() if path.startswith(folder)]


def test_unsigned_log() -> None:
    """Without a key there is no file named checkpoint: what nobody signed is called so, in the archive too."""
    files = publish(RAWS)
    text = format_checkpoint(Checkpoint(ORIGIN, 700, naivetree.root(RAWS)))
    assert {path: data for path, data in files.items() if "checkpoint" in path} == {
        f"{FOLDER}checkpoint.unsigned": text,
        f"{FOLDER}checkpoints/700.unsigned": text,
    }
    assert [path for path in files if "checkpoint" not in path] == [
        f"{FOLDER}tile/{tile}"
        for tile in ["entries/000", "0/000", "entries/001", "0/001", "entries/002.p/188", "0/002.p/188", "1/000.p/2"]
    ]


def test_signed_log() -> None:
    """With a key the checkpoint is a note under the log's own name, the same bytes in the archive, and comes last."""
    files = publish(RAWS, signer=SIGNER)
    data = files[f"{FOLDER}checkpoint"]
    assert files[f"{FOLDER}checkpoints/700"] == data
    assert list(files)[-1] == f"{FOLDER}checkpoint"
    assert open_signed(data, [SIGNER.verifier])[:4] == (ORIGIN, 700, naivetree.root(RAWS), True)
    assert files == publish(RAWS, signer=SIGNER)


def test_empty_log() -> None:
    """A log of size 0 has no tiles; its root is the hash of nothing."""
    files = publish([])
    assert list(files) == [f"{FOLDER}checkpoints/0.unsigned", f"{FOLDER}checkpoint.unsigned"]
    assert parse_checkpoint(files[f"{FOLDER}checkpoint.unsigned"]).root == EMPTY_ROOT
    assert f"{FOLDER}checkpoints/0.unsigned" in publish(RAWS, archive(files))


def test_records_that_become_digests() -> None:
    """A record that is too large is a blob of the site and a digest in the log; an unread line is only a digest."""
    large = b"x" * 65_536
    unread = Unread(1 << 30, "ab" * 32)
    builder = LogBuilder("audit-events", ORIGIN)
    files = dict(builder.add([b"a", large, b"", b"b"], {2: unread}))
    assert files == {f"blob/{sha256(large).hexdigest()}": large}
    leaves = [b"a", entry_of(large).data, unread_entry(unread).data, b"b"]
    assert (builder.size, builder.root) == (4, naivetree.root(leaves))
    assert builder.edge().level0 == tuple(leaf_hashes(leaves))


def test_what_a_page_needs_to_check_itself() -> None:
    """Groups of 256 pages as they fill, and the right edge at the end, lead from any page to the root."""
    builder = LogBuilder("audit-events", ORIGIN)
    groups: list[Group] = []
    for _ in range(70_000 // 250):
        builder.add([b"x"] * 250)
        groups += builder.groups
    page = naivetree.root([b"x"] * 256)
    edge = builder.edge()
    assert [(group.number, group.hashes) for group in groups] == [(0, (page,) * 256)]
    assert edge.level0 == tuple(leaf_hashes([b"x"] * 112))
    assert edge.level1 == (page,) * 17
    assert edge.level2 == (naivetree.over(groups[0].hashes),)
    assert builder.root == edge_root([b"".join(edge.level0), b"".join(edge.level1), b"".join(edge.level2)])
    assert LogBuilder("audit-events", ORIGIN).edge() == ((), (), ())


def test_earlier_checkpoints_and_their_partials_stay() -> None:
    """The archive is kept byte for byte; a partial tile stays until the tile is full, then it goes."""
    first = publish(RAWS[:3], signer=SIGNER)
    second = publish(RAWS[:600], archive(first))
    third = publish(RAWS, archive(second), SIGNER)
    assert [one.name for one in archive(second)] == ["3", "600.unsigned"]
    assert [one.name for one in archive(third)] == ["3", "600.unsigned", "700"]
    for files in (first, second):
        for one in archive(files):
            assert third[f"{FOLDER}checkpoints/{one.name}"] == one.data
    partials = [path.removeprefix(FOLDER) for path in third if ".p/" in path]
    assert partials == [
        "tile/entries/002.p/88",
        "tile/entries/002.p/188",
        "tile/0/002.p/88",
        "tile/0/002.p/188",
        "tile/1/000.p/2",
    ]
    for path in ("tile/entries/002.p/88", "tile/0/002.p/88", "tile/1/000.p/2"):
        assert third[FOLDER + path] == second[FOLDER + path]


def test_unsigned_and_signed_at_one_size() -> None:
    """A log that is signed later keeps both files; a log published again without change is the same."""
    unsigned = publish(RAWS)
    signed = publish(RAWS, archive(unsigned), SIGNER)
    assert [one.name for one in archive(signed)] == ["700", "700.unsigned"]
    assert [one.signed for one in archive(signed)] == [True, False]
    assert publish(RAWS, archive(signed), SIGNER) == signed


def test_cosignatures_are_kept() -> None:
    """Published again at the same size, the checkpoint is the archived one with the witnesses' lines."""
    data = publish(RAWS, signer=SIGNER)[f"{FOLDER}checkpoint"]
    note = parse_note(data)
    cosigned = format_note(Note(note.text, (*note.signatures, Signature("witness", b"1234", bytes(72)))))
    again = publish(RAWS, [parse_earlier("700", cosigned)], SIGNER)
    assert again[f"{FOLDER}checkpoint"] == again[f"{FOLDER}checkpoints/700"] == cosigned


def test_a_new_key_signs_for_itself() -> None:
    """After a change of keys the checkpoint is by the new key; the archive keeps what the old one signed."""
    old = publish(RAWS, signer=OTHER)
    new = publish(RAWS, archive(old), SIGNER)
    assert OTHER.verifier.key_id != SIGNER.verifier.key_id
    assert open_signed(new[f"{FOLDER}checkpoint"], [SIGNER.verifier]).size == 700
    assert new[f"{FOLDER}checkpoints/700"] == old[f"{FOLDER}checkpoint"]


@pytest.mark.parametrize("size", [3, 256, 600, 700])
def test_a_rewritten_log_is_refused(size: int) -> None:
    """If the first records are not those that were published, the error has the size and both roots; exit code 3."""
    earlier = archive(publish(RAWS[:size], archive(publish(RAWS[:2])), SIGNER))
    changed = [*RAWS[: size - 1], b"changed", *RAWS[size:]]
    with pytest.raises(RewrittenError) as caught:
        publish(changed, earlier)
    assert caught.value.exit_code == 3
    assert "new origin" in caught.value.hint
    for part in ("audit-events", f"size {size} ", earlier[-1].root.hex(), naivetree.root(changed[:size]).hex()):
        assert part in caught.value.message


def test_the_first_size_that_differs_is_named() -> None:
    """Of several checkpoints that a record contradicts, the message is about the first."""
    earlier = archive(publish(RAWS[:9], archive(publish(RAWS[:5], archive(publish(RAWS[:2]))))))
    with pytest.raises(RewrittenError, match="at size 5 "):
        publish([*RAWS[:4], b"changed", *RAWS[5:]], earlier)


def test_a_shortened_log_is_refused() -> None:
    """If there are fewer records than were published, the error has both sizes, and the root that was published."""
    earlier = archive(publish(RAWS))
    message = f"with 700 records and the root {earlier[0].root.hex()}, but now it has only 699 records"
    with pytest.raises(RewrittenError, match=message):
        publish(RAWS[:699], earlier)


def test_a_forged_empty_checkpoint_is_refused() -> None:
    """The empty log has one root."""
    forged = parse_earlier("0.unsigned", format_checkpoint(Checkpoint(ORIGIN, 0, bytes(32))))
    with pytest.raises(RewrittenError, match="at size 0"):
        publish(RAWS, [forged])


def test_two_roots_at_one_size_are_refused() -> None:
    """Two checkpoints of one size that differ are a split view, whichever of them is right."""
    split = parse_earlier("700", sign_note(format_checkpoint(Checkpoint(ORIGIN, 700, bytes(32))), SIGNER))
    with pytest.raises(RewrittenError, match="with two roots"):
        publish(RAWS, [*archive(publish(RAWS)), split])


def test_another_origin_is_refused() -> None:
    """A folder that holds another log's checkpoints is not written; its name is shown without control characters."""
    other = parse_earlier("0.unsigned", format_checkpoint(Checkpoint("example.org/\u202eother", 0, EMPTY_ROOT)))
    with pytest.raises(
        RewrittenError, match=r"example.org/\\u202eother', not 'example.org/run/audit-events'"
    ) as caught:
        publish(RAWS, [other])
    assert caught.value.exit_code == 3


def test_a_key_of_another_name_is_refused() -> None:
    """The key's name is the log's origin."""
    with pytest.raises(ValueError, match="not that of the log"):
        LogBuilder("audit-events", "example.org/other", signer=SIGNER)


def test_archive_files_say_what_their_names_say() -> None:
    """A checkpoint under another size's name, a damaged signature, or no checkpoint at all is not taken."""
    data = publish(RAWS, signer=SIGNER)[f"{FOLDER}checkpoint"]
    assert parse_earlier("700", data, SIGNER.verifier) == parse_earlier("700", data, OTHER.verifier)
    note = parse_note(data)
    (line,) = note.signatures
    damaged = format_note(Note(note.text, (line._replace(blob=bytes(64)),)))
    for name, content in [("0700", data), ("701", data), ("700.unsigned", data), ("700", note.text), ("700", damaged)]:
        with pytest.raises(ProofError):
            parse_earlier(name, content, SIGNER.verifier)


def test_the_empty_fold_is_the_empty_root() -> None:
    """A tree without tiles has the root of the empty log."""
    assert edge_root([]) == edge_root([b"", b""]) == fold(b"") == EMPTY_ROOT
