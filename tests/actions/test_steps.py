"""Recording, correcting, leaving out and confirming a step: what is kept, and every way it is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.actions import accounts, batches, equipment, people, steps
from labrecords.actions.access import note_identity
from labrecords.actions.confirming import confirm_step
from labrecords.actions.door import Invalid, Refused
from labrecords.actions.mixups import Stopped
from labrecords.domain.entries import ATTESTED, GIVEN, RECEIVED, VERIFIED
from labrecords.domain.facts import facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.administration import Site
from labrecords.domain.steps.counts import Square
from labrecords.domain.steps.harvest import Draw
from labrecords.domain.steps.order import Target
from labrecords.domain.steps.sampling import Sample
from labrecords.domain.values.codes import SEPARATORS
from labrecords.models.batch_record import equipment_now
from tests.support import story
from tests.support.clean import REVIEWED
from tests.support.lab import STATIONS, Lab, refusal


def problems(lab: Lab, number: str, key: str, by: str | None = None, **changes: Any) -> dict[str, str]:
    """The sentences, by field, with which recording the step is turned down."""
    before = lab.record(number)
    with pytest.raises(Invalid) as invalid:
        lab.record_step(number, key, by=by, **changes)
    assert lab.record(number) == before
    return invalid.value.problems


def current(lab: Lab, number: str, key: str) -> Any:
    entry = lab.record(number).current(key)
    assert entry is not None
    return entry


def station_before(key: str) -> str:
    return STATIONS[STATIONS.index(key) - 1]


def stopped(lab: Lab, key: str, *, number: str = "", **changes: Any) -> list[str]:
    """The rules by which a step is stopped; the record stays as it was, and the refusal is an access event."""
    number = number or lab.play(station_before(key))
    before, heads = lab.record(number), lab.chain_lengths()
    with pytest.raises(Stopped) as refused:
        lab.record_step(number, key, **changes)
    assert lab.record(number) == before
    assert lab.chain_lengths()["access"] == heads.get("access", 0) + 1
    assert all(blocker.way_out for blocker in refused.value.blockers)
    return [stop.rule for stop in refused.value.stops]


def record_stopped(lab: Lab, key: str, *, number: str = "", **changes: Any) -> dict[str, Severity]:
    """Record a stopped act as having happened. Returns the findings of that step, by rule."""
    number = number or lab.play(station_before(key))
    lab.record_step(number, key, happened_reason="It had been done before anybody looked.", **changes)
    return {item.rule: item.severity for item in findings(lab.record(number)) if item.step_key == key}


# ---- recording ---------------------------------------------------------------------------------------------------


@pytest.mark.req("P11-10e")
def test_an_entry_says_who_did_it_who_recorded_it_and_when(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.open_batch()
    lab.record_step(number, "order")
    entry = current(lab, number, "order")
    assert (entry.performed_by, entry.recorded_by) == (lab.id("paula"), lab.id("tess"))
    assert entry.performed_at < entry.recorded_at <= lab.clock.now
    assert entry.as_entered["order_code"] == "O-1"


def test_a_time_that_is_not_stated_is_the_time_of_recording(lab: Lab) -> None:
    number = lab.open_batch()
    lab.record_step(number, "order", performed_at=None)
    entry = current(lab, number, "order")
    assert entry.performed_at == entry.recorded_at


def test_numbers_keep_their_decimals_and_their_typed_text(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("receipt")
    lab.record_step(number, "sample_before", volume_ml=Decimal("0.500"), as_entered={"volume_ml": "0,500"})
    entry = lab.record(number).current("sample_before")
    assert isinstance(entry, Sample)
    assert str(entry.volume_ml) == "0.500"
    assert entry.as_entered == {"volume_ml": "0,500"}


def test_a_step_is_recorded_once(lab: Lab) -> None:
    number = lab.play("order")
    assert refusal(lambda: lab.record_step(number, "order")) == ("recorded",)


def test_a_process_has_only_its_own_steps(lab: Lab) -> None:
    number = lab.open_batch()
    step = replace(lab.step(number, "order"), step_key="polishing", seen=None)
    reading = lab.reading(number, "order")
    assert refusal(lambda: steps.record_step(lab.by("tess"), step=step, reading=reading)) == ("step",)


def test_a_form_of_one_step_does_not_record_another(lab: Lab) -> None:
    number = lab.play("order")
    step, reading = lab.step(number, "identity_harvest"), lab.reading(number, "order")
    assert refusal(lambda: steps.record_step(lab.by("tess"), step=step, reading=reading)) == ("step",)


@pytest.mark.parametrize(
    ("key", "name"), [("order", "vic"), ("injection", "vic"), ("spin_1", "paula"), ("spin_1", "quentin")]
)
def test_what_somebody_may_record_follows_from_the_kind_of_step(lab: Lab, key: str, name: str) -> None:
    number = lab.open_batch()
    assert refusal(lambda: lab.record_step(number, key, by=name)) == ("permission",)


# ---- what cannot be a fact ---------------------------------------------------------------------------------------

IMPOSSIBLE: list[tuple[str, dict[str, Any], str, str]] = [
    ("order", {"order_code": ""}, "order_code", "Fill in: order"),
    ("order", {"consent_date": None}, "consent_date", "Fill in: consent given on"),
    ("order", {"targets": ()}, "targets", "Fill in: targets"),
    ("order", {"indication": "vanity"}, "indication", "Choose one of"),
    (
        "order",
        {"targets": (Target(structure="nose", level="L4/5", side="left"),)},
        "targets-0-structure",
        "Row 1: Choose one of",
    ),
    ("harvest", {"total_volume_ml": Decimal(0)}, "total_volume_ml", "cannot be right"),
    ("harvest", {"total_volume_ml": Decimal("1e9")}, "total_volume_ml", "cannot be right"),
    (
        "harvest",
        {"draws": (Draw(volume_ml=Decimal("-1")),)},
        "draws-0-volume_ml",
        "Row 1: Volume cannot be negative",
    ),
    (
        "harvest",
        {"draws": (Draw(volume_ml=Decimal("501")),)},
        "draws-0-volume_ml",
        "Row 1: 501 mL cannot be right",
    ),
    (
        "harvest",
        {"anticoagulant_volume_ml": Decimal(61)},
        "anticoagulant_volume_ml",
        "more anticoagulant than",
    ),
    (
        "harvest",
        {"anticoagulant": "none"},
        "anticoagulant_volume_ml",
        "Without anticoagulant its volume is 0",
    ),
    ("receipt", {"volume_ml": Decimal("-0.1")}, "volume_ml", "cannot be negative"),
    ("receipt", {"temperature_c": Decimal(61)}, "temperature_c", "cannot be right"),
    ("receipt", {"clots": None}, "clots", "Fill in: clots seen"),
    ("count_before", {"squares": (Square(cells=-1),)}, "squares-0-cells", "Row 1: Cells cannot be negative"),
    ("count_before", {"sample_part": Decimal(0)}, "sample_part", "more than 0 parts"),
    ("count_before", {"live": 10}, "dead", "Viability needs both counts"),
    ("count_before", {"dead": 10}, "live", "Viability needs both counts"),
    ("count_before", {"live": 0, "dead": 0, "dye": "7-AAD"}, "live", "No cells were counted"),
    ("count_before", {"live": 9, "dead": 1}, "dye", "Choose the dye"),
    ("count_after", {"dye": None}, "dye", "Fill in: viability dye"),
    ("count_after", {"live": None, "dead": None, "dye": None}, "live", "Fill in: live cells"),
    ("spin_1", {"rcf_g": Decimal(900)}, "rcf_g-reason", "Were rpm and × g mixed up?"),
    ("spin_1", {"speed_rpm": None}, "speed_rpm", "Enter at least one"),
    ("receipt", {"weighed_g": Decimal(60)}, "volume_ml", "Enter exactly one"),
    ("spin_1", {"duration_min": Decimal(0)}, "duration_min", "cannot be right"),
    ("spin_1", {"centrifuge": "no such piece"}, "centrifuge", "Choose a registered centrifuge"),
    ("resuspension", {"final_volume_ml": Decimal(0)}, "final_volume_ml", "cannot be right"),
    ("resuspension", {"diluent": "none"}, "diluent_volume_ml", "Without diluent its volume is 0"),
    ("handover_laboratory", {"giver": "nobody"}, "giver", "Choose a person who works here now"),
]


@pytest.mark.parametrize(
    ("key", "changes", "field", "sentence"),
    IMPOSSIBLE,
    ids=[f"{key}-{'-'.join(changes)}-{index}" for index, (key, changes, _, _) in enumerate(IMPOSSIBLE)],
)
def test_what_cannot_be_a_fact_is_turned_down_with_a_sentence_at_its_field(
    lab: Lab, key: str, changes: dict[str, Any], field: str, sentence: str
) -> None:
    number = lab.play(station_before(key)) if key != "order" else lab.open_batch()
    assert sentence in problems(lab, number, key, **changes)[field]


def test_a_rotor_is_no_centrifuge(lab: Lab) -> None:
    number = lab.play("count_before")
    with lab.store.read() as session:
        rotor = next(item.id for item in equipment_now(session) if item.category == "rotor")
    assert "centrifuge" in problems(lab, number, "spin_1", centrifuge=rotor)


@pytest.mark.parametrize("minutes", [1, 60 * 24 * 365])
def test_nothing_has_happened_in_the_future(lab: Lab, minutes: int) -> None:
    number, later = lab.open_batch(), lab.clock.now + timedelta(minutes=minutes)
    assert problems(lab, number, "order", performed_at=later) == {
        "performed_at": "This time is in the future."
    }


def test_no_fact_has_a_time_in_the_future(lab: Lab) -> None:
    number, later = lab.play("harvest"), lab.clock.now + timedelta(minutes=1)
    assert problems(lab, number, "handover_laboratory", given_at=later) == {
        "given_at": "This time is in the future."
    }


def test_no_row_has_a_time_in_the_future(lab: Lab) -> None:
    number, later = lab.play("identity_harvest"), lab.clock.now + timedelta(minutes=1)
    draws = (Draw(volume_ml=Decimal(20)), Draw(volume_ml=Decimal(32), drawn_at=later))
    assert problems(lab, number, "harvest", draws=draws) == {
        "draws-1-drawn_at": "Row 2: this time is in the future."
    }


def test_a_consent_was_not_given_tomorrow(lab: Lab) -> None:
    number = lab.open_batch()
    assert problems(lab, number, "order", consent_date=date(2026, 11, 24)) == {
        "consent_date": "This day is in the future."
    }


def test_today_is_the_day_on_the_clocks_of_the_laboratory(lab: Lab) -> None:
    lab.clock.set(datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    lab.record_step(lab.open_batch(), "order", consent_date=date(2026, 11, 24))


def test_the_performer_holds_the_role_that_the_act_needs(lab: Lab) -> None:
    number = lab.play("identity_harvest")
    assert problems(lab, number, "harvest", performed_by="tess") == {
        "performed_by": "This is done by a person with the role physician."
    }


def test_who_only_carries_material_performs_no_other_act(lab: Lab) -> None:
    number = lab.play("receipt")
    assert problems(lab, number, "sample_before", performed_by="cora") == {
        "performed_by": "This is done by a person who takes part in the work, not by who only carries it."
    }


def test_the_performer_works_here(lab: Lab) -> None:
    number = lab.play("harvest")
    people.deactivate(lab.by("ivan"), person_id=lab.id("vic"), reason="Left the laboratory.")
    assert problems(lab, number, "handover_laboratory", performed_by="vic") == {
        "performed_by": "Choose a person who works here now, or worked here then."
    }


@pytest.mark.req("P11-10e")
def test_what_somebody_did_before_they_left_can_still_be_recorded(lab: Lab) -> None:
    number, then = lab.play("identity_harvest"), lab.clock()
    lab.clock.tick(5)
    people.deactivate(lab.by("ivan"), person_id=lab.id("paula"), reason="Left the clinic.")
    lab.record_step(number, "harvest", performed_at=then)
    assert current(lab, number, "harvest").performed_by == lab.id("paula")
    assert "performed_by" in problems(lab, number, "handover_laboratory", performed_by="paula")


def test_a_role_that_is_given_later_does_not_count_back(lab: Lab) -> None:
    number, then = lab.play("identity_harvest"), lab.clock()
    lab.clock.tick(5)
    people.grant_role(lab.by("ivan"), person_id=lab.id("vic"), role="physician")
    wrong = problems(lab, number, "harvest", performed_by="vic", performed_at=then)
    assert wrong == {"performed_by": "This is done by a person with the role physician."}


def test_an_account_may_be_made_after_the_fact(lab: Lab) -> None:
    number, then = lab.play("identity_harvest"), lab.clock()
    lab.clock.tick(5)
    added = people.add_person(lab.by("ivan"), username="pia", name="Pia Park", roles=("physician",))
    reading = replace(lab.reading(number, "harvest", performed_at=then), performed_by=added["person_id"])
    steps.record_step(lab.by("tess"), step=lab.step(number, "harvest"), reading=reading)


def test_a_role_that_was_taken_since_counts_for_what_was_done_with_it(lab: Lab) -> None:
    number, then = lab.play("identity_harvest"), lab.clock()
    lab.clock.tick(5)
    ivan = lab.by("ivan")
    people.grant_role(ivan, person_id=lab.id("paula"), role="second operator")
    people.revoke_role(
        lab.by("ivan"), person_id=lab.id("paula"), role="physician", reason="Moved to the bench."
    )
    assert list(problems(lab, number, "harvest")) == ["performed_by"]
    lab.record_step(number, "harvest", performed_at=then)


def test_a_code_of_another_batch_is_asked_back_and_kept_with_the_reason(lab: Lab) -> None:
    first = lab.play("harvest")
    second = lab.play("identity_harvest", lab.open_batch(patient="P-7777"))
    typed = "bag 7"
    assert problems(lab, second, "harvest", container_code=typed, confirmed={}) == {
        "container_code-reason": f"{typed} is on a container of batch {first}. "
        "Compare the labels. If it is right all the same, say why."
    }
    lab.record_step(second, "harvest", confirmed={"container_code": "Both labels read anew."})
    assert current(lab, second, "harvest").confirmed == {"container_code": "Both labels read anew."}
    assert "code in use" in {item.rule for item in findings(lab.record(second))}


@pytest.mark.parametrize("separator", SEPARATORS)
def test_however_the_code_was_typed_before_it_is_recognised(lab: Lab, separator: str) -> None:
    first = lab.play("identity_harvest")
    lab.record_step(first, "harvest", container_code=f"BAG{separator}7")
    second = lab.play("identity_harvest", lab.open_batch())
    assert "container_code-reason" in problems(lab, second, "harvest", confirmed={})


def test_a_rejected_product_still_carries_its_code(lab: Lab) -> None:
    lab.decide(lab.play("harvest"), "rejected", "Clotted.")
    second = lab.play("identity_harvest", lab.open_batch())
    assert "container_code-reason" in problems(lab, second, "harvest", confirmed={})


def test_a_code_of_a_batch_that_is_over_is_free(lab: Lab) -> None:
    lab.play("closed")
    lab.record_step(lab.play("identity_harvest", lab.open_batch()), "harvest", confirmed={})


def test_only_new_containers_and_samples_get_a_code_of_their_own() -> None:
    new = {(kind, fact.name) for kind, form in KINDS.items() for fact in facts_of(form) if fact.new}
    assert new == {
        ("harvest", "container_code"),
        ("liposuction", "container_code"),
        ("fraction_collection", "container_code"),
        ("final_container", "container_code"),
        ("filtration", "container_code"),
        ("wash", "container_code"),
        ("enzymatic_digestion", "container_code"),
        ("mechanical_processing", "container_code"),
        ("sample", "sample_code"),
        ("resuspension", "container_code"),
        ("pool", "container_code"),
        ("label_over", "new_code"),
    }


def test_an_unusual_value_needs_a_reason_and_keeps_it(lab: Lab) -> None:
    number = lab.play("sample_before")
    counted = (Square(cells=401), Square(cells=398))
    wrong = problems(lab, number, "count_before", squares=counted)
    assert list(wrong) == ["squares-reason"]
    assert "Row 1: 401 is unusual" in wrong["squares-reason"]
    assert problems(lab, number, "count_before", squares=counted, confirmed={"squares": "  "})
    lab.record_step(
        number, "count_before", squares=counted, confirmed={"squares": "Counted twice.", "dye": " "}
    )
    entry = current(lab, number, "count_before")
    assert entry.confirmed == {"squares": "Counted twice."}
    assert "unusual value" in {item.rule for item in findings(lab.record(number))}


def test_a_late_entry_says_why(lab: Lab) -> None:
    number, then = lab.open_batch(), lab.clock()
    lab.clock.tick(16)
    assert "late_reason" in problems(lab, number, "order", performed_at=then)
    lab.record_step(number, "order", performed_at=then, late_reason="The network was down.")
    late = [item for item in findings(lab.record(number)) if item.rule == "late entry"]
    assert late[0].sentence.endswith("recorded 16 min after the act. The network was down.")


def test_an_entry_within_the_time_allowed_is_not_late(lab: Lab) -> None:
    number, then = lab.open_batch(), lab.clock()
    lab.clock.set(then + timedelta(minutes=15) - timedelta(microseconds=10))
    lab.record_step(number, "order", performed_at=then)


# ---- what must not begin -----------------------------------------------------------------------------------------


@pytest.mark.req("P11-10f")
def test_a_step_waits_for_those_before_it(lab: Lab) -> None:
    number = lab.open_batch()
    assert stopped(lab, "identity_harvest", number=number) == ["order of steps"]
    found = record_stopped(lab, "identity_harvest", number=number)
    assert found == {"order of steps": Severity.BLOCKING}


@pytest.mark.req("P11-10f")
def test_a_step_does_not_end_before_the_one_before_it(lab: Lab) -> None:
    number = lab.play("harvest")
    before = lab.clock.now - timedelta(minutes=6)
    given = {"performed_at": before, "given_at": before}
    assert stopped(lab, "handover_laboratory", number=number, **given) == ["order of times"]


def test_the_wrong_patient_stops_the_identity_check(lab: Lab) -> None:
    assert stopped(lab, "identity_harvest", patient_code="P-2049") == ["identity"]


def test_the_wrong_patient_once_recorded_is_critical(lab: Lab) -> None:
    assert record_stopped(lab, "identity_harvest", patient_code="P-2049")["identity"] is Severity.CRITICAL


def test_a_wrong_chain_of_identity_code_stops_the_identity_check(lab: Lab) -> None:
    assert stopped(lab, "identity_harvest", identity_code="7QX4-M2KD-9RTV") == ["identity"]


def test_codes_agree_whatever_their_case_and_hyphens(lab: Lab) -> None:
    number = lab.play(station_before("identity_harvest"))
    spelled = lab.record(number).batch.identity_code.lower().replace("-", " ")
    lab.record_step(number, "identity_harvest", patient_code="p2048", identity_code=spelled)


@pytest.mark.parametrize("key", ["handover_laboratory", "receipt", "sample_before"])
def test_the_wrong_container_stops_the_act(lab: Lab, key: str) -> None:
    assert stopped(lab, key, container_code="BAG-8") == ["identity"]


def test_the_wrong_tube_stops_the_resuspension(lab: Lab) -> None:
    assert stopped(lab, "resuspension", source_container_code="BAG-8") == ["identity"]


def test_after_filling_the_material_is_in_the_new_container(lab: Lab) -> None:
    assert stopped(lab, "sample_after", container_code="BAG-7") == ["identity"]


@pytest.mark.parametrize(("key", "sample"), [("count_before", "S-9"), ("count_after", "S-1")])
def test_the_wrong_sample_stops_the_count(lab: Lab, key: str, sample: str) -> None:
    assert stopped(lab, key, sample_code=sample) == ["identity"]


def test_an_expired_anticoagulant_stops_the_harvest(lab: Lab) -> None:
    assert stopped(lab, "harvest", anticoagulant_expiry=date(2026, 11, 22)) == ["expired lot"]


def test_an_anticoagulant_is_in_date_on_its_last_day(lab: Lab) -> None:
    lab.record_step(lab.play("identity_harvest"), "harvest", anticoagulant_expiry=date(2026, 11, 23))


def test_giver_and_receiver_are_two_people(lab: Lab) -> None:
    assert stopped(lab, "handover_laboratory", giver=lab.id("tess")) == ["same person"]


def test_nothing_is_received_before_it_is_given(lab: Lab) -> None:
    number = lab.play("harvest")
    lab.clock.tick(4)
    earlier = lab.clock.now - timedelta(minutes=2)
    rules = stopped(
        lab,
        "handover_laboratory",
        number=number,
        given_at=earlier + timedelta(minutes=1),
        performed_at=earlier,
    )
    assert rules == ["order of times"]


def register(lab: Lab, code: str, **changes: Any) -> None:
    with lab.store.read() as session:
        item = next(item for item in equipment_now(session) if item.code == code)
    facts = equipment.EquipmentFacts(
        code,
        item.category,
        item.model,
        r_max_cm=Decimal(item.r_max_cm) if item.r_max_cm else None,
        max_speed_rpm=Decimal(item.max_speed_rpm) if item.max_speed_rpm else None,
    )
    equipment.register_equipment(lab.by("quentin"), facts=replace(facts, **changes))


@pytest.mark.req("GMP-68a")
@pytest.mark.parametrize("code", [story.CENTRIFUGE, story.ROTOR])
def test_equipment_whose_check_has_run_out_stops_the_spin(lab: Lab, code: str) -> None:
    register(lab, code, next_check=date(2026, 11, 22))
    number = lab.play("count_before", lab.open_batch())
    assert stopped(lab, "spin_1", number=number) == ["equipment"]


@pytest.mark.parametrize("code", [story.CENTRIFUGE, story.ROTOR])
def test_equipment_out_of_service_stops_the_spin(lab: Lab, code: str) -> None:
    register(lab, code, in_service=False)
    number = lab.play("count_before", lab.open_batch())
    assert stopped(lab, "spin_1", number=number) == ["equipment"]


@pytest.mark.req("GMP-68a")
@pytest.mark.parametrize("code", [story.CENTRIFUGE, story.ROTOR])
def test_a_check_that_was_made_after_the_spin_does_not_mend_it(lab: Lab, code: str) -> None:
    register(lab, code, next_check=date(2026, 11, 22))
    number = lab.play("count_before", lab.open_batch())
    lab.clock.tick(15)
    spun = lab.clock()
    lab.clock.tick(2)
    register(lab, code, next_check=date(2027, 11, 22))
    assert stopped(lab, "spin_1", number=number, performed_at=spun) == ["equipment"]
    lab.record_step(number, "spin_1")


def test_equipment_that_was_registered_after_its_use_is_looked_at(lab: Lab) -> None:
    number = lab.play("count_before")
    lab.clock.tick(14)
    spun = lab.clock()
    lab.clock.tick(1)
    facts = equipment.EquipmentFacts("CF-99", "centrifuge", "Newcomer 9", next_check=date(2027, 11, 22))
    equipment.register_equipment(lab.by("quentin"), facts=facts)
    with lab.store.read() as session:
        newcomer = next(item.id for item in equipment_now(session) if item.code == "CF-99")
    lab.record_step(number, "spin_1", centrifuge=newcomer, performed_at=spun)
    assert "CF-99 was registered only after the act" in str(findings(lab.record(number)))


def test_a_form_cannot_name_equipment_as_it_was_registered_before(lab: Lab) -> None:
    number = lab.play("count_before")
    reading, step = lab.reading(number, "spin_1"), lab.step(number, "spin_1")
    register(lab, story.ROTOR, in_service=False)
    with pytest.raises(Invalid, match="as it is registered now"):
        steps.record_step(lab.by("tess"), step=step, reading=reading)


@pytest.mark.parametrize("given", [{"speed_rpm": Decimal(4501)}, {"speed_rpm": None, "rcf_g": Decimal(3895)}])
def test_a_rotor_does_not_turn_faster_than_it_may(lab: Lab, given: dict[str, Any]) -> None:
    confirmed = {"rcf_g": "As the maker says.", "speed_rpm": "As the maker says."}
    assert stopped(lab, "spin_1", confirmed=confirmed, **given) == ["rotor speed"]


@pytest.mark.parametrize("key", ["bedside", "injection"])
def test_a_product_that_is_not_released_must_not_be_used(lab: Lab, key: str) -> None:
    number = lab.play(REVIEWED)
    for station in STATIONS[STATIONS.index("handover_theatre") : STATIONS.index(key)]:
        lab.clock.tick(1)
        lab.record_step(number, station, happened_reason="Taken without waiting.")
        lab.confirm_all(number, station)
    lab.clock.tick(1)
    assert "release" in stopped(lab, key, number=number)
    assert record_stopped(lab, key, number=number)["release"] is Severity.CRITICAL


@pytest.mark.parametrize("wrong", [{"patient_code": "P-2049"}, {"container_code": "BAG-7"}], ids=str)
def test_the_wrong_patient_or_syringe_stops_the_injection(lab: Lab, wrong: dict[str, str]) -> None:
    number = lab.play("bedside")
    lab.clock.tick(3)
    assert stopped(lab, "injection", number=number, **wrong) == ["identity"]


def test_the_wrong_patient_injected_is_recorded_and_critical(lab: Lab) -> None:
    assert record_stopped(lab, "injection", patient_code="P-2049")["identity"] is Severity.CRITICAL


@pytest.mark.parametrize("key", ["bedside", "injection"])
def test_an_expired_product_must_not_be_used(lab: Lab, key: str) -> None:
    number = lab.play(station_before(key))
    lab.clock.tick(4 * 60)
    rules = stopped(lab, key, number=number)
    assert rules == ["expired"]
    assert record_stopped(lab, key, number=number)["expired"] is Severity.CRITICAL


def test_the_injection_waits_for_the_check_at_the_bedside(lab: Lab) -> None:
    number = lab.play("handover_theatre")
    lab.leave_out(number, "bedside", "There was no second person.", by="paula")
    assert stopped(lab, "injection", number=number) == ["bedside check"]


def test_the_check_at_the_bedside_needs_its_second_person_before_the_injection(lab: Lab) -> None:
    number = lab.play("handover_theatre")
    lab.record_step(number, "bedside")
    lab.clock.tick(2)
    assert stopped(lab, "injection", number=number) == ["bedside check"]


def sites(lab: Lab, **changes: Any) -> tuple[Site, ...]:
    base = Site(
        structure="intervertebral disc", level="L4/5", side="midline", guidance="fluoroscopy",
        approach="posterolateral", needle_gauge=Decimal(22), needle_length_mm=Decimal(90), contrast="none",
        volume_ml=Decimal("2.0"), injected_at=lab.clock(),
    )  # fmt: skip
    return (replace(base, **changes),)


def test_no_more_is_injected_than_was_filled(lab: Lab) -> None:
    number = lab.play("bedside")
    given = {"sites": sites(lab, volume_ml=Decimal("8.1")), "confirmed": {"sites": "One depot."}}
    assert stopped(lab, "injection", number=number, **given) == ["volume"]


@pytest.mark.parametrize(
    "change",
    [{"level": "L3/4"}, {"side": "left"}, {"structure": "epidural space"}],
    ids=lambda change: str(*change),
)
def test_a_site_that_was_not_ordered_stops_the_injection(lab: Lab, change: dict[str, str]) -> None:
    number = lab.play("bedside")
    assert stopped(lab, "injection", number=number, sites=sites(lab, **change)) == ["wrong site"]
    assert record_stopped(lab, "injection", number=number, sites=sites(lab, **change)) == {
        "wrong site": Severity.CRITICAL,
        "not injected": Severity.EXCEPTION,
    }


# ---- correcting --------------------------------------------------------------------------------------------------


@pytest.mark.req("P11-10e", "A11-9")
def test_a_correction_is_a_new_version_and_the_old_one_stays(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("receipt")
    old = lab.record(number).current("receipt")
    new = lab.correct_step(number, "receipt", "The balance stood on 58, not 60.", volume_ml=Decimal("58.0"))
    first, second = lab.record(number).history("receipt")
    assert first == old
    assert (second.id, second.replaces_id, second.reason) == (
        new,
        first.id,
        "The balance stood on 58, not 60.",
    )
    assert lab.record(number).current("receipt") == second


def test_a_correction_needs_its_second_person_anew(lab: Lab) -> None:
    number = lab.play("receipt")
    assert not lab.record(number).outstanding(current(lab, number, "receipt"))
    lab.correct_step(number, "receipt", volume_ml=Decimal("58.0"))
    record = lab.record(number)
    wanted = record.outstanding(current(lab, number, "receipt"))
    assert [item.act for item in wanted] == [VERIFIED]


@pytest.mark.parametrize("reason", ["", "   ", "err", "Error.", "correction", "Typing error", "WRONG"])
def test_a_correction_says_why_in_words_that_another_understands(lab: Lab, reason: str) -> None:
    number = lab.play("receipt")
    with pytest.raises(Invalid) as invalid:
        lab.correct_step(number, "receipt", reason, volume_ml=Decimal("58.0"))
    assert list(invalid.value.problems) == ["reason"]


def test_a_correction_changes_something(lab: Lab) -> None:
    number = lab.play("receipt")
    with pytest.raises(Invalid, match="Nothing was changed"):
        lab.correct_step(number, "receipt")


def test_a_correction_of_the_decimals_is_a_correction(lab: Lab) -> None:
    number = lab.play("receipt")
    lab.correct_step(number, "receipt", volume_ml=Decimal("60.00"))
    assert str(current(lab, number, "receipt").volume_ml) == "60.00"


def test_an_entry_is_corrected_once_and_then_its_correction_is(lab: Lab) -> None:
    number = lab.play("receipt")
    old = current(lab, number, "receipt")
    lab.correct_step(number, "receipt", volume_ml=Decimal("58.0"))
    reading = lab.reading(number, "receipt", volume_ml=Decimal("57.0"))
    again = refusal(
        lambda: steps.correct_step(
            lab.by("tess"),
            step=lab.step(number, "receipt"),
            replaces=old.id,
            reading=reading,
            reason="Read off once more.",
        )
    )
    assert again == ("corrected",)


def test_what_was_not_recorded_cannot_be_corrected(lab: Lab) -> None:
    number = lab.open_batch()
    reading, step = lab.reading(number, "order"), lab.step(number, "order")
    assert refusal(
        lambda: steps.correct_step(
            lab.by("tess"), step=step, replaces="x", reading=reading, reason="There is nothing here."
        )
    ) == ("corrected",)


def test_a_correction_is_stopped_like_a_first_entry(lab: Lab) -> None:
    number = lab.play("receipt")
    assert refusal(lambda: lab.correct_step(number, "receipt", container_code="BAG-8")) == ("identity",)


def test_a_correction_keeps_the_time_of_the_act(lab: Lab) -> None:
    number = lab.play("receipt")
    old = current(lab, number, "receipt")
    lab.clock.tick(60)
    reading = replace(lab.reading(number, "receipt", volume_ml=Decimal(58)), performed_at=None)
    steps.correct_step(
        lab.by("tess"),
        step=lab.step(number, "receipt"),
        replaces=old.id,
        reading=reading,
        reason="Read off again.",
    )
    assert current(lab, number, "receipt").performed_at == old.performed_at


def test_an_entry_can_be_corrected_after_its_performer_has_left(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    people.deactivate(lab.by("ivan"), person_id=lab.id("paula"), reason="Left the hospital.")
    lab.correct_step(number, "harvest", needle="11 G, Jamshidi")
    lab.correct_step(number, "handover_laboratory", temperature_c=Decimal("22.0"))


def test_a_spin_can_be_corrected_after_its_rotor_was_registered_anew(lab: Lab) -> None:
    number = lab.play("spin_1")
    lab.clock.tick(2)
    register(lab, story.ROTOR, in_service=False)
    lab.correct_step(number, "spin_1", duration_min=Decimal("4.5"))


# ---- not done ----------------------------------------------------------------------------------------------------


def test_a_step_that_was_not_done_says_why(lab: Lab) -> None:
    number = lab.open_batch()
    with pytest.raises(Invalid, match="Say what happened"):
        lab.leave_out(number, "spin_2", "no")
    lab.leave_out(number, "spin_2", "The method has one spin.")
    noted = lab.record(number).not_done_reason("spin_2")
    assert noted is not None
    assert noted.reason == "The method has one spin."


def test_a_step_noted_as_not_done_can_be_recorded_after_all(lab: Lab) -> None:
    number = lab.play("spin_2")
    lab.clock.tick(5)
    lab.record_step(number, "spin_2")
    assert lab.record(number).not_done_reason("spin_2") is None


def test_a_step_is_noted_as_not_done_once(lab: Lab) -> None:
    number = lab.play("spin_2")
    assert refusal(lambda: lab.leave_out(number, "spin_2")) == ("not done",)


def test_a_recorded_step_was_done(lab: Lab) -> None:
    number = lab.play("order")
    assert refusal(lambda: lab.leave_out(number, "order", "It was not done.")) == ("recorded",)


def test_who_may_not_record_a_step_may_not_note_it_as_not_done(lab: Lab) -> None:
    number = lab.open_batch()
    assert refusal(lambda: lab.leave_out(number, "spin_2", by="ada")) == ("permission",)


# ---- confirming --------------------------------------------------------------------------------------------------


@pytest.mark.req("P11-50a", "P11-70", "D11-13")
def test_a_confirmation_is_signed_with_name_role_time_zone_and_meaning(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.open_batch()
    lab.record_step(number, "order")
    head = lab.record(number).head
    lab.confirm(number, "order", "vic")
    record = lab.record(number)
    signature = record.signature(record.confirmations[-1].signature_id)
    assert (signature.name, signature.username, signature.role) == (
        "Vic Vermeer",
        "vic",
        "process owner, second operator",
    )
    assert signature.meaning == "Verified as second person"
    assert signature.zone == "Europe/Warsaw"
    assert signature.signed_at == record.confirmations[-1].recorded_at
    assert (signature.record_version, signature.record_digest) == (head.seq, head.digest)


def test_who_performed_or_recorded_a_step_cannot_verify_it(lab: Lab) -> None:
    number = lab.open_batch()
    lab.record_step(number, "order")
    assert refusal(lambda: lab.confirm(number, "order", "paula")) == ("same person",)
    assert refusal(lambda: lab.confirm(number, "order", "tess")) == ("same person",)


@pytest.mark.parametrize("name", ["quentin", "ada", "ivan"])
def test_who_may_not_verify_is_refused(lab: Lab, name: str) -> None:
    number = lab.open_batch()
    lab.record_step(number, "order")
    assert refusal(lambda: lab.confirm(number, "order", name)) == ("permission",)


def test_a_step_is_verified_once(lab: Lab) -> None:
    number = lab.play("order")
    assert refusal(lambda: lab.confirm(number, "order", "vic")) == ("confirmed",)


def test_a_step_without_a_second_person_needs_no_verification(lab: Lab) -> None:
    number = lab.play("sample_before")
    assert refusal(lambda: lab.confirm(number, "sample_before", "vic")) == ("confirmed",)


def test_only_the_performer_attests(lab: Lab) -> None:
    number = lab.play("identity_harvest")
    lab.record_step(number, "harvest")
    assert refusal(lambda: lab.confirm(number, "harvest", "vic", ATTESTED)) == ("another person",)
    lab.confirm(number, "harvest", "paula", ATTESTED)


def test_giver_and_receiver_each_confirm_their_own_part(lab: Lab) -> None:
    number = lab.play("harvest")
    lab.record_step(number, "handover_laboratory", performed_by="vic")
    assert refusal(lambda: lab.confirm(number, "handover_laboratory", "vic", GIVEN)) == ("another person",)
    assert refusal(lambda: lab.confirm(number, "handover_laboratory", "paula", RECEIVED)) == (
        "another person",
    )
    lab.confirm(number, "handover_laboratory", "paula", GIVEN)
    lab.confirm(number, "handover_laboratory", "vic", RECEIVED)


def test_a_confirmation_is_of_the_version_that_was_read(lab: Lab) -> None:
    number = lab.play("sample_before")
    lab.record_step(number, "count_before")
    old = current(lab, number, "receipt")
    lab.correct_step(number, "receipt", volume_ml=Decimal("58.0"))
    step, proof = lab.step(number, "receipt"), lab.proof("vic")
    assert refusal(
        lambda: confirm_step(lab.by("vic"), step=step, entry_id=old.id, act=VERIFIED, proof=proof)
    ) == ("corrected",)


# ---- signing -----------------------------------------------------------------------------------------------------


def confirm_with(lab: Lab, number: str, by: str, proof: Any) -> str:
    entry = current(lab, number, "order")
    return confirm_step(
        lab.by(by), step=lab.step(number, "order"), entry_id=entry.id, act=VERIFIED, proof=proof
    )


def order_recorded(lab: Lab) -> str:
    number = lab.open_batch()
    lab.record_step(number, "order")
    return number


@pytest.mark.req("P11-200a2-3")
def test_nobody_signs_with_the_proof_of_another(lab: Lab) -> None:
    number = order_recorded(lab)
    assert refusal(lambda: confirm_with(lab, number, "vic", lab.proof("paula"))) == ("signature",)


@pytest.mark.req("P11-200a1")
def test_a_password_given_a_while_ago_does_not_sign(lab: Lab) -> None:
    number, proof = order_recorded(lab), lab.proof("vic")
    lab.clock.tick(1.01)
    assert refusal(lambda: confirm_with(lab, number, "vic", proof)) == ("signature",)


def test_a_password_changed_in_the_meantime_does_not_sign(lab: Lab) -> None:
    number, proof = order_recorded(lab), lab.proof("vic")
    accounts.change_password(lab.by("vic"), proof=proof, password="another long and unusual phrase")
    assert refusal(lambda: confirm_with(lab, number, "vic", proof)) == ("signature",)


@pytest.mark.req("P11-10j")
def test_nobody_signs_before_accepting_that_signatures_bind(lab: Lab) -> None:
    number = order_recorded(lab)
    added = people.add_person(lab.system, username="nora", name="Nora New", roles=("second operator",))
    password = "a phrase that nobody guesses"
    accounts.accept_invitation(lab.system, secret=added["secret"], password=password)
    note_identity(
        lab.system,
        person_id=added["person_id"],
        checked_by="Ivan Ilić",
        how="passport",
        checked_on=lab.today(),
    )
    proof = accounts.prove_identity(lab.store, "nora", password, "test", "signature")
    assert refusal(lambda: confirm_with(lab, number, "nora", proof)) == ("agreement",)
    accounts.accept_agreement(lab.by("nora"), proof=proof)
    confirm_with(lab, number, "nora", proof)


# ---- a batch that takes nothing more -----------------------------------------------------------------------------


def test_nothing_is_recorded_in_a_void_batch(lab: Lab) -> None:
    number = lab.play("order")
    batches.void_batch(
        lab.by("tess"),
        batch=lab.batch(number),
        reason="Opened for the wrong patient.",
        proof=lab.proof("tess"),
    )
    acts = {
        "record": lambda: lab.record_step(number, "identity_harvest"),
        "correct": lambda: lab.correct_step(number, "order", order_code="O-2"),
        "not done": lambda: lab.leave_out(number, "spin_2"),
        "confirm": lambda: lab.confirm(number, "order", "paula", ATTESTED),
    }
    assert {name: refusal(act) for name, act in acts.items()} == dict.fromkeys(acts, ("voided",))


def test_a_refused_act_names_every_reason(lab: Lab) -> None:
    number = lab.play("handover_theatre")
    lab.clock.tick(5 * 60)
    with pytest.raises(Refused) as refused:
        lab.record_step(
            number, "injection", patient_code="P-1", container_code="BAG-7", sites=sites(lab, level="C2/3")
        )
    assert [blocker.rule for blocker in refused.value.blockers] == [
        "order of steps",
        "identity",
        "identity",
        "expired",
        "bedside check",
        "wrong site",
    ]
