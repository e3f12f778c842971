"""Callers with access tokens of their own, who share the server's key."""

import os
from pathlib import Path

import httpx
import pytest

from faktoora_mcp.server.remote.settings import RemoteSettings
from faktoora_mcp.server.remote.start import create_gate
from faktoora_mcp.settings import SettingsError
from tests.processes import run
from tests.remote.serving import served
from tests.scripted import Script, page, settings

pytestmark = pytest.mark.anyio
PASSED = 400
"""An empty request is no MCP: who gets this far was let in."""


def made(name: str) -> tuple[str, str]:
    """A token, and its line for the file."""
    token, line = run("token", name).stdout.split()
    return token, line


async def status(url: str, **headers: str) -> int:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient() as client:
        return (await client.post(url, json={}, headers=given)).status_code


def put(file: Path, text: str) -> None:
    """New content, and another time of change, however coarse the clock of the file system is."""
    file.write_text(text)
    os.utime(file, (len(text), len(text)))


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    return tmp_path / "tokens"


async def test_a_token_as_the_command_makes_it_is_let_in_and_another_is_not(tokens: Path) -> None:
    token, line = made("Anna")
    put(tokens, f"# people\n\n{line}\n")
    with served(settings(), Script(page()), auth="shared", access_token_file=tokens) as url:
        assert await status(url, Authorization=f"Bearer {token}") == PASSED
        assert await status(url, Authorization=f"Bearer {token[:-1]}") == 401
        assert await status(url) == 401
        assert await status(url, X_API_KEY=token) == 401


async def test_a_token_is_revoked_without_a_restart(tokens: Path) -> None:
    token, line = made("Anna")
    put(tokens, line)
    with served(settings(), Script(), auth="shared", access_token_file=tokens) as url:
        put(tokens, "")
        assert await status(url, Authorization=f"Bearer {token}") == 401


def test_the_line_does_not_show_the_token() -> None:
    token, line = made("Anna")
    assert token not in line
    assert line.startswith("Anna:sha256:")


@pytest.mark.parametrize("text", ["Anna", "Anna:md5:" + "0" * 64, "Anna:sha256:00", ":sha256:" + "0" * 64])
def test_a_line_of_another_form_stops_the_start_and_is_named(tokens: Path, text: str) -> None:
    put(tokens, f"\n{text}\n")
    remote = RemoteSettings(auth="shared", access_token_file=tokens)
    with pytest.raises(SettingsError, match="line 2 is not NAME:sha256:HEX"):
        create_gate(settings(), remote, Script())


def test_without_a_file_of_tokens_it_does_not_start() -> None:
    with pytest.raises(SettingsError, match="needs --access-token-file"):
        create_gate(settings(), RemoteSettings(auth="shared"), Script())
