"""docs/tools.md is written from the code and real calls: SNAPSHOTS=update pytest tests/test_docs.py."""

import json
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import httpx
import pytest
from mcp.types import Tool

from faktoora_mcp.insight.checks import CHECKS
from faktoora_mcp.rules.validation import REQUIRED
from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.server.inputs import HOST_ARGUMENTS
from faktoora_mcp.server.schemas import record_schema
from faktoora_mcp.server.tools import TOOLS
from tests.agents import Agent, agent, text_of
from tests.documents import ROOT, blocks, kind, table, written
from tests.members import MEMBERS, produced
from tests.scripted import ACME, KEY

Json: TypeAlias = dict[str, Any]
PAGE = ROOT / "docs" / "tools.md"
WIDTH = 100
UPLOADED = "550e8400-e29b-41d4-a716-446655440000"
HAHN = "ecd1345e-88c7-40f6-907f-96694ba955f3"
TWINS = {"keep": "6e80fa48-9b0b-4a16-b72f-2bb83586fca7", "remove": "c725bd97-9e28-4761-88fe-a5d73716e7ea"}
SISTER = "805db06a-19d6-473b-a778-507cdbeef77a"
WRONG = {name: ACME[name] for name in ("isCompany", "name", "address", "city", "country")} | {
    "postcode": "1011"
}
PASSING = re.compile(
    r'"(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|FK-[0-9A-F]{8}|20\d\d-[-:.T\d]+Z|\d+-[0-9a-f]{10})"'
)
"""Ids, times and confirmations, which differ each time."""
KINDS = {"no": "reads", "yes": "changes data", "**for good**": "changes data **for good**"}
IGNORED = ", ".join(f"`{name}`" for name in sorted(HOST_ARGUMENTS))
HEAD = f"""\
# The tools

What an agent reads of each tool, with a call, its answer and an error. `tests/test_docs.py` writes this page,
from the tools as the server lists them and from calls on the sandbox's invented customers.

- Answers are one line of JSON; here they are broken into lines. The size is that of the real text, and beside
  it stands what the API sent for it.
- `…` stands for an id, a time or a confirmation that is different each time.
- With `--sandbox`, the answer to a change also says `"sandbox": true`.
- Every argument that is not marked *required* may be left out, or null. In `changes` null clears a field.
- Arguments that some hosts add by themselves are ignored: {IGNORED}.
"""
RECORD = """\
## The record

The fields of `customer` in `create_customer`, and of `changes` in `update_customer` and `update_customers`,
which require none.
The last column says what a null does there; in `customer` it counts as not given.
"""

CONDITION = """\
## The conditions

What stands in `where` of `query_customers` and `update_customers`: `{"field": …, "op": …, "value": …}`.
"""
CHECKED = """\
## The checks

What each `check` of `query_customers` finds; every row of the answer says why it is there.
Text such as "folgt", "n/a" or "-" counts as missing, a doubt about a value as well as an error.
"""


ANSWERED = """\
## The answers

Every member that an answer can have; a member without a value is left out.
"""


@dataclass(frozen=True, slots=True)
class Example:
    """A call that succeeds, one that fails, and whether the answer of the first differs each time."""

    call: Json
    mistake: Json
    passing: bool = False
    key: str | None = None


