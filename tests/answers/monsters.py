"""Very large and odd records, and answers as an agent reads them."""

import json
from typing import cast

from pydantic import JsonValue
from pydantic_core import to_json

from faktoora_mcp.answers.customers import Answer
from faktoora_mcp.settings import ANSWER_BYTES
from faktoora_mcp.text import INVISIBLE

Record = dict[str, JsonValue]
LONG = "Ö\N{PILE OF POO}\n" * 5_000
CONTACTS: list[JsonValue] = [{"lastName": LONG[:500], "note": LONG[:900]}] * 100
NUMBERS: list[JsonValue] = [10**4_000] * 60
NEST = cast("JsonValue", json.loads('{"a":[' * 200 + "1" + "]}" * 200))
MONSTERS: dict[str, Record] = {
    "long texts": {"id": "1", "name": LONG, "note": LONG, "extras": {"a": LONG, LONG: 1}},
    "many contacts": {"id": "1", "customerContacts": CONTACTS},
    "deep nesting": {"id": "1", "extras": {"a": NEST}},
    "many unknown keys": {"id": "1", **{f"key{place}": LONG[:90] for place in range(300)}},
    "very many keys": {"id": "1", **{f"key{place}": place for place in range(5_000)}},
    "long keys": {"id": "1", **{f"{place}{LONG[:700]}": None if place % 3 else LONG for place in range(60)}},
    "many extras": {"id": "1", "extras": {f"key{place}": LONG[:200] for place in range(400)}},
    "a long id": {"id": LONG, "customerId": LONG, "name": LONG},
    "large numbers": {
        "id": 10**4_000,
        "customerId": 10**4_000,
        "name": "x",
        "extras": {"a": NUMBERS},
    },
    "odd numbers": {"id": "1", "extras": {"a": float("inf"), "b": float("nan")}},
    "half pairs": {"id": "\ud800", "na\udc00me": "\ud800", "name": "A\ud800", "customerId": "\ud800"},
}


def read(answer: Answer) -> Record:
    """The answer as the agent reads it; its size and its characters are checked."""
    text = to_json(answer.as_json())
    assert len(text) <= ANSWER_BYTES
    assert not INVISIBLE.search(text.decode())
    seen = cast("Record", json.loads(text))
    assert None not in seen.values()
    return seen
