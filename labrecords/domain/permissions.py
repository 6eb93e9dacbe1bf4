"""Who may do what: roles as bundles of permissions. Rules about one particular record are blockers, not these.

Source: 21 CFR 11.10(d), (g); EU GMP Annex 11 section 12; roles of the process in domain practice.
The administrator holds no permission over records: the one who gives rights does not use them.
"""

from __future__ import annotations

from enum import Enum
from functools import cache


class Permission(Enum):
    OPEN_BATCH = "Open a batch and void one that was opened by mistake"
    RECORD_PROCESSING = "Record the steps in the laboratory and correct them"
    RECORD_CLINICAL = "Record order, identity, harvest and injection, and correct them"
    RECORD_CUSTODY = "Give, receive, refuse and store the material, and record it"
    VERIFY = "Confirm a step as second person"
    ATTEST = "Attest what one performed, gave or received"
    CLOSE_ADMINISTRATION = "Sign that the injection is recorded completely"
    DECIDE_RELEASE = "Review a batch and sign released, rejected or on hold"
    JUDGE_TESTS = "Set the result of a test aside, and sign the final disposition"
    MANAGE_EQUIPMENT = "Register equipment and its checks"
    MANAGE_MATERIALS = "Receive lots of materials and change what is registered of them"
    RELEASE_MATERIALS = "Release and reject lots of materials by signature"
    REVIEW_PLACES = "Review the temperature log of a place, by signature"
    WRITE_MASTER = "Write master records, sign them as prepared, withdraw drafts"
    APPROVE_MASTER = "Check, approve and retire master records"
    READ_MASTERS = "Read master records"
    MANAGE_TRAINING = "Record and withdraw the training of others"
    READ_TRAINING = "Read the training of everybody"
    REGISTER_PATIENTS = "Register patients"
    WRITE_ORDERS = "Write and withdraw orders for patients"
    FIND_PATIENTS = "Find patients by their identity, without seeing it"
    SEE_IDENTITY = "See and correct the identity of patients"
    ERASE_IDENTITY = "Erase the identity of a patient"
    READ_BATCHES = "Read batches"
    READ_TRAIL = "Read the trail"
    READ_WHOLE_TRAIL = "Read the trail of the whole laboratory, and who read which patient"
    RECALL = "Recall what must not be used and end a recall, by signature"
    TELL = "Record who was told of a recall or of a failed test"
    TRACE = "Trace lots, equipment, people and places through all batches"
    DOWNLOAD_DOCUMENTS = "Download signed documents"
    WATCH_MISUSE = "See alerts of possible misuse, and close them with what was found"
    MANAGE_PEOPLE = "Invite people, give and take roles, deactivate people"
    SEE_HEALTH = "See the health of the installation, and acknowledge that a backup was restored"
    REVIEW_ACCESS = "Review who has access, by signature"
    OWN_ACCOUNT = "Sign in, change one's own password, accept the signing statement"


class Role(Enum):
    TECHNICIAN = "technician"
    SECOND_OPERATOR = "second operator"
    PROCESS_OWNER = "process owner"
    PHYSICIAN = "physician"
    COURIER = "courier"
    QA = "quality assurance"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


_EVERYBODY = frozenset({Permission.OWN_ACCOUNT})
_READER = _EVERYBODY | {
    Permission.READ_BATCHES,
    Permission.READ_MASTERS,
    Permission.READ_TRAINING,
    Permission.READ_TRAIL,
    Permission.TRACE,
    Permission.DOWNLOAD_DOCUMENTS,
}
_CARRIER = frozenset({Permission.RECORD_CUSTODY, Permission.ATTEST})
_OPERATOR = _READER | _CARRIER | {Permission.RECORD_PROCESSING, Permission.VERIFY}

ROLES: dict[Role, frozenset[Permission]] = {
    Role.TECHNICIAN: _OPERATOR
    | {
        Permission.OPEN_BATCH,
        Permission.RECORD_CLINICAL,
        Permission.MANAGE_MATERIALS,
        Permission.REGISTER_PATIENTS,
        Permission.FIND_PATIENTS,
        Permission.WRITE_ORDERS,
    },
    Role.SECOND_OPERATOR: _OPERATOR | {Permission.MANAGE_MATERIALS, Permission.RELEASE_MATERIALS},
    Role.PROCESS_OWNER: _READER | {Permission.WRITE_MASTER},
    Role.COURIER: _EVERYBODY | _CARRIER | {Permission.READ_BATCHES},
    Role.PHYSICIAN: _READER
    | _CARRIER
    | {
        Permission.RECORD_CLINICAL,
        Permission.VERIFY,
        Permission.CLOSE_ADMINISTRATION,
        Permission.TELL,
        Permission.REGISTER_PATIENTS,
        Permission.FIND_PATIENTS,
        Permission.SEE_IDENTITY,
        Permission.WRITE_ORDERS,
    },
    Role.QA: _READER
    | {
        Permission.DECIDE_RELEASE,
        Permission.WATCH_MISUSE,
        Permission.READ_WHOLE_TRAIL,
        Permission.RECALL,
        Permission.TELL,
        Permission.JUDGE_TESTS,
        Permission.MANAGE_EQUIPMENT,
        Permission.REVIEW_PLACES,
        Permission.REVIEW_ACCESS,
        Permission.MANAGE_MATERIALS,
        Permission.RELEASE_MATERIALS,
        Permission.MANAGE_TRAINING,
        Permission.APPROVE_MASTER,
        Permission.OPEN_BATCH,
        Permission.ATTEST,
        Permission.FIND_PATIENTS,
        Permission.SEE_IDENTITY,
        Permission.ERASE_IDENTITY,
    },
    Role.AUDITOR: _READER | {Permission.READ_WHOLE_TRAIL},
    Role.ADMINISTRATOR: _EVERYBODY
    | {Permission.MANAGE_PEOPLE, Permission.READ_TRAINING, Permission.SEE_HEALTH, Permission.WATCH_MISUSE},
}


@cache
def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """All permissions that the given roles carry together."""
    return frozenset().union(*(ROLES[role] for role in roles)) if roles else frozenset()


def may_perform(roles: frozenset[Role], needs: Permission) -> bool:
    """Whether somebody with these roles can have performed an act that needs this permission of whoever records it.

    Who takes part in the work may perform any act of it, whoever records it. Who only carries material performs what
    a carrier records.
    """
    working = permissions_of(roles - {Role.COURIER})
    return Permission.ATTEST in working or needs in permissions_of(roles)


def conflicting(roles: frozenset[Role]) -> str | None:
    """Why these roles may not be held by one person, or None (21 CFR 211.22; MHRA GxP DI 6.16)."""
    if Role.ADMINISTRATOR in roles and len(roles) > 1:
        return "An administrator holds no other role: who gives rights does not record, sign or audit."
    if Role.AUDITOR in roles and len(roles) > 1:
        return "An auditor only reads, and so holds no other role."
    return None
