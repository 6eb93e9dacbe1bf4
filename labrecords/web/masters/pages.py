"""Master records to read: the list, one version reproduced, two versions side by side, the text itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from labrecords.domain.evidence.signatures import APPROVED, PREPARED, RETIRED
from labrecords.domain.permissions import Permission
from labrecords.domain.processes import masters as rules
from labrecords.domain.processes import reproduction
from labrecords.domain.processes.difference_words import in_words
from labrecords.domain.processes.differences import differences
from labrecords.domain.processes.masters import MasterState, MasterVersion
from labrecords.domain.processes.parameters import label_in
from labrecords.domain.processes.process import Process
from labrecords.models import masters as stored
from labrecords.models.batch_record import process_of
from labrecords.models.session import db
from labrecords.web.guard import Pages
from labrecords.web.parts import Signature
from labrecords.web.signed_in import signed_in_actor, today_here

pages = Pages("masters", __name__)

STATE_KINDS = {
    MasterState.IN_REVIEW: "wait",
    MasterState.APPROVED: "wait",
    MasterState.EFFECTIVE: "pass",
    MasterState.WITHDRAWN: "out",
}
"""States that carry a shape beside the word; the others are quiet."""
ORIGINS = {rules.SHIPPED: "Came with the system", rules.FILE: "From a file", rules.PAGE: "Written here"}
UNSIGNED = (MasterState.DRAFT, MasterState.IN_REVIEW)
OVER = (MasterState.SUPERSEDED, MasterState.WITHDRAWN, MasterState.RETIRED)
NEWEST = 10
"""So many versions of one master stand in the list, and every one that still counts; the page of each names all."""


@dataclass(frozen=True)
class Row:
    """One version in a list."""

    version: MasterVersion
    state: MasterState
    kind: str
    signed: tuple[tuple[str, str], ...]
    """Pairs of an act and the name of who signed it."""


@dataclass(frozen=True)
class MasterPage:
    """One version as one request sees it, among all there are."""

    version: MasterVersion
    versions: tuple[MasterVersion, ...]
    today: date

    @property
    def state(self) -> MasterState:
        return rules.state(self.version, self.versions, self.today)

    @property
    def kind(self) -> str:
        return STATE_KINDS.get(self.state, "")

    @property
    def process(self) -> Process:
        return process_of(db.session(), self.version.digest)

    @property
    def name(self) -> str:
        return f"{self.version.key} version {self.version.version}"

    @property
    def newest(self) -> MasterVersion:
        """The draft that took the place of this one; itself where none did."""
        drafts = (
            item
            for item in self.versions
            if (item.key, item.version) == (self.version.key, self.version.version)
            and rules.state(item, self.versions, self.today) is not MasterState.REPLACED
        )
        return next(drafts, self.version)

    @property
    def effective(self) -> MasterVersion | None:
        """The version of this master that batches are opened with today."""
        found = rules.effective(self.versions, self.today)
        return next((item for item in found if item.key == self.version.key), None)

    @property
    def other_effective(self) -> MasterVersion | None:
        """Another version of this master that batches are opened with today, or None."""
        found = self.effective
        return found if found is not None and found.digest != self.version.digest else None

    @property
    def editable(self) -> bool:
        """Whether the signed-in person may change this text: a draft that no newer one replaced."""
        return self.state is MasterState.DRAFT and signed_in_actor().may(Permission.WRITE_MASTER)

    def signatures(self) -> list[Signature]:
        """The signatures given on this version, in their order."""
        given = (act.signature for act in self.version.acts)
        return [
            Signature(
                name=item.name,
                username=item.username,
                role=item.role,
                meaning=item.meaning,
                signed_at=item.signed_at,
                digest=item.record_digest,
                covers=f"{self.name}, text {self.version.digest[:16]}…",
            )
            for item in given
            if item is not None
        ]


@pages.page("/masters", needs=Permission.READ_MASTERS)
def listing() -> ResponseReturnValue:
    after, may_write = request.args.get("after", ""), signed_in_actor().may(Permission.WRITE_MASTER)
    keys, older = stored.master_keys(db.session(), after)
    seen = _seen(keys)
    drafts = _seen(stored.unsigned_keys(db.session())) if may_write and not after else []
    return render_template(
        "masters/listing.html",
        groups=[_group(key, [row for row in seen if row.version.key == key]) for key in keys],
        drafts=[row for row in drafts if row.state in UNSIGNED],
        begins=bool(after),
        older=older,
        may_write=may_write,
    )


@pages.page("/masters/<digest>", needs=Permission.READ_MASTERS)
def version(digest: str) -> ResponseReturnValue:
    page, actor = master_or_404(digest), signed_in_actor()
    others = [row for row in rows_of(page.versions, page.versions, page.today) if _of_interest(row, page)]
    return render_template(
        "masters/version.html",
        page=page,
        process=page.process,
        words=reproduction,
        label_in=label_in,
        editable=page.editable,
        acts=_acts(page, actor.may(Permission.WRITE_MASTER), actor.may(Permission.APPROVE_MASTER)),
        may_write=actor.may(Permission.WRITE_MASTER),
        compare=page.other_effective,
        others=others,
        origins=ORIGINS,
    )


@pages.page("/masters/<digest>/text", needs=Permission.READ_MASTERS)
def text(digest: str) -> ResponseReturnValue:
    page = master_or_404(digest)
    response = Response(page.process.text.encode(), mimetype="application/toml")
    name = f"{page.version.key}-{page.version.version}.toml"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@pages.page("/masters/<digest>/compare/<other>", needs=Permission.READ_MASTERS)
def compare(digest: str, other: str) -> ResponseReturnValue:
    new, old = master_or_404(digest), master_or_404(other)
    found = [in_words(item, old.process, new.process) for item in differences(old.process, new.process)]
    return render_template("masters/compare.html", new=new, old=old, found=found)


def effective_beside(digest: str, key: str) -> MasterVersion | None:
    """Another version of the master with this key that batches are opened with today, or None."""
    # Most masters have one approved version: to see that takes a fraction of reading what became of each.
    if not stored.approved_beside(db.session(), digest, key):
        return None
    return master_or_404(digest, key).other_effective


def master_or_404(digest: str, key: str = "") -> MasterPage:
    """The version with this digest, or the page that says there is none. With a key only that master is read."""
    known = stored.versions(db.session(), (key,) if key else None)
    found = next((item for item in known if item.digest == digest), None)
    if found is None:
        abort(404)
    return MasterPage(found, known, today_here())


def rows_of(chosen: Iterable[MasterVersion], known: tuple[MasterVersion, ...], today: date) -> list[Row]:
    """Versions as rows of a list."""
    found = []
    for item in chosen:
        state = rules.state(item, known, today)
        signed = tuple((act.made.act, act.name) for act in item.acts)
        found.append(Row(item, state, STATE_KINDS.get(state, ""), signed))
    return found


def _seen(keys: tuple[str, ...]) -> list[Row]:
    """The versions of these masters that no newer draft replaced, the one saved last first."""
    known = stored.versions(db.session(), keys)
    return [row for row in rows_of(known, known, today_here()) if row.state is not MasterState.REPLACED]


def _group(key: str, rows: list[Row]) -> tuple[str, list[Row], int]:
    """A master, the versions of it that its list shows, and how many there are."""
    return key, [row for place, row in enumerate(rows) if place < NEWEST or row.state not in OVER], len(rows)


def _of_interest(row: Row, page: MasterPage) -> bool:
    """Whether another version of the same master is worth a line beside this one."""
    same = row.version.key == page.version.key and row.version.digest != page.version.digest
    return same and row.state is not MasterState.REPLACED


def _acts(page: MasterPage, may_write: bool, may_approve: bool) -> list[tuple[str, str, str]]:
    """What the person can do with this version now: address, words and icon. The first is the next act."""
    rights = (
        (PREPARED, may_write, "masters.prepare", "Sign as prepared", "pen"),
        (APPROVED, may_approve, "masters.approve", "Check and approve", "pen"),
        (rules.WITHDRAWN, may_write, "masters.withdraw", "Withdraw", ""),
        (RETIRED, may_approve, "masters.retire", "Retire", ""),
    )
    person = signed_in_actor().person_id
    return [
        (url_for(endpoint, digest=page.version.digest), words, icon)
        for act, may, endpoint, words, icon in rights
        if may and not _not_now(page, act, person)
    ]


def _not_now(page: MasterPage, act: str, person_id: str) -> bool:
    """Whether the state forbids the act. What only stands against this person is said on the page of the act."""
    blockers = rules.approval_blockers(page.version, act, person_id, page.versions, page.today)
    return any(blocker.rule == "state" for blocker in blockers)
