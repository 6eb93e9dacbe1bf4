"""The temperature log of a place: reading, correcting, reviewing by signature, and what stood there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from labrecords.actions.door import Invalid, Refused, Stale
from labrecords.actions.equipment import EquipmentFacts, register_equipment
from labrecords.actions.people import grant_role
from labrecords.actions.place_log import ReadingFacts, ReviewFacts, record_reading, review_log
from labrecords.domain.permissions import Permission, Role
from labrecords.domain.registers.place_log import shown_as
from labrecords.models.place_readings import readings_between, unreviewed
from labrecords.web.guard import PAGES
from tests.support.lab import Lab
from tests.support.reading import words
from tests.support.statements import counted

PAGE = "/storage/places/FR-2"
WARM = "The door stood open over lunch; closed it, and it was at 5 °C after half an hour."


def fridge(lab: Lab, **more: object) -> None:
    cold = {"low_c": Decimal(2), "high_c": Decimal(8), "read_every_h": 24, "review_every_d": 7}
    facts = EquipmentFacts("FR-2", "fridge", "Cold 400", **cold | more)  # type: ignore[arg-type]
    register_equipment(lab.by("quentin"), facts=facts)
    register_equipment(lab.by("quentin"), facts=EquipmentFacts("FR-2-A", "position", "Slot A", place="FR-2"))
    lab.clock.tick()


def read(lab: Lab, now: str = "5", by: str = "tess", **more: object) -> str:
    lab.clock.tick()
    facts = ReadingFacts("FR-2", lab.clock.now, Decimal(now), **more)  # type: ignore[arg-type]
    return str(record_reading(lab.by(by), facts=facts))


def review(
    lab: Lab, *, seen: str | None = None, by: str = "quentin", since: date = date(2026, 11, 20)
) -> str:
    lab.clock.tick()
    day = lab.clock.now.date()
    with lab.store.read() as session:
        shown = readings_between(
            session, "FR-2", datetime(2026, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
        )
    facts = ReviewFacts("FR-2", since, day, "One excursion, explained; no product was in it.",
                        shown_as(shown) if seen is None else seen)  # fmt: skip
    return str(review_log(lab.by(by), facts=facts, proof=lab.proof(by)))


def open_readings(lab: Lab) -> int:
    with lab.store.read() as session:
        return unreviewed(session, "FR-2")[0]


def test_a_reading_is_typed_judged_and_corrected_on_the_page(lab: Lab) -> None:
    fridge(lab)
    client, sent = (
        lab.client("tess"),
        {"now_c": "5,0", "min_c": "4.1", "max_c": "9.5", "note": "Thermometer TH-4"},
    )
    refused = client.submit(f"{PAGE}/read", sent, having="now_c")
    assert refused.status_code == 400
    assert "This is outside the range of the place." in refused.text
    assert client.submit(f"{PAGE}/read", sent | {"done": WARM}, having="now_c").location == PAGE
    shown = words(client.get(PAGE))
    assert "It keeps 2 to 8 °C." in shown
    assert f"5.0 °C 4.1 °C 9.5 °C Outside What stood there {WARM}" in shown
    (wrong,) = [line for line in client.get(PAGE).text.split('"') if "replaces=" in line]
    again = {"now_c": "5.0", "min_c": "4.1", "max_c": "7.5", "done": "", "reason": "The 7 was read as a 9."}
    assert client.submit(wrong.replace("&amp;", "&"), again, having="now_c").location == PAGE
    shown = words(client.get(PAGE))
    assert "Corrected 5.0 °C 4.1 °C 9.5 °C Outside" in shown
    assert "5.0 °C 4.1 °C 7.5 °C Within" in shown
    lines = client.get(f"{PAGE}/log.csv").text.splitlines()
    assert len(lines) == 3
    assert any("4.1,9.5,2 to 8 °C,outside" in line and ",yes," in line for line in lines)
    assert client.submit(wrong.replace("&amp;", "&"), again, having="now_c").status_code == 403
    lab.check()


def test_a_review_is_signed_over_what_was_shown_and_what_comes_later_is_open(lab_on_both: Lab) -> None:
    lab = lab_on_both
    fridge(lab)
    first = read(lab)
    read(lab, "9", done=WARM)
    with pytest.raises(Stale):
        review(lab, seen="")
    review(lab)
    assert open_readings(lab) == 0
    read(lab, "6", replaces_id=first, reason="It was read from the other fridge.")
    assert open_readings(lab) == 1
    with pytest.raises(Refused, match="corrected this reading already"):
        read(lab, "7", replaces_id=first, reason="It was read from the other fridge.")
    late = ReadingFacts("FR-2", lab.clock.now - timedelta(hours=1), Decimal(5))
    record_reading(lab.by("tess"), facts=late)
    assert open_readings(lab) == 2
    with pytest.raises(Invalid, match="in the future"):
        record_reading(
            lab.by("tess"), facts=ReadingFacts("FR-2", lab.clock.now + timedelta(hours=1), Decimal(5))
        )
    lab.check()


def test_the_review_page_shows_the_days_and_takes_the_signature(lab: Lab) -> None:
    fridge(lab)
    read(lab, "9", done=WARM)
    client = lab.client("quentin")
    assert "Review the temperature log of FR-2" in client.get(f"{PAGE}/review").text
    assert (
        "These days cannot be reviewed."
        in client.get(f"{PAGE}/review?since=2026-11-24&until=2026-11-20").text
    )
    signed = {"reason": "One excursion, explained.", "password": lab.cast["quentin"].password}
    assert client.submit(f"{PAGE}/review", signed, having="password").location == PAGE
    shown = words(client.get(PAGE))
    assert "1 1 One excursion, explained. Quentin" in shown
    assert "Not reviewed none" in shown
    assert PAGES["place_log.review"] is Permission.REVIEW_PLACES
    assert lab.client("tess").get(f"{PAGE}/review").status_code == 403


def test_a_review_is_over_a_year_at_most(lab: Lab) -> None:
    fridge(lab)
    read(lab)
    with pytest.raises(Invalid, match="at most a year"):
        review(lab, since=date(2025, 1, 1))
    shown = lab.client("quentin").get(f"{PAGE}/review?since=2025-01-01").text
    assert "Choose at most a year at once." in shown


def test_who_took_a_reading_does_not_review_it(lab: Lab) -> None:
    fridge(lab)
    grant_role(lab.by("ivan"), person_id=lab.id("quentin"), role=Role.TECHNICIAN.value)
    read(lab, by="quentin")
    with pytest.raises(Refused, match="took a reading in this period yourself"):
        review(lab)


def test_a_reading_outside_leads_to_the_containers_that_stood_there_then(lab: Lab) -> None:
    number = lab.play("receipt")
    fridge(lab)
    read(lab)
    lab.record_step(number, "storage-1", movement="put away", place="Slot A")
    warm = read(lab, "9", done=WARM)
    lab.clock.tick(5)
    lab.record_step(number, "storage-2", movement="taken out", place="Slot A")
    lab.clock.tick(5)
    read(lab)
    after = read(lab, "9.5", done=WARM)
    client = lab.client("quentin")
    assert f"{number} " in words(client.get(f"/storage/readings/{warm}"))
    assert "BAG-7 Slot A" in words(client.get(f"/storage/readings/{warm}"))
    there = words(client.get(f"/storage/readings/{after}"))
    assert number not in there
    assert "None. 1 batches that name this place" in there


def test_overdue_readings_and_reviews_stand_on_the_start_pages(lab: Lab) -> None:
    fridge(lab)
    read(lab)
    assert "Temperature logs" not in words(lab.client("quentin").get("/"))
    lab.clock.tick(25 * 60)
    assert "Overdue Fridge FR-2 : reading, due" in words(lab.client("tess").get("/"))
    lab.clock.tick(7 * 24 * 60)
    assert "review of its temperature log" in words(lab.client("quentin").get("/"))
    assert "review of its temperature log" not in words(lab.client("tess").get("/"))


def test_the_log_is_paged_and_sends_as_many_statements_for_many_readings_as_for_one(lab: Lab) -> None:
    fridge(lab)
    counts = []
    for many in (1, 55):
        for _ in range(many):
            read(lab)
        # Signed in anew: the readings take longer than a session may idle.
        client = lab.client("quentin")
        client.get(PAGE)
        with counted() as seen:
            page = client.get(PAGE).text
        counts.append(len(seen))
    assert counts[0] == counts[1]
    (older,) = [part for part in page.split('"') if part.startswith(f"{PAGE}?before=")]
    assert words(client.get(older)).count("Within") == 6
    assert client.get(f"{PAGE}?before=1").status_code == 400
