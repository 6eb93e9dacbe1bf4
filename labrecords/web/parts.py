"""The values that the macros in templates/components take. Views fill them in; templates escape them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

Text = str | Markup
"""Plain text, or markup that a filter has made."""


@dataclass(frozen=True)
class Condition:
    """One line of a checklist: what has to be so before something is possible, and whether it is."""

    text: Text
    met: bool = False
    soon: bool = False
    """Only time is missing, nobody has to act."""
    url: str = ""
    link: str = "Open"


@dataclass(frozen=True)
class StepHead:
    """Margin and heading of the step in hand."""

    number: int
    of: int | None
    """How many steps the process has; None for an act of custody, which happens at any time."""
    title: str
    instruction: str
    process: str
    """Process and version, for example "BMC 1.0"."""
    started_at: datetime | None = None
    done_with: tuple[str, ...] = ()
    """The procedure, materials and equipment that the process names for it, as sentences."""


@dataclass(frozen=True)
class PastStep:
    """An earlier step, folded."""

    number: int
    title: str
    by: str
    """Who and when, for example "Tess 15:10"."""
    checked: str = ""
    """Who confirmed it; empty when nobody has to or has yet."""
    summary: Text = ""
    url: str = ""
    open: bool = False


@dataclass(frozen=True)
class Correction:
    """One fact of which a later version holds. `old` and `new` are already formatted."""

    label: str
    old: Text
    new: Text
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Event:
    """One line of the timeline. `icon` is a name from static/icons.svg."""

    at: datetime
    icon: str
    text: Text


@dataclass(frozen=True)
class Check:
    """A numbered check: of a review or of a verification. `kind` is pass, alert, out or wait."""

    title: str
    text: Text
    kind: str
    word: str


@dataclass(frozen=True)
class Signing:
    """What a person is about to sign."""

    title: str
    what: tuple[tuple[str, Text], ...]
    """Pairs of label and text: batch, patient, product, use before."""
    digest: str
    meaning: str
    """What the signature means; empty when the form lets the signer choose."""
    statement: str
    button: str
    cancel_url: str
    exceptions: tuple[str, ...] = ()
    """What is open, as sentences. Nothing open is said too."""
    prints_as: str = ""
    """Printed name and role, where the signer is known before signing."""


@dataclass(frozen=True)
class Signature:
    """A signature that was given."""

    name: str
    username: str
    role: str
    meaning: str
    signed_at: datetime
    digest: str
    covers: str = ""
    """What was signed, for example "batch BM-26-0117, version 41"."""


@dataclass(frozen=True)
class CodePanel:
    """One of the two codes that are compared on the stop page."""

    label: str
    code: str
    note: Text = ""


@dataclass(frozen=True)
class Link:
    url: str
    text: str
    icon: str = ""


@dataclass(frozen=True)
class StopScreen:
    """The full-screen stop. `expected` and `found` are compared character by character."""

    title: str
    todo: tuple[str, ...]
    links: tuple[Link, ...]
    closing: str
    """What is locked, what was recorded, whom to call."""
    reference: str
    expected: CodePanel | None = None
    found: CodePanel | None = None


@dataclass(frozen=True)
class ConflictField:
    """One field in two versions. The raw values go back to the form, the shown ones are formatted."""

    name: str
    label: str
    theirs: str
    yours: str
    theirs_shown: Text
    yours_shown: Text

    @property
    def same(self) -> bool:
        return self.theirs == self.yours


@dataclass(frozen=True)
class Conflict:
    """Somebody saved this step while it was being written."""

    title: str
    saved_by: str
    saved_at: datetime
    fields: tuple[ConflictField, ...]
    hidden: tuple[tuple[str, str], ...]
    """What the form must carry besides: the version now shown, the new idempotency key."""
    action_url: str
    causes: tuple[str, ...]
    """Choosing one's own value over a saved one is a correction: its cause is chosen from these."""
    cause: str = ""
    reason: str = ""
    """What was typed of the reason before."""

    @property
    def alike(self) -> bool:
        """Whether both versions say the same."""
        return all(one.same or one.theirs_shown == one.yours_shown for one in self.fields)
