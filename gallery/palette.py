"""Small PNG files: the 256 most frequent colours of a picture, one byte a pixel."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLOURS = 256
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHUNK = 4096


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return a PNG of ``pixels``, shape (height, width, 3), RGB (W3C PNG, colour type 3)."""
    height, width, _ = pixels.shape
    palette, places = _reduced(pixels.reshape(-1, 3))
    rows = np.zeros((height, 1 + width), np.uint8)  # the leading 0 of a row: no filter
    rows[:, 1:] = places.reshape(height, width)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = [(b"IHDR", head), (b"PLTE", palette.tobytes()), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b"")]
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _reduced(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the most frequent colours, and for each pixel the place of the nearest of them."""
    packed = pixels.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    found, which, counts = np.unique(packed, return_inverse=True, return_counts=True)
    colours = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1).astype(np.int32)
    palette = colours[np.lexsort((found, -counts))[:COLOURS]]
    nearest = np.concatenate(
        [
            ((colours[at : at + _CHUNK, None] - palette[None]) ** 2).sum(axis=2).argmin(axis=1)
            for at in range(0, len(colours), _CHUNK)
        ]
    )
    return palette.astype(np.uint8), nearest.astype(np.uint8)[which.reshape(-1)]
