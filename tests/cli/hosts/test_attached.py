"""Entries of our server are found by what they start, with the settings of their options and variables."""

import json
from pathlib import Path

import pytest

from faktoora_mcp.cli.hosts.attached import attached, desktop_path, found_program, twice
from faktoora_mcp.cli.hosts.configuration import HOSTS, Machine
from faktoora_mcp.cli.hosts.entries import program

DESKTOP, IN_SHELL = HOSTS["claude-desktop"], HOSTS["claude-code"]
KEY = {"FAKTOORA_API_KEY": "fk_live_4711secret"}
SANDBOX, READ_ONLY = {"FAKTOORA_SANDBOX": "True"}, {"FAKTOORA_READ_ONLY": "True"}


def found(**entries: object) -> list[object]:
    """Name and settings of our entries among these."""
    return [
        (one.name, dict(one.environ))
        for one in attached(DESKTOP, {"mcpServers": json.loads(json.dumps(entries))})
    ]


@pytest.mark.parametrize(
    ("command", "args", "settings"),
    [
        ("/opt/faktoora-mcp/.venv/bin/faktoora-mcp", ["serve"], {}),
        (
            "C:\\Users\\Jörg Müller\\faktoora-mcp\\.venv\\Scripts\\faktoora-mcp.exe",
            ["serve", "--sandbox"],
            SANDBOX,
        ),
        ("/usr/bin/python3", ["-m", "faktoora_mcp", "serve", "--read-only"], READ_ONLY),
        ("py", ["-m", "faktoora_mcp", "--sandbox", "--db=a b.db"], SANDBOX | {"FAKTOORA_DB": "a b.db"}),
        ("uvx", ["faktoora-mcp==0.1.0", "serve", "--sandbox"], SANDBOX),
        ("uvx", ["--from", "faktoora-mcp[otel]", "faktoora-mcp", "serve"], {}),
        ("pipx", ["run", "faktoora-mcp"], {}),
        ("cmd", ["/c", "faktoora-mcp.cmd", "--sandbox"], SANDBOX),
        ("docker", ["run", "-e", "FAKTOORA_SANDBOX=1", "x/faktoora-mcp:1"], {"FAKTOORA_SANDBOX": "1"}),
        ("faktoora-mcp", ["--account", "Muster GmbH"], {"FAKTOORA_ACCOUNT": "Muster GmbH"}),
    ],
)
def test_an_entry_is_ours_by_the_program_that_it_starts(
    command: str, args: list[str], settings: dict[str, str]
) -> None:
    assert found(muster={"command": command, "args": args, "env": KEY}) == [("muster", KEY | settings)]


@pytest.mark.parametrize(
    "entry",
    [
        {"command": "npx", "args": ["-y", "other"]},
        {"command": "faktoora-mcp-invoices"},
        {"command": "python", "args": ["-m", "faktoora"]},
        {"command": "node", "args": ["/opt/faktoora-mcp/other.js"]},
        {"url": "https://other.example/mcp"},
        {"url": "https://api.faktoora.com/api/v1/mcp", "headers": {"X-API-KEY": "x"}},
        {"cwd": "x"},
        7,
    ],
    ids=range(8),
)
def test_other_servers_are_not_ours(entry: object) -> None:
    assert found(other=entry) == []


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("faktoora", {"url": "https://mcp.firm.example/mcp"}),
        ("kunden", {"url": "https://faktoora.firm.example/mcp"}),
        ("kunden", {"url": "https://x.example/mcp", "headers": {"X-Faktoora-Readonly": "1"}}),
    ],
)
def test_an_address_of_our_server_is_found(name: str, entry: dict[str, object]) -> None:
    (one,) = attached(DESKTOP, {"mcpServers": {name: json.loads(json.dumps(entry))}})
    assert (one.name, one.url, one.program) == (name, entry["url"], None)


def test_the_vendors_own_server_is_never_ours() -> None:
    assert found(faktoora={"url": "https://api.faktoora.com/api/v1/mcp"}) == []


def test_an_option_counts_before_a_variable() -> None:
    env = {"FAKTOORA_LANGUAGE": "en"}
    entry = {"command": "faktoora-mcp", "args": ["--language", "de"], "env": env}
    assert found(faktoora=entry) == [("faktoora", {"FAKTOORA_LANGUAGE": "de"})]


@pytest.mark.parametrize(
    ("args", "reason"),
    [(["serve", "--sandbx"], "--sandbx"), (["sandbox"], "sandbox"), (["serve", "extra"], "extra")],
)
def test_options_that_the_server_refuses_are_named(args: list[str], reason: str) -> None:
    (one,) = attached(DESKTOP, {"mcpServers": {"a": {"command": "faktoora-mcp", "args": [*args]}}})
    assert reason in str(one.refused)


def test_the_program_that_install_writes_is_ours() -> None:
    command, *args = program(Path("/opt/x/bin/python3"))
    assert found(kunden={"command": command, "args": args}) == [("kunden", {})]


@pytest.fixture
def shell(tmp_path: Path) -> Machine:
    """A machine whose shell alone finds faktoora-mcp."""
    script = tmp_path / "faktoora-mcp"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    return Machine("linux", tmp_path, {"PATH": str(tmp_path)})


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("sh", "attached"),
        ("faktoora-mcp", "program_of_shell"),
        ("no-such-program", "program_gone"),
        (".venv/bin/faktoora-mcp", "program_relative"),
        ("~/faktoora-mcp", "program_relative"),
        ("/gone/faktoora-mcp", "program_gone"),
        ("/bin/sh", "attached"),
    ],
)
def test_a_desktop_program_has_another_path_than_the_shell(shell: Machine, command: str, code: str) -> None:
    assert found_program(command, DESKTOP, shell, None) == code


def test_a_program_of_the_shell_has_the_shells_path(shell: Machine) -> None:
    assert found_program("faktoora-mcp", IN_SHELL, shell, None) == "attached"


def test_the_path_of_an_entry_counts(shell: Machine) -> None:
    assert found_program("faktoora-mcp", DESKTOP, shell, str(shell.home)) == "attached"


def test_on_windows_the_active_environment_is_left_out() -> None:
    environ = {"PATH": r"C:\v\Scripts;C:\Windows", "VIRTUAL_ENV": r"C:\v"}
    assert desktop_path(Machine("win32", Path("/"), environ)) == r"C:\Windows"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (KEY, KEY, True),
        (KEY, KEY | {"FAKTOORA_ACCOUNT": "B"}, True),
        (KEY, {"FAKTOORA_API_KEY": "another-key"}, False),
        (KEY, KEY | {"FAKTOORA_ACCOUNT_ID": "acc-2"}, False),
        (KEY, {"FAKTOORA_API_KEY": "${input:key}"}, False),
    ],
)
def test_two_entries_for_one_account_are_found(
    one: dict[str, str],
    other: dict[str, str],
    same: bool,  # noqa: FBT001 (a parameter of the test)
) -> None:
    entries = {name: {"command": "faktoora-mcp", "env": env} for name, env in (("a", one), ("b", other))}
    pairs = twice(attached(DESKTOP, {"mcpServers": json.loads(json.dumps(entries))}))
    assert [(first.name, second.name) for first, second in pairs] == [("a", "b")] * same
