"""The endotoxin limit over all sites of one hour: from what a batch records, judged at its test (domain 3.8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.record import BatchRecord
from labrecords.domain.results.assay_results import assay_standings
from labrecords.domain.results.assays import RUNNING
from labrecords.domain.results.hourly_endotoxin import hourly_limit
from labrecords.domain.results.results import judged_by
from labrecords.domain.review.release import release_blockers
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.endotoxin import Endotoxin
from labrecords.domain.steps.order import Order
from tests.support import assays
from tests.support.clean import altered, entry_of
from tests.support.fat_record import digested


def ordered(*volumes: str | None, weight: str | None = "70", **changes: Any) -> BatchRecord:
    """A batch with its tests whose order plans these volumes, one a target, for a patient of this weight."""
    record = assays.sampled_record()
    order = entry_of(record, "order")
    assert isinstance(order, Order)
    targets = tuple(
        replace(order.targets[0], volume_ml=Decimal(volume) if volume else None) for volume in volumes
    )
    weighed = {"weight_kg": Decimal(weight), "weighed_on": date(2026, 11, 20)} if weight else {}
    blank = {"weight_kg": None, "weighed_on": None}
    return altered(record, "order", targets=targets, **blank | weighed | changes)


def the_test(record: BatchRecord) -> Endotoxin:
    found = entry_of(record, "endotoxin")
    assert isinstance(found, Endotoxin)
    return found


def general(record: BatchRecord) -> BatchRecord:
    """With a process that takes the threshold of every way but the intrathecal."""
    return replace(record, process=replace(record.process, intrathecal_endotoxin=False))


@pytest.mark.parametrize(
    ("volumes", "weight", "intrathecal", "limit"),
    [
        (("2",), "70", False, "175.0"),
        (("3",), "60", False, "100.0"),
        (("3",), "70", False, "116.7"),
        (("3",), "60", True, "4.000"),
        (("2",), "70", True, "7.000"),
        (("2", "2", "2"), "70", True, "2.333"),
    ],
)
def test_the_published_limits(volumes: tuple[str, ...], weight: str, intrathecal: bool, limit: str) -> None:
    record = ordered(*volumes, weight=weight)
    found = hourly_limit(record if intrathecal else general(record))
    assert found is not None
    assert (found.reported, found.unit, found.formula_id) == (limit, "EU/mL", "endotoxin-limit/1")
    total = str(sum(map(Decimal, volumes)))
    assert [item.value for item in found.inputs] == ["0.2" if intrathecal else "5", weight, total]
    assert found.inputs[1].source == "step 1, weighed 2026-11-20"


def test_what_was_injected_within_an_hour_counts_once_it_is_known() -> None:
    record = assays.injected_record()
    given = entry_of(record, "injection")
    assert isinstance(given, Injection)
    first = given.sites[0].injected_at
    late = [replace(given.sites[0], injected_at=first + timedelta(minutes=m)) for m in (0, 30, 61)]
    found = hourly_limit(altered(record, "injection", sites=tuple(late)))
    assert found is not None
    assert (found.inputs[2].value, found.inputs[2].label) == ("4.0", "injected within one hour, at most")


@pytest.mark.parametrize(
    ("volumes", "weight", "words"),
    [
        (("2", "2"), None, "not recorded is the weight of the patient."),
        (("2", None), "70", "not recorded is the planned volume for intervertebral disc L4/5, midline."),
        ((None,), None, "the weight of the patient and the planned volume for intervertebral disc L4/5"),
    ],
)
def test_what_is_missing_is_named_and_never_guessed(
    volumes: tuple[str | None, ...], weight: str | None, words: str
) -> None:
    record = ordered(*volumes, weight=weight)
    assert hourly_limit(record) is None
    assert [item.key for item in record.derived(the_test(record))] == ["endotoxin_eu_per_ml"]
    assert [words in item.sentence for item in findings(record) if item.rule == "endotoxin limit"] == [True]
    assert not [item for item in findings(ordered("2")) if item.rule == "endotoxin limit"]


def test_the_test_is_judged_by_the_limit_of_the_hour_beside_that_of_the_master() -> None:
    light = ordered("6", "6", "6", weight="40")
    limit = hourly_limit(light)
    assert limit is not None
    assert judged_by(light, the_test(light), limit)[0] == Decimal("0.50")
    (item,) = (one for one in assay_standings(light) if one.step.key == "endotoxin")
    assert (item.fails, item.judgement.sentence) == (
        True,
        "0.5000 EU/mL is above 0.4444 EU/mL, the highest value.",
    )
    assert "test failed" in {
        found.rule for found in release_blockers(light, assays.when(light) + timedelta(minutes=1))
    }


def test_as_much_as_the_limit_allows_passes() -> None:
    record = ordered("4", "4", "4", "4", "4", weight="50")
    (item,) = (one for one in assay_standings(record) if one.step.key == "endotoxin")
    assert (item.fails, hourly_limit(record).reported) == (False, "0.5000")  # type: ignore[union-attr]


def test_the_dilution_may_go_as_far_as_the_limit_can_be_seen() -> None:
    record = ordered("2")
    found = record.derived(the_test(record))[2]
    assert (found.key, found.reported, found.formula) == ("maximum_valid_dilution", "140.0", "MVD = EL / λ")


def test_a_running_test_shows_its_limit_already() -> None:
    record = altered(ordered("2"), "endotoxin", state=RUNNING, below_lambda=None)
    assert [item.key for item in record.derived(the_test(record))] == [
        "endotoxin_limit_eu_per_ml",
        "maximum_valid_dilution",
    ]
    assert the_test(record).computed_limits(record) == ()


def test_the_weight_is_that_which_was_measured_last() -> None:
    record = altered(digested(), "order", weight_kg=Decimal(80), weighed_on=date(2026, 10, 1))
    found = hourly_limit(record)
    assert found is not None
    assert found.inputs[1].value == "70.0"


def test_a_weight_is_stated_with_its_day_and_is_more_than_nothing() -> None:
    stated = {"weight_kg": Decimal(0), "weighed_on": None}
    assert set(Order.contradictions(stated)) == {"weight_kg", "weighed_on"}
    assert Order.contradictions({"weight_kg": None, "weighed_on": None}) == {}
