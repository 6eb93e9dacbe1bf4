"""Ids of containers are given out without holes and never twice, on both databases, to several people at once."""

from __future__ import annotations

from functools import partial

from labrecords.actions.batches import void_batch
from labrecords.actions.door import BatchRef
from labrecords.actions.labels import give_container_id
from labrecords.domain.custody.container_ids import shown
from labrecords.models.codes import batches_with
from tests.support.lab import Lab, refusal
from tests.support.reading import words
from tests.support.scanning import scanned
from tests.support.threads import at_once


def given(lab: Lab, number: str, by: str = "tess") -> str:
    return give_container_id(lab.by(by), batch=lab.batch(number))


def test_ids_follow_each_other_over_all_batches(lab_on_both: Lab) -> None:
    lab = lab_on_both
    first, second = lab.open_batch(), lab.open_batch(patient="P-2")
    codes = [given(lab, first), given(lab, second), given(lab, first)]
    assert [code[:-1] for code in codes] == ["KRKXX26000001", "KRKXX26000002", "KRKXX26000003"]
    assert [item.code for item in lab.record(first).container_ids] == [codes[0], codes[2]]
    assert lab.id("tess") in lab.record(first).participants()
    with lab.store.read() as session:
        assert batches_with(session, codes[1]) == [second]


def test_an_id_of_a_void_batch_is_never_used_again(lab: Lab) -> None:
    void, other = lab.open_batch(), lab.open_batch(patient="P-2")
    code = given(lab, void)
    void_batch(lab.by("tess"), batch=lab.batch(void), reason="Opened for nobody.", proof=lab.proof("tess"))
    assert given(lab, other) != code
    assert refusal(lambda: given(lab, void)) == ("voided",)


def test_many_at_once_get_an_id_each(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.open_batch()
    record = lab.record(number)
    acts = [lab.by("tess" if n % 2 else "vic") for n in range(8)]
    codes = at_once([partial(give_container_id, by, batch=BatchRef(record.batch.id)) for by in acts])
    assert sorted(code[7:13] for code in codes) == [f"{n:06d}" for n in range(1, 9)]


def test_on_the_page_an_id_is_given_out_and_then_scanned_where_it_is_filled(lab: Lab) -> None:
    number = lab.play("identity_harvest")
    client, page = lab.client("tess"), f"/batches/{number}/labels"
    assert page in client.get(f"/batches/{number}").text
    answer = client.submit(page, {}, having="form_key")
    assert answer.status_code == 303
    code = lab.record(number).container_ids[0].code
    told = words(client.get(page))
    assert shown(code) in told
    assert "not filled yet" in told
    assert scanned(client, f"]d1{code.lower()}").location.endswith(number)
    assert "The check character is missing" in words(scanned(client, code[:-1]))
    lab.record_step(number, "harvest", container_code=shown(code))
    assert "Record the harvest" in words(client.get(page))
    assert lab.client("ada").get(page).status_code == 200
    assert "Give out the next id" not in lab.client("ada").get(page).text
