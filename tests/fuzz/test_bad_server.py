"""A server that answers as none should, over real connections: bounded time and memory, no key anywhere."""

import json
import time
from collections.abc import Iterator

import pytest

from faktoora_mcp.text import MASK, masked
from tests.fuzz.bad_server import WAYS, BadServer, bad_server, redirect_to
from tests.fuzz.wire import Wire
from tests.processes import environment

pytestmark = pytest.mark.fuzz

KEY = "Vz8-planted-Key+4711xQ"
TIMEOUT_S, LONGEST_S = 2, 12
GROWTH_MB = 100
"""A body of 20 MB for each of the calls, and copies of them."""
CALLS: list[tuple[str, dict[str, object]]] = [
    ("list_customers", {}),
    ("get_customer", {"id": KEY}),
    ("update_customer", {"id": "1", "changes": {"note": "Geheimnis"}}),
]


@pytest.fixture(scope="module")
def bad() -> Iterator[BadServer]:
    with bad_server(WAYS["silence"]) as server:
        yield server


@pytest.fixture(scope="module", params=["debug", "info"])
def wire(
    bad: BadServer, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Wire]:
    log = tmp_path_factory.mktemp("log") / "audit.jsonl"
    env = environment(
        FAKTOORA_API_KEY=KEY,
        FAKTOORA_BASE_URL=f"{bad.address}/api/v1",
        FAKTOORA_TIMEOUT_S=str(TIMEOUT_S),
        FAKTOORA_LOG_LEVEL=request.param,
        FAKTOORA_AUDIT_LOG=str(log),
    )
    with Wire("serve", env=env) as wire:
        yield wire
        shown = log.read_text("utf-8") + wire.stderr()
        assert masked(shown, KEY) == shown
        assert MASK in shown


def errors(wire: Wire) -> list[str]:
    """The answers to one call of each kind, at the same time."""
    calls = [("tools/call", json.dumps({"name": name, "arguments": given})) for name, given in CALLS]
    return [json.dumps(answer["result"]) for answer in wire.ask_all(calls).values()]


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_that_is_none_ends_in_an_envelope(wire: Wire, bad: BadServer, way: str) -> None:
    bad.answer = WAYS[way]
    errors(wire)
    before_mb, began = wire.memory_mb, time.monotonic()
    for answer in errors(wire):
        told = json.loads(json.loads(answer)["content"][0]["text"])["error"]
        assert told["code"] not in ("internal", "not_found"), told
        assert masked(answer, KEY) == answer
    assert time.monotonic() - began < LONGEST_S
    assert wire.memory_mb - before_mb < GROWTH_MB
    assert "Traceback" not in wire.stderr()


def test_a_redirect_to_another_server_is_not_followed(wire: Wire, bad: BadServer) -> None:
    with bad_server(WAYS["silence"]) as other:
        bad.answer = redirect_to(other.address)
        assert all("redirect" in answer for answer in errors(wire))
        assert other.requests == []


def test_the_log_names_no_words_of_a_search_and_no_data_of_customers(wire: Wire, bad: BadServer) -> None:
    bad.answer = WAYS["the request as an error"]
    words = {"name": "list_customers", "arguments": {"keywords": ["Suchwort"], "category": "Rubrik"}}
    asked = {
        "name": "query_customers",
        "arguments": {"where": [{"field": "city", "op": "eq", "value": "Ort"}]},
    }
    for params in (words, asked):
        assert wire.ask("tools/call", params)["result"]["isError"]
    assert not [word for word in ("Suchwort", "Rubrik", "Ort", "Geheimnis") if word in wire.stderr()]
