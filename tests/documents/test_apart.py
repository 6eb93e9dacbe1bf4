"""The check in a process of its own: what it may not do, and what becomes of a file that it cannot end with."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from labrecords.documents.verifying import apart
from labrecords.documents.verifying.verdict import CHANGED, FAILED, NOT_SIGNED


def test_a_file_is_checked_and_the_verdict_comes_back_whole() -> None:
    verdict = apart.verify_apart(b"no record", [], None)
    assert verdict.kind == NOT_SIGNED
    assert verdict.sentence.endswith(".")
    assert verdict.checks[-1].outcome == FAILED
    assert len(verdict.sha256) == 64


def test_a_check_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "TIME_LIMIT_S", 0.01)
    verdict = apart.verify_apart(b"no record", [], None)
    assert verdict.kind == CHANGED
    assert "the check was stopped after" in verdict.sentence


@pytest.mark.parametrize(
    "told", [b"", b"{", b"[]", b'{"kind": "valid"}', b'{"kind":"valid","sentence":"","checks":[{}]}']
)
def test_a_process_that_dies_or_babbles_is_never_a_valid_file(told: bytes) -> None:
    verdict = apart._answer(b"data", told)
    assert verdict.kind == CHANGED
    assert "could not be checked to the end" in verdict.sentence


def in_the_process(code: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run code as the check runs: limited, and watched."""
    begin = "import sys\nfrom labrecords.documents.verifying import apart\n"
    begin += "apart._limit()\nsys.addaudithook(apart._refuse)\n"
    return subprocess.run(
        [sys.executable, "-B", "-c", begin + code],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('localhost', 80)",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
        "import os; os.execv('/bin/true', ['true'])",
        "open('written', 'w')",
        "import os; os.open('written', os.O_CREAT | os.O_WRONLY)",
        "import tempfile; tempfile.TemporaryFile()",
    ],
)
def test_the_process_may_not(code: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = in_the_process(code)
    assert ended.returncode != 0
    assert "is not allowed while a file is checked" in ended.stderr or "No usable temporary" in ended.stderr
    assert not (tmp_path / "written").exists()


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not limit address space")
def test_the_process_has_little_memory() -> None:
    ended = in_the_process("data = bytearray(1100 * 1024 * 1024)")
    assert "MemoryError" in ended.stderr


def test_the_process_sees_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABRECORDS_SECRET_KEY", "the secret")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    seen: dict[str, Any] = {}

    def popen(arguments: list[str], **given: Any) -> None:
        seen.update(given)

    monkeypatch.setattr(subprocess, "Popen", popen)
    apart._start()
    assert seen["env"] == {"PATH": os.defpath, "LANG": "C.UTF-8"}


@pytest.fixture
def nobody_waits() -> Iterator[None]:
    apart.end_waiting()
    yield
    apart.end_waiting()


@pytest.mark.usefixtures("nobody_waits")
def test_a_process_that_waits_serves_one_file_and_another_takes_its_place() -> None:
    apart.prepare()
    (first,) = apart._waiting
    apart.prepare()
    assert apart._waiting == [first], "one waits, not two"
    assert apart.verify_apart(b"no record", [], None).kind == NOT_SIGNED
    assert first.returncode == 0
    assert apart._waiting == []


@pytest.mark.usefixtures("nobody_waits")
def test_a_process_that_ended_while_it_waited_is_replaced() -> None:
    apart.prepare()
    (first,) = apart._waiting
    first.kill()
    first.wait()
    assert apart.verify_apart(b"no record", [], None).kind == NOT_SIGNED
    apart.prepare()
    assert first not in apart._waiting
