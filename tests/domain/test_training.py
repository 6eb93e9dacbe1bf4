"""Training on the procedure of a step: who may perform it, judged at the act."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from labrecords.domain.processes.process_text import read_process
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.training import Training, procedure, standing, training_stops
from labrecords.domain.rules.findings import findings, stops_of
from tests.support.clean import clean, entry_of

PLAIN = clean("spin_1")
SPIN = entry_of(PLAIN, "spin_1")
DAY = SPIN.performed_at.date()


def naming(sop: str) -> BatchRecord:
    """The record with a process whose first spin names a procedure."""
    text = PLAIN.process.text.replace('sop = "SOP-SPIN-01/1"', f'sop = "{sop}"', 1)
    return replace(PLAIN, process=read_process(text))


def training(**changes: Any) -> Training:
    given: dict[str, Any] = {
        "id": "1" * 32, "person_id": SPIN.performed_by, "sop": "SOP-012", "sop_version": "3",
        "trained_on": DAY - timedelta(days=100), "expires_on": DAY + timedelta(days=100), "assessor": "Vic",
        "withdraws_id": None, "reason": "", "recorded_by": "q", "by_name": "Quentin",
        "recorded_at": SPIN.performed_at - timedelta(days=99),
    }  # fmt: skip
    return Training(**(given | changes))


def rules(*rows: Training, sop: str = "SOP-012") -> list[str]:
    return [stop.rule for stop in training_stops(replace(naming(sop), training=rows), SPIN)]


def test_a_procedure_is_named_with_or_without_its_version() -> None:
    assert procedure("SOP-012") == ("SOP-012", "")
    assert procedure("SOP-012/3") == ("SOP-012", "3")


@pytest.mark.req("GMP-25")
def test_who_is_not_trained_on_the_procedure_is_stopped() -> None:
    (stop,) = stops_of(naming("SOP-012"), SPIN)
    assert stop.rule == "training"
    assert stop.sentence.endswith("has no current training on SOP-012.")


@pytest.mark.req("GMP-25")
def test_current_training_on_it_stops_nothing() -> None:
    assert rules(training()) == []
    assert rules(training(sop="sop 012")) == []
    assert rules(training(), sop="SOP-012/3") == []


def test_a_step_without_a_procedure_asks_for_no_training() -> None:
    assert training_stops(PLAIN, SPIN) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"sop": "SOP-013"},
        {"person_id": "another"},
        {"trained_on": DAY + timedelta(days=1)},
        {"expires_on": DAY - timedelta(days=1)},
    ],
)
def test_other_or_expired_training_does_not_count(changes: dict[str, Any]) -> None:
    assert rules(training(**changes)) == ["training"]


def test_the_first_and_the_last_day_count_and_no_end_is_no_end() -> None:
    assert rules(training(trained_on=DAY, expires_on=DAY)) == []
    assert rules(training(expires_on=None)) == []


def test_where_a_version_is_demanded_another_does_not_count() -> None:
    assert rules(training(sop_version="2"), sop="SOP-012/3") == ["training"]
    assert rules(training(sop_version="2")) == []


def test_withdrawn_training_counts_no_more_from_its_withdrawal() -> None:
    gone = training(id="2" * 32, withdraws_id="1" * 32, recorded_at=SPIN.performed_at - timedelta(days=1))
    assert standing((training(), gone)) == ()
    assert rules(training(), gone) == ["training"]
    assert rules(training(), replace(gone, recorded_at=SPIN.performed_at + timedelta(days=1))) == []


def test_training_that_was_recorded_after_the_act_counts_and_is_looked_at() -> None:
    late = training(recorded_at=SPIN.performed_at + timedelta(days=1))
    assert rules(late) == []
    assert "training recorded late" in {
        finding.rule for finding in findings(replace(naming("SOP-012"), training=(late,)))
    }
    assert "training recorded late" not in {
        finding.rule
        for finding in findings(replace(naming("SOP-012"), training=(late, training(id="2" * 32))))
    }


def test_training_under_the_other_account_of_the_same_person_counts() -> None:
    people = tuple(
        replace(person, other_accounts=("other",)) if person.id == SPIN.performed_by else person
        for person in PLAIN.people
    )
    record = replace(naming("SOP-012"), people=people, training=(training(person_id="other"),))
    assert training_stops(record, SPIN) == ()
