"""Every picture in docs/ is made by a test run, from what the server answers today.

Pictures of a chat are made here (SNAPSHOTS=update), screenshots of the view by SCREENSHOTS=update .ci/view.
"""

import json
import re
from hashlib import sha256
from typing import Any, get_args

import pytest

from faktoora_mcp.language import Language
from faktoora_mcp.server.apps import HTML
from tests.agents import agent, text_of
from tests.chat import chat
from tests.documents import PAGES, ROOT, written

pytestmark = pytest.mark.anyio
IMAGES = ROOT / "docs" / "images"
SCREENSHOTS: dict[str, dict[str, Any]] = json.loads((IMAGES / "inputs.json").read_text("utf-8"))
CHATS = {f"chat.{language}.svg" for language in get_args(Language)}
SHOWN = re.compile(r"!\[[^\]]+\]\((?:docs/)?images/([^)]+)\)")


@pytest.mark.parametrize("language", get_args(Language))
async def test_the_picture_of_a_chat_shows_answers_of_today(language: Language) -> None:
    now = await chat(language)
    assert written(IMAGES / f"chat.{language}.svg", now) == now


@pytest.mark.parametrize("image", SCREENSHOTS)
async def test_a_screenshot_shows_the_view_and_an_answer_of_today(image: str) -> None:
    made_from = SCREENSHOTS[image]
    async with agent("auto") as someone:
        answer = text_of(await someone.result(made_from["tool"], **made_from["arguments"]))
    now = sha256(f"{HTML.read_text('utf-8')}\n{answer}".encode()).hexdigest()
    assert made_from["sha256"] == now, "run: SCREENSHOTS=update .ci/view"


def test_every_picture_is_made_by_a_test_and_shown_on_a_page() -> None:
    shown = {name for page in PAGES for name in SHOWN.findall(page.read_text("utf-8"))}
    assert {path.name for path in IMAGES.iterdir()} == CHATS | {*SCREENSHOTS} | {"inputs.json"}
    assert shown == CHATS | {*SCREENSHOTS}
