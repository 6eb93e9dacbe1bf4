"""The training on one procedure, whatever stands between the letters of its code, and of no other procedure."""

from __future__ import annotations

from datetime import date

import pytest

from labrecords.actions.training import record_training
from labrecords.models.batch_record import people
from labrecords.models.training import training_on
from tests.support.lab import Lab

WRITTEN = ("SOP-012", "sop 012", "S\u2011O\u2011P 0 12", "SOP_012", "SOP%012", "SOP-0121", "Łań-1", "łań-1")


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("SOP-012/3", {"SOP-012", "sop 012", "S\u2011O\u2011P 0 12"}),
        ("SOP012", {"SOP-012", "sop 012", "S\u2011O\u2011P 0 12"}),
        ("SOP_012", {"SOP_012"}),
        ("SOP%012/1", {"SOP%012"}),
        ("Łań 1", {"Łań-1"}),
        ("SOP-01", set()),
    ],
)
def test_training_is_found_by_the_code_of_its_procedure(
    lab_on_both: Lab, named: str, found: set[str]
) -> None:
    lab = lab_on_both
    with lab.store.read() as session:
        (tess,) = [one for one in people(session) if one.username == "tess"]
    for written in WRITTEN:
        record_training(
            lab.by("quentin"),
            person_id=tess.id,
            sop=written,
            sop_version="1",
            trained_on=date(2026, 1, 5),
            expires_on=None,
            assessor="Quentin",
        )
    with lab.store.read() as session:
        assert {row.sop for row in training_on(session, named, [tess])} == found
