"""Labels on the pages of a batch."""

from __future__ import annotations

from labrecords.domain.labels.prints import CHECKED, copies
from tests.support.lab import Lab
from tests.support.reading import words

WHAT = {"kind": "harvest", "stock": "50x25", "copies": "2", "storage": "15 to 25 °C"}


def printed(lab: Lab) -> tuple[str, str]:
    """A batch of which two labels were printed from the page, and the page of that print."""
    number = lab.play("identity_harvest")
    client, page = lab.client("tess"), f"/batches/{number}/labels"
    given = client.submit(page, {}, having="form_key")
    code = lab.record(number).container_ids[0].code
    assert given.location == f"{page}/print?code={code}"
    answer = client.submit(given.location, WHAT, having="storage")
    assert answer.status_code == 303, words(answer)
    return number, answer.location


def test_from_an_id_to_a_scanned_label_by_the_pages(lab: Lab) -> None:
    number, page = printed(lab)
    client = lab.client("tess")
    assert "FOR AUTOLOGOUS USE ONLY" in words(client.get(page))
    lab.clock.tick()
    answer = client.submit(page, {"copy-1": "applied", "copy-2": "spoiled"}, having="note")
    assert answer.status_code == 303
    assert client.get(f"/batches/{number}").status_code == 200
    assert "2 printed = 1 applied + 1 spoiled + 0 destroyed + 0 lost + 0 open" in words(
        client.get(f"/batches/{number}/labels")
    )
    second, code = lab.client("vic"), lab.record(number).container_ids[0].code
    wrong = second.submit(page, {"read": code[:-1], "copy": "1"}, having="read")
    assert wrong.status_code == 400
    assert "The check character is missing" in words(wrong)
    own = client.submit(page, {"read": code, "copy": "1"}, having="read")
    assert own.status_code == 403
    assert "Another person scans it" in words(own)
    assert second.submit(page, {"read": code, "copy": "1"}, having="read").status_code == 303
    assert [copy.state for copy in copies(lab.record(number))] == [CHECKED, "spoiled"]


def test_the_file_is_open_to_who_printed_it_for_ten_minutes_and_every_time_is_noted(lab: Lab) -> None:
    _, page = printed(lab)
    pdf = lab.client("tess").get(f"{page}.pdf")
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF")
    assert lab.client("vic").get(f"{page}.pdf").status_code == 403
    lab.clock.tick(11)
    late = lab.client("tess").get(f"{page}.pdf")
    assert late.status_code == 403
    assert "Print the label again, with the reason" in words(late)


def test_what_is_wrong_is_said_at_its_entry(lab: Lab) -> None:
    number, page = printed(lab)
    client = lab.client("tess")
    again = client.submit(f"/batches/{number}/labels/print", WHAT | {"copies": "a"}, having="storage")
    assert again.status_code == 400
    again = client.submit(f"/batches/{number}/labels/print", WHAT, having="storage")
    assert again.status_code == 400
    assert "Such a label was printed for this container before." in words(again)
    nothing = client.submit(page, {}, having="note")
    assert nothing.status_code == 400
    assert "Choose of at least one copy" in words(nothing)
    assert client.get(f"/batches/{number}/labels/{'0' * 32}").status_code == 404
    reader = lab.client("ada").get(page)
    assert reader.status_code == 200
    assert "Record what became of them" not in words(reader)


def test_a_lost_copy_is_a_finding_on_the_pages_of_the_batch(lab: Lab) -> None:
    number, page = printed(lab)
    client = lab.client("tess")
    nothing = client.submit(page, {"copy-1": "lost"}, having="note")
    assert nothing.status_code == 400
    lost = {"copy-1": "lost", "note": "Fell behind the bench, and could not be found."}
    assert client.submit(page, lost, having="note").status_code == 303
    for who, shown in (("tess", f"/batches/{number}"), ("quentin", f"/batches/{number}/review")):
        answer = lab.client(who).get(shown)
        assert answer.status_code == 200
        assert "copy 1: lost. Fell behind the bench" in words(answer)
    assert "nobody stated what became of it" in words(lab.client("quentin").get(f"/batches/{number}/review"))
