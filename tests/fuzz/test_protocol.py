"""Bytes that are no protocol, or nearly: the next request is answered, and so is each with an id."""

import json
import re
from collections.abc import Iterator
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.scale import examples
from tests.fuzz.wire import Wire

pytestmark = pytest.mark.fuzz

LINES = 2000
AT_ONCE = 10
GROWTH_MB = 20
MEGABYTE = b"x" * 2**20
METHODS = [
    *("ping", "tools/list", "tools/call", "prompts/list", "prompts/get", "resources/list", "resources/read"),
    *("completion/complete", "initialize", "server/discover", "logging/setLevel", "notifications/cancelled"),
    *("subscriptions/listen", "resources/subscribe", "no/method", "", "__init__"),
]
PARAMS = [
    *("{}", "null", "[]", '""', "1", '{"_meta":1}', '{"_meta":{"progressToken":[]}}', '{"cursor":7}'),
    *(
        '{"name":"get_customer"}',
        '{"name":"list_customers","arguments":{"keywords":"\\ud83d"}}',
        '{"name":1}',
    ),
    *('{"name":"list_customers","arguments":{}}', '{"uri":"faktoora://customers/1"}', '{"uri":""}'),
    *('{"uri":"faktoora://' + "a" * 500 + '"}', '{"ref":{"type":"ref/prompt","name":"x"},"argument":{}}'),
    *('{"name":"find_customer","arguments":{"query":1}}', '{"requestId":"r"}', "{" + '"a":{' * 300),
]

requests = st.tuples(st.sampled_from(METHODS), st.sampled_from(PARAMS))
damage = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 3), st.binary(min_size=0, max_size=4)), max_size=2
)
frames = st.sampled_from(["%s", "%s", "%s", "[%s]", "[%s,1]", "%s %s", " %s\r", "\ufeff%s"])
lines = st.tuples(requests, damage, frames)
garbage = st.binary(max_size=40).filter(lambda line: b"\n" not in line)
Line = tuple[tuple[str, str], list[tuple[int, int, bytes]], str]


@pytest.fixture(scope="module")
def server() -> Iterator[Wire]:
    with Wire("serve", "--sandbox") as wire:
        yield wire


def request(name: str, line: Line) -> bytes:
    """A line with a request of this id, damaged here and there."""
    (method, params), damaged, frame = line
    text = f'{{"jsonrpc":"2.0","id":"{name}","method":{json.dumps(method)},"params":{params}}}'
    data = frame.replace("%s", text, 1).replace("%s", "{}").encode()
    for place, length, inserted in damaged:
        at = place % (len(data) + 1)
        data = data[:at] + inserted.replace(b"\n", b" ") + data[at + length :]
    return data


def is_request(line: bytes, name: str) -> bool:
    """Whether the line is, by any reader of JSON, one object with this id and a method."""
    try:
        read = json.loads(line.decode())
    except (ValueError, RecursionError):
        return False
    fields = cast("dict[str, object]", read) if isinstance(read, dict) else {}
    return "method" in fields and fields.get("id") == name


def test_each_request_is_answered_whatever_stands_around_it(server: Wire) -> None:
    count, memory_mb = 0, list[float]()

    @examples(LINES // AT_ONCE)
    @given(st.lists(st.tuples(lines, garbage), min_size=AT_ONCE, max_size=AT_ONCE))
    def fuzz(batch: list[tuple[Line, bytes]]) -> None:
        nonlocal count
        names = [f"request-{count + place:08}" for place in range(len(batch))]
        count += len(batch)
        sent = [request(name, line) for name, (line, _) in zip(names, batch, strict=True)]
        server.write(
            b"".join(one + b"\n" + noise + b"\n" for one, (_, noise) in zip(sent, batch, strict=True))
        )
        server.answers({name for name, one in zip(names, sent, strict=True) if is_request(one, name)})
        assert server.ask("ping", {})["result"] == {}
        memory_mb.append(server.memory_mb)

    fuzz()
    assert "Traceback" not in server.stderr()
    assert memory_mb[-1] - memory_mb[LINES // AT_ONCE // 4] < GROWTH_MB


HEAD = b'{"jsonrpc":"2.0","id":"large","method":"tools/call","params":{"name":"list_customers","arguments":'
LARGE = {
    "a text": HEAD + b'{"keywords":"' + MEGABYTE * 40 + b'"}}}',
    "many texts": HEAD + b'{"keywords":[' + b'"%030d",' % 0 * 1_250_000 + b'"a"]}}}',
    "an open text": HEAD + b'{"keywords":"' + MEGABYTE * 40,
    "open brackets": HEAD + b"[" * 40 * 2**20,
    "quotes and backslashes": HEAD + b'"\\' * 20 * 2**20,
}


@pytest.mark.parametrize("line", LARGE.values(), ids=LARGE)
def test_a_line_of_forty_megabytes_is_answered_and_so_is_the_next(server: Wire, line: bytes) -> None:
    server.write(line + b"\n")
    assert server.answers({"large"})
    assert server.ask("ping", {})["result"] == {}


def test_forty_megabytes_of_nothing_are_passed_over(server: Wire) -> None:
    server.write(MEGABYTE * 40 + b"\n")
    assert server.ask("ping", {})["result"] == {}


def test_nothing_of_a_line_is_logged(server: Wire) -> None:
    server.write(b'{"jsonrpc":"2.0","id":"a","method":"Geheim","params":{"name":"Geheim"}}\nGeheim\n')
    assert server.answers({"a"})
    assert not re.search("Geheim", server.stderr())
