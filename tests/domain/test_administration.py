"""The injection: every reason why it must not begin."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.entries import Stop
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.materials import Material
from labrecords.domain.results.expiry import use_before
from labrecords.domain.results.results import results
from labrecords.domain.review.decisions import ON_HOLD, REJECTED
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from labrecords.domain.rules.order_match import injected_findings
from labrecords.domain.rules.site_match import not_injected, site_stops
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.bedside import BedsideCheck, CheckedSite
from labrecords.domain.steps.order import Target, target_problems
from tests.support.clean import altered, clean, entry_of, played, process_text, without

RECORD = clean("injection")


def injection(record: BatchRecord = RECORD, **changes: Any) -> Injection:
    entry = entry_of(record, "injection")
    assert isinstance(entry, Injection)
    return replace(entry, **changes)


def moved(**changes: Any) -> Injection:
    """The injection with another first site."""
    first, *rest = injection().sites
    return injection(sites=(replace(first, **changes), *rest))


def only(stops: tuple[Stop, ...]) -> Stop:
    assert len(stops) == 1, stops
    return stops[0]


def test_a_released_product_in_date_for_this_patient_and_these_sites_is_not_stopped() -> None:
    assert injection().stops(RECORD) == ()
    assert injection().injected_volume_ml() == 4


@pytest.mark.req("HCT-290")
def test_another_patient_is_a_critical_stop() -> None:
    stop = only(injection(patient_code="P-2049").stops(RECORD))
    assert (stop.rule, stop.critical, stop.found) == ("identity", True, "P-2049")


def test_another_container_is_a_critical_stop() -> None:
    stop = only(injection(container_code="BAG-7").stops(RECORD))
    assert (stop.rule, stop.critical, stop.expected) == ("identity", True, "SYR-7")


@pytest.mark.req("HCT-265", "GMP-165")
def test_a_product_that_was_never_released_is_a_critical_stop() -> None:
    record = replace(RECORD, decisions=(), issues=(), issue_ends=())
    stop = only(injection().stops(record))
    assert (stop.rule, stop.critical, stop.sentence) == ("release", True, "This product is not released.")


@pytest.mark.req("HCT-265")
def test_an_injection_before_the_release_is_a_critical_stop_even_when_it_was_released_later() -> None:
    released = RECORD.issue_ends[-1].ended_at
    before = moved(injected_at=released - timedelta(seconds=1)).stops(RECORD)
    assert [(stop.rule, stop.critical) for stop in before] == [("release", True), ("bedside check", True)]


@pytest.mark.parametrize("decision", [REJECTED, ON_HOLD])
def test_a_product_that_is_rejected_or_on_hold_is_a_critical_stop(decision: str) -> None:
    record = replace(RECORD, decisions=(replace(RECORD.decisions[0], decision=decision),))
    stop = only(injection().stops(record))
    assert (stop.rule, stop.critical) == ("release", True)
    assert stop.sentence == f"This product is {decision}: it must not be used."


def test_where_the_pathway_needs_no_release_none_is_waited_for() -> None:
    text = process_text(("release_required = true", "release_required = false"))
    record = played("injection", text=text, decision="").record
    assert record.decisions == ()
    assert injection(record).stops(record) == ()


@pytest.mark.req("GMP-137", "GMP-111")
def test_an_expired_product_is_a_critical_stop_judged_by_the_last_site() -> None:
    limit = use_before(RECORD)
    assert limit is not None
    assert moved(injected_at=limit.until).stops(RECORD) == ()
    stop = only(moved(injected_at=limit.until + timedelta(seconds=1)).stops(RECORD))
    assert (stop.rule, stop.critical) == ("expired", True)


def test_without_the_check_at_the_bedside_it_is_a_critical_stop() -> None:
    stop = only(injection().stops(without(RECORD, "bedside")))
    assert (stop.rule, stop.critical) == ("bedside check", True)


def test_a_check_at_the_bedside_that_nobody_verified_is_a_critical_stop() -> None:
    check = entry_of(RECORD, "bedside")
    record = replace(RECORD, confirmations=tuple(c for c in RECORD.confirmations if c.entry_id != check.id))
    assert only(injection().stops(record)).rule == "bedside check"


def test_a_check_at_the_bedside_that_was_verified_after_the_first_site_is_a_critical_stop() -> None:
    verified = next(item for item in RECORD.confirmations if item.step_key == "bedside").recorded_at
    assert moved(injected_at=verified).stops(RECORD) == ()
    stop = only(moved(injected_at=verified - timedelta(seconds=1)).stops(RECORD))
    assert (stop.rule, stop.critical) == ("bedside check", True)


AGAIN = "It was recorded as it was, and two people saw it."
WRONG: list[dict[str, Any]] = [
    {"second_identifier": "date of birth differs"},
    {"patient_code": "not recognised"},
    {"identity_code": "X-1"},
    {"looks_normal": False},
]


@pytest.mark.req("HCT-290")
@pytest.mark.parametrize("wrong", WRONG)
def test_a_check_at_the_bedside_that_found_something_wrong_opens_the_way_to_no_needle(
    wrong: dict[str, Any],
) -> None:
    """It was recorded as having happened, and confirmed by two."""
    record = altered(RECORD, "bedside", happened_reason=AGAIN, **wrong)
    (found,) = entry_of(record, "bedside").stops(record)
    stop = only(injection().stops(record))
    assert (stop.rule, stop.critical) == ("bedside check", True)
    assert stop.sentence == f"The check at the bedside found: {found.sentence}"


def corrected(record: BatchRecord, *, confirmed: bool, **changes: Any) -> BatchRecord:
    """The check at the bedside corrected before the first site, and confirmed where that is asked."""
    old = entry_of(record, "bedside")
    (seal,) = [item for item in record.confirmations if item.entry_id == old.id]
    at = seal.recorded_at
    new = replace(old, id="f" * 32, replaces_id=old.id, recorded_at=at, reason="Checked again.", **changes)
    seals = [replace(seal, id="e" * 32, entry_id=new.id)] if confirmed else []
    return replace(
        record,
        entries=(*record.entries, new),
        confirmations=(*record.confirmations, *seals),
    )


def test_the_check_done_again_and_confirmed_is_the_way_out() -> None:
    failed = altered(RECORD, "bedside", looks_normal=False)
    assert injection().stops(corrected(failed, confirmed=True, looks_normal=True)) == ()
    unsigned = corrected(failed, confirmed=False, looks_normal=True)
    assert only(injection().stops(unsigned)).rule == "bedside check"


def test_a_correction_that_finds_the_wrong_patient_stops_before_anybody_confirmed_it() -> None:
    record = corrected(RECORD, confirmed=False, second_identifier="full name differs")
    assert "full name" in only(injection().stops(record)).sentence


CHECKED = CheckedSite(structure="intervertebral disc", level="L4/5", side="left")


def test_a_site_that_was_not_named_at_the_bedside_is_a_critical_stop() -> None:
    record = altered(RECORD, "bedside", sites=(replace(CHECKED, side="midline"),))
    stop = only(injection().stops(record))
    assert (stop.rule, stop.critical) == ("bedside check", True)
    assert stop.sentence.startswith("intervertebral disc L5/S1, midline was not named")


def test_the_bedside_check_is_stopped_by_a_wrong_site_before_the_act() -> None:
    record = altered(RECORD, "bedside", sites=(CHECKED,))
    stop = only(entry_of(record, "bedside").stops(record))
    assert (stop.rule, stop.critical, stop.found) == ("wrong site", True, CHECKED.words())
    with_knee = {"sites": (replace(CHECKED, structure="knee joint"),)}
    assert list(BedsideCheck.contradictions(with_knee)) == ["sites-0-level"]


def test_more_than_was_filled_is_a_stop() -> None:
    stop = only(moved(volume_ml=Decimal("6.1")).stops(RECORD))
    assert (stop.rule, stop.critical) == ("volume", False)
    assert stop.sentence == "8.1 mL are more than the 7.50 mL that were left for injection."
    assert moved(volume_ml=Decimal("5.5")).stops(RECORD) == ()


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"side": "left"}, "Wrong side (midline is ordered there)"),
        ({"level": "L3/4"}, "Wrong level (L4/5 or L5/S1 is ordered)"),
        ({"structure": "epidural space"}, "Wrong structure"),
    ],
)
def test_a_side_level_or_structure_that_was_not_ordered_is_a_critical_stop(
    change: dict[str, str], wrong: str
) -> None:
    stop = only(moved(**change).stops(RECORD))
    assert (stop.rule, stop.critical) == ("wrong site", True)
    assert stop.sentence == f"{wrong}: {stop.found} is not among the ordered targets."


def test_each_wrong_site_is_a_stop_of_its_own() -> None:
    sites = tuple(replace(site, side="right") for site in injection().sites)
    assert [stop.rule for stop in injection(sites=sites).stops(RECORD)] == ["wrong site", "wrong site"]


BOTH_FACETS = Target(structure="facet joint", level="L4/5", side="both sides")
LEFT = {"structure": "facet joint", "level": "L4/5", "side": "left"}


def ordered(*targets: Target) -> BatchRecord:
    """The record with these targets, which were checked at the bedside as well."""
    checked = tuple(
        CheckedSite(structure=target.structure, level=target.level, side=target.side) for target in targets
    )
    return altered(altered(RECORD, "order", targets=targets), "bedside", sites=checked)


def test_both_sides_ordered_are_injected_one_by_one_and_one_side_is_not_both() -> None:
    left, right = moved(**LEFT).sites[0], moved(**LEFT | {"side": "right"}).sites[0]
    assert injection(sites=(left, right)).stops(ordered(BOTH_FACETS)) == ()
    both = replace(left, side="both sides")
    one_side = only(injection(sites=(both,)).stops(ordered(replace(BOTH_FACETS, side="left"))))
    assert (one_side.rule, one_side.found) == ("wrong site", "facet joint L4/5, both sides")
    apart = (replace(BOTH_FACETS, side="left"), replace(BOTH_FACETS, side="right"))
    assert injection(sites=(both,)).stops(ordered(*apart)) == ()


def test_a_target_that_was_ordered_and_not_injected_is_a_finding() -> None:
    assert injected_findings(RECORD) == []
    one = altered(RECORD, "injection", sites=injection().sites[:1])
    (finding,) = injected_findings(one)
    assert "intervertebral disc L5/S1, midline" in finding.sentence
    record = altered(ordered(BOTH_FACETS), "injection", sites=moved(**LEFT).sites[:1])
    assert [finding.rule for finding in injected_findings(record)] == ["not injected"]


@pytest.mark.parametrize(
    ("volume", "severity"),
    [
        ("2.1", None),
        ("1.9", None),
        ("2.2", Severity.EXCEPTION),
        ("1.8", Severity.EXCEPTION),
        ("4.0", Severity.BLOCKING),
    ],
)
def test_another_volume_than_was_ordered_is_a_finding(volume: str, severity: Severity | None) -> None:
    """2.0 mL were ordered; 5 % are tolerated."""
    first, second = injection().sites
    record = altered(RECORD, "injection", sites=(replace(first, volume_ml=Decimal(volume)), second))
    found = injected_findings(record)
    assert [item.severity for item in found] == ([severity] if severity else [])
    for item in found:
        assert f"2.0 mL were ordered at {first.words()}, and {volume} mL injected." in item.sentence


def test_depots_at_one_place_and_two_sides_at_once_are_summed() -> None:
    half = moved(volume_ml=Decimal("1.0")).sites
    assert injected_findings(altered(RECORD, "injection", sites=(half[0], *half))) == []
    one = replace(BOTH_FACETS, side="left", volume_ml=Decimal("1.0"))
    record = ordered(one, replace(one, side="right"))
    both = replace(moved(**LEFT | {"side": "both sides"}).sites[0], volume_ml=Decimal("3.0"))
    (finding,) = injected_findings(altered(record, "injection", sites=(both,)))
    assert (
        "2.0 mL were ordered at facet joint L4/5, left and facet joint L4/5, right, and 3.0"
        in finding.sentence
    )
    unplanned = ordered(replace(one, volume_ml=None), replace(one, side="right"))
    assert injected_findings(altered(unplanned, "injection", sites=(both,))) == []


def test_each_complication_is_a_finding_and_none_is_none() -> None:
    first, second = injection().sites
    sites = (replace(first, complication="Dural puncture"), replace(second, complication="None."))
    record = altered(RECORD, "injection", sites=sites, complications="Anaphylaxis, resuscitated")
    said = [item.sentence for item in findings(record) if item.rule == "complication"]
    assert [one.split("complication: ")[1] for one in said] == [
        "intervertebral disc L4/5, midline: Dural puncture",
        "Anaphylaxis, resuscitated",
    ]


def refused(**changes: Any) -> dict[str, str]:
    return Injection.contradictions({"sites": moved(**changes).sites})


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({"level": "sacroiliac"}, "level"),
        ({"structure": "facet joint"}, "side"),
        ({"structure": "knee joint", "side": "left"}, "level"),
        ({"structure": "ligament", "level": "not spinal"}, "named"),
        ({"contrast": "air"}, "contrast_ml"),
        ({"contrast": "iodinated", "contrast_ml": Decimal(1), "contrast_lot": "IO-9"}, "contrast_agent"),
        ({"contrast": "iodinated", "contrast_ml": Decimal(1), "contrast_agent": "Iohexol"}, "contrast_lot"),
        ({"contrast_ml": Decimal("0.5")}, "contrast_ml"),
    ],
)
def test_a_place_that_no_body_has_and_half_a_contrast_are_refused(changes: dict[str, Any], cell: str) -> None:
    assert list(refused(**changes)) == [f"sites-0-{cell}"]


def test_each_structure_of_the_list_can_be_stated() -> None:
    sound: list[dict[str, Any]] = [
        {"structure": "sacroiliac joint", "level": "sacroiliac", "side": "right"},
        {"structure": "shoulder joint", "level": "not spinal", "side": "left"},
        {"structure": "ligament", "level": "L5/S1", "named": "iliolumbar", "side": "left"},
        {"level": "L5/6 (transitional)"},
        {
            "contrast": "iodinated",
            "contrast_agent": "Iohexol",
            "contrast_lot": "IO-9",
            "contrast_ml": Decimal(1),
        },
    ]
    assert [refused(**changes) for changes in sound] == [{}] * len(sound)


NAMED_ONE: dict[str, Any] = {"structure": "ligament", "level": "L5/S1", "side": "left"}


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("supraspinous", "Wrong ligament (Iliolumbar ligament is ordered)"),
        ("", "Wrong ligament (Iliolumbar ligament is ordered)"),
        ("iliolumbar", ""),
        ("ILIO-LUMBAR ligament", ""),
        ("Iliolumbar  Ligament", ""),
    ],
)
def test_the_named_ligament_is_compared_with_the_order(named: str, said: str) -> None:
    target = Target(**NAMED_ONE, named="Iliolumbar ligament")
    record = altered(RECORD, "order", targets=(target,))
    site = replace(injection().sites[0], **NAMED_ONE, named=named or None)
    found = site_stops(record, [site])
    assert [stop.sentence.split(":")[0] for stop in found] == ([said] if said else [])
    for stop in found:
        assert (stop.rule, stop.critical) == ("wrong site", True)
        assert stop.expected == "ligament (Iliolumbar ligament) L5/S1, left"
    assert bool(not_injected(record, [site])) is bool(said)


def test_an_other_joint_is_compared_by_its_name_and_only_then_by_its_side() -> None:
    other: dict[str, Any] = {"structure": "other joint", "level": "not spinal"}
    record = altered(RECORD, "order", targets=(Target(**other, named="ankle", side="left"),))
    one = replace(injection().sites[0], **other, named="wrist", side="left")
    assert only(site_stops(record, [one])).sentence.startswith(
        "Wrong joint (ankle is ordered): other joint (wrist)"
    )
    side = replace(one, named="Ankle joint", side="right")
    assert only(site_stops(record, [side])).sentence.startswith("Wrong side (left is ordered there)")
    assert site_stops(record, [replace(side, side="left")]) == ()


def test_an_order_without_the_name_says_nothing_of_it_and_none_is_written_so_any_more() -> None:
    record = altered(RECORD, "order", targets=(Target(**NAMED_ONE),))
    site = replace(injection().sites[0], **NAMED_ONE, named="iliolumbar")
    assert site_stops(record, [site]) == ()
    assert not_injected(record, [site]) == ()
    assert target_problems([Target(**NAMED_ONE)]) == {"targets-0-named": "Row 1: Say which ligament it is."}
    bare = {"sites": (CheckedSite(**NAMED_ONE),)}
    assert BedsideCheck.contradictions(bare) == {"sites-0-named": "Row 1: Say which ligament it is."}


def test_another_ligament_than_was_checked_at_the_bedside_stops_the_injection() -> None:
    """The order names two; the check named one of them only."""
    two = tuple(Target(**NAMED_ONE, named=name) for name in ("iliolumbar", "interspinous"))
    record = altered(RECORD, "order", targets=two)
    record = altered(record, "bedside", sites=(CheckedSite(**NAMED_ONE, named="iliolumbar"),))
    sites = (replace(injection().sites[0], **NAMED_ONE, named="interspinous"),)
    assert [stop.sentence for stop in injection(sites=sites).stops(record)] == [
        "ligament (interspinous) L5/S1, left was not named in the check at the bedside."
    ]


def test_a_transitional_level_is_flagged() -> None:
    (remark,) = moved(level="L5/6 (transitional)").remarks(RECORD)
    assert remark.rule == "transitional level"
    assert injection().remarks(RECORD) == ()


def test_the_dose_of_each_site_is_computed_with_its_working() -> None:
    first, second = injection().derived(RECORD)
    product = results(RECORD)["viable_dose"]
    assert (first.key, first.formula_id, second.key) == ("site_dose.1", "viable-dose/1", "site_dose.2")
    assert first.value * Decimal("7.5") == product.value * 2, "2 of 7.5 mL"
    assert injection().derived(without(RECORD, "count_after")) == (), "no count, no dose"


def test_the_contrast_agent_is_a_material_with_its_lot() -> None:
    used = moved(contrast="iodinated", contrast_agent="Iohexol", contrast_lot="IO-9", contrast_ml=Decimal(1))
    assert used.materials() == (Material("Iohexol", "IO-9", None, Decimal(1)),)
    assert injection().materials() == ()


def test_without_an_order_no_site_is_wrong() -> None:
    record = altered(
        without(RECORD, "order"), "bedside", sites=(CHECKED, replace(CHECKED, level="L5/S1", side="midline"))
    )
    assert moved(side="left").stops(record) == ()


def test_every_reason_is_named_not_only_the_first() -> None:
    wrong = replace(moved(side="left", volume_ml=Decimal(9)), patient_code="X-1")
    assert {stop.rule for stop in wrong.stops(RECORD)} == {"identity", "volume", "wrong site"}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"patient_code": "X-1"}, "identity"),
        ({"identity_code": "X-1"}, "identity"),
        ({"container_code": "X"}, "identity"),
    ],
)
def test_the_check_at_the_bedside_is_stopped_by_each_wrong_code(change: dict[str, str], rule: str) -> None:
    record = altered(RECORD, "bedside", **change)
    check = entry_of(record, "bedside")
    assert only(check.stops(record)).rule == rule
    assert "identifiers do not match" in check.summary(record)


def test_the_check_at_the_bedside_is_stopped_by_a_missing_release_and_by_expiry() -> None:
    check = entry_of(RECORD, "bedside")
    assert check.stops(RECORD) == ()
    unreleased = replace(RECORD, decisions=())
    assert only(check.stops(unreleased)).rule == "release"
    late = replace(check, performed_at=check.performed_at + timedelta(hours=5))
    assert only(late.stops(RECORD)).rule == "expired"


def test_a_product_that_does_not_look_as_it_should_is_a_critical_stop() -> None:
    record = altered(RECORD, "bedside", looks_normal=False)
    check = entry_of(record, "bedside")
    stop = only(check.stops(record))
    assert (stop.rule, stop.critical, stop.sentence) == (
        "appearance",
        True,
        "The product does not look as it should.",
    )
    assert check.summary(record).endswith("product does not look as it should")


def test_the_summary_names_every_site_with_its_volume() -> None:
    assert injection().summary(RECORD) == (
        "intervertebral disc L4/5, midline: 2.0 mL; intervertebral disc L5/S1, midline: 2.0 mL"
    )
