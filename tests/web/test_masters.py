"""Master records in the browser: read, and signed by two people."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from labrecords.actions import masters
from labrecords.domain.canonical import sha256_hex
from labrecords.domain.masters import FILE, MasterState, MasterVersion, state
from labrecords.models.masters import versions
from tests.support.clean import process_text
from tests.support.lab import Lab
from tests.support.pages import forms_of
from tests.support.reading import links, words

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
        "Regulatory pathway LOCAL",
        "Volume balance, tolerated 5 %",
        "Spin the tube",
        "spin_1 · centrifugation · processing · required · second person: verifies · procedure: none",
        "Required here: Viability dye, Live cells, Dead cells.",
        "Temperature °C 21 −20 to 60 4 to 30 18 to 25 2 to 30 1, half-up",
        "Draws: volume mL",
        "Viability % at least 80 70 to 100 rounded half-up to 0 decimals",
        "Cells before: count 7 Count the cells before processing",
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
    for path in ("", "/text", "/prepare"):
        assert client.get(f"/masters/{'0' * 64}{path}").status_code == 404


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
    for path in ("", "/prepare"):
        page = client.get(f"/masters/{digest}{path}").text
        assert "<script>alert" not in page
        assert title in unescape(page)
