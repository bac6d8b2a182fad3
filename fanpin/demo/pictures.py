"""Pictures that stand for photos and scans of the demonstration."""

import struct
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile


def picture(name: str) -> SimpleUploadedFile:
    """A one-pixel PNG that stands for a photo or scan; nothing of a real place or person is in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\x00\xe6\xe9\xf0")
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return SimpleUploadedFile(name, data, content_type="image/png")
