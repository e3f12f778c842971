import json
import re
from pathlib import Path
from typing import Any, cast

import pytest
from mcp import Client, MCPError
from mcp.types import TextContent

from faktoora_mcp import errors
from faktoora_mcp.prompts import PLACEHOLDER, PromptFile, catalogue
from faktoora_mcp.server import create_server
from faktoora_mcp.settings import Settings
from faktoora_mcp.tools import TOOLS
from tests.scripted import Script

pytestmark = pytest.mark.anyio

ERAS = ["legacy", "auto"]
FILES = sorted((Path(__file__).parent.parent / "prompts").glob("*.md"))
NAMES = [path.stem for path in FILES]
INVALID_PARAMS = -32602
HEAD = "title: Try it\ndescription: Tries it.\n"

each_file = pytest.mark.parametrize("path", FILES, ids=NAMES)
both_eras = pytest.mark.parametrize("era", ERAS)


def connected(era: str = "auto") -> Client:
    return Client(create_server(Settings(sandbox=True), Script()), mode=era)


async def text_of(client: Client, name: str, **arguments: str) -> str:
    (message,) = (await client.get_prompt(name, arguments)).messages
    assert message.role == "user"
    return cast("TextContent", message.content).text


def written(folder: Path, front: str, text: str = "Do it.") -> Path:
    path = folder / "try_it.md"
    path.write_text(f"---\n{front}---\n\n{text}\n", "utf-8")
    return path


def names_in(schema: object) -> set[str]:
    """Property names and enum values anywhere in a schema."""
    if isinstance(schema, list):
        return {name for item in cast("list[object]", schema) for name in names_in(item)}
    if not isinstance(schema, dict):
        return set()
    known = cast("dict[str, Any]", schema)
    own = {*known.get("properties", {}), *filter(None, map(str, known.get("enum", [])))}
    return own.union(*map(names_in, known.values()))


def error_codes(kind: type[errors.FaktooraError] = errors.FaktooraError) -> set[str]:
    return {str(getattr(kind, "code", ""))}.union(*map(error_codes, kind.__subclasses__()))


async def known_words() -> set[str]:
    """What an agent can find in the tools: their names, arguments and answers, and the errors' codes."""
    async with connected() as client:
        tools = (await client.list_tools()).tools
    schemas = [[tool.input_schema, tool.output_schema] for tool in tools]
    in_errors = {"code", "message", "next", "candidates", "reasons"}
    return names_in(schemas) | set(TOOLS) | error_codes() | in_errors


def test_the_three_tasks_of_a_bookkeeper_have_a_prompt() -> None:
    assert NAMES == ["find_customer", "onboard_customer", "review_import"]


@each_file
def test_a_prompt_has_title_description_and_described_arguments(path: Path) -> None:
    listed = PromptFile.read(path).listed
    assert listed.name == path.stem
    assert listed.title
    assert listed.description
    assert listed.arguments
    assert all(argument.description for argument in listed.arguments)


@each_file
def test_placeholders_and_arguments_are_the_same(path: Path) -> None:
    prompt = PromptFile.read(path)
    names = [argument.name for argument in prompt.listed.arguments or []]
    assert set(PLACEHOLDER.findall(prompt.text)) == set(names)
    assert prompt.text.count("{{") == len(PLACEHOLDER.findall(prompt.text))


@each_file
async def test_a_prompt_names_only_tools_fields_and_codes_that_exist(path: Path) -> None:
    text = PLACEHOLDER.sub("", PromptFile.read(path).text)
    quoted = re.findall(r"[A-Za-z_]+", " ".join(re.findall(r"`([^`]+)`", text)))
    snakes = re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", text)
    assert {*quoted, *snakes} - await known_words() == set()
    assert TOOLS.keys() & set(snakes)


@both_eras
async def test_every_prompt_is_listed_with_its_arguments(era: str) -> None:
    async with connected(era) as client:
        listed = (await client.list_prompts()).prompts
    assert [prompt.name for prompt in listed] == NAMES
    assert listed == [prompt.listed for prompt in catalogue().values()]


@both_eras
@pytest.mark.parametrize("name", NAMES)
async def test_a_prompt_is_served_with_its_values(era: str, name: str) -> None:
    arguments = [argument.name for argument in catalogue()[name].listed.arguments or []]
    async with connected(era) as client:
        text = await text_of(client, name, **dict.fromkeys(arguments, "Käserei Bühler AG, 9000 St. Gallen"))
    assert text.count("Käserei Bühler AG, 9000 St. Gallen") == len(arguments)
    assert "{{" not in text
    assert not text.startswith("---")


@both_eras
async def test_a_value_that_looks_like_a_placeholder_stays_as_it_is(era: str) -> None:
    value = r"{{ description }} and {{description}} \1 \g<1>"
    async with connected(era) as client:
        text = await text_of(client, "find_customer", description=value)
    assert text.startswith(f"Find this customer in faktoora: {value}\n")


@both_eras
@pytest.mark.parametrize("given", [None, {}, {"detail": "Acme"}, {"details": ""}, {"details": " "}])
async def test_a_missing_required_argument_is_named(era: str, given: dict[str, str] | None) -> None:
    async with connected(era) as client:
        with pytest.raises(MCPError) as refused:
            await client.get_prompt("onboard_customer", given)
    assert refused.value.error.code == INVALID_PARAMS
    assert refused.value.error.message == "The prompt onboard_customer needs details."


@both_eras
async def test_an_unknown_prompt_is_answered_with_those_that_exist(era: str) -> None:
    async with connected(era) as client:
        with pytest.raises(MCPError) as refused:
            await client.get_prompt("find_custmer", {})
    assert refused.value.error.code == INVALID_PARAMS
    assert refused.value.error.message == f"There is no prompt 'find_custmer', only {', '.join(NAMES)}."


async def test_an_optional_argument_that_is_not_given_is_said_to_be_so(tmp_path: Path) -> None:
    optional = HEAD + "arguments:\n  - name: place\n    description: where\n"
    prompt = PromptFile.read(written(tmp_path, optional, "Look in {{ place }}."))
    assert prompt.missing({}) == []
    rendered = prompt.render({}).messages[0].content
    assert rendered == TextContent(type="text", text="Look in (not given).")


@pytest.mark.parametrize(
    ("front", "complaint"),
    [
        ("title: Try it\n", "description"),
        (HEAD + "titel: twice\n", "titel"),
        (HEAD + "arguments:\n  - name: place\n    description: where\n    requred: true\n", "requred"),
        (HEAD + "arguments: place\n", "arguments"),
        (HEAD + "arguments: [\n", "try_it.md"),
        ("Just words.\n", "try_it.md"),
    ],
)
def test_wrong_front_matter_is_refused_with_the_file_and_the_fault(
    tmp_path: Path, front: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint) as refused:
        PromptFile.read(written(tmp_path, front))
    assert "try_it.md" in str(refused.value)


@pytest.mark.parametrize("content", ["", "Do it.\n", "---\ntitle: Try it\n", "text\n---\ntitle: x\n---\ny\n"])
def test_a_file_without_front_matter_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "try_it.md"
    path.write_text(content, "utf-8")
    with pytest.raises(ValueError, match=re.escape("try_it.md has no front matter")):
        PromptFile.read(path)


def test_a_file_from_windows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "try_it.md"
    path.write_bytes(f"---\n{HEAD}---\n\nDo it.\n".replace("\n", "\r\n").encode())
    assert PromptFile.read(path).text == "Do it."


@each_file
def test_a_prompt_is_short(path: Path) -> None:
    assert len(json.dumps(PromptFile.read(path).text)) < 2_500
