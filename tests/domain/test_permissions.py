"""Who may do what: the rules behind the table of roles."""

from __future__ import annotations

import pytest

from labrecords.domain.permissions import ROLES, Permission, Role, conflicting, permissions_of

WRITING = {
    Permission.OPEN_BATCH,
    Permission.RECORD_PROCESSING,
    Permission.RECORD_CLINICAL,
    Permission.VERIFY,
    Permission.ATTEST,
    Permission.CLOSE_ADMINISTRATION,
    Permission.DECIDE_RELEASE,
}


def holders(permission: Permission) -> set[Role]:
    return {role for role in Role if permission in ROLES[role]}


def test_every_role_has_its_line_and_every_permission_somebody() -> None:
    assert set(ROLES) == set(Role)
    assert all(holders(permission) for permission in Permission)


def test_nobody_without_a_role_may_do_anything() -> None:
    assert permissions_of(frozenset()) == frozenset()


def test_two_roles_carry_what_each_carries() -> None:
    both = permissions_of(frozenset({Role.TECHNICIAN, Role.QA}))
    assert both == ROLES[Role.TECHNICIAN] | ROLES[Role.QA]


@pytest.mark.req("P11-10g", "DI-ADM")
def test_the_administrator_manages_people_and_neither_writes_signs_nor_reads_records() -> None:
    of_people = {
        Permission.MANAGE_PEOPLE,
        Permission.READ_TRAINING,
        Permission.SEE_HEALTH,
        Permission.WATCH_MISUSE,
    }
    assert ROLES[Role.ADMINISTRATOR] == {*of_people, Permission.OWN_ACCOUNT}


@pytest.mark.req("P11-200a2-3", "A11-12.1-4", "ASVS-8.1.1")
def test_only_the_administrator_gives_rights() -> None:
    assert holders(Permission.MANAGE_PEOPLE) == {Role.ADMINISTRATOR}


@pytest.mark.req("A11-15", "GMP-22", "ASVS-2.3.5")
def test_only_quality_assurance_decides_and_it_records_and_verifies_nothing() -> None:
    assert holders(Permission.DECIDE_RELEASE) == {Role.QA}
    recording = {Permission.RECORD_PROCESSING, Permission.RECORD_CLINICAL, Permission.VERIFY}
    assert not ROLES[Role.QA] & recording


@pytest.mark.req("P11-10g")
def test_the_auditor_only_reads() -> None:
    assert not ROLES[Role.AUDITOR] & (WRITING | {Permission.MANAGE_EQUIPMENT, Permission.MANAGE_PEOPLE})
    assert Permission.READ_TRAIL in ROLES[Role.AUDITOR]


def test_only_the_physician_closes_the_administration() -> None:
    assert holders(Permission.CLOSE_ADMINISTRATION) == {Role.PHYSICIAN}


def test_the_second_operator_neither_opens_batches_nor_records_at_the_patient() -> None:
    assert not ROLES[Role.SECOND_OPERATOR] & {Permission.OPEN_BATCH, Permission.RECORD_CLINICAL}
    assert Permission.VERIFY in ROLES[Role.SECOND_OPERATOR]


def test_the_physician_does_not_record_in_the_laboratory() -> None:
    assert Permission.RECORD_PROCESSING not in ROLES[Role.PHYSICIAN]


def test_everybody_has_the_own_account() -> None:
    assert holders(Permission.OWN_ACCOUNT) == set(Role)


@pytest.mark.parametrize("other", [role for role in Role if role is not Role.ADMINISTRATOR])
@pytest.mark.req("D11-11", "DI-ADM")
def test_an_administrator_holds_no_other_role(other: Role) -> None:
    sentence = conflicting(frozenset({Role.ADMINISTRATOR, other}))
    assert sentence is not None
    assert sentence.startswith("An administrator holds no other role")


@pytest.mark.parametrize("other", [Role.TECHNICIAN, Role.SECOND_OPERATOR, Role.PHYSICIAN, Role.QA])
def test_an_auditor_holds_no_other_role(other: Role) -> None:
    assert (
        conflicting(frozenset({Role.AUDITOR, other})) == "An auditor only reads, and so holds no other role."
    )


@pytest.mark.parametrize(
    "roles",
    [
        set(),
        {Role.ADMINISTRATOR},
        {Role.AUDITOR},
        {Role.TECHNICIAN, Role.PHYSICIAN},
        {Role.TECHNICIAN, Role.QA},
    ],
)
def test_other_roles_may_be_held_together(roles: set[Role]) -> None:
    assert conflicting(frozenset(roles)) is None
