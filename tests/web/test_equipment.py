"""The register of equipment in the browser: reading, registering, changing, and every version of a piece."""

from __future__ import annotations

import pytest

from tests.support.lab import Lab
from tests.support.pages import forms_of

ROTOR = {
    "code": "rt-09",
    "category": "rotor",
    "model": "Swing-out 4 × 100 mL",
    "r_max_cm": "16,1",
    "r_av_cm": "12.4",
    "max_speed_rpm": "4 500",
    "next_check": "2027-03-31",
    "next_clean": "2027-01-31",
    "serial": "SN 4711",
    "udi": "(01)07612345",
    "last_check": "2026-03-31",
    "place": "Room 2",
}


@pytest.mark.parametrize("username", ["tess", "vic", "paula", "quentin", "ada"])
def test_who_reads_batches_reads_the_register_and_only_qa_is_offered_to_change_it(
    lab: Lab, username: str
) -> None:
    page = lab.client(username).get("/equipment").text
    for part in ("CF-01", "RT-01", "17.2\u00a0cm", "4\u00a0500\u00a0rpm", "2027-06-30", "in service"):
        assert part in page, part
    assert ("/equipment/add" in page) is (username == "quentin")
    assert ("/equipment/RT-01/change" in lab.client(username).get("/equipment/RT-01").text) is (
        username == "quentin"
    )


def test_a_rotor_is_registered_as_it_was_typed(lab: Lab) -> None:
    client = lab.client("quentin")
    answer = client.submit("/equipment/add", ROTOR, having="code")
    assert (answer.status_code, answer.location) == (303, "/equipment/RT-09")
    page = client.get("/equipment/RT-09").text
    for part in (
        "RT-09 is registered.",
        "16.1\u00a0cm",
        "12.4\u00a0cm",
        "4\u00a0500\u00a0rpm",
        "2027-01-31",
        "serial number SN 4711",
        "UDI (01)07612345",
        "2026-03-31",
        "Room 2",
        "Quentin Quist",
        "1 version",
    ):
        assert part in page, part


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": ""}, "Enter the code on the piece."),
        ({"code": "RT/09"}, "Enter the code on the piece: up to 30"),
        ({"code": "RT-01"}, "RT-01 is registered already."),
        ({"category": ""}, "Choose what it is."),
        ({"category": "spoon"}, "Choose what it is."),
        ({"category": "centrifuge"}, "A centrifuge has no radius of its own"),
        ({"category": "fridge"}, "A fridge does not turn: leave it empty."),
        ({"next_clean": "tomorrow"}, "Write the day as year-month-day"),
        ({"serial": "9" * 61}, "characters"),
        ({"model": ""}, "Enter maker and model."),
        ({"model": "Rotor\u202e"}, "invisible character"),
        ({"r_max_cm": ""}, "Enter the greatest radius in cm"),
        ({"r_max_cm": "161"}, "Millimetres would be ten times that."),
        ({"r_max_cm": "16.1 cm"}, "the unit stands beside the field"),
        ({"r_max_cm": "NaN"}, "is not a number"),
        ({"r_max_cm": "1e309"}, "without a power of ten"),
        ({"r_max_cm": "١٦"}, "Use the digits 0 to 9"),
        ({"r_av_cm": "16.2"}, "not above the greatest one"),
        ({"max_speed_rpm": "4,500"}, "Write the one that you mean."),
        ({"max_speed_rpm": "-4500"}, "Enter the greatest speed in rpm"),
        ({"max_speed_rpm": "9" * 10_000}, "longer than 30 characters"),
        ({"next_check": "31.3.2027"}, "Write the day as year-month-day"),
        ({"next_check": "2027-02-30"}, "There is no day 2027-02-30"),
        ({"next_check": "0001-01-01"}, "cannot be right"),
    ],
)
def test_what_cannot_be_is_asked_back_and_everything_typed_stays(
    lab: Lab, changes: dict[str, str], sentence: str
) -> None:
    sent = ROTOR | changes
    answer = lab.client("quentin").submit("/equipment/add", sent, having="code")
    assert answer.status_code == 400
    assert sentence in answer.text
    form = next(form for form in forms_of(answer.text) if "code" in form.names)
    for name, value in sent.items():
        assert name == "category" or form.values[name][0] == value
    assert "RT-09" not in lab.client("quentin").get("/equipment").text


