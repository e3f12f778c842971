"""What agents see of every tool, and of every prompt in each language; a change to it is seen in a review."""

import json
from pathlib import Path
from typing import get_args

import pytest

from faktoora_mcp.api.connection import Connection
from faktoora_mcp.language import Language
from faktoora_mcp.server.definitions import FILE, generate
from faktoora_mcp.server.tools import CustomerTools
from tests.agents import agent
from tests.documents import written
from tests.scripted import Script, settings

pytestmark = pytest.mark.anyio
SNAPSHOTS = Path(__file__).parent / "snapshots"
HOW = "look at the change, then run: SNAPSHOTS=update pytest tests/test_snapshots.py"


async def test_tools_are_served_as_they_are_coded() -> None:
    tools = CustomerTools(Connection(settings(), Script()))
    now = await generate(tools)
    assert written(FILE, now) == now, HOW


@pytest.mark.parametrize("language", get_args(Language))
async def test_prompts_are_listed_as_in_their_snapshots(language: Language) -> None:
    async with agent("auto", Script(), language=language) as someone:
        prompts = (await someone.client.list_prompts()).prompts
    for prompt in prompts:
        seen = prompt.model_dump(by_alias=True, exclude_none=True)
        now = json.dumps(seen, ensure_ascii=False, indent=1) + "\n"
        assert written(SNAPSHOTS / f"prompt_{prompt.name}_{language}.json", now) == now, HOW
    ours = {path.stem for path in SNAPSHOTS.glob(f"*_{language}.json")}
    assert ours == {f"prompt_{prompt.name}_{language}" for prompt in prompts}
