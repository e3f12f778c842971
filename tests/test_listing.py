"""What directories of connectors ask for is there, and what docs/listing.md says is true."""

import json
import re
from typing import Any

import httpx
import pytest

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.server.tools import TOOLS
from tests.agents import agent
from tests.documents import README, ROOT, blocks
from tests.test_docs import EXAMPLES

PAGE = ROOT / "docs" / "listing.md"
TEXT = PAGE.read_text("utf-8")
PRIVACY = ROOT / "docs" / "personal-data.md"
MANIFEST: dict[str, Any] = json.loads((ROOT / "manifest.json").read_text("utf-8"))
FORM = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", TEXT, re.MULTILINE))
READING = [name for name, (_, hints) in TOOLS.items() if hints.read_only_hint]
WORDS = range(50, 101)
"""Of the description, as Claude's form has it."""
TAGLINE, TOOL_NAME = 55, 64
"""The most characters that the forms take."""


class Watched(httpx.ASGITransport):
    """A sandbox; `methods` of the requests that reached it."""

    def __init__(self) -> None:
        self.methods: set[str] = set()
        super().__init__(create_app())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.methods.add(request.method)
        return await super().handle_async_request(request)


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_has_a_title_a_short_name_and_all_four_hints(name: str) -> None:
    title, hints = TOOLS[name]
    assert title
    assert len(name) <= TOOL_NAME
    assert None not in hints.model_dump(exclude={"title"}).values()


@pytest.mark.anyio
@pytest.mark.parametrize("name", READING)
async def test_a_tool_that_only_reads_sends_nothing_that_could_change_a_customer(name: str) -> None:
    watched = Watched()
    async with agent("auto", watched) as someone:
        await someone.call(name, **EXAMPLES[name].call)
    assert watched.methods == {"GET"}


def test_the_page_tells_the_hints_as_they_are() -> None:
    told = {
        kind: {*re.findall(r"`(\w+)`", sentence)} & TOOLS.keys()
        for kind, sentence in re.findall(r"^- \*([\w-]+)\*: (.*?)(?=^- |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    }
    destructive = {name for name, (_, hints) in TOOLS.items() if hints.destructive_hint}
    only_adding = TOOLS.keys() - destructive - {*READING}
    assert told["Read-only"] == {*READING}
    assert told["Destructive"] == destructive | only_adding
    assert not any(hints.open_world_hint for _, hints in TOOLS.values())


def test_the_bundle_names_the_same_addresses() -> None:
    assert FORM["Documentation"] == f"<{MANIFEST['documentation']}>"
    assert f"<{MANIFEST['support']}>" in FORM["Support"]
    assert f"<{MANIFEST['privacy_policies'][0]}>" in FORM["Privacy policy"]


def test_their_pages_are_in_this_repository() -> None:
    home = f"{MANIFEST['homepage']}/blob/main/"
    pages = [MANIFEST["documentation"], *MANIFEST["privacy_policies"]]
    assert [page for page in pages if not (ROOT / page.removeprefix(home)).is_file()] == []


def test_the_privacy_policy_says_what_reviewers_look_for() -> None:
    said = {*re.findall(r"^- \*\*(.+?)\.?\*\*", PRIVACY.read_text("utf-8"), re.MULTILINE)}
    assert {
        "Where data is processed",
        "What it keeps",
        "What it logs",
        "What the model's provider sees",
        "Questions",
    } <= said


def test_the_first_page_has_a_section_of_that_name() -> None:
    assert "\n## Privacy policy\n" in README.read_text("utf-8")


def test_texts_fit_into_the_forms() -> None:
    (description,) = re.findall(r"^> .*?(?=^$)", TEXT, re.MULTILINE | re.DOTALL)
    assert len(FORM["Tagline"]) <= TAGLINE
    assert len(description.replace("\n>", "").removeprefix("> ").split()) in WORDS


def test_there_are_three_prompts_which_the_first_page_has_too() -> None:
    prompts = re.findall(r"^\d\. (\*.+\*)$", TEXT, re.MULTILINE)
    assert len(prompts) == 3
    assert [prompt for prompt in prompts if prompt not in README.read_text("utf-8")] == []


def test_the_calls_for_them_only_read() -> None:
    commands = "".join(block.text for block in blocks(PAGE, "sh"))
    called = re.findall(r"^faktoora-mcp call (\w+) ", commands, re.MULTILINE)
    assert [name for name in called if name not in READING] == []
    assert commands.count("--sandbox") == len(called) == len(commands.splitlines())
