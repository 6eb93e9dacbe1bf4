"""An expired product waits for the word of quality assurance on what becomes of it (domain 6.1: expired, block).

Until that word is signed and sealed it is neither given on nor done away with; the word never makes it usable again.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.entries import Stop
from labrecords.domain.results.expiry import expiry_stop
from labrecords.domain.review.decisions import (
    DESTROY,
    RETAIN,
    RETURN,
    expired_word,
    is_rejected,
)
from labrecords.domain.steps.administration import Injection

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

FATE_AFTER = {DESTROY: "destroyed", RETURN: "returned", RETAIN: "retained for quality control"}
"""What is recorded of the product after each word."""
WAY_OUT = (
    "Set the product aside. Quality assurance signs on the page of the batch whether it is destroyed, returned or "
    "retained for test."
)


def waiting_stop(record: BatchRecord, at: datetime, container_code: str = "") -> Stop | None:
    """A critical stop for giving an expired product on, or doing away with it, before the word was sealed.

    What is left of a product that was injected waits for no word.
    """
    if any(one.first_injected_at() <= at for one in record.of_kind(Injection)):
        return None
    expired = expiry_stop(record, at, container_code)
    if expired is None or is_rejected(record, at) or expired_word(record, at):
        return None
    sentence = f"{expired.sentence} Quality assurance has not said what becomes of it."
    return Stop(rule=expired.rule, sentence=sentence, way_out=WAY_OUT, critical=True)
