"""The scan box."""

from __future__ import annotations

import re

import pytest

from labrecords.actions.equipment import EquipmentFacts
from labrecords.actions.labels import give_container_id
from labrecords.domain.custody.container_ids import new_code
from labrecords.models.batch_record import equipment_now
from tests.actions.test_orders import a_patient, opened, ordered
from tests.support.lab import Lab
from tests.support.pages import forms_of
from tests.support.reading import links, notices, words
from tests.support.scanning import scanned
from tests.web.test_lots import received
from tests.web.test_places import register


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
    answer = scanned(lab.client("tess"), code)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/batches/{number}"


@pytest.mark.parametrize("code", ["CF-01", "cf01", "RT 01"])
def test_equipment_leads_to_its_page(lab: Lab, code: str) -> None:
    client = lab.client("tess")
    answer = scanned(client, code)
    assert answer.status_code == 303
    assert client.get(answer.headers["Location"]).status_code == 200
    assert answer.headers["Location"].startswith("/equipment/")


def test_a_code_of_several_batches_leads_to_the_list_of_them(lab: Lab) -> None:
    numbers = [lab.open_batch(patient="P-1"), lab.open_batch(patient="p 1")]
    other = lab.open_batch(patient="P-12")
    client = lab.client("tess")
    page = client.get(scanned(client, "P-1").headers["Location"])
    assert "2 batches found" in words(page)
    assert all(number in words(page) for number in numbers)
    assert other not in words(page)


@pytest.mark.parametrize(
    "code",
    ["P-9", "%", "_", "'; DROP TABLE batch --", "<script>alert(1)</script>", "\u202e", "9" * 5000, "\u0661"],
)
def test_an_unknown_code_is_said_and_the_page_it_was_scanned_on_is_a_link_away(lab: Lab, code: str) -> None:
    number, client = lab.open_batch(), lab.client("tess")
    page = scanned(client, code, before=f"http://localhost/batches?q={number}")
    assert page.status_code == 200
    assert "Nothing here has the code" in notices(page)[0]
    assert f"/batches?q={number}" in links(page)
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    "before", ["https://elsewhere.example/batches", "", "javascript:alert(1)", "http://localhost/nowhere"]
)
def test_nobody_is_led_away_from_the_site(lab: Lab, before: str) -> None:
    page = scanned(lab.client("tess"), "P-9", before=before)
    (back,) = re.findall(r'<a href="([^"]*)">Back to where it was scanned', page.text)
    assert back == "/"


def test_an_empty_scan_is_asked_back(lab: Lab) -> None:
    client = lab.client("tess")
    page = client.get(scanned(client, " -").headers["Location"])
    assert "Nothing was scanned." in notices(page)[0]


def test_two_codes_at_once_are_refused(lab: Lab) -> None:
    assert scanned(lab.client("tess"), ["P-1", "P-2"]).status_code == 400


def test_a_corrected_container_code_still_leads_to_the_batch(lab: Lab) -> None:
    number = lab.play("harvest")
    lab.clock.tick(1)
    lab.correct_step(number, "harvest", "The label was read from the wrong side.", container_code="BAG-8")
    for code in ("BAG-7", "BAG-8"):
        answer = scanned(lab.client("tess"), code)
        assert answer.headers["Location"] == f"/batches/{number}"


def test_a_scan_of_the_register_opens_what_was_scanned(lab: Lab) -> None:
    pseudonym, client = a_patient(lab), lab.client("tess")
    order = ordered(lab, pseudonym)
    delivery = received(lab)

    def leads_to(code: str) -> str:
        return str(scanned(client, code).location)

    assert leads_to(pseudonym.lower()) == f"/patients/{pseudonym}"
    assert leads_to(order) == f"/orders/{order}/open"
    assert leads_to("]d2010123456789012810AC-778") == delivery
    assert leads_to("tess\r") == f"/training/{lab.id('tess')}"
    number = opened(lab, order)
    assert leads_to(order) == f"/batches/{number}"


def test_on_a_step_without_scripts_the_code_stands_in_the_entry_that_waits(lab: Lab) -> None:
    number, client = lab.play("receipt"), lab.client("tess")
    here = f"/batches/{number}/steps/spin_1"
    assert "Scan or type any code" in client.get(f"/scan?here={here}").text
    with lab.store.read() as session:
        centrifuge = next(item.id for item in equipment_now(session) if item.code == "CF-01")
    # Who performs it is stated already: by whoever opened the form.
    for code, name, value in (
        ("BAG-7", "container_code", "BAG-7"),
        ("CF-01", "centrifuge", centrifuge),
        ("vic", "performed_by", lab.id("tess")),
    ):
        answer = scanned(client, code, here)
        assert answer.location == f"{here}?scanned={code}"
        (form,) = [form for form in forms_of(client.get(answer.location).text) if name in form.names]
        assert form.values[name] == [value]


def test_a_place_is_offered_as_where_the_container_in_hand_is_put_away(lab: Lab) -> None:
    number, client = lab.play("receipt"), lab.client("tess")
    register(lab, EquipmentFacts("ST-01", "store", "Store 1"))
    here = f"/batches/{number}"
    answer = scanned(client, "ST-01", here)
    assert answer.location == f"{here}?scanned=ST-01#scanned"
    page = client.get(answer.location)
    (away,) = [link for link in links(page) if "scanned=ST-01" in link and "storage" in link]
    (form,) = [form for form in forms_of(client.get(away).text) if "movement" in form.names]
    assert (form.values["place"], form.values["movement"]) == (["Store 1"], ["put away"])
    # Somewhere else the place itself is opened.
    assert scanned(client, "ST-01", "/lots").location == "/equipment/ST-01"


def test_a_badge_says_who_somebody_is_and_signs_nobody_in(lab: Lab) -> None:
    client = lab.client("tess")
    page = client.get(scanned(client, "vic").location)
    assert notices(page)[0].startswith("Vic Vermeer: the badge says who somebody is.")
    assert "Tess" in page.text.split("<main")[0]


def test_o_for_0_is_found_where_the_check_character_proves_it_and_said(lab: Lab) -> None:
    number = lab.open_batch()
    code = give_container_id(lab.by("tess"), batch=lab.batch(number))
    client = lab.client("tess")
    answer = scanned(client, code[:8] + "O" + code[9:])
    assert answer.location == f"/batches/{number}"
    assert "the check character proves it" in notices(client.get(answer.location))[0]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("BAG-7\rBAG-8", "Two codes came at once"),
        (f"{new_code('KRK', 2026, 1)}{new_code('KRK', 2026, 2)}", "Two codes came at once"),
        (new_code("GDN", 2026, 1), "is an id of another site: it begins with GDNXX"),
        (new_code("GDN", 2026, 1)[:-1] + "*", "The check character * does not belong to"),
        (new_code("KRK", 2026, 1)[:-1] + "*", "This is no id of this laboratory"),
        ("\x1d\x02", "Nothing was scanned"),
    ],
)
def test_what_is_wrong_with_a_code_is_named(lab: Lab, code: str, told: str) -> None:
    client = lab.client("tess")
    answer = scanned(client, code)
    page = client.get(answer.location) if answer.location else answer
    assert told in notices(page)[0]


def test_the_administrator_scans_nothing(lab: Lab) -> None:
    assert lab.client("ivan").get("/scan").status_code == 403
