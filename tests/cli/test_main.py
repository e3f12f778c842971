import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from faktoora_mcp import __version__
from faktoora_mcp.cli.hosts.configuration import HOSTS
from faktoora_mcp.cli.main import cli
from faktoora_mcp.settings import PREFIX, Settings
from tests import processes
from tests.cli.commands import run
from tests.processes import Process, environment, served_sandbox

CSV = "Firma;Straße;PLZ;Ort;Land\r\nZweitfirma GmbH;Weg 1;20095;Hamburg;DE\r\n".encode("cp1252")


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    path = tmp_path / "kunden.csv"
    path.write_bytes(CSV)
    return path


@pytest.fixture
def sandbox_url() -> Iterator[str]:
    with served_sandbox("--customers", "3", "--key", "opensesame") as url:
        yield url


def get(url: str, key: str) -> dict[str, object]:
    with urlopen(Request(url, headers={"X-API-KEY": key}), timeout=10) as response:
        return cast("dict[str, object]", json.load(response))


def test_version_is_printed() -> None:
    assert run("--version").stdout.strip() == __version__


@pytest.mark.parametrize("name", [name for name in Settings.model_fields if name != "api_key"])
def test_every_setting_is_an_option_with_its_environment_variable(name: str) -> None:
    text = " ".join(run("serve", "--help", COLUMNS="100").stdout.split())
    assert f"--{name.replace('_', '-')}" in text
    assert re.search(rf"\[{PREFIX}{name.upper()}[\];]", text)


@pytest.mark.parametrize("command", ["call", "export", "import", "upload", "undo", "check-csv"])
def test_help_shows_the_defaults_of_the_command_itself(command: str) -> None:
    text = " ".join(run(command, "--help", COLUMNS="100").stdout.split())
    assert "[FAKTOORA_LOG_LEVEL; default: error]" in text
    assert f"[FAKTOORA_TIMEOUT_S; default: {'120' if command == 'upload' else '20.0'}]" in text


@pytest.mark.parametrize("command", [(), *((name,) for name in cli.commands), ("sandbox", "upload")])
def test_every_command_has_the_short_option_for_help(command: tuple[str, ...]) -> None:
    short, long = (run(*command, option) for option in ("-h", "--help"))
    assert (short, short.returncode) == (long, 0)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("command", [(), *((name,) for name in cli.commands), ("sandbox", "upload")])
def test_help_fits_the_terminal_and_breaks_no_word(
    command: tuple[str, ...], columns: int, language: str
) -> None:
    def shown(width: int) -> str:
        return run(*command, "--help", COLUMNS=str(width), FAKTOORA_LANGUAGE=language).stdout

    lines = shown(columns).splitlines()
    assert [line for line in lines if len(line) > columns and len(line.split()) > 2] == []
    assert " ".join(lines).split() == shown(78 * 2).split()


def test_the_key_is_not_an_option() -> None:
    assert "--api-key " not in run("serve", "--help").stdout


def test_help_lists_every_command_and_install_every_host() -> None:
    text = run("--help").stdout
    assert [name for name in cli.commands if f"\n  {name} " not in text] == []
    assert "{" + "|".join(HOSTS) + "}" in "".join(run("install", "--help").stdout.split())


