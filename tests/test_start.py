"""What a start imports, by name: what calls and other subcommands need comes with them."""

import json
import re
import subprocess
import sys
from typing import cast

import pytest

from tests.processes import DEADLINE_S, Process, environment

AT_START = {
    "settings", "errors", "api.connection", "server.app", "server.apps", "server.definitions",
    "server.resources", "server.stdio", "server.workspace", "cli.main", "cli.options", "cli.sandbox",
    "cli.startup", "cli.texts.help", "cli.texts.parameters", "cli.texts.usage",
    "cli.texts.words", "language", "cli.token", "cli.many", "server.remote.settings", "text", "quotas",
    "state.state", "state.consent",
}  # fmt: skip
ROOMS = {"api", "server", "server.remote", "cli", "cli.texts", "state"}
OF_CALLS = ["httpx", "httpcore"]
OF_RARE_PATHS = ["stdnum", "phonenumbers", "email_validator", "rapidfuzz", "yaml", "sqlite3"]
LIVE = {
    "FAKTOORA_API_KEY": "key-4711",
    "FAKTOORA_BASE_URL": "http://127.0.0.1:9/api/v1",
    "FAKTOORA_TIMEOUT_S": "1",
}
IMPORTED = re.compile(r"^import time: .*\| +(\S+)$", re.MULTILINE)


def answers_and_imports(*calls: tuple[str, dict[str, object]], **env: str) -> tuple[list[str], set[str]]:
    """What a server answers, and the modules it has imported by then."""
    with Process("serve", env=environment(**LIVE, PYTHONPROFILEIMPORTTIME="1", **env)) as server:
        server.initialize()
        answers: list[str] = []
        for number, (method, params) in enumerate(calls, 2):
            server.send(method, params, number)
            answers.append(json.dumps(server.receive()))
        server.end_of_input()
        return answers, set(IMPORTED.findall(server.stderr()))


def ours(modules: set[str]) -> set[str]:
    """The modules of the package by room and name, its rooms themselves left out."""
    found = {name.removeprefix("faktoora_mcp.") for name in modules if name.startswith("faktoora_mcp.")}
    return found - ROOMS - {"__main__"}


def test_a_start_imports_only_what_every_start_needs() -> None:
    (tools,), modules = answers_and_imports(("tools/list", {}))
    assert '"name": "get_customer"' in tools
    assert ours(modules) <= AT_START
    assert modules.isdisjoint([*OF_CALLS, *OF_RARE_PATHS])


def test_listing_resources_and_templates_imports_nothing_more() -> None:
    listed, modules = answers_and_imports(("resources/list", {}), ("resources/templates/list", {}))
    assert "faktoora://reference/errors" in listed[0]
    assert "faktoora://customers/{id}" in listed[1]
    assert ours(modules) <= AT_START
    assert modules.isdisjoint([*OF_CALLS, *OF_RARE_PATHS])


def test_a_read_imports_nothing_that_only_rare_paths_need() -> None:
    get = {"name": "get_customer", "arguments": {"id": "cust_abc123"}}
    (answer,), modules = answers_and_imports(("tools/call", cast("dict[str, object]", get)))
    assert "unreachable" in answer
    assert "httpx" in modules
    assert modules.isdisjoint(OF_RARE_PATHS)
    assert ours(modules).isdisjoint(
        {
            "sandbox.app",
            "api.embedded",
            "cli.export",
            "sheets.reading",
            "cli.doctor",
            "cli.hosts.install",
            "cli.calls.call",
        }
    )


def test_an_unusable_proxy_is_told_by_the_first_call() -> None:
    call: dict[str, object] = {"name": "generate_customer_number", "arguments": {}}
    (answer,), _ = answers_and_imports(("tools/call", call), HTTP_PROXY="socks9://nowhere", NO_PROXY="")
    assert "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY" in answer
    assert "Ask the operator" in answer


@pytest.mark.parametrize("inside", ["pass", "raise SystemExit(0)"])
def test_garbage_is_collected_again_after_the_imports(inside: str) -> None:
    code = (
        "import atexit, gc\n"
        "from faktoora_mcp.cli.startup import gc_paused\n"
        "atexit.register(lambda: print(gc.isenabled(), gc.get_freeze_count() > 0))\n"
        f"with gc_paused():\n    assert not gc.isenabled()\n    {inside}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=DEADLINE_S, check=True
    )
    assert done.stdout == "True True\n"
