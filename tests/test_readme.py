"""README.md keeps its word: tables are the code's (SNAPSHOTS=update rewrites them), examples are tried."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import click
import pytest

from faktoora_mcp import errors
from faktoora_mcp.cli.main import cli
from faktoora_mcp.server.tools import TOOLS, CustomerTools
from faktoora_mcp.settings import PREFIX, Settings
from tests.agents import agent
from tests.documents import README, ROOT, Block, blocks, kind, table, with_block, written
from tests.processes import DEADLINE_S, Process, environment
from tests.scripted import ACME

TREE = re.compile(r"(\w+): (.+)")
INLINE = re.compile(r"`([^`\n]+)`")
TRIED = {"json", "sh", "python"}
"""The languages of examples: the first two are tried here, Python by test_library.py."""
CI = (ROOT / ".ci" / "run").read_text("utf-8")
BIN = Path(sys.executable).parent
MARKED = [block.mark for block in blocks(README, "sh") if block.mark]
NOWHERE = "http://127.0.0.1:9/api/v1"
HOMEPAGE = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Homepage"]


def prose() -> str:
    """README.md without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", README.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def inline() -> list[str]:
    return INLINE.findall(prose())


def tools() -> str:
    """Name, whether it changes data, and the first sentence that agents read."""
    rows = ((f"`{name}`", kind(name), sentence(getattr(CustomerTools, name).__doc__)) for name in TOOLS)
    return table(("Tool", "Changes data", "What it does"), rows)


def sentence(doc: str) -> str:
    return " ".join(doc.partition("\n\n")[0].split())


def settings() -> str:
    rows = (
        (option(name), f"`{PREFIX}{name.upper()}`", str(field.description), default(field.default))
        for name, field in Settings.model_fields.items()
    )
    return table(("Option", "Variable", "Meaning", "Default"), rows)


def option(name: str) -> str:
    return "-" if name == "api_key" else f"`--{name.replace('_', '-')}`"


def default(value: object) -> str:
    return "-" if value in (None, ()) else f"`{json.dumps(value)}`".replace('"', "")


def failures() -> str:
    """Codes and meanings from the tree that errors.py draws."""
    meanings = [found.groups() for found in TREE.finditer(str(errors.__doc__))]
    return table(("Code", "What happened"), ((f"`{code}`", meaning) for code, meaning in meanings))


@pytest.mark.parametrize(("name", "made"), [("tools", tools), ("settings", settings), ("errors", failures)])
def test_the_table_is_what_the_code_says(name: str, made: Callable[[], str]) -> None:
    now = with_block(README, name, made())
    assert written(README, now) == now


def test_every_example_is_in_a_language_whose_examples_are_tried() -> None:
    assert {block.language for block in blocks(README)} == TRIED
    assert len(blocks(README)) == README.read_text("utf-8").count("```") / 2


@pytest.mark.parametrize("block", blocks(README, "json"), ids=lambda block: block.text.split('"')[1])
def test_the_configuration_of_a_host_starts_the_server(block: Block) -> None:
    (server,) = json.loads(block.text)["mcpServers"].values()
    assert server.keys() == {"command", "args", "env"}
    assert server["command"].endswith("/.venv/bin/faktoora-mcp")
    with Process(*server["args"], env=environment(**server["env"])) as process:
        assert cast("Any", process.initialize())["serverInfo"]["title"] == "faktoora customers"


def test_the_arguments_for_a_try_without_a_key_start_the_sandbox() -> None:
    (found,) = [text for text in inline() if text.startswith('"args"')]
    with Process(*json.loads(f"{{{found}}}")["args"]) as process:
        assert cast("Any", process.initialize())["serverInfo"]["title"] == "faktoora customers (SANDBOX)"


def test_ci_runs_the_marked_examples() -> None:
    assert sorted(re.findall(r"\$\(readme (\w+)\)", CI)) == sorted(MARKED)


@pytest.mark.parametrize("mark", MARKED)
def test_the_quick_start_is_what_ci_runs_and_names_only_what_is_there(mark: str) -> None:
    (block,) = [block for block in blocks(README, "sh") if block.mark == mark]
    reader = next(line for line in CI.splitlines() if line.startswith("readme()"))
    assert f'bash -euc "$(readme {mark})"' in CI
    assert shell(f"{reader}\nreadme {mark}", cwd=ROOT) == block.text
    for command in block.text.split(" && "):
        program, *words = shlex.split(command)
        assert shutil.which(program.replace(".venv/bin", str(BIN))), program
        assert [word for word in words if word.endswith(".txt") and not (ROOT / word).is_file()] == []


@pytest.mark.parametrize("block", [block for block in blocks(README, "sh") if not block.mark], ids=repr)
def test_every_other_shell_example_runs_without_a_network(block: Block, tmp_path: Path) -> None:
    if block.text != f"git clone {HOMEPAGE} && cd {Path(HOMEPAGE).name}\n":
        shell(block.text, cwd=tmp_path)


def shell(text: str, cwd: Path) -> str:
    """What the commands print; each has to succeed."""
    env = environment(FAKTOORA_BASE_URL=NOWHERE) | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    command = ["bash", "-euo", "pipefail", "-c", text]
    return subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, encoding="utf-8", timeout=DEADLINE_S, check=True
    ).stdout


@pytest.mark.parametrize("text", [text for text in inline() if text.startswith("faktoora-mcp ")])
def test_every_command_in_the_text_exists(text: str) -> None:
    command: click.Command = cli
    for word in shlex.split(text)[1:]:
        if isinstance(command, click.Group) and not word.startswith("-"):
            command = command.commands[word]
        elif word.startswith("--"):
            assert word in options(command)


@pytest.mark.parametrize("name", sorted({text.split()[0] for text in inline() if text.startswith("--")}))
def test_every_option_in_the_text_exists(name: str) -> None:
    assert name in options(cli)


def options(command: click.Command) -> set[str]:
    """The options of a command and of those below it."""
    own = {name for parameter in command.params for name in parameter.opts}
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return own.union(*(options(one) for one in below))


def test_every_variable_in_the_text_is_a_setting() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", README.read_text("utf-8"))) == known


def test_every_link_to_a_file_leads_there() -> None:
    links = re.findall(r"\]\((?!https://)([^)#]+)", prose())
    assert "docs/tools.md" in links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.anyio
async def test_the_failure_in_the_text_is_what_an_agent_reads() -> None:
    (text,) = [text for text in inline() if text.startswith('{"error"')]
    async with agent("auto") as someone:
        error = await someone.fails("create_customer", customer=ACME | {"postcode": "1011"})
    shown = json.loads(text)["error"]
    assert list(shown) == list(error)
    assert {**error, **{name: value for name, value in shown.items() if value != "…"}} == error


def test_the_page_is_read_in_five_minutes() -> None:
    prose = re.sub(
        r"^```.*?^```$|^\|.*?$|<!--.*?-->", "", README.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    assert len(prose.split()) <= 5 * 250
