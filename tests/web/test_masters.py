"""Master records in the browser: read, brought in, changed, signed by two people."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from labrecords.actions import masters
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.processes.masters import FILE, MasterState, MasterVersion, state
from labrecords.domain.processes.process import Process
from labrecords.models.batch_record import process_of
from labrecords.models.masters import versions
from tests.support.clean import process_text
from tests.support.lab import Lab
from tests.support.pages import PageClient, forms_of
from tests.support.reading import links, notices, words
from tests.support.story import number_of

SECOND = ('version = "1"', 'version = "2"')
REASON = "The kit is no longer made."


def draft(lab: Lab, *changes: tuple[str, str]) -> str:
    """Save version 2 of the shipped master as a draft of Vic's. Returns its digest."""
    return masters.save_draft(lab.by("vic"), text=process_text(SECOND, *changes), origin=FILE)


def prepared(lab: Lab) -> str:
    digest = draft(lab)
    masters.prepare_master(lab.by("vic"), digest=digest, proof=lab.proof("vic"))
    return digest


def all_versions(lab: Lab) -> tuple[MasterVersion, ...]:
    with lab.store.read() as session:
        return versions(session)


def state_of(lab: Lab, digest: str) -> MasterState:
    known = all_versions(lab)
    return state(next(item for item in known if item.digest == digest), known, lab.today())


def process(lab: Lab, answer: TestResponse) -> Process:
    """The process of the draft that a page went on to after saving."""
    assert answer.status_code == 303, words(answer)
    digest = answer.headers["Location"].split("/masters/")[1].partition("#")[0]
    with lab.store.read() as session:
        return process_of(session, digest)


def entered(answer: TestResponse, name: str) -> str:
    """What stands in an entry of the page's form."""
    return next(form for form in forms_of(answer.text) if name in form.names).values[name][0]


# ---- reading -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["tess", "vic", "paula", "quentin", "ada"])
def test_who_reads_batches_reads_masters(lab: Lab, username: str) -> None:
    client = lab.client(username)
    page = client.get("/masters")
    assert "bone-marrow-concentrate" in words(page)
    assert "Effective" in words(page)
    master = lab.master()
    assert f"/masters/{master.digest}" in links(page)
    assert ("/masters/new" in links(page)) is (username == "vic")
    assert client.get(f"/masters/{master.digest}").status_code == 200


def test_the_drafts_stand_first_for_the_process_owner_alone(lab: Lab) -> None:
    digest = draft(lab)
    page = words(lab.client("vic").get("/masters"), "drafts")
    assert page.index("bone-marrow-concentrate 2") < page.index("Version 1")
    assert "Not approved yet" not in words(lab.client("tess").get("/masters"))
    assert f"/masters/{digest}" in links(lab.client("tess").get("/masters"))


def test_a_version_is_reproduced_with_everything_it_says(lab: Lab) -> None:
    page = lab.client("tess").get(f"/masters/{lab.master().digest}")
    said = words(page)
    for part in (
        "Regulatory pathway LOCAL: another country, by its own rules",
        "Volume balance, tolerated 5 %",
        "Spin the tube",
        "spin_1 · centrifugation · processing · required · second person: verifies · procedure: SOP-SPIN-01/1",
        "Required here: Viability dye, Live cells, Dead cells.",
        "Temperature °C 21 −20 to 60 4 to 30 18 to 25 2 to 30 1, half-up",
        "Draws: volume mL",
        "Viability % at least 80 70 to 100 rounded half-up to 0 decimals",
        f"Cells before: count {number_of('count_before')} Count the cells before processing",
        "Recovery above 100 % is beyond counting error",
        "Vic Vermeer",
        "Master record prepared",
        "Master record checked and approved",
    ):
        assert part in said, part


def test_the_text_is_downloaded_byte_by_byte(lab: Lab) -> None:
    master = lab.master()
    answer = lab.client("ada").get(f"/masters/{master.digest}/text")
    assert sha256_hex(answer.data) == master.digest
    assert answer.headers["Content-Disposition"] == "attachment; filename=bone-marrow-concentrate-1.toml"


def test_a_version_that_does_not_exist_is_not_found(lab: Lab) -> None:
    client = lab.client("vic")
    for path in ("", "/text", "/edit/head", "/prepare", f"/compare/{lab.master().digest}"):
        assert client.get(f"/masters/{'0' * 64}{path}").status_code == 404


