"""Templates say what they need by names that there are, and take in nothing that they do not use."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from labrecords.web import filters
from tests.house.source import PACKAGE, ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
_NAMED = re.compile(r"(?<![\w./\"'-])((?:domain|models|actions|web)(?:\.[a-z]\w*)+)(?:\.([A-Z]\w*))?")
_COMMENT = re.compile(r"{#.*?#}", re.DOTALL)


def comments(text: str) -> str:
    return "\n".join(_COMMENT.findall(text))


def unknown(text: str) -> list[str]:
    """Modules and classes that a text names and that do not exist."""
    return [match[0] for match in _NAMED.finditer(text) if not _there(match[1], match[2])]


def _there(path: str, name: str | None) -> bool:
    try:
        found = importlib.import_module(f"labrecords.{path}")
    except ModuleNotFoundError:
        owner, _, last = path.rpartition(".")
        return name is None and "." in owner and _there(owner, None) and hasattr(_module(owner), last)
    return name is None or hasattr(found, name)


def _module(path: str) -> object:
    return importlib.import_module(f"labrecords.{path}")


def idle_imports(text: str) -> list[str]:
    """Macros that a template imports and does not use."""
    rest = re.sub(r"{%-?\s*from[^%]+%}", "", _COMMENT.sub("", text))
    taken = re.findall(r"{%-?\s*from[^%]+?import\s+([^%]+?)\s*-?%}", text)
    names = [item.split(" as ")[-1].strip() for words in taken for item in words.split(",")]
    return [name for name in names if not re.search(rf"\b{name}\b", rest)]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_names_what_there_is_and_imports_what_it_uses(template: Path) -> None:
    text = template.read_text()
    assert unknown(comments(text)) == []
    assert idle_imports(text) == []


def test_modules_name_modules_that_there_are() -> None:
    named = {
        str(path.relative_to(ROOT)): found
        for path in sorted(PACKAGE.rglob("*.py"))
        if (found := unknown("\n".join(re.findall(r'"""(.*?)"""', path.read_text(), re.DOTALL))))
    }
    assert named == {}


def test_every_filter_is_used_by_a_template() -> None:
    whole = "\n".join(_COMMENT.sub("", path.read_text()) for path in TEMPLATES)
    names = [item.__name__ for item in filters.FILTERS]
    assert [name for name in names if not re.search(rf"\|\s*{name}\b", whole)] == []


def test_planted_mistakes_are_found() -> None:
    assert unknown("a domain.limits.Limit, or domain.values.limits.Limits") == [
        "domain.limits.Limit",
        "domain.values.limits.Limits",
    ]
    assert unknown("domain.values.limits.Limit, web.drawn.widgets, domain.values.codes.normalise") == []
    assert idle_imports('{% from "a.html" import b, c %}{{ b() }}') == ["c"]
