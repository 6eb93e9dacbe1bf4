"""Pictures that come with a record: read with care, and made small enough to be printed and shown."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1400
"""A printed page is 180 mm wide: more pixels than this are not seen."""


class NotAPicture(ValueError):
    """What is not taken for a picture; the text says why."""


def scaled(data: bytes) -> bytes:
    """A picture as a JPEG of at most 1400 pixels a side, upright, without what a camera adds. Raises NotAPicture.

    The size is read before anything is unpacked, so that a picture of many more pixels costs nothing.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as opened:
                pixels = opened.width * opened.height
                if pixels > MOST_PIXELS:
                    raise NotAPicture(
                        f"This picture has {pixels // 1_000_000} million pixels; at most "
                        f"{MOST_PIXELS // 1_000_000} are taken. Make it smaller first."
                    )
                opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                upright = ImageOps.exif_transpose(opened)
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                out = io.BytesIO()
                _on_white(upright).save(out, "JPEG", quality=82)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise NotAPicture(
            f"This picture has far more than {MOST_PIXELS // 1_000_000} million pixels, which is the most that is "
            "taken. Make it smaller first."
        ) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        if isinstance(error, NotAPicture):
            raise
        raise NotAPicture("This picture is damaged and cannot be read. Take it again.") from error
    return out.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode not in ("RGBA", "LA", "P"):
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")
