"""Pictures that people attach: made small, and never unpacked when they are too large."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from labrecords.documents.drawing.pictures import LONGEST_SIDE, NotAPicture, scaled


def picture(width: int, height: int, kind: str = "JPEG", mode: str = "RGB", **more: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height), "red" if mode == "RGB" else 0).save(out, kind, **more)
    return out.getvalue()


def size(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as opened:
        return opened.size


def test_a_large_picture_becomes_small_and_a_small_one_keeps_its_size() -> None:
    assert max(size(scaled(picture(4000, 3000)))) == LONGEST_SIDE
    assert size(scaled(picture(300, 200))) == (300, 200)


def test_a_picture_stands_upright_and_tells_nothing_of_the_camera() -> None:
    turned = Image.Exif()
    turned[0x0112], turned[0x010F] = 6, "Camera"
    made = scaled(picture(400, 200, exif=turned))
    assert size(made) == (200, 400)
    with Image.open(io.BytesIO(made)) as opened:
        assert not opened.getexif()


def test_what_is_see_through_becomes_white() -> None:
    with Image.open(io.BytesIO(scaled(picture(20, 20, "PNG", "RGBA")))) as opened:
        assert opened.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("width", "height", "said"),
    [(10_000, 6_000, "60 million pixels; at most 50"), (20_000, 20_000, "far more than 50 million pixels")],
)
def test_a_picture_of_many_million_pixels_is_refused_unread(width: int, height: int, said: str) -> None:
    def chunk(name: bytes, content: bytes) -> bytes:
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    with pytest.raises(NotAPicture, match=said):
        scaled(bomb)


@pytest.mark.parametrize("data", [b"\xff\xd8\xff\xe0 no picture \xff\xd9", picture(50, 50)[:300], b"GIF89a"])
def test_a_damaged_picture_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(NotAPicture, match="damaged"):
        scaled(data)
