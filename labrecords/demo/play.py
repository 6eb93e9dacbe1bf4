"""Playing the demonstration from an empty folder to a verified document, with the time each stage took."""

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
from labrecords.demo.story import Story, published_run
from labrecords.documents.verifying.verifier import verify
from labrecords.installation import NotReady, SiteFacts, create_installation, open_installation
from labrecords.models.lists import documents_of
from labrecords.models.records import DocumentRow
from labrecords.models.store import server_clock

SITE = SiteFacts("Demonstration laboratory", "DEMO", "Europe/Warsaw")
LASTS = timedelta(minutes=190)
MARK = "demonstration"
STATEMENT = (
    "This installation was filled by a demonstration: its people are invented, "
    "and the clock of its batch was played."
)


@dataclass
class Played:
    """What the demonstration made."""

    settings: Settings
    batch: str = ""
    pdf: Path = Path()
    pages: int = 0
    sha256: str = ""
    verdict: str = ""
    sentence: str = ""
    trail_sound: bool = False
    members: dict[str, Member] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return self.verdict == "valid" and self.trail_sound

    def as_json(self) -> dict[str, Any]:
        """One JSON object, without passwords."""
        return {
            "batch": self.batch,
            "citation": published_run()["citation"]["full"],
            "pdf": str(self.pdf),
            "pages": self.pages,
            "sha256": self.sha256,
            "verdict": self.verdict,
            "verdict_sentence": self.sentence,
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
    """Create the demonstration laboratory, play the published run, and verify its document and its trail."""
    played = Played(settings)
    clock = PlayedClock(server_clock() - LASTS)
    with _stage(played, "set up"):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        (settings.data_dir / MARK).write_text(STATEMENT + "\n")
        create_installation(settings, SITE, clock, demonstration=STATEMENT)
    settings = _with_secret(settings)
    place = open_installation(settings, clock)
    try:
        with _stage(played, "people"):
            cast = Cast(place.store)
        story = Story(place.store, cast, clock)
        with _stage(played, "harvest to counts"):
            story.prepare()
            played.batch = story.open()
            story.play()
        with _stage(played, "release and document 1"):
            story.release(place.sealing)
        with _stage(played, "injection to residual"):
            story.administer()
        with _stage(played, "closing and document 2"):
            sealed = story.close(place.sealing)
        with place.store.read() as session:
            newest = documents_of(session, story.record().batch.id)[-1]
            table = DocumentRow.__table__
            query = select(table.c.pdf).where(table.c.sha256 == newest.sha256)
            pdf: bytes = session.execute(query).scalar_one()
        played.pdf = settings.data_dir / f"{played.batch}.pdf"
        played.pdf.write_bytes(pdf)
        played.pages, played.sha256 = newest.pages, sealed.sha256 or ""
        with _stage(played, "verify document"):
            verdict = verify(pdf, [place.authority.root])
            played.verdict, played.sentence = verdict.kind, verdict.sentence
        with _stage(played, "verify trail"), place.store.read() as session:
            report = verify_trail(
                session, place.authority.checkpoint_certificate_pem, settings.checkpoint_file
            )
            played.trail_sound = report.sound
        played.members = cast.members
    finally:
        place.close()
    return played


def _with_secret(settings: Settings) -> Settings:
    return replace(settings, secret_key=(settings.data_dir / "secret").read_text().strip())


@contextmanager
def _stage(played: Played, name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    played.seconds[name] = time.perf_counter() - start
