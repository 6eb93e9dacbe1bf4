"""What the layouts in templates/layouts need on every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from labrecords.web.batches.life import Life


class NavItem(NamedTuple):
    endpoint: str
    label: str
    active: bool


@dataclass(frozen=True)
class Who:
    """The signed-in person as the top bar names them."""

    name: str
    role: str
    username: str = ""


@dataclass(frozen=True)
class Notice:
    """A sentence about what has just been done; stays on the page. `kind` is pass, alert, out or wait."""

    kind: str
    text: str


@dataclass(frozen=True)
class Frame:
    """Top bar and foot. Anonymous pages have no `person`."""

    nav: tuple[NavItem, ...]
    person: Who | None
    theme: str
    """"system", "dark" or "light": what the person chose."""
    here: str
    """Path of this page, to come back to after the theme was switched."""
    laboratory: str
    version: str
    now: datetime
    left_s: int = 0
    """Seconds until the session locks, if nothing is done."""
    misuse: int = 0
    """Open alerts of possible misuse, for who watches them."""
    scans: bool = False
    """Whether whoever is signed in may find things by their codes."""
    chain_head: str | None = None
    chain_head_at: datetime | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class ContextBar:
    """The bar that names the batch in hand."""

    number: str
    patient_code: str
    product: str
    status: str
    status_kind: str = ""
    """pass, alert, out or wait where the status needs a shape; empty for a quiet one."""
    harvested_at: datetime | None = None
    since_harvest: timedelta | None = None
    """Until now, or until the injection."""
    use_before: datetime | None = None
    life: Life | None = None
    running: bool = True
    """False once the product was used: the clocks stand still."""
