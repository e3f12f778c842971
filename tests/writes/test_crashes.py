"""A real server that is left, stopped or killed in the middle of a write: base and log agree afterwards."""

import fcntl
import json
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import pytest
from pydantic import JsonValue

from faktoora_mcp.writes.audit import unfinished
from tests.processes import Process
from tests.writes.scripts import ACME, ID, audit_lines
from tests.writes.slow_api import INSIDE_S, SlowApi, in_the_middle, slow_api

Record = dict[str, JsonValue]
OTHER: Record = ACME | {"name": "Nordwind Segel OHG", "email": "post@nordwind.example.com", "city": "Kiel"}
CALLS: dict[str, tuple[str, Record]] = {
    "create_customer": ("POST", {"customer": OTHER}),
    "update_customer": ("PATCH", {"id": ID, "changes": {"city": "Hamburg"}}),
    "delete_customer": ("DELETE", {"id": ID, "confirm": "CUST-0042"}),
    "import_customers": ("POST", {"file_id": "550e8400"}),
}
ATTEMPTED: dict[str, Record] = {
    "create_customer": OTHER,
    "update_customer": {"city": "Hamburg"},
    "delete_customer": {"id": ID, "customerId": "CUST-0042", "name": "Acme GmbH"},
    "import_customers": {"fileId": "550e8400"},
}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


class TestHost:
    """A host that leaves stops a write that was not sent, and waits for one that was."""

    @pytest.mark.parametrize("end", ["end of input", "SIGTERM"])
    def test_that_leaves_in_the_middle_of_a_post_leaves_nothing_in_doubt(self, end: str, log: Path) -> None:
        with slow_api("POST") as api, creating(api, log) as server:
            leave(server, end)
            with pytest.raises(subprocess.TimeoutExpired):
                server.process.wait(0.3)
            api.released.set()
            assert server.process.wait(INSIDE_S) == 0
        intent, outcome = audit_lines(log)
        assert (intent["tool"], outcome["id"], outcome["outcome"]) == ("create_customer", "new", "created")
        assert api.methods.count("POST") == 1

    @pytest.mark.parametrize("end", ["end of input", "SIGTERM"])
    def test_that_leaves_before_the_post_stops_it(self, end: str, log: Path) -> None:
        with slow_api("GET") as api, creating(api, log) as server:
            leave(server, end)
            assert server.process.wait(INSIDE_S) == 0
        assert ("POST" in api.methods, audit_lines(log)) == (False, [])

    def test_that_cancels_in_the_middle_of_a_post_leaves_nothing_in_doubt(self, log: Path) -> None:
        with slow_api("POST") as api, creating(api, log) as server:
            cancel(server)
            server.send("ping", {}, request_id=3)
            while server.receive().get("id") != 3:
                pass
            api.released.set()
            server.end_of_input()
            assert server.process.wait(INSIDE_S) == 0
        assert audit_lines(log)[1]["outcome"] == "created"


@pytest.mark.parametrize("tool", CALLS)
class TestKilled:
    """kill -9: the log holds an intent without outcome if, and only if, the write was sent."""

    def test_before_the_write_is_sent_neither_base_nor_log_knows_of_it(self, tool: str, log: Path) -> None:
        with slow_api("GET") as api, in_the_middle(api, log, tool, CALLS[tool][1]) as server:
            before = {**api.base}
            kill(server)
        assert (api.base, audit_lines(log)) == (before, [])

    def test_before_the_answer_arrives_the_log_holds_what_was_attempted(self, tool: str, log: Path) -> None:
        method, arguments = CALLS[tool]
        with slow_api(method) as api, in_the_middle(api, log, tool, arguments) as server:
            kill(server)
            check_done(tool, api)
        check_unfinished(tool, log)

    @pytest.mark.skipif(sys.platform != "linux", reason="/proc/locks shows who waits for a lock")
    def test_before_the_outcome_is_recorded_the_log_holds_what_was_attempted(
        self, tool: str, log: Path
    ) -> None:
        method, arguments = CALLS[tool]
        with slow_api(method) as api, in_the_middle(api, log, tool, arguments) as server, locked(log):
            api.released.set()
            wait_for_lock(server)
            kill(server)
            check_done(tool, api)
        check_unfinished(tool, log)


def test_killed_before_the_api_carried_it_out_the_log_holds_what_was_attempted(log: Path) -> None:
    update = CALLS["update_customer"][1]
    api_first = slow_api("PATCH", carried_out=False)
    with api_first as api, in_the_middle(api, log, "update_customer", update) as server:
        kill(server)
        assert api.base[ID]["city"] == "Berlin"
    check_unfinished("update_customer", log)


def test_the_next_run_adds_to_a_log_with_an_unfinished_write(log: Path) -> None:
    update = CALLS["update_customer"][1]
    for expected in (1, 2):
        with slow_api("PATCH") as api, in_the_middle(api, log, "update_customer", update) as server:
            kill(server)
        assert len(unfinished(log).intents) == len(audit_lines(log)) == expected


@contextmanager
def creating(api: SlowApi, log: Path) -> Generator[Process]:
    with in_the_middle(api, log, "create_customer", {"customer": OTHER}) as server:
        yield server


def leave(server: Process, how: str) -> None:
    if how == "SIGTERM":
        server.process.send_signal(signal.SIGTERM)
    else:
        server.end_of_input()


def cancel(server: Process) -> None:
    stdin = cast("IO[bytes]", server.process.stdin)
    params = {"requestId": 2, "reason": "changed my mind"}
    note = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}
    stdin.write(json.dumps(note).encode() + b"\n")
    stdin.flush()


def kill(server: Process) -> None:
    server.process.kill()
    assert server.process.wait(INSIDE_S) == -signal.SIGKILL


@contextmanager
def locked(log: Path) -> Generator[None]:
    """While another process writes to the log."""
    with log.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def wait_for_lock(server: Process) -> None:
    """Until the server waits for the lock on its log, which /proc/locks shows as `1: -> FLOCK … PID …`."""
    end = time.monotonic() + INSIDE_S
    waits = f" {server.process.pid} "
    while not any("->" in line and waits in line for line in Path("/proc/locks").read_text().splitlines()):
        assert time.monotonic() < end
        time.sleep(0.01)


def check_done(tool: str, api: SlowApi) -> None:
    """The write reached the base once."""
    known = {ID: api.base.get(ID)}
    match tool:
        case "create_customer":
            assert api.base == known | {"new": api.base["new"] | OTHER}
        case "update_customer":
            assert (api.base.keys(), api.base[ID]["city"]) == ({ID}, "Hamburg")
        case "delete_customer":
            assert api.base == {}
        case _:
            assert api.base.keys() == {ID, "Boot A", "Boot B"}


def check_unfinished(tool: str, log: Path) -> None:
    """The log holds the intent alone, with all that tells what to look for."""
    (line,) = audit_lines(log)
    assert (unfinished(log), line["event"], line["tool"]) == (([line], 0), "intent", tool)
    assert ATTEMPTED[tool].items() <= cast("Record", line["attempted"]).items()
    assert line["id"] == CALLS[tool][1].get("id")