@pytest.mark.parametrize("username", ["tess", "paula", "quentin", "ada"])
def test_only_the_process_owner_changes_a_draft(lab: Lab, username: str) -> None:
    digest, client = draft(lab), lab.client(username)
    assert "Change" not in words(client.get(f"/masters/{digest}"), "steps")
    for path in (
        "edit/head",
        "edit/steps/order",
        "edit/text",
        "edit/add-step",
        "copy",
        "prepare",
        "withdraw",
    ):
        assert client.get(f"/masters/{digest}/{path}").status_code == 403
    assert client.get("/masters/new").status_code == 403


# ---- bringing in ---------------------------------------------------------------------------------------------------


def test_a_file_becomes_a_draft(lab: Lab) -> None:
    text = process_text(SECOND)
    sent = {"file": (io.BytesIO(text.encode()), "bmc.toml"), "note": "From the old laboratory."}
    answer = lab.client("vic").submit("/masters/new", sent, having="file")
    found = process(lab, answer)
    assert found.text == text
    page = lab.client("vic").get(answer.headers["Location"])
    assert "From a file" in words(page)
    assert "From the old laboratory." in words(page)
    assert state_of(lab, found.digest) is MasterState.DRAFT


def test_a_pasted_text_has_the_line_ends_of_the_file(lab: Lab) -> None:
    text = process_text(SECOND)
    answer = lab.client("vic").submit("/masters/new", {"text": text.replace("\n", "\r\n")}, having="file")
    assert process(lab, answer).text == text


def test_a_file_from_windows_is_read_without_its_mark(lab: Lab) -> None:
    text = process_text(SECOND)
    data = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    answer = lab.client("vic").submit("/masters/new", {"file": (io.BytesIO(data), "bmc.toml")}, having="file")
    assert process(lab, answer).text == text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "This file is empty."),
        (b" \n\n", "This file is empty."),
        ("title = “".encode("utf-16"), "This file is not UTF-8 text."),
        (b"PK\x03\x04\xff\xfe", "This file is not UTF-8 text."),
    ],
)
def test_a_file_that_is_no_text_is_told(lab: Lab, data: bytes, sentence: str) -> None:
    before = all_versions(lab)
    sent = {"file": (io.BytesIO(data), "x.toml"), "note": "Kept."}
    answer = lab.client("vic").submit("/masters/new", sent, having="file")
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert entered(answer, "note") == "Kept."
    assert all_versions(lab) == before


@pytest.mark.parametrize("sent", [{}, {"file": "words in place of a file"}])
def test_nothing_at_all_is_asked_back(lab: Lab, sent: dict[str, str]) -> None:
    answer = lab.client("vic").submit("/masters/new", sent, having="file")
    assert "Choose a file, or paste the text." in words(answer)


FIVE_MB = process_text(SECOND) + "# more\n" * 750_000


def send_large(client: PageClient, fields: dict[str, str], file: str = "") -> TestResponse:
    """Send the form for new texts as a browser does. The client's own way leaves a file behind where much is sent."""
    shown = next(form for form in forms_of(client.get("/masters/new").text) if "file" in form.names)
    sent = {name: values[0] for name, values in shown.values.items()} | fields
    heads = {f'name="{name}"': value for name, value in sent.items()}
    heads |= {'name="file"; filename="x.toml"': file} if file else {}
    parts = [
        f"--x\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n" for head, value in heads.items()
    ]
    body = "".join([*parts, "--x--\r\n"]).encode()
    return client.post("/masters/new", data=body, content_type="multipart/form-data; boundary=x")


def test_a_file_of_five_megabytes_is_answered_with_a_sentence(lab: Lab) -> None:
    answer = send_large(lab.client("vic"), {"text": "typed", "note": "Kept."}, file=FIVE_MB)
    assert answer.status_code == 400
    assert "This is too long: 5.0 MB, and a master record has at most 1 MB." in words(answer)
    assert (entered(answer, "text"), entered(answer, "note")) == ("typed", "Kept.")


def test_a_pasted_text_of_five_megabytes_is_answered_at_its_entry_where_it_still_stands(lab: Lab) -> None:
    before = all_versions(lab)
    answer = send_large(lab.client("vic"), {"text": FIVE_MB, "note": "Kept."})
    assert answer.status_code == 400
    said = re.search(r'id="text-error".*?</p>', answer.text, re.DOTALL)
    assert said is not None
    assert (
        "This is too long: 5.0 MB, and a master record has at most 1 MB. Nothing of it was saved." in said[0]
    )
    assert entered(answer, "note") == "Kept."
    assert "# more\n" * 700_000 in answer.text
    assert all_versions(lab) == before


