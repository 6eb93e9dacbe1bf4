"""Printing labels, accounting for copies, and the scan of a second person, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from labrecords.actions.door import Invalid
from labrecords.actions.labels import (
    account_for_labels,
    give_container_id,
    print_labels,
    scan_label_back,
)
from labrecords.actions.people import link_accounts
from labrecords.domain.custody.container_ids import shown
from labrecords.domain.labels.prints import CHECKED, content_digest, copies
from labrecords.domain.labels.rules import UNCHECKED
from tests.support.lab import Lab, refusal

WHAT: dict[str, Any] = {
    "kind": "harvest",
    "stock": "50x25",
    "copies": 2,
    "storage": "15 to 25 °C",
    "reason": "",
}


def numbered(lab: Lab) -> tuple[str, str]:
    """A batch before its harvest, and an id for its bag."""
    number = lab.play("identity_harvest")
    return number, give_container_id(lab.by("tess"), batch=lab.batch(number))


def printed(lab: Lab, number: str, code: str, **changes: Any) -> str:
    return print_labels(lab.by("tess"), batch=lab.batch(number), code=code, **WHAT | changes)


def state(lab: Lab, number: str) -> list[str]:
    return [copy.state for copy in copies(lab.record(number))]


def account(lab: Lab, number: str, label: str, fates: dict[int, str], note: str = "") -> list[str]:
    return account_for_labels(lab.by("tess"), batch=lab.batch(number), print_id=label, fates=fates, note=note)


def scan(lab: Lab, number: str, label: str, read: str, by: str = "vic") -> str:
    return scan_label_back(lab.by(by), batch=lab.batch(number), print_id=label, copy=1, read=read)


def problems(act: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as found:
        act()
    return found.value.problems


def test_a_label_goes_from_print_to_container_to_scan_and_the_bag_is_used_after_that(
    lab_on_both: Lab,
) -> None:
    lab = lab_on_both
    number, code = numbered(lab)
    label = printed(lab, number, code)
    made = lab.record(number).label_prints[0]
    assert (made.first_copy, made.copies, made.container_code) == (1, 2, code)
    assert made.digest == content_digest(code, "harvest", "50x25", made.lines)
    lab.clock.tick()
    account(lab, number, label, {1: "applied", 2: "destroyed"})
    lab.clock.tick()
    lab.record_step(number, "harvest", container_code=code)
    use = {"source_container_code": code}
    assert UNCHECKED in refusal(lambda: lab.record_step(number, "resuspension", **use))
    assert refusal(lambda: scan(lab, number, label, code, by="tess")) == ("second person",)
    scan(lab, number, label, f"]d1{shown(code).lower()}")
    assert state(lab, number) == [CHECKED, "destroyed"]
    lab.clock.tick()
    assert UNCHECKED not in refusal(lambda: lab.record_step(number, "resuspension", **use))


def test_a_second_print_needs_a_reason_and_goes_on_counting(lab: Lab) -> None:
    number, code = numbered(lab)
    printed(lab, number, code)
    found = problems(lambda: printed(lab, number, code, reason=""))
    assert found["reason"].startswith("Such a label was printed for this container before.")
    printed(lab, number, code, reason="The first ones were smudged by the printer.")
    printed(lab, number, code, kind="quarantine", copies=1)
    assert [(one.first_copy, one.reason is None) for one in lab.record(number).label_prints] == [
        (1, True),
        (3, False),
        (5, True),
    ]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"code": "BAG-99"}, "container"),
        ({"kind": "party"}, "kind"),
        ({"stock": "1x1"}, "stock"),
        ({"copies": 0}, "copies"),
        ({"copies": 49}, "copies"),
        ({"storage": ""}, "storage"),
        ({"kind": "quarantine", "stock": "25x15"}, "stock"),
        ({"storage": "\U0001f9ca"}, "container"),
    ],
)
def test_what_cannot_be_printed_is_asked_back_at_its_entry(
    lab: Lab, changes: dict[str, Any], where: str
) -> None:
    number, code = numbered(lab)
    assert list(problems(lambda: printed(lab, number, **{"code": code} | changes))) == [where]
    assert lab.record(number).label_prints == ()


def test_a_label_that_says_another_code_is_never_confirmed(lab: Lab) -> None:
    number, code = numbered(lab)
    other = give_container_id(lab.by("tess"), batch=lab.batch(number))
    label = printed(lab, number, code)
    account(lab, number, label, {1: "applied"})
    for read, sentence in (
        (other, "Stop: put the container aside"),
        (code[:-1], "check character is missing"),
        (code[:7] + "O" + code[8:], "the check character proves it"),
        (f"{code}.2", "Copy 2 was read, and this is about copy 1"),
        ("", "Scan the label"),
    ):
        assert sentence in problems(lambda read=read: scan(lab, number, label, read))["read"]
    assert state(lab, number) == ["applied", "open"]
    scan(lab, number, label, f"]d1{code}.1")
    assert state(lab, number) == ["scanned back", "open"]


def test_the_other_account_of_who_applied_it_is_no_second_person(lab: Lab) -> None:
    number, code = numbered(lab)
    label = printed(lab, number, code)
    account(lab, number, label, {1: "applied"})
    link_accounts(lab.by("ivan"), person_id=lab.id("tess"), other_username="vic", reason="One human being.")
    assert refusal(lambda: scan(lab, number, label, code)) == ("second person",)


def test_what_was_stated_by_mistake_is_taken_back_with_the_reason(lab: Lab) -> None:
    number, code = numbered(lab)
    label = printed(lab, number, code)
    account(lab, number, label, {1: "spoiled"})
    assert "copy-1" in problems(lambda: account(lab, number, label, {1: "applied"}))
    assert "note" in problems(lambda: account(lab, number, label, {1: "stated by mistake"}))
    assert "copy-7" in problems(lambda: account(lab, number, label, {7: "applied"}))
    assert "note" in problems(lambda: account(lab, number, label, {}))
    account(lab, number, label, {1: "stated by mistake"}, note="The second one was smudged, not the first.")
    account(lab, number, label, {1: "applied", 2: "spoiled"})
    assert state(lab, number) == ["applied", "spoiled"]
    assert refusal(lambda: account(lab, number, "0" * 32, {1: "applied"})) == ("label",)
