"""What is documented and what the code does are the same."""

from __future__ import annotations

import ast
import importlib.util
import re

import pytest

from labrecords import config
from labrecords.domain.kinds import KINDS
from labrecords.models.records import ENTRY_ROWS
from tests.house.source import ROOT, modules

_spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
assert _spec is not None
assert _spec.loader is not None
generate = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(generate)


@pytest.mark.parametrize("name", list(generate.PAGES_MADE))
def test_a_generated_page_is_up_to_date(name: str) -> None:
    assert (ROOT / "docs" / name).read_text() == generate.PAGES_MADE[name](), "run `make docs`"


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    assert [name for name in config.NAMES if f"`LABRECORDS_{name}`" not in page] == []


def test_every_act_is_documented() -> None:
    page = (ROOT / "docs" / "trail.md").read_text()
    acts = set()
    for _, tree in modules("actions"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "action":
                acts.add(ast.literal_eval(node.args[0]))
    assert acts
    assert sorted(act for act in acts if f"`{act}`" not in page) == []


def test_every_step_kind_has_a_table() -> None:
    assert {row.record for row in ENTRY_ROWS} == set(KINDS.values())


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            if not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []


def test_every_command_that_make_tells_of_does_something() -> None:
    makefile = (ROOT / "Makefile").read_text()
    told = re.findall(r'@echo "  make (\S+)', makefile)
    assert len(told) > 5
    assert [name for name in told if not re.search(rf"^{re.escape(name)}:.*\n\t", makefile, re.M)] == []


def test_every_line_of_the_security_standard_that_is_called_proved_has_a_test() -> None:
    proved = (
        (ROOT / "docs" / "security.md").read_text().partition("| chapter | lines |")[2].partition("\n\n")[0]
    )
    told = set(re.findall(r"\b\d+\.\d+\.\d+\b", proved))
    tested = set(re.findall(r"^\| ASVS-([0-9.]+)", generate.traceability(), re.M))
    assert told == tested