def test_a_draft_that_grew_to_five_megabytes_is_answered_at_its_entry(lab: Lab) -> None:
    digest, client = draft(lab), lab.client("vic")
    answer = client.submit(f"/masters/{digest}/edit/text", {"text": FIVE_MB, "note": "Kept."}, having="text")
    assert answer.status_code == 400
    assert "This is too long: 5.0 MB" in answer.text
    assert entered(answer, "note") == "Kept."


def test_every_error_is_listed_with_its_line_and_the_text_is_kept(lab: Lab) -> None:
    before = all_versions(lab)
    text = process_text(
        SECOND, ('["15", "30"], alert', '["30", "15"], alert'), ("minimum_cells", "minimal_cells")
    )
    answer = lab.client("vic").submit(
        "/masters/new", {"file": (io.BytesIO(text.encode()), "x.toml")}, having="file"
    )
    assert answer.status_code == 400
    said = words(answer, "problems-title")
    assert "2 places in the text need you." in said
    assert f"Line {line_of(text, 'minimal_cells')}" in said
    assert "limits.temperature_c" in said
    assert entered(answer, "text") == text
    assert all_versions(lab) == before
    mended = text.replace('["30", "15"]', '["15", "30"]').replace("minimal_cells", "minimum_cells")
    again = lab.client("vic").submit("/masters/new", {"text": mended}, having="file", response=None)
    assert again.status_code == 303


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_version_that_was_signed_is_not_written_over(lab: Lab) -> None:
    text = process_text(('title = "Bone marrow concentrate by centrifugation"', 'title = "Another"'))
    answer = lab.client("vic").submit("/masters/new", {"text": text}, having="file")
    assert answer.status_code == 400
    assert "Raise the version number." in words(answer)
    assert entered(answer, "text") == text


def test_a_copy_is_a_draft_with_another_version_number(lab: Lab) -> None:
    master, client = lab.master(), lab.client("vic")
    answer = client.submit(f"/masters/{master.digest}/copy", {"number": "2.0"}, having="number")
    found = process(lab, answer)
    assert (found.key, found.version) == (master.key, "2.0")
    with lab.store.read() as session:
        assert (
            found.text.replace('version = "2.0"', 'version = "1"') == process_of(session, master.digest).text
        )
    assert state_of(lab, master.digest) is MasterState.EFFECTIVE


@pytest.mark.parametrize(
    ("number", "sentence"),
    [("", "Give the copy a version number"), ("1", "saved already"), ("2\u202e", "invisible")],
)
def test_a_copy_needs_a_number_of_its_own(lab: Lab, number: str, sentence: str) -> None:
    page = f"/masters/{lab.master().digest}/copy"
    answer = lab.client("vic").submit(page, {"number": number}, having="number")
    assert answer.status_code == 400
    assert sentence in words(answer)


# ---- changing ------------------------------------------------------------------------------------------------------


def test_a_limit_is_changed_on_the_page_of_its_step(lab: Lab) -> None:
    digest, client = draft(lab), lab.client("vic")
    changes = {"limit-volume_ml-soft_low": "25", "limit-volume_ml-soft_high": "200,50", "sop": "SOP-012"}
    answer = client.submit(f"/masters/{digest}/edit/steps/receipt", changes, having="sop")
    found = process(lab, answer)
    assert 'soft = ["25", "200.50"]' in found.text
    assert found.step("receipt").sop == "SOP-012"
    assert "# hard:       outside cannot be a fact" in found.text
    assert answer.headers["Location"].endswith("#step-receipt")
    assert state_of(lab, digest) is MasterState.REPLACED
    assert "The draft is saved." in notices(client.get(answer.headers["Location"]))


