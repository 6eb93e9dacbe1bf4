"""QR codes as a page draws them."""

from __future__ import annotations

from functools import lru_cache

import segno

from labrecords.documents.drawing.modules import Stretches, dark_stretches


@lru_cache(16)
def qr_code(payload: str) -> Stretches:
    """A QR code with error correction M."""
    return dark_stretches(segno.make(payload, error="m", micro=False).matrix)
