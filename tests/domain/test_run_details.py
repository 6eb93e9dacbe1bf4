"""A spin in full: speed and force compared, the radius it is stated at, codes, alarms, and an aborted run."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.entries import CORRECTED, REPEATED, Entry, problems
from labrecords.domain.facts import facts_of
from labrecords.domain.record import BatchRecord
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.centrifugation import CentrifugationRun
from tests.support.clean import altered, clean, entry_of

RECORD = clean("spin_1")


def spin(**changes: Any) -> CentrifugationRun:
    entry = entry_of(RECORD, "spin_1")
    assert isinstance(entry, CentrifugationRun)
    return replace(entry, **changes)


def rotor(**changes: Any) -> BatchRecord:
    pieces = (replace(item, **changes) if item.category == "rotor" else item for item in RECORD.equipment)
    return replace(RECORD, equipment=tuple(pieces))


def refused(**changes: Any) -> list[str]:
    stated = {fact.name: getattr(spin(), fact.name) for fact in facts_of(CentrifugationRun)}
    return list(problems(CentrifugationRun, stated | changes, RECORD.process.step("spin_1")))


# 1.118e-5 x 9.5 cm x 2400² = 611.8 x g (domain 3.1)
@pytest.mark.parametrize("force", ["612", "600", "624"])
def test_speed_and_force_that_agree_within_two_per_cent_are_no_question(force: str) -> None:
    assert spin(rcf_g=Decimal(force)).doubts(rotor(r_max_cm="9.5")) == {}


@pytest.mark.parametrize("force", ["599", "625", "2400"])
def test_speed_and_force_that_do_not_agree_are_asked_back(force: str) -> None:
    doubts = spin(rcf_g=Decimal(force)).doubts(rotor(r_max_cm="9.5"))
    assert list(doubts) == ["rcf_g"]
    assert f"2400 rpm give 612 × g with this rotor, and {force} × g were entered" in doubts["rcf_g"]
    assert "mixed up?" in doubts["rcf_g"]
    assert "mm instead of cm" not in doubts["rcf_g"]


@pytest.mark.parametrize("force", ["61.2", "6118"])
def test_ten_times_too_much_or_too_little_hints_at_the_radius(force: str) -> None:
    assert "in mm instead of cm" in spin(rcf_g=Decimal(force)).doubts(rotor(r_max_cm="9.5"))["rcf_g"]


def test_with_only_one_of_them_there_is_nothing_to_compare() -> None:
    assert spin().doubts(RECORD) == spin(speed_rpm=None, rcf_g=Decimal(1)).doubts(RECORD) == {}


def test_with_both_the_force_by_the_speed_is_shown_as_a_check() -> None:
    (check,) = spin(rcf_g=Decimal(612)).derived(rotor(r_max_cm="9.5"))
    assert (check.key, check.reported, check.label) == (
        "rcf_computed_g", "612", "Relative centrifugal force, computed from the speed",
    )  # fmt: skip


def test_the_force_can_be_stated_at_the_average_radius() -> None:
    record = rotor(r_max_cm="9.5", r_av_cm="7.0")
    (force,) = spin(force_at="r av").derived(record)
    assert force.inputs[0].label == "average radius of the rotor, r av"
    assert (force.inputs[0].value, force.reported) == ("7.0", "451")


def test_a_radius_that_the_register_does_not_have_is_refused() -> None:
    record = rotor(r_av_cm=None)
    assert list(spin(force_at="r av").contradictions_in(record)) == ["force_at"]
    assert spin(force_at="r max").contradictions_in(record) == {}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"acceleration_code": 10}, "acceleration_code"),
        ({"brake_code": 10}, "brake_code"),
        ({"aborted": True}, "aborted_reason"),
        ({"aborted_reason": "Imbalance."}, "aborted"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(changes: dict[str, Any], name: str) -> None:
    assert refused(acceleration_code=9, brake_code=0) == []
    assert refused(aborted=True, aborted_reason="Imbalance after 20 s.") == []
    assert refused(**changes) == [name]


def aborted() -> BatchRecord:
    return altered(RECORD, "spin_1", aborted=True, aborted_reason="Imbalance after 20 s.")


def followed(how: str) -> BatchRecord:
    """The aborted run with the next version after it."""
    record = aborted()
    old = entry_of(record, "spin_1")
    again = {"follows_as": how, "reason": "Balanced again.", "aborted": None, "aborted_reason": None}
    new: Entry = replace(old, id="f" * 32, replaces_id=old.id, **again)  # type: ignore[arg-type]
    return replace(record, entries=(*record.entries, new))


def rules(record: BatchRecord) -> dict[str, Severity]:
    return {finding.rule: finding.severity for finding in findings(record)}


def test_an_aborted_run_that_was_not_repeated_blocks_the_release() -> None:
    assert rules(aborted())["aborted run"] is Severity.BLOCKING
    assert spin(aborted=True).summary(RECORD).endswith("; ABORTED")


def test_an_aborted_run_that_was_repeated_stays_to_be_seen() -> None:
    assert rules(followed(REPEATED))["aborted run"] is Severity.EXCEPTION


def test_a_run_that_was_called_aborted_by_mistake_is_a_correction_only() -> None:
    assert "aborted run" not in rules(followed(CORRECTED))


def test_an_alarm_is_shown_to_the_reviewer() -> None:
    (finding,) = [item for item in findings(altered(RECORD, "spin_1", alarms="E 12")) if item.rule == "alarm"]
    assert finding.severity is Severity.EXCEPTION
    assert finding.sentence.endswith("alarm: E 12")