def test_everything_of_a_step_can_be_set(lab: Lab) -> None:
    digest = draft(lab)
    changes = {
        "title": "Spin twice",
        "instruction": "Once.\r\nTwice.",
        "phase": "testing",
        "required": "no",
        "second_person": "blind",
        "materials": "ACD-A\r\nHeparin\r\n",
        "bypass": "yes",
        "late": "yes",
        "due_days": "14",
        "equipment": "CF-02\r\nrotor",
        "limit-rcf_g-target": "800",
        "limit-rcf_g-acceptance_low": "600",
        "limit-rcf_g-rounding": "half-even",
    }
    page = f"/masters/{digest}/edit/steps/residual"
    answer = lab.client("vic").submit(
        page, {k: v for k, v in changes.items() if "rcf_g" not in k and k != "equipment"}, having="sop"
    )
    step = process(lab, answer).step("residual")
    assert (step.title, step.instruction, step.phase) == ("Spin twice", "Once.\nTwice.", "testing")
    assert (step.required, step.second_person, step.blind, step.bypass) == (False, True, True, True)
    assert (step.late, step.due_days, step.materials) == (True, 14, ("ACD-A", "Heparin"))
    page = f"/masters/{draft(lab)}/edit/steps/spin_1"
    answer = lab.client("vic").submit(
        page, {k: v for k, v in changes.items() if "rcf_g" in k or k == "equipment"}, having="sop"
    )
    spin = process(lab, answer).step("spin_1")
    assert spin.equipment == ("CF-02", "rotor")
    limit = spin.limits["rcf_g"]
    assert (str(limit.target), str(limit.acceptance[0]), limit.acceptance[1]) == ("800", "600", None)
    assert (limit.rounding, limit.unit, str(limit.soft[1])) == ("half-even", "× g", "3200")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"limit-volume_ml-soft_low": "1,000"}, "Write 1000 or 1.0"),
        ({"limit-volume_ml-soft_low": "20 mL"}, "the unit stands beside"),
        ({"limit-volume_ml-hard_high": "NaN"}, "is not a number"),
        ({"limit-volume_ml-decimals": "1.5"}, "whole number"),
        ({"limit-volume_ml-decimals": "-1"}, "whole number of 0 or more"),
        ({"title": ""}, "Say what is to be done"),
        ({"title": "Spin\u202e"}, "invisible"),
        ({"instruction": ""}, "Say how it is done."),
        ({"kind": "spoon"}, "Not a valid choice"),
        ({"due_days": "soon"}, "is not a number"),
        ({"limit-volume_ml-soft_low": "300"}, "wrong order"),
    ],
)
def test_what_cannot_be_is_asked_back_and_everything_typed_stays(
    lab: Lab, changes: dict[str, str], sentence: str
) -> None:
    digest, before = draft(lab), len(all_versions(lab))
    page = f"/masters/{digest}/edit/steps/receipt"
    answer = lab.client("vic").submit(page, {"sop": "SOP-7", **changes}, having="sop")
    assert answer.status_code == 400
    assert sentence in words(answer)
    for name, value in {"sop": "SOP-7", **changes}.items():
        assert name == "kind" or entered(answer, name) == value
    assert len(all_versions(lab)) == before


def test_an_error_of_the_reader_stands_at_its_entry(lab: Lab) -> None:
    page = f"/masters/{draft(lab)}/edit/steps/receipt"
    answer = lab.client("vic").submit(page, {"limit-volume_ml-soft_low": "300"}, having="sop")
    assert 'href="#limit-volume_ml-soft_low"' in answer.text
    assert 'id="limit-volume_ml-soft_low-error"' in answer.text


def test_saving_what_is_there_already_changes_nothing(lab: Lab) -> None:
    digest, client = draft(lab), lab.client("vic")
    for path in ("head", "steps/receipt", "steps/count_after", "time-limits", "results", "yield", "text"):
        answer = client.submit(f"/masters/{digest}/edit/{path}", having="seen")
        assert answer.status_code == 400, path
        assert "Nothing was changed" in words(answer), path


def test_a_form_sent_twice_saves_one_draft(lab: Lab) -> None:
    client, page = lab.client("vic"), f"/masters/{draft(lab)}/edit/steps/receipt"
    form = client.get(page)
    answers = [client.submit(page, {"sop": "SOP-7"}, having="sop", response=form) for _ in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]


def test_a_fact_is_required_in_a_step(lab: Lab) -> None:
    page = f"/masters/{draft(lab)}/edit/steps/count_before"
    answer = lab.client("vic").submit(page, {"require-dye": "y"}, having="sop")
    assert process(lab, answer).step("count_before").required_facts == {"dye"}


def test_another_kind_keeps_what_both_have(lab: Lab) -> None:
    page = f"/masters/{draft(lab)}/edit/steps/spin_2"
    step = process(lab, lab.client("vic").submit(page, {"kind": "filtration"}, having="sop")).step("spin_2")
    assert step.kind == "filtration"
    assert "rcf_g" not in step.limits


def test_a_step_is_added_moved_and_removed(lab: Lab) -> None:
    client = lab.client("vic")
    added = {
        "after": "receipt",
        "kind": "filtration",
        "key": "filter",
        "title": "Filter",
        "instruction": "Slowly.",
    }
    found = process(lab, client.submit(f"/masters/{draft(lab)}/edit/add-step", added, having="after"))
    assert found.step("filter").number == found.step("receipt").number + 1
    page = f"/masters/{found.digest}/edit/steps/filter/move"
    found = process(lab, client.submit(page, {"after": "harvest"}, having="after"))
    assert found.step("filter").number == found.step("harvest").number + 1
    found = process(lab, client.submit(f"/masters/{found.digest}/edit/steps/filter/remove", having="seen"))
    assert "filter" not in [step.key for step in found.steps]


