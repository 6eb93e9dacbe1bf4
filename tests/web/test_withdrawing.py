"""A file that was attached by mistake is withdrawn: it stays, struck through, with who, when and why."""

from __future__ import annotations

import pytest

from labrecords.actions.attaching import withdraw_file
from labrecords.domain.attachments import withdrawal_of
from labrecords.domain.rules.findings import findings
from tests.support.lab import Lab, refusal
from tests.support.reading import words

CSV = b"time;degrees\n08:20;21.4\n"
WHY = {"cause": "another step", "reason": "It is the log of the second spin."}


def attached(lab: Lab) -> tuple[str, str]:
    number = lab.play("receipt")
    return number, lab.attach(number, "receipt", "log.csv", CSV, title="The logger")


def page(number: str, item: str) -> str:
    return f"/batches/{number}/attachments/{item}/withdraw"


@pytest.mark.req("DI-ORI")
def test_a_withdrawn_file_stays_struck_through_with_who_when_and_why(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number, item = attached(lab)
    client = lab.client("vic")
    assert page(number, item) in client.get(f"/batches/{number}/steps/receipt").text
    answer = client.submit(page(number, item), WHY, having="cause")
    assert answer.status_code == 303
    html = client.get(answer.location).text
    assert "<del>The logger</del>" in html
    assert page(number, item) not in html
    shown = words(client.get(answer.location))
    assert "Withdrawn by Vic Vermeer" in shown
    assert "Another step: It is the log of the second spin." in shown
    assert client.get(f"/batches/{number}/attachments/{item}").data == CSV
    (found,) = [each for each in findings(lab.record(number)) if each.rule == "file withdrawn"]
    assert "the file “The logger” was withdrawn by Vic Vermeer. Another step" in found.sentence
    told = words(lab.client("ada").get(f"/batches/{number}/trail"))
    assert "log of the second spin" in told
    assert "File withdrawn" in told
    assert "File attached" in told


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"cause": ""}, "Choose why it is withdrawn."),
        ({"cause": "because"}, "Choose why it is withdrawn."),
        ({"reason": "error"}, "Say what happened and why"),
        ({"reason": ""}, "Say w"),
    ],
)
def test_without_a_reason_that_says_something_nothing_is_withdrawn(
    lab: Lab, changes: dict[str, str], sentence: str
) -> None:
    number, item = attached(lab)
    answer = lab.client("tess").submit(page(number, item), WHY | changes, having="cause")
    assert answer.status_code == 400
    assert sentence in answer.text
    assert lab.record(number).withdrawals == ()


def test_it_is_withdrawn_once_and_can_then_be_attached_where_it_belongs(lab: Lab) -> None:
    number, item = attached(lab)

    def withdraw() -> str:
        return str(withdraw_file(lab.by("tess"), batch=lab.batch(number), attachment_id=item, **WHY))

    withdraw()
    assert refusal(withdraw) == ("file",)
    again = lab.attach(number, "handover_laboratory", "log.csv", CSV)
    record = lab.record(number)
    assert [each.id for each in record.attachments if withdrawal_of(record, each) is None] == [again]


def test_who_only_reads_withdraws_nothing_and_what_is_not_there_is_not_found(lab: Lab) -> None:
    number, item = attached(lab)
    assert lab.client("ada").get(page(number, item)).status_code == 403
    assert lab.client("tess").get(page(number, "0" * 32)).status_code == 404
