"""Does the command line answer failures with one sentence and the right exit code?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard import __main__ as command_line
from dashboard.commands import build_parser, version
from dashboard.domain import UserError

ROOT = Path(__file__).resolve().parents[2]


def raising(error: BaseException) -> Callable[..., object]:
    class Parser:
        def parse_args(self, arguments: object) -> object:
            raise error

    return Parser


@pytest.fixture(autouse=True)
def _signals() -> object:
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("name", ["run", "doctor", "refresh", "report", "demo", "import", "imports", "whatif"])
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        build_parser().parse_args([name, "--help"])
    assert left.value.code == 0
    assert f"dashboard {name}" in capsys.readouterr().out


def test_the_version_is_that_of_the_project() -> None:
    assert f'version = "{version()}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UserError("Mend it so."), 2, "Mend it so.\n"),
        (KeyboardInterrupt(), 130, ""),
        (RuntimeError("secret"), 1, "Something unforeseen went wrong (RuntimeError); EQL_DEBUG=1 shows where.\n"),
    ],
)
def test_a_failure_is_one_sentence(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command_line, "build_parser", raising(error))
    assert command_line.main([]) == code
    assert capsys.readouterr().err == said


def test_the_traceback_is_there_for_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_line, "build_parser", raising(RuntimeError("here")))
    monkeypatch.setenv("EQL_DEBUG", "1")
    with pytest.raises(RuntimeError, match="here"):
        command_line.main([])


def test_an_unknown_command_is_wrong_input() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dashboard", "dance"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_one_sentence_that_repeats_no_secret() -> None:
    environment = {**os.environ, "EQL_CURRENCY": "dollars", "DATABASE_URL": "postgresql://u:geheim@127.0.0.1:1/x"}
    done = subprocess.run(
        [sys.executable, "-m", "dashboard", "refresh"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "geheim" not in done.stderr