def test_a_step_is_moved_before_all_others(lab: Lab) -> None:
    page = f"/masters/{draft(lab)}/edit/steps/harvest/move"
    found = process(lab, lab.client("vic").submit(page, {"after": ""}, having="after"))
    assert [step.key for step in found.steps][:2] == ["harvest", "order"]


def test_a_key_that_is_taken_is_asked_back(lab: Lab) -> None:
    added = {"after": "receipt", "kind": "sample", "key": "harvest", "title": "Again", "instruction": "Mix."}
    answer = lab.client("vic").submit(f"/masters/{draft(lab)}/edit/add-step", added, having="after")
    assert answer.status_code == 400
    assert entered(answer, "title") == "Again"


def test_a_step_that_the_yield_needs_is_not_removed(lab: Lab) -> None:
    digest = draft(lab)
    answer = lab.client("vic").submit(f"/masters/{digest}/edit/steps/count_after/remove", having="seen")
    assert answer.status_code == 400
    assert "yield" in words(answer)
    assert state_of(lab, digest) is MasterState.DRAFT


def test_the_head_is_changed(lab: Lab) -> None:
    changes = {
        "title": "Concentrate, two spins",
        "pathway": "US_361",
        "release_required": "no",
        "max_age_h": "6,5",
        "shelf_life_h": "",
        "late_after_min": "20",
        "additives": "saline\r\nRinger's solution\r\n",
        "label_set": "harvest\r\nfinal\r\n",
        "identity_checks": "dispense\r\n",
        "sources": "Kit instructions, revision 4",
    }
    found = process(
        lab, lab.client("vic").submit(f"/masters/{draft(lab)}/edit/head", changes, having="title")
    )
    assert (found.title, found.pathway, found.release_required) == ("Concentrate, two spins", "US_361", False)
    assert (str(found.max_age_h), found.shelf_life_h, found.late_after_min) == ("6.5", None, 20)
    assert found.additives == ("saline", "Ringer's solution")
    assert found.label_set == ("harvest", "final")
    assert found.identity_checks == ("dispense",)
    assert found.sources == ("Kit instructions, revision 4",)


def test_time_limits_are_set_changed_and_taken_away(lab: Lab) -> None:
    client, digest = lab.client("vic"), draft(lab)
    first = {
        "row-0-label": "Transport",
        "row-0-from": "harvest",
        "row-0-to": "receipt",
        "row-0-max_min": "60",
    }
    found = process(lab, client.submit(f"/masters/{digest}/edit/time-limits", first, having="row-0-label"))
    assert [(item.label, str(item.max_min), item.min_min) for item in found.time_limits] == [
        ("Transport", "60", None)
    ]
    page, ends = client.get(f"/masters/{found.digest}"), (number_of("harvest"), number_of("receipt"))
    said = "Transport {} Record the harvest {} Inspect what was received at most 60 min".format(*ends)
    assert said in words(page)
    empty = dict.fromkeys(first, "")
    found = process(
        lab, client.submit(f"/masters/{found.digest}/edit/time-limits", empty, having="row-0-label")
    )
    assert found.time_limits == ()


def test_follow_up_visits_are_set_changed_and_taken_away_and_compared(lab: Lab) -> None:
    client, digest = lab.client("vic"), draft(lab)
    page = f"/masters/{digest}/edit/visits"
    answer = client.submit(page, {"row-1-after_d": "20", "row-2-window_d": "200"}, having="row-0-name")
    assert answer.status_code == 400
    assert 'id="row-1-after_d-error"' in answer.text
    assert 'id="row-2-window_d-error"' in answer.text
    assert entered(answer, "row-1-after_d") == "20"
    rows = {"row-0-name": "6 weeks", "row-0-after_d": "42", "row-4-name": "2 years", "row-4-after_d": "730",
            "row-4-window_d": "60"}  # fmt: skip
    rows |= {f"row-2-{part}": "" for part in ("name", "after_d", "window_d")}
    found = process(lab, client.submit(page, rows, having="row-0-name"))
    assert [(visit.name, visit.after_d, visit.window_d) for visit in found.follow_up] == [
        ("6 weeks", 42, 7), ("3 months", 91, 14), ("12 months", 365, 30), ("2 years", 730, 60),
    ]  # fmt: skip
    assert "2 years 730 days after the injection, 60 days before or after" in words(
        client.get(f"/masters/{found.digest}")
    )
    said = words(client.get(f"/masters/{found.digest}/compare/{digest}"))
    assert "Follow-up visit: 2 years" in said
    assert "Days after the injection none 730" in said