EXAMPLES: Mapping[str, Example] = {
    "list_customers": Example({"keywords": ["immobilien", "gmbh"]}, {"keyword": "immobilien"}),
    "get_customer": Example({"number": "CUST-0007"}, {"number": "CUST-7"}),
    "query_customers": Example(
        {"where": [{"field": "country", "op": "eq", "value": "AT"}, {"field": "vatId", "op": "missing"}]},
        {"where": [{"field": "vatid", "op": "equals", "value": "ATU66123457"}]},
    ),
    "find_duplicate_customers": Example({}, {"id": "cust_none"}),
    "create_customer": Example({"customer": ACME}, {"customer": WRONG}, passing=True),
    "update_customer": Example(
        {"id": HAHN, "changes": {"city": "Hamburg", "postcode": "20354", "phoneNo": None}},
        {"id": HAHN, "changes": {"vatID": "DE607396207"}},
    ),
    "update_customers": Example(
        {"where": [{"field": "category", "op": "eq", "value": "Neukunde"}], "changes": {"category": "Kunde"}},
        {"replace": {"field": "Ort", "from": "Muenchen", "to": "München"}},
        passing=True,
    ),
    "merge_customers": Example(TWINS, TWINS | {"remove": SISTER}),
    "delete_customer": Example(
        {"id": HAHN, "confirm": "CUST-0007"}, {"id": HAHN, "confirm": "Immobilien Arnold"}
    ),
    "generate_customer_number": Example({}, {}, key="another key"),
    "verify_customer_number": Example({"number": "CUST-0007"}, {"number": ""}),
    "import_customers": Example({"file_id": UPLOADED}, {"file_id": "kunden.csv"}, passing=True),
}


class Sandbox(httpx.ASGITransport):
    """A sandbox of its own that counts what it sends."""

    def __init__(self, key: str | None = None) -> None:
        app = create_app(key=key)
        super().__init__(app)
        self._close = app.state.close
        self.requests = self.sent = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        self.requests, self.sent = self.requests + 1, self.sent + len(await response.aread())
        return response

    async def aclose(self) -> None:
        self._close()


@asynccontextmanager
async def visit(key: str | None = None) -> AsyncGenerator[tuple[Agent, Sandbox]]:
    """An agent at a fresh sandbox; `key` is the one that the sandbox insists on."""
    sandbox = Sandbox(key)
    async with agent("auto", sandbox) as someone:
        yield someone, sandbox


async def page() -> str:
    async with visit() as (someone, _):
        tools = (await someone.client.list_tools()).tools
    sections = [await section(tool) for tool in tools]
    return "\n".join(
        [
            HEAD,
            *sections,
            CONDITION,
            condition(tools),
            CHECKED,
            checks(),
            ANSWERED,
            members(),
            RECORD,
            record(),
        ]
    )


THE_RECORD: Json = {"customer": {"type": "object", "description": "its fields"}}
"""Stands for the text that names all fields, which the page has in a table."""


async def section(tool: Tool) -> str:
    example = EXAMPLES[tool.name]
    parts = [
        f"## {tool.name}\n",
        f"**{tool.title}** · {KINDS[kind(tool.name)]}\n",
        f"> {tool.description}\n",
        parameters(tool),
        await answer(tool.name, example),
        await mistake(tool.name, example),
    ]
    return "\n".join(parts)


def parameters(tool: Tool) -> str:
    required = tool.input_schema.get("required", [])
    rows = [
        (f"`{name}`", type_of(name, node), meaning(node, required=name in required))
        for name, node in (tool.input_schema["properties"] | THE_RECORD).items()
        if name in tool.input_schema["properties"]
    ]
    return table(("Argument", "Type", "Meaning"), rows) + "\n" if rows else "It takes no arguments.\n"


def type_of(name: str, node: Json) -> str:
    """The type in words, with the values or the range it allows."""
    if name in ("customer", "changes"):
        return "[record](#the-record)"
    if "items" in node:
        return f"list of {type_of('', node['items'])}"
    if "enum" in node:
        return ", ".join(f"`{value}`" for value in node["enum"])
    if "maximum" in node:
        return f"{node['type']} up to {node['maximum']}"
    return str(node["type"])


def meaning(node: Json, *, required: bool) -> str:
    said = [
        "*required*" if required else "",
        node.get("description", ""),
        f"default {json.dumps(node['default'])}" if "default" in node else "",
    ]
    return "; ".join(filter(None, said))


