"""`call TOOL --help`: every argument is explained, each one with parts by an example that works."""

import json
import shlex

import pytest
from mcp.types import Tool

from faktoora_mcp.cli.calls.arguments import arguments, parameters, schema_of
from faktoora_mcp.cli.calls.manual import NESTED, manual, tools_of
from faktoora_mcp.cli.texts.german_tools import PARAMETERS, TOOLS, parameter
from faktoora_mcp.language import speaking
from faktoora_mcp.settings import Settings
from tests.cli.commands import run

ALL = {tool.name: tool for tool in tools_of(Settings(sandbox=True))}


def nested(tool: Tool) -> list[str]:
    """The paths of arguments that have parts."""
    return [path for path, node, _ in parameters(schema_of(tool)) if '"object"' in json.dumps(node)]


EXAMPLES = [(name, path) for name, tool in ALL.items() for path in nested(tool)]


@pytest.mark.parametrize(("tool", "path"), EXAMPLES)
def test_an_argument_with_parts_has_an_example_that_the_server_takes(tool: str, path: str) -> None:
    example = NESTED[path.rpartition(".")[2]].format(path=path)
    words = shlex.split(example)
    assert arguments(words, schema_of(ALL[tool])).keys() == {path.partition(".")[0]}
    answer = json.loads(run("call", tool, *words, "--sandbox").stdout)
    wrong = answer.get("error", {}).get("fields", {})
    assert [one for one in wrong.values() if one != "is required" and "one of" not in one] == []
    assert f"Example: {example}" in " ".join(run("call", tool, "--help", COLUMNS="400").stdout.split())


@pytest.mark.parametrize("tool", ALL)
def test_every_tool_and_argument_is_explained_in_german_where_it_is_in_english(tool: str) -> None:
    explained = [path for path, node, _ in parameters(schema_of(ALL[tool])) if "description" in node]
    assert [path for path in explained if parameter(tool, path) is None] == []
    assert tool in TOOLS


def test_no_german_is_left_over() -> None:
    paths = {f"{name}.{path}" for name, tool in ALL.items() for path, *_ in parameters(schema_of(tool))}
    assert [name for name in PARAMETERS if not any(f".{path}".endswith(f".{name}") for path in paths)] == []
    assert TOOLS.keys() - ALL.keys() == set()


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("tool", ALL)
def test_help_fits_the_terminal_and_breaks_no_word(tool: str, language: str, columns: int) -> None:
    words = ("call", tool, "--help", "--language", language)
    lines = run(*words, COLUMNS=str(columns)).stdout.splitlines()
    assert [line for line in lines if len(line) > columns] == []
    wide = run(*words, COLUMNS="1000").stdout.split()
    assert " ".join(lines).split() == wide


@pytest.mark.parametrize("tool", ALL)
def test_german_help_has_no_english_words_of_ours(tool: str) -> None:
    with speaking("de"):
        text = manual(Settings(sandbox=True), tool)
    ours = ("required", "default ", "list of", "one of", "Example", "Parameters", "text]")
    assert [word for word in ours if word in text] == []