def test_results_are_changed_added_and_taken_away(lab: Lab) -> None:
    client, page = lab.client("vic"), f"/masters/{draft(lab)}/edit/results"
    changes = {
        "row-0-acceptance_low": "75",
        "row-5-key": "volume_reduction",
        "row-5-label": "Volume reduction",
    }
    found = process(lab, client.submit(page, changes, having="row-0-key"))
    assert str(found.results[0].limit.acceptance[0]) == "75"
    assert found.results[-1].key == "volume_reduction"
    page = f"/masters/{found.digest}/edit/results"
    found = process(lab, client.submit(page, {"row-0-key": ""}, having="row-0-key"))
    keys = ["concentration_per_ml", "recovery_percent", "viable_dose", "volume_reduction"]
    assert [item.key for item in found.results] == keys


def test_a_result_without_a_choice_and_a_time_limit_without_a_step_are_asked_back(lab: Lab) -> None:
    client, digest = lab.client("vic"), draft(lab)
    page = f"/masters/{digest}/edit/results"
    answer = client.submit(page, {"row-5-label": "Dose"}, having="row-0-key")
    assert answer.status_code == 400
    assert 'id="row-5-key-error"' in answer.text
    assert entered(answer, "row-5-label") == "Dose"
    page = f"/masters/{digest}/edit/time-limits"
    changes = {
        "row-2-label": "Transport",
        "row-2-to": "harvest",
        "row-2-from": "receipt",
        "row-2-max_min": "60",
    }
    answer = client.submit(page, changes, having="row-0-label")
    assert answer.status_code == 400
    assert 'id="row-2-to-error"' in answer.text
    assert "time only goes forward" in words(answer)


def test_the_yield_takes_another_volume(lab: Lab) -> None:
    page = f"/masters/{draft(lab)}/edit/yield"
    found = process(
        lab, lab.client("vic").submit(page, {"volume_before": "harvest.total_volume_ml"}, having="seen")
    )
    assert found.yields.volume_before == "harvest.total_volume_ml"


def test_the_text_is_edited_as_a_whole(lab: Lab) -> None:
    digest, client = draft(lab), lab.client("vic")
    text = process_text(SECOND, ("late_after_min = 15", "late_after_min = 30"))
    answer = client.submit(
        f"/masters/{digest}/edit/text", {"text": text, "note": "Late later."}, having="text"
    )
    assert process(lab, answer).late_after_min == 30


# ---- two people at one draft -----------------------------------------------------------------------------------------


def test_who_writes_while_another_saves_loses_nothing_and_writes_onto_the_newer_draft(lab: Lab) -> None:
    client, digest = lab.client("vic"), draft(lab)
    page = f"/masters/{digest}/edit/steps/receipt"
    form = client.get(page)
    client.submit(f"/masters/{digest}/edit/steps/order", {"sop": "SOP-1"}, having="sop")
    stale = client.submit(page, {"sop": "SOP-2"}, having="sop", response=form)
    assert stale.status_code == 409
    assert "Vic Vermeer saved a newer draft of this version while you were writing." in words(stale)
    assert entered(stale, "sop") == "SOP-2"
    found = process(lab, client.submit(page, having="sop", response=stale))
    assert (found.step("order").sop, found.step("receipt").sop) == ("SOP-1", "SOP-2")


def test_who_changes_a_step_that_was_removed_meanwhile_is_told(lab: Lab) -> None:
    client, digest = lab.client("vic"), draft(lab)
    page = f"/masters/{digest}/edit/steps/spin_2"
    form = client.get(page)
    client.submit(f"/masters/{digest}/edit/steps/spin_2/remove", having="seen")
    stale = client.submit(page, {"sop": "SOP-2"}, having="sop", response=form)
    assert stale.status_code == 409
    assert client.submit(page, having="sop", response=stale).status_code == 404


def test_a_text_written_while_another_saved_is_kept(lab: Lab) -> None:
    client, digest = lab.client("vic"), draft(lab)
    page = f"/masters/{digest}/edit/text"
    form = client.get(page)
    client.submit(f"/masters/{digest}/edit/steps/order", {"sop": "SOP-1"}, having="sop")
    text = process_text(SECOND, ("late_after_min = 15", "late_after_min = 30"))
    stale = client.submit(page, {"text": text}, having="text", response=form)
    assert stale.status_code == 409
    assert entered(stale, "text") == text
    assert process(lab, client.submit(page, having="text", response=stale)).text == text


