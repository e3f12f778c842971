"""What differs between Windows, macOS and Linux and can be tried anywhere: code pages, line ends, names."""

import json
from pathlib import Path

import pytest

from faktoora_mcp.cli.files import atomic_write
from tests.cli.commands import run
from tests.processes import Process, environment

CODE_PAGES = ("cp437", "cp850", "cp1252", "ascii")
LIST = "Firma;Straße;PLZ;Ort;Land\nŁódź → GmbH;Musterstraße 1;10115;Berlin;DE\n"
COMMANDS = (
    "--help",
    "call --list",
    "call create_customer --help",
    "call list_customers keywords=Poznań --sandbox",
    "check-csv {file} --sandbox --language de",
    "doctor --sandbox --language de",
    "export --sandbox --format jsonl",
    "srve →",
)
LONGEST = 255
"""Bytes of a file name that all systems take."""


@pytest.fixture
def kunden(tmp_path: Path) -> str:
    path = tmp_path / "kunden.csv"
    path.write_text(LIST, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("code_page", CODE_PAGES)
def test_a_command_prints_the_same_under_every_code_page(code_page: str, command: str, kunden: str) -> None:
    words = command.format(file=kunden).split()
    assert run(*words, encoding=code_page) == run(*words)


def test_hosts_are_spoken_to_in_utf_8_whatever_the_code_page() -> None:
    with Process("serve", "--sandbox", env=environment(PYTHONIOENCODING="cp1252")) as server:
        server.initialize()
        server.send("tools/call", {"name": "list_customers", "arguments": {"keywords": ["Poznań"]}})
        assert "Poznań" in json.dumps(server.receive(), ensure_ascii=False)


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("bom", ["", "\ufeff"], ids=["", "BOM"])
def test_a_list_is_read_alike_with_every_line_end(end: str, bom: str, tmp_path: Path) -> None:
    path = tmp_path / "kunden.csv"
    path.write_bytes((bom + LIST.replace("\n", end)).encode())
    assert json.loads(run("check-csv", str(path), "--sandbox", "--json").stdout)["rows"]["ready"] == 1


def test_a_key_file_may_end_like_a_text_file_of_windows(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"secret-key-4711\r\n")
    done = run("export", "--api-key-file", str(tmp_path / "key"), "--base-url", "http://127.0.0.1:9/api/v1")
    assert "unreachable" in done.stderr or "connection" in done.stderr


@pytest.mark.parametrize("letter", ["k", "ä"])
def test_a_file_whose_name_is_as_long_as_can_be_is_written(letter: str, tmp_path: Path) -> None:
    name = letter * ((LONGEST - len(".csv")) // len(letter.encode()))
    path = tmp_path / f"{name}.csv"
    with atomic_write(path) as file:
        file.write(b"one")
    assert path.read_bytes() == b"one"


def test_a_file_deep_in_folders_is_exported_to(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["Ordner mit Umlauten äöü"] * 12)
    folder.mkdir(parents=True)
    done = run("export", "--output", str(folder / "kunden.csv"), "--sandbox")
    assert (done.returncode, len(str(folder)) > 260) == (0, True)
    assert (folder / "kunden.csv").read_bytes().count(b"\r\n") == 58
