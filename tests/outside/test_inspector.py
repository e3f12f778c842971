"""MCP Inspector 2.12 at the server, over stdio and HTTP and in both protocol eras."""

import json
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import pytest

from faktoora_mcp.server.prompts import catalogue
from faktoora_mcp.server.reference_docs import errors_reference, fields_reference
from faktoora_mcp.server.resources import CUSTOMER, CUSTOMER_FIELDS, ERRORS
from faktoora_mcp.server.tools import TOOLS
from tests.outside.programs import SERVER, Programs
from tests.outside.serving import served

pytestmark = pytest.mark.outside
Done: TypeAlias = subprocess.CompletedProcess[str]
Runs: TypeAlias = dict[str, Future[Done]]
Start: TypeAlias = Callable[..., Runs]
ERAS = ("legacy", "modern")
PROMPTS = [*catalogue("en")]
WINKLER = "cust_abc123"
TOOL_IS_ERROR = 5
QUIET = ("-e", "FAKTOORA_LOG_LEVEL=error")


@pytest.fixture(scope="module", params=["stdio", "http"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, ...]]:
    """How the command line of the Inspector names the server."""
    if request.param == "stdio":
        yield (*SERVER, *QUIET, "-e", "FAKTOORA_LANGUAGE=en")
        return
    with served() as url:
        yield (url, "--transport", "http", "--header", "X-API-KEY: key-of-an-inspector")


@pytest.fixture(scope="module")
def start(programs: Programs, server: tuple[str, ...]) -> Iterator[Start]:
    """Begins a request in both eras at once, since one alone leaves half of a small machine idle."""
    with ThreadPoolExecutor(len(ERAS)) as pool:

        @cache
        def both(*request: str) -> Runs:
            asked = ("mcp-inspector", "--cli", *server, *request)
            return {era: pool.submit(programs.run, *asked, "--protocol-era", era) for era in ERAS}

        yield both


@dataclass(frozen=True, slots=True)
class Inspector:
    """Its command line in one era, one request at a time."""

    era: str
    start: Start

    def run(self, method: str, *options: str) -> Done:
        return self.start("--format", "json", "--method", method, *options)[self.era].result()

    def ask(self, method: str, *options: str) -> dict[str, Any]:
        """The result of a request that has to succeed, without a word of complaint."""
        done = self.run(method, *options)
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)["result"]

    def read(self, uri: str) -> tuple[str, str]:
        """Media type and text of a resource."""
        (content,) = self.ask("resources/read", "--uri", uri)["contents"]
        assert content["uri"] == uri
        return content["mimeType"], content["text"]


@pytest.fixture(params=ERAS)
def inspector(request: pytest.FixtureRequest, start: Start) -> Inspector:
    return Inspector(request.param, start)


def test_all_tools_are_listed_and_strict_finds_nothing_in_their_schemas(inspector: Inspector) -> None:
    listed = inspector.ask("tools/list", "--strict")["tools"]
    assert [tool["name"] for tool in listed] == [*TOOLS]


def test_prompts_are_listed(inspector: Inspector) -> None:
    assert [prompt["name"] for prompt in inspector.ask("prompts/list")["prompts"]] == PROMPTS


def test_a_prompt_is_filled_in(inspector: Inspector) -> None:
    given = ("--prompt-name", "find_customer", "--prompt-args", "description=Müller & Söhne")
    (message,) = inspector.ask("prompts/get", *given)["messages"]
    assert message["content"]["text"].startswith("Find this customer in faktoora: Müller & Söhne\n")


def test_resources_are_listed(inspector: Inspector) -> None:
    listed = inspector.ask("resources/list")["resources"]
    assert {CUSTOMER_FIELDS, ERRORS} <= {resource["uri"] for resource in listed}


def test_the_template_of_a_customer_is_listed(inspector: Inspector) -> None:
    listed = inspector.ask("resources/templates/list")["resourceTemplates"]
    assert [template["uriTemplate"] for template in listed] == [CUSTOMER]


def test_a_customer_is_read(inspector: Inspector) -> None:
    kind, text = inspector.read(CUSTOMER.replace("{id}", WINKLER))
    assert kind == "application/json"
    assert json.loads(text)["customer"]["name"] == "Getränke Winkler UG (haftungsbeschränkt)"


def test_the_table_of_fields_is_read(inspector: Inspector) -> None:
    assert inspector.read(CUSTOMER_FIELDS) == ("text/markdown", fields_reference())


def test_the_table_of_errors_is_read(inspector: Inspector) -> None:
    assert inspector.read(ERRORS) == ("text/markdown", errors_reference())


def test_a_tool_that_succeeds_is_exit_code_0(inspector: Inspector) -> None:
    arguments = json.dumps({"keywords": ["Winkler"], "per_page": 1})
    result = inspector.ask("tools/call", "--tool-name", "list_customers", "--tool-args-json", arguments)
    (content,) = result["content"]
    assert json.loads(content["text"]) == result["structuredContent"]
    assert result["structuredContent"]["rows"][0][0] == WINKLER


def test_a_tool_that_fails_is_exit_code_5_and_says_why(inspector: Inspector) -> None:
    wrong = ("--tool-name", "list_customers", "--tool-args-json", '{"per_pag": 1}')
    done = inspector.run("tools/call", *wrong)
    assert done.returncode == TOOL_IS_ERROR
    (content,) = json.loads(done.stdout)["result"]["content"]
    error = json.loads(content["text"])["error"]
    assert error["code"] == "invalid_input"
    assert error["fields"] == {"per_pag": "is unknown; did you mean per_page?"}
