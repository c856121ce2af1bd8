"""Reading reviewers' notes: what they are about, and that no note can harm a run."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayglass.notes import Note, parse_note, read_notes

EVENT = "0b6f2f6e-1c1d-4e5f-8a9b-0c1d2e3f4a5b"


def put(run: Path, name: str, data: bytes = b"text\n") -> Path:
    """Write a note."""
    (run / "notes").mkdir(exist_ok=True)
    path = run / "notes" / name
    path.write_bytes(data)
    return path


def told(run: Path) -> list[tuple[str, str | None]]:
    """Return code and file of what is wrong with the notes; all of it is a warning of the stream notes."""
    findings = read_notes(run)[1]
    assert {(f.severity.value, f.stream) for f in findings} <= {("warning", "notes")}
    return [(finding.code, finding.segment) for finding in findings]


def test_no_notes_is_normal(tmp_path: Path) -> None:
    """A run without notes, or with other files in the folder, has none."""
    assert read_notes(tmp_path) == ((), ())
    put(tmp_path, "picture.png")
    put(tmp_path, ".hidden.md")
    assert read_notes(tmp_path) == ((), ())


def test_notes_come_in_the_order_of_their_file_names(tmp_path: Path) -> None:
    """Notes are sorted by the bytes of the file name, and a note needs no front matter."""
    for name in ["b.md", "a-2.md", "a-10.md"]:
        put(tmp_path, name, b"\xef\xbb\xbfone\r\ntwo\r\n")
    notes, findings = read_notes(tmp_path)
    assert notes == tuple(Note(name, name, None, None, "one\ntwo\n") for name in ["a-10", "a-2", "b"])
    assert findings == ()


@pytest.mark.parametrize(
    ("line", "kind", "target"),
    [
        ("event: 12", "event", "12"),
        ("event:  007 ", "event", "7"),
        (f"event: {EVENT}", "event", EVENT),
        (f"decision:{EVENT}", "decision", EVENT),
        ("range: 12-034", "range", "12-34"),
        ("range: 5-5", "range", "5-5"),
        ("", None, None),
    ],
)
def test_front_matter_names_the_target(line: str, kind: str | None, target: str | None) -> None:
    """Each kind of target is read in its one spelling, and the front matter is no part of the body."""
    text = f"---\ntitle: A: title\n\n{line}\n---\nbody\n---\n"
    assert parse_note("n.md", text) == (Note("n", "A: title", kind, target, "body\n---\n"), [])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("front", "code"),
    [
        ("event: ../x", "note.target"),
        ("event:", "note.target"),
        ("decision: <b>", "note.target"),
        ("range: 5-4", "note.target"),
        ("range: 5", "note.target"),
        ("event: 1\nrange: 1-2", "note.two-targets"),
        ("colour: red", "note.key"),
        ("no colon", "note.key"),
        ("title:", "note.title"),
        ("title: a\x1b[2J", "note.title"),
        ("title: " + "x" * 201, "note.title"),
    ],
)
def test_wrong_front_matter_is_a_warning(front: str, code: str) -> None:
    """A note whose front matter is wrong is shown without target, under its own name, with a warning."""
    note, findings = parse_note("n.md", f"---\n{front}\n---\nbody")
    assert note == Note("n", "n", None, None, "body")
    assert [finding.code for finding in findings] == [code]
    assert all(finding.message.isprintable() for finding in findings)


def test_first_of_a_repeated_key_counts() -> None:
    """A key that is there twice is told, and nobody has to guess which one was meant."""
    note, findings = parse_note("n.md", "---\nevent: 1\nevent: 2\n---\n")
    assert (note.target, [finding.message for finding in findings]) == ("1", ["event is there twice"])


def test_front_matter_that_is_not_closed_is_body() -> None:
    """Without the closing line within 50 lines the whole text is the body, so that nothing is lost."""
    fits = "---\n" + "\n" * 50 + "---\nbody"
    assert parse_note("n.md", fits) == (Note("n", "n", None, None, "body"), [])
    for text in ("---\nevent: 1\n", "---\n" + "\n" * 51 + "---\nbody"):
        note, findings = parse_note("n.md", text)
        assert note == Note("n", "n", None, None, text)
        assert [finding.code for finding in findings] == ["note.front-matter"]


@given(text=st.text(alphabet=st.sampled_from("-\n :etvn12\r"), max_size=80), name=st.text(max_size=80))
def test_any_note_can_be_parsed(text: str, name: str) -> None:
    """Whatever a note and its file name hold, its name is fit for a file name and its target is well formed."""
    note, _ = parse_note(name, text)
    assert 0 < len(note.name) <= 60
    assert set(note.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert (note.target is None) == (note.target_kind is None)


def test_changed_names_stay_apart(tmp_path: Path) -> None:
    """Names that are not fit for a file get a hash; a note that takes another's name is left out and told."""
    for name in ["A.md", "a.md", "index.md", "ä ö.md", "x" * 100 + ".md"]:
        put(tmp_path, name)
    names = [note.name for note in read_notes(tmp_path)[0]]
    hashed = {name.rpartition("-")[0] for name in names if name != "a"}
    assert (len(set(names)), hashed) == (5, {"a", "index", "note", "x" * 40})
    put(tmp_path, f"{names[0]}.md")
    assert [note.name for note in read_notes(tmp_path)[0]].count(names[0]) == 1
    assert told(tmp_path) == [("note.name-taken", f"{names[0]}.md")]


def test_notes_that_cannot_be_used_are_left_out(tmp_path: Path) -> None:
    """A note that is no text, too long, no file, or leads outside the run is a warning and nothing of it is read."""
    (tmp_path / "outside.md").write_text("secret")
    run = tmp_path / "run"
    run.mkdir()
    put(run, "a.md", b"\xff")
    put(run, "b.md", b"x" * (256 * 1024 + 1))
    (run / "notes" / "c.md").mkdir()
    (run / "notes" / "d.md").symlink_to("d.md")
    (run / "notes" / "e.md").symlink_to("../../outside.md")
    os.mkfifo(run / "notes" / "f\x1b.md")
    (run / "notes" / "g.md").symlink_to(put(run, "target"))
    put(run, "h.md", b"x" * 256 * 1024)
    assert [note.name for note in read_notes(run)[0]] == ["g", "h"]
    assert told(run) == [
        ("note.encoding", "a.md"),
        ("note.too-long", "b.md"),
        ("note.unreadable", "c.md"),
        ("note.unreadable", "d.md"),
        ("note.outside", "e.md"),
        ("note.unreadable", "f\\x1b.md"),
    ]


def test_folder_that_is_none_is_a_warning(tmp_path: Path) -> None:
    """A file in place of the folder costs the notes, not the run."""
    (tmp_path / "notes").write_text("x")
    assert read_notes(tmp_path)[0] == ()
    assert told(tmp_path) == [("note.unreadable", "notes")]


def test_number_of_notes_is_bounded(tmp_path: Path) -> None:
    """Notes beyond the thousandth are left out, and the first of them is named."""
    for number in range(1001):
        put(tmp_path, f"{number:04}.md", b"")
    assert len(read_notes(tmp_path)[0]) == 1000
    assert told(tmp_path) == [("note.too-many", "1000.md")]
