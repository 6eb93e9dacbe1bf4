"""A published run that is played: the base of every batch of the demonstration."""

from __future__ import annotations

import tomllib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, ClassVar

from labrecords.actions.batches import open_batch
from labrecords.actions.confirming import confirm_step
from labrecords.actions.door import BatchRef, Refused, StepRef
from labrecords.actions.issuing import Sealed, Sealing, seal_document
from labrecords.actions.readings import Reading
from labrecords.actions.release import close_administration, decide
from labrecords.actions.steps import record_step
from labrecords.demo.cast import Cast
from labrecords.demo.clock import PlayedClock
from labrecords.demo.explained import explain
from labrecords.demo.labelled import give_id, label
from labrecords.demo.masters import followed
from labrecords.domain.entries import Entry
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.decisions import RELEASED
from labrecords.models.batch_record import find_batch, head_of, load_record
from labrecords.models.store import Store

Chosen = Mapping[str, Mapping[str, Any]]
Part = tuple[str, Callable[[], None]]
"""The key of a step, and what plays it."""


@cache
def published(source: str) -> dict[str, Any]:
    """A run with its citation, from the TOML file of this name: what is reported, and what was chosen."""
    return tomllib.loads((resources.files("labrecords.demo") / source).read_text(encoding="utf-8"))


@dataclass
class PlayedRun(ABC):
    """Plays one batch. `play` takes it as far as wanted; each step passes a few minutes of the clock."""

    source: ClassVar[str]
    """Name of the TOML file with citation, reported and chosen values."""
    master: ClassVar[str]
    """Key of the master record that the batch follows."""
    patient_code: ClassVar[str]

    store: Store
    cast: Cast
    clock: PlayedClock
    number: str = ""
    given: dict[str, str] = field(default_factory=dict)
    """The ids that the system gave to containers, by what the file calls them."""
    refused: tuple[str, ...] = ()
    """Why quality assurance could not release at first, in sentences."""
    _read: BatchRecord | None = field(default=None, repr=False)

    @abstractmethod
    def before_release(self) -> list[Part]:
        """What is played before the release, in the order of time."""

    @abstractmethod
    def after_release(self) -> list[Part]:
        """What is played between the release and the closing."""

    def open(self) -> str:
        """Open the batch. Returns its number."""
        tess, digest = self.cast.by("tess"), followed(self.store, self.master)
        self.number = open_batch(
            tess, process_digest=digest, patient_code=self.patient_code, identity_code=""
        )
        return self.number

    def record(self) -> BatchRecord:
        """The record as it stands. It is read anew only where something was added to it."""
        with self.store.read() as session:
            read = self._read
            if read is None or head_of(session, read.head.chain) != read.head:
                batch = find_batch(session, self.number)
                assert batch is not None
                self._read = read = load_record(session, batch)
            return read

    def play(self, until: str = "") -> None:
        """Play the steps before the release that are not recorded yet, up to and with `until` (all when empty)."""
        self._play(self.before_release(), until)

    def administer(self, until: str = "") -> None:
        """Play the steps after the release."""
        self._play(self.after_release(), until)

    def release(self, sealing: Sealing) -> Sealed:
        """QA reviews and releases. What has to be explained first is refused, then explained by signature."""
        self.clock.tick(8)
        reasons = self.chosen.get("explained")
        if reasons:
            try:
                self._decide()
            except Refused as refused:
                self.refused = tuple(blocker.sentence for blocker in refused.blockers)
            self.clock.tick(12)
            explain(self.cast, self.record(), reasons)
            self.clock.tick(1)
        return seal_document(sealing, self.record().batch.id, self._decide())

    def _decide(self) -> str:
        by, batch = self.cast.by("quentin"), BatchRef(self.record().batch.id)
        return decide(by, batch=batch, decision=RELEASED, reason="", proof=self.cast.proof("quentin"))

    def close(self, sealing: Sealing) -> Sealed:
        """The physician closes the administration."""
        self.clock.tick(3)
        by, batch = self.cast.by("paula"), BatchRef(self.record().batch.id)
        issue_id = close_administration(by, batch=batch, proof=self.cast.proof("paula"))
        return seal_document(sealing, batch.batch_id, issue_id)

    def _play(self, steps: list[Part], until: str) -> None:
        for key, play in steps:
            record = self.record()
            if not record.current(key) and not record.not_done_reason(key):
                labelled = [(name, one) for name, one in self._labels() if one["at"] == key]
                for name, _ in labelled:
                    self.given[name] = give_id(self.cast, self.record())
                play()
                for name, one in labelled:
                    label(self.cast, self.clock, self.record(), self.given[name], one)
            if key == until:
                return

    @property
    def chosen(self) -> Chosen:
        chosen: Chosen = published(self.source)["chosen"]
        return chosen

    def _labels(self) -> list[tuple[str, Mapping[str, str]]]:
        """The containers that get an id and a label of the system: what the file calls them, and what it says."""
        return list(self.chosen.get("labels", {}).items())

    def _note(self, reported: str = "") -> str:
        run = published(self.source)
        said = f"Reported by {run['citation']['short']}: {run['reported'][reported]}. " if reported else ""
        return f"Demonstration. {said}Chosen, not reported: {'all else here' if reported else 'all values here'}."

    def _put(
        self,
        key: str,
        kind: type[Entry],
        *,
        by: str,
        performer: str,
        facts: Mapping[str, Any],
        reported: str = "",
        **circumstances: Any,
    ) -> str:
        reading = self._reading(kind, performer=performer, facts=facts, reported=reported, **circumstances)
        return record_step(self.cast.by(by), step=self._ref(self.record(), key), reading=reading)

    def _reading(
        self,
        kind: type[Entry],
        *,
        performer: str,
        facts: Mapping[str, Any],
        reported: str = "",
        **circumstances: Any,
    ) -> Reading:
        """What is stated of a step, with the note that tells what is reported; `circumstances` as in Reading."""
        return Reading(
            kind=kind,
            facts=facts,
            performed_by=self.cast.id(performer),
            as_entered={
                name: str(value) for name, value in facts.items() if isinstance(value, (Decimal, int))
            },
            note=self._note(reported),
            blank_reason="not known",
            **circumstances,
        )

    def _ref(self, record: BatchRecord, key: str) -> StepRef:
        return StepRef(record.batch.id, key, record.step_version(key))

    def _confirm(self, key: str, act: str, username: str) -> None:
        self.clock.tick(1)
        record = self.record()
        entry = record.current(key)
        assert entry is not None
        confirm_step(
            self.cast.by(username),
            step=self._ref(record, key),
            entry_id=entry.id,
            act=act,
            proof=self.cast.proof(username),
        )
