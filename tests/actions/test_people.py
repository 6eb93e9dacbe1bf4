"""What the administrator does, and what the administrator never can."""

from __future__ import annotations

import inspect
import json
from functools import partial
from types import ModuleType
from typing import Any

import pytest

from labrecords.actions import accounts, batches, equipment, issuing, people, release, steps
from labrecords.actions.door import BatchRef, Invalid
from labrecords.actions.rights import roles_of
from labrecords.domain.permissions import ROLES, Permission, Role
from labrecords.models.batch_record import events_of
from tests.support.lab import Lab, refusal

WHY = "Starts in the cell laboratory today."


def add(
    lab: Lab, username: str = "nora", *roles: str, name: str = "Nora Nagy", key: str | None = None
) -> dict[str, str]:
    return people.add_person(
        lab.by("ivan", key), username=username, name=name, roles=roles or ("technician",)
    )


def roles(lab: Lab, username: str) -> set[str]:
    with lab.store.read() as session:
        return {role.value for role in roles_of(session, lab.actor(username).person_id, lab.clock())}


def problems(act: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as invalid:
        act()
    return invalid.value.problems


# Adding


@pytest.mark.req("ASVS-6.3.2")
def test_a_new_person_has_the_roles_and_a_link_and_no_password(lab: Lab) -> None:
    added = add(lab, "nora", "technician", "second operator")
    assert roles(lab, "nora") == {"technician", "second operator"}
    assert len(added["secret"]) >= 43, "32 random bytes"
    with lab.store.read() as session:
        assert accounts.open_invitation(session, added["secret"], lab.clock()) is not None


def test_a_repeat_of_the_form_adds_nobody_and_does_not_tell_the_link_again(lab: Lab) -> None:
    first, again = add(lab, key="one form"), add(lab, key="one form")
    assert again == {"person_id": first["person_id"], "secret": ""}
    link = people.invite_again(lab.by("ivan", "another form"), person_id=first["person_id"])
    assert link
    assert people.invite_again(lab.by("ivan", "another form"), person_id=first["person_id"]) == ""


@pytest.mark.parametrize(
    "username", ["", "n", "Nora", "nora nagy", "1nora", "nóra", "n" * 41, "nora\0", "<b>nora</b>"]
)
def test_a_username_that_cannot_be_typed_everywhere_is_asked_back(lab: Lab, username: str) -> None:
    assert set(problems(lambda: add(lab, username))) == {"username"}


@pytest.mark.req("P11-100a")
def test_two_printed_names_tell_two_people_apart(lab: Lab) -> None:
    wrong = problems(lambda: add(lab, name="tess  TAMM"))
    assert wrong["name"].startswith("tess is called so already")
    add(lab, name="Tess Maria Tamm")
    people.deactivate(lab.by("ivan"), person_id=lab.id("tess"), reason="Comes back with another account.")
    add(lab, "tess2", name="Tess Tamm")


@pytest.mark.parametrize("username", ["admin", "lab", "technician", "qa", "test"])
@pytest.mark.req("P11-100a")
def test_a_login_that_is_nobodys_is_refused(lab: Lab, username: str) -> None:
    assert "one person" in problems(lambda: add(lab, username))["username"]


@pytest.mark.req("P11-100a")
def test_a_username_is_never_used_again(lab: Lab) -> None:
    people.deactivate(lab.by("ivan"), person_id=lab.id("tess"), reason="Left the laboratory.")
    assert "never used again" in problems(lambda: add(lab, "tess"))["username"]


def test_name_and_roles_are_needed(lab: Lab) -> None:
    empty = problems(lambda: people.add_person(lab.by("ivan"), username="nora", name=" ", roles=()))
    assert set(empty) == {"name", "roles"}
    assert set(problems(lambda: add(lab, "nora", "technician", "emperor"))) == {"roles"}


@pytest.mark.parametrize("beside", ["technician", "quality assurance", "auditor"])
def test_an_administrator_holds_no_other_role(lab: Lab, beside: str) -> None:
    assert "no other role" in problems(lambda: add(lab, "nora", "administrator", beside))["roles"]
    assert (
        "no other role"
        in problems(lambda: people.grant_role(lab.system, person_id=lab.id("ivan"), role=beside, reason=WHY))[
            "role"
        ]
    )


def test_an_auditor_only_reads(lab: Lab) -> None:
    assert "only reads" in problems(lambda: add(lab, "nora", "auditor", "technician"))["roles"]


# Giving and taking


@pytest.mark.req("P11-10g")
def test_a_role_counts_at_once_when_it_is_given_and_when_it_is_taken(lab: Lab) -> None:
    tess = lab.by("tess")
    people.grant_role(lab.by("ivan"), person_id=lab.id("tess"), role="second operator", reason=WHY)
    assert roles(lab, "tess") == {"technician", "second operator"}
    for role in ("technician", "second operator"):
        people.revoke_role(
            lab.by("ivan"), person_id=lab.id("tess"), role=role, reason="Changed to another ward."
        )
    with lab.store.read() as session:
        events = [json.loads(payload) for payload in events_of(session, "people")[-3:]]
    assert [(event["act"], event["reason"]) for event in events] == [
        ("role.granted", WHY),
        ("role.revoked", "Changed to another ward."),
        ("role.revoked", "Changed to another ward."),
    ]
    assert refusal(lambda: equipment.register_equipment(tess, facts=None)) == ("permission",)  # type: ignore[arg-type]


def test_a_role_is_not_given_twice_nor_taken_without_reason(lab: Lab) -> None:
    by = lab.by("ivan")
    assert set(problems(lambda: people.grant_role(by, person_id=lab.id("tess"), role="technician"))) == {
        "role"
    }
    assert set(problems(lambda: people.grant_role(by, person_id=lab.id("tess"), role="emperor"))) == {"role"}
    for reason in ("", "error"):
        taken = problems(
            lambda reason=reason: people.revoke_role(
                by, person_id=lab.id("tess"), role="technician", reason=reason
            )
        )
        assert set(taken) == {"reason"}
    gone = problems(
        lambda: people.revoke_role(by, person_id=lab.id("tess"), role="physician", reason="Not needed now.")
    )
    assert set(gone) == {"role"}


def test_nobody_changes_the_own_rights(lab: Lab) -> None:
    by, own = lab.by("ivan"), lab.id("ivan")
    for act in (
        lambda: people.grant_role(by, person_id=own, role="technician", reason=WHY),
        lambda: people.revoke_role(by, person_id=own, role="administrator", reason="Tired of all this."),
        lambda: people.deactivate(by, person_id=own, reason="Tired of all this."),
    ):
        assert refusal(act) == ("oneself",)


# Signing out and deactivating


def test_the_administrator_ends_the_sessions_of_a_lost_tablet_with_the_reason(lab: Lab) -> None:
    accounts.sign_in(lab.store, lab.proof("tess"), "test")
    assert set(
        problems(lambda: people.sign_person_out(lab.by("ivan"), person_id=lab.id("tess"), reason=""))
    ) == {"reason"}
    people.sign_person_out(lab.by("ivan"), person_id=lab.id("tess"), reason="Tablet 3 was lost.")
    with lab.store.read() as session:
        event = json.loads(events_of(session, "people")[-1])
    assert (event["act"], event["reason"]) == ("person.signed_out", "Tablet 3 was lost.")


def test_a_deactivated_person_has_no_rights_and_is_not_changed_any_more(lab: Lab) -> None:
    tess, by = lab.by("tess"), lab.by("ivan")
    people.deactivate(by, person_id=lab.id("tess"), reason="Left the laboratory.")
    assert roles(lab, "tess") == set()
    assert refusal(lambda: accounts.accept_agreement(tess, proof=None)) == ("permission",)  # type: ignore[arg-type]
    for act in (
        lambda: people.deactivate(lab.by("ivan"), person_id=lab.id("tess"), reason="Once more, to be sure."),
        lambda: people.grant_role(lab.by("ivan"), person_id=lab.id("tess"), role="physician", reason=WHY),
        lambda: people.invite_again(lab.by("ivan"), person_id=lab.id("tess")),
    ):
        assert refusal(act) == ("person",)


def test_deactivating_needs_a_reason(lab: Lab) -> None:
    assert set(problems(lambda: people.deactivate(lab.by("ivan"), person_id=lab.id("tess"), reason="x"))) == {
        "reason"
    }


# Who may do it, and what the administrator may not


def actions_of(*modules: ModuleType) -> list[tuple[str, Any]]:
    """Every action of these modules with its name."""
    return [
        (f"{module.__name__.rpartition('.')[2]}.{name}", found)
        for module in modules
        for name, found in inspect.getmembers(module, lambda item: hasattr(item, "act"))
        if found.__module__ == module.__name__
    ]


PEOPLE_ACTS = actions_of(people)
OTHER_ACTS = [
    (name, act)
    for name, act in actions_of(batches, equipment, issuing, release)
    if isinstance(act.needs, Permission)
]


@pytest.mark.parametrize(("name", "act"), PEOPLE_ACTS, ids=[name for name, _ in PEOPLE_ACTS])
def test_only_the_administrator_manages_people(lab: Lab, name: str, act: Any) -> None:
    for role in Role:
        username = next(user for user in lab.cast if role.value in roles(lab, user))
        if role is not Role.ADMINISTRATOR:
            assert refusal(partial(act, lab.by(username))) == ("permission",)


@pytest.mark.req("P11-10g")
@pytest.mark.parametrize(("name", "act"), OTHER_ACTS, ids=[name for name, _ in OTHER_ACTS])
def test_the_administrator_can_neither_write_nor_sign(lab: Lab, name: str, act: Any) -> None:
    given = {"batch": BatchRef("any")} if "batch" in inspect.signature(act).parameters else {}
    assert refusal(lambda: act(lab.by("ivan"), **given)) == ("permission",)


def test_the_administrator_cannot_record_correct_or_confirm_a_step(lab: Lab) -> None:
    number = lab.open_batch()
    assert refusal(lambda: lab.record_step(number, "order", by="ivan")) == ("permission",)
    assert refusal(lambda: lab.leave_out(number, "order", "Not needed today.", by="ivan")) == ("permission",)
    lab.record_step(number, "order")
    assert refusal(lambda: lab.correct_step(number, "order", by="ivan")) == ("permission",)
    for act in ("verified", "attested"):
        assert refusal(partial(lab.confirm, number, "order", "ivan", act)) == ("permission",)


def test_the_administrator_holds_no_permission_over_records() -> None:
    """Training is a register of people, and holds nothing of a batch."""
    assert ROLES[Role.ADMINISTRATOR] == {
        Permission.OWN_ACCOUNT,
        Permission.MANAGE_PEOPLE,
        Permission.READ_TRAINING,
        Permission.SEE_HEALTH,
        Permission.WATCH_MISUSE,
    }


@pytest.mark.req("P11-200a2-3", "ASVS-6.4.6")
def test_no_action_lets_the_administrator_choose_a_password(lab: Lab) -> None:
    taking = [
        name for name, act in actions_of(people, accounts) if "password" in inspect.signature(act).parameters
    ]
    assert taking == ["accounts.accept_invitation", "accounts.change_password"]
    assert refusal(
        lambda: accounts.accept_invitation(lab.by("ivan"), secret="x" * 43, password="y" * 20)
    ) == ("permission",)
    own = lab.proof("ivan")
    change = accounts.change_password
    assert refusal(lambda: change(lab.by("tess"), proof=own, password="seven kettles and lamps")) == (
        "password",
    )


def test_steps_too_are_behind_permissions_that_the_administrator_lacks() -> None:
    needed = {act.needs for _, act in actions_of(steps) if isinstance(act.needs, Permission)}
    assert not needed & ROLES[Role.ADMINISTRATOR]
