"""Data Matrix codes (ISO/IEC 16022, ECC 200) as a label draws them; containers bear no QR code (domain 5.5)."""

from __future__ import annotations

from functools import lru_cache

from pystrich.datamatrix import DataMatrixData, DataMatrixEncoder
from pystrich.exceptions import PyStrichError

from labrecords.documents.drawing.modules import Stretches, dark_stretches


class NotEncodable(Exception):
    """The text has characters that the code on a label does not take; the message is a sentence for the user."""


@lru_cache(64)
def data_matrix(payload: str) -> Stretches:
    """The smallest square symbol that holds the text, without quiet zone. Raises NotEncodable."""
    if not payload.isascii() or not payload.isprintable():
        raise NotEncodable(
            f"The code “{payload}” has characters that the Data Matrix of a label does not take. "
            "Give the container an id of the laboratory."
        )
    try:
        made = DataMatrixEncoder(DataMatrixData(payload, encoding="ascii"), quiet_zone=0)
    except PyStrichError as problem:
        raise NotEncodable(f"The code “{payload}” is too long for a label.") from problem
    return dark_stretches(made.init_renderer().matrix)
