"""The page on which a measurement is done again, and how the first result is shown afterwards."""

from __future__ import annotations

from werkzeug.test import TestResponse

from labrecords.domain.entries import REPEATED
from tests.support.lab import Lab
from tests.support.pages import PageClient
from tests.support.story import number_of
from tests.support.typed import typed

REASON = "The sample had stood for half an hour; mixed and counted anew."


def url(number: str, key: str, more: str = "") -> str:
    return f"/batches/{number}/steps/{key}{more}"


def send(lab: Lab, client: PageClient, number: str, **changes: str) -> TestResponse:
    entries = typed(lab, number, "count_before", cause="clumped cells", reason=REASON)
    return client.submit(url(number, "count_before", "/repeat"), entries | changes, having="performed_by")


def test_a_count_is_repeated_on_its_page_and_the_first_result_stays_visible(lab: Lab) -> None:
    number, client = lab.play("count_before"), lab.client("tess")
    assert "Repeat the count" in client.get(url(number, "count_before")).text
    form = client.get(url(number, "count_before", "/repeat")).text
    assert "This is a repeat." in form
    assert 'value="95"' not in form, "a repeat begins empty"
    answer = send(lab, client, number, **{"squares-0-cells": "70"})
    assert (answer.status_code, answer.location) == (303, url(number, "count_before"))
    entry = lab.record(number).current("count_before")
    assert entry is not None
    assert entry.follows_as == REPEATED
    page = client.get(url(number, "count_before")).text
    assert "First result, repeated" in page
    assert REASON in page
    assert "<del>" not in page, "a repeat strikes nothing through"
    assert "1 repeated" in client.get(f"/batches/{number}").text
    assert f"Repeated: step {number_of('count_before')}" in client.get(f"/batches/{number}/trail").text


def test_a_repeat_without_cause_and_reason_is_asked_back_with_everything_kept(lab: Lab) -> None:
    number, client = lab.play("count_before"), lab.client("tess")
    answer = send(lab, client, number, cause="", reason="", **{"squares-0-cells": "71"})
    assert answer.status_code == 400
    assert "Choose why it is repeated." in answer.text
    assert 'value="71"' in answer.text


def test_a_repeat_of_a_step_that_changed_meanwhile_is_asked_back(lab: Lab) -> None:
    number, client = lab.play("count_before"), lab.client("tess")
    page = client.get(url(number, "count_before", "/repeat"))
    entries = typed(lab, number, "count_before", cause="clumped cells", reason=REASON)
    lab.clock.tick(1)
    lab.repeat_step(number, "count_before")
    answer = client.submit("", entries, having="performed_by", response=page)
    assert answer.status_code == 409
    assert "If this is still needed, send it again." in answer.text
    assert client.submit("", entries, having="performed_by", response=answer).status_code == 303
    assert len(lab.record(number).history("count_before")) == 3


def test_what_is_not_recorded_or_has_no_repeats_has_no_such_page(lab: Lab) -> None:
    number, client = lab.play("receipt"), lab.client("tess")
    for key in ("receipt", "count_before"):
        assert client.get(url(number, key, "/repeat")).location == url(number, key)
    assert "/repeat" not in client.get(url(number, "receipt")).text


def test_a_repeat_that_must_not_begin_is_stopped_and_can_be_recorded_as_having_happened(lab: Lab) -> None:
    number, client = lab.play("count_before"), lab.client("tess")
    answer = send(lab, client, number, sample_code="S-9")
    assert answer.status_code == 403
    assert "Wrong sample" in answer.text
    said = client.submit(
        "", {"happened_reason": "Read from another rack."}, having="happened_reason", response=answer
    )
    assert said.status_code == 303
    entry = lab.record(number).current("count_before")
    assert entry is not None
    assert (entry.follows_as, entry.happened_reason) == (REPEATED, "Read from another rack.")
