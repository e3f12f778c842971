"""deploy/haproxy.cfg: time-outs, limits and headers as they are written; test_proxy.py runs it."""

import re

from faktoora_mcp.server.remote.bodies import READ_S
from faktoora_mcp.server.remote.http import SENDING_S
from faktoora_mcp.server.remote.settings import RemoteSettings
from faktoora_mcp.settings import Settings
from tests.documents import ROOT

CONFIGURATION = (ROOT / "deploy" / "haproxy.cfg").read_text("utf-8")
LINES = [line.strip() for line in CONFIGURATION.splitlines()]


def seconds(name: str) -> int:
    (found,) = re.findall(rf"^\s*timeout {name} (\d+)s$", CONFIGURATION, re.MULTILINE)
    return int(found)


def test_only_a_connection_that_failed_sends_a_request_to_another_replica() -> None:
    assert [line for line in LINES if line.startswith(("retry-on", "http-reuse"))] == [
        "http-reuse never",
        "retry-on conn-failure",
    ]
    assert "option redispatch 1" in LINES


def test_the_proxy_waits_longer_than_the_longest_request() -> None:
    longest = Settings(sandbox=True).call_s + SENDING_S
    assert min(seconds("server"), seconds("client")) > longest


def test_slow_headers_are_given_up_before_a_replica_would_give_up_a_body() -> None:
    assert seconds("http-request") < READ_S
    assert "option http-buffer-request" in LINES


def test_a_replica_gets_as_many_requests_as_it_handles_at_a_time() -> None:
    (limit,) = re.findall(r"default-server .* maxconn (\d+)", CONFIGURATION)
    assert int(limit) == RemoteSettings().max_calls
