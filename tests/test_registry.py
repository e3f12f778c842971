"""What the MCP registry reads: server.json, and the mark by which README.md vouches for it."""

import json
import re
import tomllib
from typing import Any

from jsonschema import Draft7Validator

from faktoora_mcp import __version__
from faktoora_mcp.cli.main import cli
from faktoora_mcp.settings import Settings
from tests.documents import README, ROOT

SERVER: dict[str, Any] = json.loads((ROOT / "server.json").read_text("utf-8"))
PACKAGE: dict[str, Any] = SERVER["packages"][0]
ASKED: dict[str, dict[str, Any]] = {asked["name"]: asked for asked in PACKAGE["environmentVariables"]}
MANIFEST: dict[str, Any] = json.loads((ROOT / "manifest.json").read_text("utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def faults(document: object) -> list[str]:
    schema = json.loads((ROOT / "tests" / "data" / "server.schema.json").read_text("utf-8"))
    validator: Any = Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)
    return [fault.message for fault in validator.iter_errors(document)]


def test_the_registry_can_read_it() -> None:
    assert faults(SERVER) == []


def test_the_registry_would_refuse_a_longer_description() -> None:
    assert faults(SERVER | {"description": "x" * 101}) == [f"'{'x' * 101}' is too long"]


def test_it_names_the_schema_that_it_is_checked_against() -> None:
    schema = json.loads((ROOT / "tests" / "data" / "server.schema.json").read_text("utf-8"))
    assert SERVER["$schema"] == schema["$id"]


def test_the_readme_vouches_for_its_name() -> None:
    assert re.findall(r"<!-- mcp-name: (\S+) -->", README.read_text("utf-8")) == [SERVER["name"]]


def test_every_version_is_that_of_the_package() -> None:
    assert [SERVER["version"], PACKAGE["version"]] == [__version__] * 2


def test_it_leads_to_the_package_and_its_source() -> None:
    home = PROJECT["urls"]["Homepage"]
    assert (PACKAGE["identifier"], SERVER["websiteUrl"], SERVER["repository"]["url"]) == (
        PROJECT["name"],
        home,
        home,
    )


def test_hosts_start_a_command_that_there_is() -> None:
    (argument,) = PACKAGE["packageArguments"]
    assert argument["value"] in cli.commands


def test_it_asks_for_what_the_bundle_asks_for() -> None:
    assert list(ASKED) == list(MANIFEST["server"]["mcp_config"]["env"])


def test_both_say_where_the_key_comes_from_and_that_it_expires() -> None:
    for asked in (ASKED["FAKTOORA_API_KEY"], MANIFEST["user_config"]["api_key"]):
        assert "profile menu, API Access. It can expire" in asked["description"]


def test_only_the_key_is_a_secret() -> None:
    assert [name for name, asked in ASKED.items() if asked.get("isSecret")] == ["FAKTOORA_API_KEY"]


def test_its_defaults_are_those_of_the_server() -> None:
    defaults = {name: asked["default"] for name, asked in ASKED.items() if "default" in asked}
    given = Settings.from_env(defaults | {"FAKTOORA_API_KEY": "any-key-will-do"})
    assert given == Settings.from_env({"FAKTOORA_API_KEY": "any-key-will-do"})
