"""Orders: what cannot be ordered, and how the order check is compared with the order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.registers.order_rules import MOST_TARGETS, order_problems
from labrecords.domain.registers.orders import BatchOrder, OrderFacts
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.order_match import RULE, order_findings
from labrecords.domain.steps.order import Order, Target
from tests.support.clean import clean

TODAY = date(2026, 11, 23)
DISC = Target(
    structure="intervertebral disc", level="L4/5", side="midline", volume_ml=Decimal("2.0"), dose_cells=None
)
GOOD = OrderFacts(
    process_key="bone-marrow-concentrate",
    indication="degenerative disc disease",
    indication_note=None,
    targets=(DISC,),
    prescriber="Paula Pereira",
    consent_version="Consent BMC, version 3",
    consent_date=TODAY,
)


def problems(**changes: Any) -> dict[str, str]:
    return order_problems(replace(GOOD, **changes), TODAY, {"bone-marrow-concentrate"})


def test_a_whole_order_has_no_problem() -> None:
    assert problems() == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("process_key", "svf"),
        ("process_key", ""),
        ("indication", "back pain"),
        ("prescriber", ""),
        ("consent_version", ""),
        ("consent_date", date(2026, 11, 24)),
        ("targets", ()),
        ("targets", (DISC, replace(DISC, volume_ml=Decimal(3)))),
        ("targets", tuple(replace(DISC, level=f"L{n}") for n in range(MOST_TARGETS + 1))),
        ("targets", (replace(DISC, level="L9/10"),)),
        ("targets", (replace(DISC, side=None),)),  # type: ignore[arg-type]
        ("targets", (replace(DISC, volume_ml=Decimal(0)),)),
        ("targets", (replace(DISC, dose_cells=Decimal(-1)),)),
    ],
)
def test_what_cannot_be_ordered_is_asked_back_at_its_field(field: str, value: Any) -> None:
    assert list(problems(**{field: value})) == [field]


def test_another_indication_is_said_in_words() -> None:
    assert list(problems(indication="other")) == ["indication_note"]
    assert problems(indication="other", indication_note="Discogenic pain") == {}


def found(**changes: Any) -> list[str]:
    """What is found of the clean record, opened from an order that is as its order check with changes."""
    record = clean()
    (stated,) = record.of_kind(Order)
    same = {
        "process_key": record.process.key,
        "indication": stated.indication,
        "indication_note": stated.indication_note,
        "targets": stated.targets,
        "prescriber": stated.prescriber or record.name(stated.performed_by),
        "consent_version": stated.consent_version,
        "consent_date": stated.consent_date,
        "code": stated.order_code,
    }
    ids = {"id": "1", "batch_id": record.batch.id, "order_id": "2", "ordered_by": stated.performed_by}
    order = BatchOrder(**(same | ids | {"ordered_at": stated.performed_at} | changes))
    results = order_findings(replace(record, orders=(order,)))
    assert all(item.rule == RULE and item.severity is Severity.BLOCKING for item in results)
    return [item.sentence for item in results]


def test_a_batch_without_an_order_is_compared_with_none() -> None:
    assert order_findings(clean()) == []


def test_what_agrees_is_no_finding_however_it_was_typed() -> None:
    (stated,) = clean().of_kind(Order)
    longer = tuple(
        replace(target, volume_ml=target.volume_ml and target.volume_ml + Decimal("0.000"))
        for target in reversed(stated.targets)
    )
    assert found() == []
    assert (
        found(targets=longer, code=stated.order_code.lower(), consent_version=stated.consent_version.upper())
        == []
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "T7QX-4M2K"}, "the order is"),
        ({"indication": "spinal stenosis"}, "the indication is"),
        ({"prescriber": "Somebody Else"}, "and order .* has Somebody Else"),
        ({"consent_version": "Consent BMC, version 2"}, "has Consent BMC, version 2"),
        ({"consent_date": date(2026, 11, 1)}, "has 2026-11-01"),
        ({"targets": (replace(DISC, level="C2/3"),)}, "has intervertebral disc C2/3, midline, 2.0 mL"),
        ({"targets": (replace(DISC, side="left"),)}, "what is to be injected is"),
    ],
)
def test_each_difference_is_a_finding_that_names_both(changes: dict[str, Any], words: str) -> None:
    import re

    (sentence,) = found(**changes)
    assert re.search(words, sentence), sentence
