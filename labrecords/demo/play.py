"""Playing the demonstration from an empty folder to verified documents, with the time each stage took."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from labrecords.actions.verification import verify_trail
from labrecords.config import Settings
from labrecords.demo.cast import Cast, Member
from labrecords.demo.clock import PlayedClock
from labrecords.demo.enzymatic import Enzymatic, UnderWay
from labrecords.demo.filtration import Filtration
from labrecords.demo.run import PlayedRun, published
from labrecords.demo.story import Story
from labrecords.documents.verifying.verifier import verify
from labrecords.installation import Installation, NotReady, SiteFacts, create_installation, open_installation
from labrecords.models.lists import documents_of
from labrecords.models.records import DocumentRow
from labrecords.models.store import server_clock

SITE = SiteFacts("Demonstration laboratory", "DEMO", "Europe/Warsaw")
LASTS = timedelta(hours=15)
"""How long before now the clock of the demonstration begins: longer than all runs together."""
MARK = "demonstration"
STATEMENT = (
    "This installation was filled by a demonstration: its people are invented, "
    "and the clock of its batches was played."
)


RUNS: tuple[type[PlayedRun], ...] = (Story, Filtration, Enzymatic)
"""The runs, in the order in which they are played."""


@dataclass(frozen=True)
class PlayedBatch:
    """One run that was played to its closure, and the verdict on its last document."""

    number: str
    citation: str
    shows: str
    pdf: Path
    pages: int
    sha256: str
    verdict: str
    sentence: str
    refused: tuple[str, ...] = ()
    """Why it could not be released before quality assurance had explained it, in sentences."""

    def as_json(self) -> dict[str, Any]:
        return {
            "batch": self.number,
            "citation": self.citation,
            "shows": self.shows,
            "pdf": str(self.pdf),
            "pages": self.pages,
            "sha256": self.sha256,
            "verdict": self.verdict,
            "verdict_sentence": self.sentence,
            "refused_at_first": list(self.refused),
        }


@dataclass
class Played:
    """What the demonstration made."""

    settings: Settings
    batches: list[PlayedBatch] = field(default_factory=list)
    trail_sound: bool = False
    members: dict[str, Member] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return (
            bool(self.batches) and self.trail_sound and all(item.verdict == "valid" for item in self.batches)
        )

    def as_json(self) -> dict[str, Any]:
        """One JSON object, without passwords."""
        return {
            "batches": [item.as_json() for item in self.batches],
            "trail": "sound" if self.trail_sound else "not sound",
            "seconds": {name: round(spent, 3) for name, spent in self.seconds.items()},
        }


def clear_demonstration(folder: Path) -> None:
    """Make room for a new demonstration: an earlier one is removed, anything else is left alone. Raises NotReady."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / MARK).exists():
        raise NotReady(f"{folder} is not empty and holds no demonstration. Name another folder with --dir.")
    shutil.rmtree(folder)


def play(settings: Settings) -> Played:
    """Create the demonstration laboratory, play the published runs, and verify their documents and the trail."""
    played = Played(settings)
    clock = PlayedClock(server_clock() - LASTS)
    with _stage(played, "set up"):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        (settings.data_dir / MARK).write_text(STATEMENT + "\n")
        create_installation(settings, SITE, clock, demonstration=STATEMENT)
    settings = _with_secret(settings)
    place = open_installation(settings, clock)
    try:
        with _stage(played, "people and master records"):
            cast = Cast(place.store, place.identity_keys)
            Story(place.store, cast, clock).prepare()
        for kind in RUNS:
            with _stage(played, kind.master):
                played.batches.append(_play_run(place, kind(place.store, cast, clock)))
        with _stage(played, "batch under way"):
            UnderWay(place.store, cast, clock).keep()
        with _stage(played, "verify trail"), place.store.read() as session:
            report = verify_trail(
                session, place.authority.checkpoint_certificate_pem, settings.checkpoint_file
            )
            played.trail_sound = report.sound
        played.members = cast.members
    finally:
        place.close()
    return played


def _play_run(place: Installation, run: PlayedRun) -> PlayedBatch:
    """Play a run from its order to its closure; write its last document beside the database, and verify it."""
    run.open()
    run.play()
    run.release(place.sealing)
    run.administer()
    sealed = run.close(place.sealing)
    with place.store.read() as session:
        newest = documents_of(session, run.record().batch.id)[-1]
        table = DocumentRow.__table__
        query = select(table.c.pdf).where(table.c.sha256 == newest.sha256)
        pdf: bytes = session.execute(query).scalar_one()
    path = place.settings.data_dir / f"{run.number}.pdf"
    path.write_bytes(pdf)
    verdict = verify(pdf, [place.authority.root])
    return PlayedBatch(
        number=run.number,
        citation=published(run.source)["citation"]["full"],
        shows=published(run.source)["demonstration"]["shows"],
        pdf=path,
        pages=newest.pages,
        sha256=sealed.sha256 or "",
        verdict=verdict.kind,
        sentence=verdict.sentence,
        refused=run.refused,
    )


def _with_secret(settings: Settings) -> Settings:
    return replace(settings, secret_key=(settings.data_dir / "secret").read_text().strip())


@contextmanager
def _stage(played: Played, name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    played.seconds[name] = time.perf_counter() - start
