"""What tells an entry that was changed from the one that was written, in every backend."""

from __future__ import annotations

import struct
import zlib


def checksum(sequence: int, term: int, kind: int, at: int, body: bytes) -> int:
    """A changed body must not pass for what was acknowledged; databases have no checksum of what they hold that goes as far as here."""
    return zlib.crc32(body, zlib.crc32(struct.pack("<qqqq", sequence, term, kind, at)))