def test_a_draft_that_was_replaced_leads_to_the_newest(lab: Lab) -> None:
    client, digest = lab.client("vic"), draft(lab)
    newer = process(
        lab, client.submit(f"/masters/{digest}/edit/steps/order", {"sop": "S-1"}, having="sop")
    ).digest
    assert client.get(f"/masters/{digest}/edit/head").headers["Location"] == f"/masters/{newer}"
    assert f"/masters/{newer}" in links(client.get(f"/masters/{digest}"))


def test_a_version_in_review_is_not_changed(lab: Lab) -> None:
    digest, client = prepared(lab), lab.client("vic")
    answer = client.get(f"/masters/{digest}/edit/steps/order")
    assert answer.headers["Location"] == f"/masters/{digest}"
    assert any("its text is final" in said for said in notices(client.get(f"/masters/{digest}")))


def test_a_draft_that_was_signed_while_it_was_written_keeps_what_was_typed(lab: Lab) -> None:
    client, digest = lab.client("vic"), draft(lab)
    page = f"/masters/{digest}/edit/steps/receipt"
    form = client.get(page)
    masters.prepare_master(lab.by("vic"), digest=digest, proof=lab.proof("vic"))
    answer = client.submit(page, {"sop": "SOP-2"}, having="sop", response=form)
    assert answer.status_code == 400
    assert "Raise the version number." in words(answer)
    assert entered(answer, "sop") == "SOP-2"


# ---- comparing -------------------------------------------------------------------------------------------------------


def test_two_versions_stand_side_by_side(lab: Lab) -> None:
    digest = draft(lab, ('max_age_h = "4"', 'max_age_h = "6"'))
    client, old = lab.client("quentin"), lab.master().digest
    assert f"/masters/{digest}/compare/{old}" in links(client.get(f"/masters/{digest}"))
    page = client.get(f"/masters/{digest}/compare/{old}")
    assert "2 differences" in words(page)
    assert "<del>4</del>" in page.text
    assert "<ins>6</ins>" in page.text
    assert "Whole batch Age since harvest, at most 4 6" in words(page)
    assert "max_age" not in words(page)
    turned = client.get(f"/masters/{old}/compare/{digest}")
    assert "<del>6</del>" in turned.text


def test_a_version_does_not_differ_from_itself(lab: Lab) -> None:
    old = lab.master().digest
    assert "they say the same" in words(lab.client("quentin").get(f"/masters/{old}/compare/{old}"))


def test_masters_of_two_keys_are_told_apart_by_name(lab: Lab) -> None:
    digest = masters.save_draft(
        lab.by("vic"), text=process_text(('key = "bone-marrow-concentrate"', 'key = "our-own"')), origin=FILE
    )
    page = lab.client("quentin").get(f"/masters/{digest}/compare/{lab.master().digest}").text
    assert "<th>bone-marrow-concentrate version 1</th><th>our-own version 1</th>" in page.replace(
        ' scope="col"', ""
    )


def test_amounts_for_the_whole_batch_have_their_unit_beside_them(lab: Lab) -> None:
    page = lab.client("vic").get(f"/masters/{draft(lab)}/edit/head").text
    for name, unit in (("max_age_h", "h"), ("late_after_min", "min"), ("balance_tolerance_percent", "%")):
        row = page.partition(f'for="{name}"')[2].partition('<div class="field')[0]
        assert f'<span class="unit">{unit}</span>' in row


def test_who_approves_is_led_to_what_differs_from_the_effective_version(lab: Lab) -> None:
    digest = prepared(lab)
    compared = f"/masters/{digest}/compare/{lab.master().digest}"
    assert compared in links(lab.client("quentin").get(f"/masters/{digest}/approve"))


# ---- signing ---------------------------------------------------------------------------------------------------------


def sign(lab: Lab, url: str, by: str, **changes: Any) -> TestResponse:
    fields = {"username": by, "password": lab.cast[by].password, **changes}
    return lab.client(by).submit(url, fields, having="password")


@pytest.mark.req("GMP-186")
def test_one_prepares_and_another_one_approves(lab: Lab) -> None:
    digest = draft(lab)
    dialog = lab.client("vic").get(f"/masters/{digest}/prepare")
    for part in ("Sign bone-marrow-concentrate version 2 as prepared", "Master record prepared", digest[:4]):
        assert part in words(dialog), part
    assert sign(lab, f"/masters/{digest}/prepare", "vic").status_code == 303
    assert state_of(lab, digest) is MasterState.IN_REVIEW
    answer = sign(lab, f"/masters/{digest}/approve", "quentin", effective_from=lab.today().isoformat())
    assert answer.status_code == 303
    assert state_of(lab, digest) is MasterState.EFFECTIVE
    page = words(lab.client("tess").get(f"/masters/{digest}"), "signed")
    assert page.index("Vic Vermeer") < page.index("Quentin Quist")


