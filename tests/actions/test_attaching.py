"""Files attached to a step: kept as they came, told by their digest, given back as they are."""

from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image

from labrecords.actions.door import Invalid
from tests.support.lab import Lab, refusal
from tests.support.story import number_of

CSV = b"time;degrees\n08:20;21.4\n"


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (3000, 2000), "#336699").save(out, "JPEG")
    return out.getvalue()


@pytest.mark.req("DI-ORI")
def test_a_photo_is_kept_as_it_came_and_shown_as_a_smaller_picture(lab: Lab) -> None:
    number, data = lab.play("receipt"), photo()
    lab.attach(number, "receipt", "bag.jpg", data)
    (item,) = lab.record(number).attachments
    assert (item.media_type, item.sha256) == ("image/jpeg", hashlib.sha256(data).hexdigest())
    client = lab.client("ada")
    given = client.get(f"/batches/{number}/attachments/{item.id}")
    assert given.data == data
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert given.mimetype == "application/octet-stream"
    assert given.headers["Content-Security-Policy"].startswith("sandbox")
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    shown = client.get(f"/batches/{number}/attachments/{item.id}/picture")
    assert len(shown.data) < len(data)
    assert hashlib.sha256(shown.data).hexdigest() == item.picture_sha256


def test_the_same_file_is_attached_once(lab: Lab) -> None:
    number = lab.play("receipt")
    lab.attach(number, "receipt", "log.csv", CSV, title="The logger")
    with pytest.raises(Invalid, match=f"attached already, to step {number_of('receipt')}"):
        lab.attach(number, "handover_laboratory", "other.csv", CSV)


def test_a_form_that_was_open_meanwhile_is_not_made_stale(lab: Lab) -> None:
    number = lab.play("receipt")
    before = lab.step(number, "sample_before")
    lab.attach(number, "sample_before", "log.csv", CSV)
    assert lab.step(number, "sample_before").seen == before.seen


def test_a_file_belongs_to_a_step_of_the_process(lab: Lab) -> None:
    number = lab.play("receipt")
    assert refusal(lambda: lab.attach(number, "nowhere", "log.csv", CSV)) == ("step",)


def test_the_run_log_of_a_spin_is_a_file_told_by_the_digest_of_its_bytes(lab: Lab) -> None:
    number, client = lab.play("spin_1"), lab.client("tess")
    page = f"/batches/{number}/steps/spin_1/attach"
    sent = {"title": "Spin of the morning", "is_log": "y", "file": (io.BytesIO(CSV), "run.csv")}
    answer = client.submit(page, sent, having="file")
    assert answer.status_code == 303
    (item,) = lab.record(number).attachments
    assert (item.role, item.sha256) == ("run log", hashlib.sha256(CSV).hexdigest())
    assert "Run log: Spin of the morning" in client.get(answer.location).text


def test_a_step_without_a_machine_has_no_run_log(lab: Lab) -> None:
    number = lab.play("receipt")
    assert 'name="is_log"' not in lab.client("tess").get(f"/batches/{number}/steps/receipt/attach").text
    with pytest.raises(Invalid) as wrong:
        lab.attach(number, "receipt", "run.csv", CSV, role="run log")
    assert set(wrong.value.problems) == {"is_log"}


@pytest.mark.req("DI-ORI")
def test_a_true_copy_is_signed_on_the_page(lab: Lab) -> None:
    number, client = lab.play("receipt"), lab.client("tess")
    page = f"/batches/{number}/steps/receipt/attach"
    sent = {"title": "The run log", "true_copy": "y", "password": lab.cast["tess"].password}
    answer = client.submit(page, sent | {"file": (io.BytesIO(CSV), "log.csv")}, having="file")
    assert answer.status_code == 303
    (item,) = lab.record(number).attachments
    assert (
        lab.record(number).signature(item.signature_id or "").meaning
        == "True copy of the original, compared by me"
    )
    text_of_page = client.get(answer.location).text
    assert "The run log" in text_of_page
    assert "true copy of the original" in text_of_page


@pytest.mark.parametrize(
    ("name", "data", "changes", "said"),
    [
        ("log.csv", b"", {}, "empty"),
        ("log.html", b"<script>1</script>", {}, "none of them"),
        ("log.csv", CSV, {"title": ""}, "Say what it shows."),
        ("log.csv", CSV, {"true_copy": "y", "password": "not this one at all"}, "assword"),
    ],
)
def test_what_is_not_attached_says_why_and_keeps_the_title(
    lab: Lab, name: str, data: bytes, changes: dict[str, str], said: str
) -> None:
    number, client = lab.play("receipt"), lab.client("tess")
    fields = {"title": "The run log", "file": (io.BytesIO(data), name)} | changes
    answer = client.submit(f"/batches/{number}/steps/receipt/attach", fields, having="file")
    assert answer.status_code == 400
    assert said in answer.text
    assert lab.record(number).attachments == ()


def test_without_a_file_one_is_asked_for(lab: Lab) -> None:
    number = lab.play("receipt")
    answer = lab.client("tess").submit(
        f"/batches/{number}/steps/receipt/attach", {"title": "Nothing"}, having="file"
    )
    assert "Choose a file first." in answer.text


def test_what_is_not_there_is_not_found(lab: Lab) -> None:
    number = lab.play("receipt")
    item = lab.attach(number, "receipt", "log.csv", CSV)
    client = lab.client("tess")
    assert client.get(f"/batches/{number}/attachments/{'0' * 32}").status_code == 404
    assert client.get(f"/batches/{number}/attachments/{item}/picture").status_code == 404
