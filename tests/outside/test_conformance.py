"""The conformance suite of the protocol, both revisions, at the server as `serve --http` runs it.

Most of its scenarios call tools, prompts and resources that were made for it alone, and say nothing about
other servers. Those that say something are listed here, each with the checks that do.
"""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.outside.programs import Programs
from tests.outside.serving import served
from tests.processes import LEGACY, MODERN

pytestmark = pytest.mark.outside
Scenarios: TypeAlias = dict[str, dict[str, set[str]]]
"""Of every scenario its checks, of every check the statuses it got."""
Suites: TypeAlias = Callable[[str], Scenarios]
TELLING = {
    LEGACY: {
        "server-initialize": "server-initialize wire-schema-valid",
        "server-session-lifecycle": "",
        "ping": "ping wire-schema-valid",
        "tools-list": "tools-list tools-name-format wire-schema-valid",
        "resources-list": "resources-list wire-schema-valid",
        "prompts-list": "prompts-list wire-schema-valid",
        "completion-complete": "completion-complete wire-schema-valid",
        "dns-rebinding-protection": "localhost-host-rebinding-rejected localhost-host-valid-accepted",
        "server-sse-multiple-streams": "",
    },
    MODERN: {
        "tools-list": "tools-list tools-name-format tools-list-deterministic-order wire-schema-valid",
        "resources-list": "resources-list wire-schema-valid",
        "prompts-list": "prompts-list wire-schema-valid",
        "completion-complete": "completion-complete wire-schema-valid",
        "sep-2164-resource-not-found": "sep-2164-no-empty-contents sep-2164-error-code sep-2164-data-uri "
        "wire-schema-valid",
        "dns-rebinding-protection": "localhost-host-rebinding-rejected localhost-host-valid-accepted",
        "caching": "sep-2549-tools-list-caching-hints sep-2549-prompts-list-caching-hints "
        "sep-2549-resources-list-caching-hints sep-2549-resources-templates-list-caching-hints "
        "sep-2549-resources-read-caching-hints sep-2549-ttl-non-negative sep-2549-cache-scope-valid "
        "wire-schema-valid",
        "http-header-validation": "sep-2243-server-reject-invalid-headers sep-2243-server-reject-error-code "
        "sep-2243-server-accepts-whitespace-header-value sep-2243-header-name-case-insensitive "
        "wire-schema-valid",
        "server-sse-multiple-streams": "server-accepts-multiple-post-streams",
        "server-stateless": "sep-2575-request-meta-invalid-missing-meta "
        "sep-2575-http-server-meta-invalid-400 "
        "sep-2575-request-meta-invalid-missing-protocol-version "
        "sep-2575-request-meta-invalid-missing-client-capabilities "
        "sep-2575-request-meta-client-info-optional sep-2575-server-implements-discover "
        "sep-2575-server-identifies-in-result-meta sep-2575-server-declares-prompts-in-discover "
        "sep-2575-discover-capabilities-match-handlers sep-2575-server-unsupported-version-error "
        "sep-2575-http-server-unsupported-version-400 sep-2575-http-server-header-mismatch-400 "
        "sep-2575-http-server-method-not-found-404-initialize sep-2575-http-server-method-not-found-404-ping "
        "sep-2575-http-server-method-not-found-404-logging-setlevel "
        "sep-2575-http-server-method-not-found-404-resources-subscribe "
        "sep-2575-http-server-method-not-found-404-resources-unsubscribe "
        "sep-2575-http-server-method-not-found-404 sep-2575-http-server-error-jsonrpc-id",
    },
}
NOT_PASSED = {
    # test_missing_capability, a tool of the suite that cannot work without sampling; no tool of ours samples.
    "sep-2575-server-rejects-undeclared-capability": {"FAILURE"},
    "sep-2575-missing-capability-http-400": {"FAILURE"},
    # Every request stands for itself: there are no sessions, which the protocol leaves to the server.
    "server-session-id-visible-ascii": {"INFO"},
    "server-session-lifecycle-skipped": {"INFO"},
    "server-sse-multiple-streams-session": {"WARNING"},
    # Nothing is subscribed to: lists stay as they are while the server runs.
    "sep-2575-server-sends-subscription-ack": {"SKIPPED"},
    "sep-2575-server-tags-subscription-id": {"SKIPPED"},
    "sep-2575-server-honors-notification-filter": {"SKIPPED"},
    "sep-2575-server-sends-prompts-list-changed-on-subscription": {"SKIPPED"},
    "sep-2575-server-sends-tools-list-changed-on-subscription": {"SKIPPED"},
    # A server that answers in JSON has no streams to look at, which the suite allows.
    "server-sse-streams-functional": {"INFO"},
}
"""Checks that need what this server does not have."""
SAYING_NOTHING = {
    # These pass because the suite's tools test_streaming_elicitation and test_logging_tool, which would do
    # what must not happen, are not there.
    "sep-2575-http-server-no-independent-requests-on-stream",
    "sep-2575-server-no-log-without-loglevel",
}
SCENARIOS = [(revision, scenario) for revision, scenarios in TELLING.items() for scenario in scenarios]
SCENARIO_MS = "8000"
RUN = re.compile(r"server-(.+)-\d{4}-\d\d-\d\dT.+")
"""The name of a folder: scenario and time."""


@pytest.fixture(scope="module")
def suites(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Suites:
    """What came of all that a revision requires; each revision is run once, when it is first asked for."""

    @cache
    def suite(revision: str) -> Scenarios:
        folder = tmp_path_factory.mktemp(revision)
        with served() as url:
            required = ("--requirements", revision, "--timeout", SCENARIO_MS, "--output-dir", str(folder))
            done = programs.run("conformance", "server", "--url", url, *required)
        assert done.stderr == ""
        return {_scenario(path): _statuses(path) for path in folder.glob("*/checks.json")}

    return suite


def _scenario(checks: Path) -> str:
    return RUN.sub(r"\1", checks.parent.name)


def _statuses(checks: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    listed: list[dict[str, Any]] = json.loads(checks.read_text("utf-8"))
    for check in listed:
        found.setdefault(check["id"], set()).add(check["status"])
    return found


@pytest.mark.parametrize(("revision", "scenario"), SCENARIOS)
def test_every_check_that_says_something_passes(suites: Suites, revision: str, scenario: str) -> None:
    checks = suites(revision)[scenario]
    passed = {check for check, statuses in checks.items() if statuses == {"SUCCESS"}}
    assert passed - SAYING_NOTHING == {*TELLING[revision][scenario].split()}


@pytest.mark.parametrize(("revision", "scenario"), SCENARIOS)
def test_only_checks_that_need_what_the_server_does_not_have_do_not_pass(
    suites: Suites, revision: str, scenario: str
) -> None:
    checks = suites(revision)[scenario]
    others = {check: statuses for check, statuses in checks.items() if statuses != {"SUCCESS"}}
    assert others.items() <= NOT_PASSED.items()


@pytest.mark.parametrize("revision", TELLING)
def test_every_message_of_every_scenario_follows_the_schema_of_the_revision(
    suites: Suites, revision: str
) -> None:
    found = {name: checks.get("wire-schema-valid") for name, checks in suites(revision).items()}
    validated = {name: statuses for name, statuses in found.items() if statuses}
    assert {name for name, statuses in validated.items() if statuses != {"SUCCESS"}} == set()
    assert len(validated) > 20
