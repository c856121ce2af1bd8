"""Opens one segment of a stream for reading only and decompresses it as far as it can be decompressed."""

from __future__ import annotations

import os
import stat
import zlib
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Literal, NamedTuple, Protocol

import zstandard

from replayglass.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Compression = Literal["none", "gzip", "zstd"]

MAX_WINDOW_BYTES = 128 * 1024 * 1024
"""Largest zstd window (memory a frame may ask for, RFC 8878 section 3.1.1.1.2)."""

_PIECE_BYTES = 1024  # one piece of 1 KiB decodes to 32 MiB at most (zstd: 128 KiB per 4 bytes), so memory stays flat
_HEAD_BYTES = 18  # the longest zstd frame header with its magic number (RFC 8878 section 3.1.1.1)
_GZIP_MAGIC = b"\x1f\x8b"  # RFC 1952 section 2.3.1
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"  # RFC 8878 section 3.1.1
_SKIPPABLE_MAGIC = b"\x2a\x4d\x18"  # after a first byte of 50 to 5F (RFC 8878 section 3.1.2)


class Segment(NamedTuple):
    """One file of a stream: ``path`` in the run as POSIX text (for people and pages), ``file`` to open.

    ``end`` is how many of its bytes are read, None: all that it has when it is opened.
    """

    path: str
    file: Path
    compression: Compression
    end: int | None = None


class SegmentReader(Protocol):
    """The decompressed bytes of one segment; ``damage`` says, once the end is reached, why it is not the real end."""

    damage: str | None

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes, none at the end."""


@contextmanager
def open_segment(segment: Segment, offset: int = 0) -> Iterator[SegmentReader]:
    """Open ``segment`` for reading only and close it afterwards; gzip members and zstd frames are read one by one.

    Reading begins at byte ``offset``, which may be another than 0 only if the segment is not compressed. No more is
    read than the file held when it was opened: its writer may append meanwhile.

    Raises:
        InputError: the file cannot be opened or read, is not what its name says, or asks for too large a window.
    """
    try:
        file = segment.file.open("rb", buffering=0)
    except OSError as error:
        raise _unreadable(segment.path) from error
    with file:
        source = FileReader(file, segment.path, offset, segment.end)
        yield source if segment.compression == "none" else _decoding_reader(source, segment)


def file_size(segment: Segment) -> int:
    """Return the bytes that the segment takes on disk.

    Raises:
        InputError: it is no regular file, is gone, or cannot be looked at.
    """
    try:
        status = segment.file.stat()
    except OSError as error:
        raise _unreadable(segment.path) from error
    if not stat.S_ISREG(status.st_mode):
        message = f"{segment.path} is not a regular file"
        raise InputError(message)
    return status.st_size


class FileReader:
    """Reads an open file from a byte on, up to ``end``, or to the size that it had at the start."""

    def __init__(self, file: BinaryIO, path: str, offset: int = 0, end: int | None = None) -> None:
        self.damage: str | None = None
        self._file = file
        self._path = path
        size = os.fstat(file.fileno()).st_size
        self._size = size if end is None else min(size, end)
        self._left = max(self._size - file.seek(offset), 0)

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes, none at the end.

        Raises:
            InputError: the file cannot be read.
        """
        try:
            data = self._file.read(min(size, self._left))
        except OSError as error:
            raise _unreadable(self._path) from error
        self._left -= len(data)
        return data

    def rewind(self) -> None:
        """Begin again at the first byte."""
        self._left = self._size - self._file.seek(0)


class _Decoder(Protocol):
    """What `zlib.decompressobj` and zstandard's ``decompressobj`` have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class _Frames:
    """Decodes one frame (gzip: member) after the other; ``begun`` while a frame is not finished."""

    def __init__(self, start: Callable[[], _Decoder]) -> None:
        self._start = start
        self._frame: _Decoder | None = None

    @property
    def begun(self) -> bool:
        return self._frame is not None

    def feed(self, piece: bytes) -> bytes:
        decoded = []
        while piece:
            frame = self._frame or self._start()
            decoded.append(frame.decompress(piece))
            piece = frame.unused_data if frame.eof else b""
            self._frame = None if frame.eof else frame
        return b"".join(decoded)


class _DecodingReader:
    """Reads compressed data as far as it can be decoded."""

    def __init__(self, source: FileReader, start: Callable[[], _Decoder]) -> None:
        self.damage: str | None = None
        self._source = source
        self._start = start
        self._chunks = self._decode()
        self._held = bytearray()

    def read(self, size: int, /) -> bytes:
        while len(self._held) < size and (chunk := next(self._chunks, None)) is not None:
            self._held += chunk
        data = bytes(self._held[:size])
        del self._held[:size]
        return data

    def _decode(self) -> Iterator[bytes]:
        frames, fed = _Frames(self._start), 0
        try:
            while piece := self._source.read(_PIECE_BYTES):
                yield frames.feed(piece)
                fed += len(piece)
        except (zlib.error, zstandard.ZstdError):
            self.damage = "the compressed data is damaged from here on; what follows could not be read"
            yield from self._salvage(fed)
        if self.damage is None and (frames.begun or not fed):
            self.damage = "the compressed data ends before its end marker; what follows is missing"

    def _salvage(self, fed: int) -> Iterator[bytes]:
        """Yield what the failing piece gives byte by byte: a decoder that fails keeps back what it had decoded."""
        self._source.rewind()
        frames = _Frames(self._start)
        while fed:
            piece = self._source.read(min(fed, _PIECE_BYTES))
            frames.feed(piece)
            fed -= len(piece)
        with suppress(zlib.error, zstandard.ZstdError):
            yield from map(frames.feed, iter(lambda: self._source.read(1), b""))


def _decoding_reader(source: FileReader, segment: Segment) -> _DecodingReader:
    head = source.read(_HEAD_BYTES)
    source.rewind()
    if not (_is_gzip(head) if segment.compression == "gzip" else _is_zstd(head)):
        message = f"{segment.path} is not a {segment.compression} file"
        raise InputError(message, "Give the file the ending that fits what it holds.")
    if segment.compression == "gzip":
        return _DecodingReader(source, lambda: zlib.decompressobj(wbits=31))
    if _asks_too_much(head):
        message = f"{segment.path} asks for a decompression window of more than {MAX_WINDOW_BYTES} bytes"
        raise InputError(message, "Compress it again without --ultra or --long.")
    return _DecodingReader(source, zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES).decompressobj)


def _is_gzip(head: bytes) -> bool:
    """Tell whether a file may be gzip; one that was cut off within its first bytes may be."""
    return _GZIP_MAGIC.startswith(head[:2])


def _is_zstd(head: bytes) -> bool:
    return _ZSTD_MAGIC.startswith(head[:4]) or (head[1:4] == _SKIPPABLE_MAGIC and head[0] >> 4 == 5)  # noqa: PLR2004 - 50 to 5F


def _asks_too_much(head: bytes) -> bool:
    try:
        return zstandard.get_frame_parameters(head).window_size > MAX_WINDOW_BYTES
    except zstandard.ZstdError:
        return False  # no whole frame header: that shows as damage


def _unreadable(path: str) -> InputError:
    return InputError(f"{path} cannot be read", "Look at its permissions, and at where it points if it is a link.")
