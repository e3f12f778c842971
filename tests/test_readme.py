"""README.md, README.de.md and docs/ keep their word: tables are the code's, examples run, links lead there.

SNAPSHOTS=update rewrites the tables.
"""

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import click
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from faktoora_mcp import errors
from faktoora_mcp.cli.main import cli
from faktoora_mcp.server.remote.settings import RemoteSettings
from faktoora_mcp.server.tools import TOOLS, CustomerTools
from faktoora_mcp.settings import PREFIX, Settings
from tests.agents import agent
from tests.documents import (
    FIRST_PAGES,
    PAGES,
    README,
    ROOT,
    Block,
    blocks,
    kind,
    table,
    with_block,
    written,
)
from tests.processes import DEADLINE_S, Process, environment
from tests.scripted import ACME

TREE = re.compile(r"(\w+): (.+)")
INLINE = re.compile(r"`([^`\n]+)`")
TRIED = {"json", "sh", "powershell", "python", "mermaid"}
"""The languages of examples: three are tried here, Python by test_library.py, mermaid by tests/deploy."""
CI = (ROOT / ".ci" / "run").read_text("utf-8")
BIN = Path(sys.executable).parent
MARKED = [block.mark for block in blocks(README, "sh") if block.mark]
NOWHERE = "http://127.0.0.1:9/api/v1"
DOCS = ROOT / "docs"
ERRORS, CONFIGURATION = DOCS / "errors.md", DOCS / "configuration.md"
TABLES = {"tools": DOCS / "README.md", "settings": CONFIGURATION, "errors": ERRORS}
WRITTEN = [page for page in PAGES if page.name != "tools.md"]
"""The pages that are written by hand; test_docs.py makes tools.md."""
OTHER_PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("*/README.md")} - {*PAGES})
WORDS = 900
"""Of the first page in each language, so that it is read in five minutes."""
LIST = "Firma;Straße;PLZ;Ort;Land\nAcme GmbH;Musterstraße 1;10115;Berlin;DE\n"
MORE = ("Bootsbau Lund OHG;Kai 7;24103;Kiel;DE", "Segel Ost GmbH;Kai 8;01067;Dresden;DE")
WRITE = {
    "time": "2026-11-29T09:00:00Z",
    "write": "3f9c2a7be01d",
    "tool": "update_customer",
    "id": "cust_abc123",
}
CHANGED = {"changed": {"category": ["Stammkunde", "Kunde"]}}
POSIX, WINDOWS = (".venv/bin/", "python3 -m"), (".venv\\Scripts\\", "py -m")


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def inline(*pages: Path) -> list[str]:
    return [text for page in pages for text in INLINE.findall(prose(page))]


def examples(*languages: str) -> list[tuple[Path, Block]]:
    """The blocks of all pages that are to be tried."""
    found = ((page, block) for page in WRITTEN for block in blocks(page))
    return [(page, block) for page, block in found if block.language in languages and not block.reason]


def shown(value: object) -> str:
    return value.name if isinstance(value, Path) else str(getattr(value, "text", value))[:40]


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
    now = with_block(TABLES[name], name, made())
    assert written(TABLES[name], now) == now


@pytest.mark.parametrize("page", WRITTEN, ids=shown)
def test_every_example_is_in_a_language_whose_examples_are_tried(page: Path) -> None:
    assert {block.language for block in blocks(page)} <= TRIED
    assert len(blocks(page)) == page.read_text("utf-8").count("```") / 2


@pytest.mark.parametrize(("page", "block"), examples("json"), ids=shown)
def test_an_example_in_json_is_json(page: Path, block: Block) -> None:
    assert isinstance(json.loads(block.text), dict), page


@pytest.mark.parametrize("page", [CONFIGURATION, DOCS / "vendor.md"], ids=shown)
def test_the_configuration_of_a_host_starts_the_server(page: Path) -> None:
    (block,) = blocks(page, "json")
    server = json.loads(block.text)["mcpServers"]["faktoora"]
    assert server.keys() == {"command", "args", "env"}
    assert server["command"].endswith("/.venv/bin/faktoora-mcp")
    with Process(*server["args"], env=environment(**server["env"])) as process:
        assert cast("Any", process.initialize())["serverInfo"]["title"] == "faktoora customers"


def test_the_arguments_for_a_try_without_a_key_start_the_sandbox() -> None:
    (found,) = [text for text in inline(CONFIGURATION) if text.startswith('"args"')]
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
    for program, *words in commands(block):
        assert shutil.which(program.replace(".venv/bin", str(BIN))), program
        assert [word for word in words if word.endswith(".txt") and not (ROOT / word).is_file()] == []


def commands(block: Block) -> list[list[str]]:
    """The commands of a block, each in its words; of those for Windows in the form for bash."""
    text = block.text.replace(" && ", "\n").replace("; ", "\n")
    for ours, theirs in zip(POSIX, WINDOWS, strict=True):
        text = text.replace(theirs, ours)
    return [shlex.split(line) for line in text.splitlines()]


@pytest.mark.parametrize("page", FIRST_PAGES, ids=shown)
def test_the_commands_for_powershell_do_what_those_for_bash_do(page: Path) -> None:
    (windows,) = blocks(page, "powershell")
    (bash,) = [block for block in blocks(page, "sh") if " demo" in block.text]
    assert commands(windows) == commands(bash)
    assert "&&" not in windows.text  # the PowerShell that Windows brings along does not know it