def test_the_approval_asks_for_a_day_and_keeps_what_was_typed(lab: Lab) -> None:
    digest = prepared(lab)
    for day, sentence in (
        ("", "Say from which day"),
        ("tomorrow", "Write the day as year-month-day"),
        ("2026-11-22", "cannot become effective in the past"),
    ):
        answer = sign(lab, f"/masters/{digest}/approve", "quentin", effective_from=day)
        assert answer.status_code == 400
        assert sentence in words(answer)
        assert entered(answer, "effective_from") == day
    assert state_of(lab, digest) is MasterState.IN_REVIEW


def test_a_later_day_makes_it_approved_first(lab: Lab) -> None:
    digest = prepared(lab)
    assert sign(lab, f"/masters/{digest}/approve", "quentin", effective_from="2026-12-01").status_code == 303
    assert state_of(lab, digest) is MasterState.APPROVED
    assert "effective from 2026-12-01" in words(lab.client("tess").get(f"/masters/{digest}"))


def test_a_draft_is_not_approved_before_it_is_prepared(lab: Lab) -> None:
    page = lab.client("quentin").get(f"/masters/{draft(lab)}/approve")
    assert "Nobody can sign this now" in words(page)
    assert "The process owner signs the draft as prepared first." in words(page)
    assert 'type="password"' not in page.text


def test_a_wrong_password_signs_nothing(lab: Lab) -> None:
    digest = draft(lab)
    answer = sign(lab, f"/masters/{digest}/prepare", "vic", password="not my password")
    assert answer.status_code == 400
    assert "Nothing was signed." in words(answer)
    assert state_of(lab, digest) is MasterState.DRAFT


def test_a_draft_is_withdrawn_with_a_reason_and_an_effective_version_retired(lab: Lab) -> None:
    digest, old = draft(lab), lab.master().digest
    page = f"/masters/{digest}/withdraw"
    assert lab.client("vic").submit(page, {"reason": "error"}, having="reason").status_code == 400
    assert (
        lab.client("vic").submit(page, {"reason": "Written twice by mistake."}, having="reason").status_code
        == 303
    )
    assert state_of(lab, digest) is MasterState.WITHDRAWN
    assert "Written twice by mistake." in words(lab.client("tess").get(f"/masters/{digest}"))
    assert sign(lab, f"/masters/{old}/retire", "quentin", reason=REASON).status_code == 303
    assert state_of(lab, old) is MasterState.RETIRED
    assert "It cannot be withdrawn" in words(lab.client("vic").get(f"/masters/{old}/withdraw"))


# ---- elsewhere -------------------------------------------------------------------------------------------------------


def test_the_start_page_shows_what_waits_for_whom(lab: Lab) -> None:
    digest = draft(lab)
    assert f"/masters/{digest}" in links(lab.client("vic").get("/"))
    assert f"/masters/{digest}" not in links(lab.client("quentin").get("/"))
    masters.prepare_master(lab.by("vic"), digest=digest, proof=lab.proof("vic"))
    assert "Master records waiting for your check 1" in words(
        lab.client("quentin").get("/"), "master-checks"
    ) or (f"/masters/{digest}" in links(lab.client("quentin").get("/")))
    assert f"/masters/{digest}" not in links(lab.client("vic").get("/"))


def test_a_batch_leads_to_its_master_and_says_when_a_newer_one_is_effective(lab: Lab) -> None:
    number = lab.open_batch()
    page, old = lab.client("tess").get(f"/batches/{number}"), lab.master().digest
    assert f"/masters/{old}" in links(page)
    assert "is effective now" not in words(page)
    lab.make_effective(draft(lab))
    assert "version 2 is effective now; this batch keeps its own" in words(
        lab.client("tess").get(f"/batches/{number}")
    )


def test_hostile_texts_are_shown_as_text(lab: Lab) -> None:
    title = "<script>alert(1)</script> {{7*7}} & “Łódź”"
    digest = draft(lab, ('title = "Bone marrow concentrate by centrifugation"', f"title = '{title}'"))
    client = lab.client("vic")
    for path in ("", "/edit/head", "/edit/text", "/prepare", f"/compare/{lab.master().digest}"):
        page = client.get(f"/masters/{digest}{path}").text
        assert "<script>alert" not in page
        assert title in unescape(page)
