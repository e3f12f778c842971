"""The picture of a chat on the front page: questions, the calls that an agent makes, and what comes of them.

The calls are made on the sandbox. The replies are written by rules from the answers, not by a language model.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Literal

from pydantic_core import to_json

from faktoora_mcp.language import Language
from tests.agents import Answer, agent

WIDTH, LINE, GAP, INDENT = 860, 21, 14, 16
CHARS = 92
NAMES: Mapping[Language, str] = {"en": "You", "de": "Sie"}
Who = Literal["user", "tool", "agent"]
STYLE = (
    "text{font:15px system-ui,sans-serif;fill:#1f2328}.tool{font:12px ui-monospace,monospace;fill:#59636e}"
    ".who{font-weight:600}rect{fill:#f6f8fa}.user{fill:#ddf4ff}"
    "@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.tool{fill:#9198a1}rect{fill:#151b23}.user{fill:#0c2d6b}}"
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question in both languages, the call, and the reply in both languages."""

    asked: Mapping[Language, str]
    tool: str
    arguments: Answer
    reply: Mapping[Language, Callable[[Answer], str]]


def _names(answer: Answer) -> str:
    at = answer["columns"].index("name"), answer["columns"].index("customerId")
    return ", ".join(f"{row[at[0]]} ({row[at[1]]})" for row in answer["rows"])


def _counts(answer: Answer) -> str:
    return ", ".join(f"{country} {count}" for country, count in answer["groups"]["rows"])


def _pair(answer: Answer) -> str:
    found = next(value for name, value in answer.items() if name in ("duplicates", "doubles"))[0]
    return ", ".join(f"{one['name']} ({one['customerId']})" for one in found["customers"])


EXCHANGES = (
    Exchange(
        {"en": "Which customers do we have in Köln?", "de": "Welche Kunden haben wir in Köln?"},
        "list_customers",
        {"keywords": ["Köln"]},
        {
            "en": lambda answer: f"{answer['totalItems']}: {_names(answer)}.",
            "de": lambda answer: f"{answer['totalItems']}: {_names(answer)}.",
        },
    ),
    Exchange(
        {"en": "How many customers are there per country?", "de": "Wie viele Kunden haben wir je Land?"},
        "query_customers",
        {"group_by": ["country"], "limit": 0},
        {
            "en": lambda answer: f"{answer['scanned']} in all: {_counts(answer)}.",
            "de": lambda answer: f"{answer['scanned']} insgesamt: {_counts(answer)}.",
        },
    ),
    Exchange(
        {"en": "Is any customer in the list twice?", "de": "Ist jemand doppelt in der Kundenliste?"},
        "find_duplicate_customers",
        {},
        {
            "en": lambda answer: f"Yes: {_pair(answer)}.",
            "de": lambda answer: f"Ja: {_pair(answer)}.",
        },
    ),
)


async def chat(language: Language) -> str:
    """The chat as SVG, from calls made now."""
    lines: list[tuple[Who, str]] = []
    async with agent("auto") as someone:
        for one in EXCHANGES:
            answer = await someone.call(one.tool, **one.arguments)
            call = f"{one.tool} {to_json(one.arguments).decode()}"
            lines.append(("user", one.asked[language]))
            lines.append(("tool", call))
            lines.append(("agent", one.reply[language](answer)))
    return _svg(lines, NAMES[language])


def _svg(lines: Sequence[tuple[Who, str]], user: str) -> str:
    parts: list[str] = []
    top = GAP
    for who, text in lines:
        shown, height = _bubble(who, text, user, top)
        parts += shown
        top += height + GAP // 2
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + GAP}" width="{WIDTH}">'
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>", ""])


def _bubble(who: Who, text: str, user: str, top: int) -> tuple[list[str], int]:
    """The lines of one message, in a box unless it is a call, and their height in pixels."""
    lines = [*map(escape, wrap(text, CHARS))]
    if who == "user":
        lines[0] = f'<tspan class="who">{user}:</tspan> {lines[0]}'
    height = len(lines) * LINE + (0 if who == "tool" else GAP)
    box = f'<rect class="{who}" x="{GAP}" y="{top}" width="{WIDTH - 2 * GAP}" height="{height}" rx="8"/>'
    style = ' class="tool"' if who == "tool" else ""
    first = top + LINE + (0 if who == "tool" else 2)
    texts = [
        f'<text{style} x="{GAP + INDENT}" y="{first + number * LINE}">{line}</text>'
        for number, line in enumerate(lines)
    ]
    return [*([box] if who != "tool" else []), *texts], height