def test_the_german_page_begins_with_the_commands_of_the_english_one() -> None:
    (german, english) = (
        [words for block in blocks(page, "sh") if " demo" in block.text for words in commands(block)]
        for page in reversed(FIRST_PAGES)
    )
    spoken = [words for words in german if words[0] != "echo"]
    silent = [words for words in english if words[0] != "echo"]
    assert spoken == [*silent[:-1], [*silent[-1], "--language", "de"]]


@pytest.mark.parametrize(
    ("page", "block"),
    [(page, block) for page, block in examples("sh") if not block.mark and "pip install" not in block.text],
    ids=shown,
)
def test_every_other_shell_example_runs_without_a_network(page: Path, block: Block, tmp_path: Path) -> None:
    prepare(tmp_path)
    assert page
    shell(block.text.replace(".venv/bin", str(BIN)), cwd=tmp_path)


def prepare(folder: Path) -> None:
    """The files that the examples name: lists of customers, and an audit log with one call."""
    (folder / "kunden.csv").write_text(LIST, encoding="utf-8")
    book = Workbook()
    for row in csv.reader([LIST.splitlines()[0] + ";Gruppe", *(f"{line};A" for line in MORE)], delimiter=";"):
        cast("Worksheet", book.active).append(row)
    book.save(folder / "kunden.xlsx")
    lines = ({**WRITE, "event": "intent"}, {**WRITE, "event": "outcome", "outcome": "updated", **CHANGED})
    (folder / "audit.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")


def shell(text: str, cwd: Path) -> str:
    """What the commands print; each has to succeed."""
    env = environment(FAKTOORA_BASE_URL=NOWHERE, FAKTOORA_SANDBOX="true", HOME=str(cwd)) | {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"
    }
    command = ["bash", "-euo", "pipefail", "-c", text]
    return subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, encoding="utf-8", timeout=4 * DEADLINE_S, check=True
    ).stdout


@pytest.mark.parametrize("text", sorted({*(t for t in inline(*WRITTEN) if t.startswith("faktoora-mcp "))}))
def test_every_command_in_the_text_exists(text: str) -> None:
    command: click.Command = cli
    for word in shlex.split(text)[1:]:
        if isinstance(command, click.Group) and not word.startswith("-"):
            command = command.commands[word]
        elif word.startswith("--"):
            assert word in options(command)


@pytest.mark.parametrize("name", sorted({t.split()[0] for t in inline(*WRITTEN) if t.startswith("--")}))
def test_every_option_in_the_text_exists(name: str) -> None:
    assert name in options(cli)


def options(command: click.Command) -> set[str]:
    """The options of a command and of those below it."""
    own = {name for parameter in command.params for name in parameter.opts}
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return own.union(*(options(one) for one in below))


def test_every_variable_in_the_text_is_a_setting() -> None:
    known = {PREFIX + name.upper() for kind in (Settings, RemoteSettings) for name in kind.model_fields}
    found = {
        name for page in WRITTEN for name in re.findall(rf"\b{PREFIX}[A-Z_]+\b", page.read_text("utf-8"))
    }
    assert found - known == set()


@pytest.mark.parametrize("page", [*PAGES, *OTHER_PAGES], ids=shown)
def test_every_link_to_a_file_or_a_heading_leads_there(page: Path) -> None:
    links = re.findall(r"\]\((?!https://)([^)]+)", prose(page))
    assert [link for link in links if not leads_somewhere(page, link)] == []


def test_a_link_to_a_heading_that_is_not_there_would_be_noticed() -> None:
    assert leads_somewhere(README, "docs/README.md#the-tools")
    assert not leads_somewhere(README, "docs/README.md#the-tool")


def leads_somewhere(page: Path, link: str) -> bool:
    """Whether there is the file or folder, and in it the heading that the link names."""
    name, _, heading = link.partition("#")
    target = page.parent / name if name else page
    return target.exists() and (not heading or heading in headings(target))


def headings(page: Path) -> set[str]:
    """As GitHub names them in addresses; one that stands there again gets a number."""
    texts = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    names = [re.sub(r"[^\w\- ]", "", text).lower().replace(" ", "-") for text in texts]
    again = (f"{name}-{names[:place].count(name)}" for place, name in enumerate(names))
    return {*names, *again}


def test_only_the_set_up_of_the_first_pages_installs_something_and_is_not_run_here() -> None:
    """CI runs the English one; what differs from it in the others is compared above."""
    found = [page for page, block in examples("sh") if "pip install" in block.text and not block.mark]
    assert {*found} <= {*FIRST_PAGES}


def test_every_page_is_reached_from_the_first_one() -> None:
    """The five-minute reader is never sent to CONTRIBUTING."""
    linked = {README}
    for _ in PAGES:
        names = ((page, name) for page in linked for name in re.findall(r"\]\(([\w./-]+\.md)", prose(page)))
        linked |= {(page.parent / name).resolve() for page, name in names}
        linked &= {*PAGES}
    assert {*PAGES} - linked == set()
    assert "CONTRIBUTING" not in README.read_text("utf-8")


@pytest.mark.anyio
async def test_the_failure_in_the_text_is_what_an_agent_reads() -> None:
    (text,) = [text for text in inline(ERRORS) if text.startswith('{"error"')]
    async with agent("auto") as someone:
        error = await someone.fails("create_customer", customer=ACME | {"postcode": "1011"})
    shown = json.loads(text)["error"]
    assert list(shown) == list(error)
    assert {**error, **{name: value for name, value in shown.items() if value != "…"}} == error


@pytest.mark.parametrize("page", FIRST_PAGES, ids=shown)
def test_the_first_page_is_read_in_five_minutes(page: Path) -> None:
    assert len(re.sub(r"<!--.*?-->", "", prose(page)).split()) <= WORDS
