"""Commands whose reader leaves early, as `head` does: they end quietly, as other programs do."""

import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests.cli.commands import run as in_process
from tests.processes import COMMAND, DEADLINE_S, environment, run

PIPE_CLOSED = 128 + 13
"""What a shell shows of a program that SIGPIPE has ended."""


@pytest.mark.parametrize(
    "words",
    [
        ("demo",),
        ("demo", "--json"),
        ("--help",),
        ("call", "--help"),
        ("call", "--list"),
        ("call", "create_customer", "--help"),
        ("call", "list_customers", "per_page=100", "--sandbox"),
        ("export", "--sandbox", "--output", "-"),
        ("check-csv", "{csv}", "--no-base"),
        ("install", "cursor", "--sandbox", "--print"),
    ],
    ids=" ".join,
)
def test_a_command_whose_reader_has_left_ends_quietly(words: tuple[str, ...], tmp_path: Path) -> None:
    csv = tmp_path / "kunden.csv"
    csv.write_text("Firma;Straße;PLZ;Ort\nAcme GmbH;Weg 1;10115;Berlin\n", "utf-8")
    command = [*COMMAND, *(word.format(csv=csv) for word in words)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        errors = process.stderr.read()
        code = process.wait(2 * DEADLINE_S)
    assert (code, errors) == (PIPE_CLOSED, b"")


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Port {port} is in use. Name another one by --port"),
        ("de", "Port {port} ist belegt. Nennen Sie"),
    ],
)
def test_a_busy_port_is_explained(language: str, told: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        done = run("sandbox", "--port", str(port), "--language", language)
    assert (done.returncode, done.stdout) == (2, "")
    assert told.format(port=port) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_sandbox_ends_cleanly_on_sigterm() -> None:
    command = [*COMMAND, "sandbox", "--port", "0", "--customers", "1"]
    env = environment(PYTHONUNBUFFERED="1")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, errors) == (0, b"")


@pytest.mark.parametrize("key", ["geheim-4711", "it's a secret"])
def test_the_hint_of_a_sandbox_names_its_key_as_a_shell_takes_it(key: str) -> None:
    command = [*COMMAND, "sandbox", "--port", "0", "--customers", "1", "--key", key]
    env = environment(PYTHONUNBUFFERED="1")
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout
        hint = [process.stdout.readline().decode() for _ in range(2)][1]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=DEADLINE_S)
    assignments = hint.replace("faktoora-mcp serve", "env")
    shown = subprocess.run(["sh", "-c", assignments], capture_output=True, text=True, check=True).stdout
    assert f"FAKTOORA_API_KEY={key}\n" in shown


def test_a_sandbox_says_that_the_server_takes_no_short_key() -> None:
    command = [*COMMAND, "sandbox", "--port", "0", "--customers", "1", "--key", "geheim", "--language", "de"]
    env = environment(PYTHONUNBUFFERED="1")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as process:
        assert process.stdout
        hint = [process.stdout.readline().decode() for _ in range(2)][1]
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=DEADLINE_S)
    assert "FAKTOORA_API_KEY=geheim " in hint
    assert errors.decode() == "faktoora-mcp serve: Kein API-Schlüssel ist kürzer als 8 Zeichen.\n"


@pytest.mark.parametrize("level", ["INFO", "Warning"])
def test_capitals_in_the_log_level_are_understood(level: str) -> None:
    done = in_process("call", "generate_customer_number", "--sandbox", "--log-level", level)
    assert (done.returncode, done.stdout) == (0, '{"number":"CUST-0059"}\n')


@pytest.mark.parametrize(
    ("words", "english", "german"),
    [
        (("sandbox", "--port", "70000"), "expected a number from 0 to 65535", "eine Zahl von 0 bis 65535"),
        (("sandbox", "--seed", "x"), "--seed: expected a number", "--seed: erwartet wird eine Zahl"),
        (("demo", "--dialect", "x"), "expected one of documented, current", "eines von documented, current"),
        (("export", "--format", "xml"), "expected one of csv, jsonl", "eines von csv, jsonl"),
        (
            ("install", "emacs"),
            "HOST: expected one of claude-desktop",
            "erwartet wird eines von claude-desktop",
        ),
        (("call", "x", "--log-level", "loud"), "expected one of 'debug'", "Erwartet wird eines von 'debug'"),
    ],
    ids=range(6),
)
def test_a_bad_value_is_explained_in_both_languages(
    words: tuple[str, ...], english: str, german: str
) -> None:
    for language, told in (("en", english), ("de", german)):
        done = in_process(*words, FAKTOORA_LANGUAGE=language)
        assert (done.returncode, done.stdout) == (2, "")
        assert told in done.stderr
