import json
import re
from pathlib import Path
from typing import Any, cast, get_args

import pytest
from mcp import Client, MCPError
from mcp.types import TextContent

from faktoora_mcp.api.models import WRITABLE, Relation, SortField
from faktoora_mcp.errors import codes
from faktoora_mcp.insight.checks import CHECKS
from faktoora_mcp.insight.conditions import OPS
from faktoora_mcp.language import Language, user_language
from faktoora_mcp.server.app import create_server
from faktoora_mcp.server.prompts import PLACEHOLDER, PromptFile, catalogue
from faktoora_mcp.server.tools import TOOLS
from faktoora_mcp.settings import Settings
from tests.agents import ERAS
from tests.documents import ROOT
from tests.scripted import Script

pytestmark = pytest.mark.anyio

LANGUAGES: tuple[Language, ...] = get_args(Language)
FILES = sorted((ROOT / "prompts").rglob("*.md"))
NAMES = [
    "check_readiness",
    "clean_up",
    "explain_error",
    "find_customer",
    "onboard_customer",
    "plan_merge",
    "review_import",
]
INVALID_PARAMS = -32602
HEAD = "title: Try it\ndescription: Tries it.\n"
JSON_WORDS = {"true", "false"}
IN_ERRORS = {"code", "message", "retryable", "next", "candidates", "reasons"}

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
each_name = pytest.mark.parametrize("name", NAMES)
both_eras = pytest.mark.parametrize("era", ERAS)
both_languages = pytest.mark.parametrize("language", LANGUAGES)


def connected(era: str = "auto", language: Language | None = "en") -> Client:
    return Client(create_server(Settings(sandbox=True, language=language), Script()), mode=era)


def arguments_of(language: Language, name: str) -> list[str]:
    return [argument.name for argument in catalogue(language)[name].listed.arguments or []]


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


async def known_words() -> set[str]:
    """All names that tools show to an agent: of tools, arguments and fields of answers, and error codes."""
    async with connected() as client:
        tools = (await client.list_tools()).tools
    schemas = [[tool.input_schema, tool.output_schema] for tool in tools]
    in_words = {*WRITABLE, *get_args(SortField), *get_args(Relation), *OPS, *CHECKS}
    return names_in(schemas) | in_words | set(TOOLS) | {*codes()} | IN_ERRORS | JSON_WORDS


def test_the_tasks_of_a_bookkeeper_have_a_prompt_in_every_language() -> None:
    written = {(path.parent.name, path.stem) for path in FILES}
    assert written == {(language, name) for language in LANGUAGES for name in NAMES}


@each_name
def test_a_prompt_takes_the_same_arguments_in_every_language(name: str) -> None:
    one, other = (catalogue(language)[name].listed.arguments or [] for language in LANGUAGES)
    assert [(each.name, each.required) for each in one] == [(each.name, each.required) for each in other]


@each_name
def test_no_prompt_is_left_untranslated(name: str) -> None:
    one, other = (catalogue(language)[name] for language in LANGUAGES)
    assert one.listed.title != other.listed.title
    assert one.listed.description != other.listed.description
    pairs = zip(one.listed.arguments or [], other.listed.arguments or [], strict=True)
    assert [each.name for each, twin in pairs if each.description == twin.description] == []
    assert not {*one.text.splitlines()} & {*other.text.splitlines()} - {""}


@each_name
def test_a_german_prompt_asks_for_a_german_answer(name: str) -> None:
    assert "\nAntworten Sie auf Deutsch" in catalogue("de")[name].text


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
async def test_a_prompt_names_only_existing_tools_fields_and_codes(path: Path) -> None:
    text = PLACEHOLDER.sub("", PromptFile.read(path).text)
    quoted = re.findall(r"[A-Za-z_]+", " ".join(re.findall(r"`([^`]+)`", text)))
    snakes = re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", text)
    assert {*quoted, *snakes} - await known_words() == set()
    assert TOOLS.keys() & set(snakes)