async def answer(name: str, example: Example) -> str:
    async with visit() as (someone, sandbox):
        result = await someone.result(name, **example.call)
    text = text_of(result)
    assert not result.is_error, text
    shown = PASSING.sub('"…"', text) if example.passing else text
    asked = "1 request" if sandbox.requests == 1 else f"{sandbox.requests} requests"
    size = f"{len(text.encode()):,} bytes; the API sent {sandbox.sent:,} in {asked}"
    return f"Call:\n\n{fenced(example.call)}\nAnswer ({size}):\n\n{fenced(json.loads(shown))}"


async def mistake(name: str, example: Example) -> str:
    async with visit(example.key) as (someone, _):
        result = await someone.result(name, **example.mistake)
    assert result.is_error, text_of(result)
    why = (
        "where the key is wrong" if example.key else f"to `{json.dumps(example.mistake, ensure_ascii=False)}`"
    )
    return f"An error, {why}:\n\n{fenced(json.loads(text_of(result)))}"


def fenced(value: object) -> str:
    return f"```json\n{pretty(value)}\n```\n"


def pretty(value: object, indent: str = "", taken: int = 0) -> str:
    """JSON with a line for each entry of what is too wide for one or holds more than plain values."""
    flat, inner = json.dumps(value, ensure_ascii=False), indent + "  "
    if len(indent) + taken + len(flat) <= WIDTH or is_row(value):
        return flat
    if isinstance(value, dict):
        named = ((f"{json.dumps(name)}: ", item) for name, item in cast("Json", value).items())
        lines = [label + pretty(item, inner, len(label) + 1) for label, item in named]
    else:
        lines = [pretty(item, inner, 1) for item in cast("list[object]", value)]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return opening + ",".join(f"\n{inner}{line}" for line in lines) + f"\n{indent}{closing}"


def is_row(value: object) -> bool:
    if not isinstance(value, list):
        return not isinstance(value, dict)
    return not any(isinstance(item, (dict, list)) for item in cast("list[object]", value))


def condition(tools: list[Tool]) -> str:
    (query,) = [tool for tool in tools if tool.name == "query_customers"]
    parts = query.input_schema["properties"]["where"]["items"]
    rows = [
        (f"`{name}`", meaning(node, required=name in parts.get("required", ())))
        for name, node in parts["properties"].items()
    ]
    return table(("Part", "Meaning"), rows) + "\n"


def checks() -> str:
    rows = [(f"`{name}`", check.rule) for name, check in CHECKS.items()]
    return table(("Check", "Finds customers with"), rows) + "\n"


def members() -> str:
    return table(("Member", "Meaning"), ((f"`{name}`", text) for name, text in MEMBERS.items())) + "\n"


def record() -> str:
    """The record's fields once, then those of the entries of its lists."""
    new: Json = record_schema()
    rows = [
        (
            f"`{name}`",
            entries(name, node),
            meaning(node, required=name in new["required"]),
            "is refused" if name in REQUIRED else "clears it",
        )
        for name, node in new["properties"].items()
    ]
    return table(("Field", "Type", "Meaning", "Null in `changes`"), rows) + "\n"


def entries(name: str, node: Json) -> str:
    fields = node.get("items", {}).get("properties")
    return (
        f"list of objects: {', '.join(f'`{field}`' for field in fields)}" if fields else type_of(name, node)
    )


@pytest.mark.anyio
async def test_the_page_of_the_tools_is_what_the_code_says() -> None:
    now = await page()
    assert written(PAGE, now) == now, (
        "look at the change, then run: SNAPSHOTS=update pytest tests/test_docs.py"
    )


def test_every_member_that_an_answer_can_have_is_explained_and_no_other() -> None:
    assert [*MEMBERS] == sorted(MEMBERS)
    assert produced() == MEMBERS.keys()


def test_every_tool_has_its_example() -> None:
    assert list(EXAMPLES) == list(TOOLS)


def test_every_example_on_the_page_is_json() -> None:
    found = blocks(PAGE)
    assert {block.language for block in found} == {"json"}
    assert all(json.loads(block.text) is not None for block in found)


def test_the_page_shows_no_key() -> None:
    assert KEY not in PAGE.read_text("utf-8")
