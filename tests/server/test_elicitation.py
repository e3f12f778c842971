"""The question before a deletion, as hosts of either protocol era show it to their users."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from mcp import Client
from mcp.client import ClientRequestContext
from mcp.types import ElicitRequestFormParams, ElicitRequestParams, ElicitResult
from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.server.app import create_server
from faktoora_mcp.server.elicitation import question
from tests.agents import ERAS, Agent, agent
from tests.processes import DEADLINE_S, environment
from tests.scripted import RECORD, Script, reply, settings
from tests.writes.scripts import DELETE, GET, Routes, record_with

pytestmark = pytest.mark.anyio
ID = "cust_abc123"
WHOLE: dict[str, JsonValue] = {**RECORD, "customerContacts": [], "deliveryAddresses": []}
YES = ElicitResult(action="accept", content={"agreed": True})
NO = ElicitResult(action="accept", content={"agreed": False})
ENGLISH = "Delete “Acme GmbH” (number CUST-0042, Berlin) for good? This cannot be undone."
GERMAN = "“Acme GmbH” (Nummer CUST-0042, Berlin) endgültig löschen? Das lässt sich nicht rückgängig machen."


class User:
    """Gives the answers in their order, the last one again and again, and remembers the questions."""

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


class Base(httpx.AsyncBaseTransport):
    """An API that holds one customer, which its test may change, and remembers what was asked of it."""

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
async def asking(
    era: str, user: User, transport: httpx.AsyncBaseTransport, **given: object
) -> AsyncGenerator[Agent]:
    """An agent whose host can ask its user."""
    server = create_server(settings(**{"language": "en"} | given), transport)
    async with Client(server, mode=era, elicitation_callback=user) as client:
        yield Agent(client)


async def test_a_yes_deletes(era: str) -> None:
    user, base = User(YES), Base()
    async with asking(era, user, base) as someone:
        answer = await someone.call("delete_customer", id=ID)
    assert (answer["outcome"], answer["deleted"]["name"]) == ("deleted", "Acme GmbH")
    assert (user.asked, base.methods.count("DELETE")) == ([ENGLISH], 1)


@pytest.mark.parametrize(
    "answer",
    [NO, ElicitResult(action="decline"), ElicitResult(action="cancel")],
    ids=["no", "decline", "cancel"],
)
async def test_anything_else_deletes_nothing(era: str, answer: ElicitResult) -> None:
    user, base = User(answer), Base()
    async with asking(era, user, base) as someone:
        error = await someone.fails("delete_customer", id=ID)
    assert (error["code"], error["message"]) == (
        "not_confirmed",
        "Nothing was deleted: the user did not agree.",
    )
    assert (user.asked, base.methods.count("DELETE")) == ([ENGLISH], 0)


async def test_words_that_fit_do_not_stand_for_the_users_answer(era: str) -> None:
    user, base = User(NO), Base()
    async with asking(era, user, base) as someone:
        error = await someone.fails("delete_customer", id=ID, confirm="Acme GmbH")
    assert (error["code"], base.methods.count("DELETE")) == ("not_confirmed", 0)


async def test_words_that_do_not_fit_are_refused_without_a_question(era: str) -> None:
    user, base = User(YES), Base()
    async with asking(era, user, base) as someone:
        error = await someone.fails("delete_customer", id=ID, confirm="Zeta AG")
    assert (error["code"], user.asked, base.methods) == ("not_confirmed", [], ["GET"])


async def test_an_unknown_customer_is_not_asked_about(era: str) -> None:
    user = User(YES)
    async with asking(era, user, Script(reply({}, 404))) as someone:
        error = await someone.fails("delete_customer", id=ID)
    assert (error["code"], user.asked) == ("not_found", [])


async def test_a_customer_that_cannot_be_read_is_not_asked_about(era: str) -> None:
    user = User(YES)
    async with asking(era, user, Script(reply({}, 401))) as someone:
        error = await someone.fails("delete_customer", id=ID)
    assert (error["code"], user.asked) == ("unauthorized", [])


async def test_a_dry_run_asks_nobody(era: str) -> None:
    user, base = User(NO), Base()
    async with asking(era, user, base) as someone:
        answer = await someone.call("delete_customer", id=ID, dry_run=True)
    assert (answer["outcome"], answer["dryRun"]) == ("dry_run", True)
    assert (user.asked, base.methods) == ([], ["GET"])


async def test_a_host_that_cannot_ask_needs_the_words(era: str) -> None:
    script = Routes({GET: [reply(WHOLE)], DELETE: [reply({"succeed": True})]})
    async with agent(era, script) as someone:
        error = await someone.fails("delete_customer", id=ID)
        answer = await someone.call("delete_customer", id=ID, confirm="CUST-0042")
    assert (error["code"], answer["outcome"]) == ("not_confirmed", "deleted")


async def test_the_question_reads_the_customer_in_every_round_and_stays_the_same(era: str) -> None:
    user, base = User(YES), Base()
    async with asking(era, user, base) as someone:
        base.record = WHOLE | {"updatedAt": "2026-01-01"}
        await someone.call("delete_customer", id=ID)
    rounds = {"legacy": 1, "auto": 2}[era]
    assert base.methods == [*["GET"] * rounds, "GET", "DELETE"]
    assert len(user.questions) == 1


async def test_a_customer_that_became_another_while_the_user_thought_is_not_deleted(era: str) -> None:
    base = Base()

    class Slow(User):
        async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
            base.record = WHOLE | {"name": "Zeta AG", "city": "Hamburg"}
            return await super().__call__(context, params)

    user = Slow(YES, NO)
    async with asking(era, user, base) as someone:
        error = await someone.fails("delete_customer", id=ID)
    assert error["code"] == {"legacy": "conflict", "auto": "not_confirmed"}[era]
    assert "DELETE" not in base.methods


async def test_a_host_of_the_newer_era_asks_anew_about_what_the_customer_became() -> None:
    base = Base()

    class Slow(User):
        async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
            base.record = WHOLE | {"city": "Hamburg"}
            return await super().__call__(context, params)

    user = Slow(YES)
    async with asking("auto", user, base) as someone:
        answer = await someone.call("delete_customer", id=ID)
    assert user.asked == [ENGLISH, ENGLISH.replace("Berlin", "Hamburg")]
    assert answer["deleted"]["city"] == "Hamburg"


async def test_the_form_asks_for_one_yes_in_the_users_language(era: str) -> None:
    user = User(NO)
    async with asking(era, user, Base(), language="de") as someone:
        await someone.fails("delete_customer", id=ID)
    (asked,) = user.questions
    assert asked.message == GERMAN
    assert asked.requested_schema["properties"] == {
        "agreed": {"title": "Endgültig löschen", "type": "boolean"}
    }


async def test_nobody_can_answer_it_in_the_arguments(era: str) -> None:
    user, base = User(NO), Base()
    async with asking(era, user, base) as someone:
        error = await someone.fails("delete_customer", id=ID, agreed={"record": RECORD})
    assert (error["code"], base.methods) == ("invalid_input", [])


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
    def test_it_names_what_there_is(self, record: dict[str, JsonValue], who: str) -> None:
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
    def test_it_does_not_name_what_is_hidden(self, hidden: tuple[str, ...], who: str) -> None:
        text, _ = question(Customer(RECORD), settings(language="en", hide_fields=hidden))
        assert text == f"Delete {who} for good? This cannot be undone."

    def test_where_all_is_hidden_it_names_the_id(self) -> None:
        ours = settings(language="en", hide_fields=("name", "customerId", "city"))
        assert question(Customer(RECORD), ours)[0] == "Delete “cust_abc123” for good? This cannot be undone."

    def test_it_is_the_same_for_the_same_customer_whatever_else_changes(self) -> None:
        other = Customer(record_with(updatedAt="2027", note="neu"))
        assert question(Customer(RECORD), settings()) == question(other, settings())


def asked_in(**given: str) -> str:
    code = (
        "from faktoora_mcp.server.elicitation import question; from faktoora_mcp.api.records import Customer;"
        "from faktoora_mcp.settings import Settings;"
        "print(ascii(question(Customer({'id': '1'}), Settings(sandbox=True))[0]))"
    )
    clean = {name: text for name, text in environment().items() if not name.startswith(("LC_", "LANG"))}
    run = [sys.executable, "-c", code]
    return subprocess.check_output(run, env=clean | given, encoding="ascii", timeout=DEADLINE_S)


@pytest.mark.parametrize("name", ["C", "C.UTF-8", "xx_YY.UTF-8"])
def test_without_a_german_locale_it_is_english(name: str) -> None:
    assert "Delete" in asked_in(LC_ALL=name)


def test_with_a_german_locale_it_is_german(tmp_path: Path) -> None:
    make = ["localedef", "-i", "de_DE", "-f", "UTF-8", f"{tmp_path}/de_DE.UTF-8"]
    possible = (
        shutil.which("localedef") and not subprocess.run(make, check=False, capture_output=True).returncode
    )
    if not possible and "CI" not in os.environ:
        pytest.skip("this machine cannot make a German locale")
    assert "endg\\xfcltig" in asked_in(LC_ALL="de_DE.UTF-8", LOCPATH=str(tmp_path))
