"""The question before a deletion, as hosts of either protocol era show it to their users."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest
from mcp import Client
from mcp.client import ClientRequestContext
from mcp.types import ElicitRequestFormParams, ElicitRequestParams, ElicitResult
from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.language import user_language
from faktoora_mcp.server.app import create_server
from faktoora_mcp.server.elicitation.deletion import question
from faktoora_mcp.text import MASK
from tests.agents import ERAS, Agent, agent
from tests.scripted import KEY, RECORD, Script, reply, settings
from tests.writes.scripts import DELETE, GET, Routes, record_with

pytestmark = pytest.mark.anyio
ID = "cust_abc123"
WHOLE: dict[str, JsonValue] = {**RECORD, "customerContacts": [], "deliveryAddresses": []}
YES = ElicitResult(action="accept", content={"agreed": True})
NO = ElicitResult(action="accept", content={"agreed": False})
ENGLISH = "Delete “Acme GmbH” (number CUST-0042, Berlin) for good? This cannot be undone."
GERMAN = "“Acme GmbH” (Nummer CUST-0042, Berlin) endgültig löschen? Das lässt sich nicht rückgängig machen."


class User:
    """Gives the answers in order, then repeats the last one; records the questions."""

    def __init__(self, *answers: ElicitResult) -> None:
        self._answers = list(answers)
        self.questions: list[ElicitRequestFormParams] = []

    async def __call__(
        self,
        context: ClientRequestContext,  # noqa: ARG002 (the SDK hands it over)
        params: ElicitRequestParams,
    ) -> ElicitResult:
        assert isinstance(params, ElicitRequestFormParams)
        self.questions.append(params)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    @property
    def asked(self) -> list[str]:
        return [question.message for question in self.questions]


class OneCustomerApi(httpx.AsyncBaseTransport):
    """An API with one customer, which a test may change; records the methods of its requests."""

    def __init__(self, record: dict[str, JsonValue] | None = None) -> None:
        self.record = record or WHOLE
        self.methods: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.methods.append(request.method)
        return reply({"succeed": True} if request.method == "DELETE" else self.record)


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def agent_with(
    era: str, user: User, transport: httpx.AsyncBaseTransport, **given: object
) -> AsyncGenerator[Agent]:
    """An agent whose host supports elicitation."""
    server = create_server(settings(**{"language": "en"} | given), transport)
    async with Client(server, mode=era, elicitation_callback=user) as client:
        yield Agent(client)


async def test_agreement_deletes_the_customer(era: str) -> None:
    user, api = User(YES), OneCustomerApi()
    async with agent_with(era, user, api) as someone:
        answer = await someone.call("delete_customer", id=ID)
    assert (answer["outcome"], answer["deleted"]["name"]) == ("deleted", "Acme GmbH")
    assert (user.asked, api.methods.count("DELETE")) == ([ENGLISH], 1)


async def test_the_question_does_not_show_the_key(era: str) -> None:
    user, api = User(NO), OneCustomerApi(WHOLE | {"name": f"Acme {KEY}"})
    async with agent_with(era, user, api) as someone:
        await someone.fails("delete_customer", id=ID)
    assert user.asked == [ENGLISH.replace("Acme GmbH", f"Acme {MASK}")]


@pytest.mark.parametrize(
    "answer",
    [NO, ElicitResult(action="decline"), ElicitResult(action="cancel")],
    ids=["no", "decline", "cancel"],
)
async def test_anything_else_deletes_nothing(era: str, answer: ElicitResult) -> None:
    user, api = User(answer), OneCustomerApi()
    async with agent_with(era, user, api) as someone:
        error = await someone.fails("delete_customer", id=ID)
    assert (error["code"], error["message"]) == (
        "not_confirmed",
        "Nothing was deleted: the user did not agree.",
    )
    assert (user.asked, api.methods.count("DELETE")) == ([ENGLISH], 0)


async def test_a_matching_confirmation_does_not_replace_the_users_answer(era: str) -> None:
    user, api = User(NO), OneCustomerApi()
    async with agent_with(era, user, api) as someone:
        error = await someone.fails("delete_customer", id=ID, confirm="CUST-0042")
    assert (error["code"], api.methods.count("DELETE")) == ("not_confirmed", 0)


async def test_a_wrong_confirmation_is_refused_without_a_question(era: str) -> None:
    user, api = User(YES), OneCustomerApi()
    async with agent_with(era, user, api) as someone:
        error = await someone.fails("delete_customer", id=ID, confirm="Zeta AG")
    assert (error["code"], user.asked, api.methods) == ("not_confirmed", [], ["GET"])


async def test_an_unknown_customer_is_not_asked_about(era: str) -> None:
    user = User(YES)
    async with agent_with(era, user, Script(reply({}, 404))) as someone:
        error = await someone.fails("delete_customer", id=ID)
    assert (error["code"], user.asked) == ("not_found", [])


async def test_a_customer_that_cannot_be_read_is_not_asked_about(era: str) -> None:
    user = User(YES)
    async with agent_with(era, user, Script(reply({}, 401))) as someone:
        error = await someone.fails("delete_customer", id=ID)
    assert (error["code"], user.asked) == ("unauthorized", [])


async def test_a_dry_run_asks_no_question(era: str) -> None:
    user, api = User(NO), OneCustomerApi()
    async with agent_with(era, user, api) as someone:
        answer = await someone.call("delete_customer", id=ID, dry_run=True)
    assert (answer["outcome"], answer["dryRun"]) == ("dry_run", True)
    assert (user.asked, api.methods) == ([], ["GET"])


async def test_a_host_without_elicitation_needs_the_confirmation(era: str) -> None:
    script = Routes({GET: [reply(WHOLE)], DELETE: [reply({"succeed": True})]})
    async with agent(era, script) as someone:
        error = await someone.fails("delete_customer", id=ID)
        answer = await someone.call("delete_customer", id=ID, confirm="CUST-0042")
    assert (error["code"], answer["outcome"]) == ("not_confirmed", "deleted")


async def test_the_customer_is_read_in_every_round_and_the_question_stays_the_same(era: str) -> None:
    user, api = User(YES), OneCustomerApi()
    async with agent_with(era, user, api) as someone:
        api.record = WHOLE | {"updatedAt": "2026-01-01"}
        await someone.call("delete_customer", id=ID)
    rounds = {"legacy": 1, "auto": 2}[era]
    assert api.methods == [*["GET"] * rounds, "GET", "DELETE"]
    assert len(user.questions) == 1


async def test_a_customer_that_changed_its_name_during_the_question_is_not_deleted(era: str) -> None:
    api = OneCustomerApi()

    class Slow(User):
        async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
            api.record = WHOLE | {"name": "Zeta AG", "city": "Hamburg"}
            return await super().__call__(context, params)

    user = Slow(YES, NO)
    async with agent_with(era, user, api) as someone:
        error = await someone.fails("delete_customer", id=ID)
    assert error["code"] == {"legacy": "conflict", "auto": "not_confirmed"}[era]
    assert "DELETE" not in api.methods


async def test_a_host_of_the_newer_protocol_asks_again_about_the_changed_customer() -> None:
    api = OneCustomerApi()

    class Slow(User):
        async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
            api.record = WHOLE | {"city": "Hamburg"}
            return await super().__call__(context, params)

    user = Slow(YES)
    async with agent_with("auto", user, api) as someone:
        answer = await someone.call("delete_customer", id=ID)
    assert user.asked == [ENGLISH, ENGLISH.replace("Berlin", "Hamburg")]
    assert answer["deleted"]["city"] == "Hamburg"


async def test_the_form_has_one_checkbox_in_the_users_language(era: str) -> None:
    user = User(NO)
    async with agent_with(era, user, OneCustomerApi(), language="de") as someone:
        await someone.fails("delete_customer", id=ID)
    (asked,) = user.questions
    assert asked.message == GERMAN
    assert asked.requested_schema["properties"] == {
        "agreed": {"title": "Endgültig löschen", "type": "boolean"}
    }


async def test_the_answer_cannot_be_given_in_the_arguments(era: str) -> None:
    user, api = User(NO), OneCustomerApi()
    async with agent_with(era, user, api) as someone:
        error = await someone.fails("delete_customer", id=ID, agreed={"record": RECORD})
    assert (error["code"], api.methods) == ("invalid_input", [])


class TestQuestion:
    @pytest.mark.parametrize(
        ("language", "text"),
        [
            (
                "en",
                ENGLISH.replace("good?", "good from the account Kanzlei Nord?"),
            ),
            (
                "de",
                GERMAN.replace("löschen?", "löschen aus dem Konto Kanzlei Nord?"),
            ),
        ],
    )
    def test_it_names_account_name_number_and_city(self, language: str, text: str) -> None:
        ours = settings(language=language, account="Kanzlei Nord")
        assert question(Customer(RECORD), ours)[0] == text

    @pytest.mark.parametrize(
        ("record", "who"),
        [
            ({"city": None}, "“Acme GmbH” (number CUST-0042)"),
            ({"customerId": None}, "“Acme GmbH” (Berlin)"),
            ({"customerId": None, "city": None}, "“Acme GmbH”"),
            ({"name": None, "customerId": None, "city": None}, "“cust_abc123”"),
            (
                {"name": None, "firstName": "Erika", "lastName": "Muster"},
                "“Erika Muster” (number CUST-0042, Berlin)",
            ),
            ({"name": "A\u202eB\u200b"}, "“AB” (number CUST-0042, Berlin)"),
            ({"name": "x" * 101}, f"“{'x' * 100}… [1 more characters]” (number CUST-0042, Berlin)"),
        ],
    )
    def test_it_leaves_out_empty_fields(self, record: dict[str, JsonValue], who: str) -> None:
        text, _ = question(Customer(record_with(**record)), settings(language="en"))
        assert text == f"Delete {who} for good? This cannot be undone."

    @pytest.mark.parametrize(
        ("hidden", "who"),
        [
            (("city",), "“Acme GmbH” (number CUST-0042)"),
            (("customerId",), "“Acme GmbH” (Berlin)"),
            (("name",), "(number CUST-0042, Berlin)"),
            (("lastName",), "(number CUST-0042, Berlin)"),
        ],
    )
    def test_it_leaves_out_hidden_fields(self, hidden: tuple[str, ...], who: str) -> None:
        text, _ = question(Customer(RECORD), settings(language="en", hide_fields=hidden))
        assert text == f"Delete {who} for good? This cannot be undone."

    def test_it_names_the_id_if_all_other_fields_are_hidden(self) -> None:
        ours = settings(language="en", hide_fields=("name", "customerId", "city"))
        assert question(Customer(RECORD), ours)[0] == "Delete “cust_abc123” for good? This cannot be undone."

    def test_without_a_language_setting_it_is_in_the_users_language(self) -> None:
        expected = question(Customer(RECORD), settings(language=user_language(None)))
        assert question(Customer(RECORD), settings()) == expected

    def test_it_does_not_depend_on_other_fields(self) -> None:
        other = Customer(record_with(updatedAt="2027", note="neu"))
        assert question(Customer(RECORD), settings()) == question(other, settings())
