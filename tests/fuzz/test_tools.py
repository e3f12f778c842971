"""Made-up calls of every tool: a result or an error without the key answers each, and the server goes on."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faktoora_mcp.server.definitions import definitions
from faktoora_mcp.text import masked
from tests.fuzz.arguments import ID, LARGE, NAME, NUMBER, arguments_of
from tests.fuzz.scale import examples
from tests.fuzz.wire import Message, Wire
from tests.processes import environment, served_sandbox

pytestmark = pytest.mark.fuzz

KEY = "Vz8-planted-Key+4711xQ"
CALLS = 1500
"""So many in each form of the API."""
AT_ONCE = 10
WARM_UP = 100
"""After so many batches everything is loaded that calls need."""
GROWTH_MB = 20
UNREADABLE, NO_REQUEST, NO_PARAMS = -32700, -32600, -32602

Call = tuple[str, str]
calls = st.one_of([
    st.tuples(st.just(name), arguments_of(tool)) for name, tool in definitions().items()
])  # fmt: skip


@pytest.fixture(scope="module", params=["documented", "current"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """The server alone in its process, so that its memory is measured, not that of the sandbox."""
    log = tmp_path_factory.mktemp("log") / "audit.jsonl"
    with served_sandbox("--dialect", request.param) as url:
        env = environment(
            FAKTOORA_BASE_URL=url, FAKTOORA_API_KEY=KEY, FAKTOORA_AUDIT_LOG=str(log),
            FAKTOORA_LOG_LEVEL="debug",
        )  # fmt: skip
        with Wire("serve", env=env) as wire:
            yield wire
            shown = "".join(path.read_text("utf-8") for path in log.parent.iterdir()) + wire.stderr()
            assert masked(shown, KEY) == shown


class Caller:
    """Calls tools with what hypothesis makes up; counts how each call ended."""

    def __init__(self, server: Wire) -> None:
        self._server = server
        self._known = cycle(self._customers())
        self.ended = Counter[str]()
        self.memory_mb: list[float] = []

    def call(self, batch: list[Call]) -> None:
        answers = self._server.ask_all([("tools/call", self._params(*call)) for call in batch])
        for call, number in zip(batch, sorted(answers), strict=True):
            self.ended[_end(call, answers[number])] += 1
        self.memory_mb.append(self._server.memory_mb)

    def _customers(self) -> list[list[str]]:
        params = {"name": "list_customers", "arguments": {"fields": ["customerId", "name"]}}
        rows = self._server.ask("tools/call", params)["result"]["structuredContent"]["rows"]
        return [[json.dumps(value)[1:-1] for value in row] for row in rows if all(row)]

    def _params(self, name: str, arguments: str) -> str:
        for place, value in zip((ID, NUMBER, NAME), next(self._known), strict=True):
            arguments = arguments.replace(place, value)
        return f'{{"name":"{name}","arguments":{arguments}}}'


def _end(call: Call, answer: Message) -> str:
    """How the call ended; AssertionError where its answer has no form that we promise."""
    if "error" in answer:
        codes = (UNREADABLE, NO_REQUEST) if call[1].startswith("{") else (UNREADABLE, NO_REQUEST, NO_PARAMS)
        assert answer["error"]["code"] in codes, (call, answer)
        return str(answer["error"]["code"])
    result = answer["result"]
    (content,) = result["content"]
    assert masked(content["text"], KEY) == content["text"], call
    told = json.loads(content["text"])
    if not result.get("isError"):
        assert told == result["structuredContent"]
        return "result"
    assert told["error"]["code"] != "internal", (call, told)
    assert {"code", "message", "retryable", "next"} <= told["error"].keys(), (call, told)
    return str(told["error"]["code"])


def test_every_call_is_answered_and_none_finds_a_defect(server: Wire) -> None:
    caller = Caller(server)

    @examples(CALLS // AT_ONCE)
    @given(st.lists(calls, min_size=AT_ONCE, max_size=AT_ONCE))
    def fuzz(batch: list[Call]) -> None:
        caller.call(batch)

    fuzz()
    assert server.ask("ping", {})["result"] == {}
    assert "Traceback" not in server.stderr()
    assert caller.ended["result"] > CALLS / 10
    assert caller.memory_mb[-1] - caller.memory_mb[WARM_UP] < GROWTH_MB, caller.memory_mb


@pytest.mark.parametrize("name", definitions())
def test_a_megabyte_in_any_argument_is_answered(server: Wire, name: str) -> None:
    arguments = [*definitions()[name].input_schema["properties"]]
    Caller(server).call([(name, f'{{"{argument}":{value}}}') for argument in arguments for value in LARGE])
    assert "Traceback" not in server.stderr()
