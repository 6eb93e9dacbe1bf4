"""The trail of a batch as people read it."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
import pkgutil
from decimal import Decimal

import pytest
from sqlalchemy import text

from labrecords import actions
from labrecords.actions.batches import void_batch
from labrecords.actions.door import ACCESS
from labrecords.models.batch_record import events_of
from labrecords.web.batches import events, trail
from tests.support.lab import Lab
from tests.support.reading import links, words
from tests.support.story import number_of
from tests.support.tampering import intruder


def test_the_events_say_who_what_when_and_why(lab: Lab) -> None:
    number = lab.play("receipt")
    lab.clock.tick(1)
    lab.correct_step(number, "receipt", "The scale was read upside down.", volume_ml=Decimal("59.0"))
    page = lab.client("ada").get(f"/batches/{number}/trail")
    text = words(page)
    seq = lab.record(number).head.seq
    assert f"{seq} 2026-11-23" in text
    assert (
        f"Tess Tamm Corrected: step {number_of('receipt')}, inspect what was received volume received: 60.0 mL 59.0 mL"
        in text
    )
    assert "The scale was read upside down." in text
    assert (
        f"Signed: verified: step {number_of('receipt')}, inspect what was received Verified as second person"
        in text
    )
    assert "The chain is whole." in text


def test_a_whole_story_can_be_read(lab: Lab) -> None:
    number = lab.play("closed")
    client = lab.client("ada")
    text = words(client.get(f"/batches/{number}/trail"))
    assert "Signed: released" in text
    assert "Document sealed SHA-256" in text
    assert f"Noted as not done: step {number_of('spin_2')}" in text
    for seq in range(1, lab.record(number).head.seq + 1):
        page = client.get(f"/batches/{number}/trail/{seq}")
        assert page.status_code == 200
        assert "cannot be read by this version" not in words(page)


def test_every_act_on_a_batch_is_named_in_words() -> None:
    modules = [
        importlib.import_module(item.name)
        for item in pkgutil.iter_modules(actions.__path__, "labrecords.actions.")
    ]
    acts = {
        each.act
        for module in modules
        for each in vars(module).values()
        if hasattr(each, "act")
        and {"BatchRef", "StepRef"} & set(map(str, inspect.get_annotations(inspect.unwrap(each)).values()))
    }
    assert len(acts) > 15
    # Their bodies name them after what was decided, confirmed or ended.
    refined = {"batch.decided", "step.confirmed", "timer.ended"}
    verbs = {act for act in acts if act.rpartition(".")[2] in events.VERBS}
    assert acts - refined - verbs <= set(events.ACTS)


def test_one_event_shows_every_value_with_names_instead_of_ids(lab: Lab) -> None:
    number = lab.play("handover_laboratory")
    record = lab.record(number)
    seq = record.step_version("handover_laboratory") - 1
    page = lab.client("ada").get(f"/batches/{number}/trail/{seq}")
    text = words(page)
    assert (
        f"Recorded: step {number_of('handover_laboratory')}, hand the harvest over to the laboratory" in text
    )
    assert "Given by Paula Pereira" in text
    assert "Temperature at receipt 21.0 °C" in text
    assert "Seal and container whole yes" in text
    assert "handover.recorded" in text
    assert f"/batches/{number}/trail/{seq - 1}" in links(page)


def test_a_void_is_readable_too(lab: Lab) -> None:
    number = lab.open_batch()
    void_batch(lab.by("tess"), batch=lab.batch(number), reason="Opened twice.", proof=lab.proof("tess"))
    page = lab.client("ada").get(f"/batches/{number}/trail/2")
    assert "Batch voided" in words(page)
    assert "Opened twice." in words(page)
    assert "Voided: opened by mistake" in words(page)


def test_long_trails_are_paged_by_number(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "PAGE", 5)
    number = lab.play("receipt")
    client, url, seen = lab.client("ada"), f"/batches/{number}/trail", []
    while url:
        page = client.get(url)
        seen += [int(link.rpartition("/")[2]) for link in links(page) if "/trail/" in link]
        url = next((link for link in links(page) if "before=" in link), "")
    assert seen == list(range(lab.record(number).head.seq, 0, -1))


@pytest.mark.parametrize("before", ["x", "-1", "1.5", "9" * 30, "\u0661"])
def test_a_page_that_cannot_be_meant_is_refused(lab: Lab, before: str) -> None:
    number = lab.open_batch()
    answer = lab.client("ada").get(f"/batches/{number}/trail", query_string={"before": before})
    assert answer.status_code == 400


@pytest.mark.parametrize("seq", ["0", "99", "99999999999999999999", "-1", "x"])
def test_an_event_that_does_not_exist_is_not_found(lab: Lab, seq: str) -> None:
    number = lab.open_batch()
    assert lab.client("ada").get(f"/batches/{number}/trail/{seq}").status_code == 404


def test_the_chain_is_taken_away_as_it_was_hashed(lab: Lab) -> None:
    number = lab.play("receipt")
    answer = lab.client("ada").get(f"/batches/{number}/trail.json")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{number}-trail.json"'
    chain = json.loads(answer.data)
    digest = "0" * 64
    for event in chain["events"]:
        assert json.loads(event)["prev"] == digest
        digest = hashlib.sha256(event.encode()).hexdigest()
    assert chain["head"] == {"seq": len(chain["events"]), "digest": digest}
    with lab.store.read() as session:
        assert json.loads(events_of(session, ACCESS)[-1])["act"] == "trail.downloaded"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("replace(payload, 'Theatre 2', 'Theatre 3')", "one of the two was changed"),
        ("'nothing that can be read'", "Not readable: the bytes of this event were changed"),
        ('\'{"act": 1, "rows": 2}\'', "Not readable: the bytes of this event were changed"),
    ],
)
def test_a_chain_that_was_changed_in_the_database_is_called_broken(lab: Lab, change: str, said: str) -> None:
    number = lab.play("receipt")
    chain, seq = lab.record(number).head.chain, lab.record(number).step_version("harvest") - 1
    lab.tampered = True
    with intruder(lab) as connection:
        statement = f"UPDATE trail_event SET payload = {change} WHERE chain = :chain AND seq = :seq"
        connection.execute(text(statement), {"chain": chain, "seq": seq})
        connection.commit()
    client = lab.client("ada")
    page = client.get(f"/batches/{number}/trail")
    assert "The chain is broken." in words(page)
    assert said in words(page)
    assert client.get(f"/batches/{number}/trail/{seq}").status_code == 200
    assert client.get(f"/batches/{number}/trail.json").status_code == 200


@pytest.mark.parametrize("path", ["trail", "trail/1", "trail.json"])
def test_the_administrator_does_not_read_the_trail_of_a_batch(lab: Lab, path: str) -> None:
    number = lab.open_batch()
    assert lab.client("ivan").get(f"/batches/{number}/{path}").status_code == 403
    assert lab.client("ada").get(f"/batches/KRK-26-9999/{path}").status_code == 404


def test_text_that_looks_like_markup_is_shown_as_typed(lab: Lab) -> None:
    number = lab.open_batch(patient="<i>P-1</i>")
    page = lab.client("ada").get(f"/batches/{number}/trail/1")
    assert "<i>P-1" not in page.text
    assert "&lt;i&gt;P-1&lt;/i&gt;" in page.text
