"""Section 10 says what was measured in transport and in store, what was outside, and what travelled in quarantine."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from labrecords.documents.batch_record import render
from tests.support.clean import played, process_text
from tests.support.example import example_package
from tests.support.printed import squeezed, text_of

COLD = (
    'custody_gap_min = "2"',
    'custody_gap_min = "2"\ntemperature_min_c = "2"\ntemperature_max_c = "8"\nout_of_range_max_min = "45"',
)
WAY = "handover_laboratory"


def printed(text: str, **facts: Any) -> bytes:
    """The document of a batch whose harvest was carried for four minutes."""
    received = played(WAY, text=text).record.current(WAY)
    assert received is not None
    changes = {WAY: {"given_at": received.performed_at - timedelta(minutes=4), **facts}}
    example = played("receipt", text=text, changes=changes)
    return render(example_package(example.record, events=example.events)).pdf


def test_what_was_measured_and_the_time_outside_are_printed() -> None:
    given = {"given_temperature_c": Decimal("5.5"), "temperature_c": Decimal(9)}
    said = squeezed(text_of(printed(process_text(COLD), **given)))
    for words in (
        "Temperatures in transport and in store",
        "transport: Theatre 2 to Laboratory",
        "5.5 °C at the beginning, 9 °C at the end",
        "Outside 2 to 8 °C in all, at most 45 min: BAG-7 4 min.",
        "Handed over in quarantine, before a release: BAG-7 at",
    ):
        assert squeezed(words) in said
    bare = squeezed(text_of(printed(process_text())))
    assert squeezed("The process gives no range of temperature: nothing is judged.") in bare
