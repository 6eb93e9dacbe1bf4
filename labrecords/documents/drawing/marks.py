"""Signs that differ by their shape, not their colour: verdicts, tags, corrections, fractions."""

from __future__ import annotations

from labrecords.documents.drawing.ink import GREY, INK, RED, WHITE, Ink
from labrecords.documents.drawing.typefaces import COND_BOLD, SANS, width

PASS, ALERT, FAIL, NOT_DONE = "pass", "alert", "fail", "not done"
TAG_SIZE = 6.2


def mark_width(size: float) -> float:
    return size * 0.8 + 2.2


def tag_width(label: str, size: float = TAG_SIZE) -> float:
    return width(COND_BOLD, size, label) + 6


def draw_mark(ink: Ink, x: float, y: float, kind: str, size: float = 7.9) -> float:
    """A sign of a verdict, always beside its word. Returns the width it takes."""
    r = size * 0.4
    cx, cy = x + r, y + size * 0.32
    if kind == PASS:
        ink.circle(cx, cy, r, 0.6)
        ink.path([(cx - r * 0.5, cy), (cx - r * 0.1, cy - r * 0.45), (cx + r * 0.55, cy + r * 0.5)], 0.9)
    elif kind == FAIL:
        ink.box(cx - r, cy - r, 2 * r, 2 * r, 0, fill=RED)
        q = r * 0.55
        ink.path([(cx - q, cy - q), (cx + q, cy + q)], 1, WHITE)
        ink.path([(cx - q, cy + q), (cx + q, cy - q)], 1, WHITE)
    elif kind == ALERT:
        corners = [(cx - r * 1.1, cy - r * 0.9), (cx + r * 1.1, cy - r * 0.9), (cx, cy + r * 1.1)]
        ink.path(corners, 0.6, closed=True)
        ink.down(cx, cy - r * 0.15, cy + r * 0.5, 0.8, INK)
        ink.down(cx, cy - r * 0.6, cy - r * 0.35, 0.8, INK)
    elif kind == NOT_DONE:
        ink.circle(cx, cy, r, 0.6, dash="1.2 1")
        ink.across(cx - r * 0.5, cx + r * 0.5, cy, 0.8, INK)
    return mark_width(size)


def draw_tag(
    ink: Ink, x: float, y: float, label: str, *, inverted: bool = False, size: float = TAG_SIZE
) -> float:
    """An exception's tag in a small frame; what may have harmed somebody is inverted. Returns the width it takes."""
    wide = tag_width(label, size) - 2
    ink.box(x, y - 1.7, wide, size + 1.6, 0.6, fill=INK if inverted else WHITE)
    ink.text(x + 2, y, label, COND_BOLD, size, colour=WHITE if inverted else INK)
    return wide + 2


def draw_struck(ink: Ink, x: float, y: float, text: str, face: str, size: float) -> float:
    """An old value: grey with one line through it, still legible. Returns its width."""
    wide = ink.text(x, y, text, face, size, colour=GREY)
    ink.across(x - 0.8, x + wide + 0.8, y + size * 0.26, 0.8, INK)
    return wide


def draw_fraction(ink: Ink, x: float, y: float, over: str, under: str, size: float) -> float:
    """A fraction with a bar, its middle at the base line y. Returns its width."""
    wide = max(width(SANS, size, over), width(SANS, size, under)) + 6
    ink.text(x + wide / 2, y + size * 0.55, over, SANS, size, "c")
    ink.text(x + wide / 2, y - size * 0.72, under, SANS, size, "c")
    ink.across(x, x + wide, y + size * 0.28, 0.6, INK)
    return wide + 3
