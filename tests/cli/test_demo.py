"""The demo. It starts its server as a process; the demo itself runs in this one, but for two tests."""

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import pytest

from faktoora_mcp.api.exchange import LOG_LINE
from faktoora_mcp.cli.demo import SERVER, bytes_sent, play
from faktoora_mcp.cli.demo_steps import STEPS, Answers, Json, Step
from faktoora_mcp.server.tools import TOOLS
from tests.cli.commands import Done, run, run_at_terminal
from tests.processes import DEADLINE_S
from tests.scripted import ACME

Check = Callable[[Json, Answers], bool]
IN_TWO_CALLS = {"update_customers", "merge_customers"}
"""Tools that first show what they would do; the demo has no step for them."""
WITHOUT_EFFECT: list[Check] = [lambda _, __: False, lambda answer, _: answer["unknown"]]
NUMBER_SENT = (
    '{"value":"CUST-0059"}{"succeed":true}',
    '{"value":"CUST-0058"}{"succeed":false}{"succeed":true}',
)
"""What the API sends about the next number: free, as specified; or drawn by counting, and taken."""
LEAVES_AT_THE_FIRST_REQUEST = """
import os, anyio, httpx
from faktoora_mcp.server.app import create_server
from faktoora_mcp.settings import Settings
from faktoora_mcp.server.stdio import serve

class Leaving(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request):
        os._exit(3)

anyio.run(serve, create_server(Settings(sandbox=True), Leaving()))
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.fixture(scope="module")
def shown() -> Done:
    """The demo as people read it, on a console that knows no umlauts and with settings for real work."""
    live = {"FAKTOORA_API_KEY": "key-4711", "FAKTOORA_READ_ONLY": "true", "FAKTOORA_LOG_LEVEL": "error"}
    return run("demo", encoding="ascii", COLUMNS="80", **live)


@pytest.fixture(scope="module", params=["documented", "current"])
def played(request: pytest.FixtureRequest) -> Json:
    """The demo in both forms of the API, as programs read it."""
    done = run("demo", "--json", "--dialect", request.param, encoding="cp1252")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
    return cast("Json", json.loads(done.stdout))


def failed(
    capsys: pytest.CaptureFixture[str],
    command: Sequence[str] = SERVER,
    steps: Sequence[Step] = STEPS,
    timeout_s: float = DEADLINE_S,
) -> Json:
    """The report of a demo that ends with code 1 and its error, the same on stderr."""
    assert play(command, steps, as_json=True, timeout_s=timeout_s) == 1
    output = capsys.readouterr()
    report = cast("Json", json.loads(output.out))
    assert report["ok"] is False
    assert output.err == report["error"] + "\n"
    return report


def test_every_step_does_what_it_should(shown: Done) -> None:
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.count(" ✓ ") == len(STEPS) == len(TOOLS) - len(IN_TWO_CALLS)


def test_the_steps_use_every_tool_that_needs_one_call_once(played: Json) -> None:
    assert played["ok"] is True
    assert played["tools"] == list(TOOLS)
    assert sorted(step["tool"] for step in played["steps"]) == sorted({*TOOLS} - IN_TWO_CALLS)
    assert all(step["ok"] for step in played["steps"])


def test_the_latest_protocol_is_used(played: Json) -> None:
    assert played["protocol"] == "2026-07-28"


def test_a_step_is_reported_with_request_call_answer_and_sizes(played: Json) -> None:
    number = next(step for step in played["steps"] if step["tool"] == "generate_customer_number")
    assert number["bytesSent"] in map(len, NUMBER_SENT)
    assert number | {"bytesSent": 0} == {
        "step": "Acme GmbH has ordered for the first time. Which customer number is next?",
        "tool": "generate_customer_number",
        "arguments": {},
        "answer": {"number": "CUST-0059"},
        "ok": True,
        "bytesRead": 22,
        "bytesSent": 0,
    }


def test_the_customer_of_the_specification_is_created_under_the_next_number(played: Json) -> None:
    create = next(step for step in played["steps"] if step["tool"] == "create_customer")
    assert create["arguments"] == {"customer": ACME | {"customerId": "CUST-0059"}}


def test_sizes_are_those_of_the_answers_and_add_up(played: Json) -> None:
    steps = played["steps"]
    for step in steps:
        text = json.dumps(step["answer"], ensure_ascii=False, separators=(",", ":"))
        assert step["bytesRead"] == len(text.encode())
        assert step["bytesSent"] > 0
    assert played["bytesRead"] == sum(step["bytesRead"] for step in steps)
    assert played["bytesSent"] == sum(step["bytesSent"] for step in steps)


def test_the_agent_reads_less_of_a_list_than_the_api_sends(played: Json) -> None:
    listed = next(step for step in played["steps"] if step["tool"] == "list_customers")
    assert listed["bytesRead"] < listed["bytesSent"] / 2
    assert played["bytesRead"] < played["bytesSent"] / 2


@pytest.mark.parametrize("played", ["documented"], indirect=True)
def test_the_sizes_are_shown(shown: Done, played: Json) -> None:
    sizes = re.findall(r"^(\w+) +([\d,]+) +([\d,]+) +\d+%$", shown.stdout, re.MULTILINE)
    reported = [(s["tool"], f"{s['bytesRead']:,}", f"{s['bytesSent']:,}") for s in played["steps"]]
    assert sizes == reported
    assert re.search(
        rf"^in all +{played['bytesRead']:,} +{played['bytesSent']:,}", shown.stdout, re.MULTILINE
    )
    assert f" {played['bytesOfDefinitions']:,}\n" in shown.stdout


def test_the_log_line_of_the_client_is_understood() -> None:
    one = LOG_LINE % ("GET", "/customers", 200, 1234, 5.2)
    other = LOG_LINE % ("GET", "/customer/7, 8 bytes, 9 ms", 404, 20, 0.4)
    assert bytes_sent(f"WARNING x: y\nINFO a.client: {one}\nINFO a.client: {other}\n") == 1254


@pytest.mark.parametrize("columns", [60, 120])
def test_the_steps_fit_the_width_of_the_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert play(steps=STEPS[:2], as_json=False) == 0
    lines = capsys.readouterr().out.partition("\nBytes ")[0].split("\n")
    assert columns - 10 < max(map(len, lines)) <= max(columns, 65)


def test_all_of_it_fits_into_eighty_columns(shown: Done) -> None:
    assert max(map(len, shown.stdout.splitlines()[:-1])) <= 80  # the last line is a command with its path


def test_a_long_answer_is_cut_visibly(shown: Done) -> None:
    assert re.search(r" … \([\d,]+ bytes\)\n ✓ 5 of them\. It was Immobilien Hahn", shown.stdout)


def test_no_escape_sequence_reaches_a_pipe(shown: Done) -> None:
    assert "\x1b" not in shown.stdout


def test_a_terminal_sees_colours() -> None:
    assert "\x1b[32m ✓ CUST-0059.\x1b[0m" in run_at_terminal("demo")[1]


def test_no_color_is_respected() -> None:
    assert "\x1b" not in run_at_terminal("demo", NO_COLOR="1")[1]


def test_umlauts_are_printed_whatever_the_encoding_of_the_console(shown: Done, played: Json) -> None:
    assert "Musterstraße" in shown.stdout
    assert "Musterstraße" in json.dumps(played, ensure_ascii=False)


def test_a_refused_step_ends_the_demo_with_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    report = failed(capsys, [*SERVER, "--read-only"])
    assert report["error"] == "Step 6 (create_customer) did not do what it should."
    assert [step["ok"] for step in report["steps"]] == [True] * 5 + [False]
    assert report["steps"][-1]["answer"]["error"]["code"] == "read_only"
    assert (report["steps"][-1]["bytesSent"], report["bytesRead"] > 0) == (0, True)


@pytest.mark.parametrize("is_done", WITHOUT_EFFECT)
def test_a_step_without_its_effect_ends_the_demo_with_code_1(
    capsys: pytest.CaptureFixture[str], is_done: Check
) -> None:
    report = failed(capsys, steps=[replace(STEPS[0], is_done=is_done), STEPS[2]])
    assert report["error"] == "Step 1 (list_customers) did not do what it should."
    assert len(report["steps"]) == 1


def test_after_a_failure_nothing_is_praised(capsys: pytest.CaptureFixture[str]) -> None:
    assert play([*SERVER, "--read-only"], as_json=False) == 1
    output = capsys.readouterr()
    assert output.err == "Step 6 (create_customer) did not do what it should.\n"
    assert output.out.count(" ✓ ") == 5
    assert "create_customer is disabled" in output.out
    assert "Every step did" not in output.out


def test_a_server_that_does_not_start_is_reported_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    report = failed(capsys, [*SERVER, "--timeout-s", "soon"])
    assert report["error"].startswith("The server did not start. Its last log line: FAKTOORA_TIMEOUT_S: ")
    assert (report["protocol"], report["tools"], report["steps"]) == (None, [], [])


def test_a_server_that_ends_silently_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert failed(capsys, python(""))["error"] == "The server did not start. Its last log line: (none)"


def test_a_command_that_does_not_exist_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    error = failed(capsys, ["/nowhere/python"])["error"]
    assert error == "The demo stopped: [Errno 2] No such file or directory: '/nowhere/python'."


def test_a_connection_lost_on_the_way_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    report = failed(capsys, python(LEAVES_AT_THE_FIRST_REQUEST))
    assert report["error"].startswith("The connection to the server was lost.")
    assert (report["tools"], report["steps"]) == (list(TOOLS), [])


def test_a_silent_server_does_not_keep_the_demo_waiting(capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    report = failed(capsys, python("import time; time.sleep(60)"), timeout_s=0.5)
    assert report["error"] == "The server did not answer within 0.5 s."
    assert time.monotonic() - began < DEADLINE_S / 2
