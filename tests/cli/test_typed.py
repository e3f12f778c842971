"""Commands that we print can be typed as they stand: in a POSIX shell, and in PowerShell on Windows."""

import subprocess

import pytest

from faktoora_mcp.cli.typed import argument, command_line, with_variables

WINDOWS = [
    (["C:\\x\\faktoora-mcp.exe", "serve"], "C:\\x\\faktoora-mcp.exe serve"),
    (
        ["C:\\Users\\Jörg Müller\\.venv\\Scripts\\faktoora-mcp.exe", "install", "cursor"],
        "& 'C:\\Users\\Jörg Müller\\.venv\\Scripts\\faktoora-mcp.exe' install cursor",
    ),
    (["C:\\O'Neill\\x.exe", "$HOME"], "& 'C:\\O''Neill\\x.exe' '$HOME'"),
    (["faktoora-mcp", "--name", "Muster & Söhne"], "faktoora-mcp --name 'Muster & Söhne'"),
    (["py", "-m", "faktoora_mcp", "key=a;b"], "py -m faktoora_mcp 'key=a;b'"),
]
POSIX = [
    ["/opt/faktoora mcp/bin/faktoora-mcp", "serve"],
    ["/Users/Jörg Müller/Library/Application Support/x", "--name", "Muster & Söhne"],
    ["x", "O'Neill", "$HOME", "a;b", "`id`", ""],
]


@pytest.mark.parametrize(("words", "line"), WINDOWS)
def test_powershell_is_given_quoted_words(words: list[str], line: str) -> None:
    assert command_line(words, "win32") == line


@pytest.mark.parametrize("platform", ["linux", "darwin"])
@pytest.mark.parametrize("words", POSIX)
def test_a_posix_shell_reads_back_every_word(words: list[str], platform: str) -> None:
    shown = subprocess.run(
        ["sh", "-c", f"printf '%s\\n' {command_line(words, platform)}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.split("\n")[:-1] == words


def test_variables_are_set_in_the_form_of_the_shell() -> None:
    variables = {"FAKTOORA_API_KEY": "it's"}
    assert with_variables(variables, ["x", "serve"], "win32") == "$env:FAKTOORA_API_KEY='it''s'; x serve"
    assert with_variables(variables, ["x", "serve"], "linux") == "FAKTOORA_API_KEY='it'\"'\"'s' x serve"


@pytest.mark.parametrize(
    ("platform", "shown"), [("linux", "'a b.log'"), ("darwin", "'a b.log'"), ("win32", "'a b.log'")]
)
def test_a_path_with_a_blank_is_one_argument(platform: str, shown: str) -> None:
    assert argument("a b.log", platform) == shown
