"""What scanners find in the code: nothing; and every own rule of tests/security/rules finds its planted example."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.security.scanners import ROOT, scanner

RULES = Path(__file__).parent / "rules"
PLANTED = Path(__file__).with_name("planted.txt")


def semgrep(target: Path) -> dict[str, list[str]]:
    """Where each rule finds something, by the name of the rule."""
    command = [
        str(scanner("semgrep") / "semgrep"),
        "scan",
        "--metrics=off",
        "--disable-version-check",
        "--no-git-ignore",
    ]
    done = subprocess.run(
        [*command, "--json", "--quiet", "--config", str(RULES), str(target)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    told = json.loads(done.stdout)
    assert told["errors"] == []
    found: dict[str, list[str]] = {}
    for result in told["results"]:
        rule = result["check_id"].rpartition(".")[2]
        found.setdefault(rule, []).append(f"{result['path']}:{result['start']['line']}")
    return found


def test_own_rules_find_nothing_in_the_product() -> None:
    assert semgrep(ROOT / "labrecords") == {}


def test_every_own_rule_finds_its_planted_example(tmp_path: Path) -> None:
    examples = PLANTED.read_text()
    target = tmp_path / "planted.py"
    target.write_text(examples)
    rules = re.findall(r"- id: (\S+)", (RULES / "house.yml").read_text())
    assert re.findall(r"# plant: (\S+)", examples) == rules
    assert set(semgrep(target)) == set(rules)


def test_bandit_finds_nothing_of_middle_or_high_severity(tmp_path: Path) -> None:
    def bandit(target: Path) -> list[str]:
        command = [sys.executable, "-m", "bandit", "-r", str(target), "-ll", "-q", "-f", "json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=tmp_path)
        told = json.loads(done.stdout)
        assert told["errors"] == []
        return [f"{item['test_id']} {item['filename']}:{item['line_number']}" for item in told["results"]]

    assert bandit(ROOT / "labrecords") == []
    (tmp_path / "planted.py").write_text(PLANTED.read_text())
    assert any(found.startswith("B301") for found in bandit(tmp_path / "planted.py"))
