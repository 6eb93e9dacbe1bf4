"""The rooms of documents/ build on each other in one direction: drawing knows no record, pages know no section."""

from __future__ import annotations

import ast

import pytest

from tests.house.source import imported, modules

DOCUMENTS = "labrecords.documents."
MAY_USE: dict[str, set[str]] = {
    "drawing": set(),
    "labels": {"drawing"},
    "pages": {"drawing", "edition", "flags"},
    "sections": {"pages", "drawing", "labels", "edition", "flags", "attachment"},
    "sealing": {"package"},
    "verifying": {"sealing", "package", "attachment", "batch_record"},
}
"""For each room the other rooms and files of documents/ that it builds on."""


def strays(room: str, tree: ast.AST) -> list[str]:
    ours = (name.removeprefix(DOCUMENTS) for name in imported(tree) if name.startswith(DOCUMENTS))
    return sorted(name for name in ours if name.split(".")[0] not in MAY_USE[room] | {room})


@pytest.mark.parametrize("room", list(MAY_USE))
def test_a_room_builds_only_on_what_comes_before_it(room: str) -> None:
    found = {path: wrong for path, tree in modules(f"documents/{room}") if (wrong := strays(room, tree))}
    assert found == {}


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("drawing", "from labrecords.documents.edition import Edition"),
        ("pages", "from labrecords.documents.sections.cover import draw_cover"),
        ("sealing", "from labrecords.documents.verifying import verifier"),
        ("verifying", "from labrecords.documents.pages.sheet import Sheet"),
    ],
)
def test_a_planted_import_from_a_later_room_is_found(room: str, line: str) -> None:
    assert strays(room, ast.parse(line))
