"""What agents see of every tool and prompt, one file each, so that a change to it is seen in a review."""

import json
import os
from pathlib import Path

import pytest

from tests.agents import agent
from tests.scripted import Script

SNAPSHOTS = Path(__file__).parent / "snapshots"
UPDATE = "SNAPSHOTS" in os.environ


async def seen() -> dict[str, str]:
    """The listed form of every tool and prompt, by the name of its file."""
    async with agent("auto", Script()) as someone:
        tools = (await someone.client.list_tools()).tools
        prompts = (await someone.client.list_prompts()).prompts
    listed = {f"{tool.name}.json": tool for tool in tools} | {f"prompt_{p.name}.json": p for p in prompts}
    return {
        name: json.dumps(item.model_dump(by_alias=True, exclude_none=True), ensure_ascii=False, indent=1)
        + "\n"
        for name, item in listed.items()
    }


@pytest.mark.anyio
async def test_tools_and_prompts_are_listed_as_in_their_snapshots() -> None:
    now = await seen()
    if UPDATE:
        for path in SNAPSHOTS.glob("*.json"):
            path.unlink()
        for name, text in now.items():
            (SNAPSHOTS / name).write_text(text, encoding="utf-8")
    assert {path.name: path.read_text("utf-8") for path in SNAPSHOTS.glob("*.json")} == now, (
        "look at the change, then run: SNAPSHOTS=update pytest tests/test_snapshots.py"
    )
