import os
import pty
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from pydantic import JsonValue

from tests.processes import COMMAND, DEADLINE_S, LEGACY, MODERN, Process, environment, run

INSIDE_S = 5.0
"""The server takes less than a second; a loaded machine may need longer."""


@pytest.fixture
def silent_api() -> Iterator[str]:
    """An API that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1"


def test_end_of_input_ends_the_server_with_code_0() -> None:
    with Process("serve", "--sandbox") as server:
        server.initialize()
        server.end_of_input()
        assert server.process.wait(INSIDE_S) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_with_code_0_while_input_stays_open(number: signal.Signals) -> None:
    with Process("serve", "--sandbox") as server:
        server.initialize()
        server.process.send_signal(number)
        assert server.process.wait(INSIDE_S) == 0
        assert server.stderr() == ""


def test_a_signal_ends_the_server_during_a_call(silent_api: str) -> None:
    env = environment(FAKTOORA_API_KEY="any-key-4711", FAKTOORA_BASE_URL=silent_api)
    with Process("serve", env=env) as server:
        server.initialize()
        server.send("tools/call", {"name": "list_customers", "arguments": {}}, request_id=2)
        server.send("ping", {}, request_id=3)
        assert server.receive()["id"] == 3
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(INSIDE_S) == 0


def test_end_of_input_ends_the_server_during_a_call(silent_api: str) -> None:
    env = environment(FAKTOORA_API_KEY="any-key-4711", FAKTOORA_BASE_URL=silent_api)
    with Process("serve", env=env) as server:
        server.initialize()
        server.send("tools/call", {"name": "list_customers", "arguments": {}}, request_id=2)
        server.end_of_input()
        assert server.process.wait(INSIDE_S) == 0


def test_sigterm_ends_the_server_as_process_1_of_a_container() -> None:
    prefix = ("unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child")
    possible = shutil.which("unshare") and subprocess.run([*prefix, "true"], check=False).returncode == 0
    if not possible and "CI" not in os.environ:
        pytest.skip("this machine allows no process namespace")
    with Process("serve", "--sandbox", prefix=prefix) as server:
        server.initialize()
        children = f"/proc/{server.process.pid}/task/{server.process.pid}/children"
        os.kill(int(Path(children).read_text("ascii")), signal.SIGTERM)
        assert server.process.wait(INSIDE_S) == 0


def test_without_key_and_sandbox_one_sentence_says_what_to_set() -> None:
    done = run("serve")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("No API key: set FAKTOORA_API_KEY (or FAKTOORA_API_KEY_FILE)")
    assert done.stderr.count("\n") == 1


def test_serve_is_what_happens_without_a_command_when_stdin_is_no_terminal() -> None:
    with Process(env=environment(FAKTOORA_SANDBOX="true")) as server:
        assert server.initialize()["protocolVersion"] == LEGACY


def test_serve_is_what_happens_with_options_alone() -> None:
    with Process("--sandbox") as server:
        assert server.initialize()["protocolVersion"] == LEGACY


def test_at_a_terminal_without_a_command_a_short_help_appears() -> None:
    terminal, ours = pty.openpty()
    try:
        done = subprocess.run(
            COMMAND, stdin=ours, capture_output=True, encoding="utf-8", timeout=DEADLINE_S, check=False
        )
    finally:
        os.close(terminal)
        os.close(ours)
    assert done.returncode == 0
    assert "faktoora-mcp demo" in done.stdout


def test_invalid_input_does_not_end_the_server() -> None:
    with Process("serve", "--sandbox") as server:
        stdin = server.process.stdin
        assert stdin is not None
        stdin.write(b'hello\n\n{}\n[]\n\xff\xfe\n{"jsonrpc":"2.0","id":9,\n')
        server.initialize()


CALL = '"method":"tools/call","params":{"name":"list_customers","arguments":{"keywords":'
DEEP = "[" * 100_000 + "]" * 100_000
UNREADABLE = {
    "half a surrogate pair": f'{{"jsonrpc":"2.0","id":7,{CALL}["\\ud83d"]}}}}}}',
    "the other half": f'{{"jsonrpc":"2.0","id":7,{CALL}["\\ude00 x"]}}}}}}',
    "half a pair in a name": '{"jsonrpc":"2.0","id":7,"method":"ping","params":{"\\ud83d":1}}',
    "half a pair in the method": '{"jsonrpc":"2.0","id":7,"method":"\\ud83d"}',
    "an id after the arguments": f'{{"jsonrpc":"2.0",{CALL}["\\ud83d"]}}}},"id":7}}',
    "another id within": f'{{"jsonrpc":"2.0",{CALL}["\\ud83d",{{"id":8}}]}}}},"id":7}}',
    "brackets in a text": '{"jsonrpc":"2.0","method":"}{][\\"","params":{"a":"\\ud83d"},"id":7}',
    "deep nesting": f'{{"jsonrpc":"2.0","id":7,{CALL}{DEEP}}}}}}}',
    "only a half": '{"jsonrpc":"2.0","id":7,"method":"ping"',
    "the end within a text": '{"jsonrpc":"2.0","id":7,"method":"pi',
    "two requests in a line": '{"jsonrpc":"2.0","id":7,"method":"ping"}{"id":8,"method":"ping"}',
    "ten million brackets": f'{{"jsonrpc":"2.0","id":7,"method":"ping","params":{"[" * 10_000_000}',
    "a byte order mark": '\ufeff{"jsonrpc":"2.0","id":7,"method":"ping"}',
}
NO_REQUESTS = {
    "no version": '{"id":7,"method":"ping"}',
    "another version": '{"jsonrpc":"1.0","id":7,"method":"ping","params":{"id":8,"method":"x"}}',
    "a list for params": '{"jsonrpc":"2.0","id":7,"method":"ping","params":[1]}',
    "a text for params": '{"jsonrpc":"2.0","id":7,"method":"ping","params":"a"}',
    "a number for the method": '{"jsonrpc":"2.0","id":7,"method":1}',
    "a list of one request": '[{"jsonrpc":"2.0","id":7,"method":"ping"}]',
    "null for the method": '{"jsonrpc":"2.0","id":7,"method":null}',
}
ANSWERED = [
    *((kind, line, -32700) for kind, line in UNREADABLE.items()),
    *((kind, line, -32600) for kind, line in NO_REQUESTS.items()),
]


def send_line(server: Process, line: str) -> None:
    assert server.process.stdin
    server.process.stdin.write(line.encode() + b"\n")
    server.process.stdin.flush()


def refused(server: Process, line: str) -> tuple[JsonValue, JsonValue]:
    """The id and the code of the error that answers a line."""
    send_line(server, line)
    answer = server.receive()
    return answer["id"], cast("dict[str, JsonValue]", answer["error"])["code"]


def test_a_request_that_cannot_be_read_is_answered_by_its_id() -> None:
    with Process("serve", "--sandbox") as server:
        for started in (False, True):
            if started:
                server.initialize()
            for kind, line, code in ANSWERED:
                assert (kind, *refused(server, line)) == (kind, 7, code)
                text = line.replace('"id":7', '"id":"a\\u00e9 7"')
                assert (kind, *refused(server, text)) == (kind, "aé 7", code)


def test_an_id_that_cannot_be_sent_back_is_answered_by_null() -> None:
    with Process("serve", "--sandbox") as server:
        assert refused(server, '{"jsonrpc":"2.0","id":"\\ud83d","method":"ping"}') == (None, -32700)


@pytest.mark.parametrize(
    "line",
    [
        '{"jsonrpc":"2.0","method":"notifications/x","params":{"a":"\\ud83d"}}',
        '{"jsonrpc":"2.0","id":null,"method":"x","params":{"a":"\\ud83d"}}',
        '{"jsonrpc":"2.0","id":true,"method":"x","params":{"a":"\\ud83d"}}',
        '{"jsonrpc":"2.0","id":7,"result":{"a":"\\ud83d"}}',
        '{"a":' * 1000,
        "]" * 1000,
        '"',
    ],
)
def test_what_is_no_request_gets_no_answer_and_ends_nothing(line: str) -> None:
    with Process("serve", "--sandbox") as server:
        send_line(server, line)
        assert server.initialize()


def test_calls_go_on_after_a_request_that_could_not_be_read() -> None:
    with Process("serve", "--sandbox") as server:
        server.initialize()
        assert refused(server, UNREADABLE["half a surrogate pair"]) == (7, -32700)
        server.send("tools/call", {"name": "generate_customer_number", "arguments": {}}, request_id=8)
        assert server.receive()["id"] == 8


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["legacy", MODERN, "auto"])
async def test_stdio_supports_both_protocol_revisions(mode: str) -> None:
    command, *arguments = COMMAND
    server = StdioServerParameters(
        command=command, args=[*arguments, "serve", "--sandbox", "--log-level", "error"], env=environment()
    )
    async with Client(server, mode=mode) as client:
        assert client.protocol_version == (LEGACY if mode == "legacy" else MODERN)
        found = await client.call_tool("list_customers", {"per_page": 2})
    assert not found.is_error


def test_info_logs_name_the_request_without_search_words() -> None:
    with Process("serve", "--sandbox") as server:
        server.initialize()
        arguments = {"keywords": ["Erika Mustermann"], "category": "Geheim"}
        server.send("tools/call", {"name": "list_customers", "arguments": arguments}, request_id=2)
        server.receive()
        server.end_of_input()
        server.process.wait(INSIDE_S)
        log = server.stderr()
    assert "GET /customers 200" in log
    assert "Erika" not in log
    assert "Geheim" not in log


def test_the_sandbox_keeps_its_customers_in_a_file(tmp_path: Path) -> None:
    db = f"{tmp_path}/customers.db"
    customer = {
        "isCompany": True,
        "name": "Bleibt GmbH",
        "address": "A 1",
        "postcode": "10115",
        "city": "Berlin",
    }
    for tool, arguments, expected in (
        ("create_customer", {"customer": customer}, "Bleibt GmbH"),
        ("list_customers", {"keywords": ["Bleibt"]}, "Bleibt GmbH"),
    ):
        with Process("serve", "--sandbox", "--db", db) as server:
            server.initialize()
            server.send("tools/call", {"name": tool, "arguments": arguments}, request_id=2)
            assert expected in str(server.receive()["result"])
            server.end_of_input()
            assert server.process.wait(INSIDE_S) == 0