@each_file
async def test_a_prompt_names_only_existing_resources(path: Path) -> None:
    async with connected() as client:
        known = {str(resource.uri) for resource in (await client.list_resources()).resources}
    named = {*re.findall(r"faktoora://[a-z/-]+", PromptFile.read(path).text)}
    assert named <= known
    assert bool(named) is (path.stem == "explain_error")


@both_eras
@both_languages
async def test_the_prompts_are_listed_in_the_language_of_the_server(era: str, language: Language) -> None:
    async with connected(era, language) as client:
        listed = (await client.list_prompts()).prompts
    assert [prompt.name for prompt in listed] == NAMES
    assert listed == [PromptFile.read(ROOT / "prompts" / language / f"{name}.md").listed for name in NAMES]


@both_eras
async def test_a_server_without_a_language_uses_that_of_the_system(era: str) -> None:
    async with connected(era, None) as client:
        listed = (await client.list_prompts()).prompts
    assert listed == [prompt.listed for prompt in catalogue(user_language(None)).values()]


@both_eras
@both_languages
@each_name
async def test_a_prompt_is_served_with_its_values(era: str, language: Language, name: str) -> None:
    arguments = arguments_of(language, name)
    async with connected(era, language) as client:
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
async def test_the_error_for_an_unknown_prompt_names_the_existing_ones(era: str) -> None:
    async with connected(era) as client:
        with pytest.raises(MCPError) as refused:
            await client.get_prompt("find_custmer", {})
    assert refused.value.error.code == INVALID_PARAMS
    assert refused.value.error.message == f"There is no prompt 'find_custmer', only {', '.join(NAMES)}."


@both_eras
@pytest.mark.parametrize(("language", "said"), [("de", "Land: alle\n"), ("en", "Country: all\n")])
@pytest.mark.parametrize("given", [{}, {"country": ""}, {"country": " "}])
async def test_an_optional_argument_that_is_not_given_has_its_default(
    era: str, language: Language, said: str, given: dict[str, str]
) -> None:
    async with connected(era, language) as client:
        text = await text_of(client, "check_readiness", **given)
    assert said in text


def test_an_argument_without_a_default_is_required(tmp_path: Path) -> None:
    two = "arguments:\n  - {name: a, description: one}\n  - {name: b, description: other, default: any}\n"
    prompt = PromptFile.read(written(tmp_path, HEAD + two, "{{ a }} {{ b }}"))
    assert [argument.required for argument in prompt.listed.arguments or []] == [True, False]
    assert prompt.missing({}) == ["a"]
    assert prompt.render({"a": "x"}).messages[0].content == TextContent(type="text", text="x any")


@pytest.mark.parametrize(
    ("front", "complaint"),
    [
        ("title: Try it\n", "description"),
        (HEAD + "titel: twice\n", "titel"),
        (HEAD + "arguments:\n  - name: place\n    description: where\n    othrwise: all\n", "othrwise"),
        (HEAD + "arguments: place\n", "arguments"),
        (HEAD + 'arguments: [{name: a, description: b, default: ""}]\n', "default"),
        (HEAD + "arguments: [\n", "try_it.md"),
        ("Just words.\n", "try_it.md"),
    ],
)
def test_the_error_for_invalid_front_matter_names_file_and_fault(
    tmp_path: Path, front: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint) as refused:
        PromptFile.read(written(tmp_path, front))
    assert "try_it.md" in str(refused.value)


@pytest.mark.parametrize("content", ["", "Do it.\n", "---\ntitle: Try it\n", "text\n---\ntitle: x\n---\ny\n"])
def test_a_file_without_front_matter_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "try_it.md"
    path.write_text(content, "utf-8")
    with pytest.raises(ValueError, match=re.escape(f"{tmp_path.name}/try_it.md has no front matter")):
        PromptFile.read(path)


def test_a_file_from_windows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "try_it.md"
    path.write_bytes(f"---\n{HEAD}---\n\nDo it.\n".replace("\n", "\r\n").encode())
    assert PromptFile.read(path).text == "Do it."


@each_file
def test_a_prompt_is_short(path: Path) -> None:
    assert len(json.dumps(PromptFile.read(path).text, ensure_ascii=False).encode()) < 2_500
