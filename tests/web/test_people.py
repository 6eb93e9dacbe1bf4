"""People in the browser: adding, one-time links, roles, and what the administrator cannot do."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from labrecords.actions.accounts import NotProved, prove_identity
from labrecords.actions.rights import roles_of
from labrecords.models.people import CredentialRow, PersonRow
from tests.support import story
from tests.support.lab import Lab
from tests.support.pages import PageClient, forms_of

NORA = {"name": "Nora Nagy", "username": "nora", "technician": "y"}
WHY = "Starts in the cell laboratory today."


def roles(lab: Lab, username: str) -> set[str]:
    with lab.store.read() as session:
        return {role.value for role in roles_of(session, lab.actor(username).person_id, lab.clock())}


def link_on(page: str) -> str:
    found = re.search(r'<code id="one-time-link">http://localhost(/invitation/[\w-]{43})</code>', page)
    assert found, page
    return found[1]


def at(lab: Lab, username: str, act: str = "") -> str:
    return f"/people/{lab.id(username)}" + (f"/{act}" if act else "")


def add(client: PageClient, **changes: str) -> str:
    """Add Nora. Returns the path of her link."""
    answer = client.submit("/people/add", NORA | changes, having="username")
    assert answer.status_code == 200
    return link_on(answer.text)


def test_the_list_shows_everybody_with_roles_and_state(lab_on_both: Lab) -> None:
    lab = lab_on_both
    client = lab.client("ivan")
    add(client)
    page = client.get("/people").text
    for part in ("Tess Tamm", "quality assurance", "Ivan Ilić", "Nora Nagy", "link not used yet", "active"):
        assert part in page


def test_a_long_list_goes_on_by_key(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labrecords.models.directory.members.__defaults__", ("", 4))
    client = lab.client("ivan")
    first = client.get("/people").text
    following = re.search(r'href="(/people\?after=\w+)"', first)
    assert following
    second = client.get(following[1]).text
    names = [
        found
        for page in (first, second)
        for found in re.findall(r'<th scope="row"><a[^>]*><bdi>([^<]+)', page)
    ]
    assert names == sorted(names)
    assert len(names) == len(story.CAST)
    assert "Newest" in second


def test_a_person_is_added_and_the_link_is_shown_once(lab: Lab) -> None:
    client = lab.client("ivan")
    form = client.get("/people/add")
    answer = client.submit("/people/add", NORA, response=form, having="username")
    link = link_on(answer.text)
    secret = link.rpartition("/")[2]
    assert answer.headers["Cache-Control"] == "no-store"
    assert all(secret not in cookie for cookie in answer.headers.getlist("Set-Cookie"))
    repeat = client.submit("/people/add", NORA, response=form, having="username")
    assert "The link was shown already" in repeat.text
    for page in (repeat.text, client.get("/people").text, client.get(at_id(lab, "nora")).text):
        assert secret not in page
    assert roles(lab, "nora") == {"technician"}


def at_id(lab: Lab, username: str) -> str:
    return f"/people/{lab.actor(username).person_id}"


def test_the_link_leads_to_setting_the_password(lab: Lab) -> None:
    link = add(lab.client("ivan"))
    nora = lab.client()
    assert "Nora Nagy" in nora.get(link).text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Enter the full name"),
        ({"name": "Nora\u202eyganN"}, "invisible character"),
        ({"name": "N" * 121}, "too long"),
        ({"username": "Nora!"}, "2 to 40 of a-z"),
        ({"username": "tess"}, "never used again"),
        ({"username": "admin"}, "belongs to one person"),
        ({"administrator": "y"}, "holds no other role"),
    ],
)
def test_what_cannot_be_is_asked_back_and_everything_typed_stays(
    lab: Lab, changes: dict[str, str], sentence: str
) -> None:
    client = lab.client("ivan")
    sent = NORA | changes
    answer = client.submit("/people/add", sent, having="username")
    assert answer.status_code == 400
    assert sentence in answer.text
    form = next(form for form in forms_of(answer.text) if "username" in form.names)
    assert {name: form.values[name][0] for name in sent} == sent
    with lab.store.read() as session:
        assert session.execute(select(func.count()).select_from(PersonRow)).scalar_one() == len(story.CAST)


def test_without_a_role_nobody_is_added(lab: Lab) -> None:
    sent = {"name": "Nora Nagy", "username": "nora"}
    answer = lab.client("ivan").submit("/people/add", sent, having="username")
    assert answer.status_code == 400
    assert "Choose at least one role." in answer.text


def test_a_name_is_shown_as_text_whatever_it_is(lab: Lab) -> None:
    client = lab.client("ivan")
    add(client, name="<script>alert(1)</script> {{ 7 * 7 }} & Co")
    page = client.get("/people").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 * 7 }} &amp; Co" in page
    assert "<script>alert" not in page


@pytest.mark.req("ASVS-8.2.3", "ASVS-15.3.3")
def test_fields_that_the_form_does_not_have_are_not_taken(lab: Lab) -> None:
    client = lab.client("ivan")
    form = next(form for form in forms_of(client.get("/people/add").text) if "username" in form.names)
    sent = {name: values[0] for name, values in form.values.items()} | NORA
    extra = {
        "id": "f" * 32,
        "added_by": lab.id("ada"),
        "password": "seven kettles and lamps",
        "roles": "administrator",
    }
    assert (
        client.post(
            "/people/add", data=sent | extra | {"password_hash": "x", "role": "administrator"}
        ).status_code
        == 200
    )
    with lab.store.read() as session:
        person = session.execute(select(PersonRow).where(PersonRow.username == "nora")).scalar_one()
        assert person.id != "f" * 32
        assert person.added_by == lab.id("ivan")
    assert roles(lab, "nora") == {"technician"}
    with pytest.raises(NotProved):
        prove_identity(lab.store, "nora", "seven kettles and lamps", "test", "sign-in")


# One person


def test_a_person_is_shown_with_the_history_of_their_roles(lab_on_both: Lab) -> None:
    lab = lab_on_both
    client = lab.client("ivan")
    sent = {"role": "second operator", "reason": WHY}
    assert client.submit(at(lab, "tess", "roles/add"), sent, having="reason").location == at(lab, "tess")
    assert roles(lab, "tess") == {"technician", "second operator"}
    taken = client.submit(
        at(lab, "tess", "roles/technician/end"), {"reason": "Moved to another ward."}, having="reason"
    )
    assert taken.location == at(lab, "tess")
    assert roles(lab, "tess") == {"second operator"}
    page = client.get(at(lab, "tess")).text
    assert "<del>technician</del>" in page
    assert "Moved to another ward." in page
    assert "no longer has the role technician" in page


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"role": "physician"}, "Say why."),
        ({"role": "physician", "reason": "error"}, "Say what happened and why"),
        ({"reason": WHY}, "Choose a role."),
        ({"role": "administrator", "reason": WHY}, "holds no other role"),
        ({"role": "emperor", "reason": WHY}, "Choose a role."),
    ],
)
def test_a_role_is_given_only_with_a_reason_and_without_conflict(
    lab: Lab, sent: dict[str, str], sentence: str
) -> None:
    answer = lab.client("ivan").submit(at(lab, "tess", "roles/add"), sent, having="reason")
    assert answer.status_code == 400
    assert sentence in answer.text
    assert sent.get("reason", "") in answer.text
    assert roles(lab, "tess") == {"technician"}


def test_a_new_link_is_shown_once_and_the_old_password_counts_until_then(lab: Lab) -> None:
    client = lab.client("ivan")
    form = client.get(at(lab, "tess", "link"))
    answer = client.submit(at(lab, "tess", "link"), response=form, having="form_key")
    assert link_on(answer.text)
    assert (
        "The link was shown already"
        in client.submit(at(lab, "tess", "link"), response=form, having="form_key").text
    )
    assert lab.proof("tess")


def test_signing_out_and_deactivating_work_at_once_and_keep_the_reason(lab: Lab) -> None:
    client, tess = lab.client("ivan"), lab.client("tess")
    client.submit(at(lab, "tess", "sign-out"), {"reason": "Tablet 3 was lost."}, having="reason")
    assert tess.get("/account").status_code == 303
    tess = lab.client("tess")
    client.submit(at(lab, "tess", "deactivate"), {"reason": "Left the laboratory."}, having="reason")
    assert tess.get("/account").status_code == 303
    page = client.get(at(lab, "tess")).text
    assert "Deactivated." in page
    assert "Left the laboratory." in page
    for act in ("link", "sign-out", "deactivate"):
        assert f"{at(lab, 'tess')}/{act}" not in page, "what is not possible is not offered"
    again = client.submit(
        at(lab, "tess", "deactivate"), {"reason": "Once more, to be sure."}, having="reason"
    )
    assert again.status_code == 403
    assert "There is no such active person." in again.text


def test_nobody_changes_the_own_rights(lab: Lab) -> None:
    client = lab.client("ivan")
    page = client.get(at(lab, "ivan")).text
    assert "This is you." in page
    assert "roles/add" not in page
    answer = client.submit(
        at(lab, "ivan", "roles/add"), {"role": "physician", "reason": WHY}, having="reason"
    )
    assert answer.status_code == 403
    assert "Nobody changes the own rights." in answer.text


@pytest.mark.parametrize(
    "path", ["/people/nobody", "/people/nobody/link", "/people/nobody/roles/add", "/people/%00"]
)
def test_a_person_who_is_not_there_is_not_found(lab_on_both: Lab, path: str) -> None:
    assert lab_on_both.client("ivan").get(path).status_code == 404


def test_a_role_that_is_not_held_cannot_be_taken(lab: Lab) -> None:
    assert lab.client("ivan").get(at(lab, "tess", "roles/physician/end")).status_code == 404


# What the administrator cannot do


@pytest.mark.req("P11-10g")
@pytest.mark.parametrize(
    "path", ["/batches", "/batches/open", "/batches/KRK-26-0001", "/equipment", "/equipment/add"]
)
def test_the_administrator_sees_and_writes_no_record(lab: Lab, path: str) -> None:
    number = lab.open_batch()
    answer = lab.client("ivan").get(path.replace("KRK-26-0001", number))
    assert answer.status_code == 403
    assert "You do not have the right" in answer.text


@pytest.mark.req("P11-200a2-3")
def test_the_administrator_nowhere_meets_a_field_for_the_password_of_another(lab: Lab) -> None:
    client = lab.client("ivan")
    add(client)
    for act in ("", "link", "roles/add", "roles/technician/end", "sign-out", "deactivate"):
        assert 'type="password"' not in client.get(at(lab, "tess", act)).text
    assert 'type="password"' not in client.get("/people/add").text
    with lab.store.read() as session:
        nora = session.execute(select(PersonRow.id).where(PersonRow.username == "nora")).scalar_one()
        assert not session.execute(select(CredentialRow).where(CredentialRow.person_id == nora)).first()


def test_a_password_set_by_the_link_of_an_administrator_shows_whose_link_it_was(lab: Lab) -> None:
    client = lab.client("ivan")
    link = link_on(client.submit(at(lab, "tess", "link"), having="form_key").text)
    somebody = lab.client()
    password = "seven kettles under the viaduct"
    somebody.submit(link, {"password": password, "again": password})
    somebody.submit("/sign-in", {"username": "tess", "password": password})
    assert "by a one-time link of <bdi>Ivan Ilić</bdi>" in somebody.get("/account").text
    for witness in (somebody, lab.client("quentin")):
        page = witness.get("/").text
        assert "New password by a link." in page
        assert "a one-time link that <bdi>Ivan Ilić</bdi> made" in page
    for other in ("vic", "ivan"):
        assert "New password by a link." not in lab.client(other).get("/").text
    lab.clock.tick(8 * 24 * 60)
    assert "New password by a link." not in lab.client("quentin").get("/").text
