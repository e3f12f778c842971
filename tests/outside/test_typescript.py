"""Both SDKs for TypeScript as clients of the server, over stdio and HTTP; typescript.mjs is what they do."""

import json
from pathlib import Path
from typing import Any, TypeAlias, cast

import pytest

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.server.prompts import catalogue
from faktoora_mcp.server.reference_docs import errors_reference, fields_reference
from faktoora_mcp.server.resources import CUSTOMER, CUSTOMER_FIELDS, ERRORS
from faktoora_mcp.server.tools import TOOLS
from tests.outside.programs import HERE, SERVER, Programs
from tests.outside.serving import served
from tests.processes import LEGACY, MODERN

pytestmark = pytest.mark.outside
Json: TypeAlias = dict[str, Any]
REVISIONS = {"@modelcontextprotocol/sdk": LEGACY, "@modelcontextprotocol/client": MODERN}
READS = [name for name, (_, hints) in TOOLS.items() if hints.read_only_hint]
CUSTOMERS = 1_000
WINKLER = "cust_abc123"
INVALID_PARAMS = -32602


@pytest.fixture(scope="module", params=REVISIONS)
def package(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base of several pages."""
    path = tmp_path_factory.mktemp("sandbox") / "customers.db"
    create_app(path, customers=CUSTOMERS).state.close()
    return path


@pytest.fixture(scope="module", params=["stdio", "http"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def users(package: str, way: str, programs: Programs, db: Path) -> dict[str, Json]:
    """What each user saw: the one who reads, and those who delete: yes, no, unasked."""
    script, quiet = HERE / "typescript.mjs", {"FAKTOORA_LANGUAGE": "de", "FAKTOORA_LOG_LEVEL": "error"}
    if way == "stdio":
        done = programs.run(script, package, str(db), *SERVER, **quiet)
    else:
        with served("de", CUSTOMERS) as url:
            done = programs.run(script, package, "-", url)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.fixture
def asked(package: str, way: str) -> bool:
    """Whether the server can ask a user: without sessions it cannot in 2025-11-25."""
    return way == "stdio" or REVISIONS[package] == MODERN


@pytest.fixture(scope="module")
def reader(users: dict[str, Json]) -> Json:
    return users["reader"]


def answer(result: Json) -> Json:
    """What a call that succeeded answers, as text and as structured content."""
    assert not result.get("isError"), result
    (content,) = result["content"]
    assert json.loads(content["text"]) == result["structuredContent"]
    return cast("Json", result["structuredContent"])


def error(result: Json) -> Json:
    assert result["isError"]
    assert "structuredContent" not in result
    (content,) = result["content"]
    return cast("Json", json.loads(content["text"])["error"])


def test_the_newest_revision_that_both_know_is_spoken(users: dict[str, Json], package: str) -> None:
    assert {user["revision"] for user in users.values()} == {REVISIONS[package]}


def test_all_tools_are_listed_with_the_schemas_of_their_answers(reader: Json) -> None:
    assert [tool["name"] for tool in reader["tools"]] == [*TOOLS]
    assert all(tool["outputSchema"]["properties"] for tool in reader["tools"])


def test_the_client_finds_every_answer_true_to_its_schema(users: dict[str, Json]) -> None:
    assert users["reader"]["verdicts"] == [True] * len(READS)
    assert users["yes"]["verdicts"] == [True] * len(["tried", "created", "updated", "deleted"])


def test_every_tool_that_reads_answers(reader: Json) -> None:
    answers = {name: answer(result) for name, result in reader["answers"].items()}
    assert [*answers] == READS
    assert answers["list_customers"]["rows"][0][0] == WINKLER
    assert answers["get_customer"]["customer"]["id"] == WINKLER
    assert answers["query_customers"]["matched"] == CUSTOMERS
    assert answers["find_duplicate_customers"]["complete"]
    assert answers["generate_customer_number"]["number"].startswith("CUST-")
    assert answers["verify_customer_number"]["holder"]["id"] == WINKLER


def test_progress_of_a_question_over_all_customers_arrives(reader: Json) -> None:
    pages = [event["progress"] for event in reader["progress"]]
    assert len(pages) > 1
    assert pages == sorted({*pages})


def test_a_refused_call_stays_an_error_with_our_envelope(reader: Json) -> None:
    refused = error(reader["refused"])
    assert refused["code"] == "invalid_input"
    assert refused["fields"] == {"per_pag": "is unknown; did you mean per_page?"}
    assert refused["next"]


def test_prompts_are_listed_and_filled_in(reader: Json) -> None:
    assert reader["prompts"] == [*catalogue("de")]
    assert reader["prompt"].startswith("Suchen Sie diesen Kunden in faktoora: Müller & Söhne\n")


def test_both_references_are_listed_and_read(reader: Json) -> None:
    expected = {CUSTOMER_FIELDS: fields_reference(), ERRORS: errors_reference()}
    assert reader["references"].items() >= expected.items()


def test_a_customer_is_read_by_the_template_as_get_customer_answers(reader: Json) -> None:
    assert reader["templates"] == [CUSTOMER]
    assert json.loads(reader["customer"]) == answer(reader["answers"]["get_customer"])


def test_a_customer_who_is_not_there_is_an_error_of_the_protocol(reader: Json) -> None:
    assert reader["nobody"]["code"] == INVALID_PARAMS
    assert "No customer has the id nobody." in reader["nobody"]["message"]


@pytest.mark.parametrize("known", ["number", "name"])
def test_an_id_is_completed_by(reader: Json, known: str) -> None:
    assert WINKLER in reader["completions"][known]


@pytest.mark.parametrize("user", ["yes", "no", "unasked"])
def test_a_customer_is_tried_created_and_updated(users: dict[str, Json], user: str) -> None:
    tried, created, updated = (answer(users[user][step]) for step in ("tried", "created", "updated"))
    assert (tried["outcome"], created["outcome"]) == ("dry_run", "created")
    assert updated["changed"] == {"city": ["Hamburg", "Altona"]}


def test_a_yes_deletes_after_one_question(users: dict[str, Json], asked: bool) -> None:  # noqa: FBT001
    user = users["yes"]
    if not asked:
        deletes_by_name(user)
        return
    (question,) = user["questions"]
    assert question.startswith("“Übersee GmbH” (Altona) endgültig löschen?")
    assert answer(user["deleted"])["outcome"] == "deleted"
    assert error(user["afterwards"])["code"] == "not_found"


def test_a_no_deletes_nothing_even_where_the_name_is_confirmed(
    users: dict[str, Json],
    asked: bool,  # noqa: FBT001 (a fixture)
) -> None:
    user = users["no"]
    if not asked:
        deletes_by_name(user)
        return
    assert len(user["questions"]) == 2
    assert [error(user[step])["code"] for step in ("deleted", "deletedByName")] == ["not_confirmed"] * 2
    assert answer(user["afterwards"])["customer"]["name"] == "Übersee GmbH"


def deletes_by_name(user: Json) -> None:
    """As one does whose host cannot ask."""
    assert user["questions"] == []
    assert error(user["deleted"])["code"] == "not_confirmed"
    assert answer(user["deletedByName"])["outcome"] == "deleted"
    assert error(user["afterwards"])["code"] == "not_found"


def test_a_host_that_cannot_ask_deletes_by_the_name(users: dict[str, Json]) -> None:
    deletes_by_name(users["unasked"])
