"""The trace on its pages: from a thing to all batches, as a list and as a file, and from a batch to its things."""

from __future__ import annotations

import csv
import io

from labrecords.domain.custody.traces import SUBJECTS
from tests.support.lab import Lab
from tests.support.reading import links, words


def test_one_click_leads_from_a_batch_to_what_it_used_and_from_there_to_every_batch(lab_on_both: Lab) -> None:
    lab = lab_on_both
    first, second = lab.play("residual"), lab.play("receipt", lab.open_batch(patient="P-9000"))
    client = lab.client("quentin")
    page = client.get(f"/batches/{first}/inputs")
    (to_lot,) = [link for link in links(page) if "subject=lot" in link and "AC778" in link]
    traced = client.get(to_lot)
    assert words(traced).index(second) < words(traced).index(first)
    assert "BAG-7, S-1, SYR-7, S-2" in words(traced)
    assert "Paula Pereira" in words(traced)
    assert "nobody" in words(traced)
    rows = list(csv.DictReader(io.StringIO(client.get(to_lot.replace("/trace?", "/trace.csv?")).text)))
    assert [row["batch"] for row in rows] == [second, first]
    assert rows[1]["injected by"] == "Paula Pereira"


def test_everything_that_can_be_traced_is_found_as_people_type_it(lab: Lab) -> None:
    number = lab.play("residual")
    client = lab.client("ada")
    typed = {
        "lot": "ac-778",
        "equipment": "CF-01",
        "person": "TESS",
        "place": "theatre 2",
        "container": "syr 7",
        "patient": "p2048",
        "day": f"{lab.clock():%Y-%m-%d}",
    }
    assert set(typed) == set(SUBJECTS)
    for subject, key in typed.items():
        assert number in words(client.get("/trace", query_string={"subject": subject, "key": key})), subject
    nothing = words(client.get("/trace", query_string={"subject": "lot", "key": "none"}))
    assert "No record of a batch names it." in nothing
    assert client.get("/trace").status_code == 200
    assert client.get("/trace?subject=colour&key=red").status_code == 404
    assert client.get("/trace.csv?subject=lot").status_code == 404


def test_a_long_trace_goes_on_by_key(lab: Lab, monkeypatch: object) -> None:
    numbers = [lab.play("harvest", lab.open_batch()) for _ in range(3)]
    client = lab.client("quentin")
    monkeypatch.setattr("labrecords.models.traces.traced.__defaults__", ("", 2))  # type: ignore[attr-defined]
    first = client.get("/trace?subject=container&key=bag7")
    (older,) = [link for link in links(first) if "before=" in link]
    second = client.get(older)
    shown = [number for page in (first, second) for number in numbers if number in words(page)]
    assert sorted(shown) == sorted(numbers)
    assert "Newest" in words(second)


def test_no_cell_of_the_file_is_a_formula(lab: Lab) -> None:
    number = lab.play("order")
    lab.record_step(number, "area_before", room="=1+1")
    text = lab.client("quentin").get("/trace.csv?subject=place&key=%3D1%2B1").text
    assert "'=1+1" in text


def test_a_courier_traces_nothing(lab: Lab) -> None:
    number = lab.play("harvest")
    client = lab.client("cora")
    assert client.get("/trace").status_code == 403
    assert client.get(f"/batches/{number}/inputs").status_code == 403
    assert client.get(f"/batches/{number}").status_code == 200