def test_a_change_is_a_new_version_and_the_old_one_stays(lab_on_both: Lab) -> None:
    lab = lab_on_both
    client = lab.client("quentin")
    changes = {"next_check": "2028-06-30", "service": "out of service"}
    assert client.submit("/equipment/RT-01/change", changes, having="seen").location == "/equipment/RT-01"
    page = client.get("/equipment/RT-01").text
    for part in ("2 versions", "2028-06-30", "2027-06-30", "out of service", "counts now"):
        assert part in page, part
    assert "out of service" in client.get("/equipment").text


def test_a_change_of_nothing_is_not_a_version(lab: Lab) -> None:
    client = lab.client("quentin")
    answer = client.submit("/equipment/RT-01/change", having="seen")
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text
    assert "1 version" in client.get("/equipment/RT-01").text


def test_a_repeat_of_the_form_is_one_version(lab: Lab) -> None:
    client = lab.client("quentin")
    form = client.get("/equipment/RT-01/change")
    for _ in range(2):
        answer = client.submit(
            "/equipment/RT-01/change", {"model": "Swing-out, new seals"}, response=form, having="seen"
        )
        assert answer.status_code == 303
    assert "2 versions" in client.get("/equipment/RT-01").text


def test_who_writes_while_another_registers_sees_both_and_loses_nothing(lab: Lab) -> None:
    client = lab.client("quentin")
    mine = client.get("/equipment/RT-01/change")
    client.submit("/equipment/RT-01/change", {"next_check": "2029-01-31"}, having="seen")
    answer = client.submit("/equipment/RT-01/change", {"model": "My words"}, response=mine, having="seen")
    assert answer.status_code == 409
    for part in ("registered a version while you were writing", "2029-01-31", "My words"):
        assert part in answer.text, part
    assert "2 versions" in client.get("/equipment/RT-01").text
    sent_again = client.submit("/equipment/RT-01/change", response=answer, having="seen")
    assert sent_again.status_code == 303
    assert "3 versions" in client.get("/equipment/RT-01").text


@pytest.mark.parametrize("days", [-1, 0, 30, 31])
def test_a_check_that_is_due_soon_or_overdue_is_said(lab: Lab, days: int) -> None:
    from datetime import timedelta

    due = (lab.clock.now.date() + timedelta(days=days)).isoformat()
    client = lab.client("quentin")
    client.submit("/equipment/RT-01/change", {"next_check": due}, having="seen")
    page = client.get("/equipment/RT-01").text
    assert {-1: "check overdue", 0: "check due soon", 30: "check due soon"}.get(days, "in service") in page
    assert ("check due soon" in page) is (days in (0, 30))


@pytest.mark.parametrize(
    "path", ["/equipment/none", "/equipment/none/change", "/equipment/rt-01", "/equipment/%00"]
)
def test_a_piece_that_is_not_registered_is_not_found(lab_on_both: Lab, path: str) -> None:
    assert lab_on_both.client("quentin").get(path).status_code == 404


def test_the_list_shows_one_category_when_it_is_asked_for(lab: Lab) -> None:
    client = lab.client("tess")
    assert "CF-01" not in client.get("/equipment?category=rotor").text
    assert "None is registered here" in client.get("/equipment?category=fridge").text
    for query in ("category=spoon", "after=" + "A" * 31):
        assert client.get(f"/equipment?{query}").status_code == 400


@pytest.mark.parametrize(("day", "word"), [("next_check", "check"), ("next_clean", "cleaning")])
def test_an_overdue_check_or_cleaning_is_said_in_the_list(lab: Lab, day: str, word: str) -> None:
    client = lab.client("quentin")
    client.submit("/equipment/RT-01/change", {day: "2026-11-01"}, having="seen")
    assert f"{word} overdue" in client.get("/equipment").text


@pytest.mark.req("GMP-182")
def test_the_page_of_a_piece_shows_its_use_log_with_links(lab: Lab) -> None:
    number = lab.play("spin_1")
    page = lab.client("tess").get("/equipment/RT-01").text
    assert f"/batches/{number}/steps/spin_1" in page
    assert "No step has named it" not in page
    assert lab.client("tess").get("/equipment/RT-01?before=x").status_code == 400


def test_a_technician_cannot_register(lab: Lab) -> None:
    client = lab.client("tess")
    for path in ("/equipment/add", "/equipment/RT-01/change"):
        assert client.get(path).status_code == 403
