"""The bundle for Claude Desktop: what its manifest promises; .ci/bundle packs and starts it."""

import json
import re
import struct
import subprocess
import sys
import tomllib
from typing import Any

import pytest
from pydantic import SecretStr

from faktoora_mcp import __version__
from faktoora_mcp.cli.main import cli
from faktoora_mcp.server.tools import TOOLS
from faktoora_mcp.settings import Settings
from tests.documents import ROOT

MANIFEST: dict[str, Any] = json.loads((ROOT / "manifest.json").read_text("utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ASKED: dict[str, dict[str, Any]] = MANIFEST["user_config"]
START = MANIFEST["server"]["mcp_config"]
KEY = "secret-key-4711"
TRIAL = Settings(sandbox=True)
FIRM = Settings(
    api_key=SecretStr(KEY),
    base_url="https://test.faktoora.com/api/v1",
    read_only=True,
    account="Muster & Co.",
)


def text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def started(*, unset: str | None = None, **given: object) -> Settings:
    """What a host tells the server: given before default, else `unset`, else the placeholder itself."""
    defaults = {name: option["default"] for name, option in ASKED.items() if "default" in option}
    values = {f"${{user_config.{name}}}": text(value) for name, value in (defaults | given).items()}
    env: dict[str, str] = START["env"]
    return Settings.from_env(
        {name: values.get(mark, mark if unset is None else unset) for name, mark in env.items()}
    )


def test_the_manifest_says_what_the_project_says() -> None:
    assert {name: MANIFEST[name] for name in ("name", "description", "license", "keywords", "author")} == {
        name: PROJECT[name] for name in ("name", "description", "license", "keywords")
    } | {"author": PROJECT["authors"][0]}
    assert MANIFEST["homepage"] == PROJECT["urls"]["Homepage"]


def test_the_manifest_has_the_version_of_the_package() -> None:
    assert MANIFEST["version"] == __version__


def test_the_manifest_lists_the_tools_in_their_order() -> None:
    assert MANIFEST["tools"] == [{"name": name, "description": title} for name, (title, _) in TOOLS.items()]


def test_no_python_has_to_be_there_because_uv_brings_it() -> None:
    assert MANIFEST["server"]["type"] == "uv"
    assert "runtimes" not in MANIFEST["compatibility"]


def test_the_command_serves_from_the_bundle_without_what_developers_need() -> None:
    *way, program, command = START["args"]
    assert [START["command"], *way] == ["uv", "run", "--directory", "${__dirname}", "--no-dev"]
    assert program in PROJECT["scripts"]
    assert command in cli.commands


def test_every_question_to_the_user_is_the_setting_of_its_name() -> None:
    assert START["env"] == {f"FAKTOORA_{name.upper()}": f"${{user_config.{name}}}" for name in ASKED}
    assert {*ASKED} <= {*Settings.model_fields}


def test_nothing_has_to_be_filled_in_and_only_the_key_is_masked() -> None:
    assert [name for name, option in ASKED.items() if option["required"]] == []
    assert [name for name, option in ASKED.items() if option.get("sensitive")] == ["api_key"]


@pytest.mark.parametrize("unset", [None, ""], ids=["placeholder", "empty"])
def test_who_fills_in_nothing_tries_the_sandbox_with_all_tools(unset: str | None) -> None:
    assert started(unset=unset) == TRIAL


def test_every_answer_of_the_user_arrives() -> None:
    asked = started(api_key=KEY, sandbox=False, read_only=True, account=FIRM.account, base_url=FIRM.base_url)
    assert asked == FIRM


def test_a_key_and_the_sandbox_switched_off_are_enough_for_work() -> None:
    assert started(api_key=KEY, sandbox=False) == Settings(api_key=SecretStr(KEY))


def test_an_empty_answer_leaves_the_default() -> None:
    assert started(base_url="", read_only="", account="") == TRIAL


def test_the_bundle_holds_what_the_package_is_built_from_and_nothing_else() -> None:
    first, *rules, last = (ROOT / ".mcpbignore").read_text("utf-8").splitlines()
    built = {PROJECT["readme"], *PROJECT["license-files"], "pyproject.toml", "faktoora_mcp", "prompts"}
    assert (first, last) == ("/*", "__pycache__")
    assert {rule.removeprefix("!/") for rule in rules} == built | {"manifest.json", MANIFEST["icon"]}


def test_the_entry_point_runs_as_a_script() -> None:
    entry = ROOT / MANIFEST["server"]["entry_point"]
    done = subprocess.run([sys.executable, entry, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == __version__


def test_the_icon_is_a_small_square_png() -> None:
    icon = (ROOT / MANIFEST["icon"]).read_bytes()
    assert re.match(rb"\x89PNG\r\n\x1a\n.{4}IHDR", icon, re.DOTALL)
    assert struct.unpack(">II", icon[16:24]) == (512, 512)
    assert len(icon) < 20_000
