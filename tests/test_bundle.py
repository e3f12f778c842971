"""The bundle for Claude Desktop: what its manifest promises; .ci/bundle packs and starts it."""

import json
import re
import struct
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from faktoora_mcp import __version__
from faktoora_mcp.cli.main import cli
from faktoora_mcp.server.tools import TOOLS
from faktoora_mcp.settings import NoKeyError, Settings, SettingsError
from tests.documents import ROOT
from tests.processes import CALLER

MANIFEST: dict[str, Any] = json.loads((ROOT / "manifest.json").read_text("utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ASKED: dict[str, dict[str, Any]] = MANIFEST["user_config"]
START = MANIFEST["server"]["mcp_config"]
SCRIPT = ROOT / "bundle" / "start.py"
MARK = re.compile(r"\$\{user_config\.(\w+)\}")
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
    given = defaults | given
    return Settings.from_env({name: filled(words, given, unset) for name, words in START["env"].items()})


def filled(words: str, given: Mapping[str, object], unset: str | None) -> str:
    """The words of a variable with what the user gave."""
    return MARK.sub(lambda found: text(given.get(found[1], found[0] if unset is None else unset)), words)


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


def test_the_command_serves_from_the_bundle() -> None:
    *way, script, command = START["args"]
    assert [START["command"], *way] == ["uv", "run", "--directory", "${__dirname}", "--script"]
    assert (ROOT / script, command) == (SCRIPT, "serve")
    assert command in cli.commands


def test_the_bundle_asks_for_a_python_that_the_project_supports() -> None:
    head = SCRIPT.read_text("utf-8").splitlines()[:3]
    assert head == ["# /// script", f'# requires-python = "{supported_pythons()}"', "# ///"]


@pytest.mark.outside
def test_a_package_of_another_hash_is_not_installed(tmp_path: Path) -> None:
    script = tmp_path / "bundle" / SCRIPT.name
    script.parent.mkdir()
    script.write_bytes(SCRIPT.read_bytes())
    (tmp_path / "requirements.txt").write_text(f"sniffio==1.3.1 --hash=sha256:{64 * '0'}\n", "utf-8")
    env = CALLER | {"UV": str(Path(sys.executable).with_name("uv"))}
    done = subprocess.run([sys.executable, script], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Hash mismatch" in done.stderr
    assert not [*script.parent.glob("packages/*/sniffio*")]


def supported_pythons() -> str:
    """From the oldest to the newest version that the project names, for which uv finds or fetches one."""
    named = (re.search(r"Python :: 3\.(\d+)$", text) for text in PROJECT["classifiers"])
    minors = [int(found[1]) for found in named if found]
    return f">=3.{min(minors)},<3.{max(minors) + 1}"


def test_every_question_to_the_user_is_a_setting() -> None:
    asked = {f"FAKTOORA_{name.upper()}": f"${{user_config.{name}}}" for name in ASKED if name != "mode"}
    assert START["env"] == {"FAKTOORA_SANDBOX": "mode:${user_config.mode}"} | asked
    assert {name.removeprefix("FAKTOORA_").lower() for name in START["env"]} <= {*Settings.model_fields}


def test_nothing_has_to_be_filled_in() -> None:
    assert [name for name, option in ASKED.items() if option["required"]] == []


def test_only_the_key_is_masked() -> None:
    assert [name for name, option in ASKED.items() if option.get("sensitive")] == ["api_key"]


@pytest.mark.parametrize("name", ASKED)
def test_every_question_is_explained_in_english_and_german(name: str) -> None:
    option = ASKED[name]
    english, german = option["description"].split(" / ")
    assert english.endswith(".")
    assert german.endswith(".")
    assert len(option["title"].split(" / ")) == 2


@pytest.mark.parametrize("unset", [None, ""], ids=["placeholder", "empty"])
def test_who_fills_in_nothing_tries_the_sandbox_with_all_tools(unset: str | None) -> None:
    assert started(unset=unset) == TRIAL


def test_every_answer_of_the_user_arrives() -> None:
    asked = started(api_key=KEY, mode="live", read_only=True, account=FIRM.account, base_url=FIRM.base_url)
    assert asked == FIRM


def test_a_key_and_the_mode_live_are_enough_for_work() -> None:
    assert started(api_key=KEY, mode="live") == Settings(api_key=SecretStr(KEY))


def test_a_key_alone_leaves_the_sandbox_on() -> None:
    assert started(api_key=KEY).sandbox


def test_live_without_a_key_does_not_start() -> None:
    with pytest.raises(NoKeyError, match="No API key"):
        started(mode="live")


def test_an_emptied_mode_is_refused_even_with_a_key() -> None:
    with pytest.raises(SettingsError, match="expected sandbox or live"):
        started(api_key=KEY, mode="")


def test_an_empty_answer_leaves_the_default() -> None:
    assert started(base_url="", read_only="", account="") == TRIAL


def test_the_bundle_holds_what_the_package_is_built_from_and_nothing_else() -> None:
    first, *rules, last = (ROOT / ".mcpbignore").read_text("utf-8").splitlines()
    built = {PROJECT["readme"], *PROJECT["license-files"], "pyproject.toml", "faktoora_mcp", "prompts"}
    starts = {"manifest.json", MANIFEST["icon"], SCRIPT.parent.name, "requirements.txt"}
    assert (first, last) == ("/*", "__pycache__")
    assert {rule.removeprefix("!/") for rule in rules} == built | starts


def test_the_entry_point_runs_as_a_script() -> None:
    entry = ROOT / MANIFEST["server"]["entry_point"]
    done = subprocess.run([sys.executable, entry, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == __version__


def test_the_icon_is_a_small_square_png() -> None:
    icon = (ROOT / MANIFEST["icon"]).read_bytes()
    assert re.match(rb"\x89PNG\r\n\x1a\n.{4}IHDR", icon, re.DOTALL)
    assert struct.unpack(">II", icon[16:24]) == (512, 512)
    assert len(icon) < 20_000