def test_the_process_ends_with_the_code_of_the_command() -> None:
    done = processes.run("srve")
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no command 'srve'" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["serve", "--sandbox", "--tools", "get_custmer"],
            "--tools: no tool is called 'get_custmer'; did you mean",
        ),
        (["serve", "--sandbox", "--timeout-s", "soon"], "FAKTOORA_TIMEOUT_S: expected a number."),
        (["serve", "--sandbox", "--timeout-s", "0"], "FAKTOORA_TIMEOUT_S: expected more than 0"),
        (
            ["serve", "--base-url", "http://api.example.test"],
            "FAKTOORA_BASE_URL: an https:// address is needed",
        ),
        (
            ["serve", "--api-key-file", "/nowhere"],
            "FAKTOORA_API_KEY_FILE: no API key can be read from /nowhere",
        ),
        (["install", "clod"], "HOST: expected one of claude-desktop, claude-code, cursor, vscode."),
        (["srve"], "There is no command 'srve'. Did you mean serve?"),
        (["serve", "--sandbx"], "There is no option --sandbx. Did you mean --sandbox?"),
    ],
)
def test_a_wrong_command_line_ends_with_code_2_and_a_sentence(arguments: list[str], sentence: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_an_option_overrides_its_environment_variable() -> None:
    done = run("serve", "--timeout-s", "0", FAKTOORA_TIMEOUT_S="5", FAKTOORA_SANDBOX="1")
    assert done.returncode == 2


def test_a_key_in_a_file_is_enough(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("abc-key-4711\n")
    with Process("serve", "--api-key-file", str(key)) as server:
        assert server.initialize()


def test_the_sandbox_serves_the_api_to_holders_of_the_key(sandbox_url: str) -> None:
    assert len(cast("list[object]", get(f"{sandbox_url}/customers", "opensesame")["data"])) == 3
    with pytest.raises(HTTPError) as refused:
        get(f"{sandbox_url}/customers", "wrong")
    refused.value.close()
    assert refused.value.code == 401


def test_the_server_works_against_a_sandbox_over_tcp(sandbox_url: str) -> None:
    env = environment(FAKTOORA_BASE_URL=sandbox_url, FAKTOORA_API_KEY="opensesame")
    with Process("serve", env=env) as server:
        server.initialize()
        server.send("tools/call", {"name": "list_customers", "arguments": {}}, request_id=2)
        result = cast("dict[str, dict[str, object]]", server.receive()["result"])
    assert result["structuredContent"]["totalItems"] == 3


def test_a_csv_file_is_uploaded_to_a_running_sandbox_and_imported(sandbox_url: str, csv_file: Path) -> None:
    done = run("sandbox", "upload", str(csv_file), "--url", sandbox_url, "--key", "opensesame")
    assert done.returncode == 0, done.stderr
    request = Request(
        f"{sandbox_url}/customers/import",
        json.dumps({"fileId": done.stdout.strip()}).encode(),
        {"X-API-KEY": "opensesame", "Content-Type": "application/json"},
    )
    with urlopen(request, timeout=10) as response:
        (created,) = json.load(response)
    assert created["name"] == "Zweitfirma GmbH"


def test_a_csv_file_is_registered_in_a_sandbox_file(tmp_path: Path, csv_file: Path) -> None:
    db = tmp_path / "customers.db"
    with Process("serve", "--sandbox", "--db", str(db)) as server:
        server.initialize()
        done = run("sandbox", "upload", str(csv_file), "--db", str(db))
        assert done.returncode == 0, done.stderr
        call = {"name": "import_customers", "arguments": {"file_id": done.stdout.strip()}}
        server.send("tools/call", call, request_id=2)
        assert "Zweitfirma GmbH" in str(server.receive())


@pytest.mark.parametrize(
    ("option", "target", "code"),
    [
        ("--db", "missing.db", 1),
        ("--db", "kunden.csv", 1),
        ("--url", "http://127.0.0.1:9/api/v1", 1),
        ("--url", "ftp://127.0.0.1", 1),
    ],
)
def test_an_upload_that_fails_says_why(
    tmp_path: Path, csv_file: Path, option: str, target: str, code: int
) -> None:
    where = str(tmp_path / target) if option == "--db" else target
    done = run("sandbox", "upload", str(csv_file), option, where)
    assert (done.returncode, done.stdout) == (code, "")
    assert "Not uploaded: " in done.stderr
    assert "Traceback" not in done.stderr


def test_an_upload_needs_one_target(csv_file: Path) -> None:
    done = run("sandbox", "upload", str(csv_file))
    assert done.returncode == 2
    assert "--db" in done.stderr


def test_a_file_that_is_no_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    db = tmp_path / "notes.txt"
    db.write_text("no database " * 1000)
    done = run("serve", "--sandbox", "--db", str(db))
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [db])
    assert "Traceback" not in done.stderr
    assert "FAKTOORA_DB" in done.stderr
