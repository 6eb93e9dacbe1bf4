"""The scan box."""

from __future__ import annotations

import pytest

from tests.support.lab import Lab
from tests.support.reading import notices, words


@pytest.mark.parametrize(
    "code",
    [
        "KRK-26-0001",
        "krk260001",
        "7QX4-M2KD-9RTV",
        "7qx4 m2kd 9rtv",
        "P-2048",
        "p2048",
        "BAG-7",
        "bag 7",
        "S-1",
        "SYR-7",
    ],
)
def test_every_code_of_a_batch_leads_to_it(lab: Lab, code: str) -> None:
    number = lab.open_batch(identity_code="7QX4-M2KD-9RTV")
    lab.play("resuspension", number=number)
    answer = lab.client("tess").get("/scan", query_string={"code": code})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/batches/{number}"


@pytest.mark.parametrize("code", ["CF-01", "cf01", "RT 01"])
def test_equipment_leads_to_its_page(lab: Lab, code: str) -> None:
    client = lab.client("tess")
    answer = client.get("/scan", query_string={"code": code})
    assert answer.status_code == 303
    assert client.get(answer.headers["Location"]).status_code == 200
    assert answer.headers["Location"].startswith("/equipment/")


def test_a_code_of_several_batches_leads_to_the_list_of_them(lab: Lab) -> None:
    numbers = [lab.open_batch(patient="P-1"), lab.open_batch(patient="p 1")]
    other = lab.open_batch(patient="P-12")
    client = lab.client("tess")
    page = client.get(client.get("/scan?code=P-1").headers["Location"])
    assert "2 batches found" in words(page)
    assert all(number in words(page) for number in numbers)
    assert other not in words(page)


@pytest.mark.parametrize(
    "code",
    ["P-9", "%", "_", "'; DROP TABLE batch --", "<script>alert(1)</script>", "\u202e", "9" * 5000, "\u0661"],
)
def test_an_unknown_code_is_said_on_the_page_it_was_scanned_on(lab: Lab, code: str) -> None:
    number, client = lab.open_batch(), lab.client("tess")
    before = f"http://localhost/batches?q={number}"
    answer = client.get("/scan", query_string={"code": code}, headers={"Referer": before})
    assert answer.headers["Location"] == f"/batches?q={number}"
    page = client.get(answer.headers["Location"])
    assert "Nothing here has the code" in notices(page)[0]
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    "before", ["https://elsewhere.example/batches", "", "javascript:alert(1)", "http://localhost/nowhere"]
)
def test_nobody_is_led_away_from_the_site(lab: Lab, before: str) -> None:
    answer = lab.client("tess").get("/scan?code=P-9", headers={"Referer": before})
    assert answer.headers["Location"] == "/"


def test_an_empty_scan_is_asked_back(lab: Lab) -> None:
    client = lab.client("tess")
    page = client.get(client.get("/scan?code=+-").headers["Location"])
    assert "Nothing was scanned." in notices(page)[0]


def test_two_codes_at_once_are_refused(lab: Lab) -> None:
    assert lab.client("tess").get("/scan?code=P-1&code=P-2").status_code == 400


def test_a_corrected_container_code_still_leads_to_the_batch(lab: Lab) -> None:
    number = lab.play("harvest")
    lab.clock.tick(1)
    lab.correct_step(number, "harvest", "The label was read from the wrong side.", container_code="BAG-8")
    for code in ("BAG-7", "BAG-8"):
        answer = lab.client("tess").get("/scan", query_string={"code": code})
        assert answer.headers["Location"] == f"/batches/{number}"


def test_the_administrator_scans_nothing(lab: Lab) -> None:
    assert lab.client("ivan").get("/scan?code=P-1").status_code == 403
