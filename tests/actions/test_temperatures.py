"""Reading a logger's file into a batch: file, digest and readings in one act, and what it is judged by."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from labrecords.actions.door import BatchRef, Invalid
from labrecords.actions.temperatures import attach_logger, logger_of
from labrecords.domain.custody.excursions import total
from labrecords.domain.custody.exposure import outside_of, periods
from labrecords.domain.custody.temperature_logs import ROLE, samples_of
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from labrecords.exchange.logger_csv import Answers
from tests.support.lab import Lab, refusal
from tests.support.pages import forms_of
from tests.support.reading import words

COLD = (
    'custody_gap_min = "2"',
    'custody_gap_min = "2"\ntemperature_min_c = "2"\ntemperature_max_c = "8"\nout_of_range_max_min = "10"',
)


def stored(lab: Lab) -> str:
    """A batch whose container lay in a fridge for a little more than two hours."""
    number = lab.play("receipt", lab.open_batch(process=lab.adopt(COLD)))
    lab.clock.tick(5)
    lab.record_step(number, "storage-1")
    lab.clock.tick(130)
    lab.record_step(number, "storage-2")
    return number


def table(lab: Lab, number: str, *, warm: int = 0) -> bytes:
    """A file of one reading each ten minutes over the time in store, the middle ones warm."""
    put = lab.record(number).current("storage-1")
    assert put is not None
    lines = ["Time;Temp (°C)"]
    for n in range(14):
        at = put.performed_at + timedelta(minutes=10 * n)
        lines.append(f"{at:%Y-%m-%d %H:%M:%S};{'9,0' if 3 <= n < 3 + warm else '5,0'}")
    return "\n".join(lines).encode()


def read(lab: Lab, number: str, key: str = "storage-1", data: bytes = b"", clock: str = "UTC+00:00") -> str:
    found = logger_of("fridge.csv", data or table(lab, number), Answers(clock))
    return attach_logger(
        lab.by("tess"), batch=BatchRef(lab.record(number).batch.id), step_key=key, read=found
    )


@pytest.mark.req("HCT-260")
def test_file_and_readings_are_kept_together_and_verify(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = stored(lab)
    read(lab, number)
    record = lab.record(number)
    (item,), (log,) = record.attachments, record.temperature_logs
    assert (item.role, log.attachment_id, len(samples_of(log)), log.every_s) == (ROLE, item.id, 14, 600)
    assert lab.client("ada").get(f"/batches/{number}/attachments/{item.id}").data == table(lab, number)
    lab.check()


def test_what_is_of_another_day_or_attached_already_or_at_another_step_is_not_taken(lab: Lab) -> None:
    number = stored(lab)
    with pytest.raises(Invalid, match="No reading of this file lies in that time"):
        read(lab, number, clock="UTC+09:00")
    read(lab, number)
    with pytest.raises(Invalid, match="attached already"):
        read(lab, number, "storage-2")
    assert refusal(lambda: read(lab, number, "receipt")) == ("temperature",)


def test_one_file_serves_a_way_and_a_stay_and_each_takes_its_own_time_from_it(lab: Lab) -> None:
    """The logger went along from the theatre into the fridge: 5 °C on the way, 9 °C in the fridge."""
    number = lab.play("harvest", lab.open_batch(process=lab.adopt(COLD)))
    lab.clock.tick(60)
    lab.record_step(number, "handover_laboratory", given_at=lab.clock() - timedelta(minutes=40))
    lab.clock.tick(5)
    lab.record_step(number, "storage-1")
    lab.clock.tick(60)
    lab.record_step(number, "storage-2")
    way, stay = periods(lab.record(number))
    lines = ["Time;Temp (°C)"]
    for n in range(130):
        at = way.start + timedelta(minutes=n)
        lines.append(f"{at:%Y-%m-%d %H:%M:%S};{'5,0' if at < stay.start - timedelta(minutes=2) else '9,0'}")
    data = "\n".join(lines).encode()
    read(lab, number, "handover_laboratory", data)
    read(lab, number, "storage-1", data)
    for key in ("handover_laboratory", "storage-1", "storage-2"):
        with pytest.raises(Invalid, match="attached already"):
            read(lab, number, key, data)
    record = lab.record(number)
    assert len({item.sha256 for item in record.attachments}) == 1
    way, stay = periods(record)
    assert total(outside_of(record, stay)) == (stay.until - stay.start)
    shown = words(lab.client("tess").get(f"/batches/{number}/temperatures"))
    assert "5.0 °C to 5.0 °C, mean 5.0 °C" in shown
    assert "9.0 °C to 9.0 °C, mean 9.0 °C" in shown
    lab.check()


def test_the_form_asks_back_what_the_file_leaves_open_and_the_page_shows_what_was_read(lab: Lab) -> None:
    number = stored(lab)
    client, url = lab.client("tess"), f"/batches/{number}/steps/storage-1/logger"
    assert url in client.get(f"/batches/{number}/steps/storage-1").text

    def send(**more: str) -> TestResponse:
        file = (io.BytesIO(table(lab, number, warm=2)), "fridge.csv")
        return client.submit(url, {"file": file, **more}, having="clock")

    asked = send()
    assert asked.status_code == 400
    assert "Say on which clock they stand." in words(asked)
    answer = send(clock="UTC+00:00")
    assert answer.status_code == 303, words(answer)
    shown = words(client.get(f"/batches/{number}/temperatures"))
    assert "14 readings, 5.0 °C to 9.0 °C, mean 5.6 °C" in shown
    assert "By hand: 4.5 °C in Fridge 2, when it was put away" in shown
    assert "Storage: Fridge 2" in shown
    assert "Outside" in shown


def test_the_form_takes_a_file_that_is_longer_than_a_form_of_text(lab: Lab) -> None:
    number = stored(lab)
    client, url = lab.client("tess"), f"/batches/{number}/steps/storage-1/logger"
    typed = next(form for form in forms_of(client.get(url).text) if "clock" in form.names).values
    file = FileStorage(io.BytesIO(table(lab, number).ljust(1_500_000, b"\n")), "fridge.csv")
    sent = {name: values[0] for name, values in typed.items()} | {"clock": "UTC+00:00", "file": file}
    # Bytes, since the test client would keep a file open that it makes of a large form.
    boundary, data = encode_multipart(sent)
    answer = client.post(url, data=data, content_type=f"multipart/form-data; boundary={boundary}")
    assert answer.status_code == 303, words(answer)


def test_what_was_warm_for_too_long_blocks_the_release_and_stands_in_the_ribbon(lab: Lab) -> None:
    """Two readings of 9 °C between readings of 5 °C: outside for 15 min, and 10 are allowed."""
    number = stored(lab)
    read(lab, number, data=table(lab, number, warm=2))
    record = lab.record(number)
    (grave,) = [item for item in findings(record) if item.rule == "time out of range"]
    assert (grave.severity, grave.step_key) == (Severity.BLOCKING, "storage-2")
    assert "BAG-7 was outside 2 to 8 °C for 15 min in all; at most 10 min are allowed." in grave.sentence
    shown = lab.client("tess").get(f"/batches/{number}").text
    assert "BAG-7 outside its temperature from" in shown
    assert "outside its temperature</span>" in shown
